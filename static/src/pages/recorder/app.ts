/** What the recorder's pages share: the database, the sync loop, and which page is in sight. */

import { computed, effect, signal } from "@preact/signals";
import { type Database, openDatabase } from "../../store/database";
import { storageFailed } from "../../store/failures";
import { type FrameworkRow, frameworks as readFrameworks } from "../../store/frameworks";
import { type Reference, reference as readReference } from "../../store/reference";
import { secondCopy } from "../../store/second-copy";
import { acknowledgeLoss, checkSentinel, type Loss } from "../../store/sentinel";
import { runningSessions, type SessionCard, sessionCards, tidyUp } from "../../store/sessions";
import { type Device, setSetting, setting } from "../../store/settings";
import { type SyncLater, syncLater } from "../../sync/later";
import { registerWorker, type Updates } from "../../sync/update";
import type { FrameworkDocument } from "../../core/framework";
import { applyPreferences, preferences, type Preferences, readPreferences } from "../../ui/preferences";
import { codeInAddress } from "./address";
import { watchDevice } from "./device";
import type { Live } from "./live";
import { openLive } from "./live";
import { share } from "./share";

export type Screen =
  | { readonly name: "loading" | "enrol" | "home" | "settings" }
  | { readonly name: "start"; readonly framework: string | null }
  | { readonly name: "session" }
  | { readonly name: "summary"; readonly session: string };

export const BUILD: string = document.documentElement.dataset["build"] ?? "dev";

export const screen = signal<Screen>({ name: "loading" });
export const trouble = signal<{ readonly sentence: string; readonly remedy: string } | null>(null);
export const loss = signal<Loss | null>(null);
export const device = signal<Device | null>(null);
export const reference = signal<Reference | null>(null);
export const frameworks = signal<readonly FrameworkRow[]>([]);
export const cards = signal<readonly SessionCard[]>([]);
export const observer = signal<number | null>(null);
export const live = signal<Live | null>(null);
export const copied = signal<ReadonlySet<string>>(new Set());

let opened: { readonly database: Database; readonly sync: SyncLater; readonly updates: Updates } | null = null;

/** The database and the loops; there before any page but "loading" is in sight. */
export function services(): { readonly database: Database; readonly sync: SyncLater; readonly updates: Updates } {
  if (!opened) throw new Error("The recorder's pages were asked before the database was open.");
  return opened;
}

/** Shows what went wrong. Nothing is swallowed: a promise that nobody awaits is given to this. */
export function report(error: unknown): void {
  const failure = storageFailed(error);
  console.error(error);
  trouble.value = { sentence: failure.sentence, remedy: failure.remedy };
}

export function documentOf(row: FrameworkRow): FrameworkDocument {
  return row.document as FrameworkDocument;
}

/** When this tablet last heard from the server, by either way. */
export const lastExchange = computed(() => {
  const synced = opened?.sync.status.value.lastSync ?? 0;
  return Math.max(synced, reference.value?.pulledAt ?? 0) || null;
});

export const openFrameworks = computed(() => frameworks.value.filter((row) => row.state === "open"));

export async function refresh(): Promise<void> {
  const { database } = services();
  const [known, rows, sessions] = await Promise.all([readReference(database), readFrameworks(database), sessionCards(database)]);
  reference.value = known;
  frameworks.value = rows;
  cards.value = sessions;
}

async function loadPreferences(database: Database): Promise<void> {
  const names = ["theme", "text", "hand", "glove", "sound", "vibration", "language"] as const;
  const values = await Promise.all(names.map((name) => setting(database, name)));
  const kept = Object.fromEntries(names.map((name, place) => [name, values[place]]));
  await applyPreferences(readPreferences(kept));
}

export async function changePreferences(wanted: Preferences): Promise<void> {
  const before = preferences.peek();
  await applyPreferences(wanted);
  const { database } = services();
  for (const name of Object.keys(wanted) as (keyof Preferences)[]) {
    if (before[name] !== wanted[name]) await setSetting(database, name, wanted[name]);
  }
}

export async function chooseObserver(id: number): Promise<void> {
  observer.value = id;
  await setSetting(services().database, "observer", id);
}

/** Opens the database and goes where the tablet left off: into a session that was never ended, before all else. */
export async function boot(): Promise<void> {
  watchDevice(report);
  const database = await openDatabase({ holdsOpen: () => live.peek() !== null });
  await loadPreferences(database);
  loss.value = await checkSentinel(database);
  const sync = syncLater(database, { app: BUILD });
  const updates = registerWorker({ isRecording: () => live.peek() !== null });
  opened = { database, sync, updates };
  device.value = await setting(database, "device");
  observer.value = await setting(database, "observer");
  await refresh();
  effect(() => {
    // Each finished exchange may have brought frameworks, subjects or a session's acknowledgement.
    void sync.status.value.lastSync;
    void sync.status.value.unsynced;
    refresh().catch(report);
  });
  try {
    await showFirst(database);
  } finally {
    sync.begin().catch(report);
  }
}

async function showFirst(database: Database): Promise<void> {
  const latest = (await runningSessions(database))[0];
  if (latest && (await resume(latest.id))) return;
  // A code is looked at on an enrolled tablet too: it renews the enrolment, or leads into another study.
  screen.value = { name: device.value && !codeInAddress(location.hash) ? "home" : "enrol" };
  tidyUp(database, Date.now()).catch(report);
}

export async function resume(session: string): Promise<boolean> {
  const made = await openLive(session);
  if (!made) return false;
  live.value = made;
  screen.value = { name: "session" };
  return true;
}

export async function leaveSession(session: string): Promise<void> {
  const made = live.peek();
  live.value = null;
  await made?.close();
  services().sync.noteChange();
  services().sync.now();
  await refresh();
  screen.value = { name: "summary", session };
}

/** A file of the whole session, with what is in memory only: the remedy for a lost tablet. */
export async function saveSecondCopy(session: string): Promise<void> {
  const here = live.peek();
  const memory = here?.session === session ? { header: here.recording.header, log: here.recording.situation.log } : null;
  const copy = await secondCopy(services().database, session, memory);
  if (await share(copy)) copied.value = new Set(copied.peek()).add(session);
}

export async function noteLoss(): Promise<void> {
  await acknowledgeLoss(services().database);
  loss.value = null;
}
