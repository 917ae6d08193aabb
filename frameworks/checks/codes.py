"""Codes, modifiers and ratings: would two people apply them alike, and can they be tapped?"""

from __future__ import annotations

import re
from collections.abc import Iterator

from frameworks.checks.view import JUDGEMENTS, PlacedCode, PlacedRating, View, named
from frameworks.findings import Finding, error, hint, pointer, warning
from frameworks.model import CodeType, Modifier, ModifierKind, Rating, RatingScale

KEY_TWICE = error(
    "key.twice",
    "The key “{key}” stands for “{first}” and for “{second}”.",
    "Give one of them another key, or none.",
)
LABEL_TWICE = error(
    "label.twice",
    "Two codes of “{stream}” are both called “{label}”, so nobody could tell their keys apart.",
    "Give one of them another label.",
)
COLOUR_TWICE = hint(
    "colour.twice",
    "“{first}” and “{second}” have the same colour.",
    "Give one of them another colour, or leave both to the palette.",
)
NO_DEFINITION = warning(
    "definition.missing",
    "“{label}” has no definition, so two people may well apply it differently.",
    "Write what must be seen for the code to be given.",
)
NO_NON_EXAMPLE = hint(
    "definition.no-non-example",
    "“{label}” has no example of what does not count.",
    "Add a near miss: it teaches more than another example.",
)
NO_BOUNDARY = hint(
    "definition.no-exclude",
    "“{label}” does not say what is left out.",
    "Name under “exclude” the behaviour that it is most easily taken for, and the code to use instead.",
)
SAME_DEFINITION = warning(
    "definition.same",
    "“{first}” and “{second}” have the same definition.",
    "Say in what they differ, or make them one code.",
)
JUDGING = hint(
    "definition.judging",
    "“{label}” says what people are (“{word}”) rather than what is seen.",
    "Describe what somebody does, so that a person who disagrees would still give the code.",
)
INTENTION = hint(
    "definition.intention",
    "The definition of “{label}” rests on what cannot be seen (“{word}”).",
    "Name the visible sign; what it may mean belongs to a construct.",
)
UNKNOWN_MODIFIER = error(
    "reference.modifier", "There is no modifier “{id}”.", "Use the id of one of the modifiers, or add it."
)
MODIFIER_NO_OPTIONS = error(
    "modifier.no-options",
    "The modifier “{id}” asks for a choice but offers none.",
    "Add options, or change its kind.",
)
MODIFIER_OPTIONS_UNUSED = warning(
    "modifier.options-unused",
    "The modifier “{id}” has options, but its kind does not use them.",
    "Delete the options, or change its kind.",
)
MODIFIER_RANGE = error(
    "modifier.range", "The least value of the modifier “{id}” is greater than its greatest.", "Exchange the two."
)
MODIFIER_RANGE_UNUSED = warning(
    "modifier.range-unused",
    "The modifier “{id}” has a least or greatest value but is not a number.",
    "Delete them, or make it a number.",
)
MODIFIER_UNUSED = hint(
    "modifier.unused", "No code asks for the modifier “{id}”.", "Name it in a code, or delete it."
)
MODIFIER_AT_STOP = warning(
    "modifier.at-stop-of-point",
    "The modifier “{modifier}” is asked at the stop, and “{label}” is a point that never stops.",
    "Ask at the start, or make the code a state.",
)
MODIFIER_TWICE = error("modifier.twice", "“{label}” asks for the modifier “{modifier}” twice.", "Name it once.")
MANY_TAPS = hint(
    "modifier.many-taps",
    "“{label}” takes {taps} taps before the observer can look up again.",
    "Make modifiers optional, or divide the code.",
)
GUARD_ON_STATE = warning(
    "guard.on-state",
    "“{label}” is a state; a guard against double taps is for points.",
    "Take the time away in which two may be one.",
)
GUARD_LONG = warning(
    "guard.long",
    "Two occurrences of “{label}” within {seconds} s would be flagged as one.",
    "Use a second or less, unless it truly cannot happen twice.",
)
FEW_VALUES = error(
    "rating.few-values",
    "The rating “{id}” has fewer than two values to choose from.",
    "Add values, or change its scale.",
)
VALUE_TWICE = error(
    "rating.value-twice", "The rating “{id}” has the value {value} twice.", "Give each value once."
)
VALUES_UNSORTED = warning(
    "rating.unsorted",
    "The values of “{id}” neither rise nor fall.",
    "Put them in order, so that the scale reads as one.",
)
VALUES_UNUSED = warning(
    "rating.values-unused",
    "The rating “{id}” has values, but its scale does not use them.",
    "Make the scale ordinal, or delete the values.",
)
NO_ANCHORS = hint(
    "rating.no-anchors",
    "No value of “{id}” says what it looks like.",
    "Describe at least the lowest and the highest value.",
)
RATING_RANGE = error(
    "rating.range", "The least value of “{id}” is greater than its greatest.", "Exchange the two."
)
PART_OF_UNKNOWN = error(
    "rating.part-of-unknown",
    "“{id}” is part of “{whole}”, which is not a rating.",
    "Use the id of a rating, or leave it out.",
)
PART_OF_CYCLE = error("rating.part-of-cycle", "“{id}” is, by way of others, part of itself.", "Break the circle.")
STATISTIC_SCALE = warning(
    "rating.statistic-scale", "The statistic “{id}” is not a number.", "Make its scale number, with a unit."
)
ALWAYS_AN_ANSWER = hint(
    "rating.forced",
    "The rating “{id}” must be answered even when it could not be judged.",
    "Allow “cannot judge” or “not observable”: a forced guess looks like a finding.",
)

