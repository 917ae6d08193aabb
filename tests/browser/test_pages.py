"""Every page of the server as people meet it: on a phone, a tablet and a desk, with a keyboard, and by axe."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from playwright.sync_api import Browser, Page, Playwright
from sqlalchemy.orm import Session
from werkzeug.serving import make_server

from observe.actions import demo, jobs, people, sessions
from observe.actions.doing import Console
from observe.actions.limits import Limits
from observe.actions.sessions import Sender
from observe.app import create_app
from observe.extensions import db as extension
from observe.store import migrating, studies
from observe.store.people import Person
from tests.browser.conftest import DESKTOP, FLAGS, PATIENCE_MS, PHONE, TABLET, chromium, violations
from tests.factories.uploads import envelope, event, header, read, some_id

LOGIN = "_user_id"
SIZES = {"phone": PHONE, "tablet": TABLET, "desktop": DESKTOP}
STUDY = "/studies/demo"
MEETINGS = "/studies/meetings"
FILL = f"{STUDY}/frameworks/fill-plus"

PAGES: tuple[tuple[str, str, str, int], ...] = (
    ("sign-in", "nobody", "/sign-in", 200),
    ("welcome", "nobody", "/welcome/{invitation}", 200),
    ("home", "sadia", "/", 200),
    ("account", "sadia", "/account", 200),
    ("second-factor", "sadia", "/account/second-factor", 200),
    ("people", "admin", "/server/people", 200),
    ("studies", "admin", "/server/studies", 200),
    ("server-audit", "admin", "/server/audit", 200),
    ("study", "sadia", f"{STUDY}/", 200),
    ("study-of-an-observer", "owen", f"{STUDY}/", 200),
    ("study-edit", "sadia", f"{STUDY}/edit", 200),
    ("members", "sadia", f"{STUDY}/members/", 200),
    ("subjects", "sadia", f"{STUDY}/subjects/", 200),
    ("subject-new", "sadia", f"{STUDY}/subjects/new", 200),
    ("subject", "sadia", f"{STUDY}/subjects/{{subject}}", 200),
    ("subject-erase", "sadia", f"{STUDY}/subjects/{{subject}}/erase", 200),
    ("words", "sadia", f"{STUDY}/words/", 200),
    ("key", "sadia", f"{STUDY}/subjects/key/", 200),
    ("settings", "sadia", f"{STUDY}/settings/", 200),
    ("setting", "sadia", f"{STUDY}/settings/{{setting}}", 200),
    ("devices", "sadia", f"{STUDY}/devices/", 200),
    ("frameworks", "sadia", f"{STUDY}/frameworks/", 200),
    ("framework-new", "sadia", f"{STUDY}/frameworks/new", 200),
    ("framework-ready-made", "sadia", f"{STUDY}/frameworks/library/flourishing-place", 200),
    ("framework", "sadia", FILL, 200),
    ("framework-version", "sadia", f"{FILL}/versions/1", 200),
    ("framework-changes", "sadia", f"{FILL}/changes", 200),
    ("framework-codebook", "sadia", f"{FILL}/1/codebook", 200),
    ("framework-notes", "sadia", f"{FILL}/notes", 200),
    ("framework-design", "sadia", f"{FILL}/design", 200),
    ("sessions", "sadia", f"{STUDY}/sessions/", 200),
    ("session", "sadia", f"{STUDY}/sessions/{{session}}", 200),
    ("session-of-an-observer", "owen", f"{STUDY}/sessions/{{session}}", 200),
    ("session-events", "sadia", f"{STUDY}/sessions/{{session}}/events", 200),
    ("budget", "sadia", f"{STUDY}/sessions/budget", 200),
    ("aside", "sadia", f"{STUDY}/sessions/aside", 200),
    ("aside-heap", "sadia", f"{STUDY}/sessions/aside/{{heap}}", 200),
    ("exports", "anya", f"{STUDY}/exports/", 200),
    ("patterns-of-places", "sadia", f"{STUDY}/patterns/", 200),
    ("patterns-of-people", "sadia", f"{MEETINGS}/patterns/runs/1", 200),
    ("pattern", "sadia", f"{MEETINGS}/patterns/{{claim}}", 200),
    ("pattern-of-a-reader", "rhys", f"{MEETINGS}/patterns/{{claim}}", 200),
    ("review-desk", "rhys", f"{MEETINGS}/patterns/reviews", 200),
    ("readers", "sadia", f"{MEETINGS}/patterns/readers", 200),
    ("plans", "sadia", f"{MEETINGS}/patterns/plans", 200),
    ("plan-new", "sadia", f"{MEETINGS}/patterns/plans/new", 200),
    ("patterns-methods", "rhys", f"{MEETINGS}/patterns/methods", 200),
    ("audit", "sadia", f"{STUDY}/audit", 200),
    ("audit-check", "sadia", f"{STUDY}/audit/check", 200),
    ("job-that-failed", "sadia", f"{STUDY}/jobs/{{job}}", 200),
    ("job-that-waits", "sadia", f"{STUDY}/jobs/{{waiting}}", 200),
    ("forbidden", "owen", f"{STUDY}/members/", 403),
    ("not-found", "sadia", f"{STUDY}/no-such-page", 404),
    ("of-another-study", "sadia", "/studies/elsewhere/", 404),
    ("broken", "sadia", "/broken", 500),
)
"""name, who looks, address, status"""


def test_every_page_that_the_server_draws_is_looked_at(site: Site) -> None:
    """Pages of these blueprints that nobody listed above; analyses are looked at beside their own tests."""
    app, looked_at = site.app, {path.format(**site.places).partition("?")[0] for _, _, path, _ in PAGES}
    adapter = app.url_map.bind("localhost")
    seen = {adapter.match(path)[0] for path in looked_at if path != f"{STUDY}/no-such-page"}
    mine = {"account", "home", "people", "studies", "members", "subjects", "settings", "devices", "frameworks", "codebook", "sessions", "exports", "audit", "jobs", "key", "words", "patterns", "reviews"}  # fmt: skip
    drawn = {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if "GET" in (rule.methods or ()) and rule.endpoint.partition(".")[0] in mine
    }

    assert drawn - seen == NO_PAGES


NO_PAGES = {
    "account.second_step", "audit.check_server", "audit.head", "codebook.as_pdf",
    "codebook.edit_map", "codebook.export", "exports.codebook_words",
    "exports.as_format", "exports.dataset", "exports.table", "frameworks.document", "frameworks.draft",
    "frameworks.draft_document", "patterns.as_json", "patterns.beside", "patterns.dossier", "patterns.run_json", "sessions.as_file", "sessions.attachment", "subjects.everything",
}  # fmt: skip
"""files and answers for programs; pages that are drawn by the template of one in the list; and the map between two
versions, and two runs side by side, of which the demo has one"""


@dataclass
class Site:
    """The application with the demo data, served from this process, and a browser for each person."""

    app: Flask
    url: str
    browser: Browser
    logins: dict[str, str]
    places: dict[str, str] = field(default_factory=dict)
    open_pages: dict[tuple[str, str], Page] = field(default_factory=dict)

    def page(self, who: str, colour_scheme: Any = "light") -> Page:
        """This person's browser; one for the whole module."""
        if (who, colour_scheme) not in self.open_pages:
            context = self.browser.new_context(color_scheme=colour_scheme, reduced_motion="reduce")
            context.set_default_timeout(PATIENCE_MS)
            if who != "nobody":
                context.add_cookies([{"name": "observe", "value": self.logins[who], "url": self.url}])
            self.open_pages[who, colour_scheme] = context.new_page()
        return self.open_pages[who, colour_scheme]

    def go(self, page: Page, path: str) -> int:
        """Open an address; its status."""
        address = self.url + path.format(**self.places)
        answer = page.goto(address, wait_until="load")
        assert answer and page.url == address, "it led elsewhere"
        return answer.status


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, playwright: Playwright) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("pages")
    app = app_of(folder)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
    yield Site(app, f"http://127.0.0.1:{server.port}", browser, *furnished(app, folder))
    browser.close()
    server.shutdown()
    thread.join()


