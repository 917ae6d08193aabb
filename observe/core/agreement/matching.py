"""Putting the records of one happening side by side: units of time, intervals, samples, ratings, lists of events.

Every unit keeps its place in time, so that a disagreement can be opened at its moment on each observer's record.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from frameworks.model import Stream
from observe.core.agreement.coefficient import Coefficient, Floats, Ints, undefined
from observe.core.coding.record import Bout, Span, Timeline
from observe.core.measures.durations import pieces_of
from observe.core.measures.session import VALID_SCANS, watched_in
from observe.core.measures.spans import intersection, place_of, union

NO_CODE = ""
"""the category of a unit that was watched and has no code"""

MISSING = -1


@dataclass(frozen=True, slots=True)
class Watched:
    """One observer's record of a happening. `ahead_ms`: how far its zero lies after the zero of the common time."""

    observer: str
    timeline: Timeline
    ahead_ms: int = 0
    session: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a unit lies in common time, whom it is about, and what it is called."""

    start: int
    end: int
    subject: str | None = None
    what: str = ""


@dataclass(frozen=True, slots=True)
class Units:
    """What each observer made of each unit: observers × units numbers of `categories`, −1 where not both could say."""

    observers: tuple[str, ...]
    categories: tuple[str, ...]
    codes: Ints
    places: tuple[Place, ...]

    def only(self, category: str) -> Units:
        """The same units asked one question: was it this category (1) or another (0)?"""
        number = self.categories.index(category)
        asked = np.where(self.codes < 0, MISSING, (self.codes == number).astype(np.int64))
        return Units(self.observers, ("other", category), asked, self.places)


def subjects_in(stream: Stream, records: Sequence[Watched]) -> tuple[str | None, ...]:
    """All subjects anyone recorded in this stream, in the order of the records."""
    found: dict[str | None, None] = {}
    for record in records:
        t = record.timeline
        for group in (t.points, t.bouts, t.intervals, t.scans, t.ratings):
            found.update(dict.fromkeys(one.subject for one in group if one.stream == stream.id))
    return tuple(found) or (None,)


def common_spans(stream: Stream, records: Sequence[Watched], subject: str | None) -> tuple[Span, ...]:
    """When every observer could see this subject, in common time: nothing else can be compared."""
    together: tuple[Span, ...] | None = None
    for record in records:
        seen = watched_in(record.timeline, stream, subject)
        moved = tuple((a + record.ahead_ms, b + record.ahead_ms) for a, b in seen)
        together = moved if together is None else intersection(together, moved)
    return together or ()


def _bouts(stream: Stream, record: Watched, subject: str | None) -> Iterator[Bout]:
    return (b for b in record.timeline.bouts if b.stream == stream.id and b.subject == subject)


def instants(spans: Sequence[Span], unit_ms: int) -> Ints:
    """Each `unit_ms` from the first common instant on, where everyone watched."""
    if not spans:
        return np.empty(0, np.int64)
    every = np.arange(spans[0][0], spans[-1][1], unit_ms, dtype=np.int64)
    starts = np.array([a for a, _ in spans], np.int64)
    ends = np.array([b for _, b in spans], np.int64)
    held = np.searchsorted(starts, every, side="right") - 1
    return every[(held >= 0) & (every < ends[held])]


def track(bouts: Iterable[Bout], at: Ints, number_by_code: dict[str, int], *, ahead_ms: int, none: int) -> Ints:
    """The code running at each instant (the one begun later where two run); `none` where there is no code."""
    found = np.full(len(at), none, np.int64)
    for bout in sorted(bouts, key=lambda one: one.start):
        number = number_by_code.get(bout.code)
        if number is not None:
            for start, end in pieces_of(bout):
                a, b = np.searchsorted(at, (start + ahead_ms, end + ahead_ms))
                found[a:b] = number
    return found


def categories_of(stream: Stream, used: Iterable[str] = ()) -> tuple[str, ...]:
    """The stream's codes in order, then any other that was recorded, then "no code"."""
    return (*dict.fromkeys([*(code.id for code in stream.codes), *sorted(set(used))]), NO_CODE)


