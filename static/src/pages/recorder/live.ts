/** A session that is being recorded on this tablet: the log's writer, the session's clock, and the screen's recording. */

import { computed, effect, type ReadonlySignal, signal } from "@preact/signals";
import { uuidv7 } from "uuidv7";
import { eventOf, type SessionEvent, type SessionHeader } from "../../core/events";
import { indexOf } from "../../core/framework";
import type { PositionPlan } from "../../core/position";
import type { Database } from "../../store/database";
import { framework as readFramework } from "../../store/frameworks";
import { openWriter, readEvents, startSession, type Writer } from "../../store/log";
import { sessionCard } from "../../store/sessions";
import type { Banner } from "../../ui/attention";
import type { Safety } from "../../ui/recorder";
import { type Enclosed, Recording } from "../../ui/recording";
import { clockTime, say } from "../../ui/words";
import { documentOf, leaveSession, reference, report, saveSecondCopy, services } from "./app";
import { battery, keepScreenOn, letScreenSleep, LOW_STORAGE_BYTES, storage, wakeLock } from "./device";
import type { Person } from "./new-session";
import { SessionClock } from "./session-clock";

const MINUTE_MS = 60_000;
const FOLLOW_MS = 2_000;
const RESUMED_BANNER_MS = 30_000;
const CLOCK_WARNING_MS = 60_000;
const BOOT = uuidv7();

export interface Live {
  readonly session: string;
  readonly recording: Recording;
  readonly safety: Safety;
  readonly banners: ReadonlySignal<readonly Banner[]>;
  readonly setting: string;
  /** what the framework asks of the tablet's position */
  readonly plan: PositionPlan | null;
  readonly close: () => Promise<void>;
}

/** Makes the session with its first event; those met on the spot arrive in it, and that the position is left out stands there. */
export async function beginSession(database: Database, header: SessionHeader, met: readonly Person[], hasPlaceOff = false): Promise<void> {
  const clock = new SessionClock(header.started, BOOT, 0);
  const mono = performance.now();
  const first = eventOf({ kind: "open" }, uuidv7(), 1, { at: 0 }, clock.stamp(mono));
  await startSession(database, header, first);
  const writer = await openWriter(database, header.id);
  if (!writer) return;
  const saved = [
    writer.append((seq) => eventOf({ kind: "clock", reason: "start" }, uuidv7(), seq, { at: clock.at(mono) }, clock.stamp(mono))).saved,
    ...met.map((person) =>
      writer.append((seq) => eventOf({ kind: "arrive", subject: person.id, pseudonym: person.pseudonym, ...(person.actor === null ? {} : { actor: person.actor }) }, uuidv7(), seq, { at: 0 }, clock.stamp(mono))).saved,
    ),
  ];
  if (hasPlaceOff) saved.push(writer.append((seq) => eventOf({ kind: "position", of: "start", state: "off" }, uuidv7(), seq, { at: 0 }, clock.stamp(mono))).saved);
  await Promise.all(saved);
  await writer.close();
}

function namesOf(): ReadonlyMap<string, string> {
  return new Map((reference.peek()?.subjects ?? []).map((subject) => [subject.id, subject.pseudonym]));
}

function bannersOf(isReadOnly: boolean, away: ReadonlySignal<number>): ReadonlySignal<readonly Banner[]> {
  return computed(() => {
    const banners: Banner[] = [];
    const caution = (id: string, text: string): void => void banners.push({ id, look: "caution", text });
    const power = battery.value;
    const room = storage.value;
    const offset = services().sync.status.value.clockOffset;
    if (isReadOnly) caution("readonly", say("banner.readonly"));
    if (away.value > 0) caution("resumed", say("banner.resumed", { time: clockTime(away.value) }));
    if (power && !power.charging && power.level <= 0.2) {
      banners.push({ id: "battery", look: power.level <= 0.1 ? "alarm" : "caution", text: say("banner.battery", { n: Math.round(power.level * 100) }) });
    }
    if (room?.freeBytes != null && room.freeBytes < LOW_STORAGE_BYTES) {
      banners.push({ id: "storage", look: "alarm", text: say("banner.storage", { n: Math.round(room.freeBytes / 1_000_000) }) });
    }
    if (wakeLock.value === "unsupported") caution("wake", say("banner.wake"));
    if (offset !== null && Math.abs(offset) > CLOCK_WARNING_MS) caution("clock", say("banner.clock", { s: Math.round(Math.abs(offset) / 1000) }));
    return banners;
  });
}

function safetyOf(session: string, writer: Writer | null): Safety {
  const { sync } = services();
  const none = signal(0);
  return {
    unsaved: writer?.unsaved ?? none,
    unsynced: computed(() => (sync.status.value.counted ? sync.status.value.unsynced : null)),
    lastSync: computed(() => sync.status.value.lastSync),
    failure: computed(() => (writer?.failure.value ? `${writer.failure.value.sentence} ${writer.failure.value.remedy}` : null)),
    onRetry: () => void writer?.retry().catch(report),
    onSecondCopy: () => void saveSecondCopy(session).catch(report),
  };
}

