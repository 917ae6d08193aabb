"""From estimates and errors to what may be said: intervals, false sign rates, claims.

The spread of people, τ, is not known, so it is integrated over a grid: with a lump at τ = 0 ("people do not differ")
for claims, and with hardly any for intervals. One mixture for both undercovers with few people; so do claims need wider
errors with few people, and intervals do not (measured; see docs/explanation/inference-simulations.md).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr
from scipy.stats import chi2, norm

from observe.core.patterns.design import Array, Truth, Whole
from observe.core.patterns.settings import Settings

GRID = np.array([0, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.75, 0.9, 1.1, 1.4])
_LUMP_FOR_INTERVALS, _LUMP_FOR_CLAIMS, _SCALE = 0.02, 0.5, 0.5


@dataclass(frozen=True, slots=True)
class Mixture:
    """What is believed of one construct: components over τ, and each person's mean and sd within each.

    `mean` = Σ weight · (share · (estimate − centre)): linear in the estimate, so that evidence can be added up.
    """

    weight: Array
    centre: Array
    share: Array
    """τ²/(τ² + error²), components × persons"""
    means: Array
    sds: Array
    q: float
    q_p: float

    @property
    def mean(self) -> Array:
        """Posterior mean of each person."""
        return np.asarray(self.weight @ self.means, float)

    @property
    def sd(self) -> Array:
        """Posterior standard deviation of each person."""
        second = self.weight @ (self.sds**2 + self.means**2)
        return np.asarray(np.sqrt(np.maximum(second - self.mean**2, 0)), float)

    @property
    def no_spread(self) -> float:
        """P(τ = 0 | data)."""
        return float(self.weight[0])

    def below(self, x: Array | float) -> Array:
        """P(θ < x) of each person."""
        return np.asarray((self.weight[:, None] * ndtr((x - self.means) / self.sds)).sum(0), float)

    def quantile(self, p: float) -> Array:
        """By bisection: the mixture has no closed form."""
        low, high = np.full(self.means.shape[1], -6.0), np.full(self.means.shape[1], 6.0)
        for _ in range(36):
            middle = (low + high) / 2
            short = self.below(middle) < p
            low, high = np.where(short, middle, low), np.where(short, high, middle)
        return np.asarray((low + high) / 2, float)

    def false_sign(self) -> Array:
        """The local false sign rate: how likely the more likely sign is wrong, counting exactly zero as wrong."""
        return np.asarray(1 - np.maximum(1 - self.below(1e-6), self.below(-1e-6)), float)


def inflated(error: Array, n: int) -> Array:
    """Errors that claims among few people are made with: variance × (1 + 2/(N − 1)), an empirical factor.

    Intervals do without: their errors are right as they come, and wider ones make τ, and so the intervals, too small.
    """
    return np.asarray(error * np.sqrt(1 + 2 / max(n - 1, 1)), float)


def mixture_of(estimate: Array, error: Array, *, lump: float, centred: bool = True) -> Mixture:
    """Integrate τ out. `centred`: people are relative to their mean, which is estimated with them."""
    prior = norm.pdf(GRID, 0, _SCALE) * np.gradient(GRID)
    prior[0] = 0
    prior = (1 - lump) * prior / prior.sum()
    prior[0] = lump
    total = error[None, :] ** 2 + GRID[:, None] ** 2
    precision = (1 / total).sum(1)
    centre = (estimate / total).sum(1) / precision if centred else np.zeros(GRID.size)
    log = -0.5 * (np.log(total) + (estimate - centre[:, None]) ** 2 / total).sum(1)
    log = log - 0.5 * np.log(precision) if centred else log
    log = log + np.log(prior + 1e-300)
    weight = np.exp(log - log.max())
    share = GRID[:, None] ** 2 / total
    variance = share * error**2 + ((1 - share) ** 2 / precision[:, None] if centred else 0)
    variance[0] = 1e-8
    q = float(((estimate - (estimate / error**2).sum() / (1 / error**2).sum()) ** 2 / error**2).sum())
    return Mixture(
        weight / weight.sum(), centre, share, share * (estimate - centre[:, None]), np.sqrt(variance),
        q, float(chi2.sf(q, max(estimate.size - 1, 1))),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Posterior:
    """What may be said of each person × construct. NaN where there is nothing to say anything from."""

    mean: Array
    sd: Array
    low: Array
    high: Array
    low_half: Array
    high_half: Array
    above: Array
    """P(θ > smallest effect), under the mixture for claims"""
    below: Array
    false_sign: Array
    claimed: Truth
    intervals: tuple[Mixture | None, ...]
    claims: tuple[Mixture | None, ...]
    slots: tuple[Whole, ...]
    """for each construct, which persons its mixtures hold"""


def posterior_of(estimate: Array, error: Array, settings: Settings, *, centred: bool = True) -> Posterior:
    """Mixtures construct by construct; claims over the whole run at once."""
    found = {name: np.full(estimate.shape, np.nan) for name in
             ("mean", "sd", "low", "high", "low_half", "high_half", "above", "below", "false_sign")}  # fmt: skip
    intervals: list[Mixture | None] = []
    claims: list[Mixture | None] = []
    slots: list[Whole] = []
    for d in range(estimate.shape[1]):
        seen = np.flatnonzero(np.isfinite(estimate[:, d])).astype(np.int64)
        slots.append(seen)
        if not seen.size:
            intervals.append(None)
            claims.append(None)
            continue
        careful = inflated(error[seen, d], seen.size) if centred else error[seen, d]
        wide = mixture_of(estimate[seen, d], error[seen, d], lump=_LUMP_FOR_INTERVALS, centred=centred)
        firm = mixture_of(estimate[seen, d], careful, lump=_LUMP_FOR_CLAIMS, centred=centred)
        tail, delta = (1 - settings.level) / 2, settings.smallest_effect
        column = {
            "mean": wide.mean, "sd": wide.sd, "low": wide.quantile(tail), "high": wide.quantile(1 - tail),
            "low_half": wide.quantile(0.25), "high_half": wide.quantile(0.75),
            "above": 1 - firm.below(delta), "below": firm.below(-delta), "false_sign": firm.false_sign(),
        }  # fmt: skip
        for name, values in column.items():
            found[name][seen, d] = values
        intervals.append(wide)
        claims.append(firm)
    claimed = claimed_of(found["false_sign"], np.maximum(found["above"], found["below"]), claims, settings)
    return Posterior(
        **found, claimed=claimed, intervals=tuple(intervals), claims=tuple(claims), slots=tuple(slots)
    )


def claimed_of(false_sign: Array, sure: Array, claims: list[Mixture | None], settings: Settings) -> Truth:
    """Bayesian false sign rate over all cells (Stephens 2017, Biostatistics 18:275), and a difference worth a word.

    Where it is more likely than not that people do not differ at all, nobody is singled out.
    """
    flat = false_sign.ravel()
    order = np.argsort(flat, kind="stable")
    order = order[np.isfinite(flat[order])]
    running = np.cumsum(flat[order]) / np.arange(1, order.size + 1)
    fine = np.flatnonzero(running <= settings.false_sign_rate)
    chosen = np.zeros(flat.size, bool)
    if fine.size:
        chosen[order[: fine[-1] + 1]] = True
    differ = np.array([one is not None and one.no_spread <= 0.5 for one in claims])
    single = np.nan_to_num(false_sign, nan=1.0) <= settings.single_false_sign
    worth = np.nan_to_num(sure, nan=0.0) >= settings.sure_of_effect
    return np.asarray(chosen.reshape(false_sign.shape) & single & worth & differ[None, :], bool)
