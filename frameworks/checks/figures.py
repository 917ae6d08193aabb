"""Links between events, and formulas: does each figure mean what it says?"""

from __future__ import annotations

from collections.abc import Iterator

from frameworks.checks.view import COUNTED, INTERVALS, SCANS, TIMED, View, named
from frameworks.findings import Finding, error, hint, pointer, warning
from frameworks.model import CodeType, Formula, SamplingKind, Stream, Term

LINK_UNKNOWN = error(
    "link.unknown-code",
    "The link “{link}” names the code “{id}”, which is not there.",
    "Use the id of a code, or add it.",
)
LINK_EMPTY = error(
    "link.empty", "The link “{link}” does not say {what}.", "Choose at least one code, or remove the link."
)
LINK_UNTIMED = error(
    "link.untimed",
    "The link “{link}” needs the moment of “{id}”, but its stream does not record moments.",
    "Record the code continuously.",
)
LINK_OPEN = hint(
    "link.no-window",
    "The link “{link}” has no time window: anything later could be the answer.",
    "Say within how many seconds the answer has to come.",
)
LINK_TO_ITSELF = warning(
    "link.to-itself",
    "The link “{link}” begins and ends with the same codes.",
    "Name the codes that begin it and those that answer.",
)
TERM_STREAM = error(
    "formula.unknown-stream",
    "The formula “{formula}” names the stream “{id}”, which is not there.",
    "Use the id of a stream.",
)
TERM_CODE = error(
    "formula.unknown-code",
    "The formula “{formula}” names the code “{id}”, which is not there.",
    "Use the id of a code.",
)
TERM_ELSEWHERE = error(
    "formula.code-elsewhere",
    "The formula “{formula}” takes “{id}” from the stream “{stream}”, which does not hold it.",
    "Name the stream that holds the code, or no stream.",
)
TERM_RATING = error(
    "formula.unknown-rating",
    "The formula “{formula}” names the rating “{id}”, which is not there.",
    "Use the id of a rating.",
)
TERM_LINK = error(
    "formula.unknown-link",
    "The formula “{formula}” names the link “{id}”, which is not there.",
    "Use the id of a link.",
)
TERM_BOTH = warning(
    "formula.codes-and-except",
    "The formula “{formula}” names codes to count and codes to leave out.",
    "Name either the one or the other.",
)
INTERVAL_AS_TIME = error(
    "formula.interval-as-time",
    "The formula “{formula}” treats intervals of “{stream}” as if they were time; a brief act and a long one tick the same interval.",
    "Count “intervals” over “observed-intervals”, or record continuously.",
)
MEASURE_MISFIT = error(
    "formula.measure-misfit",
    "The formula “{formula}” measures {measure} in “{stream}”, which is sampled by {kind}.",
    "Use a measure which that sampling gives.",
)
DURATION_OF_POINTS = error(
    "formula.duration-of-points",
    "The formula “{formula}” measures how long “{id}” lasts, but it is a point.",
    "Count it, or make it a state.",
)
NO_RATINGS = error(
    "formula.no-ratings", "The formula “{formula}” measures a rating but names none.", "Name it in “ratings”."
)
NO_LINKS = error(
    "formula.no-links", "The formula “{formula}” measures a wait but names no link.", "Name it in “links”."
)
NO_VALUES = error(
    "formula.no-values",
    "The formula “{formula}” adds up values, but “{id}” has none.",
    "Give each of its codes a “value”, or count instead.",
)
NO_DENOMINATOR = error(
    "formula.no-denominator", "The formula “{formula}” is a {per} of nothing.", "Add a denominator."
)
RATE_WITHOUT_TIME = error(
    "formula.rate-without-time",
    "The formula “{formula}” is a rate {per}, but its denominator is not time.",
    "Use observed-time or duration as the denominator.",
)
MIXED_UNITS = warning(
    "formula.mixed",
    "The formula “{formula}” divides {numerator} by {denominator}, which is no proportion.",
    "Measure the same on both sides, or make it a ratio.",
)
VARIABLE_UNKNOWN = error(
    "formula.unknown-variable",
    "The formula “{formula}” is averaged over the variable “{id}”, which is not there.",
    "Use the id of a variable.",
)
FORMULA_POOLED = hint(
    "formula.pooled",
    "The formula “{formula}” pools everything: long sessions weigh more than short ones.",
    "Average over sessions unless that is meant.",
)
SUM_OF_RATINGS = hint(
    "formula.total-of-ratings",
    "The formula “{formula}” adds up {count} ratings into one total.",
    "Show them side by side as well: a total hides what it is made of.",
)

