import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { compare, kappaOf } from "../../../static/src/core/practice.ts";
import { timeline } from "../../../static/src/core/timeline.ts";
import type { SessionEvent } from "../../../static/src/core/events.ts";
import type { FrameworkDocument } from "../../../static/src/core/framework.ts";

const FILE = join(import.meta.dirname, "..", "..", "golden", "practice.json");
const CASE = JSON.parse(readFileSync(FILE, "utf-8")) as { framework: FrameworkDocument; header: { subjects: string[] }; agreed: SessionEvent[]; own: SessionEvent[]; expected: unknown[] };
const record = (events: readonly SessionEvent[]) => timeline(CASE.framework, CASE.header, events);

/** The same figures are worked out in Python by tests/unit/test_practice_twin.py. */
test("code by code, the figures are those of the analysis", () => {
  const { codes } = compare(CASE.framework, record(CASE.agreed), record(CASE.own));
  if (process.env["OBSERVE_WRITE_GOLDEN"]) writeFileSync(FILE, `${JSON.stringify({ ...CASE, expected: codes }, null, 1)}\n`);

  expect(codes.map(({ code }) => code)).toEqual(["LT", "SQ", "ST", "runs", "laughs", "hits", "noise", "hand"]);
  expect(codes).toEqual(CASE.expected);
});

test("somebody who codes the same agrees on everything, and has no moment to look at", () => {
  const { codes, moments } = compare(CASE.framework, record(CASE.agreed), record(CASE.agreed));

  expect(moments).toEqual([]);
  expect(codes.every(({ percent }) => percent === 1)).toBe(true);
});

test("every second of disagreement lies in one of the moments", () => {
  const { codes, moments } = compare(CASE.framework, record(CASE.agreed), record(CASE.own));
  const told = moments.filter(({ stream }) => stream === "talk");
  const seconds = told.reduce((sum, { start, end, agreed, own }) => sum + ((end - start) / 1000) * (Number(agreed !== null) + Number(own !== null)), 0);
  const talk = codes.filter(({ stream }) => stream === "talk");
  const wrong = talk.reduce((sum, { units, percent }) => sum + Math.round(units * (1 - (percent ?? 1))), 0);

  expect(seconds).toBeGreaterThan(0);
  expect(wrong).toBe(seconds); // a second on which two codes were said counts against each of them
});

test("a pause stops the film, so what comes after it still lies beside its like", () => {
  const shift = (event: SessionEvent): SessionEvent => (event.at >= 60_000 ? { ...event, at: event.at + 30_000, seq: event.seq + 2 } : event);
  const stamp = { mono: 0, wall: 0, offset: 0, zone: "UTC", boot: "b" };
  const moved = CASE.agreed.map(shift);
  const seq = moved.findIndex((event) => event.at >= 60_000) + 1;
  const own = [...moved.slice(0, seq - 1), { ...stamp, id: "p", seq, at: 60_000, kind: "pause" }, { ...stamp, id: "r", seq: seq + 1, at: 90_000, kind: "resume" }, ...moved.slice(seq - 1)] as SessionEvent[];
  const { codes } = compare(CASE.framework, record(CASE.agreed), record(own));

  expect(codes.filter(({ unit }) => unit === "second").every(({ percent }) => (percent ?? 0) > 0.98)).toBe(true);
});

test("kappa is one for full agreement, none where nothing varied, and a third in the textbook table", () => {
  expect(kappaOf([5, 0, 0, 5])).toBe(1);
  expect(kappaOf([10, 0, 0, 0])).toBeNull();
  expect(kappaOf([20, 5, 10, 15])).toBeCloseTo(0.4, 10);
});
