"""What people made of findings, whom a supervisor asked to dissent, and what they propose to change: only ever added."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from observe.core.reviews import Decision, Part, Review, RivalWeighed, Weighing
from observe.store.base import Base, Instant
from observe.store.patterns import hold

OBSERVED = "observed"
"""in the place of a reviewer's number: the person whom the finding is about"""

reviews = sa.Table(
    "pattern_reviews",
    Base.metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("study_id", sa.ForeignKey("studies.id"), nullable=False),
    sa.Column("finding_id", sa.ForeignKey("pattern_findings.id"), nullable=False, index=True),
    sa.Column("slug", sa.String(60), nullable=False),
    sa.Column("person", sa.String(200), nullable=False),
    sa.Column("construct", sa.String(200), nullable=False),
    sa.Column("inference", sa.String(64), nullable=False),
    sa.Column("reviewer", sa.String(20), nullable=False),
    sa.Column("entered_by", sa.ForeignKey("people.id"), nullable=False),
    sa.Column("part", sa.String(20), nullable=False),
    sa.Column("decision", sa.String(20), nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("rivals", sa.Text, nullable=False),
    sa.Column("cited", sa.Text, nullable=False),
    sa.Column("confidence", sa.Integer),
    sa.Column("blind", sa.Boolean, nullable=False),
    sa.Column("supersedes", sa.String(36), nullable=False),
    sa.Column("made_at", Instant, nullable=False),
    sa.Index("ix_pattern_reviews_study_id_person_construct", "study_id", "person", "construct"),
)

dissent = sa.Table(
    "dissent_requests",
    Base.metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("study_id", sa.ForeignKey("studies.id"), nullable=False, index=True),
    sa.Column("finding_id", sa.ForeignKey("pattern_findings.id"), nullable=False),
    sa.Column("inference", sa.String(64), nullable=False),
    sa.Column("asked", sa.ForeignKey("people.id"), nullable=False),
    sa.Column("asked_by", sa.ForeignKey("people.id"), nullable=False),
    sa.Column("asked_at", Instant, nullable=False),
    sa.UniqueConstraint("finding_id", "asked"),
)

proposals = sa.Table(
    "framework_proposals",
    Base.metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("study_id", sa.ForeignKey("studies.id"), nullable=False, index=True),
    sa.Column("framework_id", sa.ForeignKey("frameworks.id"), nullable=False),
    sa.Column("finding_id", sa.ForeignKey("pattern_findings.id"), nullable=False),
    sa.Column("words", sa.Text, nullable=False),
    sa.Column("by", sa.ForeignKey("people.id"), nullable=False),
    sa.Column("at", Instant, nullable=False),
)

outcomes = sa.Table(
    "pattern_outcomes",
    Base.metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("study_id", sa.ForeignKey("studies.id"), nullable=False, index=True),
    sa.Column("finding_id", sa.ForeignKey("pattern_findings.id"), nullable=False),
    sa.Column("inference", sa.String(64), nullable=False),
    sa.Column("held", sa.Boolean, nullable=False),
    sa.Column("words", sa.Text, nullable=False),
    sa.Column("by", sa.ForeignKey("people.id"), nullable=False),
    sa.Column("at", Instant, nullable=False),
)

for _table in (reviews, dissent, proposals, outcomes):
    hold(_table)


def add(db: Session, review: Review, *, study_id: int, finding_id: int, slug: str, entered_by: int) -> None:
    """Keep a review that has been checked."""
    weighed = [{"rival": one.rival, "weighing": one.weighing, "because": one.because} for one in review.rivals]
    db.execute(
        reviews.insert(),
        {
            "id": review.id, "study_id": study_id, "finding_id": finding_id, "slug": slug, "person": review.person,
            "construct": review.construct, "inference": review.inference, "reviewer": review.reviewer,
            "entered_by": entered_by, "part": review.part, "decision": review.decision, "reason": review.reason,
            "rivals": json.dumps(weighed, ensure_ascii=False), "cited": json.dumps(review.cited),
            "confidence": review.confidence, "blind": review.blind, "supersedes": review.supersedes,
            "made_at": review.made_at,
        },
    )  # fmt: skip


def _review(row: Any) -> Review:
    weighed = tuple(
        RivalWeighed(one["rival"], Weighing(one["weighing"]), one["because"]) for one in json.loads(row.rivals)
    )
    return Review(
        row.id, row.person, row.construct, row.inference, row.reviewer, Decision(row.decision), row.reason, row.made_at,
        Part(row.part), weighed, tuple(json.loads(row.cited)), row.confidence, row.blind, row.supersedes,
    )  # fmt: skip


def of_study(db: Session, study_id: int, slug: str = "") -> list[Review]:
    """Every review of a study, of whatever run, oldest first."""
    query = sa.select(reviews).where(reviews.c.study_id == study_id).order_by(reviews.c.made_at, reviews.c.id)
    return [_review(row) for row in db.execute(query.where(reviews.c.slug == slug) if slug else query)]


def of_finding(db: Session, study_id: int, slug: str, person: str, construct: str) -> list[Review]:
    """Every review of this person and construct under this framework, across runs, oldest first."""
    return [one for one in of_study(db, study_id, slug) if one.finding == (person, construct)]


@dataclass(frozen=True, slots=True)
class Asked:
    """Somebody was asked to argue the other side of one finding."""

    finding_id: int
    inference: str
    asked: int
    asked_by: int
    asked_at: datetime


def ask(db: Session, study_id: int, one: Asked) -> None:
    values = {name: getattr(one, name) for name in Asked.__dataclass_fields__}
    db.execute(dissent.insert(), values | {"study_id": study_id})


def asked_of_study(db: Session, study_id: int) -> list[Asked]:
    columns = [dissent.c[name] for name in Asked.__dataclass_fields__]
    query = sa.select(*columns).where(dissent.c.study_id == study_id).order_by(dissent.c.id)
    return [Asked(*row) for row in db.execute(query)]


@dataclass(frozen=True, slots=True)
class Proposal:
    """Words on how the framework could be better, out of a finding that somebody read."""

    id: int
    framework_id: int
    finding_id: int
    words: str
    by: int
    at: datetime


def propose(db: Session, study_id: int, values: dict[str, Any]) -> int:
    query = proposals.insert().returning(proposals.c.id)
    return int(db.execute(query, values | {"study_id": study_id}).scalar_one())


def proposals_of(db: Session, study_id: int, *, finding_id: int | None = None) -> list[Proposal]:
    """Newest first."""
    columns = [proposals.c[name] for name in Proposal.__dataclass_fields__]
    query = sa.select(*columns).where(proposals.c.study_id == study_id).order_by(proposals.c.id.desc())
    if finding_id is not None:
        query = query.where(proposals.c.finding_id == finding_id)
    return [Proposal(*row) for row in db.execute(query)]


@dataclass(frozen=True, slots=True)
class Outcome:
    """Whether a pattern held, as it turned out since, and how that is known."""

    id: int
    finding_id: int
    inference: str
    held: bool
    words: str
    by: int
    at: datetime


def tell(db: Session, study_id: int, values: dict[str, Any]) -> int:
    query = outcomes.insert().returning(outcomes.c.id)
    return int(db.execute(query, values | {"study_id": study_id}).scalar_one())


def outcomes_of(db: Session, study_id: int, *, finding_id: int | None = None) -> list[Outcome]:
    """Newest first: of several about one inference the newest counts, and all are kept."""
    columns = [outcomes.c[name] for name in Outcome.__dataclass_fields__]
    query = sa.select(*columns).where(outcomes.c.study_id == study_id).order_by(outcomes.c.id.desc())
    if finding_id is not None:
        query = query.where(outcomes.c.finding_id == finding_id)
    return [Outcome(*row) for row in db.execute(query)]
