"""Intraclass correlations of numbers that several observers gave to the same units."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import fdtrc, fdtri

from observe.core.agreement.coefficient import LEVEL, Coefficient, undefined

FORMS = ("1,1", "2,1", "3,1", "1,k", "2,k", "3,k")


@dataclass(frozen=True, slots=True)
class Intraclass:
    """The six forms of Shrout & Fleiss 1979 with the F ratio, its degrees of freedom and p each rests on."""

    by_form: dict[str, Coefficient]
    f_by_form: dict[str, tuple[float, int, int, float]]
    units: int
    observers: int
    dropped: int
    """units that not every observer rated: they are in no form"""


def intraclass(ratings: ArrayLike, *, level: float = LEVEL) -> Intraclass:
    """From units × observers, nan for missing. (1,·) observers differ by unit, (2,·) they are a sample and their
    severity counts, (3,·) they are the only ones and it does not; (·,k) is their mean (McGraw & Wong 1996)."""
    given = np.asarray(ratings, float)
    whole = given[~np.isnan(given).any(1)]
    n, k = whole.shape
    dropped = len(given) - n
    if n < 2 or k < 2:
        return _none(n, k, dropped, "undefined: two units rated by two observers are needed")
    if whole.var() == 0:
        return _none(n, k, dropped, "undefined: no variation, every rating is the same")
    return _forms(whole, dropped, level)


def _none(n: int, k: int, dropped: int, reason: str) -> Intraclass:
    return Intraclass({form: undefined(f"ICC({form})", n, reason) for form in FORMS}, {}, n, k, dropped)


def _forms(x: np.ndarray[tuple[int, int], np.dtype[np.float64]], dropped: int, level: float) -> Intraclass:
    n, k = x.shape
    between, observers = k * ((x.mean(1) - x.mean()) ** 2).sum(), n * ((x.mean(0) - x.mean()) ** 2).sum()
    total = ((x - x.mean()) ** 2).sum()
    bms, jms = between / (n - 1), observers / (k - 1)
    wms = (total - between) / (n * (k - 1))
    ems = max(0.0, float(total - between - observers)) / ((n - 1) * (k - 1))
    one, two, three = (n - 1, n * (k - 1)), (n - 1, (n - 1) * (k - 1)), (n - 1, (n - 1) * (k - 1))
    f1, f3 = _ratio(bms, wms), _ratio(bms, ems)
    icc1 = (bms - wms) / (bms + (k - 1) * wms)
    icc2 = (bms - ems) / (bms + (k - 1) * ems + k * (jms - ems) / n)
    icc3 = (bms - ems) / (bms + (k - 1) * ems)
    means = {
        "1,k": _ratio(bms - wms, bms),
        "2,k": _ratio(bms - ems, bms + (jms - ems) / n),
        "3,k": _ratio(bms - ems, bms),
    }
    limits = {
        "1": _limits_of_ratio(f1, one, k, level),
        "2": _limits_of_two(bms, jms, ems, float(icc2), n, k, level),
        "3": _limits_of_ratio(f3, three, k, level),
    }
    found = {}
    for form, value in (("1,1", icc1), ("2,1", icc2), ("3,1", icc3), *means.items()):
        low, high = limits[form[0]]
        if form.endswith("k"):
            low, high = _stepped_up(low, k), _stepped_up(high, k)
        found[form] = Coefficient(f"ICC({form})", float(value), n, low=low, high=high, level=level, method="F")
    ratios = {"1": (f1, one), "2": (f3, two), "3": (f3, three)}
    tests = {form: (*_test(*ratios[form[0]]),) for form in FORMS}
    return Intraclass(found, tests, n, k, dropped)


def _ratio(top: float, bottom: float) -> float:
    return float(top / bottom) if bottom else float("inf")


def _test(f: float, freedom: tuple[int, int]) -> tuple[float, int, int, float]:
    return f, *freedom, float(fdtrc(*freedom, f))


def _limits_of_ratio(f: float, freedom: tuple[int, int], k: int, level: float) -> tuple[float, float]:
    if not np.isfinite(f):
        return 1.0, 1.0
    tail = 1 - (1 - level) / 2
    low, high = f / float(fdtri(*freedom, tail)), f * float(fdtri(freedom[1], freedom[0], tail))
    return (low - 1) / (low + k - 1), (high - 1) / (high + k - 1)


def _limits_of_two(
    bms: float, jms: float, ems: float, icc: float, n: int, k: int, level: float
) -> tuple[float, float]:
    """Satterthwaite's degrees of freedom for the mixture of two variances (Shrout & Fleiss 1979, p. 424)."""
    fj = jms / ems if ems else float("inf")
    if not np.isfinite(fj):
        return icc, icc
    top = (k - 1) * (n - 1) * (k * icc * fj + n * (1 + (k - 1) * icc) - k * icc) ** 2
    bottom = (n - 1) * k**2 * icc**2 * fj**2 + (n * (1 + (k - 1) * icc) - k * icc) ** 2
    v, tail = top / bottom, 1 - (1 - level) / 2
    upper, lower = float(fdtri(n - 1, v, tail)), float(fdtri(v, n - 1, tail))
    mixed = k * jms + (k * n - k - n) * ems
    return (
        float(n * (bms - upper * ems) / (upper * mixed + n * bms)),
        float(n * (lower * bms - ems) / (mixed + n * lower * bms)),
    )


def _stepped_up(single: float, k: int) -> float:
    """Spearman–Brown: the limit of one observer as the limit of the mean of k."""
    return single * k / (1 + single * (k - 1))
