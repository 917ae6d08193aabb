"""The people of the tests and their two studies."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cache

from sqlalchemy.orm import Session

from observe.actions.secret import hash_password
from observe.core.access import Role
from observe.store import studies
from observe.store.base import writing
from observe.store.people import Person
from observe.store.studies import Study

PASSWORD = "four words in a row"


@cache
def password_hash() -> str:
    """Hashing takes a while on purpose; once is enough."""
    return hash_password(PASSWORD)


@dataclass(frozen=True, slots=True)
class Cast:
    """Each has the password `PASSWORD`. Nemo supervises the other study."""

    owen: Person
    olga: Person
    sadia: Person
    rhys: Person
    anya: Person
    nemo: Person
    ada: Person
    study: Study
    other: Study


def a_person(db: Session, name: str, now: datetime, *, is_admin: bool = False) -> Person:
    """Somebody with a password, to be added within a write transaction."""
    person = Person(
        name=name, email=f"{name.lower()}@example.org", password_hash=password_hash(), is_admin=is_admin, is_active=True,
        second_factor_step=0, created_at=now,
    )  # fmt: skip
    db.add(person)
    db.flush()
    return person


def a_study(db: Session, slug: str, title: str, now: datetime) -> Study:
    """A study without members, to be added within a write transaction."""
    study = Study(slug=slug, title=title, question="What is done here?", created_at=now)
    db.add(study)
    db.flush()
    return study


def a_cast(db: Session, now: datetime) -> Cast:
    """Everybody with their roles."""
    with writing(db):
        owen, olga, sadia, rhys, anya, nemo = (
            a_person(db, name, now) for name in ("Owen", "Olga", "Sadia", "Rhys", "Anya", "Nemo")
        )
        ada = a_person(db, "Ada", now, is_admin=True)
        study = a_study(db, "lectures", "Lectures", now)
        other = a_study(db, "elsewhere", "Elsewhere", now)
        for person, role in (
            (owen, Role.OBSERVER), (olga, Role.OBSERVER), (sadia, Role.SUPERVISOR), (rhys, Role.REVIEWER), (anya, Role.ANALYST),
        ):  # fmt: skip
            studies.set_roles(db, study.id, person.id, frozenset({role}), now=now)
        studies.set_roles(db, other.id, nemo.id, frozenset({Role.SUPERVISOR}), now=now)
    return Cast(owen, olga, sadia, rhys, anya, nemo, ada, study, other)
