"""What became of which code between two versions, and which notes from the field became codes: stated, never changed."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from frameworks.codemaps import CodeMap, Move
from observe.store.base import Base, Instant
from observe.store.sessions import events, logs, sessions

code_maps = sa.Table(
    "code_maps",
    Base.metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("study_id", sa.ForeignKey("studies.id"), nullable=False),
    sa.Column("framework_id", sa.ForeignKey("frameworks.id"), nullable=False, index=True),
    sa.Column("old", sa.String(64), nullable=False),
    sa.Column("new", sa.String(64), nullable=False),
    sa.Column("moves", sa.Text, nullable=False),
    sa.Column("stated_by", sa.ForeignKey("people.id")),
    sa.Column("stated_at", Instant, nullable=False),
)

noted_codes = sa.Table(
    "noted_codes",
    Base.metadata,
    sa.Column("framework_id", sa.ForeignKey("frameworks.id"), primary_key=True),
    sa.Column("event", sa.String(36), primary_key=True),
    sa.Column("code", sa.String(64), nullable=False),
    sa.Column("made_by", sa.ForeignKey("people.id")),
    sa.Column("made_at", Instant, nullable=False),
)


@dataclass(frozen=True, slots=True)
class Stated:
    """A map as somebody stated it at a moment. The newest of two versions counts; older ones stay to be read."""

    id: int
    map: CodeMap
    by: int | None
    at: datetime


def add(db: Session, study: int, framework: int, code_map: CodeMap, *, by: int | None, now: datetime) -> int:
    """Keep a map beside those stated before; its id."""
    moves = [{"old": move.old, "new": move.new, "reason": move.reason} for move in code_map.moves]
    values = {
        "study_id": study, "framework_id": framework, "old": code_map.old, "new": code_map.new,
        "moves": json.dumps(moves, ensure_ascii=False), "stated_by": by, "stated_at": now,
    }  # fmt: skip
    return int(db.execute(code_maps.insert().returning(code_maps.c.id), values).scalar_one())


def stated(db: Session, framework: int) -> list[Stated]:
    """Every map that was ever stated for a framework, newest first."""
    query = sa.select(code_maps).where(code_maps.c.framework_id == framework).order_by(code_maps.c.id.desc())
    return [
        Stated(row.id, CodeMap(row.old, row.new, tuple(moves(row.moves))), row.stated_by, row.stated_at)
        for row in db.execute(query)
    ]


def moves(text: str) -> Iterator[Move]:
    for each in json.loads(text):
        yield Move(tuple(each["old"]), tuple(each["new"]), each["reason"])


def in_force(db: Session, framework: int) -> dict[tuple[str, str], Stated]:
    """The newest map of each pair of versions, by their hashes."""
    found: dict[tuple[str, str], Stated] = {}
    for each in stated(db, framework):
        found.setdefault((each.map.old, each.map.new), each)
    return found


def sessions_with_outside_notes(db: Session, study: int, hashes: Sequence[str]) -> list[str]:
    """Sessions of these versions in whose logs something was noted as not in the framework, newest first."""
    noted = (
        sa.select(logs.c.session)
        .join(events, events.c.log == logs.c.id)
        .where(events.c.kind == "note", events.c.body.contains('"outside"'), logs.c.study == study)
    )
    query = (
        sa.select(sessions.c.id)
        .where(sessions.c.study == study, sessions.c.framework.in_(hashes), sessions.c.id.in_(noted))
        .order_by(sessions.c.started.desc(), sessions.c.id)
    )
    return list(db.scalars(query))


def codes_made_of_notes(db: Session, framework: int) -> dict[str, str]:
    """The code that was made of each note, by the note's event."""
    query = sa.select(noted_codes.c.event, noted_codes.c.code).where(noted_codes.c.framework_id == framework)
    return {row.event: row.code for row in db.execute(query)}


def mark_made(db: Session, framework: int, event: str, code: str, *, by: int | None, now: datetime) -> None:
    """Say which code a note became; one note becomes one code."""
    values = {"framework_id": framework, "event": event, "code": code, "made_by": by, "made_at": now}
    db.execute(noted_codes.insert(), values)
