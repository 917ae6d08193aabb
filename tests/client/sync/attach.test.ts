import { describe, expect, it } from "vitest";
import { attachmentsOf } from "../../../static/src/store/attachments";
import type { Database } from "../../../static/src/store/database";
import { forgetSession, NotYetSafe } from "../../../static/src/store/sessions";
import { setSetting, type Device } from "../../../static/src/store/settings";
import { startSync } from "../../../static/src/sync/loop";
import type { Transport } from "../../../static/src/sync/transport";
import { begun, ending, freshDatabase, STARTED, writerOf } from "../store/stage";
import { FakeServer } from "./fake-server";

const DEVICE: Device = {
  id: "0198c0de-0000-7000-8000-00000000000d", token: "token", expires: 2_000_000_000_000, label: "T", study: { id: 1, slug: "care", title: "Care" },
};
const PHOTO = "0198c0de-0000-7000-8000-0000000000f0";

/** The fake server, with attachments as docs/reference/sync.md has them. */
class Keeping {
  readonly server = new FakeServer();
  readonly held = new Map<string, number>();
  readonly order: string[] = [];
  answer: "take" | "refuse" | "cut" = "take";

  readonly transport: Transport = async (call) => {
    this.order.push(`${call.method} ${call.path}`);
    if (call.path === "/pull") {
      const missing = [PHOTO].filter((id) => this.isNamed() && !this.held.has(id));
      return this.server.reply({ ...this.server.pulled(), attachments: missing });
    }
    if (call.method !== "PUT") return this.server.transport(call);
    if (this.answer === "cut") return { kind: "unreachable" };
    if (!this.isNamed()) return this.server.problem(404, "attachment.unknown");
    if (this.answer === "refuse") return this.server.problem(422, "attachment.refused");
    this.held.set(call.path.split("/").at(-1) ?? "", call.blob?.size ?? 0);
    return this.server.reply({ observe: 1, id: PHOTO, became: "stored" }, 201);
  };

  isNamed(): boolean {
    return [...this.server.sessions.values()].some((each) => each.texts.some((text) => text.includes(PHOTO)));
  }
}

async function noted(database: Database): Promise<string> {
  await setSetting(database, "device", DEVICE);
  const session = await begun(database, { device: DEVICE.id });
  const writer = await writerOf(database, session);
  const named = { id: PHOTO, type: "image/jpeg", size: 5, digest: "d" };
  const blob = new Blob(["12345"], { type: "image/jpeg" });
  const note = writer.append(
    (seq) => ({ id: "0198c0de-0000-7000-8000-0000000000e0", seq, at: 5, wall: STARTED + 5, kind: "note", text: "", attachments: [named] }),
    [{ id: PHOTO, type: "image/jpeg", blob }],
  );
  await Promise.all([note.saved, writer.append(ending(9)).saved]);
  await writer.close();
  return session;
}

async function passes(database: Database, keeping: Keeping, times = 1): Promise<void> {
  const sync = startSync(database, { transport: keeping.transport, locks: null, window: null, page: null, storage: null, everyMs: 1e9, random: () => 0, pullEveryMs: 0 });
  for (let pass = 0; pass < times; pass += 1) await sync.run();
  sync.stop();
}

describe("a photo with a note", () => {
  it("goes after its note, once, and is kept on the tablet", async () => {
    const database = freshDatabase();
    const session = await noted(database);
    const keeping = new Keeping();

    await passes(database, keeping, 3);

    const puts = keeping.order.filter((call) => call === `PUT /attachments/${PHOTO}`);
    expect(puts).toHaveLength(1);
    expect(keeping.order.indexOf("POST /sync")).toBeLessThan(keeping.order.indexOf(`PUT /attachments/${PHOTO}`));
    expect(keeping.held.get(PHOTO)).toBe(5);
    expect((await attachmentsOf(database, session)).map((row) => [row.id, row.state])).toEqual([[PHOTO, "sent"]]);
  });

  it("is sent again when the server says that it lacks it (F32)", async () => {
    const database = freshDatabase();
    await noted(database);
    const keeping = new Keeping();
    await passes(database, keeping);

    keeping.held.clear();
    await passes(database, keeping);

    expect(keeping.held.get(PHOTO)).toBe(5);
  });

  it("waits through a line that breaks, and the session is not forgotten meanwhile", async () => {
    const database = freshDatabase();
    const session = await noted(database);
    const keeping = new Keeping();
    keeping.answer = "cut";
    await passes(database, keeping, 2);
    await expect(forgetSession(database, session)).rejects.toBeInstanceOf(NotYetSafe);

    keeping.answer = "take";
    await passes(database, keeping);
    expect(keeping.held.get(PHOTO)).toBe(5);
    await forgetSession(database, session);
    expect(await attachmentsOf(database, session)).toEqual([]);
  });

  it("that the server refuses is kept, and not sent for ever", async () => {
    const database = freshDatabase();
    const session = await noted(database);
    const keeping = new Keeping();
    keeping.answer = "refuse";

    await passes(database, keeping, 3);

    expect(keeping.order.filter((call) => call.startsWith("PUT"))).toHaveLength(1);
    expect((await attachmentsOf(database, session))[0]?.state).toBe("refused");
  });
});
