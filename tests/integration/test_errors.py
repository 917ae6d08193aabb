"""Errors as people and as programs get them, and where they are written down."""

from __future__ import annotations

import importlib
import pkgutil
from pathlib import Path

import pytest

import observe
from observe.core.errors import ObserveError, catalogue
from observe.web.errors import STATUS, status_of

REFERENCE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "errors.md"


def kinds() -> list[type[ObserveError]]:
    """Of the whole program: a kind is known once its module is imported."""
    for found in pkgutil.walk_packages(observe.__path__, "observe."):
        importlib.import_module(found.name)
    return [kind for kind in catalogue() if kind.__module__.startswith("observe.")]


def test_each_code_names_one_kind_of_error():
    codes = [kind.code for kind in kinds()]

    assert sorted(set(codes)) == sorted(codes)


def test_each_kind_has_a_sentence_and_a_way_out():
    for kind in kinds():
        assert kind.sentence.endswith("."), kind
        assert kind.remedy.endswith("."), kind


def test_the_reference_has_a_row_for_each_code_and_no_other():
    rows = [f"| `{kind.code}` | {status_of(kind)} | {kind.sentence} | {kind.remedy} |" for kind in kinds()]
    written = [line for line in REFERENCE.read_text(encoding="utf-8").splitlines() if line.startswith("| `")]

    assert sorted(written) == sorted(rows)


def test_nothing_but_our_mistakes_has_the_status_500():
    assert [kind.code for kind in kinds() if status_of(kind) == 500] == ["error"]
    assert 500 not in STATUS.values()


def test_a_program_gets_a_problem(client):
    answer = client.get("/api/v1/nothing")

    assert answer.status_code == 404
    assert answer.mimetype == "application/problem+json"
    body = answer.get_json(force=True)
    assert body["observe"] == 1
    assert (body["code"], body["status"], body["title"]) == (
        "not_found",
        404,
        "There is nothing here, or nothing that you may see.",
    )
    assert body["remedy"] == "Check the address, or go back to your studies."
    assert body["request"] == answer.headers["X-Request-Id"]


def test_a_person_gets_a_page_with_the_way_out(client):
    answer = client.get("/nothing")

    assert answer.status_code == 404
    assert "<h1>There is nothing here, or nothing that you may see.</h1>" in answer.text
    assert "Go to your studies" in answer.text


def test_a_wrong_method_says_which_are_right(client, cast):
    answer = client.as_(cast.sadia).delete("/studies/lectures/")

    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]
    assert answer.get_json is not None and "This address does not take that kind of request." in answer.text


def test_somebody_who_may_not_is_told_whom_to_ask(client, cast):
    answer = client.as_(cast.owen).get("/studies/lectures/members/")

    assert answer.status_code == 403
    assert "Ask a supervisor of the study." in answer.text


class TestRequestLimit:
    @pytest.fixture
    def settings(self):
        return {"RATELIMIT_ENABLED": True, "REQUESTS": "5 per minute"}

    def test_too_many_requests_are_answered_with_when_to_come_back(self, client):
        statuses = [client.get("/sign-in").status_code for _ in range(6)]

        assert statuses == [200] * 5 + [429]
        refused = client.get("/sign-in")
        assert refused.headers["Retry-After"] == "60"
        assert "There were too many requests from here." in refused.text
