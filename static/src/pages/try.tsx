/** The virtual tablet of the designer: the recorder with the draft as it stands, and nothing kept. */

import "../../css/recorder.css";
import { signal } from "@preact/signals";
import { render } from "preact";
import type { FrameworkDocument } from "../core/framework";
import { Recorder } from "../ui/recorder";
import { say } from "../ui/words";

const draft = signal<FrameworkDocument | null>(null);
const round = signal(0);
const ended = signal(false);

function isDraft(data: unknown): data is { readonly framework: FrameworkDocument } {
  return typeof data === "object" && data !== null && "observe" in data && data.observe === "try" && "framework" in data;
}

/** Another draft begins another trial: half-recorded events of the one before would mean something else now. */
function take(framework: FrameworkDocument): void {
  if (JSON.stringify(framework) === JSON.stringify(draft.peek())) return;
  draft.value = framework;
  begin();
}

function begin(): void {
  round.value += 1;
  ended.value = false;
}

function Trial() {
  if (!draft.value) return <p role="status">{say("try.waiting")}</p>;
  if (ended.value) {
    return (
      <div class="welcome">
        <p>{say("try.ended")}</p>
        <button type="button" class="button button--primary button--big" onClick={begin}>{say("try.again")}</button>
      </div>
    );
  }
  return <Recorder key={round.value} framework={draft.value} mode="try" onEnd={() => { ended.value = true; }} />;
}

window.addEventListener("message", (event: MessageEvent<unknown>) => {
  if (event.origin === location.origin && isDraft(event.data)) take(event.data.framework);
});
document.body.classList.add("app");
const root = document.getElementById("recorder");
if (root) {
  root.replaceChildren();
  render(<Trial />, root);
}
window.parent.postMessage({ observe: "ready" }, location.origin);
