import { describe, expect, it } from "vitest";
import { registerWorker } from "../../../static/src/sync/update";
import { until } from "../store/stage";

/** A browser's container of workers, with one that waits. */
class FakeContainer extends EventTarget {
  controller: object | null;
  readonly told: unknown[] = [];
  readonly registration: EventTarget & { waiting: object | null; installing: EventTarget | null; update: () => Promise<void> };
  asked: unknown[] = [];

  constructor(hasOld: boolean) {
    super();
    this.controller = hasOld ? {} : null;
    const waiting = hasOld ? { postMessage: (words: unknown) => this.told.push(words) } : null;
    this.registration = Object.assign(new EventTarget(), { waiting, installing: null, update: async () => undefined });
  }
  async register(...args: unknown[]): Promise<unknown> {
    this.asked = args;
    return this.registration;
  }
  get ready(): Promise<unknown> {
    return Promise.resolve(this.registration);
  }
}

const held = (...names: string[]): LockManager =>
  ({ query: async () => ({ held: names.map((name) => ({ name })), pending: [] }) }) as unknown as LockManager;

function started(container: FakeContainer, isRecording: () => boolean, locks = held()) {
  let reloads = 0;
  const updates = registerWorker({
    isRecording, locks, reload: () => (reloads += 1), container: container as unknown as ServiceWorkerContainer,
  });
  return { updates, reloads: () => reloads };
}

describe("an update of the recorder (F10)", () => {
  it("is registered at the root, and looked for past the browser's cache", async () => {
    const container = new FakeContainer(false);
    const { updates } = started(container, () => false);

    await until(() => updates.offline.value === true);
    expect(container.asked).toEqual(["/sw.js", { scope: "/", updateViaCache: "none" }]);
    expect(updates.ready.value).toBe(false);
  });

  it("is offered, and not taken while a session is recorded in this window", async () => {
    const container = new FakeContainer(true);
    const { updates, reloads } = started(container, () => true);
    await until(() => updates.ready.value);

    expect(await updates.apply()).toBe(false);
    container.dispatchEvent(new Event("controllerchange"));
    expect([container.told, reloads()]).toEqual([[], 0]);
  });

  it("is not taken while a session is recorded in another window", async () => {
    const container = new FakeContainer(true);
    const { updates } = started(container, () => false, held("sync", "rec:0198"));
    await until(() => updates.ready.value);

    expect(await updates.apply()).toBe(false);
    expect(container.told).toEqual([]);
  });

  it("is taken between sessions, and then the page is loaded afresh", async () => {
    const container = new FakeContainer(true);
    const { updates, reloads } = started(container, () => false);
    await until(() => updates.ready.value);

    expect(await updates.apply()).toBe(true);
    container.dispatchEvent(new Event("controllerchange"));
    expect([container.told, reloads()]).toEqual([["use-now"], 1]);
  });

  it("the very first worker takes over without a reload", async () => {
    const container = new FakeContainer(false);
    const { updates, reloads } = started(container, () => false);
    await until(() => updates.offline.value === true);

    container.dispatchEvent(new Event("controllerchange"));
    expect(reloads()).toBe(0);
  });
});
