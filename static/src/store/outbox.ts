/** What the server lacks, and how its answers are written down. Nothing is removed here, only marked. */

import type { Database } from "./database";
import { allFiguresIn, type Figures, FIGURES, figuresIn, oldestWaiting } from "./figures";
import type { EventRow } from "./rows";

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

export async function figuresOf(database: Database, session: string): Promise<Figures | null> {
  return (await database.read(FIGURES, (transaction) => figuresIn(transaction, session))) ?? null;
}

export async function allFigures(database: Database): Promise<readonly Figures[]> {
  return database.read(FIGURES, allFiguresIn);
}

/** The figures for the screen: no event is counted. */
export async function totals(database: Database): Promise<Totals> {
  const all = await allFigures(database);
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
  const [row, figures, rows] = await database.read(["sessions", ...FIGURES], (transaction) =>
    Promise.all([
      transaction.objectStore("sessions").get(session),
      figuresIn(transaction, session),
      transaction.objectStore("events").index("outbox").getAll(range, limit),
    ]),
  );
  if (!row || !figures || rows.length === 0) return null;
  return { session, header: row.text, count: figures.count, storedTo: figures.storedTo, rows };
}

function without(row: EventRow, mark: Mark): EventRow {
  const { session, seq, id, text } = row;
  return mark.kind === "aside" ? { session, seq, id, text, aside: mark.reason } : { session, seq, id, text };
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
    ["events", "counters", "deliveries"],
    async (transaction) => {
      const events = transaction.objectStore("events");
      const deliveries = transaction.objectStore("deliveries");
      const [counters, delivery] = await Promise.all([
        transaction.objectStore("counters").get(session),
        deliveries.get(session),
      ]);
      if (!counters || !delivery) return;
      let { settled, aside } = delivery;
      for (const each of marks) {
        const row = await events.get([session, each.seq]);
        if (!row) continue;
        if (row.outbox) settled += 1;
        aside += (each.kind === "aside" ? 1 : 0) - (row.aside === undefined ? 0 : 1);
        await events.put(without(row, each));
      }
      const oldest = settled < counters.count ? await oldestWaiting(transaction, session) : null;
      const reached = Math.min(Math.max(storedTo, 0), counters.count);
      await deliveries.put({ ...delivery, settled, aside, oldest, storedTo: reached });
    },
    "relaxed",
  );
}

/** Puts every event after `seq` back into the outbox: the server went back to an older state, or never had them. */
export async function sendAgain(database: Database, session: string, after: number, disputed?: string): Promise<number> {
  return database.write(["events", "deliveries"], async (transaction) => {
    const events = transaction.objectStore("events");
    const deliveries = transaction.objectStore("deliveries");
    const delivery = await deliveries.get(session);
    if (!delivery) return 0;
    let again = 0;
    for (const row of await events.getAll(IDBKeyRange.bound([session, after + 1], [session, Infinity]))) {
      if (row.outbox) continue;
      again += 1;
      await events.put({ ...row, outbox: 1 });
    }
    await deliveries.put({
      ...delivery,
      settled: delivery.settled - again,
      storedTo: Math.min(after, delivery.storedTo),
      oldest: await oldestWaiting(transaction, session),
      agreed: null,
      disputed: disputed ?? delivery.disputed,
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
  await database.write(["counters", "deliveries"], async (transaction) => {
    const deliveries = transaction.objectStore("deliveries");
    const [counters, delivery] = await Promise.all([
      transaction.objectStore("counters").get(session),
      deliveries.get(session),
    ]);
    if (!delivery || counters?.count !== count || delivery.settled !== count) return;
    await deliveries.put({ ...delivery, agreed: { at: now, count } });
  });
}
