"""What was taken away, by whom and why; and the only doors through which words may go from tables that are only added to."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from observe.core.redaction import TAKEN, rivals_without_words
from observe.store import practice, printed
from observe.store.attachments import attachments
from observe.store.base import Base, Instant
from observe.store.consensus import Agreed
from observe.store.jobs import DONE, FAILED, RUNNING, WAITING, Job
from observe.store.patterns import findings, packed, plans, unpacked
from observe.store.reviews import proposals, reviews
from observe.store.sessions import coded_records, comments, events, held, logs, sessions, status_history

EVENT, HEADER, HELD, COMMENT, STEP, REVIEW, PROPOSAL, FINDING = (
    "event", "header", "held", "comment", "step", "review", "proposal", "finding",
)  # fmt: skip

redactions = sa.Table(
    "redactions",
    Base.metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("study", sa.ForeignKey("studies.id"), nullable=False, index=True),
    sa.Column("what", sa.String(20), nullable=False),
    sa.Column("key", sa.String(36), nullable=False),
    sa.Column("session", sa.String(36), index=True),
    sa.Column("subject", sa.String(36)),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("by", sa.ForeignKey("people.id")),
    sa.Column("at", Instant, nullable=False),
    sa.Column("mark", sa.LargeBinary(32)),
    sa.Index("ix_redactions_what_key", "what", "key"),
)
"""`mark` is a digest by which a repetition is known again: of an event as it stands now, of a header as it was first"""


@dataclass(frozen=True, slots=True)
class Why:
    """For what reason, on whose word, and because of which subject's erasure, if it was one."""

    study: int
    reason: str
    by: int | None
    at: datetime
    subject: str | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """A stored event with the log that it is in."""

    log: int
    session: str
    id: str
    at: int
    body: str


def places(db: Session, study: int, session: str = "") -> Iterator[Place]:
    """Every event of a study, or of one session."""
    query = (
        sa.select(events.c.log, logs.c.session, events.c.id, events.c.at, events.c.body)
        .join(logs, logs.c.id == events.c.log)
        .where(logs.c.study == study)
        .order_by(events.c.log, events.c.seq)
    )
    if session:
        query = query.where(logs.c.session == session)
    for row in db.execute(query.execution_options(yield_per=2000)):
        yield Place(*row)


def sessions_about(db: Session, study: int, subject: str) -> list[str]:
    """Sessions whose log or header has this id in it."""
    there = f"%{subject}%"
    in_log = sa.select(logs.c.session).join(events, events.c.log == logs.c.id)
    in_log = in_log.where(logs.c.study == study, events.c.body.like(there))
    in_head = sa.select(sessions.c.id).where(sessions.c.study == study, sessions.c.header.like(there))
    return sorted(set(db.scalars(in_log.distinct())) | set(db.scalars(in_head)))


def note(
    db: Session, why: Why, what: str, key: str, *, session: str | None = None, mark: bytes | None = None
) -> None:
    """Say that it happens; for tables that are only added to, this is what lets it happen."""
    values = {
        "study": why.study, "what": what, "key": key, "session": session, "subject": why.subject, "reason": why.reason,
        "by": why.by, "at": why.at, "mark": mark,
    }  # fmt: skip
    db.execute(redactions.insert(), values)


def event(db: Session, why: Why, place: Place, body: str) -> None:
    """Put this in the place of an event's words. Its digest stays that of what the tablet sent."""
    note(db, why, EVENT, place.id, session=place.session, mark=hashlib.sha256(body.encode()).digest())
    db.execute(events.update().where(events.c.id == place.id).values(body=body))


def changed(db: Session, session: str, log_ids: Collection[int]) -> None:
    """What was derived from these logs is derived anew."""
    db.execute(logs.update().where(logs.c.id.in_(list(log_ids))).values(redacted=logs.c.redacted + 1))
    db.execute(coded_records.delete().where(coded_records.c.session == session))


