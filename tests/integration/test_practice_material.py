"""Agreed codings offered to tablets: what becomes one, what it says, and who gets it."""

from __future__ import annotations

import json
from typing import Any

import pytest
import sqlalchemy as sa

from observe.actions import adjudication, practice, redactions, studies, supervision
from observe.actions import records as coding
from observe.actions.practice import NotForPractice
from observe.core.coding.events import event_of
from observe.core.coding.timeline import timeline
from observe.store import audit, consensus, records
from observe.store import practice as kept
from tests.factories.field import Field, a_field
from tests.factories.uploads import event, some_id, talk

OWENS, OLGAS, SADIAS, TOGETHER = (some_id(one) for one in ("owen's", "olga's", "sadia's", "together"))
SEEN = ["LT"] * 30 + ["LQ"] * 10 + ["LT"] * 20
SEEN_TOO = ["LT"] * 28 + ["LQ"] * 12 + ["LT"] * 20
TABLET = {"Authorization": "Bearer lectures tablet"}
HOME = "/studies/lectures/practice/"


@pytest.fixture
def settings() -> dict[str, Any]:
    return {"QUEUE": "inline"}


@pytest.fixture
def field(db, cast, clock) -> Field:
    a_field(db, cast.other, cast.nemo, clock(), "fill-plus").record(some_id("nemo's"))
    made = a_field(db, cast.study, cast.owen, clock())
    for session, who, codes in ((OWENS, cast.owen, SEEN), (OLGAS, cast.olga, SEEN_TOO)):
        rows = talk(session, codes, step=10_000)
        made.record(session, rows, observer=who.id, happening=TOGETHER, purpose="reliability")
    db.rollback()
    return made


def settle(db, cast, clock) -> None:
    [question] = adjudication.look(db, cast.study.id, OWENS, OLGAS, "activity", now=clock()).found.open
    adjudication.settle(
        db, cast.sadia, cast.study, OWENS, OLGAS, "activity", {question.id: "second"}, "", now=clock()
    )
    db.rollback()


def offer(db, cast, clock, session: str = OWENS, other: str = OLGAS, **more: Any):
    made = practice.offer(
        db, cast.sadia, cast.study, session, other, more.get("title", "Lecture 3"), more.get("hint", "lecture-3.mp4"),
        now=clock(),
    )  # fmt: skip
    found = made.id
    db.rollback()
    return found


def pulled(client) -> list[dict[str, Any]]:
    return client.get("/api/v1/pull", headers=TABLET).json["practice"]


def test_what_was_settled_comes_to_the_tablet_as_a_log_that_means_the_settled_record(
    client, db, field, cast, clock
):
    settle(db, cast, clock)
    made = offer(db, cast, clock)

    [listed] = pulled(client)
    body = client.get(f"/api/v1/practice/{made}", headers=TABLET).json

    assert listed == {
        "id": made, "title": "Lecture 3", "hint": "lecture-3.mp4", "framework": field.framework, "happening": TOGETHER,
        "streams": ["activity"], "length": 600_000, "count": len(body["events"]), "size": listed["size"],
    }  # fmt: skip
    model = coding.framework(db, cast.study.id, field.framework)
    meant = timeline(model, body["header"], [event_of(row) for row in body["events"]])
    [agreed] = consensus.of_study(db, cast.study.id)
    want = [(one["start"], one["end"], one["code"]) for one in json.loads(agreed.record)["bouts"]]
    assert [(one.start, one.end, one.code) for one in meant.bouts] == want
    assert (meant.end, meant.ended, meant.findings) == (600_000, True, ())


def test_nothing_tells_who_observed_or_on_which_tablet_and_when(client, db, field, cast, clock):
    settle(db, cast, clock)
    made = offer(db, cast, clock)

    body = client.get(f"/api/v1/practice/{made}", headers=TABLET).json

    assert set(body["header"]) == {"id", "framework", "subjects"}
    fields = {name for row in body["events"] for name in row}
    assert not fields & {"wall", "mono", "boot", "zone", "offset", "tapped", "attachments"}


