// @vitest-environment happy-dom
import { describe, expect, test, vi } from "vitest";
import type { Code, Stream } from "../../../static/src/core/framework.ts";
import type { Recording } from "../../../static/src/ui/recording.ts";
import { deeds, LECTURE, P1, P2, PLAY, stage, TICKS } from "./stage.ts";

function code(recording: Recording, id: string): [Stream, Code] {
  const known = recording.index.codeById.get(id);
  if (!known) throw new Error(id);
  return [known.stream, known.code];
}

function tap(recording: Recording, id: string, at: number): boolean {
  const [stream, known] = code(recording, id);
  return recording.tap(stream, known, at);
}

describe("intervals", () => {
  test("a tick goes to the present interval, and a second touch takes it back", () => {
    const { recording, log, go } = stage(TICKS);
    go(125_000);

    tap(recording, "L", 125_000);
    tap(recording, "L", 126_000);

    expect(deeds(log)).toEqual([
      { id: "e2", kind: "tick", at: 125_000, stream: "s", interval: 1, code: "L" },
      { id: "e3", kind: "amend", at: 126_000, ref: "e2", void: true, reason: "untick" },
    ]);
  });

  test("undo after an untick ticks again", () => {
    const { recording, go } = stage(TICKS);
    go(1_000);
    tap(recording, "L", 1_000);
    tap(recording, "L", 1_500);

    recording.undo();

    expect(recording.face(...code(recording, "L")).ticked).toBe(true);
  });

  test("the interval before can still be marked, until the next one begins", () => {
    const { recording, log, go } = stage(TICKS);
    const [stream] = code(recording, "L");
    go(125_000);
    recording.markInterval(stream, 0);

    tap(recording, "Ind", 126_000);
    go(240_500);

    expect(deeds(log)[0]).toMatchObject({ interval: 0, code: "Ind" });
    expect(recording.intervalMarked(stream)).toBe(2);
  });

  test("nothing seen is said, not left blank; a tick afterwards takes it back", () => {
    const { recording, go } = stage(TICKS);
    const [stream] = code(recording, "L");
    go(5_000);
    recording.sayInterval(stream, "empty", 5_000);
    expect(recording.intervalSaid(stream)).toBe("empty");

    tap(recording, "L", 6_000);

    expect(recording.intervalSaid(stream)).toBeNull();
  });

  test("a pause stops the count of intervals", () => {
    const { recording, go } = stage(TICKS);
    const [stream] = code(recording, "L");
    recording.pause(100_000);
    recording.resume(160_000);

    go(170_000);

    expect(recording.intervalNow(stream)).toMatchObject({ interval: 0, left: 10_000 });
  });
});

describe("subjects", () => {
  test("a tap goes to the subject on the screen, and its target is added by one touch of a tile", () => {
    const { recording, log } = stage(PLAY, { subjects: [P1, P2] });
    recording.choose(P2);

    tap(recording, "ask", 1_000);
    recording.answerTarget(P1);

    expect(deeds(log)[0]).toMatchObject({ kind: "point", code: "ask", subject: P2 });
    expect(recording.effective("e2")).toMatchObject({ target: P1 });
  });

  test("without anyone to observe, a tap is refused and not given to nobody", () => {
    const { recording, log } = stage(PLAY);

    expect(tap(recording, "ask", 1_000)).toBe(false);
    expect(deeds(log)).toHaveLength(0);
  });

  test("someone new is recorded from the arrival on, under a pseudonym", () => {
    const { recording, log } = stage({ ...PLAY, actors: [{ id: "child", label: "Child", seen_as: "on-the-fly" }, PLAY.actors![1]!] });

    recording.meet("Red cap", 2_000);
    tap(recording, "hit", 3_000);

    const [arrival, hit] = deeds(log);
    expect(arrival).toMatchObject({ kind: "arrive", pseudonym: "Red cap", actor: "child" });
    expect(hit).toMatchObject({ code: "hit", subject: arrival?.["subject"] });
  });

  test("out of view is said of the subject on the screen, and taken back by the same touch", () => {
    const { recording, log } = stage(PLAY, { subjects: [P1, P2] });

    recording.toggleView(P1, 1_000);
    expect(recording.awaySince(P1)).toBe(1_000);
    recording.toggleView(P1, 4_000);

    expect(deeds(log).map(({ kind, subject }) => [kind, subject])).toEqual([["out_of_view", P1], ["in_view", P1]]);
  });
});

