"""Printing as a job: a page that somebody may see, set on A4, which takes seconds where tables are long."""

from __future__ import annotations

from observe.actions import jobs as actions
from observe.documents.pdf import pdf_of
from observe.jobs.work import Cancelled, Task, kind_of_work
from observe.store import printed


@kind_of_work(actions.PDF)
def press(task: Task) -> dict[str, int]:
    """How large the file is, which is kept beside the job."""
    page = printed.page_of(task.db, task.job.id)
    if page is None:
        raise Cancelled
    made = pdf_of(page, step=task.progress)
    if not actions.keep_pdf(task.db, task.job, made):
        raise Cancelled
    return {"bytes": len(made)}
