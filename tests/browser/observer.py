"""An observer in a test: touches the real recorder at exact moments of a clock that the test moves."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, Page, expect

from frameworks import library
from frameworks.convert.documents import from_yaml
from frameworks.model import Framework
from frameworks.schema import framework_of
from observe.core.coding.events import event_of
from observe.core.coding.timeline import as_json, timeline
from tests.browser.conftest import ROOT, Server

STAND_INS = ROOT / "tests" / "unit" / "acceptance"
OWN = ROOT / "tests" / "browser" / "instruments"
GOLDEN = ROOT / "tests" / "golden" / "instruments"

PUBLISH = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from config import from_environment
from observe.actions import frameworks
from observe.actions.doing import Console
from observe.app import create_app
from observe.extensions import db
from observe.store import frameworks as kept, studies
app, now = create_app(from_environment()), datetime.now(UTC)
with app.app_context():
    session, console = db.session(), Console()
    study = studies.by_slug(session, "demo")
    for word in sys.argv[1:]:
        if word.endswith(".yaml"):
            made = frameworks.begin_from_file(session, console, study, Path(word).read_bytes(), now=now).framework
        elif kept.by_slug(session, study.id, word):
            continue
        else:
            made = frameworks.begin_ready_made(session, console, study, word, now=now)
        frameworks.publish(session, console, study, made.slug, revision=made.revision, now=now)
"""

LATEST = """
() => new Promise((resolve, reject) => {
  const opening = indexedDB.open("observe");
  opening.onerror = () => reject(opening.error);
  opening.onsuccess = () => {
    const database = opening.result;
    const reading = database.transaction(["sessions", "events"]);
    const sessions = reading.objectStore("sessions").getAll();
    const events = reading.objectStore("events").getAll();
    reading.onerror = () => reject(reading.error);
    reading.oncomplete = () => {
      database.close();
      const last = sessions.result.map((row) => row.header).sort((one, other) => (one.id < other.id ? -1 : 1)).at(-1);
      resolve({ header: last, events: events.result.filter((row) => row.session === last.id).map((row) => JSON.parse(row.text)) });
    };
  };
})
"""

FAST_MS = 3_000
SETTLE_MS = 600


def publish(server: Server, words: list[str]) -> None:
    """Ready-made frameworks by slug, and documents by path, as published versions of the demo study."""
    done = subprocess.run(
        [sys.executable, "-c", PUBLISH, *words],
        cwd=ROOT,
        env=server.env,
        capture_output=True,
        text=True,
        timeout=180,
    )
    assert done.returncode == 0, done.stderr


def document(name: str) -> Framework:
    """The framework of this name: ready-made, a stand-in of the acceptance set, or made for these tests."""
    if name in library.slugs():
        return framework_of(library.document(name))
    folder = OWN if (OWN / f"{name}.yaml").exists() else STAND_INS
    loaded = from_yaml((folder / f"{name}.yaml").read_bytes())
    assert loaded.framework is not None, loaded.findings
    return loaded.framework


def path_of(name: str) -> str:
    """What `publish` wants to be told of it."""
    if name in library.slugs():
        return name
    folder = OWN if (OWN / f"{name}.yaml").exists() else STAND_INS
    return str(folder / f"{name}.yaml")


