/** An order of ids: which goes before which. */

import { listAt, type Path } from "./document";
import { pointerOf } from "./draft";
import { type Choices, Findings, useDraft } from "./fields";

interface Props {
  readonly path: Path;
  readonly label: string;
  readonly hint: string;
  readonly choices: Choices;
}

/** The list moved by one, or as it is at its ends. */
export function shifted(list: readonly string[], from: number, by: -1 | 1): readonly string[] {
  const to = from + by;
  const [one, other] = [list[from], list[to]];
  if (one === undefined || other === undefined) return list;
  return list.map((each, index) => (index === from ? other : index === to ? one : each));
}

export function Order({ path, label, hint, choices }: Props) {
  const draft = useDraft();
  const order = listAt(draft.document.value, path) as readonly string[];
  const words = new Map(choices);
  const left = choices.filter(([id]) => !order.includes(id));
  const set = (next: readonly string[]) => draft.set(path, next.length > 0 ? next : undefined);
  const shift = (id: string, index: number, by: -1 | 1) => {
    set(shifted(order, index, by));
    draft.said.value = `${id} is now at place ${index + by + 1} of ${order.length}.`;
  };
  return (
    <fieldset class="field design-order" data-at={pointerOf(path)}>
      <legend>{label}</legend>
      <span class="field__hint">{hint}</span>
      {order.length > 0 && (
        <ol class="design-order__list">
          {order.map((id, index) => (
            <li key={id}>
              <span>{id} {words.get(id) ?? ""}</span>
              <button type="button" class="button button--quiet" aria-label={`${id} earlier`} aria-disabled={index === 0} onClick={() => index > 0 && shift(id, index, -1)}>↑</button>
              <button type="button" class="button button--quiet" aria-label={`${id} later`} aria-disabled={index === order.length - 1} onClick={() => index < order.length - 1 && shift(id, index, 1)}>↓</button>
              <button type="button" class="button button--quiet" aria-label={`${id} out of the order`} onClick={() => set(order.filter((each) => each !== id))}>×</button>
            </li>
          ))}
        </ol>
      )}
      {left.length > 0 && (
        <div class="cluster">
          <select aria-label={`Add to: ${label}`} value="" onChange={(event) => event.currentTarget.value && set([...order, event.currentTarget.value])}>
            <option value="">Add a code …</option>
            {left.map(([id, each]) => <option key={id} value={id}>{id} {each}</option>)}
          </select>
          <button type="button" class="button button--quiet" onClick={() => set([...order, ...left.map(([id]) => id)])}>{order.length === 0 ? "All, as they stand" : "All the others, as they stand"}</button>
        </div>
      )}
      <Findings found={draft.foundBelow.value.at(path)} />
    </fieldset>
  );
}
