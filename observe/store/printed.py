"""Pages on their way to paper: what a worker is to print, and the PDF that came of it. All of it can be made again."""

from __future__ import annotations

import zlib
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from observe.store.base import Base

printed = sa.Table(
    "printed",
    Base.metadata,
    sa.Column("job", sa.ForeignKey("jobs.id"), primary_key=True),
    sa.Column("study", sa.ForeignKey("studies.id"), nullable=False, index=True),
    sa.Column("page", sa.LargeBinary),
    sa.Column("pdf", sa.LargeBinary),
)
"""`page` is compressed HTML, and goes when its PDF is there"""


def put(db: Session, job: str, study: int, page: str) -> None:
    """A page that the worker of this job is to print."""
    db.execute(printed.insert().values(job=job, study=study, page=zlib.compress(page.encode())))


def page_of(db: Session, job: str) -> str | None:
    """What is to be printed; None when it was given up or taken away."""
    held = db.scalar(sa.select(printed.c.page).where(printed.c.job == job))
    return zlib.decompress(held).decode() if held is not None else None


def keep(db: Session, job: str, pdf: bytes) -> bool:
    """The file in the place of the page; False when nobody wants it any more."""
    kept = db.execute(printed.update().where(printed.c.job == job).values(page=None, pdf=pdf))
    return bool(kept.rowcount)  # type: ignore[attr-defined]


def pdf_of(db: Session, job: str) -> bytes | None:
    return db.scalar(sa.select(printed.c.pdf).where(printed.c.job == job))


def size_of(db: Session, job: str) -> int | None:
    """In bytes, without reading the file."""
    return db.scalar(sa.select(sa.func.length(printed.c.pdf)).where(printed.c.job == job))


def drop(db: Session, jobs: Sequence[str]) -> None:
    """Nothing is kept of these jobs any more."""
    db.execute(printed.delete().where(printed.c.job.in_(jobs)))


def forget(db: Session, study: int) -> None:
    """Everything that was printed of a study goes."""
    db.execute(printed.delete().where(printed.c.study == study))
