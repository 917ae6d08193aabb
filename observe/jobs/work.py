"""How a worker does a job: takes it, says how far it is, and keeps what came out.

A kind of work is a function of a `Task` that gives plain JSON values. It depends on nothing but the database and its
parameters, so that a job killed half-way and begun again has the same result.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from observe.actions import jobs as actions
from observe.core.errors import ObserveError
from observe.store.jobs import Job

log = logging.getLogger("observe.jobs")

Clock = Callable[[], datetime]


class Cancelled(Exception):
    """The person who asked has given it up."""


@dataclass(frozen=True, slots=True)
class Task:
    """A job in the hands of a worker."""

    db: Session
    job: Job
    clock: Clock
    folder: Path = Path("var")
    """where the server keeps its files, columns among them"""

    @property
    def study_id(self) -> int:
        return self.job.study_id

    @property
    def parameters(self) -> dict[str, Any]:
        read: dict[str, Any] = json.loads(self.job.parameters)
        return read

    def progress(self, share: float, words: str = "") -> None:
        """Say how far it is (0 to 1); raises Cancelled when it is not wanted any more. Nothing may be half-written here."""
        if not actions.beat(self.db, self.job.id, share, words, now=self.clock()):
            raise Cancelled


Kind = Callable[[Task], Any]
KINDS: dict[str, Kind] = {}
"""every kind of work by name; modules of `observe.jobs` enter theirs with `kind_of_work`"""


def kind_of_work(name: str) -> Callable[[Kind], Kind]:
    """Enter a function as a kind of work."""

    def enter(work: Kind) -> Kind:
        if name in KINDS:
            raise AssertionError(f"there is a kind of work called {name} already")
        KINDS[name] = work
        return work

    return enter


def do(db: Session, job_id: str, *, clock: Clock, folder: Path = Path("var")) -> None:
    """Do one job to its end. A fault of ours is logged by kind, and the person is told that it is ours."""
    job = actions.take(db, job_id, now=clock())
    if job is None:
        return
    try:
        result = KINDS[job.kind](Task(db, job, clock, folder))
    except Cancelled:
        return
    except ObserveError as problem:
        actions.fail(db, job, f"{problem} {problem.remedy}", now=clock())
    except Exception as problem:
        db.rollback()
        log.exception("job %s of kind %s: %s", job.id, job.kind, type(problem).__name__)
        actions.fail(
            db, job, "Something went wrong in the program. The log names it; nothing was lost.", now=clock()
        )
    else:
        actions.finish(db, job, result, now=clock())
