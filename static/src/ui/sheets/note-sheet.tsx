import type { ComponentType } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { Icon } from "../icon";
import type { Enclosed, Recording } from "../recording";
import { Sheet } from "../sheet";
import type { VoiceProps } from "../voice";
import { clockTime, say } from "../words";

const LONGEST = 10_000;
const CAN_SPEAK = typeof MediaRecorder !== "undefined";

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
    <label class="button enclose">
      <Icon name={capture === "user" ? "microphone" : "camera"} /> {label}
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
  const kept = useRef<readonly Enclosed[]>([]);
  const [isRefused, setIsRefused] = useState(false);
  const [needsFile, setNeedsFile] = useState(false);
  const [isSpeaking, setIsSpeaking] = useState(false);
  const finish = useRef<(() => Promise<void>) | null>(null);
  const [Voice, setVoice] = useState<ComponentType<VoiceProps> | null>(null);
  useEffect(() => {
    // On the tablet since the installation, fetched when a note is opened; without it a file can still be chosen.
    if (recording.mode !== "try") void import("../voice").then((found) => setVoice(() => found.Voice), () => undefined);
  }, []);
  const isEmpty = text.trim() === "" && enclosed.length === 0 && !isSpeaking;
  const keep = (next: readonly Enclosed[]): void => {
    kept.current = next;
    setEnclosed(next);
  };
  const enclose = async (file: File | undefined): Promise<void> => {
    if (!file) return;
    const { enclosedOf } = await import("../enclose"); // on the tablet since the installation, fetched when it is wanted
    const made = await enclosedOf(file).catch(() => null); // said below: it is no picture that this browser can read
    setIsRefused(made === null);
    if (made) keep([...kept.current, made]);
  };
  const save = async (): Promise<void> => {
    if (isEmpty) return;
    await finish.current?.(); // what is being spoken belongs to it
    if (text.trim() === "" && kept.current.length === 0) return;
    recording.note({ text: text.trim(), ref: about, outside, enclosed: kept.current }, at);
    recording.closeSheet();
  };
  return (
    <Sheet
      title={`${say("note.title")} · ${clockTime(at)}`}
      onClose={() => recording.closeSheet()}
      foot={<button type="button" class="button button--primary" disabled={isEmpty} onClick={() => void save()}>{say("save")}</button>}
    >
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
          onKeyDown={(event) => event.key === "Enter" && (event.ctrlKey || event.metaKey) && void save()}
        />
      </label>
      {recording.mode === "try" ? null : (
        <div class="row">
          {Voice ? (
            <Voice
              onFile={enclose}
              onRefused={() => setNeedsFile(true)}
              onSpeaking={(stop) => {
                finish.current = stop;
                setIsSpeaking(stop !== null);
              }}
            />
          ) : null}
          <Enclose label={say("note.photo")} accept="image/*" capture="environment" onFile={(file) => void enclose(file)} />
          {CAN_SPEAK && !needsFile ? null : <Enclose label={say("note.voice.file")} accept="audio/*" capture="user" onFile={(file) => void enclose(file)} />}
        </div>
      )}
      {enclosed.map((each) => (
        <p key={each.id} class="row">
          <span>{say(each.type.startsWith("image/") ? "note.photo" : "note.voice")}, {Math.ceil(each.size / 1000)} kB</span>
          <button type="button" class="button button--quiet" onClick={() => keep(enclosed.filter((other) => other.id !== each.id))}>{say("note.enclosed.remove")}</button>
        </p>
      ))}
      {isRefused ? <p class="field__error" role="alert">{say("note.enclosed.refused")}</p> : null}
      {about ? null : (
        <label class="choice">
          <input type="checkbox" checked={outside} onChange={(event) => setOutside(event.currentTarget.checked)} />
          <span>{say("note.outside")}<br /><small class="quiet">{say("note.outside.hint")}</small></span>
        </label>
      )}
    </Sheet>
  );
}
