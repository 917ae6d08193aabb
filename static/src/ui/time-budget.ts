/** Where the time of a session went, from its coded record: the observer's own first look, not an analysis. */

import { type FrameworkIndex, samplingOf, type Stream } from "../core/framework";
import type { Span, Timeline } from "../core/record";
import { words } from "./words";

export interface BudgetRow {
  readonly id: string;
  readonly label: string;
  readonly times: number;
  /** null for what has no length */
  readonly ms: number | null;
  readonly share: number | null;
}

export interface Budget {
  readonly stream: string;
  readonly title: string;
  readonly unit: "time" | "intervals" | "scans";
  readonly of: number;
  readonly rows: readonly BudgetRow[];
}

function length(spans: readonly Span[]): number {
  return spans.reduce((sum, [from, to]) => sum + to - from, 0);
}

/** The time in which somebody was watched: for each subject that the stream was recorded of, its own. */
function observedIn(record: Timeline, subjects: ReadonlySet<string | null>): number {
  const seen = record.observed.filter((each) => subjects.has(each.subject));
  return (seen.length > 0 ? seen : record.observed.slice(0, 1)).reduce((sum, each) => sum + length(each.spans), 0);
}

function continuous(stream: Stream, record: Timeline): Budget {
  const bouts = record.bouts.filter((bout) => bout.stream === stream.id);
  const points = record.points.filter((point) => point.stream === stream.id);
  const of = observedIn(record, new Set([...bouts, ...points].map((each) => each.subject)));
  const rows = (stream.codes ?? []).map((code) => {
    const own = bouts.filter((bout) => bout.code === code.id);
    const isState = own.length > 0 || code.type === "state";
    const ms = own.reduce((sum, bout) => sum + length(bout.pieces), 0);
    const times = own.filter((bout) => bout.part === 0).length + points.filter((point) => point.code === code.id).length;
    return { id: code.id, label: words(code.label), times, ms: isState ? ms : null, share: isState && of > 0 ? ms / of : null };
  });
  return { stream: stream.id, title: words(stream.label), unit: "time", of, rows };
}

function byInterval(stream: Stream, record: Timeline): Budget {
  const observed = record.intervals.filter((each) => each.stream === stream.id && (each.state === "ticked" || each.state === "empty"));
  const rows = (stream.codes ?? []).map((code) => {
    const times = observed.filter((each) => each.codes.includes(code.id)).length;
    return { id: code.id, label: words(code.label), times, ms: null, share: observed.length > 0 ? times / observed.length : null };
  });
  return { stream: stream.id, title: words(stream.label), unit: "intervals", of: observed.length, rows };
}

function byScan(stream: Stream, record: Timeline): Budget {
  const taken = record.scans.filter((scan) => scan.stream === stream.id && ["taken", "late", "empty"].includes(scan.state));
  const counted = (code: string): number =>
    taken.reduce((sum, scan) => sum + (scan.code === code ? 1 : 0) + scan.counts.filter((each) => each.cell["code"] === code).reduce((all, each) => all + each.n, 0), 0);
  const all = taken.reduce((sum, scan) => sum + (scan.code ? 1 : 0) + scan.counts.reduce((each, count) => each + count.n, 0), 0);
  const rows = (stream.codes ?? []).map((code) => {
    const times = counted(code.id);
    return { id: code.id, label: words(code.label), times, ms: null, share: all > 0 ? times / all : null };
  });
  return { stream: stream.id, title: words(stream.label), unit: "scans", of: taken.length, rows };
}

/** One budget for each stream with codes. Each share has its own denominator, which stands beside it. */
export function budgetsOf(index: FrameworkIndex, record: Timeline): readonly Budget[] {
  return index.streams.filter((stream) => (stream.codes ?? []).length > 0).map((stream) => {
    switch (samplingOf(stream)) {
      case "partial-interval":
      case "whole-interval":
      case "predominant-interval":
      case "observe-record":
        return byInterval(stream, record);
      case "momentary-scan":
      case "area-count":
      case "snapshots":
        return byScan(stream, record);
      case "continuous":
      case "beat-or-change":
      case "tally":
      case "rating":
      case "checklist":
        return continuous(stream, record);
    }
  });
}

export function observedTime(record: Timeline): number {
  return length(record.observed.find((each) => each.subject === null)?.spans ?? []);
}
