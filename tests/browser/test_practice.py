"""Practice: recorded beside an agreed coding, held against it at the end, and never data."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, Playwright, expect

from tests.browser.conftest import Server, Tablet
from tests.browser.field import enrol, enrolment_code
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
    kept = expert.log()
    remark = {
        **kept["events"][-2],
        "id": "n",
        "kind": "note",
        "at": 19_000,
        "text": "The lecturer turns to the class",
    }
    events = [*kept["events"][:-1], remark, kept["events"][-1]]
    standard = tmp_path / "standard.observe.json"
    standard.write_text(json.dumps({"schema": "observe-session/1", "header": kept["header"], "events": events}))
    film = tmp_path / "lecture.webm"
    film.write_bytes(b"not really a film, but nobody else may see it" * 100)

    sent: list[bytes] = []
    page.on("request", lambda request: sent.append(request.post_data_buffer or b""))
    page.goto(f"{server.url}/recorder")
    own = Observer(page, document("fill-plus"))

    def choose_files() -> None:
        page.get_by_label("A film on this tablet").set_input_files(film)
        page.get_by_label("Agreed coding").set_input_files(standard)

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
    page.get_by_label("Agreed coding").set_input_files(wrong)

    expect(page.get_by_role("alert")).to_have_text("This is not a session file.")
