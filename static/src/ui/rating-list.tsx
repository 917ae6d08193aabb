import { useComputed } from "@preact/signals";
import type { RateAnswer } from "../core/events";
import { answersOf, type Rating, type RatingValue, type Stream } from "../core/framework";
import type { Given, Recording } from "./recording";
import { type Key, say, words } from "./words";

const ANSWER_WORDS: Readonly<Record<RateAnswer, Key>> = {
  "cannot-judge": "rating.cannot-judge",
  "not-observable": "rating.not-observable",
  "not-applicable": "rating.not-applicable",
};

function valuesOf(rating: Rating): readonly RatingValue[] {
  if (rating.scale === "yes-no") return [{ value: 1, label: say("yes") }, { value: 0, label: say("no") }];
  return rating.values ?? [];
}

interface Props {
  readonly recording: Recording;
  readonly stream: Stream;
}

/** Judgements of one stream. "Cannot judge" is an answer of its own, never a blank. */
export function RatingList({ recording, stream }: Props) {
  const about = useComputed(() => recording.subjectName(recording.subjectFor(stream)));
  return (
    <div class="ratings sheet__body">
      {about.value ? <p class="subjects__words">{say("rating.whom", { who: about.value })}</p> : null}
      {(stream.ratings ?? []).map((rating) => (
        <RatingField key={rating.id} recording={recording} stream={stream} rating={rating} />
      ))}
    </div>
  );
}

function RatingField({ recording, stream, rating }: Props & { readonly rating: Rating }) {
  const given = useComputed<Given | null>(() => recording.given(stream, rating));
  const give = (answer: Given, touchedAt: number): void => recording.rate(stream, rating, answer, touchedAt);
  const definition = words(rating.definition);
  return (
    <fieldset class="rating">
      <legend>{words(rating.label)}</legend>
      {definition ? <p class="rating__definition">{definition}</p> : null}
      {rating.scale === "number" ? (
        <NumberField rating={rating} given={given.value} give={give} />
      ) : (
        <div class="rating__values">
          {valuesOf(rating).map((value) => (
            <button
              key={value.value}
              type="button"
              class="rating__value"
              aria-pressed={given.value?.value === value.value}
              onClick={(event) => give({ value: value.value }, event.timeStamp)}
            >
              <strong>{rating.scale === "yes-no" ? words(value.label) : value.value}</strong>
              {rating.scale === "yes-no" ? null : <span>{words(value.label)}</span>}
              {words(value.anchor) ? <small>{words(value.anchor)}</small> : null}
            </button>
          ))}
        </div>
      )}
      {rating.is_statistic ? <StatisticDetails given={given.value} give={give} /> : null}
      <div class="rating__answers">
        {answersOf(rating).map((answer) => (
          <button key={answer} type="button" class="button" aria-pressed={given.value?.answer === answer} onClick={(event) => give({ answer }, event.timeStamp)}>
            {say(ANSWER_WORDS[answer])}
          </button>
        ))}
      </div>
    </fieldset>
  );
}

interface FieldProps {
  readonly given: Given | null;
  readonly give: (answer: Given, touchedAt: number) => void;
}

function NumberField({ rating, given, give }: FieldProps & { readonly rating: Rating }) {
  return (
    <div class="row">
      <input
        type="number"
        inputMode="decimal"
        step="any"
        aria-label={words(rating.label)}
        min={rating.minimum ?? undefined}
        max={rating.maximum ?? undefined}
        value={given?.value ?? ""}
        onChange={(event) => {
          const field = event.currentTarget;
          if (field.value !== "" && field.checkValidity()) give({ ...given, value: field.valueAsNumber }, event.timeStamp);
        }}
      />
      {rating.unit ? <span>{rating.unit}</span> : null}
    </div>
  );
}

/** A figure from elsewhere says where it is from and of when. */
function StatisticDetails({ given, give }: FieldProps) {
  const set = (name: "source" | "date", text: string, touchedAt: number): void =>
    give({ ...given, details: { ...given?.details, [name]: text } }, touchedAt);
  const isFree = given?.value === undefined;
  return (
    <div class="row">
      <label class="field">
        <span>{say("rating.source")}</span>
        <input type="text" disabled={isFree} value={String(given?.details?.["source"] ?? "")} onChange={(event) => set("source", event.currentTarget.value, event.timeStamp)} />
      </label>
      <label class="field">
        <span>{say("rating.date")}</span>
        <input type="date" disabled={isFree} value={String(given?.details?.["date"] ?? "")} onChange={(event) => set("date", event.currentTarget.value, event.timeStamp)} />
      </label>
    </div>
  );
}
