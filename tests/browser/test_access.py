"""Everyone can record: by keyboard alone, by ear, in sun and in the dark, at twice the text size, from right to left."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, Playwright, expect

from tests.browser.conftest import DESKTOP, PHONE, TABLET, Server, Tablet, violations
from tests.browser.field import codes, enrol, enrolment_code, kept

THEMES = ("light", "sun", "night")
LYING = {"width": 1180, "height": 820}


@pytest.fixture(scope="module")
def field_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(tmp_path_factory.mktemp("server"))
    server.command("setup", "--demo")
    server.start()
    yield server
    server.kill()


@pytest.fixture
def page(playwright: Playwright, field_server: Server, tmp_path: Path) -> Iterator[Page]:
    """A tablet at the start page of the recorder."""
    tablet = Tablet(playwright, tmp_path / "tablet")
    page = tablet.launch()
    enrol(page, field_server.url, enrolment_code(field_server))
    yield page
    page.screenshot(path=str(tmp_path / "last.png"))
    tablet.close()


def record(page: Page) -> None:
    """A session of FILL+, up to the pad."""
    page.get_by_label("Who observes?").select_option(label="Owen")
    page.get_by_role("button", name="FILL+").first.click()
    page.get_by_role("button", name="Start recording").click()
    expect(page.locator("[data-code=LT]")).to_be_visible()


def go(page: Page, role: str, name: str) -> None:
    """Walk by Tab until this control has the focus, as somebody without a pointer must."""
    wanted = page.get_by_role(role, name=name).first  # type: ignore[arg-type]
    expect(wanted).to_be_visible()
    for _ in range(120):
        if wanted.evaluate("(element) => element === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab never comes to the {role} {name}")


def test_a_whole_session_needs_no_pointer(page: Page) -> None:
    go(page, "combobox", "Who observes?")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_label("Who observes?")).to_have_count(0)
    go(page, "button", "FILL+")
    page.keyboard.press("Enter")
    go(page, "button", "Start recording")
    page.keyboard.press("Enter")
    expect(page.locator("[data-code=LT]")).to_be_visible()

    go(page, "button", "Lecturer talk")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press(" ")
    page.keyboard.press("Control+z")
    expect(page.get_by_text("All saved")).to_be_visible()
    first, second = codes(kept(page))
    assert first == "LT" and second != "LT"
    assert [row["void"] for row in kept(page) if row["kind"] == "amend"] == [True]

    go(page, "button", "Pause")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog", name="Paused")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_have_count(0)

    go(page, "button", "Note")
    page.keyboard.press("Enter")
    expect(page.get_by_role("textbox").first).to_be_focused()
    page.keyboard.type("Fire alarm")
    go(page, "button", "Save")
    page.keyboard.press("Enter")

    go(page, "button", "Finish")
    page.keyboard.press("Enter")
    go(page, "button", "Hold to finish")
    page.keyboard.down("Enter")
    page.wait_for_timeout(1_900)
    page.keyboard.up("Enter")
    expect(page.get_by_role("heading", name="Session recorded")).to_be_visible()
    kinds = [row["kind"] for row in kept(page) if row["kind"] not in {"clock", "amend"}]
    assert kinds == ["open", "start", "start", "pause", "resume", "note", "end"]


def test_a_sheet_gives_the_focus_back_to_what_opened_it(page: Page) -> None:
    record(page)
    go(page, "button", "Note")
    page.keyboard.press("Enter")
    expect(page.get_by_role("textbox").first).to_be_focused()
    page.keyboard.press("Escape")

    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_role("button", name="Note", exact=True)).to_be_focused()


def test_everything_that_can_be_touched_has_a_name_of_its_own(page: Page) -> None:
    def nameless() -> list[str]:
        snapshot = page.locator("body").aria_snapshot()
        return re.findall(
            r"- (?:button|combobox|textbox|spinbutton|checkbox|tab|link)(?:$|:| \[).*", snapshot, re.MULTILINE
        )

    assert nameless() == []
    page.get_by_role("button", name="FILL+").first.click()
    assert nameless() == []
    page.get_by_label("Who observes?").select_option(label="Owen")
    page.get_by_role("button", name="Start recording").click()
    expect(page.locator("[data-code=LT]")).to_be_visible()
    assert nameless() == []
    pad = page.get_by_role("group", name="Codes").aria_snapshot()
    assert all(word in pad for word in ("Lecturer talk", "Lecturer question", "Student question"))
    page.locator("[data-code=LT]").tap()
    assert page.get_by_role("button", name="Lecturer talk").first.get_attribute("aria-pressed") == "true"
    for opener in ("Note", "Earlier", "Settings", "All events", "Finish"):
        page.get_by_role("button", name=opener, exact=True).first.click()
        expect(page.get_by_role("dialog")).to_be_visible()
        assert nameless() == [], opener
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog")).to_have_count(0)


@pytest.mark.parametrize("theme", THEMES)
def test_axe_finds_nothing_on_any_screen(page: Page, axe_source: str, theme: str) -> None:
    found: dict[str, list[str]] = {}

    def look(where: str) -> None:
        page.evaluate("(theme) => document.documentElement.setAttribute('data-theme', theme)", theme)
        page.wait_for_timeout(250)
        found[where] = violations(page, axe_source)

    look("home")
    page.get_by_label("Who observes?").select_option(label="Owen")
    page.get_by_role("button", name="FILL+").first.click()
    expect(page.get_by_role("button", name="Start recording")).to_be_visible()
    look("start")
    page.get_by_role("button", name="Start recording").click()
    expect(page.locator("[data-code=LT]")).to_be_visible()
    page.locator("[data-code=LT]").tap()
    look("recording")
    for opener in ("Note", "Earlier", "Settings", "All events", "Finish"):
        page.get_by_role("button", name=opener, exact=True).first.click()
        look(opener)
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog")).to_have_count(0)
    page.get_by_role("button", name="Pause").click()
    look("pause")
    page.get_by_role("button", name="Go on").or_(page.locator(".screen--pause .button--primary")).first.click()
    page.get_by_role("button", name="Lock against rain and pockets").click()
    look("lock")

    assert {where: faults for where, faults in found.items() if faults} == {}


CUT = """
() => [...document.querySelectorAll(".recorder button, .recorder .bar span, .recorder h2")]
  .filter((each) => each.getClientRects().length > 0 && !each.closest(".visually-hidden") && !each.classList.contains("visually-hidden"))
  .flatMap((each) => {
    const box = each.getBoundingClientRect();
    const out = box.right > innerWidth + 1 || box.left < -1 || box.bottom > innerHeight + 1;
    const words = each.matches("button") && (each.scrollWidth > each.clientWidth + 2);
    return out || words ? [`${each.className}: ${each.textContent.trim()} (${Math.round(box.left)}–${Math.round(box.right)}, ${each.scrollWidth}/${each.clientWidth})`] : [];
  })
