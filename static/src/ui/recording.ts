/** One session under way: what a touch means, and what the screen shows of it. Knows neither page nor storage. */

import { batch, computed, type ReadonlySignal, signal, type Signal } from "@preact/signals";
import {
  eventOf, type Named, type NewEvent, type RateAnswer, type RateEvent, type ScanEvent, type SessionEvent, type SessionHeader, type Stamp, type Values,
} from "../core/events";
import {
  type Code, type FrameworkIndex, isExclusive, isState, type Modifier, modifiersOf, type Rating, type RatingInStream, samplingOf, type Stream, type Text,
} from "../core/framework";
import { key, type Running, SessionState } from "../core/session-state";
import { feel, type Feeling } from "./feedback";
import { codeLabel, lastLines, type Line, lineOf } from "./lines";
import { openLinks, type LinkOffer } from "./links";
import { isMatrix } from "./pad-pages";
import { type Beat, beatAt, intervalLength, isAskedAt, nextSample, rotationOrder, sampleAt, sampleDue } from "./schedule";
import { clockTime, say, words } from "./words";

export type { Line } from "./lines";
export type { LinkOffer } from "./links";

/** A photo or voice note with its bytes, which are stored with their note or not at all. */
export interface Enclosed extends Named {
  readonly blob: Blob;
}

/** Where events go: the tablet's log, or nothing but memory in a trial. */
export interface Keeper {
  append(make: (seq: number) => SessionEvent, enclosed?: readonly Enclosed[]): { readonly event: SessionEvent; readonly saved: Promise<void> };
}

/** The session's clock. `mono` is a reading of the monotonic clock, such as an event's own timestamp. */
export interface RecordingClock {
  at(mono: number): number;
  stamp(mono: number): Stamp;
}

export type Mode = "live" | "try";

export interface Options {
  readonly index: FrameworkIndex;
  readonly header: SessionHeader;
  readonly log: readonly SessionEvent[];
  readonly keeper: Keeper;
  readonly clock: RecordingClock;
  readonly newId: () => string;
  readonly mode: Mode;
  /** pseudonyms of the roster */
  readonly names?: ReadonlyMap<string, string>;
  readonly isReadOnly?: boolean;
  readonly onEnd?: () => void;
}

export type SheetKind =
  | { readonly kind: "definition"; readonly stream: Stream; readonly code: Code; readonly taken: { readonly at: number; readonly putBack: () => void } | null }
  | { readonly kind: "modifiers"; readonly id: string; readonly asked: "start" | "stop"; readonly isPrompt: boolean }
  | { readonly kind: "note"; readonly ref: string | null; readonly at: number; readonly neededBy?: string }
  | { readonly kind: "event"; readonly id: string }
  | { readonly kind: "subject"; readonly subject: string }
  | { readonly kind: "backdate" | "history" | "arrival" | "finish" | "preferences" };

/** A question that the next touch of a tile answers. */
export interface Asking {
  readonly kind: "target";
  readonly ref: string;
  readonly candidates: readonly string[];
  readonly optional: boolean;
}

export interface Face {
  /** since when it runs, for the subject on the screen */
  readonly since: number | null;
  readonly count: number;
  readonly ticked: boolean;
  readonly enabled: boolean;
}

export interface Given {
  readonly value?: number;
  readonly answer?: RateAnswer;
  readonly details?: Values;
}

export interface ScanState {
  readonly sample: number;
  readonly state: "waiting" | "due" | "done" | "over";
  readonly who: string | null;
  readonly nextIn: number | null;
  readonly late: number;
  readonly soon: boolean;
  readonly done: number;
  readonly of: number;
}

export interface Tile {
  readonly id: string;
  readonly name: string;
}

export interface Notice {
  readonly text: string;
  readonly undo: string | null;
}

export interface RunningLine extends Running {
  readonly label: Text;
  readonly who: string;
}

type Cell = Readonly<Record<string, string>>;

const INTERVALS: ReadonlySet<string> = new Set(["partial-interval", "whole-interval", "predominant-interval", "observe-record"]);
const SCANS: ReadonlySet<string> = new Set(["momentary-scan", "snapshots", "area-count"]);
const UNDOABLE: ReadonlySet<SessionEvent["kind"]> = new Set([
  "point", "start", "stop", "change", "tick", "interval", "scan", "rate", "link", "note", "out_of_view", "in_view", "arrive", "leave",
]);
const LINES = 40;
const NOTICE_MS = 6000;
const SHORT_GAP_MS = 2000;
const LIVE_MS = 1200;
/** Amendments that are steps of their own for Undo; details and targets go with the tap that they belong to. */
const OWN_STEPS: ReadonlySet<string> = new Set(["untick", "back-dated", "restored"]);

function sameCell(one: Cell, other: Cell): boolean {
  const names = Object.keys(one);
  return names.length === Object.keys(other).length && names.every((name) => one[name] === other[name]);
}

export class Recording {
  readonly index: FrameworkIndex;
  readonly header: SessionHeader;
  readonly mode: Mode;
  readonly isReadOnly: boolean;
  readonly situation: SessionState;
  readonly now: Signal<number>;
  readonly subject: Signal<string | null> = signal(null);
  readonly sheet: Signal<SheetKind | null> = signal(null);
  readonly asking: Signal<Asking | null> = signal(null);
  readonly notice: Signal<Notice | null> = signal(null);
  readonly live: Signal<string> = signal("");
  readonly locked: Signal<boolean> = signal(false);
  /** The page in sight tells nobody apart: on a phone the tiles then give their room to the counts. */
  readonly isSubjectless: Signal<boolean> = signal(false);
  /** ids of the streams on the page that is shown */
  readonly inSight: Signal<ReadonlySet<string>> = signal(new Set());
  /** Set by the page when a tap could not be stored: nothing more is taken until it is. */
  readonly stopped: Signal<boolean> = signal(false);
  readonly pending: Signal<ReadonlySet<string>> = signal(new Set());
  readonly unstored: Signal<ReadonlySet<string>> = signal(new Set());
  readonly lines: ReadonlySignal<readonly Line[]>;
  readonly undoable: ReadonlySignal<Line | null>;
  readonly running: ReadonlySignal<readonly RunningLine[]>;
  readonly tiles: ReadonlySignal<readonly Tile[]>;
  readonly links: ReadonlySignal<readonly LinkOffer[]>;
  readonly isPaused: ReadonlySignal<boolean>;
  readonly #options: Options;
  readonly #version = signal(0);
  readonly #listeners = new Set<(event: SessionEvent) => void>();
  readonly #marks = signal<ReadonlyMap<string, { readonly interval: number; readonly during: number }>>(new Map());
  readonly #intervals = new Map<string, ReadonlySignal<number>>();
  readonly #prompted = new Map<string, number>();
  readonly #dismissed = signal<ReadonlySet<string>>(new Set());
  #nextSheet: SheetKind | null = null;
  #lastTouch: { readonly touchedAt: number; readonly code: string; readonly ids: readonly string[] } | null = null;
  #pageWanted: ((stream: string) => void) | null = null;
  #noticeTimer: ReturnType<typeof setTimeout> | null = null;
  #liveTimer: ReturnType<typeof setTimeout> | null = null;
  #liveNext = "";

