"""From coded sessions to rows: what each indicator makes of each record, with its exposure.

A behaviour enters once: as events in the time in which it could begin, or as occasions out of opportunities, never both.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from frameworks.model import (
    LOADING,
    Code,
    Exhaustiveness,
    Framework,
    Indicator,
    Rating,
    RatingScale,
    SamplingKind,
    SeenAs,
    Stream,
)  # fmt: skip
from observe.core.coding.record import Bout, Interval, Point, Rated, Scan, Span, Timeline, Values
from observe.core.patterns.rows import Family, Freedom, Loading, Measure, Moment, Row, Rows, SessionNote

MS_PER_MINUTE = 60_000

_OF_INTERVALS = {
    SamplingKind.PARTIAL_INTERVAL, SamplingKind.WHOLE_INTERVAL, SamplingKind.PREDOMINANT_INTERVAL,
    SamplingKind.OBSERVE_RECORD,
}  # fmt: skip
_OF_SCANS = {SamplingKind.MOMENTARY_SCAN, SamplingKind.SNAPSHOTS}
_TOGETHER = {SeenAs.AS_ONE, SeenAs.COUNTED}
_OF_NOBODY = "counts of unnamed people say nothing of any of them: follow settings, or another case, to read them"
_MEASURES = {
    "events": Measure.MINUTES, "tally": Measure.MINUTES, "answers": Measure.OPPORTUNITIES, "intervals": Measure.INTERVALS,
    "scans": Measure.SCANS, "checklist": Measure.CHECKS,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class CodedSession:
    """One session as the inference needs it.

    `case` is who or what is meant where the record names no subject: the lecturer, the group, the place. `happening`
    ties sessions of one happening. `day` orders sessions (days since any fixed date). `actors` says of which actor of
    the framework each subject is, where there are several. `cannot` names the indicators that it says nothing of, and why.
    """

    id: str
    timeline: Timeline
    observer: str
    situation: str = ""
    case: str = ""
    happening: str = ""
    day: float = 0.0
    choice: float = 1.0
    actors: tuple[tuple[str, str], ...] = ()
    cannot: tuple[tuple[str, str], ...] = ()


def name_of(indicator: Indicator) -> str:
    """The code or rating, with the modifiers that it asks for: `praise[to=child]`."""
    asked = ",".join(f"{key}={value}" for key, value in sorted(indicator.modifiers))
    return (indicator.code or indicator.rating) + (f"[{asked}]" if asked else "")


def freedom_of(framework: Framework, told: Mapping[str, object]) -> float:
    """How freely one could act in a session: the least that any answer about it leaves; free where nothing says otherwise."""
    found = Freedom.FREE.weight
    for variable in framework.variables:
        value = told.get(variable.id)
        answer = {True: "yes", False: "no"}.get(value, str(value)) if isinstance(value, bool) else str(value)
        if answer in variable.bound_when:
            return Freedom.BOUND.weight
        if answer in variable.partly_bound_when:
            found = Freedom.PARTLY_BOUND.weight
    return found


def loadings_of(framework: Framework) -> tuple[Loading, ...]:
    """Polarity × diagnosticity of every indicator, as the framework declares them."""
    return tuple(
        Loading(name_of(one), construct.id, one.polarity * LOADING[one.diagnosticity], str(one.rationale))
        for construct in framework.constructs
        for one in construct.indicators
    )


Regroup = Callable[[str, str], str]
"""whom a row of (session, person) is to speak of; empty: of nobody"""


def rows_from(
    framework: Framework,
    sessions: Sequence[CodedSession],
    *,
    regroup: Regroup | None = None,
    freedom_told: bool = False,
) -> Rows:
    """All rows of these sessions. Sessions that are the same record twice are tied together and count once.

    `freedom_told`: whether anybody but the framework said how freely people could act in these sessions.
    """
    sessions, twins = _tied(sorted(sessions, key=lambda one: (one.day, one.id)))
    indicators = {name_of(one): one for construct in framework.constructs for one in construct.indicators}
    sources = {name: _source_of(framework, one) for name, one in sorted(indicators.items())}
    news = _news_of(sources)
    left_out = [f"{name}: {source}" for name, source in sources.items() if isinstance(source, str)]
    rows: list[Row] = []
    unanswered: list[tuple[str, str, int]] = []
    seen = _subjects_seen(sessions)
    as_one = {actor.id for actor in framework.actors if actor.seen_as is SeenAs.AS_ONE}
    for session in sessions:
        if not session.choice:
            left_out.append(
                f"session {session.id}: people could not act otherwise, so that it says nothing of them"
            )
            continue
        records = _by_subject(session.timeline)
        followed = {one.id: tuple(_watched(framework, one, session, seen)) for one in framework.streams}
        cannot = dict(session.cannot)
        for name, source in sources.items():
            if isinstance(source, str):
                continue
            if name in cannot:
                left_out.append(f"{name}: {cannot[name]}")
                continue
            whom = _areas(session.timeline, source.stream) if source.way == "area" else followed[source.stream.id]
            for subject in whom:
                person = session.case if subject is None or subject in as_one else subject
                if not person:
                    unnamed = f"session {session.id} does not say who or what was observed"
                    left_out.append(f"{name}: {_OF_NOBODY if source.way == 'area' else unnamed}")
                    continue
                person = regroup(session.id, person) if regroup else person
                if not person:
                    continue
                found = source.read(records(subject))
                if found.unanswered:
                    unanswered.append((person, name, found.unanswered))
                rows.append(_row(session, person, name, source, found, news[name]))
    notes = tuple(
        SessionNote(session.id, note.event, note.at, note.text)
        for session in sessions
        for note in session.timeline.notes
    )
    declares = any(one.bound_when or one.partly_bound_when for one in framework.variables)
    return Rows.of(
        rows, loadings_of(framework), left_out=tuple(sorted(set(left_out))), unanswered=_summed(unanswered),
        notes=notes, twins=twins, freedom_told=declares or freedom_told,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Found:
    value: float
    exposure: float
    moments: tuple[Moment, ...] = ()
    unanswered: int = 0


@dataclass(frozen=True, slots=True)
class _Source:
    """Where an indicator is read from: one stream, in one way."""

    framework: Framework
    indicator: Indicator
    stream: Stream
    family: Family
    way: str

    def read(self, record: _Record) -> _Found:
        """What a subject's record holds of it."""
        return _WAYS[self.way](self, record)

    @property
    def code(self) -> str:
        return self.indicator.code

    @property
    def measure(self) -> Measure:
        """What its exposure counts."""
        if self.way == "area":
            return Measure.PEOPLE if self.family is Family.SHARE else Measure.SCANS
        if self.way == "ratings":
            return Measure.ANSWERS if self.family is Family.SHARE else Measure.RATINGS
        return _MEASURES[self.way]

    @property
    def is_part_of_a_whole(self) -> bool:
        """Whether the shares of all codes of its stream add up to one."""
        always = self.way == "area" or self.stream.exhaustive is Exhaustiveness.ALWAYS
        shares = self.family is Family.SHARE and self.way in {"area", "scans", "intervals"}
        return shares and always and self.stream.exclusive and not self.indicator.modifiers

    def matches(self, code: str | None, modifiers: Values) -> bool:
        """The code, with every modifier that is asked for among those recorded."""
        recorded = {key: value if isinstance(value, (tuple, list)) else (value,) for key, value in modifiers}
        return code == self.code and all(want in recorded.get(key, ()) for key, want in self.indicator.modifiers)

    def fits(self, modifiers: Iterable[tuple[str, Values]]) -> bool:
        """Whether what is told of the codes ticked in an interval has what is asked for."""
        return not self.indicator.modifiers or any(self.matches(code, given) for code, given in modifiers)


