/** The draft in the browser: what it holds now, what can be undone, and whether the server has it. */

import { computed, signal } from "@preact/signals";
import type { Modifier, Stream } from "../../core/framework";
import { type DesignDocument, type Path, put } from "./document";
import { forget, kept, keep } from "./keeping";

export interface Finding {
  readonly path: string;
  readonly severity: "error" | "warning" | "hint";
  readonly code: string;
  readonly sentence: string;
  readonly remedy: string;
}

/** What was understood of pasted rows, as parts of a document. */
export interface Pasted {
  readonly streams: readonly Stream[];
  readonly modifiers: readonly Modifier[];
  readonly findings: readonly Finding[];
}

export type Saving =
  | { readonly kind: "saved" }
  | { readonly kind: "unsaved" }
  | { readonly kind: "saving" }
  | { readonly kind: "offline" }
  | { readonly kind: "refused"; readonly sentence: string }
  | { readonly kind: "conflict"; readonly revision: number; readonly by: string; readonly document: DesignDocument };

/** What one draft needs to know of its page. */
export interface Addresses {
  readonly draft: string;
  readonly paste: string;
  readonly here: string;
  readonly token: string;
  /** whose browser it is: a shared one must not give one person's unsaved work to another */
  readonly person: string;
}

interface Answer {
  readonly document: DesignDocument;
  readonly revision: number;
  readonly changed_by: string;
  readonly findings: readonly Finding[];
}

interface Here {
  readonly revision: number;
  readonly others: readonly string[];
}

const SIGNED_OUT = "You are signed out. Sign in again in another tab; your work stays here and is saved then.";
const SAVE_AFTER_MS = 700;
const AGAIN_AFTER_MS = 5_000;
const LOOK_EVERY_MS = 15_000;
const SAME_EDIT_MS = 2_000;
const KEPT_STEPS = 300;

/** One draft of one framework, saved by itself, never over somebody else's work. */
export class Draft {
  readonly document = signal<DesignDocument>({ schema: "observe-framework/1", slug: "", title: "" });
  readonly findings = signal<readonly Finding[]>([]);
  readonly saving = signal<Saving>({ kind: "saved" });
  readonly past = signal<readonly DesignDocument[]>([]);
  readonly future = signal<readonly DesignDocument[]>([]);
  readonly languages = computed(() => this.document.value.languages ?? ["en"]);
  /** Findings by their place and by every place above it, so that 300 rows need not search 600 findings each. */
  readonly foundBelow = computed(() => byPlace(this.findings.value));
  /** Who else has the designer of this framework open. */
  readonly others = signal<readonly string[]>([]);
  /** What a screen reader is told next: what was moved, removed, saved again. */
  readonly said = signal("");
  #revision = 0;
  #changedBy = "";
  #timer: ReturnType<typeof setTimeout> | undefined;
  #lastEdit = { where: "", when: 0 };
  #sending = false;

  readonly #at: Addresses;

  constructor(addresses: Addresses) {
    this.#at = addresses;
  }

