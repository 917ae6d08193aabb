"""Tidy tables: what each row and column of an export is. One fact a row, one table a file, times in whole milliseconds.

A cell without a value is None and stays empty; why there is none stands in a column beside it (`state`, `answer`),
so that zero, missing, not applicable and out of view are four different things.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import msgspec

from frameworks.model import Framework
from observe.core.coding.record import Bout, Span, Timeline, Values
from observe.core.consent import Silence, shown_header
from observe.core.measures.figures import Figure
from observe.core.measures.session import BudgetRow

Cell = str | int | float | bool | None
Row = tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Column:
    """`type` is Frictionless': string, integer, number, boolean or datetime. JSON stands in strings that `holds_json`."""

    name: str
    type: str
    about: str
    holds_json: bool = False
    required: bool = False
    values: tuple[str, ...] = ()


class StoredEvent(msgspec.Struct, frozen=True):
    """One event as the server holds it. `json` is the tablet's own text."""

    device: str
    seq: int
    id: str
    at: int
    kind: str
    json: str
    received: int


@dataclass(frozen=True, slots=True)
class Source:
    """Everything that one session gives to the tables. `withheld` are subjects without consent: no row is about them.

    `silent` are the events tied to those, which the table of events leaves out. `record`, where it is given, is the kept
    record itself, out of which a table of bouts is read without the rest.
    """

    session: str
    study: str
    framework: Framework
    framework_hash: str
    framework_number: int
    observer: str
    device: str
    purpose: str
    happening: str | None
    setting: str | None
    consent: str | None
    started: int
    offset: int
    zone: str
    status: str
    header: str
    stored: int
    claimed: int | None
    digest: str
    timeline: Timeline
    budget: tuple[BudgetRow, ...] = ()
    events: Iterable[StoredEvent] = ()
    withheld: frozenset[str] = field(default=frozenset())
    silent: frozenset[str] = field(default=frozenset())
    record: bytes = b""


@dataclass(frozen=True, slots=True)
class Table:
    """One file of an export: its columns in order, the columns that make a row the only one of its kind, its rows."""

    name: str
    about: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    rows: Callable[[Source], Iterator[Row]]


class _Seen(msgspec.Struct):
    """What the table of events shows of an event beside its words."""

    code: Any = None
    subject: Any = None


_seen = msgspec.json.Decoder(_Seen)


