"""Ids made from other people's labels: stable, legal, and never the same twice."""

from __future__ import annotations

import re
import unicodedata


def id_from(label: str, taken: set[str], fallback: str) -> str:
    """An id as near to the label as is legal; what is taken gets a number. The new id is taken from then on."""
    plain = unicodedata.normalize("NFKD", label).encode("ascii", "ignore").decode("ascii")
    stem = re.sub(r"[^A-Za-z0-9_.\-]+", "_", plain.strip()).strip("_.-")[:56] or fallback
    found, number = stem, 2
    while found in taken:
        found, number = f"{stem}_{number}", number + 1
    taken.add(found)
    return found


def slug_from(title: str, fallback: str) -> str:
    """A slug from a title."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode("ascii").lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:64].strip("-") or fallback


def storable(words: object) -> str:
    """Words without the control characters that cannot be stored, and not longer than a text may be."""
    kept = re.sub(
        "[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]", " ", str(words).replace("\r\n", "\n").replace("\r", "\n")
    )
    return kept.strip()[:5_000]
