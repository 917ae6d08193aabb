"""Taking uploads in: gap-free, without repetition, and nothing that a tablet sends is ever dropped."""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from observe.actions import sessions
from observe.actions.sessions import Sender
from observe.store import base, devices, frameworks, people, studies
from observe.store import sessions as kept
from tests.factories.uploads import Row, envelope, event, header, read, some_id, talk

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
TABLET, OTHER_TABLET = some_id("tablet"), some_id("other tablet")
HASH = "f" * 64


@pytest.fixture()
def db(tmp_path: Path) -> Iterator[Session]:
    """Owen observes and Sadia supervises in study 1; Nemo, with a session of his own, in study 2."""
    engine = sa.create_engine(f"sqlite:///{tmp_path / 'observe.sqlite3'}")
    base.prepare(engine)
    base.Base.metadata.create_all(engine)
    with Session(engine, expire_on_commit=False) as db:
        with base.writing(db):
            populate(db)
        sessions.receive(db, Sender(some_id("nemo's"), 2, True), noise(), now=NOW)
        yield db
    engine.dispose()


def populate(db: Session) -> None:
    for number, name in enumerate(("owen", "sadia", "nemo"), start=1):
        db.add(people.Person(id=number, email=f"{name}@example.org", name=name.title(), created_at=NOW))
    for number in (1, 2):
        db.add(studies.Study(id=number, slug=f"s{number}", title=f"Study {number}", created_at=NOW))
    db.flush()
    for study, person, role in ((1, 1, "observer"), (1, 2, "supervisor"), (2, 3, "observer")):
        db.add(studies.Membership(study_id=study, person_id=person, role=role, since=NOW))
    for number in (1, 2):
        db.add(
            frameworks.Framework(
                id=number, study_id=number, slug="talk", title="Talk", draft="{}", revision=1, changed_at=NOW
            )
        )
        db.flush()
        db.add(
            frameworks.FrameworkVersion(
                study_id=number,
                framework_id=number,
                number=1,
                hash=HASH,
                title="Talk",
                document="{}",
                published_at=NOW,
            )
        )
    for study, device in ((1, TABLET), (1, OTHER_TABLET), (2, some_id("nemo's"))):
        db.add(
            devices.Device(
                id=device, study_id=study, label="T", token_hash=device, enrolled_at=NOW, expires_at=NOW
            )
        )


def noise() -> object:
    head = header(some_id("noise"), study=2, framework=HASH, observer=3, device=some_id("nemo's"))
    return read(envelope((head, talk(some_id("noise"), ["LT"] * 5))))


SESSION = some_id("session")
GOOD = Sender(TABLET, 1, True)


def owens(session: str = SESSION, **more: object) -> Row:
    return header(session, **{"study": 1, "framework": HASH, "observer": 1, "device": TABLET, **more})


def send(db: Session, rows: list[Row], *, head: Row | None = None, by: Sender = GOOD, count: int | None = None):
    [answer] = sessions.receive(db, by, read(envelope((head or owens(), rows), count=count)), now=NOW)
    return answer


def stored(db: Session, session: str = SESSION) -> list[str]:
    query = (
        sa.select(kept.events.c.body)
        .join(kept.logs, kept.logs.c.id == kept.events.c.log)
        .where(kept.logs.c.session == session)
        .order_by(kept.events.c.seq)
    )
    return list(db.scalars(query))


def aside(db: Session) -> list[tuple[int | None, str]]:
    held = kept.held
    return [tuple(row) for row in db.execute(sa.select(held.c.seq, held.c.reason).where(held.c.study == 1))]


def digest(rows: list[Row]) -> str:
    own = [hashlib.sha256(json.dumps(row).encode()).digest() for row in rows]
    return hashlib.sha256(b"".join(own)).hexdigest()


ROWS = talk(SESSION, ["LT", "LQ", "LT", "SR"])


