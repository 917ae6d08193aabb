"""Pages on paper: set by a worker, once, for whoever may see the page, and gone when words are taken away."""

from __future__ import annotations

import io
import json
import re
from typing import Any

import pytest
import sqlalchemy as sa
from pypdf import PdfReader

from observe.actions import jobs as actions
from observe.actions import redactions, studies
from observe.documents import pdf
from observe.jobs import printing
from observe.jobs.work import do
from observe.store import jobs, printed
from observe.store.base import writing
from observe.store.jobs import Job
from tests.factories.field import Field, a_field
from tests.factories.uploads import some_id, talk

HOME = "/studies/lectures/sequences/"
PDF = f"{HOME}sequences.pdf?lag=1"
CODEBOOK = "/studies/lectures/frameworks/fill-plus/1/codebook"


@pytest.fixture
def settings() -> dict[str, Any]:
    """Nobody works on what is asked here but the tests."""
    return {"QUEUE": "sqlite"}


@pytest.fixture(autouse=True)
def press(request, monkeypatch):
    """A press that takes no time and leaves the page as it is, but in tests that are about the real one."""
    if "real_press" not in request.fixturenames:
        monkeypatch.setattr(printing, "pdf_of", lambda html, step: b"%PDF-" + html.encode())


@pytest.fixture
def real_press() -> None:
    """The test is about WeasyPrint's own work."""


@pytest.fixture
def field(db, cast, clock) -> Field:
    nemos = a_field(db, cast.other, cast.nemo, clock(), "fill-plus")
    nemos.record(some_id("nemo's"))
    made = a_field(db, cast.study, cast.owen, clock())
    made.record(some_id("one"), talk(some_id("one"), ["LT", "LT", "LQ", "SR"]))
    db.rollback()
    return made


@pytest.fixture
def work(db, clock, tmp_path):
    """A worker that does whatever waits."""

    def go() -> None:
        db.rollback()
        for job_id in db.scalars(sa.select(Job.id).where(Job.state == jobs.WAITING)).all():
            do(db, job_id, clock=clock, folder=tmp_path)

    return go


@pytest.fixture
def sadia(client, cast, field, work):
    """A supervisor who has the page before her."""
    browser = client.as_(cast.sadia)
    browser.get(f"{HOME}?lag=1")
    work()
    return browser


def printing_jobs(db) -> list[Job]:
    db.rollback()
    return list(db.scalars(sa.select(Job).where(Job.kind == "pdf").order_by(Job.asked_at)))


def files(db) -> list[tuple[bool, bool]]:
    """Whether there is a page to print, and a file, for each that is kept."""
    db.rollback()
    return [(row.page is not None, row.pdf is not None) for row in db.execute(sa.select(printed.printed))]


def words_of(data: bytes) -> str:
    assert data[:5] == b"%PDF-"
    if b"%%EOF" not in data:
        return data.decode()
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(data)).pages)


def way_to_the_file(page: str) -> str:
    """Where the page sends the browser by itself."""
    found = re.search(r'<meta http-equiv="refresh" content="0; url=([^"]+)">', page)
    assert found
    return found.group(1).replace("&amp;", "&")


