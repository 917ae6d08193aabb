import { describe, expect, it } from "vitest";
import { confusable, contrast, distance, freeColour, NAMES, PALETTE } from "../../../static/src/pages/designer/colours";
import {
  copyOf, type DesignDocument, idFrom, indicatorsOf, insert, move, put, remove, renameBehaviour, renameItem, renameStream, withFreeKey, withLines, withWords,
} from "../../../static/src/pages/designer/document";
import { nominal, withDistance } from "../../../static/src/pages/designer/agreement";
import { byPlace, findingsAt, findingsBelow, pointerOf } from "../../../static/src/pages/designer/draft";
import { byKind, stepsOf } from "../../../static/src/pages/designer/missing";
import { shifted } from "../../../static/src/pages/designer/order";
import { withPasted } from "../../../static/src/pages/designer/paste";
import { addCodes, optionsFrom, valuesFrom } from "../../../static/src/pages/designer/stream";

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

  it("renames a stream also in its figures, and never to a name that is taken", () => {
    const before: DesignDocument = { ...LECTURE, formulas: [{ id: "f", label: "F", numerator: { measure: "count", stream: "talk" }, denominator: { measure: "observed-time", stream: "other" } }] };
    const after = renameStream(before, "talk", "speech");

    expect(after.streams?.[0]?.id).toBe("speech");
    expect(after.formulas?.[0]?.numerator.stream).toBe("speech");
    expect(after.formulas?.[0]?.denominator?.stream).toBe("other");
    expect(renameStream(after, "speech", "speech")).toBe(after);
  });

  it("renames a modifier, an actor, a variable and a link wherever the document speaks of them", () => {
    const before: DesignDocument = {
      ...LECTURE,
      actors: [{ id: "actor", label: "Pupil" }],
      modifiers: [{ id: "modifier", label: "How" }],
      variables: [{ id: "variable", label: "Course" }],
      links: [{ id: "link", label: "Wait", from_codes: ["LQ"], to_codes: ["LT"] }],
      streams: [{ id: "talk", label: "Talk", actors: ["actor"], target_actors: ["actor"], codes: [{ id: "modifier", label: "A code of that name", modifiers: ["modifier"] }] }],
      constructs: [{ id: "c", label: "C", indicators: [{ polarity: 1, code: "modifier", modifiers: { modifier: "actor" } }] }],
      formulas: [{ id: "f", label: "F", unit: "variable:room+variable", numerator: { measure: "wait", links: ["link"] } }],
    };
    const after = (["actors", "modifiers", "variables", "links"] as const).reduce<DesignDocument>((now, part) => renameItem(now, [part, 0], `my_${part}`), before);

    expect(after.streams?.[0]).toEqual({ id: "talk", label: "Talk", actors: ["my_actors"], target_actors: ["my_actors"], codes: [{ id: "modifier", label: "A code of that name", modifiers: ["my_modifiers"] }] });
    expect(after.constructs?.[0]?.indicators?.[0]).toEqual({ polarity: 1, code: "modifier", modifiers: { my_modifiers: "actor" } });
    expect(after.formulas?.[0]).toEqual({ id: "f", label: "F", unit: "variable:room+my_variables", numerator: { measure: "wait", links: ["my_links"] } });
    expect([after.actors?.[0]?.id, after.modifiers?.[0]?.id, after.variables?.[0]?.id, after.links?.[0]?.id]).toEqual(["my_actors", "my_modifiers", "my_variables", "my_links"]);
  });

  it("renames a rival alone, and nothing to a name that is taken", () => {
    const before = put(LECTURE, ["constructs", 0, "rivals"], [{ id: "rival", label: "A" }, { id: "host", label: "B" }]);

    expect(renameItem(before, ["constructs", 0, "rivals", 0], "money").constructs?.[0]?.rivals?.map((each) => each.id)).toEqual(["money", "host"]);
    expect(renameItem(before, ["constructs", 0, "rivals", 0], "host")).toBe(before);
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
    expect(["C1", "C9", "C10", "C11"].map((id) => withFreeKey({ id, label: "Asks" }, new Set(["1"])).key)).toEqual(["c", "9", "0", "c"]);
  });

  it("finds the indicators of a behaviour, the one that holds without modifiers first", () => {
    const narrow = { polarity: 1, code: "LT", modifiers: { tone: "warm" } } as const;
    const construct = { ...LECTURE.constructs![0]!, indicators: [narrow, ...LECTURE.constructs![0]!.indicators!] };

    expect(indicatorsOf(construct, "LT").map((each) => [each.index, each.indicator.polarity])).toEqual([[2, -1], [0, 1]]);
    expect(indicatorsOf(construct, "SR")).toEqual([]);
  });

  it("copies a code under a free id with a free key", () => {
    const copied = copyOf(LECTURE, LECTURE.streams![0]!.codes![1]!);

    expect(copied.id).toBe("LQ_2");
    expect(copied.key).toBe("l");
    expect(copied.label).toBe("Question");
  });

  it("keeps a line's words in the other languages when those of one are typed", () => {
    const before = [{ en: "one", de: "eins" }, { en: "two", de: "zwei" }];

    expect(withLines(before, ["en", "de"], "de", "eins\nzwo")).toEqual([{ en: "one", de: "eins" }, { en: "two", de: "zwo" }]);
    expect(withLines(["a", "b"], ["en"], "en", "a")).toEqual(["a"]);
    expect(withLines(["a"], ["en"], "en", "a\nb")).toEqual(["a", "b"]);
  });
});

