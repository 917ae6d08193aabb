"""Studies: begun by whoever runs the server, filled by supervisors, and nobody locked out."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import sqlalchemy as sa

from observe.actions import redactions, studies
from observe.core.access import Role
from observe.core.errors import NotFound, Taken
from observe.store import audit
from observe.store import studies as kept
from observe.store.studies import Subject


class TestHome:
    def test_somebody_with_one_study_goes_straight_into_it(self, client, cast):
        assert client.as_(cast.owen).get("/").headers["Location"] == "/studies/lectures/"

    def test_an_admin_without_a_study_is_led_to_beginning_one(self, client, cast):
        assert "Studies of this server" in client.as_(cast.ada).get("/").text

    def test_a_new_study_says_what_to_do_next_to_those_who_can(self, client, cast):
        supervisor, observer = client.as_(cast.sadia), client.as_(cast.owen)

        assert "Publish a framework" in supervisor.get("/studies/lectures/").text
        page = observer.get("/studies/lectures/").text
        assert "Publish a framework" not in page and "Enrol a tablet" in page

    def test_what_somebody_may_not_do_is_not_offered(self, client, cast):
        menus = {
            who: client.as_(getattr(cast, who)).get("/studies/lectures/").text
            for who in ("owen", "sadia", "rhys", "anya")
        }

        assert [who for who, page in menus.items() if "/studies/lectures/members/" in page] == ["sadia"]
        assert [who for who, page in menus.items() if "/studies/lectures/devices/" in page] == ["owen", "sadia"]


class TestBeginning:
    def begin(self, client, cast, **changed):
        data = {
            "title": "Playgrounds",
            "slug": "playgrounds",
            "question": "Who plays?",
            "supervisor": "olga@example.org",
            **changed,
        }
        return client.as_(cast.ada).post("/server/studies", data=data)

    def test_a_study_has_its_first_supervisor(self, client, cast, db):
        assert self.begin(client, cast).status_code == 303

        study = kept.by_slug(db, "playgrounds")
        assert kept.roles_of(db, study.id, cast.olga.id) == {Role.SUPERVISOR}
        assert kept.roles_of(db, study.id, cast.ada.id) == set()

    @pytest.mark.parametrize(
        ("changed", "status", "told"),
        [
            ({"slug": "lectures"}, 409, "There is a study called lectures already."),
            ({"slug": "Big Words"}, 200, "Lower-case letters, figures and hyphens."),
            ({"supervisor": "nobody@example.org"}, 200, "Nobody here has this address."),
            ({"title": "  "}, 200, "This is needed."),
        ],
    )
    def test_what_cannot_be_is_told_at_its_field(self, client, cast, changed, status, told):
        answer = self.begin(client, cast, **changed)

        assert answer.status_code == status
        assert told in answer.text


class TestMembers:
    def test_a_supervisor_adds_somebody_by_address(self, client, cast, db):
        data = {"email": "nemo@example.org", "roles": ["observer", "reviewer"]}
        assert client.as_(cast.sadia).post("/studies/lectures/members/", data=data).status_code == 303

        assert kept.roles_of(db, cast.study.id, cast.nemo.id) == {Role.OBSERVER, Role.REVIEWER}
        assert kept.roles_of(db, cast.other.id, cast.nemo.id) == {Role.SUPERVISOR}

    def test_roles_are_exactly_those_that_are_ticked(self, client, cast, db):
        place = f"/studies/lectures/members/{cast.owen.id}"
        client.as_(cast.sadia).post(place, data={f"p{cast.owen.id}-roles": ["analyst"]})

        assert kept.roles_of(db, cast.study.id, cast.owen.id) == {Role.ANALYST}

    def test_without_a_role_somebody_is_out(self, client, cast, db):
        client.as_(cast.sadia).post(f"/studies/lectures/members/{cast.owen.id}")

        assert kept.roles_of(db, cast.study.id, cast.owen.id) == set()
        assert client.as_(cast.owen).get("/studies/lectures/").status_code == 404

    def test_the_last_supervisor_stays(self, client, cast, db):
        answer = client.as_(cast.sadia).post(f"/studies/lectures/members/{cast.sadia.id}", follow_redirects=True)

        assert "This is the last supervisor of the study." in answer.text
        assert kept.roles_of(db, cast.study.id, cast.sadia.id) == {Role.SUPERVISOR}

    def test_nobody_becomes_admin_by_a_form(self, client, cast, db):
        data = {"email": "nemo@example.org", "roles": ["admin"]}
        assert client.as_(cast.sadia).post("/studies/lectures/members/", data=data).status_code == 200

        assert kept.roles_of(db, cast.study.id, cast.nemo.id) == set()


class TestSubjects:
    def add(self, client, cast, **changed):
        data = {"pseudonym": "P01", "attributes": "group: a\nage band: 18-25", "consent": "given", **changed}
        return client.as_(cast.sadia).post("/studies/lectures/subjects/new", data=data)

    def test_a_subject_has_a_pseudonym_attributes_and_consent(self, client, cast, db):
        assert self.add(client, cast).status_code == 303

        [subject] = kept.subjects(db, cast.study.id)
        assert (subject.pseudonym, subject.attributes, subject.consent, subject.active) == (
            "P01", {"group": "a", "age band": "18-25"}, "given", True,
        )  # fmt: skip
        assert len(subject.id) == 36

    def test_a_pseudonym_is_used_once_in_a_study_and_again_in_another(self, client, cast, db, clock):
        studies.add_subject(db, cast.nemo, cast.other, "P01", now=clock())
        assert self.add(client, cast).status_code == 303

        again = self.add(client, cast)
        assert again.status_code == 409
        assert "There is a subject with this pseudonym already." in again.text

    def test_a_line_without_a_colon_is_named(self, client, cast, db):
        answer = self.add(client, cast, attributes="group: a\nold")

        assert "This line has no colon after a name: old" in answer.text
        assert kept.subjects(db, cast.study.id) == []

    def test_consent_and_activity_can_change(self, client, cast, db, clock):
        subject = studies.add_subject(db, cast.sadia, cast.study, "P01", consent="given", now=clock())
        data = {"pseudonym": "P01", "attributes": "", "consent": "withdrawn"}
        client.as_(cast.sadia).post(f"/studies/lectures/subjects/{subject.id}", data=data)

        db.expire_all()
        again = kept.subject(db, cast.study.id, subject.id)
        assert (again.consent, again.active) == ("withdrawn", False)

    def test_another_studys_subject_is_not_there(self, client, cast, db, clock):
        theirs = studies.add_subject(db, cast.nemo, cast.other, "N01", now=clock())
        sadia = client.as_(cast.sadia)

        assert sadia.get(f"/studies/lectures/subjects/{theirs.id}").status_code == 404
        assert sadia.post(f"/studies/lectures/subjects/{theirs.id}/erase").status_code == 404

    def test_erasing_leaves_a_tombstone_and_no_trace_in_file_or_journal(
        self, client, cast, db, clock, app, tmp_path
    ):
        subject = studies.add_subject(
            db, cast.sadia, cast.study, "canary-pseudonym", attributes={"school": "canary-attribute"}, now=clock()
        )
        db.close()
        assert client.as_(cast.sadia).post(f"/studies/lectures/subjects/{subject.id}/erase").status_code == 303

        [tombstone] = kept.subjects(db, cast.study.id, erased=True)
        assert (tombstone.id, tombstone.attributes, tombstone.erased_at) == (subject.id, {}, clock())
        assert kept.subjects(db, cast.study.id) == []
        for path in Path(tmp_path).glob("observe.sqlite3*"):
            assert b"canary" not in path.read_bytes(), path.name
        with pytest.raises(NotFound):
            redactions.erase_subject(db, cast.sadia, cast.study, subject.id, tmp_path, now=clock())


class TestSettings:
    def test_a_setting_is_named_once(self, client, cast, db):
        sadia = client.as_(cast.sadia)
        assert sadia.post("/studies/lectures/settings/", data={"label": "Room 4"}).status_code == 303
        assert sadia.post("/studies/lectures/settings/", data={"label": " Room 4 "}).status_code == 409

        assert [each.label for each in kept.settings(db, cast.study.id)] == ["Room 4"]

    def test_a_setting_can_be_taken_off_the_tablets(self, client, cast, db, clock):
        setting = studies.add_setting(db, cast.sadia, cast.study, "Room 4", now=clock())
        client.as_(cast.sadia).post(
            f"/studies/lectures/settings/{setting.id}", data={"label": "Room 4b", "note": "left"}
        )

        db.expire_all()
        again = kept.setting(db, cast.study.id, setting.id)
        assert (again.label, again.note, again.active) == ("Room 4b", "left", False)

    def test_it_is_said_on_the_page_how_freely_people_can_act_in_a_setting_and_the_trail_keeps_it(
        self, client, cast, db, clock
    ):
        sadia = client.as_(cast.sadia)
        sadia.post("/studies/lectures/settings/", data={"label": "Drill yard", "freedom": "bound"})
        [yard] = kept.settings(db, cast.study.id)
        page = sadia.get("/studies/lectures/settings/").get_data(as_text=True)
        sadia.post(
            f"/studies/lectures/settings/{yard.id}", data={"label": "Drill yard", "freedom": "partly-bound"}
        )
        refused = sadia.post(
            f"/studies/lectures/settings/{yard.id}", data={"label": "Drill yard", "freedom": "rather"}
        )

        db.rollback()
        trail = [
            json.loads(row.details)
            for row in audit.latest(db, study_id=cast.study.id)
            if row.about == f"setting:{yard.id}"
        ]
        assert "not otherwise: acts count nothing" in page
        assert refused.status_code == 200
        assert kept.setting(db, cast.study.id, yard.id).freedom == "partly-bound"
        assert {one["freedom"] for one in trail} == {"bound", "partly-bound"}

    def test_a_setting_cannot_take_the_name_of_another(self, cast, db, clock):
        studies.add_setting(db, cast.sadia, cast.study, "Room 4", now=clock())
        other = studies.add_setting(db, cast.sadia, cast.study, "Room 5", now=clock())

        with pytest.raises(Taken):
            studies.edit_setting(db, cast.sadia, cast.study, other.id, "Room 4", "", active=True, now=clock())


def test_observers_of_a_study_are_those_who_may_record_in_it(db, cast):
    assert [person.name for person in kept.observers(db, cast.study.id)] == ["Olga", "Owen", "Sadia"]


def test_noise_of_another_study_is_in_no_list(db, cast, clock):
    studies.add_subject(db, cast.nemo, cast.other, "N01", now=clock())
    studies.add_setting(db, cast.nemo, cast.other, "Elsewhere", now=clock())

    seen = studies.overview(db, cast.study)
    assert (seen.subjects, seen.settings, len(seen.members)) == (0, 0, 5)
    assert db.scalar(sa.select(sa.func.count()).select_from(Subject)) == 1
