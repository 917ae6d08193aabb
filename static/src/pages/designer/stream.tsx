/** One stream: who is watched, how time is sampled, and what is coded. */

import { useId, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Code, Option, Rating, RatingValue, Sampling, Stream } from "../../core/framework";
import { AgreementFields } from "./agreement";
import { confusable, contrast, freeColour, KEY, NAMES, PALETTE, rgbOf, STRIPE_CONTRAST } from "./colours";
import { at, behaviourIds, behaviours, copyOf, type DesignDocument, idFrom, idsOf, insert, move, type Path, put, remove, renameBehaviour, withFreeKey, withWords, wordsIn, wordsOf } from "./document";
import { type Draft, pointerOf } from "./draft";
import { type Choices, Choose, Figure, Findings, Line, Lines, More, Several, Switch, Typed, Unplaced, useDraft, Words, wordsFor } from "./fields";
import { Identity, Named } from "./identity";
import { Order } from "./order";
import { Paste } from "./paste";
import { goTo, place } from "./place";
import { Rows } from "./rows";

const REGIMES: Choices = [
  ["continuous", "Continuously: each event and state as it happens"],
  ["partial-interval", "Partial interval: did it occur at all in the interval"],
  ["whole-interval", "Whole interval: did it fill the interval"],
  ["predominant-interval", "Predominant: which code filled most of the interval"],
  ["momentary-scan", "Momentary scan: what each one does at the moment"],
  ["area-count", "Area count: how many are doing what at the moment"],
  ["observe-record", "Observe, then record, in turn"],
  ["snapshots", "Snapshots at evenly spread moments"],
  ["beat-or-change", "On a beat, and at each change"],
  ["tally", "Tally: anonymous counts"],
  ["rating", "Ratings"],
  ["checklist", "Checklist"],
];

/** What each regime can answer, and what it asks of the observer. */
const SAYS: Readonly<Record<string, string>> = {
  continuous: "Gives counts, durations and order. Asks for undivided attention, so for few codes or few people.",
  "partial-interval": "Gives the share of intervals in which something occurred at all. That is not a share of time: it is always higher.",
  "whole-interval": "Gives the share of intervals that something filled from end to end. It is always lower than the share of time.",
  "predominant-interval": "Gives one code for each interval. Asks for a judgement of what filled most of it.",
  "momentary-scan": "Gives estimates of shares of time, for many people. What is short or rare is missed.",
  "area-count": "Gives how many are doing what, without telling people apart. Good for places.",
  "observe-record": "Gives what occurred while watching; writing has its own time, so nothing is missed by looking down.",
  snapshots: "Gives a picture at evenly spread moments of a lesson or a meeting.",
  "beat-or-change": "Gives a sequence for a transition table: a code on each beat, and one more whenever it changes.",
  tally: "Gives counts of passers-by or events, with nobody told apart.",
  rating: "Gives a judgement of the whole. Anchors make it the same judgement for two people.",
  checklist: "Gives yes, no or not applicable for each item.",
};

/** What a regime begins with; every length can be changed. */
const USUAL: Readonly<Record<string, Sampling | undefined>> = {
  "partial-interval": { kind: "partial-interval", length_ms: 120_000 },
  "whole-interval": { kind: "whole-interval", length_ms: 15_000 },
  "predominant-interval": { kind: "predominant-interval", length_ms: 60_000 },
  "momentary-scan": { kind: "momentary-scan", length_ms: 60_000 },
  "area-count": { kind: "area-count", length_ms: 600_000 },
  "observe-record": { kind: "observe-record", observe_ms: 10_000, record_ms: 10_000 },
  snapshots: { kind: "snapshots", count: 10, over_ms: 2_700_000 },
  "beat-or-change": { kind: "beat-or-change", length_ms: 3_000 },
  tally: { kind: "tally" },
  rating: { kind: "rating", rated_at: "end" },
  checklist: { kind: "checklist", rated_at: "end" },
};

