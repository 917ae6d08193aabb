"""What becomes of an estimate when something it rests on is taken away.

The person's own effects are solved again without it; what is shared by all (difficulties, observers, spreads) stays.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.stats import binomtest

from observe.core.patterns.design import Array, Batch, Whole
from observe.core.patterns.model import Fit, Solved, expected_of, likelihood, prior_precision, step
from observe.core.patterns.posterior import GRID, Mixture, Posterior, inflated
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
        found: Whole = self.solved.batch.rows[self.solved.batch.unit == self.unit]
        return found


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
    total = error[None, :] ** 2 + GRID[:, None] ** 2
    share = GRID[:, None] ** 2 / total
    means = share * (estimate[None, :] - mixture.centre[:, None])
    sds = np.sqrt(np.maximum(share * error[None, :] ** 2, 1e-8))
    held = Mixture(mixture.weight, mixture.centre, share, means, sds, mixture.q, mixture.q_p)
    return held.mean, held.false_sign()


def robustness_of(
    fit: Fit, posterior: Posterior, person: int, construct: int, *, settings: Settings, fragile: frozenset[str]
) -> Robustness | None:
    """Leave out each session, observer, indicator and situation, and all fragile indicators together."""
    place = place_of(fit, person, construct)
    wide, firm = posterior.intervals[construct], posterior.claims[construct]
    if place is None or wide is None or firm is None:
        return None
    names, keep = _variants(fit, place, construct, fragile)
    n = posterior.slots[construct].size
    estimate, error = solved_again(fit, place, keep)
    means, _ = shrunk(wide, estimate, error)
    _, doubt = shrunk(firm, estimate, inflated(error, n))
    without = tuple(
        Without(kind, item, float(mean), float(wrong))
        for (kind, item), mean, wrong in zip(names, means, doubt, strict=True)
    )
    whole, sure = solved_again(fit, place, np.ones((1, place.rows.size)), equal_loadings=True)
    equal, _ = shrunk(wide, whole, sure)
    up, down = _votes(fit, place, construct)
    sign = np.sign(posterior.mean[person, construct])
    turned = tuple(
        f"{one.kind} {one.item}"
        for one in without
        if np.sign(one.mean) != sign or one.false_sign > 2 * settings.single_false_sign
    )
    p = float(binomtest(max(up, down), up + down).pvalue) if up + down else 1.0
    return Robustness(without, float(equal[0]), up, down, p, turned)


def _variants(
    fit: Fit, place: Place, construct: int, fragile: frozenset[str]
) -> tuple[list[tuple[str, str]], Array]:
    """Names and masks of everything that can be left out and leaves something."""
    d, rows = fit.design, place.rows
    occasion = ["/".join(d.cells[cell][1:]) for cell in d.cell[rows]]
    labels: dict[str, list[str]] = {
        "session": occasion,
        "observer": [d.observers[one] for one in d.observer[rows]],
        "situation": [d.situations[one] for one in d.situation[rows]],
        "indicator": [d.indicators[one] if d.loadings[one, construct] else "" for one in d.indicator[rows]],
    }
    names, masks = [], []
    for kind, of_row in labels.items():
        found = sorted(set(of_row) - {""})
        for item in found if len(found) > 1 else ():
            names.append((kind, item))
            masks.append([one != item for one in of_row])
    weak = [d.indicators[one] not in fragile for one in d.indicator[rows]]
    if any(weak) and not all(weak):
        names.append(("fragile", "indicators"))
        masks.append(weak)
    return names, np.array(masks, float).reshape(len(names), rows.size)


def _votes(fit: Fit, place: Place, construct: int) -> tuple[int, int]:
    """How many indicators point up and how many down, each once."""
    d, rows = fit.design, place.rows
    points = fit.pull[rows, construct] * fit.working[rows]
    by_code = np.bincount(d.indicator[rows], points, len(d.indicators))[d.loadings[:, construct] != 0]
    return int((by_code > 1e-9).sum()), int((by_code < -1e-9).sum())
