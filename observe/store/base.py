"""What every table stands on: names of constraints, types, and the one way to write."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from weakref import WeakKeyDictionary

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.dialects import postgresql
from sqlalchemy.engine import Connection, Dialect, Engine
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.types import TypeDecorator

from observe.core.errors import Busy, NoRoom

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

LOCK_WAIT_SECONDS = 10.0
"""how long a write waits for the one before it, in this process and in others"""


class Base(DeclarativeBase):
    """Every table of the application."""

    metadata = sa.MetaData(naming_convention=NAMES)


class Instant(TypeDecorator[datetime]):
    """A moment in UTC. A datetime without a zone is refused: it would mean something else on another machine."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs a time zone")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
"""an object or a list, searchable where the database can"""

_write_locks: WeakKeyDictionary[Engine, threading.Lock] = WeakKeyDictionary()
_guard = threading.Lock()


def prepare(engine: Engine, *, busy_seconds: float = LOCK_WAIT_SECONDS, foreign_keys: bool = True) -> None:
    """Make SQLite durable and strict: WAL, flushed commits, foreign keys, erased bytes gone, writes begun as writes."""
    if engine.dialect.name != "sqlite":
        return

    @event.listens_for(engine, "connect")
    def connected(connection: sqlite3.Connection, _record: Any) -> None:
        connection.isolation_level = None  # transactions are begun below, not by the driver's guesswork
        for pragma in (
            f"busy_timeout = {int(busy_seconds * 1000)}",
            "journal_mode = WAL",
            "synchronous = FULL",
            f"foreign_keys = {'ON' if foreign_keys else 'OFF'}",
            "secure_delete = ON",
            "trusted_schema = OFF",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begun(connection: Connection) -> None:
        writes = connection.get_execution_options().get("observe_write")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def lock_of(engine: Engine) -> threading.Lock:
    """The lock that lets one writer of this process at a time come to SQLite: waiting here is fair, waiting there is not."""
    with _guard:
        return _write_locks.setdefault(engine, threading.Lock())


def as_our_error(problem: OperationalError) -> Exception:
    """Busy and full databases are things that pass: say so. Anything else stays what it is."""
    words = str(problem.orig).lower()
    if "locked" in words or "busy" in words or "lock timeout" in words:
        return Busy()
    if "full" in words or "no space" in words:
        return NoRoom()
    return problem


@contextmanager
def writing(db: Session) -> Iterator[None]:
    """One write transaction: begun as such from the newest state, committed with the disk flushed, or as if never begun.

    Whatever the session had read before is forgotten first, so that a decision is never made on an old state.
    """
    if db.new or db.dirty or db.deleted:
        raise AssertionError("something was changed outside of a write transaction")
    db.rollback()
    engine = db.get_bind()
    assert isinstance(engine, Engine)
    lock = lock_of(engine)
    locks = engine.dialect.name == "sqlite"
    if locks and not lock.acquire(timeout=LOCK_WAIT_SECONDS):
        raise Busy
    try:
        db.connection(execution_options={"observe_write": True})
        yield
        db.commit()
    except OperationalError as problem:
        db.rollback()
        raise as_our_error(problem) from problem
    except BaseException:
        db.rollback()
        raise
    finally:
        if locks:
            lock.release()
