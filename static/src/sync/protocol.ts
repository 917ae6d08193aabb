/** What the server may say, and what it means. Whatever is not exactly ours is not a success. */

import type { Exchange } from "../core/queue";
import type { FrameworkRow } from "../store/rows";
import type { Mark, Waiting } from "../store/outbox";
import type { SessionEvent } from "../core/events";
import type { Offered, Standard } from "../store/practice";
import type { Observer, Setting, Study, Subject } from "../store/reference";

/** An answer of some server, perhaps ours. */
export type Received =
  | { readonly kind: "reply"; readonly status: number; readonly body: unknown; readonly retryAfterMs: number | null }
  | { readonly kind: "unreachable" };

/** One session's part of a request: what it is made of, and what the answer is held against. */
export interface Part {
  readonly session: string;
  readonly header: string;
  readonly count: number;
  readonly storedTo: number;
  readonly events: readonly { readonly id: string; readonly seq: number; readonly text: string }[];
}

/** What the server said of one session. */
export interface Answer {
  readonly session: string;
  readonly storedTo: number;
  readonly digest: string;
  readonly marks: readonly Mark[];
  /** the server lacks events that it once had, or that lie before those which were sent */
  readonly wentBackTo: number | null;
}

export interface Enrolled {
  readonly device: string;
  readonly token: string;
  readonly expires: number;
  readonly study: Study;
}

export interface Held {
  readonly id: string;
  readonly stored_to: number;
  readonly digest: string;
}

export interface Pulled {
  readonly cursor: string;
  readonly serverTime: number;
  readonly study: Study;
  readonly observers: readonly Observer[];
  readonly frameworks: readonly FrameworkRow[];
  readonly subjects: readonly Subject[];
  readonly settings: readonly Setting[];
  /** agreed codings to practise against; each is fetched by itself */
  readonly practice: readonly Offered[];
  readonly sessions: readonly Held[];
  /** photos and voice notes that the server lacks */
  readonly attachments: readonly string[];
}

/** An error in the server's own words. */
export interface Refusal {
  readonly code: string;
  readonly detail: string;
  readonly remedy: string;
}

class NotOurs extends Error {}

type Fields = Readonly<Record<string, unknown>>;

function fields(value: unknown): Fields {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new NotOurs();
  return value as Fields;
}

function list(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw new NotOurs();
  return value;
}

function words(value: unknown): string {
  if (typeof value !== "string") throw new NotOurs();
  return value;
}

function whole(value: unknown): number {
  if (typeof value !== "number" || !Number.isSafeInteger(value)) throw new NotOurs();
  return value;
}

function ours(body: unknown): Fields {
  const found = fields(body);
  if (found["observe"] !== 1) throw new NotOurs();
  return found;
}

/** The parsed answer, or null when it is not ours. */
function parsed<Result>(parse: () => Result): Result | null {
  try {
    return parse();
  } catch (problem) {
    if (problem instanceof NotOurs) return null;
    throw problem;
  }
}

// ── sending ──────────────────────────────────────────────────────────────────────────────────────────────────────────

export interface Limits {
  readonly events: number;
  readonly bytes: number;
  readonly oneByOne: boolean;
}

/** As much of the waiting sessions as fits one request: at least one event, so that nothing is ever stuck. */
export function fill(waiting: readonly Waiting[], limits: Limits): readonly Part[] {
  const parts: Part[] = [];
  let events = limits.events;
  let bytes = limits.bytes;
  for (const each of waiting) {
    const taken: Part["events"][number][] = [];
    let cost = each.header.length * 3 + 100;
    for (const row of each.rows) {
      const size = row.text.length * 3 + 1; // UTF-8 is at most three bytes a unit of UTF-16
      const isFirst = parts.length === 0 && taken.length === 0;
      if (!isFirst && (taken.length >= events || cost + size > bytes)) break;
      taken.push({ id: row.id, seq: row.seq, text: row.text });
      cost += size;
    }
    if (taken.length === 0) break;
    parts.push({ session: each.session, header: each.header, count: each.count, storedTo: each.storedTo, events: taken });
    events -= taken.length;
    bytes -= cost;
    if (limits.oneByOne || events <= 0) break;
  }
  return parts;
}

/** The request's text. Headers and events stand in it exactly as they were recorded: their hashes are over that text. */
export function requestText(request: string, app: string, sent: number, parts: readonly Part[]): string {
  const head = JSON.stringify({ observe: 1, request, app, sent });
  const sessions = parts.map(
    ({ header, events, count }) => `{"header":${header},"events":[${events.map((event) => event.text).join(",")}],"count":${count}}`,
  );
  return `${head.slice(0, -1)},"sessions":[${sessions.join(",")}]}`;
}

function outcomeOf(value: unknown): readonly [id: string | null, became: string, reason: string] {
  const [id, became, reason] = list(value);
  return [id === null ? null : words(id), words(became), reason === undefined || reason === null ? "" : words(reason)];
}

/** Stored counts only as far as the server says that it holds everything: a success that was not one changes nothing. */
function marksOf(part: Part, outcomes: readonly unknown[], storedTo: number): readonly Mark[] {
  const seqById = new Map(part.events.map((event) => [event.id, event.seq]));
  return outcomes.flatMap((value): Mark[] => {
    const [id, became, reason] = outcomeOf(value);
    const seq = id === null ? undefined : seqById.get(id);
    if (seq === undefined) return [];
    if (became === "aside") return [{ seq, kind: "aside", reason }];
    return (became === "stored" || became === "have") && seq <= storedTo ? [{ seq, kind: "done" }] : [];
  });
}