/** Anchors of both clocks: at each change of visibility, each minute, at a sync, and wherever the two have parted. */
function anchorClocks(recording: Recording, clock: SessionClock): () => void {
  let hidden = document.visibilityState === "hidden";
  const isOn = (): boolean => recording.situation.ended === null && !recording.isReadOnly;
  const compare = (wasHidden: boolean): void => {
    const parted = clock.compare(wasHidden);
    if (parted) recording.record({ kind: "clock", reason: parted });
  };
  const onVisibility = (): void => {
    if (!isOn()) return;
    const isHidden = document.visibilityState === "hidden";
    if (!isHidden) compare(hidden);
    recording.record({ kind: "clock", reason: isHidden ? "hidden" : "visible" });
    hidden = isHidden;
  };
  const minute = setInterval(() => {
    if (!isOn() || hidden) return;
    compare(false);
    recording.record({ kind: "clock", reason: "minute" });
  }, MINUTE_MS);
  document.addEventListener("visibilitychange", onVisibility);
  let synced = services().sync.status.peek().clock;
  const stop = effect(() => {
    const now = services().sync.status.value.clock;
    if (!now || now === synced || !isOn()) return;
    synced = now;
    queueMicrotask(() => isOn() && recording.record({ kind: "clock", reason: "sync", server: now.server }, now.mono));
  });
  return () => {
    clearInterval(minute);
    document.removeEventListener("visibilitychange", onVisibility);
    stop();
  };
}

/** The other window records; this one looks on. */
function follow(recording: Recording, session: string): () => void {
  const timer = setInterval(() => {
    readEvents(services().database, session)
      .then((events) => recording.follow(events))
      .catch(report);
  }, FOLLOW_MS);
  return () => clearInterval(timer);
}

/** Opens a session for recording, or to look on while another window records it. Null where it is not on this tablet. */
export async function openLive(session: string): Promise<Live | null> {
  const { database, sync } = services();
  const card = await sessionCard(database, session);
  const row = card ? await readFramework(database, card.header.framework) : null;
  if (!card || !row) return null;
  const writer = await openWriter(database, session);
  const log = await readEvents(database, session);
  const after = Math.max(0, ...log.slice(-50).map((event) => event.at));
  const clock = new SessionClock(card.header.started, BOOT, after);
  const isFresh = log.every((event) => event.boot === BOOT);
  const away = signal(0);
  const recording = new Recording({
    index: indexOf(documentOf(row)),
    header: card.header,
    log,
    keeper: { append: (make, enclosed) => appendTo(writer, make, enclosed) },
    clock,
    newId: uuidv7,
    mode: "live",
    names: namesOf(),
    isReadOnly: writer === null,
    onEnd: () => void finish(session, writer).catch(report),
  });
  const stops: (() => void)[] = [];
  if (writer) {
    if (!isFresh) {
      recording.comeBack(after);
      away.value = Math.max(1, clock.at(performance.now()) - after);
      const timer = setTimeout(() => { away.value = 0; }, RESUMED_BANNER_MS);
      stops.push(() => clearTimeout(timer));
    }
    stops.push(anchorClocks(recording, clock));
    stops.push(effect(() => {
      void writer.stored.value; // after each tap that has reached the disk
      sync.noteChange();
    }));
  } else {
    stops.push(follow(recording, session));
  }
  keepScreenOn().catch(report);
  const plan = documentOf(row).position ?? null;
  if (writer && plan) {
    let isOver = false;
    stops.push(() => { isOver = true; });
    // Fetched beside the first taps, which wait for nothing.
    import("./position").then(({ recordPositions }) => { if (!isOver) stops.push(recordPositions(recording, plan)); }).catch(report);
  }
  return {
    session,
    recording,
    safety: safetyOf(session, writer),
    banners: bannersOf(writer === null, away),
    plan,
    setting: reference.peek()?.settings.find((each) => each.id === card.header.setting)?.label ?? "",
    close: async () => {
      for (const stop of stops) stop();
      await letScreenSleep();
      await writer?.close();
    },
  };
}

function appendTo(writer: Writer | null, make: (seq: number) => SessionEvent, enclosed: readonly Enclosed[] = []): { readonly event: SessionEvent; readonly saved: Promise<void> } {
  if (!writer) throw new Error("This window only looks on: another one records the session.");
  return writer.append(make, enclosed.map(({ id, type, blob }) => ({ id, type, blob })));
}

/** Leaves the session only when its end is on disk: until then the screen of the session stays. */
async function finish(session: string, writer: Writer | null): Promise<void> {
  while (writer && writer.unsaved.peek() > 0) await new Promise((resolve) => setTimeout(resolve, 20));
  await leaveSession(session);
}