def time_units(stream: Stream, records: Sequence[Watched], *, unit_ms: int = 1000) -> Units:
    """Exclusive states: which code ran at each `unit_ms` of common observed time, subjects one after another."""
    used = {b.code for record in records for b in record.timeline.bouts if b.stream == stream.id}
    categories = categories_of(stream, used)
    numbers = {code: k for k, code in enumerate(categories)}
    tracks, places = [], list[Place]()
    for subject in subjects_in(stream, records):
        at = instants(common_spans(stream, records, subject), unit_ms)
        tracks.append(
            np.array(
                [
                    track(
                        _bouts(stream, record, subject),
                        at,
                        numbers,
                        ahead_ms=record.ahead_ms,
                        none=numbers[NO_CODE],
                    )
                    for record in records
                ]
            )
        )
        places += [Place(int(t), int(t) + unit_ms, subject) for t in at]
    return Units(_names(records), categories, np.concatenate(tracks, axis=1), tuple(places))


def presence_units(stream: Stream, records: Sequence[Watched], code: str, *, unit_ms: int = 1000) -> Units:
    """States that may overlap: was this one on at each `unit_ms`, yes or no?"""
    tracks, places = [], list[Place]()
    for subject in subjects_in(stream, records):
        at = instants(common_spans(stream, records, subject), unit_ms)
        tracks.append(
            np.array(
                [
                    track(_bouts(stream, record, subject), at, {code: 1}, ahead_ms=record.ahead_ms, none=0)
                    for record in records
                ]
            )
        )
        places += [Place(int(t), int(t) + unit_ms, subject, code) for t in at]
    return Units(_names(records), ("other", code), np.concatenate(tracks, axis=1), tuple(places))


def interval_units(stream: Stream, records: Sequence[Watched], code: str) -> Units:
    """Was this code ticked in each interval? An interval that an observer missed is missing, not empty."""
    keys = _keys(
        (
            (one.subject, one.index, one.start, one.end)
            for one in record.timeline.intervals
            if one.stream == stream.id
        )
        for record in records
    )
    rows = []
    for record in records:
        said = {
            (one.subject, one.index): int(code in one.codes)
            for one in record.timeline.intervals
            if one.stream == stream.id and one.state in {"ticked", "empty"}
        }
        rows.append([said.get(key, MISSING) for key in keys])
    places = tuple(
        Place(start, end, subject, f"{code}, interval {k + 1}") for (subject, k), (start, end) in keys.items()
    )
    return Units(_names(records), ("other", code), _matrix(rows), places)


def scan_units(stream: Stream, records: Sequence[Watched]) -> Units:
    """What each subject was doing at each sample; missed samples are missing, empty ones have no code."""
    categories = categories_of(stream)
    numbers = {code: k for k, code in enumerate(categories)}
    keys = _keys(
        ((one.subject, one.index, one.due, one.due) for one in record.timeline.scans if one.stream == stream.id)
        for record in records
    )
    rows = []
    for record in records:
        said = {
            (one.subject, one.index): numbers.get(one.code or NO_CODE, MISSING)
            for one in record.timeline.scans
            if one.stream == stream.id and one.state in VALID_SCANS
        }
        rows.append([said.get(key, MISSING) for key in keys])
    places = tuple(Place(due, due, subject, f"sample {k + 1}") for (subject, k), (due, _) in keys.items())
    return Units(_names(records), categories, _matrix(rows), places)


def sampled_together(stream: Stream, records: Sequence[Watched]) -> bool:
    """Whether any observer saw two codes of one subject at one sample: then each code is asked about by itself."""
    for record in records:
        seen: set[tuple[str | None, int]] = set()
        for one in record.timeline.scans:
            if one.stream == stream.id and one.code is not None:
                if (one.subject, one.index) in seen:
                    return True
                seen.add((one.subject, one.index))
    return False


