/** The sections of the designer but the streams: what it is about, who is seen, what it may be evidence for. */

import type { Actor, Link, Modifier, Variable } from "../../core/framework";
import { at, behaviours, type Construct, type DesignDocument, type Formula, idFrom, idsOf, insert, type Path, wordsOf } from "./document";
import { pointerOf } from "./draft";
import { type Choices, Choose, Figure, Line, Lines, More, Several, Switch, Unplaced, useDraft, Words, wordsFor } from "./fields";
import { Named } from "./identity";
import { Matrix } from "./matrix";
import { NextSteps } from "./missing";
import { goTo } from "./place";
import { Rows } from "./rows";
import { Options } from "./stream";

export function AboutSection() {
  const draft = useDraft();
  const languages = draft.languages.value.join(", ");
  return (
    <>
      <h2>The question</h2>
      <NextSteps />
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
        <div class="field design-field" data-at="/languages">
          <label for="languages">Languages</label>
          <span class="field__hint">Tags, separated by commas; the first is the one to fall back on.</span>
          <input id="languages" type="text" value={languages} onChange={(event) => draft.set(["languages"], tags(event.currentTarget.value))} />
        </div>
      </div>
      <Switch path={["covert"]} label="The people observed are not told at the time" hint="Recorded with every session, and asked about in consent." />
      <PositionFields />
      <Unplaced path={[]} />
    </>
  );
}

/** Off unless somebody switches it on, with a reason. */
function PositionFields() {
  const draft = useDraft();
  const isAsked = at(draft.document.value, ["position"]) !== undefined;
  return (
    <div data-at="/position">
      <div class="choice design-switch">
        <input id="position" type="checkbox" checked={isAsked} onChange={(event) => draft.set(["position"], event.currentTarget.checked ? { at: ["start"] } : undefined)} />
        <label for="position">Note the tablet’s position<span class="field__hint">It tells where people were watched. Observers can leave it out.</span></label>
      </div>
      {isAsked ? (
        <>
          <Several path={["position", "at"]} label="When" choices={[["start", "at the start"], ["scan", "with each scan"], ["note", "with each note"]]} />
          <div class="columns">
            <Figure path={["position", "rounded_m"]} label="Rounded to how many metres" hint="100 where nothing is said." minimum={1} />
            <Words path={["position", "reason"]} label="What for" hint="Observers read it before they agree." />
          </div>
        </>
      ) : null}
      <Unplaced path={["position"]} />
    </div>
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
      <Choose path={["rights", "status"]} label="Whose words are these?" choices={[["own", "Our own"], ["open-licence", "Under an open licence"], ["facts-reworded", "Facts of a published instrument, in our words"], ["user-supplied-only", "Somebody else's: used in this study, in no file that leaves it"]]} />
      <Line path={["source", "citation"]} label="Citation" />
      <Line path={["source", "url"]} label="Address" />
      <Line path={["source", "note"]} label="Note on the source" hint="What was changed, what is a proposal of ours." />
      <Line path={["rights", "licence"]} label="Licence" />
      <Line path={["rights", "attribution"]} label="Attribution" />
      <Line path={["rights", "trademark"]} label="Trademark" />
      <Line path={["rights", "note"]} label="Note on the rights" hint="Where the permission is kept, what it covers." />
      <Unplaced path={["rights"]} />
      <Unplaced path={["source"]} />
    </>
  );
}

const KINDS_OF_ACTOR: Choices = [["person", "Person"], ["role", "Role"], ["group", "Group"], ["place", "Place"], ["case", "Case"], ["everyone", "Everyone"]];
const TOLD_APART: Choices = [["named", "by pseudonym, from the roster"], ["counted", "not at all: anonymous counts"], ["on-the-fly", "made while observing"], ["as-one", "not needed: seen as one"]];

