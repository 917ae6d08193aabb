"""Taking data out: which sessions, without whom, and a trail of every time that it was done."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from sqlalchemy.orm import Session

from frameworks import rights
from frameworks.model import Framework
from frameworks.versions import canonical_json
from observe.actions import records as coding
from observe.actions import scope as scopes
from observe.actions.doing import Actor, doing, name_of
from observe.actions.scope import Scope
from observe.actions.studies import subject_of
from observe.core import consent
from observe.core.coding.record import Timeline
from observe.core.consent import Silence
from observe.core.errors import Invalid
from observe.core.tidy import Source, StoredEvent, SubjectRow
from observe.store import attachments, frameworks, people, records, redactions, studies
from observe.store.attachments import Attachment
from observe.store.records import SessionRow, Wanted
from observe.store.studies import Study, Subject

AT_ONCE = 50
"""sessions whose records are held in memory together"""


def software() -> str:
    """Name and version of this program."""
    try:
        return f"observe {version('observe')}"
    except PackageNotFoundError:
        return "observe 0.1.0"


class NotTogether(Invalid):
    """A format without a place for how versions were read as one was asked for sessions of several."""

    code = "export.not_together"
    sentence = "This format has no place for how several versions are read as one."
    remedy = "Choose one version, or take the dataset, the workbook or Parquet."

    def __init__(self, label: str) -> None:
        super().__init__(f"{label}: {self.sentence}")


@dataclass(frozen=True, slots=True)
class Taking:
    """An export in the making: what it is of, and its sessions one by one. To be gone through once."""

    slug: str
    title: str
    question: str
    sources: Iterator[Source]
    subjects: tuple[SubjectRow, ...]
    versions: tuple[tuple[str, Framework], ...]
    documents: dict[str, str]
    by: str
    filters: dict[str, Any]
    withheld: dict[str, int]
    together: dict[str, Any] | None = None
    """how several versions are read as one, where the filter asks for that"""


def take(
    db: Session,
    actor: Actor,
    study: Study,
    wanted: Wanted,
    *,
    what: str,
    events: bool = True,
    budget: bool = True,
    practice: bool = False,
    lean: bool = False,
    now: datetime,
) -> Taking:
    """Sessions of a study with what they mean. Practice is left out unless asked for; refusals are always left out.

    A filter by several versions (`slug@1-3`) gives their sessions in the ids that the versions have in common.
    Without `events` or `budget` those tables stay empty, and are not read. `lean` is for the table of bouts alone.
    """
    study_id, by = study.id, name_of(actor)
    title, slug, question = study.title, study.slug, study.question
    several = scopes.asks_several(wanted.framework)
    scope = scopes.of_versions(db, study_id, wanted.framework) if several else None
    with doing(db, actor, "export.take", study_id, about=f"study:{study_id}", now=now) as entry:
        chosen = records.of_study(db, study_id, replace(wanted, framework="") if scope else wanted)
        if scope:
            chosen = [row for row in chosen if row.framework in scope.versions]
        rows = [row for row in chosen if row.consent != "refused" and (practice or row.purpose != "practice")]
        roster = studies.subjects(db, study_id, erased=True)
        silence = silence_of(roster)
        left = {
            "sessions_refused": sum(1 for row in chosen if row.consent == "refused"),
            "sessions_practice": sum(1 for row in chosen if row.consent != "refused") - len(rows),
            "subjects_without_consent": len(silence.subjects),
        }
        entry.note(what=what, sessions=len(rows), **wanted.as_words())
        used = {row.framework for row in rows}
        documents = {
            one.hash: leaving(one.document)
            for one in frameworks.versions_of_study(db, study_id)
            if one.hash in used
        }
        subjects = tuple(
            SubjectRow(one.id, one.pseudonym, one.consent, one.active, dict(one.attributes or {}))
            for one in roster
            if one.id not in silence.subjects
        )
    versions = tuple((mark, rights.shareable(_model(db, study_id, mark, scope))) for mark in documents)
    sources = _sources(
        db, study_id, slug, rows[::-1], silence, scope, events=events, budget=budget, lean=lean, now=now
    )
    return Taking(
        slug, title, question, sources, subjects, versions, documents, by, wanted.as_words(), left,
        scope.as_json() if scope else None,
    )  # fmt: skip


def _model(db: Session, study_id: int, mark: str, scope: Scope | None) -> Framework:
    """A version, in the ids in which its sessions are told."""
    return scope.model_of(mark) if scope else coding.framework(db, study_id, mark)


def leaving(document: str) -> str:
    """A framework's document, word for word; or without the words of someone else, who did not give them to the world."""
    model = coding.read(document)
    return canonical_json(rights.shareable(model)) if rights.belongs_to_someone_else(model) else document


@dataclass(frozen=True, slots=True)
class Theirs:
    """What is kept about one subject: an export, and the photos and voice notes of the notes in it, id by id."""

    taking: Taking
    attachments: tuple[Attachment, ...]


