"""A setting says how freely people can act there, and when that was said. Two empty columns."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    with op.batch_alter_table("settings") as settings:
        settings.add_column(sa.Column("freedom", sa.String(20), nullable=False, server_default=""))
        settings.add_column(sa.Column("freedom_at", sa.DateTime(timezone=True)))


def downgrade() -> None:
    with op.batch_alter_table("settings") as settings:
        settings.drop_column("freedom_at")
        settings.drop_column("freedom")
