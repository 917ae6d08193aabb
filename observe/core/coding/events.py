"""One event of a log as a value, and what makes a row of untrusted fields an event.

Meaning is not judged here: an unknown code or a stop without a start is a finding of the timeline.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from math import isfinite
from types import MappingProxyType
from typing import Any

MAX_WHOLE = 2**53
MAX_TEXT = 20_000
MAX_DEPTH = 6
MAX_ITEMS = 1_000

NOTHING: Mapping[str, Any] = MappingProxyType({})

NEEDED: Mapping[str, tuple[str, ...]] = {
    "open": (),
    "point": ("code",),
    "start": ("code",),
    "stop": ("code",),
    "change": ("code",),
    "tick": ("stream", "interval", "code"),
    "interval": ("stream", "interval", "state"),
    "scan": ("stream", "sample"),
    "rate": ("rating",),
    "link": ("link", "from"),
    "note": ("text",),
    "pause": (),
    "resume": (),
    "out_of_view": (),
    "in_view": (),
    "arrive": ("subject",),
    "leave": ("subject",),
    "focal": ("subject",),
    "amend": ("ref",),
    "clock": ("reason",),
    "position": ("of",),
    "end": ("count",),
}
"""every kind, with the fields without which it would say nothing"""

CLOCKS = frozenset({"mono", "wall", "offset", "zone", "boot"})
FIXED = CLOCKS | {"id", "seq", "kind"}
"""what an amendment may not set: a tap of another kind is a new, back-dated event"""

NAMES = (
    "code", "subject", "target", "stream", "rating", "link", "ref", "from", "to", "pseudonym", "actor", "reason", "answer",
    "state",
)  # fmt: skip
WHOLES = ("interval", "sample", "count")

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


@dataclass(frozen=True, slots=True)
class Event:
    """One event. `fields` holds those of its kind; a field that is null is the same as one that is not there."""

    id: str
    seq: int
    at: int
    kind: str
    fields: Mapping[str, Any] = field(default_factory=lambda: NOTHING)
    tapped: int | None = None
    mono: float | None = None
    wall: int | None = None
    offset: int | None = None
    zone: str | None = None
    boot: str | None = None

    @property
    def code(self) -> str | None:
        """The behaviour code, where the kind has one."""
        return self.fields.get("code")

    @property
    def subject(self) -> str | None:
        """Whom it is about, where somebody is told apart."""
        return self.fields.get("subject")

    @property
    def is_known(self) -> bool:
        """Whether this version knows what the kind means; others are kept, and become findings."""
        return self.kind in NEEDED


@dataclass(frozen=True, slots=True)
class Malformed:
    """Why a row is not an event: a stable code and the field concerned. The row itself is kept by whoever holds it."""

    code: str
    field: str = ""


def event_of(row: Mapping[str, Any]) -> Event:
    """The event of a row that is known to be sound (one that was judged before it was stored)."""
    own = {name: value for name, value in row.items() if name not in _COMMON and value is not None}
    return Event(
        row["id"], row["seq"], row["at"], row["kind"], own,
        row.get("tapped"), row.get("mono"), row.get("wall"), row.get("offset"), row.get("zone"), row.get("boot"),
    )  # fmt: skip


def row_of(event: Event) -> dict[str, Any]:
    """The flat row again; what is not known is left out."""
    common = {name: getattr(event, name) for name in ("tapped", "mono", "wall", "offset", "zone", "boot")}
    known = {name: value for name, value in common.items() if value is not None}
    return {"id": event.id, "seq": event.seq, "at": event.at, "kind": event.kind, **known, **event.fields}


def parse(row: object) -> Event | Malformed:
    """An event, or the first reason why not. Kinds that are not known here are let through, for newer tablets."""
    if not isinstance(row, Mapping) or not all(isinstance(name, str) for name in row):
        return Malformed("event.not_an_object")
    for problem in _problems(row):
        return problem
    return event_of(row)


def _problems(row: Mapping[str, Any]) -> Iterable[Malformed]:
    if not isinstance(row.get("id"), str) or not _UUID.fullmatch(row["id"]):
        yield Malformed("event.id", "id")
    if not is_whole(row.get("seq"), 1):
        yield Malformed("event.seq", "seq")
    if not is_whole(row.get("at"), -MAX_WHOLE):
        yield Malformed("event.at", "at")
    if not isinstance(row.get("kind"), str) or not 0 < len(row["kind"]) <= 64:
        yield Malformed("event.kind", "kind")
        return
    yield from _missing(row)
    yield from _of_wrong_type(row)
    for name, value in row.items():
        if not is_plain(value):
            yield Malformed("event.value", name)


def _missing(row: Mapping[str, Any]) -> Iterable[Malformed]:
    for name in NEEDED.get(row["kind"], ()):
        if row.get(name) is None:
            yield Malformed("event.missing", name)


def _of_wrong_type(row: Mapping[str, Any]) -> Iterable[Malformed]:
    for name in NAMES:
        value = row.get(name)
        if value is not None and not isinstance(value, str):
            yield Malformed("event.value", name)
    for name in WHOLES:
        if row.get(name) is not None and not is_whole(row[name], 0):
            yield Malformed("event.value", name)
    for name in ("wall", "tapped", "offset", "server"):
        if row.get(name) is not None and not is_whole(row[name], -MAX_WHOLE):
            yield Malformed("event.value", name)
    if row.get("mono") is not None and not _is_number(row["mono"]):
        yield Malformed("event.value", "mono")
    yield from _of_wrong_shape(row)


def _of_wrong_shape(row: Mapping[str, Any]) -> Iterable[Malformed]:
    for name in ("modifiers", "details", "attributes", "set"):
        if row.get(name) is not None and not isinstance(row[name], Mapping):
            yield Malformed("event.value", name)
    for name in ("zone", "boot", "text"):
        if row.get(name) is not None and not isinstance(row[name], str):
            yield Malformed("event.value", name)
    if row.get("value") is not None and not (isinstance(row["value"], bool) or _is_number(row["value"])):
        yield Malformed("event.value", "value")
    if row.get("counts") is not None and not is_counts(row["counts"]):
        yield Malformed("event.value", "counts")


def is_counts(value: object) -> bool:
    """Whether it is a list of cells, each with a count that is a whole number and not below zero."""
    if not isinstance(value, list | tuple):
        return False
    return all(
        isinstance(item, Mapping)
        and isinstance(item.get("cell"), Mapping)
        and all(isinstance(option, str) for option in item["cell"].values())
        and is_whole(item.get("n"), 0)
        for item in value
    )


def is_plain(value: object, depth: int = 0) -> bool:
    """Whether a value is JSON within bounds: texts of 20,000 characters, numbers inside ±2^53, six levels."""
    if value is None or isinstance(value, bool):
        return True
    if isinstance(value, str):
        return len(value) <= MAX_TEXT
    if isinstance(value, int | float):
        return _is_number(value)
    if depth >= MAX_DEPTH or not isinstance(value, list | tuple | Mapping) or len(value) > MAX_ITEMS:
        return False
    if isinstance(value, Mapping):
        return all(isinstance(name, str) and is_plain(item, depth + 1) for name, item in value.items())
    return all(is_plain(item, depth + 1) for item in value)


def is_whole(value: object, at_least: int = -MAX_WHOLE) -> bool:
    """Whether it is a whole number inside ±2^53; true and false are not numbers."""
    return isinstance(value, int) and not isinstance(value, bool) and at_least <= value <= MAX_WHOLE


def _is_number(value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return isfinite(value) and abs(value) <= MAX_WHOLE


_COMMON = frozenset({"id", "seq", "at", "kind", "tapped"}) | CLOCKS
