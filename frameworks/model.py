"""A coding framework as immutable values: what to look for, how time is sampled, what it may be evidence for.

Built from an untrusted document by `frameworks.schema`, judged by `frameworks.rules`.
Ids are stable and stand apart from labels; ids of codes and of ratings are unique in the whole framework,
so that an event names a code and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

SCHEMA = "observe-framework/1"


@dataclass(frozen=True, slots=True)
class Text:
    """Words in one or more languages; the first language given is the one to fall back on."""

    by_language: tuple[tuple[str, str], ...] = ()

    def in_language(self, language: str) -> str:
        """The words in this language, else in the first one given, else nothing."""
        for tag, words in self.by_language:
            if tag == language:
                return words
        return self.by_language[0][1] if self.by_language else ""

    def __str__(self) -> str:
        return self.in_language("")

    def __bool__(self) -> bool:
        return any(words.strip() for _, words in self.by_language)


class RightsStatus(StrEnum):
    """Who may do what with the words of an instrument."""

    OWN = "own"
    OPEN_LICENCE = "open-licence"
    FACTS_REWORDED = "facts-reworded"
    USER_SUPPLIED_ONLY = "user-supplied-only"


@dataclass(frozen=True, slots=True)
class Rights:
    """`user-supplied-only` words are used in one study only; see `frameworks.rights` for what leaves it."""

    status: RightsStatus = RightsStatus.OWN
    licence: str = ""
    attribution: str = ""
    trademark: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Source:
    """Where the instrument comes from."""

    citation: str = ""
    url: str = ""
    note: str = ""


class VariableKind(StrEnum):
    TEXT = "text"
    NUMBER = "number"
    ONE_OF = "one-of"
    DATE = "date"
    YES_NO = "yes-no"


@dataclass(frozen=True, slots=True)
class Option:
    """One answer that can be chosen."""

    id: str
    label: Text


@dataclass(frozen=True, slots=True)
class Variable:
    """Something true of a whole session, of a subject or of a setting. `of` is session, subject or setting.

    `bound_when` holds the answers under which people could not act otherwise, `partly_bound_when` those under which
    they hardly could (a drill, a lesson): what is done then says nothing, or half (Jones & Davis 1965). Answers are
    ids of options, or yes and no.
    """

    id: str
    label: Text
    kind: VariableKind = VariableKind.TEXT
    of: str = "session"
    required: bool = False
    options: tuple[Option, ...] = ()
    unit: str = ""
    sensitive: bool = False
    bound_when: tuple[str, ...] = ()
    partly_bound_when: tuple[str, ...] = ()


class ActorKind(StrEnum):
    PERSON = "person"
    ROLE = "role"
    GROUP = "group"
    PLACE = "place"
    CASE = "case"
    EVERYONE = "everyone"


class SeenAs(StrEnum):
    """How the people of an actor are told apart."""

    NAMED = "named"
    """subjects from the roster, by pseudonym"""
    COUNTED = "counted"
    """anonymous counts; no subject is recorded"""
    ON_THE_FLY = "on-the-fly"
    """cases or persons made while observing"""
    AS_ONE = "as-one"
    """the actor itself is the subject: the class, the lecturer, the room"""


@dataclass(frozen=True, slots=True)
class Actor:
    """Someone, or something, that can be seen to act."""

    id: str
    label: Text
    kind: ActorKind = ActorKind.PERSON
    seen_as: SeenAs = SeenAs.NAMED


class SamplingKind(StrEnum):
    CONTINUOUS = "continuous"
    PARTIAL_INTERVAL = "partial-interval"
    WHOLE_INTERVAL = "whole-interval"
    PREDOMINANT_INTERVAL = "predominant-interval"
    MOMENTARY_SCAN = "momentary-scan"
    """at each sample point, the state of each subject"""
    AREA_COUNT = "area-count"
    """at each sample point, how many are doing what"""
    OBSERVE_RECORD = "observe-record"
    """watch for `observe_ms`, write for `record_ms`, again and again"""
    SNAPSHOTS = "snapshots"
    """`count` sample points spread evenly over `over_ms`"""
    BEAT_OR_CHANGE = "beat-or-change"
    """a code every `length_ms`, and one more whenever the behaviour changes (FIAC)"""
    TALLY = "tally"
    """anonymous counts within a window of `length_ms`, or the whole session when that is None"""
    RATING = "rating"
    CHECKLIST = "checklist"


class RatedAt(StrEnum):
    START = "start"
    INTERVAL = "interval"
    END = "end"
    ANY = "any"


@dataclass(frozen=True, slots=True)
class Rotation:
    """A focal list walked through: `dwell_ms` each, in `order` (roster, shuffled) over subjects of the actor."""

    dwell_ms: int
    order: str = "roster"


@dataclass(frozen=True, slots=True)
class Sampling:
    """How a stream samples time. Only the fields that the kind needs are set; lengths in milliseconds.

    Intervals and sample points are counted from the session's start in running time: a pause stops the count.
    `every` and `first` pick each n-th interval, counted from 1 (a peer in each fifth: every=5, first=5).
    """

    kind: SamplingKind = SamplingKind.CONTINUOUS
    length_ms: int | None = None
    observe_ms: int | None = None
    record_ms: int | None = None
    count: int | None = None
    over_ms: int | None = None
    every: int = 1
    first: int = 1
    rated_at: RatedAt | None = None
    rotation: Rotation | None = None
    lead_in_ms: int = 0
    late_after_ms: int | None = None
    missed_after_ms: int | None = None


class ModifierKind(StrEnum):
    ONE_OF = "one-of"
    SEVERAL_OF = "several-of"
    ORDERED = "ordered"
    NUMBER = "number"
    TEXT = "text"
    ACTOR = "actor"


@dataclass(frozen=True, slots=True)
class Modifier:
    """More about one occurrence of a code. `asked_at` is start or stop; points are asked at start."""

    id: str
    label: Text
    kind: ModifierKind = ModifierKind.ONE_OF
    options: tuple[Option, ...] = ()
    unit: str = ""
    minimum: float | None = None
    maximum: float | None = None
    required: bool = False
    asked_at: str = "start"


class CodeType(StrEnum):
    POINT = "point"
    """only its moment counts"""
    STATE = "state"
    """it lasts: begun and ended by events of their own"""


@dataclass(frozen=True, slots=True)
class Code:
    """A behaviour that two people would recognise alike. `modifiers` holds ids of the framework's modifiers."""

    id: str
    label: Text
    type: CodeType = CodeType.POINT
    definition: Text = Text()
    include: tuple[Text, ...] = ()
    exclude: tuple[Text, ...] = ()
    examples: tuple[Text, ...] = ()
    non_examples: tuple[Text, ...] = ()
    opportunity: Text = Text()
    """what must be possible for it to occur; empty: it can always occur"""
    group: str = ""
    colour: str = ""
    """#rrggbb, or empty for a colour from the palette"""
    icon: str = ""
    key: str = ""
    modifiers: tuple[str, ...] = ()
    note_required: bool = False
    double_guard_ms: int | None = None
    """two within this time are flagged as perhaps one, never dropped"""
    value: float | None = None
    """what the code counts for in a score (Parten: −3 to 3); no score is ever made unless a formula asks for it"""


