"""Enrolled devices and the one-time codes that enrol them. New tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "devices",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column(
            "study_id",
            sa.Integer(),
            sa.ForeignKey("studies.id", name="fk_devices_study_id_studies"),
            nullable=False,
        ),
        sa.Column("label", sa.String(80), nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("enrolled_at", INSTANT, nullable=False),
        sa.Column("enrolled_by", sa.Integer(), sa.ForeignKey("people.id", name="fk_devices_enrolled_by_people")),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.Column("seen_at", INSTANT),
        sa.Column("revoked_at", INSTANT),
        sa.Column("app", sa.String(60), nullable=False),
        sa.UniqueConstraint("token_hash", name="uq_devices_token_hash"),
    )
    op.create_index("ix_devices_study_id", "devices", ["study_id"])
    op.create_table(
        "enrolments",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column(
            "study_id",
            sa.Integer(),
            sa.ForeignKey("studies.id", name="fk_enrolments_study_id_studies"),
            nullable=False,
        ),
        sa.Column("code_hash", sa.String(64), nullable=False),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.Column("made_by", sa.Integer(), sa.ForeignKey("people.id", name="fk_enrolments_made_by_people")),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.Column("used_at", INSTANT),
        sa.Column("device_id", sa.String(36), sa.ForeignKey("devices.id", name="fk_enrolments_device_id_devices")),
        sa.UniqueConstraint("code_hash", name="uq_enrolments_code_hash"),
    )


def downgrade() -> None:
    op.drop_table("enrolments")
    op.drop_table("devices")
