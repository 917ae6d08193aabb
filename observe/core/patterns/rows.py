"""What the inference reads: one row for each session, person and indicator, with what it rests on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum


class Family(StrEnum):
    """How a row's value varies by chance."""

    COUNT = "count"
    """events in some minutes: quasi-Poisson"""
    SHARE = "share"
    """occasions out of so many opportunities, scans, intervals or items: quasi-binomial"""
    RATING = "rating"
    """a judgement, in standard deviations of its indicator: normal"""


class Measure(StrEnum):
    """What a row's exposure counts."""

    MINUTES = "minutes"
    OPPORTUNITIES = "opportunities"
    INTERVALS = "intervals"
    SCANS = "scans"
    PEOPLE = "people"
    """found at so many scans together: who stays is counted again"""
    CHECKS = "checks"
    ANSWERS = "answers"
    RATINGS = "ratings"


class Freedom(StrEnum):
    """How freely people can act somewhere. What is done because one must says little of anybody (Jones & Davis 1965)."""

    FREE = "free"
    PARTLY_BOUND = "partly-bound"
    BOUND = "bound"

    @property
    def weight(self) -> float:
        """What an act counts where people are this free."""
        return {Freedom.FREE: 1.0, Freedom.PARTLY_BOUND: 0.5, Freedom.BOUND: 0.0}[self]


_BY_FAMILY = {
    Family.COUNT: Measure.MINUTES,
    Family.SHARE: Measure.OPPORTUNITIES,
    Family.RATING: Measure.RATINGS,
}


@dataclass(frozen=True, slots=True)
class Unit:
    """What the patterns of a run are of, in words."""

    one: str = "person"
    many: str = "people"


PERSON = Unit()


@dataclass(frozen=True, slots=True)
class Moment:
    """One event that a row rests on, and when it was, in milliseconds from the session's start."""

    event: str
    at: int


@dataclass(frozen=True, slots=True)
class Row:
    """What one observer saw of one person under one indicator in one session.

    `value` is a count, the occasions out of `exposure`, or a rating; `exposure` is in `counted_in`: minutes, scans,
    people, opportunities, or the number of ratings that were averaged. `happening` names what several sessions watched together: they count once.
    `choice` is how freely the person could act otherwise (0, .5 or 1): constrained acts say little (Jones & Davis 1965).
    """

    session: str
    person: str
    indicator: str
    situation: str
    observer: str
    value: float
    exposure: float
    family: Family = Family.COUNT
    happening: str = ""
    day: float = 0.0
    choice: float = 1.0
    moments: tuple[Moment, ...] = ()
    asked: bool = False
    """the observer was asked, and could have answered either way: a yes-or-no question"""
    counted_in: Measure | None = None
    news: float = 1.0
    """how much of it does not follow from the other rows: of k shares that make one whole, (k − 1)/k of each"""

    @property
    def measure(self) -> Measure:
        """What the exposure counts; minutes, opportunities or ratings where nothing else is said."""
        return self.counted_in or _BY_FAMILY[self.family]

    @property
    def looks_both_ways(self) -> bool:
        """Whether a low value would speak against what a high one speaks for, in so many words."""
        return self.asked or self.family is Family.RATING

    @property
    def cell(self) -> tuple[str, str]:
        """The occasion that it belongs to: sessions of one happening share one."""
        return self.person, self.happening or self.session


@dataclass(frozen=True, slots=True)
class Loading:
    """How far an indicator speaks for (+) or against (−) a construct: polarity × diagnosticity, with the reason."""

    indicator: str
    construct: str
    weight: float
    rationale: str = ""


@dataclass(frozen=True, slots=True)
class SessionNote:
    """Words that an observer left in a session, shown beside the evidence and never counted."""

    session: str
    event: str
    at: int
    text: str


@dataclass(frozen=True, slots=True)
class Rows:
    """The input of one run, in an order of its own: how it was put together changes nothing.

    `left_out` says in words what could not be used, and why. `unanswered` counts, for each person and indicator, the
    judgements that were asked and not given. `twins` lists sessions found to be the same record twice.
    """

    rows: tuple[Row, ...]
    loadings: tuple[Loading, ...]
    left_out: tuple[str, ...] = ()
    unanswered: tuple[tuple[str, str, int], ...] = ()
    notes: tuple[SessionNote, ...] = ()
    twins: tuple[tuple[str, str], ...] = ()
    unit: Unit = PERSON
    freedom_told: bool = False
    """whether the framework, or a setting, says how free people are to act otherwise"""
    reading: str = ""
    """a hash of the map by which sessions of other versions were read; empty where there was none"""

    @classmethod
    def of(cls, rows: Iterable[Row], loadings: Iterable[Loading], **more: object) -> Rows:
        """Rows that can carry evidence, sorted: those without exposure, choice or loading are left away."""
        weights = tuple(
            sorted((one for one in loadings if one.weight), key=lambda one: (one.construct, one.indicator))
        )
        known = {one.indicator for one in weights}
        usable = [row for row in rows if row.exposure > 0 and row.choice > 0 and row.indicator in known]
        usable.sort(key=lambda row: (row.person, row.day, row.session, row.indicator, row.observer, row.value))
        return replace(cls(tuple(usable), weights), **more)  # type: ignore[arg-type]
