"""What was settled where observers differed, and certificates. Two new tables that are only added to; nothing moves."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

ONLY_ADDED = {
    "sqlite": tuple(
        f"CREATE TRIGGER {table}_no_{what} BEFORE {what} ON {table} "
        f"BEGIN SELECT RAISE(ABORT, '{table} is only ever added to'); END"
        for table in ("consensus", "certificates")
        for what in ("update", "delete")
    ),
    "postgresql": (
        "CREATE OR REPLACE FUNCTION agreement_is_only_added() RETURNS trigger AS "
        "$$ BEGIN RAISE EXCEPTION 'agreement records are only ever added to'; END $$ LANGUAGE plpgsql",
        *(
            f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION agreement_is_only_added()"
            for table in ("consensus", "certificates")
        ),
    ),
}


def to(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=f"fk_{table}_{column}_{other}")


def upgrade() -> None:
    op.create_table(
        "consensus",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("study_id", sa.Integer(), nullable=False),
        sa.Column("stream", sa.String(200), nullable=False),
        sa.Column("first", sa.String(36), nullable=False),
        sa.Column("second", sa.String(36), nullable=False),
        sa.Column("marks", sa.Text(), nullable=False),
        sa.Column("decisions", sa.Text(), nullable=False),
        sa.Column("record", sa.Text(), nullable=False),
        sa.Column("open", sa.Integer(), nullable=False),
        sa.Column("decided", sa.Integer(), nullable=False),
        sa.Column("by", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_consensus"),
        to("consensus", "study_id", "studies"),
        to("consensus", "first", "sessions"),
        to("consensus", "second", "sessions"),
        to("consensus", "by", "people"),
    )
    op.create_index("ix_consensus_study_id", "consensus", ["study_id"])
    op.create_index("ix_consensus_first", "consensus", ["first"])
    op.create_table(
        "certificates",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("study_id", sa.Integer(), nullable=False),
        sa.Column("observer", sa.Integer(), nullable=False),
        sa.Column("session", sa.String(36), nullable=False),
        sa.Column("reference", sa.String(36), nullable=False),
        sa.Column("framework", sa.String(200), nullable=False),
        sa.Column("stream", sa.String(200), nullable=False),
        sa.Column("level", sa.Float(), nullable=False),
        sa.Column("reached", sa.Boolean(), nullable=False),
        sa.Column("report", sa.Text(), nullable=False),
        sa.Column("by", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_certificates"),
        to("certificates", "study_id", "studies"),
        to("certificates", "observer", "people"),
        to("certificates", "session", "sessions"),
        to("certificates", "by", "people"),
    )
    op.create_index("ix_certificates_study_id", "certificates", ["study_id"])
    for statement in ONLY_ADDED[op.get_bind().dialect.name]:
        op.execute(sa.text(statement))


def downgrade() -> None:
    dialect = op.get_bind().dialect.name
    for table in ("certificates", "consensus"):
        if dialect == "postgresql":
            op.execute(f"DROP TRIGGER {table}_no_change ON {table}")
        op.drop_table(table)
    if dialect == "postgresql":
        op.execute("DROP FUNCTION agreement_is_only_added()")