function answerOf(value: unknown, parts: readonly Part[]): Answer | null {
  const found = fields(value);
  const storedTo = whole(found["stored_to"]);
  const part = parts.find((each) => each.session === found["id"]);
  if (!part) return null;
  const first = part.events[0]?.seq ?? 1;
  const wentBack = storedTo < Math.max(part.storedTo, first - 1);
  return {
    session: part.session,
    storedTo,
    digest: words(found["digest"]),
    marks: marksOf(part, list(found["outcomes"]), storedTo),
    wentBackTo: wentBack ? storedTo : null,
  };
}

export interface SyncReply {
  readonly serverTime: number;
  readonly answers: readonly Answer[];
}

/** Null when this is not the answer to this very request. */
export function syncReply(body: unknown, request: string, parts: readonly Part[]): SyncReply | null {
  return parsed(() => {
    const found = ours(body);
    if (found["request"] !== request) throw new NotOurs();
    const answers = list(found["sessions"]).map((value) => answerOf(value, parts));
    return { serverTime: whole(found["server_time"]), answers: answers.filter((answer) => answer !== null) };
  });
}

/** The server's refusal, when the body is ours. */
export function refusalOf(body: unknown): Refusal | null {
  return parsed(() => {
    const found = ours(body);
    const text = (name: string): string => (typeof found[name] === "string" ? found[name] : "");
    return { code: words(found["code"]), detail: text("detail"), remedy: text("remedy") };
  });
}

/** What an answer that is no success means for the queue. */
export function exchangeOf(received: Received, sessions: readonly string[]): Exchange {
  if (received.kind === "unreachable") return { kind: "unreachable" };
  const { status, body, retryAfterMs } = received;
  if (status === 429 || status === 503) return { kind: "busy", retryAfterMs };
  const refusal = refusalOf(body);
  if (!refusal) return status >= 500 ? { kind: "busy", retryAfterMs } : { kind: "not-ours" };
  if (status === 401) return { kind: "sign-in" };
  if (status === 413) return { kind: "too-large" };
  if (refusal.code === "sync.mangled") return { kind: "mangled" };
  if (status >= 500) return { kind: "busy", retryAfterMs };
  return { kind: "refused", sessions };
}

// ── enrolling and pulling ────────────────────────────────────────────────────────────────────────────────────────────

function studyOf(value: unknown): Study {
  const found = fields(value);
  return { id: whole(found["id"]), slug: words(found["slug"]), title: words(found["title"]) };
}

export function enrolledReply(body: unknown): Enrolled | null {
  return parsed(() => {
    const found = ours(body);
    return {
      device: words(found["device"]),
      token: words(found["token"]),
      expires: whole(found["expires"]),
      study: studyOf(found["study"]),
    };
  });
}

function frameworkOf(value: unknown): FrameworkRow {
  const found = fields(value);
  const state = words(found["state"]);
  if (state !== "open" && state !== "closing" && state !== "closed") throw new NotOurs();
  return { hash: words(found["hash"]), number: whole(found["number"]), state, document: fields(found["document"]) };
}

function subjectOf(value: unknown): Subject {
  const found = fields(value);
  return {
    id: words(found["id"]),
    pseudonym: words(found["pseudonym"]),
    attributes: fields(found["attributes"] ?? {}),
    active: found["active"] !== false,
  };
}

function offeredOf(value: unknown): Offered {
  const found = fields(value);
  return {
    id: words(found["id"]),
    title: words(found["title"]),
    hint: words(found["hint"]),
    framework: words(found["framework"]),
    happening: found["happening"] === null ? null : words(found["happening"]),
    streams: list(found["streams"]).map(words),
    length: whole(found["length"]),
    count: whole(found["count"]),
    size: whole(found["size"]),
  };
}

function eventOf(value: unknown): SessionEvent {
  const found = fields(value);
  words(found["id"]);
  words(found["kind"]);
  whole(found["seq"]);
  whole(found["at"]);
  return found as unknown as SessionEvent;
}

/** An agreed coding, or null when it is not the one that was asked for. */
export function standardReply(body: unknown, { id, count, framework }: Offered): Standard | null {
  return parsed(() => {
    const found = ours(body);
    const header = fields(found["header"]);
    const rows = list(found["events"]).map(eventOf);
    if (found["id"] !== id || rows.length !== count || header["framework"] !== framework) throw new NotOurs();
    return { header: { framework, subjects: list(header["subjects"]).map(words) }, events: rows };
  });
}

export function pulledReply(body: unknown): Pulled | null {
  return parsed(() => {
    const found = ours(body);
    return {
      cursor: words(found["cursor"]),
      serverTime: whole(found["server_time"]),
      study: studyOf(found["study"]),
      observers: list(found["observers"]).map(fields).map((each) => ({ id: whole(each["id"]), name: words(each["name"]) })),
      frameworks: list(found["frameworks"]).map(frameworkOf),
      subjects: list(found["subjects"]).map(subjectOf),
      settings: list(found["settings"]).map(fields).map((each) => ({ id: words(each["id"]), label: words(each["label"]) })),
      practice: list(found["practice"] ?? []).map(offeredOf), // an older server offers none
      sessions: list(found["sessions"]).map(fields).map((each) => ({
        id: words(each["id"]),
        stored_to: whole(each["stored_to"]),
        digest: words(each["digest"]),
      })),
      attachments: list(found["attachments"] ?? []).map(words), // an older server knows of none
    };
  });
}
