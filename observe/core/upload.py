"""What a tablet sends, read and judged: the envelope, the session header, and each event with its exact bytes.

Nothing here refuses an event. One that cannot be read comes back with a reason, and is kept aside in full.
Shapes and limits are those of docs/reference/log.md and docs/reference/sync.md.
"""

from __future__ import annotations

import enum
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Raw, Struct

from observe.core import digest
from observe.core.coding import events
from observe.core.errors import Malformed

MAX_EVENTS = 1_000
MAX_BYTES = 1 << 20
SAFE = 2**53

Safe = Annotated[int, Meta(ge=-SAFE, le=SAFE)]
Counting = Annotated[int, Meta(ge=0, le=SAFE)]
Row = Annotated[int, Meta(ge=1, le=2**63 - 1)]
Uuid = Annotated[str, Meta(pattern=r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\Z")]
Id = Annotated[str, Meta(min_length=1, max_length=200)]
Minutes = Annotated[int, Meta(ge=-1440, le=1440)]
Zone = Annotated[str, Meta(max_length=100)]


class Why(enum.StrEnum):
    """Why something was kept aside instead of being taken into the log."""

    CONFLICT = "event.conflict"
    MALFORMED = "event.malformed"
    HEADER_MALFORMED = "header.malformed"
    HEADER_CONFLICT = "header.conflict"
    FRAMEWORK_UNKNOWN = "framework.unknown"
    FRAMEWORK_CLOSED = "framework.closed"
    DEVICE_REVOKED = "device.revoked"
    SIGNED_OFF = "session.signed_off"
    FOREIGN = "session.foreign"


SENTENCE_OF = {
    Why.CONFLICT: "Another event with the same id or number, but with other content, had been stored before.",
    Why.MALFORMED: "The event could not be read: a field is missing, unknown or of the wrong kind.",
    Why.HEADER_MALFORMED: "The session's header could not be read.",
    Why.HEADER_CONFLICT: "The session's header is not the one that was sent with it first.",
    Why.FRAMEWORK_UNKNOWN: "The study has no published framework with this hash.",
    Why.FRAMEWORK_CLOSED: "The framework version had been closed when the events arrived.",
    Why.DEVICE_REVOKED: "The device had been revoked, or its token had expired, when the events arrived.",
    Why.SIGNED_OFF: "The session had been signed off when the events arrived.",
    Why.FOREIGN: "The session names another study or device, or an observer who does not belong to the study.",
}


class Header(Struct, frozen=True, kw_only=True):
    """A session's header, made on the tablet and never changed."""

    id: Uuid
    study: Row
    framework: Id
    observer: Row
    device: Uuid
    purpose: Literal["field", "practice", "reliability"]
    started: Safe
    happening: Uuid | None = None
    setting: Uuid | None = None
    subjects: list[Uuid] = []
    variables: dict[str, Any] = {}
    consent: Literal["stated", "not-needed", "refused"] | None = None
    offset: Minutes = 0
    zone: Zone = ""
    app: Zone = ""
    planned_ms: Counting | None = None


Words = Annotated[str, Meta(max_length=20_000)]
Name = Annotated[str, Meta(max_length=64, min_length=1)]
Choices = Annotated[dict[str, Words | Safe | bool | None], Meta(max_length=1_000)]


class Plain(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An event as nearly all are: flat. Whatever passes here passes `events.parse`, which judges all others."""

    id: Uuid
    seq: Annotated[int, Meta(ge=1, le=SAFE)]
    at: Safe
    kind: Name
    mono: Annotated[float, Meta(ge=-SAFE, le=SAFE)] | None = None
    wall: Safe | None = None
    offset: Safe | None = None
    zone: Words | None = None
    boot: Words | None = None
    tapped: Safe | None = None
    code: Words | None = None
    subject: Words | None = None
    target: Words | None = None
    stream: Words | None = None
    rating: Words | None = None
    answer: Words | None = None
    state: Words | None = None
    interval: Counting | None = None
    sample: Counting | None = None
    count: Counting | None = None
    ref: Words | None = None
    text: Words | None = None
    reason: Words | None = None
    outside: bool | None = None
    modifiers: Choices | None = None


class Part(Struct, frozen=True):
    """One session's share of an upload; `count` is how many events the tablet holds of it."""

    header: Raw
    events: Annotated[list[Raw], Meta(max_length=MAX_EVENTS)]
    count: Counting | None = None


class Upload(Struct, frozen=True):
    """The envelope of `POST /api/v1/sync`."""

    observe: Literal[1]
    request: Uuid
    sessions: Annotated[list[Part], Meta(max_length=MAX_EVENTS)]
    app: Zone = ""
    sent: Safe = 0


class Taken(Struct, frozen=True):
    """One event as it came: `text` is the exact JSON; the rest is None where it could not be read."""

    text: bytes
    digest: bytes
    id: str | None
    seq: int | None
    at: int | None
    kind: str | None
    sound: bool


class _Name(Struct):
    id: Any = None
    seq: Any = None


_upload = msgspec.json.Decoder(Upload)
_header = msgspec.json.Decoder(Header)
_plain = msgspec.json.Decoder(Plain)
_name = msgspec.json.Decoder(_Name)


class NotAnUpload(Malformed):
    """The envelope of a sync request cannot be read; the sentence says where."""

    code = "sync.malformed"
    sentence = "The sync request could not be read; nothing of it was stored."
    remedy = "Keep everything and update the recorder; the export file can be taken from the tablet."


class Mangled(Malformed):
    """The body arrived otherwise than it was sent: cut off, changed or empty."""

    code = "sync.mangled"
    sentence = "The request was changed or cut off on its way; nothing of it was stored."
    remedy = "Send it again."


def read(body: bytes) -> Upload:
    """The envelope, its events still as raw bytes."""
    try:
        body.decode("utf-8")
        upload = _upload.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as problem:
        raise NotAnUpload(f"{NotAnUpload.sentence} {problem}") from problem
    if sum(len(part.events) for part in upload.sessions) > MAX_EVENTS:
        raise NotAnUpload(f"{NotAnUpload.sentence} There are more than {MAX_EVENTS} events.")
    return upload


def header_of(text: bytes) -> Header | None:
    """The header, or None when a field is missing or of the wrong kind."""
    try:
        return _header.decode(text)
    except (msgspec.MsgspecError, RecursionError):
        return None


def name_of(text: bytes) -> tuple[str | None, int | None]:
    """Whatever can be made out of `id` and `seq` in a text that could not be read as a whole."""
    try:
        found = _name.decode(text)
    except (msgspec.MsgspecError, RecursionError):
        return None, None
    seq = found.seq if isinstance(found.seq, int) and not isinstance(found.seq, bool) else None
    id_ = found.id if isinstance(found.id, str) and "\0" not in found.id else None
    return (id_[:200] if id_ else None), (seq if seq is not None and 1 <= seq <= SAFE else None)


def event_of(raw: Raw) -> Taken:
    """One event with its digest; not `sound` when a field is missing or of the wrong kind."""
    text = bytes(raw)
    mark = digest.of_event(text)
    event: Plain | events.Event | None
    try:
        event = _plain.decode(text)
        sound = True
        for needed in events.NEEDED.get(event.kind, ()):
            if getattr(event, needed, None) is None:
                sound = False
    except msgspec.MsgspecError:
        event = _judged(text)
        sound = event is not None
    if event is None or not sound:
        return Taken(text, mark, *name_of(text), None, None, False)
    return Taken(text, mark, event.id, event.seq, event.at, event.kind, True)


def _judged(text: bytes) -> events.Event | None:
    try:
        found = events.parse(msgspec.json.decode(text))
    except (msgspec.MsgspecError, RecursionError):
        return None
    return found if isinstance(found, events.Event) else None
