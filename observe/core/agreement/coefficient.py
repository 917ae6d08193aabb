"""One coefficient of agreement, with what it rests on, or the reason why there is none."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

LEVEL = 0.95
TIMES = 2000
"""Resamples of a bootstrap: enough for limits to the second decimal."""

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

NO_VARIATION = "undefined: no variation, only one value was ever used, so agreement beyond chance cannot be told"
NO_PAIRS = "undefined: no unit was coded by two observers"
ALL_BY_CHANCE = "undefined: chance alone would agree always"


@dataclass(frozen=True, slots=True)
class Coefficient:
    """A coefficient with observed and expected agreement, standard error and limits.

    `value` None is neither 0 nor 1: `reason` says why it is undefined. `units` is how many units it rests on,
    and `clusters` how many independent ones were resampled for the limits.
    """

    name: str
    value: float | None
    units: int
    observed: float | None = None
    expected: float | None = None
    error: float | None = None
    low: float | None = None
    high: float | None = None
    level: float = LEVEL
    method: str = ""
    reason: str = ""
    clusters: int | None = None
    seed: int | None = None

    def with_limits(self, low: float | None, high: float | None, method: str, **more: int | None) -> Coefficient:
        """The same coefficient with limits found elsewhere."""
        return replace(self, low=low, high=high, method=method, **more)  # type: ignore[arg-type]


def undefined(name: str, units: int, reason: str, *, observed: float | None = None) -> Coefficient:
    """A coefficient that does not exist, with the reason to show in its place."""
    return Coefficient(name, None, units, observed, reason=reason)


def normal_limits(value: float, error: float, *, level: float = LEVEL) -> tuple[float, float]:
    """Value ± z × error, no higher than 1."""
    z = float(ndtri(1 - (1 - level) / 2))
    return max(-1.0, value - z * error), min(1.0, value + z * error)
