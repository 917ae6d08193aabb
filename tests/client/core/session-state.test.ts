import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { SessionEvent } from "../../../static/src/core/events.ts";
import { effective } from "../../../static/src/core/facts.ts";
import { indexOf, samplingOf, type FrameworkDocument } from "../../../static/src/core/framework.ts";
import { key, SessionState } from "../../../static/src/core/session-state.ts";
import { timeline } from "../../../static/src/core/timeline.ts";
import { Walk } from "../../../static/src/core/walk.ts";

const framework: FrameworkDocument = {
  schema: "observe-framework/1",
  slug: "fold",
  title: "Fold",
  actors: [{ id: "child", label: "Child" }],
  streams: [
    {
      id: "posture", label: "Posture", exclusive: true, actors: ["child"], priority: ["sits", "stands"], priority_rule: "resolve",
      codes: [{ id: "sits", label: "Sits", type: "state" }, { id: "stands", label: "Stands", type: "state" }, { id: "runs", label: "Runs", type: "state" }],
    },
    {
      id: "talk", label: "Talk", actors: ["child"], target: "optional",
      codes: [{ id: "talks", label: "Talks", type: "state" }, { id: "hums", label: "Hums", type: "state" }, { id: "asks", label: "Asks" }],
    },
    {
      id: "fiac", label: "FIAC", sampling: { kind: "beat-or-change", length_ms: 3000 },
      codes: [{ id: "lectures", label: "Lectures" }, { id: "praises", label: "Praises" }],
    },
    { id: "off", label: "Off task", sampling: { kind: "partial-interval", length_ms: 1000 }, codes: [{ id: "idle", label: "Idle" }] },
  ],
};
const index = indexOf(framework);
const header = { subjects: ["P1", "P2"] };

const subject = fc.constantFrom("P1", "P2", null);
const code = fc.constantFrom("sits", "stands", "runs", "talks", "hums", "asks", "lectures", "praises", "unheard-of");
const target = fc.option(fc.constantFrom("P1", "P2"), { nil: null, freq: 4 });
const what = fc.oneof(
  { weight: 8, arbitrary: fc.record({ kind: fc.constantFrom("point", "start", "start", "stop", "stop"), code, subject, target }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("change"), code: fc.constantFrom("lectures", "praises") }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("tick"), stream: fc.constant("off"), interval: fc.nat(3), code: fc.constant("idle"), subject }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom("pause", "resume") }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom("out_of_view", "in_view"), subject }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom("arrive", "leave", "focal"), subject: fc.constantFrom("P1", "P2", "P3") }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("amend"), ref: fc.nat(80), void: fc.constant(true) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("amend"), ref: fc.nat(80), set: fc.oneof(fc.record({ at: fc.nat(4000) }), fc.record({ code }), fc.record({ subject })) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("note"), text: fc.constant("n") }) },
);
const step = fc.record({ what, after: fc.constantFrom(0, 0, 1, 40, 90), back: fc.constantFrom(0, 0, 0, 0, 150) });

const logs = fc.array(step, { maxLength: 160 }).map((steps) => {
  let now = 0;
  return steps.map(({ what, after, back }, i) => {
    now += after;
    const ref = "ref" in what ? { ref: `e${Math.min(what.ref, i + 3)}` } : {};
    return { ...what, ...ref, id: `e${i + 1}`, seq: i + 1, at: Math.max(0, now - back) } as unknown as SessionEvent;
  });
});

/** What the fold should say, read off the whole derivation. */
function fromTheWhole(log: readonly SessionEvent[]): unknown {
  const walk = new Walk(index, header, effective(log, []));
  const own = walk.runs.filter((run) => !run.implicit);
  const isBeat = (run: (typeof own)[number]): boolean => run.stream !== null && samplingOf(run.stream) === "beat-or-change";
  const on = own.filter((run) => run.reason === "end");
  const counts = new Map<string, number>();
  for (const { code, subject } of [...walk.points, ...own]) counts.set(key(code, subject), (counts.get(key(code, subject)) ?? 0) + 1);
  return {
    running: on.filter((run) => !isBeat(run)).map((run) => `${run.event.id} ${run.code} ${run.subject} ${run.start}`).sort(),
    changes: on.filter(isBeat).map((run) => `${run.event.id} ${run.code} ${run.start}`).sort(),
    counts: [...counts].sort(),
    pausedTime: timeline(framework, header, log).pauses.reduce((sum, [start, end]) => sum + end - start, 0),
    ticks: walk.ticks.length > 0,
  };
}

