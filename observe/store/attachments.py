"""Photos and voice notes: what notes say that there is, and which of it has come. The bytes lie in files beside."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from observe.store.base import Base, Instant

attachments = sa.Table(
    "attachments",
    Base.metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("study", sa.ForeignKey("studies.id"), nullable=False),
    sa.Column("session", sa.String(36), nullable=False, index=True),
    sa.Column("device", sa.String(36), nullable=False, index=True),
    sa.Column("event", sa.String(36), nullable=False),
    sa.Column("type", sa.String(100), nullable=False),
    sa.Column("size", sa.BigInteger, nullable=False),
    sa.Column("digest", sa.String(64), nullable=False),
    sa.Column("received", Instant),
    sa.Column("taken", Instant),
)


@dataclass(frozen=True, slots=True)
class Attachment:
    """What a note says of one; `received` is None until its bytes have come. `digest` names the file.

    `taken` is when it was taken away: its bytes are never kept again, and never asked for.
    """

    id: str
    study: int
    session: str
    device: str
    event: str
    type: str
    size: int
    digest: str
    received: datetime | None
    taken: datetime | None


_ALL = sa.select(*(attachments.c[name] for name in Attachment.__dataclass_fields__))


def expect(db: Session, rows: Sequence[dict[str, Any]]) -> None:
    """Notes have come that name these. One whose id is known already stays what it was first said to be."""
    known = set(db.scalars(sa.select(attachments.c.id).where(attachments.c.id.in_([row["id"] for row in rows]))))
    new = list({row["id"]: row for row in rows if row["id"] not in known}.values())
    if new:
        db.execute(attachments.insert(), new)


def by_id(db: Session, attachment: str) -> Attachment | None:
    row = db.execute(_ALL.where(attachments.c.id == attachment)).one_or_none()
    return Attachment(*row) if row else None


def mark_received(db: Session, attachment: str, *, now: datetime) -> None:
    db.execute(attachments.update().where(attachments.c.id == attachment).values(received=now))


def of_session(db: Session, session: str) -> list[Attachment]:
    """Those that the session's notes name, whether they have come or not."""
    query = _ALL.where(attachments.c.session == session).order_by(attachments.c.id)
    return [Attachment(*row) for row in db.execute(query)]


def of_device(db: Session, device: str) -> list[Attachment]:
    """Everything that notes of this device name."""
    return [Attachment(*row) for row in db.execute(_ALL.where(attachments.c.device == device))]
