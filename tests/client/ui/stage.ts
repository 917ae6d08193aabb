/** A recording with clocks and ids of our own, and the frameworks that the tests of the screen share. */

import type { SessionEvent, SessionHeader } from "../../../static/src/core/events.ts";
import { type FrameworkDocument, indexOf } from "../../../static/src/core/framework.ts";
import { memoryKeeper } from "../../../static/src/ui/memory.ts";
import { type Enclosed, type Keeper, Recording } from "../../../static/src/ui/recording.ts";

export const P1 = "0190d5b0-0000-7000-8000-000000000001";
export const P2 = "0190d5b0-0000-7000-8000-000000000002";

export const LECTURE: FrameworkDocument = {
  schema: "observe-framework/1", slug: "lecture", title: "Lecture",
  actors: [{ id: "class", label: "Class", seen_as: "as-one" }],
  streams: [{
    id: "activity", label: "Activity", actors: ["class"], exclusive: true, exhaustive: "always",
    codes: [
      { id: "LT", label: "Lecturer talk", type: "state", key: "t", definition: "Presents", non_examples: ["A question"] },
      { id: "SD", label: "Discussion", type: "state", key: "d" },
      { id: "FB", label: "Feedback", type: "state" },
    ],
  }],
};

export const TICKS: FrameworkDocument = {
  schema: "observe-framework/1", slug: "ticks", title: "Ticks",
  actors: [{ id: "class", label: "Class", seen_as: "as-one" }],
  streams: [{
    id: "s", label: "Students", actors: ["class"], sampling: { kind: "partial-interval", length_ms: 120_000 },
    codes: [{ id: "L", label: "Listening" }, { id: "Ind", label: "Thinking" }],
  }],
};

export const PLAY: FrameworkDocument = {
  schema: "observe-framework/1", slug: "play", title: "Play",
  actors: [{ id: "child", label: "Child" }, { id: "area", label: "Yard", seen_as: "counted" }],
  modifiers: [{ id: "tone", label: "Tone", options: [{ id: "warm", label: "Warm" }] }],
  streams: [
    {
      id: "acts", label: "Acts", actors: ["child"], target: "optional",
      codes: [{ id: "ask", label: "Asks", modifiers: ["tone"] }, { id: "answer", label: "Answers" }, { id: "hit", label: "Hits", double_guard_ms: 500 }],
    },
    {
      id: "yard", label: "Yard", actors: ["area"], sampling: { kind: "area-count", length_ms: 60_000 },
      codes: [{ id: "SED", label: "Sits" }], crossed: [{ id: "sex", label: "Sex", options: [{ id: "f", label: "Female" }, { id: "m", label: "Male" }] }],
    },
    { id: "mood", label: "Mood", actors: ["child"], exclusive: true, sampling: { kind: "momentary-scan", length_ms: 30_000 }, codes: [{ id: "calm", label: "Calm" }, { id: "sad", label: "Sad" }] },
  ],
  links: [{ id: "qa", label: "answered", from_codes: ["ask"], to_codes: ["answer"], within_ms: 5_000 }],
};

export interface Stage {
  readonly recording: Recording;
  readonly log: SessionEvent[];
  /** moves the screen's clock */
  readonly go: (at: number) => void;
}

export function stage(framework: FrameworkDocument, options: { readonly subjects?: readonly string[]; readonly onEnd?: () => void; readonly onKeep?: (enclosed: readonly Enclosed[]) => void } = {}): Stage {
  const log: SessionEvent[] = [];
  let ids = 0;
  const header: SessionHeader = {
    id: "session", study: 1, framework: "hash", observer: 1, device: "tablet", purpose: "field", happening: null, setting: null,
    subjects: options.subjects ?? [], variables: {}, consent: null, started: 0, offset: 0, zone: "UTC", app: "test", planned_ms: 60_000,
  };
  const clock = { at: (mono: number) => Math.round(mono), stamp: (mono: number) => ({ mono, wall: mono, offset: 0, zone: "UTC", boot: "boot" }) };
  const memory = memoryKeeper(log);
  const keeper: Keeper = {
    append(make, enclosed) {
      options.onKeep?.(enclosed ?? []);
      return memory.append(make);
    },
  };
  const recording = new Recording({
    index: indexOf(framework), header, log: [], keeper, clock, newId: () => `e${++ids}`, mode: "live",
    names: new Map([[P1, "P01"], [P2, "P02"]]), ...(options.onEnd ? { onEnd: options.onEnd } : {}),
  });
  recording.record({ kind: "open" }, 0);
  const go = (at: number): void => { recording.now.value = at; };
  go(0);
  return { recording, log, go };
}

/** The events without clocks: what the observer did. */
export function deeds(log: readonly SessionEvent[]): readonly Record<string, unknown>[] {
  return log.filter((event) => event.kind !== "open").map((event) => {
    const { mono: _mono, wall: _wall, offset: _offset, zone: _zone, boot: _boot, seq: _seq, ...rest } = event as unknown as Record<string, unknown>;
    return rest;
  });
}
