"""Taking words away from what was recorded: what goes, what stays so that the log still proves itself, and who is named where.

What was coded stays: a code at an instant, put down to an id that leads to nobody. Words go, with all that only words
tell: texts, reasons, what was typed into a modifier, pseudonyms, attributes, photos and voice notes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

TAKEN = "[taken away]"
"""stands in the place of words"""

STAYS = frozenset(
    {
        "id", "seq", "at", "mono", "wall", "offset", "zone", "boot", "tapped", "kind", "code", "subject", "target", "stream",
        "rating", "answer", "value", "state", "interval", "sample", "count", "counts", "link", "from", "to", "ref", "outside", "actor",
        "void", "server", "by",
    }
)  # fmt: skip
"""what an event says in ids, codes and figures; whatever is not here goes, also what a newer tablet may add"""


def without_words(body: str, typed: Collection[str] = ()) -> str | None:
    """The event's JSON without its words, or None when it has none. `typed`: modifiers into which words are typed."""
    event = _object(body)
    if event is None:
        return json.dumps({"redacted": True})
    if event.get("redacted") is True:
        return None
    kept, lost = _parted(event, typed)
    if not lost:
        return None
    return json.dumps({**kept, "redacted": True}, ensure_ascii=False, separators=(",", ":"))


def _object(body: str) -> dict[str, Any] | None:
    try:
        found = json.loads(body)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def _parted(event: dict[str, Any], typed: Collection[str]) -> tuple[dict[str, Any], bool]:
    """What stays of an event, and whether anything went."""
    kept: dict[str, Any] = {}
    lost = False
    for name, value in event.items():
        if name in STAYS or value in (None, "", [], {}) or (name == "reason" and event.get("kind") == "clock"):
            kept[name] = value
        elif name == "text":
            kept[name], lost = TAKEN, True
        elif name == "modifiers" and isinstance(value, dict):
            kept[name] = {one: what for one, what in value.items() if one not in typed}
            lost = lost or len(kept[name]) < len(value)
        elif name == "set" and isinstance(value, dict):
            kept[name], went = _parted(value, typed)
            lost = lost or went
        else:
            lost = True
    return kept, lost


def attachments_of(body: str) -> list[str]:
    """Ids of the photos and voice notes that an event names."""
    found = (_object(body) or {}).get("attachments")
    return (
        [str(one["id"]) for one in found if isinstance(one, dict) and "id" in one]
        if isinstance(found, list)
        else []
    )


@dataclass(frozen=True, slots=True)
class Names:
    """Words that may name somebody, looked for whole and whatever their case: “Ann” is not in “Annual”."""

    words: tuple[str, ...]
    _patterns: tuple[re.Pattern[str], ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        patterns = tuple(re.compile(rf"(?<!\w){re.escape(one)}(?!\w)", re.IGNORECASE) for one in self.words)
        object.__setattr__(self, "_patterns", patterns)

    def in_words(self, text: str) -> bool:
        return any(one.search(text) for one in self._patterns)

    def told_by(self, body: str) -> str | None:
        """The words of an event that name one of them, or None."""
        if not self.in_words(body) and "\\" not in body:
            return None
        event = _object(body)
        words = [body] if event is None else list(_words(event))
        named = [one for one in words if self.in_words(one)]
        return " · ".join(named) if named else None


def _words(value: dict[str, Any]) -> Iterator[str]:
    """Everything in an event that may be words of a person."""
    for name, one in value.items():
        if name not in STAYS:
            yield from _texts(one)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from _texts(one)
    elif isinstance(value, list):
        for one in value:
            yield from _texts(one)


def header_without(header: str, names: Names) -> str | None:
    """A session's header without the variables that name one of them; None when there are none."""
    given = json.loads(header)
    variables: dict[str, Any] = given.get("variables") or {}
    named = [name for name, value in variables.items() if any(map(names.in_words, _texts(value)))]
    if not named:
        return None
    given["variables"] = {name: TAKEN if name in named else value for name, value in variables.items()}
    return json.dumps(given, ensure_ascii=False, separators=(",", ":"))


def header_words(header: str, names: Names) -> str | None:
    """The variables of a header that name one of them, as words."""
    variables: dict[str, Any] = json.loads(header).get("variables") or {}
    named = [one for one in _texts(variables) if names.in_words(one)]
    return " · ".join(named) if named else None


def names_in(lines: str) -> tuple[str, ...]:
    """One name a line, two letters at least: a single letter would name everybody."""
    return tuple(dict.fromkeys(one.strip() for one in lines.splitlines() if len(one.strip()) >= 2))


def rivals_without_words(rivals: str) -> str:
    """How a reviewer weighed the rivals, without the reasons."""
    weighed: Sequence[dict[str, Any]] = json.loads(rivals)
    return json.dumps([{**one, "because": TAKEN if one.get("because") else ""} for one in weighed])