def _source_of(framework: Framework, indicator: Indicator) -> _Source | str:
    """How an indicator is read, or in words why it cannot be."""
    if indicator.rating:
        return _source_of_rating(framework, indicator)
    found = next(((stream, code) for stream, code in framework.codes() if code.id == indicator.code), None)
    if found is None:
        return "the framework has no such code"
    stream, code = found
    family, way = _way_of(framework, indicator, stream, code)
    if way in {"tally", "checklist"} and indicator.modifiers:
        return "marks and tallies carry no modifiers, and this indicator asks for one"
    return _Source(framework, indicator, stream, family, way)


def _source_of_rating(framework: Framework, indicator: Indicator) -> _Source | str:
    found: tuple[Stream, Rating] | None = next(
        ((stream, rating) for stream, rating in framework.ratings() if rating.id == indicator.rating), None
    )
    if found is None:
        return "the framework has no such rating"
    stream, rating = found
    yes_no = rating.scale is RatingScale.YES_NO
    return _Source(framework, indicator, stream, Family.SHARE if yes_no else Family.RATING, "ratings")


def _way_of(framework: Framework, indicator: Indicator, stream: Stream, code: Code) -> tuple[Family, str]:
    kind = stream.sampling.kind
    if kind is SamplingKind.AREA_COUNT or (stream.crossed and kind in _OF_SCANS):
        return (Family.SHARE if stream.exclusive else Family.COUNT), "area"
    if (indicator.opportunity or code.opportunity) and any(code.id in link.to_codes for link in framework.links):
        return Family.SHARE, "answers"
    if kind in _OF_INTERVALS:
        return Family.SHARE, "intervals"
    if kind in _OF_SCANS:
        return Family.SHARE, "scans"
    if kind is SamplingKind.CHECKLIST:
        return Family.SHARE, "checklist"
    if kind is SamplingKind.TALLY:
        return Family.COUNT, "tally"
    return Family.COUNT, "events"


