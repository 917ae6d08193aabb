import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { LIMIT, recorderScripts, sum } from "../../static/scripts/size.mjs";

test("what is loaded before the first tap is at most 60,000 bytes gzipped, and the rest comes later", async () => {
  const scripts = await recorderScripts();

  expect(LIMIT).toBe(60_000);
  expect(sum(scripts, true)).toBeLessThanOrEqual(LIMIT);
  expect(sum(scripts, true)).toBeGreaterThan(20_000); // a build that lost its parts is no small one
  expect(scripts.filter((each) => !each.isFirst).map((each) => each.file.replace(/^assets\/|-[\w-]{8}\.js$/g, ""))).toEqual(
    expect.arrayContaining(["enrol", "settings", "summary", "loop"]),
  );
});

test("nothing that a tap needs is fetched by the recording screen when it is tapped", () => {
  const screen = readFileSync(new URL("../../static/src/ui/code-pad.tsx", import.meta.url), "utf8");

  expect(screen).not.toContain("import(");
});
