import { useComputed } from "@preact/signals";
import { HoldButton } from "../hold-button";
import type { Recording } from "../recording";
import { Sheet } from "../sheet";
import { clockTime, say, words } from "../words";

/** Ending needs a held touch, and says what still runs and how long it was meant to be. */
export function FinishSheet({ recording }: { readonly recording: Recording }) {
  const running = useComputed(() => recording.running.value);
  const time = useComputed(() => clockTime(recording.now.value));
  const planned = recording.header.planned_ms;
  const more = useComputed(() => (planned === null ? 0 : planned - recording.now.value));
  const open = useComputed(() => recording.openRatings("end"));
  return (
    <Sheet class="sheet--tall" title={say("end.title")} onClose={() => recording.closeSheet()}>
      <p class="figures"><strong>{say("end.duration", { time: time.value })}</strong></p>
      {planned === null ? null : (
        <p class="figures">
          {more.value >= 0
            ? say("end.plan", { plan: clockTime(planned), more: clockTime(more.value) })
            : say("end.plan.over", { plan: clockTime(planned), more: clockTime(-more.value) })}
        </p>
      )}
      {running.value.length === 0 ? <p>{say("end.running.none")}</p> : (
        <div>
          <p>{say("end.running")}</p>
          <ul class="list">
            {running.value.map((bout) => (
              <li key={bout.event} class="row row--apart">
                <strong>{words(bout.label)}</strong>
                <span>{bout.who} {clockTime(recording.now.value - bout.since)}</span>
              </li>
            ))}
          </ul>
        </div>
      )}
      {open.value.length > 0 ? (
        <div class="row row--apart">
          <span>{say("end.ratings", { n: open.value.length })}</span>
          <button type="button" class="button" onClick={() => { recording.closeSheet(); recording.wantPage(open.value[0]?.stream.id ?? ""); }}>{say("end.ratings.go")}</button>
        </div>
      ) : null}
      <HoldButton hint={say("hold.hint")} onHeld={(heldAt) => recording.end(heldAt)}>{say("end.hold")}</HoldButton>
      <button type="button" class="button" onClick={() => recording.closeSheet()}>{say("end.stay")}</button>
    </Sheet>
  );
}
