"""What belongs to the request at hand: the database, the person, the study, the settings."""

from __future__ import annotations

from datetime import timedelta

from flask import current_app, g, session
from flask_login import current_user
from sqlalchemy.orm import Session

from observe.actions.limits import Limits
from observe.actions.secret import Seal
from observe.core.access import Role
from observe.core.errors import NotSignedIn
from observe.extensions import db
from observe.store.people import Person
from observe.store.studies import Study

LOGIN = "_user_id"
"""where Flask-Login keeps what `SignedIn.get_id` gives"""


class SignedIn:
    """A person as Flask-Login knows them: by their sign-in, not by their id."""

    is_authenticated = True
    is_active = True
    is_anonymous = False

    def __init__(self, person: Person, token: str) -> None:
        self.person = person
        self.token = token

    def get_id(self) -> str:
        return self.token


def database() -> Session:
    """The request's session; one for the whole request."""
    made: Session = db.session()
    return made


def person_or_none() -> Person | None:
    return current_user.person if current_user.is_authenticated else None


def person() -> Person:
    """Whoever is signed in, or NotSignedIn."""
    someone = person_or_none()
    if someone is None:
        raise NotSignedIn
    return someone


def token() -> str:
    """What the cookie carries of the running sign-in."""
    return str(session.get(LOGIN, ""))


def study_or_none() -> Study | None:
    """The study that the address names, once the guard has let the person in."""
    study: Study | None = g.get("study")
    return study


def roles() -> frozenset[Role]:
    """What the person is in this study; outside of one, whether they run the server."""
    found: frozenset[Role] = g.get("roles", frozenset())
    return found


def seal() -> Seal:
    return Seal(current_app.config["SECRET_KEY"])


def limits() -> Limits:
    """The limits as this server is set."""
    config = current_app.config
    return Limits(
        sign_in_attempts=config["SIGN_IN_ATTEMPTS"],
        address_attempts=config["ADDRESS_ATTEMPTS"],
        sign_in_window=timedelta(minutes=config["SIGN_IN_MINUTES"]),
        idle=timedelta(minutes=config["IDLE_MINUTES"]),
        absolute=timedelta(hours=config["ABSOLUTE_HOURS"]),
        invitation=timedelta(hours=config["INVITE_HOURS"]),
        enrolment=timedelta(minutes=config["ENROL_MINUTES"]),
        device=timedelta(days=config["DEVICE_DAYS"]),
    )


def put_into_queue(job_id: str) -> None:
    """Let a worker do this job; the queue was given to the application where everything is wired."""
    current_app.extensions["observe.queue"].put(job_id)
