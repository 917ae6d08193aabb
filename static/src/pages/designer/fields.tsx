/** Fields of the designer: each knows its place in the document and shows what was found there. */

import type { ComponentChildren } from "preact";
import { useContext, useId } from "preact/hooks";
import { createContext } from "preact";
import type { Text } from "../../core/framework";
import { at, listAt, type Path, withWords, wordsOf } from "./document";
import { type Draft, type Finding, findingsAt } from "./draft";

const DraftContext = createContext<Draft | null>(null);
export const DraftProvider = DraftContext.Provider;

/** The draft that everything on the page is about. */
export function useDraft(): Draft {
  const draft = useContext(DraftContext);
  if (!draft) throw new Error("a field of the designer stands outside of a draft");
  return draft;
}

interface Placed {
  readonly path: Path;
  readonly label: string;
  readonly hint?: string;
}

/** What was found at one place, in words, with the remedy. */
export function Findings({ found }: { readonly found: readonly Finding[] }) {
  if (found.length === 0) return null;
  return (
    <ul class="finding-list">
      {found.map((finding) => (
        <li key={finding.code + finding.sentence} class={`finding finding--${finding.severity}`}>
          <strong class="visually-hidden">{finding.severity}: </strong>
          {finding.sentence} <span class="finding__remedy">{finding.remedy}</span>
        </li>
      ))}
    </ul>
  );
}

function Field({ path, label, hint, children }: Placed & { readonly children: (id: string, describedBy: string) => ComponentChildren }) {
  const draft = useDraft();
  const id = useId();
  const found = findingsAt(draft.findings.value, path);
  return (
    <div class={`field design-field ${found.some((each) => each.severity === "error") ? "design-field--error" : ""}`}>
      <label for={id}>{label}</label>
      {hint && <span class="field__hint" id={`${id}-hint`}>{hint}</span>}
      {children(id, `${id}-hint ${id}-found`)}
      <div id={`${id}-found`}><Findings found={found} /></div>
    </div>
  );
}

/** Words, in each language of the framework. */
export function Words({ path, label, hint, long = false }: Placed & { readonly long?: boolean }) {
  const draft = useDraft();
  const languages = draft.languages.value;
  const text = at(draft.document.value, path) as Text | undefined;
  const write = (language: string, words: string) => {
    const next = withWords(text, languages, language, words);
    draft.set(path, next ?? (isRequired(path) ? "" : undefined));
  };
  return (
    <Field path={path} label={label} {...(hint === undefined ? {} : { hint })}>
      {(id, describedBy) =>
        languages.map((language, index) => (
          <div class="design-words" key={language}>
            {languages.length > 1 && <span class="design-words__language" aria-hidden="true">{language}</span>}
            <Entry
              id={index === 0 ? id : `${id}-${language}`}
              long={long}
              value={typeof text === "string" ? (index === 0 ? text : "") : (text?.[language] ?? "")}
              describedBy={describedBy}
              {...(index === 0 ? {} : { name: `${label}, ${language}` })}
              onValue={(words) => write(language, words)}
            />
          </div>
        ))
      }
    </Field>
  );
}

const isRequired = (path: Path): boolean => path.at(-1) === "label" || path.at(-1) === "title";

interface EntryProps {
  readonly id: string;
  readonly long: boolean;
  readonly value: string;
  readonly describedBy: string;
  readonly name?: string;
  readonly onValue: (words: string) => void;
}

function Entry({ id, long, value, describedBy, name, onValue }: EntryProps) {
  const shared = { id, value, "aria-describedby": describedBy, ...(name === undefined ? {} : { "aria-label": name }) };
  if (long) return <textarea {...shared} rows={3} onInput={(event) => onValue(event.currentTarget.value)} />;
  return <input {...shared} type="text" onInput={(event) => onValue(event.currentTarget.value)} />;
}

/** A plain string that is no text: a citation, a colour, a group. */
export function Line({ path, label, hint, suggestions, maxLength }: Placed & { readonly suggestions?: readonly string[]; readonly maxLength?: number }) {
  const draft = useDraft();
  const value = at(draft.document.value, path);
  return (
    <Field path={path} label={label} {...(hint === undefined ? {} : { hint })}>
      {(id, describedBy) => (
        <>
          <input
            id={id}
            type="text"
            value={typeof value === "string" ? value : ""}
            aria-describedby={describedBy}
            {...(maxLength === undefined ? {} : { maxLength })}
            {...(suggestions ? { list: `${id}-list` } : {})}
            onInput={(event) => draft.set(path, event.currentTarget.value || undefined)}
          />
          {suggestions && <datalist id={`${id}-list`}>{suggestions.map((each) => <option key={each} value={each} />)}</datalist>}
        </>
      )}
    </Field>
  );
}