class RatingScale(StrEnum):
    ORDINAL = "ordinal"
    NUMBER = "number"
    YES_NO = "yes-no"


@dataclass(frozen=True, slots=True)
class RatingValue:
    """One value of an ordinal scale; values may be signed and have gaps."""

    value: int
    label: Text
    anchor: Text = Text()


@dataclass(frozen=True, slots=True)
class Rating:
    """A judgement. The three `…_allowed` answers are values of their own, never blanks."""

    id: str
    label: Text
    scale: RatingScale = RatingScale.ORDINAL
    definition: Text = Text()
    values: tuple[RatingValue, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    unit: str = ""
    cannot_judge_allowed: bool = True
    not_observable_allowed: bool = True
    not_applicable_allowed: bool = False
    part_of: str = ""
    """id of the rating that this one is weighed up into, by judgement and not by formula"""
    is_statistic: bool = False
    """a figure with source and date, kept beside what was seen: `source` and `date` are asked with it"""


@dataclass(frozen=True, slots=True)
class Dimension:
    """One side of a crossed count."""

    id: str
    label: Text
    options: tuple[Option, ...]


class Exhaustiveness(StrEnum):
    OPEN = "open"
    """there may be times without a code"""
    ALWAYS = "always"
    """there is always a code: the `fallback` where there is one, else time without one is "not coded" """


@dataclass(frozen=True, slots=True)
class AgreementPlan:
    """How observers of one happening are compared, and how far they must agree.

    unit: second, interval, event, utterance, scan or rating. weights: nominal, linear, quadratic or a square
    matrix of disagreements in the order of the stream's codes.
    """

    unit: str
    tolerance_ms: int = 0
    weights: str | tuple[tuple[float, ...], ...] = "nominal"
    level: float | None = None
    measure: str = "alpha"


@dataclass(frozen=True, slots=True)
class Stream:
    """A parallel track with one sampling regime of its own.

    exclusive: starting one code ends the other of the same subject at the same instant.
    target: none, optional or required. out_of_view: split (bouts end, and what goes on later is a new bout) or
    suspend (one bout with a hole); either way that time leaves the denominators.
    """

    id: str
    label: Text
    sampling: Sampling = Sampling()
    actors: tuple[str, ...] = ()
    exclusive: bool = False
    exhaustive: Exhaustiveness = Exhaustiveness.OPEN
    fallback: str = ""
    target: str = "none"
    target_actors: tuple[str, ...] = ()
    priority: tuple[str, ...] = ()
    priority_rule: str = "warn"
    """what happens when two codes compete in one interval or instant: warn or resolve"""
    out_of_view: str = "split"
    codes: tuple[Code, ...] = ()
    ratings: tuple[Rating, ...] = ()
    crossed: tuple[Dimension, ...] = ()
    agreement: AgreementPlan | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """One event answers another: question and answer, command and compliance, threat and error."""

    id: str
    label: Text
    from_codes: tuple[str, ...] = ()
    to_codes: tuple[str, ...] = ()
    within_ms: int | None = None
    if_none: str = ""
    """what is recorded when nothing follows in time: id of a code, or empty for "no answer" """


@dataclass(frozen=True, slots=True)
class Term:
    """One side of a formula.

    measure: duration, count, intervals, scans, ticks, persons, rating, observed-time, observed-intervals, sessions,
    value (the sum of the `value` of each code recorded) or wait (between the two events of each of `links`).
    Without codes, all codes of the stream count, but those in `except_codes`.
    """

    measure: str
    stream: str = ""
    codes: tuple[str, ...] = ()
    except_codes: tuple[str, ...] = ()
    ratings: tuple[str, ...] = ()
    links: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Formula:
    """A named figure. unit: session, subject, setting, pooled, or variable:<id> (several joined by +). average: mean, median, sum or pooled."""

    id: str
    label: Text
    numerator: Term
    denominator: Term | None = None
    unit: str = "session"
    average: str = "mean"
    weights: str = "none"
    """none, or exposure: each unit weighs by its denominator"""
    per: str = "proportion"
    """proportion, percent, per-hour, per-minute, or a plain ratio"""
    note: Text = Text()


@dataclass(frozen=True, slots=True)
class Rival:
    """Another explanation of the same behaviour, named before anything is seen."""

    id: str
    label: Text
    description: Text = Text()


class Diagnosticity(StrEnum):
    """How far a behaviour speaks for an attitude; the loadings are in `LOADING`."""

    WEAK = "weak"
    MODERATE = "moderate"
    STRONG = "strong"


LOADING = {Diagnosticity.WEAK: 0.25, Diagnosticity.MODERATE: 0.5, Diagnosticity.STRONG: 1.0}


@dataclass(frozen=True, slots=True)
class Indicator:
    """Behaviour that would be evidence for (+1) or against (-1) a construct, and why. One of code or rating is set."""

    polarity: int
    code: str = ""
    rating: str = ""
    modifiers: tuple[tuple[str, str], ...] = ()
    diagnosticity: Diagnosticity = Diagnosticity.MODERATE
    rationale: Text = Text()
    opportunity: Text = Text()


@dataclass(frozen=True, slots=True)
class MinimumEvidence:
    """Below any of these the answer is "not enough evidence"."""

    sessions: int = 3
    situations: int = 2
    codes: int = 3
    events: int = 5
    observers: int = 2


@dataclass(frozen=True, slots=True)
class Construct:
    """An attitude, value or belief under enquiry, with what would speak for it, against it, and instead of it."""

    id: str
    label: Text
    definition: Text = Text()
    rivals: tuple[Rival, ...] = ()
    indicators: tuple[Indicator, ...] = ()
    minimum_evidence: MinimumEvidence = MinimumEvidence()


@dataclass(frozen=True, slots=True)
class Position:
    """Where the tablet is, and so those who are watched: asked for by a framework, or not recorded at all.

    `at`: start, scan, note. The tablet rounds to `rounded_m` metres before anything is kept.
    """

    at: tuple[str, ...] = ("start",)
    rounded_m: int = 100
    reason: Text = Text()
    """why it is needed; observers read it before they agree"""


@dataclass(frozen=True, slots=True)
class Framework:
    """One coding framework in one version. There is never a forced total over its constructs."""

    slug: str
    title: Text
    languages: tuple[str, ...] = ("en",)
    purpose: Text = Text()
    attend_to: tuple[Text, ...] = ()
    leave_out: tuple[Text, ...] = ()
    assumptions: tuple[Text, ...] = ()
    intended_use: Text = Text()
    limits: Text = Text()
    source: Source = Source()
    rights: Rights = Rights()
    planned_ms: int | None = None
    """how long a session is meant to be"""
    covert: bool = False
    position: Position | None = None
    actors: tuple[Actor, ...] = ()
    modifiers: tuple[Modifier, ...] = ()
    streams: tuple[Stream, ...] = ()
    links: tuple[Link, ...] = ()
    variables: tuple[Variable, ...] = ()
    formulas: tuple[Formula, ...] = ()
    constructs: tuple[Construct, ...] = ()

    def codes(self) -> Iterator[tuple[Stream, Code]]:
        """Every code with the stream that holds it, in the order of the document."""
        for stream in self.streams:
            for code in stream.codes:
                yield stream, code

    def ratings(self) -> Iterator[tuple[Stream, Rating]]:
        """Every rating with the stream that holds it, in the order of the document."""
        for stream in self.streams:
            for rating in stream.ratings:
                yield stream, rating

    def stream_of(self, code: str) -> Stream | None:
        """The stream that holds this code, or None when the framework does not know it."""
        for stream, candidate in self.codes():
            if candidate.id == code:
                return stream
        return None