def test_a_batch_is_stored_word_for_word_and_answered_with_its_digest(db):
    answer = send(db, ROWS, count=6)

    assert [one.became for one in answer.outcomes] == ["stored"] * 6
    assert (answer.session, answer.stored_to, answer.digest) == (SESSION, 6, digest(ROWS))
    assert stored(db) == [json.dumps(row) for row in ROWS]
    assert aside(db) == []
    send(db, ROWS[:1], count=1)
    assert kept.log_of(db, SESSION, TABLET).claimed == 6


def test_a_batch_sent_again_changes_nothing_and_gets_the_same_digest(db):
    first = send(db, ROWS)

    again = send(db, ROWS)

    assert [one.became for one in again.outcomes] == ["have"] * 6
    assert (again.stored_to, again.digest) == (first.stored_to, first.digest)
    assert len(stored(db)) == 6


def test_what_comes_after_a_gap_is_asked_for_again_later(db):
    answer = send(db, [ROWS[0], *ROWS[2:]])

    assert [one.became for one in answer.outcomes] == ["stored", "later", "later", "later", "later"]
    assert (answer.stored_to, answer.digest) == (1, digest(ROWS[:1]))
    assert send(db, ROWS[1:]).stored_to == 6


def test_order_repetition_and_batching_change_nothing(db):
    chance = random.Random(7)
    for _ in range(40):
        send(db, sorted(chance.choices(ROWS, k=4), key=lambda row: row["seq"]))
    answer = send(db, ROWS)

    assert (answer.stored_to, answer.digest) == (6, digest(ROWS))
    assert stored(db) == [json.dumps(row) for row in ROWS]
    assert aside(db) == []


def test_the_same_place_with_other_content_is_kept_aside_once_and_the_first_stays(db):
    send(db, ROWS)
    other = [{**ROWS[1], "code": "SR"}]

    answers = [send(db, other), send(db, other)]

    assert [one.outcomes[0].reason for one in answers] == ["event.conflict", "event.conflict"]
    assert aside(db) == [(2, "event.conflict")]
    assert (answers[0].stored_to, answers[0].digest) == (6, digest(ROWS))
    assert json.loads(stored(db)[1])["code"] == "LT"


def test_an_id_that_another_session_uses_is_kept_aside_in_its_place_and_the_log_goes_on(db):
    stolen = {**ROWS[1], "id": some_id(some_id("noise"), 3)}
    rows = [ROWS[0], stolen, *ROWS[2:]]

    answer = send(db, rows)

    assert [one.became for one in answer.outcomes] == ["stored", "aside", "stored", "stored", "stored", "stored"]
    assert aside(db) == [(2, "event.conflict")]
    assert (answer.stored_to, answer.digest) == (6, digest(rows))
    assert send(db, rows).outcomes[1].reason == "event.conflict"
    assert len(aside(db)) == 1


def test_one_id_for_two_events_of_a_batch_is_taken_for_neither(db):
    rows = [ROWS[0], ROWS[1], {**ROWS[2], "id": ROWS[1]["id"]}]

    answer = send(db, rows)

    assert [one.became for one in answer.outcomes] == ["stored", "aside", "aside"]
    assert answer.stored_to == 3


@pytest.mark.parametrize(
    ("broken", "to"),
    [
        ({"at": "soon"}, 6),
        ({"at": 2**63}, 6),
        ({"code": None}, 6),
        ({"modifiers": [1]}, 6),
        ({"seq": "2"}, 1),
        ({"seq": 2**64}, 1),
    ],
)
def test_an_event_that_cannot_be_read_is_kept_aside_in_full(db, broken, to):
    bad = {**ROWS[1], **broken}

    answer = send(db, [ROWS[0], bad, *ROWS[2:]])

    assert (answer.outcomes[1].became, answer.outcomes[1].reason) == ("aside", "event.malformed")
    assert answer.outcomes[1].event == ROWS[1]["id"]
    assert answer.stored_to == to
    assert db.scalars(sa.select(kept.held.c.body)).one() == json.dumps(bad)


