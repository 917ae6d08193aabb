"""What the framework as a whole says of itself: question, languages, rights, consent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import fields
from typing import Any

from frameworks.checks.view import View
from frameworks.findings import Finding, error, hint, pointer, warning
from frameworks.model import Framework, RightsStatus, SamplingKind, Text, Variable, VariableKind
from frameworks.shape import Listing, Object, Words, shape_of

NO_STREAMS = error(
    "framework.no-streams",
    "The framework has no stream, so nothing can be recorded.",
    "Add a stream with codes or ratings.",
)
NO_TITLE = error(
    "framework.no-title", "The framework has no title.", "Give it a title that observers will recognise."
)
NO_PURPOSE = warning(
    "framework.no-purpose",
    "The question under enquiry is not stated.",
    "Write it down: it decides what is worth attending to.",
)
NO_ATTENTION = hint(
    "framework.no-attend-to",
    "Nothing says what observers should attend to.",
    "Name what should stand out from everything else that is to be seen.",
)
NO_LEAVE_OUT = hint(
    "framework.no-leave-out",
    "Nothing says what observers should leave out.",
    "Name what tempts the eye and does not answer the question.",
)
NO_ASSUMPTIONS = hint(
    "framework.no-assumptions",
    "The assumptions that observers bring are not named.",
    "Name them, so that reviewers can weigh them.",
)
TWICE = error("id.twice", "The {what} “{id}” is there twice.", "Give one of the two another id.")
SAME_ID = error(
    "id.twice-code",
    "“{id}” names more than one code or rating; an event names a code and nothing else.",
    "Give each code and rating of the whole framework an id of its own.",
)
EMPTY_LABEL = error(
    "label.empty", "The {what} “{id}” has no label.", "Give it a short label: it stands on the key."
)
LANGUAGE_TWICE = error("language.twice", "The language “{tag}” is listed twice.", "List each language once.")
LANGUAGE_MISSING = warning(
    "language.missing",
    "{count} texts have no words in “{tag}”, the first of them here.",
    "Translate them, or take the language off the list.",
)
LANGUAGE_UNLISTED = warning(
    "language.unlisted",
    "There are words in “{tag}”, which is not among the languages of the framework.",
    "Add the language, or delete the words.",
)
NO_LICENCE = error(
    "rights.no-licence",
    "The content is under an open licence, but which one, or whom to name, is not stated.",
    "Fill in the licence and the attribution.",
)
NO_CITATION = error(
    "rights.no-citation",
    "The content restates a published instrument without citing it.",
    "Fill in the citation of the source.",
)
USER_SUPPLIED = warning(
    "rights.user-supplied",
    "The words belong to someone else: they may be used in this study, and no file that leaves it carries them.",
    "Keep the owner's permission with the study, and write in the note of the rights where it is.",
)
WORDS_WITHHELD = warning(
    "rights.words-withheld",
    "This is the instrument as it leaves a study: ids stand in the place of its words.",
    "Replace it by the document that you hold the right to, or take the words from a framework of the study that has them (upload this document there); then delete from the note that they are withheld.",
)
WITHHELD = "Words withheld: they belong to the owner of the instrument and do not leave the study that holds the right to use it."
POSITION_WHY = warning(
    "position.no-reason",
    "Where the tablet was is recorded, and nothing says what for.",
    "Say it in “position.reason”: observers read it before they agree.",
)
POSITION_FINE = warning(
    "position.fine",
    "Positions are kept to {metres} m, close enough to tell where somebody lives.",
    "Round to 100 m or more, unless the question needs less and those watched have been told.",
)
POSITION_NO_SCAN = warning(
    "position.no-scan",
    "A position is asked for with each scan, and no stream is sampled by scans.",
    "Ask for it at the start or with notes, or leave it out.",
)
COVERT = warning(
    "consent.covert",
    "People are observed without being told at the time.",
    "Have the approval of an ethics committee, and record it with the study.",
)
PLANNED_SHORT = error(
    "planned.too-short",
    "A session is planned for {planned} s, which is shorter than one interval or round of “{stream}” ({length} s).",
    "Plan longer sessions, or sample more often.",
)
PLANNED_UNEVEN = hint(
    "planned.uneven",
    "A planned session ends in the middle of an interval of “{stream}”.",
    "Plan a multiple of the interval's length.",
)
NO_OPTIONS = error(
    "variable.no-options",
    "The variable “{id}” asks for a choice but offers none.",
    "Add options, or make it text.",
)
OPTIONS_UNUSED = warning(
    "variable.options-unused",
    "The variable “{id}” has options, but its kind does not use them.",
    "Make it one-of, or delete the options.",
)
IDENTIFYING = warning(
    "variable.identifying",
    "The variable “{id}” looks as if it would hold something that identifies a person.",
    "Use pseudonyms; ask for an age band rather than a birthday; or leave it out.",
)
SENSITIVE_REQUIRED = warning(
    "variable.sensitive-required",
    "The variable “{id}” is sensitive and yet required of everyone.",
    "Make it optional, and say in the study why it is needed.",
)

BOUND_UNKNOWN = error(
    "variable.bound-unknown",
    "People are said to be bound when “{id}” is “{answer}”, which is none of its answers.",
    "Use the ids of its options, or yes and no.",
)
BOUND_TWICE = error(
    "variable.bound-twice",
    "When “{id}” is “{answer}”, people are said to be bound and only partly bound.",
    "Name each answer once.",
)
BOUND_BY_SUBJECT = error(
    "variable.bound-by-subject",
    "The variable “{id}” says how freely people could act, but it is of a subject.",
    "How freely one could act belongs to the session or the place: make it a variable of those.",
)

IDENTIFYING_WORDS = ("full name", "surname", "first name", "birth", "address", "phone", "e-mail", "email", "passport", "national insurance", "social security", "nhs number")  # fmt: skip


COARSE_M = 100
"""the size of a block of houses: finer than that, a position can name a home"""

SCANNED = frozenset({SamplingKind.MOMENTARY_SCAN, SamplingKind.SNAPSHOTS, SamplingKind.AREA_COUNT})


def findings(view: View) -> Iterator[Finding]:
    """All findings about the framework as a whole."""
    yield from focus(view)
    yield from ids(view)
    yield from labels(view)
    yield from languages(view)
    yield from rights(view)
    yield from position(view)
    yield from planned(view)
    yield from variables(view)


def focus(view: View) -> Iterator[Finding]:
    """Is it clear what is asked, what is looked at and what is left out?"""
    framework = view.framework
    if not framework.title:
        yield NO_TITLE.at("/title")
    if not framework.streams:
        yield NO_STREAMS.at("/streams")
    if not framework.purpose:
        yield NO_PURPOSE.at("/purpose")
    if not framework.attend_to:
        yield NO_ATTENTION.at("/attend_to")
    if not framework.leave_out:
        yield NO_LEAVE_OUT.at("/leave_out")
    if not framework.assumptions:
        yield NO_ASSUMPTIONS.at("/assumptions")


def lists_with_ids(view: View) -> Iterator[tuple[str, tuple[Any, ...], tuple[str | int, ...]]]:
    """Each list whose items have ids, with what they are and where; codes and ratings apart."""
    framework = view.framework
    yield "actor", framework.actors, ("actors",)
    yield "modifier", framework.modifiers, ("modifiers",)
    yield "stream", framework.streams, ("streams",)
    yield "link", framework.links, ("links",)
    yield "variable", framework.variables, ("variables",)
    yield "formula", framework.formulas, ("formulas",)
    yield "construct", framework.constructs, ("constructs",)
    for index, modifier in enumerate(framework.modifiers):
        yield "option", modifier.options, ("modifiers", index, "options")
    for index, variable in enumerate(framework.variables):
        yield "option", variable.options, ("variables", index, "options")
    for index, construct in enumerate(framework.constructs):
        yield "rival", construct.rivals, ("constructs", index, "rivals")
    for place, stream in enumerate(framework.streams):
        yield "dimension", stream.crossed, ("streams", place, "crossed")
        for index, dimension in enumerate(stream.crossed):
            yield "option", dimension.options, ("streams", place, "crossed", index, "options")


def ids(view: View) -> Iterator[Finding]:
    """Ids name one thing each."""
    for what, things, path in lists_with_ids(view):
        seen: set[str] = set()
        for index, thing in enumerate(things):
            if thing.id in seen:
                yield TWICE.at(pointer(*path, index, "id"), what=what, id=thing.id)
            seen.add(thing.id)
    taken: set[str] = set()
    places = [(placed.code.id, placed.path) for placed in view.codes]
    for thing_id, place in (*places, *((placed.rating.id, placed.path) for placed in view.ratings)):
        if thing_id in taken:
            yield SAME_ID.at(pointer(*place, "id"), id=thing_id)
        taken.add(thing_id)


def labels(view: View) -> Iterator[Finding]:
    """Everything that is shown has something to show."""
    for what, things, path in lists_with_ids(view):
        for index, thing in enumerate(things):
            if not thing.label:
                yield EMPTY_LABEL.at(pointer(*path, index, "label"), what=what, id=thing.id)
    for code in view.codes:
        if not code.code.label:
            yield EMPTY_LABEL.at(pointer(*code.path, "label"), what="code", id=code.code.id)
    for rating in view.ratings:
        if not rating.rating.label:
            yield EMPTY_LABEL.at(pointer(*rating.path, "label"), what="rating", id=rating.rating.id)


def texts(value: Any, path: tuple[str | int, ...]) -> Iterator[tuple[Text, tuple[str | int, ...]]]:
    """Every text of a part of the framework, with its place."""
    shape = {each.name: each.spec for each in shape_of(type(value))}
    for field in fields(value):
        spec, found, here = shape[field.name], getattr(value, field.name), (*path, field.name)
        if isinstance(spec, Words):
            yield found, here
        elif isinstance(spec, Object) and found is not None:
            yield from texts(found, here)
        elif isinstance(spec, Listing) and isinstance(spec.item, Words):
            yield from ((each, (*here, index)) for index, each in enumerate(found))
        elif isinstance(spec, Listing) and isinstance(spec.item, Object):
            for index, each in enumerate(found):
                yield from texts(each, (*here, index))


def languages(view: View) -> Iterator[Finding]:
    """Each text is there in every language that the framework claims; checked only where there are several."""
    claimed = view.framework.languages
    for tag, count in Counter(claimed).items():
        if count > 1:
            yield LANGUAGE_TWICE.at("/languages", tag=tag)
    missing: dict[str, list[str]] = {}
    unlisted: dict[str, str] = {}
    known = set(claimed)
    plain = (claimed[0],)
    for text, path in texts(view.framework, ()):
        tags = tuple(tag for tag, words in text.by_language if words)
        if tags == plain and len(known) == 1:
            continue
        for tag in known.difference(tags) if tags else ():
            missing.setdefault(tag, []).append(pointer(*path))
        for tag in tags:
            if tag not in known:
                unlisted.setdefault(tag, pointer(*path))
    for tag in sorted(missing):
        if "-x-" not in tag:
            yield LANGUAGE_MISSING.at(missing[tag][0], tag=tag, count=len(missing[tag]))
    for tag in sorted(unlisted):
        yield LANGUAGE_UNLISTED.at(unlisted[tag], tag=tag)


def rights(view: View) -> Iterator[Finding]:
    """Whose words these are, and what follows from it."""
    status, framework = view.framework.rights.status, view.framework
    if status is RightsStatus.OPEN_LICENCE and not (framework.rights.licence and framework.rights.attribution):
        yield NO_LICENCE.at("/rights")
    if status is RightsStatus.FACTS_REWORDED and not framework.source.citation.strip():
        yield NO_CITATION.at("/source/citation")
    if status is RightsStatus.USER_SUPPLIED_ONLY:
        yield USER_SUPPLIED.at("/rights/status")
    if is_withheld(framework):
        yield WORDS_WITHHELD.at("/rights/note")
    if framework.covert:
        yield COVERT.at("/covert")


def is_withheld(framework: Framework) -> bool:
    """Whether this is an instrument without its words, as files that leave a study hold it."""
    if not framework.rights.note.endswith(WITHHELD):
        return False
    behaviours = [code for _, code in framework.codes()] + [rating for _, rating in framework.ratings()]
    return all(str(each.label) == each.id and not each.definition for each in behaviours)


def position(view: View) -> Iterator[Finding]:
    """Where people were watched is told of them, so it needs a reason and no more precision than that asks for."""
    asked = view.framework.position
    if asked is None:
        return
    if not asked.reason:
        yield POSITION_WHY.at("/position/reason")
    if asked.rounded_m < COARSE_M:
        yield POSITION_FINE.at("/position/rounded_m", metres=asked.rounded_m)
    kinds = {stream.sampling.kind for stream in view.framework.streams}
    if "scan" in asked.at and not kinds & SCANNED:
        yield POSITION_NO_SCAN.at("/position/at")


def planned(view: View) -> Iterator[Finding]:
    """Does a planned session hold whole intervals?"""
    planned_ms = view.framework.planned_ms
    for place, stream in enumerate(view.framework.streams):
        sampling = stream.sampling
        length = sampling.over_ms if sampling.kind is SamplingKind.SNAPSHOTS else sampling.length_ms
        if sampling.observe_ms is not None and sampling.record_ms is not None:
            length = sampling.observe_ms + sampling.record_ms
        if planned_ms is None or length is None:
            continue
        found = {"planned": planned_ms / 1000, "length": length / 1000, "stream": stream.id}
        if planned_ms < length:
            yield PLANNED_SHORT.at(pointer("streams", place, "sampling"), **found)
        elif planned_ms % length:
            yield PLANNED_UNEVEN.at(pointer("streams", place, "sampling"), **found)


def variables(view: View) -> Iterator[Finding]:
    """Variables can be answered, and do not identify people."""
    for index, variable in enumerate(view.framework.variables):
        where = pointer("variables", index)
        if variable.kind is VariableKind.ONE_OF and not variable.options:
            yield NO_OPTIONS.at(where, id=variable.id)
        if variable.kind is not VariableKind.ONE_OF and variable.options:
            yield OPTIONS_UNUSED.at(where, id=variable.id)
        words = str(variable.label).lower()
        if any(word in words for word in IDENTIFYING_WORDS):
            yield IDENTIFYING.at(where, id=variable.id)
        if variable.sensitive and variable.required:
            yield SENSITIVE_REQUIRED.at(where, id=variable.id)
        yield from bound(variable, where)


def bound(variable: Variable, where: str) -> Iterator[Finding]:
    """What is said of how freely people could act is said of answers that can be given."""
    answers = {option.id for option in variable.options} or (
        {"yes", "no"} if variable.kind is VariableKind.YES_NO else None
    )
    for answer in (*variable.bound_when, *variable.partly_bound_when):
        if answers is not None and answer not in answers:
            yield BOUND_UNKNOWN.at(where, id=variable.id, answer=answer)
    for answer in sorted(set(variable.bound_when) & set(variable.partly_bound_when)):
        yield BOUND_TWICE.at(where, id=variable.id, answer=answer)
    if variable.of == "subject" and (variable.bound_when or variable.partly_bound_when):
        yield BOUND_BY_SUBJECT.at(where, id=variable.id)
