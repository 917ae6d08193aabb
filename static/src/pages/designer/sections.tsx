/** The sections of the designer but the streams: what it is about, who is seen, what it may be evidence for. */

import { useState } from "preact/hooks";
import type { Actor, Link, Modifier, Variable } from "../../core/framework";
import { behaviours, type Construct, type DesignDocument, type Formula, idFrom, idsOf, type Indicator, indicatorOf, type Path, put, remove, wordsOf } from "./document";
import { findingsBelow } from "./draft";
import { Choose, Figure, Findings, Line, Lines, Several, Switch, useDraft, Words } from "./fields";
import { Rows } from "./rows";
import { Options } from "./stream";

export function AboutSection() {
  const draft = useDraft();
  const languages = draft.languages.value.join(", ");
  return (
    <>
      <h2>The question</h2>
      <Words path={["title"]} label="Title" />
      <Words path={["purpose"]} label="The question under enquiry" hint="What do you want to understand by watching?" long />
      <div class="columns">
        <Lines path={["attend_to"]} label="What to attend to" />
        <Lines path={["leave_out"]} label="What to leave out" />
      </div>
      <Lines path={["assumptions"]} label="What the observers bring with them" hint="Assumptions, hopes, roles. One in each line." />
      <div class="columns">
        <Words path={["intended_use"]} label="Intended use" long />
        <Words path={["limits"]} label="Limits" long />
      </div>
      <div class="columns">
        <Figure path={["planned_ms"]} label="Planned length of a session in minutes" scale={60_000} />
        <div class="field design-field">
          <label for="languages">Languages</label>
          <span class="field__hint">Tags, separated by commas; the first is the one to fall back on.</span>
          <input id="languages" type="text" value={languages} onChange={(event) => draft.set(["languages"], tags(event.currentTarget.value))} />
        </div>
      </div>
      <Switch path={["covert"]} label="The people observed are not told at the time" hint="Recorded with every session, and asked about in consent." />
    </>
  );
}

function tags(words: string): readonly string[] | undefined {
  const found = words.split(/[\s,]+/).filter(Boolean);
  return found.length > 0 && !(found.length === 1 && found[0] === "en") ? found : undefined;
}

export function RightsSection() {
  return (
    <>
      <h2>Source and rights</h2>
      <Choose path={["rights", "status"]} label="Whose words are these?" choices={[["own", "Our own"], ["open-licence", "Under an open licence"], ["facts-reworded", "Facts of a published instrument, in our words"], ["user-supplied-only", "Somebody else's: kept here, never published"]]} />
      <Line path={["source", "citation"]} label="Citation" />
      <Line path={["source", "url"]} label="Address" />
      <Line path={["rights", "licence"]} label="Licence" />
      <Line path={["rights", "attribution"]} label="Attribution" />
      <Line path={["rights", "trademark"]} label="Trademark" />
      <Line path={["rights", "note"]} label="Note" />
    </>
  );
}

export function ActorsSection() {
  const draft = useDraft();
  return (
    <>
      <h2>Who can be seen</h2>
      <Rows<Actor>
        path={["actors"]}
        name={(actor) => wordsOf(actor.label) || actor.id}
        summary={(actor) => <span class="tag">{actor.seen_as ?? "named"}</span>}
        add="Add someone"
        empty="Nobody yet: codes will be about the scene as one."
        make={() => ({ id: idFrom("actor", idsOf(draft.document.value.actors)), label: "" })}
      >
        {(_, path) => (
          <div class="columns">
            <Words path={[...path, "label"]} label="Who" />
            <Choose path={[...path, "kind"]} label="What they are" choices={[["person", "Person"], ["role", "Role"], ["group", "Group"], ["place", "Place"], ["case", "Case"], ["everyone", "Everyone"]]} />
            <Choose path={[...path, "seen_as"]} label="Told apart" choices={[["named", "by pseudonym, from the roster"], ["counted", "not at all: anonymous counts"], ["on-the-fly", "made while observing"], ["as-one", "not needed: seen as one"]]} />
          </div>
        )}
      </Rows>
    </>
  );
}