@pytest.mark.parametrize(
    ("head", "by", "reason"),
    [
        ({"study": 2}, GOOD, "session.foreign"),
        ({"observer": 3}, GOOD, "session.foreign"),
        ({"device": OTHER_TABLET}, GOOD, "session.foreign"),
        ({"framework": "0" * 64}, GOOD, "framework.unknown"),
        ({"purpose": "fun"}, GOOD, "header.malformed"),
        ({}, Sender(TABLET, 1, False), "device.revoked"),
    ],
)
def test_a_session_that_cannot_be_taken_is_kept_aside_in_full_and_the_tablet_may_move_on(db, head, by, reason):
    answer = send(db, ROWS, head=owens(**head), by=by)

    assert {(one.became, one.reason) for one in answer.outcomes} == {("aside", reason)}
    assert (answer.stored_to, answer.digest) == (6, digest(ROWS))
    assert stored(db) == []
    assert aside(db) == [(seq, reason) for seq in range(1, 7)]
    assert send(db, ROWS, head=owens(**head), by=by).outcomes == answer.outcomes
    assert len(aside(db)) == 6


def test_the_tail_of_a_session_whose_framework_was_closed_is_kept_aside(db):
    send(db, ROWS[:3])
    with base.writing(db):
        db.scalars(sa.select(frameworks.FrameworkVersion).filter_by(study_id=1)).one().state = "closed"

    answer = send(db, ROWS)

    assert [one.became for one in answer.outcomes] == ["have"] * 3 + ["aside"] * 3
    assert answer.outcomes[-1].reason == "framework.closed"


def test_late_events_of_a_signed_off_session_are_kept_aside(db):
    send(db, ROWS[:5])
    with base.writing(db):
        db.execute(kept.sessions.update().values(status=kept.SIGNED_OFF))

    assert send(db, ROWS[5:]).outcomes[0].reason == "session.signed_off"
    assert len(stored(db)) == 5


def test_a_header_that_changed_is_a_conflict_and_the_first_stays(db):
    send(db, ROWS[:2])

    answer = send(db, ROWS[2:], head=owens(purpose="practice"))

    assert {one.reason for one in answer.outcomes} == {"header.conflict"}
    assert db.scalars(sa.select(kept.held.c.header).distinct()).one() == json.dumps(owens(purpose="practice"))
    assert db.scalars(sa.select(kept.sessions.c.purpose).where(kept.sessions.c.id == SESSION)).one() == "field"


def test_two_tablets_may_not_write_into_one_log(db):
    send(db, ROWS)
    answer = send(db, ROWS, by=Sender(OTHER_TABLET, 1, True))

    assert {one.reason for one in answer.outcomes} == {"session.foreign"}
    assert len(stored(db)) == 6


@pytest.mark.parametrize("statement", ["UPDATE events SET at = 0", "DELETE FROM events"])
def test_the_database_itself_refuses_to_change_or_delete_an_event(db, statement):
    send(db, ROWS)

    with pytest.raises(sa.exc.DatabaseError, match="only ever added"), base.writing(db):
        db.execute(sa.text(statement))

    assert len(stored(db)) == 6


def test_a_note_of_ten_thousand_characters_with_every_trap_comes_back_byte_for_byte(db):
    note = event(SESSION, 2, "note", 5, text="=cmd|' /C calc'!A0 \u202eRTL 🙂 \u0000 \r\n\"" + "x" * 10_000)

    answer = send(db, [ROWS[0], note])

    assert answer.outcomes[1].became == "stored"
    assert json.loads(stored(db)[1]) == note


def test_unknown_kinds_and_fields_of_newer_tablets_are_stored(db):
    rows = [ROWS[0], event(SESSION, 2, "gaze", 7, angle=3.5, more={"deep": [1]})]

    assert [one.became for one in send(db, rows).outcomes] == ["stored", "stored"]
