"""A coded record's large column comes last, so that a budget is read without reading past it. SQLite only: others do it anyway."""

from __future__ import annotations

from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    put_in_order("findings", "budget", "derived", "record")


def downgrade() -> None:
    put_in_order("findings", "record", "budget", "derived")


def put_in_order(*columns: str) -> None:
    """The same rows in a table whose columns stand in this order."""
    if op.get_bind().dialect.name == "sqlite":
        with op.batch_alter_table("coded_records", recreate="always", partial_reordering=[columns]):
            pass
