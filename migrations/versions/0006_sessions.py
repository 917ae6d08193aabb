"""Sessions and their logs: events that are only ever added, what was kept aside, and the coded record beside them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

ONLY_ADDED = {
    "sqlite": (
        "CREATE TRIGGER events_no_update BEFORE UPDATE ON events "
        "BEGIN SELECT RAISE(ABORT, 'events are only ever added'); END",
        "CREATE TRIGGER events_no_delete BEFORE DELETE ON events "
        "BEGIN SELECT RAISE(ABORT, 'events are only ever added'); END",
    ),
    "postgresql": (
        "CREATE OR REPLACE FUNCTION events_are_only_added() RETURNS trigger AS "
        "$$ BEGIN RAISE EXCEPTION 'events are only ever added'; END $$ LANGUAGE plpgsql",
        "CREATE TRIGGER events_no_change BEFORE UPDATE OR DELETE ON events "
        "FOR EACH ROW EXECUTE FUNCTION events_are_only_added()",
        "CREATE TRIGGER events_no_truncate BEFORE TRUNCATE ON events "
        "FOR EACH STATEMENT EXECUTE FUNCTION events_are_only_added()",
    ),
}


def upgrade() -> None:
    op.create_table(
        "sessions",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("study", sa.Integer(), nullable=False),
        sa.Column("framework", sa.String(200), nullable=False),
        sa.Column("observer", sa.Integer(), nullable=False),
        sa.Column("device", sa.String(36), nullable=False),
        sa.Column("purpose", sa.String(20), nullable=False),
        sa.Column("happening", sa.String(36), nullable=True),
        sa.Column("setting", sa.String(36), nullable=True),
        sa.Column("consent", sa.String(20), nullable=True),
        sa.Column("started", sa.BigInteger(), nullable=False),
        sa.Column("offset", sa.Integer(), nullable=False),
        sa.Column("zone", sa.String(100), nullable=False),
        sa.Column("header", sa.Text(), nullable=False),
        sa.Column("status", sa.String(20), nullable=False, server_default="recording"),
        sa.Column("received", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_sessions"),
        sa.ForeignKeyConstraint(["observer"], ["people.id"], name="fk_sessions_observer_people"),
        sa.ForeignKeyConstraint(["study"], ["studies.id"], name="fk_sessions_study_studies"),
    )
    op.create_index("ix_sessions_happening", "sessions", ["happening"])
    op.create_index("ix_sessions_observer", "sessions", ["observer"])
    op.create_index("ix_sessions_study", "sessions", ["study"])
    op.create_table(
        "logs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("study", sa.Integer(), nullable=False),
        sa.Column("session", sa.String(36), nullable=False),
        sa.Column("device", sa.String(36), nullable=False),
        sa.Column("header", sa.Text(), nullable=False),
        sa.Column("stored_to", sa.BigInteger(), nullable=False),
        sa.Column("stored", sa.BigInteger(), nullable=False),
        sa.Column("claimed", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_logs"),
        sa.UniqueConstraint("session", "device", name="uq_logs_session_device"),
    )
    op.create_index("ix_logs_device", "logs", ["device"])
    op.create_index("ix_logs_study", "logs", ["study"])
    op.create_table(
        "events",
        sa.Column("log", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("seq", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(64), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(32), nullable=False),
        sa.Column("received", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("log", "seq", name="pk_events"),
        sa.ForeignKeyConstraint(["log"], ["logs.id"], name="fk_events_log_logs"),
        sa.UniqueConstraint("id", name="uq_events_id"),
    )
    op.create_table(
        "held",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("log", sa.Integer(), nullable=False),
        sa.Column("study", sa.Integer(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=True),
        sa.Column("event", sa.String(200), nullable=True),
        sa.Column("reason", sa.String(40), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(32), nullable=False),
        sa.Column("header", sa.Text(), nullable=True),
        sa.Column("fills", sa.Boolean(), nullable=False),
        sa.Column("request", sa.String(36), nullable=False),
        sa.Column("received", sa.BigInteger(), nullable=False),
        sa.Column("decision", sa.String(20), nullable=True),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("decided", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_held"),
        sa.ForeignKeyConstraint(["decided_by"], ["people.id"], name="fk_held_decided_by_people"),
        sa.ForeignKeyConstraint(["log"], ["logs.id"], name="fk_held_log_logs"),
    )
    op.create_index("ix_held_log_digest", "held", ["log", "digest"])
    op.create_index("ix_held_log_seq", "held", ["log", "seq"])
    op.create_index("ix_held_study", "held", ["study"])
    op.create_table(
        "coded_records",
        sa.Column("session", sa.String(36), nullable=False),
        sa.Column("marks", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("software", sa.String(40), nullable=False),
        sa.Column("ended", sa.Boolean(), nullable=False),
        sa.Column("end_ms", sa.BigInteger(), nullable=False),
        sa.Column("findings", sa.Integer(), nullable=False),
        sa.Column("record", sa.LargeBinary(), nullable=False),
        sa.Column("budget", sa.LargeBinary(), nullable=False),
        sa.Column("derived", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("session", name="pk_coded_records"),
        sa.ForeignKeyConstraint(["session"], ["sessions.id"], name="fk_coded_records_session_sessions"),
    )
    op.create_table(
        "session_status",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("session", sa.String(36), nullable=False),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("by", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_session_status"),
        sa.ForeignKeyConstraint(["session"], ["sessions.id"], name="fk_session_status_session_sessions"),
        sa.ForeignKeyConstraint(["by"], ["people.id"], name="fk_session_status_by_people"),
    )
    op.create_index("ix_session_status_session", "session_status", ["session"])
    op.create_table(
        "comments",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("session", sa.String(36), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=True),
        sa.Column("event", sa.String(36), nullable=True),
        sa.Column("by", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_comments"),
        sa.ForeignKeyConstraint(["session"], ["sessions.id"], name="fk_comments_session_sessions"),
        sa.ForeignKeyConstraint(["by"], ["people.id"], name="fk_comments_by_people"),
    )
    op.create_index("ix_comments_session", "comments", ["session"])
    for statement in ONLY_ADDED[op.get_bind().dialect.name]:
        op.execute(sa.text(statement))


def downgrade() -> None:
    dialect = op.get_bind().dialect.name
    if dialect == "postgresql":
        op.execute("DROP TRIGGER events_no_truncate ON events")
        op.execute("DROP TRIGGER events_no_change ON events")
        op.execute("DROP FUNCTION events_are_only_added()")
    for table in ("comments", "session_status", "coded_records", "held", "events", "logs", "sessions"):
        op.drop_table(table)
