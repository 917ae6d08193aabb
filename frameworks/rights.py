"""Whose words an instrument is made of, and what of it may leave the study that holds the right to use it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from frameworks.checks.head import WITHHELD as WITHHELD
from frameworks.checks.head import is_withheld as is_withheld
from frameworks.checks.head import texts
from frameworks.findings import Finding, error
from frameworks.model import Code, Framework, Rating, RightsStatus, Source, Text
from frameworks.shape import Listing, Object, Words, shape_of

LOOSENED = error(
    "rights.loosened",
    "Version {number} says that its words belong to someone else, and {ids} still carry them.",
    "Leave the rights as they were, or put these codes and ratings into words of your own.",
)
WOULD_BE_LOST = error(
    "rights.words-would-be-lost",
    "The document comes without the words of the instrument, as everything does that leaves a study; ids would stand in the place of the words of {count} codes and ratings.",
    "Say below what is to become of the words, and upload it again.",
)
TELLING = 20
"""shorter words (“often”, “yes”) are nobody's"""


def belongs_to_someone_else(framework: Framework) -> bool:
    """Whether the words may be used only where the study holds the right to."""
    return framework.rights.status is RightsStatus.USER_SUPPLIED_ONLY


def shareable(framework: Framework) -> Framework:
    """The framework as it may leave its study: with its own words, or its ids and structure where they are someone else's.

    What was recorded can still be read: ids, kinds, values and sampling stay; labels become ids. The title, the source
    and the rights stay, so that everybody knows what it is and whom to ask.
    """
    if not belongs_to_someone_else(framework):
        return framework
    note = framework.rights.note.removesuffix(WITHHELD).strip()
    bare: Framework = without_words(framework, framework.languages[0])
    return replace(
        bare, title=framework.title, rights=replace(framework.rights, note=f"{note} {WITHHELD}".strip())
    )


def without_words(value: Any, language: str) -> Any:
    """One part of a framework with its ids in the place of its labels, and no other words."""
    bare: dict[str, Any] = {}
    for each in shape_of(type(value)):
        found = getattr(value, each.name)
        if isinstance(each.spec, Words):
            stand_in = str(getattr(value, "id", getattr(value, "value", ""))) if each.name == "label" else ""
            bare[each.name] = Text(((language, stand_in),)) if stand_in else Text()
        elif (isinstance(each.spec, Listing) and isinstance(each.spec.item, Words)) or each.name == "group":
            bare[each.name] = type(found)()
        elif isinstance(each.spec, Listing) and isinstance(each.spec.item, Object):
            bare[each.name] = tuple(without_words(one, language) for one in found)
        elif isinstance(each.spec, Object) and found is not None and each.spec.of is not Source:
            bare[each.name] = without_words(found, language)
    return replace(value, **bare)


def worded(value: Any, held: Any) -> Any:
    """A part that came without words, with those that the same part had before: the same id, or the same value of a scale.

    Everything but the words is as it came: order, colours, sampling, weights.
    """
    whole: dict[str, Any] = {}
    for each in shape_of(type(value)):
        came, was = getattr(value, each.name), getattr(held, each.name)
        if isinstance(each.spec, Words) or each.name == "group":
            whole[each.name] = was or came
        elif isinstance(each.spec, Listing) and isinstance(each.spec.item, Words):
            whole[each.name] = came or was
        elif isinstance(each.spec, Listing) and isinstance(each.spec.item, Object):
            before = {key_of(one): one for one in reversed(was)}
            whole[each.name] = tuple(
                worded(one, before[key_of(one)]) if key_of(one) in before else one for one in came
            )
        elif isinstance(each.spec, Object) and came is not None and was is not None and each.spec.of is not Source:
            whole[each.name] = worded(came, was)
    return replace(value, **whole)


def key_of(part: Any) -> object:
    """By what two parts are the same: their id, their value, or the behaviour that they are evidence about."""
    if hasattr(part, "id"):
        return part.id
    return part.value if hasattr(part, "value") else (part.code, part.rating, part.modifiers)


def with_words_of(bare: Framework, held: Framework) -> Framework:
    """A document that left a study without its words and comes back to it, with the words that the study still has."""
    whole: Framework = worded(bare, held)
    note = bare.rights.note.removesuffix(WITHHELD).strip()
    return replace(whole, title=bare.title, languages=held.languages, rights=replace(bare.rights, note=note))


def would_be_lost(bare: Framework, held: Framework) -> tuple[Finding, ...]:
    """Said before a document without its words takes the place of one that has them."""
    if not is_withheld(bare) or is_withheld(held):
        return ()
    ids = {code.id for _, code in bare.codes()} | {rating.id for _, rating in bare.ratings()}
    behaviours: list[Code | Rating] = [code for _, code in held.codes()]
    behaviours += [rating for _, rating in held.ratings()]
    count = sum(each.id in ids and str(each.label) != each.id for each in behaviours)
    return (WOULD_BE_LOST.at("", count=count),) if count else ()


def loosened(number: int, before: Framework, after: Framework) -> tuple[Finding, ...]:
    """Someone else's words that a later version would pass off as free: a change of one word in the rights frees nothing."""
    if not belongs_to_someone_else(before) or belongs_to_someone_else(after):
        return ()
    theirs = {words for words, _ in tellings(before)}
    kept = dict.fromkeys(owner for words, owner in tellings(after) if words in theirs)
    if not kept:
        return ()
    ids = ", ".join(list(kept)[:8]) + (" and others" if len(kept) > 8 else "")
    return (LOOSENED.at("/rights/status", number=number, ids=ids),)


def tellings(framework: Framework) -> Iterator[tuple[str, str]]:
    """The words of each code and rating that are long enough to be somebody's, with the id that carries them."""
    behaviours: list[Code | Rating] = [code for _, code in framework.codes()]
    behaviours += [rating for _, rating in framework.ratings()]
    for behaviour in behaviours:
        for text, _ in texts(behaviour, ()):
            for _, words in text.by_language:
                plain = re.sub(r"\W+", " ", words).strip().casefold()
                if len(plain) >= TELLING:
                    yield plain, behaviour.id
