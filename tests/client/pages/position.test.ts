// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { indexOf, type FrameworkDocument } from "../../../static/src/core/framework.ts";
import type { SessionEvent } from "../../../static/src/core/events.ts";
import { memoryRecording } from "../../../static/src/ui/memory.ts";
import { fix, missing, PATIENCE_MS, reading, recordPositions } from "../../../static/src/pages/recorder/position.ts";
import type { Recording } from "../../../static/src/ui/recording.ts";

const FRAMEWORK = {
  schema: "observe-framework/1", slug: "walk", title: "Walk",
  streams: [{ id: "block", label: "Block", sampling: { kind: "momentary-scan", length_ms: 10_000 }, codes: [{ id: "sits", label: "Sits" }, { id: "stands", label: "Stands" }] }],
} as unknown as FrameworkDocument;

/** A receiver that says what a test tells it to. */
class Receiver {
  told: PositionCallback | null = null;
  failed: PositionErrorCallback | null = null;
  cleared: number[] = [];
  options: PositionOptions | undefined;
  asked = 0;

  watchPosition(told: PositionCallback, failed: PositionErrorCallback, options?: PositionOptions): number {
    this.asked += 1;
    [this.told, this.failed, this.options] = [told, failed, options];
    return 7;
  }

  clearWatch(id: number): void {
    this.cleared.push(id);
  }

  gives(latitude: number, longitude: number, accuracy = 5): void {
    this.told?.({ coords: { latitude, longitude, accuracy }, timestamp: Date.now() } as GeolocationPosition);
  }

  fails(code: 1 | 2 | 3): void {
    this.failed?.({ code, PERMISSION_DENIED: 1, POSITION_UNAVAILABLE: 2, TIMEOUT: 3, message: "" } as GeolocationPositionError);
  }
}

let receiver: Receiver;
let stop: () => void = () => undefined;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date", "performance"] });
  receiver = new Receiver();
  Object.defineProperty(navigator, "geolocation", { value: receiver, configurable: true });
});

afterEach(() => {
  stop();
  vi.useRealTimers();
});

function begun(): Recording {
  return memoryRecording(indexOf(FRAMEWORK), {}, [], () => undefined);
}

const places = (recording: Recording): readonly SessionEvent[] => recording.situation.log.filter((event) => event.kind === "position");
const settled = async (): Promise<void> => { for (let i = 0; i < 5; i += 1) await Promise.resolve(); };

test("the start waits for the first fix, and taps wait for nothing", async () => {
  const recording = begun();
  stop = recordPositions(recording, { at: ["start"], rounded_m: 100 });
  const before = recording.record({ kind: "note", text: "a tap meanwhile" });
  await settled();
  expect(places(recording)).toEqual([]);

  receiver.gives(47.609512, -122.338034);
  await settled();
  receiver.gives(48, -122);
  await settled();

  expect(before.seq).toBe(2);
  expect(places(recording)).toMatchObject([{ of: "start", latitude: 47.609594, longitude: -122.3378, accuracy: 5, rounded: 100 }]);
  expect(receiver.options?.enableHighAccuracy).toBe(true);
});

test("without a fix within a minute the start is written down as lost, and the tablet goes on looking", async () => {
  const recording = begun();
  stop = recordPositions(recording, { at: ["start", "note"], rounded_m: 100 });

  vi.advanceTimersByTime(PATIENCE_MS);
  await settled();
  receiver.gives(1, 2);
  recording.record({ kind: "note", text: "found" });
  await settled();

  expect(places(recording)).toMatchObject([{ of: "start", state: "lost" }, { of: "note", latitude: 0.99982 }]);
});

test("a refusal is written down as one, at once", async () => {
  const recording = begun();
  stop = recordPositions(recording, { at: ["start"] });

  receiver.fails(1);
  await settled();

  expect(places(recording)).toMatchObject([{ of: "start", state: "refused" }]);
  expect(places(recording)[0]).not.toHaveProperty("latitude");
});

test("each sample has one position, however many codes it is tapped with, and each note its own", async () => {
  const recording = begun();
  stop = recordPositions(recording, { at: ["scan", "note"], rounded_m: 10 });
  receiver.gives(10, 20);

  const first = recording.record({ kind: "scan", stream: "block", sample: 0, code: "sits" });
  recording.record({ kind: "scan", stream: "block", sample: 0, code: "stands" });
  recording.record({ kind: "scan", stream: "block", sample: 1, state: "empty" });
  const note = recording.record({ kind: "note", text: "a dog" });
  await settled();

  expect(places(recording).map((event) => ("ref" in event ? [event.kind === "position" && event.of, event.ref] : []))).toEqual([
    ["scan", first.id], ["scan", expect.any(String)], ["note", note.id],
  ]);
});

test("a fix that was lost in mid-session stays with its age, and after two minutes is missing", async () => {
  const recording = begun();
  stop = recordPositions(recording, { at: ["note"] });
  receiver.gives(10, 20);
  vi.advanceTimersByTime(90_000);
  receiver.fails(2);
  recording.record({ kind: "note", text: "under the bridge" });
  await settled();
  vi.advanceTimersByTime(60_000);
  recording.record({ kind: "note", text: "still there" });
  await settled();

  expect(places(recording)).toMatchObject([{ age: 90_000 }, { state: "lost" }]);
  expect(reading(performance.now())).toBeNull();
});

test("where it was left out the receiver is not asked, and after a reload neither", () => {
  const recording = begun();
  recording.record({ kind: "position", of: "start", state: "off" });

  stop = recordPositions(recording, { at: ["start", "scan", "note"] });

  expect(receiver.asked).toBe(0);
});

test("after a reload the start is not asked for again, and leaving the session lets go of the receiver", () => {
  const recording = begun();
  recording.record({ kind: "position", of: "start", latitude: 1, longitude: 2, rounded: 100 });

  const end = recordPositions(recording, { at: ["start"], rounded_m: 1_000 });
  receiver.gives(10, 20);

  expect(places(recording)).toHaveLength(1);
  expect(receiver.options?.enableHighAccuracy).toBe(false); // a kilometre needs no satellites
  end();
  expect([receiver.cleared, fix.value, missing.value]).toEqual([[7], null, "lost"]);
});

test("a device without a receiver says so", async () => {
  Object.defineProperty(navigator, "geolocation", { value: undefined, configurable: true });
  const recording = begun();

  stop = recordPositions(recording, { at: ["start"] });
  await settled();

  expect(places(recording)).toMatchObject([{ of: "start", state: "unavailable" }]);
});
