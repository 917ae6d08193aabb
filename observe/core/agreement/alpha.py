"""Krippendorff's alpha: any number of observers, missing codings, any level of measurement.

Coincidences add up over units, so alpha of many resamples is one matrix product away.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from observe.core.agreement.coefficient import NO_PAIRS, NO_VARIATION, Coefficient, Floats, undefined

LEVELS = ("nominal", "ordinal", "interval", "ratio")


def coincidences(counts: ArrayLike) -> Floats:
    """o_ck of each unit, from units × values counts: a stack (units, k, k). A unit coded once adds nothing."""
    n = np.asarray(counts, float)
    raters = n.sum(1)
    divisor = np.where(raters > 1, raters - 1, np.inf)
    stacked: Floats = (n[:, :, None] * n[:, None, :] - n[:, :, None] * np.eye(n.shape[1])) / divisor[:, None, None]
    return stacked


def differences(level: str, values: Sequence[float], totals: Floats) -> Floats:
    """δ² between values; the ordinal one depends on how often each value was used (Krippendorff 2011)."""
    v = np.asarray(values, float)
    if level == "nominal":
        apart: Floats = 1 - np.eye(len(v))
    elif level == "interval":
        apart = np.subtract.outer(v, v) ** 2
    elif level == "ratio":
        total = np.add.outer(v, v)
        apart = (np.subtract.outer(v, v) / np.where(total == 0, 1, total)) ** 2
    else:
        return _ordinal(totals)
    return np.broadcast_to(apart, (*totals.shape[:-1], len(v), len(v)))


def _ordinal(totals: Floats) -> Floats:
    upto = np.cumsum(totals, -1)
    middle = upto - totals / 2
    squared: Floats = (middle[..., :, None] - middle[..., None, :]) ** 2
    return squared


def alpha_values(tables: Floats, level: str, values: Sequence[float]) -> Floats:
    """1 − Do/De of each coincidence matrix of a stack; nan where nothing varies."""
    totals = tables.sum(-1)
    n = totals.sum(-1)
    apart = differences(level, values, totals)
    observed = (tables * apart).sum((-2, -1))
    expected = np.einsum("...i,...ij,...j->...", totals, apart, totals)
    with np.errstate(divide="ignore", invalid="ignore"):
        found: Floats = np.where(expected > 0, 1 - (n - 1) * observed / expected, np.nan)
    return found


def alpha(counts: ArrayLike, level: str = "nominal", values: Sequence[float] | None = None) -> Coefficient:
    """Krippendorff 2011, from units × values counts; undefined without variation, never 0 or 1 then."""
    n = np.asarray(counts, float)
    scale = list(range(n.shape[1])) if values is None else list(values)
    name = f"Krippendorff's alpha ({level})"
    units = int((n.sum(1) >= 2).sum())
    if not units:
        return undefined(name, 0, NO_PAIRS)
    table = coincidences(n).sum(0)
    value = float(alpha_values(table, level, scale))
    total = float(table.sum())
    shared = float(np.trace(table)) / total
    if np.isnan(value):
        return undefined(name, units, NO_VARIATION, observed=shared)
    return Coefficient(name, value, units, shared)


def counts_of_values(ratings: ArrayLike) -> tuple[tuple[float, ...], Floats]:
    """Values in order, and units × values counts, from observers × units with nan for missing."""
    given = np.asarray(ratings, float)
    values = np.unique(given[~np.isnan(given)])
    counts = (given[:, :, None] == values).sum(0).astype(float)
    return tuple(float(v) for v in values), counts
