import { useComputed, useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { FrameworkDocument } from "../../core/framework";
import { type CodeAgreement, compare, type Comparison } from "../../core/practice";
import { timeline } from "../../core/timeline";
import type { Timeline } from "../../core/record";
import { indexOf } from "../../core/framework";
import { codeLabel } from "../../ui/lines";
import type { Recording } from "../../ui/recording";
import { type Offered, offeredFor } from "../../store/practice";
import { Chips } from "../../ui/sheets/modifier-sheet";
import { clockTime, percent, say } from "../../ui/words";
import { reference, report, services } from "./app";
import type { Person } from "./new-session";
import { agreed, film, peopleOf, promptAt, recall, takeAgreed, takeFilm, takeOffered } from "./rehearsal";

/** The choice to practise against nothing. */
const NONE = "none";

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
        const taken = agreed.peek();
        if (taken && taken.header.subjects.length > 0) onPeople(peopleOf(taken, names));
      }} />
    </fieldset>
  );
}

function AgreedField({ framework, onTaken }: { readonly framework: string; readonly onTaken: () => void }) {
  const fault = useSignal<string | null>(null);
  const offered = useSignal<{ readonly here: readonly Offered[]; readonly coming: number }>({ here: [], coming: 0 });
  const { database, sync } = services();
  useEffect(() => {
    // Looked at again after each exchange: one may have just come.
    offeredFor(database, framework).then((found) => { offered.value = found; }).catch(report);
  }, [framework, sync.status.value.lastSync, reference.value?.pulledAt]);
  const take = async (file: File | undefined): Promise<void> => {
    if (!file) return;
    fault.value = await takeAgreed(file, framework);
    if (fault.value === null) onTaken();
  };
  const choose = async (id: string): Promise<void> => {
    await takeOffered(database, id === NONE ? null : id);
    onTaken();
  };
  const { here, coming } = offered.value;
  const now = agreed.value?.header.framework === framework ? agreed.value : null;
  const options = [{ id: NONE, name: say("practice.agreed.none") }, ...here.map(({ id, title, length }) => ({ id, name: `${title} · ${clockTime(length)}` }))];
  return (
    <>
      {here.length > 0 ? (
        <Chips label={say("practice.agreed")} options={options} isOn={(id) => (now?.offered?.id ?? (now ? "" : NONE)) === id} onTap={(id) => void choose(id).catch(report)} />
      ) : null}
      {now ? <p role="status">{say("practice.against", { name: now.name })}{now.hint ? <> · <strong>{now.hint}</strong></> : null}</p> : null}
      {coming > 0 ? <p class="quiet">{say("practice.agreed.coming", { n: coming })}</p> : null}
      <label class="field">
        <span class="label">{say("practice.agreed.file")} ({say("optional")})</span>
        <span class="field__hint">{say("practice.agreed.hint")}</span>
        <input type="file" accept=".json,application/json" onChange={(event) => void take(event.currentTarget.files?.[0]).catch(report)} />
        {fault.value === null ? null : <strong role="alert">{fault.value}</strong>}
      </label>
    </>
  );
}

/** The film, and the scene directions of the agreed coding, in place of the last events. It stops in a pause. */
export function Stage({ recording }: { readonly recording: Recording }) {
  const video = useRef<HTMLVideoElement>(null);
  useEffect(() => void recall(services().database, recording.header.id).catch(report), []);
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
  readonly session: string;
  readonly framework: FrameworkDocument;
  readonly hash: string;
  readonly own: Timeline;
}

/** After a practice session: where it agrees with the agreed coding, and each moment to talk about. */
export function PracticeResult({ session, framework, hash, own }: ResultProps) {
  useEffect(() => void recall(services().database, session).catch(report), [session]);
  const result = useComputed<Comparison | null>(() => {
    const against = agreed.value;
    if (against?.header.framework !== hash) return null;
    return compare(framework, timeline(framework, against.header, against.events), own, against.streams);
  });
  const index = indexOf(framework);
  return (
    <section>
      <h2>{say("practice.result")}</h2>
      {result.value === null ? <AgreedField framework={hash} onTaken={() => undefined} /> : (
        <>
          <p>{say("practice.against", { name: agreed.value?.name ?? "" })}</p>
          <div class="budget-scroll">
            <table class="budget">
              <thead>
                <tr>
                  <th scope="col">{say("summary.code")}</th>
                  <th scope="col">{say("practice.percent")}</th>
                  <th scope="col">{say("practice.kappa")}</th>
                </tr>
              </thead>
              <tbody>
                {result.value.codes.map((each) => (
                  <tr key={`${each.stream}/${each.code}/${each.unit}`}>
                    <th scope="row">{codeLabel(index, each.code)}<small class="budget__basis">{basisOf(each)}</small></th>
                    <td>{each.percent === null ? "–" : percent(each.percent)}</td>
                    <td>{each.kappa === null ? "–" : each.kappa.toFixed(2)}</td>
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
