/** What the tests of storage share: a database of their own, a session, and taps. */

import "fake-indexeddb/auto";
import { uuidv7 } from "uuidv7";
import type { SessionEvent, SessionHeader } from "../../../static/src/core/events";
import { Database, type DatabaseOptions } from "../../../static/src/store/database";
import { openWriter, startSession, type Writer, type WriterOptions } from "../../../static/src/store/log";

export const STARTED = 1_790_000_000_000;

let made = 0;

/** A database that no other test uses. */
export function freshName(): string {
  made += 1;
  return `test-${made}-${uuidv7()}`;
}

export function freshDatabase(options: DatabaseOptions = {}): Database {
  return new Database({ name: freshName(), ...options });
}

export function headerOf(id: string, changes: Partial<SessionHeader> = {}): SessionHeader {
  return {
    id,
    study: 1,
    framework: "f".repeat(64),
    observer: 3,
    device: "0198c0de-0000-7000-8000-00000000000d",
    purpose: "field",
    happening: null,
    setting: null,
    subjects: [],
    variables: {},
    consent: "stated",
    started: STARTED,
    offset: 60,
    zone: "Europe/London",
    app: "test",
    planned_ms: null,
    ...changes,
  };
}

export function opening(seq = 1): SessionEvent {
  return { id: uuidv7(), seq, at: 0, wall: STARTED, kind: "open" };
}

/** One tap, `at` ms into the session. */
export function tap(code: string, at: number): (seq: number) => SessionEvent {
  return (seq) => ({ id: uuidv7(), seq, at, wall: STARTED + at, kind: "point", code });
}

export function ending(at: number): (seq: number) => SessionEvent {
  return (seq) => ({ id: uuidv7(), seq, at, wall: STARTED + at, kind: "end", count: seq });
}

/** A session that has begun, and its id. */
export async function begun(database: Database, changes: Partial<SessionHeader> = {}): Promise<string> {
  const id = uuidv7();
  await startSession(database, headerOf(id, changes), opening());
  return id;
}

export async function writerOf(database: Database, session: string, options: WriterOptions = {}): Promise<Writer> {
  const writer = await openWriter(database, session, { locks: null, retryMs: 20, ...options });
  if (!writer) throw new Error("the lock was taken");
  return writer;
}

/** Locks as the browser has them, for one process: enough for `ifAvailable` and for waiting. */
export class FakeLocks {
  readonly #held = new Map<string, Promise<unknown>>();

  async request(name: string, options: LockOptions, work: (lock: Lock | null) => unknown): Promise<unknown> {
    if (options.ifAvailable && this.#held.has(name)) return work(null);
    await this.#held.get(name);
    const run = Promise.resolve(work({ name, mode: "exclusive" }));
    this.#held.set(name, run);
    try {
      return await run;
    } finally {
      this.#held.delete(name);
    }
  }

  get asLockManager(): LockManager {
    return this as unknown as LockManager;
  }
}

export class FakeStorage implements Storage {
  readonly #items = new Map<string, string>();
  get length(): number {
    return this.#items.size;
  }
  clear(): void {
    this.#items.clear();
  }
  getItem(key: string): string | null {
    return this.#items.get(key) ?? null;
  }
  key(index: number): string | null {
    return [...this.#items.keys()][index] ?? null;
  }
  removeItem(key: string): void {
    this.#items.delete(key);
  }
  setItem(key: string, value: string): void {
    this.#items.set(key, value);
  }
}

/** Resolves once `check` holds; fails after two seconds. */
export async function until(check: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 2_000;
  while (!(await check())) {
    if (Date.now() > deadline) throw new Error("it did not happen within two seconds");
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
