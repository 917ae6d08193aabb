"""Tablets and phones that may send what they recorded, and the one-time codes that enrol them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from observe.store.base import Base, Instant


class Device(Base):
    """An enrolled device of one study. Its token is kept as a hash only.

    `token_before` opens nothing: it still proves who the device is, should the answer to a renewal have been lost.
    """

    __tablename__ = "devices"

    id: Mapped[str] = mapped_column(sa.String(36), primary_key=True)
    study_id: Mapped[int] = mapped_column(sa.ForeignKey("studies.id"), index=True)
    label: Mapped[str] = mapped_column(sa.String(80))
    token_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    token_before: Mapped[str | None] = mapped_column(sa.String(64))
    enrolled_at: Mapped[datetime] = mapped_column(Instant)
    enrolled_by: Mapped[int | None] = mapped_column(sa.ForeignKey("people.id"))
    expires_at: Mapped[datetime] = mapped_column(Instant)
    seen_at: Mapped[datetime | None] = mapped_column(Instant)
    revoked_at: Mapped[datetime | None] = mapped_column(Instant)
    app: Mapped[str] = mapped_column(sa.String(60), default="")


class Enrolment(Base):
    """A code that enrols one device, once, within minutes."""

    __tablename__ = "enrolments"

    id: Mapped[int] = mapped_column(primary_key=True)
    study_id: Mapped[int] = mapped_column(sa.ForeignKey("studies.id"))
    code_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    made_at: Mapped[datetime] = mapped_column(Instant)
    made_by: Mapped[int | None] = mapped_column(sa.ForeignKey("people.id"))
    expires_at: Mapped[datetime] = mapped_column(Instant)
    used_at: Mapped[datetime | None] = mapped_column(Instant)
    device_id: Mapped[str | None] = mapped_column(sa.ForeignKey("devices.id"))


def of_study(db: Session, study_id: int) -> Sequence[Device]:
    """Those in use first, then by label."""
    return db.scalars(
        sa.select(Device)
        .where(Device.study_id == study_id)
        .order_by(Device.revoked_at.is_not(None), Device.label, Device.enrolled_at)
    ).all()


def by_id(db: Session, study_id: int, device_id: str) -> Device | None:
    return db.scalar(sa.select(Device).where(Device.study_id == study_id, Device.id == device_id))


def by_token_hash(db: Session, token_hash: str) -> Device | None:
    return db.scalar(sa.select(Device).where(Device.token_hash == token_hash))


def enrolment(db: Session, code_hash: str) -> Enrolment | None:
    return db.scalar(sa.select(Enrolment).where(Enrolment.code_hash == code_hash).with_for_update())


def came(db: Session, device_id: str, app: str, *, now: datetime) -> None:
    """Note that the device sent something, at most once a minute."""
    stale = sa.or_(Device.seen_at.is_(None), Device.seen_at < now - timedelta(minutes=1))
    db.execute(
        sa.update(Device).where(Device.id == device_id, stale).values(seen_at=now, app=app[:60]),
        execution_options={"synchronize_session": False},
    )
