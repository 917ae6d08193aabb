/** Intervals and sample points with what was recorded at them. Zero, missed and out of view are three things. */

import { given, type Fact } from "./facts.ts";
import { samplingOf, type Stream } from "./framework.ts";
import type { Watch } from "./presence.ts";
import { finding, type Count, type Finding, type Given, type Interval, type Point, type Scan, type Turn } from "./record.ts";
import { intervalsDue, samplesDue, turnsDue, type Due, type RunningTime } from "./sampling.ts";
import { outranks } from "./precedence.ts";

type Subject = string | null;

/** What intervals and samples are derived from, besides their own events. */
export interface Scene {
  readonly time: RunningTime;
  readonly watchOf: (subject: Subject) => Watch;
  readonly subjectsOf: (stream: Stream) => readonly Subject[];
  readonly subjectIn: (stream: Stream, subject: Subject) => Subject;
  readonly turns: ReadonlyMap<string, readonly Turn[]>;
  readonly found: Finding[];
}

type Grouped<T> = Map<number, Map<Subject, T[]>>;

function put<T>(groups: Grouped<T>, index: number, subject: Subject, item: T): void {
  let own = groups.get(index);
  if (own === undefined) groups.set(index, (own = new Map()));
  const items = own.get(subject);
  if (items === undefined) own.set(subject, [item]);
  else items.push(item);
}

// whose turn

/** Who was focal when: by the observer's own word from the first one on, before that by the list as planned. */
export function turnsOf(
  stream: Stream, subjects: readonly Subject[], focals: readonly Fact[], time: RunningTime,
): readonly Turn[] {
  const taken = focals[0]?.at ?? time.end;
  const turns: Turn[] = [];
  const add = (subject: string, start: number, end: number): void => {
    if (end > start) turns.push({ stream: stream.id, subject, start, end });
  };
  const planned = subjects.filter((subject) => subject !== null);
  const rotation = stream.sampling?.rotation;
  if (planned.length > 0 && rotation && (rotation.order ?? "roster") === "roster") {
    for (const due of turnsDue(stream.sampling ?? {}, time)) {
      add(planned[due.index % planned.length] as string, due.start, Math.min(due.end, taken));
    }
  }
  focals.forEach((event, i) => {
    add(event.subject ?? "", Math.max(event.at, 0), Math.min(focals[i + 1]?.at ?? time.end, time.end));
  });
  return turns;
}

/** Who was focal for the longest part of [start, end), the earlier one of two; at one moment, who was it then. */
export function focalIn(turns: readonly Turn[], start: number, end: number): Subject {
  let longest = -1;
  let whose: Subject = null;
  for (let i = Math.max(0, firstAfter(turns, start) - 1); i < turns.length; i++) {
    const turn = turns[i] as Turn;
    if (turn.start >= Math.max(end, start + 1)) break;
    if (turn.end <= start) continue;
    const length = Math.min(end, turn.end) - Math.max(start, turn.start);
    if (length > longest) [longest, whose] = [length, turn.subject];
  }
  return whose;
}

/** The first turn that starts after this moment. */
function firstAfter(turns: readonly Turn[], at: number): number {
  let low = 0;
  let high = turns.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((turns[middle] as Turn).start <= at) low = middle + 1;
    else high = middle;
  }
  return low;
}

function whose(stream: Stream, due: Due, scene: Scene, also: readonly Subject[]): readonly Subject[] {
  let about: Subject[] = [...scene.subjectsOf(stream)];
  if (stream.sampling?.rotation) {
    const focal = focalIn(scene.turns.get(stream.id) ?? [], due.start, due.end);
    about = focal !== null || !also.some(Boolean) ? [focal] : [];
  }
  return [...new Set([...about, ...also])];
}

// intervals