describe("what belongs to a tap", () => {
  test("details are added to a tap that is stored already; undo then takes the tap itself", () => {
    const { recording } = stage(PLAY, { subjects: [P1, P2] });
    tap(recording, "ask", 1_000);
    expect(recording.sheet.peek()).toMatchObject({ kind: "modifiers", id: "e2", asked: "start" });

    recording.modify("e2", { tone: "warm" });
    expect(recording.effective("e2")).toMatchObject({ modifiers: { tone: "warm" } });
    recording.undo();

    expect(recording.situation.isVoid("e2")).toBe(true);
  });

  test("moving back keeps the time of the tap beside the claimed one, and never leaves the session", () => {
    const { recording } = stage(PLAY, { subjects: [P1, P2] });
    tap(recording, "hit", 8_000);

    recording.moveBack("e2", 5_000);
    expect(recording.lines.value[0]).toMatchObject({ at: 3_000, tapped: 8_000 });
    recording.moveBack("e2", 30_000);

    expect(recording.lines.value[0]).toMatchObject({ at: 0, tapped: 8_000 });
  });

  test("any of the last events can be taken back and put back, in any order", () => {
    const { recording } = stage(PLAY, { subjects: [P1, P2] });
    for (const at of [1_000, 3_000, 5_000]) tap(recording, "hit", at);

    recording.takeBack("e3", "undo");
    recording.takeBack("e2", "undo");
    recording.restore("e3");

    expect(["e2", "e3", "e4"].map((id) => recording.situation.isVoid(id))).toEqual([true, false, false]);
  });

  test("two taps within the guard are both kept, and asked about", () => {
    const { recording, log } = stage(PLAY, { subjects: [P1, P2] });

    tap(recording, "hit", 1_000);
    tap(recording, "hit", 1_300);

    expect(deeds(log)).toHaveLength(2);
    expect(recording.notice.peek()).toMatchObject({ text: "Hits twice in 0.3 s. One occurrence?", undo: "e3" });
  });

  test("a question offers its answer inside the window, and a touch ties them", () => {
    const { recording, log, go } = stage(PLAY, { subjects: [P1, P2] });
    tap(recording, "ask", 1_000);
    go(2_000);
    expect(recording.links.value).toMatchObject([{ from: "e2", to: null, left: 4_000 }]);

    tap(recording, "answer", 3_000);
    recording.answerLink(recording.links.value[0]!, recording.links.value[0]!.to);

    expect(deeds(log).at(-1)).toMatchObject({ kind: "link", link: "qa", from: "e2", to: "e3" });
    expect(recording.links.value).toEqual([]);
  });
});

describe("samples", () => {
  test("a scan walks through the subjects by itself, and is complete when all were seen", () => {
    const { recording, log, go } = stage(PLAY, { subjects: [P1, P2] });
    const [stream] = code(recording, "calm");
    go(30_200);

    tap(recording, "calm", 30_200);
    expect(recording.scanNow(stream)).toMatchObject({ sample: 1, state: "due", who: "P02", done: 1, of: 2 });
    tap(recording, "sad", 31_000);

    expect(recording.scanNow(stream)).toMatchObject({ state: "done", done: 2 });
    expect(deeds(log).map(({ code: seen, subject, sample }) => [seen, subject, sample])).toEqual([["calm", P1, 1], ["sad", P2, 1]]);
  });

  test("each touch of a count is stored at once, and one can be taken away", () => {
    const { recording, log, go } = stage(PLAY, { subjects: [P1] });
    const stream = recording.index.streamById.get("yard")!;
    const cell = { code: "SED", sex: "f" };
    go(1_000);

    recording.addCount(stream, cell, 1, 1_000);
    recording.addCount(stream, cell, 1, 1_100);
    recording.addCount(stream, { code: "SED", sex: "m" }, 1, 1_200);
    recording.addCount(stream, cell, -1, 1_300);

    expect(deeds(log)).toHaveLength(4);
    expect(recording.effective("e2")).toMatchObject({ kind: "scan", sample: 0, counts: [{ cell: { code: "SED", sex: "m" }, n: 1 }, { cell, n: 1 }] });
  });

  test("nobody there is a true zero, said and stored", () => {
    const { recording, log, go } = stage(PLAY, { subjects: [P1] });
    go(60_500);

    recording.completeCount(recording.index.streamById.get("yard")!, 60_500);

    expect(deeds(log)[0]).toMatchObject({ kind: "scan", stream: "yard", sample: 1, state: "empty" });
  });
});

