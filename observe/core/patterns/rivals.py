"""What else could explain the same behaviour: each rival with the number that speaks for it.

A raised rival is not a refutation: it says where a reviewer should look first. Those that the framework named before
anything was seen stand first and have no number: weighing them is a person's work.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from frameworks.model import Construct
from observe.core.patterns.design import Array, Design, Whole
from observe.core.patterns.evidence import Table
from observe.core.patterns.gates import Reliability, Watched, fragile_of
from observe.core.patterns.model import RATING, Fit
from observe.core.patterns.rows import Measure, Rows
from observe.core.patterns.settings import Settings
from observe.core.patterns.trends import Change, Situational


@dataclass(frozen=True, slots=True)
class RivalCheck:
    """One other explanation. `number` is None where nothing in the record speaks to it; `raised` where it may hold."""

    id: str
    label: str
    number: float | None
    measure: str
    raised: bool
    detail: str = ""
    named_beforehand: bool = False


@dataclass(frozen=True, slots=True)
class Case:
    """All that the checks look at for one person × construct."""

    rows: Rows
    fit: Fit
    table: Table
    watched: Watched
    person: int
    construct: int
    mean: float
    situations: tuple[Situational, ...]
    situational_z: float
    change: Change | None
    typical: Mapping[Measure, float]
    """how much there was to see in: the median of the people of this run"""
    common: frozenset[str]
    """indicators seen nearly every time"""
    mine: Whole
    """the person's rows"""
    alternative: tuple[str, float]
    """the construct whose estimates go most with this one over people, and their correlation"""


def rivals_of(
    case: Case, declared: Construct | None, *, settings: Settings, reliability: Mapping[str, Reliability]
) -> tuple[RivalCheck, ...]:
    """The framework's own rivals, then thirteen that are always asked."""
    named = tuple(
        RivalCheck(
            rival.id, str(rival.label), None, "for a reviewer to weigh", False, str(rival.description), True
        )
        for rival in (declared.rivals if declared else ())
    )
    return (
        *named, _situation(case, settings), _observer(case), _opportunity(case), _habit(case, settings),
        _reactivity(case, settings), _role(case), _desirability(case), _ambiguity(case),
        _coder_reliability(case, settings, reliability), _drift(case, settings), _missing(case, settings),
        _base_rate(case), _alternative(case),
    )  # fmt: skip


def _situation(case: Case, settings: Settings) -> RivalCheck:
    spreads, d = case.fit.spreads, case.construct
    parts = spreads.person[d] ** 2, spreads.situational[d] ** 2, spreads.occasion[d] ** 2
    share = float(parts[1] / sum(parts))
    return RivalCheck(
        "situation", "The situation", share, "share of differences that go with the situation",
        is_situational(case.situations, case.situational_z, settings) or share > 0.5,
        "; ".join(f"{one.situation or 'unnamed'} " + f"{one.mean:+.2f}".replace("-", "−") for one in case.situations),
    )  # fmt: skip


def is_situational(situations: tuple[Situational, ...], z: float, settings: Settings) -> bool:
    """Whether the behaviour goes with a situation rather than with the person everywhere."""
    means = [one.mean for one in situations]
    return len(means) > 1 and max(means) - min(means) >= 2 * settings.smallest_effect and z >= 1.645


def _observer(case: Case) -> RivalCheck:
    name, share = _largest(case.table.shares("observer"))
    return RivalCheck(
        "observer", "The observer", share, "largest share of the evidence from one observer", share > 0.8, name
    )


def _largest(shares: dict[str, float]) -> tuple[str, float]:
    return max(shares.items(), key=lambda pair: (pair[1], pair[0]), default=("", 0.0))


