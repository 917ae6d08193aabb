/** Voice notes and the like. They are written by `Writer.append`, in the same transaction as their event. */

import type { Database } from "./database";
import type { AttachmentRow } from "./rows";

export type { Attachment, AttachmentRow } from "./rows";

export async function attachment(database: Database, id: string): Promise<AttachmentRow | null> {
  return (await database.read(["attachments"], (transaction) => transaction.objectStore("attachments").get(id))) ?? null;
}

export async function attachmentsOf(database: Database, session: string): Promise<readonly AttachmentRow[]> {
  return database.read(["attachments"], (transaction) =>
    transaction.objectStore("attachments").index("session").getAll(session),
  );
}