def about_subject(db: Session, actor: Actor, study: Study, subject_id: str, *, now: datetime) -> Theirs:
    """Everything about one subject, for themselves: practice too, and whatever their consent is now.

    Nothing about other subjects goes with it, nor a note that names one of them: they have a right of their own.
    """
    study_id, by = study.id, name_of(actor)
    title, slug, question = study.title, study.slug, study.question
    with doing(db, actor, "subject.export", study_id, about=f"subject:{subject_id}", now=now) as entry:
        subject = subject_of(db, study, subject_id)
        others = [one for one in studies.subjects(db, study_id, erased=True) if one.id != subject_id]
        ids = redactions.sessions_about(db, study_id, subject_id)
        rows = [row for row in records.of_study(db, study_id) if row.id in set(ids)]
        used = {row.framework for row in rows}
        documents = {
            one.hash: one.document for one in frameworks.versions_of_study(db, study_id) if one.hash in used
        }
        own = SubjectRow(
            subject.id, subject.pseudonym, subject.consent, subject.active, dict(subject.attributes or {})
        )
        mine = Silence(frozenset({subject_id}), frozenset({subject.pseudonym}))
        entry.note(sessions=len(rows))
    versions = tuple((mark, coding.framework(db, study_id, mark)) for mark in documents)
    silence = Silence(
        frozenset(one.id for one in others), frozenset(one.pseudonym for one in others if not one.erased_at)
    )
    everything = _sources(
        db, study_id, slug, rows[::-1], silence, None, events=False, budget=False, lean=False, now=now
    )
    found = [_only(db, source, subject_id, mine) for source in everything]
    noted = {note.event for source in found for note in source.timeline.notes}
    with_them = tuple(
        one for row in rows for one in attachments.of_session(db, row.id) if one.event in noted and not one.taken
    )
    taking = Taking(
        slug, title, question, iter(found), (own,), versions, documents, by, {"subject": subject_id},
        {"other_subjects": len(others)},
    )  # fmt: skip
    return Theirs(taking, with_them)


def _only(db: Session, source: Source, subject: str, mine: Silence) -> Source:
    logs = records.logs_of(db, [source.session])[source.session]
    about = consent.tied((body for log in logs for body in records.bodies(db, log.id)), mine)
    return replace(source, timeline=consent.only(source.timeline, subject, about))


def silence_of(roster: Sequence[Subject]) -> Silence:
    """About whom nothing is told."""
    without = [one for one in roster if one.consent in {"refused", "withdrawn"} or one.erased_at]
    return Silence(
        frozenset(one.id for one in without), frozenset(one.pseudonym for one in without if one.pseudonym)
    )


def _sources(
    db: Session,
    study_id: int,
    slug: str,
    rows: Sequence[SessionRow],
    silence: Silence,
    scope: Scope | None,
    *,
    events: bool,
    budget: bool,
    lean: bool,
    now: datetime,
) -> Iterator[Source]:
    """Oldest first. Records are read some at a time, so that memory does not grow with the study."""
    observers = people.names(db, {row.observer for row in rows})
    settings = {one.id: one.label for one in studies.settings(db, study_id)}
    numbers = {one.hash: one.number for one in frameworks.versions_of_study(db, study_id)}
    for start in range(0, len(rows), AT_ONCE):
        for recorded in coding.coded(db, rows[start : start + AT_ONCE], now=now):
            coded, row = scopes.read_by(scope, recorded) if scope else recorded, recorded.session
            source = source_of(
                coded, rights.shareable(_model(db, study_id, row.framework, scope)), slug, numbers[row.framework],
                lean=lean and not silence.subjects and coded is recorded,
            )  # fmt: skip
            source = replace(
                silenced(db, source, coded, silence),
                observer=observers.get(row.observer, str(row.observer)),
                setting=settings.get(row.setting, row.setting) if row.setting else None,
                budget=coded.budget if budget else (),
            )
            yield replace(source, events=_events(db, row.id)) if events else source


def silenced(db: Session, source: Source, coded: coding.Coded, silence: Silence) -> Source:
    """A session without what is about subjects without consent, or tied to it."""
    if not silence.subjects:
        return source
    bodies = [body for log in coded.logs for body in records.bodies(db, log.id)]
    silent = consent.tied(bodies, silence)
    watched = source.timeline.subjects
    if watched and silence.subjects.issuperset(watched):
        silent |= {one.event for one in source.timeline.positions}  # where nobody else was watched
    return replace(
        source,
        withheld=silence.subjects,
        silent=silent,
        timeline=consent.shown(source.timeline, silence, silent),
    )


def source_of(coded: coding.Coded, framework: Framework, slug: str, number: int, *, lean: bool = False) -> Source:
    """A session as the tables want it; names of people and places are put in by whoever knows them.

    `lean`: the record as it is kept, for who reads only the bouts out of it.
    """
    row = coded.session
    claimed = [log.claimed for log in coded.logs if log.claimed is not None]
    return Source(
        session=row.id, study=slug, framework=framework, framework_hash=row.framework, framework_number=number,
        observer=str(row.observer), device=row.device, purpose=row.purpose, happening=row.happening, setting=row.setting,
        consent=row.consent, started=row.started, offset=row.offset, zone=row.zone, status=row.status, header=row.header,
        stored=sum(log.stored for log in coded.logs), claimed=sum(claimed) if claimed else None, digest=coded.row.digest,
        timeline=Timeline(0, coded.row.end_ms, coded.row.ended) if lean else coded.timeline,
        record=coded.row.record if lean else b"",
    )  # fmt: skip


def _events(db: Session, session_id: str) -> Iterator[StoredEvent]:
    for event in records.events_of(db, session_id):
        yield StoredEvent(event.device, event.seq, event.id, event.at, event.kind, event.body, event.received)
