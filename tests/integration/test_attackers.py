"""What somebody with bad intent tries on the whole server: words as markup, bombs, borrowed cookies, and reading the logs."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import logging
import time
import tracemalloc
import zipfile
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session
from werkzeug.routing import Rule

from observe.actions import devices, people
from observe.actions.doing import Console
from observe.actions.limits import Limits
from observe.web.guard import OPEN
from tests.architecture.test_routes import WHERE_THERE_IS_ONE, action_of, rules
from tests.conftest import Client, FakeClock
from tests.factories.field import a_field
from tests.factories.hostile import CANARY, PAYLOADS, plant
from tests.factories.people import PASSWORD, Cast
from tests.factories.uploads import envelope, event, some_id

WHO = ("owen", "sadia", "rhys", "anya", "ada", "nemo", None)
MOST_SECONDS = 5.0
MOST_MEMORY = 150_000_000


class Skeleton(HTMLParser):
    """What a page is made of: names of elements and attributes, and the attributes that are addresses."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.names: set[str] = set()
        self.addresses: set[str] = set()
        self.scripts: list[str] = []
        self.text: list[str] = []
        self.inside = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.inside = tag
        self.names |= {tag, *(f"{tag}[{name}]" for name, _ in attributes)}
        self.addresses |= {
            value or "" for name, value in attributes if name in {"href", "src", "action", "formaction", "data"}
        }
        self.text += [value or "" for name, value in attributes if name in {"value", "aria-label", "title"}]

    def handle_endtag(self, tag: str) -> None:
        self.inside = ""

    def handle_data(self, data: str) -> None:
        (self.scripts if self.inside in {"script", "style"} else self.text).append(data)

    def handle_comment(self, data: str) -> None:
        self.names.add(f"comment {data[:20]}")


def place(rule: Rule, found: dict[str, Any]) -> str:
    """An address of this rule, of what was planted."""
    values = {
        **WHERE_THERE_IS_ONE,
        "slug": "lectures",
        "framework_slug": "fill-plus",
        "which": "1",
        "table_name": "events",
    }
    values |= {"subject_id": found["subject"], "setting_id": found["setting"], "session_id": found["session"]}
    values |= {"reason": "device.revoked", "old": "1", "new": "1", "other": "1", "what": "submit"}
    address = rule.rule
    for name in rule.arguments:
        address = address.replace(f"<{name}>", values.get(name, "1"))
        for kind in ("int:", "any(json, yaml):", "path:"):
            address = address.replace(f"<{kind}{name}>", values.get(name, "1"))
    return address


def is_drawn(rule: Rule) -> bool:
    """Not files: those have tests of their own, and PDF takes a second each."""
    return not rule.endpoint.endswith(("static", "pdf", "dossier", "dataset", "service_worker"))


@pytest.mark.parametrize("kind", PAYLOADS)
def test_whatever_people_and_tablets_write_is_text_on_every_page(
    app: Flask, client: Client, cast: Cast, db: Session, clock: FakeClock, kind: str
) -> None:
    words = PAYLOADS[kind]
    found = plant(db, cast, words, clock())
    shown, pages = 0, 0
    for who in (client.as_(cast.sadia), client.as_(cast.owen), client.as_(cast.ada)):
        for rule in (rule for rule, method in rules(app) if method == "GET" and is_drawn(rule)):
            answer = who.get(place(rule, found))
            assert answer.status_code < 500, rule.rule
            if answer.mimetype != "text/html":
                continue
            page = Skeleton(answer.text)
            assert not [name for name in page.names if CANARY in name], rule.rule
            assert not [
                each for each in page.addresses if each.lower().startswith(("javascript:", "data:text"))
            ], rule.rule
            assert not [each for each in page.scripts if "</script" in each.lower()], rule.rule
            assert "1337" + CANARY not in answer.text, rule.rule
            assert "default-src 'self'" in answer.headers["Content-Security-Policy"] or rule.endpoint.startswith(
                "recorder"
            )
            pages += 1
            shown += any(CANARY in each for each in page.text)

    assert pages > 60
    assert shown > 25


