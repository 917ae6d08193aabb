/** Changing a framework document: every change makes a new document and shares what did not change. Pure. */

import type { Code, FrameworkDocument, Stream, Text } from "../../core/framework";

export type Path = readonly (string | number)[];

export interface Rival {
  readonly id: string;
  readonly label: Text;
  readonly description?: Text;
}

export interface Indicator {
  readonly polarity: 1 | -1;
  readonly code?: string;
  readonly rating?: string;
  readonly diagnosticity?: "weak" | "moderate" | "strong";
  readonly rationale?: Text;
  readonly opportunity?: Text;
  /** modifier id → option id, all of which must hold */
  readonly modifiers?: Readonly<Record<string, string>>;
}

export interface Construct {
  readonly id: string;
  readonly label: Text;
  readonly definition?: Text;
  readonly rivals?: readonly Rival[];
  readonly indicators?: readonly Indicator[];
  readonly minimum_evidence?: Readonly<Record<string, number>>;
}

export interface Term {
  readonly measure: string;
  readonly stream?: string;
  readonly codes?: readonly string[];
  readonly except_codes?: readonly string[];
  readonly ratings?: readonly string[];
  readonly links?: readonly string[];
}

export interface Formula {
  readonly id: string;
  readonly label: Text;
  readonly numerator: Term;
  readonly denominator?: Term | null;
  readonly unit?: string;
  readonly average?: string;
  readonly weights?: string;
  readonly per?: string;
  readonly note?: Text;
}

/** The whole document, with what only the design and the analysis need. */
export interface DesignDocument extends FrameworkDocument {
  readonly constructs?: readonly Construct[];
  readonly formulas?: readonly Formula[];
}

/** What stands at a path, or undefined. */
export function at(node: unknown, path: Path): unknown {
  let here: unknown = node;
  for (const step of path) {
    if (typeof here !== "object" || here === null) return undefined;
    here = (here as Record<string | number, unknown>)[step];
  }
  return here;
}

/** A document with another value at this path; undefined takes the field away. Missing objects are made on the way. */
export function put<T>(node: T, path: Path, value: unknown): T {
  const [step, ...rest] = path;
  if (step === undefined) return value as T;
  if (typeof step === "number" || Array.isArray(node)) {
    const list = Array.isArray(node) ? [...(node as unknown[])] : [];
    list[step as number] = put(list[step as number], rest, value);
    return list as T;
  }
  const record = { ...((node ?? {}) as Record<string, unknown>) };
  const next = put(record[step], rest, value);
  if (next === undefined) delete record[step];
  else record[step] = next;
  return record as T;
}

/** The list at a path, empty where there is none. */
export function listAt(node: unknown, path: Path): readonly unknown[] {
  const found = at(node, path);
  return Array.isArray(found) ? found : [];
}

/** With one more item at the end of a list (or before position `before`). */
export function insert<T>(node: T, path: Path, item: unknown, before?: number): T {
  const list = [...listAt(node, path)];
  list.splice(before ?? list.length, 0, item);
  return put(node, path, list);
}

/** Without one item of a list; the field goes when its list is empty. */
export function remove<T>(node: T, path: Path, index: number): T {
  const list = listAt(node, path).filter((_, place) => place !== index);
  return put(node, path, list.length > 0 ? list : undefined);
}

/** With one item of a list at another place; places outside the list are its ends. */
export function move<T>(node: T, path: Path, from: number, to: number): T {
  const list = [...listAt(node, path)];
  const [item] = list.splice(from, 1);
  if (item === undefined) return node;
  list.splice(Math.max(0, Math.min(to, list.length)), 0, item);
  return put(node, path, list);
}

/** An id out of words that nothing in `taken` has: stable from then on, whatever becomes of the words. */
export function idFrom(words: string, taken: ReadonlySet<string>, otherwise = "item"): string {
  const plain = words.normalize("NFKD").replace(/[^\w\s-]/g, "").trim().toLowerCase().replace(/[\s-]+/g, "_").slice(0, 40);
  const base = plain || otherwise;
  if (!taken.has(base)) return base;
  let number = 2;
  while (taken.has(`${base}_${number}`)) number += 1;
  return `${base}_${number}`;
}