/** The intervals of one stream, for each subject, with what was ticked, said or counted in them. */
export function intervals(stream: Stream, events: readonly Fact[], points: readonly Point[], scene: Scene): readonly Interval[] {
  const byIndex: Grouped<Fact> = new Map();
  for (const event of events) put(byIndex, event.interval ?? 0, scene.subjectIn(stream, event.subject ?? null), event);
  const counted = tallied(stream, points, scene.time);
  const listed: Interval[] = [];
  for (const due of intervalsDue(stream.sampling ?? {}, scene.time)) {
    const own = byIndex.get(due.index) ?? new Map<Subject, Fact[]>();
    const tally = counted.get(due.index) ?? new Map<Subject, Point[]>();
    byIndex.delete(due.index);
    for (const subject of whose(stream, due, scene, [...own.keys(), ...tally.keys()])) {
      listed.push(interval(stream, due, subject, own.get(subject) ?? [], tally.get(subject) ?? [], scene));
    }
  }
  for (const event of [...byIndex.values()].flatMap((own) => [...own.values()].flat())) {
    scene.found.push(finding("interval.unknown", event.at, [event.id], String(event.interval)));
  }
  return listed;
}

function tallied(stream: Stream, points: readonly Point[], time: RunningTime): Grouped<Point> {
  const byIndex: Grouped<Point> = new Map();
  const length = stream.sampling?.length_ms || time.total;
  if (samplingOf(stream) !== "tally" || length <= 0 || time.total <= 0) return byIndex;
  const last = Math.floor((time.total - 1) / length);
  for (const point of points) {
    if (point.stream !== stream.id || point.flags.includes("out-of-view")) continue;
    put(byIndex, Math.min(Math.floor(time.of(point.at) / length), last), point.subject, point);
  }
  return byIndex;
}

function interval(
  stream: Stream, due: Due, subject: Subject, events: readonly Fact[], tally: readonly Point[], scene: Scene,
): Interval {
  const ticks = kept(events.filter((event) => event.kind === "tick"), stream, scene.found);
  const said = events.filter((event) => event.kind === "interval");
  const last = said.at(-1);
  if (last !== undefined && ticks.length + tally.length > 0) {
    scene.found.push(finding("interval.contradiction", last.at, said.map((event) => event.id)));
  }
  noteLate(stream, due, events, scene);
  const codes = [...ticks.map((tick) => tick.code ?? ""), ...tally.map((point) => point.code)];
  const observed = scene.watchOf(subject).overlap(due.start, due.end);
  return {
    stream: stream.id,
    index: due.index,
    start: due.start,
    end: due.end,
    state: intervalState(due, codes.length > 0, last, observed, scene.time),
    observed_ms: observed,
    subject,
    codes: [...new Set(codes)].sort(),
    events: [...events.map((event) => event.id), ...tally.map((point) => point.event)],
    values: samplingOf(stream) === "tally" ? tallyOf(codes) : {},
    modifiers: modifiersByCode(ticks),
  };
}

function intervalState(
  due: Due, hasCodes: boolean, said: Fact | undefined, observed: number, time: RunningTime,
): Interval["state"] {
  if (hasCodes) return "ticked";
  if (said !== undefined) return said.state === "missed" ? "missed" : "empty";
  if (observed === 0) return "out-of-view";
  return observed === time.of(due.end) - due.running && !due.cut ? "empty" : "partial";
}

function tallyOf(codes: readonly string[]): Readonly<Record<string, number>> {
  const counts = new Map<string, number>();
  for (const code of codes) counts.set(code, (counts.get(code) ?? 0) + 1);
  return Object.fromEntries(counts);
}

function modifiersByCode(ticks: readonly Fact[]): Readonly<Record<string, Given>> {
  const byCode = new Map<string, Given>();
  for (const tick of ticks) {
    if (tick.modifiers === undefined || Object.keys(tick.modifiers).length === 0) continue;
    const code = tick.code ?? "";
    byCode.set(code, given({ ...byCode.get(code), ...tick.modifiers }));
  }
  return Object.fromEntries(byCode);
}