def app_of(folder: Path) -> Flask:
    """The application as it is run, with one address more, which breaks. Jobs wait: nobody works here."""
    app = create_app(
        {
            "VAR": str(folder),
            "DATABASE_URL": f"sqlite:///{folder}/observe.sqlite3",
            "SECRET_KEY": "secret of the tests",
        }
    )

    def broken() -> str:
        raise RuntimeError

    app.add_url_rule("/broken", view_func=broken)
    return app


def furnished(app: Flask, folder: Path) -> tuple[dict[str, str], dict[str, str]]:
    """Demo data, something kept aside, two jobs; a cookie for each person, and where things are."""
    now = datetime.now(UTC)
    with app.app_context(), Session(extension.engine, expire_on_commit=False) as db:
        migrating.upgrade(extension.engine)
        made = {person.name.lower(): person for person, _ in demo.make(db, "correct horse battery", now=now)}
        made["admin"] = people.add(
            db, Console(), "Ada", "ada@example.org", "correct horse battery", is_admin=True, now=now
        )
        study = studies.by_slug(db, demo.SLUG)
        assert study
        invitation = people.invite(db, made["admin"], "Nadia", "nadia@example.org", limits=Limits(), now=now).token
        keep_something_aside(db, study.id, made["owen"], folder, now)
        job, waiting = (jobs.ask(db, made["sadia"], study, "snapshot", {}, key=key, now=now).id for key in "ab")
        logins = {
            name: cookie_of(app, people.sign_in(db, person, limits=Limits(), now=now))
            for name, person in made.items()
        }
    with sqlite3.connect(folder / "observe.sqlite3") as kept:
        kept.execute("UPDATE jobs SET state = 'failed', words = 'There are no sessions yet.' WHERE id = ?", (job,))

        def one(sql: str) -> Any:
            return kept.execute(sql).fetchone()

        places = {
            "invitation": invitation, "job": job, "waiting": waiting,
            "subject": one("SELECT id FROM subjects WHERE pseudonym = 'S01'")[0], "setting": one("SELECT id FROM settings WHERE label = 'Laboratory'")[0],
            "session": one("SELECT sessions.id FROM sessions JOIN people ON people.id = observer WHERE name = 'Owen' ORDER BY started DESC")[0],
            "claim": one("SELECT id FROM pattern_findings WHERE status = 'contrary-pattern'")[0],
            "heap": "/".join(map(str, one("SELECT log, reason FROM held"))),
        }  # fmt: skip
    return logins, places


