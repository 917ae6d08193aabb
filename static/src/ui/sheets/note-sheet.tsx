import { useEffect, useRef, useState } from "preact/hooks";
import type { Recording } from "../recording";
import { Sheet } from "../sheet";
import { clockTime, say } from "../words";

const LONGEST = 10_000;

interface Props {
  readonly recording: Recording;
  /** The event that the note is about, or null for the moment alone. */
  readonly about: string | null;
  readonly at: number;
  readonly neededBy: string | null;
}

/** Words at the moment at which "Note" was touched, however long they take to write. Recording goes on behind. */
export function NoteSheet({ recording, about, at, neededBy }: Props) {
  const [text, setText] = useState("");
  const [outside, setOutside] = useState(false);
  const field = useRef<HTMLTextAreaElement>(null);
  useEffect(() => field.current?.focus(), []);
  const save = (): void => {
    if (text.trim() === "") return;
    recording.note({ text: text.trim(), ref: about, outside }, at);
    recording.closeSheet();
  };
  return (
    <Sheet title={`${say("note.title")} · ${clockTime(at)}`} onClose={() => recording.closeSheet()}>
      {neededBy ? <p role="status"><strong>{say("note.needed", { code: neededBy })}</strong></p> : null}
      {about && !neededBy ? <p class="quiet">{say("note.about", { what: recording.what(about) })}</p> : null}
      <label class="field">
        <span class="label">{say("note.words")}</span>
        <textarea
          ref={field}
          maxLength={LONGEST}
          dir="auto"
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
          onKeyDown={(event) => event.key === "Enter" && (event.ctrlKey || event.metaKey) && save()}
        />
      </label>
      {about ? null : (
        <label class="choice">
          <input type="checkbox" checked={outside} onChange={(event) => setOutside(event.currentTarget.checked)} />
          <span>{say("note.outside")}<br /><small class="quiet">{say("note.outside.hint")}</small></span>
        </label>
      )}
      <button type="button" class="button button--primary" disabled={text.trim() === ""} onClick={save}>{say("save")}</button>
    </Sheet>
  );
}
