"""When somebody could be seen: the window less pauses, out of view, and the time before arriving and after leaving."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence

from observe.core.coding.record import Span

Seen = tuple[int, int, str]
"""[start, end) that could be seen, and what ended it: pause, out-of-view, leave or end"""

PAUSE, OUT, LEAVE = "pause", "out-of-view", "leave"


class Change:
    """A turn in what can be seen: `blocks` or lifts one hindrance, for one subject or (None) for everyone."""

    __slots__ = ("at", "blocks", "hindrance", "subject")

    def __init__(self, at: int, subject: str | None, hindrance: str, blocks: bool) -> None:
        self.at = at
        self.subject = subject
        self.hindrance = hindrance
        self.blocks = blocks


def seen_spans(
    changes: Iterable[Change], subject: str | None, end: int, *, absent_first: bool = False
) -> list[Seen]:
    """What could be seen of a subject. Changes are in order; spans that touch (a pause of no length) are one."""
    hindered: set[tuple[bool, str]] = {(True, LEAVE)} if absent_first else set()
    since = -1 if hindered else 0
    spans: list[Seen] = []
    for change in changes:
        if change.subject is not None and change.subject != subject:
            continue
        at = min(max(change.at, 0), end)
        key = (change.subject is not None, change.hindrance)
        if change.blocks:
            if not hindered:
                _add(spans, since, at, change.hindrance)
            hindered.add(key)
        elif key in hindered:
            hindered.discard(key)
            if not hindered:
                since = at
    if not hindered:
        _add(spans, since, end, "end")
    return spans


def _add(spans: list[Seen], start: int, end: int, reason: str) -> None:
    if spans and spans[-1][1] == start:
        spans[-1] = (spans[-1][0], end, reason)
    elif end > start:
        spans.append((start, end, reason))


def plain(spans: Sequence[Seen]) -> tuple[Span, ...]:
    """The spans without what ended them."""
    return tuple((start, end) for start, end, _ in spans)


class Watch:
    """Spans with quick answers: what of a stretch was seen, and whether a moment was."""

    __slots__ = ("ends", "spans")

    def __init__(self, spans: Sequence[Seen]) -> None:
        self.spans = spans
        self.ends = [end for _, end, _ in spans]

    def overlap(self, start: int, end: int) -> int:
        """Milliseconds of [start, end) that were seen."""
        return sum(min(e, end) - max(s, start) for s, e, _ in self.pieces(start, end))

    def pieces(self, start: int, end: int) -> list[Seen]:
        """The parts of [start, end) that were seen; the reason is that of the span that held the part."""
        found: list[Seen] = []
        if end <= start:
            return found
        for i in range(bisect_right(self.ends, start), len(self.spans)):
            s, e, reason = self.spans[i]
            if s >= end:
                break
            found.append((max(s, start), min(e, end), reason))
        return found

    def holds(self, at: int) -> bool:
        """Whether this moment could be seen."""
        i = bisect_right(self.ends, at)
        return i < len(self.spans) and self.spans[i][0] <= at
