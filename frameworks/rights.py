"""Whose words an instrument is made of, and what of it may leave the study that holds the right to use it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from frameworks.checks.head import texts
from frameworks.findings import Finding, error
from frameworks.model import Code, Framework, Rating, RightsStatus, Source, Text
from frameworks.shape import Listing, Object, Words, shape_of

WITHHELD = "Words withheld: they belong to the owner of the instrument and do not leave the study that holds the right to use it."
LOOSENED = error(
    "rights.loosened",
    "Version {number} says that its words belong to someone else, and {ids} still carry them.",
    "Leave the rights as they were, or put these codes and ratings into words of your own.",
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
