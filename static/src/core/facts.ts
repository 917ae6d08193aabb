/** Events as the derivation reads them: one flat shape, in which a field that is null is not there. */

import type { CellCount, SessionEvent, Value, Values } from "./events.ts";
import { finding, type Finding, type Given } from "./record.ts";

export interface Fact {
  readonly id: string;
  readonly seq: number;
  readonly at: number;
  readonly kind: string;
  readonly tapped?: number;
  readonly boot?: string;
  readonly code?: string;
  readonly subject?: string;
  readonly target?: string;
  readonly modifiers?: Values;
  readonly stream?: string;
  readonly interval?: number;
  readonly sample?: number;
  readonly state?: string;
  readonly rating?: string;
  readonly value?: number | boolean;
  readonly answer?: string;
  readonly details?: Values;
  readonly counts?: readonly CellCount[];
  readonly link?: string;
  readonly from?: string;
  readonly to?: string;
  readonly text?: string;
  readonly ref?: string;
  readonly outside?: boolean;
  readonly reason?: string;
  readonly actor?: string;
  readonly pseudonym?: string;
  readonly void?: boolean;
  readonly set?: Readonly<Record<string, unknown>>;
  readonly of?: string;
  readonly latitude?: unknown;
  readonly longitude?: unknown;
  readonly accuracy?: unknown;
  readonly age?: unknown;
  readonly rounded?: unknown;
}

export function factOf(event: SessionEvent): Fact {
  return Object.fromEntries(Object.entries(event).filter(([, value]) => value !== null && value !== undefined)) as unknown as Fact;
}

const NEVER_SET = new Set(["id", "seq", "kind", "mono", "wall", "offset", "zone", "boot", "tapped"]);
const OWN_OF_AN_AMENDMENT = new Set(["void", "set", "ref"]);
const NAMES = new Set([
  "code", "subject", "target", "stream", "rating", "link", "ref", "from", "to", "pseudonym", "actor", "reason", "answer",
  "state", "text",
]);
const WHOLES = new Set(["interval", "sample", "count"]);
const BY_ID = new Set(["modifiers", "details", "attributes"]);
/** The fields without which an event of a kind would say nothing. */
export const NEEDED: Readonly<Record<string, readonly string[]>> = {
  point: ["code"], start: ["code"], stop: ["code"], change: ["code"], tick: ["stream", "interval", "code"],
  interval: ["stream", "interval", "state"], scan: ["stream", "sample"], rate: ["rating"], link: ["link", "from"],
  note: ["text"], arrive: ["subject"], leave: ["subject"], focal: ["subject"], amend: ["ref"], clock: ["reason"], position: ["of"], end: ["count"],
};
const MAX_WHOLE = 2 ** 53;

export function isWhole(value: unknown, atLeast = -MAX_WHOLE): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= atLeast && value <= MAX_WHOLE;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isCounts(value: unknown): boolean {
  return Array.isArray(value) && value.every((item: unknown) =>
    isObject(item) && isObject(item["cell"]) && isWhole(item["n"], 0)
    && Object.values(item["cell"]).every((option) => typeof option === "string"));
}

export function maySet(event: Fact, name: string, value: unknown): boolean {
  if (NEVER_SET.has(name) || (event.kind === "amend" && OWN_OF_AN_AMENDMENT.has(name))) return false;
  if (name === "at") return isWhole(value);
  if (value === null) return !(NEEDED[event.kind] ?? []).includes(name);
  if (NAMES.has(name)) return typeof value === "string";
  if (WHOLES.has(name)) return isWhole(value, 0);
  if (BY_ID.has(name)) return isObject(value);
  if (name === "counts") return isCounts(value);
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean";
}

/** The same content, whatever the order of the fields. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (!isObject(value)) return JSON.stringify(value);
  return `{${Object.keys(value).sort().map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`).join(",")}}`;
}

export function byPlace(one: Fact, other: Fact): number {
  return one.at - other.at || one.seq - other.seq || (one.id < other.id ? -1 : one.id > other.id ? 1 : 0);
}

function bySeq(one: Fact, other: Fact): number {
  return one.seq - other.seq || (one.id < other.id ? -1 : 1);
}

function eachOnce(events: Iterable<SessionEvent>, found: Finding[]): Map<string, Fact> {
  const byId = new Map<string, Fact>();
  const conflicts = new Set<string>();
  for (const event of events) {
    const first = byId.get(event.id);
    if (first === undefined) {
      byId.set(event.id, factOf(event));
      continue;
    }
    const again = factOf(event);
    if (canonical(first) === canonical(again)) continue;
    conflicts.add(event.id);
    if (again.seq < first.seq || (again.seq === first.seq && again.at < first.at)) byId.set(event.id, again);
  }
  for (const id of conflicts) found.push(finding("event.conflict", byId.get(id)?.at ?? 0, [id]));
  return byId;
}

/** The amendments that no later amendment has taken back, in order of `seq`. */
export function standing(byId: ReadonlyMap<string, Fact>, amendments: readonly Fact[], found: Finding[]): Fact[] {
  const gone = new Set<string>();
  const kept: Fact[] = [];
  for (const amendment of [...amendments].sort(bySeq).reverse()) {
    const target = byId.get(amendment.ref ?? "");
    if (target === undefined || target.seq >= amendment.seq) {
      found.push(finding("amendment.unknown_event", amendment.at, [amendment.id]));
    } else if (!gone.has(amendment.id)) {
      kept.push(amendment);
      if (amendment.void === true) gone.add(target.id);
    }
  }
  return kept.reverse();
}

/** The event with the amendment's new values; what was tapped is remembered when its time is put right. */
export function amended(event: Fact, amendment: Fact, found: Finding[]): Fact {
  const next: Record<string, unknown> = { ...event };
  for (const name of Object.keys(amendment.set ?? {}).sort()) {
    const value = amendment.set?.[name];
    if (!maySet(event, name, value)) {
      found.push(finding("amendment.not_allowed", amendment.at, [amendment.id, event.id], name));
    } else if (value === null) {
      delete next[name];
    } else {
      next[name] = value;
    }
  }
  if (event.tapped === undefined && next["at"] !== event.at) next["tapped"] = event.at;
  return next as unknown as Fact;
}

/** The events that count, amended, by `at`, then `seq`: rules 1 and 2 of the coded record. */
export function effective(events: Iterable<SessionEvent>, found: Finding[]): Fact[] {
  const byId = eachOnce(events, found);
  const amendments = [...byId.values()].filter((event) => event.kind === "amend");
  const valid = standing(byId, amendments, found);
  for (const amendment of valid) {
    const event = byId.get(amendment.ref ?? "");
    if (event !== undefined && amendment.void !== true && isObject(amendment.set)) {
      byId.set(event.id, amended(event, amendment, found));
    }
  }
  for (const amendment of valid) if (amendment.void === true) byId.delete(amendment.ref ?? "");
  return [...byId.values()].filter((event) => event.kind !== "amend").sort(byPlace);
}

/** Values by id, sorted; what is null was not said. */
export function given(values: Values | undefined): Given {
  if (values === undefined) return {};
  const known = Object.keys(values).sort().filter((name) => values[name] !== null && values[name] !== undefined);
  return Object.fromEntries(known.map((name) => [name, values[name] as Value]));
}
