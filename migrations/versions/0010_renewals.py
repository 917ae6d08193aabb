"""A device keeps the hash of its token before, so that it can be enrolled again as itself. One empty column."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    with op.batch_alter_table("devices") as devices:
        devices.add_column(sa.Column("token_before", sa.String(64)))


def downgrade() -> None:
    with op.batch_alter_table("devices") as devices:
        devices.drop_column("token_before")
