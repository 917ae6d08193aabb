"""The result of a run, as values that can be kept, shown and reviewed: bound to the data, the framework and the engine."""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import dataclass, fields, is_dataclass
from enum import Enum, StrEnum
from typing import Any

from observe.core.patterns.evidence import Table
from observe.core.patterns.gates import Gate, Reliability, Watched
from observe.core.patterns.rivals import RivalCheck
from observe.core.patterns.robustness import Robustness
from observe.core.patterns.rows import PERSON, Rows, Unit
from observe.core.patterns.settings import Settings
from observe.core.patterns.trends import Change, Situational


class Status(StrEnum):
    """What the run says of one person × construct. Nothing is a finding until people have reviewed it."""

    NOT_WATCHED = "not-watched"
    CONFOUNDED = "confounded"
    NOT_ENOUGH = "not-enough-evidence"
    NO_DIFFERENCE = "no-difference"
    """in these data people do not differ reliably on the construct"""
    UNCLEAR = "unclear"
    PATTERN = "pattern"
    """behaviour consistent with the construct"""
    CONTRARY = "contrary-pattern"
    """behaviour that speaks against the construct"""


@dataclass(frozen=True, slots=True)
class Estimate:
    """Where one person stands, relative to the people of the run. Intervals of 90 and 50 % unless set otherwise."""

    mean: float
    low: float
    high: float
    low_half: float
    high_half: float
    p_above: float
    """P(more than the smallest effect), people not differing at all being thought as likely as not beforehand"""
    p_below: float
    false_sign: float


@dataclass(frozen=True, slots=True)
class Finding:
    """One person × construct, with all that is needed to see how it came about. `sentence` is how it may be quoted."""

    hash: str
    person: str
    construct: str
    label: str
    status: Status
    sentence: str
    estimate: Estimate | None
    """None where nothing was watched that would carry it"""
    missing: tuple[str, ...]
    watched: Watched
    gates: tuple[Gate, ...]
    evidence: Table
    robustness: Robustness | None
    rivals: tuple[RivalCheck, ...]
    situations: tuple[Situational, ...]
    situation_specific: bool
    change: Change | None
    change_sentence: str
    fragile: tuple[str, ...]

    @property
    def key(self) -> tuple[str, str]:
        """Who and what, across runs."""
        return self.person, self.construct

    def as_json(self) -> dict[str, Any]:
        """Plain values: NaN and infinities become null."""
        plain: dict[str, Any] = plain_of(self)
        return plain


@dataclass(frozen=True, slots=True)
class Overall:
    """One construct over all people: do they differ at all?"""

    construct: str
    label: str
    people: int
    q: float
    q_p: float
    no_difference: float
    """P(people do not differ | data)"""
    spread: float
    situational: float
    occasion: float
    """includes chance beyond the model's, so it is no measure of anyone's consistency"""
    claimed: int
    sentence: str


@dataclass(frozen=True, slots=True)
class Run:
    """One inference over one set of sessions. The same input gives the same run, to the last digit."""

    hash: str
    data_hash: str
    framework: str
    framework_hash: str
    engine_version: str
    settings: Settings
    reliability: tuple[tuple[str, Reliability], ...]
    constructs: tuple[Overall, ...]
    findings: tuple[Finding, ...]
    left_out: tuple[str, ...]
    twins: tuple[tuple[str, str], ...]
    unit: Unit = PERSON

    def finding(self, person: str, construct: str) -> Finding:
        """The finding of one person × construct; a KeyError where the run has none."""
        for one in self.findings:
            if one.key == (person, construct):
                return one
        raise KeyError((person, construct))

    def as_json(self) -> dict[str, Any]:
        """Plain values, in the order of the fields."""
        plain: dict[str, Any] = plain_of(self)
        return plain


def plain_of(value: Any) -> Any:
    """Dataclasses as dicts, tuples as lists, enums as their values; what is not a number is null."""
    if isinstance(value, Enum):
        return value.value
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain_of(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, (tuple, list)):
        return [plain_of(one) for one in value]
    if isinstance(value, dict):
        return {str(key): plain_of(one) for key, one in value.items()}
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value


def hash_of_rows(rows: Rows) -> str:
    """SHA-256 over every row with its moments, the loadings, what was not answered, and how versions were joined."""
    digest = hashlib.sha256()
    for row in rows.rows:
        moments = ",".join(f"{one.event}@{one.at}" for one in row.moments)
        digest.update(
            f"{row.session}|{row.person}|{row.indicator}|{row.situation}|{row.observer}|{row.value!r}|{row.exposure!r}|"
            f"{row.family}|{row.happening}|{row.day!r}|{row.choice!r}|{row.asked}|{row.measure}|{row.news!r}|{moments}\n".encode()
        )
    digest.update(repr((rows.loadings, rows.unanswered, rows.unit)).encode())
    if rows.reading:
        digest.update(rows.reading.encode())
    return digest.hexdigest()


def hash_of(*parts: Any) -> str:
    """SHA-256 over the canonical JSON of the parts."""
    text = json.dumps(plain_of(parts), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()
