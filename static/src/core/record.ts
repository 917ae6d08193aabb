/** The coded record: what a session's log means. The same values, with the same names, as observe/core/coding/record.py. */

import type { PositionMissing, Value } from "./events.ts";

/** [start, end) in milliseconds of session time */
export type Span = readonly [number, number];

export type Given = Readonly<Record<string, Value>>;

export interface Point {
  readonly event: string;
  readonly at: number;
  readonly stream: string;
  readonly code: string;
  readonly subject: string | null;
  readonly target: string | null;
  readonly modifiers: Given;
  /** perhaps-double, back-dated, out-of-view, beat */
  readonly flags: readonly string[];
}

export type ClosedBy = "stop" | "exclusive" | "end" | "pause" | "out-of-view" | "leave";

export interface Bout {
  readonly event: string;
  readonly start: number;
  readonly end: number;
  readonly stream: string;
  readonly code: string;
  readonly subject: string | null;
  readonly target: string | null;
  readonly modifiers: Given;
  readonly pieces: readonly Span[];
  readonly part: number;
  readonly censored_start: boolean;
  readonly censored_end: boolean;
  readonly closed_by: ClosedBy;
  readonly flags: readonly string[];
}

export interface Interval {
  readonly stream: string;
  readonly index: number;
  readonly start: number;
  readonly end: number;
  readonly state: "ticked" | "empty" | "missed" | "out-of-view" | "partial";
  readonly observed_ms: number;
  readonly subject: string | null;
  readonly codes: readonly string[];
  readonly events: readonly string[];
  /** how often each code was counted, where a tally was kept */
  readonly values: Readonly<Record<string, number>>;
  readonly modifiers: Readonly<Record<string, Given>>;
}

export interface Count {
  readonly cell: Readonly<Record<string, string>>;
  readonly n: number;
}

export interface Scan {
  readonly stream: string;
  readonly index: number;
  readonly due: number;
  readonly at: number | null;
  readonly state: "taken" | "empty" | "late" | "missed" | "out-of-view";
  readonly subject: string | null;
  readonly code: string | null;
  readonly modifiers: Given;
  readonly counts: readonly Count[];
  readonly events: readonly string[];
}

export interface Rated {
  readonly event: string;
  readonly at: number;
  readonly stream: string;
  readonly rating: string;
  readonly value: number | null;
  /** value, cannot-judge, not-observable, not-applicable, or none */
  readonly answer: string;
  readonly subject: string | null;
  readonly interval: number | null;
  readonly details: Given;
}

export interface Linked {
  readonly event: string;
  readonly link: string;
  readonly from_event: string;
  readonly to_event: string | null;
  readonly wait_ms: number | null;
  readonly within: boolean;
}

export interface Note {
  readonly event: string;
  readonly at: number;
  readonly text: string;
  readonly about: string | null;
  readonly outside: boolean;
}

/** Where the tablet was. One that is not known has no figures. */
export interface Position {
  readonly event: string;
  readonly at: number;
  readonly of: string;
  readonly state: "known" | PositionMissing;
  readonly about: string | null;
  readonly stream: string | null;
  readonly sample: number | null;
  readonly latitude: number | null;
  readonly longitude: number | null;
  readonly accuracy_m: number | null;
  readonly age_ms: number | null;
  readonly rounded_m: number | null;
}

export interface Observed {
  readonly subject: string | null;
  readonly spans: readonly Span[];
}

export interface Turn {
  readonly stream: string;
  readonly subject: string;
  readonly start: number;
  readonly end: number;
}

export interface Finding {
  readonly code: string;
  readonly at: number;
  readonly events: readonly string[];
  readonly detail: string;
}

export interface Timeline {
  readonly start: number;
  readonly end: number;
  readonly ended: boolean;
  readonly pauses: readonly Span[];
  readonly points: readonly Point[];
  readonly bouts: readonly Bout[];
  readonly intervals: readonly Interval[];
  readonly scans: readonly Scan[];
  readonly ratings: readonly Rated[];
  readonly links: readonly Linked[];
  readonly notes: readonly Note[];
  readonly observed: readonly Observed[];
  readonly subjects: readonly string[];
  readonly findings: readonly Finding[];
  readonly turns: readonly Turn[];
  readonly positions: readonly Position[];
}

export function finding(code: string, at: number, events: readonly string[] = [], detail = ""): Finding {
  return { code, at, events, detail };
}

function byText(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

function byEach(one: readonly string[], other: readonly string[]): number {
  for (let i = 0; i < Math.min(one.length, other.length); i++) {
    const order = byText(one[i] ?? "", other[i] ?? "");
    if (order !== 0) return order;
  }
  return one.length - other.length;
}

/** By time, then code; each once. */
export function sortedFindings(found: readonly Finding[]): readonly Finding[] {
  const each = new Map(found.map((f) => [JSON.stringify([f.at, f.code, f.events, f.detail]), f]));
  return [...each.values()].sort(
    (a, b) => a.at - b.at || byText(a.code, b.code) || byEach(a.events, b.events) || byText(a.detail, b.detail),
  );
}
