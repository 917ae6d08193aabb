"""Asking for heavy work, and giving it up; and what a worker says of it."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from observe.actions.doing import Actor, Console, doing
from observe.core.errors import NotFound
from observe.store import jobs, printed
from observe.store.base import writing
from observe.store.jobs import Job
from observe.store.people import Person
from observe.store.studies import Study

PERMISSION = {"patterns": "pattern.run"}
"""the action that a kind of work needs; any other needs `analysis.run`"""

PDF = "pdf"
"""printing a page: it needs what the page needs, which stands in the job as `needs`"""
MOST_KEPT = 100
"""files of a study; of more, the oldest go"""

SILENCE = timedelta(minutes=2)
"""a worker not heard of for so long is taken for dead, and its job is begun again"""


def needed(kind: str, parameters: Mapping[str, Any]) -> str:
    """The action that whoever asks for this work, or gives it up, must be allowed."""
    return str(parameters["needs"]) if kind == PDF else PERMISSION.get(kind, "analysis.run")


def seen_by(job: Job) -> str:
    """The action that whoever looks how far it is must be allowed."""
    return needed(job.kind, json.loads(job.parameters)) if job.kind == PDF else "analysis.see"


def ask(
    db: Session,
    actor: Actor,
    study: Study,
    kind: str,
    parameters: Mapping[str, Any],
    *,
    key: str,
    now: datetime,
    page: str | None = None,
) -> Job:
    """The job that does this: the one that waits, runs or is done already, else a new one. `page` is what to print."""
    with doing(db, actor, needed(kind, parameters), study, now=now) as entry:
        job = jobs.same(db, study.id, kind, key)
        if job is None:
            job = Job(
                id=str(uuid.uuid4()), study_id=study.id, kind=kind, key=key, asked_at=now, state=jobs.WAITING,
                parameters=json.dumps(parameters, sort_keys=True), share=0.0, words="",
                asked_by=actor.id if isinstance(actor, Person) else None,
            )  # fmt: skip
            db.add(job)
            db.flush()
            if page is not None:
                printed.put(db, job.id, study.id, page)
        entry.about = f"job:{job.id}"
        entry.note(kind=kind)
        return job


def cancel(db: Session, actor: Actor, study: Study, job_id: str, *, now: datetime) -> None:
    """Give it up. A worker that runs it stops at its next step, and what it had so far is dropped."""
    job = jobs.by_id(db, study.id, job_id)
    if job is None:
        raise NotFound
    permission = needed(job.kind, json.loads(job.parameters))
    with doing(db, actor, permission, study, about=f"job:{job_id}", now=now) as entry:
        entry.note(cancelled=jobs.end(db, job_id, jobs.CANCELLED, words="Cancelled.", now=now))


def take(db: Session, job_id: str, *, now: datetime) -> Job | None:
    """A worker takes the job; None when there is nothing to do any more."""
    with writing(db):
        return jobs.take(db, job_id, now=now, unheard_since=now - SILENCE)


def beat(db: Session, job_id: str, share: float, words: str, *, now: datetime) -> bool:
    """A worker says how far it is, and learns whether to go on."""
    with writing(db):
        return jobs.beat(db, job_id, share, words, now=now)


def keep_pdf(db: Session, job: Job, pdf: bytes) -> bool:
    """The file that came of a page, kept with the job; False when the job was given up, or its words taken away."""
    with writing(db):
        jobs.sweep(db, job.study_id, PDF, keep=MOST_KEPT - 1)
        return printed.keep(db, job.id, pdf)


def finish(db: Session, job: Job, result: Any, *, now: datetime) -> None:
    """What came out, kept with the job."""
    action = needed(job.kind, json.loads(job.parameters))
    with doing(db, Console("worker"), action, job.study_id, about=f"job:{job.id}", now=now) as entry:
        text = json.dumps(result, sort_keys=True, allow_nan=False)
        entry.note(done=jobs.end(db, job.id, jobs.DONE, result=text, now=now))


def fail(db: Session, job: Job, sentence: str, *, now: datetime) -> None:
    """It cannot be done; the sentence is for the person who asked."""
    action = needed(job.kind, json.loads(job.parameters))
    with doing(db, Console("worker"), action, job.study_id, about=f"job:{job.id}", now=now) as entry:
        entry.note(failed=jobs.end(db, job.id, jobs.FAILED, words=sentence, now=now))
