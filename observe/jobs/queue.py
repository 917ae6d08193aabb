"""The queue between the web and the workers: huey on SQLite here, on Redis where there are several machines.

The queue only carries ids. What there is to do stands in the database, so that nothing is lost with a queue: whatever
was left lying is put in again when a worker starts, and every half minute.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Protocol

from huey import Huey, MemoryHuey, RedisHuey, SqliteHuey, crontab
from sqlalchemy.orm import Session

from observe.actions.jobs import SILENCE
from observe.jobs.work import Clock, do
from observe.store import jobs as kept

Sessions = Callable[[], AbstractContextManager[Session]]


class Queue(Protocol):
    """What the web sees of all this."""

    def put(self, job_id: str) -> None: ...


def storage(url: str, folder: Path) -> Huey:
    """Where ids wait: `sqlite` (a file in the folder), `redis://…`, or `inline`, which does the work at once."""
    if url == "inline":
        return MemoryHuey("observe", immediate=True, results=False)
    if url.startswith("redis"):
        return RedisHuey("observe", url=url, results=False)
    return SqliteHuey("observe", filename=str(folder / "queue.sqlite3"), fsync=True, results=False)


class HueyQueue:
    """The queue for both sides: the web puts ids in, a worker runs them."""

    def __init__(self, huey: Huey, sessions: Sessions, clock: Clock, folder: Path = Path("var")) -> None:
        self.huey = huey
        self.sessions = sessions
        self.clock = clock

        @huey.task()  # type: ignore[untyped-decorator]
        def work(job_id: str) -> None:
            with sessions() as db:
                do(db, job_id, clock=clock, folder=folder)

        @huey.periodic_task(crontab(minute="*"))  # type: ignore[untyped-decorator]
        def look_for_what_was_left() -> None:
            self.put_what_was_left()

        self._work: Any = work

    def put(self, job_id: str) -> None:
        """Let a worker do this job soon. Put in twice, it is still done once."""
        self._work(job_id)

    def put_what_was_left(self) -> int:
        """Put in again what waits or was left by a worker that died; how many."""
        with self.sessions() as db:
            left = list(kept.left_lying(db, unheard_since=self.clock() - SILENCE))
        for job_id in left:
            self.put(job_id)
        return len(left)

    def run_worker(self, threads: int = 1) -> None:
        """Work until told to stop by a signal."""
        self.put_what_was_left()
        self.huey.create_consumer(workers=threads, periodic=True, initial_delay=0.1, max_delay=2).run()
