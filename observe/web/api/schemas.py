"""The shapes of the recorder's API, for reading small requests and for the API's description.

Sync requests are read by `observe.core.upload`, forty times as fast; the two are held to each other by a test.
"""

from __future__ import annotations

from typing import Any

from marshmallow import EXCLUDE, Schema, fields, validate

from observe.core.upload import MAX_EVENTS, SAFE

BIG = 2**63 - 1


def whole(low: int = -SAFE, high: int = SAFE, **more: Any) -> fields.Integer:
    """A whole number inside a range; JSON numbers only."""
    return fields.Integer(strict=True, validate=validate.Range(low, high), **more)


class Envelope(Schema):
    """Every answer of ours says `observe: 1`."""

    class Meta:
        unknown = EXCLUDE

    observe = fields.Integer(required=True, strict=True, validate=validate.Equal(1))


class Hello(Envelope):
    server_time = whole(0, required=True, metadata={"description": "ms since 1970, UTC"})


class KnownShape(Schema):
    """Who the tablet was before, and the token that it had then."""

    class Meta:
        unknown = EXCLUDE

    device = fields.UUID(required=True)
    proof = fields.String(required=True, validate=validate.Length(1, 200))


class EnrolRequest(Schema):
    class Meta:
        unknown = EXCLUDE

    code = fields.String(required=True, validate=validate.Length(1, 40))
    label = fields.String(load_default="", validate=validate.Length(max=80))
    known = fields.List(fields.Nested(KnownShape), load_default=list, validate=validate.Length(max=20))


class StudyShape(Schema):
    id = whole(1, BIG, required=True)
    slug = fields.String(required=True)
    title = fields.String(required=True)


class Enrolled(Envelope):
    device = fields.UUID(required=True)
    token = fields.String(required=True)
    expires = whole(0, required=True)
    study = fields.Nested(StudyShape, required=True)


class ObserverShape(Schema):
    id = whole(1, BIG, required=True)
    name = fields.String(required=True)


class VersionShape(Schema):
    hash = fields.String(required=True)
    number = whole(1, required=True)
    state = fields.String(required=True, validate=validate.OneOf(["open", "closing", "closed"]))
    document = fields.Dict(required=True)


class SubjectShape(Schema):
    id = fields.String(required=True)
    pseudonym = fields.String(required=True)
    attributes = fields.Dict(required=True)
    active = fields.Boolean(required=True)


class SettingShape(Schema):
    id = fields.String(required=True)
    label = fields.String(required=True)


class PracticeShape(Schema):
    """An agreed coding that a tablet may fetch. `streams` are those that were settled; none named: all of them."""

    id = fields.UUID(required=True)
    title = fields.String(required=True)
    hint = fields.String(required=True)
    framework = fields.String(required=True)
    happening = fields.UUID(required=True, allow_none=True)
    streams = fields.List(fields.String(), required=True)
    length = whole(0, required=True)
    count = whole(0, required=True)
    size = whole(0, required=True)


class HeldShape(Schema):
    id = fields.String(required=True)
    stored_to = whole(0, required=True)
    digest = fields.String(required=True, validate=validate.Regexp("^[0-9a-f]{64}$"))


class Pulled(Envelope):
    cursor = fields.String(required=True)
    server_time = whole(0, required=True)
    study = fields.Nested(StudyShape, required=True)
    observers = fields.List(fields.Nested(ObserverShape), required=True)
    frameworks = fields.List(fields.Nested(VersionShape), required=True)
    subjects = fields.List(fields.Nested(SubjectShape), required=True)
    settings = fields.List(fields.Nested(SettingShape), required=True)
    practice = fields.List(fields.Nested(PracticeShape), required=True)
    sessions = fields.List(fields.Nested(HeldShape), required=True)
    attachments = fields.List(fields.String(), required=True)


class StandardShape(Schema):
    """Who is told apart in an agreed coding, and under which version of which framework it was made."""

    id = fields.UUID(required=True)
    framework = fields.String(required=True)
    subjects = fields.List(fields.String(), required=True)


class Material(Envelope):
    id = fields.UUID(required=True)
    header = fields.Nested(StandardShape, required=True)
    events = fields.List(fields.Dict(), required=True)


class Attached(Envelope):
    id = fields.UUID(required=True)
    became = fields.String(required=True, validate=validate.OneOf(["stored", "have"]))


class HeaderShape(Schema):
    class Meta:
        unknown = EXCLUDE

    id = fields.UUID(required=True)
    study = whole(1, BIG, required=True)
    framework = fields.String(required=True, validate=validate.Length(1, 200))
    observer = whole(1, BIG, required=True)
    device = fields.UUID(required=True)
    purpose = fields.String(required=True, validate=validate.OneOf(["field", "practice", "reliability"]))
    happening = fields.UUID(allow_none=True)
    setting = fields.UUID(allow_none=True)
    subjects = fields.List(fields.UUID())
    variables = fields.Dict()
    consent = fields.String(allow_none=True, validate=validate.OneOf(["stated", "not-needed", "refused"]))
    started = whole(required=True)
    offset = whole(-1440, 1440)
    zone = fields.String(validate=validate.Length(max=100))
    app = fields.String(validate=validate.Length(max=100))
    planned_ms = whole(0, allow_none=True)


class EventShape(Schema):
    """Further fields by kind; what cannot be read is kept aside and not refused."""

    class Meta:
        unknown = EXCLUDE

    id = fields.UUID(required=True)
    seq = whole(1, required=True)
    at = whole(required=True)
    kind = fields.String(required=True, validate=validate.Length(1, 64))


class PartShape(Schema):
    header = fields.Nested(HeaderShape, required=True)
    events = fields.List(fields.Nested(EventShape), required=True, validate=validate.Length(max=MAX_EVENTS))
    count = whole(0, allow_none=True)


class SyncRequest(Envelope):
    request = fields.UUID(required=True)
    app = fields.String(validate=validate.Length(max=100))
    sent = whole()
    sessions = fields.List(fields.Nested(PartShape), required=True, validate=validate.Length(max=MAX_EVENTS))


class AnswerShape(Schema):
    id = fields.String(required=True, allow_none=True)
    stored_to = whole(0, required=True)
    digest = fields.String(required=True)
    outcomes = fields.List(
        fields.List(fields.String(allow_none=True), validate=validate.Length(2, 3)),
        required=True,
        metadata={
            "description": "[event id, stored | have | later] or [event id, aside, reason], as they were sent"
        },
    )


class Synced(Envelope):
    request = fields.UUID(required=True)
    server_time = whole(0, required=True)
    sessions = fields.List(fields.Nested(AnswerShape), required=True)


class Problem(Envelope):
    """RFC 9457, with a stable code and the way out."""

    type = fields.String(required=True)
    code = fields.String(required=True)
    title = fields.String(required=True)
    detail = fields.String(required=True)
    remedy = fields.String(required=True)
    status = whole(400, 599, required=True)
    request = fields.String(allow_none=True)
