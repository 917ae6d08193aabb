"""What follows what: transitions, and whether they occur more often than codes that often would by chance.

A run is codes in order within one uninterrupted stretch of watching. Nothing here ever counts across runs: what
happened while nobody watched is not known. The subject is the unit of a claim about people; a pooled table is not.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtrc, ndtr, ndtri, stdtr, stdtrit

from frameworks.model import Stream
from observe.core.coding.record import Timeline
from observe.core.measures.figures import LEVEL, Figure, unknown
from observe.core.measures.session import watched_in
from observe.core.measures.spans import place_of_onset, union

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Run = Sequence[str]

TIMES = 2000
"""Shuffles of a permutation test: p is known to about ±.005 at .05."""


def runs_of(timeline: Timeline, stream: Stream, subject: str | None, *, collapse: bool = False) -> tuple[Run, ...]:
    """The codes of one subject in order of onset, cut wherever watching was interrupted.

    A state that goes on after an interruption is the first of the next run: it was seen to be on. With `collapse`
    repeats become one, which answers "what did it change to", not "what came next".
    """
    spans = union(watched_in(timeline, stream, subject))
    onsets = [
        (point.at, 1, point.code)
        for point in timeline.points
        if point.stream == stream.id and point.subject == subject and "out-of-view" not in point.flags
    ]
    onsets += [
        (bout.start, 0, bout.code)
        for bout in timeline.bouts
        if bout.stream == stream.id and bout.subject == subject
    ]
    runs: list[list[str]] = [[] for _ in spans]
    for at, _, code in sorted(onsets):
        place = place_of_onset(at, spans)
        if place is not None and not (collapse and runs[place] and runs[place][-1] == code):
            runs[place].append(code)
    return tuple(tuple(run) for run in runs if run)


def collapsed(runs: Iterable[Run]) -> tuple[Run, ...]:
    """Repeats made one: a code then never follows itself, and tables need `loops=False`."""
    return tuple(tuple(code for k, code in enumerate(run) if k == 0 or run[k - 1] != code) for run in runs)


def transition_counts(runs: Iterable[Run], codes: Sequence[str], *, lag: int = 1) -> Ints:
    """F_ij: how often code j came `lag` places after code i within a run."""
    number, k = {code: n for n, code in enumerate(codes)}, len(codes)
    table = np.zeros((k, k), np.int64)
    for run in runs:
        for given, target in zip(run[:-lag], run[lag:], strict=True):
            table[number[given], number[target]] += 1
    return table


@dataclass(frozen=True, slots=True)
class Cell:
    """One transition. `z` is the adjusted residual (Allison & Liker 1982; Haberman 1978 with structural zeros).

    `p` is two-sided from z and asymptotic; `shuffled` from permutation, and `holm` and `hochberg` are `shuffled`
    (else `p`) put right for the number of cells; `max_t` is from the same shuffles, put right for all cells at once. `q` and `log_odds` are of the 2×2 table of this cell against the
    rest; zero cells get ½ for the log odds only.
    """

    given: str
    target: str
    observed: int
    expected: float
    probability: float | None
    z: float | None
    p: float | None
    q: float | None
    log_odds: float
    log_odds_error: float
    possible: bool = True
    shuffled: float | None = None
    holm: float | None = None
    hochberg: float | None = None
    max_t: float | None = None


@dataclass(frozen=True, slots=True)
class Transitions:
    """A table of transitions with its test as a whole and cell by cell.

    `enough` answers the usual guides: at least 5k(k−1) transitions, and expected counts of 5 in four cells of five.
    """

    codes: tuple[str, ...]
    lag: int
    count: int
    table: tuple[tuple[int, ...], ...]
    cells: tuple[Cell, ...]
    g_squared: float | None
    freedom: int
    p: float | None
    enough: bool
    warning: str
    loops: bool = True
    seed: int | None = None

    def cell(self, given: str, target: str) -> Cell:
        """The cell of one transition."""
        return next(cell for cell in self.cells if (cell.given, cell.target) == (given, target))


def transitions(
    runs: Sequence[Run], codes: Sequence[str], *, lag: int = 1, loops: bool = True, allowed: ArrayOrNone = None
) -> Transitions:
    """The table of transitions at a lag; `loops=False` where a code cannot follow itself."""
    return analyse(transition_counts(runs, codes, lag=lag), codes, lag=lag, loops=loops, allowed=allowed)


ArrayOrNone = NDArray[np.bool_] | None


def analyse(
    counts: Ints, codes: Sequence[str], *, lag: int = 1, loops: bool = True, allowed: ArrayOrNone = None
) -> Transitions:
    """All figures of a table of counts; `allowed` marks cells that are not structural zeros."""
    table = np.asarray(counts, np.int64)
    can = np.ones(table.shape, bool) if allowed is None else np.asarray(allowed, bool).copy()
    if not loops:
        np.fill_diagonal(can, False)
    if (table[~can] > 0).any():
        raise ValueError("a transition that was said to be impossible occurred")
    expected: Floats = expected_counts(table, can)
    z = adjusted_residuals(table, expected, can)
    g, freedom, p = _goodness(table, expected, can)
    enough, warning = _enough(table, expected, can)
    cells = tuple(
        _cell(table, expected, z, can, i, j, codes) for i in range(len(codes)) for j in range(len(codes))
    )
    rows = tuple(tuple(int(n) for n in row) for row in table)
    return Transitions(tuple(codes), lag, int(table.sum()), rows, cells, g, freedom, p, enough, warning, loops)


def expected_counts(table: Ints, allowed: NDArray[np.bool_], *, sweeps: int = 1000) -> Floats:
    """r_i c_j / n, or quasi-independence by iterative proportional fitting where some cells cannot be."""
    n = table.sum()
    rows, columns = table.sum(1).astype(float), table.sum(0).astype(float)
    if n == 0:
        return np.zeros(table.shape)
    if allowed.all():
        product: Floats = np.outer(rows, columns) / n
        return product
    fitted = allowed.astype(float)
    for _ in range(sweeps):
        before = fitted.copy()
        fitted *= _over(rows, fitted.sum(1))[:, None]
        fitted *= _over(columns, fitted.sum(0))[None, :]
        if np.abs(fitted - before).max() < 1e-10:
            break
    return fitted


def _over(top: Floats, bottom: Floats) -> Floats:
    quotient: Floats = np.divide(top, bottom, out=np.zeros_like(top), where=bottom > 0)
    return quotient


def adjusted_residuals(table: Ints, expected: Floats, allowed: NDArray[np.bool_]) -> Floats:
    """(F − e)/√(e(1 − r/n)(1 − c/n)); with structural zeros, Pearson residuals over √(1 − leverage) (Haberman).

    nan where a margin is empty or full, and in cells that cannot be.
    """
    n = table.sum()
    with np.errstate(divide="ignore", invalid="ignore"):
        if allowed.all():
            rows, columns = table.sum(1) / n, table.sum(0) / n
            spread = expected * np.outer(1 - rows, 1 - columns)
        else:
            spread = expected * (1 - _leverage(expected, allowed))
        z: Floats = np.where(spread > 1e-9, (table - expected) / np.sqrt(spread), np.nan)
    return np.where(allowed, z, np.nan)


def _design(cells: Sequence[tuple[int, int]], k: int) -> Floats:
    x = np.zeros((len(cells), 2 * k))
    for row, (i, j) in enumerate(cells):
        x[row, i] = x[row, k + j] = 1
    return x


def _used(expected: Floats, allowed: NDArray[np.bool_]) -> list[tuple[int, int]]:
    return [(int(i), int(j)) for i, j in np.argwhere(allowed & (expected > 0))]


def _leverage(expected: Floats, allowed: NDArray[np.bool_]) -> Floats:
    """Of the Poisson model with the two margins as its effects, on the cells that can be."""
    cells = _used(expected, allowed)
    found = np.ones(expected.shape)
    if not cells:
        return found
    root = np.sqrt([expected[cell] for cell in cells])
    x = _design(cells, len(expected)) * root[:, None]
    hat = np.einsum("ij,jk,ik->i", x, np.linalg.pinv(x.T @ x), x)
    for cell, value in zip(cells, hat, strict=True):
        found[cell] = value
    return found


def _goodness(table: Ints, expected: Floats, allowed: NDArray[np.bool_]) -> tuple[float | None, int, float | None]:
    """G² = 2ΣF ln(F/e), with the degrees of freedom that the used margins leave."""
    cells = _used(expected, allowed)
    if not cells:
        return None, 0, None
    freedom = len(cells) - int(np.linalg.matrix_rank(_design(cells, len(table))))
    g = 2 * sum(table[cell] * math.log(table[cell] / expected[cell]) for cell in cells if table[cell] > 0)
    return g, freedom, float(chdtrc(freedom, g)) if freedom > 0 else None


def _enough(table: Ints, expected: Floats, allowed: NDArray[np.bool_]) -> tuple[bool, str]:
    k, n = len(table), int(table.sum())
    big = float((expected[allowed] >= 5).mean()) if allowed.any() else 0.0
    wants = []
    if n < 5 * k * (k - 1):
        wants.append(f"{n} transitions; about {5 * k * (k - 1)} are needed for {k} codes")
    if big < 0.8:
        wants.append(f"{100 * big:.0f} % of cells have an expected count of 5; 80 % are needed")
    return not wants, "; ".join(wants)


def _cell(
    table: Ints, expected: Floats, z: Floats, can: NDArray[np.bool_], i: int, j: int, codes: Sequence[str]
) -> Cell:
    row = int(table[i].sum())
    four = two_by_two(table, i, j)
    score = None if np.isnan(z[i, j]) else float(z[i, j])
    odds, error = log_odds(*four)
    return Cell(
        codes[i],
        codes[j],
        int(table[i, j]),
        float(expected[i, j]),
        int(table[i, j]) / row if row else None,
        score,
        None if score is None else float(2 * ndtr(-abs(score))),
        yules_q(*four),
        odds,
        error,
        bool(can[i, j]),
    )


def two_by_two(table: Ints, i: int, j: int) -> tuple[int, int, int, int]:
    """This transition against all others: a = i→j, b = i→other, c = other→j, d = other→other."""
    a, row, column = int(table[i, j]), int(table[i].sum()), int(table[:, j].sum())
    return a, row - a, column - a, int(table.sum()) - row - column + a


def yules_q(a: float, b: float, c: float, d: float) -> float | None:
    """(ad − bc)/(ad + bc), −1 to 1; None when a margin is empty."""
    together = a * d + b * c
    return (a * d - b * c) / together if together else None


def log_odds(a: float, b: float, c: float, d: float) -> tuple[float, float]:
    """ln(ad/bc) and its standard error; ½ is added to each cell when one is 0."""
    if 0 in (a, b, c, d):
        a, b, c, d = a + 0.5, b + 0.5, c + 0.5, d + 0.5
    return math.log(a * d / (b * c)), math.sqrt(1 / a + 1 / b + 1 / c + 1 / d)


# ---- permutation ----------------------------------------------------------------------------------------------------


def shuffled(found: Transitions, runs: Sequence[Run], *, seed: int, times: int = TIMES) -> Transitions:
    """The same table with p of each cell from shuffling codes within their runs, and put right for many cells.

    Two-sided: as far from the shuffles' mean, either way. Where codes cannot repeat, shuffles keep to that. Holm's p is
    at least (cells)/(shuffles + 1), however strong a transition is; `max_t` at least 1/(shuffles + 1).
    """
    number = {code: n for n, code in enumerate(found.codes)}
    k, random = len(found.codes), np.random.default_rng(seed)
    totals = np.zeros((times, k, k))
    for run in runs:
        if len(run) > found.lag:
            coded = np.array([number[code] for code in run], np.int64)
            totals += _counted(_shuffles(coded, times, random, loops=found.loops), k, found.lag)
    table = np.array(found.table, float)
    centre = totals.mean(0)
    away = np.abs(totals - centre) >= np.abs(table - centre) - 1e-9
    p = (1 + away.sum(0)) / (times + 1)
    can = np.array([cell.possible for cell in found.cells])
    whole = max_t(np.vstack([table.ravel(), totals.reshape(times, k * k)])[:, can])
    by_cell = {int(place): p for place, p in zip(np.flatnonzero(can), whole, strict=True)}
    cells = [
        replace(cell, shuffled=float(p[number[cell.given], number[cell.target]]), max_t=by_cell[place])
        if cell.possible
        else cell
        for place, cell in enumerate(found.cells)
    ]
    return replace(found, cells=corrected(cells), seed=seed)


def max_t(counts: Floats) -> list[float | None]:
    """Step-down p of each column, put right for all columns at once (Westfall & Young 1993, free step-down max-T).

    The first row is what was seen, the others are shuffles; each count is compared as its distance from the mean of all
    rows in standard deviations. A column that is the same in every row cannot differ, and has no p.
    """
    spread = counts.std(0)
    varies = np.flatnonzero(spread > 1e-9)
    found: list[float | None] = [None] * counts.shape[1]
    if not len(varies):
        return found
    away = np.abs(counts[:, varies] - counts[:, varies].mean(0)) / spread[varies]
    order = np.argsort(-away[0], kind="stable")
    greatest = np.maximum.accumulate(away[:, order][:, ::-1], axis=1)[:, ::-1]
    p = (greatest >= greatest[0] - 1e-9).mean(0)
    for place, value in zip(order, np.maximum.accumulate(p), strict=True):
        found[int(varies[place])] = float(value)
    return found


def _shuffles(coded: Ints, times: int, random: np.random.Generator, *, loops: bool) -> Ints:
    if loops:
        return random.permuted(np.tile(coded, (times, 1)), axis=1)
    return _without_repeats(coded, times, random)


def _without_repeats(coded: Ints, times: int, random: np.random.Generator) -> Ints:
    """A chain of swaps that never puts a code beside itself, read after as many tries as the run is long."""
    now, n = coded.copy(), len(coded)
    found = np.empty((times, n), np.int64)
    for row in range(times):
        for i, j in random.integers(0, n, (n, 2)):
            now[i], now[j] = now[j], now[i]
            if any(0 < at < n and now[at] == now[at - 1] for at in (i, i + 1, j, j + 1)):
                now[i], now[j] = now[j], now[i]
        found[row] = now
    return found


def _counted(shuffles: Ints, k: int, lag: int) -> Floats:
    times = len(shuffles)
    at = shuffles[:, :-lag] * k + shuffles[:, lag:] + np.arange(times)[:, None] * k * k
    return np.bincount(at.ravel(), minlength=times * k * k).reshape(times, k, k).astype(float)


def corrected(cells: Sequence[Cell]) -> tuple[Cell, ...]:
    """Holm 1979 and Benjamini & Hochberg 1995 over all cells that have a p."""
    ps = [cell.shuffled if cell.shuffled is not None else cell.p for cell in cells]
    known = [k for k, p in enumerate(ps) if p is not None]
    holm = holm_adjusted([p for p in ps if p is not None])
    rate = hochberg_adjusted([p for p in ps if p is not None])
    by_cell = {k: (holm[n], rate[n]) for n, k in enumerate(known)}
    return tuple(
        replace(cell, holm=by_cell[k][0], hochberg=by_cell[k][1]) if k in by_cell else cell
        for k, cell in enumerate(cells)
    )


def holm_adjusted(ps: Sequence[float]) -> list[float]:
    """Step-down Bonferroni: controls one false finding among all."""
    order, found, worst = sorted(range(len(ps)), key=lambda k: ps[k]), [0.0] * len(ps), 0.0
    for rank, k in enumerate(order):
        worst = max(worst, min(1.0, (len(ps) - rank) * ps[k]))
        found[k] = worst
    return found


def hochberg_adjusted(ps: Sequence[float]) -> list[float]:
    """Step-up false discovery rate."""
    order, found, least = sorted(range(len(ps)), key=lambda k: ps[k]), [0.0] * len(ps), 1.0
    for rank in range(len(ps) - 1, -1, -1):
        least = min(least, ps[order[rank]] * len(ps) / (rank + 1))
        found[order[rank]] = least
    return found


# ---- order as a whole -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class EntropyRate:
    """Bits of surprise in the next code given this one; `normalised` is of the most there could be (log₂ k)."""

    bits: Figure
    normalised: Figure
    stationary: tuple[float, ...]


def entropy_rate(table: Ints, *, prior: float = 0.0, corrected_for_size: bool = False) -> EntropyRate:
    """H = −Σπ_i Σp_ij log₂p_ij. Few transitions make it too small: `prior` .5 gives Dirichlet posterior means,
    `corrected_for_size` adds Miller & Madow's (cells in use − 1)/2n to each row."""
    counts = np.asarray(table, float) + prior
    k, rows = len(counts), counts.sum(1)
    if k < 2 or not rows.all():
        none = unknown(
            "entropy rate", "bits", "some code was never followed by another", denominator=float(rows.sum())
        )
        return EntropyRate(none, none.named("normalised entropy rate"), ())
    p = counts / rows[:, None]
    stationary = _stationary(p)
    if stationary is None:
        none = unknown("entropy rate", "bits", "the codes fall into groups that do not lead to each other")
        return EntropyRate(none, none.named("normalised entropy rate"), ())
    by_row = -(p * np.log2(np.where(p > 0, p, 1))).sum(1)
    if corrected_for_size:
        by_row = by_row + ((counts > 0).sum(1) - 1) / (2 * rows * math.log(2))
    bits, n = float(stationary @ by_row), float(np.asarray(table).sum())
    return EntropyRate(
        Figure("entropy rate", bits, "bits", denominator=n),
        Figure("normalised entropy rate", bits / math.log2(k), "proportion", bits, math.log2(k)),
        tuple(float(share) for share in stationary),
    )


