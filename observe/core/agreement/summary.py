"""The whole report of one reliability check: never a lone number, never a verdict without the table behind it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations

import numpy as np

from frameworks.model import AgreementPlan, Rating, RatingScale, SamplingKind, Stream
from observe.core.agreement import bootstrap, kappa, matching
from observe.core.agreement.alpha import LEVELS, alpha, alpha_values, coincidences
from observe.core.agreement.coefficient import LEVEL, TIMES, Coefficient, Floats, Ints, undefined
from observe.core.agreement.icc import Intraclass, intraclass
from observe.core.agreement.matching import MISSING, NO_CODE, Event, Pair, Place, Units, Watched
from observe.core.agreement.unitizing import Unit, Unitized, unitizing_alpha
from observe.core.coding.record import Span
from observe.core.measures.durations import pieces_of
from observe.core.measures.figures import HOUR_MS
from observe.core.measures.session import INTERVAL_KINDS
from observe.core.measures.spans import elapsed, intersection, length

BLOCK_MS = 60_000
"""With one happening only, minutes stand in for clusters: neighbouring seconds are far from independent."""

USABLE, GOOD = 0.667, 0.800
"""Krippendorff's customary thresholds: tentative conclusions, and conclusions."""

EVENT_TOLERANCE_MS = 5_000
"""For lists of events where the plan names no tolerance: nobody taps in the same millisecond as another."""

NOT_FOR_EVENTS = "undefined: a list of events has no units that nobody marked; see unitizing alpha for states"


@dataclass(frozen=True, slots=True)
class CodeAgreement:
    """Agreement on one code (or rating), and what it rests on.

    `seen_by` is in how many units each observer used it, `units` in how many anyone did, `happenings` in how many
    happenings: a code that was hardly seen has hardly been tested. `positive` is 2a/(2a+b+c), agreement where used.
    """

    code: str
    seen_by: tuple[int, ...]
    units: int
    happenings: int
    positive: float | None
    percent: Coefficient
    kappa: Coefficient
    alpha: Coefficient
    ac1: Coefficient
    prevalence: Coefficient

    @property
    def basis(self) -> Coefficient:
        """What gates go by: alpha, or for lists of events, which have no alpha, their kappa."""
        return self.kappa if self.alpha.value is None and self.kappa.value is not None else self.alpha

    @property
    def standing(self) -> str:
        """good, usable or descriptive only, by `basis` and its lower limit (ask for limits at 90 % to gate by it)."""
        if self.basis.value is None or self.basis.low is None or self.basis.low < USABLE:
            return "descriptive only"
        return "good" if self.basis.value >= GOOD else "usable"


