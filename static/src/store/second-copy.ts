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

/** One session, with the taps that are still held in memory. */
export async function secondCopy(
  database: Database,
  session: string,
  held: readonly SessionEvent[] = [],
): Promise<SecondCopy> {
  const [row, rows] = await database.read(["sessions", "events"], (transaction) =>
    Promise.all([
      transaction.objectStore("sessions").get(session),
      transaction.objectStore("events").getAll(IDBKeyRange.bound([session, 0], [session, Infinity])),
    ]),
  );
  if (!row) throw new Error(`There is no session ${session} on this tablet.`);
  return { name: fileName(row.header), text: await sessionFile(row.header, textsWith(rows, held)) };
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
