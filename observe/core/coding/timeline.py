"""From the log to the coded record. The rules, with their numbers, are those of docs/reference/coded-record.md."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any

from frameworks.model import Framework, Stream
from observe.core.coding.amendments import effective
from observe.core.coding.bouts import beats, bouts_of
from observe.core.coding.events import Event
from observe.core.coding.judgements import links, notes, positions, ratings
from observe.core.coding.lookup import INTERVALS, SAMPLES, Lookup
from observe.core.coding.presence import PAUSE, Watch, plain, seen_spans
from observe.core.coding.record import Bout, Finding, Interval, Observed, Point, Scan, Span, Timeline, Turn
from observe.core.coding.samples import Scene, intervals, scans, turns_of
from observe.core.coding.sampling import RunningTime, is_too_long
from observe.core.coding.walk import Walk, outranks


def timeline(framework: Framework, header: Mapping[str, Any], events: Sequence[Event]) -> Timeline:
    """What the events mean under this framework; the order in which they come, and repetitions, change nothing."""
    counted, found = effective(events)
    lookup = Lookup(framework)
    walk = Walk(lookup, header, counted)
    return _Derivation(walk, lookup, found).record()


class _Derivation:
    """The parts of one record, each made from the walk."""

    def __init__(self, walk: Walk, lookup: Lookup, found: list[Finding]) -> None:
        self.walk = walk
        self.lookup = lookup
        self.found = found
        self._watches: dict[str | None, Watch] = {}
        self.pauses = self._pauses()
        self.time = RunningTime(self.pauses, walk.end)
        self._subjects: dict[str, tuple[str | None, ...]] = {}

    def record(self) -> Timeline:
        walk = self.walk
        points = self._points()
        turns = {s.id: self._turns(s) for s in self.lookup.framework.streams if s.sampling.rotation is not None}
        scene = Scene(self.time, self.watch, self._subjects_of, self.lookup.subject_in, turns)
        for stream in self.lookup.framework.streams:
            if is_too_long(stream.sampling, self.time):
                self.found.append(Finding("sampling.too_long", walk.end, (), stream.id))
        by_id = {event.id: event for event in walk.events}
        placed = tuple(positions(walk.positions, self.found))
        return Timeline(
            start=0,
            end=walk.end,
            ended=walk.ended,
            pauses=self.pauses,
            points=points,
            bouts=self._bouts(),
            intervals=tuple(self._intervals(points, scene)),
            scans=tuple(self._scans(scene)),
            ratings=tuple(ratings(walk.ratings, self.lookup, self.found)),
            links=tuple(links(walk.links, by_id, self.lookup, self.found)),
            notes=tuple(notes(walk.notes)),
            observed=tuple(Observed(s, plain(self.watch(s).spans)) for s in (None, *walk.subjects)),
            subjects=walk.subjects,
            findings=self._findings(),
            turns=tuple(turn for some in turns.values() for turn in some),
            positions=placed,
        )

    def watch(self, subject: str | None) -> Watch:
        """When this subject could be seen."""
        found = self._watches.get(subject)
        if found is None:
            absent = subject is not None and subject in self.walk.absent_first
            found = Watch(seen_spans(self.walk.changes, subject, self.walk.end, absent_first=absent))
            self._watches[subject] = found
        return found

    def _pauses(self) -> tuple[Span, ...]:
        """The stretches in which nobody watched: the window less what no pause took."""
        running = seen_spans((c for c in self.walk.changes if c.hindrance == PAUSE), None, self.walk.end)
        edges = [0, *(edge for start, end, _ in running for edge in (start, end)), self.walk.end]
        return tuple((edges[i], edges[i + 1]) for i in range(0, len(edges), 2) if edges[i + 1] > edges[i])

    def _subjects_of(self, stream: Stream) -> tuple[str | None, ...]:
        found = self._subjects.get(stream.id)
        if found is None:
            found = self.lookup.subjects_of(stream, self.walk.subjects, self.walk.actor_by_subject)
            self._subjects[stream.id] = found
        return found

    def _turns(self, stream: Stream) -> list[Turn]:
        return turns_of(stream, self._subjects_of(stream), self.walk.focals, self.time)

    def _points(self) -> tuple[Point, ...]:
        """Taps in their order, entries on the beat among them."""
        seq_by_id = {event.id: event.seq for event in self.walk.events}
        numbered = [(point, seq_by_id[point.event]) for point in self._resolved(self.walk.points)]
        numbered += beats(self.walk.runs, self.watch, self.time)
        numbered.sort(key=lambda pair: (pair[0].at, pair[1], pair[0].event))
        return tuple(point for point, _ in numbered)

    def _resolved(self, points: Iterable[Point]) -> list[Point]:
        """Points without those outranked at the same instant, where the stream says that priority decides."""
        kept: list[Point] = []
        for point in points:
            stream = self.lookup.stream_by_id.get(point.stream)
            rival = self._rival(point, stream, kept) if stream is not None and stream.priority else None
            if stream is None or rival is None:
                kept.append(point)
            elif stream.priority_rule != "resolve":
                self.found.append(Finding("priority.competing", point.at, (rival.event, point.event)))
                kept.append(point)
            else:
                loser = point if outranks(stream, rival.code, point.code) else rival
                self.found.append(Finding("priority.resolved", point.at, (rival.event, point.event), loser.code))
                if loser is rival:
                    kept[kept.index(rival)] = point
        return kept

    def _rival(self, point: Point, stream: Stream, kept: list[Point]) -> Point | None:
        for other in reversed(kept):
            if other.at != point.at:
                return None
            if (other.stream, other.subject) == (point.stream, point.subject) and (
                outranks(stream, other.code, point.code) or outranks(stream, point.code, other.code)
            ):
                return other
        return None

    def _bouts(self) -> tuple[Bout, ...]:
        place = {subject: i for i, subject in enumerate(self.walk.subjects)}
        rows = []
        for run in self.walk.runs:
            stream = self.lookup.place_by_stream[run.stream.id] if run.stream else -1
            subject = place.get(run.subject, -1) if run.subject is not None else -1
            for bout in bouts_of(run, self.watch(run.subject)):
                rows.append(((bout.start, run.event.seq, stream, subject, bout.part), bout))
        rows.sort(key=lambda row: row[0])
        return tuple(bout for _, bout in rows)

    def _intervals(self, points: Sequence[Point], scene: Scene) -> Iterable[Interval]:
        for stream in self.lookup.framework.streams:
            if stream.sampling.kind in INTERVALS:
                own = [event for event, whose in self.walk.ticks if whose is stream]
                yield from intervals(stream, own, points, scene, self.found)

    def _scans(self, scene: Scene) -> Iterable[Scan]:
        for stream in self.lookup.framework.streams:
            if stream.sampling.kind in SAMPLES:
                own = [event for event, whose in self.walk.scans if whose is stream]
                yield from scans(stream, own, scene, self.found)

    def _findings(self) -> tuple[Finding, ...]:
        every = dict.fromkeys([*self.found, *self.walk.found])
        return tuple(sorted(every, key=lambda f: (f.at, f.code, f.events, f.detail)))


# as JSON


def as_json(record: Timeline) -> dict[str, Any]:
    """The record as plain JSON values, every field present, as the vectors and the client have it."""
    return {name: _plain(name, getattr(record, name)) for name in _names(Timeline)}


@cache
def _names(kind: type) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind))


def _plain(name: str, value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return {own: _plain(f"{type(value).__name__}.{own}", getattr(value, own)) for own in _names(type(value))}
    if name == "Interval.modifiers":
        return {code: dict(_scalars(given)) for code, given in value}
    if name.endswith((".modifiers", ".details", ".values")):
        return dict(_scalars(value))
    if name == "Scan.counts":
        return [{"cell": dict(cell), "n": n} for cell, n in value]
    return [_plain(name, item) for item in value] if isinstance(value, tuple) else value


def _scalars(pairs: Iterable[tuple[str, Any]]) -> Iterable[tuple[str, Any]]:
    return ((name, list(value) if isinstance(value, tuple) else value) for name, value in pairs)
