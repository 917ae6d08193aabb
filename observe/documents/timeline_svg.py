"""A session as lanes over time, in numbers that an SVG can be drawn from: no script, no inline style.

Lengths are in the drawing's own units, `WIDTH` across. Colours are classes, and every mark carries its words, so that
nothing rests on colour alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from frameworks.model import Framework, Stream
from observe.core.coding.record import Span, Timeline

WIDTH = 1000
GUTTER = 170
LANE = 22
GAP = 6
HEAD = 26
HUES = 8
ROOM_FOR_WORDS = 34


@dataclass(frozen=True, slots=True)
class Mark:
    """One drawn thing: `shape` is bar, tick, cell, dot or veil (a time that was not watched)."""

    shape: str
    x: float
    y: float
    width: float
    height: float
    hue: int
    words: str
    label: str = ""
    open_start: bool = False
    open_end: bool = False


@dataclass(frozen=True, slots=True)
class Lane:
    """One row with its name; `kind` says in words how the stream samples time."""

    label: str
    y: float
    height: float
    kind: str


@dataclass(frozen=True, slots=True)
class Stroke:
    """One line of the time axis."""

    x: float
    words: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """Everything, ready for the template."""

    width: int
    height: float
    lanes: tuple[Lane, ...]
    marks: tuple[Mark, ...]
    strokes: tuple[Stroke, ...]
    legend: tuple[tuple[int, str, str], ...]
    """hue, id and label of each code that was seen"""


@dataclass(slots=True)
class _Pen:
    """Where things come to stand while a session is drawn."""

    timeline: Timeline
    names: Mapping[str, str]
    lanes: list[Lane] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)
    y: float = HEAD

    def x(self, at: int) -> float:
        length = max(1, self.timeline.end - self.timeline.start)
        return round(GUTTER + (at - self.timeline.start) / length * (WIDTH - GUTTER - 4), 2)

    def lane(self, label: str, kind: str) -> float:
        self.lanes.append(Lane(label, self.y, LANE, kind))
        top, self.y = self.y, self.y + LANE + GAP
        return top

    def bar(self, span: Span, y: float, hue: int, label: str, words: str, *, start: bool, end: bool) -> None:
        left = self.x(span[0])
        width = max(0.6, round(self.x(span[1]) - left, 2))
        shown = label if width >= max(ROOM_FOR_WORDS, 7 * len(label)) else ""
        self.marks.append(Mark("bar", left, y + 2, width, LANE - 4, hue, words, shown, start, end))

    def tick(self, at: int, y: float, hue: int, words: str) -> None:
        self.marks.append(Mark("tick", self.x(at), y + 2, 0, LANE - 4, hue, words))

    def cell(self, span: Span, y: float, hue: int, words: str, label: str, shape: str = "cell") -> None:
        left = self.x(span[0])
        width = max(0.6, round(self.x(span[1]) - left - 0.6, 2))
        shown = label if width >= 7 * len(label) + 4 else ""
        self.marks.append(Mark(shape, left, y + 2, width, LANE - 4, hue, words, shown))


def clock(ms: int) -> str:
    """Minutes and seconds, with hours when there are any."""
    seconds, hours = abs(ms) // 1000, abs(ms) // 3_600_000
    minutes = seconds // 60 % 60
    sign = "−" if ms < 0 else ""
    return f"{sign}{hours}:{minutes:02}:{seconds % 60:02}" if hours else f"{sign}{minutes}:{seconds % 60:02}"


def draw(framework: Framework, timeline: Timeline, names: Mapping[str, str]) -> Drawing:
    """Lanes of every stream and subject, in the order of the framework. `names` are pseudonyms by subject."""
    pen = _Pen(timeline, names)
    legend: list[tuple[int, str, str]] = []
    hue = 0
    for stream in framework.streams:
        hues = {code.id: (hue + k) % HUES + 1 for k, code in enumerate(stream.codes)}
        seen = _seen(stream, timeline)
        legend += [(hues[code.id], code.id, str(code.label)) for code in stream.codes if code.id in seen]
        hue += len(stream.codes)
        for subject in _subjects(stream, timeline):
            _lanes(pen, stream, subject, hues)
    _veils(pen, None, HEAD, pen.y - GAP)
    strokes = tuple(Stroke(pen.x(at), clock(at)) for at in _times(timeline))
    return Drawing(WIDTH, pen.y + 4, tuple(pen.lanes), tuple(pen.marks), strokes, tuple(legend))


def _seen(stream: Stream, timeline: Timeline) -> set[str]:
    of = stream.id
    seen = {bout.code for bout in timeline.bouts if bout.stream == of}
    seen |= {point.code for point in timeline.points if point.stream == of}
    seen |= {code for one in timeline.intervals if one.stream == of for code in one.codes}
    return seen | {scan.code for scan in timeline.scans if scan.stream == of and scan.code}


def _subjects(stream: Stream, timeline: Timeline) -> tuple[str | None, ...]:
    parts: Iterable[Iterable[object]] = (timeline.bouts, timeline.points, timeline.intervals, timeline.scans)
    found = dict.fromkeys(
        getattr(one, "subject", None)
        for some in parts
        for one in some
        if getattr(one, "stream", None) == stream.id
    )
    return tuple(found) or (None,)


def _lanes(pen: _Pen, stream: Stream, subject: str | None, hues: Mapping[str, int]) -> None:
    name = str(stream.label) + (f" · {pen.names.get(subject, subject)}" if subject else "")
    kind = stream.sampling.kind.value.replace("-", " ")
    top = pen.y
    _draw_bouts(pen, stream, subject, hues, name, kind)
    points = [one for one in pen.timeline.points if one.stream == stream.id and one.subject == subject]
    if points:
        y = pen.lane(f"{name}: points", kind)
        for point in points:
            pen.tick(point.at, y, hues.get(point.code, 0), f"{point.code} at {clock(point.at)}")
    _draw_samples(pen, stream, subject, hues, name, kind)
    if pen.y == top:
        pen.lane(f"{name}: nothing seen", kind)
    if subject is not None:
        _veils(pen, subject, top, pen.y - GAP)


def _draw_bouts(
    pen: _Pen, stream: Stream, subject: str | None, hues: Mapping[str, int], name: str, kind: str
) -> None:
    bouts = [one for one in pen.timeline.bouts if one.stream == stream.id and one.subject == subject]
    codes = dict.fromkeys(one.code for one in bouts)
    rows = {code: pen.lane(name, kind) for code in list(codes)[:1]} if stream.exclusive else {}
    for code in codes:
        if not stream.exclusive:
            rows[code] = pen.lane(f"{name}: {code}", kind)
    y = next(iter(rows.values()), 0.0)
    for bout in bouts:
        words = f"{bout.code} from {clock(bout.start)} to {clock(bout.end)}"
        words += ", end not seen" if bout.censored_end else ""
        place = y if stream.exclusive else rows[bout.code]
        for piece in bout.pieces or ((bout.start, bout.end),):
            pen.bar(
                piece,
                place,
                hues.get(bout.code, 0),
                bout.code,
                words,
                start=bout.censored_start,
                end=bout.censored_end,
            )


def _draw_samples(
    pen: _Pen, stream: Stream, subject: str | None, hues: Mapping[str, int], name: str, kind: str
) -> None:
    intervals = [one for one in pen.timeline.intervals if one.stream == stream.id and one.subject == subject]
    if intervals:
        ticked = [code.id for code in stream.codes if any(code.id in one.codes for one in intervals)]
        for code in ticked or [""]:
            y = pen.lane(f"{name}: {code}" if code else f"{name}: nothing ticked", kind)
            for one in intervals:
                shape, hue = ("cell", hues.get(code, 0)) if code in one.codes else (f"cell-{one.state}", 0)
                state = code if code in one.codes else "not ticked" if one.state == "ticked" else one.state
                pen.cell((one.start, one.end), y, hue, f"interval {one.index + 1}: {state}", "", shape)
    scans = [one for one in pen.timeline.scans if one.stream == stream.id and one.subject == subject]
    if scans:
        y = pen.lane(f"{name}: scans", kind)
        for scan in scans:
            persons = sum(n for _, n in scan.counts)
            said = scan.code or (f"{persons} counted" if scan.counts else scan.state)
            hue = hues.get(scan.code or "", 0)
            words = f"scan {scan.index + 1}, due {clock(scan.due)}: {said}, {scan.state}"
            pen.marks.append(Mark(f"dot-{scan.state}", pen.x(scan.due), y + LANE / 2, 0, 0, hue, words))


def _veils(pen: _Pen, subject: str | None, top: float, bottom: float) -> None:
    """What was not watched, laid over the lanes it concerns."""
    words = "nobody watched" if subject is None else "out of view"
    for start, end in _holes(pen.timeline, subject):
        left = pen.x(start)
        width = max(0.6, round(pen.x(end) - left, 2))
        pen.marks.append(
            Mark("veil", left, top, width, max(0.0, bottom - top), 0, f"{words} {clock(start)} to {clock(end)}")
        )


def _holes(timeline: Timeline, subject: str | None) -> Iterator[Span]:
    at = timeline.start
    for start, end in timeline.observed_of(subject).spans:
        if start > at:
            yield at, start
        at = max(at, end)
    if at < timeline.end:
        yield at, timeline.end


def _times(timeline: Timeline) -> Iterator[int]:
    """Round times, at most a dozen of them."""
    length = max(1, timeline.end - timeline.start)
    steps = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 28800, 86400)
    step = next((one * 1000 for one in steps if length / (one * 1000) <= 12), length)
    yield from range(timeline.start, timeline.end + 1, step)
