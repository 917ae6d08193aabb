"""What an estimate rests on: each session × indicator with its share, for and against, adding up to the estimate.

The estimate is linear in what was observed less what was expected of a peer, so it can be taken apart without remainder;
what is left over is the peers' mean, which stands as a line of its own.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from observe.core.patterns.design import Array, Whole
from observe.core.patterns.model import COUNT, RATING, Fit
from observe.core.patterns.posterior import Posterior
from observe.core.patterns.rows import Family, Measure, Moment, Rows, SessionNote


@dataclass(frozen=True, slots=True)
class Item:
    """One session × indicator. `contribution` is signed towards the construct; a behaviour that stayed away counts too.

    `observed` and `expected` are counts, occasions out of `exposure`, or ratings on their own scale; `expected` is what
    a peer would have shown to this observer, here, in this exposure.
    """

    session: str
    indicator: str
    situation: str
    observer: str
    family: Family
    observed: float
    expected: float
    exposure: float
    contribution: float
    side: str
    """supporting or contrary, seen from the direction of the estimate"""
    moments: tuple[Moment, ...] = ()
    occasion: str = ""
    """the happening, or the session where it stands alone: what counts as one"""
    measure: Measure = Measure.MINUTES
    """what the exposure counts"""
    choice: float = 1.0
    """how freely it could have been otherwise; it weighed as much"""

    @property
    def stayed_away(self) -> bool:
        """Nothing was seen where something was to be expected."""
        return self.family is not Family.RATING and self.observed == 0 and self.expected >= 1


@dataclass(frozen=True, slots=True)
class Table:
    """The evidence of one estimate: Σ contributions + `peers` = the estimate."""

    items: tuple[Item, ...]
    peers: float
    """what is taken off because the peers' mean is not exactly zero"""
    contrary_looked_for: bool
    notes: tuple[SessionNote, ...] = ()

    @property
    def total(self) -> float:
        """The estimate that the items add up to."""
        return sum(item.contribution for item in self.items) + self.peers

    def of_side(self, side: str) -> tuple[Item, ...]:
        """Items of one side, the weightiest first."""
        mine = [item for item in self.items if item.side == side]
        return tuple(sorted(mine, key=lambda item: (-abs(item.contribution), item.session, item.indicator)))

    def shares(self, by: str) -> dict[str, float]:
        """Net contribution of each occasion, indicator, observer or situation, as a share of all net contributions."""
        net: dict[str, float] = defaultdict(float)
        for item in self.items:
            net[getattr(item, by)] += item.contribution
        total = sum(abs(value) for value in net.values()) or 1.0
        return {key: abs(value) / total for key, value in net.items()}


def expected_of_a_peer(fit: Fit) -> Array:
    """What a peer would have shown in each row, on the row's own scale."""
    d = fit.design
    kind = d.family[d.indicator]
    found = d.exposure * expit(fit.offset)
    found = np.where(kind == COUNT, d.exposure * np.exp(np.clip(fit.offset, -20, 12)), found)
    return np.asarray(np.where(kind == RATING, fit.offset, found), float)


def rows_by_person(fit: Fit) -> dict[int, Whole]:
    """Row numbers of each person; the rows are sorted by person."""
    person = fit.design.person
    edges = np.searchsorted(person, np.arange(len(fit.design.persons) + 1))
    return {index: np.arange(edges[index], edges[index + 1]) for index in range(len(fit.design.persons))}


def table_of(
    rows: Rows, fit: Fit, posterior: Posterior, person: int, construct: int, *, mine: Whole, expected: Array
) -> Table:
    """The evidence table of one person × construct. `mine` are the person's rows, `expected` that of all rows."""
    d = fit.design
    mixture = posterior.intervals[construct]
    slot = int(np.searchsorted(posterior.slots[construct], person))
    assert mixture is not None
    share = mixture.share[:, slot]
    scale, peers = float(mixture.weight @ share), -float(mixture.weight @ (share * mixture.centre))
    mine = mine[(d.loadings[d.indicator[mine], construct] != 0) | (np.abs(fit.pull[mine, construct]) > 1e-12)]
    parts = scale * fit.pull[mine, construct] * fit.working[mine]
    direction = 1.0 if posterior.mean[person, construct] >= 0 else -1.0
    centre, spread = _rating_scale(rows, fit, mine)
    items = []
    for index, part, middle, unit in zip(mine, parts, centre, spread, strict=True):
        row = rows.rows[index]
        rated = row.family is Family.RATING
        items.append(Item(
            row.session, row.indicator, row.situation, row.observer, row.family, row.value,
            float(middle + unit * expected[index]) if rated else float(expected[index]), row.exposure, float(part),
            "supporting" if part * direction >= 0 else "contrary", row.moments, row.cell[1], row.measure, row.choice,
        ))  # fmt: skip
    sessions = {rows.rows[index].session for index in mine}
    notes = tuple(note for note in rows.notes if note.session in sessions)
    return Table(tuple(items), peers, _looked_both_ways(rows, fit, mine, construct), notes)


def _rating_scale(rows: Rows, fit: Fit, mine: Whole) -> tuple[Array, Array]:
    """Middle and unit of each row's own scale, to give expected ratings back in it."""
    d = fit.design
    unit = d.scale[d.indicator[mine]]
    middle = np.array([rows.rows[index].value for index in mine]) - unit * d.value[mine]
    return middle, unit


def _looked_both_ways(rows: Rows, fit: Fit, mine: Whole, construct: int) -> bool:
    """Whether behaviour of both directions could have been seen in this person, or a judgement asked for either way."""
    carrying = mine[fit.design.loadings[fit.design.indicator[mine], construct] != 0]
    signs = np.sign(fit.design.loadings[fit.design.indicator[carrying], construct])
    return bool((signs > 0).any() and (signs < 0).any()) or any(
        rows.rows[index].looks_both_ways for index in carrying
    )