def sampled_units(stream: Stream, records: Sequence[Watched], code: str) -> Units:
    """Was the subject doing this at each sample, yes or no?"""
    keys = _keys(
        ((one.subject, one.index, one.due, one.due) for one in record.timeline.scans if one.stream == stream.id)
        for record in records
    )
    rows = []
    for record in records:
        said: dict[tuple[str | None, int], int] = {}
        for one in record.timeline.scans:
            if one.stream == stream.id and one.state in VALID_SCANS:
                key = (one.subject, one.index)
                said[key] = max(said.get(key, 0), int(one.code == code))
        rows.append([said.get(key, MISSING) for key in keys])
    places = tuple(Place(due, due, subject, f"{code}, sample {k + 1}") for (subject, k), (due, _) in keys.items())
    return Units(_names(records), ("other", code), _matrix(rows), places)


def count_values(stream: Stream, records: Sequence[Watched]) -> tuple[tuple[Place, ...], Floats]:
    """Persons counted in each cell of each scan, observers × units: a cell not named in a taken scan is a zero."""
    cells = dict.fromkeys(
        (scan.code, cell)
        for record in records
        for scan in record.timeline.scans
        if scan.stream == stream.id
        for cell, _ in scan.counts
    )
    samples = dict.fromkeys(
        (scan.subject, scan.index, scan.due)
        for record in records
        for scan in record.timeline.scans
        if scan.stream == stream.id
    )
    rows = []
    for record in records:
        mine = [one for one in record.timeline.scans if one.stream == stream.id and one.state in VALID_SCANS]
        taken = {(one.subject, one.index) for one in mine}
        said: dict[tuple[object, ...], float] = {}
        for one in mine:
            for cell, n in one.counts:
                key = (one.subject, one.index, one.code, cell)
                said[key] = said.get(key, 0.0) + n
        rows.append(
            [
                said.get((subject, k, code, cell), 0.0) if (subject, k) in taken else np.nan
                for subject, k, _ in samples
                for code, cell in cells
            ]
        )
    places = tuple(
        Place(due, due, subject, " × ".join([*([code] if code else []), *(str(option) for _, option in cell)]))
        for subject, _, due in samples
        for code, cell in cells
    )
    return places, np.array(rows, float).reshape(len(records), -1)


def rating_values(
    stream: Stream, records: Sequence[Watched], rating: str | None = None
) -> tuple[tuple[Place, ...], Floats]:
    """Values given to each rating of each subject and interval, observers × units. "Cannot judge" is missing here."""
    keys: dict[tuple[str, str | None, int | None], int] = {}
    rows: list[dict[tuple[str, str | None, int | None], float]] = []
    for record in records:
        said: dict[tuple[str, str | None, int | None], float] = {}
        for one in record.timeline.ratings:
            if one.stream == stream.id and rating in (None, one.rating):
                key = (one.rating, one.subject, one.interval)
                keys.setdefault(key, one.at + record.ahead_ms)
                if one.value is not None:
                    said[key] = one.value
        rows.append(said)
    values = np.array([[said.get(key, np.nan) for key in keys] for said in rows], float).reshape(len(records), -1)
    places = tuple(Place(at, at, subject, name) for (name, subject, _), at in keys.items())
    return places, values


def _names(records: Sequence[Watched]) -> tuple[str, ...]:
    return tuple(record.observer for record in records)


def _matrix(rows: Sequence[Sequence[int]]) -> Ints:
    return np.array(rows, np.int64).reshape(len(rows), -1)


def _keys(
    listed: Iterable[Iterable[tuple[str | None, int, int, int]]],
) -> dict[tuple[str | None, int], Span]:
    found: dict[tuple[str | None, int], Span] = {}
    for one in listed:
        for subject, index, start, end in one:
            found.setdefault((subject, index), (start, end))
    return dict(sorted(found.items(), key=lambda item: (item[0][0] or "", item[0][1])))