def header(db: Session, why: Why, session: str, before: str, after: str) -> None:
    """Another text in the place of a session's header, wherever that is kept."""
    note(db, why, HEADER, session, session=session, mark=hashlib.sha256(before.encode()).digest())
    db.execute(sessions.update().where(sessions.c.id == session).values(header=after))
    db.execute(logs.update().where(logs.c.session == session).values(header=after, redacted=logs.c.redacted + 1))
    db.execute(coded_records.delete().where(coded_records.c.session == session))


def was_header(db: Session, session: str, text: str) -> bool:
    """Whether this is what the session's header was before words were taken from it."""
    mark = hashlib.sha256(text.encode()).digest()
    query = sa.select(redactions.c.id).where(
        redactions.c.what == HEADER, redactions.c.key == session, redactions.c.mark == mark
    )
    return db.scalar(query) is not None


def marks_of(db: Session, session: str) -> frozenset[bytes]:
    """Digests of this session's events as they stand without their words."""
    query = sa.select(redactions.c.mark).where(redactions.c.what == EVENT, redactions.c.session == session)
    return frozenset(mark for mark in db.scalars(query) if mark)


def is_in(db: Session, session: str) -> bool:
    """Whether anything of this session was taken away for a subject who was erased."""
    query = sa.select(redactions.c.id).where(redactions.c.session == session, redactions.c.subject.is_not(None))
    return db.scalar(query.limit(1)) is not None


def held_of(db: Session, study: int) -> list[tuple[int, int, str, str | None]]:
    """Id, log, body and own header of everything kept aside in a study."""
    query = sa.select(held.c.id, held.c.log, held.c.body, held.c.header).where(held.c.study == study)
    return [(row.id, row.log, row.body, row.header) for row in db.execute(query.order_by(held.c.id))]


def aside(db: Session, why: Why, held_id: int, body: str) -> None:
    """Take the words of something kept aside, and the header that came with it."""
    note(db, why, HELD, str(held_id))
    db.execute(held.update().where(held.c.id == held_id).values(body=body, header=None))


def comments_of(db: Session, study: int) -> list[tuple[int, str, str]]:
    """Id, session and words of every comment."""
    query = sa.select(comments.c.id, comments.c.session, comments.c.words).join(
        sessions, sessions.c.id == comments.c.session
    )
    return [tuple(row) for row in db.execute(query.where(sessions.c.study == study).order_by(comments.c.id))]


def steps_of(db: Session, study: int) -> list[tuple[int, str, str]]:
    """Id, session and words of every step of a session that was given words."""
    query = sa.select(status_history.c.id, status_history.c.session, status_history.c.words)
    query = query.join(sessions, sessions.c.id == status_history.c.session).where(sessions.c.study == study)
    return [
        tuple(row) for row in db.execute(query.where(status_history.c.words != "").order_by(status_history.c.id))
    ]


def comment(db: Session, why: Why, comment_id: int) -> None:
    note(db, why, COMMENT, str(comment_id))
    db.execute(comments.update().where(comments.c.id == comment_id).values(words=TAKEN))


def step(db: Session, why: Why, step_id: int) -> None:
    note(db, why, STEP, str(step_id))
    db.execute(status_history.update().where(status_history.c.id == step_id).values(words=TAKEN))


@dataclass(frozen=True, slots=True)
class Said:
    """What a reviewer wrote of a finding, or proposed after it."""

    key: str
    person: str
    words: str


def reviews_of(db: Session, study: int) -> list[Said]:
    query = sa.select(reviews.c.id, reviews.c.person, reviews.c.reason, reviews.c.rivals).where(
        reviews.c.study_id == study
    )
    return [Said(row.id, row.person, f"{row.reason} {row.rivals}") for row in db.execute(query)]


def review(db: Session, why: Why, review_id: str) -> None:
    """What was decided stays; what was written about the person goes."""
    note(db, why, REVIEW, review_id)
    rivals = db.scalar(sa.select(reviews.c.rivals).where(reviews.c.id == review_id)) or "[]"
    values = {"reason": TAKEN, "rivals": rivals_without_words(rivals)}
    db.execute(reviews.update().where(reviews.c.id == review_id).values(values))


