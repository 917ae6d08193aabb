/** What is known of the way to the server: said by the loop, shown on every screen, and there before the loop is. */

import type { ReadonlySignal } from "@preact/signals-core";

/** The server's clock against both of ours, at the middle of an exchange: for a `clock` event with the reason `sync`. */
export interface ServerClock {
  readonly server: number;
  readonly wall: number;
  readonly mono: number;
}

export interface SyncStatus {
  /** whether what waits on this tablet has been looked at yet; until then nothing may be called sent */
  readonly counted: boolean;
  readonly unsynced: number;
  /** wall clock of the oldest tap that the server lacks */
  readonly oldest: number | null;
  readonly lastSync: number | null;
  readonly aside: number;
  readonly sending: boolean;
  readonly needsSignIn: boolean;
  readonly problem: string | null;
  /** ms until the next try, as of when this was said; null when there is nothing to send */
  readonly nextTry: number | null;
  /** server's clock less ours, ms */
  readonly clockOffset: number | null;
  readonly clock: ServerClock | null;
  readonly lostByServer: readonly string[];
  readonly unknownHere: readonly string[];
}

export const NOTHING: SyncStatus = {
  counted: false, unsynced: 0, oldest: null, lastSync: null, aside: 0, sending: false, needsSignIn: false, problem: null,
  nextTry: null, clockOffset: null, clock: null, lostByServer: [], unknownHere: [],
};

/** The sync loop as pages see it. */
export interface Syncing {
  readonly status: ReadonlySignal<SyncStatus>;
  /** whatever was waited for is tried at once; only what the server asked for is kept */
  now(): void;
  /** something was recorded */
  noteChange(): void;
  stop(): void;
}
