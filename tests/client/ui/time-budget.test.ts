// @vitest-environment happy-dom
import { expect, test } from "vitest";
import { timeline } from "../../../static/src/core/timeline.ts";
import { budgetsOf, observedTime } from "../../../static/src/ui/time-budget.ts";
import { LECTURE, stage, TICKS } from "./stage.ts";

test("a pause is in nobody's share", () => {
  const { recording, log } = stage(LECTURE);
  const stream = recording.index.streams[0]!;
  recording.tap(stream, stream.codes![0]!, 0);
  recording.tap(stream, stream.codes![1]!, 30_000);
  recording.pause(40_000);
  recording.resume(50_000);
  recording.record({ kind: "end", count: 7 }, 60_000);

  const record = timeline(LECTURE, recording.header, log);
  const [budget] = budgetsOf(recording.index, record);

  expect(observedTime(record)).toBe(50_000);
  expect(budget?.rows.map(({ id, times, ms, share }) => [id, times, ms, share])).toEqual([
    ["LT", 1, 30_000, 0.6], ["SD", 1, 20_000, 0.4], ["FB", 0, 0, 0],
  ]);
});

test("an interval stream is counted in intervals, not in time", () => {
  const { recording, log, go } = stage(TICKS);
  const stream = recording.index.streams[0]!;
  for (const [at, place] of [[1_000, 0], [130_000, 0], [130_500, 1]] as const) {
    go(at);
    recording.tap(stream, stream.codes![place]!, at);
  }
  recording.record({ kind: "end", count: 5 }, 240_000);

  const [budget] = budgetsOf(recording.index, timeline(TICKS, recording.header, log));

  expect([budget?.unit, budget?.of]).toEqual(["intervals", 2]);
  expect(budget?.rows.map(({ id, times, share }) => [id, times, share])).toEqual([["L", 2, 1], ["Ind", 1, 0.5]]);
});
