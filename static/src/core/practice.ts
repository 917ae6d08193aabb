/** How far a practice session agrees with an agreed coding of the same thing, code by code and moment by moment. */

import { type FrameworkDocument, samplingOf, type Stream } from "./framework.ts";
import type { Bout, Point, Span, Timeline } from "./record.ts";

/** What one unit is: a second of a state, an interval of ticks, or a happening of events. */
export type Unit = "second" | "interval" | "event";

export interface CodeAgreement {
  readonly stream: string;
  readonly code: string;
  readonly unit: Unit;
  readonly units: number;
  /** in how many units the agreed coding has it, and the observer */
  readonly agreed: number;
  readonly own: number;
  readonly percent: number | null;
  /** null where one of the two never varied, or where nobody marked units: then chance has no meaning */
  readonly kappa: number | null;
}

/** A stretch where the two say different things; times are those of the practice session, null is "no code". */
export interface Moment {
  readonly stream: string;
  readonly subject: string | null;
  readonly start: number;
  readonly end: number;
  readonly agreed: string | null;
  readonly own: string | null;
}

export interface Comparison {
  readonly codes: readonly CodeAgreement[];
  readonly moments: readonly Moment[];
}

export const UNIT_MS = 1000;
/** How far apart two taps may be to be the same happening. */
export const TOLERANCE_MS = 2000;

type Who = string | null;
type Cells = readonly [both: number, agreedOnly: number, ownOnly: number, neither: number];

/** Cohen's kappa of a table of two by two; null where chance alone would give full agreement. */
export function kappaOf([both, agreedOnly, ownOnly, neither]: Cells): number | null {
  const n = both + agreedOnly + ownOnly + neither;
  if (n === 0) return null;
  const seen = (both + neither) / n;
  const byChance = ((both + agreedOnly) * (both + ownOnly) + (ownOnly + neither) * (agreedOnly + neither)) / (n * n);
  return 1 - byChance < 1e-12 ? null : (seen - byChance) / (1 - byChance);
}

/** A film stands still while the observer pauses, so both are laid side by side in time without pauses. */
function unpaused(record: Timeline): (at: number) => number {
  return (at) => at - record.pauses.reduce((lost, [from, to]) => lost + Math.max(0, Math.min(at, to) - from), 0);
}

function paused(record: Timeline, running: number): number {
  let at = running;
  for (const [from, to] of record.pauses) if (from <= at) at += to - from;
  return at;
}

function spansOf(record: Timeline, subject: Who): readonly Span[] {
  const known = record.observed.find((each) => each.subject === subject) ?? record.observed.find((each) => each.subject === null);
  const time = unpaused(record);
  return (known?.spans ?? []).map(([from, to]) => [time(from), time(to)] as const);
}

function holds(spans: readonly Span[], at: number): boolean {
  return spans.some(([from, to]) => from <= at && at < to);
}

/** Each second from the first common one on in which both could see this subject. */
function instants(agreed: Timeline, own: Timeline, subject: Who): readonly number[] {
  const [theirs, ours] = [spansOf(agreed, subject), spansOf(own, subject)];
  const first = Math.max(theirs[0]?.[0] ?? Infinity, ours[0]?.[0] ?? Infinity);
  const last = Math.min(theirs.at(-1)?.[1] ?? 0, ours.at(-1)?.[1] ?? 0);
  const found: number[] = [];
  for (let at = first; at < last; at += UNIT_MS) if (holds(theirs, at) && holds(ours, at)) found.push(at);
  return found;
}

function subjectsIn(stream: Stream, agreed: Timeline, own: Timeline): readonly Who[] {
  const found = new Set<Who>();
  for (const record of [agreed, own]) {
    for (const each of [...record.bouts, ...record.points, ...record.intervals]) if (each.stream === stream.id) found.add(each.subject);
  }
  return [...found];
}

