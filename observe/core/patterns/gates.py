"""Minimum evidence: what must be there before anything is said, and in words what is missing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from frameworks.model import MinimumEvidence
from observe.core.patterns.design import Array, Design, Whole
from observe.core.patterns.evidence import Table
from observe.core.patterns.rows import Measure, Unit
from observe.core.patterns.settings import Settings


@dataclass(frozen=True, slots=True)
class Reliability:
    """How far observers agreed on one code: alpha and the lower limit of its interval. None: not known."""

    alpha: float | None
    low: float | None = None

    def is_fragile(self, usable: float) -> bool:
        """Known, and too low to lean on."""
        limit = self.alpha if self.low is None else self.low
        return limit is not None and limit < usable


@dataclass(frozen=True, slots=True)
class Gate:
    """One requirement. `confounds` marks those whose failure means that two explanations cannot be told apart."""

    id: str
    passed: bool
    found: float
    needed: float
    missing: str = ""
    """in words, what would mend it; empty when it passed"""
    confounds: bool = False


_NUMBERS = {1: "first", 2: "second", 3: "third", 4: "fourth", 5: "fifth"}


def _ordinal(n: int) -> str:
    return _NUMBERS.get(n, f"{n}th")


def _a_further(noun: str, nouns: str, found: int, needed: int) -> str:
    """`needs a second situation` where one more would do, else `needs 3 more situations`."""
    short = needed - found
    return f"needs a {_ordinal(needed)} {noun}" if short == 1 else f"needs {short} more {nouns}"


@dataclass(frozen=True, slots=True)
class Watched:
    """How much one person was watched for one construct."""

    minutes: float
    events: float
    expected: float
    sessions: tuple[str, ...]
    situations: tuple[str, ...]
    observers: tuple[str, ...]
    indicators: tuple[str, ...]
    peers: int
    """others who were watched in at least one of the same situations"""


def watched_of(design: Design, table: Table, person: int, construct: int, *, peers: int) -> Watched:
    """Counted from the items that carry the construct; ratings count as one event each."""
    carried = {design.indicators[j] for j in np.flatnonzero(design.loadings[:, construct])}
    items = [item for item in table.items if item.indicator in carried]
    minutes: dict[str, float] = {}
    for item in items:
        if item.measure is Measure.MINUTES:
            minutes[item.occasion] = max(item.exposure, minutes.get(item.occasion, 0.0))
    return Watched(
        sum(minutes.values()),
        sum(item.exposure if item.family == "rating" else item.observed for item in items),
        sum(0.0 if item.family == "rating" else item.expected for item in items),
        tuple(sorted({item.occasion for item in items})), tuple(sorted({item.situation for item in items})),
        tuple(sorted({item.observer for item in items})), tuple(sorted({item.indicator for item in items})), peers,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Linkage:
    """Who was watched by whom, and where: persons × observers and persons × situations, for one construct."""

    by_observer: Array
    in_situation: Array
    observer_group: Whole
    situation_group: Whole

    def peers_of(self, person: int) -> int:
        """Others seen in at least one situation that this person was seen in."""
        shared = (self.in_situation @ self.in_situation[person]) > 0
        return int(shared.sum()) - 1


def linkage_of(design: Design, construct: int) -> Linkage:
    """Persons are linked when a chain of shared observers (or situations) joins them."""
    rows = design.loadings[design.indicator, construct] != 0
    by_observer = np.zeros((len(design.persons), len(design.observers)))
    by_observer[design.person[rows], design.observer[rows]] = 1
    in_situation = np.zeros((len(design.persons), len(design.situations)))
    in_situation[design.person[rows], design.situation[rows]] = 1
    return Linkage(by_observer, in_situation, _joined(by_observer), _joined(in_situation))


def _joined(links: Array) -> Whole:
    """The group of each person: the smallest number that a chain of shared columns leads to."""
    group = np.arange(links.shape[0])
    while True:
        column = np.where(links > 0, group[:, None], links.shape[0]).min(0, initial=links.shape[0])
        reached = np.where(links > 0, column[None, :], links.shape[0]).min(1, initial=links.shape[0])
        merged = np.minimum(group, reached)
        if np.array_equal(merged, group):
            return np.asarray(group, np.int64)
        group = merged


def gates_of(
    watched: Watched, table: Table, linkage: Linkage, person: int, *,
    minimum: MinimumEvidence, width: float, settings: Settings, reliability: Mapping[str, Reliability], unit: Unit,
) -> tuple[Gate, ...]:  # fmt: skip
    """Every gate but the one on leaving things out, which is only walked through when something would be claimed."""
    return (
        *_enough(watched, minimum, settings, reliability, unit),
        *_balanced(table, settings, reliability),
        *_linked(linkage, person, checked=_checked(watched, settings, reliability)),
        Gate("width", width < settings.widest_interval, width, settings.widest_interval,
             "" if width < settings.widest_interval else "the interval is too wide to say anything: needs more sessions"),
    )  # fmt: skip


def _at_least(id: str, noun: str, found: int, needed: int, nouns: str = "") -> Gate:
    missing = "" if found >= needed else _a_further(noun, nouns or noun + "s", found, needed)
    return Gate(id, found >= needed, found, needed, missing)


def _enough(
    watched: Watched,
    minimum: MinimumEvidence,
    settings: Settings,
    reliability: Mapping[str, Reliability],
    unit: Unit,
) -> tuple[Gate, ...]:
    amount = watched.events + watched.expected
    checked = _checked(watched, settings, reliability)
    observers = _at_least("observers", "observer", len(watched.observers), minimum.observers)
    if not observers.passed and checked:
        observers = Gate("observers", True, len(watched.observers), minimum.observers)
    elif not observers.passed:
        mend = f"{observers.missing}, or a check of agreement"
        observers = Gate("observers", False, observers.found, observers.needed, mend)
    return (
        _at_least("sessions", "session", len(watched.sessions), minimum.sessions),
        _at_least("situations", "situation", len(watched.situations), minimum.situations),
        _at_least(
            "codes", "indicator that can be seen", len(watched.indicators), minimum.codes, "indicators that can be seen"
        ),
        Gate("events", amount >= minimum.events, amount, minimum.events,
             "" if amount >= minimum.events else "needs more watching: hardly anything was seen or to be expected"),
        observers,
        _at_least(
            "peers", f"{unit.one} watched in the same situations", watched.peers + 1, settings.peers,
            f"{unit.many} watched in the same situations",
        ),
    )  # fmt: skip


def _checked(watched: Watched, settings: Settings, reliability: Mapping[str, Reliability]) -> bool:
    """Whether agreement on every indicator was checked and found good enough: then observers can stand for each other."""
    known = [reliability.get(name) for name in watched.indicators]
    return all(
        one is not None and one.alpha is not None and not one.is_fragile(settings.usable_alpha) for one in known
    )


def _balanced(table: Table, settings: Settings, reliability: Mapping[str, Reliability]) -> tuple[Gate, ...]:
    gates = [Gate(
        "both-directions", table.contrary_looked_for, float(table.contrary_looked_for), 1,
        "" if table.contrary_looked_for
        else "needs behaviour that would speak against it to be watched for: no contrary evidence was looked for",
    )]  # fmt: skip
    for id, by, noun in (("one-code", "indicator", "indicator"), ("one-session", "occasion", "session")):
        shares = table.shares(by)
        name, share = max(shares.items(), key=lambda pair: (pair[1], pair[0]), default=("", 0.0))
        fine = share <= settings.dominant_share
        gates.append(Gate(id, fine, share, settings.dominant_share,
                          "" if fine else f"rests mostly on one {noun} ({name}): needs others"))  # fmt: skip
    fragile = sum(
        share for name, share in table.shares("indicator").items() if name in fragile_of(reliability, settings)
    )
    fine = fragile <= settings.dominant_share
    gates.append(Gate("agreement", fine, fragile, settings.dominant_share,
                      "" if fine else "rests mostly on codes that observers do not agree on: needs training or better definitions"))  # fmt: skip
    return tuple(gates)


def fragile_of(reliability: Mapping[str, Reliability], settings: Settings) -> frozenset[str]:
    """Indicators that observers do not agree on well enough to lean on."""
    return frozenset(name for name, one in reliability.items() if one.is_fragile(settings.usable_alpha))


def _linked(linkage: Linkage, person: int, *, checked: bool) -> tuple[Gate, ...]:
    """A person seen by one observer only, or in places where hardly anybody else was, cannot be compared.

    An observer whose agreement with others was checked, and is good, can stand for them.
    """
    seen_by = linkage.by_observer[person]
    watchers = int((linkage.by_observer.sum(0) > 0).sum())
    alone = watchers > 1 and seen_by.sum() == 1 and not checked
    cut_off = not checked and _cut_off(linkage.observer_group, linkage.by_observer, person)
    mend = "cannot be told apart from the observer: needs an observer who also watched others"
    observer = Gate("observer-linked", not (alone or cut_off), float(seen_by.sum()), min(watchers, 2),
                    mend if alone or cut_off else "", confounds=True)  # fmt: skip
    company = (linkage.in_situation * linkage.in_situation[person]).sum(0)
    lonely = not (company > 1).any() and linkage.in_situation.any(1).sum() > 1
    cut_off = lonely or _cut_off(linkage.situation_group, linkage.in_situation, person)
    mend = "cannot be told apart from the situation: needs to be watched where others were watched"
    situation = Gate(
        "situation-linked", not cut_off, float((company > 1).sum()), 1, mend if cut_off else "", confounds=True
    )
    return observer, situation


def _cut_off(group: Whole, links: Array, person: int) -> bool:
    """Whether no chain leads from this person to at least half of those who were watched at all."""
    watched = links.any(1)
    return bool((group[watched] == group[person]).sum() * 2 <= watched.sum()) and watched.sum() > 1
