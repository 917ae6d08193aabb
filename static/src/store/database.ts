/** The connection to IndexedDB: opened again when the system closes it, honest when it cannot be. */

import { signal, type ReadonlySignal, type Signal } from "@preact/signals-core";
import { openDB, type IDBPDatabase, type IDBPTransaction } from "idb";
import { StorageFailed, storageFailed } from "./failures";
import type { CounterRow, Schema, StoreName } from "./rows";

export const NAME = "observe";

type Connection = IDBPDatabase<Schema>;
export type Reading = IDBPTransaction<Schema, StoreName[], "readonly">;
export type Writing = IDBPTransaction<Schema, StoreName[], "readwrite">;
export type UpgradeStep = (
  connection: Connection,
  transaction: IDBPTransaction<Schema, StoreName[], "versionchange">,
) => void;

function makeStores(connection: Connection): void {
  const events = connection.createObjectStore("events", { keyPath: ["session", "seq"] });
  events.createIndex("outbox", ["outbox", "session", "seq"]);
  events.createIndex("aside", ["session", "aside"]);
  connection.createObjectStore("sessions", { keyPath: "id" });
  connection.createObjectStore("counters", { keyPath: "session" });
  connection.createObjectStore("frameworks", { keyPath: "hash" });
  connection.createObjectStore("attachments", { keyPath: "id" }).createIndex("session", "session");
  connection.createObjectStore("reference", { keyPath: "key" });
  connection.createObjectStore("settings", { keyPath: "key" });
}

/** What version 1 kept in one row with the counters: every tap had to read it before it was written. */
interface CountersOfVersion1 extends CounterRow {
  readonly unsynced: number;
  readonly aside: number;
  readonly storedTo: number;
  readonly oldest: number | null;
  readonly agreed: number | null;
  readonly disputed: string | null;
}

const partDeliveries: UpgradeStep = (connection, transaction) => {
  const deliveries = connection.createObjectStore("deliveries", { keyPath: "session" });
  void transaction
    .objectStore("counters")
    .getAll()
    .then((rows) => {
      for (const { session, count, unsynced, aside, storedTo, oldest, agreed, disputed } of rows as CountersOfVersion1[]) {
        const whole = agreed === null ? null : { at: agreed, count };
        void deliveries.put({ session, settled: count - unsynced, aside, storedTo, oldest, agreed: whole, disputed });
      }
    });
};

/** One step for each version of the data. Steps are only ever added, and only ever add. */
export const STEPS: readonly UpgradeStep[] = [makeStores, partDeliveries];

export interface Health {
  readonly state: "open" | "closed" | "blocked" | "outdated" | "newer";
  readonly sentence: string | null;
}

export interface DatabaseOptions {
  readonly name?: string;
  /** whether a session is being recorded in this window; a newer window then waits instead of closing this one */
  readonly holdsOpen?: () => boolean;
  readonly onBlocked?: () => void;
  readonly steps?: readonly UpgradeStep[];
}

const OUTDATED = "This window runs an older version of the recorder. Reload it to go on.";

export class Database {
  readonly #options: DatabaseOptions;
  readonly #health: Signal<Health> = signal({ state: "closed", sentence: null });
  #connection: Promise<Connection> | null = null;
  #open: Connection | null = null;
  #closeIsWanted = false;
  #opened = 0;

  constructor(options: DatabaseOptions = {}) {
    this.#options = options;
  }

  get health(): ReadonlySignal<Health> {
    return this.#health;
  }

  /** How often it was opened: as long as this stays, nobody has cleared the data or put others in their place. */
  get opened(): number {
    return this.#opened;
  }

  /** Reads in one transaction. Inside `work`, await nothing but its own requests. */
  async read<Result>(stores: readonly StoreName[], work: (transaction: Reading) => Promise<Result>): Promise<Result> {
    const transaction = await this.#begin(stores, "readonly", "default");
    return settle(transaction, work(transaction as Reading));
  }