def test_a_record_of_one_observer_is_a_standard_when_it_was_signed_off_and_without_what_was_taken_back(
    client, db, field, cast, clock
):
    field.record(
        SADIAS,
        [
            *talk(SADIAS, ["LT", "LQ"])[:-1],
            event(SADIAS, 4, "note", at=15_000, text="a slip", attachments=[{"id": "x"}]),
            event(SADIAS, 5, "note", at=16_000, text="The lecturer turns to the class"),
            event(SADIAS, 6, "amend", at=17_000, ref=some_id(SADIAS, 4), void=True),
            event(SADIAS, 7, "clock", at=17_500, reason="minute"),
            event(SADIAS, 8, "end", at=20_000, count=8),
        ],
    )
    db.rollback()
    with pytest.raises(NotForPractice, match="nobody has signed off"):
        offer(db, cast, clock, SADIAS, "")
    db.rollback()
    supervision.step(db, cast.sadia, cast.study, SADIAS, "sign_off", "", now=clock())
    db.rollback()

    made = offer(db, cast, clock, SADIAS, "")

    events = client.get(f"/api/v1/practice/{made}", headers=TABLET).json["events"]
    assert [(row["seq"], row["kind"]) for row in events] == [
        (1, "open"), (2, "start"), (3, "start"), (4, "note"), (5, "end"),
    ]  # fmt: skip
    assert (events[3]["text"], events[4]["count"]) == ("The lecturer turns to the class", 5)
    assert pulled(client)[0]["happening"] is None


def test_what_is_not_settled_yet_is_no_standard(db, field, cast, clock):
    with pytest.raises(NotForPractice, match="Not everything that the two differ on is settled"):
        offer(db, cast, clock)


def test_one_that_names_somebody_who_took_consent_back_is_held_back_from_then_on(client, db, field, cast, clock):
    who = studies.add_subject(db, cast.sadia, cast.study, "P7", now=clock()).id
    db.rollback()
    field.record(
        SADIAS, [event(SADIAS, 1, "open", 0), event(SADIAS, 2, "note", at=5, text="P7 enters"), event(SADIAS, 3, "end", at=9, count=3)],
        observer=cast.sadia.id, subjects=[who],
    )  # fmt: skip
    db.rollback()
    made = offer(db, cast, clock, SADIAS, "")
    assert [one["id"] for one in pulled(client)] == [made]

    studies.edit_subject(
        db, cast.sadia, cast.study, who, "P7", attributes={}, consent="withdrawn", active=True, now=clock()
    )
    db.rollback()

    assert pulled(client) == []
    assert client.get(f"/api/v1/practice/{made}", headers=TABLET).status_code == 404
    assert b"held back: consent was withdrawn" in client.as_(cast.sadia).get(HOME).data


def test_whoever_is_erased_is_in_no_material_any_more(client, db, field, cast, clock, tmp_path):
    who = studies.add_subject(db, cast.sadia, cast.study, "Quillon", now=clock()).id
    db.rollback()
    rows = [event(SADIAS, 1, "open", 0), event(SADIAS, 2, "arrive", 3, subject=who, pseudonym="Quillon")]
    rows += [event(SADIAS, 3, "note", 5, text="Quillon enters"), event(SADIAS, 4, "end", 9, count=4)]
    field.record(SADIAS, rows, observer=cast.sadia.id)
    db.rollback()
    made = offer(db, cast, clock, SADIAS, "")

    redactions.erase_subject(db, cast.sadia, cast.study, who, tmp_path, now=clock())
    db.rollback()

    assert pulled(client) == []
    row = kept.by_id(db, cast.study.id, made)
    assert row is not None and (row.body, row.size, row.withdrawn_at is not None) == ("", 0, True)


def test_it_goes_to_the_tablets_of_its_study_and_to_nobody_else(client, db, field, cast, clock):
    settle(db, cast, clock)
    made = offer(db, cast, clock)
    other = {"Authorization": f"Bearer {cast.other.slug} tablet"}

    assert client.get("/api/v1/pull", headers=other).json["practice"] == []
    assert client.get(f"/api/v1/practice/{made}", headers=other).status_code == 404
    assert client.get(f"/api/v1/practice/{made}").status_code == 401
    assert client.as_(cast.sadia).get(f"/api/v1/practice/{made}").status_code == 401
    assert [client.as_(who).get(HOME).status_code for who in (cast.owen, cast.rhys, cast.nemo)] == [403, 403, 404]


