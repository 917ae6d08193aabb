"""Signing in and out: who gets in, who is held back, and which cookie is dead."""

from __future__ import annotations

import pyotp
import pytest
import sqlalchemy as sa

from observe.actions import people, secret
from observe.actions.limits import Limits
from observe.core.errors import WeakPassword
from observe.store import people as kept
from observe.store.people import Login, Person
from tests.factories.people import PASSWORD


def sign_in(client, email="owen@example.org", password=PASSWORD, **more):
    return client.post("/sign-in", data={"email": email, "password": password}, **more)


def test_a_right_password_signs_in_and_leads_into_the_only_study(client):
    answer = sign_in(client, " Owen@Example.org ", follow_redirects=True)

    assert answer.status_code == 200
    assert b"<h1>Lectures</h1>" in answer.data


@pytest.mark.parametrize("email", ["owen@example.org", "nobody@example.org"])
def test_a_wrong_password_and_an_unknown_address_get_the_same_answer(client, email):
    answer = sign_in(client, email, "not the password")

    assert answer.status_code == 401
    assert "The address or the password is not right." in answer.text
    assert client.get("/studies/lectures/").status_code == 302


def test_a_stranger_is_sent_to_the_sign_in_and_back(client):
    answer = client.get("/studies/lectures/?page=2")

    assert answer.headers["Location"] == "/sign-in?to=/studies/lectures/?page%3D2"
    there = client.post(answer.headers["Location"], data={"email": "owen@example.org", "password": PASSWORD})
    assert there.headers["Location"] == "/studies/lectures/?page=2"


@pytest.mark.parametrize(
    "to", ["//evil.example", "https://evil.example", "/\\evil.example", "/\t/evil.example", "x"]
)
def test_a_link_through_the_sign_in_cannot_lead_to_another_site(client, to):
    answer = client.post(
        "/sign-in", query_string={"to": to}, data={"email": "owen@example.org", "password": PASSWORD}
    )

    assert answer.headers["Location"] == "/"


def test_the_sixth_attempt_within_a_quarter_of_an_hour_is_held_back_even_with_the_right_password(client, clock):
    for _ in range(5):
        assert sign_in(client, password="wrong").status_code == 401
        clock.forward(minutes=1)

    held = sign_in(client)

    assert held.status_code == 429
    assert held.headers["Retry-After"] == "601"
    assert sign_in(client, "olga@example.org").status_code == 303
    clock.forward(minutes=11)
    assert sign_in(client).status_code == 303


def test_attempts_are_kept_in_the_database_so_that_a_restart_does_not_forget_them(client, db, cast, clock):
    for _ in range(5):
        sign_in(client, password="wrong")

    key = secret.digest("account:owen@example.org")
    assert len(kept.attempts(db, key, since=clock() - Limits().sign_in_window)) == 5


def test_one_address_that_tries_many_accounts_is_held_back_too(client):
    statuses = [sign_in(client, f"person{number}@example.org").status_code for number in range(31)]

    assert statuses == [401] * 30 + [429]


def test_signing_in_takes_a_new_id_and_forgets_what_the_cookie_held_before(client):
    with client.session_transaction() as before:
        before["planted"] = "by somebody else"
        before["_user_id"] = "a token that somebody else knows"
    sign_in(client)

    with client.session_transaction() as after:
        assert "planted" not in after
        assert after["_user_id"] != "a token that somebody else knows"


def test_a_copied_cookie_is_dead_after_signing_out(client, app):
    sign_in(client)
    copied = client.get_cookie("observe").value
    assert client.post("/sign-out").status_code == 303

    thief = app.test_client()
    thief.set_cookie("observe", copied)
    assert thief.get("/studies/lectures/").status_code == 302


def test_the_database_does_not_hold_what_the_cookie_carries(client, db):
    sign_in(client)

    with client.session_transaction() as cookie:
        token = cookie["_user_id"]
    assert db.get(Login, token) is None
    assert db.get(Login, secret.digest(token)) is not None


def test_a_sign_in_ends_after_two_idle_hours(client, clock):
    sign_in(client)
    clock.forward(minutes=119)
    assert client.get("/studies/lectures/").status_code == 200

    clock.forward(minutes=119)
    assert client.get("/studies/lectures/").status_code == 200

    clock.forward(minutes=121)
    assert client.get("/studies/lectures/").status_code == 302


def test_a_sign_in_ends_after_twelve_hours_however_busy(client, clock):
    sign_in(client)
    for _ in range(12):
        clock.forward(minutes=59)
        assert client.get("/studies/lectures/").status_code == 200

    clock.forward(minutes=13)
    assert client.get("/studies/lectures/").status_code == 302


def test_somebody_who_was_deactivated_is_out_at_once(client, db, cast, clock):
    owen = client.as_(cast.owen)
    assert owen.get("/studies/lectures/").status_code == 200

    people.activate(db, cast.ada, cast.owen.id, False, now=clock())

    assert owen.get("/studies/lectures/").status_code == 302
    assert sign_in(client).status_code == 401


def test_the_cookie_is_out_of_reach_of_scripts_and_of_other_sites(client):
    cookie = sign_in(client).headers["Set-Cookie"]

    assert cookie.startswith("observe=")
    assert "HttpOnly" in cookie and "SameSite=Lax" in cookie and "Path=/" in cookie


def test_over_https_the_cookie_is_bound_to_the_host_and_to_https(client):
    cookie = sign_in(client, base_url="https://observe.example").headers["Set-Cookie"]

    assert cookie.startswith("__Host-observe=")
    assert "Secure" in cookie and "HttpOnly" in cookie and "SameSite=Lax" in cookie and "Path=/" in cookie
    assert "Domain" not in cookie


