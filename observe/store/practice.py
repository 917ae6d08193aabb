"""Agreed codings that tablets fetch to practise against. What one says is never changed; it can be withdrawn."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, defer, mapped_column

from observe.store.base import Base, Instant


class Material(Base):
    """One agreed coding. `session`, and `other` where two records were settled, are what it was made of.

    `streams` is JSON: the ids of those that were settled; empty where the whole record of one person is the standard.
    `body` is what a tablet gets: header and events.
    """

    __tablename__ = "practice_material"

    id: Mapped[str] = mapped_column(sa.String(36), primary_key=True)
    study_id: Mapped[int] = mapped_column(sa.ForeignKey("studies.id"), index=True)
    session: Mapped[str] = mapped_column(sa.ForeignKey("sessions.id"))
    other: Mapped[str | None] = mapped_column(sa.ForeignKey("sessions.id"))
    framework: Mapped[str] = mapped_column(sa.String(200))
    happening: Mapped[str | None] = mapped_column(sa.String(36))
    streams: Mapped[str] = mapped_column(sa.Text)
    title: Mapped[str] = mapped_column(sa.String(120))
    hint: Mapped[str] = mapped_column(sa.String(500))
    length_ms: Mapped[int] = mapped_column(sa.BigInteger)
    count: Mapped[int] = mapped_column(sa.Integer)
    size: Mapped[int] = mapped_column(sa.Integer)
    body: Mapped[str] = mapped_column(sa.Text)
    by: Mapped[int] = mapped_column(sa.ForeignKey("people.id"))
    at: Mapped[datetime] = mapped_column(Instant)
    withdrawn_at: Mapped[datetime | None] = mapped_column(Instant)


def of_study(db: Session, study_id: int, *, withdrawn: bool = False) -> Sequence[Material]:
    """Newest first, without what they say; withdrawn ones only when asked for."""
    query = sa.select(Material).where(Material.study_id == study_id).options(defer(Material.body))
    if not withdrawn:
        query = query.where(Material.withdrawn_at.is_(None))
    return db.scalars(query.order_by(Material.at.desc(), Material.id)).all()


def by_id(db: Session, study_id: int, material_id: str) -> Material | None:
    return db.scalar(sa.select(Material).where(Material.study_id == study_id, Material.id == material_id))


def forget(db: Session, study_id: int, sessions: Collection[str], *, now: datetime) -> None:
    """Words were taken away in these sessions: what was made of them before is withdrawn, and what it said is gone."""
    made_of = sa.or_(Material.session.in_(sessions), Material.other.in_(sessions))
    db.execute(
        sa.update(Material)
        .where(Material.study_id == study_id, made_of)
        .values(body="", size=0, withdrawn_at=sa.func.coalesce(Material.withdrawn_at, now))
    )
