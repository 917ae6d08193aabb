"""Moments as they are kept (milliseconds since 1970 UTC, with the offset that the device had) and as they are written."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

MINUTE = 60_000
MOST_OFFSET = 24 * 60 - 1
_EPOCH = datetime(1970, 1, 1)
_ISO = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?(Z|[+-]\d\d:?\d\d)",
)


class Instant(NamedTuple):
    """A moment, and how many minutes east of UTC the clock on the wall stood where it was recorded."""

    ms: int
    offset: int = 0


def iso(ms: int, offset: int = 0) -> str | None:
    """ISO 8601 with milliseconds and offset, so that it means the same everywhere; None outside years 1 to 9999."""
    if abs(offset) > MOST_OFFSET:
        return None
    try:
        local = _EPOCH + timedelta(milliseconds=ms + offset * MINUTE)
    except OverflowError:
        return None
    return local.isoformat(timespec="milliseconds") + _suffix(offset)


def _suffix(offset: int) -> str:
    if offset == 0:
        return "Z"
    hours, minutes = divmod(abs(offset), 60)
    return f"{'-' if offset < 0 else '+'}{hours:02d}:{minutes:02d}"


def parse(text: str) -> Instant | None:
    """The instant of an ISO 8601 text. Without an offset a time names no instant: None, never a guess."""
    match = _ISO.fullmatch(text.strip())
    if match is None:
        return None
    year, month, day, hour, minute, second, fraction, zone = match.groups()
    offset = _offset(zone)
    try:
        local = datetime(int(year), int(month), int(day), int(hour), int(minute), int(second or 0))
    except ValueError:
        return None
    if offset is None:
        return None
    ms = (local - _EPOCH) // timedelta(milliseconds=1) + int((fraction or "0").ljust(3, "0")[:3])
    return Instant(ms - offset * MINUTE, offset)


def _offset(zone: str) -> int | None:
    if zone == "Z":
        return 0
    hours, minutes = int(zone[1:3]), int(zone[-2:])
    if hours > 23 or minutes > 59:
        return None
    return (-1 if zone[0] == "-" else 1) * (hours * 60 + minutes)


def local_day(ms: int, offset: int = 0) -> str | None:
    """The date on the wall where it was recorded, as YYYY-MM-DD."""
    written = iso(ms, offset)
    return written[:10] if written else None


def ms_of(moment: datetime) -> int:
    """Milliseconds since 1970 UTC, rounded down. A datetime without a zone is our own mistake."""
    assert moment.tzinfo is not None, "a datetime without a zone names no instant"
    return (moment.astimezone(UTC).replace(tzinfo=None) - _EPOCH) // timedelta(milliseconds=1)
