"""The application on a fresh database, a clock that stands still, and the same people in every test."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import hypothesis
import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from jinja2 import FileSystemBytecodeCache
from sqlalchemy.orm import Session

from observe.actions import people as people_actions
from observe.actions.limits import Limits
from observe.app import create_app
from observe.extensions import db as extension
from observe.store import migrating
from observe.store.people import Person
from tests.factories.people import Cast, a_cast

LOGIN = "_user_id"


hypothesis.settings.register_profile("ci", derandomize=True, deadline=None)
if os.environ.get("CI"):
    hypothesis.settings.load_profile(
        "ci"
    )  # a build answers for its change; new examples are looked for at the desk


class FakeClock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.at = datetime(2026, 3, 4, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at

    def forward(self, **length: float) -> datetime:
        """Move on by so many minutes, hours …"""
        self.at += timedelta(**length)
        return self.at


class Client(FlaskClient):
    """A browser that can be somebody. It reads every answer to its end, as browsers do."""

    def open(self, *args: Any, **kwargs: Any) -> Any:
        return super().open(*args, **{"buffered": True, **kwargs})

    def as_(self, person: Person | None) -> Client:
        """A new browser, signed in as this person, or as nobody."""
        other: Client = self.application.test_client()  # type: ignore[assignment]
        if person is not None:
            with Session(engine_of(self.application), expire_on_commit=False) as db:
                same = db.get_one(Person, person.id)
                token = people_actions.sign_in(db, same, limits=Limits(), now=self.application.config["CLOCK"]())
            with other.session_transaction() as cookie:
                cookie[LOGIN] = token
        return other


@pytest.fixture(autouse=True)
def _push_request_context() -> None:
    """pytest-flask keeps a request open around each test, so that every request would share the first one's person."""


def engine_of(app: Flask) -> sa.Engine:
    with app.app_context():
        return extension.engine


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated database without rows, made once and copied for each test."""
    path = tmp_path_factory.mktemp("empty") / "observe.sqlite3"
    migrating.upgrade(sa.create_engine(f"sqlite:///{path}"))
    return path


@pytest.fixture(scope="session")
def templates(tmp_path_factory: pytest.TempPathFactory) -> FileSystemBytecodeCache:
    """Templates compiled once, not for each test's own application."""
    return FileSystemBytecodeCache(str(tmp_path_factory.mktemp("templates")))


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def settings() -> dict[str, Any]:
    """What a test sets differently; override it in the test's module or class."""
    return {}


@pytest.fixture
def app(
    empty_database: Path,
    tmp_path: Path,
    clock: FakeClock,
    settings: dict[str, Any],
    templates: FileSystemBytecodeCache,
) -> Iterator[Flask]:
    """The application on a database of its own. Forms need no token here, but where a test turns that on."""
    path = tmp_path / "observe.sqlite3"
    shutil.copy(empty_database, path)
    app = create_app(
        {
            "TESTING": True, "VAR": str(tmp_path), "DATABASE_URL": f"sqlite:///{path}", "SECRET_KEY": "secret of the tests",
            "CLOCK": clock, "WTF_CSRF_ENABLED": False, "RATELIMIT_ENABLED": False, **settings,
        }
    )  # fmt: skip
    app.test_client_class = Client
    app.jinja_env.bytecode_cache = templates
    yield app
    engine_of(app).dispose()


@pytest.fixture
def db(app: Flask) -> Iterator[Session]:
    """A session of the test's own, as an action is given one."""
    with Session(engine_of(app), expire_on_commit=False) as session:
        yield session


@pytest.fixture
def cast(db: Session, clock: FakeClock) -> Cast:
    """Owen and Olga observe, Sadia supervises, Rhys reviews, Anya analyses; Nemo is of another study; Ada is admin."""
    return a_cast(db, clock())


@pytest.fixture
def client(app: Flask, cast: Cast) -> Client:
    made: Client = app.test_client()  # type: ignore[assignment]
    return made
