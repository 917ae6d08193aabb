"""Who is observed, by pseudonym."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from observe.actions import redactions, studies
from observe.core.errors import ObserveError
from observe.store import studies as kept
from observe.store.studies import Study
from observe.web import clock, current
from observe.web.errors import status_of
from observe.web.forms.subjects import SubjectForm, lines, pairs
from observe.web.guard import needs
from observe.web.pages.words import folder

pages = Blueprint("subjects", __name__, url_prefix="/studies/<slug>/subjects")


@pages.get("/")
@needs("subject.see")
def index(study: Study) -> str:
    return render_template("studies/subjects.html", subjects=kept.subjects(current.database(), study.id))


@pages.get("/new")
@needs("subject.manage")
def new(study: Study) -> str:
    return render_template("studies/subject.html", form=SubjectForm(), subject=None)


@pages.post("/new")
@needs("subject.manage")
def add(study: Study) -> ResponseReturnValue:
    form = SubjectForm()
    if not form.validate_on_submit():
        return render_template("studies/subject.html", form=form, subject=None)
    try:
        studies.add_subject(
            current.database(), current.person(), study, form.pseudonym.data, attributes=pairs(form.attributes.data or ""),
            consent=form.consent.data, now=clock.now(),
        )  # fmt: skip
    except ObserveError as error:
        form.refuse(error, "pseudonym")
        return render_template("studies/subject.html", form=form, subject=None), status_of(type(error))
    return redirect(url_for(".index"), 303)


@pages.get("/<subject_id>")
@needs("subject.manage")
def edit(study: Study, subject_id: str) -> str:
    subject = studies.subject_of(current.database(), study, subject_id)
    form = SubjectForm(
        pseudonym=subject.pseudonym,
        attributes=lines(subject.attributes),
        consent=subject.consent,
        active=subject.active,
    )
    return render_template("studies/subject.html", form=form, subject=subject)


@pages.post("/<subject_id>")
@needs("subject.manage")
def save(study: Study, subject_id: str) -> ResponseReturnValue:
    form, subject = SubjectForm(), studies.subject_of(current.database(), study, subject_id)
    if not form.validate_on_submit():
        return render_template("studies/subject.html", form=form, subject=subject)
    try:
        studies.edit_subject(
            current.database(), current.person(), study, subject_id, form.pseudonym.data,
            attributes=pairs(form.attributes.data or ""), consent=form.consent.data, active=form.active.data, now=clock.now(),
        )  # fmt: skip
    except ObserveError as error:
        form.refuse(error, "pseudonym")
        return render_template("studies/subject.html", form=form, subject=subject), status_of(type(error))
    return redirect(url_for(".index"), 303)


@pages.get("/<subject_id>/erase")
@needs("subject.erase")
def before_erasing(study: Study, subject_id: str) -> str:
    """What would go, what would stay, and where else the pseudonym stands."""
    db = current.database()
    subject = studies.subject_of(db, study, subject_id)
    ahead = redactions.prospect(db, current.person(), study, subject_id)
    return render_template("studies/erase.html", subject=subject, ahead=ahead)


@pages.post("/<subject_id>/erase")
@needs("subject.erase")
def erase(study: Study, subject_id: str) -> ResponseReturnValue:
    """What was known of the subject goes, with all words about them; a tombstone stays."""
    redactions.erase_subject(
        current.database(), current.person(), study, subject_id, folder(), also=request.form.getlist("place"),
        reason=request.form.get("reason", ""), now=clock.now(),
    )  # fmt: skip
    flash("Erased. A tombstone without any of their data stays, so that counts still add up.", "good")
    return redirect(url_for(".index"), 303)