@lru_cache(maxsize=1024)
def utc(ms: int) -> str:
    """ISO 8601 in UTC to the millisecond; the year stays within what a spreadsheet can read."""
    moment = datetime.fromtimestamp(min(max(ms, 0), 253402300799999) / 1000, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def values_json(values: Values) -> str | None:
    """Modifier values as a JSON object; None when there are none."""
    return json.dumps(dict(values), ensure_ascii=False, separators=(",", ":")) if values else None


def words(parts: Iterable[str]) -> str | None:
    return " ".join(parts) or None


def plain(value: float | None) -> Cell:
    """A whole number without a decimal point."""
    return int(value) if value is not None and float(value).is_integer() and abs(value) < 2**53 else value


def session_rows(source: Source) -> Iterator[Row]:
    timeline = source.timeline
    complete = None if source.claimed is None else source.stored >= source.claimed
    yield (
        source.session, source.study, source.framework.slug, source.framework_number, source.framework_hash,
        source.observer, source.device, source.purpose, source.happening, source.setting, source.consent,
        utc(source.started), source.offset, source.zone or None, source.status, timeline.ended,
        timeline.end - timeline.start, timeline.observed_of(None).ms, source.stored, source.claimed, complete,
        len(timeline.findings), source.digest, told_header(source),
    )  # fmt: skip


def told_header(source: Source) -> str:
    """The header without subjects without consent."""
    return shown_header(source.header, Silence(source.withheld))


def variable_rows(source: Source) -> Iterator[Row]:
    variables = json.loads(told_header(source)).get("variables") or {}
    for name, value in sorted(variables.items()):
        yield source.session, name, value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def event_rows(source: Source) -> Iterator[Row]:
    session, silent = source.session, source.silent
    for event in source.events:
        if event.id in silent:
            continue
        seen = _seen.decode(event.json)
        code = seen.code if isinstance(seen.code, str) else None
        subject = seen.subject if isinstance(seen.subject, str) else None
        yield (
            session, event.device, event.seq, event.id, event.kind, event.at, code, subject, utc(event.received), event.json,
        )  # fmt: skip


class _LeanBout(msgspec.Struct, frozen=True, gc=False):
    """A bout as a table shows it. Its stretches stay text; nothing here can be part of a ring, so none is looked for."""

    event: str
    start: int
    end: int
    stream: str
    code: str
    pieces: msgspec.Raw
    subject: str | None = None
    target: str | None = None
    modifiers: Any = ()
    part: int = 0
    censored_start: bool = False
    censored_end: bool = False
    closed_by: str = "stop"
    flags: tuple[str, ...] = ()


class _Lean(msgspec.Struct):
    bouts: tuple[_LeanBout, ...] = ()


_lean = msgspec.json.Decoder(_Lean)
_spans = msgspec.json.Decoder(tuple[Span, ...])


def bout_rows(source: Source) -> Iterator[Row]:
    session, withheld = source.session, source.withheld
    bouts = _lean.decode(source.record).bouts if source.record else source.timeline.bouts
    return (
        (
            session, bout.event, bout.part, bout.stream, bout.code, bout.subject, bout.target, bout.start, bout.end,
            *_observed(bout), bout.censored_start, bout.censored_end, bout.closed_by,
            values_json(bout.modifiers) if bout.modifiers else None, words(bout.flags) if bout.flags else None,
        )
        for bout in bouts
        if not withheld or (bout.subject not in withheld and bout.target not in withheld)
    )  # fmt: skip


def _observed(bout: Bout | _LeanBout) -> tuple[int, str | None]:
    """Observed length; the stretches as JSON where they are not one."""
    pieces = bout.pieces
    if isinstance(pieces, msgspec.Raw):
        if bytes(pieces) == b"[[%d,%d]]" % (bout.start, bout.end):
            return bout.end - bout.start, None
        pieces = _spans.decode(pieces)
    if len(pieces) == 1:
        return pieces[0][1] - pieces[0][0], None
    return sum(end - start for start, end in pieces), json.dumps(pieces, separators=(",", ":"))


def point_rows(source: Source) -> Iterator[Row]:
    for point in source.timeline.points:
        if point.subject in source.withheld or point.target in source.withheld:
            continue
        yield (
            source.session, point.event, point.at, point.stream, point.code, point.subject, point.target,
            values_json(point.modifiers), words(point.flags),
        )  # fmt: skip


def interval_rows(source: Source) -> Iterator[Row]:
    """A row for each code of the stream, ticked or not. Where nobody watched, `occurred` is empty and not 0."""
    codes = {stream.id: [code.id for code in stream.codes] for stream in source.framework.streams}
    for one in source.timeline.intervals:
        if one.subject in source.withheld:
            continue
        watched = one.state in {"ticked", "empty"}
        counts, modifiers = dict(one.values), dict(one.modifiers)
        for code in dict.fromkeys((*codes.get(one.stream, ()), *one.codes)):
            ticked = code in one.codes
            yield (
                source.session, one.stream, one.index, one.subject, code, one.start, one.end, one.observed_ms, one.state,
                int(ticked) if ticked or watched else None, counts.get(code), values_json(modifiers.get(code, ())),
            )  # fmt: skip


def scan_rows(source: Source) -> Iterator[Row]:
    """A row for each person, or for each cell of a count. An empty scan is a true zero: n is 0 there."""
    for scan in source.timeline.scans:
        if scan.subject in source.withheld:
            continue
        head = (source.session, scan.stream, scan.index, scan.due, scan.at, scan.state, scan.subject, scan.code)
        for cell, n in scan.counts or (((), 0 if scan.state == "empty" else None),):
            yield *head, values_json(scan.modifiers), values_json(cell), n


def rating_rows(source: Source) -> Iterator[Row]:
    for rated in source.timeline.ratings:
        if rated.subject not in source.withheld:
            yield (
                source.session, rated.event, rated.at, rated.stream, rated.rating, rated.subject, rated.interval,
                plain(rated.value), rated.answer, values_json(rated.details),
            )  # fmt: skip


def link_rows(source: Source) -> Iterator[Row]:
    for link in source.timeline.links:
        yield source.session, link.event, link.link, link.from_event, link.to_event, link.wait_ms, link.within


def note_rows(source: Source) -> Iterator[Row]:
    for note in source.timeline.notes:
        yield source.session, note.event, note.at, note.text, note.about, note.outside


def position_rows(source: Source) -> Iterator[Row]:
    """A row each time one was asked for, known or not."""
    for one in source.timeline.positions:
        yield (
            source.session, one.event, one.at, one.of, one.stream, one.sample, one.about, one.state, plain(one.latitude),
            plain(one.longitude), plain(one.accuracy_m), one.age_ms, one.rounded_m,
        )  # fmt: skip


def observed_rows(source: Source) -> Iterator[Row]:
    for observed in source.timeline.observed:
        if observed.subject not in source.withheld:
            for start, end in observed.spans:
                yield source.session, observed.subject, start, end, end - start


def finding_rows(source: Source) -> Iterator[Row]:
    for finding in source.timeline.findings:
        if any(subject in finding.detail for subject in source.withheld):
            continue
        yield source.session, finding.code, finding.at, words(finding.events), finding.detail or None


def budget_rows(source: Source) -> Iterator[Row]:
    for row in source.budget:
        if row.subject not in source.withheld:
            yield (
                source.session, row.stream, row.subject, row.code, row.kind, row.observed_ms, row.count, row.of, row.missed,
                row.bouts, row.censored, row.duration_ms, *_figure(row.proportion), *_figure(row.rate), *_figure(row.share),
                row.share.name if row.share else None,
            )  # fmt: skip


def _figure(figure: Figure | None) -> tuple[Cell, Cell, Cell]:
    return (figure.value, figure.low, figure.high) if figure else (None, None, None)


SESSION = Column("session", "string", "id of the session", required=True)
STREAM = Column("stream", "string", "id of the stream in the framework", required=True)
SUBJECT = Column("subject", "string", "id of the subject, or of the actor seen as one; empty: not told apart")
CODE = Column("code", "string", "id of the code in the framework", required=True)
EVENT = Column("event", "string", "id of the event that this rests on", required=True)
TARGET = Column("target", "string", "whom it was done to")
MODIFIERS = Column("modifiers", "string", "modifier values by id, as JSON", holds_json=True)
FLAGS = Column("flags", "string", "perhaps-double, back-dated, out-of-view …, with spaces between them")
AT = Column("at_ms", "integer", "milliseconds from the session's start", required=True)

SESSIONS = Table(
    "sessions",
    "One row a session: what it was, how complete it is, and the digest of its log.",
    (
        SESSION,
        Column("study", "string", "short name of the study", required=True),
        Column("framework", "string", "short name of the framework", required=True),
        Column("framework_number", "integer", "its published version", required=True),
        Column("framework_hash", "string", "hash of that version's content", required=True),
        Column("observer", "string", "who recorded", required=True),
        Column("device", "string", "id of the tablet", required=True),
        Column("purpose", "string", "practice never counts as data", required=True, values=("field", "practice", "reliability")),
        Column("happening", "string", "sessions with the same happening watched the same thing"),
        Column("setting", "string", "where, or in what situation"),
        Column("consent", "string", "what was said about consent at the start", values=("stated", "not-needed", "refused")),
        Column("started", "datetime", "by the tablet's clock, in UTC", required=True),
        Column("offset_minutes", "integer", "minutes east of UTC where it was recorded", required=True),
        Column("zone", "string", "IANA time zone"),
        Column("status", "string", "how far supervision is", required=True,
               values=("recording", "submitted", "returned", "signed_off")),
        Column("ended", "boolean", "whether the observer closed it", required=True),
        Column("length_ms", "integer", "from start to end", required=True),
        Column("observed_ms", "integer", "length less pauses and general out of view", required=True),
        Column("events", "integer", "events stored", required=True),
        Column("events_claimed", "integer", "events that the tablet says there are"),
        Column("complete", "boolean", "whether all of them are here; empty: the tablet has not said"),
        Column("findings", "integer", "things about the log that a person should know", required=True),
        Column("digest", "string", "SHA-256 over the events' own digests", required=True),
        Column("header", "string", "the session header as the tablet sent it", holds_json=True, required=True),
    ),
    ("session",),
    session_rows,
)  # fmt: skip

TABLES: tuple[Table, ...] = (
    SESSIONS,
    Table(
        "variables",
        "One row a session and variable.",
        (
            SESSION,
            Column("variable", "string", "id of the variable in the framework", required=True),
            Column("value", "string", "its value; numbers and yes/no as JSON has them"),
        ),
        ("session", "variable"),
        variable_rows,
    ),
    Table(
        "events",
        "The log itself, one row an event, word for word. Everything else can be derived from it.",
        (
            SESSION,
            Column("device", "string", "id of the device that wrote it", required=True),
            Column("seq", "integer", "its number in that device's log, gap-free from 1", required=True),
            EVENT,
            Column("kind", "string", "what kind of event", required=True),
            AT,
            Column("code", "string", "id of the code, where the event has one"),
            SUBJECT,
            Column("received", "datetime", "when the server took it in, in UTC", required=True),
            Column("json", "string", "the event as the tablet wrote it", holds_json=True, required=True),
        ),
        ("session", "device", "seq"),
        event_rows,
    ),
    Table(
        "bouts",
        "One row a bout (or part of one) of a state.",
        (
            SESSION, EVENT,
            Column("part", "integer", "parts of a bout that was split, from 0", required=True),
            STREAM, CODE, SUBJECT, TARGET,
            Column("start_ms", "integer", "milliseconds from the session's start", required=True),
            Column("end_ms", "integer", "first millisecond after it", required=True),
            Column("observed_ms", "integer", "its length in observed time", required=True),
            Column("pieces", "string", "its observed stretches as JSON, when they are not one", holds_json=True),
            Column("censored_start", "boolean", "its beginning was not seen", required=True),
            Column("censored_end", "boolean", "its end was not seen", required=True),
            Column("closed_by", "string", "stop, exclusive, end, pause, out-of-view or leave", required=True),
            MODIFIERS, FLAGS,
        ),
        ("session", "event", "part"),
        bout_rows,
    ),
    Table(
        "points",
        "One row a point.",
        (SESSION, EVENT, AT, STREAM, CODE, SUBJECT, TARGET, MODIFIERS, FLAGS),
        ("session", "event", "at_ms"),
        point_rows,
    ),
    Table(
        "intervals",
        "One row an interval, subject and code. A share of intervals is never a share of time.",
        (
            SESSION, STREAM,
            Column("interval", "integer", "its number from 0", required=True),
            SUBJECT, CODE,
            Column("start_ms", "integer", "milliseconds from the session's start", required=True),
            Column("end_ms", "integer", "first millisecond after it", required=True),
            Column("observed_ms", "integer", "how much of it was watched", required=True),
            Column("state", "string", "ticked, empty (watched, nothing seen), missed, out-of-view or partial", required=True),
            Column("occurred", "integer", "1 occurred, 0 did not; empty: nobody can say, see state"),
            Column("count", "integer", "how often, where a tally was kept"),
            MODIFIERS,
        ),
        ("session", "stream", "interval", "subject", "code"),
        interval_rows,
    ),
    Table(
        "scans",
        "One row a sample point and person, or a sample point and cell of a count.",
        (
            SESSION, STREAM,
            Column("sample", "integer", "its number from 0", required=True),
            Column("due_ms", "integer", "when it was due", required=True),
            Column("at_ms", "integer", "when it was taken; empty: it was not"),
            Column("state", "string", "taken, empty (a true zero), late, missed or out-of-view", required=True),
            SUBJECT,
            Column("code", "string", "what the subject was doing"),
            MODIFIERS,
            Column("cell", "string", "cell of a crossed count as JSON: option by dimension", holds_json=True),
            Column("n", "integer", "how many were counted"),
        ),
        (),
        scan_rows,
    ),
    Table(
        "ratings",
        "One row a judgement.",
        (
            SESSION, EVENT, AT, STREAM,
            Column("rating", "string", "id of the rating in the framework", required=True),
            SUBJECT,
            Column("interval", "integer", "the interval it is of, from 0"),
            Column("value", "number", "the value given; empty: see answer"),
            Column("answer", "string", "value, cannot-judge, not-observable or not-applicable", required=True),
            Column("details", "string", "source and date of a statistic and the like, as JSON", holds_json=True),
        ),
        ("session", "event"),
        rating_rows,
    ),
    Table(
        "links",
        "One row an event that belongs to another, or that nothing answered.",
        (
            SESSION, EVENT,
            Column("link", "string", "id of the link in the framework", required=True),
            Column("from_event", "string", "the event that asked for an answer", required=True),
            Column("to_event", "string", "the event that answered; empty: nothing did"),
            Column("wait_ms", "integer", "time between their onsets"),
            Column("within", "boolean", "whether it came in time", required=True),
        ),
        (),
        link_rows,
    ),
    Table(
        "notes",
        "One row a note.",
        (
            SESSION, EVENT, AT,
            Column("text", "string", "the observer's words", required=True),
            Column("about", "string", "id of the event that it is about"),
            Column("outside", "boolean", "the framework had no place for it", required=True),
        ),
        ("session", "event"),
        note_rows,
    ),
    Table(
        "positions",
        "One row each time the tablet's position was asked for: at the start, with a scan, with a note. Missing is a row too.",
        (
            SESSION, EVENT, AT,
            Column("of", "string", "what it was asked for with", required=True, values=("start", "scan", "note")),
            Column("stream", "string", "stream of the scan; with sample it leads to the table of scans"),
            Column("sample", "integer", "number of the scan, from 0"),
            Column("about", "string", "id of the scan's first event, or of the note"),
            Column("state", "string", "known, or why there is none", required=True,
                   values=("known", "lost", "refused", "unavailable", "off")),
            Column("latitude", "number", "degrees north (WGS 84), rounded on the tablet"),
            Column("longitude", "number", "degrees east (WGS 84), rounded on the tablet"),
            Column("accuracy_m", "number", "metres within which the tablet really was (95 %), before rounding"),
            Column("age_ms", "integer", "how old the fix was then"),
            Column("rounded_m", "integer", "side of the square in metres, to the middle of which it was rounded"),
        ),
        ("session", "event"),
        position_rows,
    ),
    Table(
        "observed",
        "One row a stretch in which somebody could be seen: the denominators.",
        (
            SESSION, SUBJECT,
            Column("start_ms", "integer", "milliseconds from the session's start", required=True),
            Column("end_ms", "integer", "first millisecond after it", required=True),
            Column("observed_ms", "integer", "its length", required=True),
        ),
        ("session", "subject", "start_ms"),
        observed_rows,
    ),
    Table(
        "budget",
        "One row a session, stream, subject and code, seen or not: a zero is a row, not a gap.",
        (
            SESSION, STREAM, SUBJECT, CODE,
            Column("kind", "string", "point, state, entries, interval, scan, count or rating", required=True),
            Column("observed_ms", "integer", "observed time: the denominator", required=True),
            Column("count", "integer", "onsets in observed time, or intervals, scans or persons", required=True),
            Column("of", "integer", "intervals or scans that were watched", required=True),
            Column("missed", "integer", "intervals or scans that were not", required=True),
            Column("bouts", "integer", "bouts", required=True),
            Column("censored", "integer", "bouts whose end was not seen", required=True),
            Column("duration_ms", "integer", "time in the state, within observed time", required=True),
            Column("proportion", "number", "duration by observed time; empty: nothing was observed"),
            Column("proportion_low", "number", "lower limit, where there is one"),
            Column("proportion_high", "number", "upper limit, where there is one"),
            Column("rate_per_hour", "number", "count by hour of observed time; empty: nothing was observed"),
            Column("rate_low", "number", "lower 95 % limit (Garwood)"),
            Column("rate_high", "number", "upper 95 % limit (Garwood)"),
            Column("share", "number", "count by how many were watched"),
            Column("share_low", "number", "lower 95 % limit (Wilson)"),
            Column("share_high", "number", "upper 95 % limit (Wilson)"),
            Column("share_of", "string", "what the share is a share of"),
        ),
        ("session", "stream", "subject", "code"),
        budget_rows,
    ),
    Table(
        "findings",
        "One row for each thing about a log that a person should know.",
        (
            SESSION,
            Column("finding", "string", "stable code of the finding", required=True),
            AT,
            Column("events", "string", "ids of the events concerned, with spaces between them"),
            Column("detail", "string", "more about it"),
        ),
        (),
        finding_rows,
    ),
)  # fmt: skip

SUBJECTS = (
    Column("subject", "string", "id of the subject", required=True),
    Column("pseudonym", "string", "the pseudonym; who it is stands nowhere in here", required=True),
    Column("consent", "string", "given, refused, withdrawn, not-needed or unknown", required=True),
    Column("active", "boolean", "whether still on the roster", required=True),
    Column("attributes", "string", "attributes by name, as JSON", holds_json=True),
)
"""the table that is of the study and not of a session"""


@dataclass(frozen=True, slots=True)
class SubjectRow:
    """One subject of the roster, by pseudonym."""

    id: str
    pseudonym: str
    consent: str
    active: bool
    attributes: Mapping[str, Any]

    def cells(self) -> Row:
        made = json.dumps(dict(self.attributes), ensure_ascii=False, sort_keys=True) if self.attributes else None
        return self.id, self.pseudonym, self.consent, self.active, made


def table(name: str) -> Table:
    """The table of this name, or KeyError."""
    for one in TABLES:
        if one.name == name:
            return one
    raise KeyError(name)
