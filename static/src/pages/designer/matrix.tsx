/** Behaviour × construct: what would speak for it and what against, how strongly, and why. */

import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Code, Modifier } from "../../core/framework";
import { behaviours, type Construct, type DesignDocument, type Indicator, indicatorsOf, insert, isNarrowed, type Path, put, remove, wordsOf } from "./document";
import { Count, useDrawn } from "./rows";
import { pointerOf } from "./draft";
import { Choose, Field, Unplaced, useDraft, Words } from "./fields";
import { arrive, leadsBelow, target } from "./place";

interface Chosen {
  readonly construct: number;
  readonly behaviour: string;
}

/** From here on a behaviour is looked for by name. */
const MANY = 24;

/** Cells are kept by their place: a construct that gets its id from its first name must not lose the click that ended the naming. */
export function Matrix() {
  const draft = useDraft();
  const [chosen, setChosen] = useState<Chosen | null>(null);
  const document = draft.document.value;
  const constructs = document.constructs ?? [];
  const every = behaviours(document);
  const [part, setPart] = useState("");
  const [only, setOnly] = useState(false);
  const says = (id: string): boolean => constructs.some((each) => indicatorsOf(each, id).length > 0);
  const wanted = part.trim().toLowerCase();
  const rows = every.filter((row) => row.id === chosen?.behaviour || (`${row.id} ${row.label}`.toLowerCase().includes(wanted) && (!only || says(row.id))));
  const drawn = useDrawn(every.length);
  useGoal(constructs, setChosen);
  const box = useRef<HTMLTableElement>(null);
  if (constructs.length === 0 || every.length === 0) return null;
  const close = () => {
    const cell = box.current?.querySelector<HTMLElement>(".matrix__cell[aria-expanded=true]");
    setChosen(null);
    cell?.focus();
  };
  return (
    <>
      <h3>Indicators</h3>
      <p class="quiet">Choose a cell to say what the behaviour would be evidence for. Most cells stay empty.</p>
      {every.length > MANY && (
        <div class="matrix__find">
          <label class="field"><span class="label">Find a behaviour</span><input type="search" value={part} onInput={(event) => setPart(event.currentTarget.value)} /></label>
          <label class="design-chip"><input type="checkbox" checked={only} onChange={(event) => setOnly(event.currentTarget.checked)} /><span>Only those that say something</span></label>
          <p role="status" class="quiet">{rows.length} of {every.length} are shown.</p>
        </div>
      )}
      <div class="table-scroll matrix__box" tabIndex={0} role="region" aria-label="Indicators: behaviours by constructs">
        <table class="matrix" ref={box}>
          <thead><tr><th scope="col">Behaviour</th>{constructs.map((each, index) => <th scope="col" key={index}>{wordsOf(each.label) || each.id}</th>)}</tr></thead>
          <tbody>
            {rows.slice(0, drawn).flatMap((row) => [
              <tr key={row.id}>
                <th scope="row">{row.id} <span class="quiet">{row.label}</span></th>
                {constructs.map((construct, index) => {
                  const open = chosen?.construct === index && chosen.behaviour === row.id;
                  return <td key={index}><Cell construct={construct} index={index} behaviour={row.id} open={open} onOpen={() => (open ? close() : setChosen({ construct: index, behaviour: row.id }))} /></td>;
                })}
              </tr>,
              ...(chosen?.behaviour === row.id
                ? [<tr key={`${row.id} open`} class="matrix__open"><td colSpan={constructs.length + 1}><Panel key={chosen.construct} {...chosen} onClose={close} /></td></tr>]
                : []),
            ])}
          </tbody>
        </table>
      </div>
    </>
  );
}

/** A finding about an indicator opens its cell. */
function useGoal(constructs: readonly Construct[], open: (chosen: Chosen) => void): void {
  const goal = target.value;
  useLayoutEffect(() => {
    const [, , construct, part, index] = goal.split("/");
    if (part !== "indicators" || !leadsBelow(goal, ["constructs", Number(construct)])) return;
    const indicator = constructs[Number(construct)]?.indicators?.[Number(index)];
    const behaviour = indicator?.code ?? indicator?.rating;
    if (behaviour) open({ construct: Number(construct), behaviour });
  }, [goal]);
}

const SAID: Readonly<Record<string, string>> = { "1": "for", "-1": "against" };
const inWords = (indicator: Indicator): string => `${SAID[String(indicator.polarity)]}, ${indicator.diagnosticity ?? "moderate"}`;

interface CellProps {
  readonly construct: Construct;
  readonly index: number;
  readonly behaviour: string;
  readonly open: boolean;
  readonly onOpen: () => void;
}

function Cell({ construct, index, behaviour, open, onOpen }: CellProps) {
  const draft = useDraft();
  const all = indicatorsOf(construct, behaviour);
  const [first, ...rest] = all.map((each) => each.indicator);
  const found = all.flatMap((each) => draft.foundBelow.value.at(["constructs", index, "indicators", each.index]));
  const words = first ? `${inWords(first)}${isNarrowed(first) ? " *" : ""}` : "–";
  const spoken = all.length > 0 ? all.map((each) => inWords(each.indicator) + (isNarrowed(each.indicator) ? " with modifiers" : "")).join("; ") : "says nothing";
  const kind = first ? (first.polarity > 0 ? "matrix__cell--for" : "matrix__cell--against") : "";
  return (
    <button type="button" class={`matrix__cell ${kind}`} aria-expanded={open} aria-label={`${behaviour} and ${wordsOf(construct.label)}: ${spoken}${found.length > 0 ? `, ${found.length} findings` : ""}`} onClick={onOpen}>
      {words}
      {rest.length > 0 && <span class="matrix__also"> and {rest.length} more</span>}
      <Count found={found} />
    </button>
  );
}

