/** Lasting ids: what names a part in every export, whatever becomes of its words. */

import { useState } from "preact/hooks";
import { at, idFrom, idsOf, listAt, type Path, renameItem, wordsOf } from "./document";
import { pointerOf } from "./draft";
import { useDraft, Words } from "./fields";
import type { Text } from "../../core/framework";

interface IdentityProps {
  readonly path: Path;
  readonly id: string;
  readonly label: string;
  readonly taken: ReadonlySet<string>;
  readonly onRename: (to: string) => void;
}

/** The id can change while the framework is a draft; everything that speaks of it follows. */
export function Identity({ path, id, label, taken, onRename }: IdentityProps) {
  const [wrong, setWrong] = useState("");
  const rename = (to: string) => {
    if (to === id) return setWrong("");
    if (!/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}$/.test(to)) return setWrong("Letters, digits, _ - . only, 64 at most.");
    if (taken.has(to)) return setWrong(`There is a ${to} already.`);
    setWrong("");
    onRename(to);
  };
  const field = `id-${path.join("-")}`;
  return (
    <div class="field design-field" data-at={pointerOf([...path, "id"])}>
      <label for={field}>{label}</label>
      <span class="field__hint">Short and lasting; it stands in every export.</span>
      <input id={field} type="text" value={id} onChange={(event) => rename(event.currentTarget.value.trim())} aria-describedby={`${field}-wrong`} />
      <p class="field__error" id={`${field}-wrong`} role="status">{wrong}</p>
    </div>
  );
}

interface NamedProps {
  readonly path: Path;
  readonly label: string;
  /** What ids of parts that nobody has named yet begin with. */
  readonly unnamed: string;
  readonly hint?: string;
}

/** The name of a part. Its first name gives it its id; from then on the two are independent, and both can be changed. */
export function Named({ path, label, unnamed, hint }: NamedProps) {
  const draft = useDraft();
  const [changing, setChanging] = useState(false);
  const id = String(at(draft.document.value, [...path, "id"]) ?? "");
  const taken = idsOf(listAt(draft.document.value, path.slice(0, -1)) as readonly { readonly id: string }[]);
  const nameId = () => {
    const words = wordsOf(at(draft.document.peek(), [...path, "label"]) as Text | undefined);
    if (!new RegExp(`^${unnamed}(_\\d+)?$`).test(id) || words === "" || words === `New ${unnamed}`) return;
    draft.change((document) => renameItem(document, path, idFrom(words, taken, unnamed)));
  };
  return (
    <div class="design-named">
      <div onFocusOut={nameId}><Words path={[...path, "label"]} label={label} {...(hint === undefined ? {} : { hint })} /></div>
      {changing
        ? <Identity path={path} id={id} label="Name in exports" taken={taken} onRename={(to) => draft.change((document) => renameItem(document, path, to))} />
        : <p class="design-named__id">In exports: <code>{id}</code> <button type="button" class="button button--quiet" aria-label={`Change the name in exports, now ${id}`} onClick={() => setChanging(true)}>Change</button></p>}
    </div>
  );
}
