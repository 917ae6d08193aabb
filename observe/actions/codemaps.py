"""What people say of versions together, and what they make of notes from the field."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from frameworks import codemaps as maps
from frameworks import schema
from frameworks.codemaps import CodeMap, Move
from frameworks.findings import Severity
from frameworks.model import Framework as Model
from frameworks.shape import ID
from frameworks.together import Together
from frameworks.together import together as of_versions
from observe.actions import frameworks, records
from observe.actions.doing import Actor, check, doing
from observe.core.errors import Invalid, NotFound, Taken
from observe.store import codemaps as kept
from observe.store import frameworks as kept_frameworks
from observe.store import people, presence
from observe.store import records as kept_records
from observe.store.base import writing
from observe.store.codemaps import Stated
from observe.store.frameworks import Framework
from observe.store.people import Person
from observe.store.studies import Study


def state(
    db: Session, actor: Actor, study: Study, slug: str, old: int, new: int, moves: Sequence[Move], *, now: datetime
) -> CodeMap:
    """Say what became of which code between two published versions. The newest statement counts; none is ever deleted."""
    with doing(db, actor, "framework.design", study, now=now) as entry:
        framework = frameworks.existing(db, study, slug)
        before, after = (frameworks.existing_version(db, study, slug, number) for number in (old, new))
        if old >= new:
            raise Invalid("A map leads from an older version to a newer one.")
        code_map = CodeMap(before.hash, after.hash, tuple(moves))
        found = maps.check_map(code_map, frameworks.model_of(before), frameworks.model_of(after))
        if any(each.severity is Severity.ERROR for each in found):
            raise Invalid("The map cannot be kept.", found)
        made = kept.add(db, study.id, framework.id, code_map, by=frameworks.id_of(actor), now=now)
        entry.about = f"code_map:{made}"
        entry.note(did="state", framework=framework.id, old=old, new=new, moves=len(code_map.moves))
        return code_map


def together(db: Session, framework: Framework, *, only: Sequence[int] = ()) -> Together:
    """Published versions of a framework as one, by the maps that are in force: which code stands for which.

    `only` some of them, by number: those between the oldest and the newest are gone through too, since they may carry
    what the others have in common.
    """
    every = sorted(kept_frameworks.versions(db, framework.id), key=lambda version: version.number)
    lowest, highest = (min(only), max(only)) if only else (0, len(every))
    versions = [one for one in every if not only or lowest <= one.number <= highest]
    number = {version.hash: version.number for version in versions}
    stated = [each.map for each in kept.in_force(db, framework.id).values()]
    within = [each for each in stated if each.old in number and each.new in number]
    return of_versions(
        [frameworks.model_of(each) for each in versions],
        sorted(within, key=lambda each: (number[each.old], number[each.new])),
        numbers=[version.number for version in versions],
        marks=list(number),
    )


def moves_of(became: Mapping[str, Iterable[str]], reasons: Mapping[str, str]) -> list[Move]:
    """Moves out of “this became those”: codes that share a successor belong into one move.

    A code that became itself and nothing else, and that no other became, has not moved. One that became nothing has:
    it is over, even if a newer version uses its id.
    """
    groups: list[tuple[set[str], set[str]]] = []
    for old, news in became.items():
        group = ({old}, set(news))
        for other in [each for each in groups if each[1] & group[1]]:
            groups.remove(other)
            group = (group[0] | other[0], group[1] | other[1])
        groups.append(group)
    moved = [(olds, news) for olds, news in groups if olds != news]
    return [
        Move(
            tuple(sorted(olds)),
            tuple(sorted(news)),
            "; ".join(dict.fromkeys(reasons[each] for each in sorted(olds) if reasons.get(each))),
        )
        for olds, news in sorted(moved, key=lambda each: sorted(each[0]))
    ]


@dataclass(frozen=True, slots=True)
class Row:
    """One code or rating of the older version on the page of a map. `became` is what is ticked when the page opens."""

    id: str
    label: str
    definition: str
    became: tuple[str, ...]
    reason: str
    is_gone: bool
    changed: bool


def rows(old: Model, new: Model, stated: Stated | None) -> list[Row]:
    """What the page of a map shows: what was stated before, else what is likely, else each code as itself; gone ones first."""
    moves = stated.map.moves if stated else maps.suggested_moves(old, new)
    moved = {each: move for move in moves for each in move.old}
    after = defined(new)
    found = []
    for each, (label, definition) in defined(old).items():
        move = moved.get(each)
        became = move.new if move else (each,) if each in after else ()
        found.append(
            Row(
                each,
                label,
                definition,
                became,
                move.reason if move else "",
                each not in after,
                after.get(each, (label, definition)) != (label, definition),
            )
        )
    return sorted(found, key=lambda row: (not row.is_gone, not row.changed))


def defined(model: Model) -> dict[str, tuple[str, str]]:
    """Label and definition of every code and rating, by its id."""
    codes = {code.id: (str(code.label), str(code.definition)) for _, code in model.codes()}
    return codes | {rating.id: (str(rating.label), str(rating.definition)) for _, rating in model.ratings()}


@dataclass(frozen=True, slots=True)
class OutsideNote:
    """What an observer noted because the framework had no place for it. `code` is what was made of it, or empty."""

    session: str
    event: str
    at: int
    text: str
    started: int
    offset: int
    observer: int
    code: str


def outside_notes(db: Session, study: Study, framework: Framework, *, now: datetime) -> list[OutsideNote]:
    """Notes of a framework's sessions that were marked “not in the framework”, as corrected since; newest session first."""
    hashes = [version.hash for version in kept_frameworks.versions(db, framework.id)]
    ids = kept.sessions_with_outside_notes(db, study.id, hashes)
    made = kept.codes_made_of_notes(db, framework.id)
    sessions = [row for each in ids if (row := kept_records.session(db, study.id, each))]
    return [
        OutsideNote(
            coded.session.id,
            note.event,
            note.at,
            note.text,
            coded.session.started,
            coded.session.offset,
            coded.session.observer,
            made.get(note.event, ""),
        )
        for coded in records.coded(db, sessions, now=now)
        for note in coded.timeline.notes
        if note.outside
    ]


