"""What the log says once its amendments have been applied: rules 1 and 2 of the coded record."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from observe.core.coding.events import FIXED, NAMES, NEEDED, WHOLES, Event, is_counts, is_whole
from observe.core.coding.record import Finding

NOT_SETTABLE = FIXED | {"tapped"}
OWN_FIELDS_OF_AN_AMENDMENT = frozenset({"void", "set", "ref"})


def effective(events: Iterable[Event]) -> tuple[list[Event], list[Finding]]:
    """The events that count, amended, by `at`, then `seq`; and what was wrong with the amendments."""
    found: list[Finding] = []
    by_id = _each_once(events, found)
    amendments = sorted((e for e in by_id.values() if e.kind == "amend"), key=lambda e: (e.seq, e.id))
    if amendments:
        _amend(by_id, _standing(by_id, amendments, found), found)
    counted = [event for event in by_id.values() if event.kind != "amend"]
    counted.sort(key=lambda e: (e.at, e.seq, e.id))
    return counted, found


def _each_once(events: Iterable[Event], found: list[Finding]) -> dict[str, Event]:
    """A repetition is one event; the same id with other content is a finding, and the earlier one counts."""
    by_id: dict[str, Event] = {}
    conflicts: set[str] = set()
    for event in events:
        first = by_id.setdefault(event.id, event)
        if first is not event and first != event:
            conflicts.add(event.id)
            if (event.seq, event.at) < (first.seq, first.at):
                by_id[event.id] = event
    found.extend(Finding("event.conflict", by_id[name].at, (name,)) for name in conflicts)
    return by_id


def _standing(by_id: Mapping[str, Event], amendments: list[Event], found: list[Finding]) -> list[Event]:
    """The amendments that no later amendment has taken back, in order of `seq`."""
    void: set[str] = set()
    standing = []
    for amendment in reversed(amendments):
        target = by_id.get(_ref(amendment))
        if target is None or target.seq >= amendment.seq:
            found.append(Finding("amendment.unknown_event", amendment.at, (amendment.id,)))
        elif amendment.id not in void:
            standing.append(amendment)
            if amendment.fields.get("void") is True:
                void.add(target.id)
    return standing[::-1]


def _amend(by_id: dict[str, Event], standing: list[Event], found: list[Finding]) -> None:
    void = [_ref(amendment) for amendment in standing if amendment.fields.get("void") is True]
    for amendment in standing:
        values = amendment.fields.get("set")
        if amendment.fields.get("void") is not True and isinstance(values, Mapping):
            by_id[_ref(amendment)] = _with(by_id[_ref(amendment)], values, amendment, found)
    for event_id in void:
        by_id.pop(event_id, None)


def _with(event: Event, values: Mapping[str, Any], amendment: Event, found: list[Finding]) -> Event:
    """The event with new values. What was tapped is remembered when its time is put right."""
    fields, at = dict(event.fields), event.at
    for name in sorted(values):
        value = values[name]
        if not _may_be_set(event, name, value):
            found.append(Finding("amendment.not_allowed", amendment.at, (amendment.id, event.id), name))
        elif name == "at":
            at = value
        elif value is None:
            fields.pop(name, None)
        else:
            fields[name] = value
    tapped = event.at if event.tapped is None and at != event.at else event.tapped
    return replace(event, at=at, fields=fields, tapped=tapped)


def _may_be_set(event: Event, name: str, value: Any) -> bool:
    if name in NOT_SETTABLE or (event.kind == "amend" and name in OWN_FIELDS_OF_AN_AMENDMENT):
        return False
    if name == "at":
        return is_whole(value)
    if value is None:
        return name not in NEEDED.get(event.kind, ())
    if name in NAMES or name == "text":
        return isinstance(value, str)
    if name in WHOLES:
        return is_whole(value, 0)
    if name in ("modifiers", "details", "attributes"):
        return isinstance(value, Mapping)
    if name == "counts":
        return is_counts(value)
    return isinstance(value, bool | int | float | str)


def _ref(amendment: Event) -> str:
    ref = amendment.fields.get("ref")
    return ref if isinstance(ref, str) else ""
