/** Whether there is room on the tablet, and whether the browser means to keep what it is given. */

import { deleteDB, openDB } from "idb";
import { StorageFailed, storageFailed } from "./failures";

export interface Room {
  readonly used: number | null;
  readonly quota: number | null;
  readonly tight: boolean;
  readonly sentence: string | null;
}

const TIGHT_SHARE = 0.8;
const TIGHT_FREE = 200_000_000;

/** Judges an estimate. What the browser does not tell is not known, and not "enough". */
export function roomOf(used: number | undefined, quota: number | undefined): Room {
  if (used === undefined || !quota) return { used: used ?? null, quota: quota ?? null, tight: false, sentence: null };
  const free = Math.max(0, quota - used);
  const tight = used / quota >= TIGHT_SHARE || free < TIGHT_FREE;
  const megabytes = Math.round(free / 1_000_000);
  return { used, quota, tight, sentence: tight ? `Only ${megabytes} MB are left for the recorder on this tablet.` : null };
}

export async function room(): Promise<Room> {
  const estimate = await globalThis.navigator?.storage?.estimate?.();
  return roomOf(estimate?.usage, estimate?.quota);
}

/** Asks the browser never to clear our data by itself. Denied is common, and has to be shown. */
export async function askToPersist(): Promise<"granted" | "denied" | "unsupported"> {
  const storage = globalThis.navigator?.storage;
  if (!storage?.persist) return "unsupported";
  return (await storage.persisted()) || (await storage.persist()) ? "granted" : "denied";
}

/** Writes and reads one row for real: null when this window can keep data. To be asked before a session starts. */
export async function canRecordHere(): Promise<StorageFailed | null> {
  const name = `observe-trial-${Math.random().toString(36).slice(2)}`;
  try {
    if (typeof indexedDB === "undefined") return new StorageFailed("unavailable");
    const trial = await openDB(name, 1, { upgrade: (connection) => void connection.createObjectStore("trial") });
    await trial.put("trial", "kept", 1);
    const kept: unknown = await trial.get("trial", 1);
    trial.close();
    await deleteDB(name);
    return kept === "kept" ? null : new StorageFailed("unavailable");
  } catch (problem) {
    const failure = storageFailed(problem);
    return failure.kind === "quota" ? failure : new StorageFailed("unavailable", problem);
  }
}
