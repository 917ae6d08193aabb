"""Versions of a framework: their hash, what changed in words, and whether old sessions still mean the same."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any

from frameworks.findings import pointer
from frameworks.model import Code, Framework, Modifier, Rating, Sampling, Stream, Text
from frameworks.schema import dump


def canonical_json(framework: Framework) -> str:
    """The canonical document with sorted keys and no spaces: the same characters in Python and in a browser."""
    return json.dumps(dump(framework), ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def content_hash(framework: Framework) -> str:
    """The SHA-256 of the canonical document, in hexadecimal; a session is pinned to it for ever."""
    return hashlib.sha256(canonical_json(framework).encode("utf-8")).hexdigest()


class Effect(StrEnum):
    """What a change does to sessions recorded before it."""

    SAME = "same"
    """they mean what they meant, and can be analysed together with new ones"""
    CARE = "care"
    """they can be compared, but observers worked to other words or had other choices"""
    DIFFERENT = "different"
    """what was recorded then is not what is recorded now"""


@dataclass(frozen=True, slots=True)
class Change:
    """One change between two versions, in words. `path` is in the new document, or in the old when it is gone."""

    path: str
    sentence: str
    effect: Effect


def changes(old: Framework, new: Framework) -> tuple[Change, ...]:
    """Everything that differs between two versions, in the order of the document."""
    return tuple(
        change
        for part in (
            head_changes,
            actor_changes,
            modifier_changes,
            stream_changes,
            code_changes,
            rating_changes,
            rest_changes,
        )
        for change in part(old, new)
    )


def old_sessions_mean_the_same(found: tuple[Change, ...]) -> Effect:
    """The worst effect of all changes: what to say of a joint analysis before any code map is given."""
    order = (Effect.SAME, Effect.CARE, Effect.DIFFERENT)
    return max((change.effect for change in found), key=order.index, default=Effect.SAME)


Same, Care, Different = Effect.SAME, Effect.CARE, Effect.DIFFERENT
Path = tuple[str | int, ...]

OF_HEAD = {
    "title": Same,
    "languages": Same,
    "purpose": Care,
    "attend_to": Care,
    "leave_out": Care,
    "assumptions": Same,
    "intended_use": Same,
    "limits": Same,
    "source": Same,
    "rights": Same,
    "planned_ms": Same,
    "covert": Care,
    "position": Same,
}
OF_CODE = {
    "label": Same,
    "type": Different,
    "definition": Care,
    "include": Care,
    "exclude": Care,
    "examples": Same,
    "non_examples": Same,
    "opportunity": Care,
    "group": Same,
    "colour": Same,
    "icon": Same,
    "key": Same,
    "modifiers": Care,
    "note_required": Same,
    "double_guard_ms": Same,
    "value": Care,
}
OF_RATING = {
    "label": Same,
    "scale": Different,
    "definition": Care,
    "values": Different,
    "minimum": Different,
    "maximum": Different,
    "unit": Different,
    "cannot_judge_allowed": Same,
    "not_observable_allowed": Same,
    "not_applicable_allowed": Same,
    "part_of": Same,
    "is_statistic": Different,
}
OF_STREAM = {
    "label": Same,
    "sampling": Different,
    "actors": Care,
    "exclusive": Different,
    "exhaustive": Different,
    "fallback": Different,
    "target": Care,
    "target_actors": Care,
    "priority": Care,
    "priority_rule": Care,
    "out_of_view": Care,
    "crossed": Different,
    "agreement": Same,
}
OF_MODIFIER = {
    "label": Same,
    "kind": Different,
    "options": Care,
    "unit": Different,
    "minimum": Care,
    "maximum": Care,
    "required": Care,
    "asked_at": Care,
}
OF_ACTOR = {"label": Same, "kind": Care, "seen_as": Different}

HOW_FREELY = {"when people were bound", "when people were partly bound"}
"""weighs what was seen when patterns are read, and changes no session"""
WORDS = {
    "bound_when": "when people were bound",
    "partly_bound_when": "when people were partly bound",
    "attend_to": "what to attend to",
    "leave_out": "what to leave out",
    "planned_ms": "the planned length",
    "position": "where the tablet is recorded",
    "covert": "whether people are observed covertly",
    "type": "whether it is a point or a state",
    "non_examples": "the non-examples",
    "modifiers": "the modifiers asked for",
    "note_required": "whether a note is required",
    "double_guard_ms": "the guard against double taps",
    "value": "what it counts for in a score",
    "values": "the values to choose from",
    "minimum": "the least value",
    "maximum": "the greatest value",
    "is_statistic": "whether it is a statistic",
    "part_of": "what it is weighed up into",
    "exclusive": "whether only one code runs at a time",
    "exhaustive": "whether there is always a code",
    "seen_as": "how people are told apart",
    "sampling": "how time is sampled",
    "crossed": "the crossed counts",
    "asked_at": "when it is asked",
    "required": "whether it is required",
    "kind": "what kind it is",
}


def head_changes(old: Framework, new: Framework) -> Iterator[Change]:
    """Changes in what the framework says of itself."""
    yield from field_changes(old, new, OF_HEAD, "The framework", ())


def field_changes(old: Any, new: Any, effects: dict[str, Effect], whose: str, path: Path) -> Iterator[Change]:
    """A change for each field that differs; lists of text say what came and what went."""
    for field, effect in effects.items():
        before, after = getattr(old, field), getattr(new, field)
        if before == after:
            continue
        where = pointer(*path, field)
        if is_list_of_text(before, after):
            yield from (Change(where, sentence, effect) for sentence in came_and_went(whose, field, before, after))
        elif isinstance(before, Sampling):
            yield Change(where, f"{whose}: {sampling_in_words(before, after)}.", effect)
        else:
            yield Change(where, f"{whose}: {change_in_words(field, before, after)}.", effect)


def is_list_of_text(before: Any, after: Any) -> bool:
    """Whether both are lists that hold text and nothing else."""
    return (
        isinstance(before, tuple)
        and isinstance(after, tuple)
        and all(isinstance(each, Text) for each in before + after)
    )


def came_and_went(whose: str, field: str, before: tuple[Text, ...], after: tuple[Text, ...]) -> Iterator[str]:
    """The items of a list of text that are new or gone, each in a sentence."""
    now = {
        "include": "now includes",
        "exclude": "now excludes",
        "examples": "has the new example",
        "non_examples": "has the new non-example",
    }.get(field, f"has new in “{field.replace('_', ' ')}”:")
    gone = {
        "include": "no longer mentions as included",
        "exclude": "no longer excludes",
        "examples": "no longer has the example",
        "non_examples": "no longer has the non-example",
    }.get(field, f"no longer has in “{field.replace('_', ' ')}”:")
    yield from (f"{whose} {now} “{each}”." for each in after if each not in before)
    yield from (f"{whose} {gone} “{each}”." for each in before if each not in after)
    if sorted(map(repr, before)) == sorted(map(repr, after)):
        yield f"{whose}: the order of “{field.replace('_', ' ')}” changed."


def change_in_words(field: str, before: Any, after: Any) -> str:
    """What a field was and what it is, as far as it can be said in a sentence."""
    name = WORDS.get(field, f"the {field.replace('_', ' ')}")
    if isinstance(before, Text):
        return (
            f"{name} was “{before}” and is “{after}”"
            if before and after
            else f"{name} {'is now' if after else 'was'} “{after or before}”"
        )
    if isinstance(before, tuple) and all(hasattr(each, "id") for each in before + (after or ())):
        return f"{name}: {listed(before, after)}"
    if isinstance(before, tuple) and all(isinstance(each, str) for each in before + (after or ())):
        return f"{name} {'were' if before else 'was'} {', '.join(before) or 'nothing'}, now {', '.join(after) or 'nothing'}"
    if isinstance(before, str | int | float | bool | None) and isinstance(after, str | int | float | bool | None):
        return f"{name} was {plainly(before)} and is {plainly(after)}"
    return f"{name} changed"


def listed(before: tuple[Any, ...], after: tuple[Any, ...]) -> str:
    """Which ids came, went or changed."""
    old, new = {each.id: each for each in before}, {each.id: each for each in after}
    came = [f"“{key}” is new" for key in new if key not in old]
    went = [f"“{key}” is gone" for key in old if key not in new]
    changed = [f"“{key}” changed" for key in new if key in old and old[key] != new[key]]
    return ", ".join(came + went + changed) or "the order changed"


def plainly(value: object) -> str:
    """A plain value in a sentence."""
    if value is None or value == "":
        return "not set"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value.value if isinstance(value, StrEnum) else str(value)


def sampling_in_words(before: Sampling, after: Sampling) -> str:
    """How time was sampled and how it is now."""
    parts = [
        f"{field.name.removesuffix('_ms').replace('_', ' ')} was {plainly(getattr(before, field.name))} and is {plainly(getattr(after, field.name))}"
        for field in fields(Sampling)
        if getattr(before, field.name) != getattr(after, field.name) and field.name != "rotation"
    ]
    if before.rotation != after.rotation:
        parts.append("the rotation through subjects changed")
    return "how time is sampled: " + ", ".join(parts)


def matched(
    old: tuple[Any, ...], new: tuple[Any, ...], what: str, path: Path, effects: dict[str, Effect], gone: Effect
) -> Iterator[Change]:
    """Things with ids compared one by one: those that came, went, and changed."""
    before = {each.id: each for each in old}
    for index, each in enumerate(new):
        if each.id not in before:
            yield Change(pointer(*path, index), f"The {what} “{each.id}” ({each.label}) is new.", Care)
        else:
            yield from field_changes(before[each.id], each, effects, f"The {what} “{each.id}”", (*path, index))
    kept = {each.id for each in new}
    for index, each in enumerate(old):
        if each.id not in kept:
            yield Change(pointer(*path, index), f"The {what} “{each.id}” ({each.label}) is gone.", gone)


def actor_changes(old: Framework, new: Framework) -> Iterator[Change]:
    """Changes in who can be seen."""
    yield from matched(old.actors, new.actors, "actor", ("actors",), OF_ACTOR, Different)


def modifier_changes(old: Framework, new: Framework) -> Iterator[Change]:
    """Changes in what is asked about an occurrence; an option that is gone cannot be compared."""
    for change in matched(old.modifiers, new.modifiers, "modifier", ("modifiers",), OF_MODIFIER, Care):
        lost = change.path.endswith("/options") and "is gone" in change.sentence
        yield Change(change.path, change.sentence, Different) if lost else change


def stream_changes(old: Framework, new: Framework) -> Iterator[Change]:
    """Changes in how each stream records, apart from its codes and ratings."""
    yield from matched(old.streams, new.streams, "stream", ("streams",), OF_STREAM, Different)


def code_changes(old: Framework, new: Framework) -> Iterator[Change]:
    """Changes in codes, wherever they stand: what is new may have happened unseen before."""
    yield from placed_changes(old, new, "codes", "code", OF_CODE)


def rating_changes(old: Framework, new: Framework) -> Iterator[Change]:
    """Changes in ratings; new anchors for the same values are a matter of care."""
    yield from placed_changes(old, new, "ratings", "rating", OF_RATING)


def placed_changes(
    old: Framework, new: Framework, field: str, what: str, effects: dict[str, Effect]
) -> Iterator[Change]:
    """Codes or ratings compared by id over all streams, with those that moved from one stream to another."""
    before = {each.id: (stream, each) for stream in old.streams for each in getattr(stream, field)}
    after = {each.id for stream in new.streams for each in getattr(stream, field)}
    for place, stream in enumerate(new.streams):
        for index, each in enumerate(getattr(stream, field)):
            path = ("streams", place, field, index)
            if each.id not in before:
                sentence = f"The {what} “{each.id}” ({each.label}) is new: that it is absent from older sessions does not mean it did not happen."
                yield Change(pointer(*path), sentence, Care)
                continue
            home, earlier = before[each.id]
            if home.id != stream.id:
                yield Change(
                    pointer(*path),
                    f"The {what} “{each.id}” moved from the stream “{home.id}” to “{stream.id}”.",
                    Different,
                )
            yield from one_changed(earlier, each, what, effects, path)
        yield from reordered(old, stream, field, what, ("streams", place, field))
    for each_id, (home, each) in before.items():
        if each_id not in after:
            yield Change(
                pointer("streams"), f"The {what} “{each_id}” ({each.label}) is gone from “{home.id}”.", Different
            )


def one_changed(
    old: Code | Rating, new: Code | Rating, what: str, effects: dict[str, Effect], path: Path
) -> Iterator[Change]:
    """The changes of one code or rating; a scale with the same values but other words is a matter of care."""
    for change in field_changes(old, new, effects, f"The {what} “{new.id}”", path):
        if isinstance(old, Rating) and isinstance(new, Rating) and change.path.endswith("/values"):
            same = {value.value for value in old.values} == {value.value for value in new.values}
            sentence = (
                f"The rating “{new.id}”: the words for its values changed." if same else rating_values(old, new)
            )
            yield Change(change.path, sentence, Care if same else Different)
        else:
            yield change


def rating_values(old: Rating, new: Rating) -> str:
    """The values of a scale before and after."""
    before, after = (", ".join(str(value.value) for value in each.values) for each in (old, new))
    return f"The rating “{new.id}”: its values were {before or 'none'} and are {after or 'none'}."


def reordered(old: Framework, stream: Stream, field: str, what: str, path: Path) -> Iterator[Change]:
    """The same codes in another order: only the screen changes."""
    earlier = next((each for each in old.streams if each.id == stream.id), None)
    if earlier is None:
        return
    before, after = ([each.id for each in getattr(which, field)] for which in (earlier, stream))
    if sorted(before) == sorted(after) and before != after:
        yield Change(pointer(*path), f"The {what}s of “{stream.id}” stand in another order.", Same)


def rest_changes(old: Framework, new: Framework) -> Iterator[Change]:
    """Links, variables, formulas and constructs: they are worked out from sessions and do not change them."""
    for field, what, effect, consequence in (
        ("links", "link", Care, ""),
        ("variables", "variable", Care, ""),
        ("formulas", "formula", Same, " Figures are worked out anew from the same sessions."),
        ("constructs", "construct", Same, " Patterns have to be worked out and reviewed again."),
    ):
        before = {each.id: each for each in getattr(old, field)}
        after = {each.id: each for each in getattr(new, field)}
        for index, (each_id, each) in enumerate(after.items()):
            where = pointer(field, index)
            if each_id not in before:
                yield Change(where, f"The {what} “{each_id}” ({each.label}) is new.{consequence}", effect)
            elif before[each_id] != each:
                parts = list(parts_changed(before[each_id], each))
                how = Same if what == "variable" and {*parts} <= HOW_FREELY else effect
                yield Change(where, f"The {what} “{each_id}” changed: {', '.join(parts)}.{consequence}", how)
        for each_id, each in before.items():
            if each_id not in after:
                yield Change(
                    pointer(field), f"The {what} “{each_id}” ({each.label}) is gone.{consequence}", effect
                )


def parts_changed(old: Any, new: Any) -> Iterator[str]:
    """The names of the fields in which two things differ."""
    for field in fields(old):
        if getattr(old, field.name) != getattr(new, field.name):
            yield WORDS.get(field.name, f"the {field.name.replace('_', ' ')}")


TABLES: dict[type[Any], dict[str, Effect]] = {
    Code: OF_CODE,
    Rating: OF_RATING,
    Stream: OF_STREAM,
    Modifier: OF_MODIFIER,
}
"""The effect of a change in each field; a test sees that no field of the model is forgotten."""
