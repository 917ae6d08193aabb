import { afterEach, describe, expect, it } from "vitest";
import fc from "fast-check";
import type { Database } from "../../../static/src/store/database";
import { readEvents } from "../../../static/src/store/log";
import { asides, forgetSession, NotYetSafe, sessionCard } from "../../../static/src/store/sessions";
import { keepDevice, setSetting, type Device } from "../../../static/src/store/settings";
import { startSync, type Sync, type SyncOptions } from "../../../static/src/sync/loop";
import { begun, ending, FakeLocks, freshDatabase, tap, until, writerOf } from "../store/stage";
import type { Transport } from "../../../static/src/sync/transport";
import { FakeServer } from "./fake-server";

const DEVICE: Device = {
  id: "0198c0de-0000-7000-8000-00000000000d",
  token: "token",
  expires: 2_000_000_000_000,
  label: "Tablet 3",
  study: { id: 1, slug: "care", title: "Care" },
};

const running: Sync[] = [];

afterEach(() => {
  for (const sync of running.splice(0)) sync.stop();
});

/** A loop whose clock stands still until a test moves it, so that nothing happens by itself. */
function syncOf(database: Database, server: FakeServer, options: SyncOptions = {}): Sync {
  const sync = startSync(database, {
    transport: server.transport, locks: null, window: null, page: null, storage: null,
    everyMs: 10_000_000, random: () => 0, ...options,
  });
  running.push(sync);
  return sync;
}

async function recorded(database: Database, taps: number, ended = true): Promise<string> {
  await setSetting(database, "device", DEVICE);
  const session = await begun(database, { device: DEVICE.id });
  const writer = await writerOf(database, session);
  const saved = Array.from({ length: taps }, (_, n) => writer.append(tap(`c${n}`, n * 100)).saved);
  if (ended) saved.push(writer.append(ending(taps * 100)).saved);
  await Promise.all(saved);
  await writer.close();
  return session;
}

