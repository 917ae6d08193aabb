import { useEffect, useRef, useState } from "preact/hooks";
import type { Enclosed, Recording } from "../recording";
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

interface EncloseProps {
  readonly label: string;
  readonly accept: string;
  readonly capture: "environment" | "user";
  readonly onFile: (file: File | undefined) => void;
}

/** The device's own camera or voice recorder, or a file where there is none. */
function Enclose({ label, accept, capture, onFile }: EncloseProps) {
  return (
    <label class="field">
      <span class="label">{label}</span>
      <input type="file" accept={accept} capture={capture} onChange={(event) => { onFile(event.currentTarget.files?.[0]); event.currentTarget.value = ""; }} />
    </label>
  );
}

/** Words at the moment at which "Note" was touched, however long they take to write. Recording goes on behind. */
export function NoteSheet({ recording, about, at, neededBy }: Props) {
  const [text, setText] = useState("");
  const [outside, setOutside] = useState(false);
  const field = useRef<HTMLTextAreaElement>(null);
  useEffect(() => field.current?.focus(), []);
  const [enclosed, setEnclosed] = useState<readonly Enclosed[]>([]);
  const [isRefused, setIsRefused] = useState(false);
  const isEmpty = text.trim() === "" && enclosed.length === 0;
  const enclose = async (file: File | undefined): Promise<void> => {
    if (!file) return;
    const { enclosedOf } = await import("../enclose"); // on the tablet since the installation, fetched when it is wanted
    const made = await enclosedOf(file).catch(() => null); // said below: it is no picture that this browser can read
    setIsRefused(made === null);
    if (made) setEnclosed((before) => [...before, made]);
  };
  const save = (): void => {
    if (isEmpty) return;
    recording.note({ text: text.trim(), ref: about, outside, enclosed }, at);
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
      {recording.mode === "try" ? null : (
        <div class="row">
          <Enclose label={say("note.photo")} accept="image/*" capture="environment" onFile={(file) => void enclose(file)} />
          <Enclose label={say("note.voice")} accept="audio/*" capture="user" onFile={(file) => void enclose(file)} />
        </div>
      )}
      {enclosed.map((each) => (
        <p key={each.id} class="row">
          <span>{say(each.type.startsWith("image/") ? "note.photo" : "note.voice")}, {Math.ceil(each.size / 1000)} kB</span>
          <button type="button" class="button button--quiet" onClick={() => setEnclosed(enclosed.filter((other) => other.id !== each.id))}>{say("note.enclosed.remove")}</button>
        </p>
      ))}
      {isRefused ? <p class="field__error" role="alert">{say("note.enclosed.refused")}</p> : null}
      <button type="button" class="button button--primary" disabled={isEmpty} onClick={save}>{say("save")}</button>
    </Sheet>
  );
}
