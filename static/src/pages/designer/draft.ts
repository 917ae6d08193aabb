/** The draft in the browser: what it holds now, what can be undone, and whether the server has it. */

import { computed, signal } from "@preact/signals";
import type { Modifier, Stream } from "../../core/framework";
import { type DesignDocument, type Path, put } from "./document";

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

interface Answer {
  readonly document: DesignDocument;
  readonly revision: number;
  readonly changed_by: string;
  readonly findings: readonly Finding[];
}

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
  #revision = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #lastEdit = { where: "", when: 0 };
  #sending = false;

  readonly #url: string;
  readonly #pasteUrl: string;
  readonly #token: string;

  constructor(url: string, pasteUrl: string, token: string) {
    this.#url = url;
    this.#pasteUrl = pasteUrl;
    this.#token = token;
  }

  /** Fetch the draft, then look now and then whether somebody else has changed it. */
  async open(): Promise<void> {
    const answer = await this.#ask("GET");
    this.#take(answer);
    setInterval(() => void this.#look(), LOOK_EVERY_MS);
    addEventListener("online", () => void this.save());
    addEventListener("beforeunload", (event) => {
      if (this.saving.value.kind !== "saved") event.preventDefault();
    });
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
    void this.#refresh();
  }

  /** In a conflict: keep ours as the newest, knowing of theirs, which stays in the history of the server's audit. */
  keepOurs(): void {
    const conflict = this.saving.value;
    if (conflict.kind !== "conflict") return;
    this.#revision = conflict.revision;
    this.saving.value = { kind: "unsaved" };
    void this.save();
  }

  #show(document: DesignDocument): void {
    this.document.value = document;
    if (this.saving.value.kind === "conflict") return;
    this.saving.value = { kind: "unsaved" };
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.save(), SAVE_AFTER_MS);
  }

  /** Send the draft as it is now. What is typed meanwhile is sent afterwards. */
  async save(): Promise<void> {
    const kind = this.saving.value.kind;
    if (this.#sending || kind === "saved" || kind === "conflict") return;
    this.#sending = true;
    this.saving.value = { kind: "saving" };
    const sent = this.document.value;
    try {
      const answer = await this.#ask("PUT", { revision: this.#revision, document: sent });
      this.#revision = answer.revision;
      this.findings.value = answer.findings;
      this.saving.value = this.document.value === sent ? { kind: "saved" } : { kind: "unsaved" };
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
    if (kind !== "unsaved" && kind !== "offline") return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.save(), kind === "unsaved" ? SAVE_AFTER_MS : AGAIN_AFTER_MS);
  }

  #stumble(problem: unknown): void {
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
    const headers = { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": this.#token };
    const reply = await fetch(this.#pasteUrl, { method: "POST", headers, body: JSON.stringify({ text }) });
    const said: unknown = await reply.json();
    if (!reply.ok) throw new Refused((said as { detail?: string }).detail ?? "The rows could not be read.");
    return said as Pasted;
  }

  async #look(): Promise<void> {
    if (document.hidden || this.#sending || this.saving.value.kind === "conflict") return;
    try {
      const answer = await this.#ask("GET");
      if (answer.revision === this.#revision) return;
      if (this.saving.value.kind === "saved") this.#take(answer);
      else this.saving.value = { kind: "conflict", revision: answer.revision, by: answer.changed_by, document: answer.document };
    } catch {
      // Not reachable just now: the next look, or the next save, will say so.
    }
  }

  async #refresh(): Promise<void> {
    this.#take(await this.#ask("GET"));
  }

  #take(answer: Answer): void {
    this.#revision = answer.revision;
    this.document.value = answer.document;
    this.findings.value = answer.findings;
  }

  async #ask(method: "GET" | "PUT", body?: unknown): Promise<Answer> {
    const headers: Record<string, string> = { Accept: "application/json" };
    if (body !== undefined) Object.assign(headers, { "Content-Type": "application/json", "X-CSRFToken": this.#token });
    const reply = await fetch(this.#url, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
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

/** A path as the JSON pointer that findings use. */
export function pointerOf(path: Path): string {
  return path.map((step) => `/${String(step).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
}
