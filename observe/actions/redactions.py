"""Taking words away: those about a subject who is erased, and those that a supervisor finds and chooses, with a reason.

The log is only ever added to, with this one door: an event's words may go, once, for a reason that is kept. Its place, its
clocks and the digest of what the tablet sent stay, so that completeness is still proved, and a tablet that sends it again
is told that the server has it.
"""

from __future__ import annotations

import shutil
from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy.orm import Session

from frameworks.model import ModifierKind
from observe.actions import attachments as files
from observe.actions import records as coding
from observe.actions.doing import Actor, check, doing
from observe.actions.studies import forget_journal, subject_of
from observe.core import consent, redaction
from observe.core.consent import Silence
from observe.core.errors import Invalid
from observe.core.redaction import Names
from observe.store import keys, practice, records
from observe.store import redactions as kept
from observe.store.people import Person
from observe.store.redactions import Place, Why
from observe.store.studies import Study, Subject

COLUMNS = "columns"
ERASED = "A subject of the study was erased."


@dataclass(frozen=True, slots=True)
class Mention:
    """A place where a name stands. `key` is what chooses it; None where words are fixed for good."""

    key: str | None
    where: str
    words: str
    session: str | None = None
    at_ms: int | None = None


def columns_of(var: Path, study_id: int, read: str = "") -> Path:
    """Where the columns of a study are, which analyses read; `read` is how its versions are read together, if they are."""
    return var / COLUMNS / f"{study_id}{read}"


def find(db: Session, actor: Actor, study: Study, names: Sequence[str]) -> list[Mention]:
    """Every place in the study's words that names one of them. What is looked for is not kept, nor is it in the trail."""
    check(db, actor, "words.take_away", study.id)
    wanted = Names(tuple(names))
    return list(_mentions(db, study.id, wanted)) if names else []


def _mentions(db: Session, study_id: int, names: Names) -> Iterator[Mention]:
    for row in records.of_study(db, study_id):
        if words := redaction.header_words(row.header, names):
            yield Mention(f"{kept.HEADER}:{row.id}", "session variables", words, row.id)
    for place in kept.places(db, study_id):
        if words := names.told_by(place.body):
            yield Mention(f"{kept.EVENT}:{place.id}", "log", words, place.session, place.at)
    for held_id, _, body, _ in kept.held_of(db, study_id):
        if words := names.told_by(body):
            yield Mention(f"{kept.HELD}:{held_id}", "kept aside", words)
    for comment_id, session, words in kept.comments_of(db, study_id):
        if names.in_words(words):
            yield Mention(f"{kept.COMMENT}:{comment_id}", "comment", words, session)
    for step_id, session, words in kept.steps_of(db, study_id):
        if names.in_words(words):
            yield Mention(f"{kept.STEP}:{step_id}", "words of a sign-off or return", words, session)
    for what, said in ((kept.REVIEW, kept.reviews_of), (kept.PROPOSAL, kept.proposals_of)):
        for one in said(db, study_id):
            if names.in_words(one.words):
                yield Mention(
                    f"{what}:{one.key}", "review of a pattern" if what == kept.REVIEW else "proposal", one.words
                )
    for where, words in kept.fixed_words(db, study_id):
        if names.in_words(words):
            yield Mention(None, where, words[:300])


@dataclass(frozen=True, slots=True)
class Taken:
    """How many places lost their words, and how many photos and voice notes went with them."""

    places: int
    attachments: int


def take_away(
    db: Session,
    actor: Person,
    study: Study,
    chosen: Sequence[str],
    reason: str,
    var: Path,
    *,
    names: Sequence[str] = (),
    now: datetime,
) -> Taken:
    """Take the words away at these places; of a session's variables, those that hold one of `names`. It cannot be taken back."""
    study_id, reason = study.id, reason.strip()
    if not reason:
        raise Invalid("Say why, without naming anybody: the reason is kept.")
    if not chosen:
        raise Invalid("Choose at least one place.")
    why = Why(study_id, reason, actor.id, now)
    with doing(db, actor, "words.take_away", study_id, about=f"study:{study_id}", now=now) as entry:
        places, ids = _take(db, why, chosen, Names(tuple(names)))
        gone = kept.attachments_taken(db, ids, now)
        kept.forget_answers(db, study_id, now=now)
        entry.note(places=places, attachments=len(ids))
    _sweep(db, study_id, gone, var)
    return Taken(places, len(ids))


