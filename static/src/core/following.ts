/** How a page follows a piece of heavy work on the server. Pure: time, the network and the page are given to it. */

export interface Progress {
  readonly state: "waiting" | "running" | "done" | "failed" | "cancelled";
  readonly share: number;
  readonly words: string;
  readonly to: string | null;
}

export interface Follower {
  /** How far it is; null when the server did not say. */
  readonly ask: () => Promise<Progress | null>;
  readonly show: (progress: Progress) => void;
  readonly lost: () => void;
  readonly rest: () => Promise<void>;
  /** To the result, or to this page again when it ended without one. */
  readonly leave: (to: string | null) => void;
}

/** Asks until the work has ended, one question at a time, and leaves once: leaving again would call the page that is
 * on its way off, and a page that takes longer than a rest would never arrive. */
export async function follow(follower: Follower): Promise<void> {
  for (;;) {
    await follower.rest();
    let progress: Progress | null;
    try {
      progress = await follower.ask();
    } catch {
      follower.lost();
      continue;
    }
    if (progress === null) continue;
    follower.show(progress);
    if (progress.to !== null || (progress.state !== "waiting" && progress.state !== "running")) {
      follower.leave(progress.to);
      return;
    }
  }
}
