import type { Budget } from "./time-budget";
import { clockTime, percent, say } from "./words";

/** A stream's budget as a table, with a bar beside each share. */
export function BudgetTable({ budget }: { readonly budget: Budget }) {
  const hasTime = budget.rows.some((row) => row.ms !== null);
  const rows = [...budget.rows].sort((one, other) => (other.ms ?? 0) - (one.ms ?? 0) || other.times - one.times);
  if (rows.every((row) => row.times === 0)) return <p class="quiet">{say("summary.nothing")}</p>;
  const of = budget.unit === "time" ? clockTime(budget.of) : String(budget.of);
  const shareTitle = { time: "summary.share", intervals: "summary.share.intervals", scans: "summary.share.scans" } as const;
  return (
    <div class="budget-scroll">
      <table class="budget">
        <caption class="visually-hidden">{budget.title}</caption>
        <thead>
          <tr>
            <th scope="col">{say("summary.code")}</th>
            <th scope="col" class="number">{say("summary.times")}</th>
            {hasTime ? <th scope="col" class="number">{say("summary.time")}</th> : null}
            <th scope="col" colSpan={2}>{say(shareTitle[budget.unit], { of })}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.id}>
              <th scope="row">{row.label}</th>
              <td class="number">{row.times}</td>
              {hasTime ? <td class="number">{row.ms === null ? "" : clockTime(row.ms)}</td> : null}
              <td class="number">{row.share === null ? "" : percent(row.share)}</td>
              <td>{row.share === null ? null : <progress class="interval__progress" max={1} value={Math.min(1, row.share)} aria-hidden="true" />}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