def _take(db: Session, why: Why, chosen: Collection[str], names: Names) -> tuple[int, list[str]]:
    """Words at chosen places of this study; how many there were, and the attachments of the events among them."""
    by_kind: dict[str, set[str]] = {}
    for one in chosen:
        what, _, key = one.partition(":")
        by_kind.setdefault(what, set()).add(key)
    done, ids = 0, list[str]()
    events = by_kind.get(kept.EVENT, set())
    for session in (
        sorted({place.session for place in kept.places(db, why.study) if place.id in events}) if events else ()
    ):
        count, found = _take_events(db, why, session, events)
        done, ids = done + count, ids + found
    for row in records.of_study(db, why.study) if by_kind.get(kept.HEADER) else ():
        if row.id in by_kind[kept.HEADER]:
            done += _take_header(db, why, row.id, row.header, names)
    for held_id, _, body, _ in kept.held_of(db, why.study) if by_kind.get(kept.HELD) else ():
        if str(held_id) in by_kind[kept.HELD] and (after := redaction.without_words(body)):
            kept.aside(db, why, held_id, after)
            done += 1
    for what, those, take in (
        (kept.COMMENT, kept.comments_of, kept.comment),
        (kept.STEP, kept.steps_of, kept.step),
    ):
        for one_id, _, _ in those(db, why.study):
            if str(one_id) in by_kind.get(what, ()):
                take(db, why, one_id)
                done += 1
    return done + _take_said(db, why, by_kind), ids


def _take_said(db: Session, why: Why, by_kind: dict[str, set[str]], person: str = "") -> int:
    """What was written in reviews and proposals: those chosen, or all about one person."""
    done = 0
    for what, said, take in (
        (kept.REVIEW, kept.reviews_of, kept.review),
        (kept.PROPOSAL, kept.proposals_of, kept.proposal),
    ):
        for one in said(db, why.study):
            if one.key in by_kind.get(what, ()) or (person and one.person == person):
                take(db, why, one.key)
                done += 1
    return done


def _take_events(db: Session, why: Why, session: str, chosen: Collection[str]) -> tuple[int, list[str]]:
    typed = _typed(db, why.study, session)
    logs, done, ids = set[int](), 0, list[str]()
    for place in list(kept.places(db, why.study, session)):
        if place.id in chosen and (after := redaction.without_words(place.body, typed)) is not None:
            ids += redaction.attachments_of(place.body)
            kept.event(db, why, place, after)
            logs.add(place.log)
            done += 1
    if logs:
        kept.changed(db, session, logs)
        practice.forget(db, why.study, [session], now=why.at)
        kept.from_findings(db, why, chosen)
    return done, ids


def _take_header(db: Session, why: Why, session: str, header: str, names: Names) -> int:
    """Only the variables that name somebody; the others say where and what."""
    after = redaction.header_without(header, names)
    if after is None:
        return 0
    kept.header(db, why, session, header, after)
    practice.forget(db, why.study, [session], now=why.at)
    return 1


def _typed(db: Session, study_id: int, session: str) -> frozenset[str]:
    """Modifiers of a session's framework into which words are typed."""
    row = records.session(db, study_id, session)
    if row is None:
        return frozenset()
    model = coding.framework(db, study_id, row.framework)
    return frozenset(one.id for one in model.modifiers if one.kind is ModifierKind.TEXT)


# ── erasing a subject ────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Prospect:
    """What erasing a subject would take: places that are about them, and words elsewhere that name the pseudonym."""

    places: int
    attachments: int
    sessions: int
    is_in_key: bool
    mentions: Sequence[Mention]


