/** Fields of the designer: each knows its place in the document and shows what was found there. */

import type { ComponentChildren } from "preact";
import { createContext } from "preact";
import { useContext, useEffect, useId, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Text } from "../../core/framework";
import { at, listAt, type Path, withLines, withWords, wordsIn, wordsOf } from "./document";
import { type Draft, type Finding, pointerOf } from "./draft";

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

/** What was found below a place for which nothing on the page stands: no finding may be without a place. */
export function Unplaced({ path }: { readonly path: Path }) {
  const draft = useDraft();
  const here = pointerOf(path);
  const below = draft.foundBelow.value.at(path);
  const [shown, setShown] = useState<readonly Finding[]>([]);
  useLayoutEffect(() => {
    const left = below.filter((finding) => !hasPlace(finding.path, here));
    if (left.length !== shown.length || left.some((each, index) => each !== shown[index])) setShown(left);
  });
  return <Findings found={shown} />;
}

/** Whether the page shows this place, or one above it but below `top`. */
function hasPlace(pointer: string, top: string): boolean {
  for (let end = pointer.length; end > top.length; end = pointer.lastIndexOf("/", end - 1)) {
    if (document.querySelector(`[data-at="${CSS.escape(pointer.slice(0, end))}"]`)) return true;
  }
  return false;
}

/** What is rarely wanted, folded away, with the number of findings inside. */
export function More({ summary, open = false, children }: { readonly summary: string; readonly open?: boolean; readonly children: ComponentChildren }) {
  const box = useRef<HTMLDetailsElement>(null);
  const [count, setCount] = useState(0);
  const findings = useDraft().findings.value;
  useEffect(() => setCount(box.current?.querySelectorAll(".finding, .row__found").length ?? 0), [findings, children]);
  return (
    <details class="more" open={open} ref={box}>
      <summary>{summary}{count > 0 && <span class="tag tag--caution more__found">{count}<span class="visually-hidden"> findings inside</span></span>}</summary>
      {children}
    </details>
  );
}

export function Field({ path, label, hint, children }: Placed & { readonly children: (id: string, describedBy: string) => ComponentChildren }) {
  const draft = useDraft();
  const id = useId();
  const found = draft.foundBelow.value.at(path);
  const described = [hint ? `${id}-hint` : "", found.length > 0 ? `${id}-found` : ""].filter(Boolean).join(" ");
  return (
    <div class={`field design-field ${found.some((each) => each.severity === "error") ? "design-field--error" : ""}`} data-at={pointerOf(path)}>
      <label for={id}>{label}</label>
      {hint && <span class="field__hint" id={`${id}-hint`}>{hint}</span>}
      {children(id, described)}
      {found.length > 0 && <div id={`${id}-found`}><Findings found={found} /></div>}
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
              language={language}
              value={wordsIn(text, languages, language)}
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
  readonly language: string;
  readonly value: string;
  readonly describedBy: string;
  readonly name?: string;
  readonly onValue: (words: string) => void;
}

function Entry({ id, long, language, value, describedBy, name, onValue }: EntryProps) {
  const shared = { id, value, lang: language, "aria-describedby": describedBy, ...(name === undefined ? {} : { "aria-label": name }) };
  if (long) return <textarea {...shared} rows={2} onInput={(event) => onValue(event.currentTarget.value)} />;
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

/** Several texts, one in a line, in each language of the framework. */
export function Lines({ path, label, hint }: Placed) {
  const draft = useDraft();
  const languages = draft.languages.value;
  const list = listAt(draft.document.value, path) as readonly Text[];
  const write = (language: string, words: string) => {
    const texts = withLines(list, languages, language, words);
    draft.set(path, texts.length === 1 && texts[0] === "" ? undefined : texts);
  };
  const tidy = () => {
    const full = list.filter((text) => wordsOf(text).trim() !== "");
    if (full.length !== list.length) draft.set(path, full.length > 0 ? full : undefined);
  };
  return (
    <Field path={path} label={label} hint={hint ?? "One in each line."}>
      {(id, describedBy) =>
        languages.map((language, index) => (
          <div class="design-words" key={language}>
            {languages.length > 1 && <span class="design-words__language" aria-hidden="true">{language}</span>}
            <textarea
              id={index === 0 ? id : `${id}-${language}`}
              rows={Math.max(2, Math.min(8, list.length + 1))}
              lang={language}
              value={list.map((text) => wordsIn(text, languages, language)).join("\n")}
              aria-describedby={describedBy}
              {...(index === 0 ? {} : { "aria-label": `${label}, ${language}` })}
              onInput={(event) => write(language, event.currentTarget.value)}
              onBlur={tidy}
            />
          </div>
        ))
      }
    </Field>
  );
}

/** A number; empty is "not set". `scale` turns what is shown into what is kept: 1000 shows seconds and keeps milliseconds. */
export function Figure({ path, label, hint, scale = 1, minimum }: Placed & { readonly scale?: number; readonly minimum?: number }) {
  const draft = useDraft();
  const value = at(draft.document.value, path);
  const [words, setWords] = useState<string | null>(null);
  const write = (typed: string) => {
    setWords(typed);
    const number = Number(typed);
    draft.set(path, typed.trim() === "" || Number.isNaN(number) ? undefined : scale === 1 ? number : Math.round(number * scale));
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
          value={words ?? (typeof value === "number" ? String(value / scale) : "")}
          aria-describedby={describedBy}
          onInput={(event) => write(event.currentTarget.value)}
          onBlur={() => setWords(null)}
        />
      )}
    </Field>
  );
}

export type Choices = readonly (readonly [value: string, words: string])[];

