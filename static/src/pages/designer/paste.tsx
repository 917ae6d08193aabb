/** Rows pasted from a spreadsheet become codes, after a look at what was understood. */

import { useState } from "preact/hooks";
import type { Code } from "../../core/framework";
import { Findings, useDraft } from "./fields";
import type { Path } from "./document";
import { wordsOf } from "./document";
import type { Finding } from "./draft";
import { addCodes } from "./stream";

interface Understood {
  readonly codes: readonly Code[];
  readonly findings: readonly Finding[];
}

export function Paste({ path, onDone }: { readonly path: Path; readonly onDone: () => void }) {
  const draft = useDraft();
  const [understood, setUnderstood] = useState<Understood | null>(null);
  const [problem, setProblem] = useState("");
  const read = async (text: string) => {
    setProblem("");
    if (text.trim() === "") return setUnderstood(null);
    try {
      setUnderstood(await draft.understand(text));
    } catch (error) {
      setProblem(error instanceof Error ? error.message : "The rows could not be read.");
    }
  };
  return (
    <section class="card paste" aria-label="Paste rows">
      <label class="field">
        <span class="label">Rows</span>
        <span class="field__hint">
          Copy the cells and paste them here. With a first row of headings (code, name, definition, type, key, group, include, exclude, example)
          their order does not matter; without one, the columns are code, name, definition.
        </span>
        <textarea rows={6} onInput={(event) => void read(event.currentTarget.value)} />
      </label>
      <p role="status" class="field__error">{problem}</p>
      {understood && (
        <>
          <Findings found={understood.findings} />
          <div class="table-scroll" tabIndex={0} role="region" aria-label="What was understood">
            <table>
              <caption>{understood.codes.length} codes were understood</caption>
              <thead><tr><th scope="col">Code</th><th scope="col">Name</th><th scope="col">Kind</th><th scope="col">Definition</th></tr></thead>
              <tbody>
                {understood.codes.map((code) => (
                  <tr key={code.id}><th scope="row">{code.id}</th><td>{wordsOf(code.label)}</td><td>{code.type ?? "point"}</td><td>{wordsOf(code.definition)}</td></tr>
                ))}
              </tbody>
            </table>
          </div>
          <div class="actions">
            <button type="button" class="button button--primary" disabled={understood.codes.length === 0} onClick={() => {
              draft.change((document) => addCodes(document, path, understood.codes));
              onDone();
            }}>Add {understood.codes.length} codes</button>
            <button type="button" class="button" onClick={onDone}>Cancel</button>
          </div>
        </>
      )}
    </section>
  );
}
