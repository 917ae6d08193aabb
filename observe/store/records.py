"""Coded records as they are kept: beside the log that they were derived from, tied to it, and always replaceable."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from msgspec import Struct
from sqlalchemy.orm import Session

from observe.store.sessions import coded_records, events, logs, sessions


@dataclass(frozen=True, slots=True)
class SessionRow:
    """One session as its header and its supervisor have it."""

    id: str
    study: int
    framework: str
    observer: int
    device: str
    purpose: str
    happening: str | None
    setting: str | None
    consent: str | None
    started: int
    offset: int
    zone: str
    header: str
    status: str
    received: datetime


@dataclass(frozen=True, slots=True)
class RecordRow:
    """A derived record with what it was derived from. `marks` is how far each log had come in then."""

    session: str
    marks: str
    digest: str
    software: str
    ended: bool
    end_ms: int
    findings: int
    record: bytes
    budget: bytes


_ROW = tuple(sessions.c[name] for name in SessionRow.__dataclass_fields__)
_NAMES = tuple(RecordRow.__dataclass_fields__)


def session(db: Session, study: int, session_id: str) -> SessionRow | None:
    """One session of this study; one of another study is not there."""
    query = sa.select(*_ROW).where(sessions.c.id == session_id, sessions.c.study == study)
    row = db.execute(query).one_or_none()
    return SessionRow(*row) if row else None


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which sessions; what is None or empty does not narrow the choice."""

    observer: int | None = None
    status: str = ""
    purpose: str = ""
    framework: str = ""
    setting: str = ""
    since: int | None = None
    until: int | None = None
    ids: tuple[str, ...] = ()

    def as_words(self) -> dict[str, Any]:
        """What is narrowed, for the provenance of an export."""
        given = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return {name: list(value) if name == "ids" else value for name, value in given.items() if value}


def of_study(db: Session, study: int, wanted: Wanted | None = None) -> list[SessionRow]:
    """Sessions of a study, newest first."""
    query = sa.select(*_ROW).where(sessions.c.study == study)
    if wanted:
        query = query.where(*_conditions(wanted))
    return [SessionRow(*row) for row in db.execute(query.order_by(sessions.c.started.desc(), sessions.c.id))]


def _conditions(wanted: Wanted) -> Iterator[sa.ColumnElement[bool]]:
    if wanted.observer is not None:
        yield sessions.c.observer == wanted.observer
    for name in ("status", "purpose", "framework", "setting"):
        if value := getattr(wanted, name):
            yield sessions.c[name] == value
    if wanted.since is not None:
        yield sessions.c.started >= wanted.since
    if wanted.until is not None:
        yield sessions.c.started < wanted.until
    if wanted.ids:
        yield sessions.c.id.in_(wanted.ids)


def all_ids(db: Session) -> list[tuple[int, str]]:
    """Study and id of every session there is."""
    return [(row.study, row.id) for row in db.execute(sa.select(sessions.c.study, sessions.c.id))]


@dataclass(frozen=True, slots=True)
class LogRow:
    """How much of one device's log is there. `claimed` is how much the device said that there is."""

    id: int
    session: str
    device: str
    stored_to: int
    stored: int
    claimed: int | None
    redacted: int = 0

    @property
    def mark(self) -> str:
        """Another one whenever what the log says is another: when it grew, and when words were taken out of it."""
        return f"{self.device}:{self.stored}" + (f":{self.redacted}" if self.redacted else "")


def logs_of(db: Session, session_ids: Sequence[str]) -> dict[str, list[LogRow]]:
    """The logs of each session, in the order in which they were begun: the recording tablet's is the first."""
    found: dict[str, list[LogRow]] = {one: [] for one in session_ids}
    columns = (
        logs.c.id,
        logs.c.session,
        logs.c.device,
        logs.c.stored_to,
        logs.c.stored,
        logs.c.claimed,
        logs.c.redacted,
    )
    for start in range(0, len(session_ids), 500):
        query = sa.select(*columns).where(logs.c.session.in_(session_ids[start : start + 500])).order_by(logs.c.id)
        for row in db.execute(query):
            found[row.session].append(LogRow(*row))
    return found


def bodies(db: Session, log: int) -> list[str]:
    """The events of one log, word for word, in the order of their numbers."""
    query = sa.select(events.c.body).where(events.c.log == log).order_by(events.c.seq)
    return list(db.scalars(query))


class EventRow(Struct, frozen=True):
    """One stored event: where it stands, its words, and when the server took it in (ms since 1970)."""

    device: str
    seq: int
    id: str
    at: int
    kind: str
    body: str
    received: int


def events_of(db: Session, session_id: str, *, after: tuple[int, int] = (0, 0), limit: int = -1) -> list[EventRow]:
    """The stored events of a session, log by log; `after` is (log, seq) to go on from."""
    query = (
        sa.select(
            logs.c.device, events.c.seq, events.c.id, events.c.at, events.c.kind, events.c.body, events.c.received
        )
        .join(logs, logs.c.id == events.c.log)
        .where(logs.c.session == session_id, sa.tuple_(events.c.log, events.c.seq) > after)
        .order_by(events.c.log, events.c.seq)
    )
    if limit >= 0:
        query = query.limit(limit)
    return [EventRow(*row) for row in db.execute(query)]


def records(db: Session, session_ids: Sequence[str], *, whole: bool = True) -> Iterator[RecordRow]:
    """The records kept of these sessions, whether or not they are still of the newest log.

    Not `whole`: without the record itself, which is most of it, when only the budget is wanted.
    """
    columns = [sa.literal(b"") if name == "record" and not whole else coded_records.c[name] for name in _NAMES]
    for start in range(0, len(session_ids), 500):
        query = sa.select(*columns).where(coded_records.c.session.in_(session_ids[start : start + 500]))
        for row in db.execute(query):
            yield RecordRow(*row)


def keep(db: Session, row: RecordRow, *, now: datetime) -> None:
    """Put a record beside its log, in the place of an older one."""
    db.execute(coded_records.delete().where(coded_records.c.session == row.session))
    values = {name: getattr(row, name) for name in RecordRow.__dataclass_fields__}
    db.execute(coded_records.insert(), values | {"derived": now})
