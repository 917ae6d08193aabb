"""Fresh databases for tests: SQLite always, PostgreSQL where OBSERVE_TEST_POSTGRES names a server."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from config import database_url
from observe.store.base import prepare

KINDS = ("sqlite", "postgresql")


@contextmanager
def fresh(kind: str, folder: Path) -> Iterator[Engine]:
    """An engine on an empty database of this kind, gone afterwards; skips the test where there is no server."""
    if kind == "sqlite":
        engine = sa.create_engine(f"sqlite:///{folder / 'fresh.sqlite3'}")
        prepare(engine)
        yield engine
        engine.dispose()
        return
    server = os.environ.get("OBSERVE_TEST_POSTGRES")
    if not server:
        pytest.skip(
            "OBSERVE_TEST_POSTGRES names no server; set it to the URL of one whose user may create databases"
        )
    url = sa.make_url(database_url(server))
    name = f"observe_test_{uuid.uuid4().hex}"
    keeper = sa.create_engine(url, isolation_level="AUTOCOMMIT")
    with keeper.connect() as connection:
        connection.execute(sa.text(f"CREATE DATABASE {name}"))
    engine = sa.create_engine(url.set(database=name), pool_pre_ping=True)
    try:
        yield engine
    finally:
        engine.dispose()
        with keeper.connect() as connection:
            connection.execute(sa.text(f"DROP DATABASE {name} WITH (FORCE)"))
        keeper.dispose()