def _stationary(p: Floats) -> Floats | None:
    """The shares that stay as they are; None when there is not exactly one such set of shares."""
    k = len(p)
    system = np.vstack([p.T - np.eye(k), np.ones(k)])
    if np.linalg.matrix_rank(system[:-1]) != k - 1:
        return None
    found: Floats = np.linalg.lstsq(system, np.append(np.zeros(k), 1.0), rcond=None)[0]
    return np.clip(found, 0, 1)


def within_entropy(durations: Mapping[str, float], codes: Sequence[str]) -> Figure:
    """Entropy of the share of time in each code, of the most there could be: 0 always one, 1 all alike."""
    name, total = "entropy of time", sum(durations.get(code, 0) for code in codes)
    if total <= 0 or len(codes) < 2:
        return unknown(name, "proportion", "no time in any code", denominator=total)
    shares = [durations[code] / total for code in codes if durations.get(code, 0) > 0]
    return Figure(
        name, -sum(s * math.log(s) for s in shares) / math.log(len(codes)), "proportion", denominator=total
    )


def distinct_subsequences(run: Run) -> int:
    """How many different sequences can be made by leaving codes out, the empty one included."""
    count, last = 1, dict[str, int]()
    for code in run:
        before = count
        count = 2 * count - last.get(code, 0)
        last[code] = before
    return count


