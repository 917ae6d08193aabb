import { forceCloseDatabase } from "fake-indexeddb";
import { deleteDB, openDB, unwrap } from "idb";
import { afterEach, describe, expect, it } from "vitest";
import { Database } from "../../../static/src/store/database";
import { openWriter, readEvents, startSession } from "../../../static/src/store/log";
import { attachmentsOf } from "../../../static/src/store/attachments";
import { agree, mark, totals } from "../../../static/src/store/outbox";
import { sessionCard } from "../../../static/src/store/sessions";
import {
  begun, ending, FakeLocks, freshDatabase, freshName, headerOf, opening, STARTED, tap, until, writerOf,
} from "./stage";

const realTransaction = IDBDatabase.prototype.transaction;
const realAdd = IDBObjectStore.prototype.add;

afterEach(() => {
  IDBDatabase.prototype.transaction = realTransaction;
  IDBObjectStore.prototype.add = realAdd;
});

/** Lets every write fail on commit, as a full disk does. */
function fillTheDisk(): void {
  IDBObjectStore.prototype.add = function (): never {
    this.transaction.abort();
    throw new DOMException("The disk is full.", "QuotaExceededError");
  };
}

describe("a tap", () => {
  it("is there for a second connection as soon as it is confirmed (F1)", async () => {
    const name = freshName();
    const database = new Database({ name });
    const session = await begun(database);
    const writer = await writerOf(database, session);

    await writer.append(tap("listens", 1_000)).saved;

    const other = new Database({ name });
    expect((await readEvents(other, session)).map((event) => [event.seq, event.kind])).toEqual([[1, "open"], [2, "point"]]);
    expect(await sessionCard(other, session)).toMatchObject({ count: 2, unsynced: 2, ended: false, oldest: STARTED });
  });

  it("is written with strict durability, every single one (F2)", async () => {
    const asked: (string | undefined)[] = [];
    IDBDatabase.prototype.transaction = function (stores, mode, options) {
      if (mode === "readwrite") asked.push(options?.durability);
      return realTransaction.call(this, stores, mode, options);
    };
    const database = freshDatabase();
    const writer = await writerOf(database, await begun(database));

    await writer.append(tap("a", 1)).saved;
    await writer.append(tap("b", 2)).saved;

    expect(asked).toEqual(["strict", "strict", "strict"]);
  });

  it("never counts rows on its way", async () => {
    const realCount = IDBObjectStore.prototype.count;
    IDBObjectStore.prototype.count = () => {
      throw new Error("count() on the way of a tap");
    };
    try {
      const database = freshDatabase();
      const writer = await writerOf(database, await begun(database));
      await writer.append(tap("a", 1)).saved;
      expect(writer.stored.value).toBe(2);
    } finally {
      IDBObjectStore.prototype.count = realCount;
    }
  });

  it("reads nothing before it is written, once the log has been looked at", async () => {
    const database = freshDatabase();
    const writer = await writerOf(database, await begun(database));
    await writer.append(tap("a", 1)).saved;
    const realGet = IDBObjectStore.prototype.get;
    IDBObjectStore.prototype.get = () => {
      throw new Error("get() on the way of a tap");
    };
    try {
      await writer.append(tap("b", 2)).saved;
      expect(writer.stored.value).toBe(3);
    } finally {
      IDBObjectStore.prototype.get = realGet;
    }
  });

  it("goes into no other data than those it began in: where they were cleared, it is held", async () => {
    const name = freshName();
    const database = new Database({ name });
    const session = await begun(database);
    const writer = await writerOf(database, session);
    await writer.append(tap("a", 1)).saved;
    database.close();
    await deleteDB(name);

    await expect(writer.append(tap("b", 2)).saved).rejects.toMatchObject({ kind: "unknown" });

    expect(writer.held().map((event) => event.seq)).toEqual([3]);
    expect(await readEvents(new Database({ name }), session)).toEqual([]);
    expect(await totals(new Database({ name }))).toMatchObject({ sessions: 0, unsynced: 0 });
  });

  it("leaves what the server answers in between alone, and the other way round", async () => {
    const database = freshDatabase();
    const session = await begun(database);
    const writer = await writerOf(database, session);
    await writer.append(tap("a", 1)).saved;

    const sent = mark(database, session, [{ seq: 1, kind: "done" }, { seq: 2, kind: "done" }], 2);
    const tapped = writer.append(tap("b", 2)).saved;
    await Promise.all([sent, tapped]);

    expect(await sessionCard(database, session)).toMatchObject({ count: 3, unsynced: 1, storedTo: 2, oldest: STARTED + 2 });
    await mark(database, session, [{ seq: 3, kind: "done" }], 3);
    await agree(database, session, 3, STARTED);
    expect(await sessionCard(database, session)).toMatchObject({ unsynced: 0, oldest: null, agreed: true });
    await writer.append(tap("c", 3)).saved;
    expect(await sessionCard(database, session)).toMatchObject({ unsynced: 1, oldest: STARTED + 3, agreed: false });
  });

  it("has its seq at once, and is unsaved until it is on disk", async () => {
    const database = freshDatabase();
    const writer = await writerOf(database, await begun(database));

    const { event, saved } = writer.append(tap("a", 5));

    expect([event.seq, writer.unsaved.value, writer.stored.value]).toEqual([2, 1, 1]);
    await saved;
    expect([writer.unsaved.value, writer.stored.value]).toEqual([0, 2]);
  });

  it("of two hands at the same moment counts twice, in order and without a gap", async () => {
    const database = freshDatabase();
    const session = await begun(database);
    const writer = await writerOf(database, session);

    await Promise.all(Array.from({ length: 300 }, (_, n) => writer.append(tap(`c${n}`, n)).saved));

    const events = await readEvents(database, session);
    expect(events.map((event) => event.seq)).toEqual(Array.from({ length: 301 }, (_, n) => n + 1));
  });

  it("that would leave a gap is a mistake of ours, and is refused before anything is written", async () => {
    const database = freshDatabase();
    const writer = await writerOf(database, await begun(database));

    expect(() => writer.append(() => tap("a", 1)(7))).toThrow(RangeError);
    expect([writer.count, writer.unsaved.value]).toEqual([1, 0]);
  });

  it("and its voice note are one transaction: both or neither (F32)", async () => {
    const database = freshDatabase();
    const session = await begun(database);
    const writer = await writerOf(database, session);
    const voice = { id: "v1", type: "audio/webm", blob: new Blob(["hm"]) };

    const { event, saved } = writer.append(tap("a", 1), [voice]);
    await saved;

    expect((await attachmentsOf(database, session)).map((each) => [each.id, each.event])).toEqual([["v1", event.id]]);
    const again = writer.append(tap("b", 2), [voice]); // the same id cannot be kept twice
    await expect(again.saved).rejects.toMatchObject({ name: "StorageFailed" });
    expect((await sessionCard(database, session))?.count).toBe(2);
  });
});

