/** What this tablet is set to: who it is to the server, who holds it, and how it looks. */

import type { Database } from "./database";
import type { Study } from "./reference";

/** How the server knows this tablet. The token is sent in a header, and shown nowhere. */
export interface Device {
  readonly id: string;
  readonly token: string;
  readonly expires: number;
  readonly label: string;
  readonly study: Study;
}

export interface Settings {
  readonly device: Device;
  /** what this tablet was before it joined another study: sessions of that time are sent in that name */
  readonly former: readonly Device[];
  readonly observer: number;
  readonly theme: "light" | "dark" | "night" | "sun" | "system";
  readonly text: "normal" | "large" | "larger" | "largest";
  readonly hand: "left" | "right";
  readonly glove: boolean;
  readonly sound: boolean;
  readonly vibration: boolean;
  readonly language: string;
  readonly cursor: string;
  readonly lastSync: number;
  readonly clockOffset: number;
  readonly sentinel: string;
}

export async function setting<Key extends keyof Settings>(database: Database, key: Key): Promise<Settings[Key] | null> {
  const row = await database.read(["settings"], (transaction) => transaction.objectStore("settings").get(key));
  return (row?.value as Settings[Key] | undefined) ?? null;
}

export async function setSetting<Key extends keyof Settings>(
  database: Database,
  key: Key,
  value: Settings[Key],
): Promise<void> {
  await database.write(["settings"], (transaction) => transaction.objectStore("settings").put({ key, value }));
}

/** Takes on an enrolment. Who the tablet was before is kept, unless it stayed the same. */
export async function keepDevice(database: Database, device: Device): Promise<void> {
  await database.write(["settings"], async (transaction) => {
    const store = transaction.objectStore("settings");
    const before = (await store.get("device"))?.value as Device | undefined;
    const former = ((await store.get("former"))?.value as readonly Device[] | undefined) ?? [];
    const others = [...former, ...(before ? [before] : [])].filter((each) => each.id !== device.id);
    const byId = new Map(others.map((each) => [each.id, each]));
    await store.put({ key: "former", value: [...byId.values()] });
    await store.put({ key: "device", value: device });
  });
}

export async function clearSetting(database: Database, key: keyof Settings): Promise<void> {
  await database.write(["settings"], (transaction) => transaction.objectStore("settings").delete(key));
}

interface Pin {
  readonly salt: Uint8Array<ArrayBuffer>;
  readonly hash: Uint8Array<ArrayBuffer>;
}

const ROUNDS = 210_000;

async function hashOf(pin: string, salt: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  const key = await crypto.subtle.importKey("raw", new TextEncoder().encode(pin), "PBKDF2", false, ["deriveBits"]);
  const bits = await crypto.subtle.deriveBits({ name: "PBKDF2", hash: "SHA-256", salt, iterations: ROUNDS }, key, 256);
  return new Uint8Array(bits);
}

/** Sets, or with null removes, the PIN of an observer who shares this tablet. It is kept here and nowhere else. */
export async function setPin(database: Database, observer: number, pin: string | null): Promise<void> {
  const key = `pin:${observer}`;
  if (pin === null) {
    await database.write(["settings"], (transaction) => transaction.objectStore("settings").delete(key));
    return;
  }
  const salt = crypto.getRandomValues(new Uint8Array(16));
  const value: Pin = { salt, hash: await hashOf(pin, salt) };
  await database.write(["settings"], (transaction) => transaction.objectStore("settings").put({ key, value }));
}

export async function hasPin(database: Database, observer: number): Promise<boolean> {
  const row = await database.read(["settings"], (transaction) => transaction.objectStore("settings").get(`pin:${observer}`));
  return row !== undefined;
}

/** Whether this is the observer's PIN; true for anything when none is set. */
export async function pinMatches(database: Database, observer: number, pin: string): Promise<boolean> {
  const row = await database.read(["settings"], (transaction) => transaction.objectStore("settings").get(`pin:${observer}`));
  if (!row) return true;
  const kept = row.value as Pin;
  const given = await hashOf(pin, kept.salt);
  return given.length === kept.hash.length && given.every((byte, place) => byte === kept.hash[place]);
}
