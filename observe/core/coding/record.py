"""The coded record: what a session's log means, as immutable values.

All times are whole milliseconds from the session's start. Intervals of time are half open: [start, end).
`subject` is None where the framework does not tell subjects apart (the class, the room, the only actor).
The JSON form (`as_json`) is the one that the vectors in tests/vectors hold, and that TypeScript gives too.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

Span = tuple[int, int]
"""[start, end) in milliseconds"""

Values = tuple[tuple[str, Any], ...]
"""modifier or variable values by id, sorted by id; JSON scalars or tuples of them"""


@dataclass(frozen=True, slots=True)
class Point:
    """A behaviour of which only the moment counts. `flags`: perhaps-double, back-dated, out-of-view, beat."""

    event: str
    at: int
    stream: str
    code: str
    subject: str | None = None
    target: str | None = None
    modifiers: Values = ()
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Bout:
    """A behaviour that lasted from `start` until `end`.

    `event` is the start event; `pieces` are its observed parts (one, unless the stream suspends bouts while out of
    view or paused). `closed_by`: stop, exclusive, end, pause, out-of-view or leave. `censored_end` is true when the
    end was not seen (session end, pause, out of view); `censored_start` when the beginning was not seen.
    A split bout gives several Bouts with the same `event`, numbered by `part` from 0.
    """

    event: str
    start: int
    end: int
    stream: str
    code: str
    subject: str | None = None
    target: str | None = None
    modifiers: Values = ()
    pieces: tuple[Span, ...] = ()
    part: int = 0
    censored_start: bool = False
    censored_end: bool = False
    closed_by: str = "stop"
    flags: tuple[str, ...] = ()

    @property
    def observed_ms(self) -> int:
        """Its length in observed time."""
        return sum(end - start for start, end in self.pieces)


@dataclass(frozen=True, slots=True)
class Interval:
    """One interval of a stream, for one subject. Zero is not missing.

    `state`: ticked · empty (watched, nothing seen) · missed · out-of-view · partial (cut off by the session's end or by
    time out of view, nothing seen) · not-reached is never listed. `index` counts from 0.
    `start` and `end` are session time; `observed_ms` is what of it was watched.
    `codes` are the ids ticked, sorted; `values` holds counts where a tally was kept.
    """

    stream: str
    index: int
    start: int
    end: int
    state: str
    observed_ms: int
    subject: str | None = None
    codes: tuple[str, ...] = ()
    events: tuple[str, ...] = ()
    values: Values = ()
    """how often each code was counted, where a tally was kept: code → n"""
    modifiers: tuple[tuple[str, Values], ...] = ()
    """more about the codes ticked: code → modifier values"""


@dataclass(frozen=True, slots=True)
class Scan:
    """One sample point. `state`: taken · empty (a true zero) · late · missed · out-of-view.

    `counts` holds, for an area count, ((dimension, option), …) → n as sorted pairs; for persons it is empty and
    `code` is what the subject was doing.
    """

    stream: str
    index: int
    due: int
    at: int | None
    state: str
    subject: str | None = None
    code: str | None = None
    modifiers: Values = ()
    counts: tuple[tuple[Values, int], ...] = ()
    events: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rated:
    """A judgement. `value` is a number, or None with `answer` saying why: cannot-judge, not-observable, not-applicable;
    `none` where neither a value nor an answer came, which is a finding."""

    event: str
    at: int
    stream: str
    rating: str
    value: float | None
    answer: str = "value"
    subject: str | None = None
    interval: int | None = None
    details: Values = ()


@dataclass(frozen=True, slots=True)
class Linked:
    """Two events that belong together, or one that nothing answered (`to_event` None). `wait_ms` is between onsets."""

    event: str
    link: str
    from_event: str
    to_event: str | None
    wait_ms: int | None
    within: bool


@dataclass(frozen=True, slots=True)
class Note:
    """Words. `outside` marks what the framework had no place for."""

    event: str
    at: int
    text: str
    about: str | None = None
    outside: bool = False


@dataclass(frozen=True, slots=True)
class Position:
    """Where the tablet was at the start, at a scan (`stream`, `sample`) or at a note (`about`).

    `state`: known · lost (no fix, or one too old) · refused · unavailable · off (the observer left it out). A position
    that is not known has no figures: missing is missing. `age_ms` is how old the fix was then.
    """

    event: str
    at: int
    of: str
    state: str
    about: str | None = None
    stream: str | None = None
    sample: int | None = None
    latitude: float | None = None
    longitude: float | None = None
    accuracy_m: float | None = None
    age_ms: int | None = None
    rounded_m: int | None = None


@dataclass(frozen=True, slots=True)
class Observed:
    """When someone (or, with subject None, anyone at all) could be seen: the denominators."""

    subject: str | None
    spans: tuple[Span, ...]

    @property
    def ms(self) -> int:
        """Observed time in milliseconds."""
        return sum(end - start for start, end in self.spans)


@dataclass(frozen=True, slots=True)
class Turn:
    """A stretch in which one subject was the focal one of a rotating stream: only then is what it did looked for."""

    stream: str
    subject: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Finding:
    """Something about the log that a person should know: stable code, the events concerned, where in time."""

    code: str
    at: int
    events: tuple[str, ...] = ()
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Timeline:
    """Everything that a session's log means. `end` is the last moment known; `ended` says whether it was closed."""

    start: int
    end: int
    ended: bool
    pauses: tuple[Span, ...] = ()
    points: tuple[Point, ...] = ()
    bouts: tuple[Bout, ...] = ()
    intervals: tuple[Interval, ...] = ()
    scans: tuple[Scan, ...] = ()
    ratings: tuple[Rated, ...] = ()
    links: tuple[Linked, ...] = ()
    notes: tuple[Note, ...] = ()
    observed: tuple[Observed, ...] = ()
    subjects: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    turns: tuple[Turn, ...] = ()
    positions: tuple[Position, ...] = ()

    def observed_of(self, subject: str | None) -> Observed:
        """When this subject could be seen; one never mentioned could be seen whenever anyone could."""
        everyone = Observed(None, ())
        for observed in self.observed:
            if observed.subject == subject:
                return observed
            if observed.subject is None:
                everyone = observed
        return everyone
