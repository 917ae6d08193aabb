"""What people do with studies: begin one, say who belongs to it, whom and where it observes."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from observe.actions.doing import Actor, doing
from observe.core.access import Role
from observe.core.errors import Invalid, LastSupervisor, NotFound, Taken
from observe.core.patterns import Freedom
from observe.store import devices, frameworks, people, sessions, studies
from observe.store.frameworks import FrameworkVersion
from observe.store.people import Person
from observe.store.studies import Member, Setting, Study, Subject


@dataclass(frozen=True, slots=True)
class Overview:
    """What a study has, at a glance."""

    members: list[Member]
    versions: Sequence[FrameworkVersion]
    subjects: int
    settings: int
    devices: int
    sessions: int


def overview(db: Session, study: Study) -> Overview:
    """Devices in use only, tombstones not counted."""
    return Overview(
        members=studies.members(db, study.id),
        versions=frameworks.versions_of_study(db, study.id),
        subjects=len(studies.subjects(db, study.id)),
        settings=len(studies.settings(db, study.id)),
        devices=sum(device.revoked_at is None for device in devices.of_study(db, study.id)),
        sessions=sessions.count_of_study(db, study.id),
    )


SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
CONSENTS = ("unknown", "given", "refused", "withdrawn", "not-needed")


def create(
    db: Session, actor: Actor, slug: str, title: str, question: str, *, supervisor: Person, now: datetime
) -> Study:
    """A study with its first supervisor, who lets everybody else in."""
    if not SLUG.fullmatch(slug) or len(slug) > 60:
        raise Invalid("The short name has lower-case letters, figures and hyphens, 60 at most.")
    with doing(db, actor, "study.create", now=now) as entry:
        if studies.by_slug(db, slug):
            raise Taken(f"There is a study called {slug} already.")
        study = Study(slug=slug, title=title.strip(), question=question.strip(), created_at=now)
        db.add(study)
        db.flush()
        studies.set_roles(db, study.id, supervisor.id, frozenset({Role.SUPERVISOR}), now=now)
        entry.about = f"study:{study.id}"
        entry.note(supervisor=supervisor.id)
        return study


def edit(db: Session, actor: Actor, study: Study, title: str, question: str, *, now: datetime) -> Study:
    """The short name stays: it is in addresses and exports."""
    with doing(db, actor, "study.edit", study, about=f"study:{study.id}", now=now):
        study.title, study.question = title.strip(), question.strip()
        return study


def set_member(
    db: Session, actor: Actor, study: Study, person_id: int, roles: frozenset[Role], *, now: datetime
) -> None:
    """Exactly these roles from now on; none of them takes the person out. A study keeps a supervisor."""
    with doing(db, actor, "member.manage", study, about=f"person:{person_id}", now=now) as entry:
        if people.by_id(db, person_id) is None:
            raise NotFound
        before = studies.roles_of(db, study.id, person_id)
        studies.set_roles(db, study.id, person_id, roles - {Role.ADMIN}, now=now)
        if not any(Role.SUPERVISOR in member.roles for member in studies.members(db, study.id)):
            raise LastSupervisor
        entry.note(before=sorted(before), after=sorted(roles))


def add_member(
    db: Session, actor: Actor, study: Study, email: str, roles: frozenset[Role], *, now: datetime
) -> None:
    """Somebody with an account, by address. Accounts are made by an admin."""
    person = people.by_email(db, email)
    if person is None or not person.is_active:
        raise Invalid("Nobody here has this address. An admin can invite them first.")
    if not roles:
        raise Invalid("Choose one role at least.")
    set_member(db, actor, study, person.id, roles | studies.roles_of(db, study.id, person.id), now=now)


# ── subjects ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def add_subject(
    db: Session,
    actor: Actor,
    study: Study,
    pseudonym: str,
    *,
    attributes: Mapping[str, Any] | None = None,
    consent: str = "unknown",
    now: datetime,
) -> Subject:
    """Somebody who is observed, under a pseudonym that nobody else of the study has."""
    with doing(db, actor, "subject.manage", study, now=now) as entry:
        if studies.subject_named(db, study.id, pseudonym.strip()):
            raise Taken("There is a subject with this pseudonym already.")
        subject = Subject(
            id=str(uuid.uuid4()), study_id=study.id, pseudonym=pseudonym.strip(), attributes=dict(attributes or {}),
            consent=known_consent(consent), active=True, created_at=now, changed_at=now,
        )  # fmt: skip
        db.add(subject)
        entry.about = f"subject:{subject.id}"
        entry.note(did="add", consent=consent)
        return subject


def known_consent(consent: str) -> str:
    """One of the five that are told apart, or Invalid."""
    if consent not in CONSENTS:
        raise Invalid(f"Consent is one of {', '.join(CONSENTS)}.")
    return consent


def subject_of(db: Session, study: Study, subject_id: str) -> Subject:
    """One that was not erased, or NotFound."""
    subject = studies.subject(db, study.id, subject_id)
    if subject is None or subject.erased_at:
        raise NotFound
    return subject


def edit_subject(
    db: Session,
    actor: Actor,
    study: Study,
    subject_id: str,
    pseudonym: str,
    *,
    attributes: Mapping[str, Any],
    consent: str,
    active: bool,
    now: datetime,
) -> Subject:
    """Consent that is withdrawn takes effect in the next export, not in the log."""
    with doing(db, actor, "subject.manage", study, about=f"subject:{subject_id}", now=now) as entry:
        subject = subject_of(db, study, subject_id)
        other = studies.subject_named(db, study.id, pseudonym.strip())
        if other and other.id != subject.id:
            raise Taken("There is a subject with this pseudonym already.")
        entry.note(did="edit", consent_before=subject.consent, consent=consent, active=active)
        subject.pseudonym, subject.attributes = pseudonym.strip(), dict(attributes)
        subject.consent, subject.active, subject.changed_at = known_consent(consent), active, now
        return subject


def forget_journal(db: Session) -> None:
    """Old pages still lie in SQLite's write-ahead log after an erasure; put them into the file and cut it."""
    studies.empty_journal(db)


