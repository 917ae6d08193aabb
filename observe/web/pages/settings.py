"""Where, and in what situations, a study observes."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from observe.actions import studies
from observe.core.errors import NotFound, ObserveError
from observe.store import studies as kept
from observe.store.studies import Setting, Study
from observe.web import clock, current
from observe.web.errors import status_of
from observe.web.findings import FREEDOM_WORDS
from observe.web.forms.subjects import SettingForm
from observe.web.guard import needs

pages = Blueprint("settings", __name__, url_prefix="/studies/<slug>/settings")


@pages.get("/")
@needs("setting.manage")
def index(study: Study) -> str:
    return list_page(study, SettingForm())


def list_page(study: Study, form: SettingForm) -> str:
    return render_template(
        "studies/settings.html",
        settings=kept.settings(current.database(), study.id),
        form=form,
        freedoms=FREEDOM_WORDS,
    )


@pages.post("/")
@needs("setting.manage")
def add(study: Study) -> ResponseReturnValue:
    form = SettingForm()
    if not form.validate_on_submit():
        return list_page(study, form)
    try:
        studies.add_setting(
            current.database(), current.person(), study, form.label.data, form.note.data or "",
            freedom=form.said, now=clock.now(),
        )  # fmt: skip
    except ObserveError as error:
        form.refuse(error, "label")
        return list_page(study, form), status_of(type(error))
    return redirect(url_for(".index"), 303)


def existing(study: Study, setting_id: str) -> Setting:
    """A setting of this study, or NotFound."""
    setting = kept.setting(current.database(), study.id, setting_id)
    if setting is None:
        raise NotFound
    return setting


@pages.get("/<setting_id>")
@needs("setting.manage")
def edit(study: Study, setting_id: str) -> str:
    setting = existing(study, setting_id)
    return render_template("studies/setting.html", form=SettingForm(obj=setting), setting=setting)


@pages.post("/<setting_id>")
@needs("setting.manage")
def save(study: Study, setting_id: str) -> ResponseReturnValue:
    form, setting = SettingForm(), existing(study, setting_id)
    if not form.validate_on_submit():
        return render_template("studies/setting.html", form=form, setting=setting)
    try:
        studies.edit_setting(
            current.database(), current.person(), study, setting_id, form.label.data, form.note.data or "",
            active=form.active.data, freedom=form.said, now=clock.now(),
        )  # fmt: skip
    except ObserveError as error:
        form.refuse(error, "label")
        return render_template("studies/setting.html", form=form, setting=setting), status_of(type(error))
    return redirect(url_for(".index"), 303)
