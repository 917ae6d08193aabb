"""Coded sessions made from a seed, with parallel streams and pauses, or made from the shared vectors: as an analysis gets them."""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from frameworks import library, schema, versions
from frameworks.model import Framework
from observe.core.coding.events import event_of
from observe.core.coding.timeline import timeline
from observe.core.measures.session import budget
from observe.core.tidy import Source

VECTORS = Path(__file__).resolve().parents[1] / "vectors"
RECOUNTED = """
WITH data AS (SELECT session FROM sessions WHERE purpose <> 'practice'),
happened AS (
  SELECT session, stream, code, SUM(CASE WHEN part = 0 AND NOT censored_start THEN 1 ELSE 0 END) AS occurrences,
         SUM(observed_ms) AS duration_ms
  FROM bouts GROUP BY session, stream, code
  UNION ALL
  SELECT session, stream, code, COUNT(*) AS occurrences, 0 AS duration_ms
  FROM points WHERE flags IS NULL OR flags NOT LIKE '%out-of-view%' GROUP BY session, stream, code
),
watched AS (
  SELECT session, SUM(CASE WHEN subject IS NOT NULL THEN observed_ms ELSE 0 END) AS observed_ms FROM observed GROUP BY session
)
SELECT h.stream, h.code, SUM(h.occurrences), SUM(h.duration_ms), SUM(w.observed_ms)
FROM happened h JOIN data d ON d.session = h.session JOIN watched w ON w.session = h.session
GROUP BY h.stream, h.code ORDER BY h.stream, h.code
"""
"""The time budget of `lecture` counted out of every bout and point, and not out of each session's own budget."""

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
    return source_of(
        session or f"s{seed:05d}", lecture(), {"subjects": ["P1", "P2"], "purpose": purpose}, events_of(seed, count=count),
        started=1_772_614_800_000 + seed * 3_600_000,
    )  # fmt: skip


def of_vectors(*files: str) -> list[Source]:
    """A session for each shared vector of these files: every regime, with every state that a sample can have."""
    return [
        source_of(f"{name} {number}", schema.framework_of(one["framework"]), one["header"], one["events"], started=1_772_614_800_000)
        for name in files
        for number, one in enumerate(json.loads((VECTORS / f"{name}.json").read_text(encoding="utf-8")))
    ]  # fmt: skip


def source_of(
    session: str, model: Framework, header: dict[str, Any], rows: Sequence[Mapping[str, Any]], *, started: int
) -> Source:
    """What tables are made of, from a log."""
    record = timeline(model, header, [event_of(row) for row in rows])
    purpose = header.get("purpose", "field")
    return Source(
        session=session, study="study", framework=model, framework_hash=versions.content_hash(model),
        framework_number=1, observer="3", device="d", purpose=purpose, happening=None, setting=None, consent=None,
        started=started, offset=60, zone="Europe/Paris", status="submitted", header=json.dumps(header), stored=len(rows),
        claimed=len(rows), digest=hashlib.sha256(json.dumps([rows, purpose]).encode()).hexdigest(), timeline=record,
        budget=budget(model, record),
    )  # fmt: skip
