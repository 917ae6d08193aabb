import { useComputed } from "@preact/signals";
import { Icon } from "./icon";
import type { Line, Recording } from "./recording";
import { clockTime, say } from "./words";

export const LAST = 8;

/** The last events, newest first, large enough to read at arm's length. A touch opens one to undo or mend it. */
export function HistoryList({ recording, limit = LAST }: { readonly recording: Recording; readonly limit?: number }) {
  const lines = useComputed(() => recording.lines.value.slice(0, limit));
  return (
    <section class="history" aria-label={say("history.label")}>
      <header class="history__head">
        <h2 class="history__title">{say("history.label")}</h2>
        <button type="button" class="icon-button" aria-label={say("history.all")} onClick={() => recording.openSheet({ kind: "history" })}><Icon name="list" /></button>
      </header>
      {lines.value.length === 0 ? <p class="quiet">{say("history.none")}</p> : (
        <ol class="history__list">
          {lines.value.map((line) => <li key={line.id}><HistoryRow recording={recording} line={line} /></li>)}
        </ol>
      )}
    </section>
  );
}

export function HistoryRow({ recording, line }: { readonly recording: Recording; readonly line: Line }) {
  const saving = useComputed(() => recording.unstored.value.has(line.id));
  return (
    <button
      type="button"
      class={`history__row ${line.isVoid ? "history__row--void" : ""}`}
      onClick={() => recording.openSheet({ kind: "event", id: line.id })}
    >
      <span class="history__at">{clockTime(line.at)}</span>
      <span class="history__what">
        {line.what} {line.who ? <small>{line.who}</small> : null} {line.more ? <small>{line.more}</small> : null}
      </span>
      {line.isVoid ? <span class="visually-hidden">{say("history.void")}</span> : null}
      {saving.value ? <span class="history__saved">{say("history.saving")}</span> : null}
    </button>
  );
}