  constructor(options: Options) {
    this.#options = options;
    this.index = options.index;
    this.header = options.header;
    this.mode = options.mode;
    this.isReadOnly = options.isReadOnly ?? false;
    this.situation = new SessionState(options.index, options.log);
    this.now = signal(Math.max(0, options.clock.at(performance.now())));
    this.tiles = computed(() => this.#tiles());
    this.lines = computed(() => this.#read(() => lastLines(this.index, this.situation, this.#nameOf, LINES)));
    this.undoable = computed(() => this.#read(() => this.#lastStep()?.line ?? null));
    this.running = computed(() => this.#read(() => this.#runningLines()));
    this.isPaused = computed(() => this.#read(() => this.situation.paused !== null));
    this.links = computed(() => this.#read(() => openLinks(this.index, this.situation, Math.floor(this.now.value / 1000) * 1000, this.#dismissed.value)));
    this.subject.value = this.situation.focal ?? this.tiles.peek()[0]?.id ?? null;
  }

  /** Reads the situation so that the reader is told when it changes. */
  #read<T>(reading: () => T): T {
    void this.#version.value;
    return reading();
  }

  readonly #nameOf = (subject: string | null | undefined): string => this.subjectName(subject ?? null);

  // Recording

  get mayRecord(): boolean {
    return !this.isReadOnly && !this.stopped.peek() && !this.situation.paused && !this.situation.ended;
  }

  timeOf(touchedAt: number): number {
    return Math.max(0, this.#options.clock.at(touchedAt));
  }

  /** Writes one event down: at once on the screen as pending, and confirmed when it is on disk. */
  record(
    what: NewEvent | ((seq: number) => NewEvent), touchedAt: number = performance.now(), claimedAt?: number, enclosed: readonly Enclosed[] = [],
  ): SessionEvent {
    const at = this.timeOf(touchedAt);
    const moment = claimedAt === undefined ? { at } : { at: Math.max(0, claimedAt), tapped: at };
    const id = this.#options.newId();
    const { event, saved } = this.#options.keeper.append(
      (seq) => eventOf(typeof what === "function" ? what(seq) : what, id, seq, moment, this.#options.clock.stamp(touchedAt)),
      enclosed,
    );
    const code = "code" in event && typeof event.code === "string" ? event.code : null;
    batch(() => {
      this.situation.add(event);
      this.unstored.value = new Set(this.unstored.peek()).add(event.id);
      if (code !== null) this.pending.value = new Set(this.pending.peek()).add(code);
      this.#version.value += 1;
    });
    for (const each of this.#listeners) queueMicrotask(() => each(event)); // after the tap is on its way
    // A rejection is shown by the page, which watches the writer: the event is still held, so it stays marked.
    saved.then(() => this.#stored(event.id, code), () => undefined);
    return event;
  }

  /** Tells of each event that is recorded from now on, until the given function is called. */
  onRecorded(listener: (event: SessionEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Takes in what another window has recorded since. */
  follow(log: readonly SessionEvent[]): void {
    const known = this.situation.log.length;
    if (log.length <= known) return;
    batch(() => {
      for (const event of log.slice(known)) this.situation.add(event);
      this.#version.value += 1;
    });
  }

  #stored(id: string, code: string | null): void {
    batch(() => {
      const unstored = new Set(this.unstored.peek());
      unstored.delete(id);
      this.unstored.value = unstored;
      if (code === null || ![...this.pending.peek()].includes(code)) return;
      const pending = new Set(this.pending.peek());
      pending.delete(code);
      this.pending.value = pending;
    });
  }

  #refuse(text: string | null = null): false {
    feel("refused");
    if (text !== null) this.tell(text);
    return false;
  }

  #done(feeling: Feeling, spoken: string): void {
    feel(feeling);
    this.say(spoken);
  }

  /** A touch on a code. False when it did not count. */
  tap(stream: Stream, code: Code, touchedAt: number, palm = false): boolean {
    this.#lastTouch = { touchedAt, code: code.id, ids: [] };
    if (!this.mayRecord || this.locked.peek()) return this.#refuse();
    const subject = this.subjectFor(stream);
    if (subject === undefined) return this.#refuse(say("subjects.choose"));
    const event = this.#tapped(stream, code, subject, touchedAt);
    if (!event) return false;
    this.#lastTouch = { touchedAt, code: code.id, ids: [event.id] };
    const asked = this.#askedAbout(event);
    if (asked) this.#ask(stream, code, asked);
    this.#warn(stream, code, event, palm);
    return true;
  }

  #untickScan(stream: Stream, sample: number, subject: string | null, touchedAt: number): void {
    for (const code of stream.codes ?? []) {
      const id = this.situation.scannedCodes.get(key(stream.id, sample, subject, code.id));
      if (id) this.record({ kind: "amend", ref: id, void: true, reason: "replaced" }, touchedAt);
    }
  }

  /** What a tap asks more about: the event itself, or the scan that it has put right. */
  #askedAbout(event: SessionEvent): SessionEvent | null {
    if (event.kind !== "amend") return event;
    return event.reason === "rescanned" ? this.situation.effective(event.ref) : null;
  }

  #tapped(stream: Stream, code: Code, subject: string | null, touchedAt: number): SessionEvent | null {
    const kind = samplingOf(stream);
    if (INTERVALS.has(kind)) return this.#tick(stream, code, subject, touchedAt);
    if (SCANS.has(kind)) return this.#scan(stream, code, subject, touchedAt);
    if (kind === "beat-or-change") return this.#change(code.id, subject, touchedAt);
    if (isState(code) && this.lasts(stream)) return this.#switch(stream, code, subject, touchedAt);
    const event = this.record({ kind: "point", code: code.id, subject }, touchedAt);
    this.#done("tap", say("live.recorded", { what: words(code.label) }));
    return event;
  }

  /** Starts a state or stops it. In an exclusive stream the start itself ends the other one, at the same instant. */
  #switch(stream: Stream, code: Code, subject: string | null, touchedAt: number): SessionEvent | null {
    const bout = this.#runningBout(code.id, subject);
    if (!bout) {
      const event = this.record({ kind: "start", code: code.id, subject }, touchedAt);
      this.#done("start", say("live.started", { what: words(code.label) }));
      return event;
    }
    // There is always something going on in such a stream: only another code can end this one.
    if (isExclusive(stream) && stream.exhaustive === "always") {
      this.#refuse();
      return null;
    }
    const event = this.record({ kind: "stop", code: code.id, subject, ref: bout.event }, touchedAt);
    this.#done("stop", say("live.stopped", { what: words(code.label) }));
    return event;
  }

  #change(code: string, subject: string | null, touchedAt: number): SessionEvent {
    const event = this.record({ kind: "change", code, subject }, touchedAt);
    this.#done("tap", say("live.recorded", { what: codeLabel(this.index, code) }));
    return event;
  }

  /** Ticks a code in the interval that is being marked, or takes the tick back. */
  #tick(stream: Stream, code: Code, subject: string | null, touchedAt: number): SessionEvent | null {
    const interval = this.intervalMarked(stream);
    if (!this.isAsked(stream, interval)) {
      this.#refuse();
      return null;
    }
    const standing = this.situation.ticks.get(key(stream.id, interval, subject, code.id));
    if (standing) {
      feel("stop");
      return this.record({ kind: "amend", ref: standing, void: true, reason: "untick" }, touchedAt);
    }
    const said = this.situation.said.get(key(stream.id, interval, subject));
    if (said) this.record({ kind: "amend", ref: said.id, void: true, reason: "replaced" }, touchedAt);
    if (isExclusive(stream) || samplingOf(stream) === "predominant-interval") this.#untickOthers(stream, interval, subject, touchedAt);
    const event = this.record({ kind: "tick", stream: stream.id, interval, code: code.id, subject }, touchedAt);
    this.#done("tap", say("live.recorded", { what: words(code.label) }));
    return event;
  }

  #untickOthers(stream: Stream, interval: number, subject: string | null, touchedAt: number): void {
    for (const other of stream.codes ?? []) {
      const id = this.situation.ticks.get(key(stream.id, interval, subject, other.id));
      if (id) this.record({ kind: "amend", ref: id, void: true, reason: "replaced" }, touchedAt);
    }
  }