FITS = {
    "duration": TIMED,
    "count": TIMED | {SamplingKind.TALLY},
    "wait": TIMED,
    "intervals": INTERVALS | {SamplingKind.BEAT_OR_CHANGE},
    "observed-intervals": INTERVALS | {SamplingKind.BEAT_OR_CHANGE},
    "ticks": INTERVALS | {SamplingKind.BEAT_OR_CHANGE},
    "scans": SCANS,
    "persons": COUNTED | SCANS,
}
ALIKE = ({"duration", "observed-time"}, {"intervals", "observed-intervals"}, {"ticks"}, {"count"}, {"scans"}, {"persons"}, {"rating"}, {"sessions"}, {"value"}, {"wait"})  # fmt: skip


def findings(view: View) -> Iterator[Finding]:
    """All findings about links and formulas."""
    yield from links(view)
    for index, formula in enumerate(view.framework.formulas):
        path = ("formulas", index)
        yield from term(view, formula, formula.numerator, (*path, "numerator"))
        if formula.denominator is not None:
            yield from term(view, formula, formula.denominator, (*path, "denominator"))
        yield from proportion(view, formula, path)


def links(view: View) -> Iterator[Finding]:
    """A link runs between codes whose moments are known."""
    for index, link in enumerate(view.framework.links):
        for field in ("from_codes", "to_codes", "if_none"):
            codes = (link.if_none,) if field == "if_none" else getattr(link, field)
            for code in filter(None, codes):
                where = pointer("links", index, field)
                placed = view.code_by_id.get(code)
                if placed is None:
                    yield LINK_UNKNOWN.at(where, link=link.id, id=code)
                elif placed.stream.sampling.kind not in TIMED:
                    yield LINK_UNTIMED.at(where, link=link.id, id=code)
        for field, what in (("from_codes", "what it begins with"), ("to_codes", "what answers")):
            if not getattr(link, field):
                yield LINK_EMPTY.at(pointer("links", index, field), link=named(link.label, link.id), what=what)
        if link.within_ms is None:
            yield LINK_OPEN.at(pointer("links", index, "within_ms"), link=link.id)
        if link.from_codes and set(link.from_codes) == set(link.to_codes):
            yield LINK_TO_ITSELF.at(pointer("links", index), link=link.id)


def streams_of(view: View, term: Term) -> list[Stream]:
    """The streams that a term takes its codes from."""
    if term.stream:
        return [view.stream_by_id[term.stream]] if term.stream in view.stream_by_id else []
    named = [view.code_by_id[code].stream for code in (*term.codes, *term.except_codes) if code in view.code_by_id]
    return list({stream.id: stream for stream in named}.values())


def term(view: View, formula: Formula, term: Term, path: tuple[str | int, ...]) -> Iterator[Finding]:
    """A term names what is there, and measures what its sampling gives."""
    yield from references(view, formula, term, path)
    for stream in streams_of(view, term):
        kind = stream.sampling.kind
        found = {"formula": formula.id, "stream": stream.id, "measure": term.measure, "kind": kind.value}
        if term.measure == "duration" and kind in INTERVALS | SCANS:
            yield INTERVAL_AS_TIME.at(pointer(*path, "measure"), **found)
        elif kind not in FITS.get(term.measure, {kind}):
            yield MEASURE_MISFIT.at(pointer(*path, "measure"), **found)
    yield from measured(view, formula, term, path)


