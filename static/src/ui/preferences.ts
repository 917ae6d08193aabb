/** How the screen looks, feels and speaks: of the person who holds the tablet, not of the study. */

import { signal } from "@preact/signals";
import { type Language, LANGUAGES, speak } from "./words";

export const THEMES = ["system", "light", "dark", "night", "sun"] as const;
export const TEXT_SIZES = ["normal", "large", "larger", "largest"] as const;
export const HANDS = ["right", "left"] as const;

export interface Preferences {
  readonly theme: (typeof THEMES)[number];
  readonly text: (typeof TEXT_SIZES)[number];
  readonly hand: (typeof HANDS)[number];
  readonly vibration: boolean;
  readonly sound: boolean;
  /** Buttons for gloves: fewer on a page, and larger. */
  readonly glove: boolean;
  readonly language: Language;
}

export const DEFAULT_PREFERENCES: Preferences = {
  theme: "system",
  text: "normal",
  hand: "right",
  vibration: true,
  sound: false,
  glove: false,
  language: "en",
};

export const preferences = signal<Preferences>(DEFAULT_PREFERENCES);

function oneOf<T extends string>(known: readonly T[], value: unknown, otherwise: T): T {
  return known.find((candidate) => candidate === value) ?? otherwise;
}

/** What was kept, whatever an older or newer build wrote: anything unknown falls back on its default. */
export function readPreferences(kept: unknown): Preferences {
  const from = (typeof kept === "object" && kept !== null ? kept : {}) as Readonly<Record<string, unknown>>;
  const truth = (name: string, otherwise: boolean): boolean => (typeof from[name] === "boolean" ? from[name] : otherwise);
  return {
    theme: oneOf(THEMES, from["theme"], DEFAULT_PREFERENCES.theme),
    text: oneOf(TEXT_SIZES, from["text"], DEFAULT_PREFERENCES.text),
    hand: oneOf(HANDS, from["hand"], DEFAULT_PREFERENCES.hand),
    vibration: truth("vibration", true),
    sound: truth("sound", false),
    glove: truth("glove", false),
    language: oneOf(LANGUAGES.map((known) => known.tag), from["language"], DEFAULT_PREFERENCES.language),
  };
}

/** Puts the preferences on the screen. Themes and text sizes are attributes of the root: tokens do the rest. */
export async function applyPreferences(wanted: Preferences): Promise<void> {
  const root = document.documentElement;
  preferences.value = wanted;
  if (wanted.theme === "system") root.removeAttribute("data-theme");
  else root.setAttribute("data-theme", wanted.theme);
  root.setAttribute("data-text", wanted.text);
  await speak(wanted.language);
}
