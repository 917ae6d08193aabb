"""A page as PDF: at once where the file is there, else by way of the worker that sets it.

The address of the PDF is the only way to the file, and asks what its page asks. The page is made for whoever asks before
the file is looked for, so that nobody has on paper what they may not see on the screen.
"""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from flask import current_app, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask.wrappers import Response
from werkzeug.http import dump_options_header

from observe.actions import jobs as work
from observe.documents.pdf import mark_of
from observe.store import jobs, printed
from observe.store.studies import Study
from observe.web import clock, current

MADE = "made"
"""in an address: the job that has just made this PDF"""
FRESH = timedelta(minutes=10)
"""as long as whoever waited for a file gets it even if sessions came in meanwhile"""


def as_pdf(study: Study, page: str, name: str, *, back: str) -> ResponseReturnValue:
    """The printed page as a file, or the way to it; `back` is the page on the screen."""
    db, key = current.database(), mark_of(page)
    file = kept(study, key)
    if file is None and (made := just_made(study)):
        return made
    if file is None and MADE in request.args:
        flash("What stands on the page has changed since. Ask for the PDF again.", "caution")
        return redirect(back, 303)
    if file is None:
        asked = {"name": name, "back": back, "needs": needed(), **address()}
        job = work.ask(db, current.person(), study, work.PDF, asked, key=key, now=clock.now(), page=page)
        current.put_into_queue(job.id)
        db.expire(job)
        file = kept(study, key)
        if file is None:
            return redirect(url_for("jobs.show", job_id=job.id), 303)
    return attached(file, "application/pdf", name)


def kept(study: Study, key: str) -> bytes | None:
    """The file that came of exactly this page."""
    job = jobs.same(current.database(), study.id, work.PDF, key)
    return printed.pdf_of(current.database(), job.id) if job and job.state == jobs.DONE else None


def just_made(study: Study) -> Response | None:
    """The file that this very person waited for here until a moment ago, though the page may be another by now."""
    job = jobs.by_id(current.database(), study.id, request.args.get(MADE, ""))
    if job is None or job.kind != work.PDF or job.asked_by != current.person().id or job.ended_at is None:
        return None
    asked = json.loads(job.parameters)
    if {name: asked[name] for name in ADDRESS} != address() or clock.now() - job.ended_at > FRESH:
        return None
    file = printed.pdf_of(current.database(), job.id)
    return attached(file, "application/pdf", asked["name"]) if file is not None else None


ADDRESS = ("endpoint", "values")


def address() -> dict[str, Any]:
    """The address at hand, as it stands in a job."""
    given = {**request.args.to_dict(), **(request.view_args or {})}
    return {"endpoint": request.endpoint, "values": {name: given[name] for name in given if name != MADE}}


def needed() -> str:
    """The action that the page at hand needs."""
    view: Any = current_app.view_functions[str(request.endpoint)]
    action: str = view.needs
    return action


def attached(data: bytes, kind: str, name: str) -> Response:
    """A file to take along."""
    reply = Response(data, mimetype=kind)
    reply.headers["Content-Disposition"] = dump_options_header("attachment", {"filename": name})
    return reply
