"""The tutorial, followed to the letter: each label it names is where it says. With OBSERVE_PICTURES=1 its pictures are made again."""

from __future__ import annotations

import os
import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.conftest import DESKTOP, ROOT, TABLET, Server, Tablet
from tests.browser.field import begin, enrol, finish
from tests.browser.test_whole_line import csv_of, new_code, publish_fill_plus, sign_in, taps

TUTORIAL = ROOT / "docs" / "tutorial" / "first-study.md"
PICTURES = TUTORIAL.parent / "pictures"
SEEN: list[str] = []


def look(page: Page, name: str) -> None:
    """Remember the words on the screen, and take the picture if asked."""
    SEEN.append(page.locator("body").inner_text())
    if os.environ.get("OBSERVE_PICTURES") and f"pictures/{name}.png" in TUTORIAL.read_text(encoding="utf-8"):
        page.screenshot(path=PICTURES / f"{name}.png", scale="css")


def test_every_label_of_the_tutorial_is_on_the_screen_it_names(
    server: Server, tablets: Callable[..., Tablet]
) -> None:
    SEEN.clear()
    office = tablets("office", DESKTOP).launch()
    office.goto(f"{server.url}/sign-in")
    look(office, "sign-in")
    sign_in(office, server.url, "sadia@example.org")
    look(office, "study")
    office.goto(f"{server.url}/studies/demo/frameworks/fill-plus/design")
    expect(office.get_by_label("Title", exact=True)).to_be_visible()
    look(office, "designer")
    publish_fill_plus(office, server.url)
    look(office, "published")
    office.goto(f"{server.url}/studies/demo/devices/")
    look(office, "devices")
    code = new_code(office, server.url)
    look(office, "enrol")

    page = tablets("tablet", TABLET).launch()
    enrol(page, server.url, code)
    look(page, "recorder")
    begin(page, "Lectures by the second")
    taps(page, ["AD", "LT", "LQ", "SR", "LT"])
    look(page, "pad")
    finish(page)
    expect(page.get_by_text("Everything is on the server")).to_be_visible(timeout=90_000)
    look(page, "finished")

    office.goto(f"{server.url}/studies/demo/sessions/")
    look(office, "sessions")
    office.locator("main tbody a").first.click()
    expect(office.get_by_role("heading", name="Time budget")).to_be_visible()
    look(office, "session")
    office.goto(f"{server.url}/studies/demo/exports/")
    look(office, "exports")
    rows = csv_of(office, f"{server.url}/studies/demo/exports/events.csv")
    assert {"AD", "LT", "LQ", "SR"} <= {row["code"] for row in rows if row["kind"] == "start"}

    words = re.sub(r"\s+", " ", "\n".join(SEEN)).lower()
    named = re.findall(r"\*\*([^*]+)\*\*", TUTORIAL.read_text(encoding="utf-8"))
    assert len(named) > 15
    assert [label for label in named if label.lower() not in words] == []