/** Ids of codes and ratings, which are unique in the whole framework. */
export function behaviourIds(document: DesignDocument): Set<string> {
  return new Set(
    (document.streams ?? []).flatMap((stream) => [...(stream.codes ?? []), ...(stream.ratings ?? [])].map((each) => each.id)),
  );
}

/** Ids of the items of one list. */
export function idsOf(list: readonly { readonly id: string }[] | undefined): Set<string> {
  return new Set((list ?? []).map((each) => each.id));
}

/** Words in one language; in the first that has any when none is asked for. */
export function wordsOf(text: Text | undefined, language?: string): string {
  if (text === undefined) return "";
  if (typeof text === "string") return text;
  return (language !== undefined ? text[language] : undefined) ?? Object.values(text).find((words) => words) ?? "";
}

/** A text with other words in one language; a plain string as long as only the first language has words. */
export function withWords(text: Text | undefined, languages: readonly string[], language: string, words: string): Text | undefined {
  const first = languages[0] ?? "en";
  const before = typeof text === "string" ? { [first]: text } : { ...(text ?? {}) };
  const after = Object.fromEntries(Object.entries({ ...before, [language]: words }).filter(([, each]) => each !== ""));
  const tags = Object.keys(after);
  if (tags.length === 0) return undefined;
  return tags.length === 1 && tags[0] === first ? after[first] : after;
}

/** A code's id renamed wherever the document speaks of it. */
export function renameBehaviour<T>(document: T, from: string, to: string): T {
  const fields = new Set(["fallback", "priority", "from_codes", "to_codes", "if_none", "codes", "except_codes", "ratings", "code", "rating", "part_of", "id"]);
  const walk = (node: unknown, field: string, owner: string): unknown => {
    if (node === from && fields.has(field)) return field === "id" && owner !== "codes" && owner !== "ratings" ? node : to;
    if (Array.isArray(node)) return node.map((each) => walk(each, field, field));
    if (typeof node !== "object" || node === null) return node;
    return Object.fromEntries(Object.entries(node).map(([key, each]) => [key, walk(each, key, field)]));
  };
  return walk(document, "", "") as T;
}

/** The indicators of one behaviour in a construct, each with its place; the one without modifiers first. */
export function indicatorsOf(construct: Construct, behaviour: string): readonly { readonly index: number; readonly indicator: Indicator }[] {
  return (construct.indicators ?? [])
    .map((indicator, index) => ({ index, indicator }))
    .filter(({ indicator }) => indicator.code === behaviour || indicator.rating === behaviour)
    .sort((one, other) => Number(isNarrowed(one.indicator)) - Number(isNarrowed(other.indicator)) || one.index - other.index);
}

/** Whether an indicator holds only with certain modifiers. */
export const isNarrowed = (indicator: Indicator): boolean => Object.keys(indicator.modifiers ?? {}).length > 0;

/** Codes and ratings of all streams in order, with what they are. */
export function behaviours(document: DesignDocument): readonly { readonly id: string; readonly label: string; readonly kind: "code" | "rating"; readonly stream: Stream }[] {
  return (document.streams ?? []).flatMap((stream) => [
    ...(stream.codes ?? []).map((code) => ({ id: code.id, label: wordsOf(code.label), kind: "code" as const, stream })),
    ...(stream.ratings ?? []).map((rating) => ({ id: rating.id, label: wordsOf(rating.label), kind: "rating" as const, stream })),
  ]);
}

/** A code with the first free hot key: the last figure of a numbered code (C10 → 0), its own letters, then the alphabet. */
export function withFreeKey(code: Code, taken: ReadonlySet<string>): Code {
  const figure = /^[a-z]{0,3}\d*(\d)$/i.exec(code.id)?.[1] ?? "";
  const wanted = `${figure}${code.id}${wordsOf(code.label)}abcdefghijklmnopqrstuvwxyz0123456789`.toLowerCase();
  const key = [...wanted].find((letter) => /[a-z0-9]/.test(letter) && !taken.has(letter));
  return key === undefined ? code : { ...code, key };
}