# ── settings ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def add_setting(
    db: Session,
    actor: Actor,
    study: Study,
    label: str,
    note: str = "",
    *,
    freedom: Freedom | None = None,
    now: datetime,
) -> Setting:
    """A place or situation; named once in a study. `freedom`: how freely people can act there, None where nobody says."""
    with doing(db, actor, "setting.manage", study, now=now) as entry:
        if studies.setting_named(db, study.id, label.strip()):
            raise Taken("There is a setting with this name already.")
        setting = Setting(
            id=str(uuid.uuid4()), study_id=study.id, label=label.strip(), note=note.strip(), active=True,
            freedom=freedom or "", freedom_at=now if freedom else None, created_at=now, changed_at=now,
        )  # fmt: skip
        db.add(setting)
        entry.about = f"setting:{setting.id}"
        entry.note(did="add", freedom=freedom or "")
        return setting


def edit_setting(
    db: Session, actor: Actor, study: Study, setting_id: str, label: str, note: str, *, active: bool,
    freedom: Freedom | None = None, now: datetime,
) -> Setting:  # fmt: skip
    """One that is not active is not offered for new sessions; sessions that name it keep it.

    When it was last said how freely people can act there is kept: runs tell which sessions had begun before.
    """
    with doing(db, actor, "setting.manage", study, about=f"setting:{setting_id}", now=now) as entry:
        setting = studies.setting(db, study.id, setting_id)
        if setting is None:
            raise NotFound
        other = studies.setting_named(db, study.id, label.strip())
        if other and other.id != setting.id:
            raise Taken("There is a setting with this name already.")
        setting.label, setting.note, setting.active, setting.changed_at = label.strip(), note.strip(), active, now
        if setting.freedom != (freedom or ""):
            setting.freedom, setting.freedom_at = freedom or "", now if freedom else None
        entry.note(did="edit", active=active, freedom=setting.freedom)
        return setting
