"""The shape of a framework document, read off the model: which field holds what, and within which bounds.

The marshmallow schema and the published JSON Schema are both built from this, so neither can drift from the model.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import MISSING, dataclass, fields, is_dataclass
from enum import StrEnum
from types import NoneType, UnionType
from typing import Any, get_args, get_origin, get_type_hints

from frameworks.model import (
    AgreementPlan,
    Code,
    Formula,
    Framework,
    Indicator,
    Link,
    MinimumEvidence,
    Modifier,
    Position,
    Rating,
    Rotation,
    Sampling,
    Stream,
    Term,
    Text,
    Variable,
)

MAX_TEXT = 5_000
MAX_ITEMS = 1_000
MAX_DEPTH = 16
MAX_VALUES = 200_000
MAX_CHARACTERS = 4_000_000
MAX_WHOLE = 2**53
MAX_MS = 366 * 24 * 3_600_000
"""a leap year: nothing is sampled more seldom than that"""

ID = r"[A-Za-z0-9_][A-Za-z0-9_.\-]{0,63}"
SLUG = r"[a-z0-9]+(-[a-z0-9]+)*"
LANGUAGE = r"[a-z]{2,3}(-[A-Za-z0-9]{1,8})*"
COLOUR = r"#[0-9a-fA-F]{6}"
KEY = r"(\S|F([1-9]|1[0-2]))"
UNIT_OF_AVERAGING = rf"session|subject|setting|pooled|variable:{ID}(\+{ID})*"

MEASURES = (
    "duration",
    "count",
    "intervals",
    "scans",
    "ticks",
    "persons",
    "rating",
    "observed-time",
    "observed-intervals",
    "sessions",
    "value",
    "wait",
)


@dataclass(frozen=True, slots=True)
class Words:
    """Text in one or more languages."""


@dataclass(frozen=True, slots=True)
class Plain:
    """A string that is the same in every language; with a pattern, nothing else is allowed but, perhaps, nothing."""

    maximum: int = 2_000
    pattern: str = ""
    what: str = "text"
    may_be_empty: bool = True

    def accepts(self, value: str) -> bool:
        """Whether the string is short enough and fits the pattern."""
        if len(value) > self.maximum:
            return False
        if not value:
            return self.may_be_empty
        return not self.pattern or re.fullmatch(self.pattern, value) is not None


@dataclass(frozen=True, slots=True)
class Choice:
    """One of a fixed set of words."""

    values: tuple[str, ...]
    enum: type[StrEnum] | None = None


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number within bounds; true and false are not numbers."""

    minimum: int
    maximum: int
    allowed: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Number:
    """A finite number."""


@dataclass(frozen=True, slots=True)
class YesNo:
    """true or false, and nothing that merely looks like it."""


@dataclass(frozen=True, slots=True)
class Listing:
    """A list of things of one shape."""

    item: Spec
    minimum: int = 0
    maximum: int = MAX_ITEMS


@dataclass(frozen=True, slots=True)
class Object:
    """An object with the fields of one class of the model."""

    of: type[Any]


@dataclass(frozen=True, slots=True)
class Pairs:
    """An object of id → id, kept as sorted pairs."""


@dataclass(frozen=True, slots=True)
class Weights:
    """The name of a weighting, or a matrix of disagreements."""

    names: tuple[str, ...]


