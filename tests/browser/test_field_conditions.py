"""What the field does to a tablet: no fix, no microphone, rain, the other hand, a flat battery; and what it says of it."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, Playwright, expect

from tests.browser.conftest import PHONE, Server, Tablet
from tests.browser.field import begin, enrol, enrolment_code, finish, kept, stored
from tests.browser.observer import path_of, publish

BENCHES = "Benches of a street"
MICROPHONE = ("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream")
SEATTLE = {"latitude": 47.609512, "longitude": -122.338034, "accuracy": 8}
CORNER = (47.609594, -122.3378)
"""Seattle's place on a net of 100 m"""

Opened = Callable[..., tuple[Tablet, Page]]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(tmp_path_factory.mktemp("server"))
    server.command("setup", "--demo")
    publish(server, [path_of("benches-of-a-street")])
    server.start()
    yield server
    server.kill()


@pytest.fixture
def opened(playwright: Playwright, server: Server, tmp_path: Path) -> Iterator[Opened]:
    """An enrolled tablet at the start page; `before` is run in each page before anything else."""
    made: list[Tablet] = []

    def make(
        label: str, *, before: str = "", flags: tuple[str, ...] = (), viewport: dict[str, int] | None = None
    ) -> tuple[Tablet, Page]:
        tablet = Tablet(playwright, tmp_path / label, viewport or {"width": 820, "height": 1180}, flags)
        made.append(tablet)
        page = tablet.launch()
        if before:
            page.add_init_script(before)
        enrol(page, server.url, enrolment_code(server), label)
        return tablet, page

    yield make
    for place, tablet in enumerate(made):
        with contextlib.suppress(Exception):
            assert tablet.context
            tablet.context.pages[0].screenshot(path=str(tmp_path / f"last-{place}.png"))
        tablet.close()


def start_page(page: Page, framework: str) -> None:
    page.get_by_label("Who observes?").select_option(label="Owen")
    page.get_by_role("button", name=framework).first.click()
    expect(page.get_by_role("button", name="Start recording")).to_be_visible()


def walk(page: Page) -> None:
    """A session along the benches, up to the pad."""
    page.get_by_role("button", name="Start recording").click()
    expect(page.locator("[data-code=SI]")).to_be_visible()


def write(page: Page, words: str) -> None:
    page.get_by_role("button", name="Note", exact=True).tap()
    page.get_by_label("What did you see?").fill(words)
    page.get_by_role("button", name="Save", exact=True).tap()
    expect(page.get_by_role("dialog")).to_have_count(0)


def places(page: Page) -> list[dict[str, Any]]:
    """Positions as they are on the tablet's disk, without what every event has."""
    told = ("of", "state", "stream", "sample", "latitude", "longitude", "accuracy", "rounded")
    return [{name: row[name] for name in told if name in row} for row in kept(page) if row["kind"] == "position"]


def until(page: Page, count: int) -> list[dict[str, Any]]:
    """So many positions, once they are on disk."""
    for _ in range(100):
        if len(places(page)) >= count:
            break
        page.wait_for_timeout(100)
    return places(page)


# ── where ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_position_is_told_beforehand_shown_rounded_and_stored_with_scans_and_notes(
    opened: Opened, server: Server
) -> None:
    tablet, page = opened("Walker")
    assert tablet.context
    tablet.context.grant_permissions(["geolocation"], origin=server.url)
    tablet.context.set_geolocation(SEATTLE)  # type: ignore[arg-type]
    start_page(page, BENCHES)
    expect(page.get_by_text("rounded to 100 m")).to_be_visible()
    expect(page.get_by_text("Which stretch of the street")).to_be_visible()
    expect(page.get_by_text("Position known to ±8 m")).to_be_visible()
    walk(page)
    expect(page.get_by_role("img", name="Position known to ±8 m")).to_be_visible()

    page.locator("[data-code=SI]").tap()
    page.locator("[data-code=ST]").tap()
    write(page, "a market day")

    known = {"latitude": CORNER[0], "longitude": CORNER[1], "accuracy": 8, "rounded": 100}
    assert until(page, 3) == [
        {"of": "start", **known},
        {"of": "scan", "stream": "benches", "sample": 0, **known},
        {"of": "note", **known},
    ]
    assert str(SEATTLE["latitude"]) not in str(kept(page))