export function StreamSection({ index }: { readonly index: number }) {
  const draft = useDraft();
  const path: Path = ["streams", index];
  const stream = at(draft.document.value, path) as Stream | undefined;
  if (!stream) return <NoStream />;
  const ofAll = draft.foundBelow.value.at(["streams"]).filter((each) => each.path === "/streams");
  const actors = (draft.document.value.actors ?? []).map((actor) => [actor.id, wordsOf(actor.label)] as const);
  const codes = (stream.codes ?? []).map((code) => [code.id, wordsOf(code.label)] as const);
  return (
    <>
      <div class="designer__head">
        <h2>{wordsOf(stream.label) || "Stream"}</h2>
        <StreamActions index={index} />
      </div>
      <div data-at="/streams"><Findings found={ofAll} /></div>
      <Unplaced path={path} />
      <Named path={path} label="Name of the stream" unnamed="stream" />
      <SamplingFields path={[...path, "sampling"]} />
      <Several path={[...path, "actors"]} label="Who is watched" hint="None: the scene as one." choices={actors} />
      <More summary="Rules of this stream">
        <Switch path={[...path, "exclusive"]} label="One code at a time" hint="Starting one ends the other at the same instant." />
        <div class="columns">
          <Choose path={[...path, "exhaustive"]} label="Is there always a code?" choices={[["open", "No, there may be times without one"], ["always", "Yes, always"]]} />
          {stream.exhaustive === "always" && (
            <Choose path={[...path, "fallback"]} label="Time without a code is" choices={[["", "“not coded”"], ...codes]} />
          )}
          <Choose path={[...path, "out_of_view"]} label="When someone cannot be seen, what goes on" choices={[["split", "ends, and begins anew"], ["suspend", "is one bout with a gap"]]} />
          <Choose path={[...path, "target"]} label="At whom is it directed?" choices={[["none", "Not asked"], ["optional", "May be said"], ["required", "Must be said"]]} />
          <Choose path={[...path, "priority_rule"]} label="When two codes compete" choices={[["warn", "Tell the observer"], ["resolve", "The one higher in the order wins"]]} />
        </div>
        {(stream.target ?? "none") !== "none" && <Several path={[...path, "target_actors"]} label="Possible targets" choices={actors} />}
        <Order path={[...path, "priority"]} label="Order when codes compete" hint="The uppermost goes before all others." choices={codes} />
      </More>
      <More summary="How far observers must agree">
        <AgreementFields path={[...path, "agreement"]} stream={stream} />
      </More>
      <h3 data-at={pointerOf([...path, "codes"])}>Codes</h3>
      <Codes path={path} stream={stream} />
      <h3>Ratings and checklist items</h3>
      <Ratings path={[...path, "ratings"]} />
      <More summary="Crossed counts (activity × sex × age …)" open={Boolean(stream.crossed?.length)}>
        <Rows<{ id: string; label: string }>
          path={[...path, "crossed"]}
          name={(dimension) => wordsOf(dimension.label) || dimension.id}
          add="Add a dimension"
          empty="No dimensions: counts are by code alone."
          make={() => ({ id: idFrom("dimension", new Set((stream.crossed ?? []).map((each) => each.id))), label: "", options: [] }) as never}
        >
          {(_, place) => (<><Named path={place} label="Name" unnamed="dimension" /><Options path={[...place, "options"]} /></>)}
        </Rows>
      </More>
    </>
  );
}

/** A stream's own place among the streams, and its end. */
function StreamActions({ index }: { readonly index: number }) {
  const draft = useDraft();
  const count = draft.document.value.streams?.length ?? 0;
  const shift = (to: number) => {
    draft.change((document) => move(document, ["streams"], index, to));
    place.value = `streams/${to}`;
  };
  const end = () => {
    draft.change((document) => remove(document, ["streams"], index));
    draft.said.value = "The stream is removed. Undo brings it back.";
    place.value = count > 1 ? `streams/${Math.max(0, index - 1)}` : "about";
  };
  return (
    <div class="cluster">
      {count > 1 && <button type="button" class="button button--quiet" disabled={index === 0} onClick={() => shift(index - 1)}>Earlier</button>}
      {count > 1 && <button type="button" class="button button--quiet" disabled={index === count - 1} onClick={() => shift(index + 1)}>Later</button>}
      <button type="button" class="button button--quiet" onClick={end}>Remove this stream</button>
    </div>
  );
}

