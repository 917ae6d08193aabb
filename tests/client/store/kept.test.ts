import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { digestOf } from "../../../static/src/store/digest";
import { framework, frameworks, keepFrameworks } from "../../../static/src/store/frameworks";
import { agree, mark } from "../../../static/src/store/outbox";
import { openWriter } from "../../../static/src/store/log";
import { canRecordHere, roomOf } from "../../../static/src/store/room";
import { secondCopy } from "../../../static/src/store/second-copy";
import { acknowledgeLoss, checkSentinel, noteTotals } from "../../../static/src/store/sentinel";
import { forgetSession, NotYetSafe, runningSessions, sessionCards, tidyUp } from "../../../static/src/store/sessions";
import { pinMatches, setPin } from "../../../static/src/store/settings";
import { begun, ending, FakeLocks, FakeStorage, freshDatabase, headerOf, opening, STARTED, tap, writerOf } from "./stage";

const DAY = 24 * 60 * 60_000;

describe("removing what is on the tablet (F34)", () => {
  it("is refused while a tap is only here, and says how many are", async () => {
    const database = freshDatabase();
    const session = await begun(database);

    await expect(forgetSession(database, session)).rejects.toThrow("1 taps are only on this tablet");
    await expect(forgetSession(database, session)).rejects.toBeInstanceOf(NotYetSafe);
    expect(await sessionCards(database)).toHaveLength(1);
  });

  it("is refused while the server has them all, but its digest has not been compared", async () => {
    const database = freshDatabase();
    const session = await begun(database);
    await mark(database, session, [{ seq: 1, kind: "done" }], 1);

    await expect(forgetSession(database, session)).rejects.toThrow("has not confirmed");
    await agree(database, session, 1, STARTED);
    await forgetSession(database, session);
    expect(await sessionCards(database)).toEqual([]);
  });

  it("is refused while a window records it, though a file was saved: the next tap would belong to nothing", async () => {
    const database = freshDatabase();
    const session = await begun(database);
    const locks = new FakeLocks() as unknown as LockManager;
    const writer = await openWriter(database, session, { locks });

    const forced = { despiteUnsynced: { fileSaved: true }, locks } as const;
    await expect(forgetSession(database, session, forced)).rejects.toThrow("recorded in another window");
    await writer?.append(tap("goes on", 1)).saved;
    await writer?.close();
    await forgetSession(database, session, forced);
    expect(await sessionCards(database)).toEqual([]);
  });

  it("is done when a file has been saved first", async () => {
    const database = freshDatabase();
    const session = await begun(database);

    await forgetSession(database, session, { despiteUnsynced: { fileSaved: true } });

    expect(await sessionCards(database)).toEqual([]);
  });

  it("happens by itself only two weeks after the server agreed, and only to ended sessions", async () => {
    const database = freshDatabase();
    const running = await begun(database);
    await mark(database, running, [{ seq: 1, kind: "done" }], 1);
    await agree(database, running, 1, STARTED);
    const ended = await begun(database);
    const writer = await writerOf(database, ended);
    await writer.append(ending(1)).saved;
    await mark(database, ended, [{ seq: 1, kind: "done" }, { seq: 2, kind: "done" }], 2);
    await agree(database, ended, 2, STARTED);

    expect(await tidyUp(database, STARTED + 13 * DAY)).toBe(0);
    expect(await tidyUp(database, STARTED + 15 * DAY)).toBe(1);
    expect((await runningSessions(database)).map((card) => card.id)).toEqual([running]);
  });

  it("is not made safe by an agreement on fewer taps than there are", async () => {
    const database = freshDatabase();
    const session = await begun(database);
    await mark(database, session, [{ seq: 1, kind: "done" }], 1);
    const writer = await writerOf(database, session);
    await writer.append(tap("a", 1)).saved;

    await agree(database, session, 1, STARTED);

    expect((await sessionCards(database))[0]?.agreed).toBe(false);
  });
});

