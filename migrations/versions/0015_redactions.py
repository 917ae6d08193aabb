"""Words can be taken away from what was recorded, each time with a reason: one new table, two columns, doors in the triggers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"

EVENTS = ("log", "seq", "id", "at", "kind", "digest", "received")
REVIEWS = (
    "id", "study_id", "finding_id", "slug", "person", "construct", "inference", "reviewer", "entered_by", "part", "decision",
    "cited", "confidence", "blind", "supersedes", "made_at",
)  # fmt: skip
FINDINGS = ("id", "run_id", "study_id", "hash", "person", "construct", "status")
PROPOSALS = ("id", "study_id", "framework_id", "finding_id", "by", "at")
INFERRED_TABLES = ("pattern_findings", "pattern_reviews", "framework_proposals")
LOG, INFERRED = "events are only ever added", "what was inferred and reviewed is only ever added to"


def door(what: str, columns: tuple[str, ...], same: str, key: str) -> str:
    """That nothing but words changes, and that it is noted why."""
    alike = " AND ".join(f'NEW."{name}" {same} OLD."{name}"' for name in columns)
    return f"({alike} AND EXISTS (SELECT 1 FROM redactions WHERE what = '{what}' AND \"key\" = {key}))"


def opened(dialect: str) -> list[str]:
    """Triggers that let words go where a redaction says so, and nothing else ever."""
    if dialect == "sqlite":
        made = [
            ("events", "events_no_update", door("event", EVENTS, "IS", "OLD.id"), LOG),
            ("pattern_reviews", "pattern_reviews_no_update", door("review", REVIEWS, "IS", "OLD.id"), INFERRED),
            ("pattern_findings", "pattern_findings_no_update", door("finding", FINDINGS, "IS", "CAST(OLD.id AS TEXT)"), INFERRED),
            ("framework_proposals", "framework_proposals_no_update", door("proposal", PROPOSALS, "IS", "CAST(OLD.id AS TEXT)"), INFERRED),
        ]  # fmt: skip
        return [f"DROP TRIGGER {name}" for _, name, _, _ in made] + [
            f"CREATE TRIGGER {name} BEFORE UPDATE ON {table} WHEN NOT {when} BEGIN SELECT RAISE(ABORT, '{words}'); END"
            for table, name, when, words in made
        ]
    same = "IS NOT DISTINCT FROM"
    functions = [
        ("events_are_only_added", door("event", EVENTS, same, "OLD.id"), LOG),
        ("findings_are_only_added", door("finding", FINDINGS, same, "OLD.id::text"), INFERRED),
        ("reviews_are_only_added", door("review", REVIEWS, same, "OLD.id"), INFERRED),
        ("proposals_are_only_added", door("proposal", PROPOSALS, same, "OLD.id::text"), INFERRED),
    ]
    made_functions = [
        f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger AS $$ BEGIN IF TG_OP = 'UPDATE' THEN IF {when} THEN RETURN NEW; "
        f"END IF; END IF; RAISE EXCEPTION '{words}'; END $$ LANGUAGE plpgsql"
        for name, when, words in functions
    ]
    return [
        *made_functions,
        *(
            statement
            for table, function in (
                ("pattern_findings", "findings_are_only_added"),
                ("pattern_reviews", "reviews_are_only_added"),
                ("framework_proposals", "proposals_are_only_added"),
            )
            for statement in (
                f"DROP TRIGGER {table}_only_added ON {table}",
                f"CREATE TRIGGER {table}_only_added BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION {function}()",
                f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} FOR EACH STATEMENT "
                "EXECUTE FUNCTION inferred_is_only_added()",
            )
        ),
    ]


def closed(dialect: str) -> list[str]:
    """The triggers as they were."""
    if dialect == "sqlite":
        made = [("events", "events_no_update", LOG)]
        made += [(table, f"{table}_no_update", INFERRED) for table in INFERRED_TABLES]
        return [f"DROP TRIGGER {name}" for _, name, _ in made] + [
            f"CREATE TRIGGER {name} BEFORE UPDATE ON {table} BEGIN SELECT RAISE(ABORT, '{words}'); END"
            for table, name, words in made
        ]
    statements = [
        "CREATE OR REPLACE FUNCTION events_are_only_added() RETURNS trigger AS "
        f"$$ BEGIN RAISE EXCEPTION '{LOG}'; END $$ LANGUAGE plpgsql"
    ]
    for table in INFERRED_TABLES:
        statements += [
            f"DROP TRIGGER {table}_no_truncate ON {table}",
            f"DROP TRIGGER {table}_only_added ON {table}",
            f"CREATE TRIGGER {table}_only_added BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION inferred_is_only_added()",
        ]
    named = ("findings", "reviews", "proposals")
    return [*statements, *(f"DROP FUNCTION {name}_are_only_added()" for name in named)]


def upgrade() -> None:
    op.create_table(
        "redactions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("study", sa.Integer(), nullable=False),
        sa.Column("what", sa.String(20), nullable=False),
        sa.Column("key", sa.String(36), nullable=False),
        sa.Column("session", sa.String(36)),
        sa.Column("subject", sa.String(36)),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("by", sa.Integer()),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("mark", sa.LargeBinary(32)),
        sa.ForeignKeyConstraint(["study"], ["studies.id"], name="fk_redactions_study_studies"),
        sa.ForeignKeyConstraint(["by"], ["people.id"], name="fk_redactions_by_people"),
        sa.PrimaryKeyConstraint("id", name="pk_redactions"),
    )
    op.create_index("ix_redactions_study", "redactions", ["study"])
    op.create_index("ix_redactions_session", "redactions", ["session"])
    op.create_index("ix_redactions_what_key", "redactions", ["what", "key"])
    op.add_column("logs", sa.Column("redacted", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("attachments", sa.Column("taken", sa.DateTime(timezone=True)))
    for statement in opened(op.get_bind().dialect.name):
        op.execute(statement)


def downgrade() -> None:
    for statement in closed(op.get_bind().dialect.name):
        op.execute(statement)
    op.drop_column("attachments", "taken")
    op.drop_column("logs", "redacted")
    op.drop_table("redactions")
