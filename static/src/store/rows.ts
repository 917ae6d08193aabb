/** What the rows on the tablet hold. Fields are only ever added: older rows must stay readable. */

import type { DBSchema } from "idb";
import type { SessionHeader } from "../core/events";

/** `text` is the event's JSON exactly as it is sent: its hash is over this text. `outbox` is there until the server has it. */
export interface EventRow {
  readonly session: string;
  readonly seq: number;
  readonly id: string;
  readonly text: string;
  readonly outbox?: 1;
  readonly aside?: string;
}

/** `text` is the header's JSON as it is sent, each time the same to the byte. */
export interface SessionRow {
  readonly id: string;
  readonly header: SessionHeader;
  readonly text: string;
}

/** The figures of one session, kept beside it so that nothing is counted on the way of a tap. */
export interface CounterRow {
  readonly session: string;
  readonly count: number;
  readonly unsynced: number;
  readonly aside: number;
  /** up to this seq the server holds every event */
  readonly storedTo: number;
  readonly ended: boolean;
  readonly lastWall: number;
  /** wall clock of the oldest event that the server lacks */
  readonly oldest: number | null;
  /** when the server's count and digest last agreed with ours, ms since 1970 */
  readonly agreed: number | null;
  /** the server's digest for which everything has been sent again already */
  readonly disputed: string | null;
}

export interface FrameworkRow {
  readonly hash: string;
  readonly number: number;
  readonly state: "open" | "closing" | "closed";
  readonly document: unknown;
}

export interface Attachment {
  readonly id: string;
  readonly type: string;
  readonly blob: Blob;
}

export interface AttachmentRow extends Attachment {
  readonly session: string;
  readonly event: string;
  /** `sent`: the server has it on disk; `refused`: it is not what its note says, in the server's eyes */
  readonly state?: "sent" | "refused";
}

export interface ValueRow {
  readonly key: string;
  readonly value: unknown;
}

export interface Schema extends DBSchema {
  events: {
    key: [string, number];
    value: EventRow;
    indexes: { outbox: [1, string, number]; aside: [string, string] };
  };
  sessions: { key: string; value: SessionRow };
  counters: { key: string; value: CounterRow };
  frameworks: { key: string; value: FrameworkRow };
  attachments: { key: string; value: AttachmentRow; indexes: { session: string } };
  reference: { key: string; value: ValueRow };
  settings: { key: string; value: ValueRow };
}

export type StoreName = "events" | "sessions" | "counters" | "frameworks" | "attachments" | "reference" | "settings";
