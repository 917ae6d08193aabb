import { describe, expect, it } from "vitest";
import { confusable, contrast, distance, inkOn, PALETTE } from "../../../static/src/pages/designer/colours";
import {
  type DesignDocument, idFrom, indicatorOf, insert, move, put, remove, renameBehaviour, withFreeKey, withWords,
} from "../../../static/src/pages/designer/document";
import { findingsAt, findingsBelow, pointerOf } from "../../../static/src/pages/designer/draft";
import { withPasted } from "../../../static/src/pages/designer/paste";
import { addCodes } from "../../../static/src/pages/designer/stream";

const LECTURE: DesignDocument = {
  schema: "observe-framework/1",
  slug: "lecture",
  title: "Lecture",
  streams: [{ id: "talk", label: "Talk", fallback: "LT", codes: [{ id: "LT", label: "Talk" }, { id: "LQ", label: "Question", key: "q" }] }],
  constructs: [{ id: "LT", label: "Openness", indicators: [{ polarity: 1, code: "LQ" }, { polarity: -1, code: "LT" }] }],
};

describe("changing a document", () => {
  it("shares what did not change", () => {
    const after = put(LECTURE, ["streams", 0, "codes", 0, "label"], "Talks");

    expect(after.streams?.[0]?.codes?.[0]?.label).toBe("Talks");
    expect(after.streams?.[0]?.codes?.[1]).toBe(LECTURE.streams?.[0]?.codes?.[1]);
    expect(after.constructs).toBe(LECTURE.constructs);
    expect(LECTURE.streams?.[0]?.codes?.[0]?.label).toBe("Talk");
  });

  it("takes a field away instead of writing undefined", () => {
    expect("fallback" in (put(LECTURE, ["streams", 0, "fallback"], undefined).streams?.[0] ?? {})).toBe(false);
  });

  it("moves an item to a place and stops at the ends of the list", () => {
    const ids = (document: DesignDocument) => document.streams?.[0]?.codes?.map((code) => code.id);

    expect(ids(move(LECTURE, ["streams", 0, "codes"], 0, 1))).toEqual(["LQ", "LT"]);
    expect(ids(move(LECTURE, ["streams", 0, "codes"], 0, 99))).toEqual(["LQ", "LT"]);
    expect(ids(move(LECTURE, ["streams", 0, "codes"], 7, 0))).toEqual(["LT", "LQ"]);
  });

  it("leaves no empty list behind", () => {
    const bare = remove(insert(LECTURE, ["links"], { id: "a" }), ["links"], 0);

    expect("links" in bare).toBe(false);
  });

  it("renames a code wherever the document speaks of it, and not a construct of the same name", () => {
    const after = renameBehaviour(LECTURE, "LT", "TALK");

    expect(after.streams?.[0]?.fallback).toBe("TALK");
    expect(after.streams?.[0]?.codes?.[0]?.id).toBe("TALK");
    expect(after.constructs?.[0]?.indicators?.[1]?.code).toBe("TALK");
    expect(after.constructs?.[0]?.id).toBe("LT");
  });

  it("makes ids that nothing has yet", () => {
    expect(idFrom("Être à l'écoute!", new Set())).toBe("etre_a_lecoute");
    expect(idFrom("LQ", new Set(["lq", "lq_2"]))).toBe("lq_3");
    expect(idFrom("…", new Set(), "code")).toBe("code");
  });

  it("keeps a text a plain string while only the first language has words", () => {
    expect(withWords("Talk", ["en", "cy"], "en", "Speech")).toBe("Speech");
    expect(withWords("Talk", ["en", "cy"], "cy", "Siarad")).toEqual({ en: "Talk", cy: "Siarad" });
    expect(withWords({ en: "Talk", cy: "Siarad" }, ["en", "cy"], "cy", "")).toBe("Talk");
    expect(withWords("Talk", ["en"], "en", "")).toBeUndefined();
  });

  it("gives a pasted code a free id, key and colour, and never two alike", () => {
    const after = addCodes(LECTURE, ["streams", 0], [{ id: "LQ", label: "Again" }, { id: "SR", label: "Response", key: "q" }]);
    const codes = after.streams?.[0]?.codes ?? [];

    expect(codes.map((code) => code.id)).toEqual(["LT", "LQ", "lq", "SR"]);
    expect(new Set(codes.slice(1).map((code) => code.key)).size).toBe(3);
    expect(codes[2]?.colour).not.toBe(codes[3]?.colour);
  });

  it("brings several pasted streams as streams, with their modifiers, and leaves the one at hand alone", () => {
    const after = withPasted(LECTURE, ["streams", 0], {
      streams: [{ id: "talk", label: "Talk", codes: [{ id: "A", label: "A" }] }, { id: "walk", label: "Walk", codes: [{ id: "B", label: "B" }] }],
      modifiers: [{ id: "how", label: "How" }],
      findings: [],
    });

    expect(after.streams?.map((stream) => [stream.id, stream.codes?.map((code) => code.id)])).toEqual([
      ["talk", ["LT", "LQ"]], ["talk_2", ["A"]], ["walk", ["B"]],
    ]);
    expect(after.modifiers?.map((each) => each.id)).toEqual(["how"]);
  });

  it("takes a hot key from the code's own letters when one is free", () => {
    expect(withFreeKey({ id: "LQ", label: "Question" }, new Set(["l"])).key).toBe("q");
  });

  it("finds the indicator of a behaviour", () => {
    expect(indicatorOf(LECTURE.constructs![0]!, "LT")?.indicator.polarity).toBe(-1);
    expect(indicatorOf(LECTURE.constructs![0]!, "SR")).toBeNull();
  });
});

describe("colours", () => {
  it("has WCAG's contrast at both ends", () => {
    expect(contrast("#000000", "#ffffff")).toBeCloseTo(21, 5);
    expect(contrast("#777777", "#ffffff")).toBeCloseTo(4.48, 2);
    expect(inkOn("#f0e442")).toBe("#000000");
    expect(inkOn("#003f63")).toBe("#ffffff");
  });

  it("tells red and green of the same lightness apart only for those who can", () => {
    const [pair] = confusable([{ id: "a", colour: "#c0392b" }, { id: "b", colour: "#7d7a20" }]);

    expect(distance("#c0392b", "#7d7a20")).toBeGreaterThan(40);
    expect(pair?.sight).toMatch(/anopia/);
  });

  it("finds nothing alike in the eight colours of Okabe and Ito", () => {
    expect(confusable(PALETTE.slice(0, 8).map((colour) => ({ id: colour, colour })))).toEqual([]);
  });
});

describe("findings", () => {
  const found = [
    { path: "/streams/0/codes/1", severity: "error", code: "x", sentence: "", remedy: "" },
    { path: "/streams/0/codes/10", severity: "error", code: "y", sentence: "", remedy: "" },
  ] as const;

  it("stand at their own place and below it, not beside it", () => {
    expect(findingsAt(found, ["streams", 0, "codes", 1]).map((each) => each.code)).toEqual(["x"]);
    expect(findingsBelow(found, ["streams", 0, "codes", 1]).map((each) => each.code)).toEqual(["x"]);
    expect(findingsBelow(found, ["streams", 0]).map((each) => each.code)).toEqual(["x", "y"]);
    expect(pointerOf(["a/b", "c~d"])).toBe("/a~1b/c~0d");
  });
});
