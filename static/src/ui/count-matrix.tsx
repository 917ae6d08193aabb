import { type ReadonlySignal, useComputed, useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
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

/** What a phone held upright shows almost without scrolling. */
const FEW_ROWS = 6;

function sizeOf(dimensions: readonly Dimension[]): number {
  return dimensions.reduce((product, dimension) => product * dimension.options.length, 1);
}

interface Sides {
  readonly rows: readonly Dimension[];
  readonly columns: readonly Dimension[];
}

/**
 * Which dimensions stand at the side and which across, with columns wide enough for a finger: the first at the side and
 * the rest across where that fits; else whatever leaves the fewest rows. Each side keeps the order of the framework.
 */
export function arranged(dimensions: readonly Dimension[], most: number): Sides {
  if (dimensions.length < 2) return { rows: dimensions, columns: [] };
  for (let side = 1; side < dimensions.length; side += 1) {
    const natural = { rows: dimensions.slice(0, side), columns: dimensions.slice(side) };
    if (sizeOf(natural.columns) <= most && sizeOf(natural.rows) <= FEW_ROWS) return natural;
  }
  let columns: readonly Dimension[] = dimensions.slice(-1);
  for (let chosen = 1, best = 0; chosen < 2 ** dimensions.length - 1; chosen += 1) {
    const across = dimensions.filter((_, place) => chosen & (1 << place));
    const wide = sizeOf(across);
    if (wide <= most && wide >= best) [best, columns] = [wide, across];
  }
  return { rows: dimensions.filter((dimension) => !columns.includes(dimension)), columns };
}

function columnsThatFit(width: number): number {
  const rem = Number.parseFloat(getComputedStyle(document.documentElement).fontSize) || 16;
  const isBeside = width >= 60 * rem || width > window.innerHeight; // the list of events stands beside the pad
  const wide = isBeside ? width * 0.65 : width;
  return Math.max(2, Math.floor(wide / (rem * 4.2)) - 1);
}

/** The width of the window, which turning the tablet changes. */
function useWidth(): ReadonlySignal<number> {
  const width = useSignal(window.innerWidth);
  useEffect(() => {
    const look = (): void => {
      width.value = window.innerWidth;
    };
    window.addEventListener("resize", look);
    return () => window.removeEventListener("resize", look);
  }, [width]);
  return width;
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
  const side = arranged(dimensions, columnsThatFit(useWidth().value));
  const rows = crossed(side.rows);
  const columns = crossed(side.columns);
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
            {side.columns.map((dimension, level) => (
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
                      name={nameOf({ ...row.cell, ...column.cell }, dimensions)}
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

/** The words of a cell in the framework's own order, wherever its dimensions stand. */
function nameOf(cell: Cell, dimensions: readonly Dimension[]): string {
  return dimensions
    .map((dimension) => words(dimension.options.find((option) => option.id === cell[dimension.id])?.label ?? ""))
    .join(", ");
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