describe("the file of a session", () => {
  it("holds header, events exactly as recorded, count and the digest that the server would give", async () => {
    const database = freshDatabase();
    const session = await begun(database);
    const writer = await writerOf(database, session);
    const { event, saved } = writer.append(tap("=cmd", 1));
    await saved;

    const { name, text } = await secondCopy(database, session);

    const file = JSON.parse(text) as { schema: string; header: { id: string }; count: number; digest: string; events: unknown[] };
    expect(name).toMatch(/^2026-09-21-\d{4}-[0-9a-f]{8}\.observe\.json$/);
    expect(file).toMatchObject({ schema: "observe-session/1", header: { id: session }, count: 2 });
    expect(file.events[1]).toEqual(event);
    expect(text).toContain(`\n${JSON.stringify(event)}\n`);
    const hashes = file.events.map((each) => createHash("sha256").update(JSON.stringify(each)).digest());
    expect(file.digest).toBe(createHash("sha256").update(Buffer.concat(hashes)).digest("hex"));
  });

  it("holds the taps that are only in memory too, each once", async () => {
    const database = freshDatabase();
    const session = await begun(database);
    const held = [tap("a", 1)(1), tap("b", 2)(2), tap("c", 3)(3)];

    const { text } = await secondCopy(database, session, { header: headerOf(session), log: held });

    expect((JSON.parse(text) as { events: { seq: number }[] }).events.map((event) => event.seq)).toEqual([1, 2, 3]);
  });

  it("comes from the page's memory where the storage was cleared in mid-session, with the same ids and texts", async () => {
    const cleared = freshDatabase();
    const header = headerOf("0198c0de-0000-7000-8000-000000000001");
    const log = [opening(), tap("a", 1)(2), tap("b", 2)(3)];

    const { name, text } = await secondCopy(cleared, header.id, { header, log });

    expect(name).toMatch(/-00000001\.observe\.json$/);
    expect(JSON.parse(text)).toMatchObject({ schema: "observe-session/1", header, count: 3, events: log });
    expect(text).toContain(`${JSON.stringify(log[1])},\n${JSON.stringify(log[2])}`);
    await expect(secondCopy(cleared, header.id)).rejects.toThrow("There is no session");
  });

  it("has the digest of docs/reference/sync.md for no events, too", async () => {
    expect(await digestOf([])).toBe("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  });
});

describe("storage that was cleared (F6)", () => {
  it("is noticed, with what was there and what was at risk, until it is acknowledged", async () => {
    const storage = new FakeStorage();
    const before = freshDatabase();
    expect(await checkSentinel(before, storage)).toBeNull();
    await begun(before);
    await noteTotals(before, storage);

    const cleared = freshDatabase();
    const loss = await checkSentinel(cleared, storage);
    expect(loss).toMatchObject({ sessions: 1, unsynced: 1 });
    expect(loss?.sentence).toContain("1 taps had not reached the server");
    expect(await checkSentinel(cleared, storage)).not.toBeNull();

    await acknowledgeLoss(cleared, storage);
    expect(await checkSentinel(cleared, storage)).toBeNull();
  });

  it("is not suspected when all is as it was, nor when only the small mark went", async () => {
    const storage = new FakeStorage();
    const database = freshDatabase();
    await checkSentinel(database, storage);
    await begun(database);
    await noteTotals(database, storage);

    expect(await checkSentinel(database, storage)).toBeNull();
    storage.clear();
    expect(await checkSentinel(database, storage)).toBeNull();
    expect(storage.length).toBe(1);
  });

  it("is not called a loss when nothing had been recorded", async () => {
    const storage = new FakeStorage();
    await checkSentinel(freshDatabase(), storage);

    expect(await checkSentinel(freshDatabase(), storage)).toBeNull();
  });
});

describe("room", () => {
  it("is tight from 80 % or under 200 MB on, and unknown is not enough said", () => {
    const mega = 1_000_000;
    expect(roomOf(7_900 * mega, 10_000 * mega).tight).toBe(false);
    expect(roomOf(8_000 * mega, 10_000 * mega).tight).toBe(true);
    expect(roomOf(750 * mega, 1_000 * mega).tight).toBe(false);
    expect(roomOf(801 * mega, 1_000 * mega).tight).toBe(true);
    expect(roomOf(undefined, undefined).tight).toBe(false);
    expect(roomOf(950 * mega, 1_000 * mega).sentence).toBe("Only 50 MB are left for the recorder on this tablet.");
  });

  it("is proved by writing before a session starts (F7)", async () => {
    expect(await canRecordHere()).toBeNull();

    const real = IDBFactory.prototype.open;
    IDBFactory.prototype.open = () => {
      throw new DOMException("A private window.", "SecurityError");
    };
    const refusal = await canRecordHere();
    IDBFactory.prototype.open = real;
    expect(refusal).toMatchObject({ kind: "unavailable" });
  });
});

describe("frameworks", () => {
  it("that the server no longer lists are closed, and stay for the sessions that are pinned to them (F23)", async () => {
    const database = freshDatabase();
    const first = { hash: "a", number: 1, state: "open" as const, document: { slug: "x" } };
    await keepFrameworks(database, [first]);
    await keepFrameworks(database, [{ hash: "b", number: 2, state: "open", document: {} }]);

    expect((await frameworks(database)).map((row) => [row.hash, row.state])).toEqual([["a", "closed"], ["b", "open"]]);
    expect((await framework(database, "a"))?.document).toEqual({ slug: "x" });
  });
});

it("an observer's PIN is checked on the tablet, and another observer's is another", async () => {
  const database = freshDatabase();
  await setPin(database, 3, "2580");

  expect(await pinMatches(database, 3, "2580")).toBe(true);
  expect(await pinMatches(database, 3, "2581")).toBe(false);
  expect(await pinMatches(database, 4, "anything")).toBe(true);
  await setPin(database, 3, null);
  expect(await pinMatches(database, 3, "")).toBe(true);
});