function isOneCode(stream: Stream): boolean {
  return stream.exclusive === true || samplingOf(stream) === "predominant-interval";
}

function compete(stream: Stream, one: Fact, other: Fact): boolean {
  const [a, b] = [one.code ?? "", other.code ?? ""];
  if (a === b) return false;
  const order = stream.priority ?? [];
  return isOneCode(stream) || (order.includes(a) && order.includes(b));
}

/** The ticks that stand where codes compete: one code to an exclusive or predominant interval. */
function kept(ticks: readonly Fact[], stream: Stream, found: Finding[]): readonly Fact[] {
  const standing: Fact[] = [];
  for (const tick of ticks) {
    const place = standing.findIndex((other) => compete(stream, other, tick));
    const rival = standing[place];
    if (rival === undefined) {
      standing.push(tick);
      continue;
    }
    const [former, later] = [rival.code ?? "", tick.code ?? ""];
    const isRanked = outranks(stream, former, later) || outranks(stream, later, former);
    if (isRanked && stream.priority_rule === "resolve") {
      const loser = outranks(stream, former, later) ? later : former;
      found.push(finding("priority.resolved", tick.at, [rival.id, tick.id], loser));
      if (loser === former) standing[place] = tick;
    } else if (isOneCode(stream)) {
      found.push(finding("exclusive.same_interval", tick.at, [rival.id, tick.id], former));
      standing[place] = tick;
    } else {
      found.push(finding("priority.competing", tick.at, [rival.id, tick.id]));
      standing.push(tick);
    }
  }
  return standing;
}

function noteLate(stream: Stream, due: Due, events: readonly Fact[], scene: Scene): void {
  const grace = stream.sampling?.late_after_ms ?? null;
  if (grace === null) return;
  const over = scene.time.of(due.end);
  for (const event of events) {
    const isLate = event.kind === "tick" && scene.time.of(event.at) - over > grace;
    if (isLate) scene.found.push(finding("interval.late", event.at, [event.id]));
  }
}

// sample points

/** The sample points of one stream, for each subject, with what was seen, or that nothing was recorded. */
export function scans(stream: Stream, events: readonly Fact[], scene: Scene): readonly Scan[] {
  const byIndex: Grouped<Fact> = new Map();
  for (const event of events) put(byIndex, event.sample ?? 0, scene.subjectIn(stream, event.subject ?? null), event);
  const listed: Scan[] = [];
  for (const due of dueOrCome(stream, byIndex, scene.time)) {
    const own = byIndex.get(due.index) ?? new Map<Subject, Fact[]>();
    byIndex.delete(due.index);
    for (const subject of whose(stream, due, scene, [...own.keys()])) {
      listed.push(...scansOf(stream, due, subject, own.get(subject) ?? [], scene));
    }
  }
  for (const event of [...byIndex.values()].flatMap((own) => [...own.values()].flat())) {
    scene.found.push(finding("sample.unknown", event.at, [event.id], String(event.sample)));
  }
  return listed;
}

/** The sample points that are due; a stream without a length has those that were taken, due when they were. */
function dueOrCome(stream: Stream, byIndex: Grouped<Fact>, time: RunningTime): readonly Due[] {
  if (samplingOf(stream) === "snapshots" || stream.sampling?.length_ms) return samplesDue(stream.sampling ?? {}, time);
  return [...byIndex.keys()].sort((a, b) => a - b).map((index) => {
    const came = [...(byIndex.get(index)?.values() ?? [])].flat().map((event) => event.at);
    const first = Math.min(...came);
    return { index, start: first, end: first, running: time.of(first), cut: false };
  });
}