def test_changing_the_password_signs_other_browsers_out_and_keeps_this_one(client, cast):
    here, there = client.as_(cast.owen), client.as_(cast.owen)

    answer = here.post(
        "/account/password", data={"old": PASSWORD, "password": "a better one now", "again": "a better one now"}
    )

    assert answer.status_code == 303
    assert here.get("/account").status_code == 200
    assert there.get("/account").status_code == 302
    assert sign_in(client).status_code == 401
    assert sign_in(client, password="a better one now").status_code == 303


def test_changing_the_password_needs_the_present_one(client, cast):
    answer = client.as_(cast.owen).post(
        "/account/password", data={"old": "guessed", "password": "a better one now", "again": "a better one now"}
    )

    assert answer.status_code == 401
    assert "The old password is not right." in answer.text


class TestOneTimeCodes:
    @pytest.fixture
    def code_of(self, client, cast, clock, db):
        """Owen's authenticator, set up through the pages."""
        owen = client.as_(cast.owen)
        page = owen.get("/account/second-factor").text
        words = page.partition("Type this secret: <code>")[2].partition("</code>")[0]
        authenticator = pyotp.TOTP(words)
        assert owen.get("/account/second-factor").text.count(words) == 1, "a reload shows the same secret"
        answer = owen.post("/account/second-factor", data={"code": authenticator.at(clock())})
        assert answer.status_code == 303
        clock.forward(minutes=1)
        return lambda: authenticator.at(clock())

    def test_the_password_alone_is_not_enough(self, client, code_of):
        assert sign_in(client).headers["Location"] == "/sign-in/code"
        assert client.get("/studies/lectures/").status_code == 302

        assert client.post("/sign-in/code", data={"code": code_of()}).headers["Location"] == "/"
        assert client.get("/studies/lectures/").status_code == 200

    def test_a_code_is_good_once(self, client, app, code_of):
        code = code_of()
        sign_in(client)
        assert client.post("/sign-in/code", data={"code": code}).status_code == 303

        other = app.test_client()
        sign_in(other)
        again = other.post("/sign-in/code", data={"code": code})
        assert again.status_code == 401
        assert "was used before" in again.text

    def test_the_sixth_code_is_held_back(self, client, code_of):
        sign_in(client)
        wrong = "000000" if code_of() != "000000" else "111111"
        statuses = [client.post("/sign-in/code", data={"code": wrong}).status_code for _ in range(6)]

        assert statuses == [401] * 5 + [429]

    def test_a_right_password_waits_five_minutes_for_its_code(self, client, code_of, clock):
        sign_in(client)
        clock.forward(minutes=6)

        assert client.post("/sign-in/code", data={"code": code_of()}).headers["Location"] == "/sign-in"

    def test_the_secret_is_not_readable_in_the_database(self, client, code_of, db, cast):
        owen = db.scalar(sa.select(Person).where(Person.id == cast.owen.id))

        assert owen.second_factor.startswith("gAAAA")

    def test_turning_it_off_needs_a_code(self, client, code_of, cast, clock):
        owen = client.as_(cast.owen)

        assert owen.post("/account/second-factor/off", data={"code": "000000"}).status_code == 401
        assert owen.post("/account/second-factor/off", data={"code": code_of()}).status_code == 303
        assert sign_in(client).headers["Location"] == "/"


class TestInvitations:
    @pytest.fixture
    def link(self, db, cast, clock):
        made = people.invite(db, cast.ada, "Ines", "Ines@Example.org", limits=Limits(), now=clock())
        return f"/welcome/{made.token}"

    def accept(self, client, link, password="three green doors"):
        return client.post(link, data={"password": password, "again": password})

    def test_a_link_sets_a_password_and_signs_in_once(self, client, app, link):
        assert b"Ines" in client.get(link).data
        assert self.accept(client, link).status_code == 303
        assert b"You belong to no study yet" in client.get("/").data

        assert self.accept(app.test_client(), link).status_code == 410

    def test_a_link_is_good_for_three_days(self, client, link, clock):
        clock.forward(hours=73)

        assert client.get(link).status_code == 410
        assert self.accept(client, link).status_code == 410

    def test_a_newer_link_makes_the_older_one_worthless(self, client, link, db, cast, clock):
        ines = kept.by_email(db, "ines@example.org")
        people.invite_again(db, cast.ada, ines.id, limits=Limits(), now=clock())

        assert client.get(link).status_code == 410

    def test_two_accounts_cannot_have_one_address(self, client, link, cast):
        answer = client.as_(cast.ada).post("/server/people", data={"name": "Other", "email": "INES@example.org"})

        assert answer.status_code == 409
        assert "There is an account with this address already." in answer.text

    def test_a_weak_password_leaves_the_link_good(self, client, link):
        refused = self.accept(client, link, "password2026!")

        assert refused.status_code == 422
        assert "one of the passwords that are tried first" in refused.text
        assert self.accept(client, link).status_code == 303


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("seven77", "has 8 to 128 characters; this has 7"),
        ("x" * 129, "has 8 to 128 characters; this has 129"),
        ("Password", "tried first"),
        ("letmein123!", "tried first"),
        ("aaaaaaaaaaaa", "tried first"),
        ("owen@example.org", "own name or address"),
    ],
)
def test_passwords_that_are_tried_first_are_refused(password, why):
    with pytest.raises(WeakPassword, match=why):
        secret.hash_password(password, not_like=("owen@example.org", "Owen"))


@pytest.mark.parametrize("password", ["8 chars!", "x7y-" * 32, "пароль из слов", "correct horse battery"])
def test_other_passwords_are_taken_and_kept_as_argon2id(password):
    kept_as = secret.hash_password(password)

    assert kept_as.startswith("$argon2id$")
    assert secret.fits(password, kept_as)
    assert not secret.fits(password + " ", kept_as)
