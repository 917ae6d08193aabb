/** Each event in the words of the framework, for the list of what was recorded. */

import type { SessionEvent, Value } from "../core/events";
import type { FrameworkIndex } from "../core/framework";
import type { SessionState } from "../core/session-state";
import { say, words } from "./words";

export interface Line {
  readonly id: string;
  readonly kind: SessionEvent["kind"];
  readonly at: number;
  /** when it was tapped, where that differs */
  readonly tapped: number | null;
  readonly what: string;
  readonly who: string;
  readonly more: string;
  readonly isVoid: boolean;
  /** its moment can be put right */
  readonly isTimed: boolean;
}

type NameOf = (subject: string | null | undefined) => string;

export function codeLabel(index: FrameworkIndex, code: string | null | undefined): string {
  const known = index.codeById.get(code ?? "");
  return known ? words(known.code.label) : (code ?? "");
}

function optionLabel(index: FrameworkIndex, modifier: string, value: string | number | boolean, nameOf: NameOf): string {
  const known = index.modifierById.get(modifier);
  if (known?.kind === "actor") return nameOf(String(value));
  const option = known?.options?.find((each) => each.id === value);
  return option ? words(option.label) : String(value);
}

function modifierWords(index: FrameworkIndex, id: string, value: Value, nameOf: NameOf): string {
  if (value === null) return "";
  const values = Array.isArray(value) ? (value as readonly (string | number | boolean)[]) : [value as string | number | boolean];
  return values.map((each) => optionLabel(index, id, each, nameOf)).join(", ");
}

function whatOf(index: FrameworkIndex, event: SessionEvent, nameOf: NameOf): string {
  switch (event.kind) {
    case "point":
    case "start":
    case "change":
      return codeLabel(index, event.code);
    case "stop":
      return say("kind.stop", { what: codeLabel(index, event.code) });
    case "tick":
      return say("kind.tick", { what: codeLabel(index, event.code), n: event.interval + 1 });
    case "interval":
      return say(event.state === "empty" ? "kind.interval.empty" : "kind.interval.missed", { n: event.interval + 1 });
    case "scan": {
      if (event.state === "empty") return say("kind.scan.empty", { n: event.sample + 1 });
      if (event.state === "missed") return say("kind.scan.missed", { n: event.sample + 1 });
      if (event.counts) return say("kind.scan.counts", { n: event.sample + 1, all: event.counts.reduce((sum, each) => sum + each.n, 0) });
      return say("kind.scan", { n: event.sample + 1, what: codeLabel(index, event.code) });
    }
    case "rate": {
      const rating = index.ratingById.get(event.rating)?.rating;
      const value = event.answer ? say(`rating.${event.answer}`) : valueWords(rating?.scale, event.value);
      return say("kind.rate", { what: words(rating?.label) || event.rating, value });
    }
    case "link": {
      const link = words(index.linkById.get(event.link)?.label) || event.link;
      return say(event.to === null ? "kind.link.none" : "kind.link", { link });
    }
    case "note":
      return `${say("kind.note")}: ${event.text}`;
    case "arrive":
      return say("kind.arrive", { who: event.pseudonym ?? nameOf(event.subject) });
    case "leave":
      return say("kind.leave", { who: nameOf(event.subject) });
    case "focal":
      return say("kind.focal", { who: nameOf(event.subject) });
    case "open":
    case "end":
    case "pause":
    case "resume":
    case "out_of_view":
    case "in_view":
    case "amend":
      return say(`kind.${event.kind}`);
    case "clock":
    case "position":
      return "";
  }
}

function valueWords(scale: string | undefined, value: number | boolean | null | undefined): string {
  if (scale === "yes-no") return say(Number(value) === 1 ? "yes" : "no");
  return String(value ?? "");
}

function moreOf(index: FrameworkIndex, event: SessionEvent, nameOf: NameOf): string {
  const parts: string[] = [];
  if ("target" in event && event.target) parts.push(`→ ${nameOf(event.target)}`);
  if ("modifiers" in event && event.modifiers) {
    for (const [id, value] of Object.entries(event.modifiers)) parts.push(modifierWords(index, id, value, nameOf));
  }
  if ("reason" in event && event.kind !== "clock" && event.reason) parts.push(String(event.reason));
  return parts.filter((part) => part !== "").join(" · ");
}

const SILENT: ReadonlySet<SessionEvent["kind"]> = new Set(["clock", "position", "amend", "open"]);
const TIMED: ReadonlySet<SessionEvent["kind"]> = new Set(["point", "start", "stop", "change", "note", "out_of_view", "in_view", "arrive", "leave"]);

/** Null for what no observer did: clock anchors, amendments (they show in what they amend). */
export function lineOf(index: FrameworkIndex, situation: SessionState, id: string, nameOf: NameOf): Line | null {
  const event = situation.effective(id);
  if (!event || SILENT.has(event.kind)) return null;
  const subject = "subject" in event && event.kind !== "arrive" && event.kind !== "leave" && event.kind !== "focal" ? event.subject : null;
  const recordedAt = situation.recordedAt(id);
  const tapped = event.tapped ?? (recordedAt !== null && recordedAt !== event.at ? recordedAt : null);
  return {
    id,
    kind: event.kind,
    at: event.at,
    tapped,
    what: whatOf(index, event, nameOf),
    who: subject ? nameOf(subject) : "",
    more: moreOf(index, event, nameOf),
    isVoid: situation.isVoid(id),
    isTimed: TIMED.has(event.kind),
  };
}

/** The last lines, newest first. */
export function lastLines(index: FrameworkIndex, situation: SessionState, nameOf: NameOf, limit: number): readonly Line[] {
  const lines: Line[] = [];
  for (let place = situation.log.length - 1; place >= 0 && lines.length < limit; place -= 1) {
    const event = situation.log[place];
    const line = event && !SILENT.has(event.kind) ? lineOf(index, situation, event.id, nameOf) : null;
    if (line) lines.push(line);
  }
  return lines;
}
