"""What a supervisor should know of a log before trusting it: is it whole, do its clocks agree, was anything left out?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from frameworks.model import Framework, Modifier, RatedAt
from observe.core.coding.events import Event
from observe.core.coding.lookup import Lookup
from observe.core.coding.record import Finding, Span, Timeline, Values

CLOCK_TOLERANCE_MS = 1_000
"""the grain of clocks and small corrections by the network; the client uses the same"""
SERVER_TOLERANCE_MS = 60_000
"""a device clock wrong by more than a minute puts a session beside another that it did not overlap with"""

CONTRADICTIONS = frozenset({
    "stop.without_start", "start.already_running", "exclusive.same_instant", "exclusive.same_interval", "bout.no_length",
    "pause.already", "pause.not_paused", "view.already_out", "view.not_out", "subject.already_present",
    "subject.not_present", "interval.contradiction", "scan.contradiction", "scan.repeated", "rating.repeated",
    "priority.competing", "event.conflict", "event.after_end", "end.repeated",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Completeness:
    """How much of a log is there. `expected` is None while the session has not been ended: then nobody can know."""

    have: int
    expected: int | None
    missing: tuple[Span, ...]
    """ranges of `seq` that are not there, [first, last] and both included"""

    @property
    def is_complete(self) -> bool:
        """Proved, not presumed: the end said how many there are, and each is here."""
        return self.expected is not None and not self.missing


def completeness(events: Iterable[Event]) -> Completeness:
    """Counts by `seq`, so repetitions count once; an `end` that was voided still says how many there were."""
    by_seq = {event.seq: event for event in events}
    counts = [e.fields.get("count", 0) for e in by_seq.values() if e.kind == "end"]
    expected = max([*counts, *by_seq]) if counts else None
    last = expected if expected is not None else max(by_seq, default=0)
    return Completeness(len(by_seq), expected, gaps(by_seq, last))


def gaps(seqs: Iterable[int], last: int) -> tuple[Span, ...]:
    """The ranges missing between 1 and `last`, both included. Each is [first, last] missing."""
    present = sorted({0, *(seq for seq in seqs if 1 <= seq <= last), last + 1})
    return tuple((a + 1, b - 1) for a, b in pairwise(present) if b - a > 1)


def contradictions(record: Timeline) -> tuple[Finding, ...]:
    """The findings of a record in which one thing the observer said does not go with another."""
    return tuple(finding for finding in record.findings if finding.code in CONTRADICTIONS)


def clocks(events: Iterable[Event], *, tolerance_ms: int = CLOCK_TOLERANCE_MS) -> tuple[Finding, ...]:
    """Where session time, the monotonic and the wall clock went different ways from one event to the next in `seq`."""
    in_turn = sorted(events, key=lambda event: event.seq)
    return tuple(finding for one, two in pairwise(in_turn) for finding in _between(one, two, tolerance_ms))


def _between(one: Event, two: Event, tolerance_ms: int) -> Iterable[Finding]:
    """What the log itself says (slept, jump) is a finding of the record already, and not said again."""
    passed = _tapped(two) - _tapped(one)
    by_mono, by_wall = _passed_by_mono(one, two), _passed_by_wall(one, two)
    apart = {
        "clock.backwards": passed if passed < 0 else 0,
        "clock.session_against_mono": 0 if by_mono is None or _is_said(two, "slept") else passed - by_mono,
        "clock.wall_against_mono": 0,
        "clock.session_against_wall": 0,
    }
    if by_wall is not None and by_mono is not None and not _is_said(two, "slept", "jump"):
        apart["clock.wall_against_mono"] = by_wall - by_mono
    if by_wall is not None and by_mono is None:
        apart["clock.session_against_wall"] = passed - by_wall
    for code, ms in apart.items():
        if abs(ms) > (0 if code == "clock.backwards" else tolerance_ms):
            yield Finding(code, two.at, (one.id, two.id), str(ms))


def _passed_by_wall(one: Event, two: Event) -> int | None:
    return two.wall - one.wall if one.wall is not None and two.wall is not None else None


def _tapped(event: Event) -> int:
    """When the finger touched the screen: a back-dated event has that beside its claimed time."""
    return event.at if event.tapped is None else event.tapped


def _passed_by_mono(one: Event, two: Event) -> int | None:
    """Readings compare only within one page load."""
    if one.boot is None or one.boot != two.boot or one.mono is None or two.mono is None:
        return None
    return round(two.mono - one.mono)


def _is_said(event: Event, *reasons: str) -> bool:
    return event.kind == "clock" and event.fields.get("reason") in reasons


@dataclass(frozen=True, slots=True)
class ServerOffset:
    """How far the device's clock was ahead of the server's when they last spoke."""

    at: int
    ahead_ms: int


def server_offsets(events: Iterable[Event]) -> tuple[ServerOffset, ...]:
    """Every anchor that knows the server's time, in order; the way there and back is not taken off."""
    anchored = sorted(events, key=lambda event: event.seq)
    return tuple(
        ServerOffset(e.at, e.wall - e.fields["server"])
        for e in anchored
        if e.kind == "clock" and e.wall is not None and isinstance(e.fields.get("server"), int)
    )


