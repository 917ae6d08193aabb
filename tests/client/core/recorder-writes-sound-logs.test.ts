import fc from "fast-check";
import { expect, test, vi } from "vitest";
import type { SessionEvent, SessionHeader } from "../../../static/src/core/events.ts";
import { indexOf, type FrameworkDocument } from "../../../static/src/core/framework.ts";
import { timeline } from "../../../static/src/core/timeline.ts";
import { memoryKeeper } from "../../../static/src/ui/memory.ts";
import { Recording } from "../../../static/src/ui/recording.ts";

vi.stubGlobal("navigator", {}); // no hand to feel the buzz

const framework: FrameworkDocument = {
  schema: "observe-framework/1",
  slug: "recorder",
  title: "Recorder",
  actors: [{ id: "child", label: "Child" }, { id: "room", label: "Room", seen_as: "as-one" }],
  streams: [
    {
      id: "play", label: "Play", exclusive: true, actors: ["child"],
      codes: [{ id: "alone", label: "Alone", type: "state" }, { id: "together", label: "Together", type: "state" }],
    },
    { id: "talk", label: "Talk", actors: ["child"], codes: [{ id: "talks", label: "Talks", type: "state" }, { id: "calls", label: "Calls" }] },
    {
      id: "off", label: "Off task", actors: ["room"], exclusive: true, sampling: { kind: "partial-interval", length_ms: 4_000 },
      codes: [{ id: "idle", label: "Idle" }, { id: "noisy", label: "Noisy" }],
    },
    {
      id: "scan", label: "Scan", actors: ["child"], sampling: { kind: "momentary-scan", length_ms: 9_000 },
      codes: [{ id: "near", label: "Near", type: "state" }, { id: "far", label: "Far", type: "state" }],
    },
    { id: "fiac", label: "FIAC", actors: ["room"], sampling: { kind: "beat-or-change", length_ms: 3_000 }, codes: [{ id: "lectures", label: "L" }, { id: "asks", label: "A" }] },
  ],
};
const index = indexOf(framework);
const P1 = "0190d5b0-0000-7000-8000-000000000001";
const P2 = "0190d5b0-0000-7000-8000-000000000002";
const header: SessionHeader = {
  id: "s", study: 1, framework: "f", observer: 1, device: "d", purpose: "field", happening: null, setting: null,
  subjects: [P1, P2], variables: {}, consent: null, started: 0, offset: 0, zone: "UTC", app: "", planned_ms: null,
};

/** What a framework or the world may bring about; anything else would be the recorder contradicting itself. */
const NOT_OF_THE_RECORDER = new Set(["exclusive.same_instant", "bout.no_length", "point.out_of_view", "interval.late", "scan.late"]);

const touch = fc.record({
  after: fc.constantFrom(1, 30, 400, 2_500),
  what: fc.oneof(
    { weight: 12, arbitrary: fc.constantFrom(...[...index.codeById.keys()].map((code) => `tap ${code}`)) },
    { weight: 5, arbitrary: fc.constantFrom(`choose ${P1}`, `choose ${P2}`, "undo", "undo", "pause", "resume") },
    { weight: 2, arbitrary: fc.constantFrom(`view ${P1}`, `view ${P2}`, "view", "empty off", "missed scan") },
  ),
});

function recordingOf(kept: SessionEvent[]): Recording {
  let ids = 0;
  const clock = { at: (mono: number) => Math.round(mono), stamp: (mono: number) => ({ mono, wall: mono, offset: 0, zone: "UTC", boot: "b" }) };
  return new Recording({ index, header, log: [], keeper: memoryKeeper(kept), clock, newId: () => `e${++ids}`, mode: "try" });
}

function act(recording: Recording, what: string, now: number): void {
  const [verb, name = ""] = what.split(" ");
  const place = index.codeById.get(name);
  const stream = index.streamById.get(name);
  recording.now.value = now;
  if (verb === "tap" && place) recording.tap(place.stream, place.code, now);
  else if (verb === "choose") recording.choose(name);
  else if (verb === "undo") recording.undo();
  else if (verb === "pause") recording.pause(now);
  else if (verb === "resume") recording.resume(now);
  else if (verb === "view") recording.toggleView(name === "" ? null : name, now);
  else if (verb === "empty" && stream) recording.sayInterval(stream, "empty", now);
  else if (verb === "missed" && stream) recording.sayScan(stream, "missed", now);
}

test("whatever is touched, the recorder writes nothing that contradicts itself", () => {
  let events = 0;
  fc.assert(
    fc.property(fc.array(touch, { minLength: 20, maxLength: 90 }), (touches) => {
      const kept: SessionEvent[] = [];
      const recording = recordingOf(kept);
      let now = 0;
      recording.record({ kind: "open" }, 0);
      for (const { after, what } of touches) {
        now += after;
        act(recording, what, now);
      }
      events += kept.length;
      const own = timeline(framework, header, kept).findings.filter((finding) => !NOT_OF_THE_RECORDER.has(finding.code));

      expect(own.map((finding) => `${finding.code} ${finding.events.map((id) => JSON.stringify(kept.find((event) => event.id === id))).join(" ")}`)).toEqual([]);
    }),
    { numRuns: 200 },
  );
  expect(events).toBeGreaterThan(2_000);
});
