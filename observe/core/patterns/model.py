"""The opportunity model: behaviour as attitude, less how common it is here, who watched, and what else varies.

    y ~ quasi-Poisson, quasi-binomial or normal, with mean g(η) and variance φ·V
    η = b[code] + c[code, situation] + δ[code, observer] + Σ A[code, construct] f[construct, occasion] + v[person, code]
    f = θ[person] + u[person, situation] + w[person, occasion]

All effects are normal around 0 with spreads of their own; the loadings A are declared by the framework and are never
estimated (Kaiser, Byrka & Hartig 2010: behaviour as attitude less difficulty; Kelley 1967 for the parts of f).
Fitted by Newton steps on f and v (v eliminated) inside an over-relaxed EM for the spreads.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from observe.core.patterns.design import Array, Batch, Design, Truth, Whole
from observe.core.patterns.settings import Settings

COUNT, SHARE, RATING = 0, 1, 2
_FURTHEST = 1.5
"""no Newton step goes further than this on the link scale"""
_OBSERVER_PRIOR = 0.20
_RELAX = 1.5
_MOST_DISPERSED = 100.0
"""people who come in groups, or stay and are counted again, make counts of a place vary that much more than chance"""
_LEAST = 1e-4


@dataclass(frozen=True, slots=True)
class Spreads:
    """Standard deviations: person, person × situation and occasion by construct; habit, situation, observer overall."""

    person: Array
    situational: Array
    occasion: Array
    habit: float
    situation: float
    observer: float


@dataclass(frozen=True, slots=True)
class Solved:
    """One batch at the solution: what everything that is linear in the evidence needs."""

    batch: Batch
    effects: Array
    """f: persons × occasions × constructs"""
    covariance: Array
    """of f, with habit integrated out: persons × (occasions · constructs) squared"""
    weights: Array
    """of f by v: persons × (occasions · constructs) × codes"""
    habit_precision: Array
    prior: Array
    """precision of f within a construct: persons × constructs × occasions × occasions"""


@dataclass(frozen=True, slots=True)
class Fit:
    """The fitted run. `estimate` and `error` are what the data alone say of each person × construct (NaN: unseen)."""

    design: Design
    spreads: Spreads
    estimate: Array
    error: Array
    base: Array
    in_situation: Array
    by_observer: Array
    habit: Array
    dispersion: Array
    offset: Array
    """of each row, on the link scale: what is expected of a peer"""
    working: Array
    """of each row: observed less expected of a peer, in units of information"""
    mean: Array
    variance: Array
    """of η in each row, after the data"""
    pull: Array
    """rows × constructs: how far one unit of `working` moves the person's estimate"""
    solved: tuple[Solved, ...]


def expected_of(family: Whole, eta: Array, exposure: Array, variance: Array) -> tuple[Array, Array]:
    """Mean of a row and its slope in η, averaged over η's remaining variance (Poisson exact, logistic by probit)."""
    counts = family == COUNT
    if counts.all():
        mean = exposure * np.exp(np.clip(eta + variance / 2, -20, 12))
        return mean, mean.copy()
    mean, slope = eta.copy(), np.ones_like(eta)
    if counts.any():
        mean[counts] = exposure[counts] * np.exp(np.clip(eta[counts] + variance[counts] / 2, -20, 12))
        slope[counts] = mean[counts]
    shares = family == SHARE
    if shares.any():
        damp = 1 / np.sqrt(1 + np.pi / 8 * variance[shares])
        chance = expit(eta[shares] * damp)
        mean[shares] = exposure[shares] * chance
        slope[shares] = exposure[shares] * damp * np.maximum(chance * (1 - chance), 1e-6)
    return mean, slope


def variance_of(family: Whole, mean: Array, exposure: Array) -> Array:
    """V of a row at dispersion 1, floored so that one event where hardly any were expected is not a verdict."""
    found = np.ones_like(mean)
    counts, shares = family == COUNT, family == SHARE
    found[counts] = np.maximum(mean[counts], 0.05)
    chance = mean[shares] / exposure[shares]
    found[shares] = np.maximum(mean[shares] * (1 - chance), 0.05)
    return found


def fit(design: Design, settings: Settings, *, held: Spreads | None = None) -> Fit:
    """Fit the model. With `held`, the spreads are given and are not estimated."""
    state = _State(design, settings, held)
    for sweep in range(settings.sweeps):
        state.sweep(first=sweep == 0)
        state.settle()
        if sweep in (3, 6, 9):
            state.disperse()
    for _ in range(4):
        state.newton()
    return state.result()