def test_a_position_that_is_lost_in_mid_session_holds_up_no_tap_and_is_stored_as_missing(
    opened: Opened, server: Server
) -> None:
    tablet, page = opened("Tunnel")
    assert tablet.context
    tablet.context.grant_permissions(["geolocation"], origin=server.url)
    tablet.context.set_geolocation(SEATTLE)  # type: ignore[arg-type]
    page.clock.install()
    page.reload()
    start_page(page, BENCHES)
    expect(page.get_by_text("Position known to ±8 m")).to_be_visible()
    walk(page)
    until(page, 1)

    tablet.context.set_geolocation(None)
    page.clock.fast_forward(150_000)
    expect(page.get_by_role("img", name="Looking for the position")).to_be_visible()
    page.locator("[data-code=GR]").tap()
    write(page, "under the bridge")

    found = until(page, 2)
    assert [row.get("state") for row in found] == [None, "lost"]
    assert "latitude" not in found[1]
    assert [row["code"] for row in kept(page) if row["kind"] == "point"] == ["GR"]


def test_a_refused_position_is_said_with_the_way_out_and_recording_goes_on(opened: Opened) -> None:
    _, page = opened("Refused")
    start_page(page, BENCHES)
    expect(page.get_by_text("The position may not be read")).to_be_visible()
    expect(page.get_by_text("To allow it")).to_be_visible()
    walk(page)

    page.locator("[data-code=SI]").tap()

    assert until(page, 2) == [
        {"of": "start", "state": "refused"},
        {"of": "scan", "state": "refused", "stream": "benches", "sample": 0},
    ]


def test_an_observer_leaves_the_position_out_and_the_receiver_is_not_asked(opened: Opened, server: Server) -> None:
    tablet, page = opened("Left out")
    assert tablet.context
    tablet.context.grant_permissions(["geolocation"], origin=server.url)
    tablet.context.set_geolocation(SEATTLE)  # type: ignore[arg-type]
    start_page(page, BENCHES)
    page.get_by_role("button", name="Leave it out").click()
    walk(page)
    page.locator("[data-code=SI]").tap()
    write(page, "nothing of where")

    assert until(page, 1) == [{"of": "start", "state": "off"}]
    expect(page.locator(".place-light")).to_have_count(0)


def test_a_framework_that_does_not_ask_gets_no_position(opened: Opened, server: Server) -> None:
    tablet, page = opened("Not asked")
    assert tablet.context
    tablet.context.grant_permissions(["geolocation"], origin=server.url)
    tablet.context.set_geolocation(SEATTLE)  # type: ignore[arg-type]
    begin(page)
    page.locator("[data-code=LT]").tap()
    write(page, "a note")

    assert places(page) == []
    expect(page.locator(".place-light")).to_have_count(0)


# ── voice ────────────────────────────────────────────────────────────────────────────────────────────────────────────

BLOBS = """
() => new Promise((resolve, reject) => {
  const opening = indexedDB.open("observe");
  opening.onerror = () => reject(opening.error);
  opening.onsuccess = () => {
    const database = opening.result;
    const reading = database.transaction("attachments").objectStore("attachments").getAll();
    reading.onsuccess = () => {
      database.close();
      resolve(reading.result.map(({ id, type, blob, event, state }) => ({ id, type, size: blob.size, event, state: state ?? null })));
    };
  };
})
"""


def speak(page: Page, ms: int = 2_500) -> None:
    page.get_by_role("button", name="Note", exact=True).tap()
    page.get_by_role("button", name="Speak").tap()
    expect(page.get_by_role("button", name="Stop ·")).to_be_visible()
    page.wait_for_timeout(ms)


