import { useComputed } from "@preact/signals";
import { Icon, type IconName } from "./icon";
import type { Recording } from "./recording";
import { type Key, say } from "./words";

interface ActionProps {
  readonly icon: IconName;
  readonly words: Key;
  readonly onPress: (touchedAt: number) => void;
  readonly isPressed?: boolean;
  readonly isDisabled?: boolean;
}

function Action({ icon, words, onPress, isPressed, isDisabled = false }: ActionProps) {
  return (
    <button type="button" class="action" aria-pressed={isPressed} disabled={isDisabled} onClick={(event) => onPress(event.timeStamp)}>
      <Icon name={icon} />
      {say(words)}
    </button>
  );
}

/** What is always there, in its fixed place: undo first of all. */
export function ActionsBar({ recording }: { readonly recording: Recording }) {
  const undoable = useComputed(() => recording.undoable.value);
  const isOut = useComputed(() => recording.awaySince(recording.subject.value) !== null);
  return (
    <div class="recorder__actions actions-bar" role="group" aria-label={say("action.more")}>
      <button
        type="button"
        class="action action--undo"
        disabled={undoable.value === null}
        title={undoable.value ? say("action.undo.what", { what: undoable.value.what }) : undefined}
        onClick={() => recording.undo()}
      >
        <Icon name="undo" />
        <span>{say("action.undo")}</span>
      </button>
      <Action icon="clock" words="action.backdate" isDisabled={undoable.value === null} onPress={() => recording.openSheet({ kind: "backdate" })} />
      <Action icon="note" words="action.note" onPress={(touchedAt) => recording.openSheet({ kind: "note", ref: null, at: recording.timeOf(touchedAt) })} />
      <Action
        icon={isOut.value ? "eye" : "eye-off"}
        words={isOut.value ? "action.in" : "action.out"}
        isPressed={isOut.value}
        onPress={(touchedAt) => recording.toggleView(recording.subject.peek(), touchedAt)}
      />
      <Action icon="pause" words="action.pause" onPress={(touchedAt) => recording.pause(touchedAt)} />
    </div>
  );
}