def tolerant(first: Ints, second: Ints, tolerance: int) -> Ints:
    """The second track as the first allows it: a unit takes the first's code where the second has it within ±τ units.

    The relation is not symmetric, so both directions are reported (Bakeman, Quera & Gnisci 2009). Units are taken as
    neighbours in the order given.
    """
    near = first == second
    for shift in range(1, tolerance + 1):
        near[shift:] |= first[shift:] == second[:-shift]
        near[:-shift] |= first[:-shift] == second[shift:]
    return np.where(near & (second >= 0), first, second)


# ---- lists of events -----------------------------------------------------------------------------------------------

GAP, MISMATCH = 2, 3
"""Costs of the alignment: two events left alone cost 4, one pair of unlike codes 3, a pair of like codes 0.
So unlike codes close in time are one disagreement about what happened, not two about whether something did."""


@dataclass(frozen=True, slots=True)
class Event:
    """An onset in common time. `at` in ms."""

    code: str
    at: int
    event: str = ""
    subject: str | None = None


Pair = tuple[Event | None, Event | None]


def align(first: Sequence[Event], second: Sequence[Event], *, tolerance_ms: int) -> tuple[Pair, ...]:
    """The cheapest order-keeping pairing of two lists (Needleman & Wunsch 1970; Quera, Bakeman & Gnisci 2007).

    Events pair only within the tolerance; ties prefer the smaller differences of time. Where nothing happens for
    longer than the tolerance the lists are cut, which changes nothing and keeps long sessions quick.
    """
    pairs: list[Pair] = []
    for left, right in _stretches(first, second, tolerance_ms):
        pairs += _aligned(left, right, tolerance_ms)
    return tuple(pairs)


def _stretches(
    first: Sequence[Event], second: Sequence[Event], tolerance_ms: int
) -> Iterator[tuple[list[Event], list[Event]]]:
    merged = sorted(
        [(e.at, 0, k, e) for k, e in enumerate(first)] + [(e.at, 1, k, e) for k, e in enumerate(second)],
        key=lambda one: one[:3],
    )
    held: tuple[list[Event], list[Event]] = ([], [])
    last: int | None = None
    for at, side, _, event in merged:
        if last is not None and at - last > tolerance_ms:
            yield held
            held = ([], [])
        held[side].append(event)
        last = at
    if last is not None:
        yield held


_SECONDARY = 1 << 40
"""Costs weigh more than any sum of time differences."""


def _aligned(a: Sequence[Event], b: Sequence[Event], tolerance_ms: int) -> list[Pair]:
    n, m = len(a), len(b)
    cost = [[0] * (m + 1) for _ in range(n + 1)]
    came = [[""] * (m + 1) for _ in range(n + 1)]
    for i in range(n + 1):
        for j in range(m + 1):
            ways: list[tuple[int, str]] = []
            if i and j and abs(a[i - 1].at - b[j - 1].at) <= tolerance_ms:
                unlike = MISMATCH * _SECONDARY if a[i - 1].code != b[j - 1].code else 0
                ways.append((cost[i - 1][j - 1] + unlike + abs(a[i - 1].at - b[j - 1].at), "both"))
            if i:
                ways.append((cost[i - 1][j] + GAP * _SECONDARY, "first"))
            if j:
                ways.append((cost[i][j - 1] + GAP * _SECONDARY, "second"))
            if ways:
                cost[i][j], came[i][j] = min(ways, key=lambda way: way[0])
    pairs: list[Pair] = []
    i, j = n, m
    while i or j:
        step = came[i][j]
        i, j = i - (step != "second"), j - (step != "first")
        pairs.append((a[i] if step != "second" else None, b[j] if step != "first" else None))
    return pairs[::-1]


def events_of(stream: Stream, record: Watched, subject: str | None, spans: Sequence[Span]) -> list[Event]:
    """Onsets of points and bouts, in common time, while everyone watched."""
    t = record.timeline
    found = [
        Event(p.code, p.at + record.ahead_ms, p.event, subject)
        for p in t.points
        if p.stream == stream.id and p.subject == subject and "out-of-view" not in p.flags
    ]
    found += [
        Event(b.code, b.start + record.ahead_ms, b.event, subject)
        for b in _bouts(stream, record, subject)
        if b.part == 0 and not b.censored_start
    ]
    together = union(spans)
    last = together[-1][1] if together else None
    kept = [e for e in found if place_of(e.at, together) is not None or e.at == last]
    return sorted(kept, key=lambda e: (e.at, e.code))


