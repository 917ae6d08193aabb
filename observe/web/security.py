"""What every answer carries so that a browser does nothing for strangers, and who the browser says is signed in."""

from __future__ import annotations

import secrets
from typing import Any

from flask import Flask, Response, g, redirect, request
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from observe.actions import people
from observe.extensions import login
from observe.web import clock, current
from observe.web.guard import can

POLICY = (
    "default-src 'self'; script-src 'self' 'nonce-{nonce}'; style-src 'self' 'nonce-{nonce}'; img-src 'self' data: blob:; "
    "worker-src 'self'; connect-src 'self'; manifest-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "accelerometer=(), camera=(self), geolocation=(), gyroscope=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}

KEPT_BY_BROWSERS = frozenset({"static", "assets.static"})
"""endpoints whose answers say nothing of anybody and may be cached"""


def begin(app: Flask) -> None:
    """Headers on every answer, errors too; a nonce and a few questions for every template."""
    app.after_request(protect)
    app.before_request(insist_on_https)
    app.context_processor(for_templates)
    app.url_defaults(same_study)
    login.session_protection = None
    login.user_loader(signed_in)


def signed_in(token: str) -> current.SignedIn | None:
    """Flask-Login's question: whose sign-in is this, if it still runs?"""
    person = people.signed_in(current.database(), token, limits=current.limits(), now=clock.now())
    return current.SignedIn(person, token) if person else None


def nonce() -> str:
    """One for the whole answer; without it no script or style in the page runs."""
    if "nonce" not in g:
        g.nonce = secrets.token_urlsafe(16)
    made: str = g.nonce
    return made


def insist_on_https() -> ResponseReturnValue | None:
    """Where the site is only for HTTPS, plain HTTP is sent there before anything is read."""
    from flask import current_app

    if current_app.config["HTTPS"] and not request.is_secure:
        return redirect(request.url.replace("http://", "https://", 1), 308)
    return None


def protect(response: Response) -> Response:
    """Add what is missing; what a view has set on purpose stays."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers.setdefault("Content-Security-Policy", POLICY.format(nonce=nonce()))
    if request.endpoint not in KEPT_BY_BROWSERS and "Cache-Control" not in response.headers:
        response.headers["Cache-Control"] = "no-store"
    if request.is_secure:
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
    return response


def same_study(endpoint: str, values: dict[str, Any]) -> None:
    """Links within a study stay in it without naming it each time."""
    from flask import current_app

    study = current.study_or_none()
    if study and "slug" not in values and current_app.url_map.is_endpoint_expecting(endpoint, "slug"):
        values["slug"] = study.slug


def for_templates() -> dict[str, Any]:
    """What every template may ask."""
    return {
        "nonce": nonce,
        "can": can,
        "me": current.person_or_none(),
        "study": current.study_or_none(),
        "roles": current.roles(),
        "now": clock.now,
        "Markup": Markup,
    }