def against_server(events: Iterable[Event], *, tolerance_ms: int = SERVER_TOLERANCE_MS) -> tuple[Finding, ...]:
    """The largest difference from the server's clock, where it is more than can be overlooked."""
    worst = max(server_offsets(events), key=lambda offset: abs(offset.ahead_ms), default=None)
    if worst is None or abs(worst.ahead_ms) <= tolerance_ms:
        return ()
    return (Finding("clock.against_server", worst.at, (), str(worst.ahead_ms)),)


def left_out(framework: Framework, header: Mapping[str, Any], record: Timeline) -> tuple[Finding, ...]:
    """What the framework requires and nobody said: modifiers, notes, variables, ratings at the start and the end."""
    lookup = Lookup(framework)
    return (
        *_variables_left_out(framework, header),
        *_modifiers_left_out(lookup, record),
        *_notes_left_out(lookup, record),
        *_ratings_left_out(framework, record),
    )


def _variables_left_out(framework: Framework, header: Mapping[str, Any]) -> Iterable[Finding]:
    given = header.get("variables") or {}
    for variable in framework.variables:
        if variable.of == "session" and variable.required and given.get(variable.id) in (None, ""):
            yield Finding("variable.missing", 0, (), variable.id)


def _modifiers_left_out(lookup: Lookup, record: Timeline) -> Iterable[Finding]:
    by_id = {modifier.id: modifier for modifier in lookup.framework.modifiers}
    once: dict[str, Finding] = {}
    occurrences: list[tuple[str, int, str, Values, bool]] = [
        (p.event, p.at, p.code, p.modifiers, False) for p in record.points if "beat" not in p.flags
    ]
    occurrences += [(b.event, b.start, b.code, b.modifiers, b.closed_by == "stop") for b in record.bouts]
    for event, at, code, modifiers, stopped in occurrences:
        for modifier in _required_of(lookup, by_id, code):
            asked = modifier.asked_at == "start" or stopped
            if asked and modifier.id not in dict(modifiers):
                once.setdefault(f"{event} {modifier.id}", Finding("modifier.missing", at, (event,), modifier.id))
    return once.values()


def _required_of(lookup: Lookup, by_id: Mapping[str, Modifier], code: str) -> Iterable[Modifier]:
    found = lookup.code_by_id.get(code)
    names = found[1].modifiers if found else ()
    return [by_id[name] for name in names if name in by_id and by_id[name].required]


def _notes_left_out(lookup: Lookup, record: Timeline) -> Iterable[Finding]:
    noted = {note.about for note in record.notes}
    told = {(p.event, p.at, p.code) for p in record.points if "beat" not in p.flags}
    told |= {(bout.event, bout.start, bout.code) for bout in record.bouts if bout.part == 0}
    for event, at, code in sorted(told):
        found = lookup.code_by_id.get(code)
        if found is not None and found[1].note_required and event not in noted:
            yield Finding("note.missing", at, (event,), code)


def _ratings_left_out(framework: Framework, record: Timeline) -> Iterable[Finding]:
    """Only of an ended session, and only those asked once; one about each subject is missing if any lacks it."""
    given = {(rated.rating, rated.subject) for rated in record.ratings}
    lookup = Lookup(framework)
    for stream in framework.streams if record.ended else ():
        if stream.sampling.rated_at in (RatedAt.START, RatedAt.END):
            for subject in lookup.subjects_of(stream, record.subjects, {}):
                for rating in stream.ratings:
                    if (rating.id, subject) not in given:
                        yield Finding(
                            "rating.missing", record.end, (), f"{rating.id} {subject}" if subject else rating.id
                        )


def every(
    framework: Framework, header: Mapping[str, Any], events: Sequence[Event], record: Timeline
) -> tuple[Finding, ...]:
    """All that there is to know, sorted by time, then code: the record's own findings, clocks, gaps and what was left out."""
    whole = completeness(events)
    missing = [Finding("log.gap", record.end, (), f"{first}-{last}") for first, last in whole.missing]
    found = [
        *record.findings,
        *clocks(events),
        *against_server(events),
        *left_out(framework, header, record),
        *missing,
    ]
    if whole.expected is None:
        found.append(Finding("session.not_ended", record.end))
    return tuple(sorted(dict.fromkeys(found), key=lambda f: (f.at, f.code, f.events, f.detail)))
