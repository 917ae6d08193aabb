"""What became of which code between versions, codes made of notes, and who has a designer open. Three new tables, nothing to move."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def to(table: str, column: str, target: str, *, needed: bool = True) -> list[sa.Column[object] | sa.Constraint]:
    """A column that refers to another table's id."""
    return [
        sa.Column(column, sa.Integer(), nullable=not needed),
        sa.ForeignKeyConstraint([column], [f"{target}.id"], name=f"fk_{table}_{column}_{target}"),
    ]


def upgrade() -> None:
    op.create_table(
        "code_maps", sa.Column("id", sa.Integer(), nullable=False), *to("code_maps", "study_id", "studies"),
        *to("code_maps", "framework_id", "frameworks"), sa.Column("old", sa.String(64), nullable=False),
        sa.Column("new", sa.String(64), nullable=False), sa.Column("moves", sa.Text(), nullable=False),
        *to("code_maps", "stated_by", "people", needed=False),
        sa.Column("stated_at", sa.DateTime(timezone=True), nullable=False), sa.PrimaryKeyConstraint("id", name="pk_code_maps"),
    )  # fmt: skip
    op.create_index("ix_code_maps_framework_id", "code_maps", ["framework_id"])
    op.create_table(
        "noted_codes", *to("noted_codes", "framework_id", "frameworks"), sa.Column("event", sa.String(36), nullable=False),
        sa.Column("code", sa.String(64), nullable=False), *to("noted_codes", "made_by", "people", needed=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("framework_id", "event", name="pk_noted_codes"),
    )  # fmt: skip
    op.create_table(
        "designing", *to("designing", "framework_id", "frameworks"), *to("designing", "person_id", "people"),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("framework_id", "person_id", name="pk_designing"),
    )  # fmt: skip


def downgrade() -> None:
    for table in ("designing", "noted_codes", "code_maps"):
        op.drop_table(table)
