import { useSignal } from "@preact/signals";
import { enrol } from "../../sync/enrol";
import { pull } from "../../sync/pull";
import { setting } from "../../store/settings";
import { say } from "../../ui/words";
import { device, refresh, screen, services } from "./app";

/** A code in the address, as a QR code gives it. It is good once, so it is taken out of the address. */
export function codeInAddress(hash: string): string | null {
  const words = decodeURIComponent(hash.replace(/^#/, ""));
  const code = new URLSearchParams(words).get("enrol") ?? (/^[A-Z0-9]{4}-?[A-Z0-9]{4}$/i.test(words) ? words : null);
  return code === null || code.trim() === "" ? null : code.trim().toUpperCase();
}

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
      device.value = await setting(database, "device");
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

  return (
    <div class="place">
      <div class="place__body">
        <form class="welcome" onSubmit={(event) => { event.preventDefault(); void join(); }}>
          <h1>{say("enrol.title")}</h1>
          <p class="quiet">{say("enrol.words")}</p>
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
          {device.value ? <button type="button" class="button button--quiet" onClick={() => { screen.value = { name: "home" }; }}>{say("back")}</button> : null}
        </form>
      </div>
    </div>
  );
}
