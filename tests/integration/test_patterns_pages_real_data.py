"""Real observations from import to page: little can be said, and the pages say why."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from frameworks import library
from observe.actions import codings, imports
from observe.actions import patterns as actions
from observe.actions.doing import Console
from observe.actions.patterns import Plan
from observe.documents.importers import fillplus, pinsoro
from observe.jobs.work import do
from observe.store import patterns
from tests.factories.field import publish
from tests.real_data import real_data

__all__ = ["real_data"]
HOME = "/studies/lectures/patterns/"


def text(reply) -> str:
    words = re.sub(r"<svg.*?</svg>", " ", reply.get_data(as_text=True), flags=re.S)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", words))


def run_of(db, cast, clock, plan):
    """The run of a plan, done by a worker."""
    study, sadia = db.merge(cast.study), db.merge(cast.sadia)
    row = actions.state(db, sadia, study, plan, now=clock())
    job = actions.ask(db, sadia, study, row.id, now=clock())
    do(db, job.id, clock=clock)
    db.refresh(job)
    assert job.state == "done", job.words
    return patterns.runs_of(db, study.id)[0]


@pytest.fixture
def lecturers(real_data, db, cast, clock):
    mark = publish(db, cast.study, clock())
    words = (real_data / "fillplus" / fillplus.FILE).read_text(encoding="utf-8")
    imports.foreign(
        db, Console(), db.merge(cast.study), fillplus.read(words), framework=mark, observer="owen@example.org", label="FILL+",
        now=clock(),
    )  # fmt: skip
    db.rollback()
    return run_of(db, cast, clock, Plan(mark, follows="variable:lecturer", situation="variable:discipline"))


def test_37_lecturers_in_208_lectures_and_nobody_is_claimed(lecturers, client, cast, db):
    """Each was watched in one discipline only: what is the lecturer's cannot be told from what is the discipline's."""
    found = patterns.findings_of(db, lecturers.id)
    page = text(client.as_(cast.rhys).get(HOME))

    assert lecturers.sessions == 208
    assert len({one.person for one in found}) == 37
    assert {one.status for one in found} == {"not-enough-evidence", "confounded"}
    assert page.count("Nothing can be said of any of 37 cases on") == 2
    assert page.count("What is missing, and for how many") == 2
    assert "needs a second situation 37" in page
    assert "Confounded: 17" in page and "Not enough evidence: 20" in page
    assert not re.search(r"[+−]\d\.\d\d \[", page)


def test_the_evidence_of_a_lecturer_adds_up_and_may_not_be_quoted(lecturers, client, cast, db):
    one = next(one for one in patterns.findings_of(db, lecturers.id) if one.person == "L1")
    page = text(client.as_(cast.rhys).get(f"{HOME}{one.id}"))
    together = re.search(r"Together: the estimate ([+−]\d+\.\d+)", page)

    assert together
    assert float(together[1].replace("−", "-")) == pytest.approx(one.body["estimate"]["mean"], abs=0.0006)
    assert "it may not be quoted" in page
    assert "No figure is given" in page


def test_children_seen_once_each_come_to_nothing_and_their_coders_disagreements_are_told(
    real_data, client, db, cast, clock
):
    study = db.merge(cast.study)
    mark = codings.published(db, Console(), study, library.document("child-social-play"), now=clock())
    given = list(pinsoro.read(real_data / "pinsoro"))[:24]
    codings.take(db, Console(), db.merge(cast.study), given, framework=mark, label="PInSoRo", now=clock())
    db.rollback()

    run = run_of(db, cast, clock, Plan(mark, situation="none"))

    found = patterns.findings_of(db, run.id)
    page = text(client.as_(cast.rhys).get(HOME))
    agreement = {one["code"]: one for one in patterns.head_of(db, run.id)["agreement"]}
    assert run.sessions == len(given)
    assert Counter(one.status for one in found).keys() <= {"not-enough-evidence", "confounded", "not-watched"}
    assert "needs 2 more sessions" in page
    assert agreement["prosocial"]["standing"] == "descriptive only"
