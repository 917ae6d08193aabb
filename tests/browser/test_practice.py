"""Practice: recorded beside an agreed coding, held against it at the end, and never data."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, Playwright, expect

from frameworks.schema import framework_of
from tests.browser.conftest import ROOT, Server, Tablet
from tests.browser.field import enrol, enrolment_code, kept, stored
from tests.browser.observer import Observer, document


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(tmp_path_factory.mktemp("server"))
    server.command("setup", "--demo")
    server.start()
    yield server
    server.kill()


@pytest.fixture
def page(playwright: Playwright, server: Server, tmp_path: Path) -> Iterator[Page]:
    tablet = Tablet(playwright, tmp_path / "tablet")
    page = tablet.launch()
    page.clock.install()
    page.set_default_timeout(8_000)
    enrol(page, server.url, enrolment_code(server))
    yield page
    page.screenshot(path=str(tmp_path / "last.png"))
    tablet.close()


def test_a_practice_session_is_held_against_an_agreed_coding_and_its_film_stays_on_the_tablet(
    page: Page, server: Server, tmp_path: Path
) -> None:
    expert = Observer(page, document("fill-plus"))
    expert.begin()
    expert.tap("AD")
    expert.at(20_000)
    expert.tap("LT")
    expert.at(50_000)
    expert.tap("SQ")
    expert.at(60_000)
    expert.finish()
    made = expert.log()
    remark = {
        **made["events"][-2],
        "id": "n",
        "kind": "note",
        "at": 19_000,
        "text": "The lecturer turns to the class",
    }
    events = [*made["events"][:-1], remark, made["events"][-1]]
    standard = tmp_path / "standard.observe.json"
    standard.write_text(json.dumps({"schema": "observe-session/1", "header": made["header"], "events": events}))
    film = tmp_path / "lecture.webm"
    film.write_bytes(b"not really a film, but nobody else may see it" * 100)

    sent: list[bytes] = []
    page.on("request", lambda request: sent.append(request.post_data_buffer or b""))
    page.goto(f"{server.url}/recorder")
    own = Observer(page, document("fill-plus"))

    def choose_files() -> None:
        page.get_by_label("A film on this tablet").set_input_files(film)
        page.get_by_label("Session file of a coding").set_input_files(standard)

    own.begin(purpose="Practice", before=choose_files)
    expect(page.get_by_text("Practice", exact=True).first).to_be_visible()
    expect(page.locator("video")).to_have_attribute(
        "src", "blob:" + page.locator("video").get_attribute("src")[5:]
    )  # type: ignore[index]
    own.tap("AD")
    own.at(20_500)
    expect(page.get_by_text("The lecturer turns to the class")).to_be_visible()
    own.at(30_000)
    own.tap("LT")
    own.at(50_000)
    own.tap("SQ")
    own.at(60_000)
    own.finish()

    assert own.log()["header"]["purpose"] == "practice"
    table = page.get_by_role("table").first
    expect(table.get_by_role("row", name="Lecturer talk")).to_contain_text("0.")
    moments = page.locator(".practice__moments li")
    expect(moments.filter(has_text="0:20–0:30")).to_contain_text("agreed: Lecturer talk · yours: Administration")
    assert not any(b"not really a film" in body for body in sent)


def test_a_file_that_is_no_session_is_refused_in_words(page: Page, tmp_path: Path) -> None:
    page.get_by_role("button", name="FILL+").first.click()
    page.get_by_role("button", name="Practice").click()
    wrong = tmp_path / "wrong.json"
    wrong.write_text("[1, 2")
    page.get_by_label("Session file of a coding").set_input_files(wrong)

    expect(page.get_by_role("alert")).to_have_text("This is not a session file.")


REFERENCE = """
new Promise((resolve, reject) => {
  const opening = indexedDB.open("observe");
  opening.onerror = () => reject(opening.error);
  opening.onsuccess = () => {
    const database = opening.result;
    const reading = database.transaction(["reference", "frameworks"]);
    const keys = reading.objectStore("reference").getAllKeys();
    const rows = reading.objectStore("frameworks").getAll();
    reading.oncomplete = () => { database.close(); resolve({ keys: keys.result, frameworks: rows.result }); };
  };
})
"""
HAS_STANDARD = f"async () => (await {REFERENCE}).keys.some((key) => key.startsWith('practice/'))"
DOCUMENT = f"async (hash) => (await {REFERENCE}).frameworks.find((row) => row.hash === hash).document"

OFFER = """
from datetime import UTC, datetime
from config import from_environment
from observe.actions import practice, supervision
from observe.app import create_app
from observe.extensions import db
from observe.store import people, records, sessions, studies
app, now = create_app(from_environment()), datetime.now(UTC)
with app.app_context():
    session = db.session()
    study = studies.by_slug(session, "demo")
    sadia = next(one for one in people.everybody(session) if one.name == "Sadia")
    rows = records.of_study(session, study.id, records.Wanted(status=sessions.SIGNED_OFF))
    for row in rows:
        try:
            made = practice.offer(session, sadia, study, row.id, "", "Lecture 3", "lecture-3.mp4 from 2:00", now=now)
        except practice.NotForPractice:
            session.rollback()
            continue
        print(made.framework, made.happening or "-")
        break
"""


def test_an_agreed_coding_comes_with_the_sync_and_is_practised_against_for_days_without_a_network(
    playwright: Playwright, server: Server, tmp_path: Path
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", OFFER], cwd=ROOT, env=server.env, capture_output=True, text=True, timeout=180
    )
    assert done.returncode == 0, done.stderr
    mark, happening = done.stdout.split()
    tablet = Tablet(playwright, tmp_path / "offline")
    page = tablet.launch()
    try:
        page.clock.install()
        enrol(page, server.url, enrolment_code(server), label="In the field")
        page.wait_for_function(HAS_STANDARD)
        server.kill()
        page.reload()
        model = framework_of(page.evaluate(DOCUMENT, mark))
        own = Observer(page, model)

        def choose() -> None:
            page.get_by_role("group", name="Agreed coding").get_by_role("button", name="Lecture 3").click()
            expect(page.get_by_text("lecture-3.mp4 from 2:00")).to_be_visible()

        people = () if not any(each.seen_as == "named" for each in model.actors) else ("P1",)
        own.begin(people, purpose="Practice", before=choose)
        own.tap(next(code.id for _, code in model.codes()))
        own.at(60_000)
        page.clock.resume()
        page.reload()
        expect(page.get_by_role("button", name="Finish")).to_be_visible()  # a short gap is no pause
        own.finish()

        assert (own.log()["header"]["purpose"], own.log()["header"]["happening"] or "-") == ("practice", happening)
        expect(page.get_by_text("Held against Lecture 3")).to_be_visible()
        expect(page.get_by_role("table").first.get_by_role("row")).not_to_have_count(1)

        page.clock.fast_forward(48 * 3_600_000)
        page.reload()
        page.get_by_role("button", name="Look at it").first.click()
        expect(page.get_by_text("Held against Lecture 3")).to_be_visible()

        server.start()
        page.reload()
        expect(page.get_by_text("Everything is on the server")).to_be_visible()
        sent = stored(server, "In the field")
        assert {each["id"] for each in sent} == {each["id"] for each in kept(page)}
    finally:
        page.screenshot(path=str(tmp_path / "last-offline.png"))
        tablet.close()