describe("a connection that the system closes under the page (F4)", () => {
  it("is opened again, and the tap is not lost", async () => {
    const name = freshName();
    const database = new Database({ name });
    const session = await begun(database);
    const writer = await writerOf(database, session);
    const seen: IDBDatabase[] = [];
    IDBDatabase.prototype.transaction = function (stores, mode, options) {
      seen.push(this);
      return realTransaction.call(this, stores, mode, options);
    };
    await writer.append(tap("before", 1)).saved;

    forceCloseDatabase(seen[0] as never);
    await writer.append(tap("after", 2)).saved;

    expect((await readEvents(database, session)).map((event) => event.kind)).toEqual(["open", "point", "point"]);
    expect(writer.failure.value).toBeNull();
  });

  it("in the middle of a write costs nothing", async () => {
    const database = freshDatabase();
    const session = await begun(database);
    const writer = await writerOf(database, session);
    let isFirst = true;
    IDBDatabase.prototype.transaction = function (stores, mode, options) {
      const transaction = realTransaction.call(this, stores, mode, options);
      if (isFirst && mode === "readwrite") {
        isFirst = false;
        queueMicrotask(() => forceCloseDatabase(this as never));
      }
      return transaction;
    };

    await writer.append(tap("a", 1)).saved;

    expect((await readEvents(database, session)).map((event) => event.seq)).toEqual([1, 2]);
  });

  it("after the data were written, but before we heard of it, writes nothing twice", async () => {
    const database = freshDatabase();
    const session = await begun(database);
    const writer = await writerOf(database, session);
    const realCommit = IDBTransaction.prototype.commit;
    let isFirst = true;
    const realWrite = database.write.bind(database);
    database.write = async (...args: Parameters<typeof realWrite>) => {
      const result = await realWrite(...args);
      if (isFirst) {
        isFirst = false;
        throw new DOMException("The connection was lost.", "AbortError");
      }
      return result as never;
    };

    await writer.append(tap("a", 1)).saved;

    IDBTransaction.prototype.commit = realCommit;
    expect((await readEvents(database, session)).map((event) => event.seq)).toEqual([1, 2]);
    expect((await sessionCard(database, session))?.unsynced).toBe(2);
  });

  it("and that cannot be opened again holds the taps in memory, red, until it can", async () => {
    const database = freshDatabase();
    const session = await begun(database);
    const writer = await writerOf(database, session);
    IDBDatabase.prototype.transaction = () => {
      throw new DOMException("The connection is closing.", "InvalidStateError");
    };

    const first = writer.append(tap("a", 1));
    await expect(first.saved).rejects.toMatchObject({ name: "StorageFailed", kind: "closed" });
    writer.append(tap("b", 2));

    expect(writer.unsaved.value).toBe(2);
    expect(writer.failure.value?.kind).toBe("closed");
    expect(writer.held().map((event) => event.seq)).toEqual([2, 3]);

    IDBDatabase.prototype.transaction = realTransaction;
    await writer.retry();
    expect([writer.unsaved.value, writer.failure.value, writer.stored.value]).toEqual([0, null, 3]);
    expect((await readEvents(database, session)).map((event) => event.seq)).toEqual([1, 2, 3]);
  });

  it("and never answers is given up, shown, and written once it answers", async () => {
    const database = freshDatabase();
    const session = await begun(database);
    const writer = await writerOf(database, session, { patienceMs: 30 });
    const realWrite = database.write.bind(database);
    database.write = () => new Promise(() => undefined);

    await expect(writer.append(tap("a", 1)).saved).rejects.toMatchObject({ kind: "slow" });

    database.write = realWrite;
    await until(() => writer.unsaved.value === 0);
    expect((await readEvents(database, session)).map((event) => event.seq)).toEqual([1, 2]);
  });
});

