"""Sessions and their logs as they are kept: events are only ever added, and the database itself sees to that.

A log is what one device holds of one session. `logs` gives it a small number, so that an event's place
(log, seq) is its primary key; the pair (session, device) is unique, and so (session, device, seq) is too.
"""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from weakref import WeakKeyDictionary

import sqlalchemy as sa
from msgspec import Struct
from sqlalchemy import event
from sqlalchemy.dialects import postgresql
from sqlalchemy.engine import Engine
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from observe.core.upload import Header
from observe.store.base import Base, Instant

RECORDING, SUBMITTED, RETURNED, SIGNED_OFF = "recording", "submitted", "returned", "signed_off"
STATUSES = (RECORDING, SUBMITTED, RETURNED, SIGNED_OFF)

sessions = sa.Table(
    "sessions",
    Base.metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("study", sa.ForeignKey("studies.id"), nullable=False, index=True),
    sa.Column("framework", sa.String(200), nullable=False),
    sa.Column("observer", sa.ForeignKey("people.id"), nullable=False, index=True),
    sa.Column("device", sa.String(36), nullable=False),
    sa.Column("purpose", sa.String(20), nullable=False),
    sa.Column("happening", sa.String(36), index=True),
    sa.Column("setting", sa.String(36)),
    sa.Column("consent", sa.String(20)),
    sa.Column("started", sa.BigInteger, nullable=False),
    sa.Column("offset", sa.Integer, nullable=False),
    sa.Column("zone", sa.String(100), nullable=False),
    sa.Column("header", sa.Text, nullable=False),
    sa.Column("status", sa.String(20), nullable=False, server_default=RECORDING),
    sa.Column("received", Instant, nullable=False),
)

logs = sa.Table(
    "logs",
    Base.metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("study", sa.Integer, nullable=False, index=True),
    sa.Column("session", sa.String(36), nullable=False),
    sa.Column("device", sa.String(36), nullable=False, index=True),
    sa.Column("header", sa.Text, nullable=False),
    sa.Column("stored_to", sa.BigInteger, nullable=False),
    sa.Column("stored", sa.BigInteger, nullable=False),
    sa.Column("claimed", sa.BigInteger),
    sa.Column("redacted", sa.Integer, nullable=False, server_default="0"),
    sa.UniqueConstraint("session", "device"),
)

