"""Whatever a log means, its budget keeps to it: the vectors of the coded record, one by one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from frameworks.model import SamplingKind, Term
from frameworks.schema import framework_of
from observe.core.agreement.matching import Watched
from observe.core.agreement.summary import compare
from observe.core.coding.events import event_of
from observe.core.coding.record import Timeline
from observe.core.coding.timeline import timeline
from observe.core.measures.formulas import amount
from observe.core.measures.sequences import runs_of
from observe.core.measures.session import budget, subjects_of

FILES = sorted((Path(__file__).parents[1] / "vectors").glob("*.json"))
VECTORS = [
    pytest.param(v, id=f"{file.stem}: {v['name']}") for file in FILES for v in json.loads(file.read_text("utf-8"))
]


def read(vector: dict[str, Any]) -> tuple[Any, Timeline]:
    framework = framework_of(vector["framework"])
    return framework, timeline(framework, vector["header"], [event_of(row) for row in vector["events"]])


@pytest.mark.parametrize("vector", VECTORS)
def test_no_row_claims_more_than_was_watched_and_nothing_is_counted_twice(vector: dict[str, Any]) -> None:
    framework, record = read(vector)
    rows = budget(framework, record)

    assert {(row.stream, row.code) for row in rows} >= {
        (stream.id, code.id) for stream, code in framework.codes() if not stream.crossed
    }
    for row in rows:
        assert row.duration_ms <= max(row.observed_ms, 0)
        assert row.rate is None or (row.rate.value is None) == (row.observed_ms == 0)
        assert row.share is None or row.share.value is None or 0 <= row.share.value <= 1
    for stream in framework.streams:
        mine = [row for row in rows if row.stream == stream.id]
        if stream.exclusive and stream.sampling.kind is SamplingKind.CONTINUOUS:
            for subject in {row.subject for row in mine}:
                assert sum(row.duration_ms for row in mine if row.subject == subject) <= record.end - record.start
        if stream.sampling.kind in {SamplingKind.CONTINUOUS, SamplingKind.TALLY}:
            assert sum(row.count for row in mine) == amount(framework, Term("count", stream.id), record)
            taps = [p for p in record.points if p.stream == stream.id and "out-of-view" not in p.flags]
            points = sum(row.count for row in mine if row.kind in {"point", "tally"})
            known = {code.id for code in stream.codes if code.type == "point"}
            if stream.sampling.rotation is None:
                assert points == sum(1 for p in taps if p.code in known)


@pytest.mark.parametrize("vector", VECTORS)
def test_a_record_agrees_with_itself_and_runs_hold_no_more_than_was_recorded(vector: dict[str, Any]) -> None:
    framework, record = read(vector)

    for stream in framework.streams:
        found = compare(stream, [Watched("Owen", record), Watched("Olga", record)], seed=1, times=20)
        assert found.percent.value in (None, 1.0)
        assert found.disagreements == ()
        entries = [e for group in (record.points, record.bouts) for e in group if e.stream == stream.id]
        seen = dict.fromkeys(e.subject for e in entries)
        runs = [r for s in subjects_of(framework, stream, record, seen) for r in runs_of(record, stream, s)]
        assert sum(map(len, runs)) <= len(entries)
