/** The sessions on this tablet, and when one of them may be forgotten. */

import type { SessionHeader } from "../core/events";
import type { Database, Writing } from "./database";
import type { CounterRow, SessionRow, StoreName } from "./rows";

export interface SessionCard {
  readonly id: string;
  readonly header: SessionHeader;
  readonly count: number;
  readonly unsynced: number;
  readonly aside: number;
  readonly storedTo: number;
  readonly ended: boolean;
  readonly lastWall: number;
  readonly oldest: number | null;
  /** whether the server's count and digest agree with ours */
  readonly agreed: boolean;
}

/** An event that the server kept aside for the supervisor, with the reason it gave. */
export interface Aside {
  readonly id: string;
  readonly session: string;
  readonly seq: number;
  readonly reason: string;
}

/** The server does not hold all of it yet, so the tablet keeps it. */
export class NotYetSafe extends Error {
  readonly unsynced: number;
  readonly remedy = "Wait until everything is synced, or save the session as a file first.";

  constructor(unsynced: number) {
    super(
      unsynced > 0
        ? `${unsynced} taps are only on this tablet. They are kept.`
        : "The server has not confirmed yet that it holds every tap. The session is kept.",
    );
    this.name = "NotYetSafe";
    this.unsynced = unsynced;
  }
}

function cardOf(row: SessionRow, counters: CounterRow): SessionCard {
  const { count, unsynced, aside, storedTo, ended, lastWall, oldest, agreed } = counters;
  return { id: row.id, header: row.header, count, unsynced, aside, storedTo, ended, lastWall, oldest, agreed: agreed !== null };
}

/** All sessions on this tablet, the latest started first. */
export async function sessionCards(database: Database): Promise<readonly SessionCard[]> {
  const [rows, counters] = await database.read(["sessions", "counters"], (transaction) =>
    Promise.all([transaction.objectStore("sessions").getAll(), transaction.objectStore("counters").getAll()]),
  );
  const byId = new Map(counters.map((each) => [each.session, each]));
  return rows
    .flatMap((row) => {
      const own = byId.get(row.id);
      return own ? [cardOf(row, own)] : [];
    })
    .sort((one, other) => other.header.started - one.header.started);
}

export async function sessionCard(database: Database, id: string): Promise<SessionCard | null> {
  const [row, counters] = await database.read(["sessions", "counters"], (transaction) =>
    Promise.all([transaction.objectStore("sessions").get(id), transaction.objectStore("counters").get(id)]),
  );
  return row && counters ? cardOf(row, counters) : null;
}

/** Sessions without an end: what a tablet that died goes back to. */
export async function runningSessions(database: Database): Promise<readonly SessionCard[]> {
  return (await sessionCards(database)).filter((card) => !card.ended);
}

/** What the server kept aside: of one session, or of all. */
export async function asides(database: Database, session?: string): Promise<readonly Aside[]> {
  const range = session === undefined ? null : IDBKeyRange.bound([session, ""], [session, []]);
  const rows = await database.read(["events"], (transaction) =>
    transaction.objectStore("events").index("aside").getAll(range),
  );
  return rows.map(({ id, session: of, seq, aside }) => ({ id, session: of, seq, reason: aside ?? "" }));
}

const PARTS = ["sessions", "counters", "events", "attachments", "reference"] as const satisfies readonly StoreName[];

const FORGOTTEN = "forgotten:";

/** Removes all of a session but the fact that it was removed on purpose. */
async function erase(transaction: Writing, id: string): Promise<void> {
  await transaction.objectStore("reference").put({ key: FORGOTTEN + id, value: true });
  await transaction.objectStore("sessions").delete(id);
  await transaction.objectStore("counters").delete(id);
  await transaction.objectStore("events").delete(IDBKeyRange.bound([id, 0], [id, Infinity]));
  const attachments = transaction.objectStore("attachments");
  for (const key of await attachments.index("session").getAllKeys(id)) await attachments.delete(key);
}

/** Removes a session from the tablet. Refused with NotYetSafe until the server has it all, or a file was saved. */
export async function forgetSession(
  database: Database,
  id: string,
  options: { readonly despiteUnsynced?: { readonly fileSaved: true } } = {},
): Promise<void> {
  await database.write(PARTS, async (transaction) => {
    const counters = await transaction.objectStore("counters").get(id);
    const attached = await transaction.objectStore("attachments").index("session").getAll(id);
    const isWhole = attached.every((each) => each.state === "sent");
    const isSafe = counters === undefined || (counters.unsynced === 0 && counters.agreed !== null && isWhole);
    if (!isSafe && !options.despiteUnsynced) throw new NotYetSafe(counters.unsynced);
    await erase(transaction, id);
  });
}

/** Removes every session from the tablet: all or none, with the same refusal. */
export async function forgetEverything(
  database: Database,
  options: { readonly despiteUnsynced?: { readonly fileSaved: true } } = {},
): Promise<void> {
  await database.write(PARTS, async (transaction) => {
    const all = await transaction.objectStore("counters").getAll();
    const waiting = (await transaction.objectStore("attachments").getAll()).filter((each) => each.state !== "sent");
    const without = new Set(waiting.map((each) => each.session));
    const unsafe = all.filter((each) => each.unsynced > 0 || each.agreed === null || without.has(each.session));
    const unsynced = unsafe.reduce((sum, each) => sum + each.unsynced, 0);
    if (unsafe.length > 0 && !options.despiteUnsynced) throw new NotYetSafe(unsynced);
    for (const each of all) await erase(transaction, each.session);
  });
}

const GRACE_MS = 14 * 24 * 60 * 60 * 1000;

/** Frees ended sessions which the server has held in full, digest and all, for two weeks. How many were freed. */
export async function tidyUp(database: Database, now: number): Promise<number> {
  const [all, attached] = await database.read(["counters", "attachments"], (transaction) =>
    Promise.all([transaction.objectStore("counters").getAll(), transaction.objectStore("attachments").getAll()]),
  );
  const without = new Set(attached.filter((each) => each.state !== "sent").map((each) => each.session));
  const old = all.filter(
    (each) => !without.has(each.session) && each.ended && each.unsynced === 0 && each.aside === 0 && each.agreed !== null && now - each.agreed > GRACE_MS,
  );
  for (const each of old) await forgetSession(database, each.session);
  return old.length;
}

/** The sessions that were removed from this tablet on purpose. */
export async function forgottenSessions(database: Database): Promise<ReadonlySet<string>> {
  const keys = await database.read(["reference"], (transaction) =>
    transaction.objectStore("reference").getAllKeys(IDBKeyRange.bound(FORGOTTEN, `${FORGOTTEN}\uffff`)),
  );
  return new Set(keys.map((key) => key.slice(FORGOTTEN.length)));
}
