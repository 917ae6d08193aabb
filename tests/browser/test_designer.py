"""A supervisor designs a framework: from an empty page to a second version, with others at work and the network gone."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, Playwright, expect

from benchmarks.designer import document
from tests.browser.conftest import DESKTOP, FLAGS, PATIENCE_MS, PHONE, ROOT, TABLET, Server, chromium, violations

PASSWORD = "correct horse battery"
NEW_PASSWORD = "four green walking ducks"

FLANDERS = """code	name	type	group	definition	example	non-example
C1	Accepts feeling	state	Indirect	The teacher takes up a pupil's feeling without threat.	"You look worried."	"Well done."
C2	Praises	state	Indirect	The teacher praises or encourages.	"Good."	A joke at a pupil's expense
C3	Uses an idea	state	Indirect	The teacher builds on what a pupil has said.	"As Amal said ..."	Repeats an answer and goes on
C4	Asks	state	Indirect	The teacher asks and means a pupil to answer.	"Why does it float?"	"What did I just say?" as a rebuke
C5	Lectures	state	Direct	The teacher gives facts or own opinions.	Explains buoyancy	Answers what a pupil asked
C6	Directs	state	Direct	The teacher orders something to be done.	"Open your books."	"Could anybody say why?"
C7	Criticises	state	Direct	The teacher tries to change behaviour, or defends own authority.	"Stop that."	"Not quite: look again."
C8	Pupil answers	state	Pupils	A pupil says what was asked for.	"Because it is light."	A pupil asks back
C9	Pupil begins	state	Pupils	A pupil says something that nobody asked for.	"But what if it is salt water?"	A pupil answers
C10	Silence	state	Neither	Nobody can be understood.	Everybody writes	One pupil reads aloud
"""

SECOND_SUPERVISOR = """
from datetime import UTC, datetime
from config import from_environment
from observe.actions import studies as actions
from observe.actions.doing import Console
from observe.app import create_app
from observe.core.access import Role
from observe.extensions import db
from observe.store import people, studies
app = create_app(from_environment())
with app.app_context():
    study, rhys = studies.by_slug(db.session(), "demo"), people.by_email(db.session(), "rhys@example.org")
    actions.set_member(db.session(), Console(), study, rhys.id, frozenset({Role.SUPERVISOR}), now=datetime.now(UTC))