describe("syncing", () => {
  it("brings every tap to the server once, to the byte, and sees that the digests agree (F18)", async () => {
    const database = freshDatabase();
    const session = await recorded(database, 40);
    const server = new FakeServer();

    await syncOf(database, server).run();

    const events = await readEvents(database, session);
    expect(server.sessions.get(session)?.texts).toEqual(events.map((event) => JSON.stringify(event)));
    expect(await sessionCard(database, session)).toMatchObject({ count: 42, unsynced: 0, storedTo: 42, agreed: true, oldest: null });
  });

  it("keeps everything on the tablet after it was sent", async () => {
    const database = freshDatabase();
    const session = await recorded(database, 5);

    await syncOf(database, new FakeServer()).run();

    expect(await readEvents(database, session)).toHaveLength(7);
  });

  it("sends a long session in parts of at most a thousand events", async () => {
    const database = freshDatabase();
    const session = await recorded(database, 2_300);
    const server = new FakeServer();

    await syncOf(database, server).run();

    expect(server.requests).toEqual([1_000, 1_000, 302]);
    expect(await sessionCard(database, session)).toMatchObject({ unsynced: 0, agreed: true });
  });

  it("calls nothing sent before it has counted what waits", async () => {
    const database = freshDatabase();
    await recorded(database, 3);
    const server = new FakeServer();
    server.trouble = () => ({ kind: "unreachable" });
    const sync = syncOf(database, server);

    expect(sync.status.value).toMatchObject({ counted: false, unsynced: 0 });
    await sync.run();
    expect(sync.status.value).toMatchObject({ counted: true, unsynced: 5 });
  });

  it("says how much is unsynced, since when, and when it last synced", async () => {
    const database = freshDatabase();
    const session = await recorded(database, 3);
    const server = new FakeServer();
    server.trouble = () => ({ kind: "unreachable" });
    const sync = syncOf(database, server, { wall: () => 1_790_000_100_000, mono: () => 0 });

    await sync.run();
    expect(sync.status.value).toMatchObject({
      unsynced: 5, oldest: 1_790_000_000_000, lastSync: null, sending: false, needsSignIn: false, nextTry: 1_000,
    });
    expect(sync.status.value.problem).toContain("no way through");

    server.trouble = null;
    sync.now();
    await until(() => sync.status.value.unsynced === 0 && !sync.status.value.sending && sync.status.value.problem === null);
    expect(sync.status.value).toMatchObject({ oldest: null, lastSync: 1_790_000_100_000, problem: null, nextTry: null });
    expect(sync.status.value.clockOffset).toBe(server.time - 1_790_000_100_000);
    expect((await sessionCard(database, session))?.agreed).toBe(true);
  });

  it("tells a reading of the server's clock once in ten minutes, or when a clock was moved, so that syncing makes no work for itself", async () => {
    const database = freshDatabase();
    const session = await recorded(database, 1, false);
    const server = new FakeServer();
    let mono = 0;
    const sync = syncOf(database, server, { mono: () => mono, wall: () => server.time });
    const readings = new Set<unknown>();
    const again = async (): Promise<void> => {
      const writer = await writerOf(database, session);
      await writer.append(tap("more", mono)).saved;
      await writer.close();
      await sync.run();
      readings.add(sync.status.value.clock);
    };

    for (mono of [0, 1_000, 60_000, 599_000]) await again();
    expect(readings.size).toBe(1);
    mono = 601_000;
    await again();
    expect(readings.size).toBe(2);
    const standing = server.time;
    server.trouble = (call, next) => {
      const reply = next();
      if (reply.kind !== "reply" || call.path !== "/sync") return reply;
      return { ...reply, body: { ...(reply.body as object), server_time: standing + 60_000 } };
    };
    await again();
    expect(readings.size).toBe(3);
    expect(sync.status.value.clockOffset).toBe(60_000);
  });

  it("finds an answer that was lost on the way back: the server has them, and has them once (F13)", async () => {
    const database = freshDatabase();
    const session = await recorded(database, 10);
    const server = new FakeServer();
    let lost = 0;
    server.trouble = (_call, next) => {
      const reply = next();
      lost += 1;
      return lost === 1 ? { kind: "unreachable" } : reply;
    };
    const sync = syncOf(database, server);

    await sync.run();
    expect((await sessionCard(database, session))?.unsynced).toBe(12);
    sync.now();
    await until(() => sync.status.value.unsynced === 0);

    expect(server.sessions.get(session)?.ids).toHaveLength(12);
    expect(new Set(server.sessions.get(session)?.ids).size).toBe(12);
  });

  it("goes on from where the server is when only a part was taken, and sends no more than that (F15)", async () => {
    const database = freshDatabase();
    const session = await recorded(database, 8);
    const server = new FakeServer();
    server.trouble = (call, next) => {
      if (call.path !== "/sync") return next();
      server.trouble = null;
      const body = JSON.parse(call.body ?? "") as { request: string; sessions: { header: { id: string }; events: { id: string }[] }[] };
      const part = body.sessions[0];
      const first = server.reply(server.take(`{"observe":1,"request":"${body.request}","sessions":[]}`));
      if (!part || first.kind !== "reply") return first;
      const events = part.events.slice(0, 4) as never[];
      const texts = events.map((event) => JSON.stringify(event));
      const taken = server.takePart(session, "{}", events, texts) as { outcomes: unknown[] };
      const later = part.events.slice(4).map((event) => [event.id, "later"]);
      return server.reply({
        observe: 1, request: body.request, server_time: 1, sessions: [{ ...taken, outcomes: [...taken.outcomes, ...later] }],
      });
    };

    await syncOf(database, server).run();

    expect(server.requests.at(-1)).toBe(6);
    expect(await sessionCard(database, session)).toMatchObject({ unsynced: 0, storedTo: 10 });
  });

  it("from two windows at once ends with one of each (F14)", async () => {
    const database = freshDatabase();
    const session = await recorded(database, 50);
    const server = new FakeServer();

    await Promise.all([1, 2, 3, 4].map(() => syncOf(database, server).run()));

    expect(server.sessions.get(session)?.ids).toHaveLength(52);
    expect(await sessionCard(database, session)).toMatchObject({ unsynced: 0, storedTo: 52 });
  });

  it("is done by one window where there are locks", async () => {
    const database = freshDatabase();
    await recorded(database, 5);
    const server = new FakeServer();
    const locks = new FakeLocks().asLockManager;

    const all = [1, 2, 3].map(() => syncOf(database, server, { locks }));
    await Promise.all(all.map((sync) => sync.run()));

    expect(server.calls.filter((call) => call.path === "/sync")).toHaveLength(1);
    expect(all.some((sync) => sync.status.value.unsynced === 0)).toBe(true);
  });
});

