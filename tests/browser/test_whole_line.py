"""The unbroken line, by hand: a framework is published, a tablet records without a network, and a CSV row comes out."""

from __future__ import annotations

import csv
import io
import itertools
import random
import time
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.conftest import DESKTOP, Server, Tablet
from tests.browser.field import GONE, begin, codes, enrol, finish, go_on, kept, stored

CODES = ("AD", "LT", "LQ", "LR", "SQ", "SR", "CQ", "ST", "SD", "FB")
PASSWORD = "correct horse battery"


def sign_in(page: Page, url: str, email: str) -> None:
    page.goto(url)
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("link", name="Lectures, watched").click()
    page.wait_for_url("**/studies/demo/")


def publish_fill_plus(page: Page, url: str) -> None:
    """The supervisor changes the draft's title in the designer and publishes it as the next version."""
    page.goto(f"{url}/studies/demo/frameworks/fill-plus/design")
    page.get_by_label("Title", exact=True).fill("Lectures by the second (FILL+)")
    expect(page.get_by_text("Saved", exact=True)).to_be_visible()
    page.get_by_role("link", name="Publish").click()
    page.get_by_role("button", name="Publish as version 2").click()
    expect(page.get_by_text("Version 2 is published")).to_be_visible()


def new_code(page: Page, url: str) -> str:
    """An enrolment code, off the supervisor's screen."""
    page.goto(f"{url}/studies/demo/devices/")
    page.get_by_role("button", name="Enrol a tablet").click()
    return page.locator(".lead code").inner_text().strip()


def taps(page: Page, wanted: list[str]) -> None:
    """Real touches, one after the other, and at the end the confirmation that all are on disk."""
    boxes = {}
    for code in CODES:
        box = page.locator(f"[data-code={code}]").first.bounding_box()
        assert box
        boxes[code] = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    for code in wanted:
        page.touchscreen.tap(*boxes[code])
    expect(page.get_by_text("All saved")).to_be_visible()


def by_chance(seed: int, count: int, before: str = "") -> list[str]:
    """Codes in an order by chance, never the same twice running: in an exclusive stream that would change nothing."""
    chance, made = random.Random(seed), [before]
    while len(made) <= count:
        made.append(chance.choice([code for code in CODES if code != made[-1]]))
    return made[1:]


def test_two_hundred_taps_without_a_network_and_over_a_killed_browser_come_out_of_the_csv_each_once(
    server: Server, tablets: Callable[..., Tablet], tmp_path: Path
) -> None:
    office = tablets("office", DESKTOP).launch()
    sign_in(office, server.url, "sadia@example.org")
    publish_fill_plus(office, server.url)
    code = new_code(office, server.url)

    tablet = tablets("tablet")
    page = tablet.launch()
    enrol(page, server.url, code)
    server.kill()
    page.goto(f"{server.url}/recorder")
    begin(page, "Lectures by the second")
    first = by_chance(1, 120)
    taps(page, first)

    tablet.kill()
    time.sleep(GONE)
    page = tablet.launch()
    page.goto(f"{server.url}/recorder")
    go_on(page)
    assert codes(kept(page)) == first
    rest = by_chance(2, 80, first[-1])
    taps(page, rest)
    finish(page)

    server.start()
    page.evaluate("() => window.dispatchEvent(new Event('online'))")
    expect(page.get_by_text("Everything is on the server")).to_be_visible(timeout=90_000)
    mine = kept(page)
    assert codes(mine) == first + rest
    assert stored(server) == mine

    rows = csv_of(office, f"{server.url}/studies/demo/exports/events.csv")
    told = {event["id"]: event["at"] for event in mine}
    session = next(row["session"] for row in rows if row["event"] in told)
    ours = [row for row in rows if row["session"] == session]
    assert {row["event"]: int(row["at_ms"]) for row in ours} == told
    assert len(ours) == len(mine)
    assert [row["code"] for row in ours if row["kind"] == "start"] == first + rest

    office.goto(f"{server.url}/studies/demo/sessions/{session}")
    expect(office.get_by_text(f"{len(mine)} of {len(mine)}", exact=True)).to_be_visible()
    expect(office.locator("svg[role=img]").first).to_be_visible()
    bouts = [
        row for row in csv_of(office, f"{server.url}/studies/demo/exports/bouts.csv") if row["session"] == session
    ]
    assert len(bouts) >= len(first + rest) - 1
    assert all(int(one["end_ms"]) <= int(other["start_ms"]) for one, other in itertools.pairwise(bouts))


def csv_of(page: Page, address: str) -> list[dict[str, str]]:
    """A CSV with the cookies of the person who is signed in."""
    got = page.request.get(address)
    assert got.status == 200, got.text()
    return list(csv.DictReader(io.StringIO(got.body().decode("utf-8-sig"))))
