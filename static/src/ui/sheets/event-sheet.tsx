import { useComputed } from "@preact/signals";
import { HistoryRow } from "../history-list";
import type { Recording } from "../recording";
import { Sheet } from "../sheet";
import { clockTime, say } from "../words";

export const BACK_DATES_S = [5, 10, 30] as const;

/** −5, −10, −30 s. The time of the tap itself stays beside the claimed one. */
export function BackDates({ recording, id }: { readonly recording: Recording; readonly id: string }) {
  return (
    <div class="field" role="group" aria-label={say("event.earlier")}>
      <span class="label">{say("event.earlier")}</span>
      <div class="chips">
        {BACK_DATES_S.map((seconds) => (
          <button key={seconds} type="button" class="chip" onClick={() => recording.moveBack(id, seconds * 1000)}>
            {say("event.by", { s: seconds })}
          </button>
        ))}
      </div>
    </div>
  );
}

/** One event: what it is, and what can still be done about it. In any order, at any time of the session. */
export function EventSheet({ recording, id }: { readonly recording: Recording; readonly id: string }) {
  const line = useComputed(() => recording.lines.value.find((each) => each.id === id) ?? null);
  const current = line.value;
  if (!current) return null;
  const asked = recording.modifiersFor(id, "start").length > 0 ? "start" : recording.modifiersFor(id, "stop").length > 0 ? "stop" : null;
  return (
    <Sheet title={say("event.title", { at: clockTime(current.at) })} onClose={() => recording.closeSheet()}>
      <p><strong>{current.what}</strong> {current.who} {current.more}</p>
      {current.tapped === null ? null : <p class="quiet">{say("event.tapped", { at: clockTime(current.tapped) })}</p>}
      {current.isVoid ? (
        <button type="button" class="button button--primary button--big" onClick={() => recording.restore(id)}>{say("event.restore")}</button>
      ) : (
        <>
          <button type="button" class="button button--danger button--big" onClick={() => { recording.takeBack(id, "undo"); recording.closeSheet(); }}>
            {say("event.undo")}
          </button>
          {current.isTimed ? <BackDates recording={recording} id={id} /> : null}
          {asked ? (
            <button type="button" class="button" onClick={() => recording.openSheet({ kind: "modifiers", id, asked, isPrompt: false })}>{say("event.modifiers")}</button>
          ) : null}
          <button type="button" class="button" onClick={() => recording.openSheet({ kind: "note", ref: id, at: recording.now.peek() })}>{say("event.note")}</button>
        </>
      )}
    </Sheet>
  );
}

export function BackDateSheet({ recording }: { readonly recording: Recording }) {
  const line = useComputed(() => recording.undoable.value);
  return (
    <Sheet title={say("action.backdate.words")} onClose={() => recording.closeSheet()}>
      {line.value ? (
        <>
          <p><strong>{line.value.what}</strong> {line.value.who} · {clockTime(line.value.at)}</p>
          <BackDates recording={recording} id={line.value.id} />
        </>
      ) : (
        <p>{say("history.none")}</p>
      )}
    </Sheet>
  );
}

export function HistorySheet({ recording }: { readonly recording: Recording }) {
  const lines = useComputed(() => recording.lines.value.slice(0, 200));
  return (
    <Sheet title={say("history.all")} shape="full" onClose={() => recording.closeSheet()}>
      <ol class="list">
        {lines.value.map((line) => <li key={line.id}><HistoryRow recording={recording} line={line} /></li>)}
      </ol>
    </Sheet>
  );
}
