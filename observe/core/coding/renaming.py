"""A record in other ids: sessions of several framework versions read by the codes that they have in common."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from observe.core.coding.record import Bout, Interval, Scan, Timeline, Values
from observe.core.measures.spans import union

Names = Mapping[str, str]


def renamed(timeline: Timeline, codes: Names, streams: Names) -> Timeline:
    """The record with other ids for codes (ratings too) and streams; what is not named keeps its id.

    Bouts of codes that became one, and that touch or overlap, are one bout: whoever had had only the one code would
    have seen one. Of an interval's ticks each code counts once, and tallies are added up.
    """

    def moved(one: Any) -> Any:
        """In the other ids, whether it has a code or a rating."""
        other: dict[str, Any] = {"stream": streams.get(one.stream, one.stream)}
        for name in ("code", "rating"):
            if getattr(one, name, None) is not None:
                other[name] = codes.get(getattr(one, name), getattr(one, name))
        return replace(one, **other)

    became_one = merged(codes)
    return replace(
        timeline,
        points=tuple(map(moved, timeline.points)),
        bouts=joined([(bout, moved(bout)) for bout in timeline.bouts], became_one),
        intervals=tuple(moved(_interval(one, codes)) for one in timeline.intervals),
        scans=tuple(moved(_scan(one, codes)) for one in timeline.scans),
        ratings=tuple(map(moved, timeline.ratings)),
        turns=tuple(map(moved, timeline.turns)),
    )


def merged(codes: Names) -> frozenset[str]:
    """The common ids that more than one code stands behind."""
    common = list(codes.values())
    return frozenset(one for one in common if common.count(one) > 1)


def joined(bouts: Sequence[tuple[Bout, Bout]], became_one: frozenset[str]) -> tuple[Bout, ...]:
    """Bouts (as recorded, as renamed) with those of codes that became one put together, in the order of their starts."""
    open_at: dict[tuple[str, str, str | None, str | None], int] = {}
    found: list[tuple[str, Bout]] = []
    for own, bout in sorted(bouts, key=lambda pair: (pair[1].start, pair[1].end)):
        key = (bout.stream, bout.code, bout.subject, bout.target)
        place = open_at.get(key) if bout.code in became_one else None
        if place is not None:
            last, before = found[place]
            if bout.start < before.end or (bout.start == before.end and own.code != last):
                ends = bout if bout.end >= before.end else before
                found[place] = (own.code, _one(before, bout, ends))
                continue
        open_at[key] = len(found)
        found.append((own.code, bout))
    if not became_one:
        return tuple(bout for _, bout in bouts)
    return tuple(bout for _, bout in found)


def _one(first: Bout, second: Bout, ends: Bout) -> Bout:
    """Two bouts as one: begun as the first, ended as the one that ended last."""
    return replace(
        first,
        end=ends.end,
        pieces=union([*(first.pieces or ((first.start, first.end),)), *(second.pieces or ((second.start, second.end),))]),
        censored_end=ends.censored_end,
        closed_by=ends.closed_by,
        flags=tuple(dict.fromkeys([*first.flags, *second.flags])),
    )  # fmt: skip


def _interval(one: Interval, codes: Names) -> Interval:
    counted: dict[str, Any] = {}
    for code, n in one.values:
        name = codes.get(code, code)
        counted[name] = counted[name] + n if name in counted else n
    told: dict[str, Values] = {}
    for code, values in one.modifiers:
        told.setdefault(codes.get(code, code), values)
    return replace(
        one,
        codes=tuple(sorted({codes.get(code, code) for code in one.codes})),
        values=tuple(sorted(counted.items())),
        modifiers=tuple(sorted(told.items())),
    )


def _scan(one: Scan, codes: Names) -> Scan:
    """Persons of cells that became one are added up."""
    counted: dict[Values, int] = {}
    for cell, n in one.counts:
        named = _cell(cell, codes)
        counted[named] = counted.get(named, 0) + n
    return replace(one, counts=tuple(counted.items()))


def _cell(cell: Iterable[tuple[str, Any]], codes: Names) -> Values:
    return tuple((side, codes.get(option, option) if side == "code" else option) for side, option in cell)
