import { readFileSync } from "node:fs";
import { env } from "node:process";
import { expect, test } from "vitest";
import type { SessionEvent, SessionHeader } from "../../../static/src/core/events.ts";
import type { FrameworkDocument } from "../../../static/src/core/framework.ts";
import { timeline } from "../../../static/src/core/timeline.ts";

interface Case {
  readonly framework: FrameworkDocument;
  readonly header: Pick<SessionHeader, "subjects">;
  readonly events: readonly SessionEvent[];
  readonly expected: unknown;
}

const FILE = env["OBSERVE_TWIN_CASES"];

/** Run by tests/unit/test_coding_twins.py, which writes the cases and what Python makes of them. */
test.skipIf(FILE === undefined)("random logs mean the same in Python", () => {
  const cases = JSON.parse(readFileSync(FILE ?? "", "utf-8")) as readonly Case[];

  expect(cases.length).toBeGreaterThan(0);
  for (const { framework, header, events, expected } of cases) expect(timeline(framework, header, events)).toEqual(expected);
});
