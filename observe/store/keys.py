"""Keys of pseudonyms as they are kept: sealed in a supervisor's browser, apart from everything else, readable by nobody here."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from observe.store.base import JSON, Base, Instant


class SealedKey(Base):
    """The lock of one study's key. `version` goes up with every change, so that nobody writes over another's."""

    __tablename__ = "sealed_keys"

    study_id: Mapped[int] = mapped_column(sa.ForeignKey("studies.id"), primary_key=True, autoincrement=False)
    version: Mapped[int]
    lock: Mapped[dict[str, Any]] = mapped_column(JSON)
    changed_at: Mapped[datetime] = mapped_column(Instant)
    changed_by: Mapped[int] = mapped_column(sa.ForeignKey("people.id"))


class SealedEntry(Base):
    """Who one pseudonym stands for, sealed."""

    __tablename__ = "sealed_entries"

    subject_id: Mapped[str] = mapped_column(sa.ForeignKey("subjects.id"), primary_key=True)
    study_id: Mapped[int] = mapped_column(sa.ForeignKey("studies.id"), index=True)
    sealed: Mapped[str] = mapped_column(sa.Text)


def key_of(db: Session, study_id: int) -> SealedKey | None:
    return db.get(SealedKey, study_id, populate_existing=True)


def entries_of(db: Session, study_id: int) -> dict[str, str]:
    """Sealed entries by subject."""
    query = sa.select(SealedEntry.subject_id, SealedEntry.sealed).where(SealedEntry.study_id == study_id)
    return {row.subject_id: row.sealed for row in db.execute(query)}


def replace_all(db: Session, study_id: int, entries: Mapping[str, str]) -> None:
    """These entries and no others."""
    db.execute(sa.delete(SealedEntry).where(SealedEntry.study_id == study_id))
    for subject, sealed in entries.items():
        db.add(SealedEntry(subject_id=subject, study_id=study_id, sealed=sealed))
    db.flush()


def put(db: Session, study_id: int, subject_id: str, sealed: str) -> None:
    """One entry, in the place of an older one."""
    drop(db, study_id, subject_id)
    db.add(SealedEntry(subject_id=subject_id, study_id=study_id, sealed=sealed))
    db.flush()


def drop(db: Session, study_id: int, subject_id: str) -> bool:
    """Whether there was one."""
    gone = db.execute(
        sa.delete(SealedEntry).where(SealedEntry.study_id == study_id, SealedEntry.subject_id == subject_id)
    )
    return bool(gone.rowcount)  # type: ignore[attr-defined]


def forget(db: Session, study_id: int) -> int:
    """The whole key of a study; how many entries it had."""
    gone = db.execute(sa.delete(SealedEntry).where(SealedEntry.study_id == study_id))
    db.execute(sa.delete(SealedKey).where(SealedKey.study_id == study_id))
    return int(gone.rowcount)  # type: ignore[attr-defined]
