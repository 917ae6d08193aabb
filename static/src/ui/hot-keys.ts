/** Codes, subjects and undo from a keyboard. A key that types into a field is left alone. */

import type { Code, Stream } from "../core/framework";
import type { Recording } from "./recording";

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest("input, textarea, select, [contenteditable]") !== null;
}

/** A key as frameworks write it: one character whatever its case, or F1 to F12. */
function named(event: KeyboardEvent): string {
  return event.key.length === 1 ? event.key.toLowerCase() : event.key;
}

export function hotKeys(recording: Recording): (event: KeyboardEvent) => void {
  const codes = new Map<string, { readonly stream: Stream; readonly code: Code }>();
  for (const known of recording.index.codeById.values()) {
    if (known.code.key) codes.set(known.code.key.length === 1 ? known.code.key.toLowerCase() : known.code.key, known);
  }
  return (event) => {
    if (isTyping(event.target) || event.repeat || event.altKey || recording.locked.peek()) return;
    if (event.key === "Escape" && recording.sheet.peek()) {
      event.preventDefault(); // the focus is on the pad again: whoever tapped on behind the panel closes it all the same
      recording.closeSheet();
      return;
    }
    const isUndo = event.key === "Backspace" || ((event.ctrlKey || event.metaKey) && named(event) === "z");
    if (isUndo) {
      event.preventDefault();
      recording.undo();
      return;
    }
    if (event.ctrlKey || event.metaKey) return;
    const known = codes.get(named(event));
    if (known) {
      event.preventDefault();
      recording.tap(known.stream, known.code, event.timeStamp);
      return;
    }
    const tile = /^[1-9]$/.test(event.key) ? recording.tiles.peek()[Number(event.key) - 1] : undefined;
    if (tile) recording.choose(tile.id);
  };
}
