import { useComputed } from "@preact/signals";
import { samplingOf, type Stream } from "../core/framework";
import { isJudged } from "./pad-pages";
import type { Recording } from "./recording";
import { clockTime, say } from "./words";

/** Where the interval stands: its number, what is left of it, and a way back to the one before. */
export function IntervalBar({ recording, stream }: { readonly recording: Recording; readonly stream: Stream }) {
  const beat = useComputed(() => recording.intervalNow(stream));
  const number = useComputed(() => beat.value.interval);
  const marked = useComputed(() => recording.intervalMarked(stream));
  const asked = useComputed(() => recording.isAsked(stream, marked.value));
  const look = useComputed(() => {
    if (marked.value !== number.value) return "interval--earlier";
    if (beat.value.into < 1500 && number.value > 0) return "interval--due";
    return beat.value.left <= Math.max(recording.leadIn(stream), 3000) ? "interval--soon" : "";
  });
  const left = useComputed(() => clockTime(beat.value.left + 999));
  const kind = samplingOf(stream);
  const isTally = kind === "tally";
  const isEarlier = marked.value !== number.value;
  return (
    <div class={`interval ${look.value}`}>
      <span class="interval__number">{say("interval.number", { n: marked.value + 1 })}</span>
      {isEarlier ? (
        <span class="interval__words">{say("interval.earlier")}</span>
      ) : (
        <>
          <progress class="interval__progress" max={beat.value.length} value={beat.value.into} aria-hidden="true" />
          <span class="interval__left">{say("interval.left", { left: left.value })}</span>
        </>
      )}
      {kind === "observe-record" ? <strong>{say(beat.value.phase === "record" ? "cycle.record" : "cycle.observe")}</strong> : null}
      {asked.value ? null : <em class="interval__words">{say("interval.not-sampled")}</em>}
      {isTally ? null : (
        <span class="interval__buttons">
          {isEarlier ? (
            <button type="button" class="button button--primary" onClick={() => recording.markInterval(stream, null)}>
              {say("interval.now")}
            </button>
          ) : (
            <button type="button" class="button" disabled={number.value === 0} onClick={() => recording.markInterval(stream, number.peek() - 1)}>
              {say("interval.previous")}
            </button>
          )}
          {isJudged(stream) ? null : (
            <>
              <IntervalSaid recording={recording} stream={stream} state="empty" />
              <IntervalSaid recording={recording} stream={stream} state="missed" />
            </>
          )}
        </span>
      )}
    </div>
  );
}

/** "Nothing seen" and "missed it" are two different things, and neither is a blank. */
function IntervalSaid({ recording, stream, state }: { readonly recording: Recording; readonly stream: Stream; readonly state: "empty" | "missed" }) {
  const said = useComputed(() => recording.intervalSaid(stream) === state);
  return (
    <button type="button" class="button chip" aria-pressed={said.value} onClick={(event) => recording.sayInterval(stream, state, event.timeStamp)}>
      {say(state === "empty" ? "interval.empty" : "interval.missed")}
    </button>
  );
}
