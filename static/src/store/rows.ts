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

/**
 * How far the log of a session has come. The one who writes the log writes this row and nobody else does, so that
 * a tap needs to read nothing before it is written.
 */
export interface CounterRow {
  readonly session: string;
  readonly count: number;
  readonly ended: boolean;
  readonly lastWall: number;
}

/** How far the server has come with a session. The exchange with the server writes this row, and no tap does. */
export interface DeliveryRow {
  readonly session: string;
  /** events that no longer wait: stored by the server, or kept aside there */
  readonly settled: number;
  readonly aside: number;
  /** up to this seq the server holds every event */
  readonly storedTo: number;
  /** wall clock of the oldest event that waited when this row was written; null when none did */
  readonly oldest: number | null;
  /** when the server's digest last agreed with ours, ms since 1970, and over how many events */
  readonly agreed: { readonly at: number; readonly count: number } | null;
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
  deliveries: { key: string; value: DeliveryRow };
  frameworks: { key: string; value: FrameworkRow };
  attachments: { key: string; value: AttachmentRow; indexes: { session: string } };
  reference: { key: string; value: ValueRow };
  settings: { key: string; value: ValueRow };
}

export type StoreName = "events" | "sessions" | "counters" | "deliveries" | "frameworks" | "attachments" | "reference" | "settings";
