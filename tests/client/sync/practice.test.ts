import { expect, it } from "vitest";
import { compare } from "../../../static/src/core/practice";
import type { FrameworkDocument } from "../../../static/src/core/framework";
import { timeline } from "../../../static/src/core/timeline";
import type { Database } from "../../../static/src/store/database";
import { keepPractised, offeredFor, type Offered, practised, standard } from "../../../static/src/store/practice";
import { sessionCards } from "../../../static/src/store/sessions";
import { setSetting, type Device } from "../../../static/src/store/settings";
import { exchangePull } from "../../../static/src/sync/pull";
import { freshDatabase } from "../store/stage";
import { FakeServer } from "./fake-server";

const HASH = "f".repeat(64);
const DEVICE: Device = { id: "d", token: "token", expires: 2_000_000_000_000, label: "Tablet 3", study: { id: 1, slug: "care", title: "Care" } };

function offered(id: string, more: Partial<Offered> = {}): Offered {
  return { id, title: `Lecture ${id}`, hint: "film.mp4", framework: HASH, happening: "h", streams: [], length: 60_000, count: 2, size: 300, ...more };
}

const EVENTS = [{ id: "a", seq: 1, at: 0, kind: "open" }, { id: "b", seq: 2, at: 60_000, kind: "end", count: 2 }];

/** A server that offers agreed codings beside everything else. */
class Trainer extends FakeServer {
  offers: Offered[] = [];
  fetched: string[] = [];

  override answer(call: Parameters<FakeServer["answer"]>[0]) {
    if (!call.path.startsWith("/practice/")) return super.answer(call);
    const id = call.path.slice("/practice/".length);
    this.fetched.push(id);
    return this.offers.some((each) => each.id === id)
      ? this.reply({ observe: 1, id, header: { id, framework: HASH, subjects: ["s1"] }, events: EVENTS })
      : this.problem(404, "not_found");
  }

  override pulled(): object {
    return { ...super.pulled(), practice: this.offers };
  }
}

async function pulled(database: Database, server: Trainer) {
  await setSetting(database, "device", DEVICE);
  return exchangePull(database, DEVICE, server.transport, 0);
}

it("a pull brings each agreed coding once, for the version that it was made with, and none of it is a session", async () => {
  const database = freshDatabase();
  const server = new Trainer();
  server.offers = [offered("1"), offered("2", { framework: "another version" })];

  await pulled(database, server);
  server.offers = [offered("3"), ...server.offers.slice(0, 1)];
  const second = await pulled(database, server);

  expect(server.fetched).toEqual(["1", "2", "3"]);
  expect(second.isWanting).toBe(false);
  expect((await offeredFor(database, HASH)).here.map(({ id }) => id)).toEqual(["3", "1"]);
  expect(await standard(database, "1")).toMatchObject({ title: "Lecture 1", hint: "film.mp4", header: { subjects: ["s1"] }, events: EVENTS });
  expect(await sessionCards(database)).toEqual([]);
});

it("one that is not offered any more leaves the tablet, and what was practised against it knows it no longer", async () => {
  const database = freshDatabase();
  const server = new Trainer();
  server.offers = [offered("1")];
  await pulled(database, server);
  await keepPractised(database, "session", "1");
  expect((await practised(database, "session"))?.title).toBe("Lecture 1");

  server.offers = [];
  await pulled(database, server);

  expect(await standard(database, "1")).toBeNull();
  expect(await practised(database, "session")).toBeNull();
});

it("a way that breaks off leaves everything else in place, and the rest comes with the next pull", async () => {
  const database = freshDatabase();
  const server = new Trainer();
  server.offers = [offered("1"), offered("2")];
  server.trouble = (call, next) => (call.path === "/practice/2" ? { kind: "unreachable" } : next());

  const broken = await pulled(database, server);
  expect([broken.exchange.kind, broken.isWanting]).toEqual(["progress", true]);
  expect(await offeredFor(database, HASH)).toMatchObject({ here: [{ id: "1" }], coming: 1 });

  server.trouble = null;
  expect((await pulled(database, server)).isWanting).toBe(false);
  expect(server.fetched).toEqual(["1", "2"]);
  expect((await offeredFor(database, HASH)).coming).toBe(0);
});

it("a portal's page, another coding, or one larger than allowed is not taken for it", async () => {
  const database = freshDatabase();
  const server = new Trainer();
  server.offers = [offered("1"), offered("2"), offered("3", { size: 1_000_001 })];
  server.trouble = (call, next) => {
    if (call.path === "/practice/1") return { kind: "reply", status: 200, body: null, retryAfterMs: null };
    if (call.path === "/practice/2") return server.reply({ observe: 1, id: "2", header: { framework: HASH, subjects: [] }, events: [] });
    return next();
  };

  const { isWanting } = await pulled(database, server);

  expect(isWanting).toBe(true);
  expect(server.fetched).toEqual([]); // the third was not even asked for
  expect(await offeredFor(database, HASH)).toMatchObject({ here: [], coming: 3 });
});

it("an older server, which offers none, is understood", async () => {
  const database = freshDatabase();

  const result = await exchangePull(database, DEVICE, new FakeServer().transport, 0);

  expect(result.exchange.kind).toBe("progress");
  expect(await offeredFor(database, HASH)).toEqual({ here: [], coming: 0 });
});

it("only the streams that were settled are held against", () => {
  const framework = {
    streams: [
      { id: "talk", label: "Talk", codes: [{ id: "LT", label: "Talks", type: "state" }] },
      { id: "hands", label: "Hands", codes: [{ id: "up", label: "Up", type: "point" }] },
    ],
  } as unknown as FrameworkDocument;
  const log = [
    { id: "1", seq: 1, at: 0, kind: "open" }, { id: "2", seq: 2, at: 0, kind: "start", code: "LT" },
    { id: "3", seq: 3, at: 5_000, kind: "point", code: "up" }, { id: "4", seq: 4, at: 10_000, kind: "end", count: 4 },
  ] as never;
  const record = timeline(framework, { subjects: [] }, log);

  expect(compare(framework, record, record).codes.map(({ code }) => code)).toEqual(["LT", "up"]);
  expect(compare(framework, record, record, ["talk"]).codes.map(({ code }) => code)).toEqual(["LT"]);
});
