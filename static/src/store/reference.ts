/** What the study knows: its observers, subjects and settings, as the server last told. */

import type { Database } from "./database";

export interface Study {
  readonly id: number;
  readonly slug: string;
  readonly title: string;
}

export interface Observer {
  readonly id: number;
  readonly name: string;
}

/** Someone under observation, by pseudonym. */
export interface Subject {
  readonly id: string;
  readonly pseudonym: string;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly active: boolean;
}

export interface Setting {
  readonly id: string;
  readonly label: string;
}

export interface Reference {
  readonly study: Study;
  readonly observers: readonly Observer[];
  readonly subjects: readonly Subject[];
  readonly settings: readonly Setting[];
  readonly pulledAt: number;
}

const KEY = "study";

/** Null on a tablet that has not been enrolled, or has not reached the server since. */
export async function reference(database: Database): Promise<Reference | null> {
  const row = await database.read(["reference"], (transaction) => transaction.objectStore("reference").get(KEY));
  return (row?.value as Reference | undefined) ?? null;
}

export async function keepReference(database: Database, value: Reference): Promise<void> {
  await database.write(["reference"], (transaction) => transaction.objectStore("reference").put({ key: KEY, value }));
}
