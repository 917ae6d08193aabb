"""A world with planted attitudes: what people do follows the model that the inference fits, and the truth is known.

Simulated worlds prove the arithmetic, not that any attitude is there to be found.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from frameworks.model import Construct, Framework, MinimumEvidence, Rival, Text
from observe.core.patterns import Family, Loading, Row, Rows
from observe.core.patterns.design import FAMILIES, Design, standardised
from observe.core.patterns.design import design_of_arrays as arrays

Array = NDArray[np.float64]
Whole = NDArray[np.int64]
FURTHER_NOISE = 0.5
"""of the log odds of a share, from session to session and code to code"""
FLATTENED = (1 + (16 * np.sqrt(3) / (15 * np.pi)) ** 2 * FURTHER_NOISE**2) ** -0.5
"""what that noise leaves of a difference in the log odds of what is seen (Zeger, Liang & Albert 1988): .959. The noise of
a single answer cannot be told from chance, so that no method could know the steeper scale."""


def text(words: str) -> Text:
    return Text((("en", words),))


@dataclass(frozen=True, slots=True)
class World:
    """Rows, and the attitudes that made them (people × constructs)."""

    rows: Rows
    truth: Array
    drift: Array
    """change of each from first to last session"""

    @property
    def centred(self) -> Array:
        """Attitudes relative to the people of the world: all that can be known."""
        return self.truth - self.truth.mean(0)


@dataclass(frozen=True, slots=True)
class Plan:
    """What a world is made of. Spreads are standard deviations on the link scale."""

    people: int = 50
    sessions: int = 10
    codes: int = 50
    constructs: int = 5
    situations: int = 4
    observers: int = 4
    attitude: float | tuple[float, ...] = 0.5
    situational: float = 0.25
    occasion: float = 0.25
    habit: float = 0.30
    severity: float = 0.25
    halo: float = 0.0
    """severity aligned with the constructs"""
    difficulty: float = 0.50
    events: float = 500.0
    """to be expected of a person in all sessions"""
    shape: float = 2.0
    """of the gamma that spreads counts: 2 is much"""
    family: str = "count"
    """a family, mixed, or crowd-share and crowd-count: people in a place, who come and go in groups"""
    opportunities: int = 10
    groups: float = 12.0
    """to be expected of a visit to a place; they vary as a gamma of this plan's shape spreads them"""
    company: float = 3.0
    """mean size of a group, all of whom do the same"""
    stay: float = 2.0
    """at how many scans a group is found, and counted each time"""
    busy: float = 0.0
    """sd of how busy places are altogether, on the log scale"""
    nested: str = ""
    """observer or situation: each person has only one"""
    drift: float = 0.0
    """sd of change from first to last session"""


@dataclass(frozen=True, slots=True)
class Planted:
    """A world as arrays of people × sessions (× codes). `truth` is on the scale of what can be seen."""

    plan: Plan
    truth: Array
    drift: Array
    loadings: Array
    situation: Whole
    observer: Whole
    families: tuple[Family, ...]
    value: Array
    exposure: Array

    @property
    def centred(self) -> Array:
        """Attitudes relative to the people of the world: all that can be known."""
        return self.truth - self.truth.mean(0)

    def design(self) -> Design:
        """The same as `design_of(world(…).rows)`, without a row object for each of its numbers."""
        n, s, j = self.value.shape
        kinds = np.array([FAMILIES.index(one) for one in self.families], np.int64)
        code = np.tile(np.arange(j), n * s)
        value, scale = standardised(self.value.ravel(), code, kinds)
        _, situation = np.unique(np.repeat(self.situation.ravel(), j), return_inverse=True)
        _, observer = np.unique(np.repeat(self.observer.ravel(), j), return_inverse=True)
        return arrays(
            persons=tuple(f"p{i:03}" for i in range(n)), indicators=tuple(f"c{c:02}" for c in range(j)),
            constructs=tuple(f"d{x}" for x in range(self.plan.constructs)),
            situations=tuple(f"g{x}" for x in np.unique(self.situation)), observers=tuple(f"o{x}" for x in np.unique(self.observer)),
            cells=tuple((f"p{i:03}", f"p{i:03}s{k:02}") for i in range(n) for k in range(s)), loadings=self.loadings,
            family=kinds, person=np.repeat(np.arange(n), s * j), indicator=code, situation=situation, observer=observer,
            cell=np.repeat(np.arange(n * s), j), value=value, exposure=self.exposure.ravel(), weight=np.ones(n * s * j),
            day=np.repeat(np.tile(np.arange(s, dtype=float), n), j), scale=scale,
        )  # fmt: skip


