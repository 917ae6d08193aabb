"""What holds of every log whatever: of thousands of random ones, with everything that a recorder should not write."""

from __future__ import annotations

import json
import random
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from frameworks.model import SamplingKind
from frameworks.schema import framework_of
from observe.core.coding import checks
from observe.core.coding.events import Event, event_of, parse
from observe.core.coding.timeline import as_json, timeline
from tests.factories import logs

CHANCE = st.integers(0, 2**32).map(random.Random)
"""a seed, not a choice for each draw: twenty times as many logs in the same time"""

many = settings(max_examples=200, deadline=None)


class Scene:
    """A random framework, roster and log, with the record of it."""

    def __init__(self, chance: random.Random) -> None:
        document = logs.framework_document(chance)
        self.framework = framework_of(document)
        self.header = {"subjects": chance.choice([[], ["P1"], ["P1", "P2"]])}
        self.events = [event_of(row) for row in logs.rows(document, chance)]
        self.record = self.read(self.events)

    def read(self, events):
        return timeline(self.framework, self.header, events)

    def amended(self, *rows):
        """The log with further amendments, long after."""
        last = max(event.seq for event in self.events)
        made = [
            {"id": f"more{i}", "seq": last + i, "at": 10**9, "kind": "amend", **row}
            for i, row in enumerate(rows, 1)
        ]
        return [*self.events, *(event_of(row) for row in made)]


SCENES = st.builds(Scene, CHANCE)


