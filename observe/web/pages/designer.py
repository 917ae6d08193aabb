"""What the designer has beside the draft itself: the recorder to try it on, and a reader of pasted rows."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, render_template, request

from frameworks import schema
from frameworks.convert.pasted import from_pasted
from observe.actions import codemaps, frameworks
from observe.core.errors import Malformed
from observe.store.studies import Study
from observe.web import clock, current
from observe.web.guard import needs
from observe.web.security import POLICY, nonce

pages = Blueprint("designer", __name__, url_prefix="/studies/<slug>/frameworks/<framework_slug>")


@pages.get("/try")
@needs("framework.design")
def on_tablet(study: Study, framework_slug: str) -> Response:
    """The recorder, to be shown within the designer's page and in no other."""
    framework = frameworks.existing(current.database(), study, framework_slug)
    response = Response(render_template("frameworks/try.html", framework=framework))
    response.headers["X-Frame-Options"] = "SAMEORIGIN"
    policy = POLICY.format(nonce=nonce()).replace("frame-ancestors 'none'", "frame-ancestors 'self'")
    response.headers["Content-Security-Policy"] = policy
    return response


@pages.post("/here")
@needs("framework.design")
def here(study: Study, framework_slug: str) -> dict[str, Any]:
    """Asked by an open designer now and then: has the draft moved, and who else has it open?"""
    found = codemaps.here(current.database(), current.person(), study, framework_slug, now=clock.now())
    return {"revision": found.revision, "others": found.others}


@pages.post("/paste")
@needs("framework.design")
def paste(study: Study, framework_slug: str) -> dict[str, Any]:
    """What rows pasted from a spreadsheet say, as parts of a document. Nothing is kept."""
    sent = request.get_json(silent=True)
    if not isinstance(sent, dict) or not isinstance(sent.get("text"), str):
        raise Malformed("Send the rows as text.")
    understood = from_pasted(sent["text"])
    document = schema.dump(understood.framework) if understood.framework else {}
    return {
        "streams": document.get("streams", []),
        "modifiers": document.get("modifiers", []),
        "findings": [each.as_json() for each in understood.findings],
    }
