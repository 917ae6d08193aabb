/** Which events may belong together: question and answer, command and compliance. Offered, never decided. */

import type { SessionEvent } from "../core/events";
import type { FrameworkIndex, Link } from "../core/framework";
import { codeLabel } from "./lines";
import type { SessionState } from "../core/session-state";
import { words } from "./words";

export interface LinkOffer {
  readonly id: string;
  readonly link: string;
  readonly label: string;
  readonly from: string;
  readonly fromLabel: string;
  /** the latest event that could answer; null: none so far */
  readonly to: string | null;
  readonly toLabel: string;
  /** what is left of the window; null where the link has none */
  readonly left: number | null;
}

/** How long an offer without a window of its own stays on the screen, and one whose window has closed. */
const OPEN_MS = 60_000;
const AFTER_MS = 8_000;
const LOOK_BACK = 60;
const MOST = 2;

type Coded = SessionEvent & { readonly code: string };

function isCoded(event: SessionEvent): event is Coded {
  return (event.kind === "point" || event.kind === "start") && typeof event.code === "string";
}

function recent(situation: SessionState): readonly Coded[] {
  return situation.log
    .slice(-LOOK_BACK)
    .map((event) => situation.effective(event.id))
    .filter((event): event is SessionEvent => event !== null && !situation.isVoid(event.id))
    .filter(isCoded);
}

function offer(index: FrameworkIndex, link: Link, from: Coded, later: readonly Coded[], now: number): LinkOffer {
  const reach = link.within_ms ?? Number.POSITIVE_INFINITY;
  const to = later.findLast((event) => link.to_codes?.includes(event.code) && event.at >= from.at && event.at - from.at <= reach) ?? null;
  return {
    id: `${link.id}:${from.id}`,
    link: link.id,
    label: words(link.label),
    from: from.id,
    fromLabel: codeLabel(index, from.code),
    to: to?.id ?? null,
    toLabel: to ? codeLabel(index, to.code) : (link.to_codes ?? []).map((code) => codeLabel(index, code)).join(" / "),
    left: link.within_ms == null ? null : Math.max(0, from.at + link.within_ms - now),
  };
}

/** The last offers that are still open at `now`, the newest first. */
export function openLinks(index: FrameworkIndex, situation: SessionState, now: number, dismissed: ReadonlySet<string>): readonly LinkOffer[] {
  if (index.linkById.size === 0) return [];
  const events = recent(situation);
  const offers: LinkOffer[] = [];
  for (const link of index.linkById.values()) {
    events.forEach((event, place) => {
      if (!link.from_codes?.includes(event.code) || situation.linked.has(event.id)) return;
      if (now - event.at > (link.within_ms == null ? OPEN_MS : link.within_ms + AFTER_MS)) return;
      const made = offer(index, link, event, events.slice(place + 1), now);
      if (!dismissed.has(made.id)) offers.push(made);
    });
  }
  return offers.reverse().slice(0, MOST);
}
