/** One stream: who is watched, how time is sampled, and what is coded. */

import { useState } from "preact/hooks";
import type { Code, Rating, Sampling, Stream } from "../../core/framework";
import { confusable, contrast, inkOn, PALETTE, rgbOf } from "./colours";
import { at, behaviourIds, type DesignDocument, idFrom, type Path, put, renameBehaviour, withFreeKey, wordsOf } from "./document";
import { type Choices, Choose, Figure, Line, Lines, Several, Switch, useDraft, Words } from "./fields";
import { Paste } from "./paste";
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
  if (!stream) return null;
  const actors = (draft.document.value.actors ?? []).map((actor) => [actor.id, wordsOf(actor.label)] as const);
  const codes = (stream.codes ?? []).map((code) => [code.id, wordsOf(code.label)] as const);
  return (
    <>
      <h2>{wordsOf(stream.label) || "Stream"}</h2>
      <Words path={[...path, "label"]} label="Name of the stream" />
      <SamplingFields path={[...path, "sampling"]} />
      <Several path={[...path, "actors"]} label="Who is watched" hint="None: the scene as one." choices={actors} />
      <details class="more">
        <summary>Rules of this stream</summary>
        <Switch path={[...path, "exclusive"]} label="One code at a time" hint="Starting one ends the other at the same instant." />
        <Choose path={[...path, "exhaustive"]} label="Is there always a code?" choices={[["open", "No, there may be times without one"], ["always", "Yes, always"]]} />
        {stream.exhaustive === "always" && (
          <Choose path={[...path, "fallback"]} label="Time without a code is" choices={[["", "“not coded”"], ...codes]} />
        )}
        <Choose path={[...path, "target"]} label="At whom is it directed?" choices={[["none", "Not asked"], ["optional", "May be said"], ["required", "Must be said"]]} />
        {(stream.target ?? "none") !== "none" && <Several path={[...path, "target_actors"]} label="Possible targets" choices={actors} />}
        <Choose path={[...path, "out_of_view"]} label="When someone cannot be seen, what goes on" choices={[["split", "ends, and begins anew"], ["suspend", "is one bout with a gap"]]} />
        <Choose path={[...path, "priority_rule"]} label="When two codes compete" choices={[["warn", "Tell the observer"], ["resolve", "The one higher in the order wins"]]} />
      </details>
      <details class="more">
        <summary>How far observers must agree</summary>
        <AgreementFields path={[...path, "agreement"]} />
      </details>
      <h3>Codes</h3>
      <Codes path={path} stream={stream} />
      <h3>Ratings and checklist items</h3>
      <Ratings path={[...path, "ratings"]} />
      <details class="more" open={Boolean(stream.crossed?.length)}>
        <summary>Crossed counts (activity × sex × age …)</summary>
        <Rows<{ id: string; label: string }>
          path={[...path, "crossed"]}
          name={(dimension) => wordsOf(dimension.label) || dimension.id}
          add="Add a dimension"
          empty="No dimensions: counts are by code alone."
          make={() => ({ id: idFrom("dimension", new Set((stream.crossed ?? []).map((each) => each.id))), label: "", options: [] }) as never}
        >
          {(_, place) => (<><Words path={[...place, "label"]} label="Name" /><Options path={[...place, "options"]} /></>)}
        </Rows>
      </details>
    </>
  );
}

function SamplingFields({ path }: { readonly path: Path }) {
  const draft = useDraft();
  const kind = (at(draft.document.value, [...path, "kind"]) as string | undefined) ?? "continuous";
  const has = (...kinds: string[]): boolean => kinds.includes(kind);
  const ratedAt = at(draft.document.value, [...path, "rated_at"]);
  const timed = has("partial-interval", "whole-interval", "predominant-interval", "momentary-scan", "area-count", "beat-or-change", "tally");
  return (
    <fieldset class="field">
      <legend>How time is sampled</legend>
      <Choose path={[...path, "kind"]} label="Regime" choices={REGIMES} onChosen={(chosen) => draft.set(path, USUAL[chosen])} />
      {kind === "partial-interval" && <p class="quiet">The share of intervals in which a code occurred is not the share of time: it is always higher.</p>}
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
        {timed && !has("beat-or-change", "tally") && <Figure path={[...path, "every"]} label="Only each … th" hint="A peer in each fifth: 5." />}
        {timed && !has("beat-or-change", "tally") && <Figure path={[...path, "first"]} label="beginning with number" />}
      </div>
    </fieldset>
  );
}

function AgreementFields({ path }: { readonly path: Path }) {
  return (
    <div class="columns">
      <Choose path={[...path, "unit"]} label="Compared by" keepDefault choices={[["second", "second"], ["interval", "interval"], ["event", "event"], ["utterance", "utterance"], ["scan", "scan"], ["rating", "rating"]]} />
      <Choose path={[...path, "measure"]} label="Measure" choices={[["alpha", "Krippendorff's alpha"], ["kappa", "Cohen's kappa"], ["percent", "per cent"], ["icc", "intraclass correlation"]]} />
      <Figure path={[...path, "level"]} label="At least" hint="Customary: .667 usable, .80 good." />
      <Figure path={[...path, "tolerance_ms"]} label="Tolerance in seconds" scale={1000} />
    </div>
  );
}

