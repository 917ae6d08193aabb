"""The key of pseudonyms on the server's side: it keeps what is sealed, for supervisors, and nothing else ever."""

from __future__ import annotations

import base64
import os
from typing import Any

import pytest

from observe.actions import redactions, studies
from observe.core import sealed
from observe.core.sealed import NotSealed
from observe.store import audit, keys
from tests.factories.people import Cast

KEY = "/studies/lectures/subjects/key"


def sealed_thing(inside: int = 256) -> str:
    """Bytes of the shape that the page makes."""
    return base64.b64encode(os.urandom(12 + inside + 16)).decode()


def a_lock(**changed: Any) -> dict[str, Any]:
    salt, data_key = base64.b64encode(os.urandom(16)).decode(), sealed_thing(32)
    return {"derivation": "PBKDF2-SHA-256", "rounds": 600_000, "salt": salt, "data_key": data_key, **changed}


@pytest.fixture
def subject(db, cast, clock):
    return studies.add_subject(db, cast.sadia, cast.study, "P01", now=clock())


def lay_down(client: Any, cast: Cast, version: int = 0, entries: dict[str, str] | None = None, **lock: Any) -> Any:
    body = {"version": version, "lock": a_lock(**lock), "entries": entries or {}}
    return client.as_(cast.sadia).post(f"{KEY}/lay-down", json=body)


class TestWhatIsKept:
    def test_a_supervisor_lays_it_down_and_gets_the_same_bytes_back(self, client, cast, subject):
        one = sealed_thing()
        assert lay_down(client, cast, entries={subject.id: one}).json == {"version": 1}

        fetched = client.as_(cast.sadia).post(f"{KEY}/fetch", json={}).json
        assert (fetched["version"], fetched["entries"], fetched["lock"]["rounds"]) == (
            1,
            {subject.id: one},
            600_000,
        )

    def test_one_entry_is_put_replaced_and_taken_away(self, client, cast, db, subject):
        lay_down(client, cast)
        sadia, at = client.as_(cast.sadia), f"{KEY}/entries/{subject.id}"
        one, other = sealed_thing(), sealed_thing()

        assert sadia.post(at, json={"version": 1, "sealed": one}).json == {"version": 2}
        assert sadia.post(at, json={"version": 2, "sealed": other}).json == {"version": 3}
        assert keys.entries_of(db, cast.study.id) == {subject.id: other}
        db.rollback()
        assert sadia.post(at, json={"version": 3, "sealed": None}).json == {"version": 4}
        assert keys.entries_of(db, cast.study.id) == {}

    def test_who_is_later_is_told_and_overwrites_nothing(self, client, cast, db, subject):
        lay_down(client, cast)
        sadia, at = client.as_(cast.sadia), f"{KEY}/entries/{subject.id}"
        one = sealed_thing()
        sadia.post(at, json={"version": 1, "sealed": one})

        answer = sadia.post(
            at, json={"version": 1, "sealed": sealed_thing()}, headers={"Accept": "application/json"}
        )
        assert (answer.status_code, answer.json["code"]) == (409, "key.moved")
        assert lay_down(client, cast, version=0).status_code == 409
        assert keys.entries_of(db, cast.study.id) == {subject.id: one}

    def test_deleting_leaves_nothing_of_it(self, client, cast, db, subject):
        lay_down(client, cast, entries={subject.id: sealed_thing()})

        answer = client.as_(cast.sadia).post(f"{KEY}/forget", follow_redirects=True)
        assert "The key is deleted." in answer.text
        assert (keys.key_of(db, cast.study.id), keys.entries_of(db, cast.study.id)) == (None, {})

    def test_erasing_a_subject_takes_their_entry_and_no_other(self, client, cast, db, clock, subject, tmp_path):
        other = studies.add_subject(db, cast.sadia, cast.study, "P02", now=clock())
        one, two = sealed_thing(), sealed_thing()
        lay_down(client, cast, entries={subject.id: one, other.id: two})
        db.close()
        redactions.erase_subject(db, cast.sadia, cast.study, subject.id, tmp_path, now=clock())

        assert keys.entries_of(db, cast.study.id) == {other.id: two}
        db.close()
        for path in tmp_path.glob("observe.sqlite3*"):
            assert one.encode() not in path.read_bytes(), path.name
        again = client.as_(cast.sadia).post(f"{KEY}/entries/{subject.id}", json={"version": 1, "sealed": one})
        assert again.status_code == 404