function SamplingFields({ path }: { readonly path: Path }) {
  const draft = useDraft();
  const kind = (at(draft.document.value, [...path, "kind"]) as string | undefined) ?? "continuous";
  const has = (...kinds: string[]): boolean => kinds.includes(kind);
  const ratedAt = at(draft.document.value, [...path, "rated_at"]);
  const timed = has("partial-interval", "whole-interval", "predominant-interval", "momentary-scan", "area-count", "beat-or-change", "tally");
  const picked = !has("continuous", "snapshots", "beat-or-change", "tally");
  return (
    <fieldset class="field" data-at={pointerOf(path)}>
      <Findings found={draft.foundBelow.value.at(path).filter((each) => each.path === pointerOf(path))} />
      <legend>How time is sampled</legend>
      <Choose path={[...path, "kind"]} label="Regime" choices={REGIMES} onChosen={(chosen) => draft.set(path, USUAL[chosen])} />
      <p class="quiet design-regime">{SAYS[kind]}</p>
      <div class="columns">
        {timed && <Figure path={[...path, "length_ms"]} label="Every … seconds" scale={1000} minimum={0} />}
        {has("observe-record") && <Figure path={[...path, "observe_ms"]} label="Observe for … seconds" scale={1000} />}
        {has("observe-record") && <Figure path={[...path, "record_ms"]} label="Record for … seconds" scale={1000} />}
        {has("snapshots") && <Figure path={[...path, "count"]} label="How many snapshots" />}
        {has("snapshots") && <Figure path={[...path, "over_ms"]} label="Spread over … minutes" scale={60_000} />}
        {has("rating", "checklist") && (
          <Choose path={[...path, "rated_at"]} label="When" keepDefault choices={[["end", "At the end"], ["start", "At the start"], ["interval", "After each interval"], ["any", "At any time"]]} />
        )}
        {has("rating", "checklist") && ratedAt === "interval" && <Figure path={[...path, "length_ms"]} label="Every … seconds" scale={1000} />}
        {!has("continuous", "beat-or-change", "tally") && <Figure path={[...path, "lead_in_ms"]} label="Prompt … seconds before" scale={1000} />}
        {has("momentary-scan", "area-count", "snapshots") && <Figure path={[...path, "late_after_ms"]} label="Late after … seconds" scale={1000} />}
        {has("momentary-scan", "area-count", "snapshots") && <Figure path={[...path, "missed_after_ms"]} label="Missed after … seconds" scale={1000} />}
        {picked && <Figure path={[...path, "every"]} label="Use one interval in …" hint="1: each of them. 5: each fifth." minimum={1} />}
        {picked && <Figure path={[...path, "first"]} label="Beginning with number" hint="1: the first." minimum={1} />}
      </div>
      {(picked || kind === "continuous") && <Rotation path={[...path, "rotation"]} />}
      <Unplaced path={path} />
    </fieldset>
  );
}

const FIVE_MINUTES = 300_000;

/** Watching one after the other for a set time each. */
function Rotation({ path }: { readonly path: Path }) {
  const draft = useDraft();
  const rotation = at(draft.document.value, path);
  return (
    <div data-at={pointerOf(path)}>
      <div class="choice design-switch">
        <input id="rotation" type="checkbox" checked={Boolean(rotation)} onChange={(event) => draft.set(path, event.currentTarget.checked ? { dwell_ms: FIVE_MINUTES } : undefined)} />
        <label for="rotation">Watch one person after another<span class="field__hint">The recorder says whom to watch now, and when to go on.</span></label>
      </div>
      {Boolean(rotation) && (
        <div class="columns">
          <Figure path={[...path, "dwell_ms"]} label="Minutes with each" scale={60_000} minimum={0} />
          <Choose path={[...path, "order"]} label="In the order" choices={[["roster", "of the roster"], ["shuffled", "shuffled for each session"]]} />
        </div>
      )}
      <Unplaced path={path} />
    </div>
  );
}