class TestTheWay:
    def test_a_request_prints_nothing_and_leads_to_where_the_work_is_told_of(self, sadia, db):
        asked = sadia.get(PDF)
        waiting = sadia.get(asked.location).get_data(as_text=True)

        assert asked.status_code == 303
        assert files(db) == [(True, False)]
        assert "Making the PDF" in waiting and "lectures-sequences.pdf" in waiting
        assert '<progress id="share" max="1" value="0.0">' in waiting
        assert f'<a href="{HOME}?lag=1">Back to the page</a>' in waiting
        assert 'http-equiv="refresh" content="3"' in waiting

    def test_when_it_is_done_the_browser_fetches_it_and_the_way_back_stands_there(
        self, real_press, sadia, db, work
    ):
        waiting = sadia.get(PDF).location
        work()
        ready = sadia.get(waiting).get_data(as_text=True)
        got = sadia.get(way_to_the_file(ready))

        assert "The PDF is ready" in ready and "Download the PDF" in ready
        assert f'<a href="{HOME}?lag=1">Back to the page</a>' in ready
        assert got.mimetype == "application/pdf"
        assert got.headers["Content-Disposition"] == "attachment; filename=lectures-sequences.pdf"
        assert "What follows what" in words_of(got.data)
        assert "2 transitions" in words_of(got.data)
        assert files(db) == [(False, True)]

    def test_asked_a_second_time_the_file_comes_at_once_and_no_work_is_done(self, sadia, db, work, clock):
        sadia.get(PDF)
        work()
        clock.forward(minutes=12)
        again = sadia.get(PDF)

        assert again.data[:5] == b"%PDF-"
        assert [job.state for job in printing_jobs(db)] == ["done"]

    def test_a_log_that_has_grown_is_another_file(self, sadia, db, work, field, clock):
        sadia.get(PDF)
        work()
        field.record(some_id("two"), talk(some_id("two"), ["LT", "LQ", "SR"]))
        clock.forward(minutes=1)
        assert "/jobs/" in sadia.get(PDF).location
        work()
        assert "/jobs/" in sadia.get(PDF).location
        work()

        assert "4 transitions" in words_of(sadia.get(PDF).data)
        assert len(printing_jobs(db)) == 2

    def test_who_waited_gets_the_file_though_a_session_came_in_meanwhile_and_later_the_page(
        self, sadia, work, field, clock
    ):
        waiting = sadia.get(PDF).location
        work()
        field.record(some_id("two"), talk(some_id("two"), ["LT", "LQ", "SR"]))
        link = way_to_the_file(sadia.get(waiting).get_data(as_text=True))

        assert "2 transitions" in words_of(sadia.get(link).data)
        clock.forward(minutes=11)
        assert "/jobs/" in sadia.get(link).location
        work()
        assert sadia.get(link).location == f"{HOME}?lag=1"
        assert "has changed since" in sadia.get(f"{HOME}?lag=1").get_data(as_text=True)

    def test_progress_names_the_page_and_never_goes_back(self, real_press, sadia, db, work, monkeypatch):
        said: list[tuple[float, str]] = []
        heard = printing.Task.progress
        monkeypatch.setattr(
            printing.Task, "progress", lambda task, share, words: said.append((share, words)) or heard(task, share, words)
        )  # fmt: skip
        sadia.get(PDF)
        work()

        assert [share for share, _ in said] == sorted(share for share, _ in said)
        assert said[0][1] == "Reading the page" and said[-1] == (0.85, "Writing the file")
        assert {"Setting page 1", "Setting page 2"} <= {words for _, words in said}

    def test_given_up_it_stops_at_its_next_step_and_nothing_is_kept(
        self, real_press, sadia, db, cast, clock, monkeypatch
    ):
        waiting = sadia.get(PDF).location
        [job] = printing_jobs(db)
        steps: list[str] = []

        def given_up(task: Any, share: float, words: str) -> None:
            steps.append(words)
            if words == "Setting page 1":
                actions.cancel(task.db, cast.sadia, cast.study, job.id, now=clock())
            if not actions.beat(task.db, job.id, share, words, now=clock()):
                raise printing.Cancelled

        monkeypatch.setattr(printing.Task, "progress", given_up)
        do(db, job.id, clock=clock)

        assert steps[-1] == "Setting page 1"
        assert [one.state for one in printing_jobs(db)] == ["cancelled"]
        assert files(db) == []
        page = sadia.get(waiting).get_data(as_text=True)
        assert "Nothing was kept of it" in page and f'href="{HOME}?lag=1"' in page
        assert f'<a class="button" href="{PDF}">Ask again</a>' in page
        assert sadia.get(PDF).location != waiting

    def test_cancel_stands_on_the_page_and_drops_what_was_to_be_printed(self, sadia, db):
        waiting = sadia.get(PDF).location
        sadia.post(f"{waiting}/cancel")

        assert [job.state for job in printing_jobs(db)] == ["cancelled"]
        assert files(db) == []

    def test_a_fault_is_told_and_nothing_is_kept(self, sadia, db, work, monkeypatch):
        def broken(html: str, **more: Any) -> bytes:
            raise RuntimeError("secret words of somebody")

        monkeypatch.setattr(printing, "pdf_of", broken)
        waiting = sadia.get(PDF).location
        work()
        page = sadia.get(waiting).get_data(as_text=True)

        assert "Something went wrong in the program" in page and "secret" not in page
        assert "Back to the page" in page
        assert files(db) == []

    def test_of_many_files_only_the_newest_are_kept_and_others_may_be_asked_for_again(
        self, sadia, db, work, clock, monkeypatch
    ):
        monkeypatch.setattr(actions, "MOST_KEPT", 2)
        for lag in (1, 2, 3):
            for _ in range(2):
                sadia.get(f"{HOME}sequences.pdf?lag={lag}")
                work()
                clock.forward(minutes=1)

        assert [job.state for job in printing_jobs(db)] == ["failed", "done", "done"]
        assert files(db) == [(False, True)] * 2
        assert "/jobs/" in sadia.get(PDF).location


