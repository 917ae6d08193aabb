"""A figure: a number that carries its name, its denominator and how sure it is, or the reason why there is none."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from scipy.special import gammaincinv, ndtri

LEVEL = 0.95
"""Level of every interval unless asked otherwise: what readers of this field expect to see."""

HOUR_MS = 3_600_000
MINUTE_MS = 60_000


@dataclass(frozen=True, slots=True)
class Figure:
    """One number and what it may be called.

    `value` is None when it is undefined, and `reason` then says why: an unwatched hour is not an hour without the
    behaviour. `low` and `high` are the limits of the interval that `method` names, None where there is none.
    """

    name: str
    value: float | None
    unit: str
    numerator: float | None = None
    denominator: float | None = None
    low: float | None = None
    high: float | None = None
    level: float = LEVEL
    method: str = ""
    reason: str = ""

    @property
    def is_known(self) -> bool:
        """Whether there is a number at all."""
        return self.value is not None

    def named(self, name: str) -> Figure:
        """The same number under the name that its sampling regime allows."""
        return replace(self, name=name)


def unknown(
    name: str,
    unit: str,
    reason: str,
    *,
    numerator: float | None = None,
    denominator: float | None = None,
) -> Figure:
    """A figure that does not exist, with the reason to show in its place."""
    return Figure(name, None, unit, numerator, denominator, reason=reason)


def garwood(count: float, exposure: float, *, level: float = LEVEL) -> tuple[float, float]:
    """Exact Poisson limits of count/exposure (Garwood 1936); the lower limit of no events is 0."""
    tail = (1 - level) / 2
    low = float(gammaincinv(count, tail)) if count > 0 else 0.0
    return low / exposure, float(gammaincinv(count + 1, 1 - tail)) / exposure


def wilson(successes: float, trials: float, *, level: float = LEVEL) -> tuple[float, float]:
    """Score limits of a proportion (Wilson 1927): inside [0, 1] even for none or all."""
    z = float(ndtri(1 - (1 - level) / 2))
    p = successes / trials
    centre = (p + z * z / (2 * trials)) / (1 + z * z / trials)
    half = z / (1 + z * z / trials) * math.sqrt(p * (1 - p) / trials + z * z / (4 * trials * trials))
    return max(0.0, centre - half), min(1.0, centre + half)


def share(
    part: float,
    whole: float,
    name: str,
    *,
    unit: str = "proportion",
    nothing: str = "nothing was observed",
    level: float = LEVEL,
) -> Figure:
    """x of n with Wilson limits; None when there was nothing to count among, never 0."""
    if whole <= 0:
        return unknown(name, unit, nothing, numerator=part, denominator=whole)
    low, high = wilson(part, whole, level=level)
    return Figure(name, part / whole, unit, part, whole, low, high, level, "Wilson")
