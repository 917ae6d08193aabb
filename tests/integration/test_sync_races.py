"""A real server under many hands at once, killed in the middle, held up, and out of room: acknowledged means stored."""

from __future__ import annotations

import base64
import hashlib
import http.client
import json
import os
import random
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from observe.actions import sessions
from observe.actions.sessions import Sender
from observe.core.errors import Busy, NoRoom
from observe.store import base, migrating
from tests.factories.field import Field, a_field
from tests.factories.people import a_cast
from tests.factories.uploads import Row, envelope, event, read, some_id, talk

ROOT = Path(__file__).resolve().parents[2]
NOW = datetime(2026, 3, 4, 9, 0, tzinfo=UTC)


class Site:
    """gunicorn with its threads over a database of its own; it can be killed and started again on its port."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = folder / "observe.sqlite3"
        engine = sa.create_engine(f"sqlite:///{self.path}")
        migrating.upgrade(engine)
        base.prepare(engine)
        with Session(engine, expire_on_commit=False) as db:
            cast = a_cast(db, NOW)
            field = a_field(db, cast.study, cast.owen, datetime.now(UTC))
            self.given = {
                "study": field.study.id, "framework": field.framework, "device": field.device, "observer": field.observer.id,
            }  # fmt: skip
            self.field = field
        engine.dispose()
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        env = {**os.environ, "OBSERVE_DATABASE_URL": f"sqlite:///{self.path}", "OBSERVE_VAR": str(self.folder),
               "OBSERVE_LOG_LEVEL": "ERROR", "OBSERVE_SECRET_KEY": "races", "OBSERVE_BUSY_SECONDS": "1"}  # fmt: skip
        words = [sys.executable, "-m", "gunicorn", "wsgi:app", "--bind", f"127.0.0.1:{self.port}", "--threads", "8",
                 "--worker-class", "gthread", "--log-level", "error"]  # fmt: skip
        self.process = subprocess.Popen(words, cwd=ROOT, env=env, start_new_session=True)
        deadline = time.monotonic() + 90
        while time.monotonic() < deadline:
            try:
                connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
                connection.request("GET", "/api/v1/hello")
                connection.getresponse().read()
                return
            except OSError:
                time.sleep(0.2)
        raise AssertionError("the server did not answer")

    def kill(self) -> None:
        """As when the power goes: no process of it gets to say a word."""
        if self.process is not None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.process = None

    def post(self, body: bytes, timeout: float = 60) -> tuple[int, Row]:
        mark = base64.b64encode(hashlib.sha256(body).digest()).decode()
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        connection.request(
            "POST", "/api/v1/sync", body,
            {"Authorization": "Bearer lectures tablet", "Content-Type": "application/json",
             "Content-Digest": f"sha-256=:{mark}:"},
        )  # fmt: skip
        reply = connection.getresponse()
        return reply.status, json.loads(reply.read())

    def body(self, session: str, rows: list[Row]) -> bytes:
        return json.dumps(envelope((self.field.header(session, **self.given), rows), count=len(rows))).encode()

    def rows(self, session: str) -> list[str]:
        with sqlite3.connect(self.path) as database:
            query = "SELECT body FROM events JOIN logs ON logs.id = events.log WHERE session = ? ORDER BY seq"
            return [body for (body,) in database.execute(query, (session,))]

    def whole(self) -> str:
        with sqlite3.connect(self.path) as database:
            return str(database.execute("PRAGMA integrity_check").fetchone()[0])


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    made = Site(tmp_path)
    yield made
    made.kill()


def long_talk(session: str, count: int) -> list[Row]:
    return [event(session, k + 1, "start" if k else "open", k * 10, code="LT") for k in range(count)]


def test_the_same_batch_from_32_hands_at_once_is_a_success_for_each_and_one_row_for_each_event(site):
    site.start()
    rows = talk(some_id("race"), ["LT", "LQ"] * 40)
    body = site.body(some_id("race"), rows)
    together = threading.Barrier(32)

    def hand(_: int) -> tuple[int, Row]:
        together.wait()
        return site.post(body)

    with ThreadPoolExecutor(32) as hands:
        replies = list(hands.map(hand, range(32)))

    assert {status for status, _ in replies} == {200}
    answers = [reply["sessions"][0] for _, reply in replies]
    assert {answer["stored_to"] for answer in answers} == {82}
    assert len({answer["digest"] for answer in answers}) == 1
    became = sorted(sorted({outcome[1] for outcome in answer["outcomes"]}) for answer in answers)
    assert became == [["have"]] * 31 + [["stored"]]
    assert site.rows(some_id("race")) == [json.dumps(row) for row in rows]


def test_what_was_acknowledged_is_there_after_a_kill_and_sending_it_all_again_heals(site):
    site.start()
    logs = {some_id("killed", k): long_talk(some_id("killed", k), 600) for k in range(8)}
    acknowledged = dict.fromkeys(logs, 0)
    dying = threading.Event()

    def tablet(session: str) -> None:
        for start in range(0, 600, 20):
            try:
                status, reply = site.post(site.body(session, logs[session][start : start + 20]))
            except (OSError, http.client.HTTPException, ValueError):
                return
            if status == 200:
                acknowledged[session] = reply["sessions"][0]["stored_to"]
            if dying.is_set():
                return

    tablets = [threading.Thread(target=tablet, args=(session,)) for session in logs]
    for one in tablets:
        one.start()
    while sum(acknowledged.values()) < 800:
        assert any(one.is_alive() for one in tablets)
        time.sleep(0.01)
    site.kill()
    dying.set()
    for one in tablets:
        one.join()

    assert site.whole() == "ok"
    for session, upto in acknowledged.items():
        there = site.rows(session)
        assert len(there) >= upto and len(there) % 20 == 0
        assert there == [json.dumps(row) for row in logs[session][: len(there)]]
    site.start()
    for session, rows in logs.items():
        status, reply = site.post(site.body(session, rows))
        assert (status, reply["sessions"][0]["stored_to"]) == (200, 600)
        assert site.rows(session) == [json.dumps(row) for row in rows]


def test_a_locked_database_is_said_to_be_busy_and_nothing_is_lost(site):
    site.start()
    session = some_id("locked")
    rows = talk(session, ["LT"])
    with sqlite3.connect(site.path, isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        begun = time.monotonic()
        status, reply = site.post(site.body(session, rows))
        waited = time.monotonic() - begun
        other.execute("ROLLBACK")

    assert (status, reply["code"], reply["observe"]) == (503, "busy", 1)
    assert waited < 30
    assert site.rows(session) == []
    assert site.post(site.body(session, rows))[0] == 200
    assert len(site.rows(session)) == 3


def test_tablets_of_one_session_in_any_order_and_twice_come_to_the_same_log(site):
    site.start()
    session = some_id("shuffled")
    rows = long_talk(session, 200)
    chance = random.Random(11)
    parts = [rows[start : start + 20] for start in range(0, 200, 20)] * 2
    chance.shuffle(parts)

    with ThreadPoolExecutor(8) as hands:
        list(hands.map(lambda part: site.post(site.body(session, part)), parts))
    while site.post(site.body(session, rows))[1]["sessions"][0]["stored_to"] < 200:
        pass

    assert site.rows(session) == [json.dumps(row) for row in rows]


@pytest.fixture
def full(tmp_path: Path) -> Iterator[tuple[Field, Session]]:
    """A database that has no room left for more than a few pages."""
    engine = sa.create_engine(f"sqlite:///{tmp_path / 'full.sqlite3'}", poolclass=sa.pool.StaticPool)
    base.prepare(engine)
    migrating.upgrade(engine)
    with Session(engine, expire_on_commit=False) as db:
        cast = a_cast(db, NOW)
        yield a_field(db, cast.study, cast.owen, NOW), db
    engine.dispose()


def limit(db: Session, more: int | None) -> None:
    db.rollback()
    pages = db.execute(sa.text("PRAGMA page_count")).scalar() or 0
    db.execute(sa.text(f"PRAGMA max_page_count = {pages + more if more is not None else 1_000_000}"))
    db.rollback()


def test_a_full_disk_is_try_later_with_nothing_by_halves_and_heals_when_there_is_room(full):
    field, db = full
    session = some_id("full")
    rows = long_talk(session, 900)
    head = field.header(session)
    sender = Sender(field.device, field.study.id, True)
    limit(db, 5)

    with pytest.raises(NoRoom):
        sessions.receive(db, sender, read(envelope((head, rows))), now=NOW)

    assert (
        db.execute(sa.text("SELECT (SELECT count(*) FROM events) + (SELECT count(*) FROM sessions)")).scalar() == 0
    )
    limit(db, None)
    [answer] = sessions.receive(db, sender, read(envelope((head, rows))), now=NOW)
    assert answer.stored_to == 900
    assert {one.became for one in answer.outcomes} == {"stored"}


def test_a_writer_that_waits_too_long_in_this_process_is_told_that_the_server_is_busy(full, monkeypatch):
    field, db = full
    monkeypatch.setattr(base, "LOCK_WAIT_SECONDS", 0.05)
    session = some_id("waiting")
    upload = read(envelope((field.header(session), talk(session, ["LT"]))))
    sender = Sender(field.device, field.study.id, True)
    engine = db.get_bind()
    assert isinstance(engine, sa.Engine)

    with base.lock_of(engine), pytest.raises(Busy):
        sessions.receive(db, sender, upload, now=NOW)

    [answer] = sessions.receive(db, sender, upload, now=NOW)
    assert answer.stored_to == 3
