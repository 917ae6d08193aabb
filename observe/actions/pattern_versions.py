"""Which framework versions a plan of patterns reads, and by which codes: those of the plan's own version.

Versions whose sessions mean the same are read as they are. Versions that a stated map joins are read in the ids of the
plan's version; what has no single code there is not read for it, and why is said.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.orm import Session

from frameworks.model import Framework, Indicator
from frameworks.together import Together, in_other_names, versions_in_words
from frameworks.versions import Effect, changes, old_sessions_mean_the_same
from observe.actions import codemaps
from observe.actions import records as coding
from observe.core.coding.record import Timeline
from observe.core.coding.renaming import Names, renamed
from observe.core.patterns import name_of
from observe.store import codemaps as stated
from observe.store import frameworks
from observe.store.frameworks import FrameworkVersion


@dataclass(frozen=True, slots=True)
class Reading:
    """The versions that are read, each as a model in the ids of the plan's own."""

    models: Mapping[str, Framework]
    names: Mapping[str, tuple[Names, Names]] = field(default_factory=dict)
    """of versions that a map joins: what their codes (ratings too) and streams are called in the plan's version"""
    cannot: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """by version: the indicators that its sessions say nothing of, and why"""
    said: Mapping[str, Any] = field(default_factory=dict)
    """what was done, beside the result; empty where every version is read as it was recorded"""

    @property
    def map(self) -> str:
        """A hash of how versions are read together; empty where each is read as it was recorded."""
        if not self.names:
            return ""
        plain = [
            {mark: [dict(part) for part in parts] for mark, parts in self.names.items()},
            {mark: dict(why) for mark, why in self.cannot.items()},
            dict(self.said),
        ]
        return hashlib.sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()

    def record(self, version: str, timeline: Timeline) -> Timeline:
        """A record in the ids of the plan's version."""
        return renamed(timeline, *self.names[version]) if version in self.names else timeline

    def as_json(self) -> dict[str, Any] | None:
        """What stands beside a run; nothing where each version is read as it was recorded."""
        return {**self.said, "map": self.map} if self.names else None


def reading_of(db: Session, study_id: int, content_hash: str, *, together: bool) -> Reading:
    """The plan's version and, where asked for, those that mean the same or that stated maps join with it."""
    model = coding.framework(db, study_id, content_hash)
    own = frameworks.version_by_hash(db, study_id, content_hash)
    assert own is not None
    if not together:
        return Reading({content_hash: model})
    versions = frameworks.versions(db, own.framework_id)
    models = {one.hash: coding.framework(db, study_id, one.hash) for one in versions}
    edges = {(old, new) for old, new in pairs_stated(db, own.framework_id) if old in models and new in models}
    found = joined(content_hash, models, edges)
    by_map = [mark for mark, how in found.items() if how == "map"]
    if not by_map:
        return Reading({mark: models[mark] for mark in found})
    numbers = {one.hash: one.number for one in versions}
    read = together_of(db, own, [numbers[mark] for mark in found])
    names = {mark: read.names_in(mark, content_hash) for mark in by_map}
    inside = {
        mark: in_other_names(models[mark], *names[mark]) if mark in names else models[mark] for mark in found
    }
    cannot = {mark: dict(unread(read, models[mark], mark, model, content_hash)) for mark in by_map}
    return Reading(inside, names, cannot, said_of(read, numbers, numbers[content_hash], by_map))


def pairs_stated(db: Session, framework_id: int) -> set[tuple[str, str]]:
    """The versions between which a map is in force."""
    return {(each.map.old, each.map.new) for each in stated.in_force(db, framework_id).values()}


def together_of(db: Session, own: FrameworkVersion, numbers: Sequence[int]) -> Together:
    framework = next(one for one in frameworks.of_study(db, own.study_id) if one.id == own.framework_id)
    return codemaps.together(db, framework, only=sorted(numbers))


def joined(own: str, models: Mapping[str, Framework], edges: set[tuple[str, str]]) -> dict[str, str]:
    """Every version that a chain of stated maps, or of meaning the same, leads from: by `same` or by `map`."""
    found = {own: "same"}
    open = [own]
    while open:
        here = open.pop()
        for mark, model in models.items():
            mapped = (mark, here) in edges or (here, mark) in edges
            same = not mapped and old_sessions_mean_the_same(changes(model, models[here])) is Effect.SAME
            how = "same" if same and found[here] == "same" else "map"
            if mark not in found and (mapped or same):
                found[mark] = how
                open.append(mark)
    return found


def unread(
    read: Together, model: Framework, mark: str, own: Framework, own_mark: str
) -> Iterator[tuple[str, str]]:
    """The indicators of the plan's version that another version's sessions say nothing of, and why."""
    codes, streams = read.names_in(mark, own_mark)
    number = read.numbers[mark]
    homes = {codes[id]: streams[stream] for id, stream in homes_of(model).items()}
    own_homes = homes_of(own)
    for one in [each for construct in own.constructs for each in construct.indicators]:
        id = one.code or one.rating
        alike = [other for other, common in read.codes[own_mark].items() if common == read.code(own_mark, id)]
        if id not in own_homes:
            continue
        if homes.get(id) != own_homes[id]:
            others = ", ".join(f"“{other}”" for other in alike if other != id)
            yield (
                name_of(one),
                f"sessions of version {number} cannot tell it from {others}, and are left out for it"
                if others else f"sessions of version {number} did not record it as the same, and are left out for it",
            )  # fmt: skip
        elif called_for(in_other_names(model, codes, streams), one) != called_for(own, one):
            yield (
                name_of(one),
                f"in version {number} other events called for it, and its sessions are left out for it",
            )


def homes_of(framework: Framework) -> dict[str, str]:
    """The stream of every code and rating."""
    codes = {code.id: stream.id for stream, code in framework.codes()}
    return codes | {rating.id: stream.id for stream, rating in framework.ratings()}


def called_for(
    framework: Framework, indicator: Indicator
) -> frozenset[tuple[str, frozenset[str], frozenset[str]]]:
    """The links that make opportunities for an indicator's code."""
    return frozenset(
        (link.id, frozenset(link.from_codes), frozenset(link.to_codes))
        for link in framework.links
        if indicator.code and indicator.code in link.to_codes
    )


def said_of(read: Together, numbers: Mapping[str, int], own: int, by_map: Sequence[str]) -> dict[str, Any]:
    """In sentences what was done to read versions that a map joins."""
    which = versions_in_words([numbers[mark] for mark in by_map])
    return {
        "versions": which, "read_as": own, "statement": list(read.statement), "apart": list(read.apart),
        "cautions": list(read.cautions),
    }  # fmt: skip