def keep_something_aside(db: Session, study: int, owen: Person, folder: Path, now: datetime) -> None:
    """Three events of a tablet that was revoked meanwhile."""
    with sqlite3.connect(folder / "observe.sqlite3") as kept:
        device, framework = kept.execute(
            "SELECT device, framework FROM sessions WHERE study = ?", (study,)
        ).fetchone()
    session = some_id("a session of a revoked tablet")
    rows = [
        event(session, 1, "open", 0),
        event(session, 2, "note", 900, text="<b>Late</b>"),
        event(session, 3, "end", 1000, count=3),
    ]
    head = header(session, study=study, framework=framework, observer=owen.id, device=device)
    sessions.receive(db, Sender(device, study, False), read(envelope((head, rows), count=3)), now=now)


def cookie_of(app: Flask, token: str) -> str:
    """What the browser of somebody who has signed in holds."""
    signer = SecureCookieSessionInterface().get_signing_serializer(app)
    assert signer
    return str(signer.dumps({LOGIN: token}))


@pytest.fixture
def said(request: pytest.FixtureRequest, site: Site) -> Iterator[Callable[[Page], list[str]]]:
    """Listens to the console of a page; what it said that is no answer's status."""
    heard: list[str] = []

    def note(message: Any) -> None:
        if message.type in {"error", "warning"} and not re.search(
            r"the server responded with a status of [45]", message.text
        ):
            heard.append(f"{message.type}: {message.text}")

    def fault(error: Any) -> None:
        heard.append(f"fault: {error}")

    listened: list[Page] = []

    def listen(page: Page) -> list[str]:
        page.on("console", note)
        page.on("pageerror", fault)
        listened.append(page)
        return heard

    yield listen
    for page in listened:
        page.remove_listener("console", note)
        page.remove_listener("pageerror", fault)


OVERFLOW = """
() => {
  const wide = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= wide) return [];
  return [...document.body.querySelectorAll("*")].filter((one) => one.getBoundingClientRect().right > wide + 1)
    .filter((one) => !one.parentElement.closest(".table-scroll, .chart, .nav ul, pre"))
    .map((one) => one.outerHTML.slice(0, 120)).slice(0, 3).concat(`the page is ${document.documentElement.scrollWidth} wide`);
}
"""


@pytest.mark.parametrize(("name", "who", "path", "status"), PAGES, ids=[name for name, *_ in PAGES])
def test_the_page_fits_every_screen_and_can_be_used_by_everybody(
    site: Site, said: Callable[[Page], list[str]], axe_source: str, name: str, who: str, path: str, status: int
) -> None:
    page = site.page(who)
    heard = said(page)
    page.set_viewport_size(DESKTOP)  # type: ignore[arg-type]

    assert site.go(page, path) == status
    assert page.locator("h1").count() == 1 and page.locator("h1").inner_text().strip()
    assert [page.locator(mark).count() for mark in ("header", "main#main", "footer.foot")] == [1, 1, 1]
    for size, viewport in SIZES.items():
        page.set_viewport_size(viewport)  # type: ignore[arg-type]
        assert page.evaluate(OVERFLOW) == [], f"{name} on a {size}"
        assert violations(page, axe_source) == [], f"{name} on a {size}"
    assert heard == []