def world(seed: int, plan: Plan) -> World:
    """The same world as rows, which is what the inference reads."""
    made = planted(seed, plan)
    n, s, j = made.value.shape
    rows = [
        Row(f"p{i:03}s{k:02}", f"p{i:03}", f"c{c:02}", f"g{made.situation[i, k]}", f"o{made.observer[i, k]}",
            float(made.value[i, k, c]), float(made.exposure[i, k, c]), made.families[c], day=float(k))
        for i in range(n) for k in range(s) for c in range(j)
    ]  # fmt: skip
    a = made.loadings
    loadings = [Loading(f"c{c:02}", f"d{x}", a[c, x]) for c in range(j) for x in range(a.shape[1]) if a[c, x]]
    return World(Rows.of(rows, loadings), made.truth, made.drift)


def planted(seed: int, plan: Plan) -> Planted:
    """Draw one world; the same seed gives the same world."""
    rng = np.random.default_rng(seed)
    n, s, j, d = plan.people, plan.sessions, plan.codes, plan.constructs
    a = np.zeros((j, d))
    for code in range(j):
        a[code, code % d] = rng.choice([1, -1]) * rng.choice([0.5, 1.0])
    sit, obs = rng.integers(0, plan.situations, (n, s)), rng.integers(0, plan.observers, (n, s))
    if plan.nested == "situation":
        sit = np.repeat(rng.integers(0, plan.situations, (n, 1)), s, 1)
    if plan.nested == "observer":
        obs = np.repeat(rng.integers(0, plan.observers, (n, 1)), s, 1)
    truth = rng.normal(size=(n, d)) * np.broadcast_to(plan.attitude, (d,))
    f = truth[:, None] + rng.normal(0, plan.situational, (n, plan.situations, d))[np.arange(n)[:, None], sit]
    f = f + rng.normal(0, plan.occasion, (n, s, d))
    drift = rng.normal(0, plan.drift, (n, d))
    f = f + drift[:, None] * np.linspace(-0.5, 0.5, s)[None, :, None]
    personal = np.einsum("nsd,jd->nsj", f, a) + rng.normal(0, plan.habit, (n, 1, j))
    by_observer = rng.normal(0, plan.severity, (plan.observers, j))
    by_observer += rng.normal(0, 1, (plan.observers, d)) @ a.T * plan.halo
    here = rng.normal(0, plan.difficulty, (plan.situations, j))
    families = _families(plan, j)
    value, exposure = _drawn(rng, plan, a, personal, here[sit] + by_observer[obs], families)
    seen = FLATTENED if plan.family == "share" else 1.0
    return Planted(plan, truth * seen, drift * seen, a, sit, obs, tuple(families), value, exposure)


