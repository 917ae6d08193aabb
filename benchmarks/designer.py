"""The designer with 300 codes: how long from a click, a letter or a move until the screen shows it.

    python -m benchmarks.designer

Serves a framework of 300 codes in 3 streams and one of 3 codes from a temporary folder, and drives both in Chromium at
full and at a quarter of the processor's speed. It prints milliseconds from the event to the frame that shows it, what
the page's own thread worked for it (which other work on the machine does not lengthen), and how often more that is
than with 3 codes.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
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


def document(codes: int = CODES, slug: str = "large") -> dict[str, Any]:
    """Three streams of so many codes, with all that a definition has."""
    return {
        "schema": "observe-framework/1", "slug": slug, "title": slug.capitalize(), "purpose": "Is it quick?",
        "actors": [{"id": "class", "label": "Class", "kind": "group", "seen_as": "as-one"}],
        "streams": [
            {"id": f"s{s}", "label": f"Stream {s}", "actors": ["class"], "codes": [code(s, c) for c in range(codes)]}
            for s in range(STREAMS)
        ],
    }  # fmt: skip


def code(stream: int, number: int) -> dict[str, Any]:
    return {
        "id": f"S{stream}C{number:03}", "label": f"Behaviour {number}", "definition": "What is seen, in a sentence of usual length.",
        "include": ["A case"], "examples": ["An example"], "non_examples": ["A near miss"], "colour": "#0072b2",
    }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Taken:
    """What one thing took each time: milliseconds until it was seen, and of the page's own thread."""

    seen: list[float]
    worked: list[float]


class Clock:
    """Times what is done on one page."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.browser = page.context.new_cdp_session(page)
        self.browser.send("Performance.enable", {"timeDomain": "threadTicks"})

    def worked(self) -> float:
        """Milliseconds that the page's own thread has worked so far."""
        found = self.browser.send("Performance.getMetrics")["metrics"]
        return 1000 * float(next(each["value"] for each in found if each["name"] == "TaskDuration"))

    def measure(self, kind: str, do: Callable[[int], object], settle_ms: int = 120) -> Taken:
        """One thing, again and again, each time after what came before has settled."""
        taken = Taken([], [])
        for number in range(ROUNDS):
            self.page.evaluate("() => { window.measured.length = 0; }")
            before = self.worked()
            do(number)
            self.page.wait_for_function("(kind) => window.measured.some(([each]) => each === kind)", arg=kind)
            taken.seen.append(
                self.page.evaluate("(kind) => window.measured.find(([each]) => each === kind)[1]", kind)
            )
            self.page.wait_for_timeout(settle_ms)
            taken.worked.append(self.worked() - before)
        return taken


def opened(page: Page, address: str) -> list[float]:
    """Milliseconds from the address to the first field, a few times."""
    found = []
    for _ in range(5):
        began = time.perf_counter()
        page.goto(address)
        page.get_by_label("Title", exact=True).wait_for()
        found.append(1000 * (time.perf_counter() - began))
    return found


def at_speed(page: Page, slower: int) -> dict[str, Taken]:
    """The things that people do all day, at one speed of the processor."""
    clock = Clock(page)
    clock.browser.send("Emulation.setCPUThrottlingRate", {"rate": slower})
    rows = page.locator(".row__open")
    count = rows.count()
    found = {"open a row": clock.measure("click", lambda n: rows.nth(n % count).evaluate("row => row.click()"))}
    if not page.locator(".row--open").count():
        rows.first.click()
    page.locator(".row--open textarea").first.focus()
    found["type a letter"] = clock.measure("input", lambda _n: page.keyboard.type("x"))
    found["type, and it is saved"] = clock.measure("input", lambda _n: page.keyboard.type("y"), settle_ms=1200)
    page.locator(".row__handle").first.focus()
    found["move a row"] = clock.measure(
        "keydown", lambda n: page.keyboard.press("ArrowUp" if n % 2 else "ArrowDown")
    )
    found["undo"] = clock.measure("keydown", lambda _n: page.keyboard.press("Control+z"))
    section = page.locator(".designer__entry")
    found["change the section"] = clock.measure(
        "click", lambda n: section.nth(2 + (n + 1) % STREAMS).evaluate("entry => entry.click()")
    )
    section.nth(2).click()
    return found


def sign_in(page: Page, url: str) -> None:
    page.goto(url)
    page.get_by_label("E-mail address").fill("sadia@example.org")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("heading", name="Your studies").wait_for()


def framework(server: Server, codes: int, slug: str) -> None:
    """A framework in the demo's study."""
    made = json.dumps(document(codes, slug)).encode()
    subprocess.run([sys.executable, "-c", BEGIN], cwd=ROOT, env=server.env, input=made, check=True)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        server = Server(Path(folder))
        server.command("setup", "--demo")
        framework(server, CODES, "large")
        framework(server, 1, "small")
        server.start()
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        try:
            page = browser.new_page(viewport=DESKTOP)  # type: ignore[arg-type]
            sign_in(page, server.url)
            told: dict[tuple[str, int], dict[str, Taken]] = {}
            for slug in ("small", "large"):
                address = f"{server.url}/studies/demo/frameworks/{slug}/design"
                times = opened(page, address)
                print(
                    f"{slug}: from the address to the first field {statistics.median(times):.0f} ms, worst {max(times):.0f} ms"
                )
                for slower in (1, 4):
                    page.goto(address)
                    page.locator(".designer__entry").nth(2).click()
                    page.locator(".row__open").first.wait_for()
                    page.evaluate(WATCH)
                    told[slug, slower] = at_speed(page, slower)
            print(
                f"\n{STREAMS * CODES} codes; ms until it is seen, ms of the page's thread, and that against {STREAMS} codes"
            )
            print(f"{'':<24}{'speed':>6}{'median':>9}{'worst':>9}{'worked':>9}{'against':>9}")
            for slower in (1, 4):
                for what, taken in told["large", slower].items():
                    worked = statistics.median(taken.worked)
                    against = worked / statistics.median(told["small", slower][what].worked)
                    print(
                        f"{what:<24}{f'1/{slower}':>6}{statistics.median(taken.seen):>9.1f}{max(taken.seen):>9.1f}"
                        f"{worked:>9.1f}{against:>8.1f}x"
                    )
        finally:
            browser.close()
            server.kill()


if __name__ == "__main__":
    main()
