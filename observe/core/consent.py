"""What may be told of a session: nothing about subjects without consent, nor what was said about them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from observe.core.coding.record import Timeline, Values


@dataclass(frozen=True, slots=True)
class Silence:
    """Whom nothing is told about: the ids of subjects, and the pseudonyms by which notes may speak of them."""

    subjects: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()

    def speaks_of(self, text: object) -> bool:
        """Whether words name one of them, as a word of its own: “P1” is not in “P12”."""
        if not self.names or not isinstance(text, str):
            return False
        return any(re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text) for name in self.names)

    def in_words(self, text: str) -> bool:
        """Whether the id of one of them stands anywhere in this text."""
        return any(subject in text for subject in self.subjects)


def tied(events: Iterable[str], silence: Silence) -> frozenset[str]:
    """Ids of the events about them, and of all that refer to one of those: notes, links, corrections.

    An event that a correction puts down to one of them is about them too, whoever it was put down to before.
    """
    parsed: list[tuple[dict[str, Any], bool]] = []
    for text in events:
        event = json.loads(text)
        parsed.append((event, silence.in_words(text) or any(map(silence.speaks_of, _words(event)))))
    found = {str(event.get("id")) for event, about in parsed if about}
    found |= {
        str(event["ref"]) for event, about in parsed if about and event.get("kind") == "amend" and "ref" in event
    }
    return _closed(found, [event for event, _ in parsed])


def _words(event: dict[str, Any]) -> list[object]:
    """What an observer wrote in an event."""
    changed = event.get("set")
    return [event.get("text"), event.get("reason"), changed.get("text") if isinstance(changed, dict) else None]


def _closed(found: set[str], events: list[dict[str, Any]]) -> frozenset[str]:
    """With everything that refers to what was found, and what refers to that."""
    grown = True
    while grown and found:
        more = {
            str(event.get("id")) for event in events if any(event.get(name) in found for name in ("ref", "from", "to"))
        }  # fmt: skip
        grown = not more <= found
        found |= more
    return frozenset(found)


def shown(record: Timeline, silence: Silence, silent: frozenset[str]) -> Timeline:
    """The record without them. `silent` are the events tied to them: what was noted, linked or found about those is left out.

    Behaviour goes by its subject and not by its event: one that a correction puts down to somebody else is told.
    """
    if not silence.subjects:
        return record
    without = silence.subjects

    def free(*ids: str | None) -> bool:
        return not any(one in without for one in ids)

    def unmentioned(values: Values) -> bool:
        return not silence.in_words(json.dumps(values, ensure_ascii=False))

    return replace(
        record,
        points=tuple(one for one in record.points if free(one.subject, one.target) and unmentioned(one.modifiers)),
        bouts=tuple(one for one in record.bouts if free(one.subject, one.target) and unmentioned(one.modifiers)),
        intervals=tuple(one for one in record.intervals if free(one.subject) and unmentioned(one.modifiers)),
        scans=tuple(one for one in record.scans if free(one.subject) and unmentioned(one.modifiers)),
        ratings=tuple(one for one in record.ratings if free(one.subject) and unmentioned(one.details)),
        links=tuple(one for one in record.links if not silent & {one.event, one.from_event, one.to_event}),
        notes=tuple(one for one in record.notes if not (silent & {one.event, one.about} or silence.speaks_of(one.text))),
        observed=tuple(one for one in record.observed if free(one.subject)),
        subjects=tuple(one for one in record.subjects if free(one)),
        findings=tuple(
            one for one in record.findings if not (silent & set(one.events) or silence.in_words(one.detail))
        ),
        turns=tuple(one for one in record.turns if free(one.subject)),
        positions=tuple(one for one in record.positions if not silent & {one.event, one.about}),
    )  # fmt: skip


def only(record: Timeline, subject: str, about: frozenset[str]) -> Timeline:
    """The record with nothing in it but what is about this subject. `about` are the events about them, or tied to one.

    Findings stay out: they are about the record, and name whoever is in it.
    """

    def theirs(*ids: str | None) -> bool:
        return subject in ids

    return replace(
        record,
        points=tuple(one for one in record.points if theirs(one.subject, one.target)),
        bouts=tuple(one for one in record.bouts if theirs(one.subject, one.target)),
        intervals=tuple(one for one in record.intervals if theirs(one.subject)),
        scans=tuple(one for one in record.scans if theirs(one.subject)),
        ratings=tuple(one for one in record.ratings if theirs(one.subject)),
        links=tuple(one for one in record.links if about & {one.event, one.from_event, one.to_event}),
        notes=tuple(one for one in record.notes if about & {one.event, one.about}),
        observed=tuple(one for one in record.observed if theirs(one.subject)),
        subjects=tuple(one for one in record.subjects if theirs(one)),
        findings=(),
        turns=tuple(one for one in record.turns if theirs(one.subject)),
    )


def shown_header(header: str, silence: Silence) -> str:
    """The header word for word, but for them: off the roster, and out of every value that names one of them."""
    if not silence.in_words(header):
        return header
    return json.dumps(_without(json.loads(header), silence.subjects), ensure_ascii=False, separators=(",", ":"))


def _without(value: Any, subjects: frozenset[str]) -> Any:
    """A JSON value without their ids: gone from lists, null elsewhere."""
    if isinstance(value, dict):
        return {name: _without(one, subjects) for name, one in value.items()}
    if isinstance(value, list):
        return [_without(one, subjects) for one in value if not isinstance(one, str) or one not in subjects]
    return None if isinstance(value, str) and value in subjects else value