def prospect(db: Session, actor: Actor, study: Study, subject_id: str) -> Prospect:
    """To be looked through before it is done: afterwards nobody knows the pseudonym that was looked for."""
    check(db, actor, "subject.erase", study.id)
    subject = subject_of(db, study, subject_id)
    about, attachments = set[str](), 0
    sessions = kept.sessions_about(db, study.id, subject_id)
    for session in sessions:
        typed = _typed(db, study.id, session)
        for place in _about(db, study.id, session, frozenset({subject_id})):
            if redaction.without_words(place.body, typed) is not None:
                about.add(f"{kept.EVENT}:{place.id}")
                attachments += len(redaction.attachments_of(place.body))
    elsewhere = [one for one in _mentions(db, study.id, Names((subject.pseudonym,))) if one.key not in about]
    in_key = subject_id in keys.entries_of(db, study.id)
    return Prospect(len(about), attachments, len(sessions), in_key, elsewhere)


def _about(db: Session, study_id: int, session: str, subjects: frozenset[str]) -> list[Place]:
    """The events of a session that are about these subjects, or refer to one that is."""
    found = list(kept.places(db, study_id, session))
    tied = consent.tied((place.body for place in found), Silence(subjects))
    return [place for place in found if place.id in tied]


def erase_subject(
    db: Session,
    actor: Actor,
    study: Study,
    subject_id: str,
    var: Path,
    *,
    also: Sequence[str] = (),
    reason: str = "",
    now: datetime,
) -> Subject:
    """Take away everything that was known of the subject, and all words about them; `also` where their pseudonym stands.

    A tombstone stays, and with it what was coded, under an id that leads to nobody: counts still add up, and no export,
    analysis or pattern reads it. Words that come later, from a tablet that was away, are not taken in either.
    """
    study_id = study.id
    why = Why(study_id, reason.strip() or ERASED, actor.id if isinstance(actor, Person) else None, now, subject_id)
    with doing(db, actor, "subject.erase", study_id, about=f"subject:{subject_id}", now=now) as entry:
        subject = subject_of(db, study, subject_id)
        names = Names((subject.pseudonym,))
        subject.pseudonym, subject.attributes = f"erased-{subject.id}", {}
        subject.consent, subject.active = "withdrawn", False
        subject.erased_at = subject.changed_at = now
        keys.drop(db, study_id, subject_id)
        done, ids = _take(db, why, also, names)
        about = {subject_id}
        for session in kept.sessions_about(db, study_id, subject_id):
            tied = {place.id for place in _about(db, study_id, session, frozenset({subject_id}))}
            count, found = _take_events(db, why, session, tied)
            done, ids, about = done + count, ids + found, about | tied
        done += _aside_about(db, why, about) + _take_said(db, why, {}, person=subject_id)
        gone = kept.attachments_taken(db, ids, now)
        kept.forget_answers(db, study_id, now=now)
        entry.note(places=done, attachments=len(ids))
    _sweep(db, study_id, gone, var)
    return subject


def _aside_about(db: Session, why: Why, about: Collection[str]) -> int:
    """Words kept aside that are about somebody: they hold the subject's id, or that of an event about them."""
    done = 0
    for held_id, _, body, _ in kept.held_of(db, why.study):
        if any(one in body for one in about) and (after := redaction.without_words(body)) is not None:
            kept.aside(db, why, held_id, after)
            done += 1
    return done


def again(
    db: Session, study_id: int, erased: frozenset[str], sessions: Sequence[tuple[str, str]], *, now: datetime
) -> None:
    """What has just come in about subjects who were erased before loses its words before it is on disk.

    `sessions` are ids with the texts that came. To be called within the transaction that takes them in.
    """
    touched = [
        key for key, text in sessions if any(one in text for one in erased) or (key and kept.is_in(db, key))
    ]
    why, about = Why(study_id, ERASED, None, now, min(erased)), set(erased)
    for session in filter(None, touched):
        tied = {place.id for place in _about(db, study_id, session, erased)}
        _, ids = _take_events(db, why, session, tied)
        kept.attachments_taken(db, ids, now)
        about |= tied
    if touched:
        _aside_about(db, why, about)


def _sweep(db: Session, study_id: int, digests: Sequence[str], var: Path) -> None:
    """Outside of the database: files of photos and voice notes, the columns of analyses, and SQLite's journal."""
    for digest in digests:
        with suppress(FileNotFoundError):
            (var / files.FOLDER / digest[:2] / digest).unlink()
    for columns in (columns_of(var, study_id), *(var / COLUMNS).glob(f"{study_id}.*")):
        shutil.rmtree(columns, ignore_errors=True)
    forget_journal(db)
