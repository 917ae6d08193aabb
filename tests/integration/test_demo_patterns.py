"""The demo shows an honest answer: three rooms are not enough, and it says what is missing."""

from __future__ import annotations

from observe.actions import demo
from observe.store import patterns, studies


def test_the_demo_has_one_run_that_claims_nothing_and_says_why(db, clock):
    demo.make(db, "correct horse battery", now=clock())
    study = studies.by_slug(db, demo.SLUG)
    [run] = patterns.runs_of(db, study.id)
    found = patterns.findings_of(db, run.id)

    assert run.sessions == 12
    assert len(found) == 6
    assert {one.status for one in found} <= {"not-enough-evidence", "confounded"}
    assert all(one.body["missing"] for one in found)
    assert {one["code"] for one in patterns.head_of(db, run.id)["agreement"]} >= {"LT", "LQ"}