function scansOf(stream: Stream, due: Due, subject: Subject, events: readonly Fact[], scene: Scene): readonly Scan[] {
  const seen = events.filter((event) => event.state !== "missed");
  if (seen.length === 0) return [nothingTaken(stream, due, subject, events, scene)];
  const groups = seen.some((event) => event.counts !== undefined)
    ? [seen]
    : oneEach(stream, seen, scene.found).map((event) => [event]);
  if (seen.length < events.length) {
    scene.found.push(finding("scan.contradiction", events.at(-1)?.at ?? 0, events.map((event) => event.id)));
  }
  return groups.map((group) => taken(stream, due, subject, group, scene));
}

function nothingTaken(stream: Stream, due: Due, subject: Subject, events: readonly Fact[], scene: Scene): Scan {
  const said = events.at(-1);
  const isHidden = said === undefined && !scene.watchOf(subject).holds(due.start);
  return {
    stream: stream.id, index: due.index, due: due.start, at: said?.at ?? null, state: isHidden ? "out-of-view" : "missed",
    subject, code: null, modifiers: {}, counts: [], events: events.map((event) => event.id),
  };
}

/** The later of two that say the same thing or that exclude each other; a code outweighs "nothing". */
function oneEach(stream: Stream, events: readonly Fact[], found: Finding[]): readonly Fact[] {
  const standing: Fact[] = [];
  for (const event of events) {
    const place = standing.findIndex((other) =>
      stream.exclusive === true || other.code === event.code || other.code === undefined || event.code === undefined);
    const rival = standing[place];
    if (rival === undefined) {
      standing.push(event);
      continue;
    }
    found.push(finding("scan.repeated", event.at, [rival.id, event.id]));
    if (event.code !== undefined || rival.code === undefined) standing[place] = event;
  }
  return standing;
}

function taken(stream: Stream, due: Due, subject: Subject, events: readonly Fact[], scene: Scene): Scan {
  const [first, last] = [events[0] as Fact, events.at(-1) as Fact];
  const counts = merged(events);
  return {
    stream: stream.id, index: due.index, due: due.start, at: first.at,
    state: scanState(stream, due, first, last, counts, scene),
    subject, code: last.code ?? null, modifiers: given(last.modifiers), counts, events: events.map((event) => event.id),
  };
}

function scanState(
  stream: Stream, due: Due, first: Fact, last: Fact, counts: readonly Count[], scene: Scene,
): Scan["state"] {
  const lag = scene.time.of(first.at) - due.running;
  const { missed_after_ms: missed, late_after_ms: late } = stream.sampling ?? {};
  if (missed !== undefined && missed !== null && lag > missed) {
    scene.found.push(finding("scan.too_late", first.at, [first.id], String(lag)));
    return "missed";
  }
  if (late !== undefined && late !== null && lag > late) {
    scene.found.push(finding("scan.late", first.at, [first.id], String(lag)));
    return "late";
  }
  const isZero = counts.length > 0 && counts.every((count) => count.n === 0);
  return last.state === "empty" || isZero ? "empty" : "taken";
}

/** Counts of all passes added up, cell by cell; a cell counted as 0 stays, for it is a true zero. */
function merged(events: readonly Fact[]): readonly Count[] {
  const total = new Map<string, { readonly pairs: readonly (readonly [string, string])[]; n: number }>();
  for (const event of events) {
    for (const { cell, n } of event.counts ?? []) {
      const pairs = Object.keys(cell).sort().map((name) => [name, cell[name] ?? ""] as const);
      const key = JSON.stringify(pairs);
      const known = total.get(key);
      if (known === undefined) total.set(key, { pairs, n });
      else known.n += n;
    }
  }
  const rows = [...total.values()].sort((a, b) => byPairs(a.pairs, b.pairs));
  return rows.map(({ pairs, n }) => ({ cell: Object.fromEntries(pairs), n }));
}

function byPairs(one: readonly (readonly [string, string])[], other: readonly (readonly [string, string])[]): number {
  const [a, b] = [one.flat(), other.flat()];
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    if (a[i] !== b[i]) return (a[i] ?? "") < (b[i] ?? "") ? -1 : 1;
  }
  return a.length - b.length;
}
