import { beforeEach, describe, expect, it, vi } from "vitest";

type Handler = (event: FakeEvent) => void;

interface FakeEvent {
  readonly request?: { method: string; url: string; mode: string };
  readonly data?: unknown;
  waitUntil?: (work: Promise<unknown>) => void;
  respondWith?: (response: Promise<Response>) => void;
}

/** In a variable: it is compiled for a worker, not for the page that the tests are compiled for. */
const WORKER: string = "../../../static/src/sw/sw.ts";
const ORIGIN = "https://observe.example";

/** The worker's world: caches, the network, and its events. */
class World {
  readonly stores = new Map<string, Map<string, Response>>();
  readonly handlers = new Map<string, Handler>();
  readonly fetched: string[] = [];
  readonly broken = new Set<string>();
  skipped = 0;
  claimed = 0;

  begin(version: string, files: Record<string, string>): void {
    const open = async (name: string) => {
      const store = this.stores.get(name) ?? new Map<string, Response>();
      this.stores.set(name, store);
      return {
        put: async (key: string, response: Response) => void store.set(key, response),
        match: async (key: string) => store.get(key)?.clone(),
      };
    };
    const caches = { open, keys: async () => [...this.stores.keys()], delete: async (name: string) => this.stores.delete(name) };
    vi.stubGlobal("self", {
      OBSERVE: { version, files },
      location: { origin: ORIGIN },
      clients: { claim: async () => void (this.claimed += 1) },
      skipWaiting: async () => void (this.skipped += 1),
      addEventListener: (name: string, handler: Handler) => this.handlers.set(name, handler),
    });
    vi.stubGlobal("caches", caches);
    vi.stubGlobal("fetch", async (what: string | { url: string }) => {
      const name = typeof what === "string" ? what : what.url;
      this.fetched.push(name);
      if (this.broken.has(name)) throw new TypeError("integrity");
      return new Response(`${version} ${name}`, { status: name.includes("missing") ? 404 : 200 });
    });
  }

  async wait(name: string, event: FakeEvent = {}): Promise<void> {
    let work: Promise<unknown> = Promise.resolve();
    this.handlers.get(name)?.({ ...event, waitUntil: (promise) => (work = promise) });
    await work;
  }

  async answer(path: string, mode = "no-cors", method = "GET"): Promise<string | null> {
    let reply: Promise<Response> | null = null;
    const url = path.startsWith("http") ? path : ORIGIN + path;
    this.handlers.get("fetch")?.({ request: { method, url, mode }, respondWith: (promise) => (reply = promise) });
    return reply === null ? null : ((await reply) as Response).text();
  }
}

const FILES = { "/recorder": "sha256-a", "/static/dist/assets/r.js": "sha256-b", "/static/icons/i.svg?v=1": "sha256-c" };

async function worker(world: World, version = "one", files: Record<string, string> = FILES): Promise<void> {
  vi.resetModules();
  world.begin(version, files);
  await import(/* @vite-ignore */ WORKER);
}

let world: World;

beforeEach(() => {
  world = new World();
});

describe("the service worker", () => {
  it("serves the shell for every address of the recorder, and its files, without the network", async () => {
    await worker(world);
    await world.wait("install");
    world.fetched.length = 0;

    expect(await world.answer("/recorder", "navigate")).toBe("one /recorder");
    expect(await world.answer("/recorder/anything?x=1", "navigate")).toBe("one /recorder");
    expect(await world.answer("/static/dist/assets/r.js")).toBe("one /static/dist/assets/r.js");
    expect(await world.answer("/static/icons/i.svg?v=1")).toBe("one /static/icons/i.svg?v=1");
    expect(world.fetched).toEqual([]);
  });

  it("never touches the API, other pages, other origins, or anything that is sent", async () => {
    await worker(world);
    await world.wait("install");

    const left = await Promise.all([
      world.answer("/api/v1/sync", "cors", "POST"),
      world.answer("/api/v1/pull", "cors"),
      world.answer("/studies", "navigate"),
      world.answer("/recorders", "navigate"),
      world.answer("/recorder", "navigate", "POST"),
      world.answer("/static/dist/assets/other.js"),
      world.answer("https://elsewhere.example/static/dist/assets/r.js"),
    ]);
    expect(left).toEqual([null, null, null, null, null, null, null]);
  });

  it.each(["broken", "missing"])("does not install when one file is %s, and leaves the version before in use (F11)", async (how) => {
    await worker(world);
    await world.wait("install");
    const files = how === "missing" ? { ...FILES, "/static/missing.js": "sha256-d" } : FILES;
    if (how === "broken") world.broken.add("/static/dist/assets/r.js");

    const old = world.handlers.get("fetch");
    await worker(world, "two", files);
    await expect(world.wait("install")).rejects.toThrow();

    expect([...world.stores.keys()]).toEqual(["observe-one"]);
    world.handlers.set("fetch", old as Handler);
    expect(await world.answer("/recorder", "navigate")).toBe("one /recorder");
  });

  it("keeps the old version until the new one is used, then removes it and nothing of others (F10)", async () => {
    await worker(world);
    await world.wait("install");
    world.stores.set("somebody-else", new Map());
    await worker(world, "two");
    await world.wait("install");
    expect([...world.stores.keys()]).toEqual(["observe-one", "somebody-else", "observe-two"]);

    await world.wait("activate");
    expect([...world.stores.keys()]).toEqual(["somebody-else", "observe-two"]);
    expect(world.claimed).toBe(1);
  });

  it("takes over only when a page says so", async () => {
    await worker(world);
    await world.wait("install");
    await world.wait("message", { data: "hello" });
    expect(world.skipped).toBe(0);

    await world.wait("message", { data: "use-now" });
    expect(world.skipped).toBe(1);
  });

  it("asks the network for a file that its cache has lost", async () => {
    await worker(world);
    await world.wait("install");
    world.stores.get("observe-one")?.clear();

    expect(await world.answer("/static/dist/assets/r.js")).toContain("/static/dist/assets/r.js");
  });
});
