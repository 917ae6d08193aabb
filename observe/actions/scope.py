"""Which framework versions a question is about, and by which codes their sessions are read.

One version is read by its own codes. Several are read by the codes that they have in common, by the maps that are in
force: the record of each session is put into the common ids, its figures are worked out anew, and what was done is said.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from frameworks.model import Formula, Framework
from frameworks.together import Together, versions_in_words
from observe.actions import codemaps
from observe.actions import records as coding
from observe.actions.records import Coded
from observe.core.coding.record import Timeline
from observe.core.coding.renaming import renamed
from observe.core.coding.window import within
from observe.core.errors import NotFound
from observe.core.measures.session import BudgetRow, budget
from observe.store import frameworks
from observe.store.frameworks import FrameworkVersion
from observe.store.records import SessionRow

SEVERAL = re.compile(r"(?P<slug>[^@]+)@(?P<numbers>\d{1,6}([-,]\d{1,6})*)")
WINDOW = re.compile(r"(\d{1,5}(?:\.\d{1,3})?)\s*[-–]\s*(\d{1,5}(?:\.\d{1,3})?)")
MOST_VERSIONS = 200


@dataclass(frozen=True, slots=True)
class Scope:
    """Versions of one framework and how they are read. `asked` is how the choice stands in an address."""

    asked: str
    slug: str
    title: str
    versions: Mapping[str, int]
    """number of each version by its hash, oldest first"""
    model: Framework
    """what codes are called and how they are sampled; of several versions, the common ones"""
    newest: Framework
    models: Mapping[str, Framework]
    """each version's own model"""
    own: Mapping[str, Framework]
    """the models of versions that are read in other ids than their own, in those ids"""
    together: Together | None = None
    window: tuple[int, int] | None = None
    """the part of each session that is read, in ms from its start"""

    @property
    def mark(self) -> str:
        """A hash of how sessions are read; empty where they are read as they were recorded, and whole."""
        if self.window is None:
            return self.map
        return hashlib.sha256(f"{self.map} {self.window[0]} {self.window[1]}".encode()).hexdigest()

    @property
    def map(self) -> str:
        """A hash of how versions are read together and of all that is said about it; empty for one version."""
        if self.together is None:
            return ""
        said = [
            {mark: dict(names) for mark, names in part.items()}
            for part in (self.together.codes, self.together.streams)
        ]
        return hashlib.sha256(json.dumps([*said, self.said], sort_keys=True).encode()).hexdigest()

    @property
    def words(self) -> str:
        """ "FILL+, versions 1–3"."""
        return f"{self.title}, {versions_in_words(list(self.versions.values()))}"

    @property
    def only_in_some(self) -> list[str]:
        """Common codes that some of these versions could not record."""
        every = set(self.versions.values())
        read = self.together
        return [code for code in read.only_in_some if not every <= set(read.versions_with(code))] if read else []

    def fit(self, formula: str) -> tuple[frozenset[str], str]:
        """The versions that a formula can be worked out of, and what is to be said of the others."""
        if self.together is None:
            return frozenset(self.versions), ""
        own: Formula = next(one for one in self.newest.formulas if one.id == formula)
        fitting, why = self.together.fit(own, self.newest)
        return fitting & frozenset(self.versions), why

    def model_of(self, version: str) -> Framework:
        """A version's model in the ids that its sessions are read in."""
        return self.own.get(version) or self.models[version]

    def own_stream(self, version: str, stream: str) -> str:
        """What a stream is called in a version itself."""
        names = self.together.streams[version] if self.together else {}
        return next((own for own, common in names.items() if common == stream), stream)

    def as_json(self) -> dict[str, Any] | None:
        """What is said of the reading beside a result; nothing for a version by itself."""
        return {**self.said, "map": self.map, "rows": self.rows} if self.together else None

    @property
    def said(self) -> dict[str, Any]:
        """The versions, and what was done to read them as one, in sentences."""
        assert self.together is not None
        return {
            "versions": dict(self.versions), "slug": self.slug,
            "statement": list(self.together.statement), "apart": list(self.together.apart),
            "cautions": list(self.together.cautions), "only_in_some": self.only_in_some,
            "unstated": [list(pair) for pair in self.together.unstated],
        }  # fmt: skip

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The map as a table: each code and rating of each version, and as what it is counted."""
        assert self.together is not None
        return [
            {"version": number, "code": code, "counted_as": common, "also_in": also(self.together, common, number)}
            for mark, number in self.versions.items()
            for code, common in self.together.codes[mark].items()
        ]


def also(read: Together, common: str, number: int) -> str:
    """The other versions that can record a common code."""
    return " ".join(str(one) for one in read.versions_with(common) if one != number)


@dataclass(frozen=True, slots=True)
class Translated(Coded):
    """A session whose record is read in the ids that its version has in common with others, or of which a part is read."""

    scope: Scope

    @property
    def timeline(self) -> Timeline:
        mark, read, found = self.session.framework, self.scope.together, super(Translated, self).timeline
        if mark in self.scope.own:
            assert read is not None
            found = renamed(found, read.codes[mark], read.streams[mark])
        return within(found, *self.scope.window) if self.scope.window else found

    @property
    def budget(self) -> tuple[BudgetRow, ...]:
        """Worked out anew: two codes that became one overlap, and their figures do not add up."""
        return budget(self.scope.model_of(self.session.framework), self.timeline)


def of(db: Session, study_id: int, asked: str, window: str = "") -> Scope:
    """The scope that an address names: versions, and the part of each session (minutes, as `0-10`) that is read."""
    return replace(of_versions(db, study_id, asked), window=window_in(window))


def window_in(words: str) -> tuple[int, int] | None:
    """ "0-10" or "2.5-10" minutes in ms; None for the whole session, and for what is no window."""
    found = WINDOW.fullmatch(words.strip())
    if found is None:
        return None
    start, end = (round(float(one) * 60_000) for one in found.groups())
    return (start, end) if start < end else None


def asks_several(asked: str) -> bool:
    """Whether several versions read as one are asked for, as `slug@1-3`."""
    return SEVERAL.fullmatch(asked) is not None


def of_versions(db: Session, study_id: int, asked: str) -> Scope:
    """A version's hash, or `slug@1-3` and `slug@1,3`. NotFound for anything else."""
    several = SEVERAL.fullmatch(asked)
    if several is None:
        return single(db, study_id, asked)
    found = frameworks.by_slug(db, study_id, several["slug"])
    if found is None:
        raise NotFound
    published = {one.number: one for one in frameworks.versions(db, found.id)}
    numbers = [one for one in numbers_in(several["numbers"]) if one in published]
    if not numbers:
        raise NotFound
    if len(numbers) == 1:
        return single(db, study_id, published[numbers[0]].hash)
    read = codemaps.together(db, found, only=numbers)
    models = {published[one].hash: coding.framework(db, study_id, published[one].hash) for one in numbers}
    own = {mark: read.framework(mark, model) for mark, model in models.items() if read.changes(mark)}
    newest = published[numbers[-1]]
    return Scope(
        several_in_words(found.slug, numbers), found.slug, newest.title, {published[one].hash: one for one in numbers},
        read.joint, models[newest.hash], models, own, read,
    )  # fmt: skip


