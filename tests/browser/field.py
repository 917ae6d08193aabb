"""What field work needs in a test: a way to the server that can be troubled, an enrolled tablet, a running session."""

from __future__ import annotations

import contextlib
import http.client
import json
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

from playwright.sync_api import BrowserContext, Page, expect

from config import from_environment
from observe.actions import devices
from observe.actions.doing import Console
from observe.actions.limits import Limits
from observe.app import create_app
from observe.extensions import db as extension
from observe.store import studies
from tests.browser.conftest import Server

KEPT = """
() => new Promise((resolve, reject) => {
  const opening = indexedDB.open("observe");
  opening.onerror = () => reject(opening.error);
  opening.onsuccess = () => {
    const database = opening.result;
    const all = database.transaction("events").objectStore("events").getAll();
    all.onerror = () => reject(all.error);
    all.onsuccess = () => { database.close(); resolve(all.result.map((row) => JSON.parse(row.text))); };
  };
})
"""

OF_THE_TABLET = """
SELECT events.body FROM events JOIN logs ON logs.id = events.log JOIN devices ON devices.id = logs.device
WHERE devices.label = ? ORDER BY events.log, events.seq
"""

PASSED_ON = {"connection", "keep-alive", "transfer-encoding", "content-length", "server", "date"}


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


Trouble = Callable[[str, Callable[[], Reply]], Reply | None]
"""Given the path and the way on: what the tablet gets; None cuts the line."""


def straight_on(_path: str, ask: Callable[[], Reply]) -> Reply:
    return ask()


@dataclass
class Way:
    """A proxy between tablet and server: a network that a test can spoil. `label` names the tablet at its end."""

    server: Server
    label: str = "Tablet 3"
    trouble: Trouble = straight_on
    asked: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        way = self

        class Handler(BaseHTTPRequestHandler):
            def answer(self) -> None:
                way.answer(self)

            do_GET = do_POST = do_PUT = do_HEAD = answer

            def log_message(self, *_words: Any) -> None:
                """Nothing on the screen."""

        self.listener = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.listener.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.listener.server_address[1]}"
        Thread(target=self.listener.serve_forever, daemon=True).start()

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        body = handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
        self.asked.append(handler.path)
        try:
            reply = self.trouble(handler.path, lambda: self.ask(handler, body))
        except OSError:
            reply = None
        handler.close_connection = True
        if reply is None:
            return
        with contextlib.suppress(OSError):
            handler.send_response(reply.status)
            for name, value in reply.headers:
                handler.send_header(name, value)
            handler.send_header("Content-Length", str(len(reply.body)))
            handler.send_header("Connection", "close")
            handler.end_headers()
            handler.wfile.write(reply.body)

    def ask(self, handler: BaseHTTPRequestHandler, body: bytes) -> Reply:
        """What the server says."""
        line = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=30)
        try:
            headers = {name: value for name, value in handler.headers.items() if name.lower() != "connection"}
            line.request(handler.command, handler.path, body, headers)
            got = line.getresponse()
            kept = tuple((name, value) for name, value in got.getheaders() if name.lower() not in PASSED_ON)
            return Reply(got.status, kept, got.read())
        finally:
            line.close()

    def stop(self) -> None:
        self.listener.shutdown()
        self.listener.server_close()


def enrolment_code(server: Server) -> str:
    """A fresh code, as the supervisor's page shows it."""
    app = create_app(from_environment({**server.env}))
    with app.app_context():
        database = extension.session()
        study = studies.by_slug(database, "demo")
        assert study
        code = devices.offer(database, Console(), study, limits=Limits(), now=datetime.now(UTC))
        extension.engine.dispose()
    return code.words


def enrol(page: Page, url: str, code: str, label: str = "Tablet 3") -> None:
    """As the QR code does it; until the frameworks are there and the recorder would start without a network."""
    page.goto(f"{url}/enrol#{code}")
    page.get_by_label("tablet", exact=False).last.fill(label)
    page.locator("button[type=submit]").click()
    expect(page.get_by_role("button", name="FILL+").first).to_be_visible()
    page.evaluate("() => navigator.serviceWorker.ready")
    page.wait_for_function("() => navigator.serviceWorker.controller !== null")


def begin(page: Page, framework: str = "FILL+") -> None:
    """A session by Owen with FILL+, up to the pad."""
    page.get_by_label("Who observes?").select_option(label="Owen")
    page.get_by_role("button", name=framework).click()
    page.get_by_role("button", name="Start recording").click()
    expect(page.locator("[data-code=LT]")).to_be_visible()


GONE = 2.1
"""seconds for which a tablet has to be gone until the gap is a pause"""


def go_on(page: Page) -> None:
    """After a restart in mid-session: nobody watched until the observer says that they do again."""
    page.get_by_role("button", name="Go on observing").tap()
    expect(page.locator("[data-code=LT]")).to_be_visible()


def tap(page: Page, code: str) -> None:
    """A finger on a button, and the confirmation that it is on disk."""
    page.locator(f"[data-code={code}]").first.tap()
    expect(page.get_by_text("All saved")).to_be_visible()


def finish(page: Page) -> None:
    """Ends the session, as the observer does: open, hold."""
    page.get_by_role("button", name="Finish").first.click()
    hold = page.get_by_role("button", name="Hold to finish")
    box = hold.bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    expect(hold).to_be_hidden()  # held long enough
    page.mouse.up()


def kept(page: Page) -> list[dict[str, Any]]:
    """Every event on the tablet's disk, in order."""
    return list(page.evaluate(KEPT))


def codes(events: list[dict[str, Any]]) -> list[str]:
    return [each["code"] for each in events if each["kind"] in {"point", "start"}]


def stored(server: Server, label: str = "Tablet 3") -> list[dict[str, Any]]:
    """Every event that the server holds of the tablet that `enrol` has enrolled, in order; the demo's own are others."""
    with contextlib.closing(sqlite3.connect(server.folder / "observe.sqlite3")) as db:
        return [json.loads(body) for (body,) in db.execute(OF_THE_TABLET, [label])]


def cdp(context: BrowserContext, page: Page, method: str, **values: Any) -> Any:
    """One command of the browser's own protocol."""
    session = context.new_cdp_session(page)
    try:
        return session.send(method, values)
    finally:
        session.detach()
