"""An agreed coding as something to practise against: what was seen, without clocks, corrections, places and pictures.

The twin on the tablet, `static/src/core/practice.ts`, holds a practice session against it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID, uuid5

from observe.core.coding.amendments import effective
from observe.core.coding.events import Event
from observe.core.coding.record import Bout, Point, Values

Row = dict[str, Any]

LEFT_OUT = frozenset({"clock", "position"})
"""says something about the device, and nothing about what there was to see"""

FRAME = frozenset({"open", "pause", "resume", "out_of_view", "in_view", "arrive", "leave", "focal", "note", "end"})
"""what a settled coding takes over from the first record: when could be watched, who was there, and directions"""

ORDER: Mapping[str, int] = {"open": -1, "stop": 0, "start": 2, "change": 2, "point": 3, "end": 4}
"""of events at the same instant; the others come between an end and a beginning"""


def whole(events: Iterable[Event]) -> list[Row]:
    """One record as it stands after its corrections."""
    counted, _ = effective(events)
    return numbered([_row(event) for event in counted if event.kind not in LEFT_OUT])


def settled(
    events: Iterable[Event], bouts: Sequence[Bout], points: Sequence[Point], beats: frozenset[str], name: UUID
) -> list[Row]:
    """What was settled, as a log. `beats` are the streams that are entered on change; `name` makes the ids."""
    counted, _ = effective(events)
    rows = [_without_reference(_row(event)) for event in counted if event.kind in FRAME]
    for place, bout in enumerate(bouts):
        begin = str(uuid5(name, f"bout {place}"))
        kind = "change" if bout.stream in beats else "start"
        rows.append({"id": begin, "at": bout.start, "kind": kind, "code": bout.code, **_about(bout)})
        end = str(uuid5(name, f"bout {place} ends"))
        about = {} if bout.subject is None else {"subject": bout.subject}
        rows.append({"id": end, "at": bout.end, "kind": "stop", "code": bout.code, **about, "ref": begin})
    for place, point in enumerate(points):
        made = {"id": str(uuid5(name, f"point {place}")), "at": point.at, "kind": "point", "code": point.code}
        rows.append({**made, **_about(point)})
    return numbered(sorted(rows, key=lambda row: (row["at"], ORDER.get(row["kind"], 1))))


def numbered(rows: Sequence[Row]) -> list[Row]:
    """With a number each, and an end that says how many there are."""
    count = len(rows)
    return [
        {**row, "seq": place, **({"count": count} if row["kind"] == "end" else {})}
        for place, row in enumerate(rows, 1)
    ]


def _row(event: Event) -> Row:
    fields = {name: value for name, value in event.fields.items() if name != "attachments"}
    return {"id": event.id, "at": event.at, "kind": event.kind, **fields}


def _without_reference(row: Row) -> Row:
    """What a note was about is not in a settled coding."""
    return {name: value for name, value in row.items() if name != "ref"}


def _about(one: Bout | Point) -> Row:
    found: Row = {"subject": one.subject, "target": one.target, "modifiers": _values(one.modifiers)}
    return {name: value for name, value in found.items() if value}


def _values(values: Values) -> Row:
    return {name: list(value) if isinstance(value, tuple) else value for name, value in values}
