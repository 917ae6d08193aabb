"""Who watched the same thing, and what a comparison of their records needs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import combinations, groupby
from typing import Any

from sqlalchemy.orm import Session

from frameworks.model import AgreementPlan, Framework, Stream
from observe.actions import records as coding
from observe.actions import scope as scopes
from observe.actions.analysis import Query, chosen
from observe.actions.scope import Scope
from observe.core.agreement.coefficient import TIMES
from observe.core.agreement.matching import Watched
from observe.core.agreement.summary import Report, compare_all, default_unit
from observe.core.errors import Invalid, NotFound
from observe.store import happenings, people, records
from observe.store.records import SessionRow, Wanted

SEED = 20260304
"""of the resamples: fixed, so that the same records give the same limits again"""

TOGETHER_MS = 60_000
"""sessions that overlap by less did not watch the same thing"""

AT_ONCE = 20
"""records that are derived between two words of how far it is: each word is a transaction that flushes the disk"""

BY_HAPPENING, BY_OVERLAP = "happening", "overlap"


@dataclass(frozen=True, slots=True)
class Group:
    """Sessions of one happening, one an observer. `how` says how they were found to belong together."""

    how: str
    rows: tuple[SessionRow, ...]

    @property
    def started(self) -> int:
        """When the first of them began, in ms since 1970: zero of their common time."""
        return min(row.started for row in self.rows)


def candidates(db: Session, study_id: int, query: Query) -> list[SessionRow]:
    """Sessions that could belong together, oldest first: of one happening, or in one place, by several observers.

    No record is derived for it, so that a page may ask. Practice is compared too where it is asked for; refused sessions
    never are.
    """
    wanted = Wanted(setting=query.setting, purpose=query.purpose, since=query.since, until=query.until)
    versions = scopes.marks_in(db, study_id, query.framework)
    rows = [
        row
        for row in records.of_study(db, study_id, wanted)[::-1]
        if (not query.framework or row.framework in versions)
        and chosen(row, query)
        and (query.purpose or row.purpose != "practice")
        and (row.happening or row.setting)
    ]
    observers: dict[tuple[str, str | None, str | None], set[int]] = {}
    for row in rows:
        observers.setdefault(_place(row), set()).add(row.observer)
    asked = {query.observer} if query.observer is not None else set()
    return [row for row in rows if len(observers[_place(row)]) > 1 and asked <= observers[_place(row)]]


def _place(row: SessionRow) -> tuple[str, str | None, str | None]:
    """Where others who watched the same are to be looked for: in its happening if it names one, else in its setting."""
    return (row.framework, row.happening, None) if row.happening else (row.framework, None, row.setting)


def groups(
    db: Session,
    study_id: int,
    query: Query,
    *,
    now: datetime,
    step: Callable[[int, int], None] = lambda done, of: None,
) -> list[Group]:
    """Sessions that belong together, oldest first: by the happening's id, else by place and overlap in time.

    Records that were not derived yet are, to know when they ended; `step(done, of)` counts them.
    """
    rows = candidates(db, study_id, query)
    alone = [row for row in rows if not row.happening]
    found = [*_by_happening(rows), *_by_overlap(alone, ends_of(db, alone, now=now, step=step))]
    if query.observer is not None:
        found = [group for group in found if any(row.observer == query.observer for row in group.rows)]
    return sorted(found, key=lambda group: group.started)


def _by_happening(rows: Sequence[SessionRow]) -> Iterator[Group]:
    named = sorted((row for row in rows if row.happening), key=lambda row: (row.happening or "", row.framework))
    for _, some in groupby(named, key=lambda row: (row.happening, row.framework)):
        yield from _group(BY_HAPPENING, list(some))


def _group(how: str, rows: Sequence[SessionRow]) -> Iterator[Group]:
    """One record an observer: the first. Whoever watched a thing twice is not a second observer of it."""
    by_observer: dict[int, SessionRow] = {}
    for row in sorted(rows, key=lambda row: (row.started, row.id)):
        by_observer.setdefault(row.observer, row)
    if len(by_observer) > 1:
        yield Group(how, tuple(sorted(by_observer.values(), key=lambda row: row.observer)))


def _by_overlap(rows: Sequence[SessionRow], ends: Mapping[str, int]) -> Iterator[Group]:
    """Under one framework version, in one place, at one time."""
    ordered = sorted(rows, key=lambda row: (row.framework, row.setting or "", row.started))
    for _, some in groupby(ordered, key=lambda row: (row.framework, row.setting)):
        group: list[SessionRow] = []
        for row in some:
            if group and min(ends[one.id] for one in group) - row.started < TOGETHER_MS:
                yield from _group(BY_OVERLAP, group)
                group = []
            group.append(row)
        yield from _group(BY_OVERLAP, group)


def ends_of(
    db: Session, rows: Sequence[SessionRow], *, now: datetime, step: Callable[[int, int], None]
) -> dict[str, int]:
    """When each session ended, in ms since 1970; records that were not derived yet are, so many in one transaction."""
    there = happenings.kept_digests(db, [row.id for row in rows])
    found = {one: kept.end_ms for one, kept in there.items()}
    missing = [row for row in rows if row.id not in there]
    for start in range(0, len(missing), AT_ONCE):
        step(start, len(missing))
        some = coding.coded(db, missing[start : start + AT_ONCE], whole=False, now=now)
        found |= {one.session.id: one.row.end_ms for one in some}
    return {row.id: row.started + found[row.id] for row in rows}


def checks(found: Sequence[Group], together: str) -> list[tuple[SessionRow, ...]]:
    """What is compared: `pairs` (each two observers of a happening), or `all` of them at once."""
    if together == "all":
        return [group.rows for group in found]
    return [pair for group in found for pair in combinations(group.rows, 2)]


def together_by_default(found: Sequence[Group]) -> str:
    """All at once where each happening had as many observers; else by pairs."""
    return "all" if len({len(group.rows) for group in found}) <= 1 else "pairs"


def watched(
    db: Session,
    rows: Sequence[SessionRow],
    *,
    now: datetime,
    shift: Mapping[str, int] | None = None,
    scope: Scope | None = None,
) -> list[Watched]:
    """The records of one happening with their zeros in common time; `shift` (ms) corrects a clock that was wrong."""
    names = people.names(db, {row.observer for row in rows})
    zero = min(row.started for row in rows)
    moved = shift or {}
    found = scopes.coded(db, scope, rows, now=now) if scope else coding.coded(db, rows, now=now)
    by_id = {one.session.id: one.timeline for one in found}
    return [
        Watched(
            names.get(row.observer, "somebody"), by_id[row.id], row.started - zero + moved.get(row.id, 0), row.id
        )
        for row in rows
    ]


@dataclass(frozen=True, slots=True)
class Changes:
    """What a person asked for instead of the framework's plan; empty: as the plan has it."""

    unit: str = ""
    tolerance_ms: int | None = None
    weights: str = ""
    """nominal, linear, quadratic, or rows of numbers with semicolons between them"""
    stream: str = ""
    """the stream that a matrix of weights belongs to"""

    @staticmethod
    def of(parameters: Mapping[str, Any]) -> Changes:
        return Changes(**{name: parameters[name] for name in Changes.__dataclass_fields__ if name in parameters})


