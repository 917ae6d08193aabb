/** How observers of one happening are compared: unit, measure, level, and how far apart two codes are. */

import type { Stream } from "../../core/framework";
import { at, type Path, put } from "./document";
import { Choose, Field, Figure, Unplaced, useDraft } from "./fields";

export type Weights = readonly (readonly number[])[];

/** Every code as far from every other as from the next: what comparing names alone does. */
export function nominal(size: number): Weights {
  return Array.from({ length: size }, (_, row) => Array.from({ length: size }, (_each, column) => (row === column ? 0 : 1)));
}

/** A matrix with another distance between two codes, the same both ways, and as large as there are codes now. */
export function withDistance(weights: Weights, size: number, row: number, column: number, distance: number): Weights {
  const whole = nominal(size).map((line, i) => line.map((usual, j) => weights[i]?.[j] ?? usual));
  return whole.map((line, i) => line.map((each, j) => ((i === row && j === column) || (i === column && j === row) ? distance : each)));
}

export function AgreementFields({ path, stream }: { readonly path: Path; readonly stream: Stream }) {
  const draft = useDraft();
  const planned = at(draft.document.value, path) !== undefined;
  if (!planned) {
    return (
      <>
        <p class="quiet">Nothing is asked for yet. Say it before anybody goes out; afterwards any level looks good enough.</p>
        <button type="button" class="button" onClick={() => draft.set(path, { unit: usualUnit(stream), level: 0.8 })}>Ask for agreement</button>
      </>
    );
  }
  return (
    <>
      <div class="columns">
        <Choose path={[...path, "unit"]} label="Compared by" keepDefault choices={[["second", "second"], ["interval", "interval"], ["event", "event"], ["utterance", "utterance"], ["scan", "scan"], ["rating", "rating"]]} />
        <Choose path={[...path, "measure"]} label="Measure" choices={[["alpha", "Krippendorff's alpha"], ["kappa", "Cohen's kappa"], ["percent", "per cent"], ["icc", "intraclass correlation"]]} />
        <Figure path={[...path, "level"]} label="At least" hint="Customary: .667 usable, .80 good." />
        <Figure path={[...path, "tolerance_ms"]} label="Tolerance in seconds" scale={1000} />
      </div>
      <WeightFields path={[...path, "weights"]} stream={stream} />
      <Unplaced path={path} />
      <button type="button" class="button button--quiet" onClick={() => draft.set(path, undefined)}>Ask for nothing</button>
    </>
  );
}

function usualUnit(stream: Stream): string {
  const kind = stream.sampling?.kind ?? "continuous";
  if (kind.includes("interval") || kind === "observe-record") return "interval";
  if (kind === "momentary-scan" || kind === "snapshots" || kind === "area-count") return "scan";
  if (kind === "rating" || kind === "checklist") return "rating";
  return stream.exclusive ? "second" : "event";
}

/** How bad it is to take one code for another. */
function WeightFields({ path, stream }: { readonly path: Path; readonly stream: Stream }) {
  const draft = useDraft();
  const codes = (stream.codes ?? []).map((code) => code.id);
  const weights = at(draft.document.value, path);
  const own = Array.isArray(weights);
  const choose = (chosen: string) => draft.set(path, chosen === "own" ? nominal(codes.length) : chosen === "nominal" ? undefined : chosen);
  return (
    <Field path={path} label="How bad is it to take one code for another?">
      {(id, describedBy) => (
        <>
          <select id={id} aria-describedby={describedBy} value={own ? "own" : ((weights as string | undefined) ?? "nominal")} onChange={(event) => choose(event.currentTarget.value)}>
            <option value="nominal">each time the same</option>
            <option value="linear">the worse the further apart in the order</option>
            <option value="quadratic">much worse the further apart in the order</option>
            <option value="own">as in a table of our own</option>
          </select>
          {own && <WeightTable codes={codes} weights={weights as Weights} onSet={(row, column, distance) => draft.change((document) => put(document, path, withDistance(weights as Weights, codes.length, row, column, distance)), `${path.join("/")}/${row}/${column}`)} />}
        </>
      )}
    </Field>
  );
}

interface TableProps {
  readonly codes: readonly string[];
  readonly weights: Weights;
  readonly onSet: (row: number, column: number, distance: number) => void;
}

function WeightTable({ codes, weights, onSet }: TableProps) {
  return (
    <div class="table-scroll" tabIndex={0} role="region" aria-label="Distances between codes">
      <table class="weights">
        <caption>0 is no disagreement. Only one half is asked: it is as bad one way as the other.</caption>
        <thead><tr><th scope="col">Code</th>{codes.slice(0, -1).map((code) => <th scope="col" key={code}>{code}</th>)}</tr></thead>
        <tbody>
          {codes.slice(1).map((code, above) => (
            <tr key={code}>
              <th scope="row">{code}</th>
              {codes.slice(0, above + 1).map((other, column) => (
                <td key={other}>
                  <input type="number" min={0} step="any" inputMode="decimal" aria-label={`${code} taken for ${other}`} value={weights[above + 1]?.[column] ?? 1} onChange={(event) => onSet(above + 1, column, Math.max(0, Number(event.currentTarget.value) || 0))} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
