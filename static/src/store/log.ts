/** The log of a session on the tablet: what is confirmed here is on disk. */

import { signal, type ReadonlySignal, type Signal } from "@preact/signals-core";
import type { SessionEvent, SessionHeader } from "../core/events";
import type { Database, Writing } from "./database";
import { StorageFailed, storageFailed } from "./failures";
import { undelivered } from "./figures";
import { nameOf, take } from "./lock";
import type { Attachment, CounterRow, EventRow } from "./rows";

/** A tap that is on its way to the disk. */
interface Held {
  readonly event: SessionEvent;
  readonly text: string;
  readonly attachments: readonly Attachment[];
  readonly saved: Promise<void>;
  readonly resolve: () => void;
  readonly reject: (problem: StorageFailed) => void;
}

export interface Appended {
  readonly event: SessionEvent;
  /** Resolves once the event is on disk. When it rejects, the event is still held and will be written. */
  readonly saved: Promise<void>;
}

export interface WriterOptions {
  /** null where the browser has no Web Locks; the check of the counter then still refuses a second writer */
  readonly locks?: LockManager | null;
  readonly retryMs?: number;
  readonly patienceMs?: number;
}

const BATCH = 200;
const RETRY_MS = 1_000;
const PATIENCE_MS = 10_000;

/** The counters after these events, which follow on from them without a gap. */
function counted(counters: CounterRow, events: readonly SessionEvent[]): CounterRow {
  const last = events.at(-1);
  if (!last) return counters;
  return {
    ...counters,
    count: last.seq,
    ended: counters.ended || events.some((event) => event.kind === "end"),
    lastWall: last.wall ?? counters.lastWall,
  };
}

function rowOf(session: string, held: Pick<Held, "event" | "text">): EventRow {
  return { session, seq: held.event.seq, id: held.event.id, text: held.text, outbox: 1 };
}

/** Makes a session with its first event: both or neither. */
export async function startSession(database: Database, header: SessionHeader, open: SessionEvent): Promise<void> {
  const row = rowOf(header.id, { event: open, text: JSON.stringify(open) });
  const none: CounterRow = { session: header.id, count: 0, ended: false, lastWall: header.started };
  await database.write(["sessions", "counters", "deliveries", "events"], async (transaction) => {
    await Promise.all([
      transaction.objectStore("sessions").add({ id: header.id, header, text: JSON.stringify(header) }),
      transaction.objectStore("events").add(row),
      transaction.objectStore("counters").add(counted(none, [open])),
      transaction.objectStore("deliveries").add(undelivered(header.id, open.wall ?? header.started)),
    ]);
  });
}

/** The events of a session in the order of seq, as they were recorded. */
export async function readEvents(database: Database, session: string): Promise<readonly SessionEvent[]> {
  const rows = await database.read(["events"], (transaction) =>
    transaction.objectStore("events").getAll(IDBKeyRange.bound([session, 0], [session, Infinity])),
  );
  return rows.map((row) => JSON.parse(row.text) as SessionEvent);
}

/** Adds events that follow on from these counters: a row that is there already lets the whole transaction fail. */
async function add(transaction: Writing, counters: CounterRow, batch: readonly Held[]): Promise<CounterRow> {
  const after = counted(counters, batch.map((held) => held.event));
  const writes: Promise<unknown>[] = [];
  for (const held of batch) {
    writes.push(transaction.objectStore("events").add(rowOf(counters.session, held)));
    for (const each of held.attachments) {
      writes.push(transaction.objectStore("attachments").add({ ...each, session: counters.session, event: held.event.id }));
    }
  }
  writes.push(transaction.objectStore("counters").put(after));
  transaction.commit();
  await Promise.all(writes);
  return after;
}

/**
 * Looks first, and adds what is not there yet. Writing the same batch again after an unclear failure is harmless;
 * a log that went on without us, or has a gap before us, is a second writer.
 */
async function addMissing(transaction: Writing, session: string, batch: readonly Held[]): Promise<CounterRow> {
  const events = transaction.objectStore("events");
  const counters = await transaction.objectStore("counters").get(session);
  if (!counters) throw new StorageFailed("unknown", new Error(`There is no session ${session} on this tablet.`));
  for (const held of batch) {
    if (held.event.seq > counters.count) break;
    const row = await events.get([session, held.event.seq]);
    if (row?.text !== held.text) throw new StorageFailed("second-writer");
  }
  const missing = batch.filter((held) => held.event.seq > counters.count);
  if (missing[0] && missing[0].event.seq !== counters.count + 1) throw new StorageFailed("second-writer");
  return add(transaction, counters, missing);
}

/** The counters as this writer left them, and on which opening of the database. */
interface Left {
  readonly counters: CounterRow;
  readonly opened: number;
}

function pause(ms: number): { readonly over: Promise<void>; readonly end: () => void } {
  let end: () => void = () => undefined;
  const over = new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, ms);
    end = () => {
      clearTimeout(timer);
      resolve();
    };
  });
  return { over, end };
}

/** The one that writes a session's log. Events reach the disk in the order of seq, whatever fails in between. */
export class Writer {
  readonly session: string;
  readonly #database: Database;
  readonly #release: () => void;
  readonly #retryMs: number;
  readonly #patienceMs: number;
  readonly #unsaved: Signal<number> = signal(0);
  readonly #failure: Signal<StorageFailed | null> = signal(null);
  readonly #stored: Signal<number>;
  readonly #queue: Held[] = [];
  #count: number;
  #draining: Promise<void> | null = null;
  #wait: { readonly end: () => void } | null = null;
  #isClosed = false;
  /** null when it is not sure how the log stands: then it is looked at before the next write */
  #left: Left | null = null;