export function ModifiersSection() {
  const draft = useDraft();
  return (
    <>
      <h2>Modifiers</h2>
      <p class="lead">More about one occurrence: how loudly, with what, for whom. Codes say which of these they ask for.</p>
      <Rows<Modifier>
        path={["modifiers"]}
        name={(modifier) => wordsOf(modifier.label) || modifier.id}
        summary={(modifier) => <span class="tag">{modifier.kind ?? "one-of"}</span>}
        add="Add a modifier"
        empty="No modifiers."
        make={() => ({ id: idFrom("modifier", idsOf(draft.document.value.modifiers)), label: "", options: [] })}
      >
        {(modifier, path) => (
          <>
            <div class="columns">
              <Words path={[...path, "label"]} label="Question" />
              <Choose path={[...path, "kind"]} label="Answer" choices={[["one-of", "One of"], ["several-of", "Several of"], ["ordered", "One of, in order"], ["number", "A number"], ["text", "Words"], ["actor", "Someone"]]} />
              <Choose path={[...path, "asked_at"]} label="Asked" choices={[["start", "when it begins"], ["stop", "when it ends"]]} />
            </div>
            {["one-of", "several-of", "ordered"].includes(modifier.kind ?? "one-of") && <Options path={[...path, "options"]} />}
            {modifier.kind === "number" && (
              <div class="columns">
                <Figure path={[...path, "minimum"]} label="At least" />
                <Figure path={[...path, "maximum"]} label="At most" />
                <Line path={[...path, "unit"]} label="Unit" />
              </div>
            )}
            <Switch path={[...path, "required"]} label="Must be answered" />
          </>
        )}
      </Rows>
    </>
  );
}

export function VariablesSection() {
  const draft = useDraft();
  return (
    <>
      <h2>Variables</h2>
      <p class="lead">What is true of a whole session, a subject or a place: the course, the weather, the age band.</p>
      <Rows<Variable>
        path={["variables"]}
        name={(variable) => wordsOf(variable.label) || variable.id}
        summary={(variable) => <span class="tag">{variable.of ?? "session"}</span>}
        add="Add a variable"
        empty="No variables."
        make={() => ({ id: idFrom("variable", idsOf(draft.document.value.variables)), label: "" })}
      >
        {(variable, path) => (
          <>
            <div class="columns">
              <Words path={[...path, "label"]} label="Name" />
              <Choose path={[...path, "of"]} label="Of" choices={[["session", "the session"], ["subject", "each subject"], ["setting", "the place"]]} />
              <Choose path={[...path, "kind"]} label="Kind" choices={[["text", "Words"], ["number", "Number"], ["one-of", "One of"], ["date", "Date"], ["yes-no", "Yes or no"]]} />
              {variable.kind === "number" && <Line path={[...path, "unit"]} label="Unit" />}
            </div>
            {variable.kind === "one-of" && <Options path={[...path, "options"]} />}
            <Switch path={[...path, "required"]} label="Must be given" />
            <Switch path={[...path, "sensitive"]} label="Sensitive: left out of exports unless asked for" />
          </>
        )}
      </Rows>
    </>
  );
}

const codeChoices = (document: DesignDocument) =>
  behaviours(document).filter((each) => each.kind === "code").map((each) => [each.id, `${each.id} ${each.label}`] as const);

export function LinksSection() {
  const draft = useDraft();
  const codes = codeChoices(draft.document.value);
  return (
    <>
      <h2>Links</h2>
      <p class="lead">One event answers another: question and answer, request and compliance.</p>
      <Rows<Link>
        path={["links"]}
        name={(link) => wordsOf(link.label) || link.id}
        add="Add a link"
        empty="No links."
        make={() => ({ id: idFrom("link", idsOf(draft.document.value.links)), label: "", from_codes: [], to_codes: [] })}
      >
        {(_, path) => (
          <>
            <div class="columns">
              <Words path={[...path, "label"]} label="Name" />
              <Figure path={[...path, "within_ms"]} label="Within … seconds" scale={1000} />
              <Choose path={[...path, "if_none"]} label="When nothing follows" choices={[["", "“no answer”"], ...codes]} />
            </div>
            <Several path={[...path, "from_codes"]} label="From" choices={codes} />
            <Several path={[...path, "to_codes"]} label="To" choices={codes} />
          </>
        )}
      </Rows>
    </>
  );
}

const MEASURES = [
  ["duration", "Duration"], ["count", "Count"], ["intervals", "Intervals with a tick"], ["ticks", "Ticks"], ["scans", "Scans"], ["persons", "Persons counted"],
  ["rating", "Rating"], ["value", "Values of the codes"], ["observed-time", "Observed time"], ["observed-intervals", "Observed intervals"], ["sessions", "Sessions"],
] as const;

function TermFields({ path, label }: { readonly path: Path; readonly label: string }) {
  const draft = useDraft();
  const streams = (draft.document.value.streams ?? []).map((each) => [each.id, wordsOf(each.label)] as const);
  const codes = codeChoices(draft.document.value);
  return (
    <fieldset class="field">
      <legend>{label}</legend>
      <div class="columns">
        <Choose path={[...path, "measure"]} label="Measure" keepDefault choices={MEASURES} />
        <Choose path={[...path, "stream"]} label="Of the stream" choices={[["", "any"], ...streams]} />
      </div>
      <Several path={[...path, "codes"]} label="Of these codes" hint="None: all of the stream." choices={codes} />
      <Several path={[...path, "except_codes"]} label="Without these" choices={codes} />
    </fieldset>
  );
}

