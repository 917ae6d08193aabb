import { useComputed } from "@preact/signals";
import type { Recording } from "./recording";
import { clockTime } from "./words";

interface Props {
  readonly recording: Recording;
  readonly since: number;
}

/** How long something has been going on. The text node alone changes each second. */
export function Timer({ recording, since }: Props) {
  const text = useComputed(() => clockTime(recording.now.value - since));
  return <span class="timer" aria-hidden="true">{text}</span>;
}
