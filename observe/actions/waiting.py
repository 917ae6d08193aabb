"""What in a study waits for one person: so that whoever opens it sees at once what only they can do."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from sqlalchemy.orm import Session

from observe.actions import reviews
from observe.core.access import may
from observe.store import records, studies
from observe.store import sessions as kept
from observe.store.people import Person
from observe.store.records import Wanted
from observe.store.studies import Study


@dataclass(frozen=True, slots=True)
class Waiting:
    """So many of one kind."""

    kind: str
    count: int


def waiting_for(db: Session, person: Person, study: Study) -> list[Waiting]:
    """The most pressing first; nothing that this person may not see or do."""
    roles = studies.roles_of(db, study.id, person.id)
    found: list[Waiting] = []
    if may(roles, "session.sign_off"):
        found.append(Waiting("aside", sum(heap.open for heap in kept.heaps(db, study.id))))
    if may(roles, "session.record"):
        mine = Counter(row.status for row in records.of_study(db, study.id, Wanted(observer=person.id)))
        found += [Waiting("returned", mine["returned"]), Waiting("to_submit", mine["recording"])]
    if may(roles, "session.sign_off"):
        found.append(Waiting("to_sign_off", len(records.of_study(db, study.id, Wanted(status="submitted")))))
    if may(roles, "pattern.review"):
        found.append(Waiting("to_read", len(unread(db, person, study))))
    return [one for one in found if one.count]


def unread(db: Session, person: Person, study: Study) -> list[reviews.Case]:
    """Patterns of the newest runs that wait for this person, as the review desk lists them."""
    return [
        case
        for case, heard in reviews.desk(db, person, study).cases
        if reviews.waits_for(str(person.id), case, heard)
    ]
