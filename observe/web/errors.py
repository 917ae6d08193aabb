"""Each kind of error with its status, as a page for people and as a problem (RFC 9457) for programs."""

from __future__ import annotations

import json
import logging
from typing import Any

import psycopg
from flask import Flask, Response, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_limiter.errors import RateLimitExceeded
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException, SecurityError

from observe.core import errors as kinds
from observe.core.errors import ObserveError
from observe.store.base import as_our_error

log = logging.getLogger("observe.errors")

STATUS: dict[type[ObserveError], int] = {
    kinds.NotFound: 404,
    kinds.NotAllowed: 403,
    kinds.NotSignedIn: 401,
    kinds.WrongPassword: 401,
    kinds.WrongCode: 401,
    kinds.TooManyAttempts: 429,
    kinds.TooManyRequests: 429,
    kinds.Invalid: 422,
    kinds.WeakPassword: 422,
    kinds.InvitationGone: 410,
    kinds.EnrolmentGone: 410,
    kinds.DeviceUnknown: 401,
    kinds.Taken: 409,
    kinds.LastSupervisor: 409,
    kinds.PublishedIsFixed: 409,
    kinds.NothingChanged: 409,
    kinds.DraftMoved: 409,
    kinds.Malformed: 400,
    kinds.FormExpired: 400,
    kinds.TooLarge: 413,
    kinds.WrongMethod: 405,
    kinds.WrongKind: 415,
    kinds.Busy: 503,
    kinds.NoRoom: 503,
}
"""an error that stands in no row has the status of the kind that it derives from, and 500 at last"""

OF_CODE = {
    "session.signed_off": 409,
    "session.incomplete": 409,
    "session.step": 409,
    "client.not_built": 503,
    "import.already_here": 409,
    "import.words_withheld": 409,
    "key.moved": 409,
}
"""kinds that are defined beside the only action that has them"""

OF_HTTP: dict[int, type[ObserveError]] = {
    400: kinds.Malformed,
    401: kinds.NotSignedIn,
    403: kinds.NotAllowed,
    404: kinds.NotFound,
    405: kinds.WrongMethod,
    413: kinds.TooLarge,
    415: kinds.WrongKind,
    422: kinds.Invalid,
    429: kinds.TooManyRequests,
}
RETRY_SECONDS = {kinds.TooManyRequests: 60, kinds.Busy: 5, kinds.NoRoom: 60}


def begin(app: Flask) -> None:
    """Nothing leaves the server as a bare exception."""
    app.register_error_handler(ObserveError, ours)
    app.register_error_handler(CSRFError, lambda _: ours(kinds.FormExpired()))
    app.register_error_handler(RateLimitExceeded, lambda _: ours(kinds.TooManyRequests()))
    app.register_error_handler(HTTPException, of_http)
    app.register_error_handler(OperationalError, unreachable)
    app.register_error_handler(Exception, unforeseen)


def status_of(kind: type[ObserveError]) -> int:
    """The status of the nearest kind in the table."""
    if kind.code in OF_CODE:
        return OF_CODE[kind.code]
    return next((STATUS[each] for each in kind.__mro__ if each in STATUS), 500)


def ours(error: ObserveError) -> ResponseReturnValue:
    """A page or a problem; whoever is not signed in is sent to the sign-in and back."""
    if isinstance(error, kinds.NotSignedIn) and not for_programs() and request.method in {"GET", "HEAD"}:
        return redirect(url_for("account.sign_in", to=request.full_path.rstrip("?")))
    if isinstance(error, kinds.NotSignedIn) and not for_programs():
        return redirect(url_for("account.sign_in"))
    response = problem(error) if for_programs() else page(error)
    wait = getattr(error, "wait_seconds", None) or RETRY_SECONDS.get(type(error))
    if wait:
        response.headers["Retry-After"] = str(wait)
    return response


def of_http(error: HTTPException) -> ResponseReturnValue:
    """Werkzeug's own errors in our words; their headers (Allow, …) stay, redirects pass."""
    if error.response is not None or error.code is None or error.code < 400:
        return error.get_response()
    answer = ours(OF_HTTP.get(error.code, kinds.Malformed if error.code < 500 else ObserveError)())
    if isinstance(answer, Response):
        for name, value in error.get_headers():
            if name not in {"Content-Type", "Content-Length"}:
                answer.headers.setdefault(name, value)
        if error.code not in OF_HTTP:
            answer.status_code = error.code
    return answer


def unreachable(problem: OperationalError) -> ResponseReturnValue:
    """A database that is gone for now, or busy, is something that passes: try again. Anything else is our fault."""
    known = as_our_error(problem)
    if isinstance(known, ObserveError):
        return ours(known)
    from_server = isinstance(problem.orig, psycopg.OperationalError)
    return ours(kinds.Busy()) if from_server or problem.connection_invalidated else unforeseen(problem)


def unforeseen(error: Exception) -> ResponseReturnValue:
    """Our mistake: logged by kind and place, without the words in it, which may be somebody's."""
    trace, places = error.__traceback__, []
    while trace:
        places.append(f"{trace.tb_frame.f_code.co_filename.rpartition('/')[2]}:{trace.tb_lineno}")
        trace = trace.tb_next
    log.error("%s %s at %s", g.get("request_id", "-"), type(error).__name__, " < ".join(reversed(places[-8:])))
    return ours(ObserveError())


def for_programs() -> bool:
    """Whether a program asked: everything under /api, and whoever wants JSON only."""
    return request.path.startswith("/api/") or request.accept_mimetypes.best == "application/json"


def problem(error: ObserveError) -> Response:
    """RFC 9457, in the envelope by which a tablet knows that the answer is ours."""
    body: dict[str, Any] = {
        "observe": 1,
        "type": "about:blank",
        "code": error.code,
        "title": type(error).sentence,
        "detail": str(error),
        "remedy": error.remedy,
        "status": status_of(type(error)),
        "request": g.get("request_id"),
    }
    if isinstance(error, kinds.Invalid) and error.findings:
        body["findings"] = [str(finding) for finding in error.findings]
    return Response(json.dumps(body), status_of(type(error)), mimetype="application/problem+json")


def page(error: ObserveError) -> Response:
    """Words for people: what happened, what became of what they did, and the way out."""
    status = status_of(type(error))
    if isinstance(
        request.routing_exception, SecurityError
    ):  # a host that is not ours: there are no addresses to link to
        return Response(f"{error} {error.remedy}", status, mimetype="text/plain")
    words = render_template("errors/error.html", error=error, status=status, request_id=g.get("request_id"))
    return Response(words, status, mimetype="text/html")