def code_of_note(
    db: Session,
    actor: Actor,
    study: Study,
    slug: str,
    event: str,
    *,
    stream: str,
    id: str,
    label: str,
    now: datetime,
) -> Framework:
    """A new code in the draft with a note from the field as its example. The note itself stays what it was."""
    framework = frameworks.existing(db, study, slug)
    noted = next((each for each in outside_notes(db, study, framework, now=now) if each.event == event), None)
    if noted is None:
        raise NotFound
    with doing(db, actor, "framework.design", study, now=now) as entry:
        framework = frameworks.existing(db, study, slug)
        document = frameworks.document_of(framework.draft)
        model = frameworks.must_be_read(
            schema.load(with_code(document, stream, id.strip(), label.strip(), noted.text))
        )
        if event in kept.codes_made_of_notes(db, framework.id):
            raise Taken("A code was made of this note already.")
        framework.draft, framework.revision = frameworks.text_of(model), framework.revision + 1
        framework.changed_at, framework.changed_by = now, frameworks.id_of(actor)
        kept.mark_made(db, framework.id, event, id.strip(), by=frameworks.id_of(actor), now=now)
        entry.about = f"framework:{framework.id}"
        entry.note(did="code of a note", event=event, code=id.strip(), revision=framework.revision)
        return framework


def with_code(document: Mapping[str, Any], stream: str, id: str, label: str, example: str) -> dict[str, Any]:
    """The document with one more code at the end of a stream, a state where the stream's others are."""
    if not re.fullmatch(ID, id):
        raise Invalid("A code is letters, digits, “_”, “-” and “.”, 64 at most.")
    streams = document.get("streams", [])
    place = next((each for each in streams if each["id"] == stream), None)
    if place is None:
        raise Invalid("There is no such stream in the draft.")
    if any(each["id"] == id for other in streams for each in [*other.get("codes", []), *other.get("ratings", [])]):
        raise Taken(f"There is a code {id} in the draft already.")
    lasting = place.get("exclusive") or all(each.get("type") == "state" for each in place.get("codes", [{}]))
    code = {
        "id": id,
        "label": label or id,
        "examples": [" ".join(example.split())],
        **({"type": "state"} if lasting else {}),
    }
    changed = {**place, "codes": [*place.get("codes", []), code]}
    return {**document, "streams": [changed if each is place else each for each in streams]}


@dataclass(frozen=True, slots=True)
class Here:
    """How far the draft is, and the names of the others who have it open."""

    revision: int
    others: tuple[str, ...]


def here(db: Session, person: Person, study: Study, slug: str, *, now: datetime) -> Here:
    """Say that somebody has the designer open. No entry in the audit: having a page open is nothing done."""
    check(db, person, "framework.design", study.id)
    framework = frameworks.existing(db, study, slug)
    if not presence.is_noted(db, framework.id, person.id, now=now):
        with writing(db):
            presence.note(db, framework.id, person.id, now=now)
    ids = presence.others(db, framework.id, person.id, now=now)
    names = people.names(db, set(ids))
    return Here(framework.revision, tuple(names.get(each, "") for each in ids))
