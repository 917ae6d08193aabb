"""Who belongs to a study, and as what."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from observe.actions import studies
from observe.core.access import Role
from observe.core.errors import ObserveError
from observe.store import studies as kept
from observe.store.studies import Study
from observe.web import clock, current
from observe.web.errors import status_of
from observe.web.forms.studies import MemberForm, RolesForm
from observe.web.guard import needs

pages = Blueprint("members", __name__, url_prefix="/studies/<slug>/members")


@pages.get("/")
@needs("member.manage")
def index(study: Study) -> str:
    return list_page(study, MemberForm())


def list_page(study: Study, form: MemberForm) -> str:
    members = kept.members(current.database(), study.id)
    forms = {
        member.person.id: RolesForm(
            formdata=None, prefix=f"p{member.person.id}", data={"roles": sorted(member.roles)}
        )
        for member in members
    }
    return render_template("studies/members.html", members=members, form=form, forms=forms)


@pages.post("/")
@needs("member.manage")
def add(study: Study) -> ResponseReturnValue:
    form = MemberForm()
    if not form.validate_on_submit():
        return list_page(study, form)
    roles = frozenset(Role(role) for role in form.roles.data or ())
    try:
        studies.add_member(current.database(), current.person(), study, form.email.data, roles, now=clock.now())
    except ObserveError as error:
        form.refuse(error, "email")
        return list_page(study, form), status_of(type(error))
    flash("Added.", "good")
    return redirect(url_for(".index"), 303)


@pages.post("/<int:person_id>")
@needs("member.manage")
def change(study: Study, person_id: int) -> ResponseReturnValue:
    """Exactly the roles that are ticked; none takes the person out."""
    form = RolesForm(prefix=f"p{person_id}")
    if not form.validate_on_submit():
        return list_page(study, MemberForm(formdata=None))
    roles = frozenset(Role(role) for role in form.roles.data or ())
    try:
        studies.set_member(current.database(), current.person(), study, person_id, roles, now=clock.now())
        flash("Saved." if roles else "Taken out of the study. What they recorded stays.", "good")
    except ObserveError as error:
        flash(f"{error} {error.remedy}", "alarm")
    return redirect(url_for(".index"), 303)
