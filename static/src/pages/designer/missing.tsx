/** What is still missing: the next steps of a new framework, and everything that was found, each with the way to its place. */

import { useState } from "preact/hooks";
import type { Finding } from "./draft";
import { behaviours, type DesignDocument, wordsOf } from "./document";
import { useDraft } from "./fields";
import { goTo, place } from "./place";
import { addStream } from "./stream";

interface Step {
  readonly words: string;
  readonly done: boolean;
  readonly go: () => void;
}

/** The few things that every framework needs before it can be published, in the order in which they are easiest to do. */
export function stepsOf(document: DesignDocument, errors: number): readonly Omit<Step, "go">[] {
  const coded = behaviours(document);
  const defined = (document.streams ?? []).every((stream) => (stream.codes ?? []).every((code) => wordsOf(code.definition) !== ""));
  return [
    { words: "Say what the question is", done: wordsOf(document.purpose) !== "" },
    { words: "Say what to attend to and what to leave out", done: (document.attend_to ?? []).length > 0 && (document.leave_out ?? []).length > 0 },
    { words: "Say who can be seen", done: (document.actors ?? []).length > 0 },
    { words: "Make the first stream, with codes or ratings", done: coded.length > 0 },
    { words: "Define each code so that two people would apply it alike", done: coded.length > 0 && defined },
    { words: "Mend what stands in the way of publishing", done: coded.length > 0 && errors === 0 },
  ];
}

/** Shown until all of it is done; after that the numbers in the outline are enough. */
export function NextSteps() {
  const draft = useDraft();
  const document = draft.document.value;
  const steps = stepsOf(document, draft.findings.value.filter((each) => each.severity === "error").length);
  const left = steps.filter((each) => !each.done).length;
  if (left === 0) return null;
  const ways = [
    () => goTo("/purpose"),
    () => goTo(wordsOf(document.attend_to?.[0]) ? "/leave_out" : "/attend_to"),
    () => (place.value = "actors"),
    () => ((document.streams ?? []).length > 0 ? goTo("/streams/0/codes") : addStream(draft)),
    () => goTo(firstUndefined(document)),
    () => (place.value = "findings"),
  ];
  return (
    <section class="card next-steps" aria-label="What comes next">
      <h3>What comes next <span class="quiet">{steps.length - left} of {steps.length} done</span></h3>
      <ol>
        {steps.map((step, index) => (
          <li key={step.words} class={step.done ? "next-steps__done" : ""}>
            <span aria-hidden="true">{step.done ? "✓" : "○"}</span>
            <span class="visually-hidden">{step.done ? "Done: " : "Still to do: "}</span>
            {step.done ? step.words : <button type="button" class="button button--quiet" onClick={ways[index]}>{step.words}</button>}
          </li>
        ))}
      </ol>
      <p class="quiet">Try it on a tablet at any time: the button is at the top.</p>
    </section>
  );
}

function firstUndefined(document: DesignDocument): string {
  for (const [place, stream] of (document.streams ?? []).entries()) {
    const index = (stream.codes ?? []).findIndex((code) => wordsOf(code.definition) === "");
    if (index !== -1) return `/streams/${place}/codes/${index}/definition`;
  }
  return "/streams/0";
}

interface Group {
  readonly code: string;
  readonly found: readonly Finding[];
}

/** Findings of one kind together, in the order in which the kinds first come. */
export function byKind(found: readonly Finding[]): readonly Group[] {
  const groups = new Map<string, Finding[]>();
  for (const finding of found) groups.set(finding.code, [...(groups.get(finding.code) ?? []), finding]);
  return [...groups].map(([code, these]) => ({ code, found: these }));
}

/** Beyond this many of a kind they are folded into one line: forty times the same advice hides the other. */
const MANY = 3;

const SEVERITIES = [["error", "Errors", "These have to be mended before publishing."], ["warning", "Warnings", "Weigh these: most of them come back in the analysis."], ["hint", "Hints", "Good practice, yours to follow or not."]] as const;

/** Everything that was found, the worst first, each with the way to its place. */
export function FindingsSection() {
  const draft = useDraft();
  const found = draft.findings.value;
  if (found.length === 0) return (<><h2>What is missing</h2><div class="empty"><h3>Nothing to mend</h3><p>The framework can be published.</p></div></>);
  const errors = found.filter((each) => each.severity === "error").length;
  return (
    <>
      <h2>What is missing</h2>
      <p class="lead">{errors === 0 ? "Nothing stands in the way of publishing. The rest is for you to think about." : "Errors have to be mended before publishing. Warnings and hints are for you to think about."}</p>
      {SEVERITIES.map(([severity, words, about]) => {
        const these = found.filter((each) => each.severity === severity);
        if (these.length === 0) return null;
        return (
          <section key={severity} aria-label={words}>
            <h3>{words} <span class="quiet">{these.length}</span></h3>
            <p class="quiet">{about}</p>
            <ol class="finding-list">{byKind(these).map((group) => <Kind key={group.code} group={group} />)}</ol>
          </section>
        );
      })}
    </>
  );
}

function Kind({ group }: { readonly group: Group }) {
  const [open, setOpen] = useState(false);
  const [first] = group.found;
  if (!first) return null;
  if (group.found.length <= MANY) return <>{group.found.map((finding) => <One key={finding.path + finding.sentence} finding={finding} />)}</>;
  return (
    <li class={`finding finding--${first.severity}`}>
      <details class="finding__many" onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary><strong>{group.found.length} times:</strong> {first.remedy}</summary>
        {open && <ol class="finding-list">{group.found.map((finding) => <One key={finding.path + finding.sentence} finding={finding} bare />)}</ol>}
      </details>
    </li>
  );
}

function One({ finding, bare = false }: { readonly finding: Finding; readonly bare?: boolean }) {
  return (
    <li class={`finding ${bare ? "" : `finding--${finding.severity}`} finding--listed`}>
      <span>{finding.sentence} {!bare && <span class="finding__remedy">{finding.remedy}</span>}</span>
      <button type="button" class="button button--quiet" onClick={() => goTo(finding.path)}>Go there<span class="visually-hidden">: {finding.sentence}</span></button>
    </li>
  );
}
