/** The tablet's receiver, listened to only where a framework asks for it, and what of it goes into the log. */

import { computed, effect, signal } from "@preact/signals";
import type { PositionMissing, SessionEvent } from "../../core/events";
import { type Belongs, type Fix, positionOf, type PositionPlan, ROUNDED_M, STALE_MS } from "../../core/position";
import type { Recording } from "../../ui/recording";

/** At the start the first fix is waited for so long; the taps wait for nothing. */
export const PATIENCE_MS = 60_000;
/** Coarser than this, the network's guess is good enough, and the battery lasts. */
const FINE_M = 1_000;

export const fix = signal<Fix | null>(null);
export const missing = signal<PositionMissing>("lost");
export const isRefused = computed(() => missing.value === "refused");

let listeners = 0;
let watch: number | null = null;

/** Listens until the last of those who asked lets go. The first time, the browser asks the observer. */
export function listen(metres: number): () => void {
  const receiver = navigator.geolocation as Geolocation | undefined;
  if (!receiver) {
    missing.value = "unavailable";
    return () => undefined;
  }
  listeners += 1;
  watch ??= receiver.watchPosition(
    ({ coords, timestamp }) => {
      // The fix may be older than the call: its own clock is the wall's.
      const age = Math.max(0, Date.now() - timestamp);
      fix.value = { latitude: coords.latitude, longitude: coords.longitude, accuracy: coords.accuracy, mono: performance.now() - age };
      missing.value = "lost";
    },
    (problem) => {
      missing.value = problem.code === problem.PERMISSION_DENIED ? "refused" : "lost";
      if (problem.code === problem.PERMISSION_DENIED) fix.value = null;
    },
    { enableHighAccuracy: metres < FINE_M, maximumAge: 30_000, timeout: 30_000 },
  );
  return () => {
    listeners -= 1;
    if (listeners > 0 || watch === null) return;
    receiver.clearWatch(watch);
    watch = null;
    fix.value = null;
    missing.value = "lost";
  };
}

function wasLeftOut(log: readonly SessionEvent[]): boolean {
  return log.some((event) => event.kind === "position" && event.of === "start" && event.state === "off");
}

/** Writes positions beside what asks for them, from now until the session is left. Never in the way of a tap. */
export function recordPositions(recording: Recording, plan: PositionPlan): () => void {
  const log = recording.situation.log;
  if (recording.isReadOnly || wasLeftOut(log)) return () => undefined;
  const metres = plan.rounded_m ?? ROUNDED_M;
  const wanted = new Set(plan.at ?? ["start"]);
  const stopListening = listen(metres);
  const done = new Set(log.flatMap((event) => (event.kind === "position" ? [nameOf(event)] : [])));
  const write = (belongs: Belongs): void => {
    if (done.has(nameOf(belongs)) || recording.stopped.peek()) return;
    done.add(nameOf(belongs));
    recording.record(positionOf(belongs, fix.peek(), missing.peek(), performance.now(), metres));
  };
  const stops: (() => void)[] = [stopListening, recording.onRecorded((event) => {
    if (event.kind === "scan" && wanted.has("scan")) write({ of: "scan", ref: event.id, stream: event.stream, sample: event.sample });
    if (event.kind === "note" && wanted.has("note")) write({ of: "note", ref: event.id });
  })];
  if (wanted.has("start") && !done.has("start")) {
    const give = (): void => {
      if (recording.situation.ended === null) write({ of: "start" });
    };
    const late = setTimeout(give, PATIENCE_MS);
    const soon = effect(() => {
      const isSettled = fix.value !== null || missing.value !== "lost";
      if (isSettled) queueMicrotask(give);
    });
    stops.push(() => clearTimeout(late), soon);
  }
  return () => stops.forEach((stop) => stop());
}

function nameOf({ of, ref, stream, sample }: { readonly of: string; readonly ref?: string | null; readonly stream?: string | null; readonly sample?: number | null }): string {
  return of === "scan" ? `${stream}/${sample}` : of === "note" ? `note/${ref}` : of;
}

/** What the screen says of it: how good the last fix is, and how old. Null where there is none to speak of. */
export function reading(mono: number): { readonly accuracy: number; readonly age: number } | null {
  const now = fix.value;
  if (!now || mono - now.mono > STALE_MS) return null;
  return { accuracy: Math.round(now.accuracy), age: Math.max(0, mono - now.mono) };
}