/** What a choice is called, for a closed row. */
export const wordsFor = (choices: Choices, value: string): string => choices.find(([each]) => each === value)?.[1] ?? value;

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
    <div class="choice design-switch" data-at={pointerOf(path)}>
      <input id={id} type="checkbox" checked={on} onChange={(event) => draft.set(path, event.currentTarget.checked === usually ? undefined : event.currentTarget.checked)} />
      <label for={id}>{label}{hint && <span class="field__hint">{hint}</span>}</label>
      <Findings found={draft.foundBelow.value.at(path)} />
    </div>
  );
}

/** Beyond this many, choices are looked for by name: nobody reads through three hundred. */
const MANY_CHOICES = 24;
/** As many as are shown at once of those that fit. */
const SHOWN_CHOICES = 60;

/** Any number of ids out of those that there are. */
export function Several({ path, label, hint, choices }: Placed & { readonly choices: Choices }) {
  const draft = useDraft();
  const chosen = new Set(listAt(draft.document.value, path) as readonly string[]);
  const write = (id: string, on: boolean) => {
    const next = choices.map(([each]) => each).filter((each) => (each === id ? on : chosen.has(each)));
    draft.set(path, next.length > 0 ? next : undefined);
  };
  return (
    <fieldset class="field design-several" data-at={pointerOf(path)}>
      <legend>{label}</legend>
      {hint && <span class="field__hint">{hint}</span>}
      {choices.length === 0 && <p class="quiet">There are none yet.</p>}
      {choices.length > MANY_CHOICES
        ? <Looked label={label} choices={choices} chosen={chosen} onChoose={write} />
        : <Chips choices={choices} chosen={chosen} onChoose={write} />}
      <Findings found={draft.foundBelow.value.at(path)} />
    </fieldset>
  );
}

interface ChipsProps {
  readonly choices: Choices;
  readonly chosen: ReadonlySet<string>;
  readonly onChoose: (id: string, on: boolean) => void;
}

function Chips({ choices, chosen, onChoose }: ChipsProps) {
  return (
    <div class="design-several__choices">
      {choices.map(([id, words]) => (
        <label key={id} class="design-chip">
          <input type="checkbox" checked={chosen.has(id)} onChange={(event) => onChoose(id, event.currentTarget.checked)} />
          <span>{words || id}</span>
        </label>
      ))}
    </div>
  );
}

/** What is chosen, and a way to find more by a part of its name. */
function Looked({ label, choices, chosen, onChoose }: ChipsProps & { readonly label: string }) {
  const [open, setOpen] = useState(false);
  const [part, setPart] = useState("");
  const opener = useRef<HTMLButtonElement>(null);
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (open) field.current?.focus();
  }, [open]);
  const close = () => {
    setOpen(false);
    setPart("");
    opener.current?.focus();
  };
  const fitting = choices.filter(([, words]) => words.toLowerCase().includes(part.trim().toLowerCase()));
  const shown = fitting.filter(([id], index) => index < SHOWN_CHOICES || chosen.has(id));
  return (
    <>
      {!open && <Chips choices={choices.filter(([id]) => chosen.has(id))} chosen={chosen} onChoose={(id, on) => {
        onChoose(id, on);
        opener.current?.focus();
      }} />}
      <button type="button" class="button" ref={opener} aria-expanded={open} onClick={() => (open ? close() : setOpen(true))}>
        {open ? "Done" : "Choose …"} <span class="quiet">{chosen.size} of {choices.length}</span><span class="visually-hidden">: {label}</span>
      </button>
      {open && (
        <div class="design-several__box" onKeyDown={(event) => event.key === "Escape" && close()}>
          <input ref={field} type="search" aria-label={`Find in: ${label}`} placeholder="A part of the name" value={part} onInput={(event) => setPart(event.currentTarget.value)} />
          <p role="status" class="quiet">{fitting.length === 0 ? "None has this in its name." : shown.length < fitting.length ? `${shown.length} of ${fitting.length} are shown; type more to find the others.` : `${fitting.length} to choose from.`}</p>
          <div class="design-several__list"><Chips choices={shown} chosen={chosen} onChoose={onChoose} /></div>
        </div>
      )}
    </>
  );
}

interface TableProps extends Placed {
  /** What is shown for one item in one language. */
  readonly show: (item: unknown, language: string) => string;
  /** All items, given the words of one language. */
  readonly read: (before: readonly unknown[], language: string, words: string) => readonly unknown[];
  readonly rows: number;
}

/** A list that is quicker to type than to fill in, one item in each line; what is being typed is left alone until the field is left. */
export function Typed({ path, label, hint, show, read, rows }: TableProps) {
  const draft = useDraft();
  const languages = draft.languages.value;
  const items = listAt(draft.document.value, path);
  const [typing, setTyping] = useState<{ readonly language: string; readonly words: string } | null>(null);
  const write = (language: string, words: string) => {
    setTyping({ language, words });
    draft.set(path, read(items, language, words));
  };
  return (
    <Field path={path} label={label} {...(hint === undefined ? {} : { hint })}>
      {(id, describedBy) =>
        languages.map((language, index) => (
          <div class="design-words" key={language}>
            {languages.length > 1 && <span class="design-words__language" aria-hidden="true">{language}</span>}
            <textarea
              id={index === 0 ? id : `${id}-${language}`}
              rows={rows}
              lang={language}
              value={typing?.language === language ? typing.words : items.map((item) => show(item, language)).join("\n")}
              aria-describedby={describedBy}
              {...(index === 0 ? {} : { "aria-label": `${label}, ${language}` })}
              onInput={(event) => write(language, event.currentTarget.value)}
              onBlur={() => setTyping(null)}
            />
          </div>
        ))
      }
    </Field>
  );
}
