"""A framework's named figures, over many sessions: what is divided by what, and what is averaged over."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import fmean, median, stdev

from scipy.special import stdtrit

from frameworks.model import Formula, Framework, SamplingKind, Stream, Term
from observe.core.coding.record import Interval, Scan, Span, Timeline
from observe.core.measures.counts import onsets_in
from observe.core.measures.durations import pieces_of
from observe.core.measures.figures import LEVEL, Figure, unknown
from observe.core.measures.session import VALID_SCANS, subjects_of, watched_in
from observe.core.measures.spans import difference, intersection, length, union

SCALE = {"proportion": 1.0, "percent": 100.0, "per-hour": 3600.0, "per-minute": 60.0}
"""What a quotient is multiplied by; time is in seconds. Anything else is a plain ratio."""


@dataclass(frozen=True, slots=True)
class SessionFigures:
    """What a formula needs of one session. `practice` sessions never count as data."""

    session: str
    timeline: Timeline
    setting: str | None = None
    variables: Mapping[str, object] = field(default_factory=dict)
    purpose: str = "field"


@dataclass(frozen=True, slots=True)
class UnitFigure:
    """One unit of averaging: its own numerator over its own denominator, its sessions pooled."""

    unit: str
    numerator: float
    denominator: float
    value: float | None
    sessions: tuple[str, ...]
    reason: str = ""


@dataclass(frozen=True, slots=True)
class FormulaFigure:
    """A formula's result with the units behind it. `deviation` is the sample standard deviation over units."""

    formula: str
    figure: Figure
    deviation: float | None
    units: tuple[UnitFigure, ...]

    @property
    def left_out(self) -> tuple[UnitFigure, ...]:
        """Units without a value: nothing to divide by, so they are not zeros."""
        return tuple(unit for unit in self.units if unit.value is None)


def evaluate(
    framework: Framework, formula: Formula, sessions: Iterable[SessionFigures], *, level: float = LEVEL
) -> FormulaFigure:
    """One named figure over sessions: pooled within each unit, then averaged over units as the formula says."""
    parts: dict[str, list[_Part]] = {}
    for one in sessions:
        if one.purpose != "practice":
            for part in _parts(framework, formula, one):
                parts.setdefault(part.unit, []).append(part)
    units = tuple(_unit_figure(formula, unit, of_unit) for unit, of_unit in parts.items())
    figure, deviation = _averaged(formula, units, level)
    return FormulaFigure(formula.id, figure, deviation, units)


_ITS_OWN_COUNT = {"rating": "rated", "wait": "answered"}


@dataclass(frozen=True, slots=True)
class _Part:
    unit: str
    session: str
    numerator: float
    denominator: float


def _parts(framework: Framework, formula: Formula, one: SessionFigures) -> Iterator[_Part]:
    top, bottom = formula.numerator, _denominator(formula)
    if formula.unit == "subject":
        for subject in _subjects(framework, top, one.timeline):
            only = (subject,)
            yield _Part(
                subject or "everyone",
                one.session,
                amount(framework, top, one.timeline, subjects=only),
                amount(framework, bottom, one.timeline, subjects=only) if bottom else 1.0,
            )
    elif (unit := _unit_of(formula, one)) is not None:
        yield _Part(
            unit,
            one.session,
            amount(framework, top, one.timeline),
            amount(framework, bottom, one.timeline) if bottom else 1.0,
        )


def _denominator(formula: Formula) -> Term | None:
    """Ratings without a denominator are divided by how many were judged, waits by how many ended; a total by nothing."""
    top = formula.numerator
    if formula.denominator is None and top.measure in _ITS_OWN_COUNT:
        return Term(_ITS_OWN_COUNT[top.measure], top.stream, ratings=top.ratings, links=top.links)
    return formula.denominator


