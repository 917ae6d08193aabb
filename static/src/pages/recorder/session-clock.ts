/** The clock of one session: monotonic within a page load, put right from the wall clock across sleep and reload. */

import { compared, given, sessionTime, startClock, type ClockState, type Reading } from "../../core/clock";
import type { ClockReason, Stamp } from "../../core/events";
import type { RecordingClock } from "../../ui/recording";

/** The two clocks of the device, so that tests can set them. */
export interface Clocks {
  readonly mono: () => number;
  readonly wall: () => number;
}

export const DEVICE_CLOCKS: Clocks = { mono: () => performance.now(), wall: () => Date.now() };

/** Reads the device's clocks; what their readings mean is worked out in core/clock.ts. */
export class SessionClock implements RecordingClock {
  readonly #clocks: Clocks;
  readonly #boot: string;
  #state: ClockState;

  /** `after` is the time of the last event: a session's time never runs backwards, whatever the wall clock says. */
  constructor(started: number, boot: string, after: number, clocks: Clocks = DEVICE_CLOCKS) {
    this.#clocks = clocks;
    this.#boot = boot;
    this.#state = startClock(started, after, this.#read());
  }

  #read(): Reading {
    return { mono: this.#clocks.mono(), wall: this.#clocks.wall() };
  }

  at(mono: number): number {
    return sessionTime(this.#state, mono);
  }

  /** The clocks of an event that is being recorded; none after it is earlier in session time. */
  stamp(mono: number): Stamp {
    this.#state = given(this.#state, this.at(mono));
    const now = this.#clocks.wall() - (this.#clocks.mono() - mono);
    return {
      mono: Math.round(mono * 10) / 10,
      wall: Math.round(now),
      offset: -new Date(now).getTimezoneOffset(),
      zone: Intl.DateTimeFormat().resolvedOptions().timeZone,
      boot: this.#boot,
    };
  }

  /** Brings both clocks together, and says whether the device slept or somebody set the wall clock. */
  compare(wasHidden: boolean): ClockReason | null {
    const { state, parted } = compared(this.#state, this.#read(), wasHidden);
    this.#state = state;
    return parted;
  }
}