export function FormulasSection() {
  const draft = useDraft();
  return (
    <>
      <h2>Figures</h2>
      <p class="lead">Named figures with their denominators, so that nobody has to guess what a percentage is of.</p>
      <Rows<Formula>
        path={["formulas"]}
        name={(formula) => wordsOf(formula.label) || formula.id}
        add="Add a figure"
        empty="No figures of the framework's own: the usual ones (rate, duration, share of observed time) are always there."
        make={() => ({ id: idFrom("figure", idsOf(draft.document.value.formulas)), label: "", numerator: { measure: "duration" }, denominator: { measure: "observed-time" } })}
      >
        {(_, path) => (
          <>
            <Words path={[...path, "label"]} label="Name" />
            <TermFields path={[...path, "numerator"]} label="Numerator" />
            <TermFields path={[...path, "denominator"]} label="Denominator" />
            <div class="columns">
              <Line path={[...path, "unit"]} label="Unit of averaging" suggestions={["session", "subject", "setting", "pooled"]} hint="session, subject, setting, pooled, or variable:<id>" />
              <Choose path={[...path, "average"]} label="Average" choices={[["mean", "Mean"], ["median", "Median"], ["sum", "Sum"], ["pooled", "Pooled"]]} />
              <Choose path={[...path, "weights"]} label="Each unit weighs" choices={[["none", "the same"], ["exposure", "by its denominator"]]} />
              <Choose path={[...path, "per"]} label="Given as" choices={[["proportion", "proportion"], ["percent", "per cent"], ["per-hour", "per hour"], ["per-minute", "per minute"], ["ratio", "plain ratio"]]} />
            </div>
          </>
        )}
      </Rows>
    </>
  );
}

export function ConstructsSection() {
  const draft = useDraft();
  return (
    <>
      <h2>What it may be evidence for</h2>
      <p class="lead">
        Attitudes, values or beliefs under enquiry. Say beforehand which behaviour would speak for them, which against, and what else could explain it.
        Nothing is added up into a total.
      </p>
      <Rows<Construct>
        path={["constructs"]}
        name={(construct) => wordsOf(construct.label) || construct.id}
        summary={(construct) => <span class="row__words">{(construct.indicators ?? []).length} indicators, {(construct.rivals ?? []).length} rivals</span>}
        add="Add a construct"
        empty="No constructs: the framework describes, and reads no attitudes out of what was seen."
        make={() => ({ id: idFrom("construct", idsOf(draft.document.value.constructs)), label: "" })}
      >
        {(construct, path) => (
          <>
            <Words path={[...path, "label"]} label="Name" />
            <Words path={[...path, "definition"]} label="Definition" long />
            <h3>Rival explanations</h3>
            <Rows
              path={[...path, "rivals"]}
              name={(rival: { id: string; label: string }) => wordsOf(rival.label) || rival.id}
              add="Add a rival"
              empty="None named yet. What else could make people act so?"
              make={() => ({ id: idFrom("rival", idsOf(construct.rivals)), label: "" })}
            >
              {(_, place) => (<><Words path={[...place, "label"]} label="Rival" /><Words path={[...place, "description"]} label="How it would show" long /></>)}
            </Rows>
            <details class="more">
              <summary>Minimum evidence</summary>
              <div class="columns">
                {["sessions", "situations", "codes", "events", "observers"].map((each) => <Figure key={each} path={[...path, "minimum_evidence", each]} label={`At least … ${each}`} minimum={0} />)}
              </div>
            </details>
          </>
        )}
      </Rows>
      <Matrix />
    </>
  );
}

