"""One record out of two: what both saw stands, and each difference waits for a person to decide it.

The observers' own records are never changed; the consensus is a third, and says which of its parts were decided.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from frameworks.model import Stream
from observe.core.agreement.matching import (
    Pair,
    Watched,
    align,
    common_spans,
    events_of,
    subjects_in,
)
from observe.core.coding.record import Bout, Point, Span
from observe.core.measures.durations import pieces_of
from observe.core.measures.spans import intersection

FIRST, SECOND, NEITHER = "first", "second", "neither"
"""What can be decided of a question, beside a code"""


@dataclass(frozen=True, slots=True)
class Question:
    """A stretch of common time, or a moment, on which two records differ. `first` and `second` are codes or None."""

    id: str
    subject: str | None
    start: int
    end: int
    first: str | None
    second: str | None
    kind: str
    """state or point"""


@dataclass(frozen=True, slots=True)
class Consensus:
    """What both saw and what was decided, in common time, with the questions still open: their time has no code."""

    bouts: tuple[Bout, ...]
    points: tuple[Point, ...]
    questions: tuple[Question, ...]
    open: tuple[Question, ...]
    agreed_ms: int
    decided_ms: int


def consensus(
    stream: Stream,
    first: Watched,
    second: Watched,
    decisions: Mapping[str, str] | None = None,
    *,
    tolerance_ms: int = 0,
) -> Consensus:
    """A third record from two. A decision is `first`, `second`, `neither` or the id of another code, by question id.

    States are compared to the millisecond (in an exclusive stream as one track, else code by code); points are
    aligned within the tolerance, and an agreed point is at the mean of its two moments.
    """
    decided = dict(decisions or {})
    questions: list[Question] = []
    bouts: list[Bout] = []
    points: list[Point] = []
    agreed_ms = decided_ms = 0
    for subject in subjects_in(stream, (first, second)):
        for piece in _pieces(stream, first, second, subject):
            code, by = piece.first, "agreed"
            if piece.first != piece.second:
                questions.append(piece)
                code, by = _decided(piece, decided), "decided"
                decided_ms += piece.end - piece.start if piece.id in decided else 0
            else:
                agreed_ms += piece.end - piece.start
            if code is not None:
                bouts.append(_bout(stream, piece, code, by))
        for question, point in _points(stream, first, second, subject, tolerance_ms, decided):
            questions += [question] if question else []
            points += [point] if point else []
    still = tuple(question for question in questions if question.id not in decided)
    return Consensus(_joined(bouts), tuple(points), tuple(questions), still, agreed_ms, decided_ms)


def _decided(question: Question, decisions: Mapping[str, str]) -> str | None:
    choice = decisions.get(question.id, NEITHER)
    by_name = {FIRST: question.first, SECOND: question.second, NEITHER: None}
    return by_name.get(choice, choice)


def _pieces(stream: Stream, first: Watched, second: Watched, subject: str | None) -> Iterator[Question]:
    """Common time cut at every boundary of either record."""
    spans = common_spans(stream, (first, second), subject)
    groups: list[tuple[str, ...]] = [tuple(code.id for code in stream.codes)]
    if not stream.exclusive:
        groups = [(code.id,) for code in stream.codes]
    for group in groups:
        left, right = (_tracks(stream, one, subject, group, spans) for one in (first, second))
        edges = sorted(
            {at for start, end, _ in (*left, *right) for at in (start, end)} | {at for s in spans for at in s}
        )
        for start, end in pairwise(edges):
            if any(a <= start and end <= b for a, b in spans):
                said = [next((c for a, b, c in track if a <= start and end <= b), None) for track in (left, right)]
                name = f"{stream.id}/{subject or ''}/{'' if stream.exclusive else group[0]}/{start}-{end}"
                yield Question(name, subject, start, end, said[0], said[1], "state")


def _tracks(
    stream: Stream, record: Watched, subject: str | None, codes: Sequence[str], spans: Sequence[Span]
) -> list[tuple[int, int, str]]:
    return [
        (start, end, bout.code)
        for bout in record.timeline.bouts
        if bout.stream == stream.id and bout.subject == subject and bout.code in codes
        for start, end in intersection(
            [(a + record.ahead_ms, b + record.ahead_ms) for a, b in pieces_of(bout)], spans
        )
    ]


def _bout(stream: Stream, piece: Question, code: str, by: str) -> Bout:
    span = (piece.start, piece.end)
    return Bout(piece.id, *span, stream.id, code, piece.subject, pieces=(span,), flags=(by,))


def _joined(bouts: Sequence[Bout]) -> tuple[Bout, ...]:
    """Touching pieces of one code are one bout again; it is flagged `decided` if any of it was."""
    found: list[Bout] = []
    for bout in sorted(bouts, key=lambda b: (b.subject or "", b.code, b.start)):
        last = found[-1] if found else None
        if last and (last.subject, last.code, last.end) == (bout.subject, bout.code, bout.start):
            flags = tuple(sorted({*last.flags, *bout.flags}))
            found[-1] = replace(last, end=bout.end, pieces=((last.start, bout.end),), flags=flags)
        else:
            found.append(bout)
    return tuple(sorted(found, key=lambda b: (b.start, b.subject or "", b.code)))


def _points(
    stream: Stream,
    first: Watched,
    second: Watched,
    subject: str | None,
    tolerance_ms: int,
    decisions: Mapping[str, str],
) -> Iterator[tuple[Question | None, Point | None]]:
    spans = common_spans(stream, (first, second), subject)
    left, right = (events_of(stream, _only_points(one), subject, spans) for one in (first, second))
    for pair in align(left, right, tolerance_ms=tolerance_ms):
        times = [event.at for event in pair if event]
        at, said = sum(times) // len(times), _said(pair)
        if said[0] == said[1] and said[0] is not None:
            yield None, Point(f"{stream.id}/{at}", at, stream.id, said[0], subject, flags=("agreed",))
            continue
        name = f"{stream.id}/{subject or ''}/point/" + "+".join(event.event if event else "nil" for event in pair)
        question = Question(name, subject, min(times), max(times), said[0], said[1], "point")
        code = _decided(question, decisions)
        yield question, Point(name, at, stream.id, code, subject, flags=("decided",)) if code else None


def _only_points(record: Watched) -> Watched:
    return replace(record, timeline=replace(record.timeline, bouts=()))


def _said(pair: Pair) -> tuple[str | None, str | None]:
    return pair[0].code if pair[0] else None, pair[1].code if pair[1] else None
