"""A study: what is going on in it."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from observe.actions import studies, waiting
from observe.actions.studies import Overview
from observe.actions.waiting import Waiting
from observe.core.access import Role
from observe.store.studies import Study
from observe.web import clock, current
from observe.web.forms.studies import StudyForm
from observe.web.guard import can, needs
from observe.web.languages import N_

pages = Blueprint("studies", __name__, url_prefix="/studies/<slug>")


@pages.get("/")
@needs("study.see")
def show(study: Study) -> str:
    """What there is, and what to do next."""
    overview = studies.overview(current.database(), study)
    waits = waiting.waiting_for(current.database(), current.person(), study)
    return render_template(
        "studies/show.html",
        waiting=[in_words(one) for one in waits],
        members=overview.members,
        versions=[version for version in overview.versions if version.state != "closed"],
        figures=figures_of(overview),
        steps=[step for step in steps_of(overview) if can(step.action)],
    )


@dataclass(frozen=True, slots=True)
class Step:
    """Something that the study still lacks, and where to give it that."""

    action: str
    words: str
    why: str
    address: str


def steps_of(overview: Overview) -> list[Step]:
    """In the order in which a study is set up; empty once it has everything."""
    found = []
    if not overview.versions:
        why = gettext("It says what to look for. Begin with a ready-made one, or design your own.")
        found.append(Step("framework.publish", gettext("Publish a framework"), why, url_for("frameworks.index")))
    if not any(Role.OBSERVER in member.roles for member in overview.members):
        why = gettext("Somebody has to watch; two who watch the same show how far the codes can be trusted.")
        found.append(Step("member.manage", gettext("Add observers"), why, url_for("members.index")))
    if not overview.settings:
        why = gettext("Patterns that hold in one place only are not patterns yet.")
        found.append(Step("setting.manage", gettext("Name the settings"), why, url_for("settings.index")))
    if not overview.devices:
        why = gettext("It can then record without the network, for days.")
        found.append(Step("device.enrol", gettext("Enrol a tablet"), why, url_for("devices.index")))
    return found


def in_words(one: Waiting) -> tuple[str, str]:
    """What waits, and the address where it is dealt with."""
    if one.kind == "aside":
        return ngettext(
            "%(num)s event that was kept aside", "%(num)s events that were kept aside", one.count
        ), url_for("sessions.aside")
    if one.kind == "returned":
        return ngettext(
            "%(num)s session that came back to you", "%(num)s sessions that came back to you", one.count
        ), url_for("sessions.index", status="returned", observer=current.person().id)
    if one.kind == "to_submit":
        return ngettext(
            "%(num)s session of yours to submit", "%(num)s sessions of yours to submit", one.count
        ), url_for("sessions.index", status="recording", observer=current.person().id)
    if one.kind == "to_sign_off":
        words = ngettext("%(num)s session to sign off", "%(num)s sessions to sign off", one.count)
        return words, url_for("sessions.index", status="submitted")
    return ngettext("%(num)s pattern to read", "%(num)s patterns to read", one.count), url_for("reviews.desk")


def figures_of(overview: Overview) -> list[tuple[str, int, str]]:
    """What there is of each, with where it can be seen by those who may."""
    return [
        (N_("Sessions"), overview.sessions, where("sessions.index", "session.see_own")),
        (
            N_("Open framework versions"),
            sum(each.state == "open" for each in overview.versions),
            url_for("frameworks.index"),
        ),
        (N_("Subjects"), overview.subjects, url_for("subjects.index")),
        (N_("Settings"), overview.settings, where("settings.index", "setting.manage")),
        (N_("Devices in use"), overview.devices, where("devices.index", "device.enrol")),
    ]


def where(endpoint: str, action: str) -> str:
    """The address, or nothing for whoever may not go there."""
    return url_for(endpoint) if endpoint in current_app.view_functions and can(action) else ""


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
