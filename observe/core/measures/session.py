"""What one session comes to: a row for each stream, subject and code, zeros and the unobserved included."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from frameworks.model import Framework, Rating, RatingScale, SamplingKind, SeenAs, Stream
from observe.core.coding.record import Bout, Interval, Point, Rated, Scan, Span, Timeline
from observe.core.measures import counts, durations, ratings
from observe.core.measures.figures import Figure, share, unknown
from observe.core.measures.ratings import Spread
from observe.core.measures.spans import difference, intersection, length, place_of, union

INTERVAL_KINDS = {
    SamplingKind.PARTIAL_INTERVAL: "fraction of intervals (partial interval)",
    SamplingKind.WHOLE_INTERVAL: "fraction of intervals (whole interval)",
    SamplingKind.PREDOMINANT_INTERVAL: "fraction of intervals (predominant)",
    SamplingKind.OBSERVE_RECORD: "fraction of intervals (observe and record)",
}
"""What a share of intervals may be called. None of them is a share of time."""

SCAN_KINDS = {SamplingKind.MOMENTARY_SCAN, SamplingKind.SNAPSHOTS}
VALID_SCANS = {"taken", "late", "empty"}

Opportunities = Mapping[str, Sequence[Span]]
"""By code, when it could occur at all; a code that is not named could always occur"""


@dataclass(frozen=True, slots=True)
class BudgetRow:
    """All that one session says of one code (or rating, or cell of a count) for one subject.

    Figures that the sampling regime cannot give are absent (None), not zero; a figure that is there but undefined
    has `value` None and a reason. `count` are onsets in observed time: points, or bouts whose beginning was seen.
    `left_out` are points outside observed time. For intervals and scans `of` is how many were observed, `missed`
    how many were not, and `cut_off` intervals that ended too soon with nothing seen. `late` scans are counted in.
    """

    stream: str
    subject: str | None
    code: str
    kind: str
    """point, state, entries (beat or change), interval, tally, scan, count or rating"""
    observed_ms: int = 0
    count: int = 0
    left_out: int = 0
    of: int = 0
    missed: int = 0
    cut_off: int = 0
    late: int = 0
    bouts: int = 0
    censored: int = 0
    duration_ms: int = 0
    rate: Figure | None = None
    rate_at_risk: Figure | None = None
    proportion: Figure | None = None
    mean_bout: Figure | None = None
    median_bout: Figure | None = None
    latency: Figure | None = None
    mean_gap: Figure | None = None
    burstiness: Figure | None = None
    share: Figure | None = None
    mean_count: Figure | None = None
    spread: Spread | None = None


@dataclass(slots=True)
class _Sorted:
    """A timeline's entries by (stream, subject, code), gone through once."""

    points: dict[tuple[str, str | None, str], list[Point]] = field(default_factory=lambda: defaultdict(list))
    bouts: dict[tuple[str, str | None, str], list[Bout]] = field(default_factory=lambda: defaultdict(list))
    intervals: dict[tuple[str, str | None], list[Interval]] = field(default_factory=lambda: defaultdict(list))
    scans: dict[tuple[str, str | None], list[Scan]] = field(default_factory=lambda: defaultdict(list))
    rated: dict[tuple[str, str | None, str], list[Rated]] = field(default_factory=lambda: defaultdict(list))
    subjects: dict[str, dict[str | None, None]] = field(default_factory=lambda: defaultdict(dict))


def _sort(timeline: Timeline) -> _Sorted:
    found = _Sorted()
    for point in timeline.points:
        found.points[point.stream, point.subject, point.code].append(point)
    for bout in timeline.bouts:
        found.bouts[bout.stream, bout.subject, bout.code].append(bout)
    for interval in timeline.intervals:
        found.intervals[interval.stream, interval.subject].append(interval)
    for scan in timeline.scans:
        found.scans[scan.stream, scan.subject].append(scan)
    for rated in timeline.ratings:
        found.rated[rated.stream, rated.subject, rated.rating].append(rated)
    for key in (*found.points, *found.bouts, *found.rated):
        found.subjects[key[0]][key[1]] = None
    for pair in (*found.intervals, *found.scans):
        found.subjects[pair[0]][pair[1]] = None
    return found


