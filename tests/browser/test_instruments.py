"""The hard instruments, each recorded by touch on the real recorder; what comes out is held to a file that was read through."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, Playwright, expect

from tests.browser.conftest import Server, Tablet
from tests.browser.field import enrol, enrolment_code
from tests.browser.observer import Observer, document, golden, path_of, publish

NAMES = (
    "two-regimes-in-one-interval", "flanders-interaction", "letter-and-signed-value", "crossed-counts-in-two-passes",
    "contingency-and-priority", "child-social-play", "activity-by-material-by-group", "teach", "threat-error-outcome",
    "flourishing-place", "social-participation", "statistics-beside-events",
)  # fmt: skip

Sit = Callable[..., Observer]


@pytest.fixture(scope="module")
def field_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server for all instruments, with each of them published."""
    server = Server(tmp_path_factory.mktemp("server"))
    server.command("setup", "--demo")
    publish(server, [path_of(name) for name in NAMES])
    server.start()
    yield server
    server.kill()


@pytest.fixture(scope="module")
def page(playwright: Playwright, field_server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """An enrolled tablet whose clock the tests move."""
    tablet = Tablet(playwright, Path(tmp_path_factory.mktemp("tablet")))
    page = tablet.launch()
    page.clock.install()
    enrol(page, field_server.url, enrolment_code(field_server))
    page.set_default_timeout(8_000)
    yield page
    page.screenshot(path=str(Path(tmp_path_factory.getbasetemp()) / "last.png"))
    tablet.close()


@pytest.fixture
def sit(page: Page, field_server: Server) -> Sit:
    """Sits down with an instrument: `sit(name, people, choices)`."""

    def begin(name: str, people: tuple[str, ...] = (), choices: dict[str, str] | None = None, roles: dict[str, str] | None = None) -> Observer:
        page.clock.resume()
        page.goto(f"{field_server.url}/recorder")
        observer = Observer(page, document(name))
        observer.begin(people, choices, roles)
        return observer

    return begin


def test_a_a_scan_and_an_interval_share_15_seconds_and_a_peer_comes_each_fifth(sit: Sit) -> None:
    boss = sit("two-regimes-in-one-interval", ("P1", "Q1"), roles={"Q1": "Peer"})
    boss.who("P1")
    boss.tap("AE")
    boss.at(5_000)
    boss.tap("OM", "OV")
    boss.at(15_500)
    boss.tap("PE")
    boss.at(20_000)
    boss.press("Nothing seen")
    boss.at(34_500)
    boss.tap("NE")
    boss.at(60_400)
    boss.who("Q1")
    boss.tap("PAE")
    boss.at(66_000)
    boss.tap("POP", "TDI")
    boss.who("P1")
    boss.tap("AE")
    boss.at(76_000)
    boss.finish()
    record = boss.record()
    golden("two-regimes-in-one-interval", record)