def plan_of(stream: Stream, changes: Changes) -> AgreementPlan:
    """The framework's plan (a default by the stream's sampling, where it has none) with what was asked for put in."""
    plan = stream.agreement or AgreementPlan(unit=default_unit(stream))
    if changes.unit:
        plan = replace(plan, unit=changes.unit)
    if changes.tolerance_ms is not None:
        plan = replace(plan, tolerance_ms=changes.tolerance_ms)
    if changes.weights in {"nominal", "linear", "quadratic"}:
        plan = replace(plan, weights=changes.weights)
    elif changes.weights and changes.stream == stream.id:
        plan = replace(plan, weights=matrix_of(changes.weights, len(stream.codes)))
    return plan


def matrix_of(words: str, size: int) -> tuple[tuple[float, ...], ...]:
    """ "0 1;1 0" as numbers; Invalid where it is not a square matrix of this size with zeros where nothing differs."""
    try:
        rows = tuple(tuple(float(one) for one in row.split()) for row in words.split(";"))
    except ValueError as problem:
        raise Invalid("A weight is a number.") from problem
    if len(rows) != size or any(len(row) != size for row in rows):
        raise Invalid(f"Weights are {size} rows of {size} numbers, in the order of the stream's codes.")
    if any(not 0 <= one < 1e6 for row in rows for one in row) or any(rows[k][k] for k in range(size)):
        raise Invalid("A weight of disagreement is 0 or more, and 0 where the two are the same code.")
    return rows


def could_differ(stream: Stream, some: Sequence[Watched]) -> bool:
    """Whether these records hold anything of a stream at all."""
    return any(
        one.stream == stream.id
        for record in some
        for group in (record.timeline.points, record.timeline.bouts, record.timeline.intervals,
                      record.timeline.scans, record.timeline.ratings)
        for one in group
    )  # fmt: skip


def report_of(
    stream: Stream,
    some: Sequence[Sequence[Watched]],
    changes: Changes,
    *,
    times: int = TIMES,
    same: Sequence[object] = (),
) -> Report | None:
    """The report over happenings with as many observers; None where the stream was not recorded at all.

    `same` names the happening of each, where several are of one.
    """
    held = [k for k, one in enumerate(some) if could_differ(stream, one)]
    if not held:
        return None
    of = [same[k] for k in held] if same else ()
    chosen = [some[k] for k in held]
    return compare_all(stream, chosen, seed=SEED, plan=plan_of(stream, changes), times=times, same=of)


def to_keep(report: Report) -> Report:
    """The report without its list of disagreements (they are found again) and without F, which can be infinite."""
    own = report.intraclass
    return replace(
        report,
        disagreements=(),
        intraclass=replace(own, f_by_form={}) if own else None,
        rates=tuple((code, replace(one, f_by_form={})) for code, one in report.rates),
    )


def pair(db: Session, study_id: int, first: str, second: str) -> tuple[SessionRow, SessionRow]:
    """Two sessions of this study under one framework version; NotFound or Invalid otherwise."""
    rows = [records.session(db, study_id, one) for one in (first, second)]
    one, other = rows
    if one is None or other is None or "refused" in (one.consent, other.consent):
        raise NotFound
    if one.framework != other.framework or one.id == other.id:
        raise Invalid("Two sessions under the same version of a framework can be compared.")
    return one, other


def stream_of(framework: Framework, stream_id: str) -> Stream:
    """A stream by its id, or the first one."""
    found = next((one for one in framework.streams if one.id == stream_id), None)
    if found is None and stream_id:
        raise NotFound
    return found or framework.streams[0]
