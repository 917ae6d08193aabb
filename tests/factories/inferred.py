"""A small world that was watched: eight children in two places, by two observers, sent as tablets send sessions.

Everybody does much the same, but for Ash, who helps and shares far more and takes far less than the others.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from observe.actions import patterns as actions
from observe.actions import sessions
from observe.actions.patterns import Plan
from observe.actions.sessions import Sender
from observe.jobs.work import do
from observe.store import patterns, studies
from observe.store.base import writing
from observe.store.patterns import FindingRow, PlanRow, RunRow
from observe.store.studies import Setting, Subject
from tests.factories.field import enrol, publish
from tests.factories.people import Cast
from tests.factories.uploads import envelope, event, header, read, some_id

NAMES = ("Ash", "Bay", "Cob", "Dew", "Elm", "Fir", "Gum", "Hop")
FOR, AGAINST = ("helps", "shares", "greets"), ("grabs", "pushes")
PLACES = ("yard", "room")
HALF_HOUR = 1_800_000
DAY = 86_400_000
FIRST = 1_700_000_000_000


def document(*, slug: str = "play", strong: str = "strong") -> dict[str, Any]:
    """Five behaviours of named children, and one construct that they speak for or against."""
    codes = [
        {
            "id": code,
            "label": code.title(),
            "type": "point",
            "definition": f"A child {code}.",
            "non_examples": ["Nothing of it."],
        }
        for code in (*FOR, *AGAINST)
    ]
    indicators = [
        {
            "polarity": 1 if code in FOR else -1,
            "code": code,
            "diagnosticity": strong,
            "rationale": "It is done for others.",
        }
        for code in (*FOR, *AGAINST)
    ]
    return {
        "schema": "observe-framework/1", "slug": slug, "title": "Play", "purpose": "Who is kind to whom?",
        "actors": [{"id": "child", "label": "Child"}],
        "streams": [{"id": "acts", "label": "Acts", "actors": ["child"], "sampling": {"kind": "continuous"}, "codes": codes}],
        "constructs": [{
            "id": "kindness", "label": "acting kindly", "definition": "Others' wants are met without being asked.",
            "indicators": indicators, "rivals": [{"id": "play-leader", "label": "A grown-up leads", "description": "Kindness is asked for."}],
        }],
    }  # fmt: skip


@dataclass(slots=True)
class Watched:
    """A study whose sessions can be inferred from."""

    db: Session
    cast: Cast
    framework: str
    device: str
    subjects: dict[str, str]
    settings: dict[str, str]
    now: datetime
    count: int = 0

    def subject(self, name: str) -> str:
        return self.subjects[name]

    def session(self, n: int, *, framework: str = "", **more: Any) -> str:
        """The n-th half-hour: place, observer and dice follow from its number."""
        dice, id = random.Random(n), some_id("play", n)
        acts = sorted(act for name, key in self.subjects.items() for act in acts_of(name, key, dice))
        rows = [event(id, 1, "open", 0)]
        rows += [event(id, k, "point", at, code=code, subject=who) for k, (at, code, who) in enumerate(acts, 2)]
        rows.append(event(id, len(rows) + 1, "end", HALF_HOUR, count=len(rows) + 1))
        given = header(
            id, study=self.cast.study.id, framework=framework or self.framework,
            observer=(self.cast.owen if n // 2 % 2 else self.cast.olga).id, device=self.device,
            setting=self.settings[PLACES[n % 2]], subjects=sorted(self.subjects.values()), started=FIRST + n * DAY, **more,
        )  # fmt: skip
        upload = read(envelope((given, rows), count=len(rows)))
        [answer] = sessions.receive(self.db, Sender(self.device, self.cast.study.id, True), upload, now=self.now)
        assert answer.stored_to == len(rows), answer
        return id

    def sessions(self, how_many: int) -> None:
        for n in range(self.count, self.count + how_many):
            self.session(n)
        self.count += how_many

    def plan(self, **more: Any) -> PlanRow:
        sadia, study = self.db.merge(self.cast.sadia), self.db.merge(self.cast.study)
        return actions.state(
            self.db, sadia, study, Plan(more.pop("framework", self.framework), **more), now=self.now
        )

    def run(self, plan: PlanRow | None = None) -> RunRow:
        """A run of this plan, done by a worker."""
        sadia, study = self.db.merge(self.cast.sadia), self.db.merge(self.cast.study)
        self.now += timedelta(hours=1)
        job = actions.ask(self.db, sadia, study, (plan or self.plan()).id, now=self.now)
        do(self.db, job.id, clock=lambda: self.now)
        self.db.refresh(job)
        assert job.state == "done", job.words
        return patterns.runs_of(self.db, study.id)[0]

    def finding(self, run: RunRow, name: str) -> FindingRow:
        self.db.rollback()
        return next(one for one in patterns.findings_of(self.db, run.id) if one.person == self.subjects[name])


def acts_of(name: str, key: str, dice: random.Random) -> list[tuple[int, str, str]]:
    """How often a child does each thing in half an hour: about three times, Ash three times as often or seldom."""
    found = []
    for code in (*FOR, *AGAINST):
        mean = 3.0 if name != "Ash" else 11.0 if code in FOR else 0.7
        count = sum(dice.random() < mean / 40 for _ in range(40))
        found += [(dice.randrange(1000, HALF_HOUR - 1000), code, key) for _ in range(count)]
    return found


def watched(db: Session, cast: Cast, now: datetime, *, how_many: int = 8, consent: str = "given") -> Watched:
    """The study of the cast with its framework, tablet, children, places and sessions."""
    mark = publish(db, cast.study, now, "play", document())
    device = enrol(db, cast.study, now)
    kept = {"study_id": cast.study.id, "created_at": now, "changed_at": now}
    with writing(db):
        for name in NAMES:
            db.add(Subject(id=some_id(name), pseudonym=name, consent=consent, attributes={}, active=True, **kept))
        for place in PLACES:
            db.add(Setting(id=some_id(place), label=place, note="", active=True, **kept))
    made = Watched(
        db,
        cast,
        mark,
        device,
        {name: some_id(name) for name in NAMES},
        {place: some_id(place) for place in PLACES},
        now,
    )
    for one in (cast.owen, cast.olga, cast.study):
        db.refresh(one)
    made.sessions(how_many)
    assert studies.settings(db, cast.study.id)
    return made