def references(view: View, formula: Formula, term: Term, path: tuple[str | int, ...]) -> Iterator[Finding]:
    """Whatever a term names is in the framework, and in the stream it says."""
    if term.stream and term.stream not in view.stream_by_id:
        yield TERM_STREAM.at(pointer(*path, "stream"), formula=formula.id, id=term.stream)
    for field in ("codes", "except_codes"):
        for index, code in enumerate(getattr(term, field)):
            placed, where = view.code_by_id.get(code), pointer(*path, field, index)
            if placed is None:
                yield TERM_CODE.at(where, formula=formula.id, id=code)
            elif term.stream in view.stream_by_id and placed.stream.id != term.stream:
                yield TERM_ELSEWHERE.at(where, formula=formula.id, id=code, stream=term.stream)
    for index, rating in enumerate(term.ratings):
        if rating not in view.rating_by_id:
            yield TERM_RATING.at(pointer(*path, "ratings", index), formula=formula.id, id=rating)
    for index, link in enumerate(term.links):
        if link not in view.link_by_id:
            yield TERM_LINK.at(pointer(*path, "links", index), formula=formula.id, id=link)
    if term.codes and term.except_codes:
        yield TERM_BOTH.at(pointer(*path), formula=formula.id)


def measured(view: View, formula: Formula, term: Term, path: tuple[str | int, ...]) -> Iterator[Finding]:
    """The codes, ratings or links measured have what the measure asks of them."""
    if term.measure == "rating" and not term.ratings:
        yield NO_RATINGS.at(pointer(*path, "ratings"), formula=formula.id)
    if term.measure == "wait" and not term.links:
        yield NO_LINKS.at(pointer(*path, "links"), formula=formula.id)
    codes = [view.code_by_id[code].code for code in term.codes if code in view.code_by_id]
    if not term.codes and term.stream in view.stream_by_id:
        codes = [code for code in view.stream_by_id[term.stream].codes if code.id not in term.except_codes]
    for code in codes:
        timed = view.code_by_id[code.id].stream.sampling.kind is SamplingKind.CONTINUOUS
        if term.measure == "duration" and code.type is CodeType.POINT and timed and term.codes:
            yield DURATION_OF_POINTS.at(pointer(*path, "codes"), formula=formula.id, id=code.id)
        if term.measure == "value" and code.value is None:
            yield NO_VALUES.at(pointer(*path, "codes"), formula=formula.id, id=code.id)


def proportion(view: View, formula: Formula, path: tuple[str | int, ...]) -> Iterator[Finding]:
    """Numerator, denominator, unit and scale make one figure."""
    below = formula.denominator
    if below is None:
        if formula.per != "ratio":
            yield NO_DENOMINATOR.at(pointer(*path, "denominator"), formula=formula.id, per=formula.per)
    elif formula.per in ("per-hour", "per-minute"):
        if below.measure not in ("observed-time", "duration"):
            yield RATE_WITHOUT_TIME.at(pointer(*path, "denominator"), formula=formula.id, per=formula.per)
    elif formula.per in ("proportion", "percent") and not alike(formula.numerator.measure, below.measure):
        found = {"formula": formula.id, "numerator": formula.numerator.measure, "denominator": below.measure}
        yield MIXED_UNITS.at(pointer(*path, "per"), **found)
    for variable in filter(None, formula.unit.partition("variable:")[2].split("+")):
        if variable in view.variable_by_id:
            continue
        yield VARIABLE_UNKNOWN.at(pointer(*path, "unit"), formula=formula.id, id=variable)
    if formula.unit == "pooled" or formula.average == "pooled":
        yield FORMULA_POOLED.at(pointer(*path), formula=formula.id)
    if len(formula.numerator.ratings) > 1 and formula.average == "sum":
        yield SUM_OF_RATINGS.at(pointer(*path), formula=formula.id, count=len(formula.numerator.ratings))


def alike(one: str, other: str) -> bool:
    """Whether two measures count the same thing, so that one can be a share of the other."""
    return any(one in group and other in group for group in ALIKE)
