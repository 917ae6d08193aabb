"""Words that name somebody: find them, and take them away. What is looked for travels in the body, never in an address."""

from __future__ import annotations

from pathlib import Path

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from observe.actions import redactions
from observe.core.errors import Invalid
from observe.core.redaction import names_in
from observe.store import people
from observe.store import redactions as kept
from observe.store.studies import Study
from observe.web import clock, current
from observe.web.guard import needs

pages = Blueprint("words", __name__, url_prefix="/studies/<slug>/words")


@pages.get("/")
@needs("words.take_away")
def index(study: Study) -> str:
    return shown(study)


def shown(study: Study, looked_for: str = "", fault: str = "") -> str:
    db = current.database()
    names = names_in(looked_for)
    found = redactions.find(db, current.person(), study, names) if names else []
    taken = kept.of_study(db, study.id)
    by = people.names(db, {one.by for one in taken if one.by})
    return render_template(
        "words/index.html", looked_for=looked_for, names=names, found=found, fault=fault, taken=taken[:100], by=by,
        count=len(taken), asked=request.method == "POST",
    )  # fmt: skip


@pages.post("/find")
@needs("words.take_away")
def find(study: Study) -> str:
    return shown(study, request.form.get("names", ""))


@pages.post("/take-away")
@needs("words.take_away")
def take_away(study: Study) -> ResponseReturnValue:
    form = request.form
    try:
        done = redactions.take_away(
            current.database(), current.person(), study, form.getlist("place"), form.get("reason", ""), folder(),
            names=names_in(form.get("names", "")), now=clock.now(),
        )  # fmt: skip
    except Invalid as problem:
        return shown(study, form.get("names", ""), str(problem)), 422
    flash(counted(done.places, done.attachments), "good")
    return redirect(url_for(".index"), 303)


def counted(places: int, attachments: int) -> str:
    """What was done, in words."""
    also = f" {attachments} photos or voice notes went with them." if attachments else ""
    return f"Taken away: the words at {places} {'place' if places == 1 else 'places'}.{also}"


def folder() -> Path:
    return Path(current_app.config["VAR"])
