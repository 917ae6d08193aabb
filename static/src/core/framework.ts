/** A coding framework as the recorder reads it: the document of docs/reference/framework-document.md, typed. */

import type { PositionPlan } from "./position.ts";

/** Words in the first language, or by language. */
export type Text = string | Readonly<Record<string, string>>;

export interface Option {
  readonly id: string;
  readonly label: Text;
}

export interface Variable {
  readonly id: string;
  readonly label: Text;
  readonly kind?: "text" | "number" | "one-of" | "date" | "yes-no";
  readonly of?: "session" | "subject" | "setting";
  readonly required?: boolean;
  readonly options?: readonly Option[];
  readonly unit?: string;
  readonly sensitive?: boolean;
  /** Answers under which people could not, or hardly could, act otherwise. The inference weighs by them. */
  readonly bound_when?: readonly string[];
  readonly partly_bound_when?: readonly string[];
}

export interface Actor {
  readonly id: string;
  readonly label: Text;
  readonly kind?: "person" | "role" | "group" | "place" | "case" | "everyone";
  readonly seen_as?: "named" | "counted" | "on-the-fly" | "as-one";
}

export type SamplingKind =
  | "continuous" | "partial-interval" | "whole-interval" | "predominant-interval" | "momentary-scan" | "area-count"
  | "observe-record" | "snapshots" | "beat-or-change" | "tally" | "rating" | "checklist";

export interface Rotation {
  readonly dwell_ms: number;
  readonly order?: "roster" | "shuffled";
}

export interface Sampling {
  readonly kind?: SamplingKind;
  readonly length_ms?: number | null;
  readonly observe_ms?: number | null;
  readonly record_ms?: number | null;
  readonly count?: number | null;
  readonly over_ms?: number | null;
  readonly every?: number;
  readonly first?: number;
  readonly rated_at?: "start" | "interval" | "end" | "any" | null;
  readonly rotation?: Rotation | null;
  readonly lead_in_ms?: number;
  readonly late_after_ms?: number | null;
  readonly missed_after_ms?: number | null;
}

export interface Modifier {
  readonly id: string;
  readonly label: Text;
  readonly kind?: "one-of" | "several-of" | "ordered" | "number" | "text" | "actor";
  readonly options?: readonly Option[];
  readonly unit?: string;
  readonly minimum?: number | null;
  readonly maximum?: number | null;
  readonly required?: boolean;
  readonly asked_at?: "start" | "stop";
}

export interface Code {
  readonly id: string;
  readonly label: Text;
  readonly type?: "point" | "state";
  readonly definition?: Text;
  readonly include?: readonly Text[];
  readonly exclude?: readonly Text[];
  readonly examples?: readonly Text[];
  readonly non_examples?: readonly Text[];
  readonly opportunity?: Text;
  readonly group?: string;
  readonly colour?: string;
  readonly icon?: string;
  readonly key?: string;
  readonly modifiers?: readonly string[];
  readonly note_required?: boolean;
  readonly double_guard_ms?: number | null;
  readonly value?: number | null;
}

export interface RatingValue {
  readonly value: number;
  readonly label: Text;
  readonly anchor?: Text;
}

export interface Rating {
  readonly id: string;
  readonly label: Text;
  readonly scale?: "ordinal" | "number" | "yes-no";
  readonly definition?: Text;
  readonly values?: readonly RatingValue[];
  readonly minimum?: number | null;
  readonly maximum?: number | null;
  readonly unit?: string;
  readonly cannot_judge_allowed?: boolean;
  readonly not_observable_allowed?: boolean;
  readonly not_applicable_allowed?: boolean;
  readonly part_of?: string;
  readonly is_statistic?: boolean;
}

export interface Dimension {
  readonly id: string;
  readonly label: Text;
  readonly options: readonly Option[];
}

export interface Stream {
  readonly id: string;
  readonly label: Text;
  readonly sampling?: Sampling;
  readonly actors?: readonly string[];
  readonly exclusive?: boolean;
  readonly exhaustive?: "open" | "always";
  readonly fallback?: string;
  readonly target?: "none" | "optional" | "required";
  readonly target_actors?: readonly string[];
  readonly priority?: readonly string[];
  readonly priority_rule?: "warn" | "resolve";
  readonly out_of_view?: "split" | "suspend";
  readonly codes?: readonly Code[];
  readonly ratings?: readonly Rating[];
  readonly crossed?: readonly Dimension[];
}

export interface Link {
  readonly id: string;
  readonly label: Text;
  readonly from_codes?: readonly string[];
  readonly to_codes?: readonly string[];
  readonly within_ms?: number | null;
  readonly if_none?: string;
}

