/** From what was chosen on the start page to a session: the header, its first event, and those met on the spot. */

import { uuidv7 } from "uuidv7";
import type { Consent, Purpose, SessionHeader, Value } from "../../core/events";
import type { Actor, FrameworkDocument, Variable } from "../../core/framework";

export interface Person {
  readonly id: string;
  readonly pseudonym: string;
  /** made on this page: the server does not know them yet */
  readonly isNew: boolean;
  /** as which of the framework's actors they are seen; null where there is only one to be */
  readonly actor: string | null;
}

export interface Choice {
  readonly framework: string;
  readonly purpose: Purpose;
  readonly happening: string;
  /** that of the agreed coding which practice is held against: so a supervisor can compare the two */
  readonly watched?: string | null;
  readonly setting: string | null;
  readonly subjects: readonly Person[];
  readonly variables: Readonly<Record<string, string>>;
  readonly consent: Consent | null;
  readonly plannedMinutes: string;
}

export interface Circumstances {
  readonly study: number;
  readonly observer: number;
  readonly device: string;
  readonly app: string;
  readonly now: Date;
}

/** Whether subjects are told apart in this framework, so that a roster is asked for. */
export function asksForSubjects(framework: FrameworkDocument): boolean {
  return roles(framework).length > 0;
}

/** The actors that persons can be. Where there are several, the observer says who is what: a pupil, or a peer. */
export function roles(framework: FrameworkDocument): readonly Actor[] {
  return (framework.actors ?? []).filter((actor) => ["named", "on-the-fly"].includes(actor.seen_as ?? "named"));
}

/** Those who must be told to the log at the start: whom the server does not know, and who is what. */
export function introduced(framework: FrameworkDocument, people: readonly Person[]): readonly Person[] {
  const known = roles(framework);
  if (known.length < 2) return people.filter((person) => person.isNew);
  return people.map((person) => ({ ...person, actor: person.actor ?? known[0]?.id ?? null }));
}

/** Variables of the session and of its setting are asked at the start; those of subjects belong to the roster. */
export function askedVariables(framework: FrameworkDocument): readonly Variable[] {
  return (framework.variables ?? []).filter((variable) => (variable.of ?? "session") !== "subject");
}

/** The value as its kind has it; null for nothing typed. */
export function valueOf(variable: Variable, typed: string): Value {
  if (typed.trim() === "") return null;
  if (variable.kind === "number") return Number.isFinite(Number(typed)) ? Number(typed) : null;
  if (variable.kind === "yes-no") return typed === "yes";
  return typed.trim();
}

/** What keeps the session from starting, by the label of the field. */
export function missing(framework: FrameworkDocument, choice: Choice): readonly (Variable | "happening" | "subjects")[] {
  const variables = askedVariables(framework).filter((variable) => variable.required && valueOf(variable, choice.variables[variable.id] ?? "") === null);
  const happening = choice.purpose === "reliability" && choice.happening.trim() === "" ? (["happening"] as const) : [];
  const isNamed = (framework.actors ?? []).some((actor) => (actor.seen_as ?? "named") === "named");
  const subjects = isNamed && choice.subjects.length === 0 ? (["subjects"] as const) : [];
  return [...variables, ...happening, ...subjects];
}

/** The same word on the same day in the same study is the same happening, on every tablet and without a network. */
export async function happeningId(study: number, word: string, day: string): Promise<string> {
  const plain = `${study}|${day}|${word.normalize("NFKC").trim().toLowerCase().replace(/\s+/g, " ")}`;
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(plain)));
  const bytes = hash.slice(0, 16);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x80;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

function localDay(now: Date): string {
  return `${now.getFullYear()}-${now.getMonth() + 1}-${now.getDate()}`;
}

export async function headerOf(framework: FrameworkDocument, choice: Choice, where: Circumstances): Promise<SessionHeader> {
  const typed = askedVariables(framework).map((variable) => [variable.id, valueOf(variable, choice.variables[variable.id] ?? "")] as const);
  const minutes = Number(choice.plannedMinutes);
  const isReliability = choice.purpose === "reliability" || choice.happening.trim() !== "";
  return {
    id: uuidv7(),
    study: where.study,
    framework: choice.framework,
    observer: where.observer,
    device: where.device,
    purpose: choice.purpose,
    happening: isReliability ? await happeningId(where.study, choice.happening, localDay(where.now)) : (choice.watched ?? null),
    setting: choice.setting,
    subjects: choice.subjects.map((person) => person.id),
    variables: Object.fromEntries(typed.filter(([, value]) => value !== null)),
    consent: choice.consent,
    started: where.now.getTime(),
    offset: -where.now.getTimezoneOffset(),
    zone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    app: where.app,
    planned_ms: minutes > 0 ? Math.round(minutes * 60_000) : null,
  };
}
