/** A voice note, spoken here: recording the session goes on behind it, and nothing leaves the tablet before its note. */

import { useEffect, useRef, useState } from "preact/hooks";
import { Icon } from "./icon";
import { clockTime, type Key, say } from "./words";

/** A little less than a note may hold, since the last part comes after the limit was noticed. */
const MOST_BYTES = 3_800_000;
const MOST_MS = 10 * 60_000;
/** Speech, and ten minutes of it in 2.4 MB. */
const BITS_A_SECOND = 32_000;
const PART_MS = 1_000;
const KINDS = ["audio/webm;codecs=opus", "audio/mp4", "audio/ogg;codecs=opus"] as const;

export interface VoiceProps {
  /** Resolves when the file is among those that the note encloses, or was refused. */
  readonly onFile: (file: File) => Promise<void>;
  /** The microphone may not be used, or there is none. */
  readonly onRefused: () => void;
  /** How to stop what is being spoken; null when nothing is. */
  readonly onSpeaking: (stop: (() => Promise<void>) | null) => void;
}

interface Speaking {
  readonly recorder: MediaRecorder;
  readonly stream: MediaStream;
  readonly parts: Blob[];
  readonly began: number;
}

async function listen(): Promise<Speaking> {
  const stream = await navigator.mediaDevices.getUserMedia({ audio: { channelCount: 1, noiseSuppression: true } });
  const mimeType = KINDS.find((kind) => MediaRecorder.isTypeSupported(kind));
  const recorder = new MediaRecorder(stream, { audioBitsPerSecond: BITS_A_SECOND, ...(mimeType ? { mimeType } : {}) });
  return { recorder, stream, parts: [], began: performance.now() };
}

/** What keeps the microphone away, in words that say what to do. */
function whyNot(problem: unknown): Key {
  const name = problem instanceof DOMException ? problem.name : "";
  return name === "NotAllowedError" || name === "SecurityError" ? "note.voice.denied" : "note.voice.none";
}

function letGo({ recorder, stream }: Speaking): void {
  if (recorder.state !== "inactive") recorder.stop();
  for (const track of stream.getTracks()) track.stop();
}

/** Speak, and stop. Nothing where the browser cannot record: then a file can be chosen. */
export function Voice({ onFile, onRefused, onSpeaking }: VoiceProps) {
  const now = useRef<Speaking | null>(null);
  const [passed, setPassed] = useState<number | null>(null);
  const [told, setTold] = useState<Key | null>(null);

  useEffect(() => () => {
    if (now.current) letGo(now.current); // the note was closed: what was spoken is not kept
    now.current = null;
  }, []);

  useEffect(() => {
    if (passed === null) return undefined;
    const timer = setInterval(() => {
      const speaking = now.current;
      if (!speaking) return;
      const time = performance.now() - speaking.began;
      setPassed(time);
      if (time >= MOST_MS) endAtLimit();
    }, 250);
    return () => clearInterval(timer);
  }, [passed === null]);

  const stop = async (): Promise<void> => {
    const speaking = now.current;
    if (!speaking) return;
    now.current = null;
    const whole = new Promise<void>((resolve) => speaking.recorder.addEventListener("stop", () => resolve(), { once: true }));
    letGo(speaking);
    await whole;
    const type = (speaking.recorder.mimeType || "audio/webm").split(";")[0] ?? "audio/webm";
    await onFile(new File(speaking.parts, "voice", { type }));
    setPassed(null);
    onSpeaking(null);
  };

  const endAtLimit = (): void => {
    setTold("note.voice.limit");
    void stop();
  };

  const take = (speaking: Speaking, part: Blob): void => {
    speaking.parts.push(part);
    const size = speaking.parts.reduce((sum, each) => sum + each.size, 0);
    if (size >= MOST_BYTES && now.current === speaking) endAtLimit();
  };

  const start = async (): Promise<void> => {
    setTold(null);
    try {
      const speaking = await listen();
      speaking.recorder.addEventListener("dataavailable", ({ data }) => take(speaking, data));
      speaking.recorder.start(PART_MS);
      now.current = speaking;
      setPassed(0);
      onSpeaking(stop);
    } catch (problem) {
      setTold(whyNot(problem));
      onRefused();
    }
  };

  if (!("MediaRecorder" in window) || !navigator.mediaDevices) return null;
  return (
    <>
      {passed === null ? (
        <button type="button" class="button" onClick={() => void start()}><Icon name="microphone" /> {say("note.voice.start")}</button>
      ) : (
        <button type="button" class="button button--primary" onClick={() => void stop()}>
          <Icon name="stop" /> {say("note.voice.stop")} · <span role="timer">{clockTime(passed)}</span>
        </button>
      )}
      {told === null ? null : <p class="voice__told" role="alert">{say(told)}</p>}
    </>
  );
}
