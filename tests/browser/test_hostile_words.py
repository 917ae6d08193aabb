"""Words that try to be scripts, before a real browser: nothing runs, nothing is fetched, no policy is broken."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from playwright.sync_api import Playwright
from sqlalchemy.orm import Session
from werkzeug.serving import make_server

from observe.actions import people
from observe.actions.limits import Limits
from observe.extensions import db as extension
from observe.store import migrating
from tests.browser.conftest import FLAGS, PHONE, chromium
from tests.browser.test_pages import OVERFLOW, Site, app_of, cookie_of
from tests.factories.hostile import PAYLOADS, plant
from tests.factories.people import a_cast

STUDY = "/studies/lectures"
FRAMEWORK = f"{STUDY}/frameworks/fill-plus"
PATHS = (
    f"{STUDY}/", f"{STUDY}/edit", f"{STUDY}/subjects/", f"{STUDY}/subjects/{{subject}}", f"{STUDY}/settings/",
    f"{STUDY}/settings/{{setting}}", f"{STUDY}/devices/", f"{STUDY}/frameworks/", FRAMEWORK, f"{FRAMEWORK}/versions/1",
    f"{FRAMEWORK}/1/codebook", f"{FRAMEWORK}/design", f"{FRAMEWORK}/notes", f"{STUDY}/sessions/",
    f"{STUDY}/sessions/{{session}}", f"{STUDY}/sessions/{{session}}/events", f"{STUDY}/sessions/budget",
    f"{STUDY}/sessions/aside", f"{STUDY}/members/", f"{STUDY}/audit",
)  # fmt: skip


@pytest.fixture(scope="module", params=["script", "quotes", "element", "address", "comment"])
def site(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, playwright: Playwright
) -> Iterator[Site]:
    """A study full of one kind of hostile words."""
    folder: Path = tmp_path_factory.mktemp("hostile")
    app, now = app_of(folder), datetime.now(UTC)
    with app.app_context(), Session(extension.engine, expire_on_commit=False) as db:
        migrating.upgrade(extension.engine)
        cast = a_cast(db, now)
        places = plant(db, cast, PAYLOADS[request.param], now)
        logins = {"sadia": cookie_of(app, people.sign_in(db, cast.sadia, limits=Limits(), now=now))}
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
    yield Site(app, f"http://127.0.0.1:{server.port}", browser, logins, places)
    browser.close()
    server.shutdown()
    thread.join()


def test_nothing_that_was_written_runs_or_is_fetched(site: Site) -> None:
    page = site.page("sadia")
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    happened: list[str] = []

    def dismiss(dialog: Any) -> None:
        happened.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    page.on("dialog", dismiss)
    page.on("console", lambda said: happened.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda fault: happened.append(str(fault)))
    page.on(
        "request",
        lambda asked: (
            happened.append(asked.url)
            if "zqx" in asked.url or not asked.url.startswith(("data:", "blob:", site.url))
            else None
        ),
    )
    for path in PATHS:
        assert site.go(page, path) == 200, path
        assert (
            page.evaluate(
                "() => [...document.querySelectorAll('zqx, [zqx], [onzqx], [onfocus], [onerror]')].length"
            )
            == 0
        ), path
        assert page.evaluate(OVERFLOW) == [], path
        page.evaluate("() => document.querySelectorAll('details').forEach((one) => { one.open = true; })")
        assert happened == [], path
