/** A recording that is kept nowhere: for a trial in the designer, and for tests. */

import { uuidv7 } from "uuidv7";
import type { SessionEvent, SessionHeader } from "../core/events";
import type { FrameworkIndex } from "../core/framework";
import { type Keeper, Recording, type RecordingClock } from "./recording";

const TRIAL_SUBJECTS = 3;

export function memoryKeeper(kept: SessionEvent[] = []): Keeper {
  return {
    append(make) {
      const event = make(kept.length + 1);
      kept.push(event);
      return { event, saved: Promise.resolve() };
    },
  };
}

/** Starts at 0 with the first touch of the screen; a trial never outlives its page. */
export function memoryClock(now: () => number = () => performance.now()): RecordingClock {
  const boot = uuidv7();
  const began = now();
  const wall = Date.now() - began;
  return {
    at: (mono) => Math.max(0, Math.round(mono - began)),
    stamp: (mono) => ({ mono, wall: Math.round(wall + mono), offset: -new Date().getTimezoneOffset(), zone: "UTC", boot }),
  };
}

function needsSubjects(index: FrameworkIndex): boolean {
  return [...index.actorById.values()].some((actor) => ["named", "on-the-fly"].includes(actor.seen_as ?? "named"));
}

export function memoryRecording(
  index: FrameworkIndex,
  header: Partial<SessionHeader>,
  subjects: readonly string[] | undefined,
  onEnd: () => void,
): Recording {
  const made = needsSubjects(index) ? Array.from({ length: TRIAL_SUBJECTS }, (_, place) => `P${place + 1}`) : [];
  const names = new Map((subjects ?? made).map((name) => [uuidv7(), name]));
  const whole: SessionHeader = {
    id: uuidv7(), study: 0, framework: "", observer: 0, device: "", purpose: "practice", happening: null, setting: null,
    subjects: [...names.keys()], variables: {}, consent: null, started: Date.now(), offset: 0, zone: "UTC", app: "", 
    planned_ms: index.document.planned_ms ?? null,
    ...header,
  };
  const recording = new Recording({
    index, header: whole, log: [], keeper: memoryKeeper(), clock: memoryClock(), newId: uuidv7, mode: "try", names, onEnd,
  });
  recording.record({ kind: "open" });
  return recording;
}
