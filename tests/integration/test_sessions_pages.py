"""Sessions on the server: who sees them, what they show, and how they are gone through."""

from __future__ import annotations

import json
import re

import pytest
import sqlalchemy as sa

from observe.actions import records as coding
from observe.actions import sessions as receiving
from observe.actions import supervision
from observe.actions.sessions import Sender
from observe.core import session_file
from observe.store import frameworks, records
from observe.store import sessions as kept
from observe.store.base import writing
from tests.factories.field import Field, a_field
from tests.factories.uploads import envelope, event, read, some_id, talk

SESSION, OLGAS, NEMOS = some_id("owen's"), some_id("olga's"), some_id("nemo's")
HOME = "/studies/lectures/sessions/"


@pytest.fixture
def field(db, cast, clock) -> Field:
    nemos = a_field(db, cast.other, cast.nemo, clock(), "fill-plus")
    nemos.record(NEMOS)
    made = a_field(db, cast.study, cast.owen, clock())
    made.record(SESSION)
    made.record(OLGAS, observer=cast.olga.id)
    db.rollback()
    return made


def text(reply) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", reply.get_data(as_text=True)))


def record_of(db, session: str, clock):
    db.rollback()
    row = records.session(db, 1, session)
    return coding.one(db, row, now=clock())


def test_a_supervisor_sees_every_session_with_its_completeness(client, field, cast):
    page = text(client.as_(cast.sadia).get(HOME))

    assert "2 found" in page
    assert page.count("6 of 6") == 2
    assert "0:04" in page


def test_an_observer_sees_only_own_sessions_whatever_the_address_says(client, field, cast):
    page = client.as_(cast.owen).get(f"{HOME}?observer={cast.olga.id}").get_data(as_text=True)

    assert SESSION in page
    assert OLGAS not in page


@pytest.mark.parametrize(
    ("who", "session", "status"),
    [("sadia", SESSION, 200), ("owen", SESSION, 200), ("owen", OLGAS, 404), ("rhys", OLGAS, 200), ("nemo", SESSION, 404),
     ("sadia", NEMOS, 404)],
)  # fmt: skip
def test_a_session_of_somebody_else_or_of_another_study_is_not_there(client, field, cast, who, session, status):
    assert client.as_(getattr(cast, who)).get(HOME + session).status_code == status


def test_a_session_page_shows_lanes_budget_and_provenance_without_inline_style(client, field, cast):
    page = client.as_(cast.sadia).get(HOME + SESSION).get_data(as_text=True)

    assert "LT from 0:00 to 0:01" in page
    assert page.count('class="tl-bar tl-hue-2') >= 2
    assert " style=" not in page and "<style" not in page
    assert record_digest(field) in page
    assert "50.0" in page  # lecturer talk: two of four seconds


def test_findings_are_sentences_with_their_moments_and_those_of_a_kind_stand_together(client, field, cast):
    session = some_id("contradicts")
    field.record(session, [
        event(session, 1, "open", 0),
        *(event(session, n, "start", 5_000 * n, code="LT") for n in (2, 3, 4)),
        event(session, 5, "start", 30_000, code="XX"),
        event(session, 6, "end", 60_000, count=6),
    ])  # fmt: skip

    page = text(client.as_(cast.sadia).get(HOME + session))

    assert "Started while it was running; nothing changed. (2 ×) 0:15, 0:20" in page
    assert "The framework has no such code in this stream; the event is kept. 0:30 (XX)" in page
    assert "start.already_running" not in page


def record_digest(field: Field) -> str:
    field.db.rollback()
    return field.db.scalar(sa.select(kept.coded_records.c.digest).where(kept.coded_records.c.session == SESSION))