def test_on_a_phone_a_wide_picture_shows_where_it_goes_on_and_no_line_of_a_card_is_empty(site: Site) -> None:
    page = site.page("sadia")
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    site.go(page, f"{MEETINGS}/patterns/{{claim}}")
    page.evaluate("() => document.querySelectorAll('details').forEach((one) => { one.open = true; })")

    wide, shaded = page.evaluate(
        """() => {
          const found = [...document.querySelectorAll('.chart')].filter((one) => one.scrollWidth > one.clientWidth);
          return [found.length, found.filter((one) => getComputedStyle(one).backgroundImage.includes('gradient')).length];
        }"""
    )
    grounds = page.evaluate(
        "() => [...document.querySelectorAll('.chart svg > rect')].map((one) => getComputedStyle(one).fill)"
    )
    empty = page.locator(".table-scroll--cards td[data-name]:visible").evaluate_all(
        "(cells) => cells.filter((one) => !one.textContent.trim()).map((one) => one.dataset.name)"
    )
    assert (wide, shaded) == (2, 2)
    assert set(grounds) <= {"rgba(0, 0, 0, 0)", "none"}, "the shade lies behind the picture"
    assert empty == []


@pytest.mark.parametrize(
    ("who", "path"), [("sadia", f"{STUDY}/sessions/"), ("owen", f"{STUDY}/"), ("admin", "/server/people")]
)
@pytest.mark.parametrize("size", ["phone", "desktop"])
def test_the_keyboard_reaches_the_content_at_once_and_every_entry_of_the_menus(
    site: Site, who: str, path: str, size: str
) -> None:
    page = site.page(who)
    page.set_viewport_size(SIZES[size])  # type: ignore[arg-type]
    site.go(page, path)
    menu = set(page.locator("header a, header button").all_inner_texts())
    reached = set()

    page.keyboard.press("Tab")
    assert page.evaluate("() => document.activeElement.textContent") == "Go to the content"
    for _ in range(len(menu) + 2):
        page.keyboard.press("Tab")
        reached.add(str(page.evaluate("() => document.activeElement.innerText")))
        assert page.evaluate("() => document.activeElement.matches(':focus-visible')")
    assert menu <= reached

    site.go(page, path)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("() => document.activeElement.id") == "main"
    page.keyboard.press("Tab")
    assert page.evaluate("() => document.activeElement.closest('main') !== null")


@pytest.mark.parametrize(
    "path", [f"{STUDY}/", f"{STUDY}/sessions/{{session}}", f"{STUDY}/sessions/", FILL, f"{STUDY}/members/"]
)
def test_the_page_can_be_read_at_night(site: Site, axe_source: str, path: str) -> None:
    page = site.page("sadia", "dark")
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    site.go(page, path)

    shade = page.evaluate("() => getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number)")
    assert max(shade[:3]) < 80
    assert violations(page, axe_source) == []


def test_too_much_at_once_and_too_many_attempts_are_pages_with_a_way_out(site: Site, axe_source: str) -> None:
    page = site.page("sadia")
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    site.go(page, f"{STUDY}/frameworks/new")
    page.locator("input[type=file]").first.set_input_files(
        {"name": "large.json", "mimeType": "application/json", "buffer": b" " * (site.app.config["MAX_BODY"] + 1)}
    )
    with page.expect_response(lambda answer: answer.request.method == "POST") as answered:
        page.locator("form:has(input[type=file]) button").first.click()
    assert answered.value.status == 413
    assert "larger than the server takes" in page.locator("h1").inner_text()
    assert violations(page, axe_source) == []

    stranger = site.page("nobody")
    for _ in range(6):
        site.go(stranger, "/sign-in")
        stranger.get_by_label("E-mail address").fill("owen@example.org")
        stranger.get_by_label("Password").fill("not the password")
        with stranger.expect_response(lambda answer: answer.request.method == "POST") as answered:
            stranger.get_by_role("button", name="Sign in").click()
    assert answered.value.status == 429
    assert stranger.locator("h1").count() == 1
    assert violations(stranger, axe_source) == []
