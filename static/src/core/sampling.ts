/** When intervals, sample points and focal turns are due: cut in running time, which a pause stops. */

import type { Sampling } from "./framework.ts";
import type { Span } from "./record.ts";

/** Of one stream in one session: 15-second intervals for 83 hours. More is a wrong clock, and a finding. */
export const MOST = 20_000;

/** Running time is session time less pauses. At a pause one running moment has two session times. */
export class RunningTime {
  readonly end: number;
  readonly total: number;
  readonly #pauses: readonly Span[];
  readonly #at: readonly number[];
  readonly #before: readonly number[];

  constructor(pauses: readonly Span[], end: number) {
    const before = [0];
    for (const [start, stop] of pauses) before.push((before.at(-1) ?? 0) + stop - start);
    this.end = end;
    this.total = end - (before.at(-1) ?? 0);
    this.#pauses = pauses;
    this.#before = before;
    this.#at = pauses.map(([start], i) => start - (before[i] ?? 0));
  }

  /** Running time at a session time; it stands still in a pause. */
  of(at: number): number {
    const i = count(this.#pauses, (pause) => pause[0] <= at);
    const pause = this.#pauses[i - 1];
    if (pause !== undefined && at < pause[1]) return this.#at[i - 1] ?? 0;
    return at - (this.#before[i] ?? 0);
  }

  /** The session time at which what begins at this running time begins: after a pause that stands there. */
  starts(running: number): number {
    return running + (this.#before[count(this.#at, (at) => at <= running)] ?? 0);
  }

  /** The session time at which what ends at this running time ends: before a pause that stands there. */
  ends(running: number): number {
    return running + (this.#before[count(this.#at, (at) => at < running)] ?? 0);
  }
}

/** How many items, from the first on, hold; they are sorted so that those that hold come first. */
function count<T>(items: readonly T[], holds: (item: T) => boolean): number {
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(items[middle] as T)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** One interval, observation window, sample point (no length) or focal turn, in session time. */
export interface Due {
  readonly index: number;
  readonly start: number;
  readonly end: number;
  /** the running time at which it starts */
  readonly running: number;
  /** the window ended before it was over */
  readonly cut: boolean;
}

/** Whether `every` and `first` pick the one with this index, counted from 0 here and from 1 there. */
export function isSampled(sampling: Sampling, index: number): boolean {
  const { every = 1, first = 1 } = sampling;
  return index + 1 >= first && (index + 1 - first) % every === 0;
}

/** The cycle and the observed part of it; null where the regime has no intervals or does not give its length. */
export function stepOf(sampling: Sampling): { readonly cycle: number; readonly length: number } | null {
  if (sampling.kind === "observe-record") {
    const length = sampling.observe_ms ?? 0;
    return length > 0 ? { cycle: length + (sampling.record_ms ?? 0), length } : null;
  }
  const length = sampling.length_ms ?? 0;
  return length > 0 ? { cycle: length, length } : null;
}

function dueBetween(index: number, begin: number, over: number, time: RunningTime): Due {
  const end = time.ends(Math.min(over, time.total));
  return { index, start: time.starts(begin), end, running: begin, cut: over > time.total };
}

/** The intervals begun inside the window, at most `MOST`; a tally without a length has one: the whole session. */
export function intervalsDue(sampling: Sampling, time: RunningTime): readonly Due[] {
  if (sampling.kind === "tally" && !sampling.length_ms) {
    return time.total > 0 ? [dueBetween(0, 0, time.total, time)] : [];
  }
  const step = stepOf(sampling);
  if (step === null) return [];
  const due: Due[] = [];
  const most = Math.min(MOST, Math.ceil(time.total / step.cycle));
  for (let index = 0; index < most; index++) {
    const begin = index * step.cycle;
    if (isSampled(sampling, index)) due.push(dueBetween(index, begin, begin + step.length, time));
  }
  return due;
}

/** The running time of a sample point, or null where there is no such point. */
export function sampleAt(sampling: Sampling, index: number): number | null {
  if (index < 0 || index >= MOST) return null;
  if (sampling.kind === "snapshots") {
    const snapshots = sampling.count ?? 0;
    return index < snapshots ? Math.floor(((2 * index + 1) * (sampling.over_ms ?? 0)) / (2 * snapshots)) : null;
  }
  const length = sampling.length_ms ?? 0;
  return length > 0 ? index * length : null;
}

/** The sample points inside the window, at most `MOST`; none where the regime gives no length. */
export function samplesDue(sampling: Sampling, time: RunningTime): readonly Due[] {
  const due: Due[] = [];
  for (let index = 0; ; index++) {
    const running = sampleAt(sampling, index);
    if (running === null || running >= time.total) return due;
    const start = time.starts(running);
    if (isSampled(sampling, index)) due.push({ index, start, end: start, running, cut: false });
  }
}

/** The turns of a focal list, `dwell_ms` each, until the window ends. */
export function turnsDue(sampling: Sampling, time: RunningTime): readonly Due[] {
  const dwell = sampling.rotation?.dwell_ms ?? 0;
  const due: Due[] = [];
  const most = dwell > 0 ? Math.min(MOST, Math.ceil(time.total / dwell)) : 0;
  for (let index = 0; index < most; index++) due.push(dueBetween(index, index * dwell, (index + 1) * dwell, time));
  return due;
}

/** Whether the window holds more than `MOST` of what this regime cuts it into. */
export function isTooLong(sampling: Sampling, time: RunningTime): boolean {
  if (sampling.kind === "snapshots") return (sampling.count ?? 0) > MOST;
  const step = stepOf(sampling);
  return step !== null && Math.ceil(time.total / step.cycle) > MOST;
}