JUDGING_WORDS = re.compile(r"\b(lazy|stupid|rude|nasty|naughty|hostile person|bad (?:teacher|parent|person)|good (?:teacher|parent|person)|incompetent|unmotivated|uncaring|arrogant|dishonest|liar)\b", re.IGNORECASE)  # fmt: skip
INTENTION_WORDS = re.compile(r"\b(intends to|wants to|tries to impress|feels that|believes that|thinks that|because (?:he|she|they) (?:is|are) (?:angry|sad|afraid))\b", re.IGNORECASE)  # fmt: skip


def findings(view: View) -> Iterator[Finding]:
    """All findings about codes, modifiers and ratings."""
    yield from keys(view)
    yield from told_apart(view)
    for placed in view.codes:
        yield from definition(placed)
        yield from asked(view, placed)
        yield from guard(placed)
    yield from modifiers(view)
    for placed_rating in view.ratings:
        yield from rating_scale(placed_rating.rating, placed_rating.path)
        yield from rating_parts(view, placed_rating)


def keys(view: View) -> Iterator[Finding]:
    """A key stands for one code; small and capital letters are different keys."""
    first: dict[str, PlacedCode] = {}
    for placed in view.codes:
        key = placed.code.key
        if key and key in first:
            found = {"key": key, "first": first[key].code.label, "second": placed.code.label}
            yield KEY_TWICE.at(pointer(*placed.path, "key"), **found)
        elif key:
            first[key] = placed


def told_apart(view: View) -> Iterator[Finding]:
    """Within a stream no two codes look or read alike."""
    labels: set[tuple[str, str]] = set()
    colours: dict[tuple[str, str], str] = {}
    definitions: dict[tuple[str, str], str] = {}
    for placed in view.codes:
        code, stream = placed.code, placed.stream
        label = str(code.label).strip()
        if label and (stream.id, label.casefold()) in labels:
            yield LABEL_TWICE.at(pointer(*placed.path, "label"), stream=stream.id, label=label)
        labels.add((stream.id, label.casefold()))
        if code.colour:
            other = colours.setdefault((stream.id, code.colour.lower()), label)
            if other != label:
                yield COLOUR_TWICE.at(pointer(*placed.path, "colour"), first=other, second=label)
        words = " ".join(str(code.definition).casefold().split())
        if words:
            other = definitions.setdefault((stream.id, words), label)
            if other != label:
                yield SAME_DEFINITION.at(pointer(*placed.path, "definition"), first=other, second=label)


def definition(placed: PlacedCode) -> Iterator[Finding]:
    """Would two people who disagree about much else still give the same code?"""
    code, label = placed.code, named(placed.code.label, placed.code.id)
    if not code.definition:
        yield NO_DEFINITION.at(pointer(*placed.path, "definition"), label=label)
        return
    if not code.non_examples:
        yield NO_NON_EXAMPLE.at(pointer(*placed.path, "non_examples"), label=label)
    if not code.exclude:
        yield NO_BOUNDARY.at(pointer(*placed.path, "exclude"), label=label)
    words = f"{code.label} {code.definition}"
    if found := JUDGING_WORDS.search(words):
        yield JUDGING.at(pointer(*placed.path, "definition"), label=label, word=found.group())
    if found := INTENTION_WORDS.search(str(code.definition)):
        yield INTENTION.at(pointer(*placed.path, "definition"), label=label, word=found.group())