@dataclass(frozen=True, slots=True)
class _Record:
    """What one session holds of one subject, by code, stream or rating, so that it is walked through once."""

    subject: str | None
    observed: tuple[Span, ...]
    timeline: Timeline
    events: dict[str, Point | Bout]
    """of everybody: what links point to"""
    points: dict[str, list[Point]]
    bouts: dict[str, list[Bout]]
    intervals: dict[str, list[Interval]]
    scans: dict[str, list[Scan]]
    ratings: dict[str, list[Rated]]

    def spans(self, stream: str) -> tuple[Span, ...]:
        """When the subject could be seen in this stream: where a focal list rotates, only in its own turns."""
        turns = [turn for turn in self.timeline.turns if turn.stream == stream]
        if not turns:
            return self.observed
        own = [(turn.start, turn.end) for turn in turns if turn.subject == self.subject]
        return tuple(_common(self.observed, own))


def _common(spans: Iterable[Span], others: Sequence[Span]) -> Iterator[Span]:
    """The parts that two lists of spans have in common."""
    for start, end in spans:
        for begin, until in others:
            if max(start, begin) < min(end, until):
                yield max(start, begin), min(end, until)


def _by_subject(timeline: Timeline) -> Callable[[str | None], _Record]:
    """The records of a session's subjects; one of whom nothing was recorded has an empty one."""
    events: dict[str, Point | Bout] = {one.event: one for one in timeline.points}
    events |= {one.event: one for one in timeline.bouts if one.part == 0}
    found: dict[str | None, _Record] = {}

    def of(subject: str | None) -> _Record:
        if subject not in found:
            found[subject] = _Record(
                subject, timeline.observed_of(subject).spans, timeline, events, defaultdict(list), defaultdict(list), defaultdict(list), defaultdict(list),
                defaultdict(list),
            )  # fmt: skip
        return found[subject]

    for point in timeline.points:
        of(point.subject).points[point.code].append(point)
    for bout in timeline.bouts:
        of(bout.subject).bouts[bout.code].append(bout)
    for interval in timeline.intervals:
        of(interval.subject).intervals[interval.stream].append(interval)
    for scan in timeline.scans:
        of(scan.subject).scans[scan.stream].append(scan)
    for rated in timeline.ratings:
        of(rated.subject).ratings[rated.rating].append(rated)
    return of


def _events(source: _Source, record: _Record) -> _Found:
    """Onsets in the minutes in which it could begin: observed time less the time in which it was already going on."""
    spans = record.spans(source.stream.id)
    points = [
        one
        for one in record.points[source.code]
        if source.matches(one.code, one.modifiers) and "out-of-view" not in one.flags
    ]
    bouts = [one for one in record.bouts[source.code] if source.matches(one.code, one.modifiers)]
    stands_for_both = {one.event for one in bouts}
    moments = [Moment(one.event, one.start) for one in bouts if one.part == 0 and not one.censored_start]
    moments += [Moment(one.event, one.at) for one in points if one.event not in stands_for_both]
    inside = [one for one in moments if any(start <= one.at < end for start, end in spans)]
    going_on = _united([piece for bout in bouts for piece in bout.pieces or ((bout.start, bout.end),)])
    free = sum(end - start for start, end in spans) - sum(end - start for start, end in _common(spans, going_on))
    return _Found(len(inside), free / MS_PER_MINUTE, tuple(sorted(inside, key=lambda one: (one.at, one.event))))