describe("when storage fails", () => {
  test("nothing more is taken, so that nobody believes it was", () => {
    const { recording, log } = stage(PLAY, { subjects: [P1] });
    recording.stopped.value = true;

    expect(tap(recording, "hit", 1_000)).toBe(false);
    recording.undo();

    expect(deeds(log)).toHaveLength(0);
  });

  test("a tap stays marked as not stored until the disk has it", async () => {
    const { recording } = stage(PLAY, { subjects: [P1] });
    tap(recording, "hit", 1_000);
    expect(recording.unstored.peek().has("e2")).toBe(true);
    expect(recording.pending.peek().has("hit")).toBe(true);

    await vi.waitFor(() => expect(recording.unstored.peek().size).toBe(0));
    expect(recording.pending.peek().size).toBe(0);
  });
});

describe("a session that the page was loaded again in", () => {
  function again(lastAt: number, now: number) {
    const { recording, log, go } = stage(LECTURE);
    go(lastAt);
    tap(recording, "LT", lastAt);
    go(now);
    recording.comeBack(lastAt, now);
    return { recording, log, go };
  }

  test("pauses from the last event on until the observer goes on", () => {
    const { recording, log, go } = again(10_000, 95_000);
    expect(log.slice(-2)).toMatchObject([
      { kind: "clock", reason: "boot", at: 95_000 },
      { kind: "pause", reason: "restarted", at: 10_000, tapped: 95_000 },
    ]);
    expect(recording.isPaused.value).toBe(true);

    go(97_000);
    recording.resume(97_000);

    expect(log.at(-1)).toMatchObject({ kind: "resume", at: 97_000 });
    expect(recording.situation.pauses).toMatchObject([{ from: 10_000, to: 97_000 }]);
  });

  test("goes straight on when it was away for less than two seconds", () => {
    const { recording, log } = again(10_000, 11_999);

    expect(log.at(-1)).toMatchObject({ kind: "clock", reason: "boot" });
    expect(recording.isPaused.value).toBe(false);
  });

  test("that was paused already stays in that pause", () => {
    const { recording, log, go } = stage(LECTURE);
    go(5_000);
    recording.pause(5_000);
    go(60_000);

    recording.comeBack(5_000, 60_000);

    expect(log.filter((event) => event.kind === "pause")).toHaveLength(1);
    expect(recording.situation.pauses).toMatchObject([{ from: 5_000, to: null }]);
  });
});

test("a note names its photo by size and digest, and hands the bytes to the keeper with it", () => {
  const kept: unknown[] = [];
  const { recording, log } = stage(LECTURE, { onKeep: (enclosed) => kept.push(enclosed) });
  const blob = new Blob(["12345"]);
  const photo = { id: "p1", type: "image/jpeg", size: 5, digest: "ab", blob };

  recording.note({ text: "", ref: null, outside: false, enclosed: [photo] }, 3_000);

  expect(log.at(-1)).toMatchObject({ kind: "note", text: "", at: 3_000, attachments: [{ id: "p1", type: "image/jpeg", size: 5, digest: "ab" }] });
  expect(JSON.stringify(log.at(-1))).not.toContain("blob");
  expect(kept.at(-1)).toEqual([photo]);
});