def budget(
    framework: Framework, timeline: Timeline, *, opportunities: Opportunities | None = None
) -> tuple[BudgetRow, ...]:
    """Every stream × subject × code of the framework, in its order, seen or not: a zero is a row, not a gap."""
    found, rows = _sort(timeline), list[BudgetRow]()
    for stream in framework.streams:
        for subject in subjects_of(framework, stream, timeline, found.subjects[stream.id]):
            seen = watched_in(timeline, stream, subject)
            rows += _code_rows(stream, subject, seen, found, opportunities or {})
            rows += _rating_rows(stream, subject, seen, found)
    return tuple(rows)


def subjects_of(
    framework: Framework, stream: Stream, timeline: Timeline, seen: Iterable[str | None]
) -> tuple[str | None, ...]:
    """Who has rows in this stream: the roster where people are told apart, and whoever was recorded in it."""
    actors = [actor for actor in framework.actors if actor.id in stream.actors]
    everyone: dict[str | None, None] = {}
    if stream.sampling.kind is not SamplingKind.AREA_COUNT:
        for actor in actors:
            if actor.seen_as in {SeenAs.NAMED, SeenAs.ON_THE_FLY}:
                everyone.update(dict.fromkeys(timeline.subjects))
            else:
                is_told_apart = actor.seen_as is SeenAs.AS_ONE and len(actors) > 1
                everyone[actor.id if is_told_apart else None] = None
    everyone.update(dict.fromkeys(seen))
    return tuple(everyone) or (None,)


def watched_in(timeline: Timeline, stream: Stream, subject: str | None) -> tuple[Span, ...]:
    """When this subject could be seen in this stream: with a rotating focal list, only in its own turns."""
    seen = union(timeline.observed_of(subject).spans)
    if stream.sampling.rotation is None or subject is None:
        return seen
    return intersection(
        seen,
        [(turn.start, turn.end) for turn in timeline.turns if (turn.stream, turn.subject) == (stream.id, subject)],
    )


def _code_rows(
    stream: Stream, subject: str | None, seen: Sequence[Span], found: _Sorted, opportunities: Opportunities
) -> Iterator[BudgetRow]:
    if stream.sampling.kind in INTERVAL_KINDS:
        yield from _interval_rows(stream, subject, found.intervals[stream.id, subject])
    elif stream.sampling.kind is SamplingKind.TALLY and found.intervals[stream.id, subject]:
        yield from _tally_rows(stream, subject, found.intervals[stream.id, subject])
    elif stream.sampling.kind is SamplingKind.AREA_COUNT or stream.crossed:
        yield from _count_rows(stream, subject, found.scans[stream.id, subject])
    elif stream.sampling.kind in SCAN_KINDS:
        yield from _scan_rows(stream, subject, found.scans[stream.id, subject])
    else:
        for code in stream.codes:
            exposed = intersection(seen, opportunities[code.id]) if code.id in opportunities else union(seen)
            key = (stream.id, subject, code.id)
            if stream.sampling.kind is SamplingKind.BEAT_OR_CHANGE:
                yield _entry_row(key, found.points[key], found.bouts[key], exposed)
            elif found.bouts[key] or code.type == "state":
                yield _state_row(key, found.bouts[key], found.points[key], exposed)
            else:
                yield _point_row(key, found.points[key], exposed)


def _point_row(key: tuple[str, str | None, str], points: Sequence[Point], exposed: Sequence[Span]) -> BudgetRow:
    kept = [point.at for point in points if "out-of-view" not in point.flags]
    onsets = counts.onsets_in(kept, exposed)
    gaps = counts.gaps_between(onsets)
    within = [at for stretch in onsets.by_stretch for at in stretch]
    return BudgetRow(
        *key,
        "point",
        observed_ms=length(exposed),
        count=onsets.count,
        left_out=len(points) - onsets.count,
        rate=counts.rate(onsets.count, length(exposed)),
        latency=durations.latency_figure(durations.latency(within, exposed)),
        mean_gap=counts.mean_gap(gaps),
        burstiness=counts.burstiness(gaps),
    )