def test_a_withdrawn_one_leaves_the_list_and_the_trail_names_both(client, db, field, cast, clock):
    settle(db, cast, clock)
    page = client.as_(cast.sadia).post(
        HOME, data={"session": OWENS, "other": OLGAS, "title": "Lecture 3", "hint": ""}, follow_redirects=True
    )
    assert b"on tablets" in page.data
    db.rollback()
    [made] = [one.id for one in kept.of_study(db, cast.study.id)]
    db.rollback()

    client.as_(cast.sadia).post(f"{HOME}{made}/withdraw")

    assert pulled(client) == []
    db.rollback()
    rows = db.execute(
        sa.select(audit.AuditEntry.action, audit.AuditEntry.about).where(
            audit.AuditEntry.action == "practice.offer"
        )
    )
    assert [tuple(row) for row in rows] == [
        ("practice.offer", f"session:{OWENS}"), ("practice.offer", f"practice:{made}"),
    ]  # fmt: skip


def test_the_same_coding_is_offered_once_and_one_too_large_not_at_all(db, field, cast, clock):
    settle(db, cast, clock)
    offer(db, cast, clock)
    with pytest.raises(NotForPractice, match="offered already"):
        offer(db, cast, clock)
    db.rollback()

    long = [
        event(SADIAS, 1, "open", 0),
        *(event(SADIAS, n, "note", at=n, text="word " * 2_000) for n in range(2, 120)),
    ]
    field.record(SADIAS, [*long, event(SADIAS, 120, "end", at=9_000, count=120)], observer=cast.sadia.id)
    db.rollback()

    with pytest.raises(NotForPractice, match="more than fit the 1000000 bytes"):
        offer(db, cast, clock, SADIAS, "")


def test_material_is_no_session_and_changes_nothing_in_what_is_exported(db, field, cast, clock):
    before = {row.id for row in records.of_study(db, cast.study.id, records.Wanted())}
    db.rollback()
    settle(db, cast, clock)

    offer(db, cast, clock)

    assert {row.id for row in records.of_study(db, cast.study.id, records.Wanted())} == before == {OWENS, OLGAS}


def test_practice_on_a_coding_is_listed_and_certified_against_what_was_settled(client, db, field, cast, clock):
    settle(db, cast, clock)
    offer(db, cast, clock)
    for session, codes in ((some_id("good"), SEEN_TOO), (some_id("poor"), ["LQ"] * 60)):
        rows = talk(session, codes, step=10_000)
        field.record(session, rows, observer=cast.owen.id, happening=TOGETHER, purpose="practice")
    elsewhere = some_id("elsewhere")
    field.record(
        elsewhere, talk(elsewhere, SEEN), observer=cast.owen.id, happening=some_id("other"), purpose="practice"
    )
    db.rollback()
    [agreed] = consensus.of_study(db, cast.study.id)
    found = practice.practised(db, cast.study.id)
    db.rollback()

    assert {one.row.id for one in found} == {some_id("good"), some_id("poor")}
    assert {(one.references["activity"], one.material.title) for one in found} == {(agreed.id, "Lecture 3")}
    before = client.as_(cast.sadia).get(HOME).get_data(as_text=True)
    assert before.count(">Certify<") == 2
    for session in ("good", "poor"):
        form = {"session": some_id(session), "stream": "activity", "reference": agreed.id}
        made = client.as_(cast.sadia).post("/studies/lectures/agreement/certificates", data=form)
        assert "/agreement/certificates/" in made.location
    after = client.as_(cast.sadia).get(HOME).get_data(as_text=True)
    assert (after.count("level reached"), after.count("level not reached"), after.count(">Certify<")) == (1, 1, 0)


def test_practice_on_one_record_is_certified_only_where_a_supervisor_made_it(client, db, field, cast, clock):
    for session, who in ((some_id("olga alone"), cast.olga), (SADIAS, cast.sadia)):
        rows = talk(session, SEEN, step=10_000)
        field.record(session, rows, observer=who.id, happening=TOGETHER, purpose="reliability")
        db.rollback()
        supervision.step(db, cast.sadia, cast.study, session, "sign_off", "", now=clock())
        db.rollback()
        offer(db, cast, clock, session, "", title=who.name)
    own = some_id("owen practises")
    field.record(own, talk(own, SEEN, step=10_000), observer=cast.owen.id, happening=TOGETHER, purpose="practice")
    db.rollback()

    found = {one.material.title: one.references for one in practice.practised(db, cast.study.id)}

    assert found == {"Olga": {}, "Sadia": {"activity": SADIAS}}
    page = client.as_(cast.sadia).get(HOME).get_data(as_text=True)
    assert (page.count(">Certify<"), page.count("settle the differences of this coding first")) == (1, 1)
