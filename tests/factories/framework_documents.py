"""Frameworks for tests: a small good one to break, and Hypothesis strategies for arbitrary valid ones."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from hypothesis import strategies as st

from frameworks.model import Framework, RightsStatus
from frameworks.schema import framework_of
from frameworks.shape import (
    COLOUR,
    ID,
    KEY,
    MEASURES,
    UNIT_OF_AVERAGING,
    Choice,
    Listing,
    Number,
    Object,
    Pairs,
    Plain,
    Spec,
    Weights,
    Whole,
    Words,
    YesNo,
    shape_of,
)

Document = dict[str, Any]

LANGUAGES = ("en", "cy", "ur", "en-x-family")
INTERVALS = ("partial-interval", "whole-interval", "predominant-interval", "observe-record")
KINDS = (
    "continuous", *INTERVALS, "momentary-scan", "area-count", "snapshots", "beat-or-change", "tally", "rating", "checklist",
)  # fmt: skip


def good_document() -> Document:
    """A small framework with nothing to complain of: each test breaks one thing in a copy of it."""
    return deepcopy(GOOD)


def document_with(**changes: Any) -> Document:
    """The good document with whole fields replaced."""
    return {**good_document(), **changes}


GOOD: Document = {
    "schema": "observe-framework/1",
    "slug": "help-desk",
    "title": "Help at a desk",
    "purpose": "How are people received?",
    "attend_to": ["What the adviser does first"],
    "leave_out": ["Whether the advice is right"],
    "assumptions": ["Both can be heard"],
    "planned_ms": 600000,
    "actors": [
        {"id": "adviser", "label": "Adviser", "seen_as": "as-one"},
        {"id": "visitor", "label": "Visitor", "seen_as": "on-the-fly"},
    ],
    "modifiers": [
        {
            "id": "tone",
            "label": "Tone",
            "options": [{"id": "warm", "label": "Warm"}, {"id": "flat", "label": "Flat"}],
        },
        {"id": "length", "label": "Sentences", "kind": "number", "minimum": 1, "maximum": 20},
    ],
    "streams": [
        {
            "id": "acts",
            "label": "Acts",
            "actors": ["adviser"],
            "target": "optional",
            "target_actors": ["visitor"],
            "agreement": {"unit": "event", "tolerance_ms": 2000, "level": 0.7},
            "codes": [
                {
                    "id": "greets",
                    "label": "Greets",
                    "key": "g",
                    "definition": "Speaks first.",
                    "exclude": ["An answer"],
                    "non_examples": ["Says “yes?” when spoken to"],
                    "modifiers": ["tone"],
                },
                {
                    "id": "asks",
                    "label": "Asks",
                    "key": "a",
                    "definition": "Asks what is needed.",
                    "exclude": ["Asking for a number"],
                    "non_examples": ["“Next!”"],
                    "modifiers": ["length"],
                },
                {
                    "id": "turns_away",
                    "label": "Turns away",
                    "key": "t",
                    "definition": "Looks elsewhere while spoken to.",
                    "exclude": ["Looking something up"],
                    "non_examples": ["Types what was said"],
                },
            ],
        },
        {
            "id": "talk",
            "label": "Who talks",
            "actors": ["adviser"],
            "exclusive": True,
            "exhaustive": "always",
            "fallback": "silence",
            "agreement": {"unit": "second", "level": 0.7},
            "codes": [
                {
                    "id": "silence",
                    "label": "Nobody",
                    "type": "state",
                    "definition": "Nobody talks.",
                    "exclude": ["A breath"],
                    "non_examples": ["Humming"],
                },
                {
                    "id": "talks",
                    "label": "Somebody",
                    "type": "state",
                    "definition": "Somebody talks.",
                    "exclude": ["Coughing"],
                    "non_examples": ["A cough"],
                },
            ],
        },
        {
            "id": "room",
            "label": "Room",
            "actors": ["adviser"],
            "sampling": {"kind": "partial-interval", "length_ms": 60000},
            "agreement": {"unit": "interval", "level": 0.7},
            "codes": [
                {
                    "id": "queue",
                    "label": "Queue",
                    "type": "state",
                    "definition": "Three or more wait.",
                    "exclude": ["Staff"],
                    "non_examples": ["Two wait"],
                },
            ],
        },
        {
            "id": "end",
            "label": "At the end",
            "actors": ["adviser"],
            "sampling": {"kind": "rating", "rated_at": "end"},
            "agreement": {"unit": "rating", "level": 0.7},
            "ratings": [
                {
                    "id": "respect",
                    "label": "Respect",
                    "values": [
                        {"value": 1, "label": "Low", "anchor": "Talked over"},
                        {"value": 3, "label": "High", "anchor": "Heard out"},
                    ],
                },
                {"id": "crowding", "label": "People in the room", "scale": "number", "minimum": 0, "maximum": 100},
            ],
        },
    ],
    "links": [
        {"id": "answer", "label": "Answer", "from_codes": ["asks"], "to_codes": ["turns_away"], "within_ms": 5000}
    ],
    "variables": [{"id": "site", "label": "Site", "kind": "one-of", "options": [{"id": "x", "label": "X"}]}],
    "formulas": [
        {
            "id": "talk_share",
            "label": "Share of talk",
            "numerator": {"measure": "duration", "stream": "talk", "codes": ["talks"]},
            "denominator": {"measure": "observed-time", "stream": "talk"},
        }
    ],
    "constructs": [
        {
            "id": "welcome",
            "label": "Acting as if visitors were welcome",
            "definition": "Visitors come first.",
            "rivals": [
                {"id": "rule", "label": "A rule of the house"},
                {"id": "watched", "label": "Being watched"},
            ],
            "indicators": [
                {"polarity": 1, "code": "greets", "modifiers": {"tone": "warm"}, "rationale": "Unasked."},
                {"polarity": 1, "code": "asks", "rationale": "Takes an interest."},
                {"polarity": -1, "code": "turns_away", "rationale": "Attention goes elsewhere."},
            ],
        }
    ],
}


# --- arbitrary valid frameworks ----------------------------------------------------------------------------------

WORD_CHARACTERS = st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], include_characters="\n\t")
WORDS = st.text(WORD_CHARACTERS, min_size=1, max_size=20).filter(str.strip)
ID_TAILS = st.text("abzAZ019_.-", max_size=6).map(lambda tail: tail.lstrip("019"))
"""what follows a number; beginning with another figure, c1 would become c10, which is the tenth"""
LENGTHS = st.integers(2, 600).map(lambda seconds: seconds * 1000)


@st.composite
def documents(draw: st.DrawFn) -> Document:
    """An arbitrary document that loads and has no errors; it need not be in canonical form."""
    languages = draw(st.lists(st.sampled_from(LANGUAGES), min_size=1, max_size=3, unique=True))
    maker = Maker(draw, languages)
    actors, modifiers = maker.actors(), maker.modifiers()
    streams = [maker.stream(index, actors, modifiers) for index in range(draw(st.integers(1, 4)))]
    document: Document = {
        "schema": "observe-framework/1",
        "slug": draw(st.from_regex(r"[a-z0-9]{1,8}(-[a-z0-9]{1,8})?", fullmatch=True)),
        "title": maker.text(),
        "languages": languages,
        "actors": actors,
        "modifiers": modifiers,
        "streams": streams,
        "variables": maker.variables(),
        "links": maker.links(streams),
        "formulas": maker.formulas(streams),
        "constructs": maker.constructs(streams),
    }
    for field in ("purpose", "intended_use", "limits"):
        if draw(st.booleans()):
            document[field] = maker.text()
    for field in ("attend_to", "leave_out", "assumptions"):
        document[field] = [maker.text() for _ in range(draw(st.integers(0, 2)))]
    document["covert"] = draw(st.booleans())
    document["source"] = {"citation": draw(st.text(WORD_CHARACTERS, max_size=20))}
    return document


def valid_frameworks() -> st.SearchStrategy[Framework]:
    """An arbitrary framework that could be published."""
    return documents().map(framework_of)


@st.composite
def whole_documents(draw: st.DrawFn) -> Document:
    """An arbitrary document that loads, in which any field of the model may be set; it may have errors of meaning.

    What may be set is read off the model, so that a field that is added there is drawn here.
    """
    document = draw(documents())
    document["formulas"].append(
        {"id": "whole", "label": draw(WORDS), "numerator": {"measure": draw(st.sampled_from(MEASURES))}}
    )
    document["rights"] = {"status": draw(st.sampled_from(RightsStatus)).value}
    return {"schema": document["schema"], **enriched(draw, document, Framework, document["languages"])}


def whole_frameworks() -> st.SearchStrategy[Framework]:
    """An arbitrary framework that can be read, with every field of the model set now and then."""
    return whole_documents().map(framework_of)


def enriched(draw: st.DrawFn, given: Document, of: type[Any], languages: list[str]) -> Document:
    """One object of a document with more of its fields set, and some of its choices made otherwise."""
    found = {name: value for name, value in given.items() if name != "schema"}
    for each in shape_of(of):
        spec, item = each.spec, each.spec.item if isinstance(each.spec, Listing) else None
        if isinstance(item, Object):
            if each.name in found:
                found[each.name] = [enriched(draw, one, item.of, languages) for one in found[each.name]]
        elif isinstance(spec, Object):
            if found.get(each.name) is not None or draw(st.booleans()):
                found[each.name] = enriched(
                    draw, found.get(each.name) or needed(draw, spec.of, languages), spec.of, languages
                )
        elif each.name in NAMING or (each.name in found and not isinstance(spec, Choice)):
            continue
        elif draw(st.booleans()):
            found[each.name] = draw(values_of(spec, languages))
    return found


def needed(draw: st.DrawFn, of: type[Any], languages: list[str]) -> Document:
    """An object with what it cannot do without."""
    return {each.name: draw(values_of(each.spec, languages)) for each in shape_of(of) if each.required}


NAMING = frozenset({"id", "slug", "languages", "label", "title"})
IDS = st.sampled_from(["a", "c1", "x-1.y_", "Z9"])
PATTERNED = {
    ID: IDS, COLOUR: st.sampled_from(["#000000", "#12abEF"]), KEY: st.sampled_from(["k", "?", "F12", "é"]),
    UNIT_OF_AVERAGING: st.sampled_from(["session", "pooled", "variable:a", "variable:a+Z9"]),
}  # fmt: skip


def values_of(spec: Spec, languages: list[str]) -> st.SearchStrategy[Any]:
    """Values that a field of this shape may hold."""
    match spec:
        case Words():
            return WORDS | st.dictionaries(st.sampled_from(languages), WORDS, min_size=1)
        case Plain(pattern=pattern):
            return PATTERNED[pattern] if pattern else WORDS
        case Choice(values=values):
            return st.sampled_from(values)
        case Whole(minimum=minimum, maximum=maximum, allowed=allowed):
            return st.sampled_from(allowed) if allowed else st.integers(minimum, maximum)
        case Number():
            return st.integers(-9, 9) | st.floats(-1e6, 1e6)
        case YesNo():
            return st.booleans()
        case Listing(item=item, minimum=minimum):
            return st.lists(values_of(item, languages), min_size=max(1, minimum), max_size=3)
        case Pairs():
            return st.dictionaries(IDS, IDS, min_size=1, max_size=2)
        case Weights(names=names):
            return st.sampled_from([*names, [[0, 1.5], [1.5, 0]]])
    raise AssertionError(f"no values for {spec}")


class Maker:
    """Draws the parts of one document, so that what refers to something refers to what is there."""

    def __init__(self, draw: st.DrawFn, languages: list[str]) -> None:
        self.draw, self.languages, self.codes_made = draw, languages, 0

    def text(self) -> str | dict[str, str]:
        if self.draw(st.integers(0, 3)):
            return self.draw(WORDS)
        tags = self.draw(st.lists(st.sampled_from(self.languages), min_size=1, unique=True))
        return {tag: self.draw(WORDS) for tag in tags}

    def id(self, prefix: str, index: int) -> str:
        return f"{prefix}{index}{self.draw(ID_TAILS)}"

    def some(self, low: int, high: int) -> range:
        return range(self.draw(st.integers(low, high)))

    def options(self) -> list[Document]:
        return [{"id": f"o{index}", "label": self.text()} for index in self.some(2, 4)]

    def actors(self) -> list[Document]:
        kinds = st.sampled_from(["person", "role", "group", "place", "case", "everyone"])
        ways = st.sampled_from(["named", "counted", "on-the-fly", "as-one"])
        return [
            {"id": self.id("a", index), "label": self.text(), "kind": self.draw(kinds), "seen_as": self.draw(ways)}
            for index in self.some(0, 3)
        ]

    def modifiers(self) -> list[Document]:
        return [self.modifier(index) for index in self.some(0, 3)]

    def modifier(self, index: int) -> Document:
        kind = self.draw(st.sampled_from(["one-of", "several-of", "ordered", "number", "text", "actor"]))
        modifier: Document = {"id": self.id("m", index), "label": self.text(), "kind": kind}
        modifier["required"] = self.draw(st.booleans())
        modifier["asked_at"] = self.draw(st.sampled_from(["start", "stop"]))
        if kind in ("one-of", "several-of", "ordered"):
            modifier["options"] = self.options()
        if kind == "number":
            modifier["minimum"] = self.draw(st.integers(-9, 0))
            modifier["maximum"] = self.draw(st.floats(1, 9))
        return modifier

    def sampling(self, kind: str) -> Document:
        length = self.draw(LENGTHS)
        plan: Document = {"kind": kind}
        if kind == "observe-record":
            plan |= {"observe_ms": length, "record_ms": self.draw(LENGTHS)}
        elif kind == "snapshots":
            plan |= {"count": self.draw(st.integers(1, 20)), "over_ms": length * 20}
        elif kind in ("rating", "checklist"):
            plan["rated_at"] = self.draw(st.sampled_from(["start", "interval", "end", "any"]))
            if plan["rated_at"] == "interval":
                plan["length_ms"] = length
        elif kind != "continuous":
            plan["length_ms"] = length
        if kind in INTERVALS and self.draw(st.booleans()):
            plan |= {"every": 5, "first": self.draw(st.integers(1, 5))}
        return plan

    def stream(self, index: int, actors: list[Document], modifiers: list[Document]) -> Document:
        kind = self.draw(st.sampled_from(KINDS))
        ids = [actor["id"] for actor in actors]
        stream: Document = {"id": self.id("s", index), "label": self.text(), "sampling": self.sampling(kind)}
        stream["exclusive"] = kind == "beat-or-change" or self.draw(st.booleans())
        stream["out_of_view"] = self.draw(st.sampled_from(["split", "suspend"]))
        if ids:
            stream["actors"] = self.draw(st.lists(st.sampled_from(ids), unique=True))
        if kind in ("rating", "checklist"):
            stream["ratings"] = [self.rating(kind) for _ in self.some(1, 3)]
            return stream
        stream["codes"] = [self.code(modifiers) for _ in self.some(1, 4)]
        if kind in ("area-count", "tally") and self.draw(st.booleans()):
            stream["crossed"] = [{"id": "d0", "label": self.text(), "options": self.options()}]
        if self.draw(st.booleans()):
            stream["priority"] = [code["id"] for code in stream["codes"]]
        self.always(stream)
        return stream

    def always(self, stream: Document) -> None:
        states = [code["id"] for code in stream["codes"] if code["type"] == "state"]
        if states and self.draw(st.booleans()):
            stream |= {"exhaustive": "always", "fallback": self.draw(st.sampled_from(states))}

    def code(self, modifiers: list[Document]) -> Document:
        self.codes_made += 1
        number = self.codes_made
        code: Document = {"id": self.id("c", number), "label": f"{number} {self.draw(WORDS)}"}
        code["type"] = self.draw(st.sampled_from(["point", "state"]))
        code["definition"] = self.text() if self.draw(st.booleans()) else ""
        for field in ("include", "exclude", "examples", "non_examples"):
            code[field] = [self.text() for _ in self.some(0, 1)]
        code["key"] = chr(ord("a") + number - 1) if number <= 26 and self.draw(st.booleans()) else ""
        code["colour"] = self.draw(st.sampled_from(["", "#12abEF"]))
        code["value"] = self.draw(
            st.none() | st.integers(-3, 3) | st.floats(-1, 1).filter(lambda value: value != 0)
        )
        code["note_required"] = self.draw(st.booleans())
        if modifiers:
            ids = [modifier["id"] for modifier in modifiers]
            code["modifiers"] = self.draw(st.lists(st.sampled_from(ids), unique=True))
        return code

    def rating(self, kind: str) -> Document:
        self.codes_made += 1
        scale = "yes-no" if kind == "checklist" else self.draw(st.sampled_from(["ordinal", "number", "yes-no"]))
        rating: Document = {"id": self.id("r", self.codes_made), "label": self.text(), "scale": scale}
        if scale == "ordinal":
            values = sorted(self.draw(st.sets(st.integers(-5, 5), min_size=2, max_size=5)))
            rating["values"] = [{"value": value, "label": self.text()} for value in values]
        if scale == "number":
            rating |= {"minimum": 0, "maximum": 10, "unit": "people", "is_statistic": self.draw(st.booleans())}
        rating["not_applicable_allowed"] = self.draw(st.booleans())
        return rating

    def variables(self) -> list[Document]:
        found = []
        for index in self.some(0, 2):
            kind = self.draw(st.sampled_from(["text", "number", "one-of", "date", "yes-no"]))
            variable: Document = {"id": self.id("v", index), "label": self.text(), "kind": kind}
            variable["of"] = self.draw(st.sampled_from(["session", "subject", "setting"]))
            if kind == "one-of":
                variable["options"] = self.options()
            found.append(variable)
        return found

    def links(self, streams: list[Document]) -> list[Document]:
        timed = ids_of(streams, "continuous", "beat-or-change")
        if not timed or self.draw(st.booleans()):
            return []
        codes = st.lists(st.sampled_from(timed), min_size=1, unique=True)
        return [{"id": "l0", "label": self.text(), "from_codes": self.draw(codes), "to_codes": self.draw(codes)}]

    def formulas(self, streams: list[Document]) -> list[Document]:
        found = []
        for index, stream in enumerate(streams):
            if stream["sampling"]["kind"] in INTERVALS and self.draw(st.booleans()):
                above = {"measure": "intervals", "stream": stream["id"], "codes": [stream["codes"][0]["id"]]}
                below = {"measure": "observed-intervals", "stream": stream["id"]}
                found.append({"id": f"f{index}", "label": self.text(), "numerator": above, "denominator": below})
        return found

    def constructs(self, streams: list[Document]) -> list[Document]:
        codes = [code["id"] for stream in streams for code in stream.get("codes", [])]
        if not codes or self.draw(st.booleans()):
            return []
        chosen = self.draw(st.lists(st.sampled_from(codes), min_size=1, max_size=4, unique=True))
        return [
            {
                "id": "k0",
                "label": self.text(),
                "rivals": [{"id": f"r{index}", "label": self.text()} for index in self.some(0, 2)],
                "indicators": [self.indicator(code) for code in chosen],
                "minimum_evidence": {"sessions": self.draw(st.integers(1, 5))},
            }
        ]

    def indicator(self, code: str) -> Document:
        strength = self.draw(st.sampled_from(["weak", "moderate", "strong"]))
        polarity = self.draw(st.sampled_from([-1, 1]))
        return {"polarity": polarity, "code": code, "diagnosticity": strength, "rationale": self.text()}


def ids_of(streams: list[Document], *kinds: str) -> list[str]:
    """The codes of those streams that are sampled in one of these ways."""
    return [
        code["id"] for stream in streams if stream["sampling"]["kind"] in kinds for code in stream.get("codes", [])
    ]


JUNK = (
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(WORD_CHARACTERS, max_size=8) | st.lists(st.integers(), max_size=2) | st.dictionaries(WORDS, st.integers(), max_size=1)
)  # fmt: skip


@st.composite
def damaged_documents(draw: st.DrawFn) -> Document:
    """A valid document with one thing somewhere in it replaced, added or taken away."""
    document = draw(documents())
    here: Any = document
    while True:
        steps = list(here) if isinstance(here, dict) else list(range(len(here)))
        if not steps:
            return document
        step = draw(st.sampled_from(steps))
        below = here[step]
        if not isinstance(below, dict | list) or not below or draw(st.integers(0, 2)) == 0:
            break
        here = below
    action = draw(st.sampled_from(["replace", "delete", "add"]))
    if action == "delete":
        del here[step]
    elif action == "add" and isinstance(here, dict):
        here[draw(WORDS)] = draw(JUNK)
    else:
        here[step] = draw(JUNK)
    return document