class TestWhoMay:
    @pytest.mark.parametrize(
        ("who", "status"), [("owen", 403), ("rhys", 403), ("anya", 403), ("nemo", 404), ("ada", 404)]
    )
    @pytest.mark.parametrize("path", ["fetch", "lay-down", "forget", "entries/x"])
    def test_nobody_but_a_supervisor_gets_even_the_sealed_bytes(self, client, cast, who, status, path):
        lay_down(client, cast)
        assert client.as_(getattr(cast, who)).post(f"{KEY}/{path}", json={}).status_code == status

    def test_every_fetch_is_in_the_trail_and_none_of_what_was_fetched(self, client, cast, db, subject):
        one = sealed_thing()
        lay_down(client, cast, entries={subject.id: one})
        client.as_(cast.sadia).post(f"{KEY}/fetch", json={})

        entries = audit.latest(db, study_id=cast.study.id, before=2**31 - 1, limit=2)
        assert [(entry.action, entry.actor) for entry in entries] == [
            ("key.open", f"person:{cast.sadia.id}"), ("key.keep", f"person:{cast.sadia.id}"),
        ]  # fmt: skip
        assert one not in "".join(entry.details for entry in entries)

    def test_the_page_holds_neither_lock_nor_entries(self, client, cast, subject):
        one = sealed_thing()
        lay_down(client, cast, entries={subject.id: one}, salt="AAAAAAAAAAAAAAAAAAAAAA==")

        page = client.as_(cast.sadia).get(f"{KEY}/").text
        assert "P01" in page and one not in page and "AAAAAAAAAAAAAAAA" not in page


class TestWhatIsRefused:
    @pytest.mark.parametrize(
        "entry",
        ["Mary Quillon", base64.b64encode(b'{"name": "Mary Quillon"}').decode(), "A" * 376, 7, None, {"name": "Mary"}],
    )  # fmt: skip
    def test_what_is_not_sealed(self, entry):
        with pytest.raises(NotSealed):
            sealed.entry_of(entry)

    @pytest.mark.parametrize("inside", [0, 255, 257, 17 * 256])
    def test_a_length_that_tells_something_or_too_much(self, inside):
        with pytest.raises(NotSealed):
            sealed.entry_of(sealed_thing(inside))

    @pytest.mark.parametrize(
        "changed",
        [{"rounds": 599_999}, {"rounds": 10_000_001}, {"rounds": True}, {"derivation": "plain"}, {"salt": ""}, {"passphrase": "x"}],
    )  # fmt: skip
    def test_a_lock_that_is_too_weak_or_says_too_much(self, changed):
        assert sealed.lock_of(a_lock()).rounds == 600_000
        with pytest.raises(NotSealed):
            sealed.lock_of(a_lock(**changed))

    def test_words_in_clear_are_refused_and_not_kept(self, client, cast, db, subject):
        lay_down(client, cast)
        sent = {"version": 1, "sealed": "canary-name"}
        answer = client.as_(cast.sadia).post(f"{KEY}/entries/{subject.id}", json=sent)

        assert answer.status_code == 400
        assert keys.entries_of(db, cast.study.id) == {}

    def test_subjects_of_another_study_have_no_place_in_it(self, client, cast, db, clock):
        theirs = studies.add_subject(db, cast.nemo, cast.other, "N01", now=clock())
        assert lay_down(client, cast, entries={theirs.id: sealed_thing()}).status_code == 404
        assert keys.entries_of(db, cast.study.id) == {}