describe("an answer that is not the server's (F16)", () => {
  const captive: [string, unknown, number][] = [
    ["a portal's page", null, 200],
    ["an empty body", null, 204],
    ["a redirect that was not followed", null, 0],
    ["somebody's JSON", { ok: true, sessions: [] }, 200],
    ["a list", [], 200],
    ["a cached answer to another request", "stale", 200],
    ["a proxy's refusal", { error: "unauthorised" }, 401],
  ];

  it.each(captive)("is no success: %s", async (_name, body, status) => {
    const database = freshDatabase();
    const session = await recorded(database, 3);
    const server = new FakeServer();
    server.trouble = (call, next) => {
      if (body !== "stale") return { kind: "reply", status, body, retryAfterMs: null };
      const reply = next();
      return reply.kind === "reply" && call.path === "/sync"
        ? { ...reply, body: { ...(reply.body as object), request: "0198c0de-0000-7000-8000-000000000000" } }
        : reply;
    };
    const sync = syncOf(database, server);

    await sync.run();

    expect((await sessionCard(database, session))?.unsynced).toBe(5);
    expect(sync.status.value).toMatchObject({ needsSignIn: false, lastSync: null });
    expect(sync.status.value.problem).toContain("Something else than our server");
  });
});

describe("a server in trouble (F17)", () => {
  it.each([500, 502, 503, 429])("that says %i is tried again, and then has everything", async (status) => {
    const database = freshDatabase();
    const session = await recorded(database, 3);
    const server = new FakeServer();
    server.trouble = () => ({ kind: "reply", status, body: null, retryAfterMs: null });
    const sync = syncOf(database, server);
    await sync.run();
    expect(sync.status.value.problem).toContain("busy");

    server.trouble = null;
    sync.now();

    await until(() => sync.status.value.unsynced === 0);
    expect(server.sessions.get(session)?.ids).toHaveLength(5);
  });

  it("that asks for two minutes is left alone for two minutes, then sent to without a reload", async () => {
    const database = freshDatabase();
    await recorded(database, 3);
    const server = new FakeServer();
    let mono = 0;
    server.trouble = () => server.problem(503, "busy", 120_000);
    const sync = syncOf(database, server, { mono: () => mono });
    await sync.run();
    const before = server.calls.length;

    mono = 119_000;
    await sync.run();
    expect(server.calls.filter((call) => call.path === "/sync")).toHaveLength(1);
    expect(server.calls.length - before).toBeLessThanOrEqual(1);

    server.trouble = null;
    mono = 121_000;
    await sync.run();
    expect(sync.status.value.unsynced).toBe(0);
  });

  it("that says stored but does not hold them is not believed (F18)", async () => {
    const database = freshDatabase();
    const session = await recorded(database, 3);
    const server = new FakeServer();
    server.trouble = (call, next) => {
      if (call.path !== "/sync") return next();
      const body = JSON.parse(call.body ?? "") as { request: string; sessions: { events: { id: string }[] }[] };
      const outcomes = (body.sessions[0]?.events ?? []).map((event) => [event.id, "stored"]);
      return server.reply({
        observe: 1, request: body.request, server_time: 1, sessions: [{ id: session, stored_to: 0, digest: "00", outcomes }],
      });
    };
    const sync = syncOf(database, server);

    await sync.run();

    expect((await sessionCard(database, session))?.unsynced).toBe(5);
    expect(sync.status.value.problem).toContain("cannot take these taps");
    await expect(forgetSession(database, session)).rejects.toBeInstanceOf(NotYetSafe);
  });

  it("whose digest differs is sent everything once more, and the tablet keeps its copy (F18)", async () => {
    const database = freshDatabase();
    const session = await recorded(database, 3);
    const server = new FakeServer();
    server.trouble = (_call, next) => {
      const reply = next();
      if (reply.kind !== "reply") return reply;
      const text = JSON.stringify(reply.body).replace(/"digest":"[0-9a-f]{64}"/g, `"digest":"${"0".repeat(64)}"`);
      return { ...reply, body: JSON.parse(text) as unknown };
    };
    const sync = syncOf(database, server);

    await sync.run();
    await sync.run();

    expect(server.requests).toEqual([5, 5]);
    expect(await sessionCard(database, session)).toMatchObject({ unsynced: 0, agreed: false });
    await expect(forgetSession(database, session)).rejects.toBeInstanceOf(NotYetSafe);
  });
});