def event_table(pairs: Iterable[Pair], codes: Sequence[str]) -> Ints:
    """Pairs by code, with a last row and column for events that the other observer has not: nil."""
    number, nil = {code: k for k, code in enumerate(codes)}, len(codes)
    table = np.zeros((nil + 1, nil + 1), np.int64)
    for first, second in pairs:
        table[number[first.code] if first else nil, number[second.code] if second else nil] += 1
    return table


def event_kappa_values(tables: Floats, *, sweeps: int = 200) -> Floats:
    """Kappa of each aligned table of a stack. Nil with nil cannot be seen: it is a structural zero, and expected
    counts come from iterative proportional fitting over the other cells (Bakeman & Quera 2011, ch. 6)."""
    stack = np.atleast_3d(tables).astype(float) if tables.ndim < 3 else tables.astype(float)
    rows, columns = stack.sum(-1), stack.sum(-2)
    fitted = np.ones_like(stack)
    fitted[..., -1, -1] = 0
    # where nobody left an event alone, the nil row and column are empty and the table is an ordinary one
    for _ in range(sweeps):
        fitted *= _quotient(rows, fitted.sum(-1))[..., None]
        fitted *= _quotient(columns, fitted.sum(-2))[..., None, :]
    n = stack.sum((-2, -1))
    with np.errstate(divide="ignore", invalid="ignore"):
        po = np.trace(stack, axis1=-2, axis2=-1) / n
        pe = np.trace(fitted, axis1=-2, axis2=-1) / n
        found: Floats = np.where(1 - pe > 1e-12, (po - pe) / (1 - pe), np.nan)
    return found


def _quotient(top: Floats, bottom: Floats) -> Floats:
    return np.divide(top, bottom, out=np.zeros_like(top), where=bottom > 0)


EVENT_KAPPA = f"event-alignment kappa (pair unlike {MISMATCH / 2:g}, leave alone {GAP / 2:g})"


def event_kappa(table: Ints) -> Coefficient:
    """Kappa of one aligned table, its costs in its name: other programs' costs give other numbers."""
    n = int(table.sum())
    if not n:
        return undefined(EVENT_KAPPA, 0, "undefined: nobody recorded an event")
    po = float(np.trace(table)) / n
    value = float(event_kappa_values(table.astype(float)[None])[0])
    if np.isnan(value):
        return undefined(EVENT_KAPPA, n, "undefined: no variation, chance alone would agree always", observed=po)
    return Coefficient(EVENT_KAPPA, value, n, po, 1 - (1 - po) / (1 - value) if value != 1 else None)


def interval_agreement(first: Sequence[int], second: Sequence[int]) -> tuple[Coefficient, Coefficient]:
    """Counts by interval, as behaviour analysts compare them: smaller/larger of the totals, and % of intervals equal."""
    small, large = sorted((sum(first), sum(second)))
    n = len(first)
    if not n:
        return undefined("marginal agreement", 0, "undefined: no interval"), undefined(
            "exact interval agreement", 0, "undefined: no interval"
        )
    equal = sum(1 for a, b in zip(first, second, strict=True) if a == b)
    marginal = (
        Coefficient("marginal agreement", small / large, n)
        if large
        else undefined("marginal agreement", n, "undefined: neither observer counted anything")
    )
    return marginal, Coefficient("exact interval agreement", equal / n, n)


def counts_by_interval(events: Iterable[Event], spans: Sequence[Span], length_ms: int) -> list[int]:
    """How many onsets fell in each whole interval of common observed time."""
    cuts = [a for start, end in spans for a in range(start, end - length_ms + 1, length_ms)]
    found = [0] * len(cuts)
    for event in events:
        for k, a in enumerate(cuts):
            if a <= event.at < a + length_ms:
                found[k] += 1
                break
    return found
