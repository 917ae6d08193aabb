"""Alembic's way to the database: the connection or URL that `observe.store.migrating` hands in."""

from __future__ import annotations

from alembic import context
from sqlalchemy import create_engine

import observe.store  # noqa: F401 - every table is known once this is imported
from observe.store.base import Base


def run(connection):
    """Migrate on this connection. SQLite changes a table by copying it, so batches are always rendered."""
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=True,
        compare_type=True,
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    run(given)
else:
    with create_engine(context.config.get_main_option("sqlalchemy.url")).connect() as opened:
        run(opened)
