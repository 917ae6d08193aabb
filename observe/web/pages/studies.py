"""A study: what is going on in it."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from observe.actions import studies
from observe.store import audit, devices, frameworks
from observe.store import studies as kept
from observe.store.studies import Study
from observe.web import clock, current
from observe.web.forms.studies import StudyForm
from observe.web.guard import needs

pages = Blueprint("studies", __name__, url_prefix="/studies/<slug>")


@pages.get("/")
@needs("study.see")
def show(study: Study) -> str:
    """What there is, and what to do next."""
    db = current.database()
    return render_template(
        "studies/show.html",
        members=kept.members(db, study.id),
        subjects=kept.subjects(db, study.id),
        settings=kept.settings(db, study.id),
        devices=[each for each in devices.of_study(db, study.id) if not each.revoked_at],
        versions=frameworks.versions_of_study(db, study.id),
        drafts=frameworks.of_study(db, study.id),
        head=audit.head(db),
    )


@pages.get("/edit")
@needs("study.edit")
def edit(study: Study) -> str:
    return render_template("studies/edit.html", form=StudyForm(obj=study))


@pages.post("/edit")
@needs("study.edit")
def save(study: Study) -> ResponseReturnValue:
    form = StudyForm()
    if not form.validate_on_submit():
        return render_template("studies/edit.html", form=form)
    studies.edit(
        current.database(), current.person(), study, form.title.data, form.question.data or "", now=clock.now()
    )
    flash("Saved.", "good")
    return redirect(url_for(".show"), 303)
