"""Does agreement hold over the weeks of a study, or do observers drift apart, or away from a reference?"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from scipy.special import stdtr, stdtrit

from observe.core.agreement.coefficient import LEVEL, Coefficient
from observe.core.measures.figures import Figure, unknown

DAY_MS = 86_400_000


@dataclass(frozen=True, slots=True)
class Check:
    """One reliability check: when (ms since 1970 UTC), and the coefficient it came to."""

    at: int
    coefficient: Coefficient


@dataclass(frozen=True, slots=True)
class Drift:
    """Change of agreement per 30 days over checks, each weighing by its units. Undefined checks are left out and named.

    `falling` is True only when the whole interval of the slope lies below 0.
    """

    slope: Figure
    p: float | None
    checks: tuple[Check, ...]
    left_out: tuple[Check, ...]
    lowest: Check | None
    falling: bool | None


def drift(checks: Sequence[Check], *, level: float = LEVEL) -> Drift:
    """A weighted straight line through the checks in order of time; three are needed for limits."""
    known = sorted((one for one in checks if one.coefficient.value is not None), key=lambda one: one.at)
    left_out = tuple(one for one in checks if one.coefficient.value is None)
    lowest = min(known, key=lambda one: one.coefficient.value or 0.0, default=None)
    slope, p = _slope(known, level)
    falling = None if slope.high is None else slope.high < 0
    return Drift(slope, p, tuple(known), left_out, lowest, falling)


def _slope(known: Sequence[Check], level: float) -> tuple[Figure, float | None]:
    name, unit, n = "change of agreement", "per 30 days", len(known)
    if n < 3 or known[0].at == known[-1].at:
        return unknown(name, unit, f"{n} checks; three at different times are needed", denominator=n), None
    weights = [float(max(1, one.coefficient.units)) for one in known]
    times = [(one.at - known[0].at) / (30 * DAY_MS) for one in known]
    values = [one.coefficient.value or 0.0 for one in known]
    total = sum(weights)
    mean_t = sum(w * t for w, t in zip(weights, times, strict=True)) / total
    mean_v = sum(w * v for w, v in zip(weights, values, strict=True)) / total
    spread = sum(w * (t - mean_t) ** 2 for w, t in zip(weights, times, strict=True))
    slope = sum(w * (t - mean_t) * v for w, t, v in zip(weights, times, values, strict=True)) / spread
    residual = sum(
        w * (v - mean_v - slope * (t - mean_t)) ** 2 for w, t, v in zip(weights, times, values, strict=True)
    )
    error = math.sqrt(residual / (n - 2) / spread)
    half = float(stdtrit(n - 2, 1 - (1 - level) / 2)) * error
    p = 2 * float(stdtr(n - 2, -abs(slope) / error)) if error > 0 else None
    return Figure(name, slope, unit, None, n, slope - half, slope + half, level, "weighted least squares"), p
