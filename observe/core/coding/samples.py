"""Intervals and sample points with what was recorded at them. Zero, missed and out of view are three things."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from frameworks.model import SamplingKind, Stream
from observe.core.coding.events import Event
from observe.core.coding.presence import Watch
from observe.core.coding.record import Finding, Interval, Point, Scan, Turn, Values
from observe.core.coding.sampling import Due, RunningTime, intervals_due, samples_due, turns_due
from observe.core.coding.walk import outranks, values

WatchOf = Callable[[str | None], Watch]
Subjects = tuple[str | None, ...]


@dataclass(frozen=True, slots=True)
class Scene:
    """What intervals and samples are derived from, besides their own events."""

    time: RunningTime
    watch_of: WatchOf
    subjects_of: Callable[[Stream], Subjects]
    subject_in: Callable[[Stream, str | None], str | None]
    turns: Mapping[str, Sequence[Turn]]


# whose turn


def turns_of(stream: Stream, subjects: Subjects, focals: Sequence[Event], time: RunningTime) -> list[Turn]:
    """Who was focal when: by the observer's own word from the first one on, before that by the list as planned."""
    taken = focals[0].at if focals else time.end
    turns: list[Turn] = []
    planned = [subject for subject in subjects if subject is not None]
    if planned and stream.sampling.rotation and stream.sampling.rotation.order == "roster":
        for due in turns_due(stream.sampling, time):
            _add_turn(turns, Turn(stream.id, planned[due.index % len(planned)], due.start, min(due.end, taken)))
    for i, event in enumerate(focals):
        until = focals[i + 1].at if i + 1 < len(focals) else time.end
        _add_turn(turns, Turn(stream.id, event.fields["subject"], max(event.at, 0), min(until, time.end)))
    return turns


def _add_turn(turns: list[Turn], turn: Turn) -> None:
    if turn.end > turn.start:
        turns.append(turn)


def focal_in(turns: Sequence[Turn], start: int, end: int) -> str | None:
    """Who was focal for the longest part of [start, end), the earlier one of two; at one moment, who was it then."""
    first = max(0, bisect_right(turns, start, key=lambda turn: turn.start) - 1)
    longest, whose = -1, None
    for turn in turns[first:]:
        if turn.start >= max(end, start + 1):
            break
        length = min(end, turn.end) - max(start, turn.start)
        if length > longest and turn.end > start:
            longest, whose = length, turn.subject
    return whose


def _whose(stream: Stream, due: Due, scene: Scene, also: Iterable[str | None]) -> list[str | None]:
    """The subjects of which something is due, then others for whom something came all the same."""
    if stream.sampling.rotation is not None:
        focal = focal_in(scene.turns.get(stream.id, ()), due.start, due.end)
        about: list[str | None] = [focal] if focal is not None or not any(also) else []
    else:
        about = list(scene.subjects_of(stream))
    return about + [subject for subject in dict.fromkeys(also) if subject not in about]


# intervals


def intervals(
    stream: Stream, events: Sequence[Event], points: Sequence[Point], scene: Scene, found: list[Finding]
) -> Iterator[Interval]:
    """The intervals of one stream, for each subject, with what was ticked, said or counted in them."""
    by_index: dict[int, dict[str | None, list[Event]]] = defaultdict(lambda: defaultdict(list))
    for event in events:
        by_index[event.fields["interval"]][scene.subject_in(stream, event.subject)].append(event)
    counted = _tallied(stream, points, scene.time)
    for due in intervals_due(stream.sampling, scene.time):
        own = by_index.pop(due.index, {})
        tally = counted.get(due.index, {})
        for subject in _whose(stream, due, scene, [*own, *tally]):
            yield _interval(stream, due, subject, own.get(subject, []), tally.get(subject, []), scene, found)
    for strays in by_index.values():
        for event in (event for some in strays.values() for event in some):
            found.append(Finding("interval.unknown", event.at, (event.id,), str(event.fields["interval"])))


