"""Heavy work: done once, never lost, given up when asked, and explained when it fails."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from observe.actions import jobs as actions
from observe.core.errors import Invalid, NotAllowed, NotFound
from observe.jobs import work
from observe.jobs.queue import HueyQueue, storage
from observe.jobs.work import Task, do
from observe.store import jobs
from tests.conftest import Client, FakeClock, engine_of
from tests.factories.people import Cast


@pytest.fixture
def settings() -> dict[str, Any]:
    return {"QUEUE": "inline"}


@pytest.fixture(autouse=True)
def kinds(monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    """Three kinds of work that only these tests have; how often each was done."""
    done = {"adds": 0, "fails": 0, "breaks": 0}

    def adds(task: Task) -> dict[str, int]:
        done["adds"] += 1
        task.progress(0.5, "half of it")
        return {"sum": sum(task.parameters["numbers"])}

    def fails(task: Task) -> None:
        raise Invalid("There are no sessions yet.")

    def breaks(task: Task) -> None:
        raise RuntimeError("secret words of somebody")

    monkeypatch.setattr(work, "KINDS", {"adds": adds, "fails": fails, "breaks": breaks})
    return done


def ask(db: Session, cast: Cast, clock: FakeClock, kind: str = "adds", key: str = "k") -> jobs.Job:
    return actions.ask(db, cast.sadia, cast.study, kind, {"numbers": [1, 2, 39]}, key=key, now=clock())


def test_the_result_stands_in_the_job_and_the_same_work_is_not_done_again(
    db: Session, cast: Cast, clock: FakeClock, kinds: dict[str, int]
) -> None:
    job = ask(db, cast, clock)
    do(db, job.id, clock=clock)
    again = ask(db, cast, clock)
    do(db, again.id, clock=clock)

    assert again.id == job.id
    assert json.loads(again.result or "") == {"sum": 42}
    assert (again.state, again.share, kinds["adds"]) == ("done", 1.0, 1)


def test_other_data_is_other_work(db: Session, cast: Cast, clock: FakeClock) -> None:
    assert ask(db, cast, clock, key="one").id != ask(db, cast, clock, key="two").id


def test_a_job_given_up_ends_at_its_next_step_and_keeps_nothing(
    db: Session, cast: Cast, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slow(task: Task) -> str:
        actions.cancel(task.db, cast.sadia, cast.study, task.job.id, now=clock())
        task.progress(0.1)
        return "too late"

    monkeypatch.setattr(work, "KINDS", {"slow": slow})
    job = ask(db, cast, clock, "slow")
    do(db, job.id, clock=clock)

    db.refresh(job)
    assert (job.state, job.result) == ("cancelled", None)


def test_a_job_whose_worker_died_is_done_by_the_next_one_and_not_before(
    db: Session, cast: Cast, clock: FakeClock, kinds: dict[str, int]
) -> None:
    job = ask(db, cast, clock)
    assert actions.take(db, job.id, now=clock()) is not None

    do(db, job.id, clock=clock)
    assert kinds["adds"] == 0
    clock.forward(minutes=3)
    do(db, job.id, clock=clock)

    db.refresh(job)
    assert (job.state, kinds["adds"]) == ("done", 1)


def test_what_was_left_lying_is_put_in_again_when_a_worker_starts(
    app: Flask, db: Session, cast: Cast, clock: FakeClock, tmp_path: Path
) -> None:
    job = ask(db, cast, clock)

    @contextmanager
    def sessions() -> Iterator[Session]:
        with Session(engine_of(app), expire_on_commit=False) as made:
            yield made

    queue = HueyQueue(storage("inline", tmp_path), sessions, clock)

    assert queue.put_what_was_left() == 1
    db.refresh(job)
    assert job.state == "done"
    assert queue.put_what_was_left() == 0


def test_a_fault_that_can_be_explained_is_explained_to_the_person(
    db: Session, cast: Cast, clock: FakeClock
) -> None:
    job = ask(db, cast, clock, "fails")
    do(db, job.id, clock=clock)

    db.refresh(job)
    assert job.state == "failed"
    assert job.words.startswith("There are no sessions yet.")


def test_a_fault_of_ours_is_not_told_with_its_inside(db: Session, cast: Cast, clock: FakeClock) -> None:
    job = ask(db, cast, clock, "breaks")
    do(db, job.id, clock=clock)

    db.refresh(job)
    assert job.state == "failed"
    assert "secret" not in job.words


def test_work_that_failed_or_was_given_up_may_be_asked_for_again(
    db: Session, cast: Cast, clock: FakeClock
) -> None:
    job = ask(db, cast, clock, "fails")
    do(db, job.id, clock=clock)

    assert ask(db, cast, clock, "fails").id != job.id


def test_only_those_who_analyse_may_ask_and_strangers_find_nothing(
    db: Session, cast: Cast, clock: FakeClock
) -> None:
    with pytest.raises(NotAllowed):
        actions.ask(db, cast.owen, cast.study, "adds", {}, key="k", now=clock())
    with pytest.raises(NotFound):
        actions.ask(db, cast.nemo, cast.study, "adds", {}, key="k", now=clock())


def test_the_page_says_how_far_it_is_and_another_study_does_not_see_it(
    client: Client, db: Session, cast: Cast, clock: FakeClock
) -> None:
    job = ask(db, cast, clock)
    address = f"/studies/{cast.study.slug}/jobs/{job.id}"
    actions.take(db, job.id, now=clock())
    actions.beat(db, job.id, 0.25, "session 5 of 20", now=clock())

    page = client.as_(cast.anya).get(address)
    said = client.as_(cast.anya).get(address, headers={"Accept": "application/json"}).get_json()

    assert "session 5 of 20" in page.text
    assert said == {"state": "running", "share": 0.25, "words": "session 5 of 20", "to": None}
    assert client.as_(cast.nemo).get(address).status_code == 404
    assert client.as_(cast.owen).get(address).status_code == 403


def test_the_page_can_give_it_up(client: Client, db: Session, cast: Cast, clock: FakeClock) -> None:
    job = ask(db, cast, clock)
    client.as_(cast.sadia).post(f"/studies/{cast.study.slug}/jobs/{job.id}/cancel")

    db.refresh(job)
    assert job.state == "cancelled"


def test_what_came_to_nothing_can_be_asked_for_again_from_its_page(
    client: Client, db: Session, cast: Cast, clock: FakeClock
) -> None:
    study, given = db.merge(cast.study), {"args": {"hours": "9-12"}}
    job = actions.ask(db, db.merge(cast.sadia), study, "analysis", given, key="k", now=clock())
    address = f"/studies/{cast.study.slug}/jobs/{job.id}"
    waiting = client.as_(cast.sadia).get(address).text
    client.as_(cast.sadia).post(f"{address}/cancel")

    given_up = client.as_(cast.sadia).get(address).text

    assert "Ask again" not in waiting
    assert f'href="/studies/{cast.study.slug}/analysis/?hours=9-12">Ask again</a>' in given_up
