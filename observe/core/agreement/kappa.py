"""Agreement beyond chance on categories: two observers in a table, or many observers in counts by unit.

Functions ending in `_values` take stacks of tables (…, k, k) and give nan where a coefficient is undefined: the
bootstrap and comparisons of many pairs go through them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import ArrayLike

from observe.core.agreement.coefficient import (
    ALL_BY_CHANCE,
    LEVEL,
    NO_PAIRS,
    NO_VARIATION,
    Coefficient,
    Floats,
    Ints,
    normal_limits,
    undefined,
)

Weights = str | Sequence[Sequence[float]]
"""nominal, linear, quadratic, ordinal, or a square matrix of disagreements"""


def agreement_weights(weights: Weights, count: int) -> Floats:
    """1 on the diagonal, down to 0 for the greatest disagreement (Cohen 1968; ordinal after Gwet 2014)."""
    step = np.abs(np.subtract.outer(np.arange(count), np.arange(count))).astype(float)
    if isinstance(weights, str):
        apart = {
            "nominal": (step > 0).astype(float),
            "linear": step,
            "quadratic": step**2,
            "ordinal": np.where(step > 0, step * (step + 1) / 2, 0.0),
        }[weights]
    else:
        apart = np.asarray(weights, float)
    greatest = apart.max() if apart.size else 0.0
    weighed: Floats = 1 - apart / greatest if greatest else np.ones_like(apart)
    return weighed


def table_of(first: ArrayLike, second: ArrayLike, count: int) -> Ints:
    """Units by what each of two observers coded, codes numbered from 0; a unit that either missed (−1) is left out."""
    a, b = np.asarray(first, np.int64), np.asarray(second, np.int64)
    both = (a >= 0) & (b >= 0)
    return np.bincount(a[both] * count + b[both], minlength=count * count).reshape(count, count).astype(np.int64)


def percent(table: ArrayLike) -> Coefficient:
    """Σ p_ii: what two observers share, chance included."""
    cells = np.asarray(table, float)
    n = int(cells.sum())
    if not n:
        return undefined("percent agreement", 0, NO_PAIRS)
    return Coefficient("percent agreement", float(np.trace(cells)) / n, n)


def percent_values(tables: Floats) -> Floats:
    """Percent agreement of each table of a stack."""
    with np.errstate(divide="ignore", invalid="ignore"):
        found: Floats = np.trace(tables, axis1=-2, axis2=-1) / tables.sum((-2, -1))
    return found


def kappa_values(tables: Floats, weights: Floats | None = None) -> Floats:
    """Cohen's kappa of each table of a stack, weighted where agreement weights are given."""
    n = tables.sum((-2, -1))
    with np.errstate(divide="ignore", invalid="ignore"):
        rows, columns = tables.sum(-1) / n[..., None], tables.sum(-2) / n[..., None]
        if weights is None:
            po, pe = np.trace(tables, axis1=-2, axis2=-1) / n, (rows * columns).sum(-1)
        else:
            po = (tables * weights).sum((-2, -1)) / n
            pe = np.einsum("...i,ij,...j->...", rows, weights, columns)
        found: Floats = np.where(1 - pe > 1e-12, (po - pe) / (1 - pe), np.nan)
    return found


def cohen(table: ArrayLike, weights: Weights = "nominal", *, level: float = LEVEL) -> Coefficient:
    """(po − pe)/(1 − pe) (Cohen 1960; weighted 1968), standard error of Fleiss, Cohen & Everitt 1969."""
    cells = np.asarray(table, float)
    name = "Cohen's kappa" if weights == "nominal" else "weighted kappa"
    n = cells.sum()
    if not n:
        return undefined(name, 0, NO_PAIRS)
    p, w = cells / n, agreement_weights(weights, len(cells))
    rows, columns = p.sum(1), p.sum(0)
    po, pe = float((p * w).sum()), float(rows @ w @ columns)
    if 1 - pe < 1e-12:
        return undefined(name, int(n), _why(cells), observed=po)
    kappa = (po - pe) / (1 - pe)
    means = (w @ columns)[:, None] + (rows @ w)[None, :]
    spread = float((p * (w - means * (1 - kappa)) ** 2).sum()) - (kappa - pe * (1 - kappa)) ** 2
    error = math.sqrt(max(0.0, spread) / n) / (1 - pe)
    low, high = normal_limits(kappa, error, level=level)
    return Coefficient(name, kappa, int(n), po, pe, error, low, high, level, "Fleiss, Cohen & Everitt 1969")


