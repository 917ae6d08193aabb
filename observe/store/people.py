"""People, their sign-ins, and the attempts that did not lead to one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from observe.store.base import Base, Instant


class Person(Base):
    """Someone who can sign in. `email` is kept in lower case. Without `password_hash` nobody can sign in as them."""

    __tablename__ = "people"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(sa.String(254), unique=True)
    name: Mapped[str] = mapped_column(sa.String(120))
    password_hash: Mapped[str | None] = mapped_column(sa.String(255))
    is_admin: Mapped[bool] = mapped_column(default=False)
    is_active: Mapped[bool] = mapped_column(default=True)
    second_factor: Mapped[str | None] = mapped_column(sa.String(255))
    """the secret of the one-time codes, encrypted with the server's key"""
    second_factor_step: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    """the time step of the last code taken: it and those before it are used up"""
    invitation_hash: Mapped[str | None] = mapped_column(sa.String(64), unique=True)
    invited_until: Mapped[datetime | None] = mapped_column(Instant)
    created_at: Mapped[datetime] = mapped_column(Instant)


class Login(Base):
    """One sign-in of one browser; `id` is the hash of what the cookie carries."""

    __tablename__ = "logins"

    id: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("people.id"), index=True)
    begun_at: Mapped[datetime] = mapped_column(Instant)
    seen_at: Mapped[datetime] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)


class Attempt(Base):
    """One attempt to sign in, by the hash of the account or of the network address that it was for."""

    __tablename__ = "attempts"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(sa.String(64), index=True)
    at: Mapped[datetime] = mapped_column(Instant)


def by_id(db: Session, person_id: int) -> Person | None:
    return db.get(Person, person_id)


def by_email(db: Session, email: str) -> Person | None:
    """The address as it is kept: without spaces around it, in lower case."""
    return db.scalar(sa.select(Person).where(Person.email == email.strip().lower()))


def by_invitation(db: Session, invitation_hash: str) -> Person | None:
    return db.scalar(sa.select(Person).where(Person.invitation_hash == invitation_hash))


def everybody(db: Session) -> Sequence[Person]:
    return db.scalars(sa.select(Person).order_by(Person.name, Person.id)).all()


def admins(db: Session) -> Sequence[Person]:
    """Active admins who can sign in, or have been invited to."""
    return db.scalars(sa.select(Person).where(Person.is_admin, Person.is_active).order_by(Person.id)).all()


def names(db: Session, ids: set[int]) -> dict[int, str]:
    """Names by id, for those of the ids that there are."""
    rows = db.execute(sa.select(Person.id, Person.name).where(Person.id.in_(ids)))
    return {row.id: row.name for row in rows}


def login(db: Session, login_id: str) -> Login | None:
    return db.get(Login, login_id)


def end_logins(db: Session, person_id: int, *, now: datetime, but: str = "") -> int:
    """End every running sign-in of this person, but the one named; how many there were."""
    ended = db.execute(
        sa.update(Login)
        .where(Login.person_id == person_id, Login.ended_at.is_(None), Login.id != but)
        .values(ended_at=now)
    )
    return int(ended.rowcount)  # type: ignore[attr-defined]


def forget_old(db: Session, *, before: datetime) -> None:
    """Attempts and ended sign-ins that no longer matter to anybody."""
    db.execute(sa.delete(Attempt).where(Attempt.at < before))
    db.execute(sa.delete(Login).where(Login.ended_at < before))


def attempts(db: Session, key: str, *, since: datetime) -> Sequence[datetime]:
    """When this account or address was tried, oldest first."""
    return db.scalars(
        sa.select(Attempt.at).where(Attempt.key == key, Attempt.at > since).order_by(Attempt.at)
    ).all()


def forget_attempts(db: Session, key: str) -> None:
    db.execute(sa.delete(Attempt).where(Attempt.key == key))
