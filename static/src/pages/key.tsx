/** The page of the key of pseudonyms. */

import { effect } from "@preact/signals";
import { render } from "preact";
import { Refused, Safe, type Subject } from "./key/safe";
import { KeyPage } from "./key/view";

const root = document.getElementById("key");

/** JSON to one of the key's addresses; what the server has against it becomes words for the person. */
function postTo(base: string, token: string) {
  return async (path: string, body: unknown): Promise<unknown> => {
    const headers = { Accept: "application/json", "Content-Type": "application/json", "X-CSRFToken": token };
    let response: Response;
    try {
      response = await fetch(base + path, { method: "POST", headers, body: JSON.stringify(body), redirect: "error" });
    } catch {
      throw new Refused("The server cannot be reached, or your sign-in has ended. Nothing was changed.");
    }
    const answer = await response.json() as { readonly detail?: string; readonly remedy?: string };
    if (!response.ok) throw new Refused(`${answer.detail ?? ""} ${answer.remedy ?? ""}`.trim());
    return answer;
  };
}

if (root) {
  const { study = "", roster = "[]", kept = "", base = "", token = "" } = root.dataset;
  const safe = new Safe(study, JSON.parse(roster) as Subject[], kept === "yes", postTo(base, token));
  for (const sign of ["pointerdown", "keydown"]) addEventListener(sign, () => safe.stir());
  addEventListener("pagehide", () => safe.lock());
  effect(() => {
    const deleting = document.getElementById("delete");
    if (deleting) deleting.hidden = safe.stand.value.kind === "none";
  });
  root.replaceChildren();
  render(<KeyPage safe={safe} />, root);
}