class TestWhoMay:
    @pytest.mark.parametrize(
        ("who", "status"), [("anya", 200), ("rhys", 200), ("owen", 403), ("nemo", 404), (None, 302)]
    )
    def test_the_file_and_its_progress_are_for_whoever_may_see_the_page(
        self, client, cast, sadia, db, work, who, status
    ):  # fmt: skip
        sadia.get(PDF)
        work()
        [job] = printing_jobs(db)
        browser = client.as_(getattr(cast, who) if who else None)

        assert browser.get(f"/studies/lectures/jobs/{job.id}").status_code == status
        got = browser.get(f"{PDF}&made={job.id}")
        assert got.status_code == (303 if status == 200 else status)
        assert got.data[:5] != b"%PDF-"

    @pytest.mark.parametrize(("who", "status"), [("owen", 403), ("nemo", 404)])
    def test_nobody_else_gives_it_up(self, client, cast, sadia, db, who, status):
        sadia.get(PDF)
        [job] = printing_jobs(db)

        assert client.as_(getattr(cast, who)).post(f"/studies/lectures/jobs/{job.id}/cancel").status_code == status
        assert [one.state for one in printing_jobs(db)] == ["waiting"]

    def test_a_file_is_not_fetched_by_way_of_another_page(self, sadia, db, work):
        sadia.get(PDF)
        work()
        [job] = printing_jobs(db)

        got = sadia.get(f"{CODEBOOK}.pdf?made={job.id}")
        assert got.status_code == 303 and got.location == CODEBOOK

    def test_an_observer_prints_a_codebook_and_sees_how_far_it_is(self, client, cast, field, db, work):
        owen = client.as_(cast.owen)
        waiting = owen.get(f"{CODEBOOK}.pdf").location
        assert "fill-plus-1-codebook.pdf" in owen.get(waiting).get_data(as_text=True)
        work()
        ready = owen.get(waiting).get_data(as_text=True)

        assert "Lecturer talk" in words_of(owen.get(way_to_the_file(ready)).data)
        assert f'<a href="{CODEBOOK}">Back to the page</a>' in ready
        assert client.as_(cast.nemo).get(waiting).status_code == 404

    def test_two_who_see_the_same_page_have_it_printed_once(self, client, cast, field, db, work):
        owen, olga = client.as_(cast.owen), client.as_(cast.olga)
        first, second = owen.get(f"{CODEBOOK}.pdf").location, olga.get(f"{CODEBOOK}.pdf").location
        work()
        link = way_to_the_file(olga.get(second).get_data(as_text=True))

        assert first == second
        assert "Lecturer talk" in words_of(olga.get(link).data)
        assert len(printing_jobs(db)) == 1

    def test_a_role_that_is_taken_away_takes_the_file_along(self, client, cast, sadia, db, work, clock):
        anya = client.as_(cast.anya)
        waiting = anya.get(PDF).location
        work()
        link = way_to_the_file(anya.get(waiting).get_data(as_text=True))
        studies.set_member(db, cast.sadia, cast.study, cast.anya.id, frozenset(), now=clock())

        assert anya.get(link).status_code == 404
        assert anya.get(waiting).status_code == 404


