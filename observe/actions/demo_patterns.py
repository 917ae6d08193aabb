"""One look at the demo's lectures: three rooms, so that the answer is "not enough evidence", and what is missing."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from observe.actions import patterns
from observe.actions.patterns import Plan
from observe.store import frameworks
from observe.store.patterns import RunRow
from observe.store.people import Person
from observe.store.studies import Study

EXPECTED = "Rooms with tables are used more for students' own work than the lecture hall."


def look(db: Session, study: Study, supervisor: Person, *, now: datetime) -> RunRow:
    """State a plan and read the sessions by it, as a worker would."""
    version = next(
        each for each in frameworks.versions_of_study(db, study.id) if '"slug":"fill-plus"' in each.document
    )
    plan = Plan(version.hash, follows="setting", situation="none", expected=EXPECTED)
    row = patterns.state(db, supervisor, study, plan, now=now)
    gathered = patterns.gather(db, study.id, plan, lambda _share, _words: None, now=now)
    return patterns.keep(db, study.id, row, gathered, patterns.infer(gathered, plan), now=now)