def _tallied(
    stream: Stream, points: Sequence[Point], time: RunningTime
) -> Mapping[int, Mapping[str | None, list[Point]]]:
    """Points of a tally by window and subject; what was tapped out of view is not counted."""
    by_index: dict[int, dict[str | None, list[Point]]] = defaultdict(lambda: defaultdict(list))
    if stream.sampling.kind is not SamplingKind.TALLY:
        return by_index
    length = stream.sampling.length_ms or time.total
    if length <= 0 or time.total <= 0:
        return by_index
    last = (time.total - 1) // length
    for point in points:
        if point.stream == stream.id and "out-of-view" not in point.flags:
            by_index[min(time.of(point.at) // length, last)][point.subject].append(point)
    return by_index


def _interval(
    stream: Stream,
    due: Due,
    subject: str | None,
    events: list[Event],
    tally: list[Point],
    scene: Scene,
    found: list[Finding],
) -> Interval:
    ticks = _kept([event for event in events if event.kind == "tick"], stream, found)
    said = [event for event in events if event.kind == "interval"]
    observed = scene.watch_of(subject).overlap(due.start, due.end)
    if said and (ticks or tally):
        found.append(Finding("interval.contradiction", said[-1].at, tuple(event.id for event in said)))
    _note_late(stream, due, events, scene.time, found)
    codes = [tick.fields["code"] for tick in ticks] + [point.code for point in tally]
    return Interval(
        stream=stream.id,
        index=due.index,
        start=due.start,
        end=due.end,
        state=_state(due, bool(codes), said, observed, scene.time),
        observed_ms=observed,
        subject=subject,
        codes=tuple(sorted(set(codes))),
        events=tuple(event.id for event in events) + tuple(point.event for point in tally),
        values=_counts(codes) if stream.sampling.kind is SamplingKind.TALLY else (),
        modifiers=_modifiers(ticks),
    )


def _state(due: Due, has_codes: bool, said: list[Event], observed: int, time: RunningTime) -> str:
    if has_codes:
        return "ticked"
    if said:
        return "missed" if said[-1].fields.get("state") == "missed" else "empty"
    if observed == 0:
        return "out-of-view"
    whole = time.of(due.end) - due.running
    return "empty" if observed == whole and not due.cut else "partial"


def _counts(codes: list[str]) -> Values:
    return tuple((code, codes.count(code)) for code in sorted(set(codes)))


def _modifiers(ticks: list[Event]) -> tuple[tuple[str, Values], ...]:
    by_code: dict[str, dict[str, Any]] = {}
    for tick in ticks:
        if tick.fields.get("modifiers"):
            by_code.setdefault(tick.fields["code"], {}).update(tick.fields["modifiers"])
    return tuple((code, values(by_code[code])) for code in sorted(by_code))


def _kept(ticks: list[Event], stream: Stream, found: list[Finding]) -> list[Event]:
    """The ticks that stand where codes compete: one code to an exclusive or predominant interval."""
    kept: list[Event] = []
    for tick in ticks:
        rival = next((other for other in kept if _compete(stream, other, tick)), None)
        if rival is None:
            kept.append(tick)
            continue
        former, later = rival.fields["code"], tick.fields["code"]
        ranked = outranks(stream, former, later) or outranks(stream, later, former)
        if ranked and stream.priority_rule == "resolve":
            loser = later if outranks(stream, former, later) else former
            found.append(Finding("priority.resolved", tick.at, (rival.id, tick.id), loser))
            if loser == former:
                kept[kept.index(rival)] = tick
        elif _is_one_code(stream):
            found.append(Finding("exclusive.same_interval", tick.at, (rival.id, tick.id), former))
            kept[kept.index(rival)] = tick
        else:
            found.append(Finding("priority.competing", tick.at, (rival.id, tick.id)))
            kept.append(tick)
    return kept


def _is_one_code(stream: Stream) -> bool:
    return stream.exclusive or stream.sampling.kind is SamplingKind.PREDOMINANT_INTERVAL


def _compete(stream: Stream, one: Event, other: Event) -> bool:
    a, b = one.fields["code"], other.fields["code"]
    if a == b:
        return False
    return _is_one_code(stream) or (a in stream.priority and b in stream.priority)


def _note_late(stream: Stream, due: Due, events: list[Event], time: RunningTime, found: list[Finding]) -> None:
    grace = stream.sampling.late_after_ms
    if grace is None:
        return
    over = time.of(due.end)
    found += [
        Finding("interval.late", e.at, (e.id,))
        for e in events
        if e.kind == "tick" and time.of(e.at) - over > grace
    ]


# sample points


def scans(stream: Stream, events: Sequence[Event], scene: Scene, found: list[Finding]) -> Iterator[Scan]:
    """The sample points of one stream, for each subject, with what was seen, or that nothing was recorded."""
    by_index: dict[int, dict[str | None, list[Event]]] = defaultdict(lambda: defaultdict(list))
    for event in events:
        by_index[event.fields["sample"]][scene.subject_in(stream, event.subject)].append(event)
    for due in _due_or_come(stream, by_index, scene.time):
        own = by_index.pop(due.index, {})
        for subject in _whose(stream, due, scene, own):
            yield from _scans(stream, due, subject, own.get(subject, []), scene, found)
    for strays in by_index.values():
        for event in (event for some in strays.values() for event in some):
            found.append(Finding("sample.unknown", event.at, (event.id,), str(event.fields["sample"])))


def _due_or_come(
    stream: Stream, by_index: Mapping[int, Mapping[str | None, list[Event]]], time: RunningTime
) -> list[Due]:
    """The sample points that are due; a stream without a length has those that were taken, due when they were."""
    if stream.sampling.kind is SamplingKind.SNAPSHOTS or stream.sampling.length_ms:
        return list(samples_due(stream.sampling, time))
    firsts = {index: min(e.at for some in own.values() for e in some) for index, own in by_index.items()}
    return [Due(index, firsts[index], firsts[index], time.of(firsts[index])) for index in sorted(firsts)]


def _scans(
    stream: Stream, due: Due, subject: str | None, events: list[Event], scene: Scene, found: list[Finding]
) -> list[Scan]:
    seen = [event for event in events if event.fields.get("state") != "missed"]
    if not seen:
        return [_nothing_taken(stream, due, subject, events, scene)]
    if any(event.fields.get("counts") is not None for event in seen):
        groups = [seen]
    else:
        groups = [[event] for event in _one_each(stream, seen, found)]
    if len(seen) < len(events):
        found.append(Finding("scan.contradiction", events[-1].at, tuple(event.id for event in events)))
    return [_taken(stream, due, subject, group, scene.time, found) for group in groups]


def _nothing_taken(stream: Stream, due: Due, subject: str | None, events: list[Event], scene: Scene) -> Scan:
    if events:
        said = events[-1]
        return Scan(
            stream.id, due.index, due.start, said.at, "missed", subject, events=tuple(e.id for e in events)
        )
    state = "missed" if scene.watch_of(subject).holds(due.start) else "out-of-view"
    return Scan(stream.id, due.index, due.start, None, state, subject)


def _one_each(stream: Stream, events: list[Event], found: list[Finding]) -> list[Event]:
    """The later of two that say the same thing or that exclude each other; a code outweighs "nothing"."""
    kept: list[Event] = []
    for event in events:
        rival = next((other for other in kept if _exclude(stream, other, event)), None)
        if rival is None:
            kept.append(event)
        else:
            found.append(Finding("scan.repeated", event.at, (rival.id, event.id)))
            if event.fields.get("code") is not None or rival.fields.get("code") is None:
                kept[kept.index(rival)] = event
    return kept


def _exclude(stream: Stream, one: Event, other: Event) -> bool:
    a, b = one.fields.get("code"), other.fields.get("code")
    return stream.exclusive or a == b or a is None or b is None


def _taken(
    stream: Stream, due: Due, subject: str | None, events: list[Event], time: RunningTime, found: list[Finding]
) -> Scan:
    first, last = events[0], events[-1]
    counts = _merged(events)
    lag = time.of(first.at) - due.running
    state = "taken"
    if last.fields.get("state") == "empty" or (counts and not any(n for _, n in counts)):
        state = "empty"
    sampling = stream.sampling
    if sampling.missed_after_ms is not None and lag > sampling.missed_after_ms:
        state = "missed"
        found.append(Finding("scan.too_late", first.at, (first.id,), str(lag)))
    elif sampling.late_after_ms is not None and lag > sampling.late_after_ms:
        state = "late"
        found.append(Finding("scan.late", first.at, (first.id,), str(lag)))
    return Scan(
        stream.id, due.index, due.start, first.at, state, subject, last.fields.get("code"),
        values(last.fields.get("modifiers")), counts, tuple(event.id for event in events),
    )  # fmt: skip


def _merged(events: list[Event]) -> tuple[tuple[Values, int], ...]:
    """Counts of all passes added up, cell by cell; a cell counted as 0 stays, for it is a true zero."""
    total: dict[Values, int] = {}
    for event in events:
        for item in event.fields.get("counts") or ():
            cell = values(item["cell"])
            total[cell] = total.get(cell, 0) + item["n"]
    return tuple(sorted(total.items()))
