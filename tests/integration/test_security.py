"""What strangers try: other people's forms, scripts in names, huge bodies, and reading the logs."""

from __future__ import annotations

import logging
import re

import pytest

from observe.actions import frameworks, people, studies
from observe.actions.limits import Limits
from observe.web.guard import OPEN
from tests.architecture.test_routes import address, rules
from tests.factories.frameworks import a_document, a_framework
from tests.factories.people import PASSWORD

PAYLOADS = (
    "<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{{ 7*7 }}", "</title><svg/onload=alert(1)>", "=1+1\r\nSet-Cookie: a=b",
)  # fmt: skip


def may_ask(endpoint: str) -> str:
    """Only the recorder may ask for the tablet's place; a page of the server never."""
    return "geolocation=(self)" if endpoint == "recorder.show" else "geolocation=()"


def test_every_route_carries_the_headers(app, client, cast):
    sadia = client.as_(cast.sadia)
    missing = []
    for rule, method in rules(app):
        answer = sadia.open(address(rule, "lectures", cast.owen.id), method=method)
        policy = answer.headers.get("Content-Security-Policy", "")
        wanted = {
            "default-src": "default-src 'self'" in policy or "default-src 'none'" in policy,
            "worker-src 'self'": "worker-src 'self'" in policy,
            "no inline": "unsafe-inline" not in policy and "unsafe-eval" not in policy,
            "framed by nobody else": "frame-ancestors 'none'" in policy or "frame-ancestors 'self'" in policy,
            "nosniff": answer.headers.get("X-Content-Type-Options") == "nosniff",
            "referrer": answer.headers.get("Referrer-Policy") in {"no-referrer", "same-origin"},
            "permissions": may_ask(rule.endpoint) in answer.headers.get("Permissions-Policy", ""),
        }
        if getattr(app.view_functions[rule.endpoint], "needs", OPEN) != OPEN:
            wanted["no-store"] = answer.headers.get("Cache-Control") == "no-store"
        missing += [f"{method} {rule.rule}: {name}" for name, there in wanted.items() if not there]

    assert missing == []


def test_a_page_that_is_not_there_carries_them_too(client):
    answer = client.get("/no-such-page")

    assert answer.status_code == 404
    assert "default-src 'self'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Cache-Control"] == "no-store"


def test_each_answer_has_a_nonce_of_its_own(client):
    nonces = {
        re.search(r"'nonce-([^']+)'", client.get("/sign-in").headers["Content-Security-Policy"])[1]
        for _ in range(3)
    }

    assert len(nonces) == 3


def test_pages_have_no_inline_script_style_or_handler(app, client, cast, db, clock):
    a_framework(db, cast, clock())
    sadia, ada, wrong = client.as_(cast.sadia), client.as_(cast.ada), []
    for rule, method in rules(app):
        if method != "GET":
            continue
        for who in (sadia, ada):
            answer = who.get(address(rule, "lectures", cast.owen.id))
            if answer.mimetype == "text/html" and re.search(
                r"<[^>]+\s(style|on\w+)=|<style(?![^>]*nonce)|<script(?![^>]*(src|nonce|type=\"application/json))|javascript:",
                answer.text,
            ):
                wrong.append(rule.rule)

    assert wrong == []


class TestForms:
    @pytest.fixture
    def settings(self):
        return {"WTF_CSRF_ENABLED": True}

    def test_every_form_needs_its_token(self, app, client, cast):
        sadia, taken = client.as_(cast.sadia), []
        for rule, method in rules(app):
            if method == "GET" or rule.endpoint.startswith("api."):
                continue
            answer = sadia.open(address(rule, "lectures", cast.owen.id), method=method)
            if answer.status_code != 400 or "form" not in answer.text.lower():
                taken.append(f"{method} {rule.rule}: {answer.status_code}")

        assert taken == []

    def test_a_form_of_our_own_is_taken(self, client):
        page = client.get("/sign-in").text
        token = re.search(r'name="csrf_token" value="([^"]+)"', page)[1]

        answer = client.post(
            "/sign-in", data={"csrf_token": token, "email": "owen@example.org", "password": PASSWORD}
        )

        assert answer.status_code == 303

    def test_over_https_a_form_sent_from_another_site_is_refused(self, client):
        there = {"base_url": "https://observe.example"}
        token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/sign-in", **there).text)[1]
        data = {"csrf_token": token, "email": "owen@example.org", "password": PASSWORD}

        theirs = client.post("/sign-in", data=data, headers={"Referer": "https://evil.example/"}, **there)
        ours = client.post("/sign-in", data=data, headers={"Referer": "https://observe.example/sign-in"}, **there)

        assert (theirs.status_code, ours.status_code) == (400, 303)