def test_a_voice_note_is_stored_with_its_note_without_a_network_and_sent_after_it(
    opened: Opened, server: Server
) -> None:
    _, page = opened("Speaker", flags=MICROPHONE)
    begin(page)
    server.kill()
    page.locator("[data-code=LT]").tap()
    speak(page)
    page.locator("[data-code=SQ]").tap()  # recording goes on behind it
    page.get_by_role("button", name="Save", exact=True).tap()  # what is being spoken belongs to it
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_text("All saved")).to_be_visible()

    [note] = [row for row in kept(page) if row["kind"] == "note"]
    [named] = note["attachments"]
    [blob] = page.evaluate(BLOBS)
    assert blob == {
        "id": named["id"],
        "type": "audio/webm",
        "size": named["size"],
        "event": note["id"],
        "state": None,
    }
    assert 1_000 < named["size"] < 4_000_000
    assert [row["code"] for row in kept(page) if row["kind"] == "start"] == ["LT", "SQ"]
    assert note["at"] < next(row["at"] for row in kept(page) if row.get("code") == "SQ")

    finish(page)
    server.start()
    page.evaluate("() => window.dispatchEvent(new Event('online'))")
    expect(page.get_by_text("Everything is on the server")).to_be_visible(timeout=90_000)
    for _ in range(100):
        if page.evaluate(BLOBS)[0]["state"] == "sent":
            break
        page.wait_for_timeout(200)
    assert page.evaluate(BLOBS)[0]["state"] == "sent"
    assert [row["id"] for row in stored(server, "Speaker") if row["kind"] == "note"] == [note["id"]]
    files = [path for path in (server.folder / "attachments").rglob("*") if path.is_file()]
    assert named["size"] in {path.stat().st_size for path in files}


def test_a_voice_note_that_was_closed_is_not_kept_and_lets_go_of_the_microphone(opened: Opened) -> None:
    _, page = opened("Closer", flags=MICROPHONE, before=TRACKS)
    begin(page)
    speak(page, 600)
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)

    assert page.evaluate("() => window.tracks.map((track) => track.readyState)") == ["ended"]
    assert page.evaluate(BLOBS) == []
    assert [row for row in kept(page) if row["kind"] == "note"] == []


TRACKS = """
window.tracks = [];
const ask = navigator.mediaDevices?.getUserMedia.bind(navigator.mediaDevices);
if (ask) navigator.mediaDevices.getUserMedia = async (wanted) => {
  const stream = await ask(wanted);
  window.tracks.push(...stream.getTracks());
  return stream;
};
"""

LOUD = """
// a recorder that heeds no bit rate: 150 kB every tenth of a second
window.MediaRecorder = class extends EventTarget {
  static isTypeSupported() { return true; }
  mimeType = "audio/webm"; state = "inactive";
  start() {
    this.state = "recording";
    this.timer = setInterval(() => this.part(150_000), 100);
  }
  part(size) {
    const bytes = new Uint8Array(size);
    bytes.set([0x1a, 0x45, 0xdf, 0xa3]);
    this.dispatchEvent(Object.assign(new Event("dataavailable"), { data: new Blob([bytes]) }));
  }
  stop() {
    clearInterval(this.timer);
    this.state = "inactive";
    setTimeout(() => this.dispatchEvent(new Event("stop")), 0);
  }
};
navigator.mediaDevices.getUserMedia = async () => new MediaStream();
"""


def test_a_voice_note_stops_by_itself_before_it_is_larger_than_can_be_sent(opened: Opened) -> None:
    _, page = opened("Loud", before=LOUD)
    begin(page)
    page.get_by_role("button", name="Note", exact=True).tap()
    page.get_by_role("button", name="Speak").tap()

    expect(page.get_by_text("That was as long as a voice note can be")).to_be_visible()
    expect(page.get_by_role("button", name="Speak")).to_be_visible()
    expect(page.get_by_text("Voice note, 3900 kB")).to_be_visible()  # it is kept, and small enough to be sent


DENIED = """
navigator.mediaDevices.getUserMedia = async () => { throw new DOMException("no", window.refusal ?? "NotAllowedError"); };
"""


def test_a_microphone_that_is_denied_or_not_there_is_said_with_what_to_do(opened: Opened) -> None:
    _, page = opened("Mute", before=DENIED)
    begin(page)
    page.get_by_role("button", name="Note", exact=True).tap()
    page.get_by_role("button", name="Speak").tap()
    expect(page.get_by_role("alert")).to_contain_text("To allow it")

    page.evaluate("() => { window.refusal = 'NotFoundError'; }")
    page.get_by_role("button", name="Speak").tap()
    expect(page.get_by_role("alert")).to_contain_text("No microphone answers here")
    page.get_by_label("What did you see?").fill("written instead")
    page.get_by_role("button", name="Save", exact=True).tap()
    expect(page.get_by_role("dialog")).to_have_count(0)


