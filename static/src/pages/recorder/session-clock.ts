/** The clock of one session: monotonic within a page load, put right from the wall clock across sleep and reload. */

import type { ClockReason, Stamp } from "../../core/events";
import type { RecordingClock } from "../../ui/recording";

/** The two clocks of the device, so that tests can set them. */
export interface Clocks {
  readonly mono: () => number;
  readonly wall: () => number;
}

export const DEVICE_CLOCKS: Clocks = { mono: () => performance.now(), wall: () => Date.now() };

/** Less than this is the grain of the clocks, and an NTP step too small to matter. */
const DRIFT_MS = 1_000;

interface Anchor {
  readonly at: number;
  readonly mono: number;
  readonly wall: number;
}

export class SessionClock implements RecordingClock {
  readonly #clocks: Clocks;
  readonly #boot: string;
  #anchor: Anchor;
  #wallAtAnchor: number;

  /** `after` is the time of the last event: a session's time never runs backwards, whatever the wall clock says. */
  constructor(started: number, boot: string, after: number, clocks: Clocks = DEVICE_CLOCKS) {
    this.#clocks = clocks;
    this.#boot = boot;
    const wall = clocks.wall();
    this.#anchor = { at: Math.max(after, wall - started), mono: clocks.mono(), wall };
    this.#wallAtAnchor = wall;
  }

  at(mono: number): number {
    return Math.max(0, Math.round(this.#anchor.at + (mono - this.#anchor.mono)));
  }

  stamp(mono: number): Stamp {
    const now = this.#clocks.wall() - (this.#clocks.mono() - mono);
    return {
      mono: Math.round(mono * 10) / 10,
      wall: Math.round(now),
      offset: -new Date(now).getTimezoneOffset(),
      zone: Intl.DateTimeFormat().resolvedOptions().timeZone,
      boot: this.#boot,
    };
  }

  /** How far the wall clock has run ahead of the monotonic one since they were last compared. */
  #drift(): number {
    return this.#clocks.wall() - this.#wallAtAnchor - (this.#clocks.mono() - this.#anchor.mono);
  }

  /**
   * Compares both clocks. After time in the background a drift is sleep: session time is put right, and "slept" is
   * said. While the page was visible all along it is a changed wall clock: session time goes on, and "jump" is said.
   */
  compare(wasHidden: boolean): ClockReason | null {
    const drift = this.#drift();
    if (Math.abs(drift) < DRIFT_MS) return null;
    const mono = this.#clocks.mono();
    const slept = wasHidden && drift > 0;
    this.#anchor = { at: this.at(mono) + (slept ? Math.round(drift) : 0), mono, wall: this.#clocks.wall() };
    this.#wallAtAnchor = this.#clocks.wall();
    return slept ? "slept" : "jump";
  }
}
