"""No tap that the screen confirmed is ever lost or doubled: a real Chromium, the real server, and a way between to spoil."""

from __future__ import annotations

import json
import shutil
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser.conftest import Server, Tablet
from tests.browser.field import (
    GONE,
    Reply,
    Way,
    begin,
    cdp,
    codes,
    enrol,
    enrolment_code,
    finish,
    go_on,
    kept,
    stored,
    straight_on,
    tap,
)

Tablets = Callable[..., Tablet]
PAGE = Reply(200, (("Content-Type", "text/html"),), b"<html>Welcome to our network. Please sign in.</html>")

FULL = """
() => {
  const real = IDBObjectStore.prototype.add;
  IDBObjectStore.prototype.add = function () {
    this.transaction.abort();
    throw new DOMException("There is no room.", "QuotaExceededError");
  };
  window.freed = () => { IDBObjectStore.prototype.add = real; };
}
"""


@pytest.fixture(scope="module")
def standing(seeded: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The server of all the tests that leave it alone."""
    yield from served(seeded, tmp_path_factory.mktemp("standing") / "server")


def served(seeded: Path, folder: Path) -> Iterator[Server]:
    shutil.copytree(seeded, folder)
    server = Server(folder, has_worker=False)
    server.start()
    yield server
    server.kill()


OWN = pytest.mark.parametrize("way", ["to its own server"], indirect=True, ids=[""])
"""for a test that kills the server"""


@pytest.fixture
def way(request: pytest.FixtureRequest, seeded: Path, tmp_path: Path) -> Iterator[Way]:
    """A way to the standing server, or to one of the test's own; its tablet has a name that no other test's has."""
    if not hasattr(request, "param"):
        made = Way(request.getfixturevalue("standing"), label=f"Tablet {uuid.uuid4().hex[:8]}")
        yield made
        made.stop()
        return
    for server in served(seeded, tmp_path / "server"):
        made = Way(server)
        yield made
        made.stop()


@pytest.fixture
def tablet(tablets: Tablets) -> Tablet:
    return tablets()


@pytest.fixture
def recording(way: Way, tablet: Tablet) -> Page:
    """An enrolled tablet in the middle of a session."""
    page = tablet.launch()
    enrol(page, way.url, enrolment_code(way.server), way.label)
    begin(page)
    return page


def send_now(page: Page) -> None:
    """The tablet's network came back, as far as the browser says."""
    page.evaluate("() => window.dispatchEvent(new Event('online'))")


def all_sent(page: Page) -> None:
    """Until nothing is left to send; a spoiled way is tried again as soon as may be."""
    for _ in range(30):
        send_now(page)
        page.wait_for_timeout(700)
        if page.get_by_text("All sent").is_visible():
            return
    expect(page.get_by_text("All sent")).to_be_visible()


def in_sync(page: Page, way: Way) -> None:
    """Tablet and server hold the same events, each once, to the letter."""
    for _ in range(10):
        mine, theirs = kept(page), stored(way.server, way.label)
        if mine == theirs:
            break
        page.wait_for_timeout(700)  # an anchor of the clocks may have come in between
    assert [event["seq"] for event in theirs] == list(range(1, len(theirs) + 1))
    assert theirs == mine


@OWN
def test_browser_and_server_killed_after_any_tap_the_session_goes_on_with_every_tap(
    way: Way, tablet: Tablet, recording: Page
) -> None:
    """F1, and the cold start without any network at all."""
    done = ["LT", "LQ", "SR", "LT"]
    for code in done:
        tap(recording, code)
    way.server.kill()
    way.stop()

    for more in ("AD", "SD", "LT"):
        tablet.kill()
        time.sleep(GONE)
        page = tablet.launch()
        page.goto(f"{way.url}/recorder")
        go_on(page)
        assert codes(kept(page)) == done
        tap(page, more)
        done.append(more)

    tablet.kill()
    time.sleep(GONE)
    page = tablet.launch()
    page.goto(f"{way.url}/recorder")
    go_on(page)
    events = kept(page)
    assert codes(events) == done
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    assert len({event["boot"] for event in events}) >= 4
    gone = [event for event in events if event["kind"] == "pause"]
    assert [event["reason"] for event in gone] == ["restarted"] * 4
    assert all(event["tapped"] - event["at"] >= 2_000 for event in gone)
    assert len([event for event in events if event["kind"] == "resume"]) == 4


def test_answers_that_are_lost_late_false_or_a_portals_page_cost_no_tap_and_double_none(
    way: Way, recording: Page
) -> None:
    """F12, F13, F15, F16, F17."""
    plan = ["cut before", "cut after", "portal", "busy", "half an answer", "empty", "mangled"]
    met: list[str] = []

    def trouble(path: str, ask: Callable[[], Reply]) -> Reply | None:
        if not path.startswith("/api/v1/sync") or not plan:
            return ask()
        met.append(plan.pop(0))
        match met[-1]:
            case "cut before":
                return None
            case "cut after":
                ask()
                return None
            case "portal":
                return PAGE
            case "busy":
                return Reply(503, (("Retry-After", "1"),), b"")
            case "half an answer":
                got = ask()
                return Reply(got.status, got.headers, got.body[: len(got.body) // 2])
            case "empty":
                return Reply(200, (), b"")
            case _:
                told = {
                    "observe": 1,
                    "code": "sync.mangled",
                    "title": "",
                    "detail": "",
                    "remedy": "",
                    "status": 400,
                }
                return Reply(400, (("Content-Type", "application/problem+json"),), json.dumps(told).encode())

    way.trouble = trouble
    for code in ("LT", "LQ", "SR", "LT", "AD", "SD"):
        tap(recording, code)
        send_now(recording)
        recording.wait_for_timeout(300)

    all_sent(recording)
    assert plan == [], f"only these were met: {met}"
    assert codes(kept(recording)) == ["LT", "LQ", "SR", "LT", "AD", "SD"]
    in_sync(recording, way)


@OWN
def test_a_server_that_is_killed_again_and_again_ends_with_each_tap_once(way: Way, recording: Page) -> None:
    """F13, F19: whatever was acknowledged is there, and what was not is sent again."""
    for code in ("LT", "LQ"):
        tap(recording, code)
        send_now(recording)
        way.server.kill()
        way.server.start()

    all_sent(recording)
    in_sync(recording, way)


def test_a_full_tablet_is_never_called_saved_and_loses_nothing_once_there_is_room(
    recording: Page,
) -> None:
    """F5: each write fails on its way to the disk, as it does when there is no room."""
    tap(recording, "LT")
    recording.evaluate(FULL)
    recording.locator("[data-code=LQ]").first.tap()
    expect(recording.get_by_text("NOT SAVED")).to_be_visible()
    expect(recording.get_by_text("The tablet is full", exact=False).first).to_be_visible()
    assert codes(kept(recording)) == ["LT"]

    recording.evaluate("() => window.freed()")
    expect(recording.get_by_text("All saved")).to_be_visible()
    assert codes(kept(recording)) == ["LT", "LQ"]


def test_a_second_window_of_the_session_only_looks_on(way: Way, tablet: Tablet, recording: Page) -> None:
    """F29."""
    tap(recording, "LT")
    assert tablet.context
    second = tablet.context.new_page()
    second.goto(f"{way.url}/recorder")
    expect(second.get_by_text("recorded in another window", exact=False)).to_be_visible()

    second.locator("[data-code=LQ]").first.tap(force=True)
    recording.bring_to_front()
    tap(recording, "SR")

    assert codes(kept(recording)) == ["LT", "SR"]


def test_a_new_version_waits_until_the_session_has_ended(way: Way, recording: Page) -> None:
    """F10."""
    tap(recording, "LT")
    loaded: list[str] = []
    recording.on("load", lambda page: loaded.append(page.url))

    def newer(path: str, ask: Callable[[], Reply]) -> Reply:
        got = ask()
        if path != "/sw.js" or got.status != 200:
            return got
        return Reply(200, got.headers, got.body.replace(b'"version": "', b'"version": "next-'))

    way.trouble = newer
    recording.evaluate("async () => { await (await navigator.serviceWorker.ready).update(); }")
    recording.wait_for_function("async () => (await navigator.serviceWorker.ready).waiting !== null")
    tap(recording, "LQ")
    assert loaded == []
    recording.wait_for_function("() => caches.keys().then((names) => names.length === 2)")

    finish(recording)
    recording.get_by_role("button", name="Back to the start").or_(
        recording.locator(".place__foot button")
    ).first.click()
    recording.get_by_role("button", name="Use it now").click()
    recording.wait_for_function(
        "() => caches.keys().then((names) => names.length === 1 && names[0].startsWith('observe-next-'))"
    )
    assert codes(kept(recording)) == ["LT", "LQ"]


@OWN
def test_an_update_that_breaks_off_half_way_leaves_the_recorder_usable_without_a_network(
    way: Way, tablet: Tablet, recording: Page
) -> None:
    """F11."""
    tap(recording, "LT")

    def broken(path: str, ask: Callable[[], Reply]) -> Reply:
        got = ask()
        if path == "/sw.js" and got.status == 200:
            return Reply(200, got.headers, got.body.replace(b'"version": "', b'"version": "next-'))
        return Reply(404, (), b"") if path.startswith("/static/dist/assets/") else got

    way.trouble = broken
    failed = recording.evaluate(
        """async () => {
          const registration = await navigator.serviceWorker.ready;
          const over = new Promise((resolve) => registration.addEventListener("updatefound", () => {
            const worker = registration.installing;
            worker.addEventListener("statechange", () => worker.state !== "installing" && resolve(worker.state));
          }));
          registration.update().catch(() => undefined);
          return over;
        }"""
    )
    assert failed == "redundant"
    way.server.kill()
    way.stop()

    recording.reload()
    expect(recording.locator("[data-code=LT]")).to_be_visible()
    assert codes(kept(recording)) == ["LT"]


def test_storage_that_is_cleared_is_noticed_and_the_server_copy_named(
    way: Way, tablet: Tablet, recording: Page
) -> None:
    """F6: what had reached the server is safe, and the tablet says what it held."""
    tap(recording, "LT")
    all_sent(recording)
    before = stored(way.server, way.label)
    assert tablet.context
    cdp(tablet.context, recording, "Storage.clearDataForOrigin", origin=way.url, storageTypes="indexeddb")

    recording.reload()

    expect(recording.get_by_text("were cleared", exact=False).first).to_be_visible()
    assert codes(before) == ["LT"]
    assert stored(way.server, way.label) == before


def test_another_time_zone_in_mid_session_is_written_down_and_moves_no_event(
    tablet: Tablet, way: Way, recording: Page
) -> None:
    """F27."""
    tap(recording, "LT")
    assert tablet.context
    session = tablet.context.new_cdp_session(recording)
    session.send("Emulation.setTimezoneOverride", {"timezoneId": "Asia/Kabul"})
    tap(recording, "LQ")

    first, second = [event for event in kept(recording) if event["kind"] in {"start", "point"}]
    assert (second["zone"], second["offset"]) == ("Asia/Kabul", 270)
    assert first["zone"] != second["zone"]
    assert 0 < second["at"] - first["at"] < 60_000


def test_a_page_that_was_frozen_goes_on_where_it_was(tablet: Tablet, way: Way, recording: Page) -> None:
    """F3."""
    tap(recording, "LT")
    assert tablet.context
    session = tablet.context.new_cdp_session(recording)
    session.send("Page.setWebLifecycleState", {"state": "frozen"})
    recording.wait_for_timeout(3_000)
    session.send("Page.setWebLifecycleState", {"state": "active"})
    tap(recording, "LQ")

    events = kept(recording)
    assert codes(events) == ["LT", "LQ"]
    taps = [event for event in events if event["kind"] in {"start", "point"}]
    assert taps[1]["at"] - taps[0]["at"] >= 2_500
    assert way.trouble is straight_on


OWN_DEVICE = """
() => new Promise((resolve) => {
  const opening = indexedDB.open("observe");
  opening.onsuccess = () => {
    const asked = opening.result.transaction("settings").objectStore("settings").get("device");
    asked.onsuccess = () => { opening.result.close(); resolve([asked.result.value.id, asked.result.value.token]); };
  };
})
"""


def test_a_photo_with_a_note_is_stored_with_it_and_reaches_the_server_after_a_kill(
    way: Way, tablet: Tablet, recording: Page, tmp_path: Path
) -> None:
    """F32: note and photo in one transaction; the server asks for what it lacks."""
    picture = tmp_path / "door.png"
    Image.new("RGB", (2600, 1300), "teal").save(picture)
    way.trouble = lambda path, ask: None if path.startswith("/api/") else ask()
    recording.get_by_role("button", name="Note", exact=True).click()
    recording.locator("input[type=file]").first.set_input_files(picture)
    expect(recording.get_by_text(" kB")).to_be_visible()
    recording.get_by_role("button", name="Save", exact=True).click()
    expect(recording.get_by_text("All saved")).to_be_visible()
    tablet.kill()
    way.trouble = straight_on

    page = tablet.launch()
    page.goto(f"{way.url}/recorder")
    expect(page.locator("[data-code=LT]")).to_be_visible()
    all_sent(page)

    [note] = [event for event in kept(page) if event["kind"] == "note"]
    [named] = note["attachments"]
    file = way.server.folder / "attachments" / named["digest"][:2] / named["digest"]
    for _ in range(30):
        if file.exists():
            break
        send_now(page)
        page.wait_for_timeout(500)
    assert file.stat().st_size == named["size"]
    assert Image.open(file).size == (2048, 1024)


def test_a_tablet_that_is_enrolled_again_stays_the_same_device(way: Way, recording: Page) -> None:
    """What it recorded under its old token is its own, and goes out under the new one."""
    tap(recording, "LT")
    way.trouble = lambda path, ask: None if path.startswith("/api/v1/sync") else ask()
    finish(recording)
    expect(recording.get_by_role("button", name="To the start").first).to_be_visible()
    before = recording.evaluate(OWN_DEVICE)

    recording.goto(f"{way.url}/enrol#{enrolment_code(way.server)}")
    expect(recording.get_by_text("This tablet is in the study", exact=False)).to_be_visible()
    recording.locator("button[type=submit]").click()
    expect(recording.get_by_role("button", name="FILL+").first).to_be_visible()
    after = recording.evaluate(OWN_DEVICE)
    way.trouble = straight_on

    assert after[0] == before[0]
    assert after[1] != before[1]
    for _ in range(30):
        send_now(recording)
        if codes(stored(way.server, way.label)) == ["LT"]:
            break
        recording.wait_for_timeout(500)
    in_sync(recording, way)
