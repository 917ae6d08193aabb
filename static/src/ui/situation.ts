/**
 * What the screen needs to know at a glance: what runs, what was ticked, who cannot be seen.
 *
 * The coded record (core/timeline.ts) is what a log means; this only keeps up with the last tap, in constant time.
 * An amendment or a back-dated event is applied by going through the log again.
 */

import type { AmendEvent, IntervalEvent, RateEvent, ScanEvent, SessionEvent } from "../core/events";
import { inOrder } from "../core/events";
import { type FrameworkIndex, isExclusive } from "../core/framework";

export interface Running {
  /** the start event */
  readonly event: string;
  readonly code: string;
  readonly subject: string | null;
  readonly target: string | null;
  readonly since: number;
}

export interface Pause {
  readonly event: string;
  readonly from: number;
  to: number | null;
}

/** A key of the maps below; the parts never hold the separator, since ids do not. */
export function key(...parts: readonly (string | number | null | undefined)[]): string {
  return parts.map((part) => part ?? "").join("|");
}

function without<T extends object>(event: T, name: string): T {
  const { [name as keyof T]: _gone, ...rest } = event;
  return rest as T;
}

/** The event with the new values of an amendment; null takes a value away. */
function amended(event: SessionEvent, set: Readonly<Record<string, unknown>>): SessionEvent {
  let result = event;
  for (const [name, value] of Object.entries(set)) {
    if (name === "id" || name === "seq" || name === "kind") continue;
    result = value === null ? without(result, name) : ({ ...result, [name]: value } as SessionEvent);
  }
  return result;
}

/** Amendments in order of seq; a void amendment is as if it had never been. */
export function effectiveEvents(log: readonly SessionEvent[]): { readonly events: ReadonlyMap<string, SessionEvent>; readonly voided: ReadonlySet<string> } {
  const amends = log.filter((event): event is AmendEvent => event.kind === "amend");
  const voided = new Set<string>();
  const isAmend = new Set(amends.map((amend) => amend.id));
  // An amendment of an amendment comes later in seq, so going backwards settles each before it is asked for.
  for (const amend of [...amends].reverse()) {
    if (amend.void === true && !voided.has(amend.id) && isAmend.has(amend.ref)) voided.add(amend.ref);
  }
  const events = new Map(log.map((event) => [event.id, event]));
  for (const amend of amends) {
    if (voided.has(amend.id) || isAmend.has(amend.ref)) continue;
    const event = events.get(amend.ref);
    if (!event) continue;
    if (amend.void === true) voided.add(amend.ref);
    if (amend.set) events.set(amend.ref, amended(event, amend.set));
  }
  return { events, voided };
}

export class Situation {
  readonly #index: FrameworkIndex;
  #log: SessionEvent[] = [];
  #latest = 0;
  #recorded: Map<string, number>;
  #effective: Map<string, SessionEvent> = new Map();
  #voided: Set<string> = new Set();
  running: Map<string, Running> = new Map();
  counts: Map<string, number> = new Map();
  last: Map<string, number> = new Map();
  ticks: Map<string, string> = new Map();
  said: Map<string, IntervalEvent> = new Map();
  scans: Map<string, ScanEvent> = new Map();
  rates: Map<string, RateEvent> = new Map();
  changes: Map<string, { readonly code: string; readonly at: number }> = new Map();
  away: Map<string, number> = new Map();
  present: Map<string, boolean> = new Map();
  people: Map<string, { readonly pseudonym: string; readonly actor: string | null }> = new Map();
  pauses: Pause[] = [];
  linked: Set<string> = new Set();
  focal: string | null = null;
  ended: SessionEvent | null = null;

  constructor(index: FrameworkIndex, log: readonly SessionEvent[]) {
    this.#index = index;
    this.#log = [...log];
    this.#recorded = new Map(log.map((event) => [event.id, event.at]));
    this.#again();
  }

  get log(): readonly SessionEvent[] {
    return this.#log;
  }

  /** The event with its amendments; voided ones too, since the screen shows them struck out. */
  effective(id: string): SessionEvent | null {
    return this.#effective.get(id) ?? null;
  }

  /** The time it was recorded with, before any amendment. */
  recordedAt(id: string): number | null {
    return this.#recorded.get(id) ?? null;
  }

  isVoid(id: string): boolean {
    return this.#voided.has(id);
  }

  get paused(): Pause | null {
    const last = this.pauses.at(-1);
    return last && last.to === null ? last : null;
  }

