"""Frameworks: a draft that can change, and published versions that never do."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm import Mapped, Session, mapped_column

from observe.core.errors import PublishedIsFixed
from observe.store.base import Base, Instant


class Framework(Base):
    """One framework of one study with its draft, a canonical JSON document. `revision` goes up with each save."""

    __tablename__ = "frameworks"
    __table_args__ = (sa.UniqueConstraint("study_id", "slug"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    study_id: Mapped[int] = mapped_column(sa.ForeignKey("studies.id"))
    slug: Mapped[str] = mapped_column(sa.String(60))
    title: Mapped[str] = mapped_column(sa.String(200))
    draft: Mapped[str] = mapped_column(sa.Text)
    revision: Mapped[int] = mapped_column(default=1)
    changed_at: Mapped[datetime] = mapped_column(Instant)
    changed_by: Mapped[int | None] = mapped_column(sa.ForeignKey("people.id"))


class FrameworkVersion(Base):
    """A published version. Only its `state` may ever change, between open, closing and closed; triggers hold that too.

    `hash` is of the content, and is what sessions are pinned to.
    """

    __tablename__ = "framework_versions"
    __table_args__ = (
        sa.UniqueConstraint("framework_id", "number"),
        sa.UniqueConstraint("study_id", "hash"),
        sa.CheckConstraint("state IN ('open', 'closing', 'closed')", name="state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    study_id: Mapped[int] = mapped_column(sa.ForeignKey("studies.id"))
    framework_id: Mapped[int] = mapped_column(sa.ForeignKey("frameworks.id"))
    number: Mapped[int]
    hash: Mapped[str] = mapped_column(sa.String(64), index=True)
    title: Mapped[str] = mapped_column(sa.String(200))
    document: Mapped[str] = mapped_column(sa.Text)
    state: Mapped[str] = mapped_column(sa.String(10), default="open")
    published_at: Mapped[datetime] = mapped_column(Instant)
    published_by: Mapped[int | None] = mapped_column(sa.ForeignKey("people.id"))


@event.listens_for(FrameworkVersion, "before_update")
def refuse_change(_mapper: object, _connection: object, version: FrameworkVersion) -> None:
    """Said here with words of ours; the database's own triggers stop whatever comes another way."""
    changed = {attribute.key for attribute in sa.inspect(version).attrs if attribute.history.has_changes()}
    if changed - {"state"}:
        raise PublishedIsFixed


@event.listens_for(FrameworkVersion, "before_delete")
def refuse_delete(_mapper: object, _connection: object, _version: FrameworkVersion) -> None:
    raise PublishedIsFixed


def of_study(db: Session, study_id: int) -> Sequence[Framework]:
    return db.scalars(sa.select(Framework).where(Framework.study_id == study_id).order_by(Framework.title)).all()


def by_slug(db: Session, study_id: int, slug: str) -> Framework | None:
    return db.scalar(sa.select(Framework).where(Framework.study_id == study_id, Framework.slug == slug))


def versions(db: Session, framework_id: int) -> Sequence[FrameworkVersion]:
    """Newest first."""
    return db.scalars(
        sa.select(FrameworkVersion)
        .where(FrameworkVersion.framework_id == framework_id)
        .order_by(FrameworkVersion.number.desc())
    ).all()


def versions_of_study(db: Session, study_id: int) -> Sequence[FrameworkVersion]:
    """Every published version in any state, by title, newest first."""
    return db.scalars(
        sa.select(FrameworkVersion)
        .where(FrameworkVersion.study_id == study_id)
        .order_by(FrameworkVersion.title, FrameworkVersion.number.desc())
    ).all()


def version(db: Session, framework_id: int, number: int) -> FrameworkVersion | None:
    return db.scalar(
        sa.select(FrameworkVersion).where(
            FrameworkVersion.framework_id == framework_id, FrameworkVersion.number == number
        )
    )


def version_by_hash(db: Session, study_id: int, content_hash: str) -> FrameworkVersion | None:
    """The version that a session of this study is pinned to."""
    return db.scalar(
        sa.select(FrameworkVersion).where(
            FrameworkVersion.study_id == study_id, FrameworkVersion.hash == content_hash
        )
    )


_STATE = sa.select(FrameworkVersion.__table__.c.state).where(
    FrameworkVersion.__table__.c.study_id == sa.bindparam("study"),
    FrameworkVersion.__table__.c.hash == sa.bindparam("hash"),
)


def state_of(db: Session, study_id: int, content_hash: str) -> str | None:
    """Whether a published version is open, closing or closed, without reading its document; None when there is none."""
    return db.scalar(_STATE, {"study": study_id, "hash": content_hash})