# ── before one goes out ──────────────────────────────────────────────────────────────────────────────────────────────

DEVICE = """
const device = %s;
navigator.getBattery = async () => Object.assign(new EventTarget(), { level: device.battery, charging: false });
Object.defineProperty(navigator.storage, "persisted", { value: async () => device.persisted });
Object.defineProperty(navigator.storage, "persist", { value: async () => device.persisted });
Object.defineProperty(navigator.storage, "estimate", { value: async () => ({ quota: 1e10, usage: 1e10 - device.free }) });
if (!device.wake) delete Navigator.prototype.wakeLock;
const match = window.matchMedia.bind(window);
window.matchMedia = (words) => (words.includes("standalone") ? { matches: device.installed } : match(words));
if (device.ahead) { const now = Date.now; Date.now = () => now() + device.ahead; }
"""
FIT = "{ battery: 0.8, persisted: true, free: 5e9, wake: true, installed: true, ahead: 0 }"
UNFIT = "{ battery: 0.15, persisted: false, free: 5e7, wake: false, installed: false, ahead: 90_000 }"


def checks(page: Page) -> dict[str, tuple[str, str]]:
    """Each line of the list: its mark, and what to do about it."""
    found = {}
    for line in page.locator(".check").all():
        mark = line.get_by_role("img").get_attribute("aria-label") or ""
        remedy = line.locator(".check__remedy")
        found[line.locator("span").nth(1).inner_text()] = (mark, remedy.inner_text() if remedy.count() else "")
    return found


def test_a_tablet_that_is_fit_has_a_list_without_a_remedy(opened: Opened) -> None:
    _, page = opened("Fit", before=DEVICE % FIT)
    start_page(page, "FILL+")
    expect(page.get_by_text("Battery 80 %")).to_be_visible()

    found = checks(page)

    assert {mark for mark, _ in found.values()} == {"Good"}
    assert all(remedy == "" for _, remedy in found.values())
    said = " ".join(found)
    for words in (
        "Added to the home screen", "Storage is protected", "5000 MB free", "Clock agrees with the server",
        "The screen will stay on", "version 1", "Last exchange with the server",
    ):  # fmt: skip
        assert words in said


def test_each_fault_of_a_tablet_is_said_with_its_own_plain_remedy(opened: Opened) -> None:
    _, page = opened("Unfit", before=DEVICE % UNFIT)
    start_page(page, "FILL+")
    expect(page.get_by_text("Battery only 15 %")).to_be_visible()

    found = checks(page)

    wanted = {
        "Running in a browser tab": ("Mind this", "Add it to the home screen before field work"),
        "The browser does not promise to keep this storage": (
            "Mind this",
            "save a second copy after each session",
        ),
        "Only 50 MB free": ("Mend this", "Remove films or apps from the tablet"),
        "Battery only 15 %": ("Mind this", "Charge the tablet"),
        "The screen may go dark by itself": ("Mind this", "automatic lock to “never”"),
    }
    for words, (mark, remedy) in wanted.items():
        assert found[words][0] == mark, words
        assert remedy in found[words][1], words
    [clock] = [words for words in found if "off the server's" in words]
    assert found[clock] == (
        "Mind this",
        "Set the tablet's clock to automatic, or go online once. Lengths of time are right in any case.",
    )
    expect(page.get_by_role("button", name="Start recording")).to_be_enabled()

    page.get_by_role("button", name="Start recording").click()
    for words in ("Battery", "MB", "screen"):
        expect(page.locator(".banner").filter(has_text=words).first).to_be_attached()


def test_what_was_never_exchanged_with_the_server_is_said_after_days(opened: Opened, server: Server) -> None:
    _, page = opened("Days")
    server.kill()
    try:
        page.clock.install()
        page.clock.fast_forward(96 * 3_600_000)
        page.reload()
        start_page(page, "FILL+")
        found = checks(page)
    finally:
        server.start()

    [sync] = [words for words in found if words.startswith("Last exchange")]
    assert found[sync] == (
        "Mind this",
        "Go online and send once before you leave, so that frameworks are up to date.",
    )


