"""Heavy work: what was asked for, how far it is, and what came out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from observe.store import printed
from observe.store.base import Base, Instant

WAITING, RUNNING, DONE, FAILED, CANCELLED = "waiting", "running", "done", "failed", "cancelled"


class Job(Base):
    """One piece of work. `key` is the hash of everything its result depends on, so equal work is done once.

    `beat_at` is when the worker was last heard of; `share` is how much is done, 0 to 1; `result` is JSON.
    """

    __tablename__ = "jobs"
    __table_args__ = (
        sa.Index("ix_jobs_study_id_kind_key", "study_id", "kind", "key"),
        sa.CheckConstraint("state IN ('waiting', 'running', 'done', 'failed', 'cancelled')", name="state"),
    )

    id: Mapped[str] = mapped_column(sa.String(36), primary_key=True)
    study_id: Mapped[int] = mapped_column(sa.ForeignKey("studies.id"))
    kind: Mapped[str] = mapped_column(sa.String(40))
    key: Mapped[str] = mapped_column(sa.String(64))
    parameters: Mapped[str] = mapped_column(sa.Text)
    state: Mapped[str] = mapped_column(sa.String(10), default=WAITING)
    share: Mapped[float] = mapped_column(sa.Float, default=0.0)
    words: Mapped[str] = mapped_column(sa.String(200), default="")
    result: Mapped[str | None] = mapped_column(sa.Text)
    asked_by: Mapped[int | None] = mapped_column(sa.ForeignKey("people.id"))
    asked_at: Mapped[datetime] = mapped_column(Instant)
    beat_at: Mapped[datetime | None] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)


def by_id(db: Session, study_id: int, job_id: str) -> Job | None:
    return db.scalar(sa.select(Job).where(Job.study_id == study_id, Job.id == job_id))


def same(db: Session, study_id: int, kind: str, key: str) -> Job | None:
    """The newest job that does or did exactly this and was not given up."""
    return db.scalar(
        sa.select(Job)
        .where(Job.study_id == study_id, Job.kind == kind, Job.key == key, Job.state.in_((WAITING, RUNNING, DONE)))
        .order_by(Job.asked_at.desc())
        .limit(1)
    )


def latest(db: Session, study_id: int, kind: str) -> Job | None:
    """The newest job of a kind that came to its end."""
    return db.scalar(
        sa.select(Job)
        .where(Job.study_id == study_id, Job.kind == kind, Job.state == DONE)
        .order_by(Job.ended_at.desc())
        .limit(1)
    )


def of_study(db: Session, study_id: int, *, most: int = 50) -> Sequence[Job]:
    """Newest first."""
    return db.scalars(
        sa.select(Job).where(Job.study_id == study_id).order_by(Job.asked_at.desc()).limit(most)
    ).all()


def left_lying(db: Session, *, unheard_since: datetime) -> Sequence[str]:
    """Ids of jobs that wait, and of those whose worker has not been heard of since: both are to be begun (again)."""
    silent = sa.and_(Job.state == RUNNING, Job.beat_at < unheard_since)
    return db.scalars(sa.select(Job.id).where(sa.or_(Job.state == WAITING, silent)).order_by(Job.asked_at)).all()


def take(db: Session, job_id: str, *, now: datetime, unheard_since: datetime) -> Job | None:
    """Make the job this worker's own, or None when another has it or it has ended: nothing is done twice at once."""
    silent = sa.and_(Job.state == RUNNING, Job.beat_at < unheard_since)
    taken = db.execute(
        sa.update(Job)
        .where(Job.id == job_id, sa.or_(Job.state == WAITING, silent))
        .values(state=RUNNING, beat_at=now, share=0.0)
    )
    return db.get(Job, job_id, populate_existing=True) if taken.rowcount else None  # type: ignore[attr-defined]


def beat(db: Session, job_id: str, share: float, words: str, *, now: datetime) -> bool:
    """Say how far it is; False when the job was cancelled meanwhile, and the worker should stop."""
    still = db.execute(
        sa.update(Job)
        .where(Job.id == job_id, Job.state == RUNNING)
        .values(beat_at=now, share=share, words=words[:200])
    )
    return bool(still.rowcount)  # type: ignore[attr-defined]


def end(
    db: Session, job_id: str, state: str, *, words: str = "", result: str | None = None, now: datetime
) -> bool:
    """The job's end. A job cancelled in the last moment stays cancelled; of one that came to nothing nothing is kept."""
    ended = db.execute(
        sa.update(Job)
        .where(Job.id == job_id, Job.state.in_((WAITING, RUNNING)))
        .values(
            state=state, words=words[:200], result=result, ended_at=now, share=1.0 if state == DONE else Job.share
        )
    )
    if state != DONE and ended.rowcount:  # type: ignore[attr-defined]
        printed.drop(db, [job_id])
    return bool(ended.rowcount)  # type: ignore[attr-defined]


def sweep(db: Session, study_id: int, kind: str, *, keep: int) -> None:
    """Let go of the results of a kind of work but for the newest so many; they can be asked for again."""
    mine = sa.select(Job.id).where(Job.study_id == study_id, Job.kind == kind, Job.state == DONE)
    old = db.scalars(mine.order_by(Job.ended_at.desc(), Job.id).offset(keep)).all()
    if old:
        printed.drop(db, old)
        db.execute(sa.update(Job).where(Job.id.in_(old)).values(state=FAILED, result=None, words=OLD))


OLD = "The file is no longer kept. Ask for it again."
