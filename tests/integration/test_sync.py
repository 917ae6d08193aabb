"""The recorder's API from outside: its envelopes, its errors, and what bad input may not do."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import re
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from observe.actions import devices, secret
from observe.actions.limits import Limits
from observe.store import sessions as kept
from observe.store.base import writing
from observe.store.devices import Device
from tests.factories.field import Field, a_field
from tests.factories.uploads import Row, envelope, event, some_id, talk

SESSION = some_id("synced")


@pytest.fixture
def field(db, cast, clock) -> Field:
    nemos = a_field(db, cast.other, cast.nemo, clock(), "copus")
    nemos.record(some_id("noise"), talk(some_id("noise"), []))
    return a_field(db, cast.study, cast.owen, clock())


def post(client, body: bytes, **headers: Any):
    mark = base64.b64encode(hashlib.sha256(body).digest()).decode()
    given = {
        "Authorization": "Bearer lectures tablet", "Content-Type": "application/json", "Content-Digest": f"sha-256=:{mark}:",
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }  # fmt: skip
    return client.post("/api/v1/sync", data=body, headers={k: v for k, v in given.items() if v is not None})


def body_of(field: Field, rows: list[Row] | None = None, **more: Any) -> bytes:
    rows = talk(SESSION, ["LT", "LQ"]) if rows is None else rows
    return json.dumps(envelope((field.header(SESSION, **more), rows), count=len(rows))).encode()


def how_many(db, study: int) -> int:
    db.rollback()
    joined = kept.events.join(kept.logs, kept.logs.c.id == kept.events.c.log)
    return db.scalar(sa.select(sa.func.count()).select_from(joined).where(kept.logs.c.study == study))


def test_hello_gives_the_servers_clock(client, clock):
    assert client.get("/api/v1/hello").json == {"observe": 1, "server_time": round(clock().timestamp() * 1000)}


def test_a_code_enrols_one_tablet_once_and_its_token_opens_the_api(client, db, cast, clock):
    code = devices.offer(db, cast.sadia, cast.study, limits=Limits(), now=clock()).words

    first = client.post("/api/v1/enrol", json={"code": code, "label": "Tablet 3"})
    second = client.post("/api/v1/enrol", json={"code": code, "label": "Tablet 4"})

    assert (first.status_code, second.status_code, second.json["code"]) == (201, 410, "enrolment.gone")
    assert first.json["study"] == {"id": 1, "slug": "lectures", "title": "Lectures"}
    assert first.json["expires"] == round((clock() + timedelta(days=365)).timestamp() * 1000)
    pulled = client.get("/api/v1/pull", headers={"Authorization": f"Bearer {first.json['token']}"})
    assert pulled.status_code == 200


def test_a_batch_is_answered_event_by_event_with_the_digest_of_the_log(client, field, db):
    rows = talk(SESSION, ["LT", "LQ"])

    reply = post(client, body_of(field, rows))

    own = [hashlib.sha256(json.dumps(row).encode()).digest() for row in rows]
    assert reply.status_code == 200
    assert reply.json["sessions"] == [
        {
            "id": SESSION,
            "stored_to": 4,
            "digest": hashlib.sha256(b"".join(own)).hexdigest(),
            "outcomes": [[row["id"], "stored"] for row in rows],
        }
    ]
    assert how_many(db, 1) == 4


def test_gzip_is_unpacked_and_the_digest_is_over_what_was_sent(client, field):
    packed = gzip.compress(body_of(field))

    assert post(client, packed, Content_Encoding="gzip").json["sessions"][0]["stored_to"] == 4


def test_what_was_kept_aside_is_named_with_its_reason(client, field):
    rows = [event(SESSION, 1, "open", 0), event(SESSION, 2, "point", 5)]

    outcomes = post(client, body_of(field, rows)).json["sessions"][0]["outcomes"]

    assert outcomes == [[rows[0]["id"], "stored"], [rows[1]["id"], "aside", "event.malformed"]]


def test_a_revoked_tablets_data_is_taken_and_kept_aside_but_it_gets_nothing(client, field, db, clock):
    with writing(db):
        db.get(Device, field.device).revoked_at = clock()

    reply = post(client, body_of(field))

    assert {outcome[2] for outcome in reply.json["sessions"][0]["outcomes"]} == {"device.revoked"}
    assert client.get("/api/v1/pull", headers={"Authorization": "Bearer lectures tablet"}).status_code == 401


BOMB = gzip.compress(b"[" * 40_000_000)
DEEP = b'{"observe":1,"request":' + b"[" * 100_000 + b"]" * 100_000 + b"}"


@pytest.mark.parametrize(
    ("spoil", "headers", "status", "code"),
    [
        (lambda b: b, {"Authorization": None}, 401, "device.unknown"),
        (lambda b: b, {"Authorization": "Bearer nobody's"}, 401, "device.unknown"),
        (lambda b: b, {"Content_Type": "text/plain"}, 415, "media_type"),
        (lambda b: b, {"Content_Encoding": "br"}, 415, "media_type"),
        (lambda b: b, {"Content_Digest": None}, 400, "sync.mangled"),
        (lambda b: b, {"Content_Digest": "sha-256=:AAAA:"}, 400, "sync.mangled"),
        (lambda b: b, {"Content_Digest": "md5=:AAAA:"}, 400, "sync.mangled"),
        (lambda b: b[:-40], {}, 400, "sync.malformed"),
        (lambda b: b"", {}, 400, "malformed"),
        (lambda b: b"null", {}, 400, "sync.malformed"),
        (lambda b: b'{"observe": 2}', {}, 400, "sync.malformed"),
        (lambda b: b"\xff" + b, {}, 400, "sync.malformed"),
        (lambda b: b.replace(b'"LT"', b'"L\x00T"'), {}, 400, "sync.malformed"),
        (lambda b: b.replace(b'"count": 4}', b'"count": 99999999999999999999}'), {}, 400, "sync.malformed"),
        (lambda b: b + b" " * (1 << 20), {}, 413, "too_large"),
        (lambda b: BOMB, {"Content_Encoding": "gzip"}, 413, "too_large"),
        (lambda b: gzip.compress(b)[:-9], {"Content_Encoding": "gzip"}, 400, "sync.mangled"),
        (lambda b: gzip.compress(b) + b"more", {"Content_Encoding": "gzip"}, 400, "sync.mangled"),
        (lambda b: b"not gzip", {"Content_Encoding": "gzip"}, 400, "sync.mangled"),
        (lambda b: DEEP, {}, 400, "sync.malformed"),
        (lambda b: b.replace(b'"events": [', b'"events": [' + b"{}," * 1000), {}, 400, "sync.malformed"),
    ],
)
def test_a_request_that_cannot_be_read_is_refused_with_a_code_and_nothing_of_it_is_stored(
    client, field, db, spoil, headers, status, code
):
    reply = post(client, spoil(body_of(field)), **headers)

    assert (reply.status_code, reply.json["code"], reply.json["observe"]) == (status, code, 1)
    assert reply.mimetype == "application/problem+json"
    assert reply.json["detail"] and reply.json["remedy"]
    assert how_many(db, 1) == 0
    assert db.scalar(sa.select(sa.func.count()).select_from(kept.held)) == 0
    assert post(client, body_of(field)).json["sessions"][0]["stored_to"] == 4


@pytest.mark.parametrize(
    "row",
    [
        {"text": "x" * 10_000 + " \u202e🙂 =1+1"},
        {"text": "NUL \u0000 in words"},
        {"at": 2**63},
        {"at": 10**400},
        {"seq": True},
        {"modifiers": {"a": {"b": {"c": {"d": {"e": {"f": {"g": 1}}}}}}}},
    ],
)
def test_hostile_events_are_stored_or_kept_aside_word_for_word(client, field, db, row):
    rows = [event(SESSION, 1, "open", 0), {**event(SESSION, 2, "note", 5, text="…"), **row}]

    reply = post(client, body_of(field, rows))

    db.rollback()
    bodies = [*db.scalars(sa.select(kept.events.c.body)), *db.scalars(sa.select(kept.held.c.body))]
    assert reply.status_code == 200
    assert reply.json["sessions"][0]["outcomes"][1][1] in {"stored", "aside"}
    assert json.dumps(rows[1]) in bodies


def test_pull_gives_what_a_tablet_needs_to_work_without_a_network(client, field, db, cast):
    post(client, body_of(field))

    pulled = client.get("/api/v1/pull", headers={"Authorization": "Bearer lectures tablet"}).json

    assert pulled["study"] == {"id": cast.study.id, "slug": "lectures", "title": "Lectures"}
    assert [one["name"] for one in pulled["observers"]] == ["Olga", "Owen", "Sadia"]
    assert [(one["hash"], one["state"], one["document"]["slug"]) for one in pulled["frameworks"]] == [
        (field.framework, "open", "fill-plus")
    ]
    assert [(one["id"], one["stored_to"]) for one in pulled["sessions"]] == [(SESSION, 4)]
    again = client.get(
        f"/api/v1/pull?since={pulled['cursor']}", headers={"Authorization": "Bearer lectures tablet"}
    ).json
    assert again["cursor"] == pulled["cursor"]


def test_tokens_are_kept_as_hashes_only(field, db):
    assert db.get(Device, field.device).token_hash == secret.digest("lectures tablet") != "lectures tablet"


def test_the_wrong_method_names_the_right_one(client):
    reply = client.get("/api/v1/sync")

    assert (reply.status_code, reply.json["code"], "POST" in reply.headers["Allow"]) == (405, "method", True)


def test_the_description_names_every_route_of_the_api(client, app):
    described = client.get("/api/v1/openapi.json").json["paths"]
    routes = {
        (re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule), method.lower())
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/api/v1/") and rule.endpoint != "api.openapi"
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }

    assert {(path, method) for path, operations in described.items() for method in operations} == routes


def test_the_page_of_devices_knows_when_a_tablet_last_came_and_with_which_build(client, field, db, clock):
    post(client, body_of(field))

    db.rollback()
    device = db.get(Device, field.device)
    assert (device.seen_at, device.app) == (clock(), "test")
