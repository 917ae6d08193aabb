import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { type FrameworkDocument, indexOf } from "../../core/framework";
import type { Timeline } from "../../core/record";
import { framework as readFramework } from "../../store/frameworks";
import { readEvents } from "../../store/log";
import { forgetSession, type SessionCard } from "../../store/sessions";
import { BudgetTable } from "../../ui/budget-table";
import { Icon } from "../../ui/icon";
import { type Budget, budgetsOf, observedTime } from "../../ui/time-budget";
import { clockTime, say, wallTime, words } from "../../ui/words";
import { cards, copied, documentOf, refresh, report, saveSecondCopy, screen, services } from "./app";
import { later } from "./later";
import { Place } from "./place";
import { SyncCard } from "./sync-card";

const PracticeResult = later(async () => (await import("./practice")).PracticeResult);

interface Seen {
  readonly title: string;
  readonly framework: FrameworkDocument;
  readonly record: Timeline;
  readonly budgets: readonly Budget[];
  readonly events: number;
}

async function look(session: string): Promise<Seen | null> {
  const { database } = services();
  const card = cards.peek().find((each) => each.id === session);
  const row = card ? await readFramework(database, card.header.framework) : null;
  if (!card || !row) return null;
  const events = await readEvents(database, session);
  const framework = documentOf(row);
  const { timeline } = await import("../../core/timeline"); // not needed while recording; it is on the tablet all the same
  const record = timeline(framework, card.header, events);
  return { title: words(framework.title), framework, record, budgets: budgetsOf(indexOf(framework), record), events: events.length };
}

/** What was recorded, as the observer's own first look; and the second copy, before the tablet is put away. */
export function Summary({ session }: { readonly session: string }) {
  const seen = useSignal<Seen | null>(null);
  useEffect(() => {
    look(session).then((found) => { seen.value = found; }).catch(report);
  }, [session]);
  const card = cards.value.find((each) => each.id === session);
  const home = (): void => { screen.value = { name: "home" }; };
  const hasCopy = copied.value.has(session);
  return (
    <Place title={say("summary.title")} onBack={home} foot={<div class="row"><button type="button" class="button button--big" onClick={home}>{say("summary.home")}</button></div>}>
      {seen.value && card ? (
        <section>
          <p><strong>{seen.value.title}</strong></p>
          <p class="quiet figures">{wallTime(card.header.started)} · {say("summary.observed", { time: clockTime(observedTime(seen.value.record)), all: clockTime(seen.value.record.end) })}</p>
          <p class="figures">{say("summary.complete", { n: seen.value.events })}</p>
        </section>
      ) : null}
      <section class="sync">
        <Icon name={hasCopy ? "check" : "save"} />
        <p class="sync__words">{say(hasCopy ? "summary.copied" : "summary.copy")}</p>
        <button type="button" class={`button ${hasCopy ? "" : "button--primary"}`} onClick={() => void saveSecondCopy(session).catch(report)}>
          <Icon name="share" /> {say("home.export")}
        </button>
      </section>
      <SyncCard />
      {card?.ended ? <Forget card={card} hasCopy={hasCopy} onGone={home} /> : null}
      {seen.value && card?.header.purpose === "practice" ? <PracticeResult session={session} framework={seen.value.framework} hash={card.header.framework} own={seen.value.record} /> : null}
      {seen.value?.budgets.map((budget) => (
        <section key={budget.stream}>
          <h2>{budget.title}</h2>
          <BudgetTable budget={budget} />
        </section>
      ))}
    </Place>
  );
}

/** Removing is refused until the server has it all, or a file of it was saved; and it is asked twice. */
function Forget({ card, hasCopy, onGone }: { readonly card: SessionCard; readonly hasCopy: boolean; readonly onGone: () => void }) {
  const asking = useSignal(false);
  const isSafe = card.unsynced === 0 && card.agreed;
  const forget = async (): Promise<void> => {
    await forgetSession(services().database, card.id, isSafe ? {} : { despiteUnsynced: { fileSaved: true } });
    await refresh();
    onGone();
  };
  if (!isSafe && !hasCopy) return <p class="quiet">{say("summary.forget.not-yet")}</p>;
  if (!asking.value) return <p><button type="button" class="button" onClick={() => { asking.value = true; }}>{say("summary.forget")}</button></p>;
  return (
    <div class="banner banner--alarm" role="alertdialog" aria-label={say("summary.forget")}>
      <span class="banner__words">{say(isSafe ? "summary.forget.safe" : "summary.forget.sure")}</span>
      <button type="button" class="button" onClick={() => void forget().catch(report)}>{say("yes")}</button>
      <button type="button" class="button" onClick={() => { asking.value = false; }}>{say("no")}</button>
    </div>
  );
}
