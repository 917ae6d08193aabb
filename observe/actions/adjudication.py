"""Settling what observers differ on into a third record, and certifying observers by what was settled."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy.orm import Session

from frameworks.model import Stream
from observe.actions import agreement, analysis
from observe.actions import records as coding
from observe.actions.agreement import Changes
from observe.actions.doing import Actor, doing
from observe.core.access import Role
from observe.core.agreement.adjudication import Consensus, Question, consensus
from observe.core.agreement.matching import Watched
from observe.core.agreement.summary import EVENT_TOLERANCE_MS, Report, compare
from observe.core.coding.record import Bout, Point
from observe.core.errors import Invalid, NotFound
from observe.store import consensus as kept
from observe.store import happenings, people, records, studies
from observe.store.consensus import Agreed, Certificate
from observe.store.people import Person
from observe.store.records import SessionRow
from observe.store.studies import Study

Decisions = dict[str, dict[str, str]]
"""question id → `choice` (first, second, neither or a code) and `reason`"""


@dataclass(frozen=True, slots=True)
class Settling:
    """Two records with what has been settled of them so far. `stale` when a log grew since then."""

    stream: Stream
    rows: tuple[SessionRow, SessionRow]
    records: tuple[Watched, Watched]
    found: Consensus
    decisions: Decisions
    kept: Agreed | None
    stale: bool


def look(db: Session, study_id: int, first: str, second: str, stream_id: str, *, now: datetime) -> Settling:
    """Where two records differ, and what was decided of that."""
    rows = agreement.pair(db, study_id, first, second)
    stream = agreement.stream_of(coding.framework(db, study_id, rows[0].framework), stream_id)
    one, other = agreement.watched(db, rows, now=now)
    there = kept.newest(db, study_id, stream.id, first, second)
    decisions: Decisions = json.loads(there.decisions) if there else {}
    found = consensus(stream, one, other, choices(decisions), tolerance_ms=tolerance(stream))
    stale = there is not None and there.marks != marks(db, rows)
    return Settling(stream, rows, (one, other), found, decisions, there, stale)


def tolerance(stream: Stream) -> int:
    """How far two moments may lie apart and still be one."""
    plan = stream.agreement
    return (plan.tolerance_ms if plan else 0) or EVENT_TOLERANCE_MS


def choices(decisions: Decisions) -> dict[str, str]:
    return {question: one["choice"] for question, one in decisions.items()}


def marks(db: Session, rows: tuple[SessionRow, SessionRow]) -> str:
    """The digests of both logs as they were compared."""
    there = happenings.kept_digests(db, [row.id for row in rows])
    return " ".join(there[row.id].digest for row in rows)


def settle(
    db: Session, actor: Person, study: Study, first: str, second: str, stream_id: str, given: Mapping[str, str],
    reason: str, *, now: datetime,
) -> Agreed:  # fmt: skip
    """Decide some of what two observers differ on. Their own records stay as they are; earlier sittings do too."""
    study_id, person_id = study.id, actor.id
    before = look(db, study_id, first, second, stream_id, now=now)
    decisions = before.decisions | _checked(before, given, reason)
    if decisions == before.decisions:
        raise Invalid("Nothing new was decided.")
    found = consensus(before.stream, *before.records, choices(decisions), tolerance_ms=tolerance(before.stream))
    shifted = moved(found, -before.records[0].ahead_ms)
    about = f"session:{first}"
    said = marks(db, before.rows)
    db.rollback()
    with doing(db, actor, "analysis.run", study_id, about=about, now=now) as entry:
        made = Agreed(
            id=str(uuid.uuid4()), study_id=study_id, stream=before.stream.id, first=first, second=second,
            marks=said, decisions=json.dumps(decisions, sort_keys=True), record=json.dumps(shifted, sort_keys=True),
            open=len(found.open), decided=len(found.questions) - len(found.open), by=person_id, at=now,
        )  # fmt: skip
        db.add(made)
        entry.note(did="settle", second=second, stream=before.stream.id, decided=made.decided, open=made.open)
    return made


def _checked(before: Settling, given: Mapping[str, str], reason: str) -> Decisions:
    questions = {one.id for one in before.found.questions}
    allowed = {"first", "second", "neither", *(code.id for code in before.stream.codes)}
    decided: Decisions = {}
    for question, choice in given.items():
        if question in questions and choice in allowed:
            decided[question] = {"choice": choice, "reason": reason.strip()[:2000]}
        elif choice:
            raise Invalid("A decision is one of the two, neither, or a code of the stream.")
    return decided


def moved(found: Consensus, by: int) -> dict[str, Any]:
    """The third record in the first session's own time, as it is kept."""
    bouts = [
        replace(one, start=one.start + by, end=one.end + by, pieces=tuple((a + by, b + by) for a, b in one.pieces))
        for one in found.bouts
    ]
    points = [replace(one, at=one.at + by) for one in found.points]
    return {"bouts": analysis.as_json(bouts), "points": analysis.as_json(points)}


