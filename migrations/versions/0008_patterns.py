"""Patterns and their reviews, which the database itself lets nobody change or delete. Six new tables, nothing to move."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

TABLES = (
    "pattern_plans", "pattern_runs", "pattern_findings", "pattern_reviews", "dissent_requests", "framework_proposals",
)  # fmt: skip
WORDS = "what was inferred and reviewed is only ever added to"
FUNCTION = (
    "CREATE OR REPLACE FUNCTION inferred_is_only_added() RETURNS trigger AS "
    f"$$ BEGIN RAISE EXCEPTION '{WORDS}'; END $$ LANGUAGE plpgsql"
)


def only_added(table: str, dialect: str) -> tuple[str, ...]:
    if dialect == "sqlite":
        return tuple(
            f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} BEGIN SELECT RAISE(ABORT, '{WORDS}'); END"
            for verb in ("UPDATE", "DELETE")
        )
    return (
        FUNCTION,
        f"CREATE TRIGGER {table}_only_added BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION inferred_is_only_added()",
    )


def to(table: str, column: str, target: str, *, needed: bool = True) -> list[sa.Column[object] | sa.Constraint]:
    """A column that refers to another table's id."""
    return [
        sa.Column(column, sa.Integer(), nullable=not needed),
        sa.ForeignKeyConstraint([column], [f"{target}.id"], name=f"fk_{table}_{column}_{target}"),
    ]


def text(name: str, length: int = 0) -> sa.Column[str]:
    return sa.Column(name, sa.String(length) if length else sa.Text(), nullable=False)


def number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=False)


def moment(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=False)


def upgrade() -> None:
    op.create_table(
        "pattern_plans", number("id"), *to("pattern_plans", "study_id", "studies"), text("framework", 200), text("slug", 60),
        text("content"), text("hash", 64), number("sessions_before"), number("runs_before"),
        *to("pattern_plans", "stated_by", "people", needed=False), moment("stated_at"),
        sa.PrimaryKeyConstraint("id", name="pk_pattern_plans"),
    )  # fmt: skip
    op.create_index("ix_pattern_plans_study_id", "pattern_plans", ["study_id"])
    op.create_table(
        "pattern_runs", number("id"), *to("pattern_runs", "study_id", "studies"), number("number"),
        *to("pattern_runs", "plan_id", "pattern_plans"), text("slug", 60), text("framework", 200), text("hash", 64),
        text("data_hash", 64), text("engine", 20), number("sessions"), sa.Column("head", sa.LargeBinary(), nullable=False),
        moment("made_at"), sa.PrimaryKeyConstraint("id", name="pk_pattern_runs"),
        sa.UniqueConstraint("study_id", "number", name="uq_pattern_runs_study_id_number"),
        sa.UniqueConstraint("study_id", "hash", name="uq_pattern_runs_study_id_hash"),
    )  # fmt: skip
    op.create_table(
        "pattern_findings", number("id"), *to("pattern_findings", "run_id", "pattern_runs"),
        *to("pattern_findings", "study_id", "studies"), text("hash", 64), text("person", 200), text("construct", 200),
        text("status", 30), sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_pattern_findings"),
        sa.UniqueConstraint("run_id", "person", "construct", name="uq_pattern_findings_run_id_person_construct"),
    )  # fmt: skip
    op.create_index("ix_pattern_findings_run_id", "pattern_findings", ["run_id"])
    op.create_index(
        "ix_pattern_findings_study_id_person_construct", "pattern_findings", ["study_id", "person", "construct"]
    )
    op.create_table(
        "pattern_reviews", text("id", 36), *to("pattern_reviews", "study_id", "studies"),
        *to("pattern_reviews", "finding_id", "pattern_findings"), text("slug", 60), text("person", 200),
        text("construct", 200), text("inference", 64), text("reviewer", 20), *to("pattern_reviews", "entered_by", "people"),
        text("part", 20), text("decision", 20), text("reason"), text("rivals"), text("cited"),
        sa.Column("confidence", sa.Integer()), sa.Column("blind", sa.Boolean(), nullable=False), text("supersedes", 36),
        moment("made_at"), sa.PrimaryKeyConstraint("id", name="pk_pattern_reviews"),
    )  # fmt: skip
    op.create_index("ix_pattern_reviews_finding_id", "pattern_reviews", ["finding_id"])
    op.create_index(
        "ix_pattern_reviews_study_id_person_construct", "pattern_reviews", ["study_id", "person", "construct"]
    )
    op.create_table(
        "dissent_requests", number("id"), *to("dissent_requests", "study_id", "studies"),
        *to("dissent_requests", "finding_id", "pattern_findings"), text("inference", 64),
        *to("dissent_requests", "asked", "people"), *to("dissent_requests", "asked_by", "people"), moment("asked_at"),
        sa.PrimaryKeyConstraint("id", name="pk_dissent_requests"),
        sa.UniqueConstraint("finding_id", "asked", name="uq_dissent_requests_finding_id_asked"),
    )  # fmt: skip
    op.create_index("ix_dissent_requests_study_id", "dissent_requests", ["study_id"])
    op.create_table(
        "framework_proposals", number("id"), *to("framework_proposals", "study_id", "studies"),
        *to("framework_proposals", "framework_id", "frameworks"),
        *to("framework_proposals", "finding_id", "pattern_findings"), text("words"),
        *to("framework_proposals", "by", "people"), moment("at"), sa.PrimaryKeyConstraint("id", name="pk_framework_proposals"),
    )  # fmt: skip
    op.create_index("ix_framework_proposals_study_id", "framework_proposals", ["study_id"])
    for table in TABLES:
        for statement in only_added(table, op.get_bind().dialect.name):
            op.execute(sa.text(statement))


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION inferred_is_only_added()")