def _why(cells: Floats) -> str:
    return NO_VARIATION if np.count_nonzero(cells.sum(0) + cells.sum(1)) < 2 else ALL_BY_CHANCE


def kappa_max(table: ArrayLike) -> Coefficient:
    """The greatest kappa that these margins allow (Cohen 1960; Umesh 1989): what unequal use of codes costs."""
    cells = np.asarray(table, float)
    n = cells.sum()
    if not n:
        return undefined("kappa max", 0, NO_PAIRS)
    rows, columns = cells.sum(1) / n, cells.sum(0) / n
    pe = float(rows @ columns)
    if 1 - pe < 1e-12:
        return undefined("kappa max", int(n), _why(cells))
    best = float(np.minimum(rows, columns).sum())
    return Coefficient("kappa max", (best - pe) / (1 - pe), int(n), best, pe)


def pabak(table: ArrayLike) -> Coefficient:
    """(k·po − 1)/(k − 1): chance is even over k codes (Bennett's S, Brennan–Prediger; Byrt, Bishop & Carlin 1993)."""
    cells = np.asarray(table, float)
    n, k = cells.sum(), len(cells)
    if not n:
        return undefined("PABAK", 0, NO_PAIRS)
    if k < 2:
        return undefined("PABAK", int(n), NO_VARIATION)
    po = float(np.trace(cells)) / float(n)
    return Coefficient("PABAK", (k * po - 1) / (k - 1), int(n), po, 1 / k)


def prevalence_index(table: ArrayLike) -> Coefficient:
    """|a − d|/n for two codes; for more, the largest mean share less an even share. Near 1, kappa says little."""
    cells = np.asarray(table, float)
    n, k = cells.sum(), len(cells)
    if not n:
        return undefined("prevalence index", 0, NO_PAIRS)
    if k == 2:
        return Coefficient("prevalence index", abs(float(cells[0, 0] - cells[1, 1])) / float(n), int(n))
    largest = float(((cells.sum(0) + cells.sum(1)) / (2 * n)).max())
    return Coefficient("prevalence index", (largest - 1 / k) / (1 - 1 / k) if k > 1 else 1.0, int(n))


def bias_index(table: ArrayLike) -> Coefficient:
    """|b − c|/n for two codes; for more, half the summed difference of margins: one observer codes more than the other."""
    cells = np.asarray(table, float)
    n = cells.sum()
    if not n:
        return undefined("bias index", 0, NO_PAIRS)
    return Coefficient("bias index", float(np.abs(cells.sum(1) - cells.sum(0)).sum()) / 2 / float(n), int(n))


def counts_of(codes: ArrayLike, count: int) -> Ints:
    """Units × codes: how many observers gave each code, from observers × units with −1 for missing."""
    given = np.asarray(codes, np.int64)
    units = given.shape[1]
    at = np.broadcast_to(np.arange(units), given.shape)
    seen = given >= 0
    return (
        np.bincount(at[seen] * count + given[seen], minlength=units * count).reshape(units, count).astype(np.int64)
    )


def _observed(counts: Floats, weights: Floats) -> tuple[float, int]:
    """Mean agreement over units that two or more observers coded."""
    raters = counts.sum(1)
    several = raters >= 2
    if not several.any():
        return math.nan, 0
    n = counts[several]
    agreeing = (n * (n @ weights - 1)).sum(1) / (raters[several] * (raters[several] - 1))
    return float(agreeing.mean()), int(several.sum())


def _shares(counts: Floats) -> Floats:
    """Mean share of each code, every unit coded at all weighing the same."""
    raters = counts.sum(1)
    seen = raters > 0
    mean: Floats = (counts[seen] / raters[seen, None]).mean(0)
    return mean


def fleiss(counts: ArrayLike) -> Coefficient:
    """Fleiss 1971, chance from the codes' overall shares; with missing codings as generalised by Gwet 2014."""
    return _beyond("Fleiss' kappa", counts, lambda n: float((_shares(n) ** 2).sum()))