describe("a server restored from yesterday (F20)", () => {
  it.each([0, 4])("that reached only event %i is sent the rest again", async (to) => {
    const database = freshDatabase();
    const session = await recorded(database, 10);
    const server = new FakeServer();
    const sync = syncOf(database, server);
    await sync.run();
    expect((await sessionCard(database, session))?.unsynced).toBe(0);

    server.restore(session, to);
    sync.now();
    await until(() => (server.sessions.get(session)?.ids.length ?? 0) === 12);
    await until(async () => (await sessionCard(database, session))?.agreed === true);

    expect(server.sessions.get(session)?.texts).toEqual((await readEvents(database, session)).map((event) => JSON.stringify(event)));
  });

  it("in the middle of a session is noticed from the next answer", async () => {
    const database = freshDatabase();
    const session = await recorded(database, 10, false);
    const server = new FakeServer();
    const sync = syncOf(database, server);
    await sync.run();

    server.restore(session, 3);
    const writer = await writerOf(database, session);
    await writer.append(tap("late", 5_000)).saved;
    await sync.run();
    await until(() => (server.sessions.get(session)?.ids.length ?? 0) === 12);

    expect(new Set(server.sessions.get(session)?.ids).size).toBe(12);
    expect(sync.status.value.lostByServer).toEqual([session]);
  });
});

describe("a tablet that the server does not know any more (F21)", () => {
  it("goes on recording, keeps its queue, asks for a sign-in, and sends all after it", async () => {
    const database = freshDatabase();
    const session = await recorded(database, 4, false);
    const server = new FakeServer();
    server.token = "renewed";
    const sync = syncOf(database, server);

    await sync.run();
    expect(sync.status.value).toMatchObject({ needsSignIn: true, unsynced: 5 });
    const writer = await writerOf(database, session);
    await writer.append(tap("still", 9_000)).saved;

    await setSetting(database, "device", { ...DEVICE, token: "renewed" });
    await sync.run();
    expect(sync.status.value).toMatchObject({ needsSignIn: false, unsynced: 0, problem: null });
    expect(server.sessions.get(session)?.ids).toHaveLength(6);
  });

  it("and one that never was enrolled records all the same, and says so", async () => {
    const database = freshDatabase();
    await begun(database);
    const sync = syncOf(database, new FakeServer());

    await sync.run();

    expect(sync.status.value).toMatchObject({ needsSignIn: true, unsynced: 1 });
    expect(sync.status.value.problem).toContain("not enrolled");
  });
});

describe("what the server kept aside", () => {
  it("is marked with its reason, shown, and kept on the tablet (F22)", async () => {
    const database = freshDatabase();
    const session = await recorded(database, 2);
    const server = new FakeServer();
    server.asideReason = "device.revoked";
    const sync = syncOf(database, server);

    await sync.run();

    expect(sync.status.value).toMatchObject({ unsynced: 0, aside: 4 });
    expect((await asides(database, session)).map((each) => [each.seq, each.reason])).toEqual([
      [1, "device.revoked"], [2, "device.revoked"], [3, "device.revoked"], [4, "device.revoked"],
    ]);
    expect(await readEvents(database, session)).toHaveLength(4);
  });

  it("does not keep another session waiting", async () => {
    const database = freshDatabase();
    const stuck = await recorded(database, 2);
    const free = await recorded(database, 3);
    const server = new FakeServer();
    server.trouble = (call, next) =>
      call.path === "/sync" && call.body?.includes(stuck) ? server.problem(400, "sync.malformed") : next();
    const sync = syncOf(database, server);

    await sync.run();
    await sync.run();

    expect((await sessionCard(database, free))?.unsynced).toBe(0);
    expect((await sessionCard(database, stuck))?.unsynced).toBe(4);
  });
});