def _unit_of(formula: Formula, one: SessionFigures) -> str | None:
    """The unit a session belongs to; one without a value for the variable belongs to none.

    `variable:instructor+semester` makes one unit of each combination.
    """
    if formula.unit == "pooled" or formula.average == "pooled":
        return "all"
    if formula.unit == "setting":
        return one.setting
    if formula.unit.startswith("variable:"):
        names = formula.unit.removeprefix("variable:").split("+")
        values = [one.variables.get(name) for name in names]
        return None if any(value is None for value in values) else " · ".join(str(value) for value in values)
    return one.session


def _unit_figure(formula: Formula, unit: str, parts: Sequence[_Part]) -> UnitFigure:
    top, bottom = sum(part.numerator for part in parts), sum(part.denominator for part in parts)
    sessions = tuple(dict.fromkeys(part.session for part in parts))
    if formula.denominator is None and formula.numerator.measure not in _ITS_OWN_COUNT:
        return UnitFigure(unit, top, float(len(sessions)), top, sessions)
    if bottom <= 0:
        return UnitFigure(unit, top, bottom, None, sessions, "nothing to divide by: not observed")
    return UnitFigure(unit, top, bottom, SCALE.get(formula.per, 1.0) * top / bottom, sessions)


def _averaged(formula: Formula, units: Sequence[UnitFigure], level: float) -> tuple[Figure, float | None]:
    known = [unit for unit in units if unit.value is not None]
    name, unit = f"{formula.label or formula.id} ({_how(formula)})", formula.per
    values = [one.value for one in known if one.value is not None]
    top, bottom = sum(one.numerator for one in known), sum(one.denominator for one in known)
    if not values:
        return unknown(name, unit, "no unit has anything to divide by", denominator=0), None
    if formula.unit == "pooled" or formula.average == "pooled":
        return Figure(name, values[0], unit, top, bottom), None
    if formula.average == "sum":
        return Figure(name, sum(values), unit, sum(values), len(values)), None
    spread = stdev(values) if len(values) > 1 else None
    if formula.average == "median":
        return Figure(name, median(values), unit, None, len(values)), spread
    if formula.weights == "exposure":
        return _weighted(name, unit, values, [one.denominator for one in known])
    mean = fmean(values)
    if spread is None:
        return Figure(name, mean, unit, sum(values), 1), None
    half = float(stdtrit(len(values) - 1, 1 - (1 - level) / 2)) * spread / math.sqrt(len(values))
    return Figure(
        name, mean, unit, sum(values), len(values), mean - half, mean + half, level, "t over units"
    ), spread


def _weighted(
    name: str, unit: str, values: Sequence[float], weights: Sequence[float]
) -> tuple[Figure, float | None]:
    total = sum(weights)
    mean = sum(w * x for w, x in zip(weights, values, strict=True)) / total
    freedom = total - sum(w * w for w in weights) / total
    squares = sum(w * (x - mean) ** 2 for w, x in zip(weights, values, strict=True))
    spread = math.sqrt(squares / freedom) if freedom > 0 else None
    return Figure(name, mean, unit, None, len(values), method="weighted by exposure"), spread


def _how(formula: Formula) -> str:
    if formula.unit == "pooled" or formula.average == "pooled":
        return "pooled"
    unit = formula.unit.removeprefix("variable:").replace("+", " × ")
    weighted = ", weighted by exposure" if formula.weights == "exposure" and formula.average == "mean" else ""
    return f"{formula.average} of {unit}s{weighted}"


def amount(
    framework: Framework, term: Term, timeline: Timeline, *, subjects: Sequence[str | None] | None = None
) -> float:
    """One side of a formula in one session; time in seconds, persons' time added up over subjects."""
    who = _subjects(framework, term, timeline) if subjects is None else subjects
    return _AMOUNTS[term.measure](framework, term, timeline, who)


_Who = Sequence[str | None]


def _stream(framework: Framework, term: Term) -> Stream | None:
    named = term.stream or next(
        (stream.id for code in (*term.codes, *term.except_codes) if (stream := framework.stream_of(code))), ""
    )
    return next((stream for stream in framework.streams if stream.id == named), None)


