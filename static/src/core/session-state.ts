/**
 * What is on now: the fold of a session's events that the screen reads after each tap.
 *
 * The coded record (timeline.ts) is what a log means; this keeps up with the last tap, by the same rules. An undo, a
 * correction or a back-dated tap goes back to the last copy before it and on from there, so that the five-thousandth
 * event costs what the fifth did.
 */

import type { IntervalEvent, RateEvent, ScanEvent, SessionEvent } from "./events.ts";
import { amended, byPlace, canonical, factOf, given, standing, type Fact } from "./facts.ts";
import { samplingOf, subjectIn, type FrameworkIndex, type Stream } from "./framework.ts";
import type { Given } from "./record.ts";
import { MAY_FOLLOW_THE_END, outranks } from "./precedence.ts";

export interface Running {
  /** the start event */
  readonly event: string;
  readonly code: string;
  readonly subject: string | null;
  readonly target: string | null;
  readonly since: number;
  readonly stream: string;
  readonly modifiers: Given;
}

export interface Pause {
  readonly event: string;
  readonly from: number;
  readonly to: number | null;
}

export interface Person {
  readonly pseudonym: string;
  readonly actor: string | null;
}

/** A key of the maps below; the parts never hold the separator, since ids do not. */
export function key(...parts: readonly (string | number | null | undefined)[]): string {
  return parts.map((part) => part ?? "").join("|");
}

/** Everything that changes with an event; copied whole now and then, to go back to. */
class Now {
  running = new Map<string, Running>();
  counts = new Map<string, number>();
  last = new Map<string, number>();
  ticks = new Map<string, string>();
  said = new Map<string, IntervalEvent>();
  scans = new Map<string, ScanEvent>();
  scannedCodes = new Map<string, string>();
  rates = new Map<string, RateEvent>();
  changes = new Map<string, { readonly event: string; readonly code: string; readonly at: number }>();
  away = new Map<string, number>();
  present = new Map<string, boolean>();
  people = new Map<string, Person>();
  pauses: readonly Pause[] = [];
  linked = new Set<string>();
  focal: string | null = null;
  ended: Fact | null = null;

  copy(): Now {
    return Object.assign(new Now(), this, {
      running: new Map(this.running), counts: new Map(this.counts), last: new Map(this.last), ticks: new Map(this.ticks),
      said: new Map(this.said), scans: new Map(this.scans), scannedCodes: new Map(this.scannedCodes), rates: new Map(this.rates), changes: new Map(this.changes),
      away: new Map(this.away), present: new Map(this.present), people: new Map(this.people), linked: new Set(this.linked),
    });
  }

  get paused(): Pause | null {
    const last = this.pauses.at(-1);
    return last !== undefined && last.to === null ? last : null;
  }
}

interface Copy {
  /** how many of the events in order it holds */
  readonly count: number;
  readonly now: Now;
}

const BETWEEN_COPIES = 64;
const MOST_COPIES = 16;

export class SessionState {
  readonly #index: FrameworkIndex;
  readonly #log: SessionEvent[] = [];
  readonly #raw = new Map<string, Fact>();
  readonly #effective = new Map<string, Fact>();
  readonly #voided = new Set<string>();
  readonly #amendmentsByRoot = new Map<string, Fact[]>();
  /** the events that count, in order */
  readonly #order: Fact[] = [];
  #copies: Copy[] = [];
  #now = new Now();

  /** The log in any order; what is added later comes in the order of `seq`, as one writer writes it. */
  constructor(index: FrameworkIndex, log: readonly SessionEvent[] = []) {
    this.#index = index;
    for (const event of [...log].sort((one, other) => one.seq - other.seq)) this.add(event);
  }