/** The parts of the document that recording needs; constructs and formulas are left to the server. */
export interface FrameworkDocument {
  readonly schema: string;
  readonly slug: string;
  readonly title: Text;
  readonly languages?: readonly string[];
  readonly purpose?: Text;
  readonly attend_to?: readonly Text[];
  readonly leave_out?: readonly Text[];
  readonly assumptions?: readonly Text[];
  readonly intended_use?: Text;
  readonly limits?: Text;
  readonly planned_ms?: number | null;
  readonly covert?: boolean;
  readonly position?: (PositionPlan & { readonly reason?: Text }) | null;
  readonly actors?: readonly Actor[];
  readonly modifiers?: readonly Modifier[];
  readonly streams?: readonly Stream[];
  readonly links?: readonly Link[];
  readonly variables?: readonly Variable[];
  readonly [other: string]: unknown;
}

/** The words in this language, else in the framework's first language for which there are words, else nothing. */
export function words(text: Text | undefined, language: string, languages: readonly string[] = ["en"]): string {
  if (text === undefined) return "";
  if (typeof text === "string") return text;
  for (const tag of [language, ...languages, ...Object.keys(text)]) {
    const found = text[tag];
    if (found !== undefined && found.trim() !== "") return found;
  }
  return "";
}

export function samplingOf(stream: Stream): SamplingKind {
  return stream.sampling?.kind ?? "continuous";
}

export function isState(code: Code): boolean {
  return code.type === "state";
}

export function isExclusive(stream: Stream): boolean {
  return stream.exclusive === true;
}

/** Answers that may be given instead of a value. */
export function answersOf(rating: Rating): readonly ("cannot-judge" | "not-observable" | "not-applicable")[] {
  const answers: ("cannot-judge" | "not-observable" | "not-applicable")[] = [];
  if (rating.cannot_judge_allowed ?? true) answers.push("cannot-judge");
  if (rating.not_observable_allowed ?? true) answers.push("not-observable");
  if (rating.not_applicable_allowed ?? false) answers.push("not-applicable");
  return answers;
}

export interface CodeInStream {
  readonly stream: Stream;
  readonly code: Code;
}

export interface RatingInStream {
  readonly stream: Stream;
  readonly rating: Rating;
}

/** Look-ups over one document, made once: ids of codes and of ratings are unique in the whole framework. */
export interface FrameworkIndex {
  readonly document: FrameworkDocument;
  readonly streams: readonly Stream[];
  readonly streamById: ReadonlyMap<string, Stream>;
  readonly codeById: ReadonlyMap<string, CodeInStream>;
  readonly ratingById: ReadonlyMap<string, RatingInStream>;
  readonly modifierById: ReadonlyMap<string, Modifier>;
  readonly actorById: ReadonlyMap<string, Actor>;
  readonly linkById: ReadonlyMap<string, Link>;
}

function byId<T extends { readonly id: string }>(items: readonly T[] | undefined): Map<string, T> {
  return new Map((items ?? []).map((item) => [item.id, item]));
}

export function indexOf(document: FrameworkDocument): FrameworkIndex {
  const streams = document.streams ?? [];
  const codes = streams.flatMap((stream) => (stream.codes ?? []).map((code) => [code.id, { stream, code }] as const));
  const ratings = streams.flatMap((stream) =>
    (stream.ratings ?? []).map((rating) => [rating.id, { stream, rating }] as const),
  );
  return {
    document,
    streams,
    streamById: byId(streams),
    codeById: new Map(codes),
    ratingById: new Map(ratings),
    modifierById: byId(document.modifiers),
    actorById: byId(document.actors),
    linkById: byId(document.links),
  };
}

/** The modifiers of a code that are asked when it starts (points too), or when it stops. */
export function modifiersOf(index: FrameworkIndex, code: Code, asked: "start" | "stop" = "start"): readonly Modifier[] {
  return (code.modifiers ?? [])
    .map((id) => index.modifierById.get(id))
    .filter((modifier): modifier is Modifier => modifier !== undefined)
    .filter((modifier) => (modifier.asked_at ?? "start") === asked);
}

/**
 * The subject under which an event of this stream is recorded. Where the stream has no actor, or one seen as one
 * (the class, the lecturer), or counts, subjects are not told apart: null.
 */
export function subjectIn(index: FrameworkIndex, stream: Stream | undefined, subject: string | null): string | null {
  if (stream === undefined || subject === null) return subject;
  const only = (stream.actors ?? []).length === 1 ? index.actorById.get(stream.actors?.[0] ?? "") : undefined;
  return only?.seen_as === "as-one" && only.id === subject ? null : subject;
}
