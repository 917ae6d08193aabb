import { useComputed, useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { FrameworkDocument } from "../../core/framework";
import { type CodeAgreement, compare, type Comparison } from "../../core/practice";
import { timeline } from "../../core/timeline";
import type { Timeline } from "../../core/record";
import { indexOf } from "../../core/framework";
import { codeLabel } from "../../ui/lines";
import type { Recording } from "../../ui/recording";
import { clockTime, percent, say } from "../../ui/words";
import { reference, report } from "./app";
import type { Person } from "./new-session";
import { agreed, film, peopleOf, promptAt, takeAgreed, takeFilm } from "./rehearsal";

interface FieldsProps {
  /** content hash */
  readonly framework: string;
  readonly onPeople: (people: readonly Person[]) => void;
}

/** Before a practice session: a film of one's own, and what it is held against. Neither is needed to practise. */
export function PracticeFields({ framework, onPeople }: FieldsProps) {
  return (
    <fieldset class="group">
      <legend>{say("practice.title")}</legend>
      <label class="field">
        <span class="label">{say("practice.film")} ({say("optional")})</span>
        <span class="field__hint">{say("practice.film.hint")}</span>
        <input type="file" accept="video/*,audio/*" onChange={(event) => takeFilm(event.currentTarget.files?.[0] ?? null)} />
      </label>
      <AgreedField framework={framework} onTaken={() => {
        const names = new Map((reference.peek()?.subjects ?? []).map((subject) => [subject.id, subject.pseudonym]));
        if (agreed.peek()) onPeople(peopleOf(agreed.peek()!, names));
      }} />
    </fieldset>
  );
}

function AgreedField({ framework, onTaken }: { readonly framework: string; readonly onTaken: () => void }) {
  const fault = useSignal<string | null>(null);
  const take = async (file: File | undefined): Promise<void> => {
    if (!file) return;
    fault.value = await takeAgreed(file, framework);
    if (fault.value === null) onTaken();
  };
  return (
    <label class="field">
      <span class="label">{say("practice.agreed")} ({say("optional")})</span>
      <span class="field__hint">{say("practice.agreed.hint")}</span>
      <input type="file" accept=".json,application/json" onChange={(event) => void take(event.currentTarget.files?.[0]).catch(report)} />
      {fault.value === null ? null : <strong role="alert">{fault.value}</strong>}
    </label>
  );
}

/** The film, and the scene directions of the agreed coding, in place of the last events. It stops in a pause. */
export function Stage({ recording }: { readonly recording: Recording }) {
  const video = useRef<HTMLVideoElement>(null);
  const paused = useComputed(() => recording.isPaused.value || recording.situation.ended !== null);
  const prompt = useComputed(() => (agreed.value ? promptAt(agreed.value, recording.situation.runningTime(recording.now.value)) : null));
  useEffect(() => {
    const element = video.current;
    if (!element) return;
    if (paused.value) {
      element.pause();
      return;
    }
    // The film goes with the session's clock, also after a reload in the middle of it.
    const at = recording.situation.runningTime(recording.now.peek()) / 1000;
    if (Math.abs(element.currentTime - at) > 0.5) element.currentTime = at;
    element.play().catch((error: unknown) => { if (!(error instanceof DOMException)) throw error; });
  }, [paused.value]);
  if (!film.value && !agreed.value) return null;
  return (
    <section class="stage" aria-label={say("practice.title")}>
      {film.value ? <video ref={video} class="stage__film" src={film.value.url} playsInline disableRemotePlayback aria-label={film.value.name} /> : null}
      {prompt.value === null ? null : <p class="stage__prompt" role="status">{prompt}</p>}
    </section>
  );
}

interface ResultProps {
  readonly framework: FrameworkDocument;
  readonly hash: string;
  readonly own: Timeline;
}

/** After a practice session: where it agrees with the agreed coding, and each moment to talk about. */
export function PracticeResult({ framework, hash, own }: ResultProps) {
  const result = useComputed<Comparison | null>(() => (agreed.value?.header.framework === hash ? compare(framework, timeline(framework, agreed.value.header, agreed.value.events), own) : null));
  const index = indexOf(framework);
  return (
    <section>
      <h2>{say("practice.result")}</h2>
      {result.value === null ? <AgreedField framework={hash} onTaken={() => undefined} /> : (
        <>
          <p>{say("practice.against", { name: agreed.value?.name ?? "" })}</p>
          <div class="table-scroll">
            <table class="budget">
              <thead>
                <tr>
                  <th scope="col">{say("summary.code")}</th>
                  <th scope="col">{say("practice.percent")}</th>
                  <th scope="col">{say("practice.kappa")}</th>
                  <th scope="col">{say("practice.basis")}</th>
                </tr>
              </thead>
              <tbody>
                {result.value.codes.map((each) => (
                  <tr key={`${each.stream}/${each.code}/${each.unit}`}>
                    <th scope="row">{codeLabel(index, each.code)}</th>
                    <td>{each.percent === null ? "–" : percent(each.percent)}</td>
                    <td>{each.kappa === null ? "–" : each.kappa.toFixed(2)}</td>
                    <td>{basisOf(each)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
          <p class="quiet">{say("practice.kappa.words")}</p>
          <h3>{say("practice.moments", { n: result.value.moments.length })}</h3>
          <ol class="list practice__moments">
            {result.value.moments.slice(0, 200).map((moment, place) => (
              <li key={place}>
                <span class="history__at">{clockTime(moment.start)}{moment.end - moment.start > 1000 ? `–${clockTime(moment.end)}` : ""}</span>{" "}
                {say("practice.moment", { agreed: codeLabel(index, moment.agreed) || say("practice.nothing"), own: codeLabel(index, moment.own) || say("practice.nothing") })}
              </li>
            ))}
          </ol>
        </>
      )}
    </section>
  );
}

function basisOf({ unit, units, agreed: theirs, own }: CodeAgreement): string {
  return say(`practice.basis.${unit}`, { n: units, theirs, own });
}