@pytest.mark.parametrize("payload", PAYLOADS)
def test_what_people_type_is_text_on_every_page(app, client, cast, db, clock, payload):
    now = clock()
    words = payload.replace("\r\n", " ")
    people.invite(db, cast.ada, words, "x@example.org", limits=Limits(), now=now)
    subject = studies.add_subject(db, cast.sadia, cast.study, words, attributes={words: words}, now=now)
    setting = studies.add_setting(db, cast.sadia, cast.study, words, words, now=now)
    studies.edit(db, cast.sadia, cast.study, words, words, now=now)
    document = a_document(title=words, purpose=words, attend_to=[words])
    document["streams"][0]["codes"][0]["label"] = words
    document["streams"][0]["codes"][0]["definition"] = words
    a = frameworks.begin(
        db, cast.sadia, cast.study, frameworks.must_be_read(frameworks.schema.load(document)), now=now
    )
    frameworks.publish(db, cast.sadia, cast.study, a.slug, revision=1, now=now)
    shown = 0
    for who in (client.as_(cast.sadia), client.as_(cast.ada)):
        for rule, method in rules(app):
            if method != "GET" or rule.endpoint in {"static"}:
                continue
            for named in (subject.id, setting.id):
                place = address(rule, "lectures", cast.owen.id).replace(
                    "0195f0a0-0000-7000-8000-000000000000", named
                )
                answer = who.get(place)
                if answer.mimetype == "text/html":
                    assert "<script>alert" not in answer.text and "<img src=x" not in answer.text, place
                    assert "<svg/onload" not in answer.text and ">49<" not in answer.text, place
                    shown += answer.text.count("alert(1)") + answer.text.count("7*7") + answer.text.count("1+1")

    assert shown > 20


def test_a_line_break_in_an_address_cannot_make_a_header(client):
    answer = client.get("/sign-in?to=/x%0d%0aSet-Cookie:%20planted=1")

    assert "planted" not in str(answer.headers)


def test_a_body_that_is_too_large_is_refused_with_words(client, cast, app):
    answer = client.as_(cast.sadia).post(
        "/studies/lectures/settings/", data={"label": "x", "note": "y" * (app.config["MAX_BODY"] + 1)}
    )

    assert answer.status_code == 413
    assert "This is larger than the server takes at once." in answer.text


@pytest.mark.parametrize(
    "place", ["/server/people/99999999999999999999/invite", "/studies/lectures/members/9223372036854775808"]
)
def test_a_number_beyond_what_databases_hold_names_nothing(client, cast, place):
    who = cast.ada if place.startswith("/server") else cast.sadia

    assert client.as_(who).post(place).status_code == 404


def test_a_huge_number_in_a_query_is_no_fault_of_the_server(client, cast):
    assert client.as_(cast.sadia).get("/studies/lectures/audit?before=99999999999999999999").status_code == 200


@pytest.mark.parametrize("label", ["nul\x00byte", "\ud800", "‮gnirts", "x" * 200_000, "🙂" * 50])
def test_odd_characters_are_kept_or_refused_but_never_a_fault(client, cast, label):
    data = {"label": label.encode("utf-8", "surrogatepass"), "note": ""}

    assert client.as_(cast.sadia).post("/studies/lectures/settings/", data=data).status_code in {
        200,
        303,
        400,
        422,
    }