/** Beyond this, colours cannot tell all codes apart anyway. */
const MANY_CODES = 60;

function Codes({ path, stream }: { readonly path: Path; readonly stream: Stream }) {
  const draft = useDraft();
  const [pasting, setPasting] = useState(false);
  const opener = useRef<HTMLButtonElement>(null);
  const came = useRef<number | null>(null);
  const codes = stream.codes ?? [];
  const done = (added: boolean) => {
    came.current = added ? codes.length : null;
    setPasting(false);
    if (!added) opener.current?.focus();
  };
  useLayoutEffect(() => {
    if (came.current === null || pasting) return;
    const first = pointerOf([...path, "codes", came.current]);
    came.current = null;
    document.querySelector<HTMLElement>(`[data-at="${first}"] .row__open`)?.focus();
  });
  const colours = codes.map((code) => `${code.id} ${code.colour ?? ""}`).join("|");
  const alike = useMemo(() => (codes.length <= MANY_CODES ? confusable(codes) : []), [colours]);
  return (
    <>
      {codes.length > MANY_ROWS && <FindCode path={[...path, "codes"]} codes={codes} />}
      {alike.slice(0, 3).map((pair) => (
        <p class="finding finding--warning" key={`${pair.one} ${pair.other}`}>
          The colours of {pair.one} and {pair.other} look alike with {pair.sight}. Choose others, or give them icons.
        </p>
      ))}
      <Rows<Code>
        path={[...path, "codes"]}
        id={(code) => code.id}
        name={(code) => wordsOf(code.label)}
        summary={(code) => <CodeSummary code={code} />}
        copy={(code) => copyOf(draft.document.value, code)}
        add="Add a code"
        empty="No codes yet. Add one, or paste rows from a spreadsheet."
        make={() => newCode(draft.document.value, stream)}
      >
        {(code, place) => <CodeFields path={place} code={code} />}
      </Rows>
      <button type="button" class="button" ref={opener} onClick={() => setPasting(!pasting)} aria-expanded={pasting}>Paste rows from a spreadsheet</button>
      {pasting && <Paste path={path} onDone={done} />}
    </>
  );
}

/** More codes than fit on a screen are reached by a part of their name. */
const MANY_ROWS = 24;

function FindCode({ path, codes }: { readonly path: Path; readonly codes: readonly Code[] }) {
  const id = useId();
  const named = codes.map((code) => `${code.id} ${wordsOf(code.label)}`);
  const go = (typed: string) => {
    const wanted = typed.trim().toLowerCase();
    const exact = named.findIndex((each) => each.toLowerCase() === wanted);
    const index = exact === -1 ? named.findIndex((each) => each.toLowerCase().includes(wanted)) : exact;
    if (wanted && index !== -1) goTo(pointerOf([...path, index, "label"]));
  };
  return (
    <div class="field find-code">
      <label for={id}>Find a code</label>
      <input id={id} type="search" list={`${id}-list`} onChange={(event) => {
        go(event.currentTarget.value);
        event.currentTarget.value = "";
      }} />
      <datalist id={`${id}-list`}>{named.map((each) => <option key={each} value={each} />)}</datalist>
    </div>
  );
}

function CodeSummary({ code }: { readonly code: Code }) {
  return (
    <>
      <span class={`tag ${code.type === "state" ? "tag--accent" : ""}`}>{code.type ?? "point"}</span>
      {code.key && <kbd>{code.key}</kbd>}
      <span class="row__words">{wordsOf(code.definition) || "no definition yet"}</span>
    </>
  );
}

