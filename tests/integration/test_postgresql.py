"""PostgreSQL as it is run: a server of the tests' own that is stopped hard, comes back, and has lost nothing acknowledged."""

from __future__ import annotations

import base64
import hashlib
import json
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from observe.actions import backup, sessions
from observe.actions.sessions import Sender
from observe.app import create_app
from observe.documents import package
from observe.store import migrating, records
from observe.store import sessions as kept
from observe.store.base import Base
from tests.conftest import Client, engine_of
from tests.factories.field import Field, a_field
from tests.factories.people import a_cast
from tests.factories.taken import SESSION, a_play_study, taken, written
from tests.factories.uploads import Row, envelope, read, some_id, talk
from tests.postgresql import Cluster, cluster

NOW = datetime(2026, 3, 4, 9, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def server() -> Iterator[Cluster]:
    with cluster() as made:
        yield made


@pytest.fixture
def engine(server: Cluster) -> Iterator[Engine]:
    name = f"t{uuid.uuid4().hex}"
    keeper = sa.create_engine(server.url, isolation_level="AUTOCOMMIT", pool_pre_ping=True)
    with keeper.connect() as connection:
        connection.execute(sa.text(f"CREATE DATABASE {name}"))
    keeper.dispose()
    made = sa.create_engine(sa.make_url(server.url).set(database=name), pool_pre_ping=True)
    migrating.upgrade(made)
    yield made
    made.dispose()


def a_site(db: Session) -> Field:
    """A study that is ready to record, whose rows stay readable after the session is closed."""
    cast = a_cast(db, NOW)
    made = a_field(db, cast.study, cast.owen, NOW)
    db.refresh(made.study)
    db.refresh(made.observer)
    return made


def sent(body: Row) -> dict[str, Any]:
    """A request as a tablet makes it."""
    data = json.dumps(body).encode()
    mark = base64.b64encode(hashlib.sha256(data).digest()).decode()
    head = {"Authorization": "Bearer lectures tablet", "Content-Digest": f"sha-256=:{mark}:"}
    return {"data": data, "headers": {**head, "Content-Type": "application/json"}}


def stored(engine: Engine) -> int:
    with engine.connect() as connection:
        return int(connection.scalar(sa.select(sa.func.count()).select_from(kept.events)) or 0)


def test_the_same_batch_from_eight_hands_at_once_is_stored_once(engine):
    with Session(engine, expire_on_commit=False) as db:
        field = a_site(db)
        body = envelope((field.header(some_id("raced")), talk(some_id("raced"), ["LT", "LQ"] * 20)), count=42)
        sender = Sender(field.device, field.study.id, True)

    def hand(_: int) -> int:
        with Session(engine) as db:
            [answer] = sessions.receive(db, sender, read(body), now=NOW)
            return int(answer.stored_to)

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(hand, range(8)))

    assert answers == [42] * 8
    assert stored(engine) == 42


def test_what_was_logged_can_be_neither_changed_nor_deleted(engine):
    with Session(engine, expire_on_commit=False) as db:
        a_site(db).record(some_id("fixed"))
    for words in ("UPDATE events SET body = '{}'", "DELETE FROM events", "UPDATE audit SET action = 'x'", "DELETE FROM audit"):  # fmt: skip
        with pytest.raises(DatabaseError), engine.begin() as connection:
            connection.execute(sa.text(words))

    assert stored(engine) == 6


def test_exports_are_the_same_as_from_sqlite_byte_for_byte(engine, db, cast, clock):
    with Session(engine, expire_on_commit=False) as there:
        others = a_cast(there, NOW)
        a_play_study(there, others.study, others.owen, NOW)
        theirs = package_of(there, there.merge(others.study))
        event_table = written(there, there.merge(others.study), NOW, "noldus")
    a_play_study(db, cast.study, cast.owen, NOW)

    assert package_of(db, db.merge(cast.study)) == theirs
    assert written(db, db.merge(cast.study), NOW, "noldus") == event_table
    assert SESSION in theirs.decode()


def package_of(db: Session, study) -> bytes:
    """The tables of sessions one after the other."""
    from observe.core.tidy import TABLES

    found = b""
    for table in TABLES:
        _, taking, _ = taken(db, study, NOW)
        found += b"".join(package.one_table(table, taking.sources))
    return found


def test_a_backup_by_pg_dump_brings_everything_back(engine, server, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(server.programs), prepend=":")
    with Session(engine, expire_on_commit=False) as db:
        field = a_site(db)
        field.record(some_id("before"))
        backed = backup.back_up(engine, tmp_path / "copy.dump")
        db.refresh(field.study)
        db.refresh(field.observer)
        field.record(some_id("after"))

    restored = backup.restore(engine, tmp_path / "copy.dump", now=NOW)

    assert restored.counts == backed.counts and backed.counts["events"] == 6
    with Session(engine) as db:
        assert [one for _, one in records.all_ids(db)] == [some_id("before")]
    with pytest.raises(DatabaseError), engine.begin() as connection:
        connection.execute(sa.text("DELETE FROM events"))


def test_after_a_hard_stop_the_application_goes_on_by_itself_and_nothing_acknowledged_is_lost(
    server: Cluster, engine: Engine, tmp_path: Path
) -> None:
    url = engine.url.render_as_string(hide_password=False)
    app = create_app({"TESTING": True, "VAR": str(tmp_path), "DATABASE_URL": url, "RATELIMIT_ENABLED": False})
    app.test_client_class = Client
    with Session(engine, expire_on_commit=False) as db:
        field = a_site(db)
        before = envelope((field.header(some_id("one")), talk(some_id("one"), ["LT", "LQ"])), count=4)
        after = envelope((field.header(some_id("two")), talk(some_id("two"), ["LT", "LQ"])), count=4)
    assert app.test_client().post("/api/v1/sync", **sent(before)).status_code == 200

    server.stop_hard()
    try:
        gone = app.test_client().post("/api/v1/sync", **sent(after))
    finally:
        server.start()
    back = app.test_client().post("/api/v1/sync", **sent(after))

    assert gone.status_code == 503 and int(gone.headers["Retry-After"]) > 0
    assert back.status_code == 200
    assert stored(engine) == 8
    engine_of(app).dispose()


def test_the_tables_are_those_of_the_program(engine):
    assert {one for one in sa.inspect(engine).get_table_names() if one != "alembic_version"} == set(
        Base.metadata.tables
    )
