"""Photos and voice notes that notes name: one new table. Their bytes lie in files beside the database."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.create_table(
        "attachments",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("study", sa.Integer(), nullable=False),
        sa.Column("session", sa.String(36), nullable=False),
        sa.Column("device", sa.String(36), nullable=False),
        sa.Column("event", sa.String(36), nullable=False),
        sa.Column("type", sa.String(100), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("received", sa.DateTime(timezone=True)),
        sa.ForeignKeyConstraint(["study"], ["studies.id"], name="fk_attachments_study_studies"),
        sa.PrimaryKeyConstraint("id", name="pk_attachments"),
    )
    op.create_index("ix_attachments_session", "attachments", ["session"])
    op.create_index("ix_attachments_device", "attachments", ["device"])


def downgrade() -> None:
    op.drop_table("attachments")
