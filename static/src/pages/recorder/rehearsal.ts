/** What a practice session is held against: a film beside the pad, and an agreed coding. Neither is ever sent. */

import { signal } from "@preact/signals";
import type { Database } from "../../store/database";
import { type Offered, practised, type Standard, standard } from "../../store/practice";
import { FILE_SCHEMA } from "../../store/second-copy";
import { say } from "../../ui/words";
import type { Person } from "./new-session";

/** A coding that is the standard: out of a session file, or offered by the supervisor and fetched by the sync. */
export interface Agreed extends Standard {
  readonly name: string;
  readonly hint: string;
  /** those that were settled; none named: all of them */
  readonly streams: readonly string[];
  /** what to remember it by; null for a file */
  readonly offered: { readonly id: string; readonly happening: string | null } | null;
}

export const film = signal<{ readonly name: string; readonly url: string } | null>(null);
export const agreed = signal<Agreed | null>(null);

function isSessionFile(value: unknown): value is Standard {
  const file = value as { readonly schema?: unknown; readonly header?: { readonly framework?: unknown }; readonly events?: unknown } | null;
  return file?.schema === FILE_SCHEMA && typeof file.header?.framework === "string" && Array.isArray(file.events);
}

/** Reads an agreed coding. The sentence says what is wrong with the file; null where nothing is. */
export async function takeAgreed(file: File, framework: string): Promise<string | null> {
  let read: unknown = null;
  try {
    read = JSON.parse(await file.text());
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  if (!isSessionFile(read)) return say("practice.not-a-session");
  if (read.header.framework !== framework) return say("practice.other-framework");
  agreed.value = { name: file.name, hint: "", streams: [], offered: null, header: read.header, events: read.events };
  return null;
}

function offeredAs({ id, title, hint, happening, streams, header, events }: Offered & Standard): Agreed {
  return { name: title, hint, streams, offered: { id, happening }, header, events };
}

/** One of those that the sync has fetched; null for none at all. */
export async function takeOffered(database: Database, id: string | null): Promise<void> {
  const found = id === null ? null : await standard(database, id);
  agreed.value = found === null ? null : offeredAs(found);
}

/** After a reload, or days later: what this session was held against, if it was an offered one and still is. */
export async function recall(database: Database, session: string): Promise<void> {
  const found = await practised(database, session);
  if (found !== null && agreed.peek()?.offered?.id !== found.id) agreed.value = offeredAs(found);
}

/** The film is opened where it lies: nothing of it is copied or sent. */
export function takeFilm(file: File | null): void {
  const before = film.peek();
  if (before) URL.revokeObjectURL(before.url);
  film.value = file === null ? null : { name: file.name, url: URL.createObjectURL(file) };
}

/** Those whom the agreed coding tells apart: the same people, or the two could not be compared. */
export function peopleOf({ header, events }: Agreed, names: ReadonlyMap<string, string>): readonly Person[] {
  const arrivals = new Map(events.flatMap((event) => (event.kind === "arrive" ? [[event.subject, event] as const] : [])));
  return header.subjects.map((id, place) => {
    const arrival = arrivals.get(id);
    return { id, pseudonym: arrival?.pseudonym ?? names.get(id) ?? `P${place + 1}`, isNew: !names.has(id), actor: arrival?.actor ?? null };
  });
}

/** Scene directions: the notes of the agreed coding, each for as long as one reads it. */
export function promptAt({ events }: Agreed, at: number): string | null {
  const note = events.findLast((event) => event.kind === "note" && event.at <= at && at - event.at < 10_000);
  return note?.kind === "note" ? note.text : null;
}