/** Behaviour × construct: what would speak for it and what against, how strongly, and why. */
function Matrix() {
  const draft = useDraft();
  const [chosen, setChosen] = useState<{ readonly construct: number; readonly behaviour: string } | null>(null);
  const document = draft.document.value;
  const constructs = document.constructs ?? [];
  const rows = behaviours(document);
  if (constructs.length === 0 || rows.length === 0) return null;
  return (
    <>
      <h3>Indicators</h3>
      <div class="table-scroll" tabIndex={0} role="region" aria-label="Indicators: behaviours by constructs">
        <table class="matrix">
          <thead><tr><th scope="col">Behaviour</th>{constructs.map((each) => <th scope="col" key={each.id}>{wordsOf(each.label) || each.id}</th>)}</tr></thead>
          <tbody>
            {rows.map((row) => (
              <tr key={row.id}>
                <th scope="row">{row.id} <span class="quiet">{row.label}</span></th>
                {constructs.map((construct, index) => (
                  <td key={construct.id}>
                    <MatrixCell construct={construct} behaviour={row.id} onOpen={() => setChosen({ construct: index, behaviour: row.id })} />
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {chosen && <IndicatorFields key={`${chosen.construct} ${chosen.behaviour}`} {...chosen} onClose={() => setChosen(null)} />}
    </>
  );
}

const SAID: Readonly<Record<string, string>> = { "1": "for", "-1": "against" };

function MatrixCell({ construct, behaviour, onOpen }: { readonly construct: Construct; readonly behaviour: string; readonly onOpen: () => void }) {
  const found = indicatorOf(construct, behaviour)?.indicator;
  const words = found ? `${SAID[String(found.polarity)]}, ${found.diagnosticity ?? "moderate"}` : "–";
  const why = found && !found.rationale ? " (why is missing)" : "";
  return (
    <button type="button" class={`matrix__cell ${found ? (found.polarity > 0 ? "matrix__cell--for" : "matrix__cell--against") : ""}`} aria-label={`${behaviour} and ${wordsOf(construct.label)}: ${found ? words + why : "says nothing"}`} onClick={onOpen}>
      {words}{why}
    </button>
  );
}

function IndicatorFields({ construct, behaviour, onClose }: { readonly construct: number; readonly behaviour: string; readonly onClose: () => void }) {
  const draft = useDraft();
  const whole = draft.document.value.constructs?.[construct];
  if (!whole) return null;
  const found = indicatorOf(whole, behaviour);
  const list: Path = ["constructs", construct, "indicators"];
  const kind = behaviours(draft.document.value).find((each) => each.id === behaviour)?.kind ?? "code";
  const choose = (polarity: 1 | -1 | 0) => {
    if (polarity === 0) return found ? draft.change((document) => remove(document, list, found.index)) : undefined;
    const next: Indicator = { ...(found?.indicator ?? { [kind]: behaviour }), polarity };
    draft.change((document) => put(document, [...list, found?.index ?? (whole.indicators ?? []).length], next));
    return undefined;
  };
  const now = found?.indicator.polarity ?? 0;
  return (
    <section class="card" aria-label={`${behaviour} as evidence about ${wordsOf(whole.label)}`}>
      <h4>{behaviour} and “{wordsOf(whole.label)}”</h4>
      <div class="cluster" role="group" aria-label="What it says">
        {([[1, "speaks for it"], [0, "says nothing"], [-1, "speaks against it"]] as const).map(([value, words]) => (
          <button key={value} type="button" class={`button ${now === value ? "button--primary" : ""}`} aria-pressed={now === value} onClick={() => choose(value)}>{words}</button>
        ))}
        <button type="button" class="button button--quiet" onClick={onClose}>Done</button>
      </div>
      {found && (
        <>
          <Choose path={[...list, found.index, "diagnosticity"]} label="How strongly" choices={[["moderate", "moderately"], ["weak", "weakly"], ["strong", "strongly"]]} />
          <Words path={[...list, found.index, "rationale"]} label="Why" hint="What makes this behaviour evidence? Somebody who sees it otherwise will read this." long />
          <Words path={[...list, found.index, "opportunity"]} label="When could it have occurred" />
        </>
      )}
    </section>
  );
}

/** Everything that was found, each with the way to its place. */
export function FindingsSection({ onGo }: { readonly onGo: (path: string) => void }) {
  const draft = useDraft();
  const found = draft.findings.value;
  if (found.length === 0) return (<><h2>Findings</h2><div class="empty"><h3>Nothing to mend</h3><p>The framework can be published.</p></div></>);
  return (
    <>
      <h2>Findings</h2>
      <p class="lead">Errors have to be mended before publishing. Warnings and hints are for you to think about.</p>
      <ol class="finding-list">
        {found.map((finding) => (
          <li key={finding.path + finding.code} class={`finding finding--${finding.severity}`}>
            <strong>{finding.severity}</strong> {finding.sentence} <span class="finding__remedy">{finding.remedy}</span>{" "}
            <button type="button" class="button button--quiet" onClick={() => onGo(finding.path)}>Go there</button>
          </li>
        ))}
      </ol>
    </>
  );
}

/** What was found below one of the document's parts, as one list over a section. */
export function SectionFindings({ path }: { readonly path: Path }) {
  const draft = useDraft();
  return <Findings found={findingsBelow(draft.findings.value, path).filter((each) => each.path.split("/").length <= path.length + 1)} />;
}
