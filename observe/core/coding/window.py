"""A part of a session: what was recorded from one moment to another, and nothing of what lay outside."""

from __future__ import annotations

from dataclasses import replace

from observe.core.coding.record import Bout, Observed, Span, Timeline, Turn


def within(timeline: Timeline, start: int, end: int) -> Timeline:
    """The record of [start, end). Bouts that reach in or out are cut there and censored, so that they neither begin nor
    end at the edge; intervals that are not wholly inside, and samples due outside, are not in it."""
    inside = (max(start, timeline.start), min(end, timeline.end))
    if inside[0] >= inside[1]:
        inside = (inside[0], inside[0])
    points = tuple(one for one in timeline.points if inside[0] <= one.at < inside[1])
    bouts = tuple(cut for one in timeline.bouts if (cut := _cut(one, inside)))
    there = {point.event for point in points} | {bout.event for bout in bouts}
    return replace(
        timeline,
        start=inside[0],
        end=inside[1],
        pauses=_spans(timeline.pauses, inside),
        points=points,
        bouts=bouts,
        intervals=tuple(one for one in timeline.intervals if inside[0] <= one.start and one.end <= inside[1]),
        scans=tuple(one for one in timeline.scans if inside[0] <= one.due < inside[1]),
        ratings=tuple(one for one in timeline.ratings if inside[0] <= one.at < inside[1]),
        links=tuple(one for one in timeline.links if one.from_event in there),
        notes=tuple(one for one in timeline.notes if inside[0] <= one.at < inside[1]),
        observed=tuple(Observed(one.subject, _spans(one.spans, inside)) for one in timeline.observed),
        turns=tuple(
            Turn(one.stream, one.subject, max(one.start, inside[0]), min(one.end, inside[1]))
            for one in timeline.turns
            if one.start < inside[1] and one.end > inside[0]
        ),
    )


def _spans(spans: tuple[Span, ...], inside: Span) -> tuple[Span, ...]:
    cut = ((max(start, inside[0]), min(end, inside[1])) for start, end in spans)
    return tuple((start, end) for start, end in cut if start < end)


def _cut(bout: Bout, inside: Span) -> Bout | None:
    start, end = max(bout.start, inside[0]), min(bout.end, inside[1])
    if start >= end:
        return None
    return replace(
        bout,
        start=start,
        end=end,
        pieces=_spans(bout.pieces, inside),
        censored_start=bout.censored_start or start > bout.start,
        censored_end=bout.censored_end or end < bout.end,
        closed_by=bout.closed_by if end == bout.end else "end",
    )
