"""The one place where the parts are wired together."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from types import ModuleType
from typing import Any

from flask import Blueprint, Flask
from sqlalchemy.orm import Session
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import IntegerConverter, Map

import config as settings
import observe.jobs
import observe.store as _every_table  # noqa: F401 - tables are known once they are imported
import observe.web
from observe.extensions import csrf, db, limiter, login
from observe.jobs.queue import HueyQueue, storage
from observe.store.base import prepare
from observe.web import clock, cookies, errors, logs, security


def create_app(config: Mapping[str, Any] | None = None) -> Flask:
    """The application with these settings (see config.py); what is not given is the default, not the environment."""
    app = Flask("observe", root_path=str(settings.ROOT), template_folder="templates", static_folder=None)
    app.config.from_mapping(settings.completed(config or {}))
    if app.config["BEHIND_PROXY"]:
        count = app.config["BEHIND_PROXY"]
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count, x_host=count)  # type: ignore[method-assign]
    app.url_map.converters["int"] = SmallNumber
    app.session_interface = cookies.SafeCookies()
    logs.begin(app)
    give_database(app)
    for extension in (csrf, login, limiter):
        extension.init_app(app)
    clock.begin(app, app.config.get("CLOCK"))
    give_queue(app)
    security.begin(app)
    errors.begin(app)
    for part in parts_of_the_web():
        attach(app, part)
    return app


class SmallNumber(IntegerConverter):
    """A number in an address that every database can hold; a larger one names nothing."""

    def __init__(self, map: Map, *args: Any, **options: Any) -> None:
        super().__init__(map, *args, **{"max": 2**31 - 1, **options})


def give_database(app: Flask) -> None:
    """Sessions and engines, with SQLite made durable."""
    db.init_app(app)
    with app.app_context():
        prepare(db.engine, busy_seconds=app.config["BUSY_SECONDS"])


def give_queue(app: Flask) -> None:
    """The way from a page to the workers; with a clock of its own, since a job is no request."""

    @contextmanager
    def sessions() -> Iterator[Session]:
        with app.app_context(), Session(db.engine, expire_on_commit=False) as made:
            yield made

    for found in pkgutil.iter_modules(observe.jobs.__path__, "observe.jobs."):
        importlib.import_module(found.name)
    huey = storage(app.config["QUEUE"], app.config["VAR"])
    app.extensions["observe.queue"] = HueyQueue(
        huey, sessions, app.config.get("CLOCK") or system_time, app.config["VAR"]
    )


def system_time() -> datetime:
    return datetime.now(UTC)


def parts_of_the_web() -> Iterator[ModuleType]:
    """Every module under observe.web, by name: a page is there once its file is."""
    for found in pkgutil.walk_packages(observe.web.__path__, "observe.web."):
        yield importlib.import_module(found.name)


def attach(app: Flask, part: ModuleType) -> None:
    """A module gives its `pages`, or a function `register(app)` where a blueprint is not enough."""
    pages = vars(part).get("pages")
    if isinstance(pages, Blueprint) and pages.import_name == part.__name__:
        app.register_blueprint(pages)
    register = vars(part).get("register")
    if callable(register) and register.__module__ == part.__name__:
        register(app)
