/** The figures of a session, from what its log and what the server say; no event is counted for them. */

import type { Reading, Writing } from "./database";
import type { CounterRow, DeliveryRow } from "./rows";

export interface Figures {
  readonly session: string;
  readonly count: number;
  readonly ended: boolean;
  readonly lastWall: number;
  readonly unsynced: number;
  readonly aside: number;
  /** up to this seq the server holds every event */
  readonly storedTo: number;
  /** wall clock of the oldest event that the server lacks */
  readonly oldest: number | null;
  /** when the server's count and digest last agreed with ours as they are now, ms since 1970 */
  readonly agreed: number | null;
  readonly disputed: string | null;
}

/** Any transaction over `FIGURES`, and perhaps over more. */
type Looking = Reading | Writing;

/** The stores from which the figures are read. */
export const FIGURES = ["counters", "deliveries", "events"] as const;

/** What is known before the server was heard of. */
export function undelivered(session: string, started: number): DeliveryRow {
  return { session, settled: 0, aside: 0, storedTo: 0, oldest: started, agreed: null, disputed: null };
}

/** Wall clock of the oldest event of a session that waits to be sent. */
export async function oldestWaiting(looking: Looking, session: string): Promise<number | null> {
  const range = IDBKeyRange.bound([1, session, 0], [1, session, Infinity]);
  const row = await looking.objectStore("events").index("outbox").get(range);
  if (!row) return null;
  const wall: unknown = (JSON.parse(row.text) as { wall?: unknown }).wall;
  return typeof wall === "number" ? wall : null;
}

async function figuresFrom(looking: Looking, counters: CounterRow, delivery: DeliveryRow): Promise<Figures> {
  const { session, count, ended, lastWall } = counters;
  const { settled, aside, storedTo, agreed, disputed } = delivery;
  const unsynced = count - settled;
  const known = unsynced > 0 ? delivery.oldest : null;
  const oldest = unsynced > 0 && known === null ? await oldestWaiting(looking, session) : known;
  return {
    session, count, ended, lastWall, unsynced, aside, storedTo, oldest, disputed,
    agreed: unsynced === 0 && agreed?.count === count ? agreed.at : null,
  };
}

/** Undefined when this tablet does not hold the session. */
export async function figuresIn(looking: Looking, session: string): Promise<Figures | undefined> {
  const [counters, delivery] = await Promise.all([
    looking.objectStore("counters").get(session),
    looking.objectStore("deliveries").get(session),
  ]);
  return counters && delivery && figuresFrom(looking, counters, delivery);
}

/** Of every session on the tablet. */
export async function allFiguresIn(looking: Looking): Promise<readonly Figures[]> {
  const [counters, deliveries] = await Promise.all([
    looking.objectStore("counters").getAll(),
    looking.objectStore("deliveries").getAll(),
  ]);
  const bySession = new Map(deliveries.map((each) => [each.session, each]));
  const found = counters.map((each) => {
    const delivery = bySession.get(each.session);
    return delivery ? [figuresFrom(looking, each, delivery)] : [];
  });
  return Promise.all(found.flat());
}
