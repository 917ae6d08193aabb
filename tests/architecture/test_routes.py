"""Every route names the action it needs; and nobody gets through one that is not for them."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from flask import Flask
from werkzeug.routing import Rule

from observe.core.access import MAY, OWN, Role, may
from tests.factories.frameworks import a_framework

OPEN = {
    "static": "styles, icons and the client",
    "assets.static": "the built client",
    "account.sign_in": "whoever is not signed in yet",
    "account.check_password": "whoever is not signed in yet",
    "account.second_step": "checks for the half of a sign-in itself",
    "account.check_code": "checks for the half of a sign-in itself",
    "account.welcome": "by a one-time invitation",
    "account.accept": "by a one-time invitation",
    "api.hello": "says the time",
    "api.openapi": "says what the API is",
    "api.enrol": "by a one-time code",
    "api.pull": "by a device's token",
    "api.material": "by a device's token",
    "api.sync": "by a device's token",
    "api.attach": "by a device's token",
    "pwa.manifest": "says what the app is called",
    "pwa.service_worker": "the client's worker",
    "recorder.show": "the shell of the recorder: it holds nobody's data, and works for whoever has an enrolled tablet",
    "recorder.enrol": "the shell of the recorder, which asks for a code",
}
"""routes for everybody, each with the reason"""

WHERE_THERE_IS_ONE = {
    "framework_slug": "pauses", "number": "1", "form": "json", "ready_made": "copus", "filename": "css/site.css", "token": "x",
    "path": "x", "name": "x",
}  # fmt: skip


def rules(app: Flask) -> Iterator[tuple[Rule, str]]:
    """Each rule with each of its methods that a view answers."""
    for rule in app.url_map.iter_rules():
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield rule, method


def action_of(app: Flask, rule: Rule) -> str | None:
    return getattr(app.view_functions[rule.endpoint], "needs", None)


def address(rule: Rule, slug: str, person_id: int) -> str:
    """An address of this rule, of things that are there where a test has made them."""
    values = {**WHERE_THERE_IS_ONE, "slug": slug, "person_id": str(person_id)}

    def value(found: re.Match[str]) -> str:
        return values.get(found[2], "1" if found[1] == "int:" else "0195f0a0-0000-7000-8000-000000000000")

    return re.sub(r"<([^:<>]+:)?(\w+)>", value, rule.rule)


def test_every_route_names_its_action_or_stands_in_the_list_of_open_ones(app):
    nameless = sorted(
        f"{method} {rule.rule} ({rule.endpoint})"
        for rule, method in rules(app)
        if action_of(app, rule) is None or (action_of(app, rule) == "open") != (rule.endpoint in OPEN)
    )

    assert nameless == []


def test_every_action_that_a_route_names_is_in_the_table(app):
    named = {action_of(app, rule) for rule, _ in rules(app)} - {None, "open", "signed-in"}

    assert named <= set(MAY) | OWN


def test_every_page_of_a_study_says_so_in_its_address(app):
    outside = {
        rule.rule
        for rule, _ in rules(app)
        if (action_of(app, rule) or "").partition(".")[0]
        in {
            "study",
            "member",
            "subject",
            "setting",
            "device",
            "framework",
            "session",
            "analysis",
            "pattern",
            "export",
        }
        and "<slug>" not in rule.rule
    }

    assert outside - {"/server/studies"} == set()


def test_nobody_gets_into_a_route_that_is_not_open(app, client, cast):
    let_in = []
    for rule, method in rules(app):
        if rule.endpoint in OPEN:
            continue
        answer = client.open(address(rule, "lectures", cast.owen.id), method=method)
        if answer.status_code != 401 and not (
            answer.status_code == 302 and answer.headers["Location"].startswith("/sign-in")
        ):
            let_in.append(f"{method} {rule.rule}: {answer.status_code}")

    assert let_in == []


@pytest.mark.parametrize("slug", ["lectures", "no-such-study"])
def test_somebody_of_another_study_finds_nothing(app, client, cast, slug):
    nemo = client.as_(cast.nemo)
    found = [
        f"{method} {rule.rule}: {status}"
        for rule, method in rules(app)
        if "<slug>" in rule.rule and rule.endpoint not in OPEN
        for status in [nemo.open(address(rule, slug, cast.owen.id), method=method).status_code]
        if status != 404
    ]

    assert found == []


def test_running_the_server_lets_nobody_into_a_study(app, client, cast):
    ada = client.as_(cast.ada)
    found = [
        rule.rule
        for rule, method in rules(app)
        if "<slug>" in rule.rule and rule.endpoint not in OPEN
        if ada.open(address(rule, "lectures", cast.owen.id), method=method).status_code != 404
    ]

    assert found == []


@pytest.mark.parametrize("who", ["owen", "sadia", "rhys", "anya", "ada"])
def test_each_role_is_refused_what_the_table_does_not_give_it(app, client, cast, who, db, clock):
    a_framework(db, cast, clock())
    person = getattr(cast, who)
    role = {
        "owen": Role.OBSERVER, "sadia": Role.SUPERVISOR, "rhys": Role.REVIEWER, "anya": Role.ANALYST, "ada": Role.ADMIN,
    }[who]  # fmt: skip
    wrong = []
    for rule, method in rules(app):
        action = action_of(app, rule)
        in_study = "<slug>" in rule.rule
        if action in {None, "open", "signed-in"} or action in OWN or in_study == (role is Role.ADMIN):
            continue
        allowed = may(frozenset({role}) if in_study or role is Role.ADMIN else frozenset(), action)
        status = client.as_(person).open(address(rule, "lectures", cast.nemo.id), method=method).status_code
        if (status == 403) == allowed or status >= 500:
            wrong.append(f"{method} {rule.rule} needs {action}: {status}")

    assert wrong == []