@many
@given(SCENES, CHANCE)
def test_order_repetition_and_batching_change_nothing(scene, chance):
    mixed = [*scene.events, *chance.sample(scene.events, len(scene.events) // 3)]
    chance.shuffle(mixed)

    assert scene.read(mixed) == scene.record


@many
@given(SCENES, CHANCE)
def test_undoing_and_bringing_back_is_as_if_nothing_had_been(scene, chance):
    chosen = chance.choice(scene.events).id

    assert scene.read(scene.amended({"ref": chosen, "void": True}, {"ref": "more1", "void": True})) == scene.record


@many
@given(SCENES, CHANCE)
def test_an_undone_event_is_as_if_it_had_never_been(scene, chance):
    untouched = {event.fields.get("ref") for event in scene.events} | {
        event.fields.get("from") for event in scene.events
    }
    untouched |= {event.fields.get("to") for event in scene.events}
    chosen = chance.choice(scene.events)
    if chosen.id in untouched or chosen.kind == "amend":
        return
    without = [event for event in scene.events if event.id != chosen.id]

    assert scene.read(scene.amended({"ref": chosen.id, "void": True})) == scene.read(without)


@many
@given(SCENES)
def test_bouts_of_an_exclusive_stream_never_overlap(scene):
    for stream in scene.framework.streams:
        if not (stream.exclusive or stream.sampling.kind is SamplingKind.BEAT_OR_CHANGE):
            continue
        pieces_by_subject = {}
        for bout in scene.record.bouts:
            if bout.stream == stream.id:
                pieces_by_subject.setdefault(bout.subject, []).extend(bout.pieces)
        for pieces in pieces_by_subject.values():
            assert all(end <= start for (_, end), (start, _) in pairwise(sorted(pieces)))


@many
@given(SCENES)
def test_bouts_of_one_code_subject_and_target_never_overlap(scene):
    pieces_by_run = {}
    for bout in scene.record.bouts:
        pieces_by_run.setdefault((bout.stream, bout.code, bout.subject, bout.target), []).extend(bout.pieces)

    for pieces in pieces_by_run.values():
        assert all(end <= start for (_, end), (start, _) in pairwise(sorted(pieces)))


@many
@given(SCENES)
def test_a_bout_has_length_and_lies_in_time_in_which_its_subject_could_be_seen(scene):
    for bout in scene.record.bouts:
        spans = scene.record.observed_of(bout.subject).spans
        assert bout.start < bout.end
        assert (bout.start, bout.end) == (bout.pieces[0][0], bout.pieces[-1][1])
        assert all(any(s <= start < end <= e for s, e in spans) for start, end in bout.pieces)


@many
@given(SCENES)
def test_a_fallback_leaves_no_observed_time_uncoded(scene):
    for stream in scene.framework.streams:
        if not (
            stream.exclusive and stream.fallback and stream.sampling.kind is SamplingKind.CONTINUOUS
        ) or stream.actors != ("child",):
            continue
        if stream.exhaustive != "always":
            continue
        for observed in scene.record.observed:
            if observed.subject in ("P1", "P2", "P3"):
                coded = sum(
                    b.observed_ms
                    for b in scene.record.bouts
                    if (b.stream, b.subject) == (stream.id, observed.subject)
                )
                assert coded == observed.ms


@many
@given(SCENES)
def test_observed_time_lies_in_the_window_and_in_nobodys_pause(scene):
    record = scene.record
    everyone = record.observed_of(None)
    for observed in record.observed:
        assert observed.ms <= everyone.ms <= record.end - sum(end - start for start, end in record.pauses)
        assert all(0 <= start < end <= record.end for start, end in observed.spans)
        assert all(end < start for (_, end), (start, _) in pairwise(observed.spans))


@many
@given(SCENES)
def test_intervals_of_a_stream_do_not_overlap_and_watch_no_longer_than_they_last(scene):
    rows = {}
    for interval in scene.record.intervals:
        assert 0 <= interval.observed_ms <= interval.end - interval.start
        assert (interval.state == "ticked") == bool(interval.codes)
        rows.setdefault((interval.stream, interval.subject), []).append(interval)
    for intervals in rows.values():
        assert all(one.end <= two.start and one.index < two.index for one, two in pairwise(intervals))


@many
@given(SCENES)
def test_each_tap_on_a_known_stream_is_in_the_record_or_named_in_a_finding(scene):
    record = as_json(scene.record)
    told = {event for finding in record["findings"] for event in finding["events"]}
    for section in ("points", "bouts", "ratings", "links", "notes"):
        told |= {row["event"] for row in record[section]}
    for section in ("intervals", "scans"):
        told |= {event for row in record[section] for event in row["events"]}
    void_or_seen = told | {event.fields.get("ref") for event in scene.events if event.kind == "amend"}

    for event in scene.events:
        if event.kind in ("point", "tick", "interval", "scan", "rate", "link", "note"):
            assert event.id in void_or_seen or _confirms_a_beat(scene, event)


def _confirms_a_beat(scene, event):
    stream = scene.framework.stream_of(event.code) if event.code else None
    return stream is not None and stream.sampling.kind is SamplingKind.BEAT_OR_CHANGE


STRANGE = (
    None, True, False, 0, -1, 2**53, 1.5, "", "x", "P1", "e2", "c00", "s0", "\0", "\u202e=1+1", [], {}, ["a", {"b": [1]}],
    {"a": {"b": None}}, {"code": None, "at": -(2**53)}, [{"cell": {"code": "c00"}, "n": 2**53}],
)  # fmt: skip


def strange(row, chance):
    """The row with fields of any sort put in, taken out or replaced."""
    changed = dict(row)
    for _ in range(chance.choice([0, 1, 1, 2, 4])):
        name = chance.choice(
            [*row, "subject", "target", "modifiers", "set", "void", "counts", "state", "ref", "value", "server"]
        )
        if name not in ("id", "seq"):
            changed[name] = chance.choice(STRANGE)
    return changed


@settings(max_examples=60, deadline=None)
@given(CHANCE)
def test_whatever_passes_at_the_door_can_be_derived_and_written(chance):
    document = logs.framework_document(chance)
    rows = [strange(row, chance) | {"id": uuid_of(row["id"])} for row in logs.rows(document, chance)]
    for row in rows:
        if isinstance(row.get("ref"), str):
            row["ref"] = uuid_of(row["ref"])
    events = [event for event in map(parse, rows) if isinstance(event, Event)]

    record = timeline(framework_of(document), {"subjects": ["P1"]}, events)

    json.dumps(as_json(record), allow_nan=False)
    checks.every(framework_of(document), {}, events, record)


def uuid_of(short):
    return f"0190d5b0-0000-7000-8000-{int.from_bytes(short.encode()[-5:]):012d}"
