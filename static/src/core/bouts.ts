/** Runs cut down to what was seen: bouts, and the entries of beat-or-change streams. */

import { samplingOf } from "./framework.ts";
import type { Seen, Watch } from "./presence.ts";
import type { Bout, Point } from "./record.ts";
import { MOST, type RunningTime } from "./sampling.ts";
import type { Run } from "./walk.ts";

/** What was seen of a run: one bout for each stretch, or one with several pieces where the stream suspends. */
export function boutsOf(run: Run, watch: Watch): readonly Bout[] {
  const pieces = watch.pieces(Math.max(run.start, 0), run.end);
  if (pieces.length === 0) return [];
  if (run.stream?.out_of_view === "suspend") return [bout(run, pieces, 0)];
  return pieces.map((piece, part) => bout(run, [piece], part));
}

function bout(run: Run, pieces: readonly Seen[], part: number): Bout {
  const start = (pieces[0] as Seen)[0];
  const [, end, hindrance] = pieces.at(-1) as Seen;
  const isSeenToTheEnd = end === run.end;
  const reason = isSeenToTheEnd ? run.reason : hindrance;
  return {
    event: run.event.id,
    start,
    end,
    stream: run.stream?.id ?? "",
    code: run.code,
    subject: run.subject,
    target: run.target,
    modifiers: run.modifiers,
    pieces: pieces.map(([from, to]) => [from, to]),
    part,
    censored_start: start !== run.start,
    censored_end: !isSeenToTheEnd || reason === "end" || reason === "leave",
    closed_by: reason,
    flags: run.acrossBoots ? [...run.flags, "across-boots"] : run.flags,
  };
}

export interface Entry {
  readonly point: Point;
  readonly seq: number;
}

/** One entry at each change to another code, and one more on each beat that was seen while the code went on. */
export function beats(runs: readonly Run[], watchOf: (subject: string | null) => Watch, time: RunningTime): readonly Entry[] {
  const entries: Entry[] = [];
  for (const run of runs) {
    if (run.stream === null || samplingOf(run.stream) !== "beat-or-change") continue;
    const watch = watchOf(run.subject);
    if (watch.holds(run.start) && run.start < run.end) entries.push(entry(run, run.start, run.flags));
    for (const at of beatsIn(run, watch, time)) entries.push(entry(run, at, [...run.flags, "beat"]));
  }
  return entries;
}

function beatsIn(run: Run, watch: Watch, time: RunningTime): readonly number[] {
  const length = run.stream?.sampling?.length_ms ?? 0;
  const found: number[] = [];
  if (length <= 0) return found;
  for (const [start, end] of watch.pieces(Math.max(run.start, 0), run.end)) {
    const most = Math.min(MOST, Math.floor(time.of(end) / length) + 1);
    for (let beat = Math.ceil(time.of(start) / length); beat < most; beat++) {
      const at = time.starts(beat * length);
      if (start <= at && at < end && at !== run.start) found.push(at);
    }
  }
  return found;
}

function entry(run: Run, at: number, flags: readonly string[]): Entry {
  const { event, code, subject, target, modifiers } = run;
  return { point: { event: event.id, at, stream: run.stream?.id ?? "", code, subject, target, modifiers, flags }, seq: event.seq };
}