def _state_row(
    key: tuple[str, str | None, str], bouts: Sequence[Bout], points: Sequence[Point], exposed: Sequence[Span]
) -> BudgetRow:
    """A state, and any point that was recorded of it: that it occurred counts, how long is not known."""
    observed_ms, in_state = length(exposed), durations.duration_ms(bouts, exposed)
    begun = [bout.start for bout in bouts if bout.part == 0 and not bout.censored_start]
    begun += [point.at for point in points if "out-of-view" not in point.flags]
    onsets = counts.onsets_in(begun, exposed)
    within = [at for stretch in onsets.by_stretch for at in stretch]
    lengths = durations.lengths_of(bouts)
    gaps = counts.gaps_between(onsets)
    # one running from before watching began was not waited for
    running = [bout.start for bout in bouts if bout.censored_start and bout.part == 0]
    return BudgetRow(
        *key,
        "state",
        observed_ms=observed_ms,
        count=onsets.count,
        left_out=len(onsets.left_out),
        bouts=len({bout.event for bout in bouts}),
        censored=sum(1 for bout in bouts if bout.censored_end),
        duration_ms=in_state,
        rate=counts.rate(onsets.count, observed_ms),
        rate_at_risk=counts.rate_at_risk(onsets.count, observed_ms, in_state),
        proportion=durations.proportion(in_state, observed_ms),
        mean_bout=durations.mean_bout(lengths),
        median_bout=durations.median_bout(lengths),
        latency=durations.latency_figure(durations.latency(within + running, exposed)),
        mean_gap=counts.mean_gap(gaps),
        burstiness=counts.burstiness(gaps),
    )


def _entry_row(
    key: tuple[str, str | None, str], points: Sequence[Point], bouts: Sequence[Bout], exposed: Sequence[Span]
) -> BudgetRow:
    """Beat or change: entries are tallies on a beat and not events, so there is no rate of them."""
    in_state = durations.duration_ms(bouts, exposed)
    inside = sum(1 for point in points if place_of(point.at, exposed) is not None)
    return BudgetRow(
        *key,
        "entries",
        observed_ms=length(exposed),
        count=inside,
        left_out=len(points) - inside,
        bouts=len({bout.event for bout in bouts}),
        censored=sum(1 for bout in bouts if bout.censored_end),
        duration_ms=in_state,
        proportion=durations.proportion(in_state, length(exposed)).named(
            "proportion of observed time (by the beat)"
        ),
    )


def _interval_rows(stream: Stream, subject: str | None, intervals: Sequence[Interval]) -> Iterator[BudgetRow]:
    """Ticked over watched. Missed, out of view and cut-off intervals are in neither."""
    watched = [one for one in intervals if one.state in {"ticked", "empty"}]
    for code in stream.codes:
        ticked = sum(1 for one in watched if code.id in one.codes)
        yield BudgetRow(
            stream.id,
            subject,
            code.id,
            "interval",
            observed_ms=sum(one.observed_ms for one in watched),
            count=ticked,
            of=len(watched),
            missed=sum(1 for one in intervals if one.state in {"missed", "out-of-view"}),
            cut_off=sum(1 for one in intervals if one.state == "partial"),
            share=share(
                ticked, len(watched), INTERVAL_KINDS[stream.sampling.kind], nothing="no interval was watched"
            ),
        )


def _tally_rows(stream: Stream, subject: str | None, windows: Sequence[Interval]) -> Iterator[BudgetRow]:
    """Counts kept in windows, over the time the windows were watched."""
    watched = [one for one in windows if one.state in {"ticked", "empty", "partial"}]
    observed_ms = sum(one.observed_ms for one in watched)
    for code in stream.codes:
        total = sum(int(dict(one.values).get(code.id, 1 if code.id in one.codes else 0)) for one in watched)
        yield BudgetRow(
            stream.id,
            subject,
            code.id,
            "tally",
            observed_ms=observed_ms,
            count=total,
            of=len(watched),
            missed=len(windows) - len(watched),
            rate=counts.rate(total, observed_ms),
        )


