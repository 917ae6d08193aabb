"""How each stream samples time, whom it looks at, and how observers will be compared."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod

from frameworks.checks.view import COUNTED, INTERVALS, JUDGEMENTS, SCANS, TIMED, View, between, named
from frameworks.findings import Finding, error, hint, pointer, warning
from frameworks.model import (
    ActorKind,
    AgreementPlan,
    CodeType,
    Exhaustiveness,
    Sampling,
    SamplingKind,
    SeenAs,
    Stream,
)

Kind = SamplingKind

NEEDS = {
    Kind.PARTIAL_INTERVAL: ("length_ms",),
    Kind.WHOLE_INTERVAL: ("length_ms",),
    Kind.PREDOMINANT_INTERVAL: ("length_ms",),
    Kind.MOMENTARY_SCAN: ("length_ms",),
    Kind.AREA_COUNT: ("length_ms",),
    Kind.OBSERVE_RECORD: ("observe_ms", "record_ms"),
    Kind.SNAPSHOTS: ("count", "over_ms"),
    Kind.BEAT_OR_CHANGE: ("length_ms",),
    Kind.RATING: ("rated_at",),
    Kind.CHECKLIST: ("rated_at",),
}
CYCLE = ("every", "first", "rotation", "lead_in_ms")
LATENESS = ("late_after_ms", "missed_after_ms")
MAY_HAVE = {
    Kind.CONTINUOUS: ("rotation",),
    Kind.PARTIAL_INTERVAL: CYCLE,
    Kind.WHOLE_INTERVAL: CYCLE,
    Kind.PREDOMINANT_INTERVAL: CYCLE,
    Kind.MOMENTARY_SCAN: (*CYCLE, *LATENESS),
    Kind.AREA_COUNT: (*CYCLE, *LATENESS),
    Kind.OBSERVE_RECORD: CYCLE,
    Kind.SNAPSHOTS: ("lead_in_ms", *LATENESS),
    Kind.TALLY: ("length_ms",),
    Kind.RATING: ("length_ms", *CYCLE),
    Kind.CHECKLIST: ("length_ms", *CYCLE),
}
DEFAULTS = Sampling()
IN_WORDS = {
    "length_ms": "the length of an interval",
    "observe_ms": "how long to observe",
    "record_ms": "how long to record",
    "count": "the number of snapshots",
    "over_ms": "the time over which snapshots are spread",
    "rated_at": "when to rate",
    "every": "which intervals are used",
    "first": "the interval to begin with",
    "rotation": "watching one after the other",
    "lead_in_ms": "a prompt before the time",
    "late_after_ms": "when a scan is late",
    "missed_after_ms": "when a scan is missed",
}

EMPTY = error(
    "stream.empty",
    "The stream “{stream}” has nothing to record.",
    "Add codes, ratings or crossed counts, or delete the stream.",
)
NEEDS_FIELD = error(
    "sampling.missing", "Sampling by {kind} needs {what}.", "Say {what} (in a document: “{field}”)."
)
UNUSED_FIELD = warning(
    "sampling.unused",
    "Sampling by {kind} has no use for {what}.",
    "Delete it (in a document: “{field}”), or choose the sampling that uses it.",
)
LATE_AFTER_MISSED = error(
    "sampling.late-after-missed",
    "A scan would be missed before it could be late.",
    "Let a scan be late sooner than it is missed.",
)
MISSED_TOO_LONG = warning(
    "sampling.missed-too-long",
    "A scan may still come when the next one is already due.",
    "Let a scan be missed before the next one is due.",
)
LEAD_IN_TOO_LONG = error(
    "sampling.lead-in-too-long",
    "The prompt would come before the interval before has begun.",
    "Prompt later than the interval before begins.",
)
TOO_SHORT = warning(
    "sampling.too-short",
    "{length} s is too short for a person to see, decide and tap.",
    "Use longer intervals, or record continuously.",
)
NOBODY_TO_ROTATE = error(
    "rotation.nobody",
    "The stream “{stream}” walks through a list of subjects, but its actors are not told apart.",
    "Name an actor that is seen as named or on-the-fly.",
)
DWELL_UNEVEN = warning(
    "rotation.uneven",
    "The focal subject changes in the middle of an interval of “{stream}”.",
    "Stay with each for a whole number of intervals.",
)
UNKNOWN_ACTOR = error(
    "reference.actor", "There is no actor “{id}”.", "Use the id of one of the actors, or add it."
)
TARGET_WITHOUT = error(
    "target.nobody", "A target is required, but nobody is named who can be one.", "Name the possible targets."
)
TARGET_UNUSED = warning(
    "target.unused",
    "Target actors are named, but the stream does not ask for a target.",
    "Set “target” to optional or required, or delete them.",
)
COUNT_OF_NAMED = warning(
    "count.of-named",
    "“{actor}” is told apart person by person, but a count records no person.",
    "See the actor as counted, or use a momentary scan.",
)
EXCLUSIVE_POINTS = warning(
    "exclusive.points",
    "The stream “{stream}” is exclusive, but points last no time: there is nothing for the next code to end.",
    "Make the codes states, or the stream not exclusive.",
)
ALWAYS_NOT_EXCLUSIVE = warning(
    "exhaustive.not-exclusive",
    "The stream “{stream}” always has a code but may have several at once: shares of time will add up to more than the whole.",
    "Make it exclusive, or open.",
)
NO_FALLBACK = hint(
    "exhaustive.no-fallback",
    "The stream “{stream}” always has a code, but none is the fallback: time without a code will count as “not coded”.",
    "Name a fallback code, or leave it so if every gap is a lapse of the observer.",
)
FALLBACK_ELSEWHERE = error(
    "fallback.unknown", "The fallback “{id}” is not a code of the stream “{stream}”.", "Name one of its own codes."
)
FALLBACK_POINT = error(
    "fallback.point", "The fallback “{id}” is a point, and a point cannot fill time.", "Make it a state."
)
FALLBACK_UNUSED = warning(
    "fallback.unused",
    "The stream “{stream}” has a fallback, but it may also be without a code.",
    "Set “exhaustive” to always, or delete the fallback.",
)
NOT_EXCLUSIVE_BEAT = error(
    "beat.not-exclusive",
    "The stream “{stream}” enters one code at each beat, and so must be exclusive.",
    "Let it have one code at a time (in a document: “exclusive”: true).",
)
PREDOMINANT_SEVERAL = warning(
    "predominant.not-exclusive",
    "Only one code can predominate in an interval of “{stream}”.",
    "Let it have one code at a time (in a document: “exclusive”: true), or use a partial interval.",
)
TIME_IN_INTERVALS = warning(
    "interval.exhaustive",
    "In “{stream}” several codes may be ticked in one interval, so the shares of intervals are no division of time.",
    "Use a predominant interval or continuous recording if time is to be divided.",
)
CODES_IN_JUDGEMENT = error(
    "rating.codes",
    "The stream “{stream}” is rated, so its codes could never be recorded.",
    "Move the codes into a stream of their own, or make them ratings.",
)
RATINGS_IN_CODING = error(
    "rating.stream",
    "The stream “{stream}” records behaviour, so its ratings would never be asked.",
    "Move them into a stream whose sampling is rating or checklist.",
)
CHECKLIST_NOT_YES_NO = warning(
    "checklist.not-yes-no",
    "“{id}” in the checklist “{stream}” is not a question of yes or no.",
    "Make its scale yes-no, or the stream a rating.",
)
CROSSED_ELSEWHERE = error(
    "crossed.not-counted",
    "Crossed counts need an area count or a tally; “{stream}” is sampled by {kind}.",
    "Change the sampling, or use modifiers.",
)
CROSSED_RESERVED = error(
    "crossed.reserved",
    "A dimension cannot be called “code”: in a cell that name stands for the code.",
    "Give it another id.",
)
CROSSED_NO_OPTIONS = error(
    "crossed.no-options",
    "The dimension “{id}” has fewer than two options.",
    "Add options, or delete the dimension.",
)
CROSSED_TOO_MANY = warning(
    "crossed.too-many",
    "One count of “{stream}” has {cells} cells; nobody can fill them in one look.",
    "Cross fewer dimensions, or count in several passes.",
)
PRIORITY_UNKNOWN = error(
    "priority.unknown",
    "“{id}” has a priority in “{stream}” but is not one of its codes.",
    "Name only codes of the stream.",
)
PRIORITY_INCOMPLETE = warning(
    "priority.incomplete",
    "The priority order of “{stream}” leaves out: {missing}.",
    "Put every code of the stream into the order.",
)
PRIORITY_UNUSED = warning(
    "priority.unused",
    "Codes of “{stream}” may occur side by side, so the priority order decides nothing when it resolves.",
    "Make the stream exclusive, or delete the order.",
)
TOO_MANY_CODES = warning(
    "screen.too-many-codes",
    "The streams have {codes} codes, and about {keys} fit on the screen without scrolling.",
    "Divide the work between observers, use modifiers, or leave out what does not answer the question.",
)
AGREEMENT_NONE = hint(
    "agreement.none",
    "Nothing says how far observers must agree on “{stream}”.",
    "Add an agreement plan: unit, tolerance and the level asked for.",
)
AGREEMENT_UNIT = error(
    "agreement.unit",
    "Observers of “{stream}” cannot be compared by {unit} when it is sampled by {kind}.",
    "Use one of: {allowed}.",
)
AGREEMENT_LEVEL = error(
    "agreement.level", "The level asked for, {level}, is not between 0 and 1.", "Write a level such as 0.8."
)
AGREEMENT_MATRIX = error(
    "agreement.matrix",
    "The weights of “{stream}” must be {size} rows of {size} numbers, one for each code.",
    "Complete the matrix in the order of the codes.",
)
AGREEMENT_DIAGONAL = error(
    "agreement.diagonal",
    "The weights of “{stream}” must be 0 where both observers chose the same code, and never negative.",
    "Write disagreements: 0 on the diagonal, more for what is further apart.",
)
AGREEMENT_TOLERANCE = warning(
    "agreement.tolerance",
    "A tolerance is used only when events are matched; “{stream}” is compared by {unit}.",
    "Compare by event, or delete the tolerance.",
)
ACTOR_UNUSED = hint(
    "actor.unused", "The actor “{id}” takes part in no stream.", "Name it in a stream, or delete it."
)

UNITS = {
    Kind.CONTINUOUS: ("second", "event", "utterance"),
    Kind.BEAT_OR_CHANGE: ("second", "event", "utterance", "interval"),
    Kind.TALLY: ("interval", "event"),
    **dict.fromkeys(INTERVALS, ("interval",)),
    **dict.fromkeys(SCANS, ("scan",)),
    **dict.fromkeys(JUDGEMENTS, ("rating",)),
}


def findings(view: View) -> Iterator[Finding]:
    """All findings about streams."""
    for place, stream in enumerate(view.framework.streams):
        path = ("streams", place)
        yield from content(stream, path)
        yield from sampling(stream, (*path, "sampling"))
        yield from rotation(view, stream, (*path, "sampling", "rotation"))
        yield from people(view, stream, path)
        yield from exclusiveness(stream, path)
        yield from fallback(stream, path)
        yield from crossed(stream, path)
        yield from priority(stream, path)
        yield from agreement(stream, (*path, "agreement"))
    yield from screen(view)
    yield from unused_actors(view)


Path = tuple[str | int, ...]


def content(stream: Stream, path: Path) -> Iterator[Finding]:
    """A stream holds what its sampling can record."""
    kind = stream.sampling.kind
    if not (stream.codes or stream.ratings or stream.crossed):
        yield EMPTY.at(pointer(*path), stream=stream.id)
    if kind in JUDGEMENTS and stream.codes:
        yield CODES_IN_JUDGEMENT.at(pointer(*path, "codes"), stream=stream.id)
    if kind not in JUDGEMENTS and stream.ratings:
        yield RATINGS_IN_CODING.at(pointer(*path, "ratings"), stream=stream.id)
    if kind is Kind.CHECKLIST:
        for index, rating in enumerate(stream.ratings):
            if rating.scale.value != "yes-no":
                yield CHECKLIST_NOT_YES_NO.at(
                    pointer(*path, "ratings", index, "scale"), id=rating.id, stream=stream.id
                )


def sampling(stream: Stream, path: Path) -> Iterator[Finding]:
    """The sampling has the lengths it needs and no others, and they fit together."""
    plan, kind = stream.sampling, stream.sampling.kind
    needed = NEEDS.get(kind, ())
    if plan.rated_at is not None and plan.rated_at.value == "interval":
        needed = (*needed, "length_ms")
    for field in needed:
        if getattr(plan, field) is None:
            yield NEEDS_FIELD.at(pointer(*path, field), kind=in_words(kind), what=IN_WORDS[field], field=field)
    for field in Sampling.__dataclass_fields__:
        used = field == "kind" or field in needed or field in MAY_HAVE.get(kind, ())
        if not used and getattr(plan, field) != getattr(DEFAULTS, field):
            yield UNUSED_FIELD.at(pointer(*path, field), kind=in_words(kind), what=IN_WORDS[field], field=field)
    yield from lengths(plan, path)


def in_words(kind: SamplingKind) -> str:
    """A regime as people write it."""
    return kind.value.replace("-", " ")


def lengths(plan: Sampling, path: Path) -> Iterator[Finding]:
    """Lateness, prompts and intervals fit into one another, and a person can keep up."""
    step = between(plan)
    late, missed = plan.late_after_ms, plan.missed_after_ms
    if late is not None and missed is not None and late >= missed:
        yield LATE_AFTER_MISSED.at(pointer(*path, "late_after_ms"))
    if step is None:
        return
    if missed is not None and missed >= step * plan.every:
        yield MISSED_TOO_LONG.at(pointer(*path, "missed_after_ms"))
    if plan.lead_in_ms >= step * plan.every and plan.lead_in_ms:
        yield LEAD_IN_TOO_LONG.at(pointer(*path, "lead_in_ms"))
    if step < 2_000 and plan.kind is not Kind.TALLY:
        yield TOO_SHORT.at(pointer(*path), length=step / 1000)


def rotation(view: View, stream: Stream, path: Path) -> Iterator[Finding]:
    """A focal list needs subjects that are told apart."""
    plan = stream.sampling.rotation
    if plan is None:
        return
    actors = [view.actor_by_id[actor] for actor in stream.actors if actor in view.actor_by_id]
    if not any(actor.seen_as in (SeenAs.NAMED, SeenAs.ON_THE_FLY) for actor in actors):
        yield NOBODY_TO_ROTATE.at(pointer(*path), stream=stream.id)
    step = between(stream.sampling)
    if step and plan.dwell_ms % step:
        yield DWELL_UNEVEN.at(pointer(*path, "dwell_ms"), stream=stream.id)


def people(view: View, stream: Stream, path: Path) -> Iterator[Finding]:
    """Who is watched, and at whom it is directed."""
    for field in ("actors", "target_actors"):
        for index, actor in enumerate(getattr(stream, field)):
            if actor not in view.actor_by_id:
                yield UNKNOWN_ACTOR.at(pointer(*path, field, index), id=actor)
    if stream.target == "required" and not stream.target_actors:
        yield TARGET_WITHOUT.at(pointer(*path, "target_actors"))
    if stream.target == "none" and stream.target_actors:
        yield TARGET_UNUSED.at(pointer(*path, "target_actors"))
    if stream.sampling.kind in COUNTED:
        for index, actor_id in enumerate(stream.actors):
            actor = view.actor_by_id.get(actor_id)
            if actor and actor.kind is ActorKind.PERSON and actor.seen_as is SeenAs.NAMED:
                yield COUNT_OF_NAMED.at(pointer(*path, "actors", index), actor=named(actor.label, actor.id))


def exclusiveness(stream: Stream, path: Path) -> Iterator[Finding]:
    """Does exclusive mean anything here, and do shares add up?"""
    kind = stream.sampling.kind
    points = stream.codes and all(code.type is CodeType.POINT for code in stream.codes)
    if stream.exclusive and points and kind is Kind.CONTINUOUS:
        yield EXCLUSIVE_POINTS.at(pointer(*path, "exclusive"), stream=stream.id)
    if kind is Kind.BEAT_OR_CHANGE and not stream.exclusive:
        yield NOT_EXCLUSIVE_BEAT.at(pointer(*path, "exclusive"), stream=stream.id)
    if kind is Kind.PREDOMINANT_INTERVAL and not stream.exclusive:
        yield PREDOMINANT_SEVERAL.at(pointer(*path, "exclusive"), stream=stream.id)
    if stream.exhaustive is Exhaustiveness.ALWAYS and not stream.exclusive:
        if kind is Kind.CONTINUOUS:
            yield ALWAYS_NOT_EXCLUSIVE.at(pointer(*path, "exhaustive"), stream=stream.id)
        elif kind is Kind.PARTIAL_INTERVAL:
            yield TIME_IN_INTERVALS.at(pointer(*path, "exhaustive"), stream=stream.id)


def fallback(stream: Stream, path: Path) -> Iterator[Finding]:
    """What fills the time without a code."""
    always = stream.exhaustive is Exhaustiveness.ALWAYS
    code = next((code for code in stream.codes if code.id == stream.fallback), None)
    if not stream.fallback:
        if always and stream.sampling.kind in TIMED:
            yield NO_FALLBACK.at(pointer(*path, "fallback"), stream=stream.id)
        return
    if code is None:
        yield FALLBACK_ELSEWHERE.at(pointer(*path, "fallback"), stream=stream.id, id=stream.fallback)
    elif code.type is CodeType.POINT and stream.sampling.kind is Kind.CONTINUOUS:
        yield FALLBACK_POINT.at(pointer(*path, "fallback"), id=stream.fallback)
    if not always:
        yield FALLBACK_UNUSED.at(pointer(*path, "fallback"), stream=stream.id)


def crossed(stream: Stream, path: Path) -> Iterator[Finding]:
    """A crossed count is a matrix that one look can fill."""
    kind = stream.sampling.kind
    if stream.crossed and kind not in COUNTED:
        yield CROSSED_ELSEWHERE.at(pointer(*path, "crossed"), stream=stream.id, kind=kind.value)
    for index, dimension in enumerate(stream.crossed):
        if dimension.id == "code":
            yield CROSSED_RESERVED.at(pointer(*path, "crossed", index, "id"))
        if len(dimension.options) < 2:
            yield CROSSED_NO_OPTIONS.at(pointer(*path, "crossed", index, "options"), id=dimension.id)
    cells = prod(len(dimension.options) for dimension in stream.crossed) * max(1, len(stream.codes))
    if stream.crossed and cells > 96:
        yield CROSSED_TOO_MANY.at(pointer(*path, "crossed"), stream=stream.id, cells=cells)


def priority(stream: Stream, path: Path) -> Iterator[Finding]:
    """The order that decides when two codes compete names each code of the stream, and no others."""
    own = [code.id for code in stream.codes]
    known = set(own)
    for index, code in enumerate(stream.priority):
        if code not in known:
            yield PRIORITY_UNKNOWN.at(pointer(*path, "priority", index), id=code, stream=stream.id)
    ranked = set(stream.priority)
    missing = [code for code in own if code not in ranked]
    if stream.priority and missing:
        yield PRIORITY_INCOMPLETE.at(pointer(*path, "priority"), stream=stream.id, missing=", ".join(missing[:10]))
    if stream.priority and stream.priority_rule == "resolve" and not stream.exclusive:
        yield PRIORITY_UNUSED.at(pointer(*path, "priority_rule"), stream=stream.id)


def agreement(stream: Stream, path: Path) -> Iterator[Finding]:
    """The plan compares what the sampling gives."""
    plan, kind = stream.agreement, stream.sampling.kind
    if plan is None:
        yield AGREEMENT_NONE.at(pointer(*path), stream=stream.id)
        return
    allowed = UNITS[kind]
    if plan.unit not in allowed:
        found = {"stream": stream.id, "unit": plan.unit, "kind": kind.value, "allowed": ", ".join(allowed)}
        yield AGREEMENT_UNIT.at(pointer(*path, "unit"), **found)
    if plan.level is not None and not 0 <= plan.level <= 1:
        yield AGREEMENT_LEVEL.at(pointer(*path, "level"), level=plan.level)
    if plan.tolerance_ms and plan.unit not in ("event", "utterance"):
        yield AGREEMENT_TOLERANCE.at(pointer(*path, "tolerance_ms"), stream=stream.id, unit=plan.unit)
    yield from weights(stream, plan, (*path, "weights"))


def weights(stream: Stream, plan: AgreementPlan, path: Path) -> Iterator[Finding]:
    """A matrix of disagreements is square, zero on its diagonal and nowhere negative."""
    if isinstance(plan.weights, str):
        return
    size = len(stream.codes)
    if len(plan.weights) != size or any(len(row) != size for row in plan.weights):
        yield AGREEMENT_MATRIX.at(pointer(*path), stream=stream.id, size=size)
    elif any(plan.weights[i][i] for i in range(size)) or any(cell < 0 for row in plan.weights for cell in row):
        yield AGREEMENT_DIAGONAL.at(pointer(*path), stream=stream.id)


def screen(view: View) -> Iterator[Finding]:
    """Everything that must be tapped while looking up stands on one screen."""
    codes = sum(len(stream.codes) for stream in view.framework.streams if stream.sampling.kind not in JUDGEMENTS)
    if codes > view.tablet.keys:
        yield TOO_MANY_CODES.at("/streams", codes=codes, keys=view.tablet.keys)


def unused_actors(view: View) -> Iterator[Finding]:
    """An actor that nobody watches."""
    used = {actor for stream in view.framework.streams for actor in (*stream.actors, *stream.target_actors)}
    for index, actor in enumerate(view.framework.actors):
        if actor.id not in used:
            yield ACTOR_UNUSED.at(pointer("actors", index), id=actor.id)
