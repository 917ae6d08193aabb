"""Constructs and indicators: could what is seen speak against the attitude as well as for it?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields

from frameworks.checks.view import View, named
from frameworks.findings import Finding, error, hint, pointer, warning
from frameworks.model import Construct, Indicator, ModifierKind, RatingScale

NO_INDICATORS = error(
    "construct.no-indicators",
    "Nothing that can be seen bears on “{label}”.",
    "Add indicators, or delete the construct.",
)
ONE_SIDED = warning(
    "construct.one-sided",
    "“{label}” is one-sided: nothing you can see would speak {against} it.",
    "Name behaviour that would speak {against} it.",
)
NO_RIVALS = warning(
    "construct.no-rivals",
    "No other explanation of the same behaviour is named for “{label}”.",
    "Name at least two rivals before anyone has seen anything.",
)
ONE_RIVAL = hint(
    "construct.one-rival",
    "Only one other explanation is named for “{label}”.",
    "Ask someone who sees the world differently for a second.",
)
NO_DEFINITION = warning(
    "construct.no-definition", "“{label}” has no definition.", "Say what is meant, and what is not."
)
OUT_OF_REACH = warning(
    "construct.out-of-reach",
    "“{label}” asks for evidence from {asked} different codes, and only {found} bear on it: there could never be enough.",
    "Add indicators, or ask for fewer codes.",
)
NO_MINIMUM = error(
    "construct.no-minimum",
    "“{label}” would be answered on no evidence at all (“{field}” is 0).",
    "Ask for at least 1.",
)
LOW_MINIMUM = hint(
    "construct.one-session",
    "“{label}” could be answered from a single {what}.",
    "Ask for several: one can be chance.",
)
NEITHER = error(
    "indicator.nothing", "An indicator of “{label}” names neither a code nor a rating.", "Name one of the two."
)
BOTH = error(
    "indicator.both", "An indicator of “{label}” names both a code and a rating.", "Make two indicators of it."
)
CODE_GONE = error(
    "indicator.code-gone",
    "An indicator of “{label}” names the code “{id}”, which is not there.",
    "Use the id of a code, or delete the indicator.",
)
RATING_GONE = error(
    "indicator.rating-gone",
    "An indicator of “{label}” names the rating “{id}”, which is not there.",
    "Use the id of a rating, or delete the indicator.",
)
STATISTIC = error(
    "indicator.statistic",
    "“{id}” is a statistic from elsewhere and not something an observer saw.",
    "Keep it beside the evidence, and use what was seen as the indicator.",
)
NO_RANGE = error(
    "indicator.no-range",
    "“{id}” is a number without a least and a greatest value, so nobody can say what is high.",
    "Give the rating a minimum and a maximum.",
)
MODIFIER_NOT_ASKED = error(
    "indicator.modifier-not-asked",
    "An indicator of “{label}” depends on “{modifier}”, which “{id}” does not ask for.",
    "Add the modifier to the code, or drop the condition.",
)
OPTION_GONE = error(
    "indicator.option-gone",
    "An indicator of “{label}” depends on “{modifier}” being “{option}”, which is not one of its options.",
    "Use the id of an option.",
)
MODIFIERS_OF_RATING = error(
    "indicator.modifiers-of-rating",
    "An indicator of “{label}” sets modifiers for a rating, which has none.",
    "Delete the modifiers.",
)
CONTRADICTS = error(
    "indicator.contradicts",
    "“{id}” is given as speaking both for and against “{label}”.",
    "Distinguish the two by a modifier, or decide.",
)
TWICE = warning(
    "indicator.twice", "“{id}” is given twice as evidence for “{label}”, so it would count double.", "Keep one."
)
NO_RATIONALE = warning(
    "indicator.no-rationale",
    "Why “{id}” bears on “{label}” is not said.",
    "Write the reason: reviewers have to be able to disagree with it.",
)
RESIDUAL = warning(
    "indicator.residual",
    "“{id}” holds whatever fits nowhere else, so it is evidence of nothing in particular.",
    "Make a code of what is meant.",
)


def findings(view: View) -> Iterator[Finding]:
    """All findings about constructs."""
    for place, construct in enumerate(view.framework.constructs):
        path = ("constructs", place)
        yield from enquiry(construct, path)
        yield from minimum(construct, path)
        yield from balance(construct, path)
        yield from repeated(construct, path)
        for index, indicator in enumerate(construct.indicators):
            yield from evidence(view, construct, indicator, (*path, "indicators", index))


Path = tuple[str | int, ...]


def enquiry(construct: Construct, path: Path) -> Iterator[Finding]:
    """What is meant, and what else could explain it."""
    label = named(construct.label, construct.id)
    if not construct.definition:
        yield NO_DEFINITION.at(pointer(*path, "definition"), label=label)
    if not construct.rivals:
        yield NO_RIVALS.at(pointer(*path, "rivals"), label=label)
    elif len(construct.rivals) == 1:
        yield ONE_RIVAL.at(pointer(*path, "rivals"), label=label)


def minimum(construct: Construct, path: Path) -> Iterator[Finding]:
    """Enough evidence is asked for, and not more than there could ever be."""
    label, asked = named(construct.label, construct.id), construct.minimum_evidence
    for field in fields(asked):
        if getattr(asked, field.name) < 1:
            yield NO_MINIMUM.at(pointer(*path, "minimum_evidence", field.name), label=label, field=field.name)
    sources = {indicator.code or indicator.rating for indicator in construct.indicators}
    if construct.indicators and len(sources) < asked.codes:
        found = {"label": label, "asked": asked.codes, "found": len(sources)}
        yield OUT_OF_REACH.at(pointer(*path, "minimum_evidence", "codes"), **found)
    if asked.sessions == 1:
        yield LOW_MINIMUM.at(pointer(*path, "minimum_evidence", "sessions"), label=label, what="session")
    if asked.observers == 1:
        yield LOW_MINIMUM.at(pointer(*path, "minimum_evidence", "observers"), label=label, what="observer")


def balance(construct: Construct, path: Path) -> Iterator[Finding]:
    """Something could be seen that speaks for it, and something that speaks against. A rating does both."""
    label = named(construct.label, construct.id)
    if not construct.indicators:
        yield NO_INDICATORS.at(pointer(*path, "indicators"), label=label)
        return
    ways = {indicator.polarity for indicator in construct.indicators}
    if any(indicator.rating for indicator in construct.indicators) or len(ways) == 2:
        return
    yield ONE_SIDED.at(pointer(*path, "indicators"), label=label, against="against" if ways == {1} else "for")


def repeated(construct: Construct, path: Path) -> Iterator[Finding]:
    """The same behaviour speaks once, and one way."""
    label = named(construct.label, construct.id)
    ways: dict[tuple[str, str, tuple[tuple[str, str], ...]], int] = {}
    for index, indicator in enumerate(construct.indicators):
        source = (indicator.code, indicator.rating, indicator.modifiers)
        found = {"id": indicator.code or indicator.rating, "label": label}
        way = ways.setdefault(source, indicator.polarity)
        if way != indicator.polarity:
            yield CONTRADICTS.at(pointer(*path, "indicators", index), **found)
        elif source in [(other.code, other.rating, other.modifiers) for other in construct.indicators[:index]]:
            yield TWICE.at(pointer(*path, "indicators", index), **found)


def evidence(view: View, construct: Construct, indicator: Indicator, path: Path) -> Iterator[Finding]:
    """One indicator names one thing that is there, under conditions that can hold, with a reason."""
    label = named(construct.label, construct.id)
    if indicator.code and indicator.rating:
        yield BOTH.at(pointer(*path), label=label)
    elif indicator.code:
        yield from evidence_of_code(view, label, indicator, path)
    elif indicator.rating:
        yield from evidence_of_rating(view, label, indicator, path)
    else:
        yield NEITHER.at(pointer(*path), label=label)
    if not indicator.rationale:
        source = indicator.code or indicator.rating or "this"
        yield NO_RATIONALE.at(pointer(*path, "rationale"), id=source, label=label)


def evidence_of_code(view: View, label: str, indicator: Indicator, path: Path) -> Iterator[Finding]:
    """The code is there, is not a remainder, and asks for the modifiers that the indicator depends on."""
    placed = view.code_by_id.get(indicator.code)
    if placed is None:
        yield CODE_GONE.at(pointer(*path, "code"), label=label, id=indicator.code)
        return
    if placed.code.note_required and placed.code.id.casefold().endswith(("o", "oth", "other")):
        yield RESIDUAL.at(pointer(*path, "code"), id=indicator.code)
    for modifier_id, option in indicator.modifiers:
        where = pointer(*path, "modifiers", modifier_id)
        modifier = view.modifier_by_id.get(modifier_id)
        if modifier is None or modifier_id not in placed.code.modifiers:
            yield MODIFIER_NOT_ASKED.at(where, label=label, modifier=modifier_id, id=indicator.code)
        elif modifier.kind is not ModifierKind.ACTOR and option not in {each.id for each in modifier.options}:
            yield OPTION_GONE.at(where, label=label, modifier=modifier_id, option=option)


def evidence_of_rating(view: View, label: str, indicator: Indicator, path: Path) -> Iterator[Finding]:
    """The rating is there, was seen rather than looked up, and has a low and a high end."""
    placed = view.rating_by_id.get(indicator.rating)
    if placed is None:
        yield RATING_GONE.at(pointer(*path, "rating"), label=label, id=indicator.rating)
        return
    rating = placed.rating
    if rating.is_statistic:
        yield STATISTIC.at(pointer(*path, "rating"), id=rating.id)
    elif rating.scale is RatingScale.NUMBER and (rating.minimum is None or rating.maximum is None):
        yield NO_RANGE.at(pointer(*path, "rating"), id=rating.id)
    if indicator.modifiers:
        yield MODIFIERS_OF_RATING.at(pointer(*path, "modifiers"), label=label)
