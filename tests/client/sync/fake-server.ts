/** A server as docs/reference/sync.md has it, in memory: it stores, holds against, and can be made to fail. */

import { createHash } from "node:crypto";
import type { Received } from "../../../static/src/sync/protocol";
import type { Call, Transport } from "../../../static/src/sync/transport";

interface SentEvent {
  readonly id: string;
  readonly seq: number;
}

interface Stored {
  readonly header: string;
  readonly texts: string[];
  readonly ids: string[];
}

export type Trouble = (call: Call, next: () => Received) => Received | Promise<Received>;

const bytes = (text: string): Buffer => createHash("sha256").update(text, "utf8").digest();

export function digestOfTexts(texts: readonly string[]): string {
  return createHash("sha256").update(Buffer.concat(texts.map(bytes))).digest("hex");
}

/** The exact JSON text of each element of the array under `"events":[`: strings and braces are counted. */
function eventTexts(body: string, from: number): string[] {
  const texts: string[] = [];
  let depth = 0;
  let inWords = false;
  let begin = 0;
  for (let place = body.indexOf('"events":[', from) + 10; place < body.length; place += 1) {
    const sign = body[place];
    if (inWords) {
      if (sign === "\\") place += 1;
      else if (sign === '"') inWords = false;
    } else if (sign === '"') inWords = true;
    else if (sign === "{") {
      if (depth === 0) begin = place;
      depth += 1;
    } else if (sign === "}") {
      depth -= 1;
      if (depth === 0) texts.push(body.slice(begin, place + 1));
    } else if (sign === "]" && depth === 0) return texts;
  }
  return texts;
}

export class FakeServer {
  readonly sessions = new Map<string, Stored>();
  readonly calls: Call[] = [];
  readonly requests: number[] = [];
  token: string | null = "token";
  trouble: Trouble | null = null;
  asideReason: string | null = null;
  time = 1_800_000_000_000;

  readonly transport: Transport = async (call) => {
    this.calls.push(call);
    const next = (): Received => this.answer(call);
    return this.trouble ? this.trouble(call, next) : next();
  };

  answer(call: Call): Received {
    if (call.token !== this.token) return this.problem(401, "device.unknown");
    if (call.path === "/pull") return this.reply(this.pulled());
    return this.reply(this.take(call.body ?? ""));
  }

  reply(body: object, status = 200): Received {
    return { kind: "reply", status, body: JSON.parse(JSON.stringify(body)), retryAfterMs: null };
  }

  problem(status: number, code: string, retryAfterMs: number | null = null): Received {
    const body = { observe: 1, type: "about:blank", code, title: code, detail: `It is ${code}.`, remedy: "Wait.", status };
    return { kind: "reply", status, body, retryAfterMs };
  }

  take(text: string): object {
    const body = JSON.parse(text) as { request: string; sessions: { header: { id: string }; events: SentEvent[] }[] };
    let from = 0;
    const sessions = body.sessions.map((part) => {
      from = text.indexOf(`"id":"${part.header.id}"`, from);
      const texts = eventTexts(text, from);
      this.requests.push(part.events.length);
      return this.takePart(part.header.id, JSON.stringify(part.header), part.events, texts);
    });
    return { observe: 1, request: body.request, server_time: this.time, sessions };
  }

  takePart(id: string, header: string, events: readonly SentEvent[], texts: readonly string[]): object {
    const stored = this.sessions.get(id) ?? { header, texts: [], ids: [] };
    this.sessions.set(id, stored);
    const outcomes = events.map(({ id: event, seq }, place) => {
      const text = texts[place] ?? "";
      if (seq > stored.texts.length + 1) return [event, "later"];
      if (seq <= stored.texts.length) return stored.texts[seq - 1] === text ? [event, "have"] : [event, "aside", "event.conflict"];
      stored.texts.push(text);
      stored.ids.push(event);
      return this.asideReason ? [event, "aside", this.asideReason] : [event, "stored"];
    });
    return { id, stored_to: stored.texts.length, digest: digestOfTexts(stored.texts), outcomes };
  }

  pulled(): object {
    return {
      observe: 1,
      cursor: "c1",
      server_time: this.time,
      study: { id: 1, slug: "care", title: "Care" },
      observers: [{ id: 3, name: "Owen" }],
      frameworks: [{ hash: "f".repeat(64), number: 1, state: "open", document: { slug: "f" } }],
      subjects: [],
      settings: [],
      sessions: [...this.sessions].map(([id, { texts }]) => ({ id, stored_to: texts.length, digest: digestOfTexts(texts) })),
    };
  }

  /** As if it had been restored from a backup in which a session reached only so far. */
  restore(session: string, to: number): void {
    const stored = this.sessions.get(session);
    if (!stored) return;
    stored.texts.length = Math.min(stored.texts.length, to);
    stored.ids.length = stored.texts.length;
    if (to === 0) this.sessions.delete(session);
  }
}
