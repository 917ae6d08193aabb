import { useComputed, useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { uuidv7 } from "uuidv7";
import type { Consent, Purpose } from "../../core/events";
import type { FrameworkDocument, Variable } from "../../core/framework";
import { keepPractised } from "../../store/practice";
import { canRecordHere } from "../../store/room";
import { Icon } from "../../ui/icon";
import { Chips } from "../../ui/sheets/modifier-sheet";
import { type Key, say, words } from "../../ui/words";
import { BUILD, device, documentOf, observer, openFrameworks, reference, refresh, report, resume, screen, services } from "./app";
import { CheckList, checksOf, readings } from "./checks";
import { askToPersist } from "./device";
import { beginSession } from "./live";
import { asksForSubjects, askedVariables, type Choice, headerOf, introduced, missing, type Person, roles } from "./new-session";
import { later } from "./later";
import { ObserverField } from "./observer-field";
import { Place } from "./place";
import { agreed } from "./rehearsal";

const PlaceField = later(async () => (await import("./place-light")).PlaceField);
const PracticeFields = later(async () => (await import("./practice")).PracticeFields);
const PURPOSES: readonly Purpose[] = ["field", "practice", "reliability"];
const CONSENTS: readonly Consent[] = ["stated", "not-needed", "refused"];

function planned(framework: FrameworkDocument | undefined): string {
  return framework?.planned_ms ? String(Math.round(framework.planned_ms / 60_000)) : "";
}

/** Everything that is decided before anyone is watched, and whether the tablet is fit for it. */
export function Start({ hash }: { readonly hash: string | null }) {
  const rows = openFrameworks.value;
  const chosen = useSignal(hash ?? rows[0]?.hash ?? "");
  const row = useComputed(() => rows.find((each) => each.hash === chosen.value));
  const framework = row.value ? documentOf(row.value) : undefined;
  const purpose = useSignal<Purpose>("field");
  const happening = useSignal("");
  const setting = useSignal<string | null>(null);
  const people = useSignal<readonly Person[]>([]);
  const variables = useSignal<Readonly<Record<string, string>>>({});
  const consent = useSignal<Consent | null>(null);
  const minutes = useSignal(planned(framework));
  const cannotRecord = useSignal<string | null>(null);
  const starting = useSignal(false);
  const hasPlaceOff = useSignal(false);

  useEffect(() => {
    canRecordHere().then((failure) => { cannotRecord.value = failure?.sentence ?? null; }).catch(report);
    askToPersist().catch(report);
  }, []);

  if (!row.value || !framework) {
    return <Place title={say("start.title")} onBack={goHome}><div class="empty"><p>{say("home.frameworks.none")}</p></div></Place>;
  }
  const against = purpose.value === "practice" && agreed.value?.header.framework === row.value.hash ? agreed.value.offered : null;
  const choice: Choice = {
    framework: row.value.hash, purpose: purpose.value, happening: happening.value, watched: against?.happening ?? null, setting: setting.value,
    subjects: people.value, variables: variables.value, consent: consent.value, plannedMinutes: minutes.value,
  };
  const needed = missing(framework, choice);
  const observers = reference.value?.observers ?? [];
  const who = observer.value ?? (observers.length === 1 ? (observers[0]?.id ?? null) : null);
  const wanting = [...needed.map(nameOf), ...(who === null ? [say("home.observer")] : [])];

  const go = async (): Promise<void> => {
    if (who === null || !device.value) return;
    starting.value = true;
    const where = { study: device.value.study.id, observer: who, device: device.value.id, app: BUILD, now: new Date() };
    const header = await headerOf(framework, choice, where);
    if (against) await keepPractised(services().database, header.id, against.id);
    await beginSession(services().database, header, introduced(framework, people.value), Boolean(framework.position) && hasPlaceOff.value);
    await refresh();
    await resume(header.id);
  };

  return (
    <Place
      title={say("start.title")}
      onBack={goHome}
      foot={
        <div class="row row--apart">
          <button
            type="button"
            class="button button--primary button--big"
            disabled={wanting.length > 0 || starting.value || cannotRecord.value !== null}
            onClick={() => void go().catch(report).finally(() => { starting.value = false; })}
          >
            <Icon name="play" /> {say("start.go")}
          </button>
          {wanting.length > 0 ? <span class="quiet" role="status">{say("start.needs", { what: wanting.join(", ") })}</span> : null}
        </div>
      }
    >
      <label class="field">
        <span class="label">{say("start.framework")}</span>
        <select value={chosen} onChange={(event) => { chosen.value = event.currentTarget.value; minutes.value = planned(rows.find((each) => each.hash === chosen.value)?.document as FrameworkDocument | undefined); }}>
          {rows.map((each) => <option key={each.hash} value={each.hash}>{words(documentOf(each).title)}</option>)}
        </select>
        {words(framework.purpose) ? <span class="field__hint">{words(framework.purpose)}</span> : null}
      </label>
      <Reminder framework={framework} />
      {observers.length > 1 || who === null ? <ObserverField /> : null}
      <Chips label={say("start.purpose")} options={PURPOSES.map((id) => ({ id, name: say(`purpose.${id}` as Key) }))} isOn={(id) => purpose.value === id} onTap={(id) => { purpose.value = id as Purpose; }} />
      {purpose.value === "reliability" ? (
        <label class="field">
          <span class="label">{say("start.happening")}</span>
          <span class="field__hint">{say("start.happening.hint")}</span>
          <input type="text" autoCapitalize="off" maxLength={80} value={happening} onInput={(event) => { happening.value = event.currentTarget.value; }} />
        </label>
      ) : null}
      {purpose.value === "practice" ? <PracticeFields framework={row.value.hash} onPeople={(next) => { people.value = next; }} /> : null}
      {(reference.value?.settings.length ?? 0) > 0 ? (
        <label class="field">
          <span class="label">{say("start.setting")}</span>
          <select value={setting.value ?? ""} onChange={(event) => { setting.value = event.currentTarget.value || null; }}>
            <option value="">{say("start.setting.none")}</option>
            {reference.value?.settings.map((each) => <option key={each.id} value={each.id}>{each.label}</option>)}
          </select>
        </label>
      ) : null}
      {asksForSubjects(framework) ? <Roster framework={framework} chosen={people.value} onChange={(next) => { people.value = next; }} /> : null}
      {askedVariables(framework).length > 0 ? (
        <fieldset class="group">
          <legend>{say("start.variables")}</legend>
          {askedVariables(framework).map((variable) => (
            <VariableField
              key={variable.id}
              variable={variable}
              typed={variables.value[variable.id] ?? ""}
              onType={(typed) => { variables.value = { ...variables.peek(), [variable.id]: typed }; }}
            />
          ))}
        </fieldset>
      ) : null}
      <label class="field">
        <span class="label">{say("start.planned")}</span>
        <input type="number" inputMode="numeric" min={1} max={1440} value={minutes} onInput={(event) => { minutes.value = event.currentTarget.value; }} />
      </label>
      <Chips label={say("start.consent")} options={CONSENTS.map((id) => ({ id, name: say(`consent.${id}` as Key) }))} isOn={(id) => consent.value === id} onTap={(id) => { consent.value = consent.value === id ? null : (id as Consent); }} />
      {framework.position ? <PlaceField plan={framework.position} isOff={hasPlaceOff.value} onChoose={(isOff) => { hasPlaceOff.value = isOff; }} /> : null}
      <section>
        <h2>{say("start.checks")}</h2>
        <CheckList checks={checksOf(readings({ title: words(framework.title), number: row.value.number }, cannotRecord.value), Date.now())} />
      </section>
    </Place>
  );
}

function goHome(): void {
  screen.value = { name: "home" };
}

function nameOf(need: Variable | "happening" | "subjects"): string {
  if (need === "happening") return say("start.happening");
  if (need === "subjects") return say("start.subjects");
  return words(need.label);
}

/** What to attend to and what to leave out, once more, right before it counts. */
function Reminder({ framework }: { readonly framework: FrameworkDocument }) {
  const attend = framework.attend_to ?? [];
  const leave = framework.leave_out ?? [];
  if (attend.length + leave.length === 0) return null;
  return (
    <div class="definition">
      {attend.length > 0 ? <div><h2>{say("start.attend")}</h2><ul class="definition__yes">{attend.map((text, place) => <li key={place}>{words(text)}</li>)}</ul></div> : null}
      {leave.length > 0 ? <div><h2>{say("start.leave-out")}</h2><ul class="definition__no">{leave.map((text, place) => <li key={place}>{words(text)}</li>)}</ul></div> : null}
    </div>
  );
}

function moved(people: readonly Person[], from: number, by: number): readonly Person[] {
  const next = [...people];
  const [person] = next.splice(from, 1);
  if (person) next.splice(Math.max(0, from + by), 0, person);
  return next;
}

function Roster({ framework, chosen, onChange }: { readonly framework: FrameworkDocument; readonly chosen: readonly Person[]; readonly onChange: (next: readonly Person[]) => void }) {
  const name = useSignal("");
  const known = roles(framework);
  const listed = (reference.value?.subjects ?? []).filter((subject) => subject.active).map((subject) => ({ id: subject.id, pseudonym: subject.pseudonym, isNew: false, actor: null }));
  const others = listed.filter((person) => !chosen.some((each) => each.id === person.id));
  const add = (): void => {
    if (name.value.trim() === "") return;
    onChange([...chosen, { id: uuidv7(), pseudonym: name.value.trim(), isNew: true, actor: null }]);
    name.value = "";
  };
  return (
    <fieldset class="group">
      <legend>{say("start.subjects")}</legend>
      <p class="field__hint">{say("start.subjects.hint")}</p>
      {listed.length === 0 && chosen.length === 0 ? <p class="quiet">{say("start.subjects.none")}</p> : null}
      <ol class="list">
        {chosen.map((person, place) => (
          <li key={person.id} class="roster__row">
            <label>
              <input type="checkbox" checked onChange={() => onChange(chosen.filter((each) => each !== person))} />
              <strong>{person.pseudonym}</strong>
            </label>
            {known.length < 2 ? null : (
              <select
                class="roster__role"
                aria-label={say("start.subject.role", { who: person.pseudonym })}
                value={person.actor ?? known[0]?.id}
                onChange={(event) => onChange(chosen.map((each) => (each === person ? { ...each, actor: event.currentTarget.value } : each)))}
              >
                {known.map((actor) => <option key={actor.id} value={actor.id}>{words(actor.label)}</option>)}
              </select>
            )}
            <button type="button" class="icon-button" disabled={place === 0} aria-label={say("start.subject.up", { who: person.pseudonym })} onClick={() => onChange(moved(chosen, place, -1))}><Icon name="up" /></button>
            <button type="button" class="icon-button" disabled={place === chosen.length - 1} aria-label={say("start.subject.down", { who: person.pseudonym })} onClick={() => onChange(moved(chosen, place, 1))}><Icon name="down" /></button>
          </li>
        ))}
        {others.map((person) => (
          <li key={person.id} class="roster__row">
            <label>
              <input type="checkbox" checked={false} onChange={() => onChange([...chosen, person])} />
              {person.pseudonym}
            </label>
          </li>
        ))}
      </ol>
      {others.length > 1 ? <p><button type="button" class="button" onClick={() => onChange([...chosen, ...others])}>{say("start.subjects.all")}</button></p> : null}
      <div class="row">
        <label class="field">
          <span class="label">{say("start.subject.new")}</span>
          <span class="field__hint">{say("start.subject.new.hint")}</span>
          <input type="text" dir="auto" maxLength={60} value={name} onInput={(event) => { name.value = event.currentTarget.value; }} onKeyDown={(event) => event.key === "Enter" && add()} />
        </label>
        <button type="button" class="button" onClick={add}>{say("add")}</button>
      </div>
    </fieldset>
  );
}

function VariableField({ variable, typed, onType }: { readonly variable: Variable; readonly typed: string; readonly onType: (typed: string) => void }) {
  const label = `${words(variable.label)}${variable.unit ? `, ${variable.unit}` : ""}${variable.required ? "" : ` (${say("optional")})`}`;
  if (variable.kind === "one-of" || variable.kind === "yes-no") {
    const options = variable.kind === "yes-no"
      ? [{ id: "yes", name: say("yes") }, { id: "no", name: say("no") }]
      : (variable.options ?? []).map((option) => ({ id: option.id, name: words(option.label) }));
    return <Chips label={label} options={options} isOn={(id) => typed === id} onTap={(id) => onType(typed === id ? "" : id)} />;
  }
  const input = (event: { readonly currentTarget: HTMLInputElement }): void => onType(event.currentTarget.value);
  return (
    <label class="field">
      <span class="label">{label}</span>
      {variable.kind === "number" ? <input type="number" inputMode="decimal" step="any" value={typed} onInput={input} /> : null}
      {variable.kind === "date" ? <input type="date" value={typed} onInput={input} /> : null}
      {variable.kind === undefined || variable.kind === "text" ? <input type="text" dir="auto" maxLength={500} value={typed} onInput={input} /> : null}
    </label>
  );
}
