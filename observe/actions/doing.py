"""The frame around everything that a person can do: one transaction, one permission, one entry in the audit trail."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from observe.core.access import Role, may
from observe.core.errors import NotAllowed, NotFound
from observe.store import audit, studies
from observe.store.base import writing
from observe.store.devices import Device
from observe.store.people import Person
from observe.store.studies import Study


@dataclass(frozen=True, slots=True)
class Console:
    """Whoever can run commands on the server: they can read the database anyway, so nothing is refused to them."""

    name: str = "console"


Actor = Person | Device | Console


@dataclass(slots=True)
class Entry:
    """The audit entry in the making. `about` names what was acted on, as `noun:id`."""

    about: str = ""
    details: dict[str, Any] = field(default_factory=dict)

    def note(self, **details: Any) -> None:
        """Ids and figures; never names, words of people, or secrets."""
        self.details.update(details)


def name_of(actor: Actor) -> str:
    """How the trail names an actor: by id, so that a name can be erased without breaking the chain."""
    match actor:
        case Person():
            return f"person:{actor.id}"
        case Device():
            return f"device:{actor.id}"
        case Console():
            return actor.name


def roles_of(db: Session, actor: Actor, study_id: int | None) -> frozenset[Role]:
    """What the actor is in this study; without a study, whether they run the server."""
    match actor:
        case Console():
            return frozenset(Role)
        case Device():
            return frozenset({Role.OBSERVER}) if actor.study_id == study_id else frozenset()
        case Person():
            if study_id is not None:
                return studies.roles_of(db, study_id, actor.id)
            return frozenset({Role.ADMIN}) if actor.is_admin else frozenset()


def check(db: Session, actor: Actor, action: str, study_id: int | None) -> None:
    """Someone outside of the study is told that it is not there; someone inside, that it is not for them."""
    roles = roles_of(db, actor, study_id)
    if not may(roles, action):
        raise NotAllowed if roles or study_id is None else NotFound


@contextmanager
def doing(
    db: Session, actor: Actor, action: str, study: Study | int | None = None, *, about: str = "", now: datetime
) -> Iterator[Entry]:
    """Everything inside happens as one, or not at all; and the trail says so in the same transaction.

    The permission is asked inside the transaction, so that a role taken away a moment ago counts.
    """
    study_id = study.id if isinstance(study, Study) else study
    name = name_of(actor)
    with writing(db):
        check(db, actor, action, study_id)
        entry = Entry(about=about)
        yield entry
        db.flush()
        audit.append(
            db, at=now, actor=name, action=action, study_id=study_id, about=entry.about, details=entry.details
        )
