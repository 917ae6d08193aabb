import { HANDS, preferences, type Preferences, TEXT_SIZES, THEMES } from "../preferences";
import { Chips } from "./modifier-sheet";
import { type Key, LANGUAGES, say } from "../words";

interface Props {
  readonly onChange: (wanted: Preferences) => void;
}

function options<T extends string>(ids: readonly T[], prefix: "theme" | "hand" | "text"): readonly { id: T; name: string }[] {
  return ids.map((id) => ({ id, name: say(`${prefix}.${id}` as Key) }));
}

/** Theme, hand, text, language: at home and in the middle of a session, since the sun may come out. */
export function PreferenceFields({ onChange }: Props) {
  const now = preferences.value;
  const change = (part: Partial<Preferences>): void => onChange({ ...preferences.peek(), ...part });
  return (
    <>
      <Chips label={say("settings.theme")} options={options(THEMES, "theme")} isOn={(id) => now.theme === id} onTap={(id) => change({ theme: id as Preferences["theme"] })} />
      <Chips label={say("settings.text")} options={options(TEXT_SIZES, "text")} isOn={(id) => now.text === id} onTap={(id) => change({ text: id as Preferences["text"] })} />
      <Chips label={say("settings.hand")} options={options(HANDS, "hand")} isOn={(id) => now.hand === id} onTap={(id) => change({ hand: id as Preferences["hand"] })} />
      <Chips
        label={say("settings.language")}
        options={LANGUAGES.map((known) => ({ id: known.tag, name: known.name }))}
        isOn={(id) => now.language === id}
        onTap={(id) => change({ language: id as Preferences["language"] })}
      />
      <div>
        <Switch words={say("settings.vibration")} isOn={now.vibration} onSet={(vibration) => change({ vibration })} />
        <Switch words={say("settings.sound")} isOn={now.sound} onSet={(sound) => change({ sound })} />
        <Switch words={say("settings.glove")} isOn={now.glove} onSet={(glove) => change({ glove })} />
      </div>
    </>
  );
}

function Switch({ words, isOn, onSet }: { readonly words: string; readonly isOn: boolean; readonly onSet: (isOn: boolean) => void }) {
  return (
    <label class="choice">
      <input type="checkbox" checked={isOn} onChange={(event) => onSet(event.currentTarget.checked)} />
      {words}
    </label>
  );
}