def _subjects(framework: Framework, term: Term, timeline: Timeline) -> tuple[str | None, ...]:
    stream = _stream(framework, term)
    if stream is None:
        return timeline.subjects or (None,)
    entries = (timeline.points, timeline.bouts, timeline.intervals, timeline.scans, timeline.ratings)
    seen = dict.fromkeys(one.subject for group in entries for one in group if one.stream == stream.id)
    return subjects_of(framework, stream, timeline, seen)


def _codes(framework: Framework, term: Term) -> set[str]:
    if term.codes:
        return set(term.codes) - set(term.except_codes)
    stream = _stream(framework, term)
    every = {code.id for code in stream.codes} if stream else {code.id for _, code in framework.codes()}
    return every - set(term.except_codes)


def _seen(framework: Framework, term: Term, timeline: Timeline, subject: str | None) -> tuple[Span, ...]:
    stream = _stream(framework, term)
    return watched_in(timeline, stream, subject) if stream else union(timeline.observed_of(subject).spans)


def _time_in(timeline: Timeline, codes: set[str], subject: str | None, seen: Sequence[Span]) -> tuple[Span, ...]:
    """Time in any of these codes: in two at once is one second, not two."""
    mine = [bout for bout in timeline.bouts if bout.subject == subject and bout.code in codes]
    return intersection([piece for bout in mine for piece in pieces_of(bout)], seen)


def _duration(framework: Framework, term: Term, timeline: Timeline, who: _Who) -> float:
    codes = _codes(framework, term)
    return (
        sum(
            length(_time_in(timeline, codes, subject, _seen(framework, term, timeline, subject)))
            for subject in who
        )
        / 1000
    )


def _observed_time(framework: Framework, term: Term, timeline: Timeline, who: _Who) -> float:
    """Watched time; less the time in `except_codes` where the formula takes them out of the denominator."""
    left_out = set(term.except_codes)
    total = 0
    for subject in who:
        watched = _seen(framework, term, timeline, subject)
        total += length(
            difference(watched, _time_in(timeline, left_out, subject, watched)) if left_out else watched
        )
    return total / 1000


def _count(framework: Framework, term: Term, timeline: Timeline, who: _Who) -> float:
    """Onsets in watched time; in a tally what its windows hold, which is the same taps."""
    codes = _codes(framework, term)
    tallied = {c.id for s, c in framework.codes() if s.sampling.kind is SamplingKind.TALLY and c.id in codes}
    onsets = codes - tallied
    total = sum(
        int(n)
        for one in timeline.intervals
        if one.subject in who
        for code, n in one.values
        if code in tallied
    )  # fmt: skip
    for subject in who:
        begun = [
            point.at
            for point in timeline.points
            if point.subject == subject and point.code in onsets and "out-of-view" not in point.flags
        ]
        begun += [
            bout.start
            for bout in timeline.bouts
            if bout.subject == subject and bout.code in onsets and bout.part == 0 and not bout.censored_start
        ]
        total += onsets_in(begun, _seen(framework, term, timeline, subject)).count
    return total


def _watched(framework: Framework, term: Term, timeline: Timeline, who: _Who) -> list[Interval]:
    stream = _stream(framework, term)
    return [
        one
        for one in timeline.intervals
        if one.state in {"ticked", "empty"} and one.subject in who and (stream is None or one.stream == stream.id)
    ]


def _observed_intervals(framework: Framework, term: Term, timeline: Timeline, who: _Who) -> float:
    left_out = set(term.except_codes)
    return sum(1 for one in _watched(framework, term, timeline, who) if not left_out & set(one.codes))


def _intervals(framework: Framework, term: Term, timeline: Timeline, who: _Who) -> float:
    codes = _codes(framework, term)
    return sum(1 for one in _watched(framework, term, timeline, who) if codes & set(one.codes))


