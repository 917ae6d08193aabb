"""An excerpt of a framework: only what a source coded, so that no zero stands for what nobody looked for."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace

from frameworks.model import (
    AgreementPlan,
    CodeType,
    Construct,
    Exhaustiveness,
    Formula,
    Framework,
    Indicator,
    Link,
    SamplingKind,
    Stream,
    Term,
    Text,
)

OF_ALL_CODES = frozenset({"duration", "count", "intervals", "ticks", "persons", "value"})
"""measures that take every code of their streams where a term names none"""


@dataclass(frozen=True, slots=True)
class Held:
    """What a source has: ids of codes, of ratings, and of streams whose crossed counts it has."""

    codes: Collection[str] = ()
    ratings: Collection[str] = ()
    counts: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class Excerpt:
    """The framework that is left, and in words what else went because it leaned on what is gone."""

    framework: Framework
    left_out: tuple[str, ...]


def excerpt(framework: Framework, held: Held, *, slug: str, title: str, because: str) -> Excerpt:
    """A framework of its own with nothing but what is held. What could not mean the same without the rest goes too.

    `because` says what was cut and why; it and what went besides are added to the limits. KeyError for an unknown id.
    """
    refuse_unknown(framework, held)
    streams = tuple(stream for stream in (stream_left(one, held) for one in framework.streams) if stream)
    lost = Lost.between(framework, streams)
    links = tuple(link for link in framework.links if not lost.ids & set(codes_of(link)))
    lost = replace(lost, links=frozenset(link.id for link in framework.links if link not in links))
    formulas = tuple(formula for formula in framework.formulas if not lost.bears(formula))
    constructs = [construct_left(construct, lost.ids) for construct in framework.constructs]
    used = {modifier for stream in streams for code in stream.codes for modifier in code.modifiers}
    present = {actor for stream in streams for actor in (*stream.actors, *stream.target_actors)}
    left = replace(
        framework,
        slug=slug,
        title=Text(((framework.languages[0], title),)),
        actors=tuple(actor for actor in framework.actors if actor.id in present),
        modifiers=tuple(modifier for modifier in framework.modifiers if modifier.id in used),
        streams=streams,
        links=links,
        formulas=formulas,
        constructs=tuple(construct for construct, reason in constructs if not reason),
    )
    left_out = tuple(told(framework, left, constructs))
    return Excerpt(replace(left, limits=with_words(framework, " ".join((because, *left_out)))), left_out)


def refuse_unknown(framework: Framework, held: Held) -> None:
    known = {
        "code": ({code.id for _, code in framework.codes()}, held.codes),
        "rating": ({rating.id for _, rating in framework.ratings()}, held.ratings),
        "crossed count": ({stream.id for stream in framework.streams if stream.crossed}, held.counts),
    }
    for what, (there, named) in known.items():
        if strange := sorted(set(named) - there):
            raise KeyError(f"{framework.slug} has no {what} {', '.join(strange)}")


def stream_left(stream: Stream, held: Held) -> Stream | None:
    """What is held of a stream, or None. One that is always coded is open without all its codes: a gap may hold another."""
    codes = tuple(code for code in stream.codes if code.id in held.codes)
    ratings = tuple(
        rating if rating.part_of in held.ratings else replace(rating, part_of="")
        for rating in stream.ratings
        if rating.id in held.ratings
    )
    crossed = stream.crossed if stream.id in held.counts else ()
    if not (codes or ratings or crossed):
        return None
    left = replace(stream, codes=codes, ratings=ratings, crossed=crossed)
    if codes == stream.codes:
        return left
    lasting = stream.sampling.kind is not SamplingKind.CONTINUOUS or any(
        code.type is CodeType.STATE for code in codes
    )
    return replace(
        left,
        exclusive=stream.exclusive and lasting,
        exhaustive=Exhaustiveness.OPEN,
        fallback="",
        priority=tuple(code for code in stream.priority if code in held.codes),
        agreement=plan_left(stream, held),
    )


def plan_left(stream: Stream, held: Held) -> AgreementPlan | None:
    """The plan; of a matrix of weights the rows and columns of the codes that are left."""
    plan = stream.agreement
    if plan is None or isinstance(plan.weights, str):
        return plan
    places = [place for place, code in enumerate(stream.codes) if code.id in held.codes]
    return replace(plan, weights=tuple(tuple(plan.weights[row][column] for column in places) for row in places))


def codes_of(link: Link) -> Iterator[str]:
    """Every code that a link needs: with one gone, “nothing answered” could be an answer that nobody coded."""
    yield from (*link.from_codes, *link.to_codes)
    if link.if_none:
        yield link.if_none


@dataclass(frozen=True, slots=True)
class Lost:
    """What an excerpt lacks: codes and ratings, whole streams, streams of which a part is gone, links."""

    ids: frozenset[str]
    streams: frozenset[str]
    parts: frozenset[str]
    links: frozenset[str] = frozenset()

    @classmethod
    def between(cls, framework: Framework, left: Collection[Stream]) -> Lost:
        stays = {stream.id: stream for stream in left}
        ids = {code.id for stream in framework.streams for code in stream.codes}
        ids |= {rating.id for stream in framework.streams for rating in stream.ratings}
        ids -= {code.id for stream in left for code in stream.codes}
        ids -= {rating.id for stream in left for rating in stream.ratings}
        gone = {stream.id for stream in framework.streams if stream.id not in stays}
        parts = {
            stream.id
            for stream in framework.streams
            if stream.id in gone
            or len(stream.codes) > len(stays[stream.id].codes)
            or stream.crossed != stays[stream.id].crossed
        }
        return cls(frozenset(ids), frozenset(gone), frozenset(parts))

    def bears(self, formula: Formula) -> bool:
        """Whether a figure would be another one without what is gone."""
        return any(self.reaches(term) for term in (formula.numerator, formula.denominator) if term is not None)

    def reaches(self, term: Term) -> bool:
        """A term that names what is gone, or counts all of a stream that is whole no longer."""
        if self.ids & {*term.codes, *term.except_codes, *term.ratings} or self.links & set(term.links):
            return True
        if term.stream in self.streams:
            return True
        counts_all = not term.codes and term.measure in OF_ALL_CODES
        return counts_all and (term.stream in self.parts if term.stream else bool(self.parts))


def construct_left(construct: Construct, gone: Collection[str]) -> tuple[Construct, str]:
    """The construct with the evidence that is left, and why it cannot stay; without a reason where it can."""
    left = tuple(one for one in construct.indicators if one.code not in gone and one.rating not in gone)
    if left == construct.indicators:
        return construct, ""
    if not left:
        return construct, "nothing that bears on it is left"
    if len({one.code or one.rating for one in left}) < construct.minimum_evidence.codes:
        return construct, "fewer codes bear on it than it asks evidence from"
    if is_one_sided(left) and not is_one_sided(construct.indicators):
        return construct, "all that is left would point one way"
    return replace(construct, indicators=left), ""


def is_one_sided(indicators: Collection[Indicator]) -> bool:
    """Nothing that could be seen would speak for the other side. A rating does both."""
    return not any(one.rating for one in indicators) and len({one.polarity for one in indicators}) == 1


def with_words(framework: Framework, more: str) -> Text:
    """The limits in every language that they have, with more said after them."""
    if not framework.limits:
        return Text(((framework.languages[0], more),))
    return Text(tuple((tag, f"{words} {more}") for tag, words in framework.limits.by_language))


def told(before: Framework, after: Framework, constructs: Collection[tuple[Construct, str]]) -> Iterator[str]:
    """What went besides codes and ratings, a sentence each."""
    stays = set(parts_of(after))
    for kind, id_, label in parts_of(before):
        if (kind, id_, label) not in stays:
            yield f"The {kind} “{label or id_}” is left out."
    for construct, (left, reason) in zip(before.constructs, constructs, strict=True):
        name, fewer = construct.label or construct.id, len(construct.indicators) - len(left.indicators)
        if reason:
            yield f"The construct “{name}” is left out: {reason}."
        elif fewer:
            yield f"Of “{name}”, {fewer} of {len(construct.indicators)} lines of evidence are left out."


def parts_of(framework: Framework) -> Iterator[tuple[str, str, Text]]:
    """What goes or stays as a whole: its kind, id and label."""
    yield from (("stream", one.id, one.label) for one in framework.streams)
    yield from (("link", one.id, one.label) for one in framework.links)
    yield from (("formula", one.id, one.label) for one in framework.formulas)
