import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compared, given, sessionTime, startClock, type ClockState } from "../../../static/src/core/clock.ts";

const STARTED = 1_790_000_000_000;

function fresh(): ClockState {
  return startClock(STARTED, 0, { mono: 500, wall: STARTED });
}

describe("session time", () => {
  test("goes by the monotonic clock within a page load", () => {
    expect(sessionTime(fresh(), 2_500)).toBe(2_000);
  });

  test("is taken from the wall clock after a reload", () => {
    const reloaded = startClock(STARTED, 40_000, { mono: 12, wall: STARTED + 65_000 });

    expect(sessionTime(reloaded, 12)).toBe(65_000);
    expect(sessionTime(reloaded, 1_012)).toBe(66_000);
  });

  test("does not go back behind the last event when the wall clock was set back before the reload", () => {
    const reloaded = startClock(STARTED, 40_000, { mono: 12, wall: STARTED - 3_600_000 });

    expect(sessionTime(reloaded, 12)).toBe(40_000);
    expect(sessionTime(reloaded, 1_012)).toBe(41_000);
  });

  test("goes on undisturbed when the wall clock is set while the page is visible, ahead or back", () => {
    for (const hour of [3_600_000, -3_600_000]) {
      const { state, parted } = compared(fresh(), { mono: 1_500, wall: STARTED + 1_000 + hour }, false);

      expect(parted).toBe("jump");
      expect(sessionTime(state, 2_500)).toBe(2_000);
    }
  });

  test("is put right from the wall clock when the monotonic clock stood still in the background", () => {
    const { state, parted } = compared(fresh(), { mono: 1_500, wall: STARTED + 601_000 }, true);

    expect(parted).toBe("slept");
    expect(sessionTime(state, 1_500)).toBe(601_000);
  });

  test("is not put back when the wall clock is behind after time in the background", () => {
    const { state, parted } = compared(fresh(), { mono: 60_500, wall: STARTED + 1_000 }, true);

    expect(parted).toBe("jump");
    expect(sessionTime(state, 60_500)).toBe(60_000);
  });

  test("leaves a difference below the grain of the clocks alone, until it has grown", () => {
    const first = compared(fresh(), { mono: 1_500, wall: STARTED + 1_900 }, true);
    const second = compared(first.state, { mono: 2_500, wall: STARTED + 3_100 }, true);

    expect([first.parted, second.parted]).toEqual([null, "slept"]);
    expect(sessionTime(second.state, 2_500)).toBe(3_100);
  });

  test("never runs backwards, whatever happens to the clocks", () => {
    const happening = fc.record({
      mono: fc.nat(5_000), sleep: fc.constantFrom(0, 0, 0, 700, 90_000), set: fc.constantFrom(0, 0, 0, -86_400_000, 4_000),
      hidden: fc.boolean(), touchedBefore: fc.nat(80), reload: fc.constantFrom(false, false, false, true),
    });
    fc.assert(
      fc.property(fc.array(happening, { maxLength: 60 }), (all) => {
        let clocks = { mono: 0, wall: STARTED };
        let state = startClock(STARTED, 0, clocks);
        let last = 0;
        for (const { mono, sleep, set, hidden, touchedBefore, reload } of all) {
          clocks = { mono: clocks.mono + mono, wall: clocks.wall + mono + sleep + set };
          if (reload) {
            clocks = { ...clocks, mono: 3 };
            state = startClock(STARTED, last, clocks);
          }
          state = compared(state, clocks, hidden).state;
          const at = sessionTime(state, clocks.mono - touchedBefore);
          state = given(state, at);
          expect(at).toBeGreaterThanOrEqual(last);
          expect(Number.isSafeInteger(at)).toBe(true);
          last = at;
        }
      }),
      { numRuns: 500 },
    );
  });
});