def _ticks(framework: Framework, term: Term, timeline: Timeline, who: _Who) -> float:
    codes = _codes(framework, term)
    return sum(len(codes & set(one.codes)) for one in _watched(framework, term, timeline, who))


def _valid_scans(framework: Framework, term: Term, timeline: Timeline, who: _Who) -> list[Scan]:
    stream = _stream(framework, term)
    return [
        one
        for one in timeline.scans
        if one.state in VALID_SCANS and one.subject in who and (stream is None or one.stream == stream.id)
    ]


def _scans(framework: Framework, term: Term, timeline: Timeline, who: _Who) -> float:
    """Scans in which one of the codes was seen; with no codes named, all that were taken, the empty ones too."""
    valid = _valid_scans(framework, term, timeline, who)
    if term.codes or term.except_codes:
        codes = _codes(framework, term)
        valid = [one for one in valid if one.code in codes or _cells(one, codes)]
    return len({(one.stream, one.subject, one.index) for one in valid})


def _cells(scan: Scan, codes: set[str]) -> int:
    """Persons in cells that carry one of these codes or options; in a scan of one code, all of them."""
    whole = scan.code in codes
    return sum(n for cell, n in scan.counts if whole or any(str(option) in codes for _, option in cell))


def _persons(framework: Framework, term: Term, timeline: Timeline, who: _Who) -> float:
    valid = _valid_scans(framework, term, timeline, who)
    if term.codes or term.except_codes:
        codes = set(term.codes) or _codes(framework, term)
        return sum(_cells(one, codes) for one in valid)
    return sum(n for one in valid for _, n in one.counts)


def _judged(framework: Framework, term: Term, timeline: Timeline, who: _Who) -> list[float]:
    stream = _stream(framework, term)
    return [
        one.value
        for one in timeline.ratings
        if one.value is not None
        and one.subject in who
        and (one.rating in term.ratings if term.ratings else stream is None or one.stream == stream.id)
    ]


def _rating(framework: Framework, term: Term, timeline: Timeline, who: _Who) -> float:
    return float(sum(_judged(framework, term, timeline, who)))


def _rated(framework: Framework, term: Term, timeline: Timeline, who: _Who) -> float:
    return len(_judged(framework, term, timeline, who))


def _value(framework: Framework, term: Term, timeline: Timeline, who: _Who) -> float:
    """The sum of what the codes recorded count for: ticks, scans, and onsets, each once."""
    codes = _codes(framework, term)
    worth = {code.id: code.value for _, code in framework.codes() if code.id in codes and code.value is not None}
    recorded = [code for one in _watched(framework, term, timeline, who) for code in one.codes]
    recorded += [one.code for one in _valid_scans(framework, term, timeline, who) if one.code is not None]
    total = sum(worth.get(code, 0.0) for code in recorded)
    for code, value in worth.items():
        total += value * _count(framework, Term("count", term.stream, codes=(code,)), timeline, who)
    return total


def _wait(framework: Framework, term: Term, timeline: Timeline, who: _Who) -> float:
    """Seconds between the two events of each link; what nothing answered has no wait, and is not zero."""
    waits = [one.wait_ms for one in timeline.links if one.link in term.links and one.wait_ms is not None]
    return sum(waits) / 1000


def _answered(framework: Framework, term: Term, timeline: Timeline, who: _Who) -> float:
    return sum(1 for one in timeline.links if one.link in term.links and one.wait_ms is not None)


def _session(framework: Framework, term: Term, timeline: Timeline, who: _Who) -> float:
    return 1.0


_AMOUNTS: dict[str, Callable[[Framework, Term, Timeline, _Who], float]] = {
    "duration": _duration,
    "count": _count,
    "intervals": _intervals,
    "scans": _scans,
    "ticks": _ticks,
    "persons": _persons,
    "rating": _rating,
    "rated": _rated,
    "value": _value,
    "wait": _wait,
    "answered": _answered,
    "observed-time": _observed_time,
    "observed-intervals": _observed_intervals,
    "sessions": _session,
}
