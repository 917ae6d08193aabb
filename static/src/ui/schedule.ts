/** When intervals and sample points are due, in running time (the session less its pauses). */

import { samplingOf, type Stream } from "../core/framework";
import { sampleAt as coreSampleAt } from "../core/sampling";

/** The length of one interval or cycle; null where the stream has none. */
export function intervalLength(stream: Stream): number | null {
  const { length_ms, observe_ms, record_ms } = stream.sampling ?? {};
  if (samplingOf(stream) === "observe-record") return (observe_ms ?? 0) + (record_ms ?? 0) || null;
  return length_ms ?? null;
}

export interface Beat {
  /** from 0 */
  readonly interval: number;
  readonly into: number;
  readonly left: number;
  readonly length: number;
  readonly phase: "observe" | "record";
}

export function beatAt(stream: Stream, running: number): Beat {
  const length = intervalLength(stream) ?? Number.POSITIVE_INFINITY;
  if (!Number.isFinite(length)) return { interval: 0, into: running, left: length, length, phase: "observe" };
  const interval = Math.floor(Math.max(0, running) / length);
  const into = Math.max(0, running) - interval * length;
  const observe = stream.sampling?.observe_ms ?? length;
  const isObserving = into < observe;
  const left = samplingOf(stream) === "observe-record" && isObserving ? observe - into : length - into;
  return { interval, into, left, length, phase: isObserving ? "observe" : "record" };
}

/** Whether interval or sample `number` (from 0) is asked: each `every`-th one from number `first` on, counted from 1. */
export function isAskedAt(stream: Stream, number: number): boolean {
  const every = stream.sampling?.every ?? 1;
  const first = stream.sampling?.first ?? 1;
  return number + 1 >= first && (number + 1 - first) % every === 0;
}

/** When sample `k` is due. Snapshots are spread over the middle of even parts; scans begin with the session. */
export function sampleDue(stream: Stream, sample: number): number | null {
  return coreSampleAt(stream.sampling ?? {}, sample);
}

/** The latest sample that is due by now; null before the first one. Samples that are not asked are passed over. */
export function sampleAt(stream: Stream, running: number): number | null {
  const { kind, length_ms, count, over_ms } = stream.sampling ?? {};
  const latest =
    kind === "snapshots"
      ? count && over_ms ? Math.min(count - 1, Math.floor((running * count) / over_ms - 0.5)) : -1
      : length_ms ? Math.floor(running / length_ms) : -1;
  for (let sample = latest; sample >= 0; sample -= 1) if (isAskedAt(stream, sample)) return sample;
  return null;
}

/** The next sample after this one that is asked; null when there is none. */
export function nextSample(stream: Stream, after: number | null): number | null {
  for (let sample = (after ?? -1) + 1; sample < (after ?? -1) + 1000; sample += 1) {
    if (sampleDue(stream, sample) === null) return null;
    if (isAskedAt(stream, sample)) return sample;
  }
  return null;
}

/** A rotation's order: the roster's, or one shuffled by the session's id, the same on every start of the page. */
export function rotationOrder(subjects: readonly string[], order: "roster" | "shuffled", seed: string): readonly string[] {
  if (order === "roster") return subjects;
  const weight = (subject: string): number => {
    let hash = 2166136261;
    for (const char of `${seed}/${subject}`) hash = Math.imul(hash ^ (char.codePointAt(0) ?? 0), 16777619) >>> 0;
    return hash;
  };
  return [...subjects].sort((one, other) => weight(one) - weight(other) || (one < other ? -1 : 1));
}
