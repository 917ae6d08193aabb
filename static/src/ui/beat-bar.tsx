import { useComputed } from "@preact/signals";
import type { Stream } from "../core/framework";
import type { Recording } from "./recording";
import { say } from "./words";

/** Entered on the beat or at a change: "same again" is one large button, so that the beat costs no search. */
export function BeatBar({ recording, stream }: { readonly recording: Recording; readonly stream: Stream }) {
  const left = useComputed(() => Math.ceil(recording.beatIn(stream) / 1000));
  const isDue = useComputed(() => recording.beatIn(stream) <= 0);
  const same = useComputed(() => recording.lastChange(stream) !== null);
  return (
    <div class={`interval ${isDue.value ? "interval--due" : ""}`}>
      <strong class="interval__words">{isDue.value ? say("beat.due") : say("beat.next", { s: left.value })}</strong>
      <span class="interval__buttons">
        <button type="button" class="button" disabled={!same.value} onClick={(event) => recording.sameAgain(stream, event.timeStamp)}>
          {say("beat.same")}
        </button>
      </span>
    </div>
  );
}
