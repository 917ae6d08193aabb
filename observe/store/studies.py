"""Studies, who belongs to them, and whom and where they observe."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from observe.core.access import Role
from observe.store.base import JSON, Base, Instant
from observe.store.people import Person


class Study(Base):
    """What everything else belongs to. `question` is what the study wants to understand."""

    __tablename__ = "studies"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(sa.String(60), unique=True)
    title: Mapped[str] = mapped_column(sa.String(200))
    question: Mapped[str] = mapped_column(sa.Text, default="")
    created_at: Mapped[datetime] = mapped_column(Instant)


class Membership(Base):
    """One role of one person in one study; somebody may have several."""

    __tablename__ = "memberships"
    __table_args__ = (
        sa.CheckConstraint("role IN ('observer', 'supervisor', 'reviewer', 'analyst')", name="role"),
    )

    study_id: Mapped[int] = mapped_column(sa.ForeignKey("studies.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("people.id"), primary_key=True, index=True)
    role: Mapped[str] = mapped_column(sa.String(20), primary_key=True)
    since: Mapped[datetime] = mapped_column(Instant)


class Subject(Base):
    """Who is observed, by a pseudonym. `consent` is given, refused, withdrawn, not-needed or unknown.

    A subject that was erased stays as a tombstone: its id, and when.
    """

    __tablename__ = "subjects"
    __table_args__ = (
        sa.UniqueConstraint("study_id", "pseudonym"),
        sa.CheckConstraint(
            "consent IN ('given', 'refused', 'withdrawn', 'not-needed', 'unknown')", name="consent"
        ),
    )

    id: Mapped[str] = mapped_column(sa.String(36), primary_key=True)
    study_id: Mapped[int] = mapped_column(sa.ForeignKey("studies.id"))
    pseudonym: Mapped[str] = mapped_column(sa.String(60))
    attributes: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    consent: Mapped[str] = mapped_column(sa.String(20), default="unknown")
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(Instant)
    changed_at: Mapped[datetime] = mapped_column(Instant)
    erased_at: Mapped[datetime | None] = mapped_column(Instant)


class Setting(Base):
    """Where, or in what situation, people are observed."""

    __tablename__ = "settings"
    __table_args__ = (sa.UniqueConstraint("study_id", "label"),)

    id: Mapped[str] = mapped_column(sa.String(36), primary_key=True)
    study_id: Mapped[int] = mapped_column(sa.ForeignKey("studies.id"))
    label: Mapped[str] = mapped_column(sa.String(120))
    note: Mapped[str] = mapped_column(sa.Text, default="")
    active: Mapped[bool] = mapped_column(default=True)
    freedom: Mapped[str] = mapped_column(sa.String(20), default="", server_default="")
    """how freely people can act there: free, partly-bound, bound, or not said"""
    freedom_at: Mapped[datetime | None] = mapped_column(Instant)
    """when that was said"""
    created_at: Mapped[datetime] = mapped_column(Instant)
    changed_at: Mapped[datetime] = mapped_column(Instant)


@dataclass(frozen=True, slots=True)
class Member:
    """A person with all their roles in one study."""

    person: Person
    roles: frozenset[Role]


def by_slug(db: Session, slug: str) -> Study | None:
    return db.scalar(sa.select(Study).where(Study.slug == slug))


def by_id(db: Session, study_id: int) -> Study | None:
    return db.get(Study, study_id)


def all_studies(db: Session) -> Sequence[Study]:
    return db.scalars(sa.select(Study).order_by(Study.title, Study.id)).all()


def of_person(db: Session, person_id: int) -> list[tuple[Study, frozenset[Role]]]:
    """The studies that someone belongs to, with their roles in each, by title."""
    rows = db.execute(
        sa.select(Study, Membership.role)
        .join(Membership, Membership.study_id == Study.id)
        .where(Membership.person_id == person_id)
        .order_by(Study.title, Study.id)
    )
    found: dict[int, tuple[Study, frozenset[Role]]] = {}
    for study, role in rows:
        found[study.id] = (study, found.get(study.id, (study, frozenset[Role]()))[1] | {Role(role)})
    return list(found.values())


def roles_of(db: Session, study_id: int, person_id: int) -> frozenset[Role]:
    """Empty for somebody who does not belong to the study."""
    roles = db.scalars(
        sa.select(Membership.role).where(Membership.study_id == study_id, Membership.person_id == person_id)
    )
    return frozenset(Role(role) for role in roles)


def members(db: Session, study_id: int) -> list[Member]:
    """Everybody who belongs to the study, by name."""
    rows = db.execute(
        sa.select(Person, Membership.role)
        .join(Membership, Membership.person_id == Person.id)
        .where(Membership.study_id == study_id)
        .order_by(Person.name, Person.id)
    )
    found: dict[int, Member] = {}
    for person, role in rows:
        roles = found[person.id].roles if person.id in found else frozenset[Role]()
        found[person.id] = Member(person, roles | {Role(role)})
    return list(found.values())


def observers(db: Session, study_id: int) -> Sequence[Person]:
    """Active people who may record in this study: observers and supervisors, by name."""
    recording = [Role.OBSERVER.value, Role.SUPERVISOR.value]
    return db.scalars(
        sa.select(Person)
        .join(Membership, Membership.person_id == Person.id)
        .where(Membership.study_id == study_id, Membership.role.in_(recording), Person.is_active)
        .order_by(Person.name, Person.id)
        .distinct()
    ).all()


def set_roles(db: Session, study_id: int, person_id: int, roles: frozenset[Role], *, now: datetime) -> None:
    """Exactly these roles from now on; none of them takes the person out of the study."""
    db.execute(sa.delete(Membership).where(Membership.study_id == study_id, Membership.person_id == person_id))
    for role in sorted(roles):
        db.add(Membership(study_id=study_id, person_id=person_id, role=role.value, since=now))
    db.flush()


def subjects(db: Session, study_id: int, *, erased: bool = False) -> Sequence[Subject]:
    """By pseudonym; tombstones only when asked for."""
    query = sa.select(Subject).where(Subject.study_id == study_id)
    if not erased:
        query = query.where(Subject.erased_at.is_(None))
    return db.scalars(query.order_by(Subject.pseudonym)).all()


def subject(db: Session, study_id: int, subject_id: str) -> Subject | None:
    return db.scalar(sa.select(Subject).where(Subject.study_id == study_id, Subject.id == subject_id))


def erased_of(db: Session, study_id: int) -> frozenset[str]:
    """Ids of the subjects that were erased; asked for with every upload, and so without their rows."""
    return frozenset(
        db.scalars(sa.select(Subject.id).where(Subject.study_id == study_id, Subject.erased_at.is_not(None)))
    )


def subject_named(db: Session, study_id: int, pseudonym: str) -> Subject | None:
    return db.scalar(sa.select(Subject).where(Subject.study_id == study_id, Subject.pseudonym == pseudonym))


def settings(db: Session, study_id: int) -> Sequence[Setting]:
    return db.scalars(sa.select(Setting).where(Setting.study_id == study_id).order_by(Setting.label)).all()


def setting(db: Session, study_id: int, setting_id: str) -> Setting | None:
    return db.scalar(sa.select(Setting).where(Setting.study_id == study_id, Setting.id == setting_id))


def setting_named(db: Session, study_id: int, label: str) -> Setting | None:
    return db.scalar(sa.select(Setting).where(Setting.study_id == study_id, Setting.label == label))


def empty_journal(db: Session) -> None:
    """Put SQLite's write-ahead log into the database file and cut it to nothing. Elsewhere there is nothing to do."""
    engine = db.get_bind()
    assert isinstance(engine, sa.Engine)
    if engine.dialect.name == "sqlite":
        db.rollback()
        raw = engine.raw_connection()
        try:
            raw.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
        finally:
            raw.close()
