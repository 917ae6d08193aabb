"""Tablets: a code is good once and for minutes, a token is kept as a hash, a lost tablet is taken out."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa

from observe.actions import devices, secret
from observe.actions.limits import Limits
from observe.core.errors import DeviceUnknown, EnrolmentGone, NotAllowed, NotFound
from observe.store.devices import Device, Enrolment

LIMITS = Limits()


@pytest.fixture
def code(db, cast, clock):
    return devices.offer(db, cast.sadia, cast.study, limits=LIMITS, now=clock()).words


def test_a_code_lets_one_tablet_into_the_study_it_was_made_for(db, cast, code, clock):
    made = devices.enrol(db, code, "Tablet 3", limits=LIMITS, now=clock())

    assert (made.study.slug, made.device.label, made.device.study_id) == ("lectures", "Tablet 3", cast.study.id)
    assert made.device.enrolled_by == cast.sadia.id
    assert made.device.expires_at == clock() + timedelta(days=365)
    assert devices.known(db, made.token, now=clock()).id == made.device.id


def test_a_code_is_good_once(db, code, clock):
    devices.enrol(db, code, "first", limits=LIMITS, now=clock())

    with pytest.raises(EnrolmentGone):
        devices.enrol(db, code, "second", limits=LIMITS, now=clock())
    assert db.scalars(sa.select(Device.label)).all() == ["first"]


def test_a_code_is_good_for_a_quarter_of_an_hour(db, code, clock):
    clock.forward(minutes=16)

    with pytest.raises(EnrolmentGone):
        devices.enrol(db, code, "late", limits=LIMITS, now=clock())


@pytest.mark.parametrize(
    "typed", [str.lower, lambda code: code.replace("-", ""), lambda code: f" {code[:4]} {code[5:]} "]
)
def test_a_code_may_be_typed_carelessly(db, code, clock, typed):
    assert devices.enrol(db, typed(code), "", limits=LIMITS, now=clock()).device.label == "Tablet"


def test_a_code_that_was_never_made_is_refused(db, cast, clock):
    with pytest.raises(EnrolmentGone):
        devices.enrol(db, "AAAA-AAAA", "x", limits=LIMITS, now=clock())


def test_neither_codes_nor_tokens_stand_in_the_database(db, code, clock):
    made = devices.enrol(db, code, "Tablet", limits=LIMITS, now=clock())

    rows = str(db.execute(sa.select(Enrolment.code_hash, Device.token_hash)).all())
    assert code not in rows and made.token not in rows
    assert secret.digest(made.token) in rows


def test_a_device_is_known_for_a_year(db, code, clock):
    made = devices.enrol(db, code, "Tablet", limits=LIMITS, now=clock())
    clock.forward(days=364)
    assert devices.known(db, made.token, now=clock()).id == made.device.id

    clock.forward(days=2)
    with pytest.raises(DeviceUnknown):
        devices.known(db, made.token, now=clock())


def test_a_revoked_device_is_still_known_so_that_what_it_sends_can_be_kept_aside(db, cast, code, clock):
    made = devices.enrol(db, code, "Tablet", limits=LIMITS, now=clock())

    devices.revoke(db, cast.sadia, cast.study, made.device.id, now=clock())

    assert devices.known(db, made.token, now=clock()).revoked_at == clock()


def test_only_a_supervisor_of_the_study_revokes(db, cast, code, clock):
    made = devices.enrol(db, code, "Tablet", limits=LIMITS, now=clock())

    with pytest.raises(NotAllowed):
        devices.revoke(db, cast.owen, cast.study, made.device.id, now=clock())
    with pytest.raises(NotFound):
        devices.revoke(db, cast.nemo, cast.study, made.device.id, now=clock())
    with pytest.raises(NotFound):
        devices.revoke(db, cast.nemo, cast.other, made.device.id, now=clock())


def test_the_page_shows_a_picture_and_a_code_that_work(client, db, cast, clock):
    page = client.as_(cast.owen).post("/studies/lectures/devices/enrol").text

    shown = re.search(r"<code>([2-9A-Z]{4}-[2-9A-Z]{4})</code>", page)[1]
    assert "<svg" in page and "style=" not in page
    assert devices.enrol(db, shown, "Tablet", limits=LIMITS, now=clock()).study.id == cast.study.id


def test_the_list_tells_when_a_tablet_last_came_and_what_became_of_it(client, db, cast, code, clock):
    made = devices.enrol(db, code, "Tablet 3", limits=LIMITS, now=clock())
    sadia = client.as_(cast.sadia)
    assert "in use" in sadia.get("/studies/lectures/devices/").text

    devices.seen(db, made.device, app="build-7", now=clock.forward(hours=1))
    assert "4 March 2026, 10:00 UTC" in sadia.get("/studies/lectures/devices/").text

    assert sadia.post(f"/studies/lectures/devices/{made.device.id}/revoke").status_code == 303
    page = sadia.get("/studies/lectures/devices/").text
    assert "revoked" in page and "in use" not in page


def test_a_tablet_that_is_enrolled_again_stays_the_same_device(db, cast, code, clock):
    first = devices.enrol(db, code, "Tablet 3", limits=LIMITS, now=clock())
    clock.forward(days=400)  # its token has expired; it proves all the same who it is
    anew = devices.offer(db, cast.sadia, cast.study, limits=LIMITS, now=clock()).words

    known = [devices.Known(first.device.id, first.token)]
    again = devices.enrol(db, anew, "", known=known, limits=LIMITS, now=clock())

    assert (again.device.id, again.device.label) == (first.device.id, "Tablet 3")
    assert devices.known(db, again.token, now=clock()).id == first.device.id
    with pytest.raises(DeviceUnknown):
        devices.known(db, first.token, now=clock())


def test_a_renewal_whose_answer_was_lost_can_be_repeated_with_another_code(db, cast, code, clock):
    first = devices.enrol(db, code, "Tablet 3", limits=LIMITS, now=clock())
    known = [devices.Known(first.device.id, first.token)]
    for _ in range(2):
        anew = devices.offer(db, cast.sadia, cast.study, limits=LIMITS, now=clock()).words
        again = devices.enrol(db, anew, "", known=known, limits=LIMITS, now=clock())

        assert again.device.id == first.device.id


@pytest.mark.parametrize("fault", ["wrong proof", "revoked", "another study"])
def test_who_cannot_prove_it_becomes_a_new_device(db, cast, code, clock, fault):
    first = devices.enrol(db, code, "Tablet 3", limits=LIMITS, now=clock())
    if fault == "revoked":
        devices.revoke(db, cast.sadia, cast.study, first.device.id, now=clock())
    by, study = (cast.nemo, cast.other) if fault == "another study" else (cast.sadia, cast.study)
    anew = devices.offer(db, by, study, limits=LIMITS, now=clock()).words
    known = [devices.Known(first.device.id, "guessed" if fault == "wrong proof" else first.token)]

    again = devices.enrol(db, anew, "Tablet 3", known=known, limits=LIMITS, now=clock())

    assert again.device.id != first.device.id
    assert again.device.study_id == study.id
    assert devices.known(db, first.token, now=clock()).id == first.device.id