  /** Fetch the draft, then look now and then whether somebody else has changed it. */
  async open(): Promise<void> {
    this.#take(await this.#ask("GET"));
    this.#takeUp();
    void this.#look();
    setInterval(() => void this.#look(), LOOK_EVERY_MS);
    addEventListener("online", () => void this.save());
    addEventListener("pagehide", () => this.saving.value.kind !== "saved" && this.#keep());
    addEventListener("beforeunload", (event) => {
      if (this.saving.value.kind !== "saved") event.preventDefault();
    });
  }

  /** What this browser kept of work that never reached the server: it goes on, or is a conflict when the draft has moved. */
  #takeUp(): void {
    const mine = kept(this.#keptAs);
    if (!mine) return;
    const theirs = this.document.value;
    this.past.value = [theirs];
    this.document.value = mine.document;
    this.saving.value = mine.revision === this.#revision
      ? { kind: "unsaved" }
      : { kind: "conflict", revision: this.#revision, by: this.#changedBy, document: theirs };
    this.said.value = "Work that was not saved yet has been brought back.";
    this.#plan();
  }

  #keep(): void {
    keep(this.#keptAs, { revision: this.#revision, document: this.document.value });
  }

  get #keptAs(): string {
    return `${this.#at.draft} ${this.#at.person}`;
  }

  /** Another value at a path. Quick edits of one place are one step of undo. */
  set(path: Path, value: unknown): void {
    this.change((document) => put(document, path, value), path.join("/"));
  }

  /** Any change of the document; `where` names the place, so that edits of one place can be one step. */
  change(how: (document: DesignDocument) => DesignDocument, where = ""): void {
    const before = this.document.value;
    const after = how(before);
    if (after === before) return;
    const now = performance.now();
    const goesOn = where !== "" && where === this.#lastEdit.where && now - this.#lastEdit.when < SAME_EDIT_MS;
    this.#lastEdit = { where, when: now };
    if (!goesOn) this.past.value = [...this.past.value.slice(1 - KEPT_STEPS), before];
    this.future.value = [];
    this.#show(after);
  }

  undo(): void {
    const before = this.past.value.at(-1);
    if (!before) return;
    this.past.value = this.past.value.slice(0, -1);
    this.future.value = [this.document.value, ...this.future.value];
    this.#lastEdit = { where: "", when: 0 };
    this.#show(before);
  }

  redo(): void {
    const [next, ...rest] = this.future.value;
    if (!next) return;
    this.future.value = rest;
    this.past.value = [...this.past.value, this.document.value];
    this.#lastEdit = { where: "", when: 0 };
    this.#show(next);
  }

  /** In a conflict: go on from theirs. Ours stays one step of undo away. */
  takeTheirs(): void {
    const conflict = this.saving.value;
    if (conflict.kind !== "conflict") return;
    this.past.value = [...this.past.value, this.document.value];
    this.#revision = conflict.revision;
    this.document.value = conflict.document;
    this.saving.value = { kind: "saved" };
    forget(this.#keptAs);
    void this.#refresh();
  }

  /** In a conflict: keep ours as the newest. Theirs stays one step of undo away here, and one on their screen. */
  keepOurs(): void {
    const conflict = this.saving.value;
    if (conflict.kind !== "conflict") return;
    this.#revision = conflict.revision;
    this.past.value = [...this.past.value, conflict.document];
    this.saving.value = { kind: "unsaved" };
    void this.save();
  }

  #show(document: DesignDocument): void {
    this.document.value = document;
    const { kind } = this.saving.value;
    if (kind === "conflict" || kind === "offline" || kind === "refused") this.#keep();
    if (kind === "conflict") return;
    if (kind !== "offline") this.saving.value = { kind: "unsaved" };
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.save(), SAVE_AFTER_MS);
  }

  /** Send the draft as it is now. What is typed meanwhile is sent afterwards. */
  async save(): Promise<void> {
    const kind = this.saving.value.kind;
    if (this.#sending || kind === "saved" || kind === "conflict") return;
    this.#sending = true;
    if (kind !== "offline") this.saving.value = { kind: "saving" };
    const sent = this.document.value;
    try {
      const answer = await this.#ask("PUT", { revision: this.#revision, document: sent });
      this.#revision = answer.revision;
      this.findings.value = answer.findings;
      if (kind === "offline") this.said.value = "Saved: the server is there again.";
      this.saving.value = this.document.value === sent ? { kind: "saved" } : { kind: "unsaved" };
      if (this.document.value === sent) forget(this.#keptAs);
    } catch (problem) {
      this.#stumble(problem);
    } finally {
      this.#sending = false;
    }
    this.#plan();
  }

  /** What is not saved yet is tried again: soon, or later when there was no way to the server. */
  #plan(): void {
    const { kind } = this.saving.value;
    if (kind === "saved" || kind === "saving" || kind === "conflict") return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.save(), kind === "unsaved" ? SAVE_AFTER_MS : AGAIN_AFTER_MS);
  }

  #stumble(problem: unknown): void {
    this.#keep();
    if (problem instanceof Conflict) {
      const { revision, changed_by: by, document } = problem.answer;
      this.saving.value = { kind: "conflict", revision, by, document };
    } else if (problem instanceof Refused) {
      this.saving.value = { kind: "refused", sentence: problem.message };
    } else {
      this.saving.value = { kind: "offline" };
    }
  }

