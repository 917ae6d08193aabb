"""Heavy work on its way: how far it is, and the way to give it up."""

from __future__ import annotations

import json

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from observe.actions import jobs as actions
from observe.core.errors import NotAllowed, NotFound
from observe.store import jobs, printed
from observe.store.jobs import Job
from observe.store.studies import Study
from observe.web import clock, current, questions
from observe.web.guard import can, needs
from observe.web.printing import MADE

pages = Blueprint("jobs", __name__, url_prefix="/studies/<slug>/jobs")

NAMES = {
    "snapshot": "Putting the coded records into columns",
    "analysis": "Adding up what was seen",
    "agreement": "Comparing observers",
    "sequences": "Counting what follows what",
    "windows": "Looking what begins soon after what",
    "patterns": "Reading patterns out of what was seen",
    "pdf": "Making the PDF",
}
RESULT = {
    "snapshot": "analysis.index", "analysis": "analysis.index", "agreement": "agreement.index",
    "sequences": "sequences.index", "windows": "windows.index", "patterns": "patterns.index",
}  # fmt: skip
"""where the result of a kind of work is shown; the page is given the job's id"""


def found(study: Study, job_id: str) -> Job:
    """A job of this study, for whoever may see what it works on."""
    job = jobs.by_id(current.database(), study.id, job_id)
    if job is None:
        raise NotFound
    if not can(actions.seen_by(job)):
        raise NotAllowed
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
    if job.state not in (jobs.FAILED, jobs.CANCELLED):
        return None
    if job.kind == actions.PDF:
        asked = json.loads(job.parameters)
        return questions.address(asked["endpoint"], asked["values"])
    return questions.address(endpoint, questions.args_of(job)) if endpoint in current_app.view_functions else None


@pages.get("/<job_id>")
@needs("study.see")
def show(study: Study, job_id: str) -> ResponseReturnValue:
    """Progress for people; the same as JSON for the page itself. A file is fetched from here, anything else gone to."""
    job = found(study, job_id)
    to = address_of(job)
    if request.accept_mimetypes.best == "application/json":
        return {"state": job.state, "share": job.share, "words": job.words, "to": to}
    if to:
        return redirect(to, 303)
    asked = json.loads(job.parameters) if job.kind == actions.PDF else None
    return render_template(
        "jobs/show.html", job=job, name=NAMES.get(job.kind, job.kind), asked=asked, again=again(job),
        file=url_for(asked["endpoint"], **{**asked["values"], MADE: job.id}) if asked else None,
        size=printed.size_of(current.database(), job.id) if asked else None,
    )  # fmt: skip


@pages.post("/<job_id>/cancel")
@needs("study.see")
def cancel(study: Study, job_id: str) -> ResponseReturnValue:
    found(study, job_id)
    actions.cancel(current.database(), current.person(), study, job_id, now=clock.now())
    return redirect(url_for(".show", job_id=job_id), 303)
