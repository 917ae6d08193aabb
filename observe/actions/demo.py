"""Two demo studies to look around in: lectures that say what they are made of, and meetings that show patterns of people."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from observe.actions import demo_meetings, demo_patterns, demo_sessions, frameworks, people, studies
from observe.actions.doing import Console
from observe.core.access import Role
from observe.store import people as kept_people
from observe.store import studies as kept
from observe.store.people import Person
from observe.store.studies import Study

SLUG = "demo"
MEETINGS = "meetings"
CAST: tuple[tuple[str, tuple[Role, ...]], ...] = (
    ("Sadia", (Role.SUPERVISOR,)),
    ("Owen", (Role.OBSERVER,)),
    ("Olga", (Role.OBSERVER,)),
    ("Rhys", (Role.REVIEWER,)),
    ("Anya", (Role.ANALYST,)),
)
SECOND_READER = ("Ruth", (Role.REVIEWER,))
"""a pattern is read by two people, blind to each other: the meetings have both"""
READY_MADE = ("fill-plus", "copus")
ROOMS = ("Lecture hall A", "Room 4.12", "Laboratory")
STUDENTS = 6


def make(db: Session, password: str, *, now: datetime) -> list[tuple[Person, str]]:
    """Everything, once; who can sign in and as what. Nothing when the demo study is there already."""
    if kept.by_slug(db, SLUG):
        return []
    lectures = begin(
        db, SLUG, "Lectures, watched", "What do lecturers and students do in lectures, and what does it say of how they think of learning?",
        CAST, password, now,
    )  # fmt: skip
    furnish(db, lectures.study, now)
    demo_sessions.send(db, lectures.study, list(lectures.people.values()), now=now)
    demo_patterns.look(db, lectures.study, lectures.people["Sadia"], now=now)
    meetings = begin(
        db, MEETINGS, "Meetings, watched", "Who asks whom for a view in our meetings, and what does it say of how the others are seen?",
        (*CAST, SECOND_READER), password, now,
    )  # fmt: skip
    demo_meetings.make(db, meetings.study, meetings.people, now=now)
    return [(meetings.people[name], ", ".join(roles)) for name, roles in (*CAST, SECOND_READER)]


@dataclass(frozen=True, slots=True)
class Begun:
    """A study and its members, by name."""

    study: Study
    people: dict[str, Person]


def begin(
    db: Session, slug: str, title: str, question: str, cast: tuple[tuple[str, tuple[Role, ...]], ...], password: str,
    now: datetime,
) -> Begun:  # fmt: skip
    """A study with its members; the first of the cast supervises it."""
    console = Console()
    made = {name: person_of(db, name, password, now) for name, _ in cast}
    study = studies.create(db, console, slug, title, question, supervisor=made[cast[0][0]], now=now)
    for name, roles in cast:
        studies.set_member(db, console, study, made[name].id, frozenset(roles), now=now)
    return Begun(study, made)


def person_of(db: Session, name: str, password: str, now: datetime) -> Person:
    """Somebody of the cast; an account that is there already is used as it is."""
    email = f"{name.lower()}@example.org"
    return kept_people.by_email(db, email) or people.add(db, Console(), name, email, password, now=now)


def furnish(db: Session, study: Study, now: datetime) -> None:
    """Frameworks, places and subjects."""
    console = Console()
    for slug in READY_MADE:
        framework = frameworks.begin_ready_made(db, console, study, slug, now=now)
        frameworks.publish(db, console, study, framework.slug, revision=framework.revision, now=now)
    for label in ROOMS:
        studies.add_setting(db, console, study, label, now=now)
    studies.add_subject(db, console, study, "L01", attributes={"role": "lecturer"}, consent="given", now=now)
    for number in range(1, STUDENTS + 1):
        studies.add_subject(
            db, console, study, f"S{number:02}", attributes={"role": "student"}, consent="given", now=now
        )