def conger(codes: ArrayLike, count: int) -> Coefficient:
    """Conger 1980: as Fleiss, but chance from each observer's own margins (mean over pairs)."""
    given = np.asarray(codes, np.int64)

    def expected(_: Floats) -> float:
        coded = [row[row >= 0] for row in given if (row >= 0).any()]
        margins = np.array([np.bincount(row, minlength=count) / len(row) for row in coded])
        observers = len(margins)
        spread = margins.var(0, ddof=1) if observers > 1 else np.zeros(count)
        return float((margins.mean(0) ** 2 - spread / observers).sum())

    return _beyond("Conger's kappa", counts_of(given, count), expected)


def brennan_prediger(counts: ArrayLike) -> Coefficient:
    """Free-marginal kappa for many observers: chance is even over the codes (Brennan & Prediger 1981; Randolph 2005)."""
    return _beyond("free-marginal kappa", counts, lambda n: 1 / n.shape[1])


def _beyond(name: str, counts: ArrayLike, expected: Callable[[Floats], float]) -> Coefficient:
    n = np.asarray(counts, float)
    po, units = _observed(n, np.eye(n.shape[1]))
    if not units:
        return undefined(name, 0, NO_PAIRS)
    pe = expected(n)
    if 1 - pe < 1e-12:
        return undefined(name, units, NO_VARIATION, observed=po)
    return Coefficient(name, (po - pe) / (1 - pe), units, po, pe)


def gwet(counts: ArrayLike, weights: Weights = "nominal", *, level: float = LEVEL) -> Coefficient:
    """AC1, or AC2 with weights: chance from how hard to tell the codes are (Gwet 2008); steady where one is rare."""
    n, name = np.asarray(counts, float), "AC1" if weights == "nominal" else "AC2"
    n = n[n.sum(1) > 0]
    q = n.shape[1]
    w = agreement_weights(weights, q)
    po, several = _observed(n, w)
    if not several:
        return undefined(name, 0, NO_PAIRS)
    if q < 2:
        return undefined(name, several, NO_VARIATION, observed=po)
    scale = float(w.sum()) / (q * (q - 1))
    shares = _shares(n)
    pe = scale * float((shares * (1 - shares)).sum())
    value = (po - pe) / (1 - pe)
    error = _gwet_error(n, w, shares, scale, pe, value)
    if error is None:
        return Coefficient(name, value, several, po, pe)
    low, high = normal_limits(value, error, level=level)
    return Coefficient(name, value, several, po, pe, error, low, high, level, "Gwet 2008")


def _gwet_error(n: Floats, w: Floats, shares: Floats, scale: float, pe: float, value: float) -> float | None:
    """Linearised standard error over units, those coded once included (Gwet 2008, eq. 36)."""
    raters, units = n.sum(1), len(n)
    if units < 2:
        return None
    several = raters >= 2
    pairs = np.where(several, raters * (raters - 1), 1.0)
    own = np.where(several, (n * (n @ w - 1)).sum(1) / pairs, 0.0)
    gains = units / several.sum() * (own - pe * several) / (1 - pe)
    chances = scale * (n @ (1 - shares)) / raters
    moved = gains - 2 * (1 - value) * (chances - pe) / (1 - pe)
    return math.sqrt(float(((moved - value) ** 2).sum()) / (units * (units - 1)))


def pair_values(codes: ArrayLike, count: int) -> tuple[Ints, Floats]:
    """Kappa of every pair of rows of sessions × units: the pairs, and nan where undefined.

    One pass of counting for each pair, then all tables at once: 4,950 pairs of an hour in seconds take well under 1 s.
    """
    given = np.asarray(codes)
    side = count + 1
    second = np.where(given < 0, count, given).astype(np.intp)
    first = second * side
    pairs = np.array([(i, j) for i in range(len(given)) for j in range(i + 1, len(given))], np.int64)
    tables = np.empty((len(pairs), side * side))
    for row, (i, j) in enumerate(pairs):
        tables[row] = np.bincount(first[i] + second[j], minlength=side * side)
    stacked = tables.reshape(-1, side, side)[:, :count, :count]
    return pairs, kappa_values(stacked)
