import { useComputed } from "@preact/signals";
import { useState } from "preact/hooks";
import { type Code, isState, type Stream } from "../core/framework";
import { press } from "./press";
import type { Recording } from "./recording";
import { Timer } from "./timer";
import { say, words } from "./words";

interface Props {
  readonly recording: Recording;
  readonly stream: Stream;
  readonly code: Code;
  /** 1 to 8, for a code without a colour of its own */
  readonly hue: number;
}

const SHORT = 4;

/** An id such as LT or AnQ is what observers say among themselves; a long or plain one is for the computer only. */
export function shortName(code: Code, label: string): string | null {
  const bare = code.id.replace(/^.*[._]/, "");
  return bare.length <= SHORT && /\p{Lu}|^\d/u.test(bare) && bare.toLowerCase() !== label.toLowerCase() ? bare : null;
}

/** One button of the pad. It alone is drawn again when its own state changes: each value below is a signal. */
export function CodeKey({ recording, stream, code, hue }: Props) {
  const face = useComputed(() => recording.face(stream, code));
  const since = useComputed(() => face.value.since);
  const count = useComputed(() => face.value.count);
  const ticked = useComputed(() => face.value.ticked);
  const enabled = useComputed(() => face.value.enabled);
  const pending = useComputed(() => recording.pending.value.has(code.id));
  const [flash, setFlash] = useState(0);
  const label = words(code.label);
  const short = shortName(code, label);
  const lasts = isState(code) && recording.lasts(stream);
  const isPressed = since.value !== null || ticked.value;
  const toggles = lasts || recording.toggles(stream);
  const handlers = press({
    onPress(touchedAt, palm) {
      if (recording.tap(stream, code, touchedAt, palm)) setFlash(flash + 1);
    },
    onHold: (touchedAt) => recording.hold(stream, code, touchedAt),
  });
  return (
    <button
      type="button"
      class={`code-key ${flash > 0 ? `code-key--flash-${flash % 2}` : ""} ${pending.value ? "code-key--pending" : ""}`}
      data-hue={code.colour ? undefined : hue}
      data-code={code.id}
      style={code.colour ? { "--stripe-colour": code.colour } : undefined}
      aria-pressed={toggles ? isPressed : undefined}
      aria-keyshortcuts={code.key || undefined}
      disabled={!enabled.value}
      {...handlers}
    >
      <span class="code-key__mark" aria-hidden="true">
        {lasts ? (isPressed ? "●" : "▷") : toggles ? (isPressed ? "☑" : "☐") : ""}
        {code.icon && [...code.icon].length <= SHORT ? ` ${code.icon}` : ""}
      </span>
      <span class="code-key__label">
        {short ? <span class="code-key__short">{short}</span> : null}
        {label}
      </span>
      <span class="code-key__foot">
        {since.value === null ? null : <Timer recording={recording} since={since.value} />}
        {count.value > 0 ? <span aria-label={say("pad.count", { n: count.value })}>×{count.value}</span> : null}
      </span>
      {code.key ? <kbd class="code-key__key" aria-hidden="true">{code.key}</kbd> : null}
    </button>
  );
}