class TestWhatIsTakenAway:
    def test_erasing_somebody_removes_files_and_what_waits_to_be_printed(
        self, sadia, db, cast, work, clock, tmp_path
    ):
        person = studies.add_subject(db, cast.sadia, cast.study, "P1", now=clock())
        waiting = sadia.get(PDF).location
        work()
        sadia.get(f"{CODEBOOK}.pdf")
        link = way_to_the_file(sadia.get(waiting).get_data(as_text=True))
        assert files(db) == [(False, True), (True, False)]

        redactions.erase_subject(db, cast.sadia, cast.study, person.id, tmp_path, now=clock())

        assert files(db) == []
        assert [job.state for job in printing_jobs(db)] == ["failed", "cancelled"]
        assert sadia.get(link).data[:5] != b"%PDF-"
        assert "taken out of the data since" in sadia.get(waiting).get_data(as_text=True)

    def test_what_is_being_printed_meanwhile_is_not_kept(self, sadia, db, cast, clock, tmp_path, monkeypatch):
        person = studies.add_subject(db, cast.sadia, cast.study, "P1", now=clock())
        sadia.get(PDF)
        [job] = printing_jobs(db)

        def meanwhile(html: str, **more: Any) -> bytes:
            redactions.erase_subject(db, cast.sadia, cast.study, person.id, tmp_path, now=clock())
            return b"%PDF- with words that are gone"

        monkeypatch.setattr(printing, "pdf_of", meanwhile)
        do(db, job.id, clock=clock)

        assert files(db) == []
        assert [one.state for one in printing_jobs(db)] == ["cancelled"]

    def test_another_studys_files_stay(self, client, cast, field, db, work, clock, tmp_path):
        nemo = client.as_(cast.nemo)
        nemo.get(f"/studies/{cast.other.slug}/frameworks/fill-plus/1/codebook.pdf")
        work()
        person = studies.add_subject(db, cast.sadia, cast.study, "P1", now=clock())
        redactions.erase_subject(db, cast.sadia, cast.study, person.id, tmp_path, now=clock())

        assert files(db) == [(False, True)]


def test_the_audit_trail_says_who_had_what_kind_of_thing_made_and_no_words(sadia, db, cast):
    sadia.get(PDF)
    [job] = printing_jobs(db)
    [row] = db.execute(
        sa.text("SELECT actor, action, details FROM audit WHERE about = :about"), {"about": f"job:{job.id}"}
    )

    assert (row.actor, row.action) == (f"person:{cast.sadia.id}", "analysis.see")
    assert json.loads(row.details) == {"kind": "pdf"}


def test_the_mark_of_a_page_is_another_for_other_words():
    assert pdf.mark_of("<p>a") == pdf.mark_of("<p>a") != pdf.mark_of("<p>b")


def test_a_page_that_was_kept_reads_as_it_was_given(db, cast, clock):
    job = actions.ask(
        db, cast.anya, cast.study, "pdf", {"needs": "analysis.see"}, key="k", now=clock(), page="<p>Łódź"
    )

    assert printed.page_of(db, job.id) == "<p>Łódź"
    with writing(db):
        assert printed.keep(db, job.id, b"%PDF-")
    assert (printed.page_of(db, job.id), printed.size_of(db, job.id)) == (None, 5)