  constructor(database: Database, session: string, count: number, release: () => void, options: WriterOptions) {
    this.session = session;
    this.#database = database;
    this.#count = count;
    this.#stored = signal(count);
    this.#release = release;
    this.#retryMs = options.retryMs ?? RETRY_MS;
    this.#patienceMs = options.patienceMs ?? PATIENCE_MS;
  }

  /** The highest seq given out, on disk or not. */
  get count(): number {
    return this.#count;
  }

  get stored(): ReadonlySignal<number> {
    return this.#stored;
  }

  get unsaved(): ReadonlySignal<number> {
    return this.#unsaved;
  }

  get failure(): ReadonlySignal<StorageFailed | null> {
    return this.#failure;
  }

  /** The events that are only in memory. */
  held(): readonly SessionEvent[] {
    return this.#queue.map((held) => held.event);
  }

  /** Gives the event its seq at once, and begins to write it. */
  append(make: (seq: number) => SessionEvent, attachments: readonly Attachment[] = []): Appended {
    if (this.#isClosed) throw new Error("This writer has been closed.");
    const event = make(this.#count + 1);
    if (event.seq !== this.#count + 1) throw new RangeError(`Event ${event.id} must have seq ${this.#count + 1}.`);
    const held = hold(event, attachments);
    this.#count = event.seq;
    this.#queue.push(held);
    this.#unsaved.value = this.#queue.length;
    this.#draining ??= this.#drain();
    return { event, saved: held.saved };
  }

  /** Tries to write what is held, now. Resolves when nothing is held any more, or when it failed again. */
  async retry(): Promise<void> {
    this.#wait?.end();
    const before = this.#failure.value;
    while (this.#queue.length > 0 && (this.#failure.value === before || this.#failure.value === null)) await pause(5).over;
  }

  /** Gives the session back once everything is on disk. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#draining;
    this.#release();
    this.#database.yieldIfAsked();
  }

  async #drain(): Promise<void> {
    await null; // taps of the same moment (two hands) share a transaction
    while (this.#queue.length > 0) {
      const batch = this.#queue.slice(0, BATCH);
      const problem = await this.#save(batch);
      if (problem) await this.#suffer(problem);
      else this.#saved(batch);
    }
    this.#draining = null;
  }

  #saved(batch: readonly Held[]): void {
    this.#queue.splice(0, batch.length);
    this.#unsaved.value = this.#queue.length;
    this.#stored.value = batch.at(-1)?.event.seq ?? this.#stored.value;
    this.#failure.value = null;
    for (const held of batch) held.resolve();
  }

  async #suffer(problem: StorageFailed): Promise<void> {
    this.#failure.value = problem;
    for (const held of this.#queue) held.reject(problem);
    const wait = pause(this.#retryMs);
    this.#wait = wait;
    await wait.over;
    this.#wait = null;
  }

  /** Null when it is on disk. A first failure is tried again at once, on a fresh connection, with a look at the log. */
  async #save(batch: readonly Held[]): Promise<StorageFailed | null> {
    const hasLooked = this.#left === null;
    try {
      await this.#write(batch);
      return null;
    } catch (problem) {
      const failure = storageFailed(problem);
      if (failure.kind === "second-writer" && hasLooked) return failure;
      this.#database.close();
    }
    try {
      await this.#write(batch);
      return null;
    } catch (problem) {
      return storageFailed(problem);
    }
  }

  async #write(batch: readonly Held[]): Promise<void> {
    const hasAttachments = batch.some((held) => held.attachments.length > 0);
    const stores = hasAttachments ? (["events", "counters", "attachments"] as const) : (["events", "counters"] as const);
    const left = this.#left;
    this.#left = null; // until this write is known to have come through
    let opened = 0;
    const write = this.#database.write(stores, (transaction) => {
      opened = this.#database.opened;
      return left?.opened === opened ? add(transaction, left.counters, batch) : addMissing(transaction, this.session, batch);
    });
    const limit = pause(this.#patienceMs);
    const late = limit.over.then(() => {
      throw new StorageFailed("slow");
    });
    late.catch(() => undefined); // when the write was faster, nobody waits for this
    try {
      this.#left = { counters: await Promise.race([write, late]), opened };
    } finally {
      write.catch(() => undefined); // a write that was given up is written again, idempotently
      limit.end();
    }
  }
}

function hold(event: SessionEvent, attachments: readonly Attachment[]): Held {
  let resolve: () => void = () => undefined;
  let reject: (problem: StorageFailed) => void = () => undefined;
  const saved = new Promise<void>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  saved.catch(() => undefined); // `failure` tells it too; a page that does not wait must not die of it
  return { event, text: JSON.stringify(event), attachments, saved, resolve, reject };
}

/** The writer of a session, or null when another window is writing it: then it is to be shown and not written. */
export async function openWriter(
  database: Database,
  session: string,
  options: WriterOptions = {},
): Promise<Writer | null> {
  const locks = options.locks === undefined ? globalThis.navigator?.locks : options.locks;
  const release = await take(locks, nameOf(session));
  if (!release) return null;
  try {
    const counters = await database.read(["counters"], (transaction) => transaction.objectStore("counters").get(session));
    if (!counters) throw new StorageFailed("unknown", new Error(`There is no session ${session} on this tablet.`));
    return new Writer(database, session, counters.count, release, options);
  } catch (problem) {
    release();
    throw problem;
  }
}
