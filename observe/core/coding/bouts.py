"""Runs cut down to what was seen: bouts, and the entries of beat-or-change streams."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from frameworks.model import SamplingKind, Stream
from observe.core.coding.presence import Seen, Watch
from observe.core.coding.record import Bout, Point
from observe.core.coding.sampling import MOST, RunningTime
from observe.core.coding.walk import Run

UNSEEN_ENDINGS = frozenset({"end", "leave"})


def bouts_of(run: Run, watch: Watch, start_of_window: int = 0) -> list[Bout]:
    """What was seen of a run: one bout for each stretch, or one with several pieces where the stream suspends."""
    pieces = watch.pieces(max(run.start, start_of_window), run.end)
    if not pieces:
        return []
    if run.stream is not None and run.stream.out_of_view == "suspend":
        return [_bout(run, pieces, 0)]
    return [_bout(run, [piece], part) for part, piece in enumerate(pieces)]


def _bout(run: Run, pieces: list[Seen], part: int) -> Bout:
    start, (_, end, hindrance) = pieces[0][0], pieces[-1]
    seen_to_the_end = end == run.end
    reason = run.reason if seen_to_the_end else hindrance
    return Bout(
        event=run.event.id,
        start=start,
        end=end,
        stream=run.stream.id if run.stream else "",
        code=run.code,
        subject=run.subject,
        target=run.target,
        modifiers=run.modifiers,
        pieces=tuple((s, e) for s, e, _ in pieces),
        part=part,
        censored_start=start != run.start,
        censored_end=not seen_to_the_end or reason in UNSEEN_ENDINGS,
        closed_by=reason,
        flags=(*run.flags, "across-boots") if run.across_boots else run.flags,
    )


def beats(
    runs: Iterable[Run], watch_of: Callable[[str | None], Watch], time: RunningTime
) -> Iterator[tuple[Point, int]]:
    """Entries of beat-or-change streams, with the number of the change they repeat: one at each change to another
    code, and one more on each beat that was seen while the code went on (Flanders 1970)."""
    for run in runs:
        if run.stream is None or run.stream.sampling.kind is not SamplingKind.BEAT_OR_CHANGE:
            continue
        watch = watch_of(run.subject)
        if watch.holds(run.start) and run.start < run.end:
            yield _entry(run, run.stream, run.start, run.flags), run.event.seq
        for at in _beats_in(run, run.stream, watch, time):
            yield _entry(run, run.stream, at, (*run.flags, "beat")), run.event.seq


def _beats_in(run: Run, stream: Stream, watch: Watch, time: RunningTime) -> Iterator[int]:
    length = stream.sampling.length_ms or 0
    if length <= 0:
        return
    for start, end, _ in watch.pieces(max(run.start, 0), run.end):
        first = -(-time.of(start) // length)
        for beat in range(first, min(MOST, time.of(end) // length + 1)):
            at = time.starts(beat * length)
            if start <= at < end and at != run.start:
                yield at


def _entry(run: Run, stream: Stream, at: int, flags: tuple[str, ...]) -> Point:
    return Point(run.event.id, at, stream.id, run.code, run.subject, run.target, run.modifiers, flags)
