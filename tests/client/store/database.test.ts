import { openDB } from "idb";
import { afterEach, describe, expect, it } from "vitest";
import { Database, openDatabase, STEPS, type UpgradeStep } from "../../../static/src/store/database";
import { readEvents } from "../../../static/src/store/log";
import { figuresOf } from "../../../static/src/store/outbox";
import { rescue } from "../../../static/src/store/second-copy";
import { sessionCard } from "../../../static/src/store/sessions";
import { begun, freshName, STARTED, tap, until, writerOf } from "./stage";

const next: UpgradeStep = (connection) => void connection.createObjectStore("drafts" as never);

const opened: Database[] = [];

function database(name: string, options: ConstructorParameters<typeof Database>[0] = {}): Database {
  const made = new Database({ name, ...options });
  opened.push(made);
  return made;
}

afterEach(() => {
  for (const each of opened.splice(0)) each.close();
});

async function filled(name: string, taps: number): Promise<string> {
  const old = database(name);
  const session = await begun(old);
  const writer = await writerOf(old, session);
  await Promise.all(Array.from({ length: taps }, (_, n) => writer.append(tap(`c${n}`, n)).saved));
  old.close();
  return session;
}

describe("an upgrade of the data (F8)", () => {
  it("keeps every row of a full queue", async () => {
    const name = freshName();
    const session = await filled(name, 500);

    const newer = database(name, { steps: [...STEPS, next] });

    expect(await readEvents(newer, session)).toHaveLength(501);
    expect(await sessionCard(newer, session)).toMatchObject({ count: 501, unsynced: 501 });
  });

  it("takes what the server had out of the counters of version 1, so that nothing is sent twice or forgotten", async () => {
    const name = freshName();
    const old = await openDB(name, 1, { upgrade: (connection, _old, _new, transaction) => STEPS[0]?.(connection as never, transaction as never) });
    const row = { count: 9, ended: true, lastWall: STARTED + 8, aside: 1, disputed: null };
    await old.put("counters", { ...row, session: "half", unsynced: 3, storedTo: 6, oldest: STARTED + 6, agreed: null });
    await old.put("counters", { ...row, session: "whole", unsynced: 0, storedTo: 9, oldest: null, agreed: STARTED + 99 });
    old.close();

    const newer = database(name);

    const kept = { count: 9, ended: true, lastWall: STARTED + 8, aside: 1 };
    expect(await figuresOf(newer, "half")).toMatchObject({ ...kept, unsynced: 3, storedTo: 6, oldest: STARTED + 6, agreed: null });
    expect(await figuresOf(newer, "whole")).toMatchObject({ ...kept, unsynced: 0, storedTo: 9, oldest: null, agreed: STARTED + 99 });
  });

  it("that dies half-way leaves the data as they were, and can be done again", async () => {
    const name = freshName();
    const session = await filled(name, 20);
    const dying: UpgradeStep = (connection, transaction) => {
      connection.createObjectStore("drafts" as never);
      transaction.abort();
    };

    await expect(openDatabase({ name, steps: [...STEPS, dying] })).rejects.toMatchObject({ name: "StorageFailed" });

    expect(await readEvents(database(name), session)).toHaveLength(21);
    opened.splice(0).forEach((each) => each.close());
    expect(await readEvents(database(name, { steps: [...STEPS, next] }), session)).toHaveLength(21);
  });

  it("closes an idle window of the older version, which then says so", async () => {
    const name = freshName();
    const old = database(name);
    await begun(old);

    await database(name, { steps: [...STEPS, next] }).connect();

    expect(old.health.value.state).toBe("outdated");
    expect(old.health.value.sentence).toContain("Reload");
    await expect(begun(old)).rejects.toMatchObject({ kind: "newer" });
  });

  it("waits for a window that is recording, and goes on when its session has ended", async () => {
    const name = freshName();
    let isRecording = true;
    const old = database(name, { holdsOpen: () => isRecording });
    const session = await begun(old);
    const writer = await writerOf(old, session);
    const newer = database(name, { steps: [...STEPS, next] });

    const opening = newer.connect();
    await until(() => newer.health.value.state === "blocked");
    await writer.append(tap("goes on", 1)).saved;
    isRecording = false;
    await writer.close();

    await opening;
    expect(newer.health.value.state).toBe("open");
    expect(await readEvents(newer, session)).toHaveLength(2);
  });
});

describe("older code on newer data (F9)", () => {
  it("says what it is in a readable error, and can still save everything as a file", async () => {
    const name = freshName();
    const session = await filled(name, 3);
    await database(name, { steps: [...STEPS, next] }).connect();
    opened.splice(0).forEach((each) => each.close());

    const failed = openDatabase({ name });
    await expect(failed).rejects.toMatchObject({ name: "StorageFailed", kind: "newer" });
    await expect(failed).rejects.toThrow("written by a newer version of the recorder");

    const { text } = await rescue(name);
    const files = JSON.parse(text) as { header: { id: string }; events: unknown[] }[];
    expect(files.map((file) => [file.header.id, file.events.length])).toEqual([[session, 4]]);
  });
});

it("a store that is not there is an error and not silence", async () => {
  const name = freshName();
  (await openDB(name, 1)).close(); // somebody else's empty database of the same version

  await expect(begun(database(name))).rejects.toMatchObject({ name: "StorageFailed" });
});