class TestLogs:
    def test_hold_no_password_token_name_or_address(self, client, cast, caplog, db, clock):
        caplog.set_level(logging.DEBUG)
        token = people.invite(
            db, cast.ada, "Canary Name", "canary@example.org", limits=Limits(), now=clock()
        ).token
        client.get(f"/welcome/{token}")
        client.post("/sign-in", data={"email": "canary@example.org", "password": "canary password"})
        client.get("/sign-in?to=/canary-query")
        client.get("/canary-path")
        sadia = client.as_(cast.sadia)
        sadia.post("/studies/lectures/subjects/new", data={"pseudonym": "canary pseudonym", "consent": "given"})
        sadia.post("/studies/lectures/devices/enrol", headers={"User-Agent": "canary agent"})

        written = "\n".join(record.getMessage() for record in caplog.records if record.name.startswith("observe"))
        assert written.count("\n") == 5
        for canary in ("anary", token, "Owen", "Sadia", "lectures"):
            assert canary not in written

    def test_an_unforeseen_fault_is_logged_without_its_words_and_told_without_its_inside(
        self, app, client, caplog
    ):
        @app.get("/broken")
        def broken():
            raise RuntimeError("canary: the secret of Owen")

        broken.needs = "open"
        app.config["PROPAGATE_EXCEPTIONS"] = False
        answer = client.get("/broken")

        assert answer.status_code == 500
        assert "Something went wrong on the server." in answer.text
        assert "canary" not in answer.text + caplog.text
        assert "RuntimeError at test_security.py" in caplog.text
        assert answer.headers["X-Request-Id"] in caplog.text

    def test_a_line_break_cannot_begin_an_entry_of_its_own(self):
        from observe.web.logs import OneLine

        record = logging.LogRecord("observe", logging.INFO, "", 0, "one\r\ntwo\u2028three\x1b[31m", (), None)

        assert OneLine("%(message)s").format(record) == "one\\u000d\\u000atwo\\u2028three\\u001b[31m"


class TestBehindAProxy:
    @pytest.fixture
    def settings(self):
        return {"BEHIND_PROXY": 1, "HTTPS": True}

    def test_plain_http_is_sent_to_https(self, client):
        answer = client.get("/sign-in?to=/x", base_url="http://observe.example")

        assert answer.status_code == 308
        assert answer.headers["Location"] == "https://observe.example/sign-in?to=/x"

    def test_https_that_ends_at_the_proxy_is_https(self, client):
        answer = client.get("/sign-in", headers={"X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.9"})

        assert answer.status_code == 200
        assert answer.headers["Strict-Transport-Security"].startswith("max-age=31536000")

    def test_attempts_count_for_the_address_that_the_proxy_names(self, client):
        proxied = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.9"}
        for number in range(31):
            last = client.post(
                "/sign-in", data={"email": f"{number}@example.org", "password": "x"}, headers=proxied
            )
        other = client.post(
            "/sign-in",
            data={"email": "99@example.org", "password": "x"},
            headers={**proxied, "X-Forwarded-For": "203.0.113.10"},
        )

        assert (last.status_code, other.status_code) == (429, 401)


def test_without_a_proxy_nobody_can_say_where_they_come_from(client):
    for number in range(31):
        last = client.post(
            "/sign-in",
            data={"email": f"{number}@example.org", "password": "x"},
            headers={"X-Forwarded-For": f"203.0.113.{number}"},
        )

    assert last.status_code == 429


class TestHosts:
    @pytest.fixture
    def settings(self):
        return {"HOSTS": ("observe.example",)}

    def test_another_host_name_is_refused(self, client):
        assert client.get("/sign-in", base_url="http://evil.example").status_code == 400
        assert client.get("/sign-in", base_url="http://observe.example").status_code == 200


def test_only_public_folders_of_static_are_served(client):
    assert client.get("/static/css/site.css").status_code == 200
    for name in (
        "package.json",
        "src/core/events.ts",
        "node_modules/axe-core/axe.min.js",
        "css/../package.json",
        "css/%2e%2e/package.json",
    ):
        assert client.get(f"/static/{name}").status_code == 404
