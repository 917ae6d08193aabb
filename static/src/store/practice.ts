/** Agreed codings to practise against, as the server offers them. They are no sessions: nothing of them is ever sent. */

import type { SessionEvent } from "../core/events";
import type { Database } from "./database";

/** One of the server's list. `streams` are those that were settled; none named: all of the framework. */
export interface Offered {
  readonly id: string;
  readonly title: string;
  readonly hint: string;
  readonly framework: string;
  readonly happening: string | null;
  readonly streams: readonly string[];
  /** ms */
  readonly length: number;
  readonly count: number;
  readonly size: number;
}

/** What one says: who is told apart in it, and what was seen. */
export interface Standard {
  readonly header: { readonly framework: string; readonly subjects: readonly string[] };
  readonly events: readonly SessionEvent[];
}

/** The server holds itself to this as well. What says that it is larger is not fetched. */
export const MOST_BYTES = 1_000_000;

const LIST = "practice";
const one = (id: string): string => `${LIST}/${id}`;
const of = (session: string): string => `practised/${session}`;

/** Takes over what the server offers, drops what it does not offer any more, and says what is still to be fetched. */
export async function keepOffered(database: Database, listed: readonly Offered[]): Promise<readonly Offered[]> {
  return database.write(["reference"], async (transaction) => {
    const store = transaction.objectStore("reference");
    const wanted = new Set(listed.map(({ id }) => one(id)));
    const there = new Set<string>();
    for (const key of await store.getAllKeys(IDBKeyRange.bound(one(""), one("\uffff")))) {
      if (wanted.has(key)) there.add(key);
      else await store.delete(key);
    }
    await store.put({ key: LIST, value: listed });
    return listed.filter(({ id, size }) => !there.has(one(id)) && size <= MOST_BYTES);
  });
}

export async function keepStandard(database: Database, id: string, value: Standard): Promise<void> {
  await database.write(["reference"], (transaction) => transaction.objectStore("reference").put({ key: one(id), value }));
}

/** Those for this version of a framework that are on the tablet, and how many more are to come. */
export async function offeredFor(database: Database, framework: string): Promise<{ readonly here: readonly Offered[]; readonly coming: number }> {
  return database.read(["reference"], async (transaction) => {
    const store = transaction.objectStore("reference");
    const listed = (((await store.get(LIST))?.value as readonly Offered[] | undefined) ?? []).filter((each) => each.framework === framework);
    const keys = new Set(await store.getAllKeys(IDBKeyRange.bound(one(""), one("\uffff"))));
    const here = listed.filter(({ id }) => keys.has(one(id)));
    return { here, coming: listed.length - here.length };
  });
}

/** With what the list says of it; null where it is not here (any more). */
export async function standard(database: Database, id: string): Promise<(Offered & Standard) | null> {
  return database.read(["reference"], async (transaction) => {
    const store = transaction.objectStore("reference");
    const listed = ((await store.get(LIST))?.value as readonly Offered[] | undefined)?.find((each) => each.id === id);
    const value = (await store.get(one(id)))?.value as Standard | undefined;
    return listed && value ? { ...listed, ...value } : null;
  });
}

/** Remembers what a practice session is held against, so that the summary knows it days later. */
export async function keepPractised(database: Database, session: string, id: string): Promise<void> {
  await database.write(["reference"], (transaction) => transaction.objectStore("reference").put({ key: of(session), value: id }));
}

export async function practised(database: Database, session: string): Promise<(Offered & Standard) | null> {
  const row = await database.read(["reference"], (transaction) => transaction.objectStore("reference").get(of(session)));
  return typeof row?.value === "string" ? standard(database, row.value) : null;
}
