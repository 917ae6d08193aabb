import { useComputed } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { HoldButton } from "./hold-button";
import { Icon } from "./icon";
import type { Recording } from "./recording";
import type { Safety } from "./recorder";
import { Chips } from "./sheets/modifier-sheet";
import { clockTime, type Key, say } from "./words";

const REASONS = ["break", "asked", "moved", "device", "other"] as const;

/** Nobody watches: plainly another screen, so that no one believes to be recording. */
export function PauseScreen({ recording }: { readonly recording: Recording }) {
  const since = useComputed(() => recording.pausedSince() ?? recording.now.value);
  const time = useComputed(() => clockTime(recording.now.value - since.value));
  const reason = useComputed(() => recording.pausedFor());
  const go = useRef<HTMLButtonElement>(null);
  useEffect(() => go.current?.focus(), []);
  const reasons = REASONS.map((id) => ({ id, name: say(`pause.reason.${id}` as Key) }));
  return (
    <section class="screen screen--pause" role="dialog" aria-label={say("pause.title")}>
      <h2 class="screen__title">{say("pause.title")}</h2>
      <p class="screen__time" role="timer">{time}</p>
      <p>{say("pause.words")}</p>
      <Chips label={say("pause.why")} options={reasons} isOn={(id) => reason.value === id} onTap={(id) => recording.pauseReason(id)} />
      <button ref={go} type="button" class="button button--primary button--big" onClick={(event) => recording.resume(event.timeStamp)}>
        <Icon name="play" /> {say("pause.resume")}
      </button>
    </section>
  );
}

/** Against rain, sleeves and pockets: touches do nothing until one is held. */
export function LockScreen({ recording }: { readonly recording: Recording }) {
  return (
    <section class="screen screen--locked" role="dialog" aria-label={say("lock.title")}>
      <Icon name="lock" />
      <h2 class="screen__title">{say("lock.title")}</h2>
      <p>{say("lock.words")}</p>
      <HoldButton class="hold--calm" hint={say("hold.hint")} onHeld={() => { recording.locked.value = false; }}>{say("lock.open")}</HoldButton>
    </section>
  );
}

/** A tap could not be stored: the whole screen says so, and nothing more is taken. */
export function FailedScreen({ safety, sentence }: { readonly safety: Safety; readonly sentence: string }) {
  return (
    <section class="screen screen--failed" role="alertdialog" aria-label={say("failed.title")}>
      <Icon name="alarm" />
      <h2 class="screen__title">{say("failed.title")}</h2>
      <p>{say("failed.words", { n: safety.unsaved.value })}</p>
      <p>{sentence}</p>
      <button type="button" class="button button--big" onClick={safety.onRetry}>{say("retry")}</button>
      <button type="button" class="button" onClick={safety.onSecondCopy}>{say("failed.file")}</button>
    </section>
  );
}