def marks_in(db: Session, study_id: int, asked: str) -> frozenset[str]:
    """The hashes of the versions that an address names, without working out how they are read together."""
    several = SEVERAL.fullmatch(asked)
    if several is None:
        return frozenset({asked})
    found = frameworks.by_slug(db, study_id, several["slug"])
    wanted = set(numbers_in(several["numbers"]))
    return (
        frozenset(one.hash for one in frameworks.versions(db, found.id) if one.number in wanted)
        if found
        else frozenset()
    )


def single(db: Session, study_id: int, content_hash: str) -> Scope:
    """One version, read as it was recorded."""
    version = frameworks.version_by_hash(db, study_id, content_hash)
    if version is None:
        raise NotFound
    model = coding.framework(db, study_id, content_hash)
    return Scope(
        content_hash,
        model.slug,
        version.title,
        {content_hash: version.number},
        model,
        model,
        {content_hash: model},
        {},
    )


def numbers_in(words: str) -> list[int]:
    """ "1-3,5" as numbers in order, each once."""
    found: set[int] = set()
    for part in words.split(","):
        first, _, last = part.partition("-")
        low, high = int(first), int(last.rpartition("-")[2] or first)
        found |= set(range(low, min(high, low + MOST_VERSIONS) + 1))
    return sorted(found)


def several_in_words(slug: str, numbers: Sequence[int]) -> str:
    """How several versions stand in an address."""
    whole = len(numbers) > 2 and list(numbers) == list(range(numbers[0], numbers[-1] + 1))
    return f"{slug}@{numbers[0]}-{numbers[-1]}" if whole else f"{slug}@{','.join(map(str, numbers))}"


@dataclass(frozen=True, slots=True)
class Choice:
    """One version, or all of a framework's that sessions were recorded with, to be chosen in a form."""

    asked: str
    words: str
    numbers: tuple[int, ...]
    sessions: int


def choices(db: Session, study_id: int, used: Mapping[str, int]) -> list[Choice]:
    """What can be chosen: by framework, all its versions together where there are several, then each. `used` counts sessions."""
    by_framework: dict[int, list[FrameworkVersion]] = {}
    for one in frameworks.versions_of_study(db, study_id):
        if one.hash in used:
            by_framework.setdefault(one.framework_id, []).append(one)
    slugs = {one.id: one.slug for one in frameworks.of_study(db, study_id)}
    found: list[Choice] = []
    for framework_id, versions in by_framework.items():
        numbers = sorted(one.number for one in versions)
        if len(numbers) > 1:
            title = max(versions, key=lambda one: one.number).title
            found.append(
                Choice(
                    several_in_words(slugs[framework_id], numbers), f"{title}, {versions_in_words(numbers)} together",
                    tuple(numbers), sum(used[one.hash] for one in versions),
                )
            )  # fmt: skip
        found += [
            Choice(one.hash, f"{one.title}, version {one.number}", (one.number,), used[one.hash])
            for one in sorted(versions, key=lambda one: -one.number)
        ]
    return found


def used_in(rows: Sequence[SessionRow]) -> Counter[str]:
    """How many sessions were recorded with each version."""
    return Counter(row.framework for row in rows)


def coded(db: Session, scope: Scope, rows: Sequence[SessionRow], *, now: datetime) -> Iterator[Coded]:
    """Each session with its record, in the ids of the scope."""
    for one in coding.coded(db, rows, now=now):
        yield read_by(scope, one)


def read_by(scope: Scope, one: Coded) -> Coded:
    """A session in the ids of the scope."""
    if scope.window or one.session.framework in scope.own:
        return Translated(one.session, one.logs, one.row, scope)
    return one
