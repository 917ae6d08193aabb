/** The key as the page holds it: fetched, opened, changed, locked. Opened it lives in memory only, and never for long. */

import { signal } from "@preact/signals";
import { newLock, open, seal, unlock, type Identity, type Lock } from "./cipher";

export interface Subject {
  readonly id: string;
  readonly pseudonym: string;
}

/** Where the page stands. `broken` are subjects whose entry was tampered with: it cannot be opened by anybody. */
export type Stand =
  | { readonly kind: "none" }
  | { readonly kind: "locked" }
  | { readonly kind: "open"; readonly identities: ReadonlyMap<string, Identity>; readonly broken: ReadonlySet<string> };

export interface Copy {
  readonly schema: "observe-key/1";
  readonly study: string;
  readonly lock: Lock;
  readonly entries: Readonly<Record<string, string>>;
}

/** Something that the person has to be told, and can do something about. */
export class Refused extends Error {}

export const IDLE_MS = 5 * 60_000;

/** Sends JSON to one of the key's addresses; Refused with words for the person when the server does not take it. */
export type Post = (path: string, body: unknown) => Promise<unknown>;

interface Fetched {
  readonly version: number;
  readonly lock: Lock | null;
  readonly entries: Readonly<Record<string, string>>;
}

interface Opened {
  readonly key: CryptoKey;
  readonly lock: Lock;
  readonly version: number;
  readonly entries: ReadonlyMap<string, string>;
}

