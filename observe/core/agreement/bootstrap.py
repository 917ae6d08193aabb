"""Limits by resampling whole sessions (or blocks, or units), because what lies within one is not independent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr, ndtri

from observe.core.agreement.coefficient import LEVEL, TIMES, Floats

FEW = 10
"""Below this many clusters limits are rough, and too narrow rather than too wide: the method then says so."""

BCA_FROM = 20
"""Clusters from which the bias-corrected, accelerated limits are steadier than plain percentiles."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Bootstrap limits with all that is needed to get the same again. `undefined` resamples had no value."""

    low: float | None
    high: float | None
    method: str
    clusters: int
    times: int
    seed: int
    undefined: int


def draws(clusters: int, *, seed: int, times: int = TIMES) -> Floats:
    """How often each cluster is taken in each resample; drawn once and shared by all coefficients of a report."""
    if clusters < 2:
        return np.ones((0, clusters))
    return (
        np.random.default_rng(seed)
        .multinomial(clusters, np.full(clusters, 1 / clusters), size=times)
        .astype(float)
    )


def limits(
    parts: Floats,
    value_of: Callable[[Floats], Floats],
    *,
    seed: int,
    times: int = TIMES,
    level: float = LEVEL,
    drawn: Floats | None = None,
) -> Limits:
    """Limits of a coefficient whose parts (clusters, …) add up; `value_of` takes a stack of sums, nan = undefined.

    Percentile limits, or BCa (Efron 1987) from twenty clusters on. The same seed gives the same limits.
    """
    clusters = len(parts)
    if clusters < 2:
        return Limits(None, None, "no limits: only one independent cluster", clusters, 0, seed, 0)
    flat = parts.reshape(clusters, -1).astype(float)
    drawn = draws(clusters, seed=seed, times=times) if drawn is None else drawn
    times = len(drawn)
    values = value_of((drawn @ flat).reshape(times, *parts.shape[1:]))
    known = np.sort(values[~np.isnan(values)])
    missing = int(times - len(known))
    if len(known) < times / 2:
        return Limits(None, None, "no limits: most resamples are undefined", clusters, times, seed, missing)
    low, high = (1 - level) / 2, 1 - (1 - level) / 2
    method = f"percentile bootstrap of {clusters} clusters{', rough: few' if clusters < FEW else ''}"
    if clusters >= BCA_FROM:
        low, high = _corrected(flat, parts.shape[1:], value_of, known, (low, high))
        method = f"BCa bootstrap of {clusters} clusters"
    return Limits(_at(known, low), _at(known, high), method, clusters, times, seed, missing)


def _at(known: Floats, share: float) -> float:
    return float(np.quantile(known, min(1.0, max(0.0, share))))


def _corrected(
    flat: Floats,
    shape: tuple[int, ...],
    value_of: Callable[[Floats], Floats],
    known: Floats,
    shares: tuple[float, float],
) -> tuple[float, float]:
    whole = flat.sum(0)
    point = float(value_of(whole.reshape(1, *shape))[0])
    left_out = value_of((whole - flat).reshape(len(flat), *shape))
    away = np.nanmean(left_out) - left_out[~np.isnan(left_out)]
    squares = float((away**2).sum())
    below = (np.count_nonzero(known < point) + np.count_nonzero(known == point) / 2) / len(known)
    if squares <= 0 or not 0 < below < 1:
        return shares
    faster = float((away**3).sum()) / (6 * squares**1.5)
    bias = float(ndtri(below))
    moved = [bias + float(ndtri(share)) for share in shares]
    low, high = (float(ndtr(bias + z / (1 - faster * z))) for z in moved)
    return low, high
