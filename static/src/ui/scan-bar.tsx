import { useComputed } from "@preact/signals";
import type { Stream } from "../core/framework";
import type { Recording } from "./recording";
import { clockTime, say } from "./words";

/** Which sample is due, for whom, and how late it is. Nothing is filled in silently. */
export function ScanBar({ recording, stream }: { readonly recording: Recording; readonly stream: Stream }) {
  const scan = useComputed(() => recording.scanNow(stream));
  const text = useComputed(() => {
    const { sample, state, who, nextIn, late } = scan.value;
    if (state === "over") return say("scan.over");
    if (state === "waiting") return nextIn === null ? say("scan.wait") : say("scan.next", { left: clockTime(nextIn + 999) });
    if (state === "done") return say("scan.done", { n: sample + 1 });
    const due = who === null ? say("scan.due.all") : say("scan.due", { who });
    return late > 0 ? `${due} · ${say("scan.late", { s: Math.round(late / 1000) })}` : due;
  });
  const next = useComputed(() => (scan.value.nextIn === null ? "" : say("scan.next", { left: clockTime(scan.value.nextIn + 999) })));
  const state = useComputed(() => scan.value.state);
  const isDue = state.value === "due";
  const look = isDue ? "interval--due" : scan.value.soon ? "interval--soon" : "";
  return (
    <div class={`interval ${look}`}>
      {state.value === "done" ? null : <span class="interval__number">{say("scan.number", { n: scan.value.sample + 1 })}</span>}
      <strong class="interval__words">{text}</strong>
      {scan.value.of > 1 ? <span>{say("scan.progress", { done: scan.value.done, all: scan.value.of })}</span> : null}
      {state.value === "done" ? <span>{next}</span> : null}
      <span class="interval__buttons">
        <button type="button" class="button" disabled={!isDue} onClick={(event) => recording.sayScan(stream, "empty", event.timeStamp)}>
          {say(recording.isCounted(stream) ? "scan.empty" : "scan.nothing")}
        </button>
        <button type="button" class="button" disabled={!isDue} onClick={(event) => recording.sayScan(stream, "missed", event.timeStamp)}>
          {say("scan.missed")}
        </button>
      </span>
    </div>
  );
}
