"""Answers over many sessions, worked out by a worker and kept under the hash of everything they depend on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from frameworks.model import Framework
from observe.actions import analysis
from observe.actions import records as coding
from observe.actions.analysis import Query
from observe.core.errors import Invalid
from observe.core.measures.formulas import FormulaFigure, SessionFigures, evaluate
from observe.core.tidy import Source
from observe.jobs.engine import QUERIES, DuckEngine
from observe.jobs.snapshot import Manifest, Snapshot
from observe.jobs.work import Clock, Task, kind_of_work
from observe.store import studies
from observe.store.records import SessionRow
from observe.store.studies import Study

RASTER_SESSIONS = 8
"""as many sessions as are drawn one above the other"""

SAMPLES = """
SELECT stream, 'scan' AS what, state, COUNT(*) AS n
FROM (SELECT DISTINCT session, stream, subject, sample, state FROM scans) AS each_scan GROUP BY stream, state
UNION ALL
SELECT stream, 'interval' AS what, state, COUNT(*) AS n
FROM (SELECT DISTINCT session, stream, subject, "interval", state FROM intervals) AS each_interval GROUP BY stream, state
ORDER BY 1, 2, 3
"""
"""How many samples and intervals were taken, empty (a true zero), late, missed or out of view."""

COUNTED = """
SELECT stream, code, cell, SUM(n) AS persons, COUNT(DISTINCT session) AS sessions
FROM scans WHERE n IS NOT NULL GROUP BY stream, code, cell ORDER BY stream, code, cell
"""
"""Persons counted in each cell of crossed counts."""

WATCHED = """
SELECT b.stream, b.code, b.kind, SUM(b."of") AS watched, SUM(b.missed) AS missed, MIN(b.share_of) AS share_of
FROM budget b JOIN sessions s ON s.session = b.session WHERE s.purpose <> 'practice' GROUP BY b.stream, b.code, b.kind
"""
"""What shares are shares of: intervals or samples that were watched, and how many were not."""

RASTER = """
SELECT session, stream, subject, code, start_ms, end_ms FROM bouts
UNION ALL SELECT session, stream, subject, code, at_ms, at_ms FROM points
ORDER BY 1, 2, 3, 5
"""


def folder_of(folder: Path, study_id: int) -> Path:
    """Where the columns of a study are."""
    return folder / "columns" / str(study_id)


def refresh(
    db: Session, study: Study, folder: Path, *, clock: Clock, step: Any = lambda done, of: None
) -> Manifest:
    """Bring the columns of a study to its logs: only sessions that changed are derived again."""
    rows = {row.id: row for row in analysis.everything(db, study.id)}
    wanted = analysis.digests(db, study.id, list(rows.values()), now=clock())

    def give(ids: Sequence[str]) -> Iterable[Source]:
        return analysis.sources(db, study, [rows[one] for one in ids], now=clock())

    return Snapshot(folder_of(folder, study.id)).refresh(wanted, give, step=step)


def study_of(task: Task) -> Study:
    study = studies.by_id(task.db, task.study_id)
    if study is None:
        raise Invalid("The study is gone.")
    return study


def refreshed(task: Task, *, upto: float = 1.0) -> Manifest:
    """The columns brought up to date, with the progress of it."""

    def step(done: int, of: int) -> None:
        task.progress(upto * done / max(of, 1), f"Session {done + 1} of {of}")

    return refresh(task.db, study_of(task), task.folder, clock=task.clock, step=step)


@kind_of_work("snapshot")
def snapshot(task: Task) -> dict[str, Any]:
    """The coded records in columns."""
    manifest = refreshed(task)
    return {"sessions": len(manifest.live), "segments": len(manifest.sizes), "digest": manifest.digest}


@kind_of_work("analysis")
def answers(task: Task) -> dict[str, Any]:
    """A study's figures for one question, as plain tables with the names of their columns."""
    query = Query.of(task.parameters)
    manifest = refreshed(task, upto=0.5)
    rows = analysis.rows_of(task.db, task.study_id, query)
    if not rows:
        return {"sessions": 0}
    task.progress(0.6, "Adding up")
    tables = asked(Snapshot(folder_of(task.folder, task.study_id)), rows, query)
    task.progress(0.8, "Working out the figures of the framework")
    model = coding.framework(task.db, task.study_id, query.framework)
    return {
        "sessions": len(rows),
        "observers": len({row.observer for row in rows}),
        "several": several(rows),
        "snapshot": manifest.digest,
        "engine": analysis.ENGINE,
        "formulas": formulas_of(task, model, rows),
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
        texts = {name: QUERIES[name] for name in ("shares", "time_of_day")} | {
            "samples": SAMPLES,
            "counted": COUNTED,
        }
        found = {name: engine.ask(text).records() for name, text in texts.items()}
        watched = {(row["stream"], row["code"], row["kind"]): row for row in engine.ask(WATCHED).records()}
        found["shares"] = [row | watched[row["stream"], row["code"], row["kind"]] for row in found["shares"]]
        return found | {
            "raster": drawn.ask(RASTER).records(),
            "drawn": some,
        }
    finally:
        engine.close()
        drawn.close()


def formulas_of(task: Task, model: Framework, rows: Sequence[SessionRow]) -> list[dict[str, Any]]:
    """The framework's own figures, with units, limits and what was left out."""
    if not model.formulas:
        return []
    figures = [
        SessionFigures(
            one.session.id, one.timeline, one.session.setting, analysis.variables_of(one.session), one.session.purpose
        )
        for one in coding.coded(task.db, rows, now=task.clock())
    ]  # fmt: skip
    return [
        figure_of(evaluate(model, formula, figures)) | {"note": str(formula.note), "average": formula.average, "over": formula.unit}
        for formula in model.formulas
    ]  # fmt: skip


def figure_of(found: FormulaFigure) -> dict[str, Any]:
    figure = found.figure
    return {
        "id": found.formula, "name": figure.name, "value": figure.value, "unit": figure.unit, "low": figure.low,
        "high": figure.high, "reason": figure.reason, "deviation": found.deviation, "method": figure.method,
        "units": len(found.units) - len(found.left_out), "left_out": len(found.left_out),
    }  # fmt: skip