def turbulence(spells: Sequence[tuple[str, float]]) -> Figure:
    """log₂(φ (s²max + 1)/(s² + 1)) of a run of spells (Elzinga & Liefbroer 2007): many changes of even length."""
    if not spells:
        return unknown("turbulence", "bits", "nothing was coded", denominator=0)
    times = [time for _, time in spells]
    mean = sum(times) / len(times)
    spread = sum((time - mean) ** 2 for time in times) / len(times)
    most = (len(times) - 1) * (1 - mean) ** 2
    ways = distinct_subsequences([code for code, _ in spells])
    return Figure("turbulence", math.log2(ways * (most + 1) / (spread + 1)), "bits", denominator=len(spells))


# ---- the subject as the unit ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class AcrossSubjects:
    """One transition in each subject, and whether subjects share it. `pooled_q` is for comparison and is no test.

    `more` and `less` are the subjects in whom it was more, or less, frequent than their own margins let expect.
    """

    given: str
    target: str
    q_by_subject: tuple[tuple[str, float | None], ...]
    common_log_odds: Figure
    p: float | None
    more: int
    less: int
    pooled_q: float | None


def across_subjects(
    table_by_subject: Mapping[str, Ints], codes: Sequence[str], given: str, target: str, *, level: float = LEVEL
) -> AcrossSubjects:
    """The log odds that subjects have in common, with limits over subjects; one who could not show it is left out."""
    i, j = list(codes).index(given), list(codes).index(target)
    fours = {subject: two_by_two(table, i, j) for subject, table in table_by_subject.items()}
    return across_tables(fours, given, target, level=level)


