"""One look at the demo's lectures: three rooms, so that the answer is "not enough evidence", and what is missing."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from observe.actions import patterns
from observe.actions.demo_sessions import version_of
from observe.actions.patterns import Plan
from observe.store.patterns import RunRow
from observe.store.people import Person
from observe.store.studies import Study

EXPECTED = "Rooms with tables are used more for students' own work than the lecture hall."


def look(db: Session, study: Study, supervisor: Person, *, now: datetime) -> RunRow:
    """State a plan and read the sessions by it, as a worker would."""
    plan = Plan(version_of(db, study, "fill-plus"), follows="setting", situation="none", expected=EXPECTED)
    return stated_and_read(db, study, supervisor, plan, now=now)


def stated_and_read(db: Session, study: Study, supervisor: Person, plan: Plan, *, now: datetime) -> RunRow:
    """A plan and a run of it."""
    row = patterns.state(db, supervisor, study, plan, now=now)
    gathered = patterns.gather(db, study.id, plan, lambda _share, _words: None, now=now)
    return patterns.keep(db, study.id, row, gathered, patterns.infer(gathered, plan), now=now)
