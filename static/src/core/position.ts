/** Where the tablet is: rounded before anything is kept, and said to be missing when it is. */

import type { NewEvent, PositionMissing } from "./events.ts";

/** What a framework asks for: where, how coarsely, and why. */
export interface PositionPlan {
  readonly at?: readonly ("start" | "scan" | "note")[];
  readonly rounded_m?: number;
}

/** What the receiver last said. `mono` is when that was, on the monotonic clock. */
export interface Fix {
  readonly latitude: number;
  readonly longitude: number;
  readonly accuracy: number;
  readonly mono: number;
}

/** What a position belongs to. */
export interface Belongs {
  readonly of: "start" | "scan" | "note";
  readonly ref?: string;
  readonly stream?: string;
  readonly sample?: number;
}

/** An older fix says where the tablet was, and not where it is. */
export const STALE_MS = 120_000;
export const ROUNDED_M = 100;
const METRES_PER_DEGREE = 111_320;

/** To the nearest point of a net of squares, `metres` wide here: east and west the degrees are shorter than north and south. */
export function rounded(latitude: number, longitude: number, metres: number): readonly [number, number] {
  const step = metres / METRES_PER_DEGREE;
  const north = Math.min(90, Math.max(-90, Math.round(latitude / step) * step));
  const wide = step / Math.max(1e-6, Math.cos((north * Math.PI) / 180));
  const east = wide > 180 ? 0 : Math.round(longitude / wide) * wide;
  return [sixPlaces(north), sixPlaces(east > 180 ? east - 360 : east < -180 ? east + 360 : east)];
}

function sixPlaces(degrees: number): number {
  return Math.round(degrees * 1e6) / 1e6 + 0; // + 0: no negative zero
}

/** The event for what belongs to it, now. Without a fresh fix it says why there is none. */
export function positionOf(belongs: Belongs, fix: Fix | null, missing: PositionMissing, now: number, metres: number): NewEvent {
  if (fix === null || now - fix.mono > STALE_MS) return { kind: "position", ...belongs, state: missing };
  const [latitude, longitude] = rounded(fix.latitude, fix.longitude, metres);
  const age = Math.max(0, Math.round(now - fix.mono));
  return { kind: "position", ...belongs, latitude, longitude, accuracy: Math.round(fix.accuracy), age, rounded: metres };
}