  /** What a sample says of this subject; the next one who has not been scanned comes up by itself. */
  #scan(stream: Stream, code: Code, subject: string | null, touchedAt: number): SessionEvent | null {
    const { sample, state } = this.scanNow(stream);
    if (state !== "due" && state !== "done") {
      this.#refuse();
      return null;
    }
    if (!isExclusive(stream)) return this.#tickScan(stream, code, sample, subject, touchedAt);
    const event = this.#scanned(stream, sample, subject, { code: code.id }, touchedAt);
    this.#done("tap", say("live.recorded", { what: words(code.label) }));
    this.#nextInScan(stream);
    return event;
  }

  /** Where several things can go on at once, each code of a sample is a tick of its own, and comes off again. */
  #tickScan(stream: Stream, code: Code, sample: number, subject: string | null, touchedAt: number): SessionEvent {
    const standing = this.situation.scannedCodes.get(key(stream.id, sample, subject, code.id));
    if (standing) {
      feel("stop");
      return this.record({ kind: "amend", ref: standing, void: true, reason: "untick" }, touchedAt);
    }
    const said = this.situation.scans.get(key(stream.id, sample, subject));
    if (said?.state) this.record({ kind: "amend", ref: said.id, void: true, reason: "replaced" }, touchedAt);
    const event = this.record({ kind: "scan", stream: stream.id, sample, subject, code: code.id }, touchedAt);
    this.#done("tap", say("live.recorded", { what: words(code.label) }));
    return event;
  }

  #scanned(stream: Stream, sample: number, subject: string | null, what: Partial<Pick<ScanEvent, "code" | "state" | "counts">>, touchedAt: number): SessionEvent {
    const standing = this.situation.scans.get(key(stream.id, sample, subject));
    if (!standing) return this.record({ kind: "scan", stream: stream.id, sample, subject, ...what }, touchedAt);
    const set = { modifiers: null, code: what.code ?? null, state: what.state ?? null, counts: what.counts ?? null };
    return this.record({ kind: "amend", ref: standing.id, set, reason: "rescanned" }, touchedAt);
  }

  #nextInScan(stream: Stream): void {
    const { sample } = this.scanNow(stream);
    const next = this.#takers(stream).find((taker) => !this.situation.scans.has(key(stream.id, sample, taker)));
    if (typeof next === "string") this.subject.value = next;
  }

  /** What the code wants to know besides: the tap is stored already, so nothing waits for the answer. */
  #ask(stream: Stream, code: Code, event: SessionEvent): void {
    const asked = event.kind === "stop" ? "stop" : "start";
    const asksModifiers = modifiersOf(this.index, code, asked).length > 0;
    const note: SheetKind | null = code.note_required && event.kind !== "stop" ? { kind: "note", ref: event.id, at: event.at, neededBy: words(code.label) } : null;
    if (asksModifiers) this.openSheet({ kind: "modifiers", id: event.id, asked, isPrompt: true }, note);
    else if (note) this.openSheet(note);
    else if (this.sheet.peek()?.kind === "modifiers") this.closeSheet();
    const wantsTarget = stream.target === "required" || stream.target === "optional";
    const isOccurrence = event.kind === "point" || event.kind === "start";
    this.asking.value = wantsTarget && isOccurrence ? { kind: "target", ref: event.id, candidates: this.#targets(stream), optional: stream.target === "optional" } : null;
  }

  #warn(stream: Stream, code: Code, event: SessionEvent, palm: boolean): void {
    const label = words(code.label);
    if (palm) this.tell(say("guard.palm", { code: label }), event.id);
    const guard = code.double_guard_ms ?? 0;
    const twin = this.#twin(event, guard);
    if (twin !== null) this.tell(say("guard.twice", { code: label, s: ((event.at - twin) / 1000).toFixed(1) }), event.id);
    const rank = (stream.priority ?? []).indexOf(code.id);
    const better = (stream.priority ?? []).slice(0, Math.max(0, rank)).find((other) => this.#competes(stream, other, event));
    if (better) this.tell(say("guard.priority", { code: codeLabel(this.index, better), other: label }), event.id);
  }

  /** The time of the occurrence just before this one, where the two are so close that they may be one. */
  #twin(event: SessionEvent, guard: number): number | null {
    if (guard <= 0 || (event.kind !== "point" && event.kind !== "start")) return null;
    for (const line of this.lines.peek()) {
      const other = this.situation.effective(line.id);
      if (!other || other.id === event.id || line.isVoid || other.kind !== event.kind) continue;
      if (event.at - other.at > guard) return null;
      if (other.code === event.code && (other.subject ?? null) === (event.subject ?? null)) return other.at;
    }
    return null;
  }

  #competes(stream: Stream, other: string, event: SessionEvent): boolean {
    const subject = "subject" in event ? (event.subject ?? null) : null;
    if (event.kind === "tick") return this.situation.ticks.has(key(stream.id, event.interval, subject, other));
    return this.#runningBout(other, subject) !== null;
  }

  /** The finger stayed: the touch was a question, not a tap. It is taken back, and can be put back. */
  hold(stream: Stream, code: Code, touchedAt: number): void {
    const touch = this.#lastTouch;
    const isOurs = touch !== null && touch.touchedAt === touchedAt && touch.code === code.id && touch.ids.length > 0;
    const amends = isOurs ? touch.ids.map((id) => this.takeBack(id, "long-press")) : [];
    this.asking.value = null;
    const putBack = (): void => amends.forEach((amend) => this.takeBack(amend.id, "restored"));
    this.openSheet({ kind: "definition", stream, code, taken: isOurs ? { at: this.timeOf(touchedAt), putBack } : null });
  }

  // Undo and amendments

  /** The last thing that can be undone, and the event whose voiding undoes it. */
  #lastStep(): { readonly id: string; readonly line: Line } | null {
    for (let place = this.situation.log.length - 1; place >= 0; place -= 1) {
      const event = this.situation.log[place];
      if (!event || this.situation.isVoid(event.id)) continue;
      const isStep = UNDOABLE.has(event.kind) || (event.kind === "amend" && OWN_STEPS.has(event.reason ?? ""));
      if (!isStep) continue;
      const line = lineOf(this.index, this.situation, event.kind === "amend" ? this.#root(event.ref) : event.id, this.#nameOf);
      if (line) return { id: event.id, line };
    }
    return null;
  }

  /** The event at the bottom of amendments of amendments. */
  #root(id: string): string {
    const event = this.situation.effective(id);
    return event?.kind === "amend" ? this.#root(event.ref) : id;
  }

  undo(): void {
    const step = this.#lastStep();
    if (!step || this.isReadOnly || this.stopped.peek()) {
      this.#refuse();
      return;
    }
    this.takeBack(step.id, "undo");
    this.asking.value = null;
    this.#nextSheet = null;
    if (this.sheet.peek()?.kind === "modifiers" || this.sheet.peek()?.kind === "note") this.closeSheet();
    this.#done("stop", say("live.undone", { what: step.line.what }));
  }

  takeBack(id: string, reason: string): SessionEvent {
    return this.record({ kind: "amend", ref: id, void: true, reason });
  }

  /** Puts back what was taken back, by voiding the amendment that did it. */
  restore(id: string): void {
    const amend = this.situation.log.findLast((event) => event.kind === "amend" && event.ref === id && event.void === true && !this.situation.isVoid(event.id));
    if (amend) this.takeBack(amend.id, "restored");
  }

  /** Moves the event back, never to before the session. The time of the tap stays in the log. */
  moveBack(id: string, ms: number): void {
    const event = this.situation.effective(id);
    if (!event) return;
    this.record({ kind: "amend", ref: id, set: { at: Math.max(0, event.at - ms) }, reason: "back-dated" });
    feel("tap");
  }

  modify(id: string, modifiers: Values): void {
    this.record({ kind: "amend", ref: id, set: { modifiers }, reason: "details" });
    feel("tap");
  }

  effective(id: string): (SessionEvent & { readonly modifiers?: Values | null }) | null {
    return this.#read(() => this.situation.effective(id));
  }

  modifiersFor(id: string, asked: "start" | "stop"): readonly Modifier[] {
    const event = this.situation.effective(id);
    if (!event || !("code" in event) || !event.code) return [];
    if ((event.kind === "stop") !== (asked === "stop")) return [];
    const known = this.index.codeById.get(event.code);
    return known ? modifiersOf(this.index, known.code, asked) : [];
  }

  what(id: string): string {
    return lineOf(this.index, this.situation, id, this.#nameOf)?.what ?? "";
  }

  note(
    what: { readonly text: string; readonly ref: string | null; readonly outside: boolean; readonly enclosed?: readonly Enclosed[] }, at: number,
  ): void {
    const enclosed = what.enclosed ?? [];
    const attachments = enclosed.map(({ id, type, size, digest }): Named => ({ id, type, size, digest }));
    const named = attachments.length > 0 ? { attachments } : {};
    this.record({ kind: "note", text: what.text, ref: what.ref, outside: what.outside || null, ...named }, performance.now(), at, enclosed);
    this.#done("tap", say("live.recorded", { what: say("note.title") }));
  }

  // Subjects

  get mayMeetSomeone(): boolean {
    return this.#actorsSeen("on-the-fly").length > 0;
  }

  #actorsSeen(how: string): readonly string[] {
    return [...this.index.actorById.values()].filter((actor) => (actor.seen_as ?? "named") === how).map((actor) => actor.id);
  }

  /** Those whom this stream can be recorded of. An empty list: the scene as one, so that events carry no subject. */
  #candidates(stream: Stream): readonly string[] {
    const actors = (stream.actors ?? []).map((id) => this.index.actorById.get(id)).filter((actor) => actor !== undefined);
    const isRoster = (how: string | undefined): boolean => how === undefined || how === "named" || how === "on-the-fly";
    const single = actors.length > 1 ? actors.filter((actor) => actor.seen_as === "as-one").map((actor) => actor.id) : [];
    const persons = actors.filter((actor) => isRoster(actor.seen_as)).map((actor) => actor.id);
    return [...single, ...(persons.length > 0 ? this.#roster().filter((id) => this.#mayBe(id, persons)) : [])];
  }

  /** Someone of whom nobody said as what they are seen may be any of them. */
  #mayBe(subject: string, actors: readonly string[]): boolean {
    const actor = this.situation.people.get(subject)?.actor ?? null;
    return actor === null || actors.includes(actor);
  }

  tellsApart(stream: Stream): boolean {
    return this.#candidates(stream).length > 0;
  }

  #roster(): readonly string[] {
    const met = [...this.situation.people.keys()].filter((id) => !this.header.subjects.includes(id));
    return [...this.header.subjects, ...met];
  }

  #targets(stream: Stream): readonly string[] {
    const actors = stream.target_actors ?? [];
    if (actors.length === 0) return this.tiles.peek().map((tile) => tile.id);
    return actors.flatMap((id) => (this.index.actorById.get(id)?.seen_as === "as-one" ? [id] : this.#roster()));
  }

  #tiles(): readonly Tile[] {
    return this.#read(() => {
      const ids = new Set(this.index.streams.flatMap((stream) => [...this.#candidates(stream), ...(stream.target_actors ?? []).filter((id) => this.index.actorById.get(id)?.seen_as === "as-one")]));
      return [...ids].map((id) => ({ id, name: this.subjectName(id) }));
    });
  }

  /** null: the scene as one; undefined: someone must be chosen first. A tap never goes to a subject off the screen. */
  subjectFor(stream: Stream): string | null | undefined {
    return this.#read(() => {
      const candidates = this.#candidates(stream);
      const isSubjectless = (stream.actors ?? []).every((id) => ["as-one", "counted"].includes(this.index.actorById.get(id)?.seen_as ?? ""));
      if (candidates.length === 0) return isSubjectless ? null : undefined;
      const chosen = this.subject.value;
      if (chosen !== null && candidates.includes(chosen)) return chosen;
      return candidates.length === 1 ? candidates[0] : undefined;
    });
  }

  subjectName(subject: string | null | undefined): string {
    if (subject === null || subject === undefined) return "";
    const actor = this.index.actorById.get(subject);
    return this.situation.people.get(subject)?.pseudonym ?? this.#options.names?.get(subject) ?? (actor ? words(actor.label) : subject.slice(-4));
  }

  everyone(): readonly Tile[] {
    const actors = [...this.index.actorById.values()].filter((actor) => actor.seen_as === "as-one").map((actor) => actor.id);
    return [...new Set([...this.#roster(), ...actors])].map((id) => ({ id, name: this.subjectName(id) }));
  }

  isPerson(subject: string): boolean {
    return !this.index.actorById.has(subject);
  }

  choose(subject: string): void {
    this.subject.value = subject;
    feel("tap");
  }

  answerTarget(target: string | null): void {
    const asking = this.asking.peek();
    this.asking.value = null;
    if (!asking || target === null) return;
    this.record({ kind: "amend", ref: asking.ref, set: { target }, reason: "target" });
    feel("tap");
  }

  /** What this one is doing, in a word: on the tile, so that two children are not confused. */
  doing(subject: string): string {
    return this.#read(() => [...this.situation.running.values()].filter((bout) => bout.subject === subject).map((bout) => codeLabel(this.index, bout.code)).join(", "));
  }

  awaySince(subject: string | null): number | null {
    return this.#read(() => this.situation.away.get(subject ?? "") ?? this.situation.away.get("") ?? null);
  }

  hasLeft(subject: string): boolean {
    return this.#read(() => this.situation.present.get(subject) === false);
  }

  toggleView(subject: string | null, touchedAt: number): void {
    if (!this.mayRecord) {
      this.#refuse();
      return;
    }
    const isEveryone = subject === null || (this.situation.away.has("") && !this.situation.away.has(subject));
    const who = isEveryone ? null : subject;
    const isAway = this.situation.away.has(who ?? "");
    this.record({ kind: isAway ? "in_view" : "out_of_view", subject: who }, touchedAt);
    this.#done(isAway ? "start" : "stop", say(isAway ? "kind.in_view" : "kind.out_of_view"));
  }

  comeOrGo(subject: string, touchedAt: number): void {
    this.record({ kind: this.situation.present.get(subject) === false ? "arrive" : "leave", subject }, touchedAt);
    feel("tap");
  }

  nextPseudonym(): string {
    return `N${this.situation.people.size + 1}`;
  }

  /** As which actors someone new can be seen. */
  meetable(): readonly Tile[] {
    return this.#actorsSeen("on-the-fly").map((id) => ({ id, name: this.subjectName(id) }));
  }

  meet(pseudonym: string, touchedAt: number, actor: string | null = this.#actorsSeen("on-the-fly")[0] ?? null): void {
    const subject = this.#options.newId();
    this.record({ kind: "arrive", subject, pseudonym, actor }, touchedAt);
    this.subject.value = subject;
    feel("start");
  }

  // Pause and end

  pause(touchedAt: number): void {
    if (!this.mayRecord) return;
    this.record({ kind: "pause" }, touchedAt);
    this.closeSheet();
    feel("stop");
  }

  /**
   * The page was loaded again in mid-session: the time in which nobody could tap is a pause from the last event on,
   * until the observer goes on. A gap too short to miss anything is none.
   */
  comeBack(lastAt: number, backAt: number = performance.now()): void {
    if (this.isReadOnly || this.situation.ended) return;
    const anchor = this.record({ kind: "clock", reason: "boot" }, backAt);
    if (this.situation.paused || anchor.at - lastAt < SHORT_GAP_MS) return;
    this.record({ kind: "pause", reason: "restarted" }, backAt, lastAt);
  }

  pauseReason(reason: string): void {
    const pause = this.situation.paused;
    if (pause) this.record({ kind: "amend", ref: pause.event, set: { reason }, reason: "details" });
  }

  pausedSince(): number | null {
    return this.#read(() => this.situation.paused?.from ?? null);
  }

  pausedFor(): string | null {
    return this.#read(() => {
      const pause = this.situation.paused;
      const event = pause ? this.situation.effective(pause.event) : null;
      return event?.kind === "pause" ? (event.reason ?? null) : null;
    });
  }

  resume(touchedAt: number): void {
    if (this.isReadOnly || !this.situation.paused) return;
    this.record({ kind: "resume" }, touchedAt);
    feel("start");
  }

  /** Closes the session. The end says how many events there are, so that completeness can be proved. */
  end(_heldAt: number): void {
    if (this.isReadOnly || this.stopped.peek() || this.situation.ended) return;
    this.record((seq) => ({ kind: "end", count: seq }));
    feel("stop");
    this.closeSheet();
    this.#options.onEnd?.();
  }

  // Time sampling

  lasts(stream: Stream): boolean {
    return samplingOf(stream) === "continuous";
  }

  /** Whether a button of this stream stays pressed, as a tick or an answer does. */
  toggles(stream: Stream): boolean {
    const kind = samplingOf(stream);
    return INTERVALS.has(kind) || SCANS.has(kind) || kind === "beat-or-change";
  }

  isCounted(stream: Stream): boolean {
    return isMatrix(stream);
  }

  leadIn(stream: Stream): number {
    return stream.sampling?.lead_in_ms ?? 0;
  }

  intervalNow(stream: Stream): Beat {
    return this.#read(() => beatAt(stream, this.situation.runningTime(this.now.value)));
  }

  #intervalIndex(stream: Stream): ReadonlySignal<number> {
    const known = this.#intervals.get(stream.id);
    if (known) return known;
    const made = computed(() => this.intervalNow(stream).interval);
    this.#intervals.set(stream.id, made);
    return made;
  }

  /** The interval that ticks go to: the present one, or an earlier one until the next begins. */
  intervalMarked(stream: Stream): number {
    const present = this.#intervalIndex(stream).value;
    const mark = this.#marks.value.get(this.#lengthKey(stream));
    return mark && mark.during === present ? mark.interval : present;
  }

  #regimeKey(stream: Stream): string {
    return `${samplingOf(stream)}/${intervalLength(stream)}`;
  }

  /** Intervals of one length are the same stretches of time, whatever is done with them. */
  #lengthKey(stream: Stream): string {
    return String(intervalLength(stream));
  }

  markInterval(stream: Stream, interval: number | null): void {
    const marks = new Map(this.#marks.peek());
    if (interval === null) marks.delete(this.#lengthKey(stream));
    else marks.set(this.#lengthKey(stream), { interval: Math.max(0, interval), during: this.#intervalIndex(stream).peek() });
    this.#marks.value = marks;
  }

  isAsked(stream: Stream, interval: number): boolean {
    return isAskedAt(stream, interval);
  }

  #sharing(stream: Stream): readonly Stream[] {
    return this.index.streams.filter((other) => INTERVALS.has(samplingOf(other)) && this.#regimeKey(other) === this.#regimeKey(stream));
  }

  intervalSaid(stream: Stream): "empty" | "missed" | null {
    return this.#read(() => this.situation.said.get(key(stream.id, this.intervalMarked(stream), this.subjectFor(stream)))?.state ?? null);
  }

  /** "Nothing seen" and "missed it" are said of every stream that shares the interval, where nothing was ticked. */
  sayInterval(stream: Stream, state: "empty" | "missed", touchedAt: number): void {
    if (!this.mayRecord) {
      this.#refuse();
      return;
    }
    const interval = this.intervalMarked(stream);
    let isDone = false;
    for (const each of this.#sharing(stream)) {
      const subject = this.subjectFor(each);
      if (subject === undefined || !this.isAsked(each, interval) || this.#hasTick(each, interval, subject)) continue;
      const said = this.situation.said.get(key(each.id, interval, subject));
      if (said) this.record({ kind: "amend", ref: said.id, void: true, reason: "replaced" }, touchedAt);
      if (said?.state !== state) this.record({ kind: "interval", stream: each.id, interval, state, subject }, touchedAt);
      isDone = true;
    }
    feel(isDone ? "tap" : "refused");
  }

  #hasTick(stream: Stream, interval: number, subject: string | null): boolean {
    return (stream.codes ?? []).some((code) => this.situation.ticks.has(key(stream.id, interval, subject, code.id)));
  }

  #takers(stream: Stream): readonly (string | null)[] {
    if (isMatrix(stream)) return [null];
    const candidates = this.#candidates(stream).filter((id) => this.situation.present.get(id) !== false);
    return candidates.length > 0 ? candidates : [null];
  }

  scanNow(stream: Stream): ScanState {
    return this.#read(() => {
      const running = this.situation.runningTime(this.now.value);
      const sample = sampleAt(stream, running);
      const next = nextSample(stream, sample);
      const nextDue = next === null ? null : sampleDue(stream, next);
      const nextIn = nextDue === null ? null : nextDue - running;
      const lead = this.leadIn(stream);
      const soon = nextIn !== null && nextIn <= Math.max(lead, 3000);
      const takers = this.#takers(stream);
      if (sample === null) return { sample: next ?? 0, state: "waiting", who: null, nextIn, late: 0, soon, done: 0, of: takers.length };
      const isDone = (taker: string | null): boolean => this.situation.scans.has(key(stream.id, sample, taker));
      const done = takers.filter(isDone).length;
      const overdue = running - (sampleDue(stream, sample) ?? running);
      const isMissed = stream.sampling?.missed_after_ms != null && overdue > stream.sampling.missed_after_ms;
      const isComplete = done === takers.length && !isMatrix(stream);
      const state = isComplete ? (next === null ? "over" : "done") : isMissed ? "waiting" : "due";
      const late = overdue > (stream.sampling?.late_after_ms ?? Number.POSITIVE_INFINITY) ? overdue : 0;
      const chosen = this.subjectFor(stream);
      const current = chosen !== undefined && !isDone(chosen) ? chosen : (takers.find((taker) => !isDone(taker)) ?? null);
      return { sample, state, who: current === null ? null : this.subjectName(current), nextIn, late, soon, done, of: takers.length };
    });
  }

  sayScan(stream: Stream, state: "empty" | "missed", touchedAt: number): void {
    const scan = this.scanNow(stream);
    const subject = isMatrix(stream) ? null : this.subjectFor(stream); // a count is of the place as a whole
    if (!this.mayRecord || subject === undefined || scan.state !== "due") {
      this.#refuse();
      return;
    }
    if (!isExclusive(stream)) this.#untickScan(stream, scan.sample, subject, touchedAt);
    this.#scanned(stream, scan.sample, subject, { state }, touchedAt);
    feel("tap");
    this.#nextInScan(stream);
  }

  #countSample(stream: Stream): number | null {
    const running = this.situation.runningTime(this.now.value);
    return samplingOf(stream) === "area-count" ? sampleAt(stream, running) : beatAt(stream, running).interval;
  }

  #counted(stream: Stream): ScanEvent | null {
    const sample = this.#countSample(stream);
    return sample === null ? null : (this.situation.scans.get(key(stream.id, sample, null)) ?? null);
  }

  mayCount(stream: Stream): boolean {
    return this.#read(() => this.mayRecord && this.#countSample(stream) !== null);
  }

  countIn(stream: Stream, cell: Cell): number {
    return this.#read(() => this.#counted(stream)?.counts?.find((each) => sameCell(each.cell, cell))?.n ?? 0);
  }

  countTotal(stream: Stream): number {
    return this.#read(() => (this.#counted(stream)?.counts ?? []).reduce((sum, each) => sum + each.n, 0));
  }

  /** One more (or less) in a cell. Each touch is stored: a count is never held in memory until "done". */
  addCount(stream: Stream, cell: Cell, by: 1 | -1, touchedAt: number): void {
    const sample = this.#countSample(stream);
    if (!this.mayRecord || sample === null || this.locked.peek()) {
      this.#refuse();
      return;
    }
    const before = this.#counted(stream)?.counts ?? [];
    const n = Math.max(0, (before.find((each) => sameCell(each.cell, cell))?.n ?? 0) + by);
    const counts = [...before.filter((each) => !sameCell(each.cell, cell)), ...(n > 0 ? [{ cell, n }] : [])];
    this.#scanned(stream, sample, null, { counts, ...(counts.length === 0 ? { state: "empty" as const } : {}) }, touchedAt);
    feel(by > 0 ? "tap" : "stop");
  }

  completeCount(stream: Stream, touchedAt: number): void {
    const sample = this.#countSample(stream);
    if (!this.mayRecord || sample === null) {
      this.#refuse();
      return;
    }
    if (!this.#counted(stream)) this.#scanned(stream, sample, null, { state: "empty" }, touchedAt);
    feel("start");
    this.tell(say("scan.done", { n: sample + 1 }));
  }

  /** The code in force, and when it was last entered: a beat that confirms it is an entry too. */
  lastChange(stream: Stream): { readonly code: string; readonly at: number } | null {
    return this.#read(() => {
      const subject = this.subjectFor(stream) ?? null;
      const change = this.situation.changes.get(key(stream.id, subject));
      if (!change) return null;
      const isEntry = (event: SessionEvent): boolean => event.kind === "change" && event.code === change.code && (event.subject ?? null) === subject;
      const last = this.situation.log.findLast((event) => isEntry(event) && !this.situation.isVoid(event.id));
      return { code: change.code, at: Math.max(change.at, last?.at ?? 0) };
    });
  }

  beatIn(stream: Stream): number {
    const last = this.lastChange(stream);
    const running = this.situation.runningTime(this.now.value);
    if (!last) return 0;
    return (intervalLength(stream) ?? 0) - (running - this.situation.runningTime(last.at));
  }

  sameAgain(stream: Stream, touchedAt: number): void {
    const last = this.lastChange(stream);
    const subject = this.subjectFor(stream);
    if (!last || subject === undefined || !this.mayRecord) {
      this.#refuse();
      return;
    }
    this.#change(last.code, subject, touchedAt);
  }

  // Judgements

  #ratedInterval(stream: Stream): number | null {
    return stream.sampling?.rated_at === "interval" && intervalLength(stream) !== null ? this.intervalMarked(stream) : null;
  }

  #rated(stream: Stream, rating: Rating, subject: string | null | undefined): RateEvent | null {
    return this.situation.rates.get(key(rating.id, subject, this.#ratedInterval(stream))) ?? null;
  }

  given(stream: Stream, rating: Rating): Given | null {
    return this.#read(() => {
      const event = this.#rated(stream, rating, this.subjectFor(stream));
      if (!event) return null;
      return {
        ...(event.value === null || event.value === undefined ? {} : { value: Number(event.value) }),
        ...(event.answer ? { answer: event.answer } : {}),
        ...(event.details ? { details: event.details } : {}),
      };
    });
  }

  rate(stream: Stream, rating: Rating, given: Given, touchedAt: number): void {
    const subject = this.subjectFor(stream);
    if (this.isReadOnly || this.stopped.peek() || this.situation.ended || subject === undefined) {
      this.#refuse(subject === undefined ? say("subjects.choose") : null);
      return;
    }
    const what = { value: given.value ?? null, answer: given.answer ?? null, details: given.details ?? null };
    const standing = this.#rated(stream, rating, subject);
    if (standing) this.record({ kind: "amend", ref: standing.id, set: what, reason: "judged again" }, touchedAt);
    else this.record({ kind: "rate", rating: rating.id, ...what, subject, interval: this.#ratedInterval(stream) }, touchedAt);
    feel("tap");
  }

  /** Judgements asked at this point of the session that nobody has given yet, for any subject. */
  openRatings(at: "start" | "end"): readonly RatingInStream[] {
    return this.#read(() => [...this.index.ratingById.values()].filter(({ stream, rating }) =>
      stream.sampling?.rated_at === at && this.#takers(stream).some((taker) => this.#rated(stream, rating, taker) === null),
    ));
  }

  // Links

  answerLink(offer: LinkOffer, to: string | null): void {
    this.record({ kind: "link", link: offer.link, from: offer.from, to });
    feel("tap");
  }

  dismissLink(offer: LinkOffer): void {
    this.#dismissed.value = new Set(this.#dismissed.peek()).add(offer.id);
  }

  // The screen

  face(stream: Stream, code: Code): Face {
    return this.#read(() => {
      const subject = this.subjectFor(stream);
      const kind = samplingOf(stream);
      const mayTap = !this.isReadOnly && !this.situation.ended;
      const name = key(code.id, subject);
      if (INTERVALS.has(kind)) {
        const interval = this.intervalMarked(stream);
        const ticked = this.situation.ticks.has(key(stream.id, interval, subject, code.id));
        return { since: null, count: 0, ticked, enabled: mayTap && this.isAsked(stream, interval) };
      }
      if (SCANS.has(kind)) {
        const scan = this.scanNow(stream);
        const ticked = this.situation.scannedCodes.has(key(stream.id, scan.sample, subject, code.id));
        return { since: null, count: 0, ticked, enabled: mayTap && (scan.state === "due" || scan.state === "done") };
      }
      if (kind === "beat-or-change") {
        const ticked = this.situation.changes.get(key(stream.id, subject))?.code === code.id;
        return { since: null, count: this.situation.counts.get(name) ?? 0, ticked, enabled: mayTap };
      }
      const bout = this.#runningBout(code.id, subject ?? null);
      return { since: bout?.since ?? null, count: this.situation.counts.get(name) ?? 0, ticked: false, enabled: mayTap };
    });
  }

  #runningBout(code: string, subject: string | null): Running | null {
    for (const bout of this.situation.running.values()) if (bout.code === code && bout.subject === subject) return bout;
    return null;
  }

  #runningLines(): readonly RunningLine[] {
    return [...this.situation.running.values()].map((bout) => ({
      ...bout,
      label: this.index.codeById.get(bout.code)?.code.label ?? bout.code,
      who: this.subjectName(bout.subject),
    }));
  }

  /** `next` comes when this one is closed: details first, then the word of explanation. */
  openSheet(sheet: SheetKind, next: SheetKind | null = null): void {
    this.sheet.value = sheet;
    this.#nextSheet = next;
  }

  closeSheet(): void {
    this.sheet.value = this.#nextSheet;
    this.#nextSheet = null;
  }

  /** Streams whose sample is due, on a page that is not in sight. */
  dueElsewhere(): readonly Stream[] {
    return this.#read(() => this.index.streams.filter((stream) =>
      SCANS.has(samplingOf(stream)) && !this.inSight.value.has(stream.id) && this.mayRecord && this.scanNow(stream).state === "due" && this.#counted(stream) === null,
    ));
  }

  onPageWanted(listener: (stream: string) => void): () => void {
    this.#pageWanted = listener;
    return () => { this.#pageWanted = null; };
  }

  wantPage(stream: string): void {
    this.#pageWanted?.(stream);
  }

  tell(text: string, undo: string | null = null): void {
    this.notice.value = { text, undo };
    if (this.#noticeTimer !== null) clearTimeout(this.#noticeTimer);
    this.#noticeTimer = setTimeout(() => { this.notice.value = null; }, NOTICE_MS);
  }

  /** For screen readers: the latest words, not all of them, or nobody could follow. */
  say(text: string): void {
    this.#liveNext = text;
    if (this.#liveTimer !== null) return;
    this.live.value = text;
    this.#liveTimer = setTimeout(() => {
      this.#liveTimer = null;
      if (this.#liveNext !== this.live.peek()) this.say(this.#liveNext);
    }, LIVE_MS);
  }

  // Prompts

  /** Called some five times a second: moves the clocks, prompts, and walks through the focal list. */
  tickOver(): void {
    this.now.value = Math.max(this.now.peek(), this.timeOf(performance.now()));
    if (!this.mayRecord) return;
    for (const stream of this.index.streams) this.#prompt(stream);
    this.#rotate();
  }

  #prompt(stream: Stream): void {
    const kind = samplingOf(stream);
    if (kind === "beat-or-change") {
      this.#once(`beat:${stream.id}`, this.lastChange(stream) && this.beatIn(stream) <= 0 ? this.lastChange(stream)!.at : -1, "soon", null);
    } else if (SCANS.has(kind)) {
      const scan = this.scanNow(stream);
      if (scan.soon && scan.nextIn !== null && this.leadIn(stream) > 0) this.#once(`lead:${stream.id}`, scan.sample, "soon", null);
      if (scan.state === "due" && this.#once(`due:${this.#regimeKey(stream)}`, scan.sample, "due", say("scan.due.all"))) this.#nextInScan(stream);
    } else if (intervalLength(stream) !== null) {
      const beat = this.intervalNow(stream);
      const lead = this.leadIn(stream);
      const name = this.#regimeKey(stream);
      if (lead > 0 && beat.left <= lead) this.#once(`lead:${name}`, beat.interval, "soon", null);
      if (beat.interval > 0) this.#once(`due:${name}`, beat.interval, "due", say("interval.due", { n: beat.interval + 1 }));
      if (kind === "observe-record" && beat.phase === "record") this.#once(`record:${name}`, beat.interval, "soon", say("cycle.record"));
    }
  }

  /** Prompts for each number once; a number below zero asks for nothing. */
  #once(name: string, number: number, feeling: Feeling, spoken: string | null): boolean {
    if (number < 0 || (this.#prompted.get(name) ?? -1) >= number) return false;
    this.#prompted.set(name, number);
    feel(feeling);
    if (spoken !== null) this.say(spoken);
    return true;
  }

  #rotation(): { readonly dwell: number; readonly order: readonly string[] } | null {
    const stream = this.index.streams.find((each) => each.sampling?.rotation);
    const rotation = stream?.sampling?.rotation;
    if (!stream || !rotation) return null;
    const order = rotationOrder(this.#candidates(stream).filter((id) => this.situation.present.get(id) !== false), rotation.order ?? "roster", this.header.id);
    return order.length > 0 ? { dwell: rotation.dwell_ms, order } : null;
  }

  #rotate(): void {
    const rotation = this.#rotation();
    if (!rotation) return;
    const turn = Math.floor(this.situation.runningTime(this.now.peek()) / rotation.dwell);
    const focal = rotation.order[turn % rotation.order.length];
    if (!focal || !this.#once("focal", turn, turn > 0 ? "due" : "tap", say("subjects.focal", { who: this.subjectName(focal) }))) return;
    if (this.situation.focal === focal) return;
    // The turn began when it was due, however late this tablet woke up to say so.
    this.record({ kind: "focal", subject: focal }, performance.now(), this.situation.sessionTime(turn * rotation.dwell));
    this.subject.value = focal;
  }

  rotationWords(): string {
    return this.#read(() => {
      const rotation = this.#rotation();
      if (!rotation || rotation.order.length < 2) return "";
      const running = this.situation.runningTime(this.now.value);
      const turn = Math.floor(running / rotation.dwell);
      const next = rotation.order[(turn + 1) % rotation.order.length] ?? "";
      return say("subjects.focal.next", { who: this.subjectName(next), left: clockTime((turn + 1) * rotation.dwell - running + 999) });
    });
  }
}
