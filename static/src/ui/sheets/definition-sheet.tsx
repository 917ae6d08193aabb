import type { Code, Text } from "../../core/framework";
import type { Recording } from "../recording";
import { Sheet } from "../sheet";
import { clockTime, say, words } from "../words";

interface Props {
  readonly recording: Recording;
  readonly code: Code;
  /** The tap that the long touch began with; it was taken back, and can be put back at its time. */
  readonly taken: { readonly at: number; readonly putBack: () => void } | null;
}

function Items({ title, items, look }: { readonly title: string; readonly items: readonly Text[] | undefined; readonly look: string }) {
  if (!items || items.length === 0) return null;
  return (
    <div>
      <h3>{title}</h3>
      <ul class={look}>{items.map((item, index) => <li key={index}>{words(item)}</li>)}</ul>
    </div>
  );
}

/** What two people should apply alike, one long touch away. */
export function DefinitionSheet({ recording, code, taken }: Props) {
  const opportunity = words(code.opportunity);
  return (
    <Sheet title={words(code.label)} onClose={() => recording.closeSheet()} class="sheet--tall">
      {taken ? (
        <div class="row row--apart" role="status">
          <span class="quiet">{say("definition.taken-back")}</span>
          <button type="button" class="button" onClick={() => { taken.putBack(); recording.closeSheet(); }}>{say("definition.record", { at: clockTime(taken.at) })}</button>
        </div>
      ) : null}
      <div class="definition">
        <p>{words(code.definition) || say("definition.none")}</p>
        <Items title={say("definition.include")} items={code.include} look="definition__yes" />
        <Items title={say("definition.exclude")} items={code.exclude} look="definition__no" />
        <Items title={say("definition.examples")} items={code.examples} look="definition__yes" />
        <Items title={say("definition.non-examples")} items={code.non_examples} look="definition__no" />
        {opportunity ? <div><h3>{say("definition.opportunity")}</h3><p>{opportunity}</p></div> : null}
      </div>
    </Sheet>
  );
}