/** A new code with an id, a free key and a free colour, so that it can be tapped at once. */
function newCode(document: DesignDocument, stream: Stream): Code {
  const taken = new Set((document.streams ?? []).flatMap((each) => each.codes ?? []).map((code) => code.key ?? ""));
  const colour = freeColour(stream.codes ?? []);
  const id = idFrom(`code ${(stream.codes ?? []).length + 1}`, behaviourIds(document));
  const code: Code = { id, label: "New code", ...(colour ? { colour } : {}) };
  return withFreeKey(stream.exclusive ? { ...code, type: "state" } : code, taken);
}

function CodeFields({ path, code }: { readonly path: Path; readonly code: Code }) {
  const draft = useDraft();
  const groups = [...new Set((draft.document.value.streams ?? []).flatMap((each) => each.codes ?? []).flatMap((each) => each.group ?? []))];
  const modifiers = (draft.document.value.modifiers ?? []).map((each) => [each.id, wordsOf(each.label)] as const);
  return (
    <>
      <div class="columns">
        <Words path={[...path, "label"]} label="Name on the button" />
        <BehaviourId path={path} id={code.id} label="Code" />
        <Choose path={[...path, "type"]} label="Kind" choices={[["point", "Point: only its moment counts"], ["state", "State: it lasts"]]} />
        <Line path={[...path, "key"]} label="Hot key" maxLength={3} />
      </div>
      <Words path={[...path, "definition"]} label="Definition" hint="So that two people would apply it alike." long />
      <div class="columns">
        <Lines path={[...path, "include"]} label="Include" />
        <Lines path={[...path, "exclude"]} label="Exclude" />
        <Lines path={[...path, "examples"]} label="Examples" />
        <Lines path={[...path, "non_examples"]} label="Not an example, though it looks like one" />
      </div>
      <div class="columns">
        <Colour path={[...path, "colour"]} />
        <Line path={[...path, "icon"]} label="Sign on the button" hint="A letter or an emoji, for those to whom colours look alike." maxLength={4} />
        <Line path={[...path, "group"]} label="Group" suggestions={groups} />
      </div>
      <More summary="Modifiers, opportunity, guards">
        <Several path={[...path, "modifiers"]} label="Modifiers asked with it" choices={modifiers} />
        <Words path={[...path, "opportunity"]} label="What must be possible for it to occur" hint="Empty: it can always occur." />
        <Switch path={[...path, "note_required"]} label="A note is asked each time" />
        <Figure path={[...path, "double_guard_ms"]} label="Two within … seconds may be one" hint="They are flagged, never dropped." scale={1000} />
        <Figure path={[...path, "value"]} label="What it counts for in a score" />
      </More>
    </>
  );
}

/** The id of a code or rating, which no other code or rating of the framework may have. */
function BehaviourId({ path, id, label }: { readonly path: Path; readonly id: string; readonly label: string }) {
  const draft = useDraft();
  return <Identity path={path} id={id} label={label} taken={behaviourIds(draft.document.value)} onRename={(to) => draft.change((document) => renameBehaviour(document, id, to))} />;
}

function Colour({ path }: { readonly path: Path }) {
  const draft = useDraft();
  const value = (at(draft.document.value, path) as string | undefined) ?? "";
  const ratio = rgbOf(value) ? contrast(value, KEY) : null;
  return (
    <fieldset class="field design-colour" data-at={pointerOf(path)}>
      <legend>Colour</legend>
      <div class="design-colour__palette">
        {PALETTE.map((each, index) => (
          <label key={each} class={`swatch swatch--${index}`}>
            <input type="radio" name={path.join("-")} checked={value === each} onChange={() => draft.set(path, each)} aria-label={NAMES[each]} title={NAMES[each]} />
          </label>
        ))}
        <label class="swatch swatch--other">
          <span class="visually-hidden">Another colour</span>
          <input type="color" value={rgbOf(value) ? value : "#888888"} onChange={(event) => draft.set(path, event.currentTarget.value)} />
        </label>
      </div>
      {ratio !== null && ratio < STRIPE_CONTRAST && <p class="quiet">Pale on a light key: {ratio.toFixed(1)} to 1, where {STRIPE_CONTRAST} is easily seen.</p>}
      <Findings found={draft.foundBelow.value.at(path)} />
    </fieldset>
  );
}

