"""People, their sign-ins and the attempts at one. New tables; takes no time."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "people",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("password_hash", sa.String(255)),
        sa.Column("is_admin", sa.Boolean(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("second_factor", sa.String(255)),
        sa.Column("second_factor_step", sa.BigInteger(), nullable=False),
        sa.Column("invitation_hash", sa.String(64)),
        sa.Column("invited_until", INSTANT),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.UniqueConstraint("email", name="uq_people_email"),
        sa.UniqueConstraint("invitation_hash", name="uq_people_invitation_hash"),
    )
    op.create_table(
        "logins",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column(
            "person_id",
            sa.Integer(),
            sa.ForeignKey("people.id", name="fk_logins_person_id_people"),
            nullable=False,
        ),
        sa.Column("begun_at", INSTANT, nullable=False),
        sa.Column("seen_at", INSTANT, nullable=False),
        sa.Column("ended_at", INSTANT),
    )
    op.create_index("ix_logins_person_id", "logins", ["person_id"])
    op.create_table(
        "attempts",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
    )
    op.create_index("ix_attempts_key", "attempts", ["key"])


def downgrade() -> None:
    op.drop_table("attempts")
    op.drop_table("logins")
    op.drop_table("people")