"""
ORDER = "() => [...document.querySelectorAll('[data-code]')].map((key) => key.dataset.code)"


@pytest.mark.parametrize(
    "size", [PHONE, {"width": 345, "height": 700}, TABLET, DESKTOP], ids=["phone", "narrow", "tablet", "desktop"]
)
@pytest.mark.parametrize("text", ["normal", "largest"])
def test_nothing_is_cut_off_at_any_size_of_screen_and_text(page: Page, size: dict[str, int], text: str) -> None:
    record(page)
    page.locator("[data-code=LT]").tap()
    page.set_viewport_size(size)  # type: ignore[arg-type]
    page.evaluate("(text) => document.documentElement.setAttribute('data-text', text)", text)
    page.wait_for_timeout(400)

    assert page.evaluate(CUT) == []


def test_turning_the_tablet_keeps_the_order_and_what_runs(page: Page) -> None:
    record(page)
    page.locator("[data-code=LT]").tap()
    standing = page.evaluate(ORDER)
    page.set_viewport_size(LYING)  # type: ignore[arg-type]
    page.wait_for_timeout(400)

    assert page.evaluate(ORDER) == standing
    assert len(standing) == 10
    assert page.locator("[data-code=LT]").get_attribute("aria-pressed") == "true"


def test_arabic_reads_from_right_to_left_and_nothing_is_cut_off(page: Page, axe_source: str) -> None:
    record(page)
    page.get_by_role("button", name="Settings").click()
    page.get_by_role("button", name="العربية").or_(page.locator("select").filter(has_text="العربية")).first.click()
    if page.locator("select", has_text="العربية").count():
        page.locator("select", has_text="العربية").select_option(label="العربية")
    page.keyboard.press("Escape")
    expect(page.locator("html")).to_have_attribute("dir", "rtl")
    expect(page.locator("html")).to_have_attribute("lang", "ar")

    first, second = (page.locator("[data-code]").nth(place).bounding_box() for place in (0, 1))
    assert first and second
    assert first["x"] > second["x"] and first["y"] == second["y"]
    assert page.evaluate(CUT) == []
    assert violations(page, axe_source) == []
