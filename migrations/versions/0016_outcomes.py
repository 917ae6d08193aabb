"""What turned out of a pattern since, which nobody can change or delete. One new table, nothing to move."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"

WORDS = "what was inferred and reviewed is only ever added to"


def only_added(dialect: str) -> tuple[str, ...]:
    """The triggers of 0008, whose function PostgreSQL has already."""
    if dialect == "sqlite":
        return tuple(
            f"CREATE TRIGGER pattern_outcomes_no_{verb.lower()} BEFORE {verb} ON pattern_outcomes "
            f"BEGIN SELECT RAISE(ABORT, '{WORDS}'); END"
            for verb in ("UPDATE", "DELETE")
        )
    return (
        "CREATE TRIGGER pattern_outcomes_only_added BEFORE UPDATE OR DELETE OR TRUNCATE ON pattern_outcomes "
        "FOR EACH STATEMENT EXECUTE FUNCTION inferred_is_only_added()",
    )


def upgrade() -> None:
    op.create_table(
        "pattern_outcomes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("study_id", sa.Integer(), nullable=False),
        sa.Column("finding_id", sa.Integer(), nullable=False),
        sa.Column("inference", sa.String(64), nullable=False),
        sa.Column("held", sa.Boolean(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("by", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["study_id"], ["studies.id"], name="fk_pattern_outcomes_study_id_studies"),
        sa.ForeignKeyConstraint(
            ["finding_id"], ["pattern_findings.id"], name="fk_pattern_outcomes_finding_id_pattern_findings"
        ),
        sa.ForeignKeyConstraint(["by"], ["people.id"], name="fk_pattern_outcomes_by_people"),
        sa.PrimaryKeyConstraint("id", name="pk_pattern_outcomes"),
    )
    op.create_index("ix_pattern_outcomes_study_id", "pattern_outcomes", ["study_id"])
    for statement in only_added(op.get_bind().dialect.name):
        op.execute(sa.text(statement))


def downgrade() -> None:
    op.drop_table("pattern_outcomes")
