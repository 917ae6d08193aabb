"""Signing in and out."""

from __future__ import annotations

from tests.factories.people import PASSWORD


def test_a_right_password_signs_in_and_leads_into_the_only_study(client):
    answer = client.post(
        "/sign-in", data={"email": "Owen@example.org ", "password": PASSWORD}, follow_redirects=True
    )

    assert answer.status_code == 200
    assert b"<h1>Lectures</h1>" in answer.data


def test_a_stranger_is_sent_to_the_sign_in_and_back(client):
    answer = client.get("/studies/lectures/")

    assert answer.status_code == 302
    assert answer.headers["Location"] == "/sign-in?to=/studies/lectures/"