  add(event: SessionEvent): void {
    this.#log.push(event);
    this.#recorded.set(event.id, event.at);
    if (event.kind === "amend" || event.at < this.#latest) {
      this.#again();
      return;
    }
    this.#latest = event.at;
    this.#effective.set(event.id, event);
    this.#apply(event);
  }

  /** Session time less pauses: what intervals and sample points are counted in. */
  runningTime(at: number): number {
    return this.pauses.reduce((time, pause) => (pause.from >= at ? time : time - (Math.min(pause.to ?? at, at) - pause.from)), at);
  }

  /** The session time at which this much running time had passed. */
  sessionTime(running: number): number {
    let at = running;
    for (const pause of this.pauses) {
      if (pause.from > at) break;
      if (pause.to !== null) at += pause.to - pause.from;
    }
    return at;
  }

  #again(): void {
    const { events, voided } = effectiveEvents(this.#log);
    this.#effective = new Map(events);
    this.#voided = new Set(voided);
    this.running = new Map();
    this.counts = new Map();
    this.last = new Map();
    this.ticks = new Map();
    this.said = new Map();
    this.scans = new Map();
    this.rates = new Map();
    this.changes = new Map();
    this.away = new Map();
    this.present = new Map();
    this.people = new Map();
    this.pauses = [];
    this.linked = new Set();
    this.focal = null;
    this.ended = null;
    const standing = [...events.values()].filter((event) => !voided.has(event.id)).sort(inOrder);
    for (const event of standing) this.#apply(event);
    this.#latest = standing.at(-1)?.at ?? 0;
  }

  #count(event: { readonly code: string; readonly subject?: string | null; readonly at: number }): void {
    const name = key(event.code, event.subject);
    this.counts.set(name, (this.counts.get(name) ?? 0) + 1);
    this.last.set(name, event.at);
  }

  #apply(event: SessionEvent): void {
    switch (event.kind) {
      case "point":
        this.#count(event);
        return;
      case "start":
        this.#start(event);
        return;
      case "stop":
        this.#stop(event);
        return;
      case "change": {
        const stream = this.#index.codeById.get(event.code)?.stream.id;
        this.#count(event);
        this.changes.set(key(stream, event.subject), { code: event.code, at: event.at });
        return;
      }
      case "tick":
        this.ticks.set(key(event.stream, event.interval, event.subject, event.code), event.id);
        return;
      case "interval":
        this.said.set(key(event.stream, event.interval, event.subject), event);
        return;
      case "scan":
        this.scans.set(key(event.stream, event.sample, event.subject), event);
        return;
      case "rate":
        this.rates.set(key(event.rating, event.subject, event.interval), event);
        return;
      case "link":
        this.linked.add(event.from);
        return;
      case "pause":
        if (!this.paused) this.pauses.push({ event: event.id, from: event.at, to: null });
        return;
      case "resume":
        if (this.paused) this.paused.to = event.at;
        return;
      case "out_of_view":
        if (!this.away.has(event.subject ?? "")) this.away.set(event.subject ?? "", event.at);
        return;
      case "in_view":
        this.away.delete(event.subject ?? "");
        return;
      case "arrive":
        this.present.set(event.subject, true);
        if (event.pseudonym) this.people.set(event.subject, { pseudonym: event.pseudonym, actor: event.actor ?? null });
        return;
      case "leave":
        this.present.set(event.subject, false);
        return;
      case "focal":
        this.focal = event.subject;
        return;
      case "end":
        this.ended = event;
        return;
      case "open":
      case "note":
      case "clock":
      case "amend":
        return;
    }
  }

  #start(event: SessionEvent & { kind: "start" }): void {
    const subject = event.subject ?? null;
    const stream = this.#index.codeById.get(event.code)?.stream;
    const name = key(event.code, subject, event.target);
    if (this.running.has(name)) return;
    if (stream && isExclusive(stream)) {
      for (const [other, bout] of this.running) {
        if (bout.subject === subject && this.#index.codeById.get(bout.code)?.stream === stream) this.running.delete(other);
      }
    }
    this.running.set(name, { event: event.id, code: event.code, subject, target: event.target ?? null, since: event.at });
    this.#count(event);
  }

  #stop(event: SessionEvent & { kind: "stop" }): void {
    const candidates = [...this.running].filter(([, bout]) =>
      event.ref ? bout.event === event.ref : bout.code === event.code && bout.subject === (event.subject ?? null),
    );
    const latest = candidates.sort(([, one], [, other]) => other.since - one.since)[0];
    if (latest) this.running.delete(latest[0]);
  }
}