export function ActorsSection() {
  const draft = useDraft();
  return (
    <>
      <h2>Who can be seen</h2>
      <p class="lead">People, groups or places that act. Streams say whom of these they watch. People are pseudonyms everywhere.</p>
      <Rows<Actor>
        path={["actors"]}
        name={(actor) => wordsOf(actor.label) || actor.id}
        summary={(actor) => (<><span class="tag">{wordsFor(KINDS_OF_ACTOR, actor.kind ?? "person")}</span><span class="row__words">{wordsFor(TOLD_APART, actor.seen_as ?? "named")}</span></>)}
        add="Add someone"
        empty="Nobody yet: codes will be about the scene as one."
        make={() => ({ id: idFrom("actor", idsOf(draft.document.value.actors)), label: "" })}
      >
        {(_, path) => (
          <div class="columns">
            <Named path={path} label="Who" unnamed="actor" />
            <Choose path={[...path, "kind"]} label="What they are" choices={KINDS_OF_ACTOR} />
            <Choose path={[...path, "seen_as"]} label="Told apart" choices={TOLD_APART} />
          </div>
        )}
      </Rows>
      <Attributes />
    </>
  );
}

/** What is noted about each person: variables of a subject, which stand among the variables. */
function Attributes() {
  const draft = useDraft();
  const all = draft.document.value.variables ?? [];
  const add = () => {
    const id = idFrom("attribute", idsOf(all));
    draft.change((document) => insert(document, ["variables"], { id, label: "", of: "subject" }));
    goTo(pointerOf(["variables", all.length, "label"]));
  };
  return (
    <section aria-label="What is noted about each of them">
      <h3>What is noted about each of them</h3>
      <ul class="plain-list">
        {all.map((variable, index) => variable.of === "subject" && (
          <li key={variable.id} class="cluster">
            <button type="button" class="button button--quiet" onClick={() => goTo(pointerOf(["variables", index, "label"]))}>{wordsOf(variable.label) || variable.id}</button>
            {variable.sensitive && <span class="tag tag--caution">sensitive</span>}
          </li>
        ))}
      </ul>
      {!all.some((each) => each.of === "subject") && <p class="quiet">Nothing. An age band or a role is enough for most questions; each thing noted makes people easier to recognise.</p>}
      <button type="button" class="button" onClick={add}>Note something about each</button>
    </section>
  );
}

const ANSWERS: Choices = [["one-of", "One of"], ["several-of", "Several of"], ["ordered", "One of, in order"], ["number", "A number"], ["text", "Words"], ["actor", "Someone"]];

