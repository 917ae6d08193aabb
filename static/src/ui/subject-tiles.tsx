import { useComputed } from "@preact/signals";
import { Icon } from "./icon";
import { press } from "./press";
import type { Recording } from "./recording";
import { Timer } from "./timer";
import { say } from "./words";

const MANY = 8;

/** Who is observed, in the order in which they sit. One touch switches; after a code with a target it names the target. */
export function SubjectTiles({ recording }: { readonly recording: Recording }) {
  const tiles = useComputed(() => recording.tiles.value);
  const rotation = useComputed(() => recording.rotationWords());
  if (tiles.value.length === 0 && !recording.mayMeetSomeone) return null;
  return (
    <div class={`recorder__subjects subjects ${tiles.value.length > MANY ? "recorder--many" : ""}`} role="group" aria-label={say("subjects.label")}>
      {rotation.value ? <p class="subjects__words" aria-live="off">{rotation.value}</p> : null}
      {tiles.value.map((tile) => (
        <Tile key={tile.id} recording={recording} id={tile.id} name={tile.name} />
      ))}
      {recording.mayMeetSomeone ? (
        <button type="button" class="subject subjects__new" aria-label={say("subjects.new")} onClick={() => recording.openSheet({ kind: "arrival" })}>
          <Icon name="plus" />
        </button>
      ) : null}
    </div>
  );
}

function Tile({ recording, id, name }: { readonly recording: Recording; readonly id: string; readonly name: string }) {
  const isChosen = useComputed(() => recording.subject.value === id);
  const away = useComputed(() => recording.awaySince(id));
  const doing = useComputed(() => recording.doing(id));
  const isAsked = useComputed(() => recording.asking.value?.kind === "target" && recording.asking.value.candidates.includes(id));
  const handlers = press({
    onPress: () => (isAsked.peek() ? recording.answerTarget(id) : recording.choose(id)),
    onHold: () => recording.openSheet({ kind: "subject", subject: id }),
  });
  const look = `${away.value === null ? "" : "subject--away"} ${isAsked.value ? "subject--target" : ""}`;
  return (
    <button type="button" class={`subject ${look}`} aria-pressed={isChosen.value} {...handlers}>
      <span>{name}</span>
      {away.value === null ? (
        <span class="subject__doing">{doing}</span>
      ) : (
        <span class="subject__doing">{say("subjects.away")} <Timer recording={recording} since={away.value} /></span>
      )}
    </button>
  );
}

