"""The demo shows honest answers: three rooms are not enough; of ten members two stand out, one is disputed, two came too rarely."""

from __future__ import annotations

import pytest

from observe.actions import demo, reviews
from observe.store import patterns, studies
from observe.store import people as kept_people


@pytest.fixture
def shown(db, clock):
    demo.make(db, "correct horse battery", now=clock())
    return lambda slug: studies.by_slug(db, slug)


def test_the_demo_has_one_run_of_lectures_that_claims_nothing_and_says_why(db, shown):
    [run] = patterns.runs_of(db, shown(demo.SLUG).id)
    found = patterns.findings_of(db, run.id)

    assert run.sessions == 12
    assert len(found) == 6
    assert {one.status for one in found} <= {"not-enough-evidence", "confounded"}
    assert all(one.body["missing"] for one in found)
    assert {one["code"] for one in patterns.head_of(db, run.id)["agreement"]} >= {"LT", "LQ"}


def test_the_meetings_show_a_pattern_a_contrary_one_and_who_came_too_rarely(db, shown):
    study = shown(demo.MEETINGS)
    [run] = patterns.runs_of(db, study.id)
    names = {one.id: one.pseudonym for one in studies.subjects(db, study.id)}
    found = {names[one.person]: one for one in patterns.findings_of(db, run.id)}

    assert run.sessions == 16
    assert (found["M03"].status, found["M07"].status) == ("pattern", "contrary-pattern")
    assert {who for who, one in found.items() if one.status == "not-enough-evidence"} == {"M09", "M10"}
    assert {found[who].status for who in ("M01", "M02", "M04", "M05", "M06", "M08")} == {"unclear"}


def test_of_the_two_claims_one_is_endorsed_and_one_disputed_by_two_readers_blind_to_each_other(db, shown):
    study = shown(demo.MEETINGS)
    desk = reviews.desk(db, kept_people.by_email(db, "ruth@example.org"), study)

    assert {case.finding.status: heard.status.standing.value for case, heard in desk.cases} == {
        "pattern": "endorsed",
        "contrary-pattern": "disputed",
    }
    assert all(one.blind and one.rivals and one.cited for case, _ in desk.cases for one in case.reviews)
    assert (desk.agreement.findings, desk.agreement.same) == (2, 0.5)