class _State:
    """What changes while fitting; nobody else sees it."""

    def __init__(self, design: Design, settings: Settings, held: Spreads | None) -> None:
        self.d, self.settings, self.held = design, settings, held
        persons, codes, constructs = len(design.persons), len(design.indicators), len(design.constructs)
        self.kind = design.family[design.indicator]
        self.at_situation = design.situation * codes + design.indicator
        self.at_observer = design.observer * codes + design.indicator
        self.at_person = design.person * codes + design.indicator
        self.at_spot = [(b.unit * b.shape[1] + b.spot) * b.shape[3] + b.code for b in design.batches]
        self.base = self._first_base(codes)
        self.in_situation = np.zeros((len(design.situations), codes))
        self.by_observer = np.zeros((len(design.observers), codes))
        self.habit = np.zeros((persons, codes))
        self.has = np.zeros((persons, codes), bool)
        self.has[design.person, design.indicator] = True
        self.f = [np.zeros((*batch.cells.shape, batch.constructs.size)) for batch in design.batches]
        self.phi = np.where(design.family == RATING, 0.7, 1.0)
        self.person, self.situational, self.occasion = (np.full(constructs, x) for x in (0.15, 0.05, 0.05))
        self.kappa, self.sigma, self.psi = 0.1, 0.25, 0.04
        if held is not None:
            self.person, self.situational, self.occasion = held.person**2, held.situational**2, held.occasion**2
            self.kappa, self.sigma, self.psi = held.habit**2, held.situation**2, held.observer**2
        self.variance = np.zeros(design.value.size)
        self.solved: list[Solved] = []
        self.mean = self.slope = np.zeros(design.value.size)

    def _first_base(self, codes: int) -> Array:
        """Each code's pooled rate, log odds or mean, with half an event added."""
        d = self.d
        total = np.bincount(d.indicator, d.value * d.weight, codes)
        exposed = np.bincount(d.indicator, d.exposure * d.weight, codes)
        rows = np.bincount(d.indicator, d.weight, codes)
        with np.errstate(divide="ignore", invalid="ignore"):
            count = np.log((total + 0.5) / exposed)
            share = np.log((total + 0.5) / (exposed - total + 0.5))
            rating = total / rows
        first = np.select([d.family == COUNT, d.family == SHARE], [count, share], rating)
        return np.asarray(np.nan_to_num(first, posinf=0, neginf=0), float)

    def offset(self) -> Array:
        """η of a peer: difficulty of the code, here, with this observer."""
        found = self.base.take(self.d.indicator)
        found += self.in_situation.take(self.at_situation)
        found += self.by_observer.take(self.at_observer)
        return found

    def personal(self) -> Array:
        """What f and v add to each row."""
        found: Array = self.habit.take(self.at_person)
        for batch, f, at in zip(self.d.batches, self.f, self.at_spot, strict=True):
            found[batch.rows] += (f @ batch.loadings.T).take(at)
        return found

    def look(self) -> None:
        """Expected values at the present solution."""
        self.mean, self.slope = expected_of(
            self.kind, self.offset() + self.personal(), self.d.exposure, self.variance
        )

    def newton(self) -> None:
        """One step of all persons, from the same expectations."""
        self.look()
        information, score = self._pressed()
        self.solved = [
            self._step(batch, place, information.take(batch.rows), score.take(batch.rows))
            for place, batch in enumerate(self.d.batches)
        ]

    def _pressed(self) -> tuple[Array, Array]:
        """The information in each row, and how far its value presses η up or down."""
        phi = self.phi.take(self.d.indicator)
        return self.d.weight * self.slope / phi, self.d.weight * (self.d.value - self.mean) / phi

    def _step(self, batch: Batch, place: int, information: Array, score: Array) -> Solved:
        prior = prior_precision(batch, self.person, self.situational, self.occasion)
        habit = self.habit[np.ix_(batch.persons, batch.codes)]
        f, habit, solved = step(batch, self.f[place], habit, information, score, prior, self.kappa)
        self.f[place] = f
        self.habit[np.ix_(batch.persons, batch.codes)] = habit
        return solved

    def sweep(self, *, first: bool) -> None:
        """Newton, then the spreads from what is left and how unsure it is."""
        for _ in range(2 if first else 1):
            self.newton()
        for solved in self.solved:
            self.variance[solved.batch.rows] = row_variance(solved)
        if self.held is None:
            self._respread()

    def _respread(self) -> None:
        """EM for the spreads, over-relaxed; each but the person's has a weak prior."""
        constructs = len(self.d.constructs)
        sums, counts = np.zeros((3, constructs)), np.zeros((3, constructs))
        habit_sum, habit_count = 0.0, 0.0
        for solved in self.solved:
            self._gather(solved, sums, counts)
            batch = solved.batch
            has = self.has[np.ix_(batch.persons, batch.codes)]
            spread = self.habit[np.ix_(batch.persons, batch.codes)] ** 2 + habit_variance(solved)
            habit_sum, habit_count = habit_sum + float(spread[has].sum()), habit_count + float(has.sum())
        weight, at = self.settings.spread_prior_weight, self.settings.spread_prior**2
        seen = counts[0] > 0
        self.person = _relaxed(
            self.person, np.where(seen, (sums[0] + 0.05) / np.maximum(counts[0], 1), self.person)
        )
        self.situational = _relaxed(self.situational, (sums[1] + weight * at) / (counts[1] + weight))
        self.occasion = _relaxed(self.occasion, (sums[2] + weight * at) / (counts[2] + weight))
        self.kappa = float(
            _relaxed(np.array(self.kappa), np.array((habit_sum + weight * at) / (habit_count + weight)))
        )

    def _gather(self, solved: Solved, sums: Array, counts: Array) -> None:
        """Expected squares of θ, u and w, given f and its covariance, construct by construct."""
        batch, (m, n, constructs, _) = solved.batch, solved.batch.shape
        covariance = solved.covariance.reshape(m, n, constructs, n, constructs)
        for local, d in enumerate(batch.constructs):
            k, f, c = solved.prior[:, local], solved.effects[:, :, local], covariance[:, :, local, :, local]
            p = k @ (f[:, :, None] * f[:, None, :] + c) @ k - k
            person, situational, occasion = self.person[d], self.situational[d], self.occasion[d]
            sums[0, d] += m * person + person**2 * p.sum()
            places = (batch.same / batch.same.sum(2, keepdims=True)).sum()
            sums[1, d] += situational * places + situational**2 * (p * batch.same).sum()
            sums[2, d] += occasion * m * n + occasion**2 * float(np.einsum("mii->", p))
            counts[:, d] += (m, places, m * n)

    def settle(self) -> None:
        """Fixed and shrunk effects of codes, after what all persons share is handed over to them."""
        self._recentre()
        self.look()
        d, codes = self.d, len(self.d.indicators)
        information, score = self._pressed()
        up, down = np.bincount(d.indicator, score, codes), np.bincount(d.indicator, information, codes)
        moved = np.clip(up / (down + 0.1), -1, 1)
        self.base += moved
        score = score - information * moved[d.indicator]
        if len(d.situations) > 1:
            moved, self.sigma = self._shrunk(self.in_situation, d.situation, score, information, self.sigma, 0.25)
            score = score - information * moved[d.situation, d.indicator]
        if len(d.observers) > 1:
            _, self.psi = self._shrunk(
                self.by_observer, d.observer, score, information, self.psi, _OBSERVER_PRIOR**2
            )

    def _shrunk(self, effects: Array, group: Whole, score: Array, information: Array, spread: float,
                prior: float) -> tuple[Array, float]:  # fmt: skip
        """One Newton step of effects ~ N(0, spread), in place; gives the step and the new spread."""
        codes = effects.shape[1]
        flat = group * codes + self.d.indicator
        up = np.bincount(flat, score, effects.size).reshape(effects.shape)
        down = np.bincount(flat, information, effects.size).reshape(effects.shape)
        moved = np.clip((up - effects / spread) / (down + 1 / spread), -1, 1)
        effects += moved
        if self.held is not None:
            return moved, spread
        seen = down > 0
        squares = (effects**2 + 1 / (down + 1 / spread))[seen].sum()
        weight = self.settings.spread_prior_weight
        return moved, float((squares + weight * prior) / (seen.sum() + weight))

    def _recentre(self) -> None:
        """What all persons have in common is the codes' difficulty, not theirs: η stays as it is."""
        constructs = len(self.d.constructs)
        total, n = np.zeros(constructs), np.zeros(constructs)
        for batch, f in zip(self.d.batches, self.f, strict=True):
            total[batch.constructs] += f.mean(1).sum(0)
            n[batch.constructs] += f.shape[0]
        shared = total / np.maximum(n, 1)
        for batch, f in zip(self.d.batches, self.f, strict=True):
            f -= shared[batch.constructs]
        habit = np.where(self.has, self.habit, 0).sum(0) / np.maximum(self.has.sum(0), 1)
        self.habit -= np.where(self.has, habit, 0)
        self.base += self.d.loadings @ shared + habit

    def disperse(self) -> None:
        """How much more each code varies than chance alone: Pearson, pooled 70/30 with codes of its family."""
        d, codes = self.d, len(self.d.indicators)
        self.look()
        square = (d.value - self.mean) ** 2 / variance_of(self.kind, self.mean, d.exposure)
        spread, n = np.bincount(d.indicator, d.weight * square, codes), np.bincount(d.indicator, d.weight, codes)
        used = d.weight * np.minimum(self.slope / self.phi[d.indicator] * self.variance, 0.9)
        groups = _distinct(d.indicator, d.situation, codes) + _distinct(d.indicator, d.observer, codes) - 1
        free = np.maximum(n - np.bincount(d.indicator, used, codes) - groups, np.maximum(0.2 * n, 1))
        raw = np.where(n > 0, spread / free, 1.0)
        for family in np.unique(d.family):
            mine = (d.family == family) & (n > 0)
            low, high = (0.05, 1.5) if family == RATING else (1.0, _MOST_DISPERSED)
            if mine.any():
                bounded = np.maximum(raw[mine], low)
                self.phi[mine] = np.minimum(0.7 * bounded + 0.3 * bounded.mean(), high)

    def result(self) -> Fit:
        """The solution, with what the data say of each person apart from the prior."""
        d = self.d
        self.look()
        estimate, error = (np.full((len(d.persons), len(d.constructs)), np.nan) for _ in range(2))
        pull = np.zeros((d.value.size, len(d.constructs)))
        personal = self.personal()
        information = d.weight * self.slope / self.phi[d.indicator]
        working = d.weight * (d.value - self.mean) / self.phi[d.indicator] + information * personal
        for solved in self.solved:
            batch = solved.batch
            found, sure, lever = likelihood(solved, self.person)
            where = np.ix_(batch.persons, batch.constructs)
            estimate[where], error[where] = found, sure
            pull[batch.rows[:, None], batch.constructs[None, :]] = lever
        spreads = Spreads(
            np.sqrt(self.person), np.sqrt(self.situational), np.sqrt(self.occasion),
            self.kappa**0.5, self.sigma**0.5, self.psi**0.5,
        )  # fmt: skip
        return Fit(
            d, spreads, estimate, error, self.base, self.in_situation, self.by_observer, self.habit, self.phi,
            self.offset(), working, self.mean, self.variance, pull, tuple(self.solved),
        )  # fmt: skip


