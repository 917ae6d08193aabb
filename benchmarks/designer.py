"""The designer with 300 codes: how long from a click, a letter or a move until the screen shows it.

    python -m benchmarks.designer

Serves a framework of 300 codes in 3 streams from a temporary folder, drives it in Chromium at full and at a quarter
of the processor's speed, and prints milliseconds from the event to the frame that shows it.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, sync_playwright

from tests.browser.conftest import DESKTOP, FLAGS, ROOT, Server, chromium

PASSWORD = "correct horse battery"
STREAMS, CODES = 3, 100
ROUNDS = 12

BEGIN = """
import sys
from datetime import UTC, datetime
from config import from_environment
from observe.actions import frameworks
from observe.actions.doing import Console
from observe.app import create_app
from observe.extensions import db
from observe.store import studies
app = create_app(from_environment())
with app.app_context():
    study = studies.by_slug(db.session(), "demo")
    frameworks.begin_from_file(db.session(), Console(), study, sys.stdin.buffer.read(), now=datetime.now(UTC))
"""

WATCH = """
() => {
  window.measured = [];
  const from = (kind) => (event) => {
    const began = event.timeStamp;
    requestAnimationFrame(() => {
      const channel = new MessageChannel();
      channel.port1.onmessage = () => window.measured.push([kind, performance.now() - began]);
      channel.port2.postMessage(0);
    });
  };
  addEventListener("click", from("click"), true);
  addEventListener("input", from("input"), true);
  addEventListener("keydown", from("keydown"), true);
}
"""


def document() -> dict[str, Any]:
    """300 codes with all that a definition has."""
    return {
        "schema": "observe-framework/1", "slug": "large", "title": "Large", "purpose": "Is it quick?",
        "actors": [{"id": "class", "label": "Class", "kind": "group", "seen_as": "as-one"}],
        "streams": [
            {"id": f"s{s}", "label": f"Stream {s}", "actors": ["class"], "codes": [code(s, c) for c in range(CODES)]}
            for s in range(STREAMS)
        ],
    }  # fmt: skip


def code(stream: int, number: int) -> dict[str, Any]:
    return {
        "id": f"S{stream}C{number:03}", "label": f"Behaviour {number}", "definition": "What is seen, in a sentence of usual length.",
        "include": ["A case"], "examples": ["An example"], "non_examples": ["A near miss"], "colour": "#0072b2",
    }  # fmt: skip


def measure(page: Page, kind: str, do: Callable[[int], object]) -> list[float]:
    """Milliseconds from the event to the end of the frame that shows it, one for each round."""
    found = []
    for number in range(ROUNDS):
        page.evaluate("() => { window.measured.length = 0; }")
        do(number)
        page.wait_for_function("(kind) => window.measured.some(([each]) => each === kind)", arg=kind)
        found.append(page.evaluate("(kind) => window.measured.find(([each]) => each === kind)[1]", kind))
        page.wait_for_timeout(120)
    return found


def at_speed(page: Page, slower: int) -> dict[str, list[float]]:
    """The things that people do all day, at one speed of the processor."""
    page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": slower})
    rows = page.locator(".row__open")
    found = {"open a row": measure(page, "click", lambda n: rows.nth(n).evaluate("row => row.click()"))}
    page.locator(".row--open textarea").first.focus()
    found["type a letter"] = measure(page, "input", lambda _n: page.keyboard.type("x"))
    page.locator(".row__handle").nth(20).focus()
    found["move a row"] = measure(page, "keydown", lambda _n: page.keyboard.press("ArrowDown"))
    found["undo"] = measure(page, "keydown", lambda _n: page.keyboard.press("Control+z"))
    found["change the section"] = measure(
        page,
        "click",
        lambda n: page.locator(".designer__entry").nth(2 + n % STREAMS).evaluate("entry => entry.click()"),
    )
    page.locator(".designer__entry").nth(2).click()
    return found


def sign_in(page: Page, url: str) -> None:
    page.goto(url)
    page.get_by_label("E-mail address").fill("sadia@example.org")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("heading", name="Your studies").wait_for()


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        server = Server(Path(folder))
        server.command("setup", "--demo")
        subprocess.run(
            [sys.executable, "-c", BEGIN],
            cwd=ROOT,
            env=server.env,
            input=json.dumps(document()).encode(),
            check=True,
        )
        server.start()
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        try:
            page = browser.new_page(viewport=DESKTOP)  # type: ignore[arg-type]
            sign_in(page, server.url)
            page.goto(f"{server.url}/studies/demo/frameworks/large/design")
            page.locator(".designer__entry").nth(2).click()
            page.evaluate(WATCH)
            print(f"{STREAMS * CODES} codes; milliseconds from the event to the end of the frame that shows it")
            print(f"{'':<22}{'speed':>6}{'median':>9}{'worst':>9}")
            for slower in (1, 4):
                for what, times in at_speed(page, slower).items():
                    print(f"{what:<22}{f'1/{slower}':>6}{statistics.median(times):>9.1f}{max(times):>9.1f}")
        finally:
            browser.close()
            server.kill()


if __name__ == "__main__":
    main()
