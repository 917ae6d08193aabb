"""Keys of pseudonyms, sealed in the browser: two new tables, empty at first."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from observe.store.base import JSON

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.create_table(
        "sealed_keys",
        sa.Column("study_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("lock", JSON, nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["study_id"], ["studies.id"], name="fk_sealed_keys_study_id_studies"),
        sa.ForeignKeyConstraint(["changed_by"], ["people.id"], name="fk_sealed_keys_changed_by_people"),
        sa.PrimaryKeyConstraint("study_id", name="pk_sealed_keys"),
    )
    op.create_table(
        "sealed_entries",
        sa.Column("subject_id", sa.String(36), nullable=False),
        sa.Column("study_id", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["subject_id"], ["subjects.id"], name="fk_sealed_entries_subject_id_subjects"),
        sa.ForeignKeyConstraint(["study_id"], ["studies.id"], name="fk_sealed_entries_study_id_studies"),
        sa.PrimaryKeyConstraint("subject_id", name="pk_sealed_entries"),
    )
    op.create_index("ix_sealed_entries_study_id", "sealed_entries", ["study_id"])


def downgrade() -> None:
    op.drop_table("sealed_entries")
    op.drop_table("sealed_keys")
