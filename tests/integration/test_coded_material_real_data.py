"""What several coders made of the same thing, imported by the commands, comes to its known figures on the pages."""

from __future__ import annotations

import html
import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from flask import Flask

from observe.cli import main
from observe.store import frameworks
from tests.real_data import real_data

__all__ = ["real_data"]


@pytest.fixture
def settings() -> dict[str, Any]:
    return {"QUEUE": "inline"}


def bring_in(app: Flask, what: str, folder: Path) -> str:
    done = CliRunner().invoke(main, ["import", what, str(folder), "--study", "lectures"], obj=app)
    assert done.exit_code == 0, done.output
    return done.stdout


def text(reply) -> str:
    drawn = re.sub(r"<svg.*?</svg>", " ", reply.get_data(as_text=True), flags=re.S)
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", drawn)))


def page(client, cast, path: str) -> str:
    reply = client.as_(cast.sadia).get(f"/studies/lectures/{path}", follow_redirects=True)
    assert reply.status_code == 200
    return text(reply)


def test_pinsoro_coders_agree_hardly_and_the_page_calls_it_low(real_data, app, client, cast):
    bring_in(app, "pinsoro", real_data / "pinsoro")

    found = page(client, cast, "agreement/")

    assert "17 happenings seen by several observers" in found
    for stream, percent, alpha in (
        ("Play", "51.8", "0.129"),
        ("With the other", "46.1", "0.159"),
        ("Bearing", "56.6", "0.096"),
    ):
        assert re.search(rf"{stream} low 19 {percent} {alpha}", found), stream
    assert "This agreement is low." in found
    assert "what rests on these codes is description and not evidence" in found


@pytest.mark.parametrize(
    ("stream", "kappa", "units"),
    [
        ("behaviour", "0.7365", 216),
        ("talk", "0.4669", 212),
        ("question", "0.8687", 216),
        ("reflection", "0.6596", 216),
        ("input", "0.6441", 216),
    ],
)
def test_annomi_ten_annotators_of_seven_talks(annomi, stream, kappa, units):
    found = annomi(stream)

    assert "7 happenings seen by several observers (7 by 10)" in found
    assert re.search(rf"Fleiss' kappa {kappa} \S+ {units} ", found)


@pytest.fixture
def annomi(real_data, app, client, cast):
    bring_in(app, "annomi", real_data / "annomi")
    return lambda stream: page(client, cast, f"agreement/?stream={stream}")


def test_fleiss_1971_six_raters_of_thirty_patients(real_data, app, client, cast):
    bring_in(app, "fleiss", real_data / "agreement")

    found = page(client, cast, "agreement/")

    assert re.search(r"Fleiss' kappa 0\.4302 \S+ 30 ", found)
    assert re.search(r"Krippendorff's alpha \(nominal\) 0\.433 ", found)


WAMPOLD = {
    "1982": ["10 14 7 20 6 3", "12 6 3 13 4 2", "9 4 3 1 2 1", "20 11 4 6 6 3", "6 4 2 5 2 0", "3 1 1 5 0 0"],
    "1984": ["17 12 6 16 7 2", "3 13 6 13 3 2", "5 4 2 6 1 2", "21 6 3 10 8 2", "6 4 2 5 1 1", "8 1 1 0 0 0"],
}


def test_wampolds_two_sequences_have_their_tables_of_lag_one(real_data, app, client, cast):
    bring_in(app, "wampold", real_data / "wampold-lagseq")

    for year, rows in WAMPOLD.items():
        found = page(client, cast, f"sequences/?where=year%3D{year}")
        assert "199 transitions to the next code" in found
        for number, row in enumerate(rows, start=1):
            assert f"c{number} {row} " in found


def test_an_import_done_twice_changes_nothing(real_data, app, cast, db):
    first = bring_in(app, "wampold", real_data / "wampold-lagseq")
    again = bring_in(app, "wampold", real_data / "wampold-lagseq")

    assert "2 sessions: 404 events stored, 0 were there already" in first
    assert "2 sessions: 0 events stored, 404 were there already" in again
    db.rollback()
    assert [one.slug for one in frameworks.of_study(db, cast.study.id)] == ["wampold-sequences"]


def test_seattles_empty_scans_are_true_zeros_and_persons_are_counted(real_data, app, client, cast):
    assert bring_in(app, "seattle", real_data / "seattle-public-life").startswith("1646 sessions")

    found = page(client, cast, "analysis/")

    assert "over 1646 sessions" in found
    assert "Postures scan empty (a true zero) 152" in found
    assert "Postures scan taken 1494" in found
    postures = {
        "standing": 10265,
        "leaning": 898,
        "sitting formal all": 4396,
        "sitting informal": 883,
        "lying": 295,
    }
    for cell, persons in postures.items():
        assert re.search(rf"Postures Posture: {cell} {persons} ", found), cell
    for cell, persons in (
        ("female", 6529),
        ("male", 10100),
        ("non-conforming", 13),
        ("unsure", 146),
        ("not-written", 22),
    ):
        assert re.search(rf"Persons Apparent gender: {cell} {persons} ", found), cell
    for cell, times in (("eating drinking", 3141), ("talking to others", 7911), ("using electronics", 4291)):
        assert re.search(rf"What was done Activity: {cell} {times} ", found), cell
