/** Rows pasted from a spreadsheet become codes, after a look at what was understood. */

import { useEffect, useRef, useState } from "preact/hooks";
import type { Stream } from "../../core/framework";
import { Findings, useDraft } from "./fields";
import { type DesignDocument, idFrom, idsOf, insert, type Path, put, wordsOf } from "./document";
import type { Pasted } from "./draft";
import { place } from "./place";
import { addCodes } from "./stream";

/** With what was pasted: the codes of one stream go into the stream at hand, several streams come as streams of their own. */
export function withPasted(document: DesignDocument, path: Path, pasted: Pasted): DesignDocument {
  const known = idsOf(document.modifiers);
  const modifiers = pasted.modifiers.filter((each) => !known.has(each.id));
  const ready = modifiers.length > 0 ? put(document, ["modifiers"], [...(document.modifiers ?? []), ...modifiers]) : document;
  if (pasted.streams.length <= 1) return addCodes(ready, path, pasted.streams[0]?.codes ?? []);
  return pasted.streams.reduce<DesignDocument>((now, stream) => {
    const { codes = [], ...empty } = stream;
    const made: Stream = { ...empty, id: idsOf(now.streams).has(stream.id) ? idFrom(stream.id, idsOf(now.streams)) : stream.id };
    const place = (now.streams ?? []).length;
    return addCodes(insert(now, ["streams"], made), ["streams", place], codes);
  }, ready);
}

export function Paste({ path, onDone }: { readonly path: Path; readonly onDone: (added: boolean) => void }) {
  const draft = useDraft();
  const [understood, setUnderstood] = useState<Pasted | null>(null);
  const [problem, setProblem] = useState("");
  const field = useRef<HTMLTextAreaElement>(null);
  useEffect(() => field.current?.focus(), []);
  const codes = (understood?.streams ?? []).flatMap((stream) => (stream.codes ?? []).map((code) => ({ code, stream })));
  const streams = understood?.streams.length ?? 0;
  const read = async (text: string) => {
    setProblem("");
    if (text.trim() === "") return setUnderstood(null);
    try {
      setUnderstood(await draft.understand(text));
    } catch (error) {
      setProblem(error instanceof Error ? error.message : "The rows could not be read.");
    }
  };
  const words = streams > 1 ? `Add ${streams} streams` : `Add ${codes.length} code${codes.length === 1 ? "" : "s"}`;
  const add = () => {
    if (!understood) return;
    const before = draft.document.value.streams?.length ?? 0;
    draft.change((document) => withPasted(document, path, understood));
    draft.said.value = `${words.replace("Add ", "")} added. Undo takes them away again.`;
    if (streams > 1) place.value = `streams/${before}`;
    onDone(streams <= 1);
  };
  return (
    <section class="card paste" aria-label="Paste rows">
      <label class="field">
        <span class="label">Rows</span>
        <span class="field__hint">
          Copy the cells and paste them here. With a first row of headings (id, code, definition, type, stream, key, group, include, exclude, example …)
          their order does not matter; without one, the first column is the code and the second its definition.
        </span>
        <textarea rows={6} ref={field} onInput={(event) => void read(event.currentTarget.value)} />
      </label>
      <p role="status" class="field__error">{problem}</p>
      {understood && (
        <>
          <Findings found={understood.findings} />
          <div class="actions">
            <button type="button" class="button button--primary" disabled={codes.length === 0} onClick={add}>{words}</button>
            <button type="button" class="button" onClick={() => onDone(false)}>Cancel</button>
          </div>
          <div class="table-scroll" tabIndex={0} role="region" aria-label="What was understood">
            <table>
              <caption>{codes.length} {codes.length === 1 ? "code was" : "codes were"} understood{streams > 1 ? `, in ${streams} streams` : ""}</caption>
              <thead><tr>{streams > 1 && <th scope="col">Stream</th>}<th scope="col">Code</th><th scope="col">Name</th><th scope="col">Kind</th><th scope="col">Definition</th></tr></thead>
              <tbody>
                {codes.map(({ code, stream }) => (
                  <tr key={`${stream.id} ${code.id}`}>
                    {streams > 1 && <td>{wordsOf(stream.label)}</td>}
                    <th scope="row">{code.id}</th><td>{wordsOf(code.label)}</td><td>{code.type ?? "point"}</td><td>{wordsOf(code.definition)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        </>
      )}
    </section>
  );
}
