import type { SessionCard } from "../../store/sessions";
import { Icon } from "../../ui/icon";
import { say, type Text, wallTime, words } from "../../ui/words";
import { cards, copied, device, documentOf, frameworks, reference, report, resume, saveSecondCopy, screen, services } from "./app";
import { isInstalled } from "./device";
import { ObserverField } from "./observer-field";
import { LossBanner } from "./loss";
import { Place } from "./place";
import { SyncCard } from "./sync-card";

function titleOf(hash: string): string {
  const row = frameworks.value.find((each) => each.hash === hash);
  return row ? words(documentOf(row).title as Text) : hash.slice(0, 8);
}

function settingOf(id: string | null): string {
  return reference.value?.settings.find((each) => each.id === id)?.label ?? "";
}

function PurposeTag({ card }: { readonly card: SessionCard }) {
  const { purpose } = card.header;
  if (purpose === "field") return null;
  return <span class={`tag tag--${purpose === "practice" ? "practice" : "caution"}`}>{say(`home.${purpose}`)}</span>;
}

/** Where a session stands between tablet and server. "Kept aside" is safe too, and says so. */
function StateTag({ card }: { readonly card: SessionCard }) {
  if (card.unsynced > 0) return <span class="tag tag--caution">{say("home.unsynced", { n: card.unsynced })}</span>;
  return <span class="tag tag--good"><span aria-hidden="true">✓</span> {say("home.synced")}</span>;
}

function Session({ card }: { readonly card: SessionCard }) {
  const copy = (): void => void saveSecondCopy(card.id).catch(report);
  const facts = [wallTime(card.header.started), settingOf(card.header.setting), say("home.events", { n: card.count })];
  return (
    <li class={`item ${card.ended ? "" : "item--running"}`}>
      <span class="item__words">
        <strong>{titleOf(card.header.framework)}</strong>
        <small class="figures">{facts.filter((fact) => fact !== "").join(" · ")}</small>
        <span class="row">
          <PurposeTag card={card} />
          <StateTag card={card} />
          {card.aside > 0 ? <span class="tag tag--caution" title={say("home.aside.words")}>{say("home.aside", { n: card.aside })}</span> : null}
        </span>
      </span>
      {card.ended ? (
        <button type="button" class="button" onClick={() => { screen.value = { name: "summary", session: card.id }; }}>{say("home.look")}</button>
      ) : (
        <button type="button" class="button button--primary" onClick={() => void resume(card.id).catch(report)}>{say("home.resume")}</button>
      )}
      <button type="button" class="icon-button" aria-label={`${say("home.export")}: ${wallTime(card.header.started)}`} onClick={copy}>
        <Icon name={copied.value.has(card.id) ? "check" : "save"} />
      </button>
    </li>
  );
}

function Frameworks() {
  return (
    <section>
      <h2>{say("home.frameworks")}</h2>
      {frameworks.value.length === 0 ? <div class="empty"><p>{say("home.frameworks.none")}</p></div> : (
        <ul class="list">
          {frameworks.value.filter((row) => row.state !== "closed").map((row) => (
            <li key={row.hash}>
              <button
                type="button"
                class="item"
                disabled={row.state !== "open"}
                onClick={() => { screen.value = { name: "start", framework: row.hash }; }}
              >
                <span class="item__words">
                  <strong>{words(documentOf(row).title as Text)}</strong>
                  <small>{say("home.version", { n: row.number })}{row.state === "open" ? "" : ` · ${say("home.closing")}`}</small>
                </span>
                {row.state === "open" ? <Icon name="next" /> : null}
              </button>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

/** What is on this tablet, and what to do next. */
export function Home() {
  const running = cards.value.filter((card) => !card.ended);
  const ended = cards.value.filter((card) => card.ended);
  const { updates } = services();
  const canStart = frameworks.value.some((row) => row.state === "open");
  const start = (
    <button type="button" class="button button--primary button--big" disabled={!canStart} onClick={() => { screen.value = { name: "start", framework: null }; }}>
      <Icon name="plus" /> {say("home.start")}
    </button>
  );
  return (
    <Place
      title={reference.value?.study.title ?? device.value?.study.title ?? say("app.name")}
      head={<button type="button" class="icon-button" aria-label={say("home.settings")} onClick={() => { screen.value = { name: "settings" }; }}><Icon name="settings" /></button>}
      foot={<div class="row row--apart">{start}</div>}
    >
      <LossBanner />
      {updates.ready.value ? (
        <div class="banner" role="status">
          <span class="banner__words">{say("home.update")}</span>
          <button type="button" class="button" onClick={() => void updates.apply().catch(report)}>{say("home.update.go")}</button>
        </div>
      ) : null}
      <SyncCard />
      {running.length > 0 ? (
        <section>
          <h2>{say("home.running")}</h2>
          <ul class="list">{running.map((card) => <Session key={card.id} card={card} />)}</ul>
        </section>
      ) : null}
      <ObserverField />
      <Frameworks />
      <section>
        <h2>{say("home.sessions")}</h2>
        {ended.length === 0 ? <div class="empty"><p>{say("home.sessions.none")}</p></div> : (
          <ul class="list">{ended.map((card) => <Session key={card.id} card={card} />)}</ul>
        )}
      </section>
      {isInstalled() ? null : <p class="quiet">{say("home.install")}</p>}
    </Place>
  );
}
