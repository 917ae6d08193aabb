"""Studies, who belongs to them, subjects and settings. New tables; takes no time."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0002"
down_revision = "0001"

INSTANT = sa.DateTime(timezone=True)
JSON = sa.JSON().with_variant(JSONB(), "postgresql")


def study(table: str, **more: bool) -> sa.Column[int]:
    """The study that a row belongs to."""
    return sa.Column(
        "study_id",
        sa.Integer(),
        sa.ForeignKey("studies.id", name=f"fk_{table}_study_id_studies"),
        nullable=False,
        **more,
    )


def upgrade() -> None:
    op.create_table(
        "studies",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("slug", sa.String(60), nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.UniqueConstraint("slug", name="uq_studies_slug"),
    )
    op.create_table(
        "memberships",
        study("memberships", primary_key=True),
        sa.Column(
            "person_id",
            sa.Integer(),
            sa.ForeignKey("people.id", name="fk_memberships_person_id_people"),
            primary_key=True,
        ),
        sa.Column("role", sa.String(20), primary_key=True),
        sa.Column("since", INSTANT, nullable=False),
        sa.CheckConstraint(
            "role IN ('observer', 'supervisor', 'reviewer', 'analyst')", name=op.f("ck_memberships_role")
        ),
    )
    op.create_index("ix_memberships_person_id", "memberships", ["person_id"])
    op.create_table(
        "subjects",
        sa.Column("id", sa.String(36), primary_key=True),
        study("subjects"),
        sa.Column("pseudonym", sa.String(60), nullable=False),
        sa.Column("attributes", JSON, nullable=False),
        sa.Column("consent", sa.String(20), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("changed_at", INSTANT, nullable=False),
        sa.Column("erased_at", INSTANT),
        sa.UniqueConstraint("study_id", "pseudonym", name="uq_subjects_study_id_pseudonym"),
        sa.CheckConstraint(
            "consent IN ('given', 'refused', 'withdrawn', 'not-needed', 'unknown')",
            name=op.f("ck_subjects_consent"),
        ),
    )
    op.create_table(
        "settings",
        sa.Column("id", sa.String(36), primary_key=True),
        study("settings"),
        sa.Column("label", sa.String(120), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("changed_at", INSTANT, nullable=False),
        sa.UniqueConstraint("study_id", "label", name="uq_settings_study_id_label"),
    )


def downgrade() -> None:
    for table in ("settings", "subjects", "memberships", "studies"):
        op.drop_table(table)
