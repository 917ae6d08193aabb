"""Judgements: how they were spread, and what may be averaged."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, median, stdev

from observe.core.coding.record import Rated
from observe.core.measures.figures import Figure, share, unknown


@dataclass(frozen=True, slots=True)
class Step:
    """One value of a scale: how many gave it, its share, and the share at or below it."""

    value: float
    count: int
    share: float
    cumulative: float


@dataclass(frozen=True, slots=True)
class Spread:
    """How the answers to one rating were spread. "Cannot judge" and its kin are counted, and are not values."""

    steps: tuple[Step, ...]
    judged: int
    cannot_judge: int
    not_observable: int
    not_applicable: int
    median: Figure
    mean: Figure


def spread(rated: Sequence[Rated], values: Sequence[float] = (), *, may_average: bool = False) -> Spread:
    """The distribution over a scale's values, those never given included.

    A mean is given only when the framework says that steps are equal (`may_average`): an ordinal scale has none.
    """
    given = sorted(one.value for one in rated if one.value is not None)
    answers = Counter(one.answer for one in rated if one.value is None)
    return Spread(
        _steps(given, values),
        len(given),
        answers["cannot-judge"],
        answers["not-observable"],
        answers["not-applicable"],
        _median(given),
        _mean(given, may_average=may_average),
    )


def _steps(given: Sequence[float], values: Sequence[float]) -> tuple[Step, ...]:
    counts = Counter(given)
    steps, below = [], 0
    for value in sorted({*values, *counts}):
        below += counts[value]
        total = len(given) or 1
        steps.append(Step(value, counts[value], counts[value] / total, below / total))
    return tuple(steps)


def _median(given: Sequence[float]) -> Figure:
    if not given:
        return unknown("median", "scale value", "no value was given", denominator=0)
    return Figure("median", median(given), "scale value", denominator=len(given))


def _mean(given: Sequence[float], *, may_average: bool) -> Figure:
    if not may_average:
        return unknown("mean", "scale value", "an ordinal scale has no mean", denominator=len(given))
    if not given:
        return unknown("mean", "scale value", "no value was given", denominator=0)
    return Figure("mean", fmean(given), "scale value", sum(given), len(given))


def sample_deviation(given: Sequence[float]) -> float | None:
    """Standard deviation with n − 1; None for fewer than two."""
    return stdev(given) if len(given) > 1 else None


def checked(rated: Sequence[Rated]) -> Figure:
    """Yes over yes and no, with Wilson limits; "not applicable" was no opportunity and is in neither."""
    given = [one.value for one in rated if one.value is not None]
    return share(
        sum(1 for value in given if value),
        len(given),
        "fraction of opportunities",
        nothing="no opportunity was judged",
    )