/** The code at each instant: of two at once, the one begun later. */
function track(record: Timeline, bouts: readonly Bout[], at: readonly number[]): readonly (string | null)[] {
  const time = unpaused(record);
  const found: (string | null)[] = at.map(() => null);
  for (const bout of [...bouts].sort((one, other) => one.start - other.start)) {
    for (const [from, to] of bout.pieces.length > 0 ? bout.pieces : [[bout.start, bout.end] as const]) {
      at.forEach((instant, place) => { if (time(from) <= instant && instant < time(to)) found[place] = bout.code; });
    }
  }
  return found;
}

function cellsOf(theirs: readonly boolean[], ours: readonly boolean[]): Cells {
  const cells: [number, number, number, number] = [0, 0, 0, 0];
  theirs.forEach((seen, place) => { cells[seen ? (ours[place] ? 0 : 1) : ours[place] ? 2 : 3] += 1; });
  return cells;
}

function summed(tables: readonly Cells[]): Cells {
  return tables.reduce<Cells>((sum, each) => [sum[0] + each[0], sum[1] + each[1], sum[2] + each[2], sum[3] + each[3]], [0, 0, 0, 0]);
}

function agreement(stream: string, code: string, unit: Unit, cells: Cells): CodeAgreement {
  const [both, agreedOnly, ownOnly, neither] = cells;
  const units = both + agreedOnly + ownOnly + neither;
  return {
    stream, code, unit, units, agreed: both + agreedOnly, own: both + ownOnly,
    percent: units === 0 ? null : (both + neither) / units,
    kappa: unit === "event" ? null : kappaOf(cells),
  };
}

function bySecond(stream: Stream, agreed: Timeline, own: Timeline): Comparison {
  const tables = new Map<string, Cells[]>();
  const moments: Moment[] = [];
  const isOneAtATime = stream.exclusive === true || samplingOf(stream) === "beat-or-change";
  for (const subject of subjectsIn(stream, agreed, own)) {
    const at = instants(agreed, own, subject);
    const mine = (record: Timeline, code?: string): readonly (string | null)[] =>
      track(record, record.bouts.filter((bout) => bout.stream === stream.id && bout.subject === subject && (code === undefined || bout.code === code)), at);
    const [allTheirs, allOurs] = [mine(agreed), mine(own)];
    for (const { id } of stream.codes ?? []) {
      const [theirs, ours] = isOneAtATime ? [allTheirs, allOurs] : [mine(agreed, id), mine(own, id)];
      tables.set(id, [...(tables.get(id) ?? []), cellsOf(theirs.map((code) => code === id), ours.map((code) => code === id))]);
      if (!isOneAtATime) moments.push(...stretches(stream, subject, at, theirs, ours, own));
    }
    if (isOneAtATime) moments.push(...stretches(stream, subject, at, allTheirs, allOurs, own));
  }
  return { codes: [...tables].map(([code, cells]) => agreement(stream.id, code, "second", summed(cells))), moments };
}

/** Neighbouring seconds on which the same two things were said are one moment to look at. */
function stretches(stream: Stream, subject: Who, at: readonly number[], theirs: readonly (string | null)[], ours: readonly (string | null)[], own: Timeline): readonly Moment[] {
  const found: { start: number; end: number; agreed: string | null; own: string | null }[] = [];
  at.forEach((instant, place) => {
    const [one, other] = [theirs[place] ?? null, ours[place] ?? null];
    if (one === other) return;
    const last = found.at(-1);
    if (last && last.end === instant && last.agreed === one && last.own === other) last.end += UNIT_MS;
    else found.push({ start: instant, end: instant + UNIT_MS, agreed: one, own: other });
  });
  return found.map((each) => ({ ...each, stream: stream.id, subject, start: paused(own, each.start), end: paused(own, each.end) }));
}