function Codes({ path, stream }: { readonly path: Path; readonly stream: Stream }) {
  const draft = useDraft();
  const [pasting, setPasting] = useState(false);
  const alike = confusable(stream.codes ?? []);
  return (
    <>
      {alike.slice(0, 3).map((pair) => (
        <p class="finding finding--warning" key={`${pair.one} ${pair.other}`}>
          The colours of {pair.one} and {pair.other} look alike with {pair.sight}. Choose others, or give them icons.
        </p>
      ))}
      <Rows<Code>
        path={[...path, "codes"]}
        name={(code) => `${code.id}  ${wordsOf(code.label)}`}
        summary={(code) => <CodeSummary code={code} />}
        add="Add a code"
        empty="No codes yet. Add one, or paste rows from a spreadsheet."
        make={() => newCode(draft.document.value, stream)}
      >
        {(code, place) => <CodeFields path={place} code={code} />}
      </Rows>
      <button type="button" class="button" onClick={() => setPasting(!pasting)} aria-expanded={pasting}>Paste rows from a spreadsheet</button>
      {pasting && <Paste path={path} onDone={() => setPasting(false)} />}
    </>
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
  const used = new Set((stream.codes ?? []).map((code) => code.colour));
  const colour = PALETTE.find((each) => !used.has(each));
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
        <Identity path={path} id={code.id} />
        <Choose path={[...path, "type"]} label="Kind" choices={[["point", "Point: only its moment counts"], ["state", "State: it lasts"]]} />
        <Line path={[...path, "key"]} label="Hot key" maxLength={3} />
        <Colour path={[...path, "colour"]} />
        <Line path={[...path, "group"]} label="Group" suggestions={groups} />
      </div>
      <Words path={[...path, "definition"]} label="Definition" hint="So that two people would apply it alike." long />
      <div class="columns">
        <Lines path={[...path, "include"]} label="Include" />
        <Lines path={[...path, "exclude"]} label="Exclude" />
        <Lines path={[...path, "examples"]} label="Examples" />
        <Lines path={[...path, "non_examples"]} label="Not an example, though it looks like one" />
      </div>
      <details class="more">
        <summary>Modifiers, opportunity, guards</summary>
        <Several path={[...path, "modifiers"]} label="Modifiers asked with it" choices={modifiers} />
        <Words path={[...path, "opportunity"]} label="What must be possible for it to occur" />
        <Switch path={[...path, "note_required"]} label="A note is asked each time" />
        <Figure path={[...path, "double_guard_ms"]} label="Two within … seconds may be one" hint="They are flagged, never dropped." scale={1000} />
        <Figure path={[...path, "value"]} label="What it counts for in a score" />
      </details>
    </>
  );
}

/** The id can change while the framework is a draft; everything that speaks of the code follows. */
function Identity({ path, id }: { readonly path: Path; readonly id: string }) {
  const draft = useDraft();
  const [wrong, setWrong] = useState("");
  const rename = (to: string) => {
    if (to === id) return setWrong("");
    if (!/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}$/.test(to)) return setWrong("Letters, digits, _ - . only, 64 at most.");
    if (behaviourIds(draft.document.value).has(to)) return setWrong(`There is a ${to} already.`);
    setWrong("");
    draft.change((document) => renameBehaviour(document, id, to));
  };
  const field = `id-${path.join("-")}`;
  return (
    <div class="field design-field">
      <label for={field}>Code</label>
      <span class="field__hint">Short and lasting; it names the code in every export.</span>
      <input id={field} type="text" value={id} onChange={(event) => rename(event.currentTarget.value.trim())} aria-describedby={`${field}-wrong`} />
      <p class="field__error" id={`${field}-wrong`} role="status">{wrong}</p>
    </div>
  );
}

function Colour({ path }: { readonly path: Path }) {
  const draft = useDraft();
  const value = (at(draft.document.value, path) as string | undefined) ?? "";
  const ratio = rgbOf(value) ? contrast(value, inkOn(value)) : null;
  return (
    <fieldset class="field design-colour">
      <legend>Colour</legend>
      <div class="design-colour__palette">
        {PALETTE.map((each, index) => (
          <label key={each} class={`swatch swatch--${index}`}>
            <input type="radio" name={path.join("-")} checked={value === each} onChange={() => draft.set(path, each)} aria-label={each} />
          </label>
        ))}
        <label class="swatch swatch--other">
          <span class="visually-hidden">Another colour</span>
          <input type="color" value={rgbOf(value) ? value : "#888888"} onChange={(event) => draft.set(path, event.currentTarget.value)} />
        </label>
      </div>
      {ratio !== null && <p class="quiet">Its words read at {ratio.toFixed(1)} to 1{ratio < 7 ? ": too little for sunlight, which needs 7" : ""}.</p>}
    </fieldset>
  );
}

