import { Icon } from "../../ui/icon";
import { say, wallTime } from "../../ui/words";
import { lastExchange, screen, services } from "./app";
import { online } from "./device";

/** What is on its way to the server: always in sight, red when it fails, and never alarming when merely offline. */
export function SyncCard() {
  const { sync } = services();
  const status = sync.status.value;
  const waiting = status.unsynced > 0;
  const failed = status.needsSignIn || (status.problem !== null && online.value);
  const look = failed ? "sync--failed" : waiting ? "sync--waiting" : "";
  const last = lastExchange.value === null ? say("sync.never") : say("sync.last", { when: wallTime(lastExchange.value) });
  return (
    <section class={`sync ${look}`} aria-label={say("sync.title")} role="status">
      <Icon name={online.value ? "cloud" : "cloud-off"} />
      <div class="sync__words">
        <strong>{waiting ? say("sync.waiting", { n: status.unsynced }) : say(status.counted ? "sync.all" : "sync.counting")}</strong>
        <span>
          {status.needsSignIn ? say("sync.login") : !online.value ? say("sync.offline") : status.problem ? say("sync.failed", { why: status.problem }) : last}
        </span>
      </div>
      {status.needsSignIn ? (
        <button type="button" class="button" onClick={() => { screen.value = { name: "enrol" }; }}>{say("enrol.code")}</button>
      ) : null}
      <button type="button" class="button" disabled={status.sending} onClick={() => sync.now()}>
        {say(status.sending ? "sync.working" : "sync.now")}
      </button>
    </section>
  );
}