def test_sessions_are_submitted_returned_with_words_and_signed_off(client, field, cast, db):
    owen, sadia = client.as_(cast.owen), client.as_(cast.sadia)

    assert owen.post(f"{HOME}{SESSION}/step/submit").status_code == 303
    assert sadia.post(f"{HOME}{SESSION}/step/return", data={"words": " "}).status_code == 422
    assert sadia.post(f"{HOME}{SESSION}/step/return", data={"words": "Look at 0:02."}).status_code == 303
    assert owen.post(f"{HOME}{SESSION}/step/sign_off").status_code == 403
    assert sadia.post(f"{HOME}{SESSION}/step/sign_off").status_code == 303

    db.rollback()
    history = [(one.status, one.words) for one in kept.history(db, SESSION)]
    assert history == [("submitted", ""), ("returned", "Look at 0:02."), ("signed_off", "")]


def test_a_session_of_which_events_are_missing_is_only_signed_off_with_a_reason(client, field, cast, db):
    late = some_id("late")
    rows = talk(late, ["LT"])
    upload = read(envelope((field.header(late), rows[:2]), count=3))
    receiving.receive(db, Sender(field.device, 1, True), upload, now=field.now)
    sadia = client.as_(cast.sadia)

    assert "2 of 3" in text(sadia.get(HOME + late))
    sadia.post(f"{HOME}{late}/step/sign_off")
    db.rollback()
    assert records.session(db, 1, late).status == "recording"
    sadia.post(f"{HOME}{late}/step/sign_off", data={"words": "The tablet is lost."})
    db.rollback()
    assert records.session(db, 1, late).status == "signed_off"


def test_a_correction_at_the_desk_changes_what_the_log_means_and_not_the_log(client, field, cast, db, clock):
    before = record_of(db, SESSION, clock)
    wrong = some_id(SESSION, 5)

    reply = client.as_(cast.owen).post(
        f"{HOME}{SESSION}/amend/{wrong}", data={"do": "set", "code": "SQ", "reason": "It was a question."}
    )

    after = record_of(db, SESSION, clock)
    assert reply.status_code == 303
    assert [bout.code for bout in before.timeline.bouts] == ["LT", "LQ", "LT", "SR"]
    assert [bout.code for bout in after.timeline.bouts] == ["LT", "LQ", "LT", "SQ"]
    assert after.timeline.ended and not after.timeline.findings
    bodies = [json.loads(one.body) for one in records.events_of(db, SESSION)]
    assert bodies[4]["code"] == "SR"
    assert (bodies[6]["kind"], bodies[6]["ref"], bodies[6]["by"]) == ("amend", wrong, cast.owen.id)
    assert after.row.digest != before.row.digest


def test_a_correction_can_be_taken_back(field, cast, db, clock):
    cast_owen = db.merge(cast.owen)
    study = db.merge(cast.study)
    wrong = some_id(SESSION, 5)
    made = supervision.amend(db, cast_owen, study, SESSION, wrong, void=True, reason="Not seen.", now=clock())
    assert [bout.code for bout in record_of(db, SESSION, clock).timeline.bouts] == ["LT", "LQ", "LT"]

    supervision.amend(db, cast_owen, study, SESSION, made, void=True, reason="It was.", now=clock())

    assert [bout.code for bout in record_of(db, SESSION, clock).timeline.bouts] == ["LT", "LQ", "LT", "SR"]


def test_nothing_of_a_signed_off_session_is_corrected(client, field, cast):
    sadia = client.as_(cast.sadia)
    sadia.post(f"{HOME}{SESSION}/step/sign_off")

    reply = sadia.post(f"{HOME}{SESSION}/amend/{some_id(SESSION, 5)}", data={"do": "void", "reason": "x"})

    assert "signed off" in text(reply)
    assert "Reopen" in text(sadia.get(HOME + SESSION))


def test_comments_stand_at_their_moment(client, field, cast):
    client.as_(cast.sadia).post(f"{HOME}{SESSION}/comments", data={"words": "<b>Who</b> asked?", "at": "0:02"})

    page = client.as_(cast.owen).get(HOME + SESSION).get_data(as_text=True)

    assert "&lt;b&gt;Who&lt;/b&gt; asked?" in page
    assert '<span class="tag figures">0:02</span>' in page


