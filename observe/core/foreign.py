"""What importers make of foreign files: sessions as a tablet would send them, with ids that are the same each time.

Reading the same file twice gives the same ids, so taking it in twice changes nothing.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timezone
from typing import Any

NAMESPACE = uuid.UUID("6f627365-7276-5000-8000-696d706f7274")


@dataclass(frozen=True, slots=True)
class Draft:
    """One session of a foreign file. `events` hold `at`, `kind` and the fields of their kind, in order.

    A `ref` that is a number names the event of that number among them.
    """

    name: str
    started: int
    events: Sequence[Mapping[str, Any]]
    variables: Mapping[str, Any]
    happening: str | None = None
    observer: str = ""
    zone: str = ""
    planned_ms: int | None = None
    offset: int = 0
    consent: str | None = "not-needed"


def fixed_id(*parts: object) -> str:
    """An id in the shape of UUIDv7 that depends on these words alone."""
    made = uuid.uuid5(NAMESPACE, "\x1f".join(map(str, parts))).hex
    return str(uuid.UUID(hex=f"{made[:12]}7{made[13:16]}8{made[17:]}"))


def header_of(draft: Draft, session: str, **given: Any) -> dict[str, Any]:
    """The session header; `given` names study, framework, observer and device."""
    return {
        "id": session, **given, "purpose": "field", "happening": draft.happening, "setting": None, "subjects": [],
        "variables": dict(draft.variables), "consent": draft.consent, "started": draft.started, "offset": draft.offset,
        "zone": draft.zone, "app": "import", "planned_ms": draft.planned_ms,
    }  # fmt: skip


def events_of(draft: Draft, session: str) -> list[dict[str, Any]]:
    """The events with ids, numbers and clocks; the one that ends the session counts them all."""
    boot = fixed_id(session, "boot")
    rows: list[dict[str, Any]] = []
    for seq, event in enumerate(draft.events, start=1):
        rows.append(
            {
                "id": fixed_id(session, seq), "seq": seq, "at": event["at"], "mono": event["at"],
                "wall": draft.started + event["at"], "offset": draft.offset, "zone": draft.zone, "boot": boot,
                **{name: value for name, value in event.items() if name != "at"},
            }
        )  # fmt: skip
        if event["kind"] == "end":
            rows[-1]["count"] = seq
        if isinstance(event.get("ref"), int):
            rows[-1]["ref"] = fixed_id(session, event["ref"])
    return rows


def start_of(day: date, at: time = time(0, 0)) -> int:
    """Milliseconds since 1970 of a day in a file that names no zone: taken as UTC."""
    return int(datetime.combine(day, at, timezone.utc).timestamp() * 1000)  # noqa: UP017 - reads beside `time`
