"""Photos and voice notes: named by a note, sent by themselves, kept by content, asked for until they have come."""

from __future__ import annotations

import base64
import hashlib
import struct
import zlib
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from observe.actions.attachments import path_of
from observe.store import attachments
from tests.factories.field import Field, a_field, enrol
from tests.factories.uploads import Row, event, some_id

SESSION, PHOTO, MEMO = some_id("noted"), some_id("photo"), some_id("memo")


def png(width: int = 4, height: int = 3) -> bytes:
    out = BytesIO()
    Image.new("RGB", (width, height), "teal").save(out, "PNG")
    return out.getvalue()


def vast_png() -> bytes:
    """A few bytes that say that they are 60,000 by 60,000 pixels."""
    head = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", head), (b"IDAT", zlib.compress(b"")), (b"IEND", b"")]
    packed = [struct.pack(">I", len(d)) + n + d + struct.pack(">I", zlib.crc32(n + d)) for n, d in chunks]
    return b"\x89PNG\r\n\x1a\n" + b"".join(packed)


MEMO_BYTES = b"\x1a\x45\xdf\xa3" + b"voice" * 20


def named(id_: str, body: bytes, type_: str = "image/png", **more) -> Row:
    return {"id": id_, "type": type_, "size": len(body), "digest": hashlib.sha256(body).hexdigest(), **more}


def noted(*given: Row) -> list[Row]:
    return [
        event(SESSION, 1, "open", 0),
        event(SESSION, 2, "note", 1000, text="The door is blocked", attachments=list(given)),
    ]


@pytest.fixture
def field(db, cast, clock) -> Field:
    a_field(db, cast.other, cast.nemo, clock(), "fill-plus").record(some_id("nemo's"))
    return a_field(db, cast.study, cast.owen, clock())


def put(client, id_: str, body: bytes, token: str = "lectures tablet", **headers: str):
    mark = base64.b64encode(hashlib.sha256(body).digest()).decode()
    given = {"Authorization": f"Bearer {token}", "Content-Digest": f"sha-256=:{mark}:", **headers}
    return client.put(f"/api/v1/attachments/{id_}", data=body, headers=given)


def missing(client) -> list[str]:
    reply = client.get("/api/v1/pull", headers={"Authorization": "Bearer lectures tablet"})
    return sorted(reply.json["attachments"])


def file_of(app, db, id_: str) -> Path:
    db.rollback()
    return path_of(Path(app.config["VAR"]), attachments.by_id(db, id_))


def test_what_a_note_names_is_asked_for_until_it_has_come_to_the_byte(app, client, db, field):
    photo = png()
    field.record(SESSION, noted(named(PHOTO, photo), named(MEMO, MEMO_BYTES, "audio/webm")))
    assert missing(client) == sorted([PHOTO, MEMO])

    first = put(client, PHOTO, photo)

    assert (first.status_code, first.json["became"]) == (201, "stored")
    assert missing(client) == [MEMO]
    assert file_of(app, db, PHOTO).read_bytes() == photo
    assert put(client, MEMO, MEMO_BYTES).status_code == 201
    assert missing(client) == []


def test_sent_again_it_is_had_and_one_lost_from_the_disk_is_asked_for_and_filled(app, client, db, field):
    photo = png()
    field.record(SESSION, noted(named(PHOTO, photo)))
    put(client, PHOTO, photo)
    again = put(client, PHOTO, photo)
    assert (again.status_code, again.json["became"]) == (200, "have")

    file_of(app, db, PHOTO).unlink()

    assert missing(client) == [PHOTO]
    assert put(client, PHOTO, photo).status_code == 201
    assert missing(client) == []


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (png(), named(PHOTO, png(5, 5))),
        (b"GIF89a not what it says", named(PHOTO, b"GIF89a not what it says")),
        (b"<script>alert(1)</script>", named(PHOTO, b"<script>alert(1)</script>", "audio/webm")),
        (vast_png(), named(PHOTO, vast_png())),
        (png()[:-20], named(PHOTO, png()[:-20])),
    ],
    ids=["another picture", "no png", "no sound", "3,600 million pixels", "cut off"],
)
def test_bytes_that_are_not_what_the_note_says_are_refused_and_not_kept(app, client, db, field, body, said):
    field.record(SESSION, noted(said))

    reply = put(client, PHOTO, body)

    assert (reply.status_code, reply.json["code"]) == (422, "attachment.refused")
    assert not file_of(app, db, PHOTO).exists()


def test_mangled_too_large_unnamed_and_foreign_bytes_are_not_taken(client, db, field, cast, clock):
    photo = png()
    field.record(SESSION, noted(named(PHOTO, photo)))
    enrol(db, cast.study, clock(), "other")

    assert put(client, PHOTO, photo, **{"Content-Digest": "sha-256=:AAAA:"}).json["code"] == "sync.mangled"
    assert put(client, PHOTO, b"x" * 4_000_001).status_code == 413
    assert put(client, MEMO, photo).json["code"] == "attachment.unknown"
    assert put(client, PHOTO, photo, token="lectures other").json["code"] == "attachment.unknown"
    assert put(client, PHOTO, photo, token="nobody's").status_code == 401
    assert missing(client) == [PHOTO]


def test_a_note_that_names_what_is_no_attachment_is_stored_all_the_same(client, db, field):
    odd = [named("../../etc/passwd", b"x"), named(PHOTO, b"x", "text/html"), {"id": 7}, "words"]

    answer = field.record(SESSION, noted(*odd))  # type: ignore[arg-type]

    assert [one.became for one in answer.outcomes] == ["stored", "stored"]
    assert missing(client) == []


def test_the_session_page_shows_them_with_their_note_to_those_who_may_see_the_session(client, db, field, cast):
    photo = png()
    field.record(SESSION, noted(named(PHOTO, photo), named(MEMO, MEMO_BYTES, "audio/webm")))
    put(client, PHOTO, photo)
    page, address = (
        f"/studies/lectures/sessions/{SESSION}",
        f"/studies/lectures/sessions/{SESSION}/attachments/{PHOTO}",
    )

    shown = client.as_(cast.sadia).get(page).get_data(as_text=True)

    assert f'<img src="{address}"' in shown
    assert "voice note still on the tablet" in shown
    reply = client.as_(cast.sadia).get(address)
    assert (reply.status_code, reply.mimetype, reply.data) == (200, "image/png", photo)
    assert "sandbox" in reply.headers["Content-Security-Policy"]
    assert reply.headers["X-Content-Type-Options"] == "nosniff"
    assert client.as_(cast.nemo).get(address).status_code == 404
    assert client.as_(None).get(address).status_code in {302, 401}
    elsewhere = address.replace("lectures", cast.other.slug)
    assert client.as_(cast.nemo).get(elsewhere).status_code == 404
