import { useComputed } from "@preact/signals";
import { useState } from "preact/hooks";
import type { Recording } from "../recording";
import { Sheet } from "../sheet";
import { say } from "../words";
import { Chips } from "./modifier-sheet";

/** One who is observed: out of view, gone, or back. */
export function SubjectSheet({ recording, subject }: { readonly recording: Recording; readonly subject: string }) {
  const isAway = useComputed(() => recording.awaySince(subject) !== null);
  const hasLeft = useComputed(() => recording.hasLeft(subject));
  const close = (): void => recording.closeSheet();
  return (
    <Sheet title={recording.subjectName(subject)} onClose={close}>
      <button type="button" class="button button--big" onClick={(event) => { recording.toggleView(subject, event.timeStamp); close(); }}>
        {say(isAway.value ? "action.in" : "action.out")}
      </button>
      {recording.isPerson(subject) ? (
        <button type="button" class="button" onClick={(event) => { recording.comeOrGo(subject, event.timeStamp); close(); }}>
          {say(hasLeft.value ? "subjects.arrives" : "subjects.leaves")}
        </button>
      ) : null}
    </Sheet>
  );
}

/** Someone whom nobody expected gets a pseudonym, and can be observed at once. */
export function ArrivalSheet({ recording }: { readonly recording: Recording }) {
  const [pseudonym, setPseudonym] = useState(recording.nextPseudonym());
  const actors = recording.meetable();
  const [actor, setActor] = useState(actors[0]?.id ?? null);
  const add = (touchedAt: number): void => {
    if (pseudonym.trim() === "") return;
    recording.meet(pseudonym.trim(), touchedAt, actor);
    recording.closeSheet();
  };
  return (
    <Sheet title={say("subjects.new")} onClose={() => recording.closeSheet()}>
      <label class="field">
        <span class="label">{say("start.subject.new.hint")}</span>
        <input type="text" dir="auto" maxLength={60} value={pseudonym} onInput={(event) => setPseudonym(event.currentTarget.value)} onKeyDown={(event) => event.key === "Enter" && add(event.timeStamp)} />
      </label>
      {actors.length > 1 ? <Chips label={say("subjects.as")} options={actors} isOn={(id) => id === actor} onTap={setActor} /> : null}
      <button type="button" class="button button--primary" onClick={(event) => add(event.timeStamp)}>{say("add")}</button>
    </Sheet>
  );
}
