/** The sync loop, fetched when the first screen stands: recording begins, or goes on after a crash, without it. */

import { effect, signal } from "@preact/signals-core";
import type { Database } from "../store/database";
import type { SyncOptions } from "./loop";
import { NOTHING, type Syncing, type SyncStatus } from "./status";

export interface SyncLater extends Syncing {
  /** Fetches the loop and starts it. Asked twice, it starts one. */
  begin(): Promise<void>;
}

type Start = (database: Database, options: SyncOptions) => Syncing;

const fetched = async (): Promise<Start> => (await import("./loop")).startSync;

const AGAIN_MS = 30_000;

/** Stands for the loop from the first moment; what is asked of it before it is there is not lost. */
export function syncLater(database: Database, options: SyncOptions, fetchLoop: () => Promise<Start> = fetched): SyncLater {
  const status = signal<SyncStatus>(NOTHING);
  let loop: Syncing | null = null;
  let begun: Promise<void> | null = null;
  let isStopped = false;
  let isWanted = false;
  let stopFollowing = (): void => undefined;

  const start = async (): Promise<void> => {
    const startSync = await fetchLoop();
    if (isStopped) return;
    const made = startSync(database, options); // its first pass sends whatever was noted before
    loop = made;
    stopFollowing = effect(() => {
      status.value = made.status.value;
    });
    if (isWanted) made.now();
  };

  return {
    status,
    begin() {
      begun ??= start().catch((problem: unknown) => {
        begun = null;
        if (!isStopped) setTimeout(() => void this.begin().catch(() => undefined), AGAIN_MS); // said once is enough
        throw problem;
      });
      return begun;
    },
    now() {
      if (loop) loop.now();
      else isWanted = true;
    },
    noteChange() {
      loop?.noteChange();
    },
    stop() {
      isStopped = true;
      stopFollowing();
      loop?.stop();
    },
  };
}