describe("colours", () => {
  it("has WCAG's contrast at both ends", () => {
    expect(contrast("#000000", "#ffffff")).toBeCloseTo(21, 5);
    expect(contrast("#777777", "#ffffff")).toBeCloseTo(4.48, 2);
  });

  it("tells red and green of the same lightness apart only for those who can", () => {
    const [pair] = confusable([{ id: "a", colour: "#c0392b" }, { id: "b", colour: "#7d7a20" }]);

    expect(distance("#c0392b", "#7d7a20")).toBeGreaterThan(40);
    expect(pair?.sight).toMatch(/anopia/);
  });

  it("gives codes only colours that nobody takes for each other, the pale ones last, and none twice", () => {
    const codes = PALETTE.reduce<{ id: string; colour: string }[]>((before, _, index) => [...before, { id: `${index}`, colour: freeColour(before) ?? "" }], []);

    expect(codes.map((each) => each.colour)).toEqual([...PALETTE]);
    expect(confusable(codes)).toEqual([]);
    expect(PALETTE.slice(0, 9).filter((colour) => contrast(colour, "#ffffff") < 3)).toEqual([]);
    expect(freeColour(codes)).toBeUndefined();
    expect(new Set(Object.values(NAMES)).size).toBe(PALETTE.length);
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

describe("lists that are typed", () => {
  const options = [{ id: "warm", label: { en: "Warm", de: "warm" } }, { id: "cold", label: "Cold" }];

  it("keep an option's id and its words in other languages", () => {
    expect(optionsFrom(options, ["en", "de"], "en", "Warmly\nCold\nNeither")).toEqual([
      { id: "warm", label: { en: "Warmly", de: "warm" } }, { id: "cold", label: "Cold" }, { id: "neither", label: "Neither" },
    ]);
    expect(optionsFrom(options, ["en", "de"], "en", "Cold").map((each) => each.id)).toEqual(["cold"]);
    expect(optionsFrom(options, ["en", "de"], "en", "New\nWarm\nCold").map((each) => each.id)).toEqual(["new", "warm", "cold"]);
    expect(optionsFrom(options, ["en", "de"], "de", "warm\nkalt")[1]).toEqual({ id: "cold", label: { en: "Cold", de: "kalt" } });
  });

  it("read values with signs, gaps and anchors, and keep other languages", () => {
    const before = [{ value: -3, label: { en: "hostile", de: "feindlich" }, anchor: "turns away" }];

    expect(valuesFrom(before, ["en", "de"], "en", "−3 cold | leaves\n0\n2 kind")).toEqual([
      { value: -3, label: { en: "cold", de: "feindlich" }, anchor: "leaves" }, { value: 0, label: "0" }, { value: 2, label: "kind" },
    ]);
    expect(valuesFrom(before, ["en"], "en", "-3 hostile")[0]).not.toHaveProperty("anchor");
  });
});

describe("an order and a table of distances", () => {
  it("moves one place and stops at the ends", () => {
    expect(shifted(["a", "b", "c"], 1, -1)).toEqual(["b", "a", "c"]);
    expect(shifted(["a", "b"], 1, 1)).toEqual(["a", "b"]);
  });

  it("is the same both ways, nought on the diagonal, and grows with the codes", () => {
    expect(nominal(2)).toEqual([[0, 1], [1, 0]]);
    expect(withDistance([[0, 2], [2, 0]], 3, 2, 0, 0.5)).toEqual([[0, 2, 0.5], [2, 0, 1], [0.5, 1, 0]]);
  });
});

describe("findings by their places", () => {
  it("stand at their place and at each above it, and not at one that only begins alike", () => {
    const finding = { path: "/streams/1/codes/10/key", severity: "error", code: "key", sentence: "", remedy: "" } as const;
    const places = byPlace([finding]);

    expect(places.at(["streams", 1, "codes", 10, "key"])).toEqual([finding]);
    expect(places.at(["streams", 1])).toEqual([finding]);
    expect(places.at(["streams", 1, "codes", 1])).toEqual([]);
  });
});

describe("what is missing", () => {
  it("leads from an empty page to what can be published, step by step", () => {
    const done = (document: DesignDocument, errors: number) => stepsOf(document, errors).map((each) => each.done);
    const empty: DesignDocument = { schema: "observe-framework/1", slug: "a", title: "A" };

    expect(done(empty, 1)).toEqual([false, false, false, false, false, false]);
    const asked = { ...empty, purpose: "Why?", attend_to: ["This"], leave_out: ["That"], actors: [{ id: "class", label: "Class" }] };
    expect(done(asked, 1)).toEqual([true, true, true, false, false, false]);
    expect(done({ ...asked, streams: LECTURE.streams! }, 2)).toEqual([true, true, true, true, false, false]);
    const defined = { ...asked, streams: [{ id: "s", label: "S", codes: [{ id: "A", label: "A", definition: "What is seen." }] }] };
    expect(done(defined, 0)).toEqual([true, true, true, true, true, true]);
  });

  it("puts findings of one kind together and keeps the order of the kinds", () => {
    const of = (code: string, path: string) => ({ code, path, severity: "hint" as const, sentence: path, remedy: "" });

    expect(byKind([of("b", "/1"), of("a", "/2"), of("b", "/3")]).map((each) => [each.code, each.found.map((one) => one.path)])).toEqual([["b", ["/1", "/3"]], ["a", ["/2"]]]);
  });
});
