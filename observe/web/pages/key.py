"""The key of pseudonyms: a page that opens it in the browser, and the sealed bytes that the page fetches and sends."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from observe.actions import keys
from observe.core import sealed
from observe.core.errors import Malformed
from observe.store.studies import Study
from observe.web import clock, current
from observe.web.guard import needs

pages = Blueprint("key", __name__, url_prefix="/studies/<slug>/subjects/key")


@pages.get("/")
@needs("key.open")
def show(study: Study) -> str:
    db = current.database()
    return render_template("key/show.html", is_kept=keys.is_kept(db, study), roster=keys.roster(db, study))


@pages.post("/fetch")
@needs("key.open")
def fetch(study: Study) -> dict[str, Any]:
    """Not a page's own content: asking for it is noted, and nothing of it lies in a browser's history."""
    found = keys.fetch(current.database(), current.person(), study, now=clock.now())
    return {"version": found.version, "lock": found.lock, "entries": dict(found.entries)}


@pages.post("/lay-down")
@needs("key.keep")
def lay_down(study: Study) -> dict[str, Any]:
    """The whole key, sealed anew."""
    sent = body()
    version = keys.lay_down(
        current.database(), current.person(), study, sealed.lock_of(sent.get("lock")),
        sealed.entries_of(sent.get("entries")), version=version_of(sent), now=clock.now(),
    )  # fmt: skip
    return {"version": version}


@pages.post("/entries/<subject_id>")
@needs("key.keep")
def put(study: Study, subject_id: str) -> dict[str, Any]:
    """One entry, sealed; null takes it away."""
    sent = body()
    entry = None if sent.get("sealed") is None else sealed.entry_of(sent["sealed"])
    db, person = current.database(), current.person()
    return {"version": keys.put(db, person, study, subject_id, entry, version=version_of(sent), now=clock.now())}


@pages.post("/forget")
@needs("key.keep")
def forget(study: Study) -> ResponseReturnValue:
    keys.forget(current.database(), current.person(), study, now=clock.now())
    flash("The key is deleted. Nobody can tell from this server any more who stands behind a pseudonym.", "good")
    return redirect(url_for(".show"), 303)


def body() -> dict[str, Any]:
    sent = request.get_json(silent=True)
    if not isinstance(sent, dict):
        raise Malformed("Send a JSON object.")
    return sent


def version_of(sent: dict[str, Any]) -> int:
    version = sent.get("version")
    if not isinstance(version, int) or isinstance(version, bool):
        raise Malformed("Say which version of the key was opened.")
    return version
