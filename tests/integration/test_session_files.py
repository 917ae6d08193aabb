"""Second copies that a tablet saved: taken in before, after or instead of what it sends, and never twice."""

from __future__ import annotations

import base64
import hashlib
import io
import json

import pytest
import sqlalchemy as sa

from observe.actions import imports
from observe.core import session_file
from observe.core.session_file import NotASessionFile
from observe.store import sessions as kept
from tests.factories.field import Field, a_field
from tests.factories.uploads import Row, event, some_id, talk

SESSION = some_id("saved")
HOME = "/studies/lectures/sessions/"


@pytest.fixture
def field(db, cast, clock) -> Field:
    a_field(db, cast.other, cast.nemo, clock(), "fill-plus").record(some_id("nemo's"))
    made = a_field(db, cast.study, cast.owen, clock())
    db.rollback()
    return made


def words(row: Row) -> str:
    """As the recorder writes JSON."""
    return json.dumps(row, ensure_ascii=False, separators=(",", ":"))


def saved(field: Field, rows: list[Row], session: str = SESSION, **more) -> bytes:
    """The file as the tablet's `sessionFile` makes it."""
    texts = [words(row) for row in rows]
    mark = hashlib.sha256(b"".join(hashlib.sha256(one.encode()).digest() for one in texts)).hexdigest()
    head = {"schema": "observe-session/1", "header": field.header(session, **more), "count": len(texts)}
    return (words({**head, "digest": mark})[:-1] + ',"events":[\n' + ",\n".join(texts) + "\n]}\n").encode()


def take_in(db, cast, clock, file: bytes) -> imports.TakenIn:
    return imports.session_files(db, cast.sadia, cast.study, session_file.read(file), now=clock())


def stored(db) -> list[str]:
    db.rollback()
    columns = sa.select(kept.events.c.kind).join(kept.logs, kept.logs.c.id == kept.events.c.log)
    return list(db.scalars(columns.where(kept.logs.c.session == SESSION).order_by(kept.events.c.seq)))


def test_a_file_is_the_session_that_the_tablet_could_not_send(db, cast, clock, field):
    rows = talk(SESSION, ["LT", "LQ", "SR"])

    done = take_in(db, cast, clock, saved(field, rows))

    assert (done.sessions, done.stored, done.had, done.aside) == (1, 5, 0, {})
    assert stored(db) == ["open", "start", "start", "start", "end"]
    log = kept.log_of(db, SESSION, field.device)
    assert log is not None and (log.stored_to, log.claimed, log.status) == (5, 5, "recording")


def test_what_the_tablet_sends_afterwards_is_had_to_the_letter(db, cast, clock, field, client):
    rows = talk(SESSION, ["LT", "LQ", "SR"])
    take_in(db, cast, clock, saved(field, rows))
    db.rollback()
    body = (
        '{"observe":1,"request":"' + some_id("r") + '","app":"test","sent":0,"sessions":[{"header":'
        + words(field.header(SESSION)) + ',"events":[' + ",".join(map(words, rows)) + '],"count":5}]}'
    ).encode()  # fmt: skip

    reply = client.post(
        "/api/v1/sync", data=body, content_type="application/json",
        headers={
            "Authorization": "Bearer lectures tablet",
            "Content-Digest": "sha-256=:" + base64.b64encode(hashlib.sha256(body).digest()).decode() + ":",
        },
    )  # fmt: skip

    [answer] = reply.json["sessions"]
    assert [outcome[1] for outcome in answer["outcomes"]] == ["have"] * 5
    assert answer["digest"] == json.loads(saved(field, rows))["digest"]


def test_a_file_taken_in_twice_or_after_half_of_it_was_sent_doubles_nothing(db, cast, clock, field):
    rows = talk(SESSION, ["LT", "LQ", "SR"])
    take_in(db, cast, clock, saved(field, rows[:2]))

    whole, again = (take_in(db, cast, clock, saved(field, rows)) for _ in range(2))

    assert (whole.stored, whole.had) == (3, 2)
    assert (again.stored, again.had) == (0, 5)
    assert len(stored(db)) == 5


def test_a_long_session_comes_in_whole(db, cast, clock, field):
    rows = [event(SESSION, 1, "open", 0)]
    rows += [event(SESSION, n, "start", n * 10, code="LT" if n % 2 else "LQ") for n in range(2, 2501)]

    assert take_in(db, cast, clock, saved(field, rows)).stored == 2500


def test_a_file_of_everything_on_a_tablet_is_taken_in_as_a_whole(db, cast, clock, field):
    other = some_id("second")
    both = b"[" + b",".join(saved(field, talk(one, ["LT"]), one).strip() for one in (SESSION, other)) + b"]\n"

    assert take_in(db, cast, clock, both).sessions == 2
    assert kept.exists(db, other)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda file: file[:-20],
        lambda file: file.replace(b'"code":"LT"', b'"code":"LQ"', 1),
        lambda file: file.replace(b'"count":3', b'"count":4', 1),
        lambda file: file.replace(b"observe-session/1", b"observe-session/2"),
        lambda file: b"\xff\xfe",
        lambda file: b"",
    ],
)
def test_a_file_that_was_cut_or_changed_is_refused_and_stores_nothing(db, cast, clock, field, spoil):
    with pytest.raises(NotASessionFile):
        take_in(db, cast, clock, spoil(saved(field, talk(SESSION, ["LT"]))))

    assert not kept.exists(db, SESSION)


def test_a_session_of_another_study_is_refused(db, cast, clock, field):
    file = saved(field, talk(SESSION, ["LT"]), study=cast.other.id)

    with pytest.raises(imports.OfAnotherStudy):
        take_in(db, cast, clock, file)
    assert not kept.exists(db, SESSION)


def test_a_supervisor_uploads_it_on_the_sessions_page_and_an_observer_may_not(client, db, cast, field):
    file = saved(field, talk(SESSION, ["LT", "LQ"]))

    def send(who):
        return client.as_(who).post(HOME, data={"file": (io.BytesIO(file), "a.observe.json")})

    assert send(cast.owen).status_code == 403
    assert send(cast.nemo).status_code == 404
    assert not kept.exists(db, SESSION)
    assert send(cast.sadia).status_code == 303
    assert "1 sessions taken in" not in client.as_(cast.owen).get(HOME).get_data(as_text=True)
    assert stored(db) == ["open", "start", "start", "end"]
