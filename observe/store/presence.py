"""Who has the designer of a framework open: noted by their browsers now and then, and forgotten soon."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from observe.store.base import Base, Instant

designing = sa.Table(
    "designing",
    Base.metadata,
    sa.Column("framework_id", sa.ForeignKey("frameworks.id"), primary_key=True),
    sa.Column("person_id", sa.ForeignKey("people.id"), primary_key=True),
    sa.Column("seen_at", Instant, nullable=False),
)

FRESH = timedelta(seconds=40)
"""browsers say that they are there every 15 s; twice unheard is gone"""
KNOWN = timedelta(seconds=10)
"""somebody who was seen this recently need not be noted again"""


def is_noted(db: Session, framework: int, person: int, *, now: datetime) -> bool:
    """Whether it is so recently known that writing it again would tell nothing."""
    query = sa.select(designing.c.seen_at).where(_of(framework, person))
    seen = db.scalar(query)
    return seen is not None and now - seen < KNOWN


def note(db: Session, framework: int, person: int, *, now: datetime) -> None:
    """Somebody is here now; who has not been heard of for long is forgotten."""
    db.execute(designing.delete().where(_of(framework, person) | (designing.c.seen_at < now - FRESH)))
    db.execute(designing.insert(), {"framework_id": framework, "person_id": person, "seen_at": now})


def others(db: Session, framework: int, person: int, *, now: datetime) -> list[int]:
    """The other people who have been heard of lately."""
    query = sa.select(designing.c.person_id).where(
        designing.c.framework_id == framework, designing.c.person_id != person, designing.c.seen_at >= now - FRESH
    )
    return list(db.scalars(query.order_by(designing.c.person_id)))


def _of(framework: int, person: int) -> sa.ColumnElement[bool]:
    return sa.and_(designing.c.framework_id == framework, designing.c.person_id == person)
