"""For whoever runs the server: people and studies."""

from __future__ import annotations

from flask import Blueprint, render_template

from observe.store import people, studies
from observe.web import current
from observe.web.guard import needs

pages = Blueprint("people", __name__, url_prefix="/server")


@pages.get("/people")
@needs("person.manage")
def index() -> str:
    return render_template("people/index.html", people=people.everybody(current.database()))


@pages.get("/studies")
@needs("study.create")
def studies_index() -> str:
    return render_template("people/studies.html", studies=studies.all_studies(current.database()))