/** Options of a modifier, a variable or a dimension, one in each line. An option keeps its id and its words in other languages. */
export function Options({ path, label = "Options" }: { readonly path: Path; readonly label?: string }) {
  const languages = useDraft().languages.value;
  return (
    <Typed
      path={path}
      label={label}
      hint="One in each line."
      rows={4}
      show={(item, language) => wordsIn((item as Option).label, languages, language)}
      read={(before, language, words) => optionsFrom(before as readonly Option[], languages, language, words)}
    />
  );
}

/** Options out of lines: one that is only moved, or stands after one taken away, keeps its id. Only the first language adds and takes away. */
export function optionsFrom(before: readonly Option[], languages: readonly string[], language: string, words: string): readonly Option[] {
  const lines = words.split("\n").map((line) => line.trim());
  if (language !== languages[0]) return before.map((option, index) => ({ ...option, label: withWords(option.label, languages, language, lines[index] ?? "") ?? "" }));
  const typed = lines.filter(Boolean);
  const named = new Map(before.map((option) => [wordsIn(option.label, languages, language), option]));
  const found = typed.map((line, index) => (typed.indexOf(line) === index ? named.get(line) : undefined));
  const taken = new Set(found.flatMap((option) => option?.id ?? []));
  return typed.map((line, index) => {
    const here = before[index];
    const old = found[index] ?? (here && !taken.has(here.id) ? here : undefined);
    const id = old?.id ?? idFrom(line, taken);
    taken.add(id);
    return { id, label: withWords(old?.label, languages, language, line) ?? "" };
  });
}

const SCALES: Choices = [["ordinal", "Ordered values"], ["number", "A number"], ["yes-no", "Yes or no"]];

function Ratings({ path }: { readonly path: Path }) {
  const draft = useDraft();
  return (
    <Rows<Rating>
      path={path}
      id={(rating) => rating.id}
      name={(rating) => wordsOf(rating.label)}
      summary={(rating) => <span class="tag">{wordsFor(SCALES, rating.scale ?? "ordinal")}</span>}
      add="Add a rating"
      empty="No ratings in this stream."
      make={() => ({
        id: idFrom("rating", behaviourIds(draft.document.value)),
        label: "New rating",
        values: [1, 2, 3, 4, 5].map((value) => ({ value, label: String(value) })),
      })}
    >
      {(rating, place) => (
        <>
          <div class="columns">
            <Words path={[...place, "label"]} label="What is rated" />
            <BehaviourId path={place} id={rating.id} label="Code" />
            <Choose path={[...place, "scale"]} label="Scale" choices={SCALES} />
          </div>
          <Words path={[...place, "definition"]} label="Definition" hint="What to look at, and what to leave out of the judgement." long />
          {(rating.scale ?? "ordinal") === "ordinal" && <Values path={[...place, "values"]} />}
          {rating.scale === "number" && (
            <div class="columns">
              <Figure path={[...place, "minimum"]} label="At least" />
              <Figure path={[...place, "maximum"]} label="At most" />
              <Line path={[...place, "unit"]} label="Unit" />
            </div>
          )}
          <Choose path={[...place, "part_of"]} label="Weighed up into" hint="By judgement, not by a formula." choices={[["", "nothing"], ...otherRatings(draft.document.value, rating.id)]} />
          <Switch path={[...place, "cannot_judge_allowed"]} usually label="“Cannot judge” can be answered" />
          <Switch path={[...place, "not_observable_allowed"]} usually label="“Not observable here” can be answered" />
          <Switch path={[...place, "not_applicable_allowed"]} label="“Not applicable” can be answered" />
          <Switch path={[...place, "is_statistic"]} label="It is a figure from elsewhere, not an observation" hint="Source and date are asked with it." />
        </>
      )}
    </Rows>
  );
}

