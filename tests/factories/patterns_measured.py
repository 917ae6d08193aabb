"""What the inference makes of many planted worlds: coverage, claims, wrong signs, time."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from scipy.stats import spearmanr

from observe.core.patterns.model import fit
from observe.core.patterns.posterior import posterior_of
from observe.core.patterns.settings import Settings
from observe.core.patterns.trends import slopes_of
from tests.factories.patterns import Plan, Planted, planted


@dataclass(frozen=True, slots=True)
class Measured:
    """Means over worlds, but for `claimed` and `wrong`, which are totals of claims before the gates.

    Coverage and width are over the constructs on which people differ, where there are any: where nobody differs the
    truth is nought for all, and any interval that reaches nought holds it.
    """

    worlds: int
    events: float
    coverage: float
    unsure: float
    """standard error of the coverage, worlds being what varies"""
    width: float
    spearman: float
    per_cell: float
    with_claim: float
    claimed: int
    wrong: int
    cpu: float

    def line(self) -> str:
        """One line of the report's table."""
        order = "–" if np.isnan(self.spearman) else f"{self.spearman:.3f}"
        return (
            f"{self.worlds} | {self.events / 1000:.1f}k | {self.coverage:.3f} ± {self.unsure:.3f} | {self.width:.2f} | {order} | "
            f"{self.per_cell:.3f} | {self.with_claim:.2f} | {self.wrong}/{self.claimed} | {self.cpu:.2f}"
        )


HEAD = "condition | worlds | value | coverage 90 % | width | Spearman | claims per cell | worlds with a claim | wrong sign | CPU s"


@dataclass(frozen=True, slots=True)
class _Of:
    events: float
    inside: float
    width: float
    spearman: float
    claimed: int
    wrong: int
    cells: int
    cpu: float


def measured(plan: Plan, worlds: int, *, seed: int = 2026, settings: Settings | None = None) -> Measured:
    """Fit `worlds` worlds of this plan, with seeds of their own."""
    return _summed([_one(planted(seed * 1000 + k, plan), settings or Settings()) for k in range(worlds)])


def _one(made: Planted, settings: Settings) -> _Of:
    design = made.design()
    began = time.process_time()
    found = fit(design, settings)
    said = posterior_of(found.estimate, found.error, settings)
    took = time.process_time() - began
    truth = made.centred
    inside = (said.low <= truth + 1e-9) & (truth - 1e-9 <= said.high)
    differ = truth.std(0) > 0
    asked = differ if differ.any() else ~differ
    order = [
        spearmanr(said.mean[:, d], truth[:, d]).statistic
        for d in range(truth.shape[1])
        if truth[:, d].std() > 0 and len(truth) > 2
    ]
    wrong = said.claimed & (np.sign(said.mean) * truth <= 0)
    return _Of(
        float(made.value.sum()), float(inside[:, asked].mean()), float((said.high - said.low)[:, asked].mean()),
        float(np.mean(order)) if order else float("nan"), int(said.claimed.sum()), int(wrong.sum()), truth.size, took,
    )  # fmt: skip


def measured_change(plan: Plan, worlds: int, *, seed: int = 2026, settings: Settings | None = None) -> Measured:
    """The same for change across sessions: coverage of planted slopes, and claims of change."""
    asked = settings or Settings()
    found = []
    for k in range(worlds):
        made = planted(seed * 1000 + k, plan)
        design = made.design()
        began = time.process_time()
        slopes = slopes_of(fit(design, asked), asked)
        took = time.process_time() - began
        inside = np.abs(slopes.estimate - made.drift) <= slopes.reach
        wrong = slopes.claimed & (np.sign(slopes.estimate) * made.drift <= 0)
        found.append(_Of(
            float(made.value.sum()), float(inside.mean()), float(2 * slopes.reach.mean()), float("nan"),
            int(slopes.claimed.sum()), int(wrong.sum()), made.drift.size, took,
        ))  # fmt: skip
    return _summed(found)


def _summed(found: Iterable[_Of]) -> Measured:
    every = list(found)

    def mean(name: str) -> float:
        return float(np.mean([getattr(one, name) for one in every]))

    claimed = sum(one.claimed for one in every)
    return Measured(
        len(every), mean("events"), mean("inside"),
        float(np.std([one.inside for one in every], ddof=1) / len(every) ** 0.5) if len(every) > 1 else float("nan"), mean("width"), mean("spearman"),
        claimed / sum(one.cells for one in every), float(np.mean([one.claimed > 0 for one in every])), claimed,
        sum(one.wrong for one in every), mean("cpu"),
    )  # fmt: skip
