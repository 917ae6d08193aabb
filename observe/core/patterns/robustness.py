"""What becomes of an estimate when something it rests on is taken away.

The person's own effects are solved again without it; what is shared by all (difficulties, observers, spreads) stays.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.stats import binomtest

from observe.core.patterns.design import Array, Batch, Truth, Whole
from observe.core.patterns.model import Fit, Solved, expected_of, likelihood, prior_precision, step
from observe.core.patterns.posterior import Mixture, Posterior, inflated
from observe.core.patterns.settings import Settings

_STEPS = 4


@dataclass(frozen=True, slots=True)
class Without:
    """The estimate when one thing is left out. `kind`: session, observer, indicator, situation or fragile."""

    kind: str
    item: str
    mean: float
    false_sign: float


@dataclass(frozen=True, slots=True)
class Robustness:
    """How the estimate bears being taken apart. `turned_by` names what the sign, or being sure of it, hangs on."""

    without: tuple[Without, ...]
    equal_loadings: float
    """the estimate if every declared loading counted fully; on a scale of its own, only its sign compares"""
    codes_for: int
    codes_against: int
    sign_p: float
    """sign test over indicators, each one vote: P of so uneven a split by chance"""
    turned_by: tuple[str, ...]

    @property
    def lowest(self) -> float:
        """Of all estimates with something left out."""
        return min((one.mean for one in self.without), default=float("nan"))

    @property
    def highest(self) -> float:
        """Of all estimates with something left out."""
        return max((one.mean for one in self.without), default=float("nan"))


@dataclass(frozen=True, slots=True)
class Place:
    """Where one person stands in the batches of one construct."""

    solved: Solved
    unit: int
    local: int

    @property
    def rows(self) -> Whole:
        """The person's rows in this part of the design."""
        return self.solved.batch.rows[self.solved.batch.unit == self.unit]


def place_of(fit: Fit, person: int, construct: int) -> Place | None:
    """None where the person was never watched for this construct."""
    for solved in fit.solved:
        unit = np.flatnonzero(solved.batch.persons == person)
        local = np.flatnonzero(solved.batch.constructs == construct)
        if unit.size and local.size:
            return Place(solved, int(unit[0]), int(local[0]))
    return None


def solved_again(fit: Fit, place: Place, keep: Array, *, equal_loadings: bool = False) -> tuple[Array, Array]:
    """Estimates and errors of one person for each line of `keep` (variants × the person's rows, 0 to leave out)."""
    rows, variants = place.rows, keep.shape[0]
    batch = _copies(place, variants, rows.size, equal_loadings)
    source, d = place.solved, fit.design
    f = np.repeat(source.effects[place.unit][None], variants, 0)
    habit = np.repeat(fit.habit[source.batch.persons[place.unit], batch.codes][None], variants, 0)
    again = np.tile(rows, variants)
    kind, phi = d.family[d.indicator[again]], fit.dispersion[d.indicator[again]]
    weight = keep.ravel() * d.weight[again] / phi
    spreads = fit.spreads
    prior = prior_precision(batch, spreads.person**2, spreads.situational**2, spreads.occasion**2)
    for _ in range(_STEPS):
        personal = (f @ batch.loadings.T)[batch.unit, batch.spot, batch.code] + habit[batch.unit, batch.code]
        mean, slope = expected_of(kind, fit.offset[again] + personal, d.exposure[again], fit.variance[again])
        score = weight * (d.value[again] - mean)
        f, habit, solved = step(batch, f, habit, weight * slope, score, prior, spreads.habit**2)
    estimate, error, _ = likelihood(solved, spreads.person**2)
    return estimate[:, place.local], error[:, place.local]


def _copies(place: Place, variants: int, rows: int, equal_loadings: bool) -> Batch:
    """The person, once for each variant, as a batch of its own."""
    source = place.solved.batch
    mine = source.unit == place.unit
    loadings = np.sign(source.loadings) if equal_loadings else source.loadings
    return Batch(
        np.zeros(variants, np.int64), np.repeat(source.cells[place.unit][None], variants, 0),
        np.arange(variants * rows), np.repeat(np.arange(variants), rows),
        np.tile(source.spot[mine], variants), np.tile(source.code[mine], variants),
        np.repeat(source.same[place.unit][None], variants, 0), loadings, source.codes, source.constructs,
    )  # fmt: skip


def shrunk(mixture: Mixture, estimate: Array, error: Array) -> tuple[Array, Array]:
    """Posterior mean and false sign rate of other estimates under what is believed of τ and the peers."""
    total = error[None, :] ** 2 + (grid := _grid())[:, None] ** 2
    share = grid[:, None] ** 2 / total
    means = share * (estimate[None, :] - mixture.centre[:, None])
    sds = np.sqrt(np.maximum(share * error[None, :] ** 2, 1e-8))
    log = -0.5 * (np.log(total) + (estimate - mixture.centre[:, None]) ** 2 / total)
    weight = mixture.weight[:, None] + 0 * log
    held = Mixture(mixture.weight, mixture.centre, share, means, sds, 0.0, 1.0)
    return np.asarray((weight * means).sum(0), float), held.false_sign()


def _grid() -> Array:
    from observe.core.patterns.posterior import GRID

    return GRID