describe("data on a tablet whose storage was cleared (F6)", () => {
  it("are named: the server holds sessions that this tablet does not", async () => {
    const server = new FakeServer();
    const before = freshDatabase();
    const session = await recorded(before, 3);
    await syncOf(before, server).run();

    const cleared = freshDatabase();
    await setSetting(cleared, "device", DEVICE);
    const sync = syncOf(cleared, server);
    await sync.run();

    expect(sync.status.value.unknownHere).toEqual([session]);
  });

  it("are not named when the session was removed on purpose", async () => {
    const database = freshDatabase();
    const session = await recorded(database, 3);
    const server = new FakeServer();
    const sync = syncOf(database, server);
    await sync.run();

    await forgetSession(database, session);
    sync.now();
    await until(() => server.calls.filter((call) => call.path === "/pull").length === 2 && !sync.status.value.sending);

    expect(sync.status.value.unknownHere).toEqual([]);
  });
});

it("whatever the network loses, repeats, cuts off or mangles, the server ends with each tap exactly once", async () => {
  const troubles = ["ok", "lost-request", "lost-reply", "html", "busy", "mangled", "restore", "too-large", "later"] as const;
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom(...troubles), { maxLength: 14 }),
      fc.integer({ min: 1, max: 60 }),
      async (plan, taps) => {
        const database = freshDatabase();
        const session = await recorded(database, taps);
        const server = new FakeServer();
        const left = [...plan];
        server.trouble = (call, next) => {
          switch (left.shift() ?? "ok") {
            case "lost-request": return { kind: "unreachable" };
            case "lost-reply": next(); return { kind: "unreachable" };
            case "html": return { kind: "reply", status: 200, body: null, retryAfterMs: null };
            case "busy": return server.problem(503, "busy", 5);
            case "mangled": return server.problem(400, "sync.mangled");
            case "restore": server.restore(session, Math.floor(taps / 2)); return next();
            case "too-large": return call.path === "/sync" ? server.problem(413, "sync.too_large") : next();
            case "later": return server.problem(503, "disk.full");
            case "ok": return next();
          }
        };
        let mono = 0;
        const sync = syncOf(database, server, { mono: () => mono, pullEveryMs: 1 });
        for (let round = 0; round < plan.length * 2 + 6; round += 1) {
          mono += 10 * 60_000;
          await sync.run();
        }
        sync.stop();
        const wanted = (await readEvents(database, session)).map((event) => JSON.stringify(event));
        expect(server.sessions.get(session)?.texts).toEqual(wanted);
        expect(await sessionCard(database, session)).toMatchObject({ unsynced: 0, agreed: true });
      },
    ),
    { numRuns: 60 },
  );
}, 60_000);

describe("a tablet that joined another study", () => {
  const SECOND: Device = { ...DEVICE, id: "0198c0de-0000-7000-8000-00000000000e", token: "second", study: { id: 2, slug: "play", title: "Play" } };

  async function moved() {
    const database = freshDatabase();
    const left = await recorded(database, 3);
    await keepDevice(database, SECOND);
    const here = await begun(database, { device: SECOND.id, study: 2 });
    const first = new FakeServer();
    const second = new FakeServer();
    second.token = "second";
    const transport: Transport = (call) => (call.token === "second" ? second : first).transport(call);
    return { database, left, here, first, second, transport };
  }

  it("sends what it recorded before in the name and with the token of that time", async () => {
    const { database, left, here, first, second, transport } = await moved();

    await syncOf(database, second, { transport }).run();

    expect([...first.sessions.keys()]).toEqual([left]);
    expect([...second.sessions.keys()]).toEqual([here]);
    expect(await sessionCard(database, left)).toMatchObject({ count: 5, unsynced: 0, agreed: true });
  });

  it("is held up by nothing when the token of that time is good no more, keeps the taps and says so", async () => {
    const { database, left, here, first, second, transport } = await moved();
    first.token = "another";

    const sync = syncOf(database, second, { transport });
    await sync.run();

    expect(second.sessions.get(here)?.texts).toHaveLength(1);
    expect(await sessionCard(database, left)).toMatchObject({ count: 5, unsynced: 5 });
    expect(sync.status.value).toMatchObject({ unsynced: 5, needsSignIn: true });
  });
});
