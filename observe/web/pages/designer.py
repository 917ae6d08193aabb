"""What the designer has beside the draft itself: the recorder to try it on."""

from __future__ import annotations

from flask import Blueprint, Response, render_template

from observe.actions import frameworks
from observe.store.studies import Study
from observe.web import current
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
