"""Where the tablet was: asked for by a framework only, told with its accuracy and age, and of nobody without consent."""

from __future__ import annotations

import csv
import io

import pytest

from frameworks import library
from frameworks.convert.markdown import to_markdown
from frameworks.model import Position, Text
from frameworks.rules import check
from frameworks.schema import dump, framework_of
from observe.store import studies
from observe.store.base import writing
from tests.factories.field import Field, a_field
from tests.factories.uploads import event, some_id

HOME = "/studies/lectures/exports/"
WALK = some_id("walk")


def places(session: str = WALK, subject: str | None = None):
    about = {} if subject is None else {"subject": subject}
    return [
        event(session, 1, "open", 0),
        event(session, 2, "position", 700, of="start", latitude=47.609594, longitude=-122.3378, accuracy=8, age=350, rounded=100),
        event(session, 3, "start", 800, code="LT", **about),
        event(session, 4, "note", 900, text="on the bench"),
        event(session, 5, "position", 900, of="note", ref=some_id(session, 4), state="lost"),
        event(session, 6, "end", 9_000, count=6),
    ]  # fmt: skip


@pytest.fixture
def field(db, cast, clock) -> Field:
    a_field(db, cast.other, cast.nemo, clock(), "copus").record(some_id("noise"), places(some_id("noise")))
    made = a_field(db, cast.study, cast.owen, clock())
    made.record(WALK, places())
    db.rollback()
    return made


def table(client, cast, name: str) -> list[dict[str, str]]:
    data = client.as_(cast.anya).get(f"{HOME}{name}.csv").get_data(as_text=True)
    return list(csv.DictReader(io.StringIO(data)))


def test_the_export_has_a_row_for_each_position_and_a_missing_one_is_a_row_with_its_reason(client, field, cast):
    known, lost = table(client, cast, "positions")

    assert {name: value for name, value in known.items() if value and name not in ("session", "event")} == {
        "at_ms": "700", "of": "start", "state": "known", "latitude": "47.609594", "longitude": "-122.3378",
        "accuracy_m": "8", "age_ms": "350", "rounded_m": "100",
    }  # fmt: skip
    assert (lost["of"], lost["state"], lost["about"], lost["latitude"]) == ("note", "lost", some_id(WALK, 4), "")
    assert known["session"] == WALK


def test_the_codebook_says_what_each_column_means(client, field, cast):
    told = {row["id"]: row["definition"] for row in table(client, cast, "codebook") if row["of"] == "positions"}

    assert "before rounding" in told["accuracy_m"]
    assert "why there is none" in told["state"]
    assert {"latitude", "longitude", "age_ms", "rounded_m", "sample"} <= set(told)


def test_the_page_of_the_session_says_how_many_are_known_and_why_one_is_not(client, field, cast):
    page = client.as_(cast.sadia).get(f"/studies/lectures/sessions/{WALK}").get_data(as_text=True)

    assert "1 of 2 positions known" in page
    assert "missing: no fix, or one too old" in page


def test_where_everybody_watched_took_consent_back_no_position_leaves_the_server(client, db, field, cast, clock):
    alone = some_id("alone")
    with writing(db):
        db.add(
            studies.Subject(
                id=some_id("P02"), study_id=cast.study.id, pseudonym="P02", consent="withdrawn", attributes={},
                created_at=clock(), changed_at=clock(),
            )
        )  # fmt: skip
    field.record(alone, places(alone, some_id("P02")), subjects=[some_id("P02")])
    db.rollback()

    assert {row["session"] for row in table(client, cast, "positions")} == {WALK}
    assert not any(row["session"] == alone and row["kind"] == "position" for row in table(client, cast, "events"))


def asking(**more):
    return framework_of({**library.document("public-life"), "position": {"at": ["start", "scan"], **more}})


def test_nothing_is_asked_for_unless_the_framework_does():
    framework = framework_of(library.document("public-life"))

    assert framework.position is None
    assert "position" not in dump(framework)


def test_a_framework_that_asks_says_so_in_its_document_and_its_codebook():
    framework = asking(rounded_m=10, reason="Which benches are used")

    assert framework.position == Position(("start", "scan"), 10, Text((("en", "Which benches are used"),)))
    assert framework_of(dump(framework)) == framework
    assert (
        "position is noted** at the start, with each scan, rounded to 10 m. Which benches are used"
        in to_markdown(framework)
    )


@pytest.mark.parametrize(
    ("more", "codes"),
    [
        ({}, {"position.no-reason"}),
        ({"rounded_m": 10, "reason": "Which benches"}, {"position.fine"}),
        ({"rounded_m": 99}, {"position.no-reason", "position.fine"}),
        ({"reason": "Which benches"}, set()),
    ],
)
def test_a_position_without_a_reason_or_finer_than_a_block_is_advised_against(more, codes):
    assert {one.code for one in check(asking(**more)) if one.code.startswith("position.")} == codes


def test_asking_with_each_scan_where_nothing_is_scanned_is_a_finding():
    framework = framework_of(
        {**library.document("fill-plus"), "position": {"at": ["scan"], "reason": "Which room"}}
    )

    assert "position.no-scan" in {one.code for one in check(framework)}
