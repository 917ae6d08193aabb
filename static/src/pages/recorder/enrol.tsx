import { useSignal } from "@preact/signals";
import { enrol } from "../../sync/enrol";
import { pull } from "../../sync/pull";
import { clearSetting, setting } from "../../store/settings";
import { say } from "../../ui/words";
import { codeInAddress } from "./address";
import { device, observer, refresh, screen, services } from "./app";
import { LossBanner } from "./loss";

function sentenceOf(error: unknown): string {
  if (error instanceof Error) {
    const remedy = "remedy" in error && typeof error.remedy === "string" ? ` ${error.remedy}` : "";
    return `${error.message}${remedy}`;
  }
  return String(error);
}

/** A tablet that belongs to no study yet, or to none any more. */
export function Enrol() {
  const code = useSignal(codeInAddress(location.hash) ?? "");
  const label = useSignal(device.peek()?.label ?? "");
  const working = useSignal(false);
  const problem = useSignal<string | null>(null);

  const join = async (): Promise<void> => {
    working.value = true;
    problem.value = null;
    try {
      const { database, sync } = services();
      await enrol(database, { code: code.value.trim(), label: label.value.trim() });
      history.replaceState(null, "", location.pathname);
      const before = device.peek()?.study.id;
      device.value = await setting(database, "device");
      if (before !== undefined && before !== device.value?.study.id) {
        await clearSetting(database, "observer"); // who observes is asked anew in each study
        observer.value = null;
      }
      await pull(database);
      await refresh();
      sync.now();
      screen.value = { name: "home" };
    } catch (error) {
      problem.value = sentenceOf(error);
    } finally {
      working.value = false;
    }
  };

  const stay = (): void => {
    history.replaceState(null, "", location.pathname);
    screen.value = { name: "home" };
  };

  return (
    <div class="place">
      <div class="place__body">
        <LossBanner />
        <form class="welcome" onSubmit={(event) => { event.preventDefault(); void join(); }}>
          <h1>{say("enrol.title")}</h1>
          <p class="quiet">{say("enrol.words")}</p>
          {device.value ? <p>{say("enrol.again", { study: device.value.study.title })}</p> : null}
          <label class="field">
            <span class="label">{say("enrol.code")}</span>
            <input
              class="code-entry"
              type="text"
              required
              autoComplete="one-time-code"
              autoCapitalize="characters"
              spellcheck={false}
              placeholder="XXXX-XXXX"
              value={code}
              onInput={(event) => { code.value = event.currentTarget.value; }}
            />
          </label>
          <label class="field">
            <span class="label">{say("enrol.label")}</span>
            <span class="field__hint">{say("enrol.label.hint")}</span>
            <input type="text" required maxLength={80} value={label} onInput={(event) => { label.value = event.currentTarget.value; }} />
          </label>
          {problem.value ? <p class="field__error" role="alert">{problem.value}</p> : null}
          <button type="submit" class="button button--primary button--big" disabled={working.value}>
            {say(working.value ? "enrol.working" : "enrol.go")}
          </button>
          {device.value ? <button type="button" class="button button--quiet" onClick={stay}>{say("back")}</button> : null}
        </form>
      </div>
    </div>
  );
}