def agreed_record(db: Session, study_id: int, there: Agreed, *, now: datetime) -> Watched:
    """What was settled, as a record that others can be compared with."""
    row = records.session(db, study_id, there.first)
    assert row is not None
    timeline = coding.one(db, row, now=now).timeline
    made = json.loads(there.record)
    agreed = replace(
        timeline,
        bouts=msgspec.convert(made["bouts"], tuple[Bout, ...]),
        points=msgspec.convert(made["points"], tuple[Point, ...]),
    )
    return Watched("agreed coding", agreed, 0, there.id)


def questions_of(found: Consensus, limit: int = 200) -> tuple[Question, ...]:
    """What is still open, the longest first: a second's difference in onset matters least."""
    return tuple(sorted(found.open, key=lambda one: (one.start - one.end, one.start)))[:limit]


@dataclass(frozen=True, slots=True)
class Against:
    """What an observer's practice is compared with: a settled record, or the record of somebody who trains others."""

    id: str
    words: str
    watched: Watched


def certify(
    db: Session, actor: Actor, study: Study, session_id: str, reference: str, stream_id: str, *, now: datetime
) -> Certificate:
    """Compare a practice session with an agreed coding, and keep whether the level was reached. A failure is kept too.

    The level is reached by the lower limit, as everywhere.
    """
    if not isinstance(actor, Person):
        raise Invalid("A certificate is given by a person.")
    study_id, person_id = study.id, actor.id
    row = records.session(db, study_id, session_id)
    if row is None:
        raise NotFound
    if row.purpose != "practice":
        raise Invalid("Only practice is certified: what was seen in the field has no agreed coding beforehand.")
    against = _reference(db, study_id, row, reference, now=now)
    stream = agreement.stream_of(coding.framework(db, study_id, row.framework), stream_id)
    [own] = agreement.watched(db, [row], now=now)
    report = compare(stream, [own, against], seed=agreement.SEED, plan=agreement.plan_of(stream, Changes()))
    level = report.asked if report.asked is not None else LEVEL
    report = agreement.to_keep(replace(report, asked=level))
    db.rollback()
    with doing(db, actor, "analysis.run", study_id, about=f"session:{session_id}", now=now) as entry:
        made = Certificate(
            id=str(uuid.uuid4()), study_id=study_id, observer=row.observer, session=session_id, reference=reference,
            framework=row.framework, stream=stream.id, level=level, reached=bool(report.reaches),
            report=json.dumps(analysis.as_json(report)), by=person_id, at=now,
        )  # fmt: skip
        db.add(made)
        entry.note(did="certify", reached=made.reached, reference=reference)
    return made


LEVEL = 0.8
"""asked for where the framework's plan names no level: Krippendorff's for conclusions"""


def _reference(db: Session, study_id: int, row: SessionRow, reference: str, *, now: datetime) -> Watched:
    """A settled record of the same material, or a session of it by a supervisor."""
    there = kept.by_id(db, study_id, reference)
    if there is not None:
        first = records.session(db, study_id, there.first)
        if first is None or first.happening != row.happening or first.framework != row.framework:
            raise Invalid("The agreed coding is of other material.")
        if there.open:
            raise Invalid(f"{there.open} differences of the agreed coding are not settled yet.")
        return agreed_record(db, study_id, there, now=now)
    other = records.session(db, study_id, reference)
    if other is None:
        raise NotFound
    same = other.happening is not None and (other.happening, other.framework) == (row.happening, row.framework)
    if not same or other.observer == row.observer:
        raise Invalid("The agreed coding is of other material.")
    if Role.SUPERVISOR not in studies.roles_of(db, study_id, other.observer):
        raise Invalid("Settle the differences first, or compare with the record of a supervisor.")
    [found] = agreement.watched(db, [other], now=now)
    return found


def names_of(db: Session, rows: list[Certificate] | list[Agreed]) -> dict[int, str]:
    """Who did and who was certified, by id."""
    ids = {row.by for row in rows} | {row.observer for row in rows if isinstance(row, Certificate)}
    return people.names(db, ids)


def report_in(row: Certificate) -> Report:
    """The comparison that a certificate rests on."""
    found: Report = msgspec.convert(json.loads(row.report), Report)
    return found