@dataclass(frozen=True, slots=True)
class Disagreement:
    """Neighbouring units on which the same was said differently: what each observer said, and where to look.

    `start` and `end` are in common time, `on` the same on each observer's own record; None in `said` is a missing
    or unseen event.
    """

    happening: int
    subject: str | None
    what: str
    start: int
    end: int
    units: int
    said: tuple[str | None, ...]
    on: tuple[Span, ...]
    events: tuple[str | None, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that is known about the agreement of these observers on this stream.

    `table` is units (or aligned events) by what the first and the second observer said; with more than two it is
    summed over pairs. `tolerant` holds kappa with the plan's tolerance: first as the reference, second, and the mean.
    `rates` are intraclass correlations of each code's onsets per hour over happenings: whether observers would rank
    sessions alike, which they can while disagreeing on every moment.
    """

    stream: str
    unit: str
    observers: tuple[str, ...]
    happenings: int
    units: int
    categories: tuple[str, ...]
    table: tuple[tuple[int, ...], ...]
    percent: Coefficient
    kappa: Coefficient
    kappa_max: Coefficient
    pabak: Coefficient
    alpha: Coefficient
    ac1: Coefficient
    prevalence: Coefficient
    bias: Coefficient
    fleiss: Coefficient
    tolerant: tuple[Coefficient, ...] = ()
    by_code: tuple[CodeAgreement, ...] = ()
    unitizing: Unitized | None = None
    intraclass: Intraclass | None = None
    rates: tuple[tuple[str, Intraclass], ...] = ()
    disagreements: tuple[Disagreement, ...] = ()
    clusters: str = ""
    asked: float | None = None
    measure: str = "alpha"
    tolerance_ms: int = 0
    seed: int = 0
    times: int = TIMES

    @property
    def answer(self) -> Coefficient:
        """The coefficient that the plan asks for."""
        if self.measure == "icc" and self.intraclass is not None:
            return self.intraclass.by_form["2,1"]
        if self.measure in {"kappa", "weighted-kappa"}:
            return self.tolerant[-1] if self.tolerant else self.kappa
        by_measure = {"percent": self.percent, "ac1": self.ac1, "pabak": self.pabak, "fleiss": self.fleiss}
        return by_measure.get(self.measure, self.alpha)

    @property
    def reaches(self) -> bool | None:
        """Whether the lower limit reaches the level asked for; None where no level was asked or no limit is known."""
        if self.asked is None or self.answer.low is None:
            return None
        return self.answer.low >= self.asked


def compare(
    stream: Stream,
    records: Sequence[Watched],
    *,
    seed: int,
    plan: AgreementPlan | None = None,
    times: int = TIMES,
    level: float = LEVEL,
) -> Report:
    """Two or more records of one happening. Limits come from resampling its minutes, and are rough."""
    return compare_all(stream, [records], seed=seed, plan=plan, times=times, level=level)


def compare_all(
    stream: Stream,
    happenings: Sequence[Sequence[Watched]],
    *,
    seed: int,
    plan: AgreementPlan | None = None,
    times: int = TIMES,
    level: float = LEVEL,
    same: Sequence[object] = (),
) -> Report:
    """Many happenings, each seen by the same number of observers; limits come from resampling happenings.

    `same` names the happening of each entry, where several are of one: pairs of three observers who watched the same
    are not independent, and are drawn together.
    """
    chosen = plan or stream.agreement or AgreementPlan(unit=default_unit(stream))
    if len({len(records) for records in happenings}) != 1 or len(happenings[0]) < 2:
        raise ValueError("each happening needs the same number of records, two at least")
    of = _numbered(np.array([list(same).index(one) for one in same] if same else range(len(happenings)), np.int64))
    draws = _Draws(seed, times, level, "happening" if of.max() > 0 else "", of)
    if chosen.unit in {"event", "utterance"}:
        chosen = replace(chosen, tolerance_ms=chosen.tolerance_ms or EVENT_TOLERANCE_MS)
        return _event_report(stream, happenings, chosen, draws)
    return _unit_report(stream, happenings, chosen, draws)


def default_unit(stream: Stream) -> str:
    """The unit that a stream's sampling suggests where the plan names none."""
    kind = stream.sampling.kind
    if kind in INTERVAL_KINDS:
        return "interval"
    if kind in {SamplingKind.MOMENTARY_SCAN, SamplingKind.SNAPSHOTS, SamplingKind.AREA_COUNT}:
        return "scan"
    if kind in {SamplingKind.RATING, SamplingKind.CHECKLIST}:
        return "rating"
    return "second" if any(code.type == "state" for code in stream.codes) else "event"


@dataclass(slots=True)
class _Draws:
    """One set of resamples for all coefficients of a report."""

    seed: int
    times: int
    level: float
    clusters: str
    of: Ints
    """the happening of each entry, numbered from 0"""
    by_size: dict[int, Floats] = field(default_factory=dict)

    def limited(self, found: Coefficient, parts: Floats, value_of: Callable[[Floats], Floats]) -> Coefficient:
        """The coefficient with bootstrap limits, where it is defined."""
        if found.value is None:
            return found
        n = len(parts)
        drawn = self.by_size.setdefault(n, bootstrap.draws(n, seed=self.seed, times=self.times))
        limits = bootstrap.limits(parts, value_of, seed=self.seed, level=self.level, drawn=drawn)
        method = limits.method.replace("clusters", f"{self.clusters}s" if self.clusters else "clusters")
        return replace(
            found, low=limits.low, high=limits.high, method=method, error=None, level=self.level,
            clusters=limits.clusters, seed=self.seed,
        )  # fmt: skip


# ---- units that everyone was asked about ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Question:
    """Units of all happenings, put together: one matrix of observers × units, the cluster and happening of each."""

    code: str
    categories: tuple[str, ...]
    codes: Ints
    places: tuple[Place, ...]
    happening: Ints
    cluster: Ints
    values: tuple[float, ...] | None = None
    scale: str = "nominal"


def _unit_report(
    stream: Stream, happenings: Sequence[Sequence[Watched]], plan: AgreementPlan, draws: _Draws
) -> Report:
    overall, by_code, numbers = _questions(stream, happenings, plan)
    draws.clusters = draws.clusters or ("minute" if plan.unit == "second" else "unit")
    overall = _clustered(overall, plan, draws)
    weights = _weights(plan, overall, len(stream.codes))
    found = _coefficients(overall, weights, draws)
    tables = _pair_tables(overall)
    table = tables.sum(0)
    return Report(
        stream.id,
        plan.unit,
        tuple(record.observer for record in happenings[0]),
        int(draws.of.max()) + 1,
        found.percent.units,
        overall.categories,
        tuple(tuple(int(n) for n in row) for row in table),
        found.percent,
        found.kappa,
        kappa.kappa_max(table),
        kappa.pabak(table),
        found.alpha,
        found.ac1,
        kappa.prevalence_index(table),
        kappa.bias_index(table),
        kappa.fleiss(kappa.counts_of(overall.codes, len(overall.categories))),
        tolerant=_tolerant(overall, plan, draws),
        by_code=tuple(_of_code(_clustered(one, plan, draws), draws) for one in by_code),
        unitizing=_unitized(stream, happenings) if plan.unit == "second" else None,
        rates=_rates(stream, happenings) if plan.unit == "second" else (),
        intraclass=intraclass(numbers.T) if numbers is not None else None,
        disagreements=tuple(_disagreements(overall, happenings, plan)),
        clusters=draws.clusters,
        asked=plan.level,
        measure=plan.measure,
        tolerance_ms=plan.tolerance_ms if plan.unit == "second" else 0,
        seed=draws.seed,
        times=draws.times,
    )


def _questions(
    stream: Stream, happenings: Sequence[Sequence[Watched]], plan: AgreementPlan
) -> tuple[_Question, list[_Question], Floats | None]:
    """The question asked over all codes, the one asked of each code, and the numbers themselves where there are any."""
    if plan.unit == "rating":
        return _rating_questions(stream, happenings)
    if plan.unit == "scan" and (stream.crossed or stream.sampling.kind is SamplingKind.AREA_COUNT):
        return _count_questions(stream, happenings)
    several = any(matching.sampled_together(stream, records) for records in happenings)
    if plan.unit == "scan" and not several:
        whole = _together("", [matching.scan_units(stream, records) for records in happenings])
    elif plan.unit in {"interval", "scan"} or not stream.exclusive:
        each = [
            _together(code.id, [_presence(stream, records, code.id, plan) for records in happenings])
            for code in stream.codes
        ]
        return _pooled(each, len(happenings[0])), each, None
    else:
        whole = _together("", [matching.time_units(stream, records) for records in happenings])
    whole = _without_unused_no_code(whole)
    each = [_only(whole, category) for category in whole.categories if category != NO_CODE]
    return whole, each, None


def _presence(stream: Stream, records: Sequence[Watched], code: str, plan: AgreementPlan) -> Units:
    if plan.unit == "interval":
        return matching.interval_units(stream, records, code)
    if plan.unit == "scan":
        return matching.sampled_units(stream, records, code)
    return matching.presence_units(stream, records, code)


def _together(code: str, units: Sequence[Units]) -> _Question:
    """Happenings one after another; categories that only some of them used are renumbered."""
    categories = tuple(dict.fromkeys(c for one in units for c in one.categories if c != NO_CODE))
    if any(NO_CODE in one.categories for one in units):
        categories = (*categories, NO_CODE)
    parts = []
    for one in units:
        renumber = np.array([categories.index(c) for c in one.categories] + [MISSING], np.int64)
        parts.append(renumber[one.codes])
    happening = np.repeat(np.arange(len(units)), [one.codes.shape[1] for one in units])
    places = tuple(place for one in units for place in one.places)
    return _Question(code, categories, np.concatenate(parts, axis=1), places, happening, happening)


def _without_unused_no_code(whole: _Question) -> _Question:
    if whole.categories[-1] == NO_CODE and not (whole.codes == len(whole.categories) - 1).any():
        return replace(whole, categories=whole.categories[:-1])
    return whole


def _only(whole: _Question, category: str) -> _Question:
    number = whole.categories.index(category)
    asked = np.where(whole.codes < 0, MISSING, (whole.codes == number).astype(np.int64))
    return replace(whole, code=category, categories=("other", category), codes=asked)


def _pooled(each: Sequence[_Question], observers: int) -> _Question:
    """Codes that may occur together: every decision on every code, yes or no."""
    if not each:
        empty = np.empty(0, np.int64)
        return _Question("", ("no", "yes"), np.empty((observers, 0), np.int64), (), empty, empty)
    return _Question(
        "",
        ("no", "yes"),
        np.concatenate([one.codes for one in each], axis=1),
        tuple(place for one in each for place in one.places),
        np.concatenate([one.happening for one in each]),
        np.concatenate([one.cluster for one in each]),
    )


def _rating_questions(
    stream: Stream, happenings: Sequence[Sequence[Watched]]
) -> tuple[_Question, list[_Question], Floats]:
    scales = {RatingScale.ORDINAL: "ordinal", RatingScale.NUMBER: "interval", RatingScale.YES_NO: "nominal"}
    kinds = {scales[rating.scale] for rating in stream.ratings}
    scale = next((one for one in LEVELS if one in kinds), "ordinal")
    steps = {rating.id: _scale_of(rating) for rating in stream.ratings}
    every = sorted({step for some in steps.values() for step in some})
    whole = _of_values("", [matching.rating_values(stream, records) for records in happenings], scale, every)
    each = [
        _of_values(
            rating.id,
            [matching.rating_values(stream, records, rating.id) for records in happenings],
            scales[rating.scale],
            steps[rating.id],
        )
        for rating in stream.ratings
    ]
    return whole, each, _numbers(whole)


def _scale_of(rating: Rating) -> list[float]:
    """All values that could be given: those nobody used are part of the scale."""
    if rating.scale is RatingScale.YES_NO:
        return [0.0, 1.0]
    return [float(one.value) for one in rating.values]


def _count_questions(
    stream: Stream, happenings: Sequence[Sequence[Watched]]
) -> tuple[_Question, list[_Question], Floats]:
    whole = _of_values("", [matching.count_values(stream, records) for records in happenings], "interval")
    each = []
    for what in dict.fromkeys(place.what for place in whole.places):
        mine = np.array([place.what == what for place in whole.places])
        each.append(
            replace(
                whole,
                code=what,
                codes=whole.codes[:, mine],
                places=tuple(place for place in whole.places if place.what == what),
                happening=whole.happening[mine],
                cluster=whole.cluster[mine],
            )
        )
    return whole, each, _numbers(whole)


def _of_values(
    code: str, found: Sequence[tuple[tuple[Place, ...], Floats]], scale: str, steps: Sequence[float] = ()
) -> _Question:
    given = np.concatenate([values for _, values in found], axis=1)
    values = np.unique(np.concatenate([given[~np.isnan(given)], np.asarray(steps, float)]))
    codes = np.where(np.isnan(given), MISSING, np.searchsorted(values, np.nan_to_num(given, nan=0.0)))
    happening = np.repeat(np.arange(len(found)), [values.shape[1] for _, values in found])
    places = tuple(place for one, _ in found for place in one)
    names = tuple(f"{value:g}" for value in values)
    return _Question(code, names, codes, places, happening, happening, tuple(float(v) for v in values), scale)


def _numbers(whole: _Question) -> Floats:
    values = np.array([*(whole.values or ()), np.nan])
    found: Floats = values[whole.codes]
    return found


def _clustered(question: _Question, plan: AgreementPlan, draws: _Draws) -> _Question:
    """Clusters are happenings; within a single one, minutes for seconds and the units' own moments for the rest."""
    if draws.clusters == "happening":
        return replace(question, cluster=draws.of[question.happening])
    starts = np.array([place.start for place in question.places], np.int64)
    if plan.unit == "second":
        return replace(question, cluster=_numbered(starts // BLOCK_MS))
    keys = [
        (place.subject or "", place.start, place.what if plan.unit == "rating" else "")
        for place in question.places
    ]
    number = {key: k for k, key in enumerate(dict.fromkeys(keys))}
    return replace(question, cluster=np.array([number[key] for key in keys], np.int64))


def _numbered(keys: Ints) -> Ints:
    return np.unique(keys, return_inverse=True)[1].astype(np.int64)


@dataclass(frozen=True, slots=True)
class _Found:
    percent: Coefficient
    kappa: Coefficient
    alpha: Coefficient
    ac1: Coefficient


def _coefficients(question: _Question, weights: kappa.Weights, draws: _Draws) -> _Found:
    k = len(question.categories)
    counts = kappa.counts_of(question.codes, k).astype(float)
    clusters = int(question.cluster.max()) + 1 if len(question.cluster) else 0
    scale = question.values or tuple(float(v) for v in range(k))
    tables = _pair_tables(question)
    w = None if weights == "nominal" else kappa.agreement_weights(weights, k)
    if len(question.codes) == 2:
        beyond = kappa.cohen(tables.sum(0), weights, level=draws.level)
        beyond = draws.limited(beyond, tables, lambda stack: kappa.kappa_values(stack, w))
    else:
        beyond = kappa.conger(question.codes, k)
        beyond = draws.limited(
            beyond, _conger_parts(question, counts, clusters), _conger_values(len(question.codes), k)
        )
    own = kappa.agreement_weights("nominal", k) if w is None else w
    shares = _sum_by(question.cluster, _gwet_parts(counts, own), clusters)
    return _Found(
        draws.limited(kappa.percent(tables.sum(0)), tables, kappa.percent_values),
        beyond,
        draws.limited(
            alpha(counts, question.scale, scale),
            _sum_by(question.cluster, coincidences(counts), clusters),
            lambda stack: alpha_values(stack, question.scale, scale),
        ),
        draws.limited(kappa.gwet(counts, weights), shares, _gwet_values(own)),
    )


def _sum_by(cluster: Ints, parts: Floats, clusters: int) -> Floats:
    total = np.zeros((clusters, *parts.shape[1:]))
    np.add.at(total, cluster, parts)
    return total


def _pair_tables(question: _Question) -> Floats:
    """Confusion tables by cluster, summed over pairs of observers."""
    k = len(question.categories)
    clusters = int(question.cluster.max()) + 1 if len(question.cluster) else 1
    found = np.zeros(clusters * k * k)
    for first, second in combinations(question.codes, 2):
        both = (first >= 0) & (second >= 0)
        at = (question.cluster[both] * k + first[both]) * k + second[both]
        found += np.bincount(at, minlength=clusters * k * k)
    return found.reshape(clusters, k, k)


def _gwet_parts(counts: Floats, w: Floats) -> Floats:
    """What adds up for AC1 and AC2: agreement and number of units coded twice, number coded at all, shares of each code."""
    raters = counts.sum(1)
    several, seen = raters >= 2, raters > 0
    pairs = np.where(several, raters * (raters - 1), 1)
    agreeing = np.where(several, (counts * (counts @ w - 1)).sum(1) / pairs, 0)
    shares = counts / np.where(seen, raters, 1)[:, None]
    return np.column_stack([agreeing, several, seen, shares])


def _gwet_values(w: Floats) -> Callable[[Floats], Floats]:
    def values(sums: Floats) -> Floats:
        k = len(w)
        with np.errstate(divide="ignore", invalid="ignore"):
            po, shares = sums[:, 0] / sums[:, 1], sums[:, 3:] / sums[:, 2:3]
            pe = w.sum() / (k * (k - 1)) * (shares * (1 - shares)).sum(1)
            found: Floats = (po - pe) / (1 - pe)
        return found

    return values


def _conger_parts(question: _Question, counts: Floats, clusters: int) -> Floats:
    k = len(question.categories)
    margins = np.stack([(row[:, None] == np.arange(k)).astype(float) for row in question.codes], 1)
    flat = np.column_stack([_gwet_parts(counts, np.eye(k))[:, :2], margins.reshape(len(counts), -1)])
    return _sum_by(question.cluster, flat, clusters)


def _conger_values(observers: int, k: int) -> Callable[[Floats], Floats]:
    def values(sums: Floats) -> Floats:
        with np.errstate(divide="ignore", invalid="ignore"):
            po = sums[:, 0] / sums[:, 1]
            own = sums[:, 2:].reshape(-1, observers, k)
            own = own / own.sum(2, keepdims=True)
            pe = (own.mean(1) ** 2 - own.var(1, ddof=1) / observers).sum(1)
            found: Floats = np.where(1 - pe > 1e-12, (po - pe) / (1 - pe), np.nan)
        return found

    return values


def _of_code(question: _Question, draws: _Draws) -> CodeAgreement:
    found = _coefficients(question, "nominal", draws)
    table = _pair_tables(question).sum(0)
    used = question.codes >= 1 if question.values is None else question.codes >= 0
    anyone = used.any(0)
    positive = None
    if question.values is None:
        both, either = float(table[1, 1]), float(table[1].sum() + table[:, 1].sum())
        positive = 2 * both / either if either else None
    return CodeAgreement(
        question.code,
        tuple(int(n) for n in used.sum(1)),
        int(anyone.sum()),
        len(np.unique(draws.of[question.happening[anyone]])),
        positive,
        found.percent,
        found.kappa,
        found.alpha,
        found.ac1,
        kappa.prevalence_index(table),
    )


def _weights(plan: AgreementPlan, question: _Question, codes: int) -> kappa.Weights:
    """The plan's weights over the categories in use; what has no place in them is as far from all as can be.

    Values of a scale are a step apart from their neighbours, numbers as far as they differ.
    """
    size = len(question.categories)
    if plan.weights == "nominal" or size < 2:
        return "nominal"
    known = size if question.values is not None else min(codes, size)
    if isinstance(plan.weights, str):
        at = np.asarray(question.values if question.scale == "interval" else range(known), float)
        step = np.abs(np.subtract.outer(at, at))
        inner = step**2 if plan.weights == "quadratic" else step
    else:
        inner = np.asarray(plan.weights, float)[:known, :known]
        known = len(inner)
    whole = np.full((size, size), inner.max() if inner.size else 1.0)
    whole[:known, :known] = inner
    np.fill_diagonal(whole, 0.0)
    return tuple(tuple(float(x) for x in row) for row in whole)


def _stretches(question: _Question) -> Iterator[slice]:
    """Runs of units that follow one another in time, within one subject, one code and one happening."""
    start = 0
    for k in range(1, len(question.places) + 1):
        if k == len(question.places) or not _follows(question, k):
            yield slice(start, k)
            start = k


def _follows(question: _Question, k: int) -> bool:
    before, after = question.places[k - 1], question.places[k]
    return (
        question.happening[k - 1] == question.happening[k]
        and before.end == after.start
        and before.subject == after.subject
        and before.what == after.what
    )


def _tolerated(question: _Question, plan: AgreementPlan) -> tuple[Ints, Ints]:
    """The second track as the first allows it, and the first as the second allows it."""
    steps = plan.tolerance_ms // 1000
    a, b = question.codes[0], question.codes[1]
    forward, backward = b.copy(), a.copy()
    for run in _stretches(question):
        forward[run] = matching.tolerant(a[run], b[run], steps)
        backward[run] = matching.tolerant(b[run], a[run], steps)
    return forward, backward


def _tolerant(question: _Question, plan: AgreementPlan, draws: _Draws) -> tuple[Coefficient, ...]:
    if plan.unit != "second" or plan.tolerance_ms < 1000 or len(question.codes) != 2:
        return ()
    forward, backward = _tolerated(question, plan)
    first = _pair_tables(replace(question, codes=np.stack([question.codes[0], forward])))
    second = _pair_tables(replace(question, codes=np.stack([question.codes[1], backward])))
    seconds, found = plan.tolerance_ms / 1000, []
    for tables, who in ((first, "first"), (second, "second")):
        one = draws.limited(kappa.cohen(tables.sum(0), level=draws.level), tables, kappa.kappa_values)
        found.append(replace(one, name=f"time-unit kappa, ±{seconds:g} s, {who} observer as reference"))
    name = f"time-unit kappa, ±{seconds:g} s, mean of both directions"
    values = [one.value for one in found if one.value is not None]
    if len(values) < 2:
        return (*found, undefined(name, found[0].units, found[0].reason or found[1].reason))
    both = np.stack([first, second], 1)
    mean = Coefficient(name, sum(values) / 2, found[0].units, level=draws.level)
    mean = draws.limited(mean, both, lambda stack: kappa.kappa_values(stack).mean(1))
    return (*found, mean)


def _disagreements(
    question: _Question, happenings: Sequence[Sequence[Watched]], plan: AgreementPlan
) -> Iterator[Disagreement]:
    known = question.codes >= 0
    low = np.where(known, question.codes, np.iinfo(np.int64).max).min(0, initial=np.iinfo(np.int64).max)
    apart = (known.sum(0) >= 2) & (np.where(known, question.codes, low).max(0, initial=MISSING) != low)
    if plan.unit == "second" and plan.tolerance_ms >= 1000 and len(question.codes) == 2:
        forward, backward = _tolerated(question, plan)
        apart &= (forward != question.codes[0]) | (backward != question.codes[1])
    names = (*question.categories, None)
    for run in _stretches(question):
        k = run.start
        while k < run.stop:
            if not apart[k]:
                k += 1
                continue
            last = k
            while (
                last + 1 < run.stop
                and apart[last + 1]
                and (question.codes[:, last + 1] == question.codes[:, k]).all()
            ):
                last += 1
            yield _disagreement(question, happenings, k, last, tuple(names[n] for n in question.codes[:, k]))
            k = last + 1


def _disagreement(
    question: _Question,
    happenings: Sequence[Sequence[Watched]],
    first: int,
    last: int,
    said: tuple[str | None, ...],
) -> Disagreement:
    begin, stop = question.places[first], question.places[last]
    happening = int(question.happening[first])
    on = tuple((begin.start - one.ahead_ms, stop.end - one.ahead_ms) for one in happenings[happening])
    return Disagreement(happening, begin.subject, begin.what, begin.start, stop.end, last - first + 1, said, on)


# ---- stretches of time ----------------------------------------------------------------------------------------------


def _unitized(stream: Stream, happenings: Sequence[Sequence[Watched]]) -> Unitized:
    """Unitizing alpha of states in seconds, subjects and happenings laid one after another in common watched time."""
    observers: list[dict[str, list[Unit]]] = [{} for _ in happenings[0]]
    offset = 0.0
    for records in happenings:
        for subject in matching.subjects_in(stream, records):
            together = matching.common_spans(stream, records, subject)
            if together:
                for units, record in zip(observers, records, strict=True):
                    _lay_out(units, stream, record, subject, together, offset)
                offset += length(together) / 1000
    return unitizing_alpha(observers, offset)


def _lay_out(
    units: dict[str, list[Unit]],
    stream: Stream,
    record: Watched,
    subject: str | None,
    together: Sequence[Span],
    offset: float,
) -> None:
    """Each code's time on the continuum; what touches across a gap in watching is one unit."""
    by_code: dict[str, list[Span]] = {}
    for bout in record.timeline.bouts:
        if bout.stream == stream.id and bout.subject == subject:
            by_code.setdefault(bout.code, []).extend(
                (a + record.ahead_ms, b + record.ahead_ms) for a, b in pieces_of(bout)
            )
    since = together[0][0]
    for code, spans in by_code.items():
        for a, b in intersection(spans, together):
            start, end = (offset + elapsed(at, together, since=since) / 1000 for at in (a, b))
            mine = units.setdefault(code, [])
            if mine and abs(mine[-1][0] + mine[-1][1] - start) < 1e-9:
                mine[-1] = (mine[-1][0], end - mine[-1][0])
            else:
                mine.append((start, end - start))


def _rates(stream: Stream, happenings: Sequence[Sequence[Watched]]) -> tuple[tuple[str, Intraclass], ...]:
    """Agreement of session rates needs two happenings at least; subjects of a happening are taken together."""
    if len(happenings) < 2:
        return ()
    by_code: dict[str, list[list[float]]] = {code.id: [] for code in stream.codes}
    for records in happenings:
        onsets: list[list[Event]] = [[] for _ in records]
        watched = 0
        for subject in matching.subjects_in(stream, records):
            spans = matching.common_spans(stream, records, subject)
            watched += length(spans)
            for own, record in zip(onsets, records, strict=True):
                own += matching.events_of(stream, record, subject, spans)
        if watched:
            for code, rows in by_code.items():
                rows.append([sum(1 for e in own if e.code == code) * HOUR_MS / watched for own in onsets])
    return tuple(
        (code, intraclass(np.array(rows).reshape(len(rows), -1))) for code, rows in by_code.items() if rows
    )


# ---- lists of events ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Aligned:
    pair: Pair
    happening: int
    cluster: int
    ahead: tuple[int, int]


def _event_report(
    stream: Stream, happenings: Sequence[Sequence[Watched]], plan: AgreementPlan, draws: _Draws
) -> Report:
    draws.clusters = draws.clusters or "minute"
    aligned = list(_alignments(stream, happenings, plan, draws))
    used = {e.code for one in aligned for e in one.pair if e}
    codes = tuple(c for c in matching.categories_of(stream, used) if c != NO_CODE)
    tables = _event_tables(aligned, codes)
    whole = tables.sum(0).astype(np.int64)
    total = matching.event_kappa(whole)
    inner = whole[:-1, :-1]
    no_alpha, no_ac1 = (undefined(name, total.units, NOT_FOR_EVENTS) for name in ("Krippendorff's alpha", "AC1"))
    percent = replace(kappa.percent(whole), name="percent of aligned events agreed on")
    return Report(
        stream.id,
        plan.unit,
        tuple(record.observer for record in happenings[0]),
        int(draws.of.max()) + 1,
        total.units,
        (*codes, "nil"),
        tuple(tuple(int(n) for n in row) for row in whole),
        draws.limited(percent, tables, kappa.percent_values),
        draws.limited(total, tables, matching.event_kappa_values),
        kappa.kappa_max(inner),
        kappa.pabak(inner),
        no_alpha,
        no_ac1,
        kappa.prevalence_index(inner),
        kappa.bias_index(inner),
        undefined("Fleiss' kappa", total.units, NOT_FOR_EVENTS),
        by_code=tuple(_event_code(aligned, code, draws) for code in codes),
        unitizing=_unitized(stream, happenings) if any(code.type == "state" for code in stream.codes) else None,
        rates=_rates(stream, happenings),
        disagreements=tuple(_event_disagreement(one) for one in aligned if not _same(one.pair)),
        clusters=draws.clusters,
        asked=plan.level,
        measure="kappa" if plan.measure == "alpha" else plan.measure,
        tolerance_ms=plan.tolerance_ms,
        seed=draws.seed,
        times=draws.times,
    )


def _alignments(
    stream: Stream, happenings: Sequence[Sequence[Watched]], plan: AgreementPlan, draws: _Draws
) -> Iterator[_Aligned]:
    for number, records in enumerate(happenings):
        for subject in matching.subjects_in(stream, records):
            spans = matching.common_spans(stream, records, subject)
            for left, right in combinations(records, 2):
                first, second = (matching.events_of(stream, one, subject, spans) for one in (left, right))
                for pair in matching.align(first, second, tolerance_ms=plan.tolerance_ms):
                    moment = pair[0] or pair[1]
                    cluster = (
                        int(draws.of[number])
                        if draws.clusters == "happening"
                        else (moment.at if moment else 0) // BLOCK_MS
                    )
                    yield _Aligned(pair, number, cluster, (left.ahead_ms, right.ahead_ms))


def _event_tables(aligned: Sequence[_Aligned], codes: Sequence[str]) -> Floats:
    clusters = sorted({one.cluster for one in aligned})
    if not clusters:
        return np.zeros((1, len(codes) + 1, len(codes) + 1))
    return np.array(
        [matching.event_table((one.pair for one in aligned if one.cluster == c), codes) for c in clusters], float
    )


def _same(pair: Pair) -> bool:
    return pair[0] is not None and pair[1] is not None and pair[0].code == pair[1].code


def _event_code(aligned: Sequence[_Aligned], code: str, draws: _Draws) -> CodeAgreement:
    """One code against all others and nil."""

    def seen_as(event: Event | None) -> Event | None:
        return event and replace(event, code=code if event.code == code else "other")

    asked = [replace(one, pair=(seen_as(one.pair[0]), seen_as(one.pair[1]))) for one in aligned]
    tables = _event_tables(asked, ("other", code))
    whole = tables.sum(0).astype(np.int64)
    first, second, both = int(whole[1].sum()), int(whole[:, 1].sum()), int(whole[1, 1])
    about = [one for one in aligned if any(e and e.code == code for e in one.pair)]
    found = matching.event_kappa(whole)
    return CodeAgreement(
        code,
        (first, second),
        len(about),
        len({int(draws.of[one.happening]) for one in about}),
        2 * both / (first + second) if first + second else None,
        kappa.percent(whole),
        draws.limited(found, tables, matching.event_kappa_values),
        undefined("Krippendorff's alpha", len(about), NOT_FOR_EVENTS),
        undefined("AC1", len(about), NOT_FOR_EVENTS),
        kappa.prevalence_index(whole[:-1, :-1]),
    )


def _event_disagreement(one: _Aligned) -> Disagreement:
    times = [event.at for event in one.pair if event]
    start, end = min(times), max(times)
    return Disagreement(
        one.happening,
        next((event.subject for event in one.pair if event), None),
        "event",
        start,
        end,
        1,
        tuple(event.code if event else None for event in one.pair),
        tuple((start - ahead, end - ahead) for ahead in one.ahead),
        tuple(event.event if event else None for event in one.pair),
    )
