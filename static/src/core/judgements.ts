/** Ratings, links, notes and positions: what the observer and the tablet say, beside what was tapped. */

import { given, isWhole, type Fact } from "./facts.ts";
import { answersOf, subjectIn, type FrameworkIndex, type Rating } from "./framework.ts";
import { finding, type Finding, type Linked, type Note, type Position, type Rated } from "./record.ts";

const ANSWERS: readonly string[] = ["cannot-judge", "not-observable", "not-applicable"];

/** Every judgement; where one is asked for once, the last one given counts and the others are findings. */
export function ratings(events: readonly Fact[], index: FrameworkIndex, found: Finding[]): readonly Rated[] {
  const kept = new Map<string, Rated>();
  events.forEach((event, number) => {
    const place = index.ratingById.get(event.rating ?? "");
    if (place === undefined) found.push(finding("rating.unknown", event.at, [event.id], event.rating ?? ""));
    const rated = ratedOf(event, place?.stream.id ?? "", subjectIn(index, place?.stream, event.subject ?? null));
    judge(rated, place?.rating, found);
    const asked = place?.stream.sampling?.rated_at ?? "any";
    const key = asked === "any" ? String(number) : JSON.stringify([rated.rating, rated.subject, rated.interval]);
    const former = kept.get(key);
    if (former !== undefined) found.push(finding("rating.repeated", rated.at, [former.event, rated.event]));
    kept.delete(key);
    kept.set(key, rated);
  });
  return [...kept.values()];
}

function ratedOf(event: Fact, stream: string, subject: string | null): Rated {
  return {
    event: event.id, at: event.at, stream, rating: event.rating ?? "",
    value: event.value === undefined ? null : Number(event.value),
    answer: event.value !== undefined ? "value" : event.answer || "none",
    subject, interval: event.interval ?? null, details: given(event.details),
  };
}

function judge(rated: Rated, rating: Rating | undefined, found: Finding[]): void {
  const { value, answer, at, event } = rated;
  if (value === null && !ANSWERS.includes(answer)) found.push(finding("rating.no_answer", at, [event]));
  else if (rating === undefined) return;
  else if (value !== null) {
    if (!isOnScale(value, rating)) found.push(finding("rating.out_of_range", at, [event]));
  } else if (!(answersOf(rating) as readonly string[]).includes(answer)) {
    found.push(finding("rating.answer_not_allowed", at, [event], answer));
  }
}

function isOnScale(value: number, rating: Rating): boolean {
  const { scale = "ordinal", values = [], minimum = null, maximum = null } = rating;
  if (scale === "yes-no") return value === 0 || value === 1;
  if (scale === "ordinal" && values.length > 0) return values.some((allowed) => allowed.value === value);
  return (minimum === null || value >= minimum) && (maximum === null || value <= maximum);
}

/** Events that belong together, with the time between their onsets; `to` null says that nothing answered. */
export function links(
  events: readonly Fact[], byId: ReadonlyMap<string, Fact>, index: FrameworkIndex, found: Finding[],
): readonly Linked[] {
  const listed: Linked[] = [];
  for (const event of events) {
    const begin = byId.get(event.from ?? "");
    const answer = event.to === undefined ? null : byId.get(event.to);
    if (begin === undefined || answer === undefined) {
      found.push(finding("link.unknown_event", event.at, [event.id]));
      continue;
    }
    judgeLink(event, begin, answer, index, found);
    listed.push(linked(event, begin, answer, index));
  }
  return listed;
}

function linked(event: Fact, begin: Fact, answer: Fact | null, index: FrameworkIndex): Linked {
  const link = event.link ?? "";
  const base = { event: event.id, link, from_event: begin.id };
  if (answer === null) return { ...base, to_event: null, wait_ms: null, within: false };
  const wait = answer.at - begin.at;
  const limit = index.linkById.get(link)?.within_ms ?? null;
  return { ...base, to_event: answer.id, wait_ms: wait, within: wait >= 0 && (limit === null || wait <= limit) };
}

function judgeLink(event: Fact, begin: Fact, answer: Fact | null, index: FrameworkIndex, found: Finding[]): void {
  const link = index.linkById.get(event.link ?? "");
  if (link === undefined) {
    found.push(finding("link.unknown", event.at, [event.id], event.link ?? ""));
    return;
  }
  const fits = (link.from_codes ?? []).includes(begin.code ?? "") && (answer === null || (link.to_codes ?? []).includes(answer.code ?? ""));
  if (!fits) found.push(finding("link.wrong_code", event.at, [event.id]));
}

/** Words as they were written, also after the end. */
export function notes(events: readonly Fact[]): readonly Note[] {
  return events.map(({ id, at, text, ref, outside }) => ({
    event: id, at, text: text ?? "", about: ref ?? null, outside: outside === true,
  }));
}

const MISSING: readonly string[] = ["lost", "refused", "unavailable", "off"];

function degrees(value: unknown, most: number): number | null {
  return typeof value === "number" && Math.abs(value) <= most ? value : null;
}

function aboveZero(value: unknown): number | null {
  return typeof value === "number" && value >= 0 ? value : null;
}

/** Where the tablet was. One whose figures are no place on earth is lost, and a finding. */
export function positions(events: readonly Fact[], found: Finding[]): readonly Position[] {
  return events.map((event) => {
    const latitude = degrees(event.latitude, 90);
    const longitude = degrees(event.longitude, 180);
    const isMissing = MISSING.includes(event.state ?? "");
    const isKnown = !isMissing && latitude !== null && longitude !== null;
    if (!isMissing && !isKnown) found.push(finding("position.unreadable", event.at, [event.id]));
    const whole = (value: unknown): number | null => (isKnown && isWhole(value, 0) ? value : null);
    return {
      event: event.id, at: event.at, of: event.of ?? "",
      state: isKnown ? "known" : isMissing ? (event.state as Position["state"]) : "lost",
      about: event.ref ?? null, stream: event.stream ?? null, sample: event.sample ?? null,
      latitude: isKnown ? latitude : null, longitude: isKnown ? longitude : null,
      accuracy_m: isKnown ? aboveZero(event.accuracy) : null, age_ms: whole(event.age), rounded_m: whole(event.rounded),
    };
  });
}
