"""A study with a little of everything, and what an export would be made of."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from observe.actions import exports
from observe.actions import records as coding
from observe.actions.doing import Console
from observe.documents import package
from observe.documents.formats import format_of
from observe.store import studies
from observe.store.base import writing
from observe.store.records import Wanted
from observe.store.studies import Study
from tests.factories.field import Field, enrol, publish
from tests.factories.uploads import event, some_id

GIVEN, WITHDRAWN = some_id("P01"), some_id("P02")
SESSION = some_id("taken")
DOCUMENT: dict[str, Any] = {
    "schema": "observe-framework/1", "slug": "play", "title": "Play", "purpose": "Who plays with whom?",
    "actors": [{"id": "child", "label": "Child"}],
    "modifiers": [
        {"id": "how", "label": "How", "kind": "one-of", "options": [{"id": "loud", "label": "Loudly (very)"}, {"id": "soft", "label": "Softly"}]},
        {"id": "with", "label": "With what", "kind": "several-of", "options": [{"id": "ball", "label": "Ball"}, {"id": "rope", "label": "Rope"}]},
        {"id": "times", "label": "Times", "kind": "number"},
    ],
    "variables": [{"id": "place", "label": "Place", "kind": "one-of", "options": [{"id": "yard", "label": "Yard"}]}],
    "streams": [
        {"id": "play", "label": "Play", "sampling": {"kind": "continuous"}, "exclusive": True, "codes": [
            {"id": "alone", "label": "Plays alone", "type": "state", "definition": "Nobody within reach."},
            {"id": "together", "label": "Plays together", "type": "state", "definition": "With others.", "modifiers": ["how", "with"]},
        ]},
        {"id": "acts", "label": "Acts", "sampling": {"kind": "continuous"}, "codes": [
            {"id": "call", "label": "Calls", "type": "point", "definition": "Calls out.", "modifiers": ["times"]},
            {"id": "runs", "label": "Runs", "type": "state", "definition": "Both feet off the ground."},
        ]},
        {"id": "mood", "label": "Mood", "sampling": {"kind": "rating"}, "ratings": [
            {"id": "calm", "label": "Calm", "definition": "How calm it was.", "scale": "ordinal",
             "values": [{"value": 1, "label": "not at all"}, {"value": 2, "label": "very"}], "cannot_judge_allowed": True},
        ]},
    ],
}  # fmt: skip


def a_play_study(
    db: Session, study: Study, owen: Any, now: datetime, document: dict[str, Any] = DOCUMENT
) -> Field:
    """One session of two children, of whom one has withdrawn; notes, links between them, formulas in words."""
    mark, device = publish(db, study, now, "play", document), enrol(db, study, now)
    db.refresh(study)
    db.refresh(owen)
    made = Field(db, study, mark, device, owen, now)
    with writing(db):
        for name, consent in (("P01", "given"), ("P02", "withdrawn")):
            db.add(
                studies.Subject(
                    id=some_id(name), study_id=study.id, pseudonym=name, consent=consent, attributes={"age": "=1+1"},
                    created_at=now, changed_at=now,
                )
            )  # fmt: skip
    made.record(
        SESSION,
        rows(),
        subjects=[GIVEN, WITHDRAWN],
        variables={"place": "yard"},
        started=1_700_000_000_250,
        offset=60,
    )
    db.rollback()
    return made


def rows() -> list[dict[str, Any]]:
    one, two = GIVEN, WITHDRAWN
    said = {"how": "loud", "with": ["ball", "rope"]}
    return [
        event(SESSION, 1, "open", 0),
        event(SESSION, 2, "start", 1_001, code="alone", subject=one),
        event(SESSION, 3, "start", 1_500, code="runs", subject=one),
        event(SESSION, 4, "start", 2_000, code="alone", subject=two),
        event(SESSION, 5, "note", 2_100, text="kicks the fence", ref=some_id(SESSION, 4)),
        event(SESSION, 6, "start", 3_003, code="together", subject=one, modifiers=said),
        event(SESSION, 7, "note", 3_100, text='=HYPERLINK("x") & <b>laughs</b>', ref=some_id(SESSION, 6)),
        event(SESSION, 8, "point", 3_500, code="call", subject=one, modifiers={"times": 3}),
        event(SESSION, 9, "point", 3_600, code="call", subject=one, target=two),
        event(SESSION, 10, "note", 3_700, text="P02 looks away"),
        event(SESSION, 11, "note", 3_750, text="rain begins"),
        event(SESSION, 12, "pause", 4_000),
        event(SESSION, 13, "resume", 5_000),
        event(SESSION, 14, "stop", 6_007, code="runs", subject=one),
        event(SESSION, 15, "rate", 6_100, rating="calm", answer="cannot-judge", subject=one),
        event(SESSION, 16, "rate", 6_200, rating="calm", value=2),
        event(SESSION, 17, "amend", 6_300, ref=some_id(SESSION, 5), set={"text": "kicks the door"}),
        event(SESSION, 18, "end", 7_000, count=18),
    ]  # fmt: skip


def taken(db: Session, study: Study, now: datetime) -> tuple[package.Study, exports.Taking, package.Provenance]:
    """What every format is written from."""
    taking = exports.take(db, Console(), study, Wanted(), what="dataset", now=now)
    whole = package.Study(
        taking.slug, taking.title, taking.question, taking.subjects, taking.versions, taking.documents
    )
    return whole, taking, package.Provenance("observe test", coding.SOFTWARE, now, taking.by, {}, taking.withheld)


def written(db: Session, study: Study, now: datetime, form: str) -> bytes:
    """The study in a format, whole."""
    whole, taking, provenance = taken(db, study, now)
    return b"".join(format_of(form).write(whole, taking.sources, provenance))
