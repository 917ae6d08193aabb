"""Comparing observers over many happenings, as a job: each stream by itself, each check, and their drift over time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from statistics import fmean
from typing import Any

from frameworks.model import Stream
from observe.actions import agreement, analysis
from observe.actions import scope as scopes
from observe.actions.agreement import Changes
from observe.actions.analysis import Query
from observe.actions.scope import Scope
from observe.core.agreement.coefficient import Coefficient
from observe.core.agreement.drift import Check, drift
from observe.core.agreement.matching import Watched
from observe.core.agreement.summary import Report, compare
from observe.core.measures.figures import Figure
from observe.jobs.work import Task, kind_of_work
from observe.store.records import SessionRow

FEWER = 500
"""resamples for each single check; the report over all has the full number"""

Compared = tuple[tuple[SessionRow, ...], list[Watched]]


@kind_of_work("agreement")
def agree(task: Task) -> dict[str, Any]:
    """A report for each stream over all checks, with a line for each check."""
    query, changes = Query.of(task.parameters), Changes.of(task.parameters)

    def reading(done: int, of: int) -> None:
        task.progress(0.3 * done / of, f"Reading logs: {done + 1} of {of} sessions")

    found = agreement.groups(task.db, task.study_id, query, now=task.clock(), step=reading)
    together = task.parameters.get("together") or agreement.together_by_default(found)
    chosen = agreement.checks(found, together)
    if not chosen:
        return {"groups": 0, "streams": []}
    scope = scopes.of(task.db, task.study_id, query.framework, query.window)
    model = scope.model
    together_in = {row.id: number for number, group in enumerate(found) for row in group.rows}
    compared: list[Compared] = []
    for number, rows in enumerate(chosen):
        task.progress(0.3 + 0.2 * number / len(chosen), f"Records of check {number + 1} of {len(chosen)}")
        compared.append((rows, agreement.watched(task.db, rows, scope=scope, now=task.clock())))
    streams = []
    for number, stream in enumerate(model.streams):
        part = (0.5 + 0.5 * number / len(model.streams), 0.5 / len(model.streams))
        streams.append(of_stream(task, stream, compared, changes, scope, together_in, part=part))
    return {
        "groups": len(found),
        "sizes": dict(Counter(str(len(group.rows)) for group in found)),
        "how": dict(Counter(group.how for group in found)),
        "together": together,
        "read": scope.as_json(),
        "streams": [one for one in streams if one],
    }


def of_stream(
    task: Task,
    stream: Stream,
    compared: Sequence[Compared],
    changes: Changes,
    scope: Scope,
    together: Mapping[str, int],
    *,
    part: tuple[float, float],
) -> dict[str, Any] | None:
    """The report over all happenings (of the commonest number of observers), each check, their mean and drift.

    `part` is where the bar stands when it begins, and how much of it is its own.
    """
    begun, length = part
    task.progress(begun, f"Comparing: {stream.label}")
    held = [(rows, some) for rows, some in compared if agreement.could_differ(stream, some)]
    if not held:
        return None
    [(size, count)] = Counter(len(some) for _, some in held).most_common(1)
    asked = [(rows, some) for rows, some in held if len(some) == size]
    report = agreement.report_of(stream, [some for _, some in asked], changes, same=happenings_of(asked, together))
    assert report is not None
    plan = agreement.plan_of(stream, changes)
    each: list[dict[str, Any]] = []
    for rows, some in held:
        share = begun + length * (len(each) + 1) / (len(held) + 1)
        task.progress(share, f"Comparing: {stream.label}, {len(each) + 1} of {len(held)}")
        one = compare(stream, some, seed=agreement.SEED, plan=plan, times=FEWER)
        each.append(line(rows, some, one) | {"stream": scope.own_stream(rows[0].framework, stream.id)})
    return {
        "stream": stream.id,
        "label": str(stream.label),
        "report": analysis.as_json(agreement.to_keep(report)),
        "apart": len(report.disagreements),
        "left_out": len(held) - count,
        "checks": each,
        "mean": {name: mean_of(each, name) for name in ("percent", "kappa", "alpha", "ac1")},
        "drift": drift_of(each),
    }


def happenings_of(asked: Sequence[Compared], together: Mapping[str, int]) -> list[int]:
    """The happening of each check: pairs of three who watched the same are three checks of one."""
    return [together[rows[0].id] for rows, _ in asked]


def line(rows: Sequence[SessionRow], some: Sequence[Watched], report: Report) -> dict[str, Any]:
    """One check in short."""
    return {
        "sessions": [row.id for row in rows],
        "observers": [one.observer for one in some],
        "at": min(row.started for row in rows),
        "setting": rows[0].setting,
        "purpose": rows[0].purpose,
        "units": report.alpha.units,
        "apart": len(report.disagreements),
        **{
            name: short(getattr(report, name)) for name in ("percent", "kappa", "alpha", "ac1", "fleiss", "answer")
        },
    }


def short(found: Coefficient) -> dict[str, Any]:
    return {
        "name": found.name, "value": found.value, "low": found.low, "high": found.high, "reason": found.reason,
        "units": found.units,
    }  # fmt: skip


def mean_of(each: Sequence[dict[str, Any]], name: str) -> dict[str, Any]:
    """The plain mean over checks, each counting the same; undefined ones are left out and counted."""
    values = [one[name]["value"] for one in each if one[name]["value"] is not None]
    return {
        "value": fmean(values) if values else None,
        "checks": len(values),
        "undefined": len(each) - len(values),
    }


def drift_of(each: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The change of the coefficient that the plan asks for, over the time of the study."""
    found = drift(
        [
            Check(one["at"], Coefficient(one["answer"]["name"], one["answer"]["value"], one["answer"]["units"]))
            for one in each
        ]
    )
    return {"slope": figure(found.slope), "p": found.p, "falling": found.falling, "checks": len(found.checks)}


def figure(one: Figure) -> dict[str, Any]:
    return {"value": one.value, "low": one.low, "high": one.high, "unit": one.unit, "reason": one.reason}
