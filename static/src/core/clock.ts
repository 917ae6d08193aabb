/** Session time from two clocks: the monotonic one within a page load, the wall clock across sleep and reload. */

/** Both clocks of the device, read at the same moment. */
export interface Reading {
  /** ms since the page was loaded; stands still while some devices sleep */
  readonly mono: number;
  /** ms since 1970 UTC; can be set */
  readonly wall: number;
}

/** Where session time stood when the clocks were last brought together, and the latest time given out. */
export interface ClockState {
  readonly at: number;
  readonly mono: number;
  readonly wall: number;
  readonly latest: number;
}

/** What became of the clocks: set while the page was visible all along, or left behind by a sleeping device. */
export type Parted = "jump" | "slept";

/** Less than this is the grain of the clocks, or a correction by the network too small to matter. */
export const GRAIN_MS = 1_000;

/** The clock of a page load. `after` is the time of the session's last event: time never runs backwards. */
export function startClock(started: number, after: number, now: Reading): ClockState {
  const at = Math.max(after, now.wall - started, 0);
  return { at, mono: now.mono, wall: now.wall, latest: after };
}

/** Session time at a monotonic reading, which may lie a little in the past: the touch came before its handler. */
export function sessionTime(state: ClockState, mono: number): number {
  return Math.max(state.latest, Math.round(state.at + mono - state.mono));
}

/** The state after session time was given out for an event: nothing later in `seq` is earlier in time. */
export function given(state: ClockState, at: number): ClockState {
  return at <= state.latest ? state : { ...state, latest: at };
}

/** How far the wall clock has run ahead of the monotonic one since they were last brought together. */
export function drift(state: ClockState, now: Reading): number {
  return now.wall - state.wall - (now.mono - state.mono);
}

/**
 * Brings the clocks together. Ahead after time in the background, the wall clock is right and the device slept:
 * session time is put right. Otherwise somebody set the wall clock: session time goes on undisturbed.
 */
export function compared(
  state: ClockState, now: Reading, wasHidden: boolean,
): { readonly state: ClockState; readonly parted: Parted | null } {
  const apart = drift(state, now);
  if (Math.abs(apart) < GRAIN_MS) return { state, parted: null };
  const hasSlept = wasHidden && apart > 0;
  const at = state.at + (now.mono - state.mono) + (hasSlept ? apart : 0);
  return { state: { ...state, at, mono: now.mono, wall: now.wall }, parted: hasSlept ? "slept" : "jump" };
}