function fromTheFold(state: SessionState, end: number): unknown {
  return {
    running: [...state.running.values()].map((run) => `${run.event} ${run.code} ${run.subject} ${run.since}`).sort(),
    changes: [...state.changes.values()].map((change) => `${change.event} ${change.code} ${change.at}`).sort(),
    counts: [...state.counts].sort(),
    pausedTime: end - state.runningTime(end),
    ticks: state.ticks.size > 0,
  };
}

describe("the fold", () => {
  test("agrees with the whole derivation after any log, with undo, correction and back-dating", () => {
    fc.assert(
      fc.property(logs, (log) => {
        const state = new SessionState(index);
        for (const event of log) state.add(event);

        expect(fromTheFold(state, timeline(framework, header, log).end)).toEqual(fromTheWhole(log));
      }),
      { numRuns: 400 },
    );
  });

  test("is the same event by event as from the log read at once", () => {
    fc.assert(
      fc.property(logs, fc.nat(159), (log, cut) => {
        const stepwise = new SessionState(index, log.slice(0, cut));
        for (const event of log.slice(cut)) stepwise.add(event);
        const atOnce = new SessionState(index, [...log].reverse());

        expect([...stepwise.running]).toEqual([...atOnce.running]);
        expect([...stepwise.ticks].sort()).toEqual([...atOnce.ticks].sort());
        expect(log.map((event) => stepwise.isVoid(event.id))).toEqual(log.map((event) => atOnce.isVoid(event.id)));
      }),
      { numRuns: 150 },
    );
  });

  test("undo takes the switch back, redo brings it again, and the struck-out event can still be read", () => {
    const state = new SessionState(index, [
      { id: "a", seq: 1, at: 10, kind: "start", code: "sits", subject: "P1" },
      { id: "b", seq: 2, at: 20, kind: "start", code: "stands", subject: "P1" },
    ]);
    state.add({ id: "c", seq: 3, at: 30, kind: "amend", ref: "b", void: true });
    const undone = [...state.running.values()].map((run) => run.code);
    const isStruckOut = state.isVoid("b");
    state.add({ id: "d", seq: 4, at: 40, kind: "amend", ref: "c", void: true });

    expect(undone).toEqual(["sits"]);
    expect(isStruckOut).toBe(true);
    expect([...state.running.values()].map((run) => [run.code, run.since])).toEqual([["stands", 20]]);
    expect([state.isVoid("b"), state.isVoid("c"), state.effective("b")?.at]).toEqual([false, true, 20]);
  });

  test("goes on after thousands of events as at the start: undoing the last tap goes over few events again", () => {
    const state = new SessionState(index);
    let seq = 0;
    const tap = (): string => {
      seq += 1;
      state.add({ id: `e${seq}`, seq, at: seq * 100, kind: "point", code: "asks", subject: "P1" });
      return `e${seq}`;
    };
    const time = (): number => {
      const begun = performance.now();
      for (let i = 0; i < 200; i++) {
        const ref = tap();
        seq += 1;
        state.add({ id: `e${seq}`, seq, at: seq * 100, kind: "amend", ref, void: true });
      }
      return performance.now() - begun;
    };
    time();
    const early = time();
    while (seq < 20_000) tap();
    const late = time();

    expect(state.counts.get("asks|P1")).toBe(20_000 - 800);
    expect(late).toBeLessThan(Math.max(early, 20) * 20); // going over all of it again would be hundreds of times slower
  });
});
