"""Where somebody lands: their studies."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from observe.store import studies
from observe.web import current
from observe.web.guard import signed_in

pages = Blueprint("home", __name__)


@pages.get("/")
@signed_in
def show() -> ResponseReturnValue:
    """Somebody with one study goes straight into it."""
    person = current.person()
    mine = studies.of_person(current.database(), person.id)
    if len(mine) == 1 and not person.is_admin:
        return redirect(url_for("studies.show", slug=mine[0][0].slug))
    return render_template("studies/mine.html", mine=mine)