/** Options of a modifier, a variable or a dimension, one in each line: `id  label`, or the label alone. */
export function Options({ path, label = "Options" }: { readonly path: Path; readonly label?: string }) {
  const draft = useDraft();
  const options = (at(draft.document.value, path) ?? []) as readonly { id: string; label: string }[];
  const [words, setWords] = useState<string | null>(null);
  const write = (text: string) => {
    setWords(text);
    const taken = new Set<string>();
    const next = text.split("\n").filter((line) => line.trim() !== "").map((line, index) => {
      const id = options[index]?.id ?? idFrom(line, taken);
      const free = taken.has(id) ? idFrom(line, taken) : id;
      taken.add(free);
      return { id: free, label: line.trim() };
    });
    draft.set(path, next);
  };
  const id = `options-${path.join("-")}`;
  return (
    <div class="field design-field">
      <label for={id}>{label}</label>
      <span class="field__hint">One in each line.</span>
      <textarea id={id} rows={4} value={words ?? options.map((each) => wordsOf(each.label)).join("\n")} onInput={(event) => write(event.currentTarget.value)} onBlur={() => setWords(null)} />
    </div>
  );
}

function Ratings({ path }: { readonly path: Path }) {
  const draft = useDraft();
  return (
    <Rows<Rating>
      path={path}
      name={(rating) => `${rating.id}  ${wordsOf(rating.label)}`}
      summary={(rating) => <span class="tag">{rating.scale ?? "ordinal"}</span>}
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
            <Identity path={place} id={rating.id} />
            <Choose path={[...place, "scale"]} label="Scale" choices={[["ordinal", "Ordered values"], ["number", "A number"], ["yes-no", "Yes or no"]]} />
          </div>
          <Words path={[...place, "definition"]} label="Definition" long />
          {(rating.scale ?? "ordinal") === "ordinal" && <Values path={[...place, "values"]} />}
          {rating.scale === "number" && (
            <div class="columns">
              <Figure path={[...place, "minimum"]} label="At least" />
              <Figure path={[...place, "maximum"]} label="At most" />
              <Line path={[...place, "unit"]} label="Unit" />
            </div>
          )}
          <Switch path={[...place, "cannot_judge_allowed"]} usually label="“Cannot judge” can be answered" />
          <Switch path={[...place, "not_observable_allowed"]} usually label="“Not observable here” can be answered" />
          <Switch path={[...place, "not_applicable_allowed"]} label="“Not applicable” can be answered" />
          <Switch path={[...place, "is_statistic"]} label="It is a figure from elsewhere, not an observation" hint="Source and date are asked with it." />
        </>
      )}
    </Rows>
  );
}

/** The values of a scale, one in each line: `value  label  anchor`, with a bar between label and anchor. */
function Values({ path }: { readonly path: Path }) {
  const draft = useDraft();
  const values = (at(draft.document.value, path) ?? []) as readonly { value: number; label: string; anchor?: string }[];
  const [words, setWords] = useState<string | null>(null);
  const shown = values.map((each) => [each.value, [wordsOf(each.label), wordsOf(each.anchor)].filter(Boolean).join(" | ")].join(" ")).join("\n");
  const write = (text: string) => {
    setWords(text);
    const next = text.split("\n").flatMap((line) => {
      const found = /^\s*([−-]?\d+)\s*(.*)$/.exec(line);
      if (!found) return [];
      const value = Number((found[1] ?? "0").replace("−", "-"));
      const [label = "", anchor = ""] = (found[2] ?? "").split("|").map((each) => each.trim());
      return [{ value, label: label || String(value), ...(anchor ? { anchor } : {}) }];
    });
    draft.set(path, next);
  };
  const id = `values-${path.join("-")}`;
  return (
    <div class="field design-field">
      <label for={id}>Values</label>
      <span class="field__hint">One in each line: the value, its name, and after a bar what it looks like. “-3 hostile | turns away”. Signs and gaps are allowed.</span>
      <textarea id={id} rows={6} value={words ?? shown} onInput={(event) => write(event.currentTarget.value)} onBlur={() => setWords(null)} />
    </div>
  );
}

/** A new stream with a name, a regime and nothing else. */
export function newStream(document: DesignDocument): Stream {
  const id = idFrom("stream", new Set((document.streams ?? []).map((each) => each.id)));
  return { id, label: "New stream" };
}

/** Codes taken from a pasted table, with free ids, keys and colours where the table has none. */
export function addCodes(document: DesignDocument, path: Path, pasted: readonly Code[]): DesignDocument {
  return pasted.reduce<DesignDocument>((now, code) => {
    const stream = at(now, path) as Stream;
    const id = behaviourIds(now).has(code.id) ? idFrom(code.id, behaviourIds(now)) : code.id;
    const colour = code.colour ?? PALETTE[(stream.codes?.length ?? 0) % PALETTE.length];
    const keys = new Set((now.streams ?? []).flatMap((each) => each.codes ?? []).map((each) => each.key ?? ""));
    const whole: Code = { ...code, id, ...(colour ? { colour } : {}) };
    const keyed = whole.key && !keys.has(whole.key) ? whole : withFreeKey(whole, keys);
    return put(now, [...path, "codes"], [...(stream.codes ?? []), keyed]);
  }, document);
}