def proposals_of(db: Session, study: int) -> list[Said]:
    query = sa.select(proposals.c.id, findings.c.person, proposals.c.words).join(
        findings, findings.c.id == proposals.c.finding_id
    )
    return [
        Said(str(row.id), row.person, row.words) for row in db.execute(query.where(proposals.c.study_id == study))
    ]


def proposal(db: Session, why: Why, proposal_id: str) -> None:
    note(db, why, PROPOSAL, proposal_id)
    db.execute(proposals.update().where(proposals.c.id == int(proposal_id)).values(words=TAKEN))


def from_findings(db: Session, why: Why, taken: Collection[str]) -> int:
    """Runs of the inference keep what was noted beside their evidence: those notes go there too. How many findings had one."""
    done = 0
    query = sa.select(findings.c.id, findings.c.body).where(findings.c.study_id == why.study)
    for row in db.execute(query).all():
        body = unpacked(row.body)
        named = [one for one in body["evidence"]["notes"] if one["event"] in taken and one["text"] != TAKEN]
        if named:
            for one in named:
                one["text"] = TAKEN
            note(db, why, FINDING, str(row.id))
            db.execute(findings.update().where(findings.c.id == row.id).values(body=packed(body)))
            done += 1
    return done


def fixed_words(db: Session, study: int) -> Iterator[tuple[str, str]]:
    """Words in places that are fixed for good, and where: they are told of, and not taken away here."""
    for row in db.execute(sa.select(plans.c.id, plans.c.content).where(plans.c.study_id == study)):
        yield f"plan {row.id} of patterns", row.content
    for agreed in db.scalars(sa.select(Agreed).where(Agreed.study_id == study)):
        yield f"agreed record of stream {agreed.stream}", agreed.decisions
    for material in practice.of_study(db, study, withdrawn=True):
        yield "name of practice material", f"{material.title} {material.hint}".strip()


def attachments_taken(db: Session, ids: Sequence[str], now: datetime) -> list[str]:
    """Mark these photos and voice notes as taken away; the digests that no other one has, whose files are to go."""
    if not ids:
        return []
    mine = attachments.c.id.in_(list(ids))
    digests = set(db.scalars(sa.select(attachments.c.digest).where(mine)))
    db.execute(attachments.update().where(mine).values(taken=now))
    still = db.scalars(
        sa.select(attachments.c.digest).where(attachments.c.digest.in_(digests), attachments.c.taken.is_(None))
    )
    return sorted(digests - set(still))


def forget_answers(db: Session, study: int, *, now: datetime) -> None:
    """Answers that were worked out before go, and whatever is being worked out is given up; it can be asked again."""
    mine = sa.and_(Job.study_id == study, Job.kind != "patterns")
    db.execute(sa.update(Job).where(mine, Job.state == DONE).values(result=None, state=FAILED, words=GONE))
    going = sa.and_(Job.study_id == study, Job.state.in_((WAITING, RUNNING)))
    db.execute(sa.update(Job).where(going).values(state="cancelled", words=GONE, ended_at=now))
    printed.forget(db, study)


GONE = "Words or people were taken out of the data since. Ask again."


def of_study(db: Session, study: int) -> list[Any]:
    """Everything that was taken away, newest first."""
    return list(
        db.execute(sa.select(redactions).where(redactions.c.study == study).order_by(redactions.c.id.desc()))
    )


def of_events(db: Session, session: str) -> dict[str, tuple[str, datetime]]:
    """Reason and moment by event, for those of a session whose words were taken away."""
    query = sa.select(redactions.c.key, redactions.c.reason, redactions.c.at)
    query = query.where(redactions.c.what == EVENT, redactions.c.session == session)
    return {row.key: (row.reason, row.at) for row in db.execute(query)}