def asked(view: View, placed: PlacedCode) -> Iterator[Finding]:
    """The modifiers of a code are there, are asked when they can be, and do not keep the eyes down."""
    code, label, required, seen = placed.code, named(placed.code.label, placed.code.id), 0, set()
    for index, modifier_id in enumerate(code.modifiers):
        where = pointer(*placed.path, "modifiers", index)
        modifier = view.modifier_by_id.get(modifier_id)
        if modifier_id in seen:
            yield MODIFIER_TWICE.at(where, label=label, modifier=modifier_id)
        seen.add(modifier_id)
        if modifier is None:
            yield UNKNOWN_MODIFIER.at(where, id=modifier_id)
            continue
        required += modifier.required
        if modifier.asked_at == "stop" and code.type is CodeType.POINT:
            yield MODIFIER_AT_STOP.at(where, modifier=modifier.id, label=label)
    if required > 2:
        yield MANY_TAPS.at(pointer(*placed.path, "modifiers"), label=label, taps=required + 1)


def guard(placed: PlacedCode) -> Iterator[Finding]:
    """A guard flags double taps of points, and only those."""
    code, label = placed.code, named(placed.code.label, placed.code.id)
    if code.double_guard_ms and code.type is CodeType.STATE and placed.stream.sampling.kind not in JUDGEMENTS:
        yield GUARD_ON_STATE.at(pointer(*placed.path, "double_guard_ms"), label=label)
    if code.double_guard_ms and code.double_guard_ms > 5_000:
        yield GUARD_LONG.at(
            pointer(*placed.path, "double_guard_ms"), label=label, seconds=code.double_guard_ms / 1000
        )


def modifiers(view: View) -> Iterator[Finding]:
    """A modifier can be answered, and is asked somewhere."""
    used = {modifier for placed in view.codes for modifier in placed.code.modifiers}
    for index, modifier in enumerate(view.framework.modifiers):
        where = pointer("modifiers", index)
        yield from modifier_kind(modifier, where)
        if modifier.id not in used:
            yield MODIFIER_UNUSED.at(where, id=modifier.id)


def modifier_kind(modifier: Modifier, where: str) -> Iterator[Finding]:
    """Options are for choices, bounds are for numbers."""
    chosen = modifier.kind in (ModifierKind.ONE_OF, ModifierKind.SEVERAL_OF, ModifierKind.ORDERED)
    bounded = modifier.minimum is not None or modifier.maximum is not None
    if chosen and not modifier.options:
        yield MODIFIER_NO_OPTIONS.at(where + "/options", id=modifier.id)
    if not chosen and modifier.options:
        yield MODIFIER_OPTIONS_UNUSED.at(where + "/options", id=modifier.id)
    if bounded and modifier.kind is not ModifierKind.NUMBER:
        yield MODIFIER_RANGE_UNUSED.at(where, id=modifier.id)
    if upside_down(modifier.minimum, modifier.maximum):
        yield MODIFIER_RANGE.at(where, id=modifier.id)


def upside_down(minimum: float | None, maximum: float | None) -> bool:
    """Whether the least is greater than the greatest."""
    return minimum is not None and maximum is not None and minimum > maximum


def rating_scale(rating: Rating, path: tuple[str | int, ...]) -> Iterator[Finding]:
    """The scale can be read as one, and says what its values look like."""
    where, ordinal = pointer(*path, "values"), rating.scale is RatingScale.ORDINAL
    values = [value.value for value in rating.values]
    if ordinal and len(values) < 2:
        yield FEW_VALUES.at(where, id=rating.id)
    for value in sorted({value for value in values if values.count(value) > 1}):
        yield VALUE_TWICE.at(where, id=rating.id, value=value)
    if values not in (sorted(values), sorted(values, reverse=True)):
        yield VALUES_UNSORTED.at(where, id=rating.id)
    if values and not ordinal:
        yield VALUES_UNUSED.at(where, id=rating.id)
    if ordinal and values and not any(value.anchor for value in rating.values):
        yield NO_ANCHORS.at(where, id=rating.id)
    if upside_down(rating.minimum, rating.maximum):
        yield RATING_RANGE.at(pointer(*path), id=rating.id)
    if rating.is_statistic and rating.scale is not RatingScale.NUMBER:
        yield STATISTIC_SCALE.at(pointer(*path, "scale"), id=rating.id)
    if not (rating.cannot_judge_allowed or rating.not_observable_allowed or rating.not_applicable_allowed):
        yield ALWAYS_AN_ANSWER.at(pointer(*path), id=rating.id)


def rating_parts(view: View, placed: PlacedRating) -> Iterator[Finding]:
    """Ratings are weighed up into others, never in a circle."""
    rating = placed.rating
    if not rating.part_of:
        return
    if rating.part_of not in view.rating_by_id:
        yield PART_OF_UNKNOWN.at(pointer(*placed.path, "part_of"), id=rating.id, whole=rating.part_of)
        return
    seen, here = {rating.id}, rating.part_of
    while here in view.rating_by_id and here not in seen:
        seen.add(here)
        here = view.rating_by_id[here].rating.part_of
    if here == rating.id:
        yield PART_OF_CYCLE.at(pointer(*placed.path, "part_of"), id=rating.id)