  /** What the server makes of rows pasted from a spreadsheet. */
  async understand(text: string): Promise<Pasted> {
    const headers = { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": this.#at.token };
    const reply = await fetch(this.#at.paste, { method: "POST", headers, body: JSON.stringify({ text }) });
    const said: unknown = await reply.json();
    if (!reply.ok) throw new Refused((said as { detail?: string }).detail ?? "The rows could not be read.");
    return said as Pasted;
  }

  /** Say that somebody is here, hear who else is, and fetch the draft if somebody has changed it. */
  async #look(): Promise<void> {
    if (document.hidden || this.#sending) return;
    try {
      const reply = await fetch(this.#at.here, { method: "POST", headers: { Accept: "application/json", "X-CSRFToken": this.#at.token } });
      if (!reply.ok) return;
      const { revision, others } = (await reply.json()) as Here;
      this.others.value = others;
      if (revision !== this.#revision && !this.#sending && this.saving.value.kind !== "conflict") this.#follow(await this.#ask("GET"));
    } catch {
      // Not reachable just now: the next look, or the next save, will say so.
    }
  }

  /** Somebody else's newer draft: taken over while nothing of ours is unsaved, with ours one step of undo away. */
  #follow(answer: Answer): void {
    if (answer.revision === this.#revision) return;
    if (this.saving.value.kind !== "saved") {
      this.saving.value = { kind: "conflict", revision: answer.revision, by: answer.changed_by, document: answer.document };
      return;
    }
    this.past.value = [...this.past.value.slice(1 - KEPT_STEPS), this.document.value];
    this.future.value = [];
    this.#take(answer);
    this.said.value = `${answer.changed_by} has changed the draft; what you see is the newest. Undo brings back what you had.`;
  }

  async #refresh(): Promise<void> {
    this.#take(await this.#ask("GET"));
  }

  #take(answer: Answer): void {
    this.#revision = answer.revision;
    this.#changedBy = answer.changed_by;
    this.document.value = answer.document;
    this.findings.value = answer.findings;
  }

  async #ask(method: "GET" | "PUT", body?: unknown): Promise<Answer> {
    const headers: Record<string, string> = { Accept: "application/json" };
    if (body !== undefined) Object.assign(headers, { "Content-Type": "application/json", "X-CSRFToken": this.#at.token });
    const reply = await fetch(this.#at.draft, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
    if (reply.status === 401 || reply.redirected) throw new Refused(SIGNED_OUT);
    const said: unknown = await reply.json();
    if (reply.status === 409) throw new Conflict(said as Answer);
    if (!reply.ok) throw new Refused((said as { detail?: string }).detail ?? "The server did not take the draft.");
    return said as Answer;
  }
}

class Conflict extends Error {
  readonly answer: Answer;

  constructor(answer: Answer) {
    super("changed meanwhile");
    this.answer = answer;
  }
}

class Refused extends Error {}

/** Findings at exactly this place. */
export function findingsAt(findings: readonly Finding[], path: Path): readonly Finding[] {
  const pointer = pointerOf(path);
  return findings.filter((finding) => finding.path === pointer);
}

/** Findings at this place or anywhere below it. */
export function findingsBelow(findings: readonly Finding[], path: Path): readonly Finding[] {
  const pointer = pointerOf(path);
  return findings.filter((finding) => finding.path === pointer || finding.path.startsWith(`${pointer}/`));
}

const NONE: readonly Finding[] = [];

/** Every finding under its own place and under each place above it. */
export function byPlace(findings: readonly Finding[]): { readonly at: (path: Path) => readonly Finding[] } {
  const places = new Map<string, Finding[]>();
  for (const finding of findings) {
    for (let end = finding.path.length; end > 0; end = finding.path.lastIndexOf("/", end - 1)) {
      const place = finding.path.slice(0, end);
      const there = places.get(place);
      if (there) there.push(finding);
      else places.set(place, [finding]);
    }
  }
  return { at: (path) => places.get(pointerOf(path)) ?? NONE };
}

/** A path as the JSON pointer that findings use. */
export function pointerOf(path: Path): string {
  return path.map((step) => `/${String(step).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
}
