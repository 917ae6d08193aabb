import { signal } from "@preact/signals-core";
import { expect, test, vi } from "vitest";
import type { Database } from "../../../static/src/store/database";
import { syncLater } from "../../../static/src/sync/later";
import { NOTHING, type SyncStatus } from "../../../static/src/sync/status";

const DATABASE = {} as Database;

function fakeLoop() {
  const status = signal<SyncStatus>({ ...NOTHING, unsynced: 3 });
  const loop = { status, now: vi.fn(), noteChange: vi.fn(), stop: vi.fn() };
  return { status, loop, start: vi.fn(() => loop) };
}

test("the loop is fetched only when it is begun, once, and then tells what it knows", async () => {
  const { status, loop, start } = fakeLoop();
  const sync = syncLater(DATABASE, { app: "b1" }, async () => start);
  expect([start.mock.calls.length, sync.status.value.unsynced]).toEqual([0, 0]);

  await Promise.all([sync.begin(), sync.begin()]);
  status.value = { ...status.value, unsynced: 7 };
  sync.noteChange();

  expect(start).toHaveBeenCalledExactlyOnceWith(DATABASE, { app: "b1" });
  expect(sync.status.value.unsynced).toBe(7);
  expect(loop.noteChange).toHaveBeenCalledOnce();
});

test("the button pressed before the loop is there is not forgotten", async () => {
  const { loop, start } = fakeLoop();
  const sync = syncLater(DATABASE, {}, async () => start);

  sync.now();
  await sync.begin();

  expect(loop.now).toHaveBeenCalledOnce();
});

test("a loop that cannot be fetched is said, and fetched again half a minute later", async () => {
  vi.useFakeTimers();
  const { start } = fakeLoop();
  let tries = 0;
  const sync = syncLater(DATABASE, {}, async () => {
    tries += 1;
    if (tries === 1) throw new TypeError("Failed to fetch dynamically imported module");
    return start;
  });

  await expect(sync.begin()).rejects.toThrow("Failed to fetch");
  await vi.advanceTimersByTimeAsync(30_000);
  vi.useRealTimers();

  expect(start).toHaveBeenCalledOnce();
});

test("stopped before it was there, it never starts", async () => {
  const { start } = fakeLoop();
  const sync = syncLater(DATABASE, {}, async () => start);

  sync.stop();
  await sync.begin();

  expect(start).not.toHaveBeenCalled();
});