def _relaxed(old: Array, new: Array) -> Array:
    return np.asarray(np.maximum(old * (new / old) ** _RELAX, _LEAST), float)


def _distinct(code: Whole, group: Whole, codes: int) -> Array:
    """For each code, in how many groups it was watched."""
    pairs = np.unique(code * (int(group.max(initial=0)) + 1) + group) // (int(group.max(initial=0)) + 1)
    return np.bincount(pairs, minlength=codes).astype(float)


def prior_precision(batch: Batch, person: Array, situational: Array, occasion: Array) -> Array:
    """Inverse of τ² + ω²·[same situation] + ρ²·[same occasion], for each person and construct."""
    m, n, constructs, _ = batch.shape
    found = np.empty((m, constructs, n, n))
    for local, d in enumerate(batch.constructs):
        found[:, local] = np.linalg.inv(person[d] + situational[d] * batch.same + occasion[d] * np.eye(n))
    return found


def step(batch: Batch, f: Array, habit: Array, information: Array, score: Array, prior: Array,
         kappa: float) -> tuple[Array, Array, Solved]:  # fmt: skip
    """A Newton step of f and v for every person of the batch, v eliminated by its Schur complement."""
    m, n, constructs, codes = batch.shape
    flat = (batch.unit * n + batch.spot) * codes + batch.code
    w = np.bincount(flat, information, m * n * codes).reshape(m, n, codes)
    r = np.bincount(flat, score, m * n * codes).reshape(m, n, codes)
    a = batch.loadings
    sv = w.sum(1) + 1 / kappa
    gv = r.sum(1) - habit / kappa
    b = (w[:, :, None, :] * a.T[None, None]).reshape(m, n * constructs, codes)
    h = (-(b / sv[:, None, :]) @ b.transpose(0, 2, 1)).reshape(m, n, constructs, n, constructs)
    spot = np.arange(n)
    own = (w @ (a[:, :, None] * a[:, None, :]).reshape(codes, -1)).reshape(m, n, constructs, constructs)
    h[:, spot, :, spot, :] += own.transpose(1, 0, 2, 3)
    g = r @ a
    for d in range(constructs):
        h[:, :, d, :, d] += prior[:, d]
        g[:, :, d] -= (prior[:, d] @ f[:, :, d, None])[..., 0]
    covariance = np.linalg.inv(h.reshape(m, n * constructs, n * constructs))
    whole = g.reshape(m, n * constructs) - (b @ (gv / sv)[..., None])[..., 0]
    move = (covariance @ whole[..., None])[..., 0]
    habit_move = (gv - (move[:, None, :] @ b)[:, 0]) / sv
    f = f + np.clip(move, -_FURTHEST, _FURTHEST).reshape(f.shape)
    habit = habit + np.clip(habit_move, -_FURTHEST, _FURTHEST)
    return f, habit, Solved(batch, f, covariance, b, sv, prior)


