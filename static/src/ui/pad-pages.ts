/** What the pad shows: pages of code buttons, counting tables, and judgements, in the order of the framework. */

import { type Code, samplingOf, type Stream } from "../core/framework";
import { grouped, type Page as KeyPage, paginate, type Room } from "./pad-layout";
import { words } from "./words";

export type PadPage =
  | { readonly kind: "keys"; readonly id: string; readonly title: string; readonly page: KeyPage<Keyed> }
  | { readonly kind: "matrix"; readonly id: string; readonly title: string; readonly stream: Stream }
  | { readonly kind: "ratings"; readonly id: string; readonly title: string; readonly stream: Stream };

/** A code with what its button needs: its stream, and a colour from the palette. */
export interface Keyed {
  readonly id: string;
  readonly stream: Stream;
  readonly code: Code;
  readonly hue: number;
  readonly group: string;
}

const HUES = 8;

/** Each group has one colour; a stream without groups gives each code its own. */
function keyed(stream: Stream): readonly Keyed[] {
  const codes = stream.codes ?? [];
  const groups = [...new Set(codes.map((code) => code.group ?? ""))];
  return codes.map((code, index) => ({
    id: code.id,
    stream,
    code,
    group: code.group ?? "",
    hue: ((groups.length > 1 ? groups.indexOf(code.group ?? "") : index) % HUES) + 1,
  }));
}

/** A tally with codes is tapped code by code: each tap is an event with its own time, which a table of sums is not. */
export function isMatrix(stream: Stream): boolean {
  const isTappedByCode = samplingOf(stream) === "tally" && (stream.codes ?? []).length > 0;
  return samplingOf(stream) === "area-count" || ((stream.crossed ?? []).length > 0 && !isTappedByCode);
}

export function isJudged(stream: Stream): boolean {
  return (stream.ratings ?? []).length > 0;
}

/** Streams that can share a page must be recorded in the same way, or one clock at the top would lie about the other. */
function isKeyed(stream: Stream): boolean {
  return !isMatrix(stream) && (stream.codes ?? []).length > 0;
}

export function padPages(streams: readonly Stream[], roomFor: (streams: readonly string[]) => Room<Keyed>): readonly PadPage[] {
  const keys = streams.filter(isKeyed).map((stream) => grouped(stream.id, words(stream.label), keyed(stream)));
  const pages: PadPage[] = paginate(keys, roomFor).map((page) => ({ kind: "keys", id: page.id, title: page.title, page }));
  for (const stream of streams.filter(isMatrix)) {
    pages.push({ kind: "matrix", id: `matrix:${stream.id}`, title: words(stream.label), stream });
  }
  for (const stream of streams.filter(isJudged)) {
    pages.push({ kind: "ratings", id: `ratings:${stream.id}`, title: words(stream.label), stream });
  }
  return pages;
}
