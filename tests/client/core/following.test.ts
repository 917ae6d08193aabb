import { describe, expect, it } from "vitest";
import { follow, type Progress } from "../../../static/src/core/following";

const running = (share: number): Progress => ({ state: "running", share, words: `${share}`, to: null });
const done: Progress = { state: "done", share: 1, words: "", to: "/result" };

async function followed(answers: readonly (Progress | null | Error)[]): Promise<string[]> {
  const told: string[] = [];
  const left = [...answers];
  await follow({
    ask: async () => {
      const next = left.shift();
      if (next === undefined) throw new Error("asked after leaving");
      if (next instanceof Error) throw next;
      return next;
    },
    show: (progress) => told.push(`${progress.share}`),
    lost: () => told.push("lost"),
    rest: async () => undefined,
    leave: (to) => told.push(`leave ${to}`),
  });
  return told;
}

describe("following heavy work", () => {
  it("leaves for the result once and asks no more, however long the result takes to come", async () => {
    expect(await followed([running(0.1), running(0.6), done])).toEqual(["0.1", "0.6", "1", "leave /result"]);
  });

  it("goes on when the server cannot be reached or does not say", async () => {
    expect(await followed([new Error("offline"), null, done])).toEqual(["lost", "1", "leave /result"]);
  });

  it.each(["failed", "cancelled"] as const)("shows the page again when it %s", async (state) => {
    expect(await followed([{ state, share: 0.4, words: "", to: null }])).toEqual(["0.4", "leave null"]);
  });
});
