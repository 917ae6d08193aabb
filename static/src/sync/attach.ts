/** Sends photos and voice notes, each after its note, until the server has it on disk. */

import { type AttachmentRow, markAttachment, unsentAttachments } from "../store/attachments";
import type { Database } from "../store/database";
import { sessionCard } from "../store/sessions";
import type { Device } from "../store/settings";
import { refusalOf } from "./protocol";
import type { Transport } from "./transport";

/** True when the server can be asked on: the next one may go. */
async function send(database: Database, device: Device, transport: Transport, row: AttachmentRow): Promise<boolean> {
  const received = await transport({ method: "PUT", path: `/attachments/${row.id}`, token: device.token, blob: row.blob, timeoutMs: 180_000 });
  if (received.kind === "unreachable") return false;
  const isOurs = typeof received.body === "object" && received.body !== null && "observe" in received.body;
  if (isOurs && (received.status === 200 || received.status === 201)) {
    await markAttachment(database, row.id, "sent");
    return true;
  }
  const refusal = refusalOf(received.body);
  if (refusal?.code === "attachment.refused") await markAttachment(database, row.id, "refused");
  return refusal?.code === "attachment.refused" || refusal?.code === "attachment.unknown";
}

/** One pass in this device's name. What cannot go now stays, and goes in the next pass. */
export async function sendAttachments(database: Database, device: Device, transport: Transport): Promise<void> {
  for (const row of await unsentAttachments(database)) {
    const card = await sessionCard(database, row.session);
    if (!card || card.header.device !== device.id || card.unsynced > 0) continue;
    if (!(await send(database, device, transport, row))) return;
  }
}
