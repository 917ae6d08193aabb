"""Plans that were stated before looking, runs of the inference, and each run's findings: only ever added.

A finding is one person × construct of one run. People stand in it by id, never by name, so that erasing a subject's
pseudonym leaves nothing behind here either.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm import Session

from observe.store.base import Base, Instant
from observe.store.sessions import events, logs

plans = sa.Table(
    "pattern_plans",
    Base.metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("study_id", sa.ForeignKey("studies.id"), nullable=False, index=True),
    sa.Column("framework", sa.String(200), nullable=False),
    sa.Column("slug", sa.String(60), nullable=False),
    sa.Column("content", sa.Text, nullable=False),
    sa.Column("hash", sa.String(64), nullable=False),
    sa.Column("sessions_before", sa.Integer, nullable=False),
    sa.Column("runs_before", sa.Integer, nullable=False),
    sa.Column("stated_by", sa.ForeignKey("people.id")),
    sa.Column("stated_at", Instant, nullable=False),
)

runs = sa.Table(
    "pattern_runs",
    Base.metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("study_id", sa.ForeignKey("studies.id"), nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("plan_id", sa.ForeignKey("pattern_plans.id"), nullable=False),
    sa.Column("slug", sa.String(60), nullable=False),
    sa.Column("framework", sa.String(200), nullable=False),
    sa.Column("hash", sa.String(64), nullable=False),
    sa.Column("data_hash", sa.String(64), nullable=False),
    sa.Column("engine", sa.String(20), nullable=False),
    sa.Column("sessions", sa.Integer, nullable=False),
    sa.Column("head", sa.LargeBinary, nullable=False),
    sa.Column("made_at", Instant, nullable=False),
    sa.UniqueConstraint("study_id", "number"),
    sa.UniqueConstraint("study_id", "hash"),
)

findings = sa.Table(
    "pattern_findings",
    Base.metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("run_id", sa.ForeignKey("pattern_runs.id"), nullable=False, index=True),
    sa.Column("study_id", sa.ForeignKey("studies.id"), nullable=False),
    sa.Column("hash", sa.String(64), nullable=False),
    sa.Column("person", sa.String(200), nullable=False),
    sa.Column("construct", sa.String(200), nullable=False),
    sa.Column("status", sa.String(30), nullable=False),
    sa.Column("body", sa.LargeBinary, nullable=False),
    sa.UniqueConstraint("run_id", "person", "construct"),
    sa.Index("ix_pattern_findings_study_id_person_construct", "study_id", "person", "construct"),
)

WORDS = "what was inferred and reviewed is only ever added to"
FUNCTION = (
    "CREATE OR REPLACE FUNCTION inferred_is_only_added() RETURNS trigger AS "
    f"$$ BEGIN RAISE EXCEPTION '{WORDS}'; END $$ LANGUAGE plpgsql"
)


def only_added(table: str, dialect: str) -> tuple[str, ...]:
    """What makes the database refuse to change or delete a row of this table."""
    if dialect == "sqlite":
        return tuple(
            f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} BEGIN SELECT RAISE(ABORT, '{WORDS}'); END"
            for verb in ("UPDATE", "DELETE")
        )
    return (
        FUNCTION,
        f"CREATE TRIGGER {table}_only_added BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION inferred_is_only_added()",
    )


def hold(table: sa.Table) -> None:
    """Let tables that are made without migrations have the same triggers."""
    for dialect in ("sqlite", "postgresql"):
        for statement in only_added(table.name, dialect):
            made = sa.DDL(statement.replace("%", "%%")).execute_if(dialect=dialect)  # type: ignore[no-untyped-call]
            event.listen(table, "after_create", made)


for _table in (plans, runs, findings):
    hold(_table)


@dataclass(frozen=True, slots=True)
class PlanRow:
    """What was to be asked of the data, and when that was said. `sessions_before` had come in by then."""

    id: int
    study_id: int
    framework: str
    slug: str
    content: str
    hash: str
    sessions_before: int
    runs_before: int
    stated_by: int | None
    stated_at: datetime


@dataclass(frozen=True, slots=True)
class RunRow:
    """One inference, as it is listed. `number` counts within the study."""

    id: int
    study_id: int
    number: int
    plan_id: int
    slug: str
    framework: str
    hash: str
    data_hash: str
    engine: str
    sessions: int
    made_at: datetime


@dataclass(frozen=True, slots=True)
class FindingRow:
    """One person × construct of one run, with everything that the inference said of it."""

    id: int
    run_id: int
    study_id: int
    hash: str
    person: str
    construct: str
    status: str
    body: dict[str, Any]


def packed(value: Any) -> bytes:
    """JSON, compressed: the same value gives the same bytes."""
    return zlib.compress(json.dumps(value, sort_keys=True, ensure_ascii=False, allow_nan=False).encode())


def unpacked(data: bytes) -> Any:
    return json.loads(zlib.decompress(data))


_PLAN = tuple(plans.c[name] for name in PlanRow.__dataclass_fields__)
_RUN = tuple(runs.c[name] for name in RunRow.__dataclass_fields__)
_FINDING = tuple(findings.c[name] for name in FindingRow.__dataclass_fields__)


def add_plan(db: Session, values: dict[str, Any]) -> PlanRow:
    key = db.execute(plans.insert().returning(plans.c.id), values).scalar_one()
    return PlanRow(*db.execute(sa.select(*_PLAN).where(plans.c.id == key)).one())


def plan(db: Session, study_id: int, plan_id: int) -> PlanRow | None:
    row = db.execute(sa.select(*_PLAN).where(plans.c.study_id == study_id, plans.c.id == plan_id)).one_or_none()
    return PlanRow(*row) if row else None


def plans_of(db: Session, study_id: int) -> list[PlanRow]:
    """Newest first."""
    query = sa.select(*_PLAN).where(plans.c.study_id == study_id).order_by(plans.c.id.desc())
    return [PlanRow(*row) for row in db.execute(query)]


def add_run(db: Session, values: dict[str, Any], found: Sequence[dict[str, Any]]) -> RunRow:
    """A run with its findings; its number is the next of the study."""
    last = db.scalar(sa.select(sa.func.max(runs.c.number)).where(runs.c.study_id == values["study_id"])) or 0
    key = db.execute(runs.insert().returning(runs.c.id), values | {"number": last + 1}).scalar_one()
    if found:
        db.execute(findings.insert(), [row | {"run_id": key, "study_id": values["study_id"]} for row in found])
    return RunRow(*db.execute(sa.select(*_RUN).where(runs.c.id == key)).one())


def runs_of(db: Session, study_id: int, slug: str = "") -> list[RunRow]:
    """Newest first; of one framework where its slug is given."""
    query = sa.select(*_RUN).where(runs.c.study_id == study_id).order_by(runs.c.number.desc())
    return [RunRow(*row) for row in db.execute(query.where(runs.c.slug == slug) if slug else query)]


def run(db: Session, study_id: int, number: int) -> RunRow | None:
    row = db.execute(sa.select(*_RUN).where(runs.c.study_id == study_id, runs.c.number == number)).one_or_none()
    return RunRow(*row) if row else None


def run_by_id(db: Session, study_id: int, run_id: int) -> RunRow | None:
    row = db.execute(sa.select(*_RUN).where(runs.c.study_id == study_id, runs.c.id == run_id)).one_or_none()
    return RunRow(*row) if row else None


def run_by_hash(db: Session, study_id: int, found: str) -> RunRow | None:
    """The run that this very input has been given already."""
    row = db.execute(sa.select(*_RUN).where(runs.c.study_id == study_id, runs.c.hash == found)).one_or_none()
    return RunRow(*row) if row else None


def newest(db: Session, study_id: int, slug: str) -> RunRow | None:
    """The run that counts for a framework: the last one that was made."""
    return next(iter(runs_of(db, study_id, slug)), None)


def head_of(db: Session, run_id: int) -> dict[str, Any]:
    """Everything of a run but its findings."""
    found: dict[str, Any] = unpacked(db.scalar(sa.select(runs.c.head).where(runs.c.id == run_id)) or b"")
    return found


def findings_of(db: Session, run_id: int) -> list[FindingRow]:
    """All findings of a run, construct by construct, as the inference ordered them."""
    query = sa.select(*_FINDING).where(findings.c.run_id == run_id).order_by(findings.c.id)
    return [_finding(row) for row in db.execute(query)]


def _finding(row: Any) -> FindingRow:
    return FindingRow(
        row.id, row.run_id, row.study_id, row.hash, row.person, row.construct, row.status, unpacked(row.body)
    )


def finding(db: Session, study_id: int, finding_id: int) -> FindingRow | None:
    query = sa.select(*_FINDING).where(findings.c.study_id == study_id, findings.c.id == finding_id)
    row = db.execute(query).one_or_none()
    return _finding(row) if row else None


def same_finding(db: Session, run_id: int, person: str, construct: str) -> int | None:
    """The id of what another run says of the same person and construct."""
    return db.scalar(
        sa.select(findings.c.id).where(
            findings.c.run_id == run_id, findings.c.person == person, findings.c.construct == construct
        )
    )


def places_of(db: Session, event_ids: Sequence[str]) -> dict[str, int]:
    """The number of each event within its session's logs, counted as the log's page counts."""
    earlier = logs.alias()
    before = (
        sa.select(sa.func.coalesce(sa.func.sum(earlier.c.stored_to), 0))
        .where(earlier.c.session == logs.c.session, earlier.c.id < logs.c.id)
        .scalar_subquery()
    )
    found: dict[str, int] = {}
    for start in range(0, len(event_ids), 500):
        query = sa.select(events.c.id, events.c.seq + before).join(logs, logs.c.id == events.c.log)
        some = event_ids[start : start + 500]
        found |= {key: int(place) for key, place in db.execute(query.where(events.c.id.in_(some)))}
    return found
