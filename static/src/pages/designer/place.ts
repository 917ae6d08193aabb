/** Where in the document somebody is, and the place that a finding leads to. */

import { signal } from "@preact/signals";
import type { Path } from "./document";
import { pointerOf } from "./draft";

/** The section that is open: a part's name, or `streams/2`. */
export const place = signal("about");

/** The JSON pointer of a field to go to: rows on the way open, and the field takes the focus. Empty when nobody goes anywhere. */
export const target = signal("");

const SECTION_OF: Readonly<Record<string, string>> = { source: "rights", rights: "rights" };
const PARTS = new Set(["actors", "modifiers", "links", "variables", "formulas", "constructs"]);

/** Open the section in which a finding's place stands, and then the place itself. */
export function goTo(pointer: string): void {
  const [, part = "", index] = pointer.split("/");
  place.value = part === "streams" ? `streams/${index ?? 0}` : (SECTION_OF[part] ?? (PARTS.has(part) ? part : "about"));
  target.value = pointer;
}

/** Whether the target is this place or below it. */
export function leadsBelow(pointer: string, path: Path): boolean {
  const here = pointerOf(path);
  return pointer === here || pointer.startsWith(`${here}/`);
}

/** Once all rows on the way are open: the nearest thing on the page at or above the target is shown and gets the focus. */
export function arrive(root: ParentNode): void {
  const pointer = target.peek();
  if (!pointer) return;
  target.value = "";
  for (let end = pointer.length; end > 0; end = pointer.lastIndexOf("/", end - 1)) {
    const found = root.querySelector<HTMLElement>(`[data-at="${CSS.escape(pointer.slice(0, end))}"]`);
    if (!found) continue;
    for (let above = found.closest("details"); above; above = above.parentElement?.closest("details") ?? null) above.open = true;
    const control = found.querySelector<HTMLElement>("input, select, textarea, button:not(.row__handle)");
    control?.focus({ preventScroll: true });
    found.scrollIntoView({ block: "center" });
    return;
  }
}