def test_every_answer_to_everybody_carries_the_headers(
    app: Flask, client: Client, cast: Cast, db: Session, clock: FakeClock
) -> None:
    found = plant(db, cast, "plain words", clock())
    missing = []
    for name in WHO:
        browser = client.as_(getattr(cast, name) if name else None)
        for rule, method in rules(app):
            answer = browser.open(place(rule, found), method=method)
            policy = answer.headers.get("Content-Security-Policy", "")
            wanted = {
                "policy": policy.startswith(("default-src 'self'", "default-src 'none'")),
                "no inline": "unsafe" not in policy,
                "frames": "frame-ancestors 'none'" in policy or "frame-ancestors 'self'" in policy,
                "nosniff": answer.headers.get("X-Content-Type-Options") == "nosniff",
                "no fault": answer.status_code < 500 or answer.status_code == 503,
                "no-store": action_of(app, rule) == OPEN or answer.headers.get("Cache-Control") == "no-store",
            }
            missing += [f"{name} {method} {rule.rule}: {what}" for what, there in wanted.items() if not there]

    assert missing == []


def send(client: Client, body: dict[str, Any], token: str) -> Any:
    """One sync request as a tablet makes it."""
    data = json.dumps(body).encode()
    mark = base64.b64encode(hashlib.sha256(data).digest()).decode()
    headers = {"Authorization": f"Bearer {token}", "Content-Digest": f"sha-256=:{mark}:"}
    return client.post("/api/v1/sync", data=data, headers=headers, content_type="application/json")


@pytest.fixture
def body(db: Session, cast: Cast, clock: FakeClock) -> dict[str, Any]:
    field = a_field(db, cast.study, cast.owen, clock())
    session = some_id("borrowed")
    return envelope((field.header(session), [event(session, 1, "open", 0)]))


class TestTheApiWithABorrowedCookie:
    def test_a_sign_in_of_the_site_opens_nothing(self, client: Client, cast: Cast, body: dict[str, Any]) -> None:
        sadia = client.as_(cast.sadia)

        assert sadia.post("/api/v1/sync", json=body).status_code == 401
        assert sadia.get("/api/v1/pull").status_code == 401

    @pytest.mark.parametrize(
        "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"]
    )
    def test_what_a_form_of_another_site_could_send_is_refused(
        self, client: Client, body: dict[str, Any], kind: str
    ) -> None:
        answer = client.post(
            "/api/v1/sync",
            data=json.dumps(body),
            content_type=kind,
            headers={"Authorization": "Bearer lectures tablet"},
        )

        assert answer.status_code == 415

    def test_a_token_in_the_address_is_no_token(self, client: Client, body: dict[str, Any]) -> None:
        assert client.post("/api/v1/sync?token=lectures+tablet", json=body).status_code == 401


def zipped(**files: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name.replace("__", "/"), content)
    return made.getvalue()


def a_spreadsheet_bomb() -> bytes:
    """A sheet of 300 MB in 300 kB."""
    return zipped(
        **{
            "[Content_Types].xml": b"<Types/>",
            "xl__workbook.xml": b"<workbook/>",
            "xl__worksheets__sheet1.xml": b"<c>" * 100_000_000,
        }
    )


def aliases_of_aliases() -> bytes:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{k}: &a{k} [{', '.join([f'*a{k - 1}'] * 9)}]" for k in range(1, 12)]
    return "\n".join(lines).encode()


BOMBS: dict[str, Callable[[], bytes]] = {
    "deep JSON": lambda: b"[" * 2_000_000,
    "deep JSON of objects": lambda: b'{"a":' * 700_000 + b"1" + b"}" * 700_000,
    "a number without end": lambda: b'{"schema": ' + b"9" * 3_000_000 + b"}",
    "aliases of aliases": aliases_of_aliases,
    "deep YAML": lambda: b"- " * 1_000_000,
    "deep flow YAML": lambda: b"schema: " + b"[" * 1_000_000,
    "a workbook that unpacks to 300 MB": a_spreadsheet_bomb,
    "a thousand files in one": lambda: zipped(**{f"file{k}.csv": b"a" for k in range(2_000)}),
    "columns without end": lambda: b"kind," * 700_000,
    "one cell of four million": lambda: b'kind,id\r\n"' + b"x" * 4_000_000,
    "nothing but zeros": lambda: bytes(4_000_000),
}