def _opportunity(case: Case) -> RivalCheck:
    """Of whatever most of the evidence was counted in: minutes, scans, intervals, people, answers."""
    weight: dict[Measure, float] = defaultdict(float)
    best: dict[tuple[Measure, str], float] = defaultdict(float)
    for item in case.table.items:
        weight[item.measure] += abs(item.contribution)
        best[item.measure, item.occasion] = max(best[item.measure, item.occasion], item.exposure)
    chief = max(weight, key=lambda one: (weight[one], one), default=Measure.MINUTES)
    own = sum(found for (measure, _), found in best.items() if measure is chief)
    ratio = own / case.typical[chief] if case.typical.get(chief) else 1.0
    measure = f"{chief} in which it could be seen, as a ratio to what is typical here"
    return RivalCheck("opportunity", "How long or often it could be seen", ratio, measure, ratio < 0.5)


def typical_of(rows: Rows, design: Design, construct: int) -> dict[Measure, float]:
    """The median, over those who were watched at all, of what behaviour of this construct was counted in."""
    kinds = list(Measure)
    kind = np.array([kinds.index(row.measure) for row in rows.rows])
    carries = design.loadings[design.indicator, construct] != 0
    found = {}
    for k in np.unique(kind[carries]):
        mine = carries & (kind == k)
        most = np.zeros(len(design.cells))
        np.maximum.at(most, design.cell[mine], design.exposure[mine])
        own = np.bincount(design.cell_person, most, len(design.persons))
        found[kinds[k]] = float(np.median(own[own > 0]))
    return found


def _habit(case: Case, settings: Settings) -> RivalCheck:
    name, share = _largest(case.table.shares("indicator"))
    measure = "largest share of the evidence from one behaviour"
    return RivalCheck("habit", "A habit with one behaviour", share, measure, share > settings.dominant_share, name)


def _reactivity(case: Case, settings: Settings) -> RivalCheck:
    """Behaviour that was strongest while being watched was new, and has faded since."""
    if case.change is None:
        return RivalCheck("reactivity", "Being watched", None, "too few sessions on different days to tell", False)
    fading = case.change.mean * np.sign(case.mean) < -settings.smallest_effect and case.change.false_sign < 0.1
    return RivalCheck(
        "reactivity", "Being watched", case.change.mean, "change from first to last session", bool(fading)
    )


def _role(case: Case) -> RivalCheck:
    """How freely one could act, over the evidence as it weighs; a session without any freedom weighs nothing."""
    weight = sum(abs(item.contribution) for item in case.table.items)
    freedom = sum(abs(item.contribution) * item.choice for item in case.table.items) / weight if weight else 1.0
    bound = {item.occasion for item in case.table.items if item.choice < 1}
    words = (
        f"{len(bound)} of {len(case.watched.sessions)} sessions left little choice, and weigh half"
        if bound
        else ""
    )
    if not case.rows.freedom_told:
        words = "taken as free: neither the framework nor a setting says when people are not"
    measure = "how freely it could be otherwise, 0 to 1, over the evidence"
    return RivalCheck("role", "Role or constraint", freedom, measure, freedom < 0.75, words)


def _share_of(case: Case, chosen: set[str]) -> float:
    """Share of the supporting evidence that comes from these indicators."""
    supporting = case.table.of_side("supporting")
    total = sum(abs(item.contribution) for item in supporting) or 1.0
    return sum(abs(item.contribution) for item in supporting if item.indicator in chosen) / total


def _desirability(case: Case) -> RivalCheck:
    """What is done nearly every time that it can be may be done because it is expected."""
    share = _share_of(case, set(case.common))
    measure = "share of the support from what is seen nine times in ten"
    return RivalCheck("desirability", "What is expected of everyone here", share, measure, share > 0.5)


def common_of(fit: Fit) -> frozenset[str]:
    """Indicators seen on nine in ten of the occasions on which they were watched for."""
    d, n = fit.design, len(fit.design.indicators)
    watched = np.bincount(d.indicator, minlength=n)
    shown = np.bincount(d.indicator, d.value > 0, n)
    often = (shown >= 0.9 * watched) & (watched > 0) & (d.family != RATING)
    return frozenset(d.indicators[j] for j in np.flatnonzero(often))


