"""Agreed codings for tablets to practise against: a supervisor offers them, and takes them back."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy.orm import Session

from frameworks.model import Framework
from observe.actions import records as coding
from observe.actions.doing import doing
from observe.actions.exports import silence_of
from observe.core import consent, practice
from observe.core.access import Role
from observe.core.coding.record import Bout, Point
from observe.core.errors import Invalid, NotFound
from observe.store import consensus, frameworks, records, studies
from observe.store import practice as kept
from observe.store import sessions as stored
from observe.store.consensus import Agreed
from observe.store.people import Person
from observe.store.practice import Material
from observe.store.records import SessionRow
from observe.store.studies import Study

MOST_BYTES = 1_000_000
"""of one coding: an hour with a tap a second comes to half of it"""
MOST_OFFERED = 20
"""at a time in one study: a tablet on a field network fetches them all"""


@dataclass(frozen=True, slots=True)
class Practised:
    """A practice session and an agreed coding of the same material. `references` is what it can be certified against:
    the id of the settled record, or of a supervisor's session, by stream; empty where neither is there."""

    row: SessionRow
    material: Material
    references: dict[str, str]


class NotForPractice(Invalid):
    """A coding that cannot be the standard for others, with the reason."""

    code = "practice.unfit"
    sentence = "This coding cannot be offered for practice."
    remedy = "Settle what observers differ on, or sign the session off, and offer it then."


def offer(
    db: Session, actor: Person, study: Study, session_id: str, other: str, title: str, hint: str, *, now: datetime
) -> Material:
    """Let tablets fetch a coding. With `other`, what was settled of the two; else the one record as it stands."""
    study_id, person_id = study.id, actor.id
    row = records.session(db, study_id, session_id)
    if row is None:
        raise NotFound
    if not title.strip():
        raise NotForPractice("It needs a name, by which observers choose it.")
    _free_of_refusals(db, study_id, row)
    name = uuid.uuid4()
    streams, rows = _settled(db, row, other, name) if other else ((), _alone(db, row))
    length = coding.one(db, row, now=now).timeline.end
    body = _body(name, row, rows)
    if len(body.encode()) > MOST_BYTES:
        raise NotForPractice(f"It holds {len(rows)} events, more than fit the {MOST_BYTES} bytes of one coding.")
    db.rollback()
    with doing(db, actor, "practice.offer", study_id, about=f"session:{session_id}", now=now) as entry:
        there = kept.of_study(db, study_id)
        if len(there) >= MOST_OFFERED:
            raise NotForPractice(f"{MOST_OFFERED} codings are offered already. Withdraw one first.")
        if any((one.session, one.other) == (session_id, other or None) for one in there):
            raise NotForPractice("This coding is offered already.")
        made = Material(
            id=str(name), study_id=study_id, session=session_id, other=other or None, framework=row.framework,
            happening=row.happening, streams=json.dumps(streams), title=title.strip()[:120], hint=hint.strip()[:500],
            length_ms=length, count=len(rows), size=len(body.encode()), body=body, by=person_id, at=now,
        )  # fmt: skip
        db.add(made)
        entry.note(material=made.id, events=made.count, other=other or None)
    return made


def _free_of_refusals(db: Session, study_id: int, row: SessionRow) -> None:
    silence = silence_of(studies.subjects(db, study_id, erased=True))
    bodies = [body for log in records.logs_of(db, [row.id])[row.id] for body in records.bodies(db, log.id)]
    if row.consent == "refused" or silence.in_words(row.header) or consent.tied(bodies, silence):
        raise NotForPractice("Somebody in it does not consent, or does not any more.")


def _alone(db: Session, row: SessionRow) -> list[practice.Row]:
    """The record of somebody who trains others, or one that was gone through and signed off."""
    is_supervisors = Role.SUPERVISOR in studies.roles_of(db, row.study, row.observer)
    if row.status != stored.SIGNED_OFF and not is_supervisors:
        raise NotForPractice("It is one observer's record, which nobody has signed off.")
    rows = practice.whole(_events(db, row))
    if not any(one["kind"] == "end" for one in rows):
        raise NotForPractice("The session has not been ended yet, or its end has not come in.")
    return rows