def _families(plan: Plan, codes: int) -> list[Family]:
    if plan.family.startswith("crowd"):
        return [Family(plan.family.removeprefix("crowd-"))] * codes
    if plan.family == "mixed":
        kinds = list(Family)
        return [kinds[code // plan.constructs % 3] for code in range(codes)]
    return [Family(plan.family)] * codes


def _drawn(rng: np.random.Generator, plan: Plan, a: Array, personal: Array, shared: Array,
           families: list[Family]) -> tuple[Array, Array]:  # fmt: skip
    n, s, j = personal.shape
    minutes = np.repeat(rng.uniform(10, 60, (n, s, 1)), j, 2)
    base = rng.normal(0, 1, j)
    base += np.log(plan.events / s / 35 / np.exp(base).sum())
    mean = minutes * np.exp(np.clip(base + shared + personal, -20, 5))
    counts = rng.poisson(mean * rng.gamma(plan.shape, 1 / plan.shape, mean.shape)).astype(float)
    low, high = max(1, plan.opportunities // 2), plan.opportunities + plan.opportunities // 2 + 1
    chances = np.repeat(rng.integers(low, high, (n, s, 1)), j, 2)
    odds = rng.normal(-0.5, 1, j) + shared + personal + rng.normal(0, FURTHER_NOISE, mean.shape)
    shares = rng.binomial(chances, 1 / (1 + np.exp(-odds))).astype(float)
    # ratings are made so that their own standard deviation is near 1: the scale that their loadings are declared on
    known = (a**2).sum(1) * (np.mean(plan.attitude) ** 2 + plan.situational**2 + plan.occasion**2) + plan.habit**2
    noise = np.sqrt(np.maximum(1 - 0.35 * (plan.difficulty**2 + plan.severity**2) - known, 0.2))
    judged = 0.6 * shared + personal + rng.normal(0, 1, mean.shape) * noise
    ratings = np.clip(np.round(4 + 1.5 * judged), 1, 7)
    if plan.family.startswith("crowd"):
        return _crowds(rng, plan, shared + personal)
    by_family = {Family.COUNT: (counts, minutes), Family.SHARE: (shares, chances.astype(float)),
                 Family.RATING: (ratings, np.ones(mean.shape))}  # fmt: skip
    value = np.stack([by_family[families[c]][0][:, :, c] for c in range(j)], 2)
    exposure = np.stack([by_family[families[c]][1][:, :, c] for c in range(j)], 2)
    return value, exposure


def _crowds(rng: np.random.Generator, plan: Plan, eta: Array) -> tuple[Array, Array]:
    """People counted at visits to places. A group does one thing together, and is counted at every scan that finds it.

    Shares: each group is at one thing out of the codes and an "other" that nothing is read from; the exposure is all
    people counted. Counts: a group may be at several things at once; the exposure is the scans of the visit.
    """
    n, s, j = eta.shape
    value, exposure = np.zeros(eta.shape), np.zeros(eta.shape)
    base = rng.normal(0, 0.5, j)
    if plan.family == "crowd-share":
        chance = 1 / (1 + np.exp(-(eta + base + np.log(0.6 / j))))
    else:
        chance = np.minimum(np.exp(eta + base - 2.5), 1)
    crowded = np.exp(rng.normal(0, plan.busy, (n, 1)))
    groups = rng.poisson(plan.groups * crowded * rng.gamma(plan.shape, 1 / plan.shape, (n, s)))
    if plan.family == "crowd-share":
        groups = np.maximum(groups, 1)
    scans = rng.integers(4, 9, (n, s))
    for place, visit in np.ndindex(n, s):
        many = groups[place, visit]
        counted = (1 + rng.poisson(plan.company - 1, many)) * (1 + rng.poisson(plan.stay - 1, many))
        p = chance[place, visit]
        if plan.family == "crowd-share":
            at = rng.choice(j + 1, many, p=[*(p / max(1.0, p.sum())), max(0.0, 1 - p.sum())])
            value[place, visit] = np.bincount(at, counted, j + 1)[:j]
            exposure[place, visit] = counted.sum()
        else:
            value[place, visit] = counted @ (rng.random((many, j)) < p)
            exposure[place, visit] = scans[place, visit]
    return value, exposure


def framework(constructs: int = 5, *, minimum: MinimumEvidence | None = None) -> Framework:
    """Words for the constructs of a world, each with a rival named beforehand."""
    rival = Rival("shyness", text("Keeping back among strangers"), text("The group is new to the person"))
    return Framework(
        "planted", text("A planted world"),
        constructs=tuple(
            Construct(f"d{d}", text(f"helpfulness {d}"), rivals=(rival,), minimum_evidence=minimum or MinimumEvidence())
            for d in range(constructs)
        ),
    )  # fmt: skip