export function ModifiersSection() {
  const draft = useDraft();
  return (
    <>
      <h2>Modifiers</h2>
      <p class="lead">More about one occurrence: how loudly, with what, for whom. Codes say which of these they ask for.</p>
      <Rows<Modifier>
        path={["modifiers"]}
        name={(modifier) => wordsOf(modifier.label) || modifier.id}
        summary={(modifier) => (<><span class="tag">{wordsFor(ANSWERS, modifier.kind ?? "one-of")}</span><span class="row__words">{(modifier.options ?? []).map((each) => wordsOf(each.label)).join(", ")}</span></>)}
        add="Add a modifier"
        empty="No modifiers."
        make={() => ({ id: idFrom("modifier", idsOf(draft.document.value.modifiers)), label: "", options: [] })}
      >
        {(modifier, path) => (
          <>
            <div class="columns">
              <Named path={path} label="Question" unnamed="modifier" />
              <Choose path={[...path, "kind"]} label="Answer" choices={ANSWERS} />
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

const OF_WHAT: Choices = [["session", "the session"], ["subject", "each subject"], ["setting", "the place"]];
const KINDS_OF_VARIABLE: Choices = [["text", "Words"], ["number", "Number"], ["one-of", "One of"], ["date", "Date"], ["yes-no", "Yes or no"]];

export function VariablesSection() {
  const draft = useDraft();
  return (
    <>
      <h2>Variables</h2>
      <p class="lead">What is true of a whole session, a subject or a place: the course, the weather, the age band.</p>
      <Rows<Variable>
        path={["variables"]}
        name={(variable) => wordsOf(variable.label) || variable.id}
        summary={(variable) => (<><span class="tag">{wordsFor(OF_WHAT, variable.of ?? "session")}</span><span class="row__words">{wordsFor(KINDS_OF_VARIABLE, variable.kind ?? "text")}</span>{variable.sensitive && <span class="tag tag--caution">sensitive</span>}</>)}
        add="Add a variable"
        empty="No variables."
        make={() => ({ id: idFrom("variable", idsOf(draft.document.value.variables)), label: "" })}
      >
        {(variable, path) => (
          <>
            <div class="columns">
              <Named path={path} label="Name" unnamed="(variable|attribute)" />
              <Choose path={[...path, "of"]} label="Of" choices={OF_WHAT} />
              <Choose path={[...path, "kind"]} label="Kind" choices={KINDS_OF_VARIABLE} />
              {variable.kind === "number" && <Line path={[...path, "unit"]} label="Unit" />}
            </div>
            {variable.kind === "one-of" && <Options path={[...path, "options"]} />}
            <Switch path={[...path, "required"]} label="Must be given" />
            <Switch path={[...path, "sensitive"]} label="Sensitive: left out of exports unless asked for" />
            {(variable.of ?? "session") !== "subject" && answersOf(variable).length > 0 && (
              <More summary="How freely could people act?" open={Boolean(variable.bound_when?.length || variable.partly_bound_when?.length)}>
                <p>What is done because one must says little about anybody. Under the first answers it counts half when patterns are read, under the second nothing.</p>
                <Several path={[...path, "partly_bound_when"]} label="Could hardly do otherwise" choices={answersOf(variable)} />
                <Several path={[...path, "bound_when"]} label="Could not do otherwise" choices={answersOf(variable)} />
              </More>
            )}
          </>
        )}
      </Rows>
    </>
  );
}

/** The answers that can be foreseen: those of a choice, and yes and no. */
function answersOf(variable: Variable): readonly (readonly [string, string])[] {
  if (variable.kind === "yes-no") return [["yes", "Yes"], ["no", "No"]];
  return variable.kind === "one-of" ? (variable.options ?? []).map((each) => [each.id, wordsOf(each.label) || each.id] as const) : [];
}

const codeChoices = (document: DesignDocument, stream?: unknown) =>
  behaviours(document).filter((each) => each.kind === "code" && (!stream || each.stream.id === stream)).map((each) => [each.id, `${each.id} ${each.label}`] as const);

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
        summary={(link) => <span class="row__words">{(link.from_codes ?? []).join(", ") || "…"} → {(link.to_codes ?? []).join(", ") || "…"}</span>}
        add="Add a link"
        empty="No links."
        make={() => ({ id: idFrom("link", idsOf(draft.document.value.links)), label: "", from_codes: [], to_codes: [] })}
      >
        {(_, path) => (
          <>
            <div class="columns">
              <Named path={path} label="Name" unnamed="link" />
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
  ["rating", "Rating"], ["wait", "Wait between the two events of a link"], ["value", "Values of the codes"], ["observed-time", "Observed time"], ["observed-intervals", "Observed intervals"], ["sessions", "Sessions"],
] as const;

function TermFields({ path, label }: { readonly path: Path; readonly label: string }) {
  const draft = useDraft();
  const streams = (draft.document.value.streams ?? []).map((each) => [each.id, wordsOf(each.label)] as const);
  const codes = codeChoices(draft.document.value, at(draft.document.value, [...path, "stream"]));
  const measure = at(draft.document.value, [...path, "measure"]);
  const ratings = behaviours(draft.document.value).filter((each) => each.kind === "rating").map((each) => [each.id, `${each.id} ${each.label}`] as const);
  const links = (draft.document.value.links ?? []).map((each) => [each.id, wordsOf(each.label) || each.id] as const);
  return (
    <fieldset class="field" data-at={pointerOf(path)}>
      <legend>{label}</legend>
      <Unplaced path={path} />
      <div class="columns">
        <Choose path={[...path, "measure"]} label="Measure" keepDefault choices={MEASURES} />
        <Choose path={[...path, "stream"]} label="Of the stream" choices={[["", "any"], ...streams]} />
      </div>
      {measure === "rating" && <Several path={[...path, "ratings"]} label="Of these ratings" choices={ratings} />}
      {measure === "wait" && <Several path={[...path, "links"]} label="Of these links" choices={links} />}
      {measure !== "rating" && measure !== "wait" && <Several path={[...path, "codes"]} label="Of these codes" hint="None: all of the stream." choices={codes} />}
      {measure !== "rating" && measure !== "wait" && <Several path={[...path, "except_codes"]} label="Without these" choices={codes} />}
    </fieldset>
  );
}

/** What a figure is worked out for before it is averaged; what only a document can say (several joined) stays as it is. */
function unitsOf(document: DesignDocument, now = "session"): Choices {
  const variables = (document.variables ?? []).map((each) => [`variable:${each.id}`, `each ${wordsOf(each.label) || each.id}`] as const);
  const all: Choices = [["session", "each session"], ["subject", "each subject"], ["setting", "each place"], ["pooled", "all together"], ...variables];
  return all.some(([each]) => each === now) ? all : [...all, [now, now]];
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
        summary={(formula) => <span class="row__words">{wordsFor(MEASURES, formula.numerator.measure)}{formula.denominator ? ` / ${wordsFor(MEASURES, formula.denominator.measure)}` : ""}</span>}
        add="Add a figure"
        empty="No figures of the framework's own: the usual ones (rate, duration, share of observed time) are always there."
        make={() => ({ id: idFrom("figure", idsOf(draft.document.value.formulas)), label: "", numerator: { measure: "duration" }, denominator: { measure: "observed-time" } })}
      >
        {(formula, path) => (
          <>
            <Named path={path} label="Name" unnamed="figure" />
            <TermFields path={[...path, "numerator"]} label="Numerator" />
            {formula.denominator
              ? <TermFields path={[...path, "denominator"]} label="Denominator" />
              : <p class="quiet">Without a denominator: a plain sum.</p>}
            <button type="button" class="button button--quiet" onClick={() => draft.set([...path, "denominator"], formula.denominator ? undefined : { measure: "observed-time" })}>{formula.denominator ? "Leave the denominator out" : "Divide by something"}</button>
            <div class="columns">
              <Choose path={[...path, "unit"]} label="One value for" choices={unitsOf(draft.document.value, formula.unit)} />
              <Choose path={[...path, "average"]} label="Average" choices={[["mean", "Mean"], ["median", "Median"], ["sum", "Sum"], ["pooled", "Pooled"]]} />
              <Choose path={[...path, "weights"]} label="Each unit weighs" choices={[["none", "the same"], ["exposure", "by its denominator"]]} />
              <Choose path={[...path, "per"]} label="Given as" choices={[["proportion", "proportion"], ["percent", "per cent"], ["per-hour", "per hour"], ["per-minute", "per minute"], ["ratio", "plain ratio"]]} />
            </div>
            <Words path={[...path, "note"]} label="Note" hint="What somebody has to know who reads the figure." long />
          </>
        )}
      </Rows>
    </>
  );
}

const counted = (count: number, word: string): string => `${count} ${word}${count === 1 ? "" : "s"}`;

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
        summary={(construct) => <span class="row__words">{counted((construct.indicators ?? []).length, "indicator")}, {counted((construct.rivals ?? []).length, "rival")}</span>}
        add="Add a construct"
        empty="No constructs: the framework describes, and reads no attitudes out of what was seen."
        make={() => ({ id: idFrom("construct", idsOf(draft.document.value.constructs)), label: "" })}
      >
        {(construct, path) => (
          <>
            <Named path={path} label="Name" unnamed="construct" />
            <Words path={[...path, "definition"]} label="Definition" hint="What somebody would have to be doing for you to say so, and what is not meant." long />
            <h3>Rival explanations</h3>
            <Rows
              path={[...path, "rivals"]}
              name={(rival: { id: string; label: string }) => wordsOf(rival.label) || rival.id}
              add="Add a rival"
              empty="None named yet. What else could make people act so?"
              make={() => ({ id: idFrom("rival", idsOf(construct.rivals)), label: "" })}
            >
              {(_, place) => (<><Named path={place} label="Rival" unnamed="rival" /><Words path={[...place, "description"]} label="How it would show" long /></>)}
            </Rows>
            <More summary="Minimum evidence">
              <div class="columns">
                {["sessions", "situations", "codes", "events", "observers"].map((each) => <Figure key={each} path={[...path, "minimum_evidence", each]} label={`At least … ${each}`} minimum={0} />)}
              </div>
            </More>
          </>
        )}
      </Rows>
      <Matrix />
    </>
  );
}