def habit_variance(solved: Solved) -> Array:
    """Posterior variance of v, for each person and code of the batch."""
    sv = solved.habit_precision
    return np.asarray(1 / sv + (solved.weights * (solved.covariance @ solved.weights)).sum(1) / sv**2, float)


def row_variance(solved: Solved) -> Array:
    """Posterior variance of f and v together in each row: what the row's expectation is averaged over."""
    batch, (m, n, constructs, codes) = solved.batch, solved.batch.shape
    a = batch.loadings
    spread = solved.covariance @ solved.weights
    sv = solved.habit_precision
    own = 1 / sv + (solved.weights * spread).sum(1) / sv**2
    spot = np.arange(n)
    blocks = solved.covariance.reshape(m, n, constructs, n, constructs)[:, spot, :, spot, :].transpose(1, 0, 2, 3)
    direct = blocks.reshape(m, n, -1) @ (a[:, :, None] * a[:, None, :]).reshape(codes, -1).T
    cross = np.einsum("mndj,jd->mnj", spread.reshape(m, n, constructs, codes), a) / sv[:, None, :]
    grid = direct - 2 * cross + own[:, None, :]
    return np.asarray(np.maximum(grid[batch.unit, batch.spot, batch.code], 0), float)


def marginal(solved: Solved, local: int) -> tuple[Array, Array]:
    """The likelihood of f of one construct as a normal: precision Λ and Λ·mode (posterior less prior)."""
    m, n, constructs, _ = solved.batch.shape
    covariance = solved.covariance.reshape(m, n, constructs, n, constructs)[:, :, local, :, local]
    precision = np.linalg.inv(covariance)
    mode = (precision @ solved.effects[:, :, local, None])[..., 0]
    return precision - solved.prior[:, local], mode


