"""Bringing a database to the shape that this version of the program expects."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.engine import Connection, Engine

from observe.store.base import prepare

FOLDER = Path(__file__).resolve().parents[2] / "migrations"


def configuration(connection: Connection | None = None) -> Config:
    """Alembic's configuration, made here so that no file has to be found at run time."""
    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def revisions() -> list[str]:
    """Every migration, oldest first."""
    found = [each.revision for each in ScriptDirectory.from_config(configuration()).walk_revisions()]
    return found[::-1]


def present(engine: Engine) -> str | None:
    """The migration that the database stands at; None before the first."""
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def upgrade(engine: Engine, to: str = "head") -> None:
    """Up to a migration, each in a transaction of its own."""
    with migrating(engine) as connection:
        command.upgrade(configuration(connection), to)


def downgrade(engine: Engine, to: str) -> None:
    """Back to a migration, or to `base`."""
    with migrating(engine) as connection:
        command.downgrade(configuration(connection), to)


def migrating(engine: Engine) -> Connection:
    """A connection for migrations. On SQLite tables are copied and replaced, so foreign keys are looked at afterwards."""
    if engine.dialect.name != "sqlite":
        return engine.connect()
    apart = sa.create_engine(engine.url, poolclass=sa.NullPool, execution_options={"observe_write": True})
    prepare(apart, foreign_keys=False)
    return apart.connect()