function byInterval(stream: Stream, agreed: Timeline, own: Timeline): Comparison {
  const known = (record: Timeline) =>
    new Map(record.intervals.filter((each) => each.stream === stream.id && (each.state === "ticked" || each.state === "empty")).map((each) => [`${each.subject ?? ""}|${each.index}`, each]));
  const [theirs, ours] = [known(agreed), known(own)];
  const both = [...theirs.keys()].filter((name) => ours.has(name));
  const moments: Moment[] = [];
  const codes = (stream.codes ?? []).map(({ id }) => {
    const has = (record: typeof theirs): readonly boolean[] => both.map((name) => record.get(name)?.codes.includes(id) ?? false);
    const [agreedHas, ownHas] = [has(theirs), has(ours)];
    both.forEach((name, place) => {
      const interval = ours.get(name);
      if (agreedHas[place] === ownHas[place] || !interval) return;
      moments.push({ stream: stream.id, subject: interval.subject, start: interval.start, end: interval.end, agreed: agreedHas[place] ? id : null, own: ownHas[place] ? id : null });
    });
    return agreement(stream.id, id, "interval", cellsOf(agreedHas, ownHas));
  });
  return { codes, moments };
}

/** Events of one code and subject, each with at most one partner, the nearest in time first. */
function byEvent(stream: Stream, codes: readonly string[], agreed: Timeline, own: Timeline): Comparison {
  const moments: Moment[] = [];
  const found = codes.map((code) => {
    let [hits, missed, extra] = [0, 0, 0];
    for (const subject of subjectsIn(stream, agreed, own)) {
      const of = (record: Timeline): readonly number[] => record.points.filter((point: Point) => point.stream === stream.id && point.code === code && point.subject === subject).map((point) => unpaused(record)(point.at));
      const [theirs, ours] = [of(agreed), of(own)];
      const pairs = theirs
        .flatMap((one, i) => ours.map((other, j) => ({ i, j, apart: Math.abs(one - other) })))
        .filter(({ apart }) => apart <= TOLERANCE_MS)
        .sort((one, other) => one.apart - other.apart || one.i - other.i || one.j - other.j);
      const [usedTheirs, usedOurs] = [new Set<number>(), new Set<number>()];
      for (const { i, j } of pairs) {
        if (usedTheirs.has(i) || usedOurs.has(j)) continue;
        usedTheirs.add(i);
        usedOurs.add(j);
      }
      const alone = (times: readonly number[], used: ReadonlySet<number>) => times.filter((_, place) => !used.has(place)).map((at) => paused(own, at));
      for (const at of alone(theirs, usedTheirs)) moments.push({ stream: stream.id, subject, start: at, end: at, agreed: code, own: null });
      for (const at of alone(ours, usedOurs)) moments.push({ stream: stream.id, subject, start: at, end: at, agreed: null, own: code });
      hits += usedTheirs.size;
      missed += theirs.length - usedTheirs.size;
      extra += ours.length - usedOurs.size;
    }
    return agreement(stream.id, code, "event", [hits, missed, extra, 0]);
  });
  return { codes: found, moments };
}

function parts(stream: Stream, agreed: Timeline, own: Timeline): readonly Comparison[] {
  const kind = samplingOf(stream);
  if (["partial-interval", "whole-interval", "predominant-interval", "observe-record"].includes(kind)) return [byInterval(stream, agreed, own)];
  if (kind === "beat-or-change") return [bySecond(stream, agreed, own)];
  if (kind !== "continuous" && kind !== "tally") return [];
  const codes = stream.codes ?? [];
  const states = codes.filter((code) => code.type === "state");
  const events = codes.filter((code) => code.type !== "state").map((code) => code.id);
  return [
    ...(states.length > 0 ? [bySecond({ ...stream, codes: states }, agreed, own)] : []),
    ...(events.length > 0 ? [byEvent(stream, events, agreed, own)] : []),
  ];
}

/**
 * Per code, what was agreed on; and every moment of disagreement, in order. Codes that neither used are left out, and
 * so are streams that were not `settled`; where none is named, the whole of the agreed coding stands.
 */
export function compare(framework: FrameworkDocument, agreed: Timeline, own: Timeline, settled: readonly string[] = []): Comparison {
  const streams = (framework.streams ?? []).filter(({ id }) => settled.length === 0 || settled.includes(id));
  const all = streams.flatMap((stream) => parts(stream, agreed, own));
  return {
    codes: all.flatMap((each) => each.codes).filter((each) => each.agreed + each.own > 0),
    moments: all.flatMap((each) => each.moments).sort((one, other) => one.start - other.start || one.end - other.end),
  };
}
