"""Heavy work on its way: how far it is, and the way to give it up."""

from __future__ import annotations

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from observe.actions import jobs as actions
from observe.core.errors import NotFound
from observe.store import jobs
from observe.store.jobs import Job
from observe.store.studies import Study
from observe.web import clock, current, questions
from observe.web.guard import needs

pages = Blueprint("jobs", __name__, url_prefix="/studies/<slug>/jobs")

NAMES = {
    "snapshot": "Putting the coded records into columns",
    "analysis": "Adding up what was seen",
    "agreement": "Comparing observers",
    "sequences": "Counting what follows what",
    "windows": "Looking what begins soon after what",
    "patterns": "Reading patterns out of what was seen",
}
RESULT = {
    "snapshot": "analysis.index", "analysis": "analysis.index", "agreement": "agreement.index",
    "sequences": "sequences.index", "windows": "windows.index", "patterns": "patterns.index",
}  # fmt: skip
"""where the result of a kind of work is shown; the page is given the job's id"""


def found(study: Study, job_id: str) -> Job:
    job = jobs.by_id(current.database(), study.id, job_id)
    if job is None:
        raise NotFound
    return job


def address_of(job: Job) -> str | None:
    """Where to go on: its result when it is done."""
    endpoint = RESULT.get(job.kind)
    if job.state != jobs.DONE or endpoint not in current_app.view_functions:
        return None
    return url_for(endpoint, job=job.id)


def again(job: Job) -> str | None:
    """Where the same can be asked for once more, of work that came to nothing."""
    endpoint = RESULT.get(job.kind)
    if job.state not in (jobs.FAILED, jobs.CANCELLED) or endpoint not in current_app.view_functions:
        return None
    return questions.address(endpoint, questions.args_of(job))


@pages.get("/<job_id>")
@needs("analysis.see")
def show(study: Study, job_id: str) -> ResponseReturnValue:
    """Progress for people; the same as JSON for the page itself."""
    job = found(study, job_id)
    to = address_of(job)
    if request.accept_mimetypes.best == "application/json":
        return {"state": job.state, "share": job.share, "words": job.words, "to": to}
    if to:
        return redirect(to, 303)
    return render_template("jobs/show.html", job=job, name=NAMES.get(job.kind, job.kind), again=again(job))


@pages.post("/<job_id>/cancel")
@needs("analysis.see")
def cancel(study: Study, job_id: str) -> ResponseReturnValue:
    actions.cancel(current.database(), current.person(), study, job_id, now=clock.now())
    return redirect(url_for(".show", job_id=job_id), 303)