/** Several texts, one in a line. */
export function Lines({ path, label, hint }: Placed) {
  const draft = useDraft();
  const first = draft.languages.value[0] ?? "en";
  const list = listAt(draft.document.value, path) as readonly Text[];
  const write = (words: string) => {
    const lines = words.split("\n");
    const texts = lines.map((line, index) => withWords(list[index], draft.languages.value, first, line) ?? "");
    draft.set(path, texts.length === 1 && texts[0] === "" ? undefined : texts);
  };
  const tidy = () => {
    const kept = list.filter((text) => wordsOf(text).trim() !== "");
    if (kept.length !== list.length) draft.set(path, kept.length > 0 ? kept : undefined);
  };
  return (
    <Field path={path} label={label} hint={hint ?? "One in each line."}>
      {(id, describedBy) => (
        <textarea
          id={id}
          rows={Math.max(2, Math.min(6, list.length + 1))}
          value={list.map((text) => wordsOf(text, first)).join("\n")}
          aria-describedby={describedBy}
          onInput={(event) => write(event.currentTarget.value)}
          onBlur={tidy}
        />
      )}
    </Field>
  );
}

/** A number; empty is "not set". `scale` turns what is shown into what is kept: 1000 shows seconds and keeps milliseconds. */
export function Figure({ path, label, hint, scale = 1, minimum }: Placed & { readonly scale?: number; readonly minimum?: number }) {
  const draft = useDraft();
  const value = at(draft.document.value, path);
  const write = (words: string) => {
    const number = Number(words);
    draft.set(path, words.trim() === "" || Number.isNaN(number) ? undefined : scale === 1 ? number : Math.round(number * scale));
  };
  return (
    <Field path={path} label={label} {...(hint === undefined ? {} : { hint })}>
      {(id, describedBy) => (
        <input
          id={id}
          type="number"
          inputMode="decimal"
          step="any"
          {...(minimum === undefined ? {} : { min: minimum })}
          value={typeof value === "number" ? String(value / scale) : ""}
          aria-describedby={describedBy}
          onChange={(event) => write(event.currentTarget.value)}
        />
      )}
    </Field>
  );
}

export type Choices = readonly (readonly [value: string, words: string])[];

/** One of several; the first one is the default, which the document leaves out. */
export function Choose({ path, label, hint, choices, keepDefault = false, onChosen }: Placed & { readonly choices: Choices; readonly keepDefault?: boolean; readonly onChosen?: (chosen: string) => void }) {
  const draft = useDraft();
  const value = at(draft.document.value, path);
  const usual = choices[0]?.[0];
  return (
    <Field path={path} label={label} {...(hint === undefined ? {} : { hint })}>
      {(id, describedBy) => (
        <select
          id={id}
          value={typeof value === "string" ? value : usual}
          aria-describedby={describedBy}
          onChange={(event) => {
            const chosen = event.currentTarget.value;
            if (onChosen) onChosen(chosen);
            else draft.set(path, chosen === usual && !keepDefault ? undefined : chosen);
          }}
        >
          {choices.map(([each, words]) => <option key={each} value={each}>{words}</option>)}
        </select>
      )}
    </Field>
  );
}

/** Yes or no. */
export function Switch({ path, label, hint, usually = false }: Placed & { readonly usually?: boolean }) {
  const draft = useDraft();
  const id = useId();
  const value = at(draft.document.value, path);
  const on = typeof value === "boolean" ? value : usually;
  return (
    <div class="choice design-switch">
      <input id={id} type="checkbox" checked={on} onChange={(event) => draft.set(path, event.currentTarget.checked === usually ? undefined : event.currentTarget.checked)} />
      <label for={id}>{label}{hint && <span class="field__hint">{hint}</span>}</label>
      <Findings found={findingsAt(draft.findings.value, path)} />
    </div>
  );
}

/** Any number of ids out of those that there are. */
export function Several({ path, label, hint, choices }: Placed & { readonly choices: Choices }) {
  const draft = useDraft();
  const chosen = new Set(listAt(draft.document.value, path) as readonly string[]);
  const write = (id: string, on: boolean) => {
    const next = choices.map(([each]) => each).filter((each) => (each === id ? on : chosen.has(each)));
    draft.set(path, next.length > 0 ? next : undefined);
  };
  return (
    <fieldset class="field design-several">
      <legend>{label}</legend>
      {hint && <span class="field__hint">{hint}</span>}
      {choices.length === 0 && <p class="quiet">There are none yet.</p>}
      <div class="design-several__choices">
        {choices.map(([id, words]) => (
          <label key={id} class="design-chip">
            <input type="checkbox" checked={chosen.has(id)} onChange={(event) => write(id, event.currentTarget.checked)} />
            <span>{words || id}</span>
          </label>
        ))}
      </div>
      <Findings found={findingsAt(draft.findings.value, path)} />
    </fieldset>
  );
}
