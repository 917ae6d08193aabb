"""A framework looked up by id, and with the place of every part: what each rule is given."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from frameworks.model import (
    Actor,
    Code,
    Framework,
    Link,
    Modifier,
    Rating,
    Sampling,
    SamplingKind,
    Stream,
    Variable,
)

INTERVALS = frozenset(
    {
        SamplingKind.PARTIAL_INTERVAL,
        SamplingKind.WHOLE_INTERVAL,
        SamplingKind.PREDOMINANT_INTERVAL,
        SamplingKind.OBSERVE_RECORD,
    }
)
SCANS = frozenset({SamplingKind.MOMENTARY_SCAN, SamplingKind.AREA_COUNT, SamplingKind.SNAPSHOTS})
JUDGEMENTS = frozenset({SamplingKind.RATING, SamplingKind.CHECKLIST})
TIMED = frozenset({SamplingKind.CONTINUOUS, SamplingKind.BEAT_OR_CHANGE})
COUNTED = frozenset({SamplingKind.AREA_COUNT, SamplingKind.TALLY})


@dataclass(frozen=True, slots=True)
class Tablet:
    """The smallest screen the framework is meant for, in CSS pixels; a code needs a key that a thumb can hit."""

    width: int = 800
    height: int = 1280
    key_width: int = 116
    key_height: int = 64
    taken: int = 360
    """height used by the clock, the subjects and the notes"""

    @property
    def keys(self) -> int:
        """How many codes stand on the screen without scrolling."""
        return max(1, self.width // self.key_width) * max(1, (self.height - self.taken) // self.key_height)


@dataclass(frozen=True, slots=True)
class PlacedCode:
    """A code with its stream and its place in the document."""

    code: Code
    stream: Stream
    path: tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class PlacedRating:
    """A rating with its stream and its place in the document."""

    rating: Rating
    stream: Stream
    path: tuple[str | int, ...]


class View:
    """Lookups are built once; where an id stands twice the first counts, and the second is a finding of its own."""

    def __init__(self, framework: Framework, tablet: Tablet) -> None:
        self.framework = framework
        self.tablet = tablet
        self.codes = tuple(placed_codes(framework))
        self.ratings = tuple(placed_ratings(framework))
        self.code_by_id: dict[str, PlacedCode] = {placed.code.id: placed for placed in reversed(self.codes)}
        self.rating_by_id: dict[str, PlacedRating] = {
            placed.rating.id: placed for placed in reversed(self.ratings)
        }
        self.actor_by_id: dict[str, Actor] = by_id(framework.actors)
        self.modifier_by_id: dict[str, Modifier] = by_id(framework.modifiers)
        self.stream_by_id: dict[str, Stream] = by_id(framework.streams)
        self.link_by_id: dict[str, Link] = by_id(framework.links)
        self.variable_by_id: dict[str, Variable] = by_id(framework.variables)


def by_id(things: Iterable[Any]) -> dict[str, Any]:
    """Things by their id; the first of two counts."""
    return {thing.id: thing for thing in reversed(tuple(things))}


def placed_codes(framework: Framework) -> Iterator[PlacedCode]:
    """Every code with its place."""
    for place, stream in enumerate(framework.streams):
        for index, code in enumerate(stream.codes):
            yield PlacedCode(code, stream, ("streams", place, "codes", index))


def placed_ratings(framework: Framework) -> Iterator[PlacedRating]:
    """Every rating with its place."""
    for place, stream in enumerate(framework.streams):
        for index, rating in enumerate(stream.ratings):
            yield PlacedRating(rating, stream, ("streams", place, "ratings", index))


def named(text: object, fallback: str) -> str:
    """A label for a sentence: the words, or the id where there are none."""
    return str(text).strip()[:80] or fallback


def between(plan: Sampling) -> int | None:
    """The time from one interval or sample point to the next, in milliseconds."""
    if plan.observe_ms is not None and plan.record_ms is not None:
        return plan.observe_ms + plan.record_ms
    if plan.count and plan.over_ms:
        return plan.over_ms // plan.count
    return plan.length_ms
