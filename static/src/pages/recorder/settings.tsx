import { PreferenceFields } from "../../ui/sheets/preferences-sheet";
import { say } from "../../ui/words";
import { BUILD, changePreferences, device, report, screen } from "./app";
import { Place } from "./place";
import { SyncCard } from "./sync-card";

/** How the tablet looks and feels, and which tablet it is. */
export function Settings() {
  return (
    <Place title={say("settings.title")} onBack={() => { screen.value = { name: "home" }; }}>
      <PreferenceFields onChange={(wanted) => void changePreferences(wanted).catch(report)} />
      <SyncCard />
      <section>
        <h2>{say("settings.about")}</h2>
        <p class="quiet">
          {say("settings.device")}: {device.value?.label ?? "–"}<br />
          {say("settings.study")}: {device.value?.study.title ?? "–"}<br />
          {say("settings.build")}: {BUILD}
        </p>
        <p><button type="button" class="button" onClick={() => { screen.value = { name: "enrol" }; }}>{say("enrol.title")}</button></p>
      </section>
    </Place>
  );
}
