import { say } from "../../ui/words";
import { loss, noteLoss, report } from "./app";

/** That the browser cleared this tablet, in figures, until somebody says that they have read it. */
export function LossBanner() {
  if (!loss.value) return null;
  return (
    <div class="banner banner--alarm" role="alert">
      <span class="banner__words">{loss.value.sentence}</span>
      <button type="button" class="button" onClick={() => void noteLoss().catch(report)}>{say("start-up.noted")}</button>
    </div>
  );
}
