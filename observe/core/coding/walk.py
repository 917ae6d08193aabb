"""One walk through the events in order: which behaviour ran from when to when, and what could be seen.

Nothing is cut here. A run is what the taps say; `bouts` cuts it down to what was seen.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from frameworks.model import Code, CodeType, Exhaustiveness, SamplingKind, Stream
from observe.core.coding.events import Event
from observe.core.coding.lookup import INTERVALS, SAMPLES, Lookup
from observe.core.coding.presence import LEAVE, OUT, PAUSE, Change
from observe.core.coding.record import Finding, Point, Values

MAY_FOLLOW_THE_END = frozenset({"note", "link", "rate", "clock", "position"})
"""words, judgements, relations, anchors and places are not about a moment of the window"""

OF_THE_DEVICE = frozenset({"clock", "position"})
"""what no person did"""

CLOCK_FINDING = {"jump": "clock.jump", "slept": "clock.slept", "boot": "clock.restarted"}


@dataclass(slots=True)
class Run:
    """A behaviour from its start to whatever ended it, seen or not. `implicit` runs fill an exhaustive stream."""

    event: Event
    start: int
    stream: Stream | None
    code: str
    subject: str | None
    target: str | None
    modifiers: Values
    flags: tuple[str, ...] = ()
    implicit: bool = False
    end: int = 0
    reason: str = ""
    across_boots: bool = False


RunKey = tuple[str, str | None]
"""stream and subject"""


class Walk:
    """What the walk has gathered; `runs` in the order of their starts, those still running closed at the end."""

    def __init__(self, lookup: Lookup, header: Mapping[str, Any], events: Sequence[Event]) -> None:
        self.lookup = lookup
        self.found: list[Finding] = []
        self.events, self.end, self.ended = self._window(events)
        self.opened = next((e.id for e in self.events if e.kind == "open"), "")
        self.actor_by_subject: dict[str, str] = {}
        self.absent: set[str] = set()
        self.subjects = self._subjects(header)
        self.absent_first = frozenset(self.absent)
        self.changes: list[Change] = []
        self.points: list[Point] = []
        self.runs: list[Run] = []
        self.ticks: list[tuple[Event, Stream]] = []
        self.scans: list[tuple[Event, Stream]] = []
        self.ratings: list[Event] = []
        self.links: list[Event] = []
        self.notes: list[Event] = []
        self.focals: list[Event] = []
        self.positions: list[Event] = []
        self._running: dict[RunKey, list[Run]] = {}
        self._last_by_code: dict[tuple[str, str | None], int] = {}
        self._paused = False
        self._nobody_seen = False
        self._hidden: set[str] = set()
        self._fill_from_the_start()
        self._go()

    # the window

    def _window(self, events: Sequence[Event]) -> tuple[list[Event], int, bool]:
        """The events that count. Without `end` the window goes to the last thing that a person did."""
        ends = [event for event in events if event.kind == "end"]
        if not ends:
            last = max((e.at for e in events if e.kind not in OF_THE_DEVICE and e.is_known), default=0)
            return list(events), max(last, 0), False
        closing = ends[0]
        for other in ends[1:]:
            self._find("end.repeated", other)
        counted = []
        for event in events:
            if event.at <= closing.at or event.kind in MAY_FOLLOW_THE_END:
                counted.append(event)
            elif event.kind != "end":
                self._find("event.after_end", event)
        return counted, max(closing.at, 0), True

    def _subjects(self, header: Mapping[str, Any]) -> tuple[str, ...]:
        """The roster, then others as they are first named. One that first arrives was absent until then."""
        known: dict[str, None] = dict.fromkeys(header.get("subjects") or ())
        met: set[str] = set()
        for event in self.events:
            if event.kind in ("arrive", "leave"):
                self._meet(event, met)
        for event in self.events:
            subject = self._subject(event)
            if subject is not None and subject not in known:
                known[subject] = None
                if subject not in met and subject not in self.lookup.actor_by_id:
                    self._find("subject.not_on_roster", event, detail=subject)
        return tuple(known)

    def _meet(self, event: Event, met: set[str]) -> None:
        subject = event.fields.get("subject", "")
        if event.kind == "arrive" and subject not in met:
            self.absent.add(subject)
        met.add(subject)
        if isinstance(event.fields.get("actor"), str):
            self.actor_by_subject[subject] = event.fields["actor"]

    def _subject(self, event: Event) -> str | None:
        subject = event.fields.get("subject")
        if subject is None:
            return None
        return self.lookup.subject_in(self._stream_of(event), subject)

    def _stream_of(self, event: Event) -> Stream | None:
        fields = event.fields
        if "stream" in fields:
            return self.lookup.stream_by_id.get(fields["stream"])
        if "rating" in fields:
            found = self.lookup.rating_by_id.get(fields["rating"])
            return found[0] if found else None
        place = self.lookup.code_by_id.get(fields.get("code", ""))
        return place[0] if place else None

    # the walk

    def _go(self) -> None:
        steps: dict[str, Callable[[Event], None]] = {
            "point": self._point, "start": self._start, "stop": self._stop, "change": self._change,
            "tick": self._tick, "interval": self._interval, "scan": self._scan,
            "rate": self.ratings.append, "link": self.links.append, "note": self.notes.append,
            "pause": self._pause, "resume": self._resume,
            "out_of_view": self._out_of_view, "in_view": self._in_view,
            "arrive": self._arrive, "leave": self._leave, "focal": self.focals.append,
            "position": self.positions.append,
            "clock": self._clock, "open": _nothing, "end": _nothing,
        }  # fmt: skip
        for event in self.events:
            step = steps.get(event.kind)
            if step is None:
                self._find("event.unknown_kind", event, detail=event.kind)
            else:
                step(event)
        closing = next((e for e in self.events if e.kind == "end"), None)
        for running in self._running.values():
            for run in running:
                self._close(run, self.end, "end", closing)

    def _find(self, code: str, *events: Event, detail: str = "") -> None:
        self.found.append(Finding(code, events[-1].at, tuple(event.id for event in events), detail))

    # points

    def _point(self, event: Event) -> None:
        stream, code = self._place(event)
        if stream is not None and stream.sampling.kind is SamplingKind.BEAT_OR_CHANGE:
            self._change(event)
            return
        if stream is not None and code is not None and code.type is CodeType.STATE and is_continuous(stream):
            self._find("code.wrong_kind", event, detail=code.id)
        self._add_point(event, stream, code)

    def _add_point(self, event: Event, stream: Stream | None, code: Code | None) -> None:
        subject = self._subject(event)
        flags = self._flags(event, code, subject)
        if not self._is_seen(subject) or event.at < 0:
            flags = (*flags, "out-of-view")
            self._find("point.out_of_view", event)
        self.points.append(
            Point(
                event.id,
                event.at,
                stream.id if stream else "",
                event.fields.get("code", ""),
                subject,
                event.fields.get("target"),
                values(event.fields.get("modifiers")),
                flags,
            )
        )

    def _place(self, event: Event) -> tuple[Stream | None, Code | None]:
        """Stream and code; a code that the framework does not know is kept, and a finding."""
        found = self.lookup.code_by_id.get(event.fields.get("code", ""))
        if found is None:
            self._find("code.unknown", event, detail=event.fields.get("code", ""))
            return None, None
        if found[0].target == "required" and event.kind in ("point", "start") and "target" not in event.fields:
            self._find("target.missing", event)
        return found

    def _flags(self, event: Event, code: Code | None, subject: str | None) -> tuple[str, ...]:
        flags: tuple[str, ...] = ()
        if event.tapped is not None and event.tapped != event.at:
            flags = ("back-dated",)
        if code is not None and code.double_guard_ms is not None:
            last = self._last_by_code.get((code.id, subject))
            self._last_by_code[code.id, subject] = event.at
            if last is not None and event.at - last <= code.double_guard_ms:
                flags = (*flags, "perhaps-double")
        return flags

    def _is_seen(self, subject: str | None) -> bool:
        if self._paused or self._nobody_seen:
            return False
        return subject is None or (subject not in self._hidden and subject not in self.absent)

    # states

    def _start(self, event: Event) -> None:
        stream, code = self._place(event)
        if stream is not None and stream.sampling.kind is SamplingKind.BEAT_OR_CHANGE:
            self._change(event)
        elif stream is not None and code is not None and code.type is CodeType.POINT and is_continuous(stream):
            self._find("code.wrong_kind", event, detail=code.id)
            self._add_point(event, stream, code)
        else:
            self._begin(event, stream, code)

    def _begin(self, event: Event, stream: Stream | None, code: Code | None) -> None:
        subject = self._subject(event)
        run = Run(
            event, event.at, stream, event.fields.get("code", ""), subject, event.fields.get("target"),
            values(event.fields.get("modifiers")), self._flags(event, code, subject),
        )  # fmt: skip
        running = self._running.setdefault((stream.id if stream else "", subject), [])
        if stream is not None and (stream.exclusive or stream.sampling.kind is SamplingKind.BEAT_OR_CHANGE):
            if self._may_replace(run, running, stream):
                for former in running:
                    self._close(former, event.at, "exclusive", event)
                running[:] = [run]
                self.runs.append(run)
            return
        twin = next((r for r in running if r.code == run.code and r.target == run.target and not r.implicit), None)
        if twin is not None:
            self._find("start.already_running", twin.event, event)
            return
        running.append(run)
        self.runs.append(run)

    def _may_replace(self, run: Run, running: list[Run], stream: Stream) -> bool:
        """Whether a start ends what runs: not when it is the same again, nor when a code of priority began just then."""
        if not running or running[0].implicit:
            return True
        former = running[0]
        on_the_beat = stream.sampling.kind is SamplingKind.BEAT_OR_CHANGE
        if former.code == run.code and (
            on_the_beat or (former.target, former.modifiers) == (run.target, run.modifiers)
        ):
            if not on_the_beat:
                self._find("start.already_running", former.event, run.event)
            return False
        if former.start == run.start:
            if stream.priority_rule == "resolve" and outranks(stream, former.code, run.code):
                self._find("priority.resolved", former.event, run.event, detail=run.code)
                return False
            self._find("exclusive.same_instant", former.event, run.event)
        return True

    def _change(self, event: Event) -> None:
        stream, code = self.lookup.code_by_id.get(event.fields.get("code", ""), (None, None))
        if (
            event.kind == "change"
            and stream is not None
            and stream.sampling.kind is not SamplingKind.BEAT_OR_CHANGE
        ):
            self._find("code.wrong_kind", event, detail=event.fields.get("code", ""))
        if stream is None and event.kind == "change":
            self._find("code.unknown", event, detail=event.fields.get("code", ""))
        self._begin(event, stream, code)

    def _stop(self, event: Event) -> None:
        stream, _ = self._place(event)
        subject = self._subject(event)
        run = self._run_meant(event, (stream.id if stream else "", subject))
        if run is None:
            self._find("stop.without_start", event)
            return
        if event.at == run.start:
            self._find("bout.no_length", run.event, event)
        asked = event.fields.get("modifiers")
        if asked:
            run.modifiers = values({**dict(run.modifiers), **asked})
        self._running[run.stream.id if run.stream else "", run.subject].remove(run)
        self._close(run, event.at, "stop", event)
        self._fill(run.stream, run.subject, event)

    def _run_meant(self, event: Event, key: RunKey) -> Run | None:
        """The run that a stop names, else the latest of its code. A filled gap is not stopped: a code ends it."""
        ref, code = event.fields.get("ref"), event.fields.get("code")
        if ref is not None:
            every = (run for running in self._running.values() for run in running)
            return next((run for run in every if run.event.id == ref and not run.implicit), None)
        running = self._running.get(key, [])
        return next((run for run in reversed(running) if run.code == code and not run.implicit), None)

    def _close(self, run: Run, at: int, reason: str, by: Event | None) -> None:
        run.end, run.reason = at, reason
        boots = {run.event.boot, by.boot} if by is not None and not run.implicit else set()
        run.across_boots = len(boots - {None}) == 2

    # the fallback of an exhaustive stream

    def _fill_from_the_start(self) -> None:
        opening = Event(self.opened, 0, 0, "open")
        for stream in self.lookup.framework.streams:
            if is_filled(stream):
                for subject in self.lookup.subjects_of(stream, self.subjects, self.actor_by_subject):
                    if subject not in self.absent:
                        self._fill(stream, subject, opening)

    def _fill(self, stream: Stream | None, subject: str | None, event: Event) -> None:
        """Time without a code, from this event on, is the fallback's."""
        if stream is None or not is_filled(stream) or subject in self.absent:
            return
        running = self._running.setdefault((stream.id, subject), [])
        if not running:
            run = Run(event, max(event.at, 0), stream, stream.fallback, subject, None, (), implicit=True)
            running.append(run)
            self.runs.append(run)

    # intervals, scans

    def _tick(self, event: Event) -> None:
        stream = self._known_stream(event)
        if stream is not None:
            found = self.lookup.code_by_id.get(event.fields.get("code", ""))
            if found is None or found[0].id != stream.id:
                self._find("code.unknown", event, detail=event.fields.get("code", ""))
            self._gather(self.ticks, INTERVALS, event, stream)

    def _interval(self, event: Event) -> None:
        stream = self._known_stream(event)
        if stream is not None:
            self._gather(self.ticks, INTERVALS, event, stream)

    def _scan(self, event: Event) -> None:
        stream = self._known_stream(event)
        if stream is not None:
            code = event.fields.get("code")
            if code is not None and self.lookup.code_by_id.get(code, (None,))[0] is not stream:
                self._find("code.unknown", event, detail=code)
            self._gather(self.scans, SAMPLES, event, stream)

    def _known_stream(self, event: Event) -> Stream | None:
        stream = self.lookup.stream_by_id.get(event.fields.get("stream", ""))
        if stream is None:
            self._find("stream.unknown", event, detail=event.fields.get("stream", ""))
        return stream

    def _gather(
        self, into: list[tuple[Event, Stream]], kinds: frozenset[SamplingKind], event: Event, stream: Stream
    ) -> None:
        if stream.sampling.kind in kinds:
            into.append((event, stream))
        else:
            self._find("stream.wrong_kind", event, detail=stream.id)

    # what can be seen

    def _pause(self, event: Event) -> None:
        if self._paused:
            self._find("pause.already", event)
            return
        self._paused = True
        self.changes.append(Change(event.at, None, PAUSE, True))

    def _resume(self, event: Event) -> None:
        if not self._paused:
            self._find("pause.not_paused", event)
            return
        self._paused = False
        self.changes.append(Change(event.at, None, PAUSE, False))

    def _out_of_view(self, event: Event) -> None:
        subject = event.fields.get("subject")
        if self._nobody_seen if subject is None else subject in self._hidden:
            self._find("view.already_out", event)
            return
        self._turn(subject, hidden=True)
        self.changes.append(Change(event.at, subject, OUT, True))

    def _in_view(self, event: Event) -> None:
        subject = event.fields.get("subject")
        if not (self._nobody_seen if subject is None else subject in self._hidden):
            self._find("view.not_out", event)
            return
        self._turn(subject, hidden=False)
        self.changes.append(Change(event.at, subject, OUT, False))

    def _turn(self, subject: str | None, *, hidden: bool) -> None:
        if subject is None:
            self._nobody_seen = hidden
        elif hidden:
            self._hidden.add(subject)
        else:
            self._hidden.discard(subject)

    def _arrive(self, event: Event) -> None:
        subject = event.fields.get("subject", "")
        if subject not in self.absent:
            self._find("subject.already_present", event)
            return
        self.absent.discard(subject)
        self.changes.append(Change(event.at, subject, LEAVE, False))
        for stream in self.lookup.framework.streams:
            if is_filled(stream) and subject in self.lookup.subjects_of(
                stream, self.subjects, self.actor_by_subject
            ):
                self._fill(stream, subject, event)

    def _leave(self, event: Event) -> None:
        """Whoever leaves takes what was running along: it does not go on when they come back."""
        subject = event.fields.get("subject", "")
        if subject in self.absent:
            self._find("subject.not_present", event)
            return
        self.absent.add(subject)
        self.changes.append(Change(event.at, subject, LEAVE, True))
        for (_, whose), running in self._running.items():
            if whose == subject:
                for run in running:
                    self._close(run, event.at, LEAVE, event)
                running.clear()

    def _clock(self, event: Event) -> None:
        code = CLOCK_FINDING.get(str(event.fields.get("reason")))
        if code is not None:
            self._find(code, event)


def _nothing(event: Event) -> None:
    """`open` and `end` made the window; there is nothing more in them."""


def is_continuous(stream: Stream) -> bool:
    """Whether the moments of taps are the data themselves."""
    return stream.sampling.kind is SamplingKind.CONTINUOUS


def is_filled(stream: Stream) -> bool:
    """Whether time without a code is filled with the fallback."""
    return (
        stream.exclusive
        and bool(stream.fallback)
        and stream.exhaustive is Exhaustiveness.ALWAYS
        and is_continuous(stream)
    )


def outranks(stream: Stream, one: str, other: str) -> bool:
    """Whether the stream's priority puts one code before the other; codes outside the list do not compete."""
    order = stream.priority
    return one in order and other in order and order.index(one) < order.index(other)


def values(given: Mapping[str, Any] | None) -> Values:
    """Values by id, sorted; what is null was not said."""
    if not given:
        return ()
    return tuple(
        (name, tuple(given[name]) if isinstance(given[name], list) else given[name])
        for name in sorted(given)
        if given[name] is not None
    )
