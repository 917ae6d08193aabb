import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { after, AT_REST, backOff, hurry, nextStep, signedIn, type Exchange, type QueueState } from "../../../static/src/core/queue";

const one = ["s1"];

function failing(times: number, exchange: Exchange = { kind: "unreachable" }): QueueState {
  let state = AT_REST;
  for (let count = 0; count < times; count += 1) state = after(state, exchange, 1_000, 0.5);
  return state;
}

describe("the queue", () => {
  it("rests when there is nothing to send, and sends at once when there is", () => {
    expect(nextStep(AT_REST, [], 0)).toEqual({ kind: "rest" });
    expect(nextStep(AT_REST, one, 0)).toMatchObject({ kind: "send", limit: 1000, oneByOne: false, gzip: true });
  });

  it("waits twice as long after each failure, from two seconds up to five minutes", () => {
    expect([1, 2, 3, 8, 9, 40].map((failures) => backOff(failures, 0.5))).toEqual([
      2_000, 4_000, 8_000, 256_000, 300_000, 300_000,
    ]);
    expect([backOff(1, 0), backOff(1, 0.999)]).toEqual([1_000, 2_998]);
  });

  it("never gives up: after any number of failures there is an instant at which it sends", () => {
    const failures: Exchange[] = [
      { kind: "unreachable" }, { kind: "not-ours" }, { kind: "mangled" }, { kind: "busy", retryAfterMs: 3_600_000_000 },
      { kind: "too-large" }, { kind: "sign-in" }, { kind: "refused", sessions: one }, { kind: "later", sessions: one },
      { kind: "refused", sessions: ["s1", "s2"] },
    ];
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...failures), { maxLength: 60 }), fc.double({ min: 0, max: 0.999, noNaN: true }), (all, random) => {
        const state = all.reduce((each, exchange) => after(each, exchange, 0, random), AT_REST);
        const twoHours = 2 * 60 * 60_000;
        const step = nextStep(state, one, twoHours);
        expect(step.kind).toBe("send");
        expect(step.kind === "send" && step.limit).toBeGreaterThan(0);
      }),
    );
  });

  it("does what the server asks with Retry-After, even when the button is pressed (F17)", () => {
    const asked = after(AT_REST, { kind: "busy", retryAfterMs: 120_000 }, 1_000, 0);

    expect(nextStep(asked, one, 1_000)).toEqual({ kind: "wait", ms: 120_000 });
    expect(nextStep(hurry(asked, 1_000, 0, true), one, 1_000)).toEqual({ kind: "wait", ms: 120_000 });
  });

  it("tries at once by hand after the network failed, and within three seconds when the network is back", () => {
    const state = failing(6);

    expect(nextStep(state, one, 1_000).kind).toBe("wait");
    expect(nextStep(hurry(state, 1_000, 0.5, true), one, 1_000).kind).toBe("send");
    expect(nextStep(hurry(state, 1_000, 0.5, false), one, 1_000)).toEqual({ kind: "wait", ms: 1_500 });
  });

  it("halves what it sends when that is too large, and grows again after a success", () => {
    const small = after(after(AT_REST, { kind: "too-large" }, 0, 0), { kind: "too-large" }, 0, 0);

    expect(nextStep(small, one, 0)).toMatchObject({ kind: "send", limit: 250 });
    expect(after(small, { kind: "progress" }, 0, 0)).toMatchObject({ limit: 500, failures: 0, problem: null });
  });

  it("sends plain after a body was mangled, since a proxy may unpack on the way (F12)", () => {
    expect(failing(1, { kind: "mangled" }).gzip).toBe(false);
    expect(failing(2, { kind: "mangled" }).gzip).toBe(true);
  });

  it("finds the one session that the server cannot read, and lets the others pass", () => {
    const both = after(AT_REST, { kind: "refused", sessions: ["s1", "s2"] }, 0, 0.5);
    expect(nextStep(both, ["s1", "s2"], 0)).toMatchObject({ kind: "send", oneByOne: true });

    const found = after(both, { kind: "refused", sessions: ["s1"] }, 0, 0.5);
    expect(nextStep(found, ["s1", "s2"], 0)).toMatchObject({ kind: "send", without: new Set(["s1"]) });
    expect(nextStep(found, ["s1"], 0)).toEqual({ kind: "wait", ms: 300_000 });
  });

  it("begins afresh once the tablet has a token again (F21)", () => {
    expect(nextStep(signedIn(failing(9, { kind: "sign-in" })), one, 1_000).kind).toBe("send");
  });
});