# ── in the hand ──────────────────────────────────────────────────────────────────────────────────────────────────────

BUZZES = "window.buzzes = []; navigator.vibrate = (pattern) => { window.buzzes.push(pattern); return true; };"


def buzzes(page: Page) -> list[list[int]]:
    return list(page.evaluate("() => window.buzzes.splice(0)"))


def test_a_refused_tap_feels_and_looks_otherwise_than_one_that_counts(opened: Opened) -> None:
    _, page = opened("Hand", before=BUZZES)
    begin(page)
    buzzes(page)
    key = page.locator("[data-code=LT]")

    key.tap()
    counted = buzzes(page)
    assert key.get_attribute("aria-pressed") == "true"
    flashed = "code-key--flash" in (key.get_attribute("class") or "")
    key.tap()  # in a stream where there is always something, only another code can end it
    refused = buzzes(page)

    assert flashed
    assert (counted, refused) == ([[28]], [[70, 50, 70]])
    assert len([row for row in kept(page) if row["kind"] in {"start", "stop"}]) == 1


@pytest.mark.parametrize("size", [PHONE, {"width": 1280, "height": 800}], ids=["phone", "desk"])
def test_the_left_hand_has_the_mirror_of_the_right_and_the_codes_keep_their_order(
    opened: Opened, size: dict[str, int]
) -> None:
    _, page = opened("Left", viewport=size)
    begin(page)

    def middle(of: str) -> float:
        box = page.locator(of).first.bounding_box()
        assert box
        return box["x"] + box["width"] / 2

    def order() -> list[str]:
        return list(
            page.evaluate("() => [...document.querySelectorAll('[data-code]')].map((key) => key.dataset.code)")
        )

    right, codes, wide = middle(".action--undo"), order(), size["width"] / 2
    page.get_by_role("button", name="Settings").click()
    page.get_by_role("group", name="Which hand taps").get_by_role("button", name="Left").click()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)

    assert right > wide > middle(".action--undo")
    assert order() == codes


def test_rain_and_pockets_do_nothing_while_locked_and_recording_goes_on(opened: Opened) -> None:
    _, page = opened("Rain")
    begin(page)
    page.locator("[data-code=LT]").tap()
    boxes = [page.locator(f"[data-code={code}]").bounding_box() for code in ("SQ", "LQ", "AD")]
    page.get_by_role("button", name="Lock against rain and pockets").tap()
    lock = page.get_by_role("dialog", name="Locked")
    expect(lock).to_be_visible()

    for box in [*boxes, *boxes]:
        assert box
        page.touchscreen.tap(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.keyboard.press("Control+z")
    page.get_by_role("button", name="Hold to unlock").tap()  # a drop is no hold

    expect(lock).to_be_visible()
    assert [row["kind"] for row in kept(page) if row["kind"] in {"start", "stop", "amend", "end"}] == ["start"]

    box = page.get_by_role("button", name="Hold to unlock").bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    expect(lock).to_have_count(0)
    page.mouse.up()
    page.locator("[data-code=SQ]").tap()
    expect(page.get_by_text("All saved")).to_be_visible()
    assert [row["code"] for row in kept(page) if row["kind"] == "start"] == ["LT", "SQ"]


def test_turning_the_tablet_loses_neither_a_half_written_note_nor_what_runs(opened: Opened) -> None:
    _, page = opened("Turned")
    begin(page)
    page.locator("[data-code=LT]").tap()
    page.get_by_role("button", name="Note", exact=True).tap()
    page.get_by_label("What did you see?").fill("half a sentence")

    for size in ({"width": 1180, "height": 820}, {"width": 360, "height": 740}, {"width": 740, "height": 360}):
        page.set_viewport_size(size)  # type: ignore[arg-type]
        page.wait_for_timeout(300)
        expect(page.get_by_label("What did you see?")).to_have_value("half a sentence")
    page.get_by_role("button", name="Save", exact=True).tap()

    assert [row["text"] for row in kept(page) if row["kind"] == "note"] == ["half a sentence"]
    expect(page.locator("[data-code=LT]")).to_have_attribute("aria-pressed", "true")
