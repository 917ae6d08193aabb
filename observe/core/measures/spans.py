"""Stretches of time as sorted, disjoint, half-open spans of milliseconds."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence

from observe.core.coding.record import Span


def union(spans: Iterable[Span]) -> tuple[Span, ...]:
    """The same time without overlaps; spans that touch become one."""
    joined: list[Span] = []
    for start, end in sorted(span for span in spans if span[1] > span[0]):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return tuple(joined)


def intersection(left: Sequence[Span], right: Sequence[Span]) -> tuple[Span, ...]:
    """The time that is in both; either may be given unsorted."""
    a, b = union(left), union(right)
    found: list[Span] = []
    i = j = 0
    while i < len(a) and j < len(b):
        start, end = max(a[i][0], b[j][0]), min(a[i][1], b[j][1])
        if start < end:
            found.append((start, end))
        if a[i][1] < b[j][1]:
            i += 1
        else:
            j += 1
    return tuple(found)


def difference(left: Sequence[Span], right: Sequence[Span]) -> tuple[Span, ...]:
    """The time of `left` that is not in `right`."""
    found: list[Span] = []
    holes = union(right)
    for start, end in union(left):
        at = start
        for hole_start, hole_end in holes:
            if hole_end <= at or hole_start >= end:
                continue
            if hole_start > at:
                found.append((at, hole_start))
            at = max(at, hole_end)
        if at < end:
            found.append((at, end))
    return tuple(found)


def length(spans: Sequence[Span]) -> int:
    """Milliseconds in disjoint spans."""
    return sum(end - start for start, end in spans)


def place_of(at: int, spans: Sequence[Span]) -> int | None:
    """The number of the sorted span that holds this instant, or None outside all of them."""
    k = bisect_right(spans, at, key=lambda span: span[0]) - 1
    return k if k >= 0 and at < spans[k][1] else None


def place_of_onset(at: int, spans: Sequence[Span]) -> int | None:
    """As `place_of`, but the very last instant of the record still belongs to it: the final tap is not lost."""
    found = place_of(at, spans)
    if found is None and spans and at == spans[-1][1]:
        return len(spans) - 1
    return found


def elapsed(at: int, spans: Sequence[Span], *, since: int) -> int:
    """Observed time between two instants, out of view and pauses left out."""
    return sum(max(0, min(end, at) - max(start, since)) for start, end in spans)
