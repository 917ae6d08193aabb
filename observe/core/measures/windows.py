"""What begins within a time window after something else (Bakeman & Quera 2011, ch. 11), tallied in units of a second.

A unit of watched time is near where it lies within [0, w] of an onset of the given code, and hit where the target
begins in it. A window ends where watching ends and does not go on after the gap. The subject is the unit of a claim
about people: seconds of one person are not independent of each other.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from frameworks.model import Code, Framework, SamplingKind, Stream
from observe.core.coding.record import Span, Timeline
from observe.core.measures.sequences import (
    TIMES,
    AcrossSubjects,
    Four,
    across_tables,
    hochberg_adjusted,
    holm_adjusted,
    log_odds,
    normal_limits,
    yules_q,
)
from observe.core.measures.session import watched_in
from observe.core.measures.spans import intersection, union

Units = tuple[NDArray[np.bool_], NDArray[np.bool_]]
"""of one stretch of watching: which units are near, and in which the target begins"""

UNIT_MS = 1000


@dataclass(frozen=True, slots=True)
class Window:
    """Units near the given code and others, by whether the target began in them; with limits as if units were independent.

    `rotated` is two-sided from turning the target's onsets round within each stretch; `holm` and `hochberg` are put
    right for the pairs asked together.
    """

    given: str
    target: str
    window_ms: int
    table: tuple[tuple[int, int], tuple[int, int]]
    q: float | None
    log_odds: float
    log_odds_error: float
    low: float
    high: float
    rotated: float | None = None
    holm: float | None = None
    hochberg: float | None = None

    @property
    def near(self) -> float | None:
        """The share of units near the given code in which the target began."""
        (both, only), _ = self.table
        return both / (both + only) if both + only else None

    @property
    def elsewhere(self) -> float | None:
        """The same of all other units."""
        _, (begun, neither) = self.table
        return begun / (begun + neither) if begun + neither else None


BY_SAME, BY_ANOTHER = "same", "another"

TIMED = {SamplingKind.CONTINUOUS, SamplingKind.BEAT_OR_CHANGE}
"""streams whose entries have a moment"""


def timed_codes(framework: Framework) -> list[tuple[Stream, Code]]:
    """Every code that begins at a moment, with its stream, in the order of the document."""
    return [(stream, code) for stream, code in framework.codes() if stream.sampling.kind in TIMED]


def onsets_of(timeline: Timeline, stream: Stream, code: str) -> dict[str | None, list[int]]:
    """When a code began, by subject. A bout that was on already when watching began did not begin then."""
    found: dict[str | None, list[int]] = {}
    for point in timeline.points:
        if (point.stream, point.code) == (stream.id, code) and "out-of-view" not in point.flags:
            found.setdefault(point.subject, []).append(point.at)
    for bout in timeline.bouts:
        if (bout.stream, bout.code) == (stream.id, code) and bout.part == 0 and not bout.censored_start:
            found.setdefault(bout.subject, []).append(bout.start)
    return found


def seen_in(timeline: Timeline, stream: Stream) -> set[str | None]:
    """Of whom anything was recorded in a stream."""
    return {one.subject for group in (timeline.points, timeline.bouts) for one in group if one.stream == stream.id}


def units_by_subject(
    timeline: Timeline, given: tuple[Stream, str], target: tuple[Stream, str], *, by: str = BY_SAME, window_ms: int
) -> dict[str | None, tuple[Units, ...]]:
    """The units of each subject of the target's stream.

    The given code is the subject's own where the given stream tells it apart, else anybody's (a teacher's, the room's);
    with `by` another, that of all others. Only time in which both could be seen counts.
    """
    (first, code), (second, other) = given, target
    begun, after = onsets_of(timeline, first, code), onsets_of(timeline, second, other)
    theirs = seen_in(timeline, first)
    found = {}
    for subject in sorted(seen_in(timeline, second), key=str):
        own = by == BY_SAME and subject in theirs
        some = (
            begun.get(subject, [])
            if own
            else [at for who, ats in begun.items() if by == BY_SAME or who != subject for at in ats]
        )
        watched = intersection(
            watched_in(timeline, second, subject), watched_in(timeline, first, subject if own else None)
        )
        found[subject] = units_of(some, after.get(subject, []), watched, window_ms=window_ms)
    return found


def units_of(
    given: Sequence[int], target: Sequence[int], watched: Iterable[Span], *, window_ms: int, unit_ms: int = UNIT_MS
) -> tuple[Units, ...]:
    """The units of each stretch of watching; onsets outside of it are in none."""
    found = []
    for start, end in union(watched):
        size = -(-(end - start) // unit_ms)
        near, hit = np.zeros(size, bool), np.zeros(size, bool)
        for at in given:
            if start <= at < end:
                near[(at - start) // unit_ms : (at + window_ms - start) // unit_ms + 1] = True
        for at in target:
            if start <= at < end:
                hit[(at - start) // unit_ms] = True
        found.append((near, hit))
    return tuple(found)


def four_of(stretches: Iterable[Units]) -> Four:
    """The 2×2 table of all stretches: near and hit, near only, hit only, neither."""
    both = near_all = hit_all = total = 0
    for near, hit in stretches:
        both, total = both + int((near & hit).sum()), total + len(near)
        near_all, hit_all = near_all + int(near.sum()), hit_all + int(hit.sum())
    return both, near_all - both, hit_all - both, total - near_all - hit_all + both


def window_of(given: str, target: str, four: Four, *, window_ms: int) -> Window:
    """The figures of a 2×2 table."""
    odds, error = log_odds(*four)
    low, high = normal_limits(odds, error)
    return Window(given, target, window_ms, (four[:2], four[2:]), yules_q(*four), odds, error, low, high)


def rotation_p(stretches: Sequence[Units], *, seed: int, times: int = TIMES) -> float | None:
    """How often the target is near as much, or as little, when its onsets are turned round within each stretch.

    Turning keeps how the target clusters; only where it stands against the given code is left to chance. None where no
    stretch has both, since nothing could then come out otherwise.
    """
    random = np.random.default_rng(seed)
    totals, seen, could = np.zeros(times), 0, False
    for near, hit in stretches:
        if not near.any() or not hit.any():
            continue
        overlap = turned(near, hit)
        could = could or bool((overlap != overlap[0]).any())
        totals += overlap[random.integers(0, len(overlap), times)]
        seen += int(overlap[0])
    if not could:
        return None
    centre = totals.mean()
    away = np.abs(totals - centre) >= abs(seen - centre) - 1e-9
    return float((1 + away.sum()) / (times + 1))


def turned(near: NDArray[np.bool_], hit: NDArray[np.bool_]) -> NDArray[np.int64]:
    """How many units are near and hit for each way of turning the hits round; the first is as it was."""
    size = len(near)
    spectrum = np.fft.rfft(near.astype(float)) * np.conj(np.fft.rfft(hit.astype(float)))
    return np.rint(np.fft.irfft(spectrum, size)).astype(np.int64)


@dataclass(frozen=True, slots=True)
class Pair:
    """One given code and one target: everything pooled, each subject, and the subject as the unit."""

    pooled: Window
    by_subject: tuple[tuple[str, Window], ...]
    across: AcrossSubjects


def pair_of(
    given: str,
    target: str,
    units_by_subject: Mapping[str, Sequence[Units]],
    *,
    window_ms: int,
    seed: int,
    times: int = TIMES,
) -> Pair:
    """All that is said of one pair."""
    fours = {subject: four_of(stretches) for subject, stretches in units_by_subject.items()}
    every = [one for stretches in units_by_subject.values() for one in stretches]
    pooled = replace(
        window_of(given, target, four_of(every), window_ms=window_ms),
        rotated=rotation_p(every, seed=seed, times=times),
    )
    each = tuple((subject, window_of(given, target, four, window_ms=window_ms)) for subject, four in fours.items())
    return Pair(pooled, each, across_tables(fours, given, target))


def corrected(pairs: Sequence[Pair]) -> tuple[Pair, ...]:
    """With Holm's and Benjamini & Hochberg's p over all pairs that have one."""
    known = [one.pooled.rotated for one in pairs if one.pooled.rotated is not None]
    holm, rate = iter(holm_adjusted(known)), iter(hochberg_adjusted(known))
    return tuple(
        one if one.pooled.rotated is None else replace(one, pooled=replace(one.pooled, holm=next(holm), hochberg=next(rate)))
        for one in pairs
    )  # fmt: skip
