import { expect, test } from "vitest";
import { type Fix, positionOf, rounded } from "../../../static/src/core/position.ts";

const METRES = 111_320;

/** How far apart two places are, near enough for a few hundred metres. */
function apart([lat1, lon1]: readonly [number, number], [lat2, lon2]: readonly [number, number]): number {
  const north = (lat2 - lat1) * METRES;
  const east = (lon2 - lon1) * METRES * Math.cos((((lat1 + lat2) / 2) * Math.PI) / 180);
  return Math.hypot(north, east);
}

test("a position is put on a net of so many metres, and nothing finer is left of it", () => {
  expect(rounded(47.609512, -122.338034, 100)).toEqual([47.609594, -122.3378]);
  expect(rounded(47.609512, -122.338034, 1000)).toEqual([47.610492, -122.334571]);
  expect(rounded(0.00001, -0.00001, 100)).toEqual([0, 0]);
});

test.each([1, 10, 100, 1_000, 10_000])("two places in one square of %d m become one, and none moves by more than its half diagonal", (metres) => {
  for (const [lat, lon] of [[47.61, -122.34], [-33.9, 151.2], [68.4, 17.4], [1.3, 103.8]] as const) {
    const first = rounded(lat, lon, metres);
    const again = rounded(first[0], first[1], metres);
    expect(apart(first, again)).toBeLessThan(0.2); // six places of a degree
    expect(apart([lat, lon], first)).toBeLessThanOrEqual(metres * Math.SQRT1_2 * 1.01 + 0.2);
  }
});

test("at the poles and at the date line it stays on earth", () => {
  expect(rounded(90, 12, 100)[0]).toBeLessThanOrEqual(90);
  expect(Math.abs(rounded(10, 179.99999, 1_000)[1])).toBeLessThanOrEqual(180);
  expect(Math.abs(rounded(-90, -180, 10_000)[1])).toBeLessThanOrEqual(180);
});

const FIX: Fix = { latitude: 47.609512, longitude: -122.338034, accuracy: 8.4, mono: 10_000 };

test("the event says how exact and how old the fix was, and how it was rounded", () => {
  expect(positionOf({ of: "note", ref: "n1" }, FIX, "lost", 12_500.4, 100)).toEqual({
    kind: "position", of: "note", ref: "n1", latitude: 47.609594, longitude: -122.3378, accuracy: 8, age: 2_500, rounded: 100,
  });
});

test("a fix older than two minutes is where the tablet was, so the position is missing, with the reason and no figures", () => {
  expect(positionOf({ of: "start" }, FIX, "lost", 130_001, 100)).toEqual({ kind: "position", of: "start", state: "lost" });
  expect(positionOf({ of: "scan", stream: "s", sample: 2, ref: "e" }, null, "refused", 0, 100)).toEqual({
    kind: "position", of: "scan", stream: "s", sample: 2, ref: "e", state: "refused",
  });
});
