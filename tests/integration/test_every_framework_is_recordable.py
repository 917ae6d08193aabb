"""One tap of every code and one judgement of every rating, for each ready-made framework and hard instrument."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from frameworks import library
from frameworks.model import Code, Framework, SamplingKind, SeenAs, Stream
from observe.core.coding.events import Event, parse
from observe.core.coding.timeline import timeline
from tests.unit.acceptance.test_instruments import INSTRUMENTS, instrument

SUBJECT = "00000000-0000-7000-8000-00000000000a"
HOUR = 3_600_000
TIMED = (SamplingKind.CONTINUOUS, SamplingKind.BEAT_OR_CHANGE)
SCANNED = (SamplingKind.MOMENTARY_SCAN, SamplingKind.SNAPSHOTS, SamplingKind.AREA_COUNT)


def subject_of(framework: Framework, stream: Stream) -> dict[str, str]:
    ways = {actor.seen_as for actor in framework.actors if actor.id in stream.actors}
    return {"subject": SUBJECT} if ways & {SeenAs.NAMED, SeenAs.ON_THE_FLY} else {}


def tap(framework: Framework, stream: Stream, code: Code) -> dict[str, Any]:
    kind, who = stream.sampling.kind, subject_of(framework, stream)
    if kind is SamplingKind.BEAT_OR_CHANGE:
        return {"kind": "change", "code": code.id, **who}
    if kind in (SamplingKind.CONTINUOUS, SamplingKind.TALLY):
        return {"kind": "start" if code.type == "state" else "point", "code": code.id, **who}
    if kind in SCANNED:
        if kind is SamplingKind.AREA_COUNT:
            cell = {"code": code.id, **{dimension.id: dimension.options[0].id for dimension in stream.crossed}}
            return {
                "kind": "scan",
                "stream": stream.id,
                "sample": stream.sampling.first - 1,
                "counts": [{"cell": cell, "n": 1}],
                **who,
            }
        return {"kind": "scan", "stream": stream.id, "sample": stream.sampling.first - 1, "code": code.id, **who}
    interval = stream.sampling.first - 1
    return {"kind": "tick", "stream": stream.id, "interval": interval, "code": code.id, **who}


def rows(framework: Framework) -> Iterator[dict[str, Any]]:
    yield {"kind": "open", "at": 0}
    yield {"kind": "arrive", "at": 0, "subject": SUBJECT, "pseudonym": "P1"}
    at = 0
    for stream, code in framework.codes():
        at += 1_000
        yield {"at": at, **tap(framework, stream, code)}
    for stream, rating in framework.ratings():
        at += 1_000
        value = rating.values[0].value if rating.values else 1
        more = {"interval": 0} if stream.sampling.rated_at == "interval" else {}
        yield {
            "kind": "rate",
            "at": at,
            "rating": rating.id,
            "value": value,
            **more,
            **subject_of(framework, stream),
        }


def log_of(framework: Framework) -> list[Event]:
    made = [*rows(framework)]
    made.append({"kind": "end", "at": 2 * HOUR, "count": len(made) + 1})
    events = []
    for seq, row in enumerate(made, start=1):
        clocks = {"mono": row["at"], "wall": row["at"], "offset": 0, "zone": "UTC", "boot": SUBJECT}
        event = parse({"id": f"00000000-0000-7000-8000-{seq:012x}", "seq": seq, **clocks, **row})
        assert isinstance(event, Event), event
        events.append(event)
    return events


@pytest.mark.parametrize("slug", sorted({*library.slugs(), *INSTRUMENTS.values()}))
def test_whatever_is_recorded_is_in_the_record(slug: str) -> None:
    framework = instrument(slug)
    header = {"subjects": [SUBJECT], "started": 0, "offset": 0, "zone": "UTC"}

    record = timeline(framework, header, log_of(framework))

    seen = {point.code for point in record.points} | {bout.code for bout in record.bouts}
    seen |= {code for interval in record.intervals for code in interval.codes}
    seen |= {scan.code for scan in record.scans if scan.code}
    seen |= {value for scan in record.scans for cell, _ in scan.counts for name, value in cell if name == "code"}
    several = {
        code.id
        for stream, code in framework.codes()
        if stream.sampling.kind in (SamplingKind.MOMENTARY_SCAN, SamplingKind.SNAPSHOTS, SamplingKind.AREA_COUNT)
        or stream.sampling.kind is SamplingKind.PREDOMINANT_INTERVAL
    }
    assert {code.id for _, code in framework.codes()} - seen - several == set()
    assert {rated.rating for rated in record.ratings} == {rating.id for _, rating in framework.ratings()}
    assert all(seen & {code.id for code in stream.codes} for stream in framework.streams if stream.codes)
    assert record.ended
