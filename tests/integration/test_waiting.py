"""What waits for whom, as the home of a study says it."""

from __future__ import annotations

import re

import pytest

from observe.actions import demo, supervision
from observe.actions.waiting import Waiting, waiting_for
from observe.store import people, records, studies
from tests.factories.field import a_field
from tests.factories.uploads import some_id

FIRST, SECOND = some_id("first"), some_id("second")


@pytest.fixture
def field(db, cast, clock):
    nemos = a_field(db, cast.other, cast.nemo, clock(), "fill-plus")
    nemos.record(some_id("nemo's"))
    made = a_field(db, cast.study, cast.owen, clock())
    made.record(FIRST)
    made.record(SECOND)
    supervision.step(db, cast.owen, cast.study, FIRST, "submit", "", now=clock())
    return made


def test_an_observer_has_own_sessions_to_submit_and_the_supervisor_those_that_were_submitted(db, field, cast):
    assert waiting_for(db, cast.owen, cast.study) == [Waiting("to_submit", 1)]
    assert waiting_for(db, cast.olga, cast.study) == []
    assert waiting_for(db, cast.sadia, cast.study) == [Waiting("to_sign_off", 1)]
    assert waiting_for(db, cast.anya, cast.study) == []


def test_what_was_returned_waits_for_its_observer_and_no_longer_for_the_supervisor(db, field, cast, clock):
    supervision.step(db, cast.sadia, cast.study, FIRST, "return", "Which lecture was it?", now=clock())

    assert waiting_for(db, cast.owen, cast.study) == [Waiting("returned", 1), Waiting("to_submit", 1)]
    assert waiting_for(db, cast.sadia, cast.study) == []


def test_the_home_leads_to_exactly_the_sessions_that_wait(client, field, cast):
    page = client.as_(cast.sadia).get("/studies/lectures/").get_data(as_text=True)
    [address] = re.findall(r'<a href="([^"]+)">1 session to sign off</a>', page)
    listed = client.as_(cast.sadia).get(address.replace("&amp;", "&")).get_data(as_text=True)

    assert FIRST in listed and SECOND not in listed
    assert "Nothing waits for you here." in client.as_(cast.anya).get("/studies/lectures/").get_data(as_text=True)


def test_a_pattern_waits_until_one_has_read_it_oneself_or_two_have(db, clock):
    demo.make(db, "correct horse battery", now=clock())
    meetings = studies.by_slug(db, demo.MEETINGS)
    of = {
        who: waiting_for(db, people.by_email(db, f"{who}@example.org"), meetings)
        for who in ("rhys", "ruth", "sadia")
    }

    assert of["rhys"] == of["ruth"] == []
    assert [one.kind for one in of["sadia"]] == ["to_sign_off"]
    assert of["sadia"][0].count == len(
        [row for row in records.of_study(db, meetings.id) if row.status == "submitted"]
    )
