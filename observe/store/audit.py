"""The audit trail: appended to, hash-chained, never changed."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from observe.core.chain import GENESIS, Link, hash_of
from observe.store.base import Base, Instant

CHAIN_LOCK = 0x0B5E
"""PostgreSQL's advisory lock under which the chain is carried on"""


class AuditEntry(Base):
    """Who did what, to what, when. `details` is canonical JSON and holds ids and figures, never names or words."""

    __tablename__ = "audit"
    __table_args__ = (sa.Index("ix_audit_study_id_number", "study_id", "number"),)

    number: Mapped[int] = mapped_column(sa.Integer, primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(Instant)
    actor: Mapped[str] = mapped_column(sa.String(60))
    action: Mapped[str] = mapped_column(sa.String(60))
    study_id: Mapped[int | None] = mapped_column(sa.Integer)
    about: Mapped[str] = mapped_column(sa.String(120))
    details: Mapped[str] = mapped_column(sa.Text)
    previous: Mapped[str] = mapped_column(sa.String(64))
    hash: Mapped[str] = mapped_column(sa.String(64))

    def link(self) -> Link:
        """As the chain hashes it."""
        at = self.at.astimezone(UTC).isoformat(timespec="microseconds")
        return Link(
            self.number,
            at,
            self.actor,
            self.action,
            self.study_id,
            self.about,
            self.details,
            self.previous,
            self.hash,
        )


def append(
    db: Session,
    *,
    at: datetime,
    actor: str,
    action: str,
    study_id: int | None,
    about: str,
    details: dict[str, Any],
) -> AuditEntry:
    """Carry the chain on. To be called last in a write transaction: on PostgreSQL it holds other writers up until the commit."""
    if db.get_bind().dialect.name == "postgresql":
        db.execute(sa.select(sa.func.pg_advisory_xact_lock(CHAIN_LOCK)))
    last = head(db)
    entry = AuditEntry(
        number=last[0] + 1, at=at, actor=actor, action=action, study_id=study_id, about=about,
        details=json.dumps(details, sort_keys=True, ensure_ascii=False, separators=(",", ":")), previous=last[1], hash="",
    )  # fmt: skip
    entry.hash = hash_of(entry.link())
    db.add(entry)
    db.flush()
    return entry


def head(db: Session) -> tuple[int, str]:
    """Number and hash of the last entry; (0, sixty-four noughts) before the first."""
    row = db.execute(
        sa.select(AuditEntry.number, AuditEntry.hash).order_by(AuditEntry.number.desc()).limit(1)
    ).first()
    return (row.number, row.hash) if row else (0, GENESIS)


def links(db: Session) -> Iterator[Link]:
    """The whole chain from its beginning, a thousand entries at a time."""
    query = sa.select(AuditEntry).order_by(AuditEntry.number).execution_options(yield_per=1000)
    for entry in db.scalars(query):
        yield entry.link()


def latest(
    db: Session, *, study_id: int | None = None, before: int | None = None, limit: int = 50
) -> Sequence[AuditEntry]:
    """Newest first, of one study or of all; `before` turns the page."""
    query = sa.select(AuditEntry)
    if study_id is not None:
        query = query.where(AuditEntry.study_id == study_id)
    if before is not None:
        query = query.where(AuditEntry.number < before)
    return db.scalars(query.order_by(AuditEntry.number.desc()).limit(limit)).all()
