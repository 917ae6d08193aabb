"""One writer at a time: nothing is lost, nothing is decided on an old state, and waiting ends."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from observe.actions import studies
from observe.actions.doing import Console
from observe.core import chain
from observe.core.errors import Busy, NoRoom
from observe.store import audit, base, migrating
from observe.store.base import prepare, writing
from observe.store.studies import Setting, Study
from tests.databases import KINDS, fresh
from tests.factories.people import a_cast

NOW = datetime(2026, 3, 4, 9, 0, tzinfo=UTC)


@pytest.fixture(params=KINDS)
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    with fresh(request.param, tmp_path) as made:
        migrating.upgrade(made)
        yield made


@pytest.fixture
def study(engine: Engine) -> Study:
    with Session(engine, expire_on_commit=False) as db:
        return a_cast(db, NOW).study


def test_many_at_once_all_get_their_turn_and_the_trail_is_one_chain(engine, study):
    def add(number: int) -> None:
        with Session(engine) as db:
            for each in range(10):
                studies.add_setting(db, Console(), study, f"Room {number}.{each}", now=NOW)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(add, range(8)))

    with Session(engine) as db:
        assert db.scalar(sa.select(sa.func.count()).select_from(Setting)) == 80
        assert audit.head(db)[0] == 80
        assert list(chain.faults(audit.links(db))) == []


def test_of_two_that_take_one_name_at_once_one_is_told(engine, study):
    def add(_: int) -> str:
        with Session(engine) as db:
            try:
                studies.add_setting(db, Console(), study, "Room 4", now=NOW)
            except Exception as problem:
                return type(problem).__name__
            return "added"

    with ThreadPoolExecutor(2) as pool:
        told = sorted(pool.map(add, range(2)))

    assert told[1] == "added"
    assert told[0] in {"Taken", "IntegrityError"}


def test_a_write_sees_what_was_written_since_the_session_last_looked(engine, study):
    with Session(engine, expire_on_commit=False) as first, Session(engine, expire_on_commit=False) as second:
        mine = first.get(Study, study.id)
        assert mine.title == "Lectures"
        with writing(second):
            second.get(Study, study.id).title = "Changed"
        with writing(first):
            assert mine.title == "Changed"


def test_what_is_changed_outside_of_a_write_transaction_is_our_mistake(engine, study):
    with Session(engine) as db:
        db.add(Setting(id="x", study_id=study.id, label="x", note="", active=True, created_at=NOW, changed_at=NOW))
        with pytest.raises(AssertionError, match="outside of a write transaction"), writing(db):
            pass


def test_a_row_that_belongs_to_nothing_is_refused(engine):
    with Session(engine) as db, pytest.raises(IntegrityError), writing(db):
        db.add(Setting(id="x", study_id=999, label="x", note="", active=True, created_at=NOW, changed_at=NOW))


def test_a_moment_without_a_zone_is_refused(engine, study):
    with Session(engine) as db, pytest.raises(Exception, match="a moment needs a time zone"), writing(db):
        db.get(Study, study.id).created_at = datetime(2026, 3, 4)


class TestSQLite:
    @pytest.fixture
    def engine(self, tmp_path: Path) -> Iterator[Engine]:
        with fresh("sqlite", tmp_path) as made:
            migrating.upgrade(made)
            yield made

    @pytest.mark.parametrize(
        ("pragma", "value"),
        [("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1), ("secure_delete", 1)],
    )
    def test_each_connection_is_durable_and_strict(self, engine, pragma, value):
        with engine.connect() as connection:
            assert connection.exec_driver_sql(f"PRAGMA {pragma}").scalar() == value

    def test_readers_do_not_wait_for_a_writer(self, engine, study):
        with Session(engine) as writer, Session(engine) as reader, writing(writer):
            writer.get(Study, study.id).title = "Half-written"
            writer.flush()
            assert reader.scalar(sa.select(Study.title).where(Study.id == study.id)) == "Lectures"

    def test_a_database_that_another_process_holds_is_busy_and_recovers(self, tmp_path, study, engine):
        impatient = sa.create_engine(engine.url)
        prepare(impatient, busy_seconds=0.2)
        with (
            closing(sqlite3.connect(str(engine.url.database), isolation_level=None)) as other,
            Session(impatient) as db,
        ):
            other.execute("BEGIN IMMEDIATE")
            began = time.monotonic()
            with pytest.raises(Busy):
                studies.add_setting(db, Console(), study, "Room 4", now=NOW)
            assert time.monotonic() - began < 3
            other.execute("ROLLBACK")
            assert studies.add_setting(db, Console(), study, "Room 4", now=NOW).label == "Room 4"
        impatient.dispose()

    def test_a_writer_of_this_process_that_does_not_end_does_not_hold_others_for_ever(
        self, engine, study, monkeypatch
    ):
        monkeypatch.setattr(base, "LOCK_WAIT_SECONDS", 0.2)
        held, done = threading.Event(), threading.Event()

        def hold() -> None:
            with Session(engine) as db, writing(db):
                held.set()
                done.wait(10)

        thread = threading.Thread(target=hold)
        thread.start()
        held.wait(10)
        try:
            with Session(engine) as db, pytest.raises(Busy):
                studies.add_setting(db, Console(), study, "Room 4", now=NOW)
        finally:
            done.set()
            thread.join()

    def test_a_full_disk_is_told_and_nothing_is_half_written(self, engine, study):
        with engine.connect() as connection:
            pages = connection.exec_driver_sql("PRAGMA page_count").scalar()

        @sa.event.listens_for(engine, "begin", insert=True)
        def no_room(connection: sa.Connection) -> None:
            connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")

        with Session(engine) as db, pytest.raises(NoRoom):
            for number in range(2000):
                studies.add_setting(db, Console(), study, f"Room {number}", "x" * 1000, now=NOW)
        sa.event.remove(engine, "begin", no_room)

        with Session(engine) as db:
            assert db.scalar(sa.select(sa.func.count()).select_from(Setting)) == audit.head(db)[0]
            assert list(chain.faults(audit.links(db))) == []
