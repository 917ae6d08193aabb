"""For whoever runs the server: people and studies."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from observe.actions import people, studies
from observe.core.errors import Invalid, ObserveError, Taken
from observe.store import people as kept
from observe.store import studies as kept_studies
from observe.web import clock, current
from observe.web.errors import status_of
from observe.web.forms.people import InviteForm
from observe.web.forms.studies import NewStudyForm
from observe.web.guard import needs

pages = Blueprint("people", __name__, url_prefix="/server")


@pages.get("/people")
@needs("person.manage")
def index() -> str:
    return list_page(InviteForm())


def list_page(form: InviteForm) -> str:
    return render_template("people/index.html", people=kept.everybody(current.database()), form=form)


@pages.post("/people")
@needs("person.manage")
def invite() -> ResponseReturnValue:
    """The link is shown once; it is not kept and cannot be shown again."""
    form = InviteForm()
    if not form.validate_on_submit():
        return list_page(form)
    try:
        made = people.invite(
            current.database(), current.person(), form.name.data, form.email.data, is_admin=form.is_admin.data,
            limits=current.limits(), now=clock.now(),
        )  # fmt: skip
    except Taken as error:
        form.refuse(error, "email")
        return list_page(form), status_of(type(error))
    return render_template("people/invited.html", invited=made)


@pages.post("/people/<int:person_id>/invite")
@needs("person.manage")
def invite_again(person_id: int) -> ResponseReturnValue:
    made = people.invite_again(
        current.database(), current.person(), person_id, limits=current.limits(), now=clock.now()
    )
    return render_template("people/invited.html", invited=made)


@pages.post("/people/<int:person_id>/active")
@needs("person.manage")
def activate(person_id: int) -> ResponseReturnValue:
    active = request.form.get("active") == "yes"
    try:
        person = people.activate(current.database(), current.person(), person_id, active, now=clock.now())
        flash(f"{person.name} can sign in again." if active else f"{person.name} cannot sign in any more.", "good")
    except Invalid as error:
        flash(str(error), "alarm")
    return redirect(url_for(".index"), 303)


@pages.get("/studies")
@needs("study.create")
def studies_index() -> str:
    return studies_page(NewStudyForm())


def studies_page(form: NewStudyForm) -> str:
    return render_template("people/studies.html", studies=kept_studies.all_studies(current.database()), form=form)


@pages.post("/studies")
@needs("study.create")
def create_study() -> ResponseReturnValue:
    """With its first supervisor, who lets everybody else in."""
    form = NewStudyForm()
    supervisor = form.validate_on_submit() and kept.by_email(current.database(), form.supervisor.data)
    if not supervisor:
        if not form.errors:
            form.refuse(Invalid("Nobody here has this address."), "supervisor")
        return studies_page(form)
    try:
        made = studies.create(
            current.database(), current.person(), form.slug.data, form.title.data, form.question.data or "",
            supervisor=supervisor, now=clock.now(),
        )  # fmt: skip
    except ObserveError as error:
        form.refuse(error, "slug")
        return studies_page(form), status_of(type(error))
    flash(f"{made.title} has begun. {supervisor.name} supervises it.", "good")
    return redirect(url_for(".studies_index"), 303)
