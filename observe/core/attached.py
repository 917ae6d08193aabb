"""What notes say of photos and voice notes, and whether bytes are what they are said to be, by their first few."""

from __future__ import annotations

import json
import re
from typing import Any

MOST_BYTES = 4_000_000
MOST_PIXELS = 50_000_000
IMAGES = {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WEBP"}
SOUNDS = {
    "audio/webm": (0, b"\x1a\x45\xdf\xa3"),
    "audio/mp4": (4, b"ftyp"),
    "audio/ogg": (0, b"OggS"),
    "audio/wav": (0, b"RIFF"),
}
"""where a sound's own mark stands, and which it is"""

_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_DIGEST = re.compile(r"[0-9a-f]{64}")


def named_in(text: str) -> list[dict[str, Any]]:
    """The attachments that a note's JSON text names: id, type, size and digest of each that can be read."""
    found = json.loads(text).get("attachments")
    return [_row(one) for one in found if _is_whole(one)] if isinstance(found, list) else []


def _is_whole(one: object) -> bool:
    if not isinstance(one, dict):
        return False
    size = one.get("size")
    return (
        bool(_ID.fullmatch(str(one.get("id"))))
        and bool(_DIGEST.fullmatch(str(one.get("digest"))))
        and (one.get("type") in IMAGES or one.get("type") in SOUNDS)
        and isinstance(size, int)
        and 0 < size <= MOST_BYTES
    )


def _row(one: dict[str, Any]) -> dict[str, Any]:
    return {name: one[name] for name in ("id", "type", "size", "digest")}


def is_sound(type_: str, body: bytes) -> bool:
    """Whether the bytes begin as a sound of this type does."""
    place, mark = SOUNDS[type_]
    return body[place : place + len(mark)] == mark
