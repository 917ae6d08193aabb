"""The API under made-up requests: it answers as described, and never with an unforeseen error."""

from __future__ import annotations

import base64
import hashlib
import json

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import response_schema_conformance, status_code_conformance

from tests.factories.field import a_field
from tests.factories.uploads import some_id, talk

BOUNDED = settings(
    max_examples=25, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True, database=None
)


@pytest.fixture
def field(db, cast, clock):
    made = a_field(db, cast.study, cast.owen, clock())
    db.rollback()
    return made


@pytest.fixture
def described(app, field):
    return schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app)


@pytest.mark.parametrize(
    ("path", "method"),
    [("/api/v1/hello", "GET"), ("/api/v1/enrol", "POST"), ("/api/v1/pull", "GET"), ("/api/v1/sync", "POST")],
)
def test_every_operation_answers_as_it_is_described(described, path, method):
    @given(described[path][method].as_strategy())
    @BOUNDED
    def check(case):
        case.call_and_validate(
            headers={"Authorization": "Bearer lectures tablet"},
            checks=(not_a_server_error, status_code_conformance, response_schema_conformance),
        )

    check()


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=8,
)


@given(st.data())
@BOUNDED
def test_a_spoiled_event_never_stops_the_server_and_never_vanishes(client, field, data):
    session = some_id("spoiled", data.draw(st.integers(0, 10**9)))
    rows = talk(session, ["LT", "LQ"])
    row = rows[data.draw(st.integers(0, 3))]
    row[data.draw(st.sampled_from([*row, "modifiers", "text", "counts", "new"]))] = data.draw(JSON)

    reply = post(
        client,
        {"observe": 1, "request": some_id("r"), "sessions": [{"header": field_header(session), "events": rows}]},
    )

    assert reply.status_code == 200
    [answer] = reply.json["sessions"]
    assert len(answer["outcomes"]) == 4


def field_header(session: str) -> dict[str, object]:
    return {**HEADER, "id": session}


HEADER: dict[str, object] = {}


@pytest.fixture(autouse=True)
def _header(field):
    HEADER.clear()
    HEADER.update(field.header(some_id("any")))
    field.db.rollback()


def post(client, body):
    sent = json.dumps(body).encode()
    mark = base64.b64encode(hashlib.sha256(sent).digest()).decode()
    return client.post(
        "/api/v1/sync",
        data=sent,
        headers={
            "Authorization": "Bearer lectures tablet", "Content-Type": "application/json", "Content-Digest": f"sha-256=:{mark}:",
        },
    )  # fmt: skip