Spec = Words | Plain | Choice | Whole | Number | YesNo | Listing | Object | Pairs | Weights


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a document."""

    name: str
    spec: Spec
    required: bool
    nullable: bool
    default: Any


AN_ID = Plain(64, ID, "an id", may_be_empty=False)
ID_OR_NOTHING = Plain(64, ID, "an id, or nothing")
SOME_MS = Whole(1, MAX_MS)
ANY_MS = Whole(0, MAX_MS)
SOME = Whole(1, 100_000)

SPECS: dict[tuple[type[Any], str], Spec] = {
    (Framework, "slug"): Plain(64, SLUG, "lower-case words joined by “-”", may_be_empty=False),
    (Framework, "languages"): Listing(
        Plain(35, LANGUAGE, "a language tag such as “en”", may_be_empty=False), 1, 40
    ),
    (Framework, "planned_ms"): SOME_MS,
    (Position, "at"): Listing(Choice(("start", "scan", "note")), 1, 3),
    (Position, "rounded_m"): Whole(1, 10_000),
    (Variable, "of"): Choice(("session", "subject", "setting")),
    (Rotation, "order"): Choice(("roster", "shuffled")),
    (Rotation, "dwell_ms"): SOME_MS,
    (Sampling, "length_ms"): SOME_MS,
    (Sampling, "observe_ms"): SOME_MS,
    (Sampling, "record_ms"): SOME_MS,
    (Sampling, "over_ms"): SOME_MS,
    (Sampling, "count"): SOME,
    (Sampling, "every"): SOME,
    (Sampling, "first"): SOME,
    (Modifier, "asked_at"): Choice(("start", "stop")),
    (Code, "colour"): Plain(7, COLOUR, "a colour such as #1f77b4"),
    (Code, "key"): Plain(3, KEY, "one character, or F1 to F12"),
    (Code, "group"): Plain(200),
    (Code, "icon"): Plain(100),
    (Code, "modifiers"): Listing(AN_ID),
    (Rating, "part_of"): ID_OR_NOTHING,
    (Stream, "actors"): Listing(AN_ID),
    (Stream, "fallback"): ID_OR_NOTHING,
    (Stream, "target"): Choice(("none", "optional", "required")),
    (Stream, "target_actors"): Listing(AN_ID),
    (Stream, "priority"): Listing(AN_ID),
    (Stream, "priority_rule"): Choice(("warn", "resolve")),
    (Stream, "out_of_view"): Choice(("split", "suspend")),
    (AgreementPlan, "unit"): Choice(("second", "interval", "event", "utterance", "scan", "rating")),
    (AgreementPlan, "weights"): Weights(("nominal", "linear", "quadratic")),
    (AgreementPlan, "measure"): Choice(("alpha", "kappa", "percent", "icc")),
    (Link, "from_codes"): Listing(AN_ID),
    (Link, "to_codes"): Listing(AN_ID),
    (Link, "if_none"): ID_OR_NOTHING,
    (Term, "measure"): Choice(MEASURES),
    (Term, "stream"): ID_OR_NOTHING,
    (Term, "codes"): Listing(AN_ID),
    (Term, "except_codes"): Listing(AN_ID),
    (Term, "ratings"): Listing(AN_ID),
    (Term, "links"): Listing(AN_ID),
    (Formula, "unit"): Plain(
        203, UNIT_OF_AVERAGING, "session, subject, setting, pooled, variable:<id> or variable:<id>+<id>", False
    ),
    (Formula, "average"): Choice(("mean", "median", "sum", "pooled")),
    (Formula, "weights"): Choice(("none", "exposure")),
    (Formula, "per"): Choice(("proportion", "percent", "per-hour", "per-minute", "ratio")),
    (MinimumEvidence, "sessions"): Whole(0, 100_000),
    (MinimumEvidence, "situations"): Whole(0, 100_000),
    (MinimumEvidence, "codes"): Whole(0, 100_000),
    (MinimumEvidence, "events"): Whole(0, 100_000),
    (MinimumEvidence, "observers"): Whole(0, 100_000),
    (Indicator, "polarity"): Whole(-1, 1, (-1, 1)),
    (Indicator, "code"): ID_OR_NOTHING,
    (Indicator, "rating"): ID_OR_NOTHING,
    (Indicator, "modifiers"): Pairs(),
}
"""What the type alone does not say."""


def spec_of(owner: type[Any], name: str, hint: Any) -> Spec:
    """The shape of one field: from the table where the type does not say enough, else from its type."""
    if (owner, name) in SPECS:
        return SPECS[owner, name]
    if hint is str and name == "id":
        return AN_ID
    return spec_of_type(name, hint)


def spec_of_type(name: str, hint: Any) -> Spec:
    """The shape that a Python type of the model stands for."""
    if hint is Text:
        return Words()
    if hint is str:
        return Plain()
    if hint is bool:
        return YesNo()
    if hint is float:
        return Number()
    if hint is int:
        return ANY_MS if name.endswith("_ms") else Whole(-MAX_WHOLE, MAX_WHOLE)
    if get_origin(hint) is tuple:
        return Listing(spec_of_type(name, get_args(hint)[0]))
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return Choice(tuple(member.value for member in hint), hint)
    if is_dataclass(hint) and isinstance(hint, type):
        return Object(hint)
    raise AssertionError(f"no shape for {name}: {hint!r}")


SHAPES: dict[type[Any], tuple[Field, ...]] = {}


def shape_of(owner: type[Any]) -> tuple[Field, ...]:
    """The fields of one class of the model, in the order of the document; worked out once."""
    if owner not in SHAPES:
        SHAPES[owner] = tuple(shape_read_off(owner))
    return SHAPES[owner]


def shape_read_off(owner: type[Any]) -> Iterator[Field]:
    """Each field of a class of the model with its shape."""
    hints = get_type_hints(owner)
    for field in fields(owner):
        hint, nullable = hints[field.name], False
        if get_origin(hint) is UnionType and NoneType in get_args(hint):
            hint, nullable = next(part for part in get_args(hint) if part is not NoneType), True
        required = field.default is MISSING
        default = None if required else field.default
        yield Field(field.name, spec_of(owner, field.name, hint), required, nullable, default)
