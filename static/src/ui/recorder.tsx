import { type ReadonlySignal, useComputed, useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect, useMemo, useRef } from "preact/hooks";
import type { SessionHeader } from "../core/events";
import { type FrameworkDocument, indexOf } from "../core/framework";
import { ActionsBar } from "./actions-bar";
import { Attention, type Banner } from "./attention";
import { CodePad } from "./code-pad";
import { feel, wakeSound } from "./feedback";
import { HistoryList } from "./history-list";
import { hotKeys } from "./hot-keys";
import { Icon } from "./icon";
import { memoryRecording } from "./memory";
import { type Preferences, preferences } from "./preferences";
import type { Recording } from "./recording";
import { SafeLight } from "./safe-light";
import { FailedScreen, LockScreen, PauseScreen } from "./screens";
import { SheetHost } from "./sheet-host";
import { SubjectTiles } from "./subject-tiles";
import { clockTime, say } from "./words";

const TICK_MS = 200;

/** What the page knows of storage and network; in a trial there is none of it. */
export interface Safety {
  readonly unsaved: ReadonlySignal<number>;
  /** null until it has been counted */
  readonly unsynced: ReadonlySignal<number | null>;
  readonly lastSync: ReadonlySignal<number | null>;
  /** the sentence of a failed write; null while all is well */
  readonly failure: ReadonlySignal<string | null>;
  readonly onRetry: () => void;
  readonly onSecondCopy: () => void;
}

interface ScreenProps {
  readonly recording: Recording;
  readonly safety?: Safety | undefined;
  readonly banners?: ReadonlySignal<readonly Banner[]> | undefined;
  readonly setting?: string | undefined;
  readonly onPreferences?: ((wanted: Preferences) => void) | undefined;
  /** what a practice session is recorded from; it has its place over the last events, where nothing is tapped by mistake */
  readonly stage?: ComponentChildren;
  /** how good the tablet's position is, where a framework asks for it */
  readonly place?: ComponentChildren;
}

function Bar({ recording, safety, setting, place }: ScreenProps) {
  const time = useComputed(() => clockTime(recording.now.value));
  const { planned_ms: planned, purpose } = recording.header;
  const badge = recording.mode === "try" ? "bar.try" : purpose === "field" ? null : (`bar.${purpose}` as const);
  return (
    <header class="recorder__bar bar">
      <span>
        <span class="bar__time" aria-label={say("bar.elapsed")}>{time}</span>{" "}
        {planned === null ? null : <span class="bar__plan">{say("bar.of", { plan: clockTime(planned) })}</span>}
      </span>
      {badge ? <strong class="bar__badge">{say(badge)}</strong> : null}
      {setting ? <span class="bar__setting">{setting}</span> : null}
      <span class="bar__end">
        {place}
        <SafeLight safety={safety} />
        <button type="button" class="icon-button" aria-label={say("bar.lock")} onClick={() => { recording.locked.value = true; }}><Icon name="lock" /></button>
        <button type="button" class="icon-button" aria-label={say("settings.title")} onClick={() => recording.openSheet({ kind: "preferences" })}><Icon name="settings" /></button>
        <button type="button" class="button bar__finish" aria-label={say("bar.finish")} disabled={recording.isReadOnly} onClick={() => recording.openSheet({ kind: "finish" })}>
          <Icon name="stop" /> <span class="bar__finish-words">{say("bar.finish")}</span>
        </button>
      </span>
    </header>
  );
}

function Toast({ recording }: { readonly recording: Recording }) {
  const notice = recording.notice.value;
  if (!notice) return null;
  const { undo } = notice;
  return (
    <div class="toast" role="status">
      <span>{notice.text}</span>
      {undo === null ? null : (
        <button type="button" class="button" onClick={() => { recording.takeBack(undo, "undo"); recording.notice.value = null; }}>{say("action.undo")}</button>
      )}
    </div>
  );
}

/** The screen of a session under way. Everything has its fixed place; nothing on it scrolls or moves under a finger. */
export function RecordingScreen({ recording, safety, banners, setting, onPreferences, stage, place }: ScreenProps) {
  const failure = useComputed(() => safety?.failure.value ?? null);
  const wasFailed = useRef(false);

  useEffect(() => {
    recording.stopped.value = failure.value !== null;
    if (failure.value === null) {
      wasFailed.current = false;
      return undefined;
    }
    if (!wasFailed.current) feel("alarm");
    wasFailed.current = true;
    const again = setInterval(() => feel("alarm"), 4000);
    return () => clearInterval(again);
  }, [failure.value]);

  useEffect(() => {
    recording.tickOver();
    const timer = setInterval(() => recording.tickOver(), TICK_MS);
    const keys = hotKeys(recording);
    window.addEventListener("keydown", keys);
    return () => {
      clearInterval(timer);
      window.removeEventListener("keydown", keys);
    };
  }, [recording]);

  const isPractice = recording.header.purpose === "practice" || recording.mode === "try";
  const look = [
    "recorder",
    isPractice ? "recorder--practice" : "",
    failure.value === null ? "" : "recorder--failed",
    recording.locked.value ? "recorder--locked" : "",
    recording.isSubjectless.value ? "recorder--subjectless" : "",
  ].join(" ");
  return (
    <div class={look} data-hand={preferences.value.hand} onPointerDown={wakeSound}>
      <h1 class="visually-hidden">{say("app.name")}</h1>
      <Bar recording={recording} safety={safety} setting={setting} place={place} />
      <CodePad recording={recording} />
      <div class="recorder__side">
        <SubjectTiles recording={recording} />
        <div class="recorder__history">
          <Attention recording={recording} banners={banners} />
          {stage}
          <HistoryList recording={recording} />
        </div>
        <ActionsBar recording={recording} />
      </div>
      <Toast recording={recording} />
      <SheetHost recording={recording} onPreferences={onPreferences} />
      {recording.isPaused.value ? <PauseScreen recording={recording} /> : null}
      {recording.locked.value ? <LockScreen recording={recording} /> : null}
      {failure.value !== null && safety ? <FailedScreen safety={safety} sentence={failure.value} /> : null}
      <p class="visually-hidden" aria-live="polite">{recording.live}</p>
    </div>
  );
}

interface TryProps {
  readonly framework: FrameworkDocument;
  readonly header?: Partial<SessionHeader>;
  readonly mode: "try";
  /** pseudonyms for the tiles; without them three are made up */
  readonly subjects?: readonly string[];
  readonly onEnd?: (recording: Recording) => void;
}

/** The recorder as a designer tries it: the real screen, with events in memory only. */
export function Recorder({ framework, header, subjects, onEnd }: TryProps) {
  const recording = useMemo(() => {
    const made: Recording = memoryRecording(indexOf(framework), header ?? {}, subjects, () => onEnd?.(made));
    return made;
  }, [framework]);
  const banners = useSignal<readonly Banner[]>([]);
  return <RecordingScreen recording={recording} banners={banners} />;
}
