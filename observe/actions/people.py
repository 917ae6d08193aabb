"""What people do with accounts: invite, accept, sign in and out, change a password, use one-time codes."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

import pyotp
from sqlalchemy.orm import Session

from observe.actions import secret
from observe.actions.doing import Actor, Console, doing
from observe.actions.limits import Limits
from observe.core.errors import (
    Busy,
    Invalid,
    InvitationGone,
    NotFound,
    Taken,
    TooManyAttempts,
    WrongCode,
    WrongPassword,
)
from observe.store import people
from observe.store.base import writing
from observe.store.people import Attempt, Login, Person

SEEN_EVERY = timedelta(minutes=5)
"""a sign-in is marked as used at most so often: reading pages should not mean writing to disk"""


@dataclass(frozen=True, slots=True)
class Invited:
    """A person who can set a password with this token, once. The token is not kept and cannot be shown again."""

    person: Person
    token: str


def invite(
    db: Session, actor: Actor, name: str, email: str, *, is_admin: bool = False, limits: Limits, now: datetime
) -> Invited:
    """Make an account without a password, and the one-time link that sets one."""
    with doing(db, actor, "person.manage", now=now) as entry:
        if people.by_email(db, email):
            raise Taken("There is an account with this address already.")
        person = Person(name=name.strip(), email=email.strip().lower(), is_admin=is_admin, created_at=now)
        token = _new_invitation(person, limits, now)
        db.add(person)
        db.flush()
        entry.about = f"person:{person.id}"
        entry.note(did="invite", admin=is_admin)
        return Invited(person, token)


def invite_again(db: Session, actor: Actor, person_id: int, *, limits: Limits, now: datetime) -> Invited:
    """A new link for somebody who lost the first one, the password or the phone: the second factor goes with it."""
    with doing(db, actor, "person.manage", about=f"person:{person_id}", now=now) as entry:
        person = existing(db, person_id)
        token = _new_invitation(person, limits, now)
        entry.note(did="invite_again")
        return Invited(person, token)


def _new_invitation(person: Person, limits: Limits, now: datetime) -> str:
    token = secret.token()
    person.invitation_hash = secret.digest(token)
    person.invited_until = now + limits.invitation
    return token


def existing(db: Session, person_id: int) -> Person:
    """The person with this id, or NotFound."""
    person = people.by_id(db, person_id)
    if person is None:
        raise NotFound
    return person


def invited(db: Session, token: str, *, now: datetime) -> Person:
    """Whose invitation this is, while it is good."""
    person = people.by_invitation(db, secret.digest(token))
    if person is None or person.invited_until is None or person.invited_until < now or not person.is_active:
        raise InvitationGone
    return person


def accept(db: Session, token: str, password: str, *, now: datetime) -> Person:
    """Set a password with an invitation, which is then used up; every sign-in so far ends."""
    person = invited(db, token, now=now)
    password_hash = secret.hash_password(password, not_like=(person.email, person.name))
    with doing(db, person, "account.accept", about=f"person:{person.id}", now=now):
        person = invited(db, token, now=now)
        person.password_hash = password_hash
        person.invitation_hash = person.invited_until = person.second_factor = None
        people.end_logins(db, person.id, now=now)
        return person


def activate(db: Session, actor: Actor, person_id: int, active: bool, *, now: datetime) -> Person:
    """Somebody who is not active cannot sign in; what they recorded stays."""
    with doing(db, actor, "person.manage", about=f"person:{person_id}", now=now) as entry:
        person = existing(db, person_id)
        if not active and person.is_admin and len(people.admins(db)) == 1:
            raise Invalid("This is the last admin; without one nobody could run the server.")
        person.is_active = active
        if not active:
            people.end_logins(db, person_id, now=now)
        entry.note(did="activate" if active else "deactivate")
        return person


# ── signing in ───────────────────────────────────────────────────────────────────────────────────────────────────────


def count_attempt(db: Session, keys: dict[str, int], *, limits: Limits, now: datetime) -> None:
    """Write an attempt down before it is judged, so that many at once gain nothing; refuse the one too many."""
    with writing(db):
        for words, most in keys.items():
            key = secret.digest(words)
            earlier = people.attempts(db, key, since=now - limits.sign_in_window)
            if len(earlier) >= most:
                raise TooManyAttempts(int((earlier[-most] + limits.sign_in_window - now).total_seconds()) + 1)
            db.add(Attempt(key=key, at=now))


def password_fits(
    db: Session, email: str, password: str, *, address: str, limits: Limits, now: datetime
) -> Person:
    """Whose password this is. They are not signed in yet: a second factor may be asked for."""
    account = f"account:{email.strip().lower()}"
    count_attempt(
        db,
        {account: limits.sign_in_attempts, f"address:{address}": limits.address_attempts},
        limits=limits,
        now=now,
    )
    person = people.by_email(db, email)
    if not secret.fits(password, person.password_hash if person and person.is_active else None) or person is None:
        raise WrongPassword
    return person


def sign_in(db: Session, person: Person, *, limits: Limits, now: datetime) -> str:
    """Begin a sign-in with a new id, and return what the cookie is to carry."""
    token = secret.token()
    with doing(db, person, "account.sign_in", about=f"person:{person.id}", now=now):
        db.add(Login(id=secret.digest(token), person_id=person.id, begun_at=now, seen_at=now))
        people.forget_attempts(db, secret.digest(f"account:{person.email}"))
        people.forget_attempts(db, secret.digest(f"code:{person.id}"))
        people.forget_old(db, before=now - timedelta(days=30))
    return token


def signed_in(db: Session, token: str, *, limits: Limits, now: datetime) -> Person | None:
    """Whose running sign-in this is: not ended, not idle for too long, not too old, of somebody active."""
    login = people.login(db, secret.digest(token))
    if (
        login is None
        or login.ended_at
        or now - login.seen_at > limits.idle
        or now - login.begun_at > limits.absolute
    ):
        return None
    if now - login.seen_at > SEEN_EVERY:
        with suppress(Busy), writing(db):
            login.seen_at = now
    person = people.by_id(db, login.person_id)
    return person if person and person.is_active else None


def sign_out(db: Session, person: Person, token: str, *, now: datetime) -> None:
    """The sign-in ends on the server: its cookie is dead wherever it was copied to."""
    with doing(db, person, "account.sign_out", about=f"person:{person.id}", now=now):
        login = people.login(db, secret.digest(token))
        if login and login.person_id == person.id and not login.ended_at:
            login.ended_at = now


def change_password(
    db: Session, person: Person, old: str, new: str, *, token: str, limits: Limits, now: datetime
) -> None:
    """Every other sign-in of the person ends."""
    count_attempt(db, {f"account:{person.email}": limits.sign_in_attempts}, limits=limits, now=now)
    if not secret.fits(old, person.password_hash):
        raise WrongPassword("The old password is not right.")
    password_hash = secret.hash_password(new, not_like=(person.email, person.name))
    with doing(db, person, "account.password", about=f"person:{person.id}", now=now) as entry:
        person.password_hash = password_hash
        people.forget_attempts(db, secret.digest(f"account:{person.email}"))
        entry.note(ended=people.end_logins(db, person.id, now=now, but=secret.digest(token)))


# ── the second factor ────────────────────────────────────────────────────────────────────────────────────────────────


def new_second_factor(person: Person, issuer: str, offered: str | None = None) -> tuple[str, str]:
    """The secret offered before or a new one, and the address that an authenticator reads from a QR code."""
    fresh = offered or pyotp.random_base32()
    return fresh, pyotp.TOTP(fresh).provisioning_uri(name=person.email, issuer_name=issuer)


def turn_on_second_factor(
    db: Session, person: Person, fresh: str, code: str, *, seal: secret.Seal, now: datetime
) -> None:
    """Only with a code from it, so that nobody locks themselves out."""
    step = secret.step_of(code, fresh, after=0, now=now)
    if step is None:
        raise WrongCode
    with doing(db, person, "account.second_factor", about=f"person:{person.id}", now=now) as entry:
        person.second_factor = seal.close(fresh)
        person.second_factor_step = step
        entry.note(did="on")


def turn_off_second_factor(
    db: Session, person: Person, code: str, *, limits: Limits, seal: secret.Seal, now: datetime
) -> None:
    """Only with a code from it."""
    check_code(db, person, code, limits=limits, seal=seal, now=now)
    with doing(db, person, "account.second_factor", about=f"person:{person.id}", now=now) as entry:
        person.second_factor = None
        entry.note(did="off")


def check_code(
    db: Session, person: Person, code: str, *, limits: Limits, seal: secret.Seal, now: datetime
) -> None:
    """A one-time code is good once: its time step and those before it are used up, also when two try at once."""
    count_attempt(db, {f"code:{person.id}": limits.sign_in_attempts}, limits=limits, now=now)
    with writing(db):
        opened = seal.open(person.second_factor or "")
        step = opened and secret.step_of(code, opened, after=person.second_factor_step, now=now)
        if not step:
            raise WrongCode
        person.second_factor_step = step


# ── from the console ─────────────────────────────────────────────────────────────────────────────────────────────────


def first_admin(db: Session, name: str, email: str, password: str, *, now: datetime) -> Person | None:
    """The first admin of a new server; None when there is one already."""
    if people.admins(db):
        return None
    return add(db, Console(), name, email, password, is_admin=True, now=now)


def add(
    db: Session, actor: Actor, name: str, email: str, password: str, *, is_admin: bool = False, now: datetime
) -> Person:
    """An account with a password that somebody else knows: for the console, where no link can be followed."""
    password_hash = secret.hash_password(password, not_like=(email, name))
    with doing(db, actor, "person.manage", now=now) as entry:
        if people.by_email(db, email):
            raise Taken("There is an account with this address already.")
        person = Person(
            name=name.strip(),
            email=email.strip().lower(),
            is_admin=is_admin,
            password_hash=password_hash,
            created_at=now,
        )
        db.add(person)
        db.flush()
        entry.about = f"person:{person.id}"
        entry.note(did="add", admin=is_admin)
        return person


def set_password(db: Session, actor: Actor, person_id: int, password: str, *, now: datetime) -> None:
    """From the console; every sign-in of the person ends, and the second factor goes."""
    person = existing(db, person_id)
    password_hash = secret.hash_password(password, not_like=(person.email, person.name))
    with doing(db, actor, "person.manage", about=f"person:{person_id}", now=now) as entry:
        person = existing(db, person_id)
        person.password_hash, person.second_factor = password_hash, None
        people.end_logins(db, person_id, now=now)
        entry.note(did="set_password")
