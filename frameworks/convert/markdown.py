"""The codebook as Markdown, for reading and printing; it is not read back."""

from __future__ import annotations

import re
from collections.abc import Iterator

from frameworks.checks.view import between
from frameworks.model import Code, Construct, Framework, Indicator, Position, Rating, Sampling, Stream, Text

SAMPLED = {
    "continuous": "continuously",
    "partial-interval": "by partial interval: did it occur at all",
    "whole-interval": "by whole interval: did it last throughout",
    "predominant-interval": "by predominant interval: what filled most of it",
    "momentary-scan": "by momentary scan of each subject",
    "area-count": "by counts of an area",
    "observe-record": "by watching and writing in turn",
    "snapshots": "by snapshots spread evenly",
    "beat-or-change": "on the beat, and at every change",
    "tally": "by tally",
    "rating": "by rating",
    "checklist": "by checklist",
}


def to_markdown(framework: Framework, language: str = "") -> str:
    """The whole framework in one language (the first, unless another is asked for)."""
    return "\n".join(lines(framework, language or framework.languages[0])).rstrip() + "\n"


def plain(text: Text | str, language: str = "") -> str:
    """Words on one line, in which nothing is taken for Markdown or HTML."""
    words = text if isinstance(text, str) else text.in_language(language)
    return re.sub(r"([\\`*_\[\]<>#|&~])", r"\\\1", " ".join(words.split()))


def lines(framework: Framework, language: str) -> Iterator[str]:
    """The document, line by line."""
    yield f"# {plain(framework.title, language)}"
    yield ""
    yield from paragraphs(framework, language)
    for title, texts in (
        ("Attend to", framework.attend_to),
        ("Leave out", framework.leave_out),
        ("Assumptions", framework.assumptions),
    ):
        yield from listed(title, texts, language)
    for stream in framework.streams:
        yield from stream_lines(framework, stream, language)
    if framework.constructs:
        yield from (
            "## What it may be evidence for",
            "",
            "Nothing here is a finding until people have reviewed it.",
            "",
        )
        for construct in framework.constructs:
            yield from construct_lines(framework, construct, language)
    if framework.formulas:
        yield from ("## Figures", "")
        for formula in framework.formulas:
            note = f": {plain(formula.note, language)}" if formula.note else ""
            yield f"- **{plain(formula.label, language)}**{note}"
        yield ""
    yield from source_lines(framework)


PLACES = {"start": "at the start", "scan": "with each scan", "note": "with each note"}


def position_line(asked: Position, language: str) -> str:
    """What is noted of where people are watched, and what for."""
    when = ", ".join(PLACES[one] for one in asked.at)
    why = f" {plain(asked.reason, language)}" if asked.reason else ""
    return f"**The tablet's position is noted** {when}, rounded to {asked.rounded_m} m.{why}"


def paragraphs(framework: Framework, language: str) -> Iterator[str]:
    """The question, the use and the limits."""
    for title, text in (
        ("Question", framework.purpose),
        ("Use", framework.intended_use),
        ("Limits", framework.limits),
    ):
        if text:
            yield from (f"**{title}.** {plain(text, language)}", "")
    if framework.position is not None:
        yield from (position_line(framework.position, language), "")
    if framework.covert:
        yield from ("**People are not told at the time that they are observed.**", "")


def listed(title: str, texts: tuple[Text, ...], language: str) -> Iterator[str]:
    """A short list under a heading, where there is anything to list."""
    if texts:
        yield from (f"**{title}**", "", *(f"- {plain(each, language)}" for each in texts), "")


def sampled(sampling: Sampling) -> str:
    """How a stream is sampled, in words."""
    step = between(sampling)
    every = f", every {step / 1000:g} s" if step else ""
    nth = f" (each {sampling.every}th, from number {sampling.first})" if sampling.every > 1 else ""
    return SAMPLED[sampling.kind.value] + every + nth


def stream_lines(framework: Framework, stream: Stream, language: str) -> Iterator[str]:
    """A stream with its codes and ratings."""
    yield from (f"## {plain(stream.label, language)}", "")
    ways = ["one at a time"] * stream.exclusive + ["always something"] * (stream.exhaustive.value == "always")
    yield from (f"Recorded {', '.join([sampled(stream.sampling), *ways])}.", "")
    for code in stream.codes:
        yield from code_lines(framework, code, language)
    for dimension in stream.crossed:
        options = ", ".join(plain(option.label, language) for option in dimension.options)
        yield from (f"- Counted by {plain(dimension.label, language)}: {options}", "")
    for rating in stream.ratings:
        yield from rating_lines(rating, language)


def code_lines(framework: Framework, code: Code, language: str) -> Iterator[str]:
    """A code with its definition, its limits and its examples."""
    yield from (f"### {plain(code.label, language)} (`{code.id}`, {code.type.value})", "")
    if code.definition:
        yield from (plain(code.definition, language), "")
    for title, texts in (("Includes", code.include), ("Excludes", code.exclude), ("Examples", code.examples), ("Not examples", code.non_examples)):  # fmt: skip
        if texts:
            yield f"- {title}: " + "; ".join(plain(each, language) for each in texts)
    if code.opportunity:
        yield f"- Possible only when: {plain(code.opportunity, language)}"
    labels = {modifier.id: modifier.label for modifier in framework.modifiers}
    if code.modifiers:
        yield "- Asked with it: " + ", ".join(plain(labels.get(each, each), language) for each in code.modifiers)
    yield ""


def rating_lines(rating: Rating, language: str) -> Iterator[str]:
    """A rating with the meaning of its values."""
    kind = "statistic" if rating.is_statistic else rating.scale.value
    yield from (f"### {plain(rating.label, language)} (`{rating.id}`, {kind})", "")
    if rating.definition:
        yield from (plain(rating.definition, language), "")
    for value in rating.values:
        anchor = f": {plain(value.anchor, language)}" if value.anchor else ""
        yield f"- {value.value} – {plain(value.label, language)}{anchor}"
    yield ""


def construct_lines(framework: Framework, construct: Construct, language: str) -> Iterator[str]:
    """A construct with what would speak for it, against it, and instead of it."""
    yield from (f"### {plain(construct.label, language)}", "")
    if construct.definition:
        yield from (plain(construct.definition, language), "")
    labels = {each.id: each.label for _, each in framework.codes()} | {
        each.id: each.label for _, each in framework.ratings()
    }
    for title, polarity in (("For", 1), ("Against", -1)):
        for indicator in construct.indicators:
            if indicator.polarity == polarity:
                yield indicator_line(title, indicator, labels, language)
    for rival in construct.rivals:
        why = f": {plain(rival.description, language)}" if rival.description else ""
        yield f"- *Or else* – {plain(rival.label, language)}{why}"
    yield ""


def indicator_line(title: str, indicator: Indicator, labels: dict[str, Text], language: str) -> str:
    """One indicator with its strength and its reason."""
    source = indicator.code or indicator.rating
    name = plain(labels.get(source, Text()), language) or plain(source)
    reason = f": {plain(indicator.rationale, language)}" if indicator.rationale else ""
    return f"- *{title}* ({indicator.diagnosticity.value}) – {name}{reason}"


def source_lines(framework: Framework) -> Iterator[str]:
    """Where it comes from and whose words they are."""
    yield from ("## Source and rights", "")
    for words in (framework.source.citation, framework.source.url, framework.source.note):
        if words:
            yield f"- {plain(words)}"
    rights = framework.rights
    yield f"- Rights: {rights.status.value}"
    for words in (rights.licence, rights.attribution, rights.trademark, rights.note):
        if words:
            yield f"- {plain(words)}"
