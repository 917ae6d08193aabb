"""The recorder's API, as docs/reference/sync.md has it: by a device's token only, in JSON only."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from datetime import datetime
from functools import wraps
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
from flask import Blueprint, Response, current_app, g, request
from marshmallow import ValidationError

from observe.actions import attachments, devices, practice, sessions
from observe.actions.sessions import Sender
from observe.core import upload
from observe.core.attached import MOST_BYTES
from observe.core.errors import DeviceUnknown, Malformed
from observe.extensions import csrf, limiter
from observe.web import clock, current
from observe.web.api import schemas
from observe.web.api.bodies import json_body, raw_body
from observe.web.api.describe import description
from observe.web.api.pace import Pace
from observe.web.guard import open_to_all

pages = Blueprint("api", __name__, url_prefix="/api/v1")
csrf.exempt(pages)


def token() -> str:
    """The bearer token, or DeviceUnknown: a cookie alone opens nothing here."""
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not given.strip():
        raise DeviceUnknown("The request carries no device token.")
    return given.strip()


def by_device(view: Callable[[Sender], Response]) -> Callable[[], Response]:
    """Hands the view the device whose token came with the request."""

    @wraps(view)
    def checked() -> Response:
        device = devices.known(current.database(), token(), now=clock.now())
        g.device = device.id
        return view(Sender(device.id, device.study_id, device.revoked_at is None, device.seen_at))

    return checked


def each_device() -> str:
    """What the API's own limit counts by: many tablets share one address."""
    return request.headers.get("Authorization", "") or request.remote_addr or ""


def paced(pace: Pace) -> Callable[[Callable[[], Response]], Callable[[], Response]]:
    """Flask-Limiter's store in memory begins a thread for each request; what comes with every tap is counted here."""

    def decorate(view: Callable[[], Response]) -> Callable[[], Response]:
        @wraps(view)
        def counted() -> Response:
            pace.count(each_device(), time.monotonic())
            return view()

        return counted

    return decorate


def ms(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


def answer(body: dict[str, Any], status: int = 200) -> Response:
    return Response(msgspec.json.encode({"observe": 1, **body}), status, mimetype="application/json")


@pages.get("/hello")
@open_to_all
@limiter.exempt
def hello() -> Response:
    return answer({"server_time": ms(clock.now())})


@pages.get("/openapi.json")
@open_to_all
def openapi() -> Response:
    return Response(json.dumps(description()), mimetype="application/json")


@pages.post("/enrol")
@open_to_all
@limiter.limit("20 per minute")
def enrol() -> Response:
    body = json_body(request, needs_digest=False)
    try:
        wanted = schemas.EnrolRequest().loads(body)
    except (ValidationError, ValueError, RecursionError) as problem:
        raise Malformed("The request for an enrolment could not be read: a code is needed.") from problem
    before = [devices.Known(str(one["device"]), one["proof"]) for one in wanted["known"]]
    made = devices.enrol(
        current.database(), wanted["code"], wanted["label"], known=before, limits=current.limits(), now=clock.now()
    )
    study = {"id": made.study.id, "slug": made.study.slug, "title": made.study.title}
    known = {"device": made.device.id, "token": made.token, "expires": ms(made.device.expires_at)}
    return answer({**known, "study": study}, 201)


@pages.get("/pull")
@open_to_all
@limiter.limit("120 per minute", key_func=each_device)
@by_device
def pull(sender: Sender) -> Response:
    if not sender.good:
        raise DeviceUnknown("This device has been revoked. What it holds can still be sent.")
    now = clock.now()
    db = current.database()
    needed = sessions.needed_by(db, sender, var(), practice.listed(db, sender.study))
    return answer({**needed, "server_time": ms(now)})


@pages.get("/practice/<uuid:material>")
@open_to_all
@limiter.limit("600 per minute", key_func=each_device)
def material(material: UUID) -> Response:
    """An agreed coding that the list of a pull names. A revoked device gets none."""
    device = devices.known(current.database(), token(), now=clock.now())
    g.device = device.id
    if device.revoked_at is not None:
        raise DeviceUnknown("This device has been revoked. What it holds can still be sent.")
    found = practice.fetched(current.database(), device.study_id, str(material))
    return answer({"id": str(material), **msgspec.json.decode(found)})


def var() -> Path:
    return Path(current_app.config["VAR"])


@pages.put("/attachments/<uuid:attachment>")
@open_to_all
@limiter.limit("600 per minute", key_func=each_device)
def attach(attachment: UUID) -> Response:
    """The bytes of a photo or a voice note. A revoked device may still send what its notes, kept before, have named."""
    device = devices.known(current.database(), token(), now=clock.now())
    g.device = device.id
    body = raw_body(request, most=MOST_BYTES)
    is_new = attachments.take(current.database(), device.id, str(attachment), body, var(), now=clock.now())
    return answer({"id": str(attachment), "became": "stored" if is_new else "have"}, 201 if is_new else 200)


@pages.post("/sync")
@open_to_all
@limiter.exempt
@paced(Pace(6000))
@by_device
def sync(sender: Sender) -> Response:
    sent = upload.read(json_body(request, needs_digest=True))
    now = clock.now()
    received = sessions.receive(current.database(), sender, sent, now=now)
    return answer({"request": sent.request, "server_time": ms(now), "sessions": [shape(one) for one in received]})


def shape(received: sessions.Received) -> dict[str, Any]:
    """One session's answer; an outcome is written as its own words, with a third one when something was kept aside."""
    return {
        "id": received.session,
        "stored_to": received.stored_to,
        "digest": received.digest,
        "outcomes": received.outcomes,
    }
