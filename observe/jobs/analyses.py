"""Answers over many sessions, worked out by a worker and kept under the hash of everything they depend on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from observe.actions import analysis
from observe.actions import scope as scopes
from observe.actions.analysis import Query
from observe.actions.redactions import columns_of
from observe.actions.scope import Scope
from observe.core.errors import Invalid
from observe.core.measures.formulas import FormulaFigure, SessionFigures, evaluate
from observe.core.tidy import Source
from observe.jobs.engine import DuckEngine
from observe.jobs.queries import QUERIES
from observe.jobs.snapshot import Manifest, Snapshot
from observe.jobs.work import Clock, Task, kind_of_work
from observe.store import studies
from observe.store.records import SessionRow
from observe.store.studies import Study

STEPS = 50
"""sessions between two words of how far the columns are: each word is a transaction that flushes the disk"""

MOST_MAPS = 4
"""of a study: how many ways of reading versions together have their columns kept"""

RASTER_SESSIONS = 8
"""as many sessions as are drawn one above the other"""


def folder_of(folder: Path, study_id: int, scope: Scope | None = None) -> Path:
    """Where the columns of a study are; versions that are read together have columns of their own for each map."""
    read = f".{scope.mark[:24]}" if scope and scope.mark else ""
    return columns_of(folder, study_id, read)


def refresh(
    db: Session,
    study: Study,
    folder: Path,
    scope: Scope | None = None,
    *,
    clock: Clock,
    step: Callable[[float, str], None] = lambda share, words: None,
) -> Manifest:
    """Bring the columns of a study to its logs: only sessions that changed are derived again.

    `step` is told how far it is, from 0 to 1, at most once for every so many sessions: each word to it is a transaction.
    """
    together = scope if scope and scope.mark else None
    rows = {row.id: row for row in analysis.everything(db, study.id, together)}
    read = together.mark if together else ""

    def reading(done: int, of: int) -> None:
        step(0.7 * done / max(of, 1), f"Reading logs: {done + 1} of {of} sessions")

    def writing(done: int, of: int) -> None:
        if done % STEPS == 0:
            step(0.7 + 0.3 * done / max(of, 1), f"Into columns: {done + 1} of {of} sessions")

    wanted = analysis.digests(db, study.id, list(rows.values()), read=read, now=clock(), step=reading)

    def give(ids: Sequence[str]) -> Iterable[Source]:
        return analysis.sources(db, study, [rows[one] for one in ids], together, now=clock())

    place = folder_of(folder, study.id, together)
    sweep(place, study.id)
    return Snapshot(place).refresh(wanted, give, step=writing)


def sweep(place: Path, study_id: int) -> None:
    """Throw away columns of maps that nobody asks by any more; they can be made again from the logs."""
    others = [one for one in place.parent.glob(f"{study_id}.*") if one.is_dir() and one != place]
    newest = sorted(others, key=lambda one: one.stat().st_mtime, reverse=True)
    for one in newest[MOST_MAPS - 1 :]:
        Snapshot(one).forget()


def study_of(task: Task) -> Study:
    study = studies.by_id(task.db, task.study_id)
    if study is None:
        raise Invalid("The study is gone.")
    return study


def refreshed(task: Task, scope: Scope | None = None, *, upto: float = 1.0) -> Manifest:
    """The columns brought up to date, with the progress of it."""

    def step(share: float, words: str) -> None:
        task.progress(upto * share, words)

    return refresh(task.db, study_of(task), task.folder, scope, clock=task.clock, step=step)


@kind_of_work("snapshot")
def snapshot(task: Task) -> dict[str, Any]:
    """The coded records in columns."""
    manifest = refreshed(task)
    return {"sessions": len(manifest.live), "segments": len(manifest.sizes), "digest": manifest.digest}


@kind_of_work("analysis")
def answers(task: Task) -> dict[str, Any]:
    """A study's figures for one question, as plain tables with the names of their columns."""
    query = Query.of(task.parameters)
    scope = scopes.of(task.db, task.study_id, query.framework, query.window)
    manifest = refreshed(task, scope, upto=0.8)
    rows = analysis.rows_of(task.db, task.study_id, query)
    if not rows:
        return {"sessions": 0}
    task.progress(0.8, "Adding up")
    tables = asked(Snapshot(folder_of(task.folder, task.study_id, scope)), rows, query)
    task.progress(0.9, "Working out the figures of the framework")
    return {
        "sessions": len(rows),
        "observers": len({row.observer for row in rows}),
        "several": several(rows),
        "snapshot": manifest.digest,
        "engine": analysis.ENGINE,
        "together": scope.as_json(),
        "formulas": formulas_of(task, scope, rows),
        **tables,
    }


def several(rows: Sequence[SessionRow]) -> int:
    """How many happenings are in there more than once, because several observers saw them."""
    seen = [row.happening for row in rows if row.happening]
    return len({one for one in seen if seen.count(one) > 1})


def asked(columns: Snapshot, rows: Sequence[SessionRow], query: Query) -> dict[str, Any]:
    """The tables of one question. What is drawn is of the newest sessions."""
    engine = DuckEngine(columns, only=[row.id for row in rows], subject=query.subject)
    some = [row.id for row in rows[-RASTER_SESSIONS:]]
    drawn = DuckEngine(columns, only=some, subject=query.subject)
    try:
        found = {name: engine.ask(text).records() for name, text in QUERIES.items() if name != "raster"}
        return found | {"raster": drawn.ask(QUERIES["raster"]).records(), "drawn": some}
    finally:
        engine.close()
        drawn.close()


def formulas_of(task: Task, scope: Scope, rows: Sequence[SessionRow]) -> list[dict[str, Any]]:
    """The framework's own figures, with units, limits and what was left out.

    Sessions of a version that could not record all that a formula needs are not in it: there it would be too low.
    """
    model = scope.model
    if not model.formulas:
        return []
    figures: dict[str, list[SessionFigures]] = {}
    for one in scopes.coded(task.db, scope, rows, now=task.clock()):
        row = one.session
        figures.setdefault(row.framework, []).append(
            SessionFigures(row.id, one.timeline, row.setting, analysis.variables_of(row), row.purpose)
        )
    found = []
    for formula in model.formulas:
        fitting, why = scope.fit(formula.id)
        some = [one for mark, of_version in figures.items() if mark in fitting for one in of_version]
        figure = figure_of(evaluate(model, formula, some))
        if not fitting:
            figure["reason"] = why
        found.append(
            figure | {"note": str(formula.note), "average": formula.average, "over": formula.unit, "versions": why}
        )
    return found


def figure_of(found: FormulaFigure) -> dict[str, Any]:
    figure = found.figure
    return {
        "id": found.formula, "name": figure.name, "value": figure.value, "unit": figure.unit, "low": figure.low,
        "high": figure.high, "reason": figure.reason, "deviation": found.deviation, "method": figure.method,
        "units": len(found.units) - len(found.left_out), "left_out": len(found.left_out),
    }  # fmt: skip
