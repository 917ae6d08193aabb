"""Change of the same case across its sessions: a slope with its uncertainty, which noise from session to session widens.

The straight line is fitted to what the data say of each occasion, with the case's own level free: nobody else is needed
for it, so a place or a programme followed alone can be read, and what changed everywhere counts as change too.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.stats import t as student

from observe.core.patterns.design import Array, Truth, Whole
from observe.core.patterns.model import Fit, Solved, marginal
from observe.core.patterns.settings import Settings


@dataclass(frozen=True, slots=True)
class Change:
    """From the first session to the last, along a straight line; `peers` is the same for the others together.

    The interval is that of the line itself, not drawn towards zero; the claim is, as all claims are.
    """

    mean: float
    low: float
    high: float
    false_sign: float
    claimed: bool
    first_day: float
    last_day: float
    sessions: int
    peers: float | None
    confounded_with: tuple[str, ...] = ()
    """what changed along with time: observers or situations of the earlier and later half have nothing in common"""


@dataclass(frozen=True, slots=True)
class Slopes:
    """Slopes of all persons × constructs, per span of the person's own sessions. NaN: too few sessions or days."""

    estimate: Array
    error: Array
    freedom: Array
    """of Student's t: sessions − 2"""
    reach: Array
    """half the width of the interval"""
    false_sign: Array
    """P that the slope has the other sign"""
    claimed: Truth


def slopes_of(fit: Fit, settings: Settings) -> Slopes:
    """Generalised least squares within each person. Claims hold the false discovery rate over the run."""
    shape = fit.estimate.shape
    estimate, error, freedom = (np.full(shape, np.nan) for _ in range(3))
    for solved in fit.solved:
        n = solved.batch.cells.shape[1]
        if n < settings.change_sessions:
            continue
        for local, construct in enumerate(solved.batch.constructs):
            slope, sure, moved = _slopes(fit, solved, local, int(construct))
            persons = solved.batch.persons[moved]
            estimate[persons, construct], error[persons, construct] = slope[moved], sure[moved]
            freedom[persons, construct] = n - 2
    claimed = _claimed(estimate, error, freedom, settings)
    reach = student.ppf((1 + settings.level) / 2, freedom) * error
    wrong = student.sf(np.abs(estimate) / error, freedom)
    return Slopes(estimate, error, freedom, reach, wrong, claimed)


def _claimed(estimate: Array, error: Array, freedom: Array, settings: Settings) -> Truth:
    """Benjamini & Hochberg 1995 over two-sided p, and a change worth a word."""
    p = 2 * student.sf(np.abs(estimate) / error, freedom)
    flat = p.ravel()
    order = np.argsort(flat, kind="stable")
    order = order[np.isfinite(flat[order])]
    fine = np.flatnonzero(
        flat[order] <= settings.false_sign_rate * np.arange(1, order.size + 1) / max(order.size, 1)
    )
    chosen = np.zeros(flat.size, bool)
    chosen[order[: fine[-1] + 1 if fine.size else 0]] = True
    sure = student.cdf((np.abs(estimate) - settings.smallest_effect) / error, freedom)
    return np.asarray(chosen.reshape(p.shape) & (np.nan_to_num(sure) >= settings.sure_of_effect), bool)


def _slopes(fit: Fit, solved: Solved, local: int, construct: int) -> tuple[Array, Array, Truth]:
    batch = solved.batch
    m, n = batch.cells.shape
    day = fit.design.cell_day[batch.cells]
    span = day.max(1) - day.min(1)
    when = (day - day.mean(1, keepdims=True)) / np.where(span > 0, span, 1)[:, None]
    x = np.stack([np.ones((m, n)), when], 2)
    precision, information = marginal(solved, local)
    noise = fit.spreads.situational[construct] ** 2 * batch.same + fit.spreads.occasion[construct] ** 2 * np.eye(n)
    damp = np.linalg.inv(np.eye(n) + precision @ noise)
    sure = x.transpose(0, 2, 1) @ damp @ precision @ x + 1e-9 * np.eye(2)
    score = x.transpose(0, 2, 1) @ damp @ information[..., None]
    covariance = np.linalg.inv(sure)
    found = (covariance @ score)[..., 0]
    return found[:, 1], np.sqrt(covariance[:, 1, 1]), span > 0


def change_of(fit: Fit, slopes: Slopes, person: int, construct: int, *, mine: Whole) -> Change | None:
    """What is said of one person's change, or None where there are too few sessions on too few days."""
    d = fit.design
    if not np.isfinite(slopes.estimate[person, construct]):
        return None
    rows = mine[d.loadings[d.indicator[mine], construct] != 0]
    cells = np.unique(d.cell[rows])
    day = d.cell_day[cells]
    early = np.isin(d.cell[rows], cells[day <= np.median(day)])
    confounded = tuple(
        name
        for name, label in (("observers", d.observer[rows]), ("situations", d.situation[rows]))
        if not set(label[early].tolist()) & set(label[~early].tolist())
    )
    others = np.flatnonzero(np.isfinite(slopes.estimate[:, construct]) & (np.arange(len(d.persons)) != person))
    weight = 1 / slopes.error[others, construct] ** 2
    peers = float(weight @ slopes.estimate[others, construct] / weight.sum()) if others.size else None
    mean, reach = float(slopes.estimate[person, construct]), float(slopes.reach[person, construct])
    return Change(
        mean, mean - reach, mean + reach, float(slopes.false_sign[person, construct]),
        bool(slopes.claimed[person, construct]) and not confounded,
        float(day.min()), float(day.max()), int(cells.size), peers, confounded,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Situational:
    """The estimate in one situation, relative to what peers show there."""

    situation: str
    mean: float
    sd: float


def situations_of(fit: Fit, solved: Solved, unit: int, local: int) -> tuple[tuple[Situational, ...], float]:
    """θ + u in each situation, and z of the widest difference between two of them."""
    batch, d = solved.batch, fit.design
    construct = int(batch.constructs[local])
    person, spread = fit.spreads.person[construct] ** 2, fit.spreads.situational[construct] ** 2
    n = batch.cells.shape[1]
    m_, _, constructs, _ = batch.shape
    covariance = solved.covariance.reshape(m_, n, constructs, n, constructs)[unit, :, local, :, local]
    prior, effects = solved.prior[unit, local], solved.effects[unit, :, local]
    where = d.cell_situation[batch.cells[unit]]
    places = np.unique(where)
    reach = person + spread * (where[None, :] == places[:, None])
    own = person + spread * np.eye(places.size)
    lever = reach @ prior
    mean = lever @ effects
    joint = own - lever @ reach.T + lever @ covariance @ lever.T
    sd = np.sqrt(np.maximum(np.diag(joint), 0))
    found = tuple(
        Situational(d.situations[place], float(middle), float(width))
        for place, middle, width in zip(places, mean, sd, strict=True)
    )
    top, bottom = int(mean.argmax()), int(mean.argmin())
    difference = joint[top, top] + joint[bottom, bottom] - 2 * joint[top, bottom]
    return found, float((mean[top] - mean[bottom]) / np.sqrt(max(difference, 1e-9))) if top != bottom else 0.0