def _ambiguity(case: Case) -> RivalCheck:
    d = case.fit.design
    several = {d.indicators[j] for j in np.flatnonzero((d.loadings != 0).sum(1) > 1)}
    share = _share_of(case, several)
    measure = "share of the support from behaviour that speaks to several constructs"
    return RivalCheck("ambiguity", "Behaviour that means several things", share, measure, share > 0.5)


def _coder_reliability(case: Case, settings: Settings, reliability: Mapping[str, Reliability]) -> RivalCheck:
    fragile = fragile_of(reliability, settings)
    share = _share_of(case, set(fragile))
    names = [name for name in case.watched.indicators if name in fragile]
    unknown = [name for name in case.watched.indicators if name not in reliability]
    words = [f"{name} alpha {_alpha(reliability[name].alpha)}" for name in names]
    words += [f"not known for {', '.join(unknown)}"] if unknown else []
    measure = "share of the support from codes that observers do not agree on"
    label = "How far observers agree"
    return RivalCheck("coder-reliability", label, share, measure, bool(names) and share > 0.25, "; ".join(words))


def _alpha(value: float | None) -> str:
    return "undefined" if value is None else f"{value:.2f}".replace("0.", ".", 1)


def _drift(case: Case, settings: Settings) -> RivalCheck:
    if case.change is None or case.change.peers is None:
        return RivalCheck(
            "drift", "Drift of the observers", None, "too few sessions on different days to tell", False
        )
    measure = "change of all others together, from first to last session"
    return RivalCheck(
        "drift",
        "Drift of the observers",
        case.change.peers,
        measure,
        abs(case.change.peers) > settings.smallest_effect,
    )


def _missing(case: Case, settings: Settings) -> RivalCheck:
    name = case.fit.design.persons[case.person]
    silent = sum(
        n for person, indicator, n in case.rows.unanswered if person == name and indicator in _carriers(case)
    )
    given = sum(item.exposure for item in case.table.items if item.family == "rating")
    share = silent / (silent + given) if silent + given else 0.0
    measure = "share of judgements that were asked and not given"
    label = "What could not be judged"
    return RivalCheck("missing", label, share, measure, share > settings.missing_share)


def _carriers(case: Case) -> set[str]:
    d = case.fit.design
    return {d.indicators[j] for j in np.flatnonzero(d.loadings[:, case.construct])}


def _base_rate(case: Case) -> RivalCheck:
    """Where hardly anything was to be expected, one chance event weighs much."""
    expected: dict[str, float] = {}
    for item in case.table.items:
        known = 1.0 if item.family == "rating" else item.expected
        expected[item.indicator] = expected.get(item.indicator, 0.0) + known
    share = _share_of(case, {name for name, value in expected.items() if value < 1})
    measure = "share of the support from behaviour expected less than once"
    return RivalCheck("base-rate", "A rare event by chance", share, measure, share > 0.5)


def _alternative(case: Case) -> RivalCheck:
    name, correlation = case.alternative
    if not name:
        return RivalCheck(
            "alternative-construct", "Another construct", None, "no other construct was watched for", False
        )
    measure = "correlation over people with the construct that goes most with it"
    return RivalCheck(
        "alternative-construct", "Another construct", correlation, measure, abs(correlation) > 0.8, name
    )


def alternatives_of(fit: Fit) -> list[tuple[str, float]]:
    """For each construct, the other one whose estimates go most with its own, over at least five people."""
    found = []
    for d in range(fit.estimate.shape[1]):
        best = ("", 0.0)
        for other in range(fit.estimate.shape[1]):
            both = np.isfinite(fit.estimate[:, d]) & np.isfinite(fit.estimate[:, other])
            if other == d or both.sum() < 5:
                continue
            r = _correlation(fit.estimate[both, d], fit.estimate[both, other])
            best = (fit.design.constructs[other], r) if abs(r) > abs(best[1]) or not best[0] else best
        found.append(best)
    return found


def _correlation(x: Array, y: Array) -> float:
    x, y = x - x.mean(), y - y.mean()
    size = float(np.sqrt((x @ x) * (y @ y)))
    return float(x @ y) / size if size > 0 else 0.0