def _settled(
    db: Session, row: SessionRow, other: str, name: uuid.UUID
) -> tuple[tuple[str, ...], list[practice.Row]]:
    """The streams in which nothing is left open between the two, and what was settled of them."""
    model = coding.framework(db, row.study, row.framework)
    found = [consensus.newest(db, row.study, one.id, row.id, other) for one in model.streams]
    done = [one for one in found if one is not None and not one.open]
    if not done:
        raise NotForPractice("Not everything that the two differ on is settled yet.")
    bouts, points = _seen(done)
    rows = practice.settled(_events(db, row), bouts, points, _beats(model), name)
    return tuple(one.stream for one in done), rows


def _seen(done: Sequence[Agreed]) -> tuple[list[Bout], list[Point]]:
    made = [json.loads(one.record) for one in done]
    bouts = [bout for one in made for bout in msgspec.convert(one["bouts"], list[Bout])]
    return bouts, [point for one in made for point in msgspec.convert(one["points"], list[Point])]


def _beats(model: Framework) -> frozenset[str]:
    return frozenset(one.id for one in model.streams if one.sampling.kind == "beat-or-change")


def _events(db: Session, row: SessionRow) -> Any:
    return coding.events_of(db, records.logs_of(db, [row.id])[row.id])


def _body(name: uuid.UUID, row: SessionRow, rows: Sequence[practice.Row]) -> str:
    """What a tablet gets. Who observed, where and when stays here."""
    header = {
        "id": str(name),
        "framework": row.framework,
        "subjects": json.loads(row.header).get("subjects") or [],
    }
    return json.dumps({"header": header, "events": rows}, ensure_ascii=False, separators=(",", ":"))


def practised(db: Session, study_id: int) -> list[Practised]:
    """Every practice session of a happening of which there is an agreed coding, the newest first."""
    codings = [one for one in kept.of_study(db, study_id) if one.happening]
    standards = {one.id: _standard(db, study_id, one) for one in codings}
    rows = records.of_study(db, study_id, records.Wanted(purpose="practice"))
    return [
        Practised(row, one, {} if maker == row.observer else references)
        for row in rows
        for one in codings
        if (row.happening, row.framework) == (one.happening, one.framework)
        and row.id not in (one.session, one.other)
        for maker, references in [standards[one.id]]
    ]


def _standard(db: Session, study_id: int, material: Material) -> tuple[int | None, dict[str, str]]:
    """Who alone made it, if one person did, and what can be certified against, by stream."""
    if material.other:
        streams: list[str] = json.loads(material.streams)
        settled = {one: consensus.newest(db, study_id, one, material.session, material.other) for one in streams}
        return None, {stream: one.id for stream, one in settled.items() if one is not None and not one.open}
    made = records.session(db, study_id, material.session)
    if made is None or Role.SUPERVISOR not in studies.roles_of(db, study_id, made.observer):
        return None, {}
    streams_of_it = coding.framework(db, study_id, material.framework).streams
    return made.observer, {one.id: material.session for one in streams_of_it}


def withdraw(db: Session, actor: Person, study: Study, material_id: str, *, now: datetime) -> None:
    """Tablets drop it when they next hear from the server. Practice that was held against it stays what it is."""
    with doing(db, actor, "practice.offer", study, about=f"practice:{material_id}", now=now) as entry:
        there = kept.by_id(db, study.id, material_id)
        if there is None or there.withdrawn_at:
            raise NotFound
        there.withdrawn_at = now
        entry.note(withdrawn=True)


def offered(db: Session, study_id: int) -> Iterator[Material]:
    """What tablets of a study may fetch: nothing that names somebody who has taken their consent back since."""
    silence = silence_of(studies.subjects(db, study_id, erased=True))
    for one in kept.of_study(db, study_id):
        if not silence.subjects or not (silence.in_words(one.body) or silence.speaks_of(one.body)):
            yield one


def listed(db: Session, study_id: int) -> list[dict[str, Any]]:
    """The list that goes to a tablet with everything else; it fetches what it does not have."""
    return [
        {
            "id": one.id, "title": one.title, "hint": one.hint, "framework": one.framework, "happening": one.happening,
            "streams": json.loads(one.streams), "length": one.length_ms, "count": one.count, "size": one.size,
        }
        for one in offered(db, study_id)
    ]  # fmt: skip


def fetched(db: Session, study_id: int, material_id: str) -> str:
    """Header and events of one, as JSON. That of another study is not there."""
    for one in offered(db, study_id):
        if one.id == material_id:
            return one.body
    raise NotFound


def titles(db: Session, study_id: int) -> dict[str, str]:
    """What the versions are called that material is of."""
    return {one.hash: f"{one.title}, version {one.number}" for one in frameworks.versions_of_study(db, study_id)}
