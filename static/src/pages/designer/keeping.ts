/** Work that the server does not have yet, kept in this browser in case the tab or the machine goes. */

import type { DesignDocument } from "./document";

export interface Kept {
  readonly revision: number;
  readonly document: DesignDocument;
}

const KEY = "observe draft ";

/** Keep this as the work that is not saved yet. A browser that is full or keeps nothing goes on without. */
export function keep(name: string, work: Kept): void {
  try {
    localStorage.setItem(KEY + name, JSON.stringify(work));
  } catch {
    // The draft is still on the screen, and is saved as soon as the server can be reached.
  }
}

/** The server has it: nothing needs to be kept. */
export function forget(name: string): void {
  try {
    localStorage.removeItem(KEY + name);
  } catch {
    // A browser that keeps nothing has nothing to forget.
  }
}

/** What was kept and never saved, or null. */
export function kept(name: string): Kept | null {
  try {
    const found: unknown = JSON.parse(localStorage.getItem(KEY + name) ?? "null");
    return isKept(found) ? found : null;
  } catch {
    return null;
  }
}

function isKept(found: unknown): found is Kept {
  return typeof found === "object" && found !== null && "revision" in found && typeof found.revision === "number"
    && "document" in found && typeof found.document === "object" && found.document !== null;
}
