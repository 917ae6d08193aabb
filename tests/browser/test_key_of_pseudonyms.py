"""A supervisor keeps the key of pseudonyms, by keyboard, on a phone; and nobody finds a name anywhere on the server."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidTag
from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE, ROOT, Server, Tablet, violations

WORDS = "correct horse battery"
CANARIES = ("Quillon", "0161 496", "Wexcombe", WORDS + " staple")
KEY = "/studies/demo/subjects/key/"


def signed_in(page: Page, server: Server) -> None:
    page.goto(f"{server.url}/sign-in")
    page.get_by_label("Address").fill("sadia@example.org")
    page.get_by_label("Password").fill(WORDS)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda address: "/sign-in" not in address)
    page.goto(server.url + KEY)


def documented() -> Callable[[dict[str, Any], str], dict[str, dict[str, str]]]:
    """The few lines of the documentation, run as they stand there."""
    text = (ROOT / "docs" / "explanation" / "protecting-people.md").read_text(encoding="utf-8")
    names: dict[str, Any] = {}
    exec(text.split("```python\n")[1].split("```")[0], names)
    return names["opened"]  # type: ignore[no-any-return]


def begin(page: Page, passphrase: str) -> None:
    page.get_by_label("Passphrase", exact=True).fill(passphrase)
    page.get_by_label("The same again").fill(passphrase)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="The key is open")).to_be_focused()


def enter(page: Page, who: str) -> None:
    page.get_by_role("button", name=f"Enter who {who} is").press("Enter")
    page.get_by_label("Name").fill("Mary Quillon")
    page.get_by_label("How to reach them").fill("0161 496 0000")
    page.get_by_label("Note").fill("by way of Ann Wexcombe")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text(f"Saved, sealed: {who}.")


def test_a_name_is_entered_shown_and_found_nowhere_on_the_server(
    server: Server, tablets: Callable[..., Tablet], axe_source: str, tmp_path: Path
) -> None:
    passphrase = WORDS + " staple"
    page = tablets("phone", PHONE).launch()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    signed_in(page, server)
    begin(page, passphrase)
    enter(page, "L01")

    expect(page.get_by_text("Mary Quillon")).to_have_count(0)
    page.get_by_role("button", name="Show who L01 is").press("Enter")
    expect(page.get_by_text("Mary Quillon")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert violations(page, axe_source) == []

    page.get_by_text("Save a copy").press("Enter")
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Save the sealed copy").press("Enter")
    copy = json.loads(Path(waiting.value.path()).read_text(encoding="utf-8"))
    assert [one["name"] for one in documented()(copy, passphrase).values()] == ["Mary Quillon"]
    with pytest.raises(InvalidTag):
        documented()(copy, WORDS)

    page.get_by_role("button", name="Lock").press("Enter")
    expect(page.get_by_text("Mary Quillon")).to_have_count(0)
    page.get_by_label("Passphrase", exact=True).fill(WORDS)
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("does not open the key")
    page.get_by_label("Passphrase", exact=True).fill(passphrase)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="The key is open")).to_be_focused()

    server.command("backup", str(server.folder / "copy.backup"))
    server.command("export", str(server.folder / "dataset.zip"), "--study", "demo")
    found = [(path.name, canary) for path in server.folder.rglob("*") if path.is_file() for canary in CANARIES if canary.encode() in path.read_bytes()]  # fmt: skip
    assert found == []
    kept = page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}])")
    assert "Quillon" not in kept and said == []


def test_what_was_changed_in_the_database_is_named_and_the_rest_can_be_read(
    server: Server, tablets: Callable[..., Tablet]
) -> None:
    page = tablets("phone", PHONE).launch()
    signed_in(page, server)
    begin(page, WORDS)
    enter(page, "L01")
    enter(page, "S01")
    with closing(sqlite3.connect(server.folder / "observe.sqlite3")) as database, database:
        database.execute(
            "UPDATE sealed_entries SET sealed = replace(hex(randomblob(213)), '0', 'A') WHERE subject_id IN "
            "(SELECT id FROM subjects WHERE pseudonym = 'S01')"
        )  # fmt: skip

    page.reload()
    page.get_by_label("Passphrase", exact=True).fill(WORDS)
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("changed outside of this page")
    page.get_by_role("button", name="Show all").click()
    expect(page.get_by_text("Mary Quillon")).to_have_count(1)
