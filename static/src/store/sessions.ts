/** The sessions on this tablet, and when one of them may be forgotten. */

import type { SessionHeader } from "../core/events";
import type { Database, Writing } from "./database";
import { allFiguresIn, type Figures, FIGURES, figuresIn } from "./figures";
import { nameOf, take } from "./lock";
import type { SessionRow, StoreName } from "./rows";

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

/** A window of this tablet records it at this moment. */
export class StillRecorded extends Error {
  readonly remedy = "End the session in the window that records it, then remove it.";

  constructor() {
    super("This session is being recorded in another window. It is kept.");
    this.name = "StillRecorded";
  }
}

function cardOf(row: SessionRow, figures: Figures): SessionCard {
  const { count, unsynced, aside, storedTo, ended, lastWall, oldest, agreed } = figures;
  return { id: row.id, header: row.header, count, unsynced, aside, storedTo, ended, lastWall, oldest, agreed: agreed !== null };
}

/** All sessions on this tablet, the latest started first. */
export async function sessionCards(database: Database): Promise<readonly SessionCard[]> {
  const [rows, figures] = await database.read(["sessions", ...FIGURES], (transaction) =>
    Promise.all([transaction.objectStore("sessions").getAll(), allFiguresIn(transaction)]),
  );
  const byId = new Map(figures.map((each) => [each.session, each]));
  return rows
    .flatMap((row) => {
      const own = byId.get(row.id);
      return own ? [cardOf(row, own)] : [];
    })
    .sort((one, other) => other.header.started - one.header.started);
}

export async function sessionCard(database: Database, id: string): Promise<SessionCard | null> {
  const [row, figures] = await database.read(["sessions", ...FIGURES], (transaction) =>
    Promise.all([transaction.objectStore("sessions").get(id), figuresIn(transaction, id)]),
  );
  return row && figures ? cardOf(row, figures) : null;
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

const PARTS = [
  "sessions", "counters", "deliveries", "events", "attachments", "reference",
] as const satisfies readonly StoreName[];

const FORGOTTEN = "forgotten:";

/** Removes all of a session but the fact that it was removed on purpose. */
async function erase(transaction: Writing, id: string): Promise<void> {
  await transaction.objectStore("reference").put({ key: FORGOTTEN + id, value: true });
  await transaction.objectStore("sessions").delete(id);
  await transaction.objectStore("counters").delete(id);
  await transaction.objectStore("deliveries").delete(id);
  await transaction.objectStore("events").delete(IDBKeyRange.bound([id, 0], [id, Infinity]));
  const attachments = transaction.objectStore("attachments");
  for (const key of await attachments.index("session").getAllKeys(id)) await attachments.delete(key);
}

export interface ForgetOptions {
  readonly despiteUnsynced?: { readonly fileSaved: true };
  /** null where the browser has no Web Locks */
  readonly locks?: LockManager | null;
}

/**
 * Removes a session from the tablet. Refused with NotYetSafe until the server has it all, or a file was saved,
 * and with StillRecorded while a window writes it: a tap that came after would belong to nothing.
 */
export async function forgetSession(database: Database, id: string, options: ForgetOptions = {}): Promise<void> {
  const locks = options.locks === undefined ? globalThis.navigator?.locks : options.locks;
  const release = await take(locks, nameOf(id));
  if (!release) throw new StillRecorded();
  try {
    await database.write(PARTS, async (transaction) => {
      const figures = await figuresIn(transaction, id);
      const attached = await transaction.objectStore("attachments").index("session").getAll(id);
      const isWhole = attached.every((each) => each.state === "sent");
      const isSafe = figures === undefined || (figures.unsynced === 0 && figures.agreed !== null && isWhole);
      if (!isSafe && !options.despiteUnsynced) throw new NotYetSafe(figures.unsynced);
      await erase(transaction, id);
    });
  } finally {
    release();
  }
}

/** False when a window still has it open, which is no mistake of anybody's. */
async function isForgotten(database: Database, id: string): Promise<boolean> {
  try {
    await forgetSession(database, id);
    return true;
  } catch (problem) {
    if (problem instanceof StillRecorded) return false;
    throw problem;
  }
}

const GRACE_MS = 14 * 24 * 60 * 60 * 1000;

/** Frees ended sessions which the server has held in full, digest and all, for two weeks. How many were freed. */
export async function tidyUp(database: Database, now: number): Promise<number> {
  const [all, attached] = await database.read([...FIGURES, "attachments"], (transaction) =>
    Promise.all([allFiguresIn(transaction), transaction.objectStore("attachments").getAll()]),
  );
  const without = new Set(attached.filter((each) => each.state !== "sent").map((each) => each.session));
  const old = all.filter(
    (each) => !without.has(each.session) && each.ended && each.unsynced === 0 && each.aside === 0 && each.agreed !== null && now - each.agreed > GRACE_MS,
  );
  let freed = 0;
  for (const each of old) freed += (await isForgotten(database, each.session)) ? 1 : 0;
  return freed;
}

/** The sessions that were removed from this tablet on purpose. */
export async function forgottenSessions(database: Database): Promise<ReadonlySet<string>> {
  const keys = await database.read(["reference"], (transaction) =>
    transaction.objectStore("reference").getAllKeys(IDBKeyRange.bound(FORGOTTEN, `${FORGOTTEN}\uffff`)),
  );
  return new Set(keys.map((key) => key.slice(FORGOTTEN.length)));
}