def _scan_rows(stream: Stream, subject: str | None, scans: Sequence[Scan]) -> Iterator[BudgetRow]:
    valid = {scan.index for scan in scans if scan.state in VALID_SCANS}
    missed = {scan.index for scan in scans} - valid
    late = {scan.index for scan in scans if scan.state == "late"}
    for code in stream.codes:
        hit = {scan.index for scan in scans if scan.state in VALID_SCANS and scan.code == code.id}
        yield BudgetRow(
            stream.id,
            subject,
            code.id,
            "scan",
            count=len(hit),
            of=len(valid),
            missed=len(missed),
            late=len(late),
            share=counts.prevalence(len(hit), len(valid)),
        )


def _count_rows(stream: Stream, subject: str | None, scans: Sequence[Scan]) -> Iterator[BudgetRow]:
    """Persons counted: the total, each code, and each side of a crossed count. An empty scan is a true zero."""
    valid = [scan for scan in scans if scan.state in VALID_SCANS]
    persons = sum(n for scan in valid for _, n in scan.counts)
    late = len({scan.index for scan in valid if scan.state == "late"})
    taken = len({scan.index for scan in valid})
    missed = len({scan.index for scan in scans}) - taken
    totals: dict[str, int] = {"": persons}
    totals.update({code.id: 0 for code in stream.codes})
    totals.update({f"{side.id}={option.id}": 0 for side in stream.crossed for option in side.options})
    for scan in valid:
        for cell, n in scan.counts:
            for label in _labels(cell, scan.code):
                totals[label] = totals.get(label, 0) + n
    for label, total in totals.items():
        yield BudgetRow(
            stream.id,
            subject,
            label or "all",
            "count",
            count=total,
            of=taken,
            missed=missed,
            late=late,
            mean_count=_persons_per_scan(total, taken),
            share=share(total, persons, "fraction of persons counted", nothing="nobody was counted")
            if label
            else None,
        )


def _labels(cell: Iterable[tuple[str, object]], code: str | None) -> Iterator[str]:
    if code is not None:
        yield code
    for side, option in cell:
        yield str(option) if side == "code" else f"{side}={option}"


def _persons_per_scan(total: int, scans: int) -> Figure:
    if not scans:
        return unknown("persons per scan", "persons", "no scan was taken", numerator=total, denominator=0)
    return Figure("persons per scan", total / scans, "persons", total, scans)


def _rating_rows(stream: Stream, subject: str | None, seen: Sequence[Span], found: _Sorted) -> Iterator[BudgetRow]:
    for rating in stream.ratings:
        rated = found.rated[stream.id, subject, rating.id]
        yield _rating_row(stream, subject, rating, rated, length(union(seen)))


def _rating_row(
    stream: Stream, subject: str | None, rating: Rating, rated: Sequence[Rated], observed_ms: int
) -> BudgetRow:
    values = [1.0, 0.0] if rating.scale is RatingScale.YES_NO else [float(one.value) for one in rating.values]
    spread = ratings.spread(rated, values, may_average=rating.scale is RatingScale.NUMBER)
    return BudgetRow(
        stream.id,
        subject,
        rating.id,
        "rating",
        observed_ms=observed_ms,
        count=spread.judged,
        of=len(rated),
        missed=len(rated) - spread.judged,
        share=ratings.checked(rated) if rating.scale is RatingScale.YES_NO else None,
        spread=spread,
    )


def unwatched(timeline: Timeline, subject: str | None) -> tuple[Span, ...]:
    """The stretches of the session in which this subject could not be seen."""
    return difference(((timeline.start, timeline.end),), timeline.observed_of(subject).spans)