def _united(pieces: Iterable[Span]) -> list[Span]:
    """The time that any of the pieces covers: towards two targets at once is still one time."""
    whole: list[Span] = []
    for start, end in sorted(pieces):
        if whole and start <= whole[-1][1]:
            whole[-1] = (whole[-1][0], max(end, whole[-1][1]))
        else:
            whole.append((start, end))
    return whole


def _tally(source: _Source, record: _Record) -> _Found:
    """Taps counted in the windows that were watched, and the minutes of those."""
    windows = [one for one in record.intervals[source.stream.id] if one.state not in {"missed", "out-of-view"}]
    taps = sum(int(dict(one.values).get(source.code, 0)) for one in windows)
    moments = tuple(Moment(one.event, one.at) for one in record.points[source.code])
    return _Found(taps, sum(one.observed_ms for one in windows) / MS_PER_MINUTE, moments)


def _answers(source: _Source, record: _Record) -> _Found:
    """Answered out of asked: each event that called for it is one opportunity of whom it was put to."""
    links = {link.id for link in source.framework.links if source.code in link.to_codes}
    asked, moments = set(), []
    for one in record.timeline.links:
        call = record.events.get(one.from_event)
        if one.link not in links or call is None or call.target not in (None, record.subject):
            continue
        asked.add(one.from_event)
        answer = record.events.get(one.to_event or "")
        if (
            one.within
            and answer
            and answer.subject == record.subject
            and source.matches(answer.code, answer.modifiers)
        ):
            moments.append(Moment(answer.event, answer.at if isinstance(answer, Point) else answer.start))
    return _Found(min(len(moments), len(asked)), len(asked), tuple(moments))


def _intervals(source: _Source, record: _Record) -> _Found:
    """Intervals in which it was ticked, out of those that were watched through."""
    watched = [one for one in record.intervals[source.stream.id] if one.state in {"ticked", "empty"}]
    ticked = [one for one in watched if source.code in one.codes and source.fits(one.modifiers)]
    moments = tuple(Moment(event, one.start) for one in ticked for event in one.events)
    return _Found(len(ticked), len(watched), moments)


def _scans(source: _Source, record: _Record) -> _Found:
    """Scans that found the subject at it, out of those that were made. Missed is not "no"."""
    made = [one for one in record.scans[source.stream.id] if one.state in {"taken", "late", "empty"}]
    found = [one for one in made if source.matches(one.code, one.modifiers)]
    moments = tuple(Moment(event, one.due) for one in found for event in one.events)
    return _Found(len(found), len(made), moments)


def _area(source: _Source, record: _Record) -> _Found:
    """People found at it: out of all who were counted where everybody is counted once, else in so many scans.

    A scan that found nobody at all is a zero of the second kind; of the first it is none, for nobody was there.
    """
    made = [one for one in record.scans[source.stream.id] if one.state in {"taken", "late", "empty"}]
    at_it, present, moments = 0, 0, []
    for scan in made:
        found = 0
        for cell, n in scan.counts:
            told = dict(cell)
            found += n if source.matches(str(told.get("code", scan.code)), cell) else 0
            present += n
        at_it += found
        moments += [Moment(event, scan.due) for event in scan.events if found]
    exposure = present if source.family is Family.SHARE else len({one.index for one in made})
    return _Found(at_it, exposure, tuple(moments))


def _checklist(source: _Source, record: _Record) -> _Found:
    """Marked or not, once a session, where there was any time to see it in."""
    marks = record.points[source.code]
    seen = 1.0 if record.spans(source.stream.id) else 0.0
    return _Found(float(bool(marks)) * seen, seen, tuple(Moment(one.event, one.at) for one in marks))


def _ratings(source: _Source, record: _Record) -> _Found:
    """The mean of a session's ratings, which counts as one; "cannot judge" is not a value, and is counted as such."""
    asked = record.ratings[source.indicator.rating]
    given = [one.value for one in asked if one.value is not None]
    moments = tuple(Moment(one.event, one.at) for one in asked if one.value is not None)
    silent = sum(one.value is None and one.answer == "cannot-judge" for one in asked)
    if source.family is Family.SHARE:
        return _Found(float(sum(value > 0 for value in given)), len(given), moments, silent)
    return _Found(sum(given) / len(given) if given else 0.0, float(len(given)), moments, silent)