Four = tuple[int, int, int, int]
"""a 2×2 table: both, only given, only target, neither"""


def across_tables(fours: Mapping[str, Four], given: str, target: str, *, level: float = LEVEL) -> AcrossSubjects:
    """The same out of each subject's own 2×2 table.

    Log odds of single subjects are not averaged: where a cell is 0, the ½ that has to be added makes them positive when
    the transition is rare, whether or not anything is there. Mantel & Haenszel's odds ratio adds nothing.
    """
    qs = {subject: yules_q(*four) for subject, four in fours.items()}
    could = [
        four for four in fours.values() if min(sum(four[:2]), sum(four[2:]), four[0] + four[2], four[1] + four[3])
    ]
    common, p = _common_log_odds(could, level)
    sides = [a * d - b * c for a, b, c, d in could]
    pooled = yules_q(*(sum(four[n] for four in fours.values()) for n in range(4)))
    more, less = sum(1 for side in sides if side > 0), sum(1 for side in sides if side < 0)
    return AcrossSubjects(given, target, tuple(qs.items()), common, p, more, less, pooled)


def _common_log_odds(fours: Sequence[Four], level: float) -> tuple[Figure, float | None]:
    """Mantel & Haenszel 1959 over subjects; t limits from leaving out each subject in turn (Tukey's jackknife)."""
    name, n = "common log odds of subjects", len(fours)
    if n < 2:
        return unknown(name, "log odds", f"{n} subjects could show it; two are needed", denominator=n), None
    table = np.array(fours, float)
    a, b, c, d = table.T
    top, bottom = a * d / table.sum(1), b * c / table.sum(1)
    if not top.sum() or not bottom.sum():
        never = "nobody showed it" if not top.sum() else "whoever showed it showed nothing else"
        return unknown(name, "log odds", f"{never}, so that odds have no end", denominator=n), None
    whole = math.log(top.sum() / bottom.sum())
    without_top, without_bottom = top.sum() - top, bottom.sum() - bottom
    if without_top.min() <= 1e-12 or without_bottom.min() <= 1e-12:
        return Figure(name, whole, "log odds", None, n, method="Mantel–Haenszel; it rests on one subject"), None
    pseudo = n * whole - (n - 1) * np.log(without_top / without_bottom)
    error = float(pseudo.std(ddof=1)) / math.sqrt(n)
    half = float(stdtrit(n - 1, 1 - (1 - level) / 2)) * error
    p = 2 * float(stdtr(n - 1, -abs(whole) / error)) if error > 1e-12 else None
    method = "Mantel–Haenszel, jackknife over subjects"
    return Figure(name, whole, "log odds", None, n, whole - half, whole + half, level, method), p


def normal_limits(odds: float, error: float, *, level: float = LEVEL) -> tuple[float, float]:
    """Limits of one log odds from its standard error."""
    half = float(ndtri(1 - (1 - level) / 2)) * error
    return odds - half, odds + half


def code_counts(runs: Iterable[Run]) -> Counter[str]:
    """How often each code is in the runs."""
    return Counter(code for run in runs for code in run)
