"""Who is observed, by pseudonym."""

from __future__ import annotations

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from observe.actions import exports, inferred, records, redactions, studies
from observe.actions.attachments import path_of
from observe.core.errors import ObserveError
from observe.core.tidy_patterns import ROWS
from observe.core.tidy_patterns import TABLES as INFERRED
from observe.documents import package
from observe.store import studies as kept
from observe.store.studies import Study
from observe.web import clock, current
from observe.web.errors import status_of
from observe.web.forms.subjects import SubjectForm, lines, pairs
from observe.web.guard import needs
from observe.web.pages.exports import attachment
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


@pages.get("/<subject_id>/everything.zip")
@needs("subject.export")
def everything(study: Study, subject_id: str) -> Response:
    """What is kept about one subject, for themselves."""
    db, person, now = current.database(), current.person(), clock.now()
    theirs = exports.about_subject(db, person, study, subject_id, now=now)
    taking = theirs.taking
    inferences = [
        one
        for one in inferred.take(db, person, study, what="subject", now=now)
        if one.finding["person"] == subject_id
    ]
    tables = [(flat, [row for one in inferences for row in ROWS[flat.name](one)]) for flat in INFERRED]
    files = [
        (f"attachments/{one.id}.{one.type.partition('/')[2]}", path_of(folder(), one))
        for one in theirs.attachments
    ]
    whole = package.Study(
        taking.slug,
        taking.title,
        taking.question,
        taking.subjects,
        taking.versions,
        taking.documents,
        tables,
        files,
    )
    provenance = package.Provenance(
        exports.software(), records.SOFTWARE, now, taking.by, taking.filters, taking.withheld
    )
    return attachment(
        package.zip_pieces(whole, taking.sources, provenance), f"{taking.slug}-subject.zip", "application/zip"
    )


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