@pytest.mark.parametrize("bomb", BOMBS)
def test_a_file_made_to_exhaust_the_server_is_refused_in_little_time_and_memory(
    client: Client, cast: Cast, bomb: str
) -> None:
    data = BOMBS[bomb]()
    sadia = client.as_(cast.sadia)
    tracemalloc.start()
    begun = time.process_time()
    try:
        answer = sadia.post(
            "/studies/lectures/frameworks/new/file", data={"document": (io.BytesIO(data), "framework.txt")}
        )
        took, (_, most) = time.process_time() - begun, tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert answer.status_code in {200, 400, 413, 422}
    assert "cannot be saved yet" in answer.text or "is wrong with" in answer.text or answer.status_code == 413, (
        answer.text[-3000:]
    )
    assert took < MOST_SECONDS
    assert most < MOST_MEMORY


class TestSecretsInTheLogs:
    @pytest.fixture
    def written(self, caplog: pytest.LogCaptureFixture) -> Iterator[Callable[[], str]]:
        caplog.set_level(logging.DEBUG)
        yield lambda: "\n".join(
            record.getMessage() for record in caplog.records if not record.name.startswith("alembic")
        )

    def test_no_password_code_token_name_or_note_is_ever_written(
        self, client: Client, cast: Cast, db: Session, clock: FakeClock, written: Callable[[], str]
    ) -> None:
        now = clock()
        invited = people.invite(db, cast.ada, "Quillon Zaxby", "quillon@example.org", limits=Limits(), now=now)
        code = devices.offer(db, Console(), cast.study, limits=Limits(), now=now).words
        enrolled = client.post("/api/v1/enrol", json={"code": code, "label": "Wexcombe"}).get_json()
        token = enrolled["token"]
        field = a_field(db, cast.study, cast.owen, now)
        session = some_id("secret")
        sent = envelope((field.header(session), [event(session, 1, "note", 0, text="Jorvane was here")]))
        bearer = {"Authorization": f"Bearer {token}"}
        assert send(client, sent, token).status_code == 200
        client.post("/api/v1/sync", data=b"{Jorvane", headers=bearer, content_type="application/json")
        client.post("/api/v1/enrol", json={"code": code, "label": "Wexcombe"})
        client.get("/api/v1/pull", headers=bearer)
        client.post(
            f"/welcome/{invited.token}", data={"password": "mirthful zebra opal", "again": "mirthful zebra opal"}
        )
        client.post("/sign-in", data={"email": "owen@example.org", "password": PASSWORD})
        client.post("/sign-in", data={"email": "owen@example.org", "password": "wrong-canary-word"})
        client.get("/sign-in?to=/studies/lectures?token=canary-query")

        log = written()
        assert log.count("POST /api/v1/sync") == 2 and "POST /sign-in" in log
        canaries = ("Quillon", "Zaxby", "quillon@", code, token, invited.token, "Wexcombe", "Jorvane", "mirthful", PASSWORD, "wrong-canary", "canary-query", "Owen", "owen@")  # fmt: skip
        assert [canary for canary in canaries if canary in log] == []


def test_a_tablet_of_one_study_cannot_write_into_another(
    client: Client, cast: Cast, db: Session, clock: FakeClock, body: dict[str, Any]
) -> None:
    there = a_field(db, cast.other, cast.nemo, clock())
    session = some_id("foreign")
    foreign = envelope((there.header(session), [event(session, 1, "open", 0)]))

    answer = send(client, foreign, "lectures tablet")

    assert answer.status_code == 200
    assert client.as_(cast.nemo).get(f"/studies/elsewhere/sessions/{session}").status_code == 404
    db.rollback()
    asked = sa.text("SELECT held.study, reason FROM held JOIN logs ON logs.id = log WHERE session = :session")
    assert [tuple(row) for row in db.execute(asked, {"session": session})] == [(cast.study.id, "session.foreign")]
