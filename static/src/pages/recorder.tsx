/** The recorder: one page, on the tablet, with or without a network. */

import "../../css/recorder.css";
import { render } from "preact";
import { rescue } from "../store/second-copy";
import { RecordingScreen } from "../ui/recorder";
import { say } from "../ui/words";
import { boot, changePreferences, live, report, screen, trouble } from "./recorder/app";
import { later } from "./recorder/later";
import { share } from "./recorder/share";

const Home = later(async () => (await import("./recorder/home")).Home);
const Enrol = later(async () => (await import("./recorder/enrol")).Enrol);
const Settings = later(async () => (await import("./recorder/settings")).Settings);
const Start = later(async () => (await import("./recorder/start")).Start);
const Summary = later(async () => (await import("./recorder/summary")).Summary);

const PlaceLight = later(async () => (await import("./recorder/place-light")).PlaceLight, true);
const Stage = later(async () => (await import("./recorder/practice")).Stage);

/** What went wrong, with the way out; and everything that is on the tablet as a file, if nothing else helps. */
function Trouble({ isFatal }: { readonly isFatal: boolean }) {
  const problem = trouble.value;
  if (!problem) return null;
  return (
    <div class={isFatal ? "welcome" : "banner banner--alarm trouble"} role="alert">
      {isFatal ? <h1>{say("start-up.failed")}</h1> : null}
      <p class="banner__words">{problem.sentence} {problem.remedy}</p>
      {isFatal ? (
        <>
          <button type="button" class="button button--primary" onClick={() => location.reload()}>{say("retry")}</button>
          <button type="button" class="button" onClick={() => void rescue().then(share).catch(report)}>{say("start-up.rescue")}</button>
        </>
      ) : (
        <button type="button" class="button" onClick={() => { trouble.value = null; }}>{say("close")}</button>
      )}
    </div>
  );
}

function Screen() {
  const now = screen.value;
  switch (now.name) {
    case "loading":
      return trouble.value ? null : <p class="welcome" role="status">{say("loading")}</p>;
    case "enrol":
      return <Enrol />;
    case "home":
      return <Home />;
    case "settings":
      return <Settings />;
    case "start":
      return <Start key={now.framework} hash={now.framework} />;
    case "summary":
      return <Summary key={now.session} session={now.session} />;
    case "session": {
      const session = live.value;
      if (!session) return null;
      return (
        <RecordingScreen
          key={session.session}
          recording={session.recording}
          safety={session.safety}
          banners={session.banners}
          setting={session.setting}
          stage={session.recording.header.purpose === "practice" ? <Stage recording={session.recording} /> : undefined}
          place={session.plan ? <PlaceLight recording={session.recording} plan={session.plan} /> : undefined}
          onPreferences={(wanted) => void changePreferences(wanted).catch(report)}
        />
      );
    }
  }
}

function App() {
  return (
    <main class="app__main">
      <Trouble isFatal={screen.value.name === "loading"} />
      <Screen />
    </main>
  );
}

/** Back never ends a session, and never leaves the recorder in the middle of one. */
function holdBack(): void {
  history.replaceState({ recorder: true }, "");
  history.pushState({ recorder: true }, "");
  window.addEventListener("popstate", () => {
    history.pushState({ recorder: true }, "");
    const sheet = live.peek()?.recording.sheet;
    if (sheet?.peek()) sheet.value = null;
    else if (!live.peek() && screen.peek().name !== "enrol" && screen.peek().name !== "loading") screen.value = { name: "home" };
  });
}

document.body.classList.add("app");
const root = document.getElementById("recorder");
if (root) {
  root.replaceChildren();
  render(<App />, root);
  holdBack();
  boot().catch(report);
}
