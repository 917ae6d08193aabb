"""The audit trail: every act leaves an entry, and nobody can take one out."""

from __future__ import annotations

import json

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DatabaseError

from observe.actions import devices, people, studies
from observe.actions.doing import doing
from observe.actions.limits import Limits
from observe.core import chain
from observe.core.access import Role
from observe.core.errors import NotAllowed, NotFound
from observe.store import audit


def entries(db):
    return [(entry.actor, entry.action, entry.about) for entry in reversed(audit.latest(db))]


def test_an_act_leaves_one_entry_with_who_and_what(db, cast, clock):
    subject = studies.add_subject(db, cast.sadia, cast.study, "P01", now=clock())
    devices.offer(db, cast.owen, cast.study, limits=Limits(), now=clock())

    assert entries(db) == [
        (f"person:{cast.sadia.id}", "subject.manage", f"subject:{subject.id}"),
        (f"person:{cast.owen.id}", "device.enrol", "enrolment:1"),
    ]
    assert list(chain.faults(audit.links(db))) == []


def test_the_trail_holds_no_names_and_no_words(db, cast, clock):
    studies.add_subject(db, cast.sadia, cast.study, "canary pseudonym", attributes={"canary": "yes"}, now=clock())
    people.invite(db, cast.ada, "Canary", "canary@example.org", limits=Limits(), now=clock())
    studies.edit(db, cast.sadia, cast.study, "canary title", "canary question", now=clock())

    assert "canary" not in json.dumps([[e.about, e.details, e.actor] for e in audit.latest(db)]).lower()


def test_an_act_that_fails_leaves_neither_change_nor_entry(db, cast, clock):
    with pytest.raises(RuntimeError), doing(db, cast.sadia, "study.edit", cast.study, now=clock()):
        db.get(type(cast.study), cast.study.id).title = "changed"
        raise RuntimeError

    assert entries(db) == []
    db.expire_all()
    assert db.scalar(sa.text("SELECT title FROM studies WHERE slug = 'lectures'")) == "Lectures"


def test_an_act_that_is_not_allowed_leaves_no_entry(db, cast, clock):
    with pytest.raises(NotAllowed):
        studies.add_subject(db, cast.owen, cast.study, "P01", now=clock())
    with pytest.raises(NotFound):
        studies.add_subject(db, cast.nemo, cast.study, "P01", now=clock())

    assert entries(db) == []


def test_a_role_taken_away_a_moment_ago_counts(db, cast, clock):
    studies.set_member(db, cast.sadia, cast.study, cast.owen.id, frozenset({Role.SUPERVISOR}), now=clock())
    studies.set_member(db, cast.owen, cast.study, cast.sadia.id, frozenset({Role.OBSERVER}), now=clock())

    with pytest.raises(NotAllowed):
        studies.add_subject(db, cast.sadia, cast.study, "P01", now=clock())


@pytest.mark.parametrize("words", ["UPDATE audit SET actor = 'person:9'", "DELETE FROM audit"])
def test_the_database_itself_refuses_to_change_or_delete_an_entry(db, cast, clock, words):
    studies.add_subject(db, cast.sadia, cast.study, "P01", now=clock())

    with pytest.raises(DatabaseError, match="only added to"):
        db.execute(sa.text(words))


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("UPDATE audit SET actor = 'person:9' WHERE number = 2", "Entry 2 was changed after it was written."),
        ("DELETE FROM audit WHERE number = 2", "Entry 3 follows entry 1: entries are missing or out of order."),
        ("UPDATE audit SET number = number + 10 WHERE number > 1", "Entry 12 follows entry 1: entries are missing or out of order."),
    ],
)  # fmt: skip
def test_somebody_who_gets_around_the_database_is_found_out(client, db, cast, clock, words, told):
    for pseudonym in ("P01", "P02", "P03"):
        studies.add_subject(db, cast.sadia, cast.study, pseudonym, now=clock())
    for trigger in ("audit_no_update", "audit_no_delete"):
        db.execute(sa.text(f"DROP TRIGGER {trigger}"))
    db.execute(sa.text(words))
    db.commit()

    assert told in client.as_(cast.sadia).get("/studies/lectures/audit/check").text


def test_a_supervisor_sees_the_entries_of_the_study_and_of_no_other(client, db, cast, clock):
    mine = studies.add_subject(db, cast.sadia, cast.study, "P01", now=clock())
    theirs = studies.add_subject(db, cast.nemo, cast.other, "N01", now=clock())

    page = client.as_(cast.sadia).get("/studies/lectures/audit").text

    assert f"subject:{mine.id}" in page and "Sadia" in page
    assert theirs.id not in page and "Nemo" not in page


def test_the_trail_turns_its_pages(client, db, cast, clock):
    for number in range(60):
        studies.add_subject(db, cast.sadia, cast.study, f"P{number}", now=clock())
    sadia = client.as_(cast.sadia)

    first = sadia.get("/studies/lectures/audit").text
    older = sadia.get("/studies/lectures/audit?before=11").text

    assert "?before=11" in first
    assert first.count('<td class="number">') == 50
    assert older.count('<td class="number">') == 10


def test_the_head_is_exported_for_whoever_runs_the_server(client, db, cast, clock):
    studies.add_subject(db, cast.sadia, cast.study, "P01", now=clock())
    ada = client.as_(cast.ada)

    answer = ada.get("/server/audit/head")

    number, digest = audit.head(db)
    assert answer.text == f"{number}:{digest}\n"
    assert "The trail holds" in ada.get("/server/audit/check").text
