/** A session as a file: the remedy for a lost tablet, a full one, or one whose data are of a newer version. */

import { openDB } from "idb";
import type { SessionEvent, SessionHeader } from "../core/events";
import { NAME, type Database } from "./database";
import { digestOf } from "./digest";
import type { EventRow, SessionRow } from "./rows";

export const FILE_SCHEMA = "observe-session/1";

export interface SecondCopy {
  readonly name: string;
  readonly text: string;
}

/** `2026-11-24-0930-0198a1b2.observe.json`, by the observer's own clock. */
export function fileName(header: SessionHeader): string {
  const local = new Date(header.started + header.offset * 60_000).toISOString();
  const stamp = `${local.slice(0, 10)}-${local.slice(11, 13)}${local.slice(14, 16)}`;
  return `${stamp}-${header.id.slice(-8)}.observe.json`;
}

/** The file's text. Events stand in it exactly as they were recorded, so that their hashes can be checked. */
export async function sessionFile(header: SessionHeader, texts: readonly string[]): Promise<string> {
  const head = JSON.stringify({ schema: FILE_SCHEMA, header, count: texts.length, digest: await digestOf(texts) });
  return `${head.slice(0, -1)},"events":[\n${texts.join(",\n")}\n]}\n`;
}

function textsWith(rows: readonly EventRow[], held: readonly SessionEvent[]): readonly string[] {
  const last = rows.at(-1)?.seq ?? 0;
  return [...rows.map((row) => row.text), ...held.filter((event) => event.seq > last).map((event) => JSON.stringify(event))];
}

/** What a page that records a session knows of it by itself. */
export interface InMemory {
  readonly header: SessionHeader;
  readonly log: readonly SessionEvent[];
}

/** One session, with the taps that are only in memory: all of them, where the browser has cleared the rest away. */
export async function secondCopy(database: Database, session: string, memory: InMemory | null = null): Promise<SecondCopy> {
  const [row, rows] = await readable(database, session, memory !== null);
  const header = row?.header ?? memory?.header;
  if (!header) throw new Error(`There is no session ${session} on this tablet.`);
  return { name: fileName(header), text: await sessionFile(header, textsWith(row ? rows : [], memory?.log ?? [])) };
}

type Rows = readonly [row: SessionRow | undefined, rows: readonly EventRow[]];

/** With a page that knows the session, storage that cannot be read is no reason to have no file. */
async function readable(database: Database, session: string, isKnown: boolean): Promise<Rows> {
  try {
    return await rowsOf(database, session);
  } catch (problem) {
    if (!isKnown) throw problem;
    console.error(problem);
    return [undefined, []];
  }
}

function rowsOf(database: Database, session: string): Promise<Rows> {
  return database.read(["sessions", "events"], (transaction) =>
    Promise.all([
      transaction.objectStore("sessions").get(session),
      transaction.objectStore("events").getAll(IDBKeyRange.bound([session, 0], [session, Infinity])),
    ]),
  );
}

/** Every session on the tablet, whatever version of the recorder wrote the data: it only reads. */
export async function rescue(name: string = NAME): Promise<SecondCopy> {
  const connection = await openDB(name); // without a version: as it is
  try {
    if (!connection.objectStoreNames.contains("sessions")) return { name: "observe-rescue.json", text: "[]\n" };
    const sessions = (await connection.getAll("sessions")) as SessionRow[];
    const files: string[] = [];
    for (const { id, header } of sessions) {
      const rows = (await connection.getAll("events", IDBKeyRange.bound([id, 0], [id, Infinity]))) as EventRow[];
      files.push(await sessionFile(header, textsWith(rows, [])));
    }
    return { name: "observe-rescue.json", text: `[${files.map((file) => file.trim()).join(",\n")}]\n` };
  } finally {
    connection.close();
  }
}
