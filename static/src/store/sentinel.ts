/** Notices when the browser has cleared our data: two marks in two places, which ought to agree. */

import type { Database } from "./database";
import { totals } from "./outbox";
import { setSetting, setting } from "./settings";

const KEY = "observe.sentinel";

interface Mark {
  readonly id: string;
  readonly sessions: number;
  readonly unsynced: number;
}

export interface Loss {
  readonly sessions: number;
  readonly unsynced: number;
  readonly sentence: string;
}

function markIn(storage: Storage): Mark | null {
  try {
    const { id, sessions, unsynced } = JSON.parse(storage.getItem(KEY) ?? "null") as Record<string, unknown>;
    if (typeof id !== "string" || typeof sessions !== "number" || typeof unsynced !== "number") return null;
    return { id, sessions, unsynced };
  } catch {
    return null; // nothing there, or nothing that we wrote
  }
}

function leave(storage: Storage, mark: Mark): void {
  try {
    storage.setItem(KEY, JSON.stringify(mark));
  } catch {
    // No room even for this: the mark is a second line, and the first one (the data) is untouched.
  }
}

function lossOf(mark: Mark): Loss {
  const held = mark.sessions === 1 ? "1 session was" : `${mark.sessions} sessions were`;
  const risk =
    mark.unsynced === 0
      ? "The server had everything."
      : `${mark.unsynced} taps had not reached the server when they were last counted.`;
  return {
    sessions: mark.sessions,
    unsynced: mark.unsynced,
    sentence: `The data on this tablet were cleared by the browser or by hand. ${held} here. ${risk}`,
  };
}

/** Null when all is as it was left. To be called at each start, before anything is written. */
export async function checkSentinel(database: Database, storage: Storage = localStorage): Promise<Loss | null> {
  const inside = await setting(database, "sentinel");
  const outside = markIn(storage);
  if (outside && inside !== outside.id && outside.sessions > 0) return lossOf(outside);
  await renew(database, storage, inside);
  return null;
}

async function renew(database: Database, storage: Storage, known: string | null): Promise<void> {
  const id = known ?? crypto.randomUUID();
  if (known === null) await setSetting(database, "sentinel", id);
  const { sessions, unsynced } = await totals(database);
  leave(storage, { id, sessions, unsynced });
}

/** The person has been told: from now on the present data are what is expected. */
export async function acknowledgeLoss(database: Database, storage: Storage = localStorage): Promise<void> {
  await renew(database, storage, await setting(database, "sentinel"));
}

/** Brings the outer mark up to date, so that a later loss can be put in figures. Cheap; called with each count. */
export async function noteTotals(database: Database, storage: Storage = localStorage): Promise<void> {
  const outside = markIn(storage);
  const inside = await setting(database, "sentinel");
  if (inside !== null && (outside === null || outside.id === inside)) await renew(database, storage, inside);
}
