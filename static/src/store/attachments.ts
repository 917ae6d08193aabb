/** Voice notes and the like. They are written by `Writer.append`, in the same transaction as their event. */

import type { Database } from "./database";
import type { AttachmentRow } from "./rows";

export type { Attachment, AttachmentRow } from "./rows";

export async function attachment(database: Database, id: string): Promise<AttachmentRow | null> {
  return (await database.read(["attachments"], (transaction) => transaction.objectStore("attachments").get(id))) ?? null;
}

/** Those that the server lacks, without those that it has refused. */
export async function unsentAttachments(database: Database): Promise<readonly AttachmentRow[]> {
  const all = await database.read(["attachments"], (transaction) => transaction.objectStore("attachments").getAll());
  return all.filter((row) => row.state === undefined);
}

/** Writes down what the server said of one; null puts it back to be sent. */
export async function markAttachment(database: Database, id: string, state: "sent" | "refused" | null): Promise<void> {
  await database.write(["attachments"], async (transaction) => {
    const row = await transaction.objectStore("attachments").get(id);
    if (!row) return;
    const { state: before, ...rest } = row;
    if (state === null && before !== "sent") return; // it waits already, or would be refused again
    await transaction.objectStore("attachments").put(state === null ? rest : { ...rest, state });
  });
}

export async function attachmentsOf(database: Database, session: string): Promise<readonly AttachmentRow[]> {
  return database.read(["attachments"], (transaction) =>
    transaction.objectStore("attachments").index("session").getAll(session),
  );
}
