"""Coded sessions made from a seed: FILL+ lectures and point events, with pauses, as an analysis gets them."""

from __future__ import annotations

import hashlib
import json
import random
from functools import cache

from frameworks import library, schema, versions
from frameworks.model import Framework
from observe.core.coding.events import event_of
from observe.core.coding.timeline import timeline
from observe.core.measures.session import budget
from observe.core.tidy import Source

LECTURE = {
    "schema": "observe-framework/1", "slug": "lecture", "title": "Lecture",
    "actors": [{"id": "person", "label": "Person"}],
    "streams": [
        {"id": "doing", "label": "Doing", "actors": ["person"], "exclusive": True,
         "codes": [{"id": code, "label": code, "type": "state"} for code in ("talk", "listen", "write", "idle")]},
        {"id": "acts", "label": "Acts", "actors": ["person"],
         "codes": [{"id": code, "label": code} for code in ("nod", "ask", "yawn")]},
    ],
}  # fmt: skip


@cache
def lecture() -> Framework:
    """Two parallel streams: exclusive states and points."""
    return schema.framework_of(LECTURE)


@cache
def ready_made(slug: str) -> Framework:
    """A framework of the library."""
    return schema.framework_of(library.document(slug))


def events_of(seed: int, *, count: int = 60, subjects: tuple[str, ...] = ("P1", "P2")) -> list[dict[str, object]]:
    """A session's log: `count` taps by chance, one pause, an end."""
    chance = random.Random(seed)
    at, rows = 0, [{"kind": "open", "at": 0}]
    for number in range(count):
        at += chance.randint(200, 20_000)
        subject = chance.choice(subjects)
        if number == count // 2:
            rows += [{"kind": "pause", "at": at}, {"kind": "resume", "at": at + 30_000}]
            at += 30_000
        elif chance.random() < 0.6:
            rows.append(
                {
                    "kind": "start",
                    "at": at,
                    "code": chance.choice(("talk", "listen", "write", "idle")),
                    "subject": subject,
                }
            )
        else:
            rows.append(
                {"kind": "point", "at": at, "code": chance.choice(("nod", "ask", "yawn")), "subject": subject}
            )
    rows.append({"kind": "end", "at": at + 1_000, "count": len(rows) + 1})
    return [{"id": f"{seed}-{seq}", "seq": seq, **row} for seq, row in enumerate(rows, 1)]


def a_source(seed: int, *, count: int = 60, purpose: str = "field", session: str | None = None) -> Source:
    """One session as tables are made from it."""
    header = {"subjects": ["P1", "P2"], "purpose": purpose}
    rows = events_of(seed, count=count)
    record = timeline(lecture(), header, [event_of(row) for row in rows])
    digest = hashlib.sha256(json.dumps([rows, purpose]).encode()).hexdigest()
    return Source(
        session=session or f"s{seed:05d}", study="study", framework=lecture(), framework_hash=versions.content_hash(lecture()),
        framework_number=1, observer="3", device="d", purpose=purpose, happening=None, setting=None, consent=None,
        started=1_772_614_800_000 + seed * 3_600_000, offset=60, zone="Europe/Paris", status="submitted",
        header=json.dumps(header), stored=len(rows), claimed=len(rows), digest=digest, timeline=record,
        budget=budget(lecture(), record),
    )  # fmt: skip
