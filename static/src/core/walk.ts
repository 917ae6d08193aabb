/**
 * One walk through the events in order: which behaviour ran from when to when, and what could be seen.
 * Nothing is cut here: a run is what the taps say, and `bouts` cuts it down to what was seen.
 */

import type { SessionHeader } from "./events.ts";
import { canonical, given, type Fact } from "./facts.ts";
import { samplingOf, subjectIn, type Code, type FrameworkIndex, type SamplingKind, type Stream } from "./framework.ts";
import type { Hindrance, ViewChange } from "./presence.ts";
import { MAY_FOLLOW_THE_END, outranks } from "./precedence.ts";
import { finding, type ClosedBy, type Finding, type Given, type Point } from "./record.ts";

export const KNOWN_KINDS: ReadonlySet<string> = new Set([
  "open", "point", "start", "stop", "change", "tick", "interval", "scan", "rate", "link", "note", "pause", "resume",
  "out_of_view", "in_view", "arrive", "leave", "focal", "amend", "clock", "position", "end",
]);

export const INTERVAL_KINDS: ReadonlySet<SamplingKind> = new Set<SamplingKind>([
  "partial-interval", "whole-interval", "predominant-interval", "observe-record", "tally",
]);

export const SAMPLE_KINDS: ReadonlySet<SamplingKind> = new Set<SamplingKind>(["momentary-scan", "area-count", "snapshots"]);

/** A behaviour from its start to whatever ended it, seen or not. Implicit runs fill an exhaustive stream. */
export interface Run {
  readonly event: Fact;
  readonly start: number;
  readonly stream: Stream | null;
  readonly code: string;
  readonly subject: string | null;
  readonly target: string | null;
  modifiers: Given;
  readonly flags: readonly string[];
  readonly implicit: boolean;
  end: number;
  reason: ClosedBy;
  acrossBoots: boolean;
}

export interface InStream {
  readonly event: Fact;
  readonly stream: Stream;
}

export function isFilled(stream: Stream): boolean {
  return stream.exclusive === true && !!stream.fallback && stream.exhaustive === "always" && samplingOf(stream) === "continuous";
}

/** Whom a stream is about, in order; [null] where subjects are not told apart. */
export function subjectsOf(
  index: FrameworkIndex, stream: Stream, subjects: readonly string[], actorBySubject: ReadonlyMap<string, string>,
): readonly (string | null)[] {
  const actors = stream.actors ?? [];
  if (samplingOf(stream) === "area-count" || actors.length === 0) return [null];
  if (actors.length === 1 && index.actorById.get(actors[0] ?? "")?.seen_as === "as-one") return [null];
  const about = new Set<string | null>();
  for (const actor of actors.map((id) => index.actorById.get(id))) {
    if (actor === undefined) continue;
    if (actor.seen_as === "as-one") about.add(actor.id);
    else if (actor.seen_as === "counted") about.add(null);
    else {
      for (const subject of subjects) {
        const isOther = index.actorById.has(subject) || (actorBySubject.get(subject) ?? actor.id) !== actor.id;
        if (!isOther) about.add(subject);
      }
    }
  }
  return about.size > 0 ? [...about] : [null];
}

const CLOCK_FINDINGS: Readonly<Record<string, string>> = { jump: "clock.jump", slept: "clock.slept", boot: "clock.restarted" };

export class Walk {
  readonly found: Finding[] = [];
  readonly subjects: readonly string[];
  readonly absentFirst: ReadonlySet<string>;
  readonly actorBySubject = new Map<string, string>();
  readonly changes: ViewChange[] = [];
  readonly points: Point[] = [];
  readonly runs: Run[] = [];
  readonly ticks: InStream[] = [];
  readonly scans: InStream[] = [];
  readonly ratings: Fact[] = [];
  readonly links: Fact[] = [];
  readonly notes: Fact[] = [];
  readonly positions: Fact[] = [];
  readonly focals: Fact[] = [];
  events: readonly Fact[] = [];
  end = 0;
  ended = false;
  readonly #index: FrameworkIndex;
  readonly #absent = new Set<string>();
  readonly #hidden = new Set<string>();
  readonly #running = new Map<string, Run[]>();
  readonly #lastByCode = new Map<string, number>();
  #paused = false;
  #nobodySeen = false;

