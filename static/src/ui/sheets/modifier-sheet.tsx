import { useComputed } from "@preact/signals";
import type { Value, Values } from "../../core/events";
import type { Modifier } from "../../core/framework";
import type { Recording } from "../recording";
import { Sheet } from "../sheet";
import { say, words } from "../words";

interface Props {
  readonly recording: Recording;
  readonly id: string;
  readonly asked: "start" | "stop";
  /** The framework asks on its own, and goes away when all is answered; an observer who came here stays. */
  readonly isPrompt: boolean;
}

/** More about one occurrence. The tap is stored already: these are added to it, and the pad stays in reach. */
export function ModifierSheet({ recording, id, asked, isPrompt }: Props) {
  const event = useComputed(() => recording.effective(id));
  const modifiers = recording.modifiersFor(id, asked);
  const values = useComputed<Values>(() => event.value?.modifiers ?? {});
  const title = say("modifiers.title", { code: recording.what(id) });
  const set = (modifier: Modifier, value: Value, isLast: boolean): void => {
    const next = { ...values.peek(), [modifier.id]: value };
    recording.modify(id, next);
    if (isLast && isPrompt && modifiers.every((each) => next[each.id] !== undefined)) recording.closeSheet();
  };
  return (
    <Sheet title={title} onClose={() => recording.closeSheet()}>
      {modifiers.map((modifier) => (
        <ModifierField key={modifier.id} recording={recording} modifier={modifier} value={values.value[modifier.id]} onSet={set} />
      ))}
      <button type="button" class="button button--primary" onClick={() => recording.closeSheet()}>{say("done")}</button>
    </Sheet>
  );
}

interface FieldProps {
  readonly recording: Recording;
  readonly modifier: Modifier;
  readonly value: Value | undefined;
  readonly onSet: (modifier: Modifier, value: Value, isLast: boolean) => void;
}

function listOf(value: Value | undefined): readonly string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

function ModifierField({ recording, modifier, value, onSet }: FieldProps) {
  const label = `${words(modifier.label)}${modifier.required ? ` (${say("modifiers.needed")})` : ""}`;
  const options = modifier.kind === "actor" ? recording.everyone() : (modifier.options ?? []).map((option) => ({ id: option.id, name: words(option.label) }));
  switch (modifier.kind ?? "one-of") {
    case "one-of":
    case "ordered": // one of them too; their order is for the analysis
    case "actor":
      return (
        <Chips label={label} options={options} isOn={(id) => value === id} onTap={(id) => onSet(modifier, id, true)} />
      );
    case "several-of": {
      const chosen = listOf(value);
      const toggled = (id: string): readonly string[] => (chosen.includes(id) ? chosen.filter((each) => each !== id) : [...chosen, id]);
      return <Chips label={label} options={options} isOn={(id) => chosen.includes(id)} onTap={(id) => onSet(modifier, toggled(id), false)} />;
    }
    case "number":
      return (
        <label class="field">
          <span class="label">{label}{modifier.unit ? `, ${modifier.unit}` : ""}</span>
          <input
            type="number"
            inputMode="decimal"
            step="any"
            min={modifier.minimum ?? undefined}
            max={modifier.maximum ?? undefined}
            value={typeof value === "number" ? value : ""}
            onChange={(event) => {
              const field = event.currentTarget;
              if (field.value !== "" && field.reportValidity()) onSet(modifier, field.valueAsNumber, true);
            }}
          />
        </label>
      );
    case "text":
      return (
        <label class="field">
          <span class="label">{label}</span>
          <input type="text" maxLength={500} value={typeof value === "string" ? value : ""} onChange={(event) => onSet(modifier, event.currentTarget.value, true)} />
        </label>
      );
  }
}

interface ChipsProps {
  readonly label: string;
  readonly options: readonly { readonly id: string; readonly name: string }[];
  readonly isOn: (id: string) => boolean;
  readonly onTap: (id: string) => void;
}

export function Chips({ label, options, isOn, onTap }: ChipsProps) {
  return (
    <div class="field" role="group" aria-label={label}>
      <span class="label">{label}</span>
      <div class="chips">
        {options.map((option) => (
          <button key={option.id} type="button" class="chip" aria-pressed={isOn(option.id)} onClick={() => onTap(option.id)}>
            {option.name}
          </button>
        ))}
      </div>
    </div>
  );
}
