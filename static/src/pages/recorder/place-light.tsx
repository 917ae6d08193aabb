import { useEffect, useState } from "preact/hooks";
import type { Text } from "../../core/framework";
import { type PositionPlan, ROUNDED_M } from "../../core/position";
import { Icon } from "../../ui/icon";
import type { Recording } from "../../ui/recording";
import { Chips } from "../../ui/sheets/modifier-sheet";
import { clockTime, say, words } from "../../ui/words";
import { isRefused, listen, missing, reading } from "./position";

/** Draws again each second: what it shows is an age. */
function useSeconds(): number {
  const [now, setNow] = useState(performance.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(performance.now()), 1_000);
    return () => clearInterval(timer);
  }, []);
  return now;
}

function sentence(now: number): { readonly isKnown: boolean; readonly text: string } {
  const known = reading(Math.max(now, performance.now()));
  if (known) return { isKnown: true, text: say("place.known", { m: known.accuracy, time: clockTime(known.age) }) };
  return { isKnown: false, text: say(missing.value === "refused" ? "place.refused" : missing.value === "unavailable" ? "place.unavailable" : "place.lost") };
}

/** Beside what is saved: how good the position is. A lost one is said, and holds nothing up. */
export function PlaceLight({ recording, plan }: { readonly recording: Recording; readonly plan: PositionPlan }) {
  const now = useSeconds();
  if (recording.situation.log.some((event) => event.kind === "position" && event.state === "off")) return null;
  const { isKnown, text } = sentence(now);
  const known = reading(Math.max(now, performance.now()));
  const rounding = say("place.rounded", { m: plan.rounded_m ?? ROUNDED_M });
  return (
    <span class={`safe place-light ${isKnown ? "" : "safe--pending"}`} role="img" aria-label={`${text} ${rounding}`}>
      <Icon name="place" />
      <span class="safe__words" aria-hidden="true">
        <strong>{known ? `±${known.accuracy} m` : "–"}</strong>
        <span>{known ? clockTime(known.age) : say("place.none")}</span>
      </span>
    </span>
  );
}

interface FieldProps {
  readonly plan: PositionPlan & { readonly reason?: Text };
  readonly isOff: boolean;
  readonly onChoose: (isOff: boolean) => void;
}

/** Before the session: what is recorded of where the tablet is, why, and the choice to leave it out. */
export function PlaceField({ plan, isOff, onChoose }: FieldProps) {
  const metres = plan.rounded_m ?? ROUNDED_M;
  const now = useSeconds();
  useEffect(() => (isOff ? undefined : listen(metres)), [isOff, metres]);
  const { isKnown, text } = sentence(now);
  const when = (plan.at ?? ["start"]).map((each) => say(`place.at.${each}` as const)).join(", ");
  return (
    <fieldset class="group">
      <legend>{say("place.title")}</legend>
      <p>{say("place.words", { when, m: metres })}</p>
      {words(plan.reason) ? <p><strong>{say("place.why")}</strong> {words(plan.reason)}</p> : null}
      <Chips
        label={say("place.choice")}
        options={[{ id: "on", name: say("place.on") }, { id: "off", name: say("place.off") }]}
        isOn={(id) => (id === "off") === isOff}
        onTap={(id) => onChoose(id === "off")}
      />
      {isOff ? null : (
        <p role="status" class={isKnown ? "" : "quiet"}>
          {text} {isRefused.value ? say("place.refused.remedy") : ""}
        </p>
      )}
    </fieldset>
  );
}
