"""Frameworks with a draft, and published versions that the database itself keeps from being changed. New tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

INSTANT = sa.DateTime(timezone=True)

FIXED = ("id", "study_id", "framework_id", "number", "hash", "title", "document", "published_at", "published_by")
"""all columns of a published version but its state"""

SQLITE = (
    "CREATE TRIGGER framework_versions_fixed BEFORE UPDATE ON framework_versions WHEN "
    + " OR ".join(f"NEW.{column} IS NOT OLD.{column}" for column in FIXED)
    + " BEGIN SELECT RAISE(ABORT, 'a published version never changes'); END",
    "CREATE TRIGGER framework_versions_kept BEFORE DELETE ON framework_versions"
    " BEGIN SELECT RAISE(ABORT, 'a published version is never deleted'); END",
)
POSTGRESQL = (
    "CREATE FUNCTION framework_versions_fixed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
    "IF TG_OP = 'DELETE' THEN RAISE EXCEPTION 'a published version is never deleted'; END IF; "
    "IF " + " OR ".join(f"NEW.{column} IS DISTINCT FROM OLD.{column}" for column in FIXED) + " THEN "
    "RAISE EXCEPTION 'a published version never changes'; END IF; RETURN NEW; END $$",
    "CREATE TRIGGER framework_versions_fixed BEFORE UPDATE OR DELETE ON framework_versions "
    "FOR EACH ROW EXECUTE FUNCTION framework_versions_fixed()",
)


def upgrade() -> None:
    op.create_table(
        "frameworks",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column(
            "study_id",
            sa.Integer(),
            sa.ForeignKey("studies.id", name="fk_frameworks_study_id_studies"),
            nullable=False,
        ),
        sa.Column("slug", sa.String(60), nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("draft", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("changed_at", INSTANT, nullable=False),
        sa.Column("changed_by", sa.Integer(), sa.ForeignKey("people.id", name="fk_frameworks_changed_by_people")),
        sa.UniqueConstraint("study_id", "slug", name="uq_frameworks_study_id_slug"),
    )
    op.create_table(
        "framework_versions",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column(
            "study_id",
            sa.Integer(),
            sa.ForeignKey("studies.id", name="fk_framework_versions_study_id_studies"),
            nullable=False,
        ),
        sa.Column(
            "framework_id",
            sa.Integer(),
            sa.ForeignKey("frameworks.id", name="fk_framework_versions_framework_id_frameworks"),
            nullable=False,
        ),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("published_at", INSTANT, nullable=False),
        sa.Column(
            "published_by",
            sa.Integer(),
            sa.ForeignKey("people.id", name="fk_framework_versions_published_by_people"),
        ),
        sa.UniqueConstraint("framework_id", "number", name="uq_framework_versions_framework_id_number"),
        sa.UniqueConstraint("study_id", "hash", name="uq_framework_versions_study_id_hash"),
        sa.CheckConstraint("state IN ('open', 'closing', 'closed')", name=op.f("ck_framework_versions_state")),
    )
    op.create_index("ix_framework_versions_hash", "framework_versions", ["hash"])
    for words in SQLITE if op.get_bind().dialect.name == "sqlite" else POSTGRESQL:
        op.execute(words)


def downgrade() -> None:
    op.drop_table("framework_versions")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION framework_versions_fixed()")
    op.drop_table("frameworks")