@dataclass
class Observer:
    """One session on one page; times are those of the session, in ms."""

    page: Page
    framework: Framework
    now: int = 0
    header: dict[str, Any] = field(default_factory=dict)

    def begin(
        self,
        people: tuple[str, ...] = (),
        choices: dict[str, str] | None = None,
        roles: dict[str, str] | None = None,
        *,
        purpose: str = "",
        before: Callable[[], None] = lambda: None,
    ) -> None:
        """From the start page to the pad; the clock then stands still at 0."""
        page = self.page
        expect(page.get_by_role("button", name=str(self.framework.title)).first).to_be_visible()
        if page.get_by_label("Who observes?").count():
            page.get_by_label("Who observes?").select_option(label="Owen")
        page.get_by_role("button", name=str(self.framework.title)).first.click()
        expect(page.get_by_role("button", name="Start recording")).to_be_visible()
        if purpose:
            page.get_by_role("button", name=purpose).click()
        before()
        for person in people:
            page.get_by_label("Someone new").fill(person)
            page.get_by_role("button", name="Add", exact=True).click()
        for person, role in (roles or {}).items():
            page.get_by_label(f"{person} is seen as").select_option(label=role)
        for label, option in (choices or {}).items():
            page.get_by_role("group", name=label).get_by_role("button", name=option, exact=True).click()
        expect(page.get_by_role("button", name="Start recording")).to_be_enabled()
        page.clock.pause_at(page.evaluate("() => Date.now()") / 1000 + 5)
        page.get_by_role("button", name="Start recording").click()
        expect(page.get_by_role("button", name="Finish")).to_be_visible()
        page.clock.run_for(SETTLE_MS)
        self.now = SETTLE_MS

    def at(self, ms: int) -> None:
        """Let time pass until this moment; long waits in one leap, but for the last seconds."""
        left = ms - self.now
        assert left >= 0, f"{ms} is over"
        if left > FAST_MS:
            self.page.clock.fast_forward(left - 1_000)
            left = 1_000
        if left:
            self.page.clock.run_for(left)
        self.now = ms

    def key(self, code: str) -> Locator:
        return self.page.locator(f'[data-code="{code}"]')

    def tap(self, *codes: str) -> None:
        """Fingers on buttons of the pad, at this very moment."""
        for code in codes:
            self.find(code)
            self.key(code).tap()

    def find(self, code: str) -> None:
        """The page of the pad that holds this code, as an observer leafs to it."""
        tabs = self.page.get_by_role("tab").all()
        for tab in [None, *tabs]:
            if tab is not None:
                tab.tap()
            if self.key(code).count():
                return
        raise AssertionError(f"no button for {code}")

    def press(self, name: str, inside: str = "") -> None:
        """A button by its words."""
        where: Page | Locator = self.page.get_by_role("group", name=inside).first if inside else self.page
        where.get_by_role("button", name=name, exact=True).first.tap()

    def who(self, name: str) -> None:
        """A tile."""
        self.page.get_by_role("group", name="Who is observed").get_by_role(
            "button", name=re.compile(rf"^{re.escape(name)}\b")
        ).first.tap()

    def tab(self, name: str) -> None:
        """A page of the pad."""
        self.page.get_by_role("tab", name=name).first.tap()
        self.page.clock.run_for(50)
        self.now += 50

    def judge(self, stream: str) -> None:
        """The page of judgements of this stream, by label or id."""
        known = next(each for each in self.framework.streams if stream in (each.id, str(each.label)))
        self.tab(str(known.label))

    def count(self, cell: str) -> None:
        """One person more (or less) in a cell of the counting table."""
        self.page.get_by_role("button", name=re.compile(rf"^{re.escape(cell)}\b")).first.tap()

    def details(self, **chosen: str) -> None:
        """More about the last tap, on the sheet that asked; then Done."""
        self.page.clock.run_for(50)
        self.now += 50
        for label, option in chosen.items():
            self.page.get_by_role("group", name=label).get_by_role("button", name=option).first.tap()
        self.leave_details()

    def leave_details(self) -> None:
        """Close whatever sheet of details is open."""
        done = self.page.get_by_role("button", name="Done", exact=True)
        if done.count():
            done.first.tap()

    def write(self, words: str) -> None:
        """The note that a code asks for."""
        self.page.get_by_role("textbox").first.fill(words)
        self.page.get_by_role("button", name="Save", exact=True).first.tap()

    def meet(self, pseudonym: str) -> None:
        """Someone whom nobody expected."""
        self.page.get_by_role("button", name="Someone new").first.tap()
        self.page.get_by_role("textbox").first.fill(pseudonym)
        self.page.get_by_role("button", name="Add", exact=True).first.tap()

    def label(self, rating: str) -> str:
        """The words of a rating."""
        return next(str(each.label) for _, each in self.framework.ratings() if each.id == rating)

    def actor(self, name: str) -> str:
        return next(str(each.label) for each in self.framework.actors if each.id == name)

    def asked(self) -> str:
        return str(self.framework.modifiers[0].label)

    def option(self, place: int) -> str:
        return str(self.framework.modifiers[0].options[place].label)

    def rate(self, rating: str, value: str) -> None:
        """A value of a judgement, by the words on its button."""
        self.page.get_by_role("group", name=rating).get_by_role(
            "button", name=re.compile(rf"^{re.escape(value)}(\D|$)")
        ).first.tap()

    def finish(self) -> None:
        """Hold to finish; then time goes on by itself."""
        page = self.page
        page.get_by_role("button", name="Finish").first.tap()
        page.clock.run_for(200)
        hold = page.get_by_role("button", name="Hold to finish")
        box = hold.bounding_box()
        assert box
        page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        page.mouse.down()
        page.clock.run_for(1_600)
        page.mouse.up()
        page.clock.resume()
        expect(
            page.get_by_role("heading", name="Session summary").or_(
                page.get_by_role("button", name="To the start")
            )
        ).to_be_visible()

    def log(self) -> dict[str, Any]:
        """Header and events as they are on the tablet's disk."""
        return dict(self.page.evaluate(LATEST))

    def record(self) -> dict[str, Any]:
        """The coded record of the session as Python derives it; ids replaced by what they stand for."""
        kept = self.log()
        record = as_json(timeline(self.framework, kept["header"], [event_of(row) for row in kept["events"]]))
        deeds = [row["id"] for row in kept["events"] if row["kind"] != "clock"]
        names = {deed: f"#{place}" for place, deed in enumerate(deeds, start=1)}
        names |= {
            row["subject"]: row["pseudonym"]
            for row in kept["events"]
            if row["kind"] == "arrive" and row.get("pseudonym")
        }
        text = json.dumps(record)
        for name, meant in names.items():
            text = text.replace(name, meant)
        return {
            name: [compact(each) for each in items] if isinstance(items, list) else items
            for name, items in json.loads(text).items()
            if items not in ([], {}, None)
        }


def compact(value: Any) -> Any:
    """Without what says nothing, as in the vectors."""
    if not isinstance(value, dict):
        return value
    return {
        name: item for name, item in value.items() if not (item is None or item is False or item in ("", [], {}))
    }


def golden(name: str, record: dict[str, Any]) -> None:
    """Holds a record to its file; with OBSERVE_WRITE_GOLDEN set, writes it for a person to read through."""
    path: Path = GOLDEN / f"{name}.json"
    text = "{\n" + ",\n".join(f" {json.dumps(key)}: " + listed(items) for key, items in record.items()) + "\n}\n"
    if os.environ.get("OBSERVE_WRITE_GOLDEN"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert record == json.loads(path.read_text(encoding="utf-8"))


def listed(items: Any) -> str:
    """One line for each entry, so that a change can be read."""
    if not isinstance(items, list):
        return json.dumps(items, ensure_ascii=False)
    return "[\n  " + ",\n  ".join(json.dumps(each, ensure_ascii=False) for each in items) + "\n ]"
