"""A demo study to look around in: people, places, subjects, two published frameworks and a dozen sessions."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from observe.actions import demo_patterns, demo_sessions, frameworks, people, studies
from observe.actions.doing import Console
from observe.core.access import Role
from observe.store import people as kept_people
from observe.store import studies as kept
from observe.store.people import Person
from observe.store.studies import Study

SLUG = "demo"
CAST: tuple[tuple[str, tuple[Role, ...]], ...] = (
    ("Sadia", (Role.SUPERVISOR,)),
    ("Owen", (Role.OBSERVER,)),
    ("Olga", (Role.OBSERVER,)),
    ("Rhys", (Role.REVIEWER,)),
    ("Anya", (Role.ANALYST,)),
)
READY_MADE = ("fill-plus", "copus")
ROOMS = ("Lecture hall A", "Room 4.12", "Laboratory")
STUDENTS = 6


def make(db: Session, password: str, *, now: datetime) -> list[tuple[Person, str]]:
    """Everything, once; who can sign in and as what. Nothing when the demo study is there already."""
    if kept.by_slug(db, SLUG):
        return []
    console = Console()
    made = [(person_of(db, name, password, now), roles) for name, roles in CAST]
    study = studies.create(
        db, console, SLUG, "Lectures, watched", "What do lecturers and students do in lectures, and what does it say of how they think of learning?",
        supervisor=made[0][0], now=now,
    )  # fmt: skip
    for person, roles in made:
        studies.set_member(db, console, study, person.id, frozenset(roles), now=now)
    furnish(db, study, now)
    demo_sessions.send(db, study, [person for person, _ in made], now=now)
    demo_patterns.look(db, study, made[0][0], now=now)
    return [(person, ", ".join(roles)) for person, roles in made]


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
