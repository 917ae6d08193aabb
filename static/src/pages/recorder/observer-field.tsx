import { useSignal } from "@preact/signals";
import { hasPin, pinMatches, setPin } from "../../store/settings";
import { say } from "../../ui/words";
import { chooseObserver, observer, reference, report, services } from "./app";

const SHORTEST_PIN = 4;

/** Who observes. Those who share a tablet may each set a PIN; it keeps names apart, and is no lock on the data. */
export function ObserverField() {
  const asked = useSignal<number | null>(null);
  const pin = useSignal("");
  const wrong = useSignal(false);
  const setting = useSignal(false);
  const observers = reference.value?.observers ?? [];
  if (observers.length === 0) return null;
  const nameOf = (id: number | null): string => observers.find((each) => each.id === id)?.name ?? "";

  const choose = async (id: number): Promise<void> => {
    pin.value = "";
    wrong.value = false;
    setting.value = false;
    if (await hasPin(services().database, id)) asked.value = id;
    else await chooseObserver(id);
  };
  const answer = async (): Promise<void> => {
    const { database } = services();
    if (setting.value && observer.value !== null) {
      if (pin.value.length < SHORTEST_PIN) return;
      await setPin(database, observer.value, pin.value);
      setting.value = false;
    } else if (asked.value !== null && (await pinMatches(database, asked.value, pin.value))) {
      await chooseObserver(asked.value);
      asked.value = null;
    } else {
      wrong.value = true;
    }
    pin.value = "";
  };
  const isOpen = asked.value !== null || setting.value;
  return (
    <div class="field">
      <label class="field">
        <span class="label">{say(observer.value === null ? "home.observer.choose" : "home.observer")}</span>
        <select value={asked.value ?? observer.value ?? ""} onChange={(event) => void choose(Number(event.currentTarget.value)).catch(report)}>
          <option value="" disabled>—</option>
          {observers.map((each) => <option key={each.id} value={each.id}>{each.name}</option>)}
        </select>
      </label>
      {isOpen ? (
        <form class="row" onSubmit={(event) => { event.preventDefault(); void answer().catch(report); }}>
          <label class="field">
            <span class="label">{say("home.pin", { who: nameOf(asked.value ?? observer.value) })}</span>
            {setting.value ? <span class="field__hint">{say("home.pin.hint")}</span> : null}
            <input type="password" inputMode="numeric" autoComplete="off" value={pin} onInput={(event) => { pin.value = event.currentTarget.value; }} />
          </label>
          <button type="submit" class="button">{say("done")}</button>
          {wrong.value ? <p class="field__error" role="alert">{say("home.pin.wrong")}</p> : null}
        </form>
      ) : observer.value !== null && observers.length > 1 ? (
        <button type="button" class="button button--quiet" onClick={() => { setting.value = true; }}>{say("home.pin.set")}</button>
      ) : null}
    </div>
  );
}
