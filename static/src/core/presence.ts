/** When somebody could be seen: the window less pauses, out of view, and the time before arriving and after leaving. */

import type { ClosedBy, Span } from "./record.ts";

export type Hindrance = "pause" | "out-of-view" | "leave";

/** [start, end) that could be seen, and what ended it. */
export type Seen = readonly [start: number, end: number, reason: ClosedBy];

/** A turn in what can be seen, for one subject or (null) for everyone. */
export interface ViewChange {
  readonly at: number;
  readonly subject: string | null;
  readonly hindrance: Hindrance;
  readonly blocks: boolean;
}

function add(spans: Seen[], start: number, end: number, reason: ClosedBy): void {
  const last = spans.at(-1);
  if (last !== undefined && last[1] === start) spans[spans.length - 1] = [last[0], end, reason];
  else if (end > start) spans.push([start, end, reason]);
}

/** What could be seen of a subject. Changes are in order; spans that touch (a pause of no length) are one. */
export function seenSpans(
  changes: readonly ViewChange[], subject: string | null, end: number, absentFirst = false,
): readonly Seen[] {
  const hindered = new Set<string>(absentFirst ? ["own leave"] : []);
  const spans: Seen[] = [];
  let since = 0;
  for (const change of changes) {
    if (change.subject !== null && change.subject !== subject) continue;
    const at = Math.min(Math.max(change.at, 0), end);
    const key = `${change.subject === null ? "all" : "own"} ${change.hindrance}`;
    if (change.blocks) {
      if (hindered.size === 0) add(spans, since, at, change.hindrance);
      hindered.add(key);
    } else if (hindered.delete(key) && hindered.size === 0) {
      since = at;
    }
  }
  if (hindered.size === 0) add(spans, since, end, "end");
  return spans;
}

/** Spans with quick answers: what of a stretch was seen, and whether a moment was. */
export class Watch {
  readonly spans: readonly Seen[];

  constructor(spans: readonly Seen[]) {
    this.spans = spans;
  }

  get plain(): readonly Span[] {
    return this.spans.map(([start, end]) => [start, end]);
  }

  overlap(start: number, end: number): number {
    return this.pieces(start, end).reduce((sum, [from, to]) => sum + to - from, 0);
  }

  pieces(start: number, end: number): readonly Seen[] {
    const found: Seen[] = [];
    if (end <= start) return found;
    for (let i = this.#after(start); i < this.spans.length; i++) {
      const [from, to, reason] = this.spans[i] as Seen;
      if (from >= end) break;
      found.push([Math.max(from, start), Math.min(to, end), reason]);
    }
    return found;
  }

  holds(at: number): boolean {
    const span = this.spans[this.#after(at)];
    return span !== undefined && span[0] <= at;
  }

  /** The first span that ends after this moment. */
  #after(at: number): number {
    let low = 0;
    let high = this.spans.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.spans[middle] as Seen)[1] <= at) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