export class Safe {
  readonly stand = signal<Stand>({ kind: "none" });
  readonly study: string;
  readonly roster: readonly Subject[];
  readonly post: Post;
  #opened: Opened | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(study: string, roster: readonly Subject[], isKept: boolean, post: Post) {
    this.study = study;
    this.roster = roster;
    this.post = post;
    if (isKept) this.stand.value = { kind: "locked" };
  }

  /** A first key, without entries. */
  async begin(passphrase: string): Promise<void> {
    const { lock, key } = await newLock(passphrase, this.study);
    const version = await this.#send("lay-down", { version: 0, lock, entries: {} });
    this.#hold({ key, lock, version, entries: new Map() }, new Map(), new Set());
  }

  /** Fetch the sealed key and open it. False when the passphrase does not open it. */
  async open(passphrase: string): Promise<boolean> {
    const fetched = await this.#fetch();
    if (!fetched.lock) {
      this.stand.value = { kind: "none" };
      throw new Refused("The key has been deleted meanwhile.");
    }
    const key = await unlock(passphrase, fetched.lock, this.study);
    if (!key) return false;
    await this.#show({ key, lock: fetched.lock, version: fetched.version, entries: new Map(Object.entries(fetched.entries)) });
    return true;
  }

  /** Forget everything that was opened. */
  lock(): void {
    clearTimeout(this.#timer);
    this.#opened = null;
    if (this.stand.peek().kind === "open") this.stand.value = { kind: "locked" };
  }

  /** Somebody is still at it. */
  stir(): void {
    clearTimeout(this.#timer);
    if (this.#opened) this.#timer = setTimeout(() => this.lock(), IDLE_MS);
  }

  /** Enter who a pseudonym stands for; with nothing in it, the entry goes. */
  async enter(subject: string, identity: Identity): Promise<void> {
    const held = this.#held();
    const isEmpty = !identity.name && !identity.contact && !identity.note;
    const one = isEmpty ? null : await seal(held.key, this.study, subject, identity);
    const version = await this.#send(`entries/${subject}`, { version: held.version, sealed: one });
    const entries = new Map(held.entries);
    if (one === null) entries.delete(subject);
    else entries.set(subject, one);
    await this.#show({ ...held, version, entries });
  }

  /** Everything is sealed anew under a new data key: whoever knows the old passphrase cannot open what comes after. */
  async change(passphrase: string): Promise<void> {
    const held = this.#held();
    const stand = this.stand.peek();
    if (stand.kind !== "open") return;
    if (stand.broken.size > 0) throw new Refused("Remove the entries that cannot be opened first: they would be lost.");
    const { lock, key } = await newLock(passphrase, this.study);
    const entries = new Map<string, string>();
    for (const [subject, identity] of stand.identities) entries.set(subject, await seal(key, this.study, subject, identity));
    const version = await this.#send("lay-down", { version: held.version, lock, entries: Object.fromEntries(entries) });
    await this.#show({ key, lock, version, entries });
  }

  /** The sealed key as a file: worth nothing without the passphrase that it has now. */
  copy(): Copy {
    const held = this.#held();
    return { schema: "observe-key/1", study: this.study, lock: held.lock, entries: Object.fromEntries(held.entries) };
  }

  /** Put a sealed copy in the key's place, once its passphrase has opened it. Those who are not on the roster any more stay out. */
  async putBack(copy: unknown, passphrase: string): Promise<boolean> {
    if (!isCopy(copy)) throw new Refused("This file is not a sealed copy of a key.");
    if (copy.study !== this.study) throw new Refused("This copy belongs to another study.");
    const key = await unlock(passphrase, copy.lock, this.study);
    if (!key) return false;
    const there = new Set(this.roster.map((subject) => subject.id));
    const entries = new Map(Object.entries(copy.entries).filter(([subject]) => there.has(subject)));
    const { version } = await this.#fetch();
    const next = await this.#send("lay-down", { version, lock: copy.lock, entries: Object.fromEntries(entries) });
    await this.#show({ key, lock: copy.lock, version: next, entries });
    return true;
  }

  async #show(opened: Opened): Promise<void> {
    const identities = new Map<string, Identity>();
    const broken = new Set<string>();
    for (const [subject, one] of opened.entries) {
      const identity = await open(opened.key, this.study, subject, one);
      if (identity) identities.set(subject, identity);
      else broken.add(subject);
    }
    this.#hold(opened, identities, broken);
  }

  #hold(opened: Opened, identities: ReadonlyMap<string, Identity>, broken: ReadonlySet<string>): void {
    this.#opened = opened;
    this.stand.value = { kind: "open", identities, broken };
    this.stir();
  }

  #held(): Opened {
    if (!this.#opened) throw new Refused("The key has been locked meanwhile. Open it again.");
    return this.#opened;
  }

  async #fetch(): Promise<Fetched> {
    return await this.post("fetch", {}) as Fetched; // our own server's answer, from this very page's address
  }

  async #send(path: string, body: unknown): Promise<number> {
    const { version } = await this.post(path, body) as { readonly version: number };
    return version;
  }
}

function isCopy(found: unknown): found is Copy {
  if (typeof found !== "object" || found === null) return false;
  const copy = found as Partial<Copy>;
  return copy.schema === "observe-key/1" && typeof copy.study === "string" && typeof copy.lock === "object" && copy.lock !== null
    && typeof copy.lock.salt === "string" && typeof copy.lock.data_key === "string" && typeof copy.lock.rounds === "number"
    && copy.lock.rounds >= 600_000 && copy.lock.rounds <= 10_000_000
    && typeof copy.entries === "object" && copy.entries !== null && Object.values(copy.entries).every((one) => typeof one === "string");
}

/** The key in clear, as a table that a spreadsheet opens; no cell can become a formula. */
export function inClear(roster: readonly Subject[], identities: ReadonlyMap<string, Identity>): string {
  const cell = (words: string) => `"${(/^[\s]*[=+\-@\uFF1D\uFF0B\uFF0D\uFF20\t\r]/.test(words) ? `'${words}` : words).replaceAll('"', '""')}"`;
  const rows = roster.flatMap(({ id, pseudonym }) => {
    const one = identities.get(id);
    return one ? [[pseudonym, one.name, one.contact, one.note]] : [];
  });
  return [["pseudonym", "name", "contact", "note"], ...rows].map((row) => `${row.map(cell).join(",")}\r\n`).join("");
}