function Panel({ construct, behaviour, onClose }: Chosen & { readonly onClose: () => void }) {
  const draft = useDraft();
  const box = useRef<HTMLElement>(null);
  useLayoutEffect(() => {
    if (target.peek()) arrive(document);
    else box.current?.querySelector<HTMLElement>("button")?.focus({ preventScroll: true });
    box.current?.scrollIntoView({ block: "start" });
  }, []);
  const whole = draft.document.value.constructs?.[construct];
  if (!whole) return null;
  const all = indicatorsOf(whole, behaviour);
  const list: Path = ["constructs", construct, "indicators"];
  const kind = behaviours(draft.document.value).find((each) => each.id === behaviour)?.kind ?? "code";
  const asked = modifiersOf(draft.document.value, behaviour);
  const add = (indicator: Indicator) => draft.change((document) => insert(document, list, indicator));
  const plain = all.filter((each) => !isNarrowed(each.indicator));
  return (
    <section class="matrix__panel" aria-label={`${behaviour} as evidence about ${wordsOf(whole.label)}`} ref={box} onKeyDown={(event) => event.key === "Escape" && onClose()}>
      <h4>{behaviour} and “{wordsOf(whole.label)}”</h4>
      {plain.length === 0 && all.length > 0 && <h5>In general</h5>}
      {plain.length === 0 && <Polarity now={0} onChoose={(polarity) => polarity !== 0 && add({ [kind]: behaviour, polarity })} />}
      {all.map(({ index, indicator }) => <IndicatorFields key={index} list={list} index={index} indicator={indicator} asked={asked} />)}
      <div class="actions">
        {asked.length > 0 && <button type="button" class="button" onClick={() => add({ [kind]: behaviour, polarity: 1, modifiers: firstOf(asked) })}>Add: only with a modifier</button>}
        <button type="button" class="button" onClick={onClose}>Done</button>
      </div>
    </section>
  );
}

/** The modifiers of a code that have options, since only those can narrow an indicator. */
export function modifiersOf(document: DesignDocument, behaviour: string): readonly Modifier[] {
  const codes: readonly Code[] = (document.streams ?? []).flatMap((each) => each.codes ?? []);
  const named = codes.find((each) => each.id === behaviour)?.modifiers ?? [];
  return (document.modifiers ?? []).filter((each) => named.includes(each.id) && (each.options ?? []).length > 0);
}

function firstOf(modifiers: readonly Modifier[]): Readonly<Record<string, string>> {
  const [first] = modifiers;
  const option = first?.options?.[0];
  return first && option ? { [first.id]: option.id } : {};
}

function Polarity({ now, onChoose }: { readonly now: 1 | -1 | 0; readonly onChoose: (polarity: 1 | -1 | 0) => void }) {
  return (
    <div class="cluster" role="group" aria-label="What it says">
      {([[1, "speaks for it"], [0, "says nothing"], [-1, "speaks against it"]] as const).map(([value, words]) => (
        <button key={value} type="button" class={`button ${now === value ? "button--primary" : ""}`} aria-pressed={now === value} onClick={() => onChoose(value)}>{words}</button>
      ))}
    </div>
  );
}

interface IndicatorProps {
  readonly list: Path;
  readonly index: number;
  readonly indicator: Indicator;
  readonly asked: readonly Modifier[];
}

function IndicatorFields({ list, index, indicator, asked }: IndicatorProps) {
  const draft = useDraft();
  const path: Path = [...list, index];
  const choose = (polarity: 1 | -1 | 0) =>
    draft.change((document) => (polarity === 0 ? remove(document, list, index) : put(document, [...path, "polarity"], polarity)));
  return (
    <div class="matrix__indicator" data-at={pointerOf(path)}>
      {isNarrowed(indicator) && <h5>With a modifier</h5>}
      <Unplaced path={path} />
      {isNarrowed(indicator) && <Narrowing path={[...path, "modifiers"]} modifiers={indicator.modifiers ?? {}} asked={asked} />}
      <Polarity now={indicator.polarity} onChoose={choose} />
      <div class="columns">
        <Choose path={[...path, "diagnosticity"]} label="How strongly" choices={[["moderate", "moderately"], ["weak", "weakly"], ["strong", "strongly"]]} />
        <Words path={[...path, "opportunity"]} label="When could it have occurred" />
      </div>
      <Words path={[...path, "rationale"]} label="Why" hint="What makes this behaviour evidence? Somebody who sees it otherwise will read this." long />
    </div>
  );
}

interface NarrowingProps {
  readonly path: Path;
  readonly modifiers: Readonly<Record<string, string>>;
  readonly asked: readonly Modifier[];
}

/** Which answers to the code's modifiers must be given for the indicator to hold. */
function Narrowing({ path, modifiers, asked }: NarrowingProps) {
  const draft = useDraft();
  const set = (id: string, option: string) => {
    const { [id]: _before, ...rest } = modifiers;
    const next = option ? { ...rest, [id]: option } : rest;
    draft.set(path, Object.keys(next).length > 0 ? next : undefined);
  };
  return (
    <div class="columns">
      {asked.map((modifier) => (
        <Field key={modifier.id} path={[...path, modifier.id]} label={`Only when: ${wordsOf(modifier.label) || modifier.id}`}>
          {(id, describedBy) => (
            <select id={id} aria-describedby={describedBy} value={modifiers[modifier.id] ?? ""} onChange={(event) => set(modifier.id, event.currentTarget.value)}>
              <option value="">any</option>
              {(modifier.options ?? []).map((option) => <option key={option.id} value={option.id}>{wordsOf(option.label) || option.id}</option>)}
            </select>
          )}
        </Field>
      ))}
    </div>
  );
}
