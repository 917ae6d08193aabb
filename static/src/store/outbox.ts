/** What the server lacks, and how its answers are written down. Nothing is removed here, only marked. */

import type { Database, Writing } from "./database";
import type { CounterRow, EventRow } from "./rows";

export interface Waiting {
  readonly session: string;
  /** the header's JSON as it is sent */
  readonly header: string;
  readonly count: number;
  readonly storedTo: number;
  readonly rows: readonly EventRow[];
}

export interface Totals {
  readonly sessions: number;
  readonly unsynced: number;
  readonly aside: number;
  readonly oldest: number | null;
}

/** What became of one event: `done` is stored or already there, `aside` has the reason. */
export type Mark =
  | { readonly seq: number; readonly kind: "done" }
  | { readonly seq: number; readonly kind: "aside"; readonly reason: string };

export async function countersOf(database: Database, session: string): Promise<CounterRow | null> {
  return (await database.read(["counters"], (transaction) => transaction.objectStore("counters").get(session))) ?? null;
}

export async function allCounters(database: Database): Promise<readonly CounterRow[]> {
  return database.read(["counters"], (transaction) => transaction.objectStore("counters").getAll());
}

/** The figures for the screen, from the counters alone: no event is read. */
export async function totals(database: Database): Promise<Totals> {
  const all = await allCounters(database);
  const oldest = all.flatMap((each) => (each.oldest === null ? [] : [each.oldest]));
  return {
    sessions: all.length,
    unsynced: all.reduce((sum, each) => sum + each.unsynced, 0),
    aside: all.reduce((sum, each) => sum + each.aside, 0),
    oldest: oldest.length > 0 ? Math.min(...oldest) : null,
  };
}

/** Unsynced events of one session in the order of seq, at most `limit`. Null when there are none. */
export async function waiting(database: Database, session: string, limit: number): Promise<Waiting | null> {
  const range = IDBKeyRange.bound([1, session, 0], [1, session, Infinity]);
  const [row, counters, rows] = await database.read(["sessions", "counters", "events"], (transaction) =>
    Promise.all([
      transaction.objectStore("sessions").get(session),
      transaction.objectStore("counters").get(session),
      transaction.objectStore("events").index("outbox").getAll(range, limit),
    ]),
  );
  if (!row || !counters || rows.length === 0) return null;
  return { session, header: row.text, count: counters.count, storedTo: counters.storedTo, rows };
}

function without(row: EventRow, mark: Mark): EventRow {
  const { session, seq, id, text } = row;
  return mark.kind === "aside" ? { session, seq, id, text, aside: mark.reason } : { session, seq, id, text };
}

async function oldestOf(transaction: Writing, session: string): Promise<number | null> {
  const range = IDBKeyRange.bound([1, session, 0], [1, session, Infinity]);
  const row = await transaction.objectStore("events").index("outbox").get(range);
  if (!row) return null;
  const wall: unknown = (JSON.parse(row.text) as { wall?: unknown }).wall;
  return typeof wall === "number" ? wall : null;
}

/**
 * Writes down what the server answered, in one transaction. A mark that is lost in a power cut is harmless:
 * the event is sent again and the server has it already. So this need not wait for the disk.
 */
export async function mark(
  database: Database,
  session: string,
  marks: readonly Mark[],
  storedTo: number,
): Promise<void> {
  await database.write(
    ["events", "counters"],
    async (transaction) => {
      const events = transaction.objectStore("events");
      const counters = await transaction.objectStore("counters").get(session);
      if (!counters) return;
      let { unsynced, aside } = counters;
      for (const each of marks) {
        const row = await events.get([session, each.seq]);
        if (!row) continue;
        if (row.outbox) unsynced -= 1;
        aside += (each.kind === "aside" ? 1 : 0) - (row.aside === undefined ? 0 : 1);
        await events.put(without(row, each));
      }
      const oldest = unsynced > 0 ? await oldestOf(transaction, session) : null;
      const reached = Math.min(Math.max(storedTo, 0), counters.count);
      await transaction.objectStore("counters").put({ ...counters, unsynced, aside, oldest, storedTo: reached });
    },
    "relaxed",
  );
}

/** Puts every event after `seq` back into the outbox: the server went back to an older state, or never had them. */
export async function sendAgain(database: Database, session: string, after: number, disputed?: string): Promise<number> {
  return database.write(["events", "counters"], async (transaction) => {
    const events = transaction.objectStore("events");
    const counters = await transaction.objectStore("counters").get(session);
    if (!counters) return 0;
    let again = 0;
    for (const row of await events.getAll(IDBKeyRange.bound([session, after + 1], [session, Infinity]))) {
      if (row.outbox) continue;
      again += 1;
      await events.put({ ...row, outbox: 1 });
    }
    await transaction.objectStore("counters").put({
      ...counters,
      unsynced: counters.unsynced + again,
      storedTo: Math.min(after, counters.storedTo),
      oldest: await oldestOf(transaction, session),
      agreed: null,
      disputed: disputed ?? counters.disputed,
    });
    return again;
  });
}

/** The texts of a session's events up to `upTo`, as they were sent: what a digest is made of. */
export async function textsOf(database: Database, session: string, upTo: number): Promise<readonly string[]> {
  const rows = await database.read(["events"], (transaction) =>
    transaction.objectStore("events").getAll(IDBKeyRange.bound([session, 1], [session, upTo])),
  );
  return rows.map((row) => row.text);
}

/** Remembers that the server holds exactly what we hold, unless a tap has come in between. */
export async function agree(database: Database, session: string, count: number, now: number): Promise<void> {
  await database.write(["counters"], async (transaction) => {
    const store = transaction.objectStore("counters");
    const counters = await store.get(session);
    if (counters && counters.count === count && counters.unsynced === 0) await store.put({ ...counters, agreed: now });
  });
}
