"""Agreed codings that tablets fetch to practise against: one new table, empty at first."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.create_table(
        "practice_material",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("study_id", sa.Integer(), nullable=False),
        sa.Column("session", sa.String(36), nullable=False),
        sa.Column("other", sa.String(36)),
        sa.Column("framework", sa.String(200), nullable=False),
        sa.Column("happening", sa.String(36)),
        sa.Column("streams", sa.Text(), nullable=False),
        sa.Column("title", sa.String(120), nullable=False),
        sa.Column("hint", sa.String(500), nullable=False),
        sa.Column("length_ms", sa.BigInteger(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("by", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True)),
        sa.ForeignKeyConstraint(["study_id"], ["studies.id"], name="fk_practice_material_study_id_studies"),
        sa.ForeignKeyConstraint(["session"], ["sessions.id"], name="fk_practice_material_session_sessions"),
        sa.ForeignKeyConstraint(["other"], ["sessions.id"], name="fk_practice_material_other_sessions"),
        sa.ForeignKeyConstraint(["by"], ["people.id"], name="fk_practice_material_by_people"),
        sa.PrimaryKeyConstraint("id", name="pk_practice_material"),
    )
    op.create_index("ix_practice_material_study_id", "practice_material", ["study_id"])


def downgrade() -> None:
    op.drop_table("practice_material")