/** Texts as lines of one language, each of which keeps its words in the others. */
export function withLines(list: readonly Text[], languages: readonly string[], language: string, words: string): readonly Text[] {
  const lines = words.split("\n");
  const others = languages.some((each) => each !== language) ? list.length : 0;
  return Array.from({ length: Math.max(lines.length, others) }, (_, index) => withWords(list[index], languages, language, lines[index] ?? "") ?? "");
}

/** The words of one language alone: nothing where only others have words. */
export function wordsIn(text: Text | undefined, languages: readonly string[], language: string): string {
  if (typeof text === "string") return language === (languages[0] ?? "en") ? text : "";
  return text?.[language] ?? "";
}

/** A copy of a code, with an id and a key that are free. */
export function copyOf(document: DesignDocument, code: Code): Code {
  const { key: _key, ...rest } = code;
  const keys = new Set((document.streams ?? []).flatMap((each) => each.codes ?? []).map((each) => each.key ?? ""));
  return withFreeKey({ ...rest, id: freeIdLike(code.id, behaviourIds(document)) }, keys);
}

function freeIdLike(id: string, taken: ReadonlySet<string>): string {
  let number = 2;
  while (taken.has(`${id}_${number}`)) number += 1;
  return `${id}_${number}`;
}

/** A stream's id changed, also where figures speak of it; the same document when the id is taken. */
export function renameStream(document: DesignDocument, from: string, to: string): DesignDocument {
  if ((document.streams ?? []).some((stream) => stream.id === to)) return document;
  const term = <T extends Term | null | undefined>(each: T): T => (each && each.stream === from ? { ...each, stream: to } : each);
  const streams = (document.streams ?? []).map((stream) => (stream.id === from ? { ...stream, id: to } : stream));
  const formulas = document.formulas?.map((formula) => ({
    ...formula,
    numerator: term(formula.numerator),
    ...("denominator" in formula ? { denominator: term(formula.denominator) } : {}),
  }));
  return { ...document, streams, ...(formulas ? { formulas: formulas as readonly Formula[] } : {}) };
}

/** A part's id changed, also where the rest of the document speaks of it; the same document when the id is taken. */
export function renameItem(document: DesignDocument, path: Path, to: string): DesignDocument {
  const from = at(document, [...path, "id"]) as string | undefined;
  const list = listAt(document, path.slice(0, -1)) as readonly { readonly id: string }[];
  if (from === undefined || from === to || idsOf(list).has(to)) return document;
  const [part] = path;
  if (path.length !== 2) return put(document, [...path, "id"], to);
  if (part === "streams") return renameStream(document, from, to);
  return followed(put(document, [...path, "id"], to), String(part), from, to) as DesignDocument;
}

const SPOKEN_OF_IN: Readonly<Record<string, ReadonlySet<string>>> = {
  actors: new Set(["actors", "target_actors"]),
  modifiers: new Set(["modifiers"]),
  links: new Set(["links"]),
};

/** Every mention of one id of a part under its new name: in lists, as a key (answers to modifiers), in a figure's unit (variables). */
function followed(node: unknown, part: string, from: string, to: string, field = ""): unknown {
  if (node === from && SPOKEN_OF_IN[part]?.has(field)) return to;
  if (typeof node === "string" && part === "variables" && field === "unit" && node.startsWith("variable:")) {
    return `variable:${node.slice("variable:".length).split("+").map((each) => (each === from ? to : each)).join("+")}`;
  }
  if (Array.isArray(node)) return node.map((each) => followed(each, part, from, to, field));
  if (typeof node !== "object" || node === null) return node;
  const named = (key: string) => (part === "modifiers" && field === "modifiers" && key === from ? to : key);
  return Object.fromEntries(Object.entries(node).map(([key, each]) => [named(key), followed(each, part, from, to, key)]));
}