describe("a full tablet (F5)", () => {
  it("is never reported as success, and loses nothing once there is room", async () => {
    const database = freshDatabase();
    const session = await begun(database);
    const writer = await writerOf(database, session);
    fillTheDisk();

    const { saved } = writer.append(tap("a", 1));
    await expect(saved).rejects.toMatchObject({ kind: "quota" });
    expect(writer.failure.value?.remedy).toContain("save this session as a file");
    expect((await sessionCard(database, session))?.count).toBe(1);

    IDBObjectStore.prototype.add = realAdd;
    await until(() => writer.unsaved.value === 0);
    expect((await sessionCard(database, session))?.count).toBe(2);
  });
});

describe("two windows of one session (F29)", () => {
  it("have one writer: the second is refused until the first has closed", async () => {
    const database = freshDatabase();
    const session = await begun(database);
    const locks = new FakeLocks().asLockManager;

    const first = await openWriter(database, session, { locks });
    expect(await openWriter(database, session, { locks })).toBeNull();

    await first?.append(tap("a", 1)).saved;
    await first?.close();
    const second = await openWriter(database, session, { locks });
    expect(second?.count).toBe(2);
  });

  it("cannot write over each other where the browser has no locks", async () => {
    const database = freshDatabase();
    const session = await begun(database);
    const first = await writerOf(database, session);
    const second = await writerOf(database, session);

    await first.append(tap("first", 1)).saved;
    await expect(second.append(tap("second", 1)).saved).rejects.toMatchObject({ kind: "second-writer" });

    const events = await readEvents(database, session);
    expect(events.map((event) => ("code" in event ? event.code : null))).toEqual([null, "first"]);
    expect(second.held()).toHaveLength(1);
  });
});

describe("a session", () => {
  it("begins with its first event or not at all", async () => {
    const database = freshDatabase();
    const session = await begun(database);

    await expect(startSession(database, headerOf(session), opening())).rejects.toThrow();
    expect((await sessionCard(database, session))?.count).toBe(1);
  });

  it("ends in the transaction of its end event, and stays readable in every byte (F31)", async () => {
    const database = freshDatabase();
    const session = await begun(database);
    const writer = await writerOf(database, session);
    const words = "=1+1\u0000 \u202Eabc 👩‍👩‍👧 \"\n".repeat(500) + "\uD800";

    await writer.append((seq) => ({ id: "n", seq, at: 1, wall: STARTED, kind: "note", text: words })).saved;
    await writer.append(ending(9_000)).saved;

    const [, note, end] = await readEvents(database, session);
    expect(note).toMatchObject({ kind: "note", text: words });
    expect(end).toMatchObject({ kind: "end", count: 3 });
    expect((await sessionCard(database, session))?.ended).toBe(true);
  });

  it("keeps the text of an event exactly as it will be sent", async () => {
    const name = freshName();
    const database = new Database({ name });
    const session = await begun(database);
    const writer = await writerOf(database, session);
    const { event, saved } = writer.append(tap("a", 5));
    await saved;

    const connection = await openDB(name);
    const row: unknown = await connection.get("events", [session, 2]);
    expect(row).toEqual({ session, seq: 2, id: event.id, text: JSON.stringify(event), outbox: 1 });
    unwrap(connection).close();
  });
});