def likelihood(solved: Solved, person: Array) -> tuple[Array, Array, Array]:
    """θ̂ and its error from the data alone, and the lever of each row: θ̂ = Σ lever · working, exactly at the mode."""
    batch, (m, n, constructs, _codes) = solved.batch, solved.batch.shape
    grid = np.zeros((m, constructs, n, constructs))
    variance = np.empty((m, constructs))
    covariance = solved.covariance.reshape(m, n, constructs, n, constructs)
    for local, d in enumerate(batch.constructs):
        grid[:, local, :, local] = person[d] * solved.prior[:, local].sum(2)
        row = grid[:, local, :, local]
        shrink = person[d] - person[d] * row.sum(1)
        variance[:, local] = shrink + np.einsum("mn,mnk,mk->m", row, covariance[:, :, local, :, local], row)
    k = grid.reshape(m, constructs, n * constructs)
    mode = (k @ solved.effects.reshape(m, n * constructs, 1))[..., 0]
    precision = np.maximum(1 / variance - 1 / person[batch.constructs], 1e-6)
    q = k @ solved.covariance
    direct = q.reshape(m, constructs, n, constructs) @ batch.loadings.T
    lever = direct - ((q @ solved.weights) / solved.habit_precision[:, None, :])[:, :, None, :]
    lever = lever / (variance * precision)[:, :, None, None]
    return mode / (variance * precision), 1 / np.sqrt(precision), lever[batch.unit, :, batch.spot, batch.code]


def is_seen(found: Fit) -> Truth:
    """Persons × constructs with an estimate."""
    return np.asarray(np.isfinite(found.estimate), bool)
