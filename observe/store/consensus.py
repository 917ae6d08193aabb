"""What people settled where observers differed, and certificates: both are only ever added to."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm import Mapped, Session, mapped_column

from observe.store.base import Base, Instant


class Agreed(Base):
    """A third record out of two, as it stood after one sitting: the newest of a pair and stream is the one that counts.

    `first` and `second` are the sessions, `marks` the digests of their logs then. `decisions` is JSON: question id →
    choice and reason. `record` is JSON: bouts and points in the first session's time. `open` counts what nobody has
    decided yet.
    """

    __tablename__ = "consensus"

    id: Mapped[str] = mapped_column(sa.String(36), primary_key=True)
    study_id: Mapped[int] = mapped_column(sa.ForeignKey("studies.id"), index=True)
    stream: Mapped[str] = mapped_column(sa.String(200))
    first: Mapped[str] = mapped_column(sa.ForeignKey("sessions.id"), index=True)
    second: Mapped[str] = mapped_column(sa.ForeignKey("sessions.id"))
    marks: Mapped[str] = mapped_column(sa.Text)
    decisions: Mapped[str] = mapped_column(sa.Text)
    record: Mapped[str] = mapped_column(sa.Text)
    open: Mapped[int] = mapped_column(sa.Integer)
    decided: Mapped[int] = mapped_column(sa.Integer)
    by: Mapped[int] = mapped_column(sa.ForeignKey("people.id"))
    at: Mapped[datetime] = mapped_column(Instant)


class Certificate(Base):
    """That an observer's record of practice material reached the level asked for, or did not. `report` is JSON."""

    __tablename__ = "certificates"

    id: Mapped[str] = mapped_column(sa.String(36), primary_key=True)
    study_id: Mapped[int] = mapped_column(sa.ForeignKey("studies.id"), index=True)
    observer: Mapped[int] = mapped_column(sa.ForeignKey("people.id"))
    session: Mapped[str] = mapped_column(sa.ForeignKey("sessions.id"))
    reference: Mapped[str] = mapped_column(sa.String(36))
    framework: Mapped[str] = mapped_column(sa.String(200))
    stream: Mapped[str] = mapped_column(sa.String(200))
    level: Mapped[float] = mapped_column(sa.Float)
    reached: Mapped[bool] = mapped_column(sa.Boolean)
    report: Mapped[str] = mapped_column(sa.Text)
    by: Mapped[int] = mapped_column(sa.ForeignKey("people.id"))
    at: Mapped[datetime] = mapped_column(Instant)


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
"""what makes the database refuse to change them, by dialect"""

for _name in ("consensus", "certificates"):
    for _dialect, _statements in ONLY_ADDED.items():
        for _statement in _statements:
            if f" ON {_name} " in _statement or " FUNCTION agreement_is_only_added() RETURNS" in _statement:
                _ddl: Any = sa.DDL(_statement.replace("%", "%%"))  # type: ignore[no-untyped-call]
                event.listen(Base.metadata.tables[_name], "after_create", _ddl.execute_if(dialect=_dialect))


def newest(db: Session, study_id: int, stream: str, first: str, second: str) -> Agreed | None:
    """What counts for this pair and stream now."""
    return db.scalar(
        sa.select(Agreed)
        .where(
            Agreed.study_id == study_id, Agreed.stream == stream, Agreed.first == first, Agreed.second == second
        )
        .order_by(Agreed.at.desc(), Agreed.id.desc())
        .limit(1)
    )


def by_id(db: Session, study_id: int, consensus_id: str) -> Agreed | None:
    return db.scalar(sa.select(Agreed).where(Agreed.study_id == study_id, Agreed.id == consensus_id))


def of_study(db: Session, study_id: int) -> Sequence[Agreed]:
    """Newest first; earlier sittings stand there too."""
    return db.scalars(sa.select(Agreed).where(Agreed.study_id == study_id).order_by(Agreed.at.desc())).all()


def certificates(db: Session, study_id: int) -> Sequence[Certificate]:
    """Newest first."""
    return db.scalars(
        sa.select(Certificate).where(Certificate.study_id == study_id).order_by(Certificate.at.desc())
    ).all()


def certificate(db: Session, study_id: int, certificate_id: str) -> Certificate | None:
    return db.scalar(
        sa.select(Certificate).where(Certificate.study_id == study_id, Certificate.id == certificate_id)
    )