  constructor(index: FrameworkIndex, header: Pick<SessionHeader, "subjects">, events: readonly Fact[]) {
    this.#index = index;
    this.#window(events);
    this.subjects = this.#subjects(header.subjects);
    this.absentFirst = new Set(this.#absent);
    this.#fillFromTheStart();
    this.#go();
  }

  // the window

  #window(events: readonly Fact[]): void {
    const [closing, ...others] = events.filter((event) => event.kind === "end");
    if (closing === undefined) {
      const done = events.filter((event) => event.kind !== "clock" && event.kind !== "position" && KNOWN_KINDS.has(event.kind));
      this.events = events;
      this.end = Math.max(0, done.at(-1)?.at ?? 0);
      return;
    }
    for (const other of others) this.#find("end.repeated", [other]);
    this.events = events.filter((event) => event.at <= closing.at || MAY_FOLLOW_THE_END.has(event.kind));
    for (const event of events) {
      const isLate = event.at > closing.at && event.kind !== "end" && !MAY_FOLLOW_THE_END.has(event.kind);
      if (isLate) this.#find("event.after_end", [event]);
    }
    this.end = Math.max(0, closing.at);
    this.ended = true;
  }

  #subjects(roster: readonly string[] | undefined): readonly string[] {
    const known = new Set(roster ?? []);
    const met = new Set<string>();
    for (const event of this.events) if (event.kind === "arrive" || event.kind === "leave") this.#meet(event, met);
    for (const event of this.events) {
      const subject = this.#subject(event);
      if (subject === null || known.has(subject)) continue;
      known.add(subject);
      if (!met.has(subject) && !this.#index.actorById.has(subject)) this.#find("subject.not_on_roster", [event], subject);
    }
    return [...known];
  }