  add(event: SessionEvent): void {
    if (this.#raw.has(event.id)) return;
    const fact = factOf(event);
    this.#log.push(event);
    this.#raw.set(fact.id, fact);
    if (fact.kind === "amend") {
      this.#amend(fact);
      return;
    }
    this.#effective.set(fact.id, fact);
    this.#insert(fact);
  }

  // what is on

  get log(): readonly SessionEvent[] { return this.#log; }
  get running(): ReadonlyMap<string, Running> { return this.#now.running; }
  /** points, starts and changes by code and subject */
  get counts(): ReadonlyMap<string, number> { return this.#now.counts; }
  /** when each code was last recorded for a subject */
  get last(): ReadonlyMap<string, number> { return this.#now.last; }
  /** the tick event by stream, interval, subject and code */
  get ticks(): ReadonlyMap<string, string> { return this.#now.ticks; }
  get said(): ReadonlyMap<string, IntervalEvent> { return this.#now.said; }
  get scans(): ReadonlyMap<string, ScanEvent> { return this.#now.scans; }
  /** the scan in which each code was seen: one sample may hold several codes of a stream that is not exclusive */
  get scannedCodes(): ReadonlyMap<string, string> { return this.#now.scannedCodes; }
  get rates(): ReadonlyMap<string, RateEvent> { return this.#now.rates; }
  /** the code in force in a beat-or-change stream, by stream and subject */
  get changes(): ReadonlyMap<string, { readonly event: string; readonly code: string; readonly at: number }> { return this.#now.changes; }
  /** since when a subject ("" for everyone) is out of view */
  get away(): ReadonlyMap<string, number> { return this.#now.away; }
  /** those who arrived (true) or left (false); the others of the roster are there */
  get present(): ReadonlyMap<string, boolean> { return this.#now.present; }
  get people(): ReadonlyMap<string, Person> { return this.#now.people; }
  get pauses(): readonly Pause[] { return this.#now.pauses; }
  get linked(): ReadonlySet<string> { return this.#now.linked; }
  get focal(): string | null { return this.#now.focal; }
  get ended(): SessionEvent | null { return this.#now.ended as SessionEvent | null; }
  get paused(): Pause | null { return this.#now.paused; }

  /** The event with its amendments; void ones too, since the screen shows them struck out. */
  effective(id: string): SessionEvent | null {
    return (this.#effective.get(id) ?? this.#raw.get(id) ?? null) as SessionEvent | null;
  }

  /** The time it was recorded with, before any amendment. */
  recordedAt(id: string): number | null {
    return this.#raw.get(id)?.at ?? null;
  }

  isVoid(id: string): boolean {
    return this.#voided.has(id);
  }

  /** Session time less pauses: what intervals and sample points are counted in. */
  runningTime(at: number): number {
    return this.pauses.reduce((time, { from, to }) => (from >= at ? time : time - (Math.min(to ?? at, at) - from)), at);
  }

  /** The session time at which this much running time had passed. */
  sessionTime(running: number): number {
    let at = running;
    for (const { from, to } of this.pauses) {
      if (from > at) break;
      if (to !== null) at += to - from;
    }
    return at;
  }

  // going back and on

  #placeOf(fact: Fact): number {
    let low = 0;
    let high = this.#order.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (byPlace(this.#order[middle] as Fact, fact) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #insert(fact: Fact): void {
    const place = this.#placeOf(fact);
    this.#order.splice(place, 0, fact);
    if (place === this.#order.length - 1) this.#advance(fact);
    else this.#replayFrom(place);
  }

  /** The event that an amendment is about in the end: through the amendments that it amends. */
  #rootOf(amendment: Fact): Fact | null {
    let event = amendment;
    while (event.kind === "amend") {
      const target = this.#raw.get(event.ref ?? "");
      if (target === undefined || target.seq >= event.seq) return null;
      event = target;
    }
    return event;
  }

  #amend(amendment: Fact): void {
    const root = this.#rootOf(amendment);
    if (root === null) return;
    const amendments = [...(this.#amendmentsByRoot.get(root.id) ?? []), amendment];
    this.#amendmentsByRoot.set(root.id, amendments);
    const former = this.#effective.get(root.id) ?? root;
    const wasVoid = this.#voided.has(root.id);
    const next = this.#settle(root, amendments);
    this.#replace(former, wasVoid, next, this.#voided.has(root.id));
  }

  /** Marks what is void among an event and its amendments, and gives the event as it now reads. */
  #settle(root: Fact, amendments: readonly Fact[]): Fact {
    const valid = standing(this.#raw, amendments, []);
    for (const amendment of amendments) this.#voided.add(amendment.id);
    this.#voided.delete(root.id);
    let next = root;
    for (const amendment of valid) {
      this.#voided.delete(amendment.id);
      if (amendment.ref !== root.id) continue;
      if (amendment.void === true) this.#voided.add(root.id);
      else next = amended(next, amendment, []);
    }
    this.#effective.set(root.id, next);
    return next;
  }

  #replace(former: Fact, wasVoid: boolean, next: Fact, isVoid: boolean): void {
    if (wasVoid && isVoid) return;
    let from = this.#order.length;
    if (!wasVoid) {
      from = this.#placeOf(former);
      this.#order.splice(from, 1);
    }
    if (!isVoid) {
      const place = this.#placeOf(next);
      this.#order.splice(place, 0, next);
      from = Math.min(from, place);
    }
    this.#replayFrom(from);
  }

  #replayFrom(place: number): void {
    this.#copies = this.#copies.filter((copy) => copy.count <= place);
    const copy = this.#copies.at(-1);
    this.#now = copy?.now.copy() ?? new Now();
    for (let i = copy?.count ?? 0; i < this.#order.length; i++) {
      this.#apply(this.#order[i] as Fact);
      this.#keepCopy(i + 1);
    }
  }

  #advance(fact: Fact): void {
    this.#apply(fact);
    this.#keepCopy(this.#order.length);
  }

  /** Copies lie close together where undoing is likely, and far apart further back. */
  #keepCopy(count: number): void {
    if (count % BETWEEN_COPIES !== 0) return;
    this.#copies.push({ count, now: this.#now.copy() });
    if (this.#copies.length <= MOST_COPIES) return;
    const older = this.#copies.slice(0, MOST_COPIES / 2).filter((_, i) => i % 2 === 1);
    this.#copies = [...older, ...this.#copies.slice(MOST_COPIES / 2)];
  }

  // one event

  #apply(event: Fact): void {
    const now = this.#now;
    if (now.ended !== null && event.at > now.ended.at && !MAY_FOLLOW_THE_END.has(event.kind)) return;
    switch (event.kind) {
      case "point": return this.#point(event);
      case "start": return this.#start(event);
      case "change": return this.#begin(event, this.#streamOf(event));
      case "stop": return this.#stop(event);
      case "tick": now.ticks.set(key(event.stream, event.interval, event.subject, event.code), event.id); return;
      case "interval": now.said.set(key(event.stream, event.interval, event.subject), event as IntervalEvent); return;
      case "scan":
        now.scans.set(key(event.stream, event.sample, event.subject), event as ScanEvent);
        if (event.code != null) now.scannedCodes.set(key(event.stream, event.sample, event.subject, event.code), event.id);
        return;
      case "rate": now.rates.set(key(event.rating, event.subject, event.interval), event as RateEvent); return;
      case "link": if (event.from !== undefined) now.linked.add(event.from); return;
      case "pause": if (now.paused === null) now.pauses = [...now.pauses, { event: event.id, from: event.at, to: null }]; return;
      case "resume": {
        const pause = now.paused;
        if (pause !== null) now.pauses = [...now.pauses.slice(0, -1), { ...pause, to: event.at }];
        return;
      }
      case "out_of_view": if (!now.away.has(event.subject ?? "")) now.away.set(event.subject ?? "", event.at); return;
      case "in_view": now.away.delete(event.subject ?? ""); return;
      case "arrive": return this.#arrive(event);
      case "leave": return this.#leave(event.subject ?? "");
      case "focal": now.focal = event.subject ?? null; return;
      case "end": now.ended ??= event; return;
      default: return;
    }
  }

  #streamOf(event: Fact): Stream | null {
    return this.#index.codeById.get(event.code ?? "")?.stream ?? null;
  }

  #subjectOf(event: Fact): string | null {
    return subjectIn(this.#index, this.#streamOf(event) ?? undefined, event.subject ?? null);
  }

  #count(event: Fact): void {
    const name = key(event.code, this.#subjectOf(event));
    this.#now.counts.set(name, (this.#now.counts.get(name) ?? 0) + 1);
    this.#now.last.set(name, event.at);
  }

  #point(event: Fact): void {
    const stream = this.#streamOf(event);
    if (stream !== null && samplingOf(stream) === "beat-or-change") this.#begin(event, stream);
    else this.#count(event);
  }

  #start(event: Fact): void {
    const place = this.#index.codeById.get(event.code ?? "");
    const isPoint = place !== undefined && place.code.type !== "state" && samplingOf(place.stream) === "continuous";
    if (isPoint) this.#count(event);
    else this.#begin(event, place?.stream ?? null);
  }

  #begin(event: Fact, stream: Stream | null): void {
    const subject = this.#subjectOf(event);
    if (stream !== null && samplingOf(stream) === "beat-or-change") return this.#change(event, stream, subject);
    const run: Running = {
      event: event.id, code: event.code ?? "", subject, target: event.target ?? null, since: event.at,
      stream: stream?.id ?? "", modifiers: given(event.modifiers),
    };
    const name = key(run.code, subject, run.target);
    if (stream?.exclusive === true) {
      const former = this.#formerOf(run);
      if (former !== undefined && !mayReplace(former[1], run, stream)) return;
      if (former !== undefined) this.#now.running.delete(former[0]);
    } else if (this.#now.running.has(name)) {
      return;
    }
    this.#now.running.set(name, run);
    this.#count(event);
  }

  #formerOf(run: Running): readonly [string, Running] | undefined {
    for (const entry of this.#now.running) {
      if (entry[1].stream === run.stream && entry[1].subject === run.subject) return entry;
    }
    return undefined;
  }

  /** Entering the same code again confirms the beat and changes nothing. */
  #change(event: Fact, stream: Stream, subject: string | null): void {
    const name = key(stream.id, subject);
    const former = this.#now.changes.get(name);
    const code = event.code ?? "";
    if (former?.code === code) return;
    const isOutranked = former?.at === event.at && stream.priority_rule === "resolve" && outranks(stream, former.code, code);
    if (isOutranked) return;
    this.#now.changes.set(name, { event: event.id, code, at: event.at });
    this.#count(event);
  }

  #stop(event: Fact): void {
    const { running, changes } = this.#now;
    const stream = this.#streamOf(event);
    const subject = this.#subjectOf(event);
    const isMeant = ({ event: id, code, subject: whose }: { event: string; code: string; subject: string | null }): boolean =>
      event.ref !== undefined ? id === event.ref : code === event.code && whose === subject;
    const found = [...running].findLast(([, run]) => isMeant(run));
    if (found !== undefined) {
      running.delete(found[0]);
      return;
    }
    for (const [name, change] of changes) {
      const isHere = event.ref !== undefined || name === key(stream?.id, subject);
      if (isHere && isMeant({ ...change, subject })) changes.delete(name);
    }
  }

  #arrive(event: Fact): void {
    const subject = event.subject ?? "";
    this.#now.present.set(subject, true);
    if (event.pseudonym !== undefined) {
      this.#now.people.set(subject, { pseudonym: event.pseudonym, actor: event.actor ?? null });
    }
  }

  #leave(subject: string): void {
    if (this.#now.present.get(subject) === false) return;
    this.#now.present.set(subject, false);
    for (const [name, run] of this.#now.running) if (run.subject === subject) this.#now.running.delete(name);
    for (const name of this.#now.changes.keys()) if (name.endsWith(`|${subject}`)) this.#now.changes.delete(name);
  }
}

function mayReplace(former: Running, next: Running, stream: Stream): boolean {
  const isSame = former.code === next.code && former.target === next.target
    && canonical(former.modifiers) === canonical(next.modifiers);
  if (isSame) return false;
  const isOutranked = former.since === next.since && stream.priority_rule === "resolve" && outranks(stream, former.code, next.code);
  return !isOutranked;
}
