import { useComputed, useSignal } from "@preact/signals";
import { type Dimension, samplingOf, type Stream } from "../core/framework";
import { press } from "./press";
import type { Recording } from "./recording";
import { say, words } from "./words";

export type Cell = Readonly<Record<string, string>>;

interface Side {
  readonly cell: Cell;
  readonly labels: readonly string[];
}

/** Every combination of these dimensions, the last one varying fastest. */
export function crossed(dimensions: readonly Dimension[]): readonly Side[] {
  return dimensions.reduce<readonly Side[]>(
    (sides, dimension) =>
      sides.flatMap((side) =>
        dimension.options.map((option) => ({
          cell: { ...side.cell, [dimension.id]: option.id },
          labels: [...side.labels, words(option.label)],
        })),
      ),
    [{ cell: {}, labels: [] }],
  );
}

/** The codes are one dimension more, under the name `code`. */
export function dimensionsOf(stream: Stream): readonly Dimension[] {
  const codes = (stream.codes ?? []).map((code) => ({ id: code.id, label: code.label }));
  const own: readonly Dimension[] = codes.length > 0 ? [{ id: "code", label: stream.label, options: codes }] : [];
  return [...own, ...(stream.crossed ?? [])];
}

/** How many dimensions stand at the side: as few as leave the columns wide enough for a finger. */
export function sideCount(dimensions: readonly Dimension[], most: number): number {
  for (let side = 1; side < dimensions.length; side += 1) {
    const columns = dimensions.slice(side).reduce((product, dimension) => product * dimension.options.length, 1);
    if (columns <= most) return side;
  }
  return Math.max(1, dimensions.length - (dimensions.length > 1 ? 1 : 0));
}

function columnsThatFit(): number {
  const rem = Number.parseFloat(getComputedStyle(document.documentElement).fontSize) || 16;
  const wide = window.innerWidth >= 60 * rem ? window.innerWidth * 0.7 : window.innerWidth;
  return Math.max(2, Math.floor(wide / (rem * 4.2)) - 1);
}

function MatrixCell({ recording, stream, cell, name, minus }: { readonly recording: Recording; readonly stream: Stream; readonly cell: Cell; readonly name: string; readonly minus: boolean }) {
  const count = useComputed(() => recording.countIn(stream, cell));
  const enabled = useComputed(() => recording.mayCount(stream));
  const handlers = press({ onPress: (touchedAt) => recording.addCount(stream, cell, minus ? -1 : 1, touchedAt) });
  return (
    <button
      type="button"
      class={`matrix__cell ${count.value > 0 ? "matrix__cell--some" : "matrix__cell--zero"}`}
      aria-label={say("count.cell", { what: name, n: count.value })}
      disabled={!enabled.value || (minus && count.value === 0)}
      {...handlers}
    >
      {count}
    </button>
  );
}

/** Crossed counts as a table: one touch in the cell counts one more person who is doing that. */
export function CountMatrix({ recording, stream }: { readonly recording: Recording; readonly stream: Stream }) {
  const minus = useSignal(false);
  const dimensions = dimensionsOf(stream);
  const side = sideCount(dimensions, columnsThatFit());
  const rows = crossed(dimensions.slice(0, side));
  const columns = crossed(dimensions.slice(side));
  const total = useComputed(() => recording.countTotal(stream));
  return (
    <>
      <div class="row row--apart matrix__head">
        <span class="matrix__totals">{say("count.total", { n: total.value })}</span>
        <button type="button" class="chip" aria-pressed={minus.value} onClick={() => { minus.value = !minus.value; }}>
          {say(minus.value ? "count.mode.minus" : "count.take-back")}
        </button>
        {samplingOf(stream) === "tally" ? null : (
          <button type="button" class="button button--primary" onClick={(event) => recording.completeCount(stream, event.timeStamp)}>
            {say("scan.save")}
          </button>
        )}
      </div>
      <div class="matrix">
        <table>
          <thead>
            {dimensions.slice(side).map((dimension, level) => (
              <tr key={dimension.id}>
                <td />
                {headings(columns, level).map((heading) => (
                  <th key={heading.key} scope="col" colSpan={heading.span}>{heading.label}</th>
                ))}
              </tr>
            ))}
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={row.labels.join("/")}>
                <th scope="row">{row.labels.join(" · ")}</th>
                {columns.map((column) => (
                  <td key={column.labels.join("/")}>
                    <MatrixCell
                      recording={recording}
                      stream={stream}
                      cell={{ ...row.cell, ...column.cell }}
                      name={[...row.labels, ...column.labels].join(", ")}
                      minus={minus.value}
                    />
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}

function headings(columns: readonly Side[], level: number): readonly { key: string; label: string; span: number }[] {
  const merged: { key: string; label: string; span: number }[] = [];
  for (const column of columns) {
    const key = column.labels.slice(0, level + 1).join("/");
    const last = merged.at(-1);
    if (last?.key === key) last.span += 1;
    else merged.push({ key, label: column.labels[level] ?? "", span: 1 });
  }
  return merged;
}