def test_events_of_a_closed_framework_wait_for_the_supervisor_and_can_be_taken_in(client, field, cast, db, clock):
    with writing(db):
        db.scalars(sa.select(frameworks.FrameworkVersion).filter_by(study_id=1)).one().state = "closed"
    late = some_id("from the field")
    before = field.record(late)
    assert {one.reason for one in before.outcomes} == {"framework.closed"}
    db.rollback()
    [heap] = kept.heaps(db, 1)
    sadia = client.as_(cast.sadia)
    assert "6 events were kept aside" in text(sadia.get(HOME))

    sadia.post(f"{HOME}aside/{heap.log}/framework.closed", data={"decision": "take"})

    assert [bout.code for bout in record_of(db, late, clock).timeline.bouts] == ["LT", "LQ", "LT", "SR"]
    assert "6 of 6" in text(sadia.get(HOME + late))
    again = field.record(late)
    assert (again.stored_to, again.digest) == (6, before.digest)
    assert {one.became for one in again.outcomes} == {"have"}


def test_an_event_in_conflict_is_never_taken_in_over_the_first(client, field, cast, db):
    rows = talk(SESSION, ["LT", "LQ", "LT", "SR"])
    field.record(SESSION, [{**rows[1], "code": "SQ"}])
    db.rollback()
    [heap] = kept.heaps(db, 1)

    reply = client.as_(cast.sadia).post(f"{HOME}aside/{heap.log}/event.conflict", data={"decision": "take"})

    assert reply.status_code == 403
    assert "SQ" in text(client.as_(cast.sadia).get(f"{HOME}aside/{heap.log}/event.conflict"))


def test_the_study_budget_names_the_unit_it_is_averaged_over(client, field, cast, db):
    field.record(some_id("short"), talk(some_id("short"), ["LT"]))
    field.record(some_id("practice"), talk(some_id("practice"), ["AD"]), purpose="practice")

    page = text(client.as_(cast.anya).get(HOME + "budget"))

    assert "3 sessions; practice is left out" in page
    assert "Lecturer talk Activity proportion of observed time 0.6667 0.2887 0.5556" in page  # .5 .5 1; 5 s of 9
    assert client.as_(cast.owen).get(HOME + "budget").status_code == 403


def test_a_record_is_derived_once_and_comes_out_the_same_when_rebuilt(field, db, clock):
    first = record_of(db, SESSION, clock).row
    found = coding.rebuild(db, now=clock())

    assert (found.sessions, found.changed) == (3, ())
    assert record_of(db, SESSION, clock).row == first


def test_hostile_words_are_text_everywhere(client, field, cast):
    bad = some_id("hostile")
    words = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"
    rows = [
        event(bad, 1, "open", 0), event(bad, 2, "note", 5, text=words), event(bad, 3, "start", 6, code=words, subject=words),
        event(bad, 4, "end", 9, count=4),
    ]  # fmt: skip
    field.record(bad, rows, variables={words: words})
    sadia = client.as_(cast.sadia)

    for address in (HOME, HOME + bad, HOME + bad + "/events", HOME + "budget", HOME + "aside"):
        page = sadia.get(address).get_data(as_text=True)
        assert "<script>alert" not in page and "<img src=x" not in page, address


def test_a_session_comes_as_a_file_that_can_be_taken_in_again(client, field, cast):
    got = client.as_(cast.sadia).get(f"/studies/lectures/sessions/{SESSION}/file")

    (file,) = session_file.read(got.data)
    assert got.headers["Content-Disposition"].endswith('.observe.json"')
    assert json.loads(bytes(file.head))["id"] == SESSION
    assert [json.loads(bytes(each))["seq"] for each in file.events] == list(range(1, len(file.events) + 1))
    assert client.as_(cast.nemo).get(f"/studies/lectures/sessions/{SESSION}/file").status_code == 404
