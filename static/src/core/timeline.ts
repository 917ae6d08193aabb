/** From the log to the coded record. The rules, with their numbers, are those of docs/reference/coded-record.md. */

import { beats, boutsOf } from "./bouts.ts";
import type { SessionEvent, SessionHeader } from "./events.ts";
import { effective } from "./facts.ts";
import { indexOf, samplingOf, subjectIn, type FrameworkDocument, type FrameworkIndex, type Stream } from "./framework.ts";
import { links, notes, positions, ratings } from "./judgements.ts";
import { outranks } from "./precedence.ts";
import { seenSpans, Watch } from "./presence.ts";
import { finding, sortedFindings, type Bout, type Finding, type Point, type Span, type Timeline, type Turn } from "./record.ts";
import { intervals, scans, turnsOf, type Scene } from "./samples.ts";
import { isTooLong, RunningTime } from "./sampling.ts";
import { INTERVAL_KINDS, SAMPLE_KINDS, subjectsOf, Walk } from "./walk.ts";

/** What the events mean under this framework; the order in which they come, and repetitions, change nothing. */
export function timeline(
  framework: FrameworkDocument, header: Pick<SessionHeader, "subjects">, events: Iterable<SessionEvent>,
): Timeline {
  const found: Finding[] = [];
  const index = indexOf(framework);
  const walk = new Walk(index, header, effective(events, found));
  const watchOf = watches(walk);
  const pauses = pausesOf(walk);
  const time = new RunningTime(pauses, walk.end);
  const points = pointsOf(walk, index, watchOf, time, found);
  const scene = sceneOf(walk, index, watchOf, time, found);
  for (const stream of index.streams) {
    if (isTooLong(stream.sampling ?? {}, time)) found.push(finding("sampling.too_long", walk.end, [], stream.id));
  }
  const record = {
    start: 0,
    end: walk.end,
    ended: walk.ended,
    pauses,
    points,
    bouts: boutsIn(walk, index, watchOf),
    intervals: streamsOf(index, INTERVAL_KINDS).flatMap((stream) =>
      intervals(stream, walk.ticks.filter((tick) => tick.stream === stream).map((tick) => tick.event), points, scene)),
    scans: streamsOf(index, SAMPLE_KINDS).flatMap((stream) =>
      scans(stream, walk.scans.filter((scan) => scan.stream === stream).map((scan) => scan.event), scene)),
    ratings: ratings(walk.ratings, index, found),
    links: links(walk.links, new Map(walk.events.map((event) => [event.id, event])), index, found),
    notes: notes(walk.notes),
    observed: [null, ...walk.subjects].map((subject) => ({ subject, spans: watchOf(subject).plain })),
    subjects: walk.subjects,
    turns: [...scene.turns.values()].flat(),
    positions: positions(walk.positions, found),
  };
  return { ...record, findings: sortedFindings([...found, ...walk.found]) };
}

function streamsOf(index: FrameworkIndex, kinds: ReadonlySet<string>): readonly Stream[] {
  return index.streams.filter((stream) => kinds.has(samplingOf(stream)));
}

function watches(walk: Walk): (subject: string | null) => Watch {
  const known = new Map<string | null, Watch>();
  return (subject) => {
    let watch = known.get(subject);
    if (watch === undefined) {
      const isAbsentFirst = subject !== null && walk.absentFirst.has(subject);
      watch = new Watch(seenSpans(walk.changes, subject, walk.end, isAbsentFirst));
      known.set(subject, watch);
    }
    return watch;
  };
}

/** The stretches in which nobody watched: the window less what no pause took. */
function pausesOf(walk: Walk): readonly Span[] {
  const running = seenSpans(walk.changes.filter((change) => change.hindrance === "pause"), null, walk.end);
  const edges = [0, ...running.flatMap(([start, end]) => [start, end]), walk.end];
  const pauses: Span[] = [];
  for (let i = 0; i < edges.length; i += 2) {
    const [start, end] = [edges[i] ?? 0, edges[i + 1] ?? 0];
    if (end > start) pauses.push([start, end]);
  }
  return pauses;
}

function sceneOf(
  walk: Walk, index: FrameworkIndex, watchOf: (subject: string | null) => Watch, time: RunningTime, found: Finding[],
): Scene {
  const about = new Map(
    index.streams.map((stream) => [stream.id, subjectsOf(index, stream, walk.subjects, walk.actorBySubject)]),
  );
  const rotating = index.streams.filter((stream) => stream.sampling?.rotation);
  const turns = new Map<string, readonly Turn[]>(
    rotating.map((stream) => [stream.id, turnsOf(stream, about.get(stream.id) ?? [], walk.focals, time)]),
  );
  return {
    time, watchOf, turns, found,
    subjectsOf: (stream) => about.get(stream.id) ?? [null],
    subjectIn: (stream, subject) => subjectIn(index, stream, subject),
  };
}

/** Taps in their order, entries on the beat among them. */
function pointsOf(
  walk: Walk, index: FrameworkIndex, watchOf: (subject: string | null) => Watch, time: RunningTime, found: Finding[],
): readonly Point[] {
  const seqById = new Map(walk.events.map((event) => [event.id, event.seq]));
  const tapped = resolved(walk.points, index, found).map((point) => ({ point, seq: seqById.get(point.event) ?? 0 }));
  const entries = [...tapped, ...beats(walk.runs, watchOf, time)];
  entries.sort((a, b) => a.point.at - b.point.at || a.seq - b.seq || (a.point.event < b.point.event ? -1 : 1));
  return entries.map((entry) => entry.point);
}

/** Points without those outranked at the same instant, where the stream says that priority decides. */
function resolved(points: readonly Point[], index: FrameworkIndex, found: Finding[]): readonly Point[] {
  const kept: Point[] = [];
  for (const point of points) {
    const stream = index.streamById.get(point.stream);
    const place = stream?.priority?.length ? rivalOf(point, stream, kept) : -1;
    const rival = kept[place];
    if (stream === undefined || rival === undefined) {
      kept.push(point);
    } else if (stream.priority_rule !== "resolve") {
      found.push(finding("priority.competing", point.at, [rival.event, point.event]));
      kept.push(point);
    } else {
      const loser = outranks(stream, rival.code, point.code) ? point : rival;
      found.push(finding("priority.resolved", point.at, [rival.event, point.event], loser.code));
      if (loser === rival) kept[place] = point;
    }
  }
  return kept;
}

function rivalOf(point: Point, stream: Stream, kept: readonly Point[]): number {
  for (let i = kept.length - 1; i >= 0; i--) {
    const other = kept[i] as Point;
    if (other.at !== point.at) return -1;
    if (other.stream !== point.stream || other.subject !== point.subject) continue;
    if (outranks(stream, other.code, point.code) || outranks(stream, point.code, other.code)) return i;
  }
  return -1;
}

function boutsIn(walk: Walk, index: FrameworkIndex, watchOf: (subject: string | null) => Watch): readonly Bout[] {
  const placeOf = new Map<string | null, number>(walk.subjects.map((subject, i) => [subject, i]));
  const rows = walk.runs.flatMap((run) => {
    const stream = run.stream === null ? -1 : index.streams.indexOf(run.stream);
    const subject = placeOf.get(run.subject) ?? -1;
    return boutsOf(run, watchOf(run.subject)).map((bout) => ({ bout, key: [bout.start, run.event.seq, stream, subject, bout.part] }));
  });
  rows.sort((a, b) => a.key.reduce((order, value, i) => order || value - (b.key[i] ?? 0), 0));
  return rows.map((row) => row.bout);
}
