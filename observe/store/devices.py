"""Tablets and phones that may send what they recorded, and the one-time codes that enrol them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class Bearer:
    """What each request of a device is judged by; read with every tap, so no more of the device than that."""

    id: str
    study_id: int
    revoked_at: datetime | None
    expires_at: datetime
    seen_at: datetime | None


_table = Device.metadata.tables["devices"].c
_BEARER = sa.select(*(_table[name] for name in Bearer.__dataclass_fields__)).where(
    _table.token_hash == sa.bindparam("token_hash")
)


def by_token_hash(db: Session, token_hash: str) -> Bearer | None:
    row = db.execute(_BEARER, {"token_hash": token_hash}).one_or_none()
    return Bearer(*row) if row else None


def enrolment(db: Session, code_hash: str) -> Enrolment | None:
    return db.scalar(sa.select(Enrolment).where(Enrolment.code_hash == code_hash).with_for_update())


_CAME = (
    sa.update(Device.metadata.tables["devices"])
    .where(
        _table.id == sa.bindparam("device"),
        sa.or_(_table.seen_at.is_(None), _table.seen_at < sa.bindparam("stale")),
    )
    .values(seen_at=sa.bindparam("now"), app=sa.bindparam("build"))
)


def came(db: Session, device_id: str, app: str, *, now: datetime, seen: datetime | None = None) -> None:
    """Note that the device sent something, at most once a minute; `seen` is when it is known to have come before."""
    stale = now - timedelta(minutes=1)
    if seen is None or seen < stale:
        db.execute(_CAME, {"device": device_id, "stale": stale, "now": now, "build": app[:60]})
