import { signal } from "@preact/signals";
import { en } from "./en";
import type { enLater } from "./en-later";

export type Key = keyof typeof en | keyof typeof enLater;
export type Entry = string | { readonly other: string; readonly [form: string]: string };
export type Catalogue = Readonly<Record<Key, Entry>>;
export type Values = Readonly<Record<string, string | number>>;

/** Languages of the screen, each under its own name. */
export const LANGUAGES = [
  { tag: "en", name: "English", direction: "ltr" },
  { tag: "ar", name: "العربية", direction: "rtl" },
] as const;

export type Language = (typeof LANGUAGES)[number]["tag"];

export const language = signal<Language>("en");
const catalogue = signal<Partial<Catalogue>>(en);
let english: Partial<Catalogue> = en;

/** The words of every page, which whoever opens one waits for; the recording screen needs none of them. */
export async function allWords(): Promise<void> {
  if (english !== en) return;
  english = { ...en, ...(await import("./en-later")).enLater };
  if (language.peek() === "en") catalogue.value = english;
}

/** Switches the words and the direction of the whole screen. Catalogues but English come as a file of their own. */
export async function speak(tag: Language): Promise<void> {
  catalogue.value = tag === "ar" ? (await import("./ar")).ar : english;
  language.value = tag;
  document.documentElement.lang = tag;
  document.documentElement.dir = LANGUAGES.find((known) => known.tag === tag)?.direction ?? "ltr";
}

const forms = new Map<Language, Intl.PluralRules>();

function form(count: number): string {
  const rules = forms.get(language.value) ?? new Intl.PluralRules(language.value);
  forms.set(language.value, rules);
  return rules.select(count);
}

/** The words of a key in the language of the screen. `{name}` stands for a value; `n` chooses the plural. */
export function say(key: Key, values: Values = {}): string {
  const entry = catalogue.value[key] ?? "";
  const pattern = typeof entry === "string" ? entry : (entry[form(Number(values["n"] ?? 0))] ?? entry.other);
  return pattern.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

/** Words of a framework: a string, or one for each language; the first given is the one to fall back on. */
export type Text = string | Readonly<Record<string, string>> | null | undefined;

export function words(text: Text): string {
  if (text === null || text === undefined) return "";
  if (typeof text === "string") return text;
  return text[language.value] ?? Object.values(text)[0] ?? "";
}

/** h:mm:ss above an hour, else m:ss: what a stopwatch shows. Negative times count towards zero. */
export function clockTime(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const two = (value: number): string => String(value).padStart(2, "0");
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor((seconds % 3600) / 60);
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}

export function wallTime(ms: number): string {
  return new Intl.DateTimeFormat(language.value, { dateStyle: "medium", timeStyle: "short" }).format(ms);
}

export function percent(share: number): string {
  return new Intl.NumberFormat(language.value, { style: "percent", maximumFractionDigits: 1 }).format(share);
}