events = sa.Table(
    "events",
    Base.metadata,
    sa.Column("log", sa.Integer, sa.ForeignKey("logs.id"), primary_key=True, autoincrement=False),
    sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("id", sa.String(36), nullable=False, unique=True),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("kind", sa.String(64), nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("digest", sa.LargeBinary(32), nullable=False),
    sa.Column("received", sa.BigInteger, nullable=False),
)

held = sa.Table(
    "held",
    Base.metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("log", sa.Integer, sa.ForeignKey("logs.id"), nullable=False),
    sa.Column("study", sa.Integer, nullable=False, index=True),
    sa.Column("seq", sa.BigInteger),
    sa.Column("event", sa.String(200)),
    sa.Column("reason", sa.String(40), nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("digest", sa.LargeBinary(32), nullable=False),
    sa.Column("header", sa.Text),
    sa.Column("fills", sa.Boolean, nullable=False),
    sa.Column("request", sa.String(36), nullable=False),
    sa.Column("received", sa.BigInteger, nullable=False),
    sa.Column("decision", sa.String(20)),
    sa.Column("decided_by", sa.ForeignKey("people.id")),
    sa.Column("decided", Instant),
    sa.Index("ix_held_log_seq", "log", "seq"),
    sa.Index("ix_held_log_digest", "log", "digest"),
)

coded_records = sa.Table(
    "coded_records",
    Base.metadata,
    sa.Column("session", sa.String(36), sa.ForeignKey("sessions.id"), primary_key=True),
    sa.Column("marks", sa.Text, nullable=False),
    sa.Column("digest", sa.String(64), nullable=False),
    sa.Column("software", sa.String(40), nullable=False),
    sa.Column("ended", sa.Boolean, nullable=False),
    sa.Column("end_ms", sa.BigInteger, nullable=False),
    sa.Column("findings", sa.Integer, nullable=False),
    sa.Column("budget", sa.LargeBinary, nullable=False),
    sa.Column("derived", Instant, nullable=False),
    sa.Column("record", sa.LargeBinary, nullable=False),
)

status_history = sa.Table(
    "session_status",
    Base.metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("session", sa.String(36), sa.ForeignKey("sessions.id"), nullable=False, index=True),
    sa.Column("status", sa.String(20), nullable=False),
    sa.Column("by", sa.ForeignKey("people.id"), nullable=False),
    sa.Column("at", Instant, nullable=False),
    sa.Column("words", sa.Text, nullable=False),
)

comments = sa.Table(
    "comments",
    Base.metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("session", sa.String(36), sa.ForeignKey("sessions.id"), nullable=False, index=True),
    sa.Column("at_ms", sa.BigInteger),
    sa.Column("event", sa.String(36)),
    sa.Column("by", sa.ForeignKey("people.id"), nullable=False),
    sa.Column("at", Instant, nullable=False),
    sa.Column("words", sa.Text, nullable=False),
)

APPEND_ONLY = {
    "sqlite": tuple(
        f"CREATE TRIGGER events_no_{what} BEFORE {what} ON events "
        "BEGIN SELECT RAISE(ABORT, 'events are only ever added'); END"
        for what in ("update", "delete")
    ),
    "postgresql": (
        "CREATE OR REPLACE FUNCTION events_are_only_added() RETURNS trigger AS "
        "$$ BEGIN RAISE EXCEPTION 'events are only ever added'; END $$ LANGUAGE plpgsql",
        "CREATE TRIGGER events_no_change BEFORE UPDATE OR DELETE ON events "
        "FOR EACH ROW EXECUTE FUNCTION events_are_only_added()",
        "CREATE TRIGGER events_no_truncate BEFORE TRUNCATE ON events "
        "FOR EACH STATEMENT EXECUTE FUNCTION events_are_only_added()",
    ),
}
"""what makes a database refuse to change or delete an event, by dialect; one that was migrated has a door for redactions"""

for _dialect, _statements in APPEND_ONLY.items():
    for _statement in _statements:
        event.listen(events, "after_create", sa.DDL(_statement.replace("%", "%%")).execute_if(dialect=_dialect))  # type: ignore[no-untyped-call]


@dataclass(frozen=True, slots=True)
class Log:
    """How far one device's log of one session has come in. `status` is None while there is no session of it."""

    id: int
    session: str
    device: str
    header: str
    stored_to: int
    stored: int
    claimed: int | None
    status: str | None
    session_header: str | None


EventRow = tuple[int, int, str, int, str, str, bytes, int]
"""log, seq, id, at, kind, body, digest, received: in the order of the table's columns"""

_LOG = (
    sa.select(
        logs.c.id, logs.c.session, logs.c.device, logs.c.header, logs.c.stored_to, logs.c.stored, logs.c.claimed,
        sessions.c.status, sessions.c.header.label("session_header"),
    )
    .select_from(logs.outerjoin(sessions, sessions.c.id == logs.c.session))
    .where(logs.c.session == sa.bindparam("session"), logs.c.device == sa.bindparam("device"))
    .with_for_update(of=logs)
)  # fmt: skip


def log_of(db: Session, session: str, device: str) -> Log | None:
    """The log of this session on this device, or None before anything of it came. PostgreSQL locks it until the commit."""
    row = db.execute(_LOG, {"session": session, "device": device}).one_or_none()
    return Log(*row) if row else None


def open_log(db: Session, study: int, session: str, device: str, header: str) -> Log:
    """Begin the log of a device for a session; nothing is stored of it yet.

    Of several hands that begin it at once, PostgreSQL lets one: the others wait for it and go on with what it made.
    """
    insert = postgresql.insert(logs).on_conflict_do_nothing(constraint="uq_logs_session_device")
    db.execute(
        insert if db.get_bind().dialect.name == "postgresql" else logs.insert(),
        {"study": study, "session": session, "device": device, "header": header, "stored_to": 0, "stored": 0},
    )
    log = log_of(db, session, device)
    assert log is not None
    return log


_MOVE = (
    logs.update()
    .where(logs.c.id == sa.bindparam("log"))
    .values(
        stored_to=sa.bindparam("to"),
        stored=sa.bindparam("number"),
        claimed=sa.func.coalesce(sa.bindparam("said", type_=sa.BigInteger), logs.c.claimed),
    )
)


def move_log(db: Session, log: Log, *, stored_to: int, stored: int, claimed: int | None) -> None:
    """Note how far the log has come in, and how many events the device says that it holds."""
    db.execute(_MOVE, {"log": log.id, "to": stored_to, "number": stored, "said": claimed})


def create(db: Session, values: dict[str, Any]) -> None:
    """A session, from its header; its first status stands in the row itself."""
    db.execute(sessions.insert(), values)


_INSERT_EVENTS = (
    "INSERT INTO events (log, seq, id, at, kind, body, digest, received) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
)


def add_events(db: Session, rows: Sequence[EventRow]) -> None:
    """Store events, all of them or none: an id or place that is taken raises IntegrityError and leaves nothing behind.

    Rows go to the driver as they are; building a parameter dictionary for each costs more than storing it. Only a
    taken place goes back to the savepoint: on a full disk SQLite has taken back the whole transaction by itself.
    A single row needs no savepoint there, since SQLite takes back a statement that failed, and nothing else.
    """
    connection = db.connection()
    if connection.dialect.name == "sqlite" and len(rows) == 1:
        connection.exec_driver_sql(_INSERT_EVENTS, rows[0])
        return
    marks = _INSERT_EVENTS if connection.dialect.paramstyle == "qmark" else _INSERT_EVENTS.replace("?", "%s")
    connection.exec_driver_sql("SAVEPOINT batch")
    try:
        connection.exec_driver_sql(marks, list(rows))
    except IntegrityError:
        connection.exec_driver_sql("ROLLBACK TO SAVEPOINT batch")
        raise
    connection.exec_driver_sql("RELEASE SAVEPOINT batch")


def ids_taken(db: Session, ids: Sequence[str]) -> frozenset[str]:
    """Those of these event ids that are stored already, in whatever log."""
    return frozenset(db.scalars(sa.select(events.c.id).where(events.c.id.in_(ids))))


class Kept(Struct, frozen=True):
    """What stands at one place of a log: an event, or (with a reason) one that was kept aside there."""

    seq: int
    digest: bytes
    reason: str | None


def kept_between(db: Session, log: int, first: int, last: int) -> Iterator[Kept]:
    """What fills the places from `first` to `last` of a log, in no order."""
    stored = sa.select(events.c.seq, events.c.digest).where(events.c.log == log, events.c.seq.between(first, last))
    for seq, digest in db.execute(stored):
        yield Kept(seq, digest, None)
    aside = sa.select(held.c.seq, held.c.digest, held.c.reason).where(
        held.c.log == log, held.c.fills, held.c.seq.between(first, last)
    )
    for seq, digest, reason in db.execute(aside):
        yield Kept(seq, digest, reason)


def held_before(db: Session, log: int, digests: Iterable[bytes]) -> dict[bytes, str]:
    """Why each of these contents is kept aside already in this log; a repetition is not kept twice."""
    query = sa.select(held.c.digest, held.c.reason).where(held.c.log == log, held.c.digest.in_(list(digests)))
    return {row.digest: row.reason for row in db.execute(query)}


def hold(db: Session, rows: Sequence[dict[str, Any]]) -> None:
    """Keep these aside, in full."""
    if rows:
        db.execute(held.insert(), list(rows))


class _Running:
    """The hash over a log's digests so far, so that a tap at the end of a long session does not hash it all again."""

    def __init__(self) -> None:
        self.by_log: OrderedDict[int, tuple[int, hashlib._Hash]] = OrderedDict()
        self.lock = threading.Lock()

    def get(self, log: int, upto: int) -> tuple[int, hashlib._Hash]:
        with self.lock:
            seq, running = self.by_log.get(log, (0, hashlib.sha256()))
            return (seq, running.copy()) if seq <= upto else (0, hashlib.sha256())

    def keep(self, log: int, seq: int, running: hashlib._Hash) -> None:
        with self.lock:
            self.by_log[log] = (seq, running)
            self.by_log.move_to_end(log)
            while len(self.by_log) > 10_000:
                self.by_log.popitem(last=False)


_running: WeakKeyDictionary[Engine, _Running] = WeakKeyDictionary()
_guard = threading.Lock()


def digest_of(db: Session, log: int, upto: int, known: Mapping[int, Kept] | None = None) -> str:
    """The digest over a log's events up to this place. To be called after the commit: it remembers what it hashed.

    What stands at the places in `known` need not be read again.
    """
    engine = db.get_bind()
    assert isinstance(engine, Engine)
    with _guard:
        remembered = _running.setdefault(engine, _Running())
    seq, running = remembered.get(log, upto)
    there = known or {}
    if any(place not in there for place in range(seq + 1, upto + 1)):
        there = {one.seq: one for one in kept_between(db, log, seq + 1, upto)}
    for place in range(seq + 1, upto + 1):
        if place in there:  # an imported log may have holes; one that was synced has none
            running.update(there[place].digest)
    remembered.keep(log, upto, running.copy())
    return running.hexdigest()


def logs_of_device(db: Session, device: str) -> list[tuple[int, str, int]]:
    """Number, session and how far it has come in, for each log of a device."""
    query = (
        sa.select(logs.c.id, logs.c.session, logs.c.stored_to).where(logs.c.device == device).order_by(logs.c.id)
    )
    return [(log, session, upto) for log, session, upto in db.execute(query)]


def frameworks_used_by(db: Session, device: str) -> frozenset[str]:
    """Hashes of the versions that sessions of this device are pinned to."""
    return frozenset(db.scalars(sa.select(sessions.c.framework).where(sessions.c.device == device).distinct()))


def count_of_study(db: Session, study: int) -> int:
    """How many sessions of a study have come in."""
    return db.scalar(sa.select(sa.func.count()).select_from(sessions).where(sessions.c.study == study)) or 0


def values_of(header: Header, text: str, now: datetime) -> dict[str, Any]:
    """A session's columns from its header; the header itself is kept word for word."""
    fields = ("id", "study", "framework", "observer", "device", "purpose", "happening", "setting", "consent")
    times = ("started", "offset", "zone")
    return {name: getattr(header, name) for name in (*fields, *times)} | {"header": text, "received": now}


def event_at(db: Session, session: str, event_id: str) -> int | None:
    """When an event of this session happened, in session time; None when the session has no such event."""
    query = sa.select(events.c.at).join(logs, logs.c.id == events.c.log)
    return db.scalar(query.where(logs.c.session == session, events.c.id == event_id))


def log_by_id(db: Session, log_id: int) -> Log:
    """A log by its number."""
    pair = db.execute(sa.select(logs.c.session, logs.c.device).where(logs.c.id == log_id)).one()
    log = log_of(db, pair.session, pair.device)
    assert log is not None
    return log


@dataclass(frozen=True, slots=True)
class Heap:
    """What was kept aside of one log for one reason. `open` counts what nobody has decided on."""

    log: int
    session: str
    device: str
    reason: str
    count: int
    open: int
    first: int
    last: int


def heaps(db: Session, study: int, session: str = "") -> list[Heap]:
    """Everything kept aside in a study, or of one session, by log and reason; undecided first."""
    undecided = sa.func.sum(sa.case((held.c.decision.is_(None), 1), else_=0)).label("undecided")
    query = (
        sa.select(
            logs.c.id, logs.c.session, logs.c.device, held.c.reason, sa.func.count(), undecided,
            sa.func.min(held.c.received), sa.func.max(held.c.received),
        )
        .join(logs, logs.c.id == held.c.log)
        .where(held.c.study == study)
        .group_by(logs.c.id, logs.c.session, logs.c.device, held.c.reason)
        .order_by(undecided.desc(), sa.func.max(held.c.received).desc(), logs.c.id)
    )  # fmt: skip
    if session:
        query = query.where(logs.c.session == session)
    return [Heap(*row) for row in db.execute(query)]


@dataclass(frozen=True, slots=True)
class HeldRow:
    """One thing kept aside, in full."""

    id: int
    seq: int | None
    event: str | None
    body: str
    digest: bytes
    fills: bool
    received: int
    decision: str | None


def heap(db: Session, study: int, log: int, reason: str) -> list[HeldRow]:
    """What was kept aside of one log for one reason and is not in the log yet, in order."""
    columns = (held.c[name] for name in HeldRow.__dataclass_fields__)
    query = sa.select(*columns).where(held.c.study == study, held.c.log == log, held.c.reason == reason)
    taken = sa.or_(held.c.decision.is_(None), held.c.decision != "taken")
    return [HeldRow(*row) for row in db.execute(query.where(taken).order_by(held.c.seq, held.c.id))]


def mark_decided(
    db: Session, ids: Sequence[int], taken: Sequence[int], decision: str, *, by: int, now: datetime
) -> None:
    """Those taken no longer fill a place themselves: the events that they became do."""
    if decision == "take":
        values = {"decision": "taken", "fills": False, "decided_by": by, "decided": now}
        db.execute(held.update().where(held.c.id.in_(taken)).values(values))
    left = [one for one in ids if one not in set(taken)]
    values = {"decision": "left", "decided_by": by, "decided": now}
    db.execute(held.update().where(held.c.id.in_(left)).values(values))


def history(db: Session, session: str) -> list[Any]:
    """Every step that a session went through, oldest first."""
    query = sa.select(status_history).where(status_history.c.session == session)
    return list(db.execute(query.order_by(status_history.c.id)))


def comments_on(db: Session, session: str) -> list[Any]:
    """What was said about a session, by the moment it is about, then by when it was said."""
    query = sa.select(comments).where(comments.c.session == session)
    return list(db.execute(query.order_by(comments.c.at_ms, comments.c.id)))


def exists(db: Session, session: str) -> bool:
    """Whether there is a session with this id, in whatever study."""
    return db.scalar(sa.select(sessions.c.id).where(sessions.c.id == session)) is not None