const otherRatings = (document: DesignDocument, id: string): Choices =>
  behaviours(document).filter((each) => each.kind === "rating" && each.id !== id).map((each) => [each.id, `${each.id} ${each.label}`] as const);

/** The values of a scale, one in each line: the value, its name, and what it looks like behind a bar. */
function Values({ path }: { readonly path: Path }) {
  const languages = useDraft().languages.value;
  return (
    <Typed
      path={path}
      label="Values"
      hint="One in each line: the value, its name, and after a bar what it looks like. “-3 hostile | turns away”. Signs and gaps are allowed."
      rows={6}
      show={(item, language) => valueInWords(item as RatingValue, languages, language)}
      read={(before, language, words) => valuesFrom(before as readonly RatingValue[], languages, language, words)}
    />
  );
}

function valueInWords(value: RatingValue, languages: readonly string[], language: string): string {
  const [label, anchor] = [wordsIn(value.label, languages, language), wordsIn(value.anchor, languages, language)];
  return `${value.value} ${label}${anchor ? ` | ${anchor}` : ""}`.trimEnd();
}

/** Values out of lines; a value keeps its words in the other languages. */
export function valuesFrom(before: readonly RatingValue[], languages: readonly string[], language: string, words: string): readonly RatingValue[] {
  const old = new Map(before.map((each) => [each.value, each]));
  const typed = words.split("\n").flatMap((line) => {
    const found = /^\s*([−-]?\d+)\s*(.*)$/.exec(line);
    if (!found) return [];
    const value = Number((found[1] ?? "0").replace("−", "-"));
    const [label = "", anchor = ""] = (found[2] ?? "").split("|").map((each) => each.trim());
    const was = old.get(value);
    const named = withWords(was?.label, languages, language, label || String(value)) ?? String(value);
    const { anchor: _before, ...rest } = { ...was, value, label: named };
    const shown = withWords(was?.anchor, languages, language, anchor);
    return [shown === undefined ? rest : { ...rest, anchor: shown }];
  });
  if (language === languages[0]) return typed;
  const by = new Map(typed.map((each) => [each.value, each]));
  return before.map((each) => by.get(each.value) ?? each);
}

/** A new stream at the end, open, with a name, a regime and nothing else. */
export function addStream(draft: Draft): void {
  const count = draft.document.value.streams?.length ?? 0;
  draft.change((document) => insert(document, ["streams"], { id: idFrom("stream", idsOf(document.streams)), label: "New stream" }));
  place.value = `streams/${count}`;
}

function NoStream() {
  const draft = useDraft();
  return (
    <>
      <h2>Streams</h2>
      <div class="empty" data-at="/streams">
        <h3>There is no stream yet</h3>
        <p>A stream is one track of watching: whom, how time is sampled, and which codes. Several can run side by side, each in its own way.</p>
        <button type="button" class="button button--primary" onClick={() => addStream(draft)}>Add the first stream</button>
      </div>
    </>
  );
}

/** Codes taken from a pasted table, with free ids, keys and colours where the table has none. */
export function addCodes(document: DesignDocument, path: Path, pasted: readonly Code[]): DesignDocument {
  return pasted.reduce<DesignDocument>((now, code) => {
    const stream = at(now, path) as Stream;
    const id = behaviourIds(now).has(code.id) ? idFrom(code.id, behaviourIds(now)) : code.id;
    const colour = code.colour ?? freeColour(stream.codes ?? []);
    const keys = new Set((now.streams ?? []).flatMap((each) => each.codes ?? []).map((each) => each.key ?? ""));
    const whole: Code = { ...code, id, ...(colour ? { colour } : {}) };
    const keyed = whole.key && !keys.has(whole.key) ? whole : withFreeKey(whole, keys);
    return put(now, [...path, "codes"], [...(stream.codes ?? []), keyed]);
  }, document);
}
