"""A study's time budget from the sessions' own: pooled within each unit, then averaged over units. Which unit is said.

A share of intervals or scans keeps its name and is never called time; rates and proportions keep their denominators.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import fmean, stdev

from msgspec import Struct

from observe.core.measures.figures import HOUR_MS
from observe.core.measures.session import BudgetRow

NAMES = {
    "state": "proportion of observed time",
    "entries": "proportion of observed time (by the beat)",
    "point": "per hour of observed time",
    "count": "persons per scan",
    "rating": "judgements",
}
"""what the figure of each kind may be called; for intervals and scans the row itself says it"""


@dataclass(frozen=True, slots=True)
class StudyRow:
    """One code over all sessions. `mean` and `deviation` (of the sample) are over units, `pooled` over everything.

    `units` is how many units have a value; one without anything to divide by is in none of the figures.
    """

    stream: str
    code: str
    kind: str
    name: str
    units: int
    mean: float | None
    deviation: float | None
    pooled: float | None
    count: int
    numerator: float
    denominator: float
    missed: int


@dataclass(slots=True)
class _Tally:
    """What one unit comes to for one code."""

    top: float = 0.0
    bottom: float = 0.0


@dataclass(slots=True)
class _Line:
    name: str
    units: dict[Hashable, _Tally] = field(default_factory=dict)
    count: int = 0
    missed: int = 0


class ShareOf(Struct, frozen=True):
    """What a share is a share of."""

    name: str


class Sums(Struct, frozen=True):
    """What of a session's budget goes into a study's: the same fields as `BudgetRow`, without its figures.

    Reading only these from a kept budget costs a quarter of reading all of it.
    """

    stream: str
    code: str
    kind: str
    observed_ms: int = 0
    count: int = 0
    of: int = 0
    missed: int = 0
    duration_ms: int = 0
    share: ShareOf | None = None


def parts_of(row: BudgetRow | Sums) -> tuple[float, float]:
    """Numerator and denominator of the figure that this kind of row has; ms by ms, events by hours, ticks by intervals."""
    if row.kind in {"state", "entries"}:
        return row.duration_ms, row.observed_ms
    if row.kind == "point":
        return row.count, row.observed_ms / HOUR_MS
    if row.kind == "rating":
        return row.count, 1
    return row.count, row.of


def over_sessions(
    budgets: Iterable[tuple[str, Sequence[BudgetRow | Sums]]], unit_of: Mapping[str, Hashable] | None = None
) -> tuple[StudyRow, ...]:
    """Every stream and code in the order of the first session; subjects of a session are pooled.

    `unit_of` names the unit of each session; without it the session is the unit. A session that it leaves out is in
    none of the figures.
    """
    lines: dict[tuple[str, str, str], _Line] = {}
    for session, rows in budgets:
        unit = session if unit_of is None else unit_of.get(session)
        if unit is None:
            continue
        for row in rows:
            key = (row.stream, row.code, row.kind)
            line = lines.get(key)
            if line is None:
                line = lines[key] = _Line(row.share.name if row.share else NAMES.get(row.kind, row.kind))
            tally = line.units.get(unit)
            if tally is None:
                tally = line.units[unit] = _Tally()
            top, bottom = parts_of(row)
            tally.top += top
            tally.bottom += bottom
            line.count += row.count
            line.missed += row.missed
    return tuple(_summed(key, line) for key, line in lines.items())


def _summed(key: tuple[str, str, str], line: _Line) -> StudyRow:
    known = [tally for tally in line.units.values() if tally.bottom > 0]
    values = [tally.top / tally.bottom for tally in known]
    top, bottom = sum(tally.top for tally in known), sum(tally.bottom for tally in known)
    return StudyRow(
        *key, line.name, len(values), fmean(values) if values else None, stdev(values) if len(values) > 1 else None,
        top / bottom if bottom else None, line.count, top, bottom, line.missed,
    )  # fmt: skip