_WAYS = {
    "events": _events, "answers": _answers, "intervals": _intervals, "scans": _scans, "area": _area,
    "checklist": _checklist, "tally": _tally, "ratings": _ratings,
}  # fmt: skip


def _row(session: CodedSession, person: str, name: str, source: _Source, found: _Found, news: float) -> Row:
    return Row(
        session.id, person, name, session.situation, session.observer, found.value, found.exposure, source.family,
        session.happening, session.day, session.choice, found.moments, source.way == "ratings", source.measure, news,
    )  # fmt: skip


def _news_of(sources: dict[str, _Source | str]) -> dict[str, float]:
    """How much of each indicator's row is news: where all k codes of a whole are read, one follows from the others."""
    read: dict[str, set[str]] = defaultdict(set)
    for source in sources.values():
        if not isinstance(source, str) and source.is_part_of_a_whole:
            read[source.stream.id].add(source.code)
    whole = {
        source.stream.id: len(source.stream.codes)
        for source in sources.values()
        if not isinstance(source, str) and len(read[source.stream.id]) == len(source.stream.codes)
    }
    return {
        name: 1.0 - 1.0 / whole[source.stream.id]
        if not isinstance(source, str) and source.is_part_of_a_whole and whole.get(source.stream.id, 0) > 1
        else 1.0
        for name, source in sources.items()
    }


def _subjects_seen(sessions: Sequence[CodedSession]) -> dict[str, set[str | None]]:
    """For each stream, who was ever recorded in it."""
    found: dict[str, set[str | None]] = defaultdict(set)
    for session in sessions:
        record = session.timeline
        every: tuple[Point | Bout | Interval | Scan | Rated, ...]
        every = (*record.points, *record.bouts, *record.intervals, *record.scans, *record.ratings)
        for one in every:
            found[one.stream].add(one.subject)
    return found


def _areas(timeline: Timeline, stream: Stream) -> tuple[str | None, ...]:
    """The places that were counted, where they are told apart; else the one that the session is about."""
    named = {scan.subject for scan in timeline.scans if scan.stream == stream.id and scan.subject is not None}
    return tuple(sorted(named)) or (None,)


def _watched(
    framework: Framework, stream: Stream, session: CodedSession, seen: dict[str, set[str | None]]
) -> Iterator[str | None]:
    """Whose behaviour the stream would have shown, whether or not it did: zeros count too."""
    kinds = {actor.id: actor.seen_as for actor in framework.actors}
    apart = [actor for actor in stream.actors if kinds.get(actor) not in _TOGETHER]
    groups = sorted(
        actor for actor, seen_as in kinds.items() if seen_as is SeenAs.AS_ONE and actor in seen[stream.id]
    )
    yield from groups
    if None in seen[stream.id] or not (apart or groups):
        yield None
    roles = dict(session.actors)
    only = sum(kind not in _TOGETHER for kind in kinds.values()) <= 1
    for subject in session.timeline.subjects:
        if subject in kinds:
            continue
        if roles.get(subject, "") in apart or (
            subject not in roles and (subject in seen[stream.id] or (only and apart))
        ):
            yield subject


def _tied(sessions: Sequence[CodedSession]) -> tuple[list[CodedSession], tuple[tuple[str, str], ...]]:
    """Two sessions with the same three or more events to the millisecond are one record: tie them as one happening."""
    first: dict[object, CodedSession] = {}
    tied, twins = [], []
    for session in sessions:
        print_of = tuple(
            sorted((one.stream, one.code, one.subject or "", at) for one, at in _instants(session.timeline))
        )
        original = first.setdefault(print_of, session) if len(print_of) >= 3 else session
        if original is not session:
            twins.append((original.id, session.id))
            session = replace(session, happening=original.happening or original.id)
        tied.append(session)
    return tied, tuple(twins)


def _instants(timeline: Timeline) -> Iterator[tuple[Point | Bout, int]]:
    yield from ((one, one.at) for one in timeline.points)
    yield from ((one, one.start) for one in timeline.bouts)


def _summed(found: Sequence[tuple[str, str, int]]) -> tuple[tuple[str, str, int], ...]:
    totals: dict[tuple[str, str], int] = defaultdict(int)
    for person, name, n in found:
        totals[person, name] += n
    return tuple((person, name, n) for (person, name), n in sorted(totals.items()))
