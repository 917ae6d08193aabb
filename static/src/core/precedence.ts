/** Which of two events or codes counts: small rules that the screen needs without the whole of the coded record. */

import type { Stream } from "./framework.ts";

/** Words, judgements, relations and anchors are not about a moment of the window. */
export const MAY_FOLLOW_THE_END: ReadonlySet<string> = new Set(["note", "link", "rate", "clock", "position"]);

/** Whether the stream's priority puts one code before the other; codes outside the list do not compete. */
export function outranks(stream: Stream, one: string, other: string): boolean {
  const order = stream.priority ?? [];
  const [first, second] = [order.indexOf(one), order.indexOf(other)];
  return first >= 0 && second >= 0 && first < second;
}