  #meet(event: Fact, met: Set<string>): void {
    const subject = event.subject ?? "";
    if (event.kind === "arrive" && !met.has(subject)) this.#absent.add(subject);
    met.add(subject);
    if (event.actor !== undefined) this.actorBySubject.set(subject, event.actor);
  }

  #subject(event: Fact): string | null {
    return event.subject === undefined ? null : subjectIn(this.#index, this.#streamOf(event), event.subject);
  }

  #streamOf(event: Fact): Stream | undefined {
    if (event.stream !== undefined) return this.#index.streamById.get(event.stream);
    if (event.rating !== undefined) return this.#index.ratingById.get(event.rating)?.stream;
    return this.#index.codeById.get(event.code ?? "")?.stream;
  }

  #find(code: string, events: readonly Fact[], detail = ""): void {
    this.found.push(finding(code, events.at(-1)?.at ?? 0, events.map((event) => event.id), detail));
  }

  // the walk

  #go(): void {
    for (const event of this.events) this.#step(event);
    const closing = this.events.find((event) => event.kind === "end") ?? null;
    for (const running of this.#running.values()) for (const run of running) this.#close(run, this.end, "end", closing);
  }

  #step(event: Fact): void {
    switch (event.kind) {
      case "point": return this.#point(event);
      case "start": return this.#start(event);
      case "stop": return this.#stop(event);
      case "change": return this.#change(event);
      case "tick": return this.#tick(event);
      case "interval": return this.#gather(this.ticks, INTERVAL_KINDS, event);
      case "scan": return this.#scan(event);
      case "rate": this.ratings.push(event); return;
      case "link": this.links.push(event); return;
      case "note": this.notes.push(event); return;
      case "focal": this.focals.push(event); return;
      case "position": this.positions.push(event); return;
      case "pause": return this.#pause(event, true);
      case "resume": return this.#pause(event, false);
      case "out_of_view": return this.#view(event, true);
      case "in_view": return this.#view(event, false);
      case "arrive": return this.#arrive(event);
      case "leave": return this.#leave(event);
      case "clock": {
        const code = CLOCK_FINDINGS[event.reason ?? ""];
        if (code !== undefined) this.#find(code, [event]);
        return;
      }
      case "open": case "end": return;
      default: return this.#find("event.unknown_kind", [event], event.kind);
    }
  }

  // points

  #point(event: Fact): void {
    const place = this.#place(event);
    if (place !== null && samplingOf(place.stream) === "beat-or-change") return this.#change(event);
    if (place !== null && place.code.type === "state" && samplingOf(place.stream) === "continuous") {
      this.#find("code.wrong_kind", [event], place.code.id);
    }
    this.#addPoint(event, place?.stream ?? null, place?.code ?? null);
  }

  #addPoint(event: Fact, stream: Stream | null, code: Code | null): void {
    const subject = this.#subject(event);
    const flags = this.#flags(event, code, subject);
    if (!this.#isSeen(subject) || event.at < 0) {
      flags.push("out-of-view");
      this.#find("point.out_of_view", [event]);
    }
    this.points.push({
      event: event.id, at: event.at, stream: stream?.id ?? "", code: event.code ?? "", subject,
      target: event.target ?? null, modifiers: given(event.modifiers), flags,
    });
  }

  #place(event: Fact): { readonly stream: Stream; readonly code: Code } | null {
    const place = this.#index.codeById.get(event.code ?? "");
    if (place === undefined) {
      this.#find("code.unknown", [event], event.code ?? "");
      return null;
    }
    const isAimed = event.kind === "point" || event.kind === "start";
    if (place.stream.target === "required" && isAimed && event.target === undefined) this.#find("target.missing", [event]);
    return place;
  }

  #flags(event: Fact, code: Code | null, subject: string | null): string[] {
    const flags = event.tapped !== undefined && event.tapped !== event.at ? ["back-dated"] : [];
    const guard = code?.double_guard_ms ?? null;
    if (code === null || guard === null) return flags;
    const key = JSON.stringify([code.id, subject]);
    const last = this.#lastByCode.get(key);
    this.#lastByCode.set(key, event.at);
    if (last !== undefined && event.at - last <= guard) flags.push("perhaps-double");
    return flags;
  }

  #isSeen(subject: string | null): boolean {
    if (this.#paused || this.#nobodySeen) return false;
    return subject === null || (!this.#hidden.has(subject) && !this.#absent.has(subject));
  }

  // states

  #start(event: Fact): void {
    const place = this.#place(event);
    if (place !== null && samplingOf(place.stream) === "beat-or-change") return this.#change(event);
    if (place !== null && place.code.type !== "state" && samplingOf(place.stream) === "continuous") {
      this.#find("code.wrong_kind", [event], place.code.id);
      return this.#addPoint(event, place.stream, place.code);
    }
    this.#begin(event, place?.stream ?? null, place?.code ?? null);
  }

  #runningOf(stream: Stream | null, subject: string | null): Run[] {
    const key = JSON.stringify([stream?.id ?? "", subject]);
    let running = this.#running.get(key);
    if (running === undefined) this.#running.set(key, (running = []));
    return running;
  }

  #begin(event: Fact, stream: Stream | null, code: Code | null): void {
    const subject = this.#subject(event);
    const run: Run = {
      event, start: event.at, stream, code: event.code ?? "", subject, target: event.target ?? null,
      modifiers: given(event.modifiers), flags: this.#flags(event, code, subject), implicit: false,
      end: 0, reason: "end", acrossBoots: false,
    };
    const running = this.#runningOf(stream, subject);
    if (stream !== null && (stream.exclusive === true || samplingOf(stream) === "beat-or-change")) {
      if (!this.#mayReplace(run, running, stream)) return;
      for (const former of running) this.#close(former, event.at, "exclusive", event);
      running.splice(0, running.length, run);
      this.runs.push(run);
      return;
    }
    const twin = running.find((r) => r.code === run.code && r.target === run.target && !r.implicit);
    if (twin !== undefined) return this.#find("start.already_running", [twin.event, event]);
    running.push(run);
    this.runs.push(run);
  }

  #mayReplace(run: Run, running: readonly Run[], stream: Stream): boolean {
    const former = running[0];
    if (former === undefined || former.implicit) return true;
    const isBeat = samplingOf(stream) === "beat-or-change";
    const isAlike = former.target === run.target && canonical(former.modifiers) === canonical(run.modifiers);
    if (former.code === run.code && (isBeat || isAlike)) {
      if (!isBeat) this.#find("start.already_running", [former.event, run.event]);
      return false;
    }
    if (former.start !== run.start) return true;
    if (stream.priority_rule === "resolve" && outranks(stream, former.code, run.code)) {
      this.#find("priority.resolved", [former.event, run.event], run.code);
      return false;
    }
    this.#find("exclusive.same_instant", [former.event, run.event]);
    return true;
  }

  #change(event: Fact): void {
    const place = this.#index.codeById.get(event.code ?? "");
    if (event.kind === "change") {
      if (place === undefined) this.#find("code.unknown", [event], event.code ?? "");
      else if (samplingOf(place.stream) !== "beat-or-change") this.#find("code.wrong_kind", [event], event.code ?? "");
    }
    this.#begin(event, place?.stream ?? null, place?.code ?? null);
  }

  #stop(event: Fact): void {
    const stream = this.#place(event)?.stream ?? null;
    const run = this.#runMeant(event, stream, this.#subject(event));
    if (run === undefined) return this.#find("stop.without_start", [event]);
    if (event.at === run.start) this.#find("bout.no_length", [run.event, event]);
    if (event.modifiers !== undefined) run.modifiers = given({ ...run.modifiers, ...event.modifiers });
    const running = this.#runningOf(run.stream, run.subject);
    running.splice(running.indexOf(run), 1);
    this.#close(run, event.at, "stop", event);
    this.#fill(run.stream, run.subject, event);
  }

  /** The run that a stop names, else the latest of its code. A filled gap is not stopped: a code ends it. */
  #runMeant(event: Fact, stream: Stream | null, subject: string | null): Run | undefined {
    if (event.ref !== undefined) {
      const every = [...this.#running.values()].flat();
      return every.find((run) => run.event.id === event.ref && !run.implicit);
    }
    return this.#runningOf(stream, subject).findLast((run) => run.code === event.code && !run.implicit);
  }

  #close(run: Run, at: number, reason: ClosedBy, by: Fact | null): void {
    run.end = at;
    run.reason = reason;
    const boots = [run.event.boot, by?.boot];
    run.acrossBoots = !run.implicit && boots[0] !== undefined && boots[1] !== undefined && boots[0] !== boots[1];
  }

  // the fallback of an exhaustive stream

  #fillFromTheStart(): void {
    const id = this.events.find((event) => event.kind === "open")?.id ?? "";
    const opening: Fact = { id, seq: 0, at: 0, kind: "open" };
    for (const stream of this.#index.streams.filter(isFilled)) {
      for (const subject of subjectsOf(this.#index, stream, this.subjects, this.actorBySubject)) {
        this.#fill(stream, subject, opening);
      }
    }
  }

  /** Time without a code, from this event on, is the fallback's. */
  #fill(stream: Stream | null, subject: string | null, event: Fact): void {
    if (stream === null || !isFilled(stream) || (subject !== null && this.#absent.has(subject))) return;
    const running = this.#runningOf(stream, subject);
    if (running.length > 0) return;
    const run: Run = {
      event, start: Math.max(event.at, 0), stream, code: stream.fallback ?? "", subject, target: null, modifiers: {},
      flags: [], implicit: true, end: 0, reason: "end", acrossBoots: false,
    };
    running.push(run);
    this.runs.push(run);
  }

  // intervals, scans

  #tick(event: Fact): void {
    const stream = this.#index.streamById.get(event.stream ?? "");
    if (stream !== undefined && this.#index.codeById.get(event.code ?? "")?.stream !== stream) {
      this.#find("code.unknown", [event], event.code ?? "");
    }
    this.#gather(this.ticks, INTERVAL_KINDS, event);
  }

  #scan(event: Fact): void {
    const stream = this.#index.streamById.get(event.stream ?? "");
    const isForeign = event.code !== undefined && this.#index.codeById.get(event.code)?.stream !== stream;
    if (stream !== undefined && isForeign) this.#find("code.unknown", [event], event.code ?? "");
    this.#gather(this.scans, SAMPLE_KINDS, event);
  }

  #gather(into: InStream[], kinds: ReadonlySet<SamplingKind>, event: Fact): void {
    const stream = this.#index.streamById.get(event.stream ?? "");
    if (stream === undefined) return this.#find("stream.unknown", [event], event.stream ?? "");
    if (kinds.has(samplingOf(stream))) into.push({ event, stream });
    else this.#find("stream.wrong_kind", [event], stream.id);
  }

  // what can be seen

  #turn(event: Fact, subject: string | null, hindrance: Hindrance, blocks: boolean): void {
    this.changes.push({ at: event.at, subject, hindrance, blocks });
  }

  #pause(event: Fact, blocks: boolean): void {
    if (this.#paused === blocks) return this.#find(blocks ? "pause.already" : "pause.not_paused", [event]);
    this.#paused = blocks;
    this.#turn(event, null, "pause", blocks);
  }

  #view(event: Fact, blocks: boolean): void {
    const subject = event.subject ?? null;
    const isOut = subject === null ? this.#nobodySeen : this.#hidden.has(subject);
    if (isOut === blocks) return this.#find(blocks ? "view.already_out" : "view.not_out", [event]);
    if (subject === null) this.#nobodySeen = blocks;
    else if (blocks) this.#hidden.add(subject);
    else this.#hidden.delete(subject);
    this.#turn(event, subject, "out-of-view", blocks);
  }

  #arrive(event: Fact): void {
    const subject = event.subject ?? "";
    if (!this.#absent.delete(subject)) return this.#find("subject.already_present", [event]);
    this.#turn(event, subject, "leave", false);
    for (const stream of this.#index.streams.filter(isFilled)) {
      const about = subjectsOf(this.#index, stream, this.subjects, this.actorBySubject);
      if (about.includes(subject)) this.#fill(stream, subject, event);
    }
  }

  /** Whoever leaves takes what was running along: it does not go on when they come back. */
  #leave(event: Fact): void {
    const subject = event.subject ?? "";
    if (this.#absent.has(subject)) return this.#find("subject.not_present", [event]);
    this.#absent.add(subject);
    this.#turn(event, subject, "leave", true);
    for (const running of this.#running.values()) {
      if (running[0]?.subject !== subject) continue;
      for (const run of running) this.#close(run, event.at, "leave", event);
      running.length = 0;
    }
  }
}