  /** Writes in one transaction, and resolves once it is on disk (`relaxed`: once the system has it). */
  async write<Result>(
    stores: readonly StoreName[],
    work: (transaction: Writing) => Promise<Result>,
    durability: "strict" | "relaxed" = "strict",
  ): Promise<Result> {
    const transaction = await this.#begin(stores, "readwrite", durability);
    return settle(transaction, work(transaction as Writing));
  }

  /** Opens the connection if it is not open. */
  async connect(): Promise<void> {
    await this.#connected();
  }

  /** Lets go of the connection; the next read or write opens it again. */
  close(): void {
    this.#open?.close();
    this.#dropped("closed", null);
  }

  /** To be called when a session has ended: lets a newer window that waits for us go on. */
  yieldIfAsked(): void {
    if (!this.#closeIsWanted) return;
    this.#open?.close();
    this.#dropped("outdated", OUTDATED);
  }

  async #begin(
    stores: readonly StoreName[],
    mode: IDBTransactionMode,
    durability: IDBTransactionDurability,
  ): Promise<Reading | Writing> {
    for (const isLast of [false, true]) {
      const connection = await this.#connected();
      try {
        return connection.transaction([...stores], mode as "readonly", { durability }) as Reading;
      } catch (problem) {
        this.#dropped("closed", null); // the system closed it under us: nothing was begun, so open and begin again
        if (isLast) throw storageFailed(problem);
      }
    }
    throw new StorageFailed("closed");
  }

  #connected(): Promise<Connection> {
    this.#connection ??= this.#connectNow();
    return this.#connection;
  }

  async #connectNow(): Promise<Connection> {
    try {
      const connection = await this.#openNow();
      this.#open = connection;
      this.#opened += 1;
      this.#closeIsWanted = false;
      this.#health.value = { state: "open", sentence: null };
      return connection;
    } catch (problem) {
      const failure = typeof indexedDB === "undefined" ? new StorageFailed("unavailable", problem) : storageFailed(problem);
      this.#dropped(failure.kind === "newer" ? "newer" : "closed", failure.sentence);
      throw failure;
    }
  }

  #openNow(): Promise<Connection> {
    const steps = this.#options.steps ?? STEPS;
    return openDB<Schema>(this.#options.name ?? NAME, steps.length, {
      upgrade: (connection, oldVersion, _newVersion, transaction) => {
        transaction.done.catch(() => undefined); // opening rejects as well, and says why
        for (const step of steps.slice(oldVersion)) step(connection, transaction);
      },
      blocked: () => {
        this.#health.value = { state: "blocked", sentence: new StorageFailed("blocked").sentence };
        this.#options.onBlocked?.();
      },
      blocking: () => {
        this.#closeIsWanted = true;
        if (!this.#options.holdsOpen?.()) this.yieldIfAsked();
      },
      terminated: () => this.#dropped("closed", null),
    });
  }

  #dropped(state: Health["state"], sentence: string | null): void {
    this.#connection = null;
    this.#open = null;
    this.#health.value = { state, sentence };
  }
}

/** The result, once the transaction is done: a request that succeeded is not yet data that is safe. */
async function settle<Result>(transaction: Reading | Writing, work: Promise<Result>): Promise<Result> {
  const done = transaction.done.then(
    () => null,
    (problem: unknown) => problem ?? new DOMException("The transaction was aborted.", "AbortError"),
  );
  try {
    const result = await work;
    const problem = await done;
    if (problem) throw problem;
    return result;
  } catch (problem) {
    abort(transaction);
    const reason = await done; // the transaction's own reason says more than the request's "aborted"
    const cause = isAbort(problem) && reason ? reason : problem;
    throw cause instanceof DOMException ? storageFailed(cause) : cause;
  }
}

function isAbort(problem: unknown): boolean {
  return problem instanceof DOMException && problem.name === "AbortError";
}

function abort(transaction: Reading | Writing): void {
  try {
    transaction.abort();
  } catch (problem) {
    if (!(problem instanceof DOMException) || problem.name !== "InvalidStateError") throw problem; // it had ended already
  }
}

/** Opens the data of this origin. Rejects with StorageFailed: `newer` when they were written by a newer version. */
export async function openDatabase(options: DatabaseOptions = {}): Promise<Database> {
  const database = new Database(options);
  await database.connect();
  return database;
}