"""

Somebody = Callable[..., Page]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server for all of these tests: each begins a framework of its own."""
    server = Server(tmp_path_factory.mktemp("designer"))
    server.command("setup", "--demo")
    done = subprocess.run(
        [sys.executable, "-c", SECOND_SUPERVISOR], cwd=ROOT, env=server.env, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    server.start()
    yield server
    server.kill()


@pytest.fixture(scope="module")
def browser(playwright: Playwright) -> Iterator[Browser]:
    made = playwright.chromium.launch(executable_path=chromium(), headless=True, args=FLAGS)
    yield made
    made.close()


@pytest.fixture
def somebody(browser: Browser, place: Server) -> Iterator[Somebody]:
    """Makes browsers that somebody has signed in to."""
    made: list[BrowserContext] = []

    def sign_in(name: str = "sadia", viewport: dict[str, int] = DESKTOP) -> Page:
        context = browser.new_context(viewport=viewport, has_touch=True)  # type: ignore[arg-type]
        context.set_default_timeout(PATIENCE_MS)
        made.append(context)
        page = context.new_page()
        page.goto(place.url)
        page.get_by_label("E-mail address").fill(f"{name}@example.org")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.get_by_role("heading", name="Your studies").wait_for()
        return page

    yield sign_in
    for context in made:
        context.close()


@pytest.fixture
def newcomer(browser: Browser, place: Server) -> Iterator[Page]:
    """Somebody who was invited, set a password and supervises a study that has nothing in it yet."""
    contexts = [browser.new_context(viewport=DESKTOP, has_touch=True) for _ in range(2)]  # type: ignore[arg-type]
    for context in contexts:
        context.set_default_timeout(PATIENCE_MS)
    admin, page = (context.new_page() for context in contexts)
    admin.goto(place.url)
    admin.get_by_label("E-mail address").fill("admin@example.org")
    admin.get_by_label("Password").fill(PASSWORD)
    admin.get_by_role("button", name="Sign in").click()
    expect(admin.get_by_role("button", name="Sign out")).to_be_visible()
    admin.goto(f"{place.url}/server/people")
    admin.get_by_label("Name").fill("Nora")
    admin.get_by_label("E-mail address").fill("nora@example.org")
    admin.get_by_role("button", name="Make an invitation").click()
    page.goto(admin.get_by_label("Link").input_value())
    page.get_by_label("New password").fill(NEW_PASSWORD)
    page.get_by_label("The same again").fill(NEW_PASSWORD)
    page.locator("main form button").click()
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    admin.goto(f"{place.url}/server/studies")
    admin.get_by_label("Title").fill("Talk at Ash Lane")
    admin.get_by_label("Short name").fill("ash-lane")
    admin.get_by_label("Supervisor's e-mail address").fill("nora@example.org")
    admin.get_by_role("button", name="Begin").click()
    expect(admin.get_by_text("Nora supervises it")).to_be_visible()
    yield page
    for context in contexts:
        context.close()


def begin(page: Page, place: Server, slug: str, title: str = "Talk in class", study: str = "demo") -> str:
    """An empty framework in the designer; its address."""
    page.goto(f"{place.url}/studies/{study}/frameworks/new")
    section = page.get_by_role("region", name="From nothing")
    section.get_by_label("Title").fill(title)
    section.get_by_label("Short name").fill(slug)
    section.get_by_label("Purpose").fill("Who talks, and what does the talk do?")
    section.get_by_role("button", name="Begin").click()
    expect(page.get_by_label("Title", exact=True)).to_have_value(title)
    return f"{place.url}/studies/{study}/frameworks/{slug}"


def with_codes(page: Page, place: Server, slug: str) -> str:
    """A framework with one stream of the ten pasted codes."""
    address = begin(page, place, slug)
    page.get_by_role("button", name="Add a stream").click()
    paste(page)
    saved(page)
    return address


def paste(page: Page) -> None:
    page.get_by_role("button", name="Paste rows from a spreadsheet").click()
    page.get_by_role("region", name="Paste rows").get_by_role("textbox").fill(FLANDERS)
    page.get_by_role("button", name="Add 10 codes").click()


def saved(page: Page) -> None:
    expect(page.locator("[data-saving=saved]")).to_be_visible()


def go_to(page: Page, section: str) -> None:
    page.get_by_role("navigation", name="Parts of the framework").get_by_role(
        "button", name=re.compile(f"^{section}")
    ).click()


def row(page: Page, code: str) -> Locator:
    """The closed or open row of a code."""
    return page.locator(".row").filter(has=page.locator(f".row__id:text-is('{code}')"))


def open_row(page: Page, code: str) -> Locator:
    row(page, code).locator(".row__open").click()
    return row(page, code).locator(".row__body")


def order(page: Page) -> list[str]:
    return page.locator(".row__id").all_inner_texts()


def draft(page: Page, address: str) -> dict[str, Any]:
    """What the server has."""
    found: dict[str, Any] = page.request.get(f"{address}/draft").json()["document"]
    return found


def test_a_new_user_makes_flanders_categories_tries_them_publishes_and_reads_what_changed(
    place: Server, newcomer: Page
) -> None:
    page = newcomer
    page.goto(f"{place.url}/studies/ash-lane/")
    page.get_by_role("link", name="Publish a framework").click()
    expect(page.get_by_role("heading", name="There is no framework yet")).to_be_visible()
    address = begin(page, place, "flanders-of-ours", study="ash-lane")
    next_steps = page.get_by_role("region", name="What comes next")
    expect(next_steps).to_contain_text("1 of 6 done")  # the question was said at the beginning
    next_steps.get_by_role("button", name="Make the first stream, with codes or ratings").click()
    paste(page)
    expect(row(page, "C1").locator(".row__open")).to_be_focused()  # the work goes on where the rows came
    saved(page)
    assert order(page) == ["C1", "C2", "C3", "C4", "C5", "C6", "C7", "C8", "C9", "C10"]
    codes = draft(page, address)["streams"][0]["codes"]
    assert [code["key"] for code in codes] == ["1", "2", "3", "4", "5", "6", "7", "8", "9", "0"]
    assert codes[0]["examples"] == ['"You look worried."']
    expect(page.get_by_text("look alike")).to_have_count(0)

    page.get_by_label("Name of the stream").fill("Talk")
    page.get_by_label("Regime").select_option(label="On a beat, and at each change")
    expect(page.get_by_label("Every … seconds")).to_have_value("3")
    rules = page.locator("details", has_text="Rules of this stream")
    rules.locator("summary").click()
    saved(page)
    expect(rules.locator("summary .more__found")).to_be_visible()  # codes of a beat exclude each other

    go_to(page, "What is missing")
    missing = page.get_by_role("region", name="Errors")
    expect(missing.locator(".finding")).to_have_count(1)
    missing.get_by_role("button", name="Go there").click()
    expect(page.get_by_label("One code at a time")).to_be_focused()
    rules.get_by_label("One code at a time").check()
    page.get_by_label("Is there always a code?").select_option(label="Yes, always")
    page.get_by_label("Time without a code is").select_option(label="Silence")
    go_to(page, "Who can be seen")
    page.get_by_role("button", name="Add someone").click()
    page.get_by_label("Who", exact=True).fill("The class and its teacher")
    page.get_by_label("What they are").select_option(label="Group")
    page.get_by_label("Told apart").select_option(label="not needed: seen as one")
    go_to(page, "Talk")
    page.get_by_label("The class and its teacher").check()
    saved(page)
    assert errors(page, address) == []
    go_to(page, "What is missing")
    expect(missing).to_have_count(0)
    stream = draft(page, address)["streams"][0]
    assert stream["sampling"] == {"kind": "beat-or-change", "length_ms": 3000}
    assert (stream["exclusive"], stream["exhaustive"], stream["fallback"]) == (True, "always", "C10")

    ten_taps(page)

    publish(page, 1)
    page.goto(f"{address}/design")
    go_to(page, "Talk")
    open_row(page, "C5").get_by_label("Definition").fill("The teacher gives facts, reads aloud or tells a story.")
    saved(page)
    publish(page, 2)
    page.get_by_role("link", name="What changed").click()  # the last two, since the draft says no more
    table = page.get_by_role("region", name="Changes")
    expect(table.get_by_role("row")).to_have_count(2)  # the head and one change
    expect(table).to_contain_text("reads aloud or tells a story")
    expect(table).to_contain_text("compare with care")
    first, second = (
        page.request.get(f"{address}/versions/{number}/document.json").json()["streams"][0]["codes"][4]
        for number in (1, 2)
    )
    assert first["definition"] == "The teacher gives facts or own opinions."
    assert second["definition"] == "The teacher gives facts, reads aloud or tells a story."


def errors(page: Page, address: str) -> list[str]:
    found = page.request.get(f"{address}/draft").json()["findings"]
    return [each["sentence"] for each in found if each["severity"] == "error"]


def ten_taps(page: Page) -> None:
    """The recorder beside the editor, with the draft as it stands: each category is tapped once."""
    page.get_by_role("button", name="Try it on a tablet").click()
    tablet = page.frame_locator("iframe[title='The recorder with this draft']")
    for number in range(1, 11):
        key = tablet.locator(f"[data-code=C{number}]").first
        key.tap()
        expect(key).to_have_attribute("aria-pressed", "true")
    page.get_by_role("button", name="Try it on a tablet").click()


def publish(page: Page, number: int) -> None:
    page.get_by_role("link", name="Publish …").click()
    page.get_by_role("button", name=f"Publish as version {number}").click()
    expect(page.get_by_text(f"Version {number} is published")).to_be_visible()


def test_a_finding_stands_at_its_place_and_leads_there_until_it_is_mended(
    place: Server, somebody: Somebody
) -> None:
    page = somebody()
    with_codes(page, place, "findings")
    body = open_row(page, "C2")
    body.get_by_label("Hot key").fill("c")
    open_row(page, "C3").get_by_label("Hot key").fill("c")
    saved(page)
    expect(row(page, "C3").locator(".row__body .finding--error").first).to_contain_text("“c”")

    page.get_by_role("button", name=re.compile("error")).click()
    errors_found = page.get_by_role("region", name="Errors").locator(".finding", has_text="“c”")
    errors_found.first.get_by_role("button", name="Go there").click()
    focused = page.locator(":focus")
    expect(focused).to_have_value("c")

    focused.fill("z")
    saved(page)
    expect(page.locator(".finding--error", has_text="“c”")).to_have_count(0)


def test_whoever_saves_second_is_told_and_can_go_on_from_theirs_or_keep_their_own(
    place: Server, somebody: Somebody
) -> None:
    sadia, rhys = somebody("sadia"), somebody("rhys")
    address = begin(sadia, place, "two-people")
    rhys.goto(f"{address}/design")
    expect(rhys.get_by_label("Title", exact=True)).to_have_value("Talk in class")

    sadia.get_by_label("Title", exact=True).fill("Sadia's title")
    saved(sadia)
    rhys.get_by_label("The question under enquiry").fill("What Rhys asks")

    told = rhys.get_by_role("alert").filter(has_text="has changed this draft meanwhile")
    expect(told).to_contain_text("Sadia")
    assert draft(sadia, address)["title"] == "Sadia's title"
    assert draft(sadia, address)["purpose"] == "Who talks, and what does the talk do?"

    told.get_by_role("button", name="Go on from theirs").click()
    expect(rhys.get_by_label("Title", exact=True)).to_have_value("Sadia's title")
    expect(told).to_have_count(0)
    rhys.get_by_role("button", name="Undo").click()
    expect(rhys.get_by_label("The question under enquiry")).to_have_value("What Rhys asks")
    rhys.get_by_role("button", name="Redo").click()
    saved(rhys)

    sadia.reload()
    sadia.get_by_label("Title", exact=True).fill("Sadia again")
    saved(sadia)
    rhys.get_by_label("Title", exact=True).fill("Rhys's title")
    told = rhys.get_by_role("alert").filter(has_text="has changed this draft meanwhile")
    told.get_by_role("button", name="Save mine as the newest").click()
    saved(rhys)
    assert draft(rhys, address)["title"] == "Rhys's title"
    rhys.get_by_role("button", name="Undo").click()
    expect(rhys.get_by_label("Title", exact=True)).to_have_value("Sadia again")


def test_people_see_who_else_has_the_draft_open(place: Server, somebody: Somebody) -> None:
    sadia, rhys = somebody("sadia"), somebody("rhys")
    address = begin(sadia, place, "who-else")
    expect(sadia.locator(".designer__others")).to_have_count(0)

    rhys.goto(f"{address}/design")
    expect(rhys.get_by_text("Sadia has this open too")).to_be_visible()
    expect(sadia.get_by_text("Rhys has this open too")).to_be_visible(timeout=PATIENCE_MS)  # she asks every 15 s


def test_everything_can_be_done_by_keyboard_and_the_focus_stays_where_the_work_is(
    place: Server, somebody: Somebody
) -> None:
    page = somebody()
    address = with_codes(page, place, "keyboard")

    page.get_by_role("button", name="Add a code").focus()
    page.keyboard.press("Enter")
    expect(page.locator(":focus")).to_have_value("New code")
    page.keyboard.type("Reads aloud")  # the name stands selected, so that typing replaces it
    page.keyboard.press("Tab")
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("C11")
    page.keyboard.press("Tab")
    expect(row(page, "C11").get_by_label("Kind")).to_be_focused()
    assert order(page)[-1] == "C11"

    page.get_by_role("button", name=re.compile("Move Reads aloud: place 11 of 11")).focus()
    for _ in range(3):
        page.keyboard.press("ArrowUp")
    assert order(page) == ["C1", "C2", "C3", "C4", "C5", "C6", "C7", "C11", "C8", "C9", "C10"]
    expect(page.get_by_role("button", name=re.compile("Move Reads aloud: place 8 of 11"))).to_be_focused()
    expect(page.get_by_role("status").filter(has_text="Reads aloud is now at place 8 of 11.")).to_be_attached()

    page.keyboard.press("Home")
    assert order(page)[0] == "C11"
    for _ in range(4):
        page.keyboard.press("ControlOrMeta+z")
    assert order(page)[-1] == "C11"
    page.keyboard.press("ControlOrMeta+Shift+z")
    assert order(page)[-2] == "C11"
    page.keyboard.press("ControlOrMeta+y")
    assert order(page)[-3] == "C11"

    page.locator(".row--open").get_by_role("button", name="Remove").focus()
    page.keyboard.press("Enter")
    assert "C11" not in order(page)
    expect(row(page, "C9").locator(".row__open")).to_be_focused()
    saved(page)
    assert [each["id"] for each in draft(page, address)["streams"][0]["codes"]] == order(page)


def test_a_finger_drags_a_code_to_its_place(place: Server, somebody: Somebody) -> None:
    page = somebody(viewport=TABLET)
    with_codes(page, place, "dragging")
    handle, goal = row(page, "C2").locator(".row__handle"), row(page, "C4")
    handle.scroll_into_view_if_needed()
    start, end = handle.bounding_box(), goal.bounding_box()
    assert start and end
    touch = page.context.new_cdp_session(page)

    def finger(kind: str, y: float) -> None:
        points = [] if kind == "touchEnd" else [{"x": start["x"] + 20, "y": y}]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    finger("touchStart", start["y"] + 20)
    for step in range(1, 6):
        finger("touchMove", start["y"] + 20 + (end["y"] - start["y"]) * step / 5)
    finger("touchEnd", 0)

    expect(page.locator(".row__id").nth(3)).to_have_text("C2")
    assert order(page)[:4] == ["C1", "C3", "C4", "C2"]


def test_work_goes_on_without_the_server_and_is_saved_when_it_is_back(place: Server, somebody: Somebody) -> None:
    page = somebody()
    address = begin(page, place, "offline")
    place.kill()
    try:
        page.get_by_label("Title", exact=True).fill("Written without a server")
        expect(page.locator("[data-saving=offline]")).to_be_visible()
        page.get_by_label("The question under enquiry").fill("Does it stay?")
    finally:
        place.start()
    page.locator("[data-saving=saved]").wait_for(timeout=PATIENCE_MS)

    assert draft(page, address)["title"] == "Written without a server"
    assert draft(page, address)["purpose"] == "Does it stay?"


def test_work_that_never_reached_the_server_is_there_after_the_tab_was_closed(
    place: Server, somebody: Somebody
) -> None:
    page = somebody()
    address = begin(page, place, "closed-tab")
    page.route("**/draft", lambda route: route.abort() if route.request.method == "PUT" else route.continue_())
    page.get_by_label("Title", exact=True).fill("Written and closed")
    expect(page.locator("[data-saving=offline]")).to_be_visible()
    page.close(run_before_unload=False)

    again = page.context.new_page()
    again.goto(f"{address}/design")
    expect(again.get_by_label("Title", exact=True)).to_have_value("Written and closed")
    saved(again)
    assert draft(again, address)["title"] == "Written and closed"


def test_an_indicator_can_be_narrowed_to_a_modifier(place: Server, somebody: Somebody) -> None:
    page = somebody()
    address = with_codes(page, place, "narrowed")
    go_to(page, "Modifiers")
    page.get_by_role("button", name="Add a modifier").click()
    page.get_by_label("Question", exact=True).fill("How?")
    page.get_by_label("Options").fill("Warmly\nCoolly")
    go_to(page, "New stream")
    body = open_row(page, "C2")
    body.get_by_text("Modifiers, opportunity, guards").click()
    body.get_by_label("How?").check()
    go_to(page, "Evidence for")
    page.get_by_role("button", name="Add a construct").click()
    page.get_by_label("Name", exact=True).fill("Warmth")

    page.get_by_role("button", name="C2 and Warmth: says nothing").click()
    panel = page.get_by_role("region", name="C2 as evidence about Warmth")
    panel.get_by_role("button", name="Add: only with a modifier").click()
    panel.get_by_label("Only when: How?").select_option(label="Coolly")
    panel.get_by_role("button", name="speaks against it").last.click()
    panel.get_by_label("Why").fill("Praise without warmth.")
    panel.get_by_role("button", name="Done").click()
    expect(page.get_by_role("button", name="C2 and Warmth: against, moderate with modifiers")).to_be_focused()
    saved(page)
    [indicator] = draft(page, address)["constructs"][0]["indicators"]
    assert indicator == {
        "code": "C2", "polarity": -1, "modifiers": {"how": "coolly"}, "rationale": "Praise without warmth.",
    }  # fmt: skip


@pytest.mark.parametrize("viewport", [PHONE, TABLET, DESKTOP], ids=["phone", "tablet", "desktop"])
def test_every_section_is_accessible_and_fits_the_screen(
    place: Server, somebody: Somebody, axe_source: str, viewport: dict[str, int]
) -> None:
    page = somebody(viewport=viewport)
    slug = f"axe-{viewport['width']}"
    address = with_codes(page, place, slug)
    open_row(page, "C1")
    found = problems(page, axe_source, "stream")
    for section in ("The question", "Who can be seen", "Modifiers", "Links", "Variables", "Figures"):
        go_to(page, section)
        if section != "The question":
            page.locator(".rows__add").first.click()
        found += problems(page, axe_source, section)
    go_to(page, "Evidence for")
    page.locator(".rows__add").first.click()
    page.locator(".matrix__cell").first.click()
    found += problems(page, axe_source, "Evidence for")
    for section in ("Source and rights", "What is missing"):
        go_to(page, section)
        found += problems(page, axe_source, section)
    saved(page)
    page.goto(address)
    assert found == []


@pytest.mark.parametrize("viewport", [PHONE, TABLET, DESKTOP], ids=["phone", "tablet", "desktop"])
def test_three_hundred_codes_are_found_by_name_by_keyboard_and_fit_the_screen(
    place: Server, somebody: Somebody, axe_source: str, viewport: dict[str, int]
) -> None:
    page = somebody(viewport=viewport)
    slug = f"large-{viewport['width']}"
    address = uploaded(page, place, {**document(), "slug": slug})
    page.goto(f"{address}/design")
    go_to(page, "Stream 1")
    expect(page.locator(".row")).to_have_count(100)
    page.get_by_label("Find a code").focus()
    page.keyboard.type("C077")
    page.keyboard.press("Enter")
    expect(page.locator(":focus")).to_have_value("Behaviour 77")
    found = problems(page, axe_source, "stream")

    go_to(page, "Links")
    page.get_by_role("button", name="Add a link").click()
    page.get_by_role("button", name=re.compile("^Choose.*From$")).focus()
    page.keyboard.press("Enter")
    expect(page.get_by_label("Find in: From")).to_be_focused()
    page.keyboard.type("S2C09")
    expect(page.locator(".design-several__list .design-chip")).to_have_count(10)
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    found += problems(page, axe_source, "links")
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name=re.compile("^Choose.*1 of 300.*From$"))).to_be_focused()
    saved(page)
    assert draft(page, address)["links"][0]["from_codes"] == ["S2C090"]
    expect(page.get_by_text("does not say what answers")).to_be_visible()
    assert len(page.request.get(f"{address}/draft").json()["findings"]) > 300  # one fault hides no other

    go_to(page, "Evidence for")
    page.get_by_role("button", name="Add a construct").click()
    page.get_by_label("Find a behaviour").fill("behaviour 77")
    expect(page.locator(".matrix__cell")).to_have_count(3)
    page.locator(".matrix__cell").first.click()
    found += problems(page, axe_source, "matrix")
    go_to(page, "What is missing")
    page.locator(".finding__many summary").first.click()
    found += problems(page, axe_source, "missing")
    saved(page)
    page.goto(address)
    assert found == []


def uploaded(page: Page, place: Server, made: dict[str, Any]) -> str:
    """A framework from a file; its address."""
    page.goto(f"{place.url}/studies/demo/frameworks/new")
    section = page.get_by_role("region", name="From a document or spreadsheet")
    section.get_by_label("Document").set_input_files(
        {"name": "large.json", "mimeType": "application/json", "buffer": json.dumps(made).encode()}
    )
    section.get_by_role("button", name="Upload").click()
    expect(page.get_by_role("heading", name=made["title"], exact=True)).to_be_visible()
    return f"{place.url}/studies/demo/frameworks/{made['slug']}"


def problems(page: Page, axe_source: str, where: str) -> list[str]:
    """What axe finds, and whether anything stands out to the side."""
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return [f"{where}: {each}" for each in violations(page, axe_source)] + (
        [f"{where}: {wide} px too wide"] if wide > 0 else []
    )
