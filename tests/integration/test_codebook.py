"""A framework on paper, in other formats, and its changes in words."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from openpyxl import load_workbook
from pypdf import PdfReader
from sqlalchemy.orm import Session

from frameworks import library, schema
from frameworks.convert import boris, codebook_csv, codebook_xlsx, documents
from frameworks.model import Text
from observe.actions import frameworks as actions
from observe.store import frameworks as kept
from tests.conftest import Client, FakeClock
from tests.factories.people import Cast

FILL = schema.framework_of(library.document("fill-plus"))


@pytest.fixture
def settings() -> dict[str, Any]:
    """What is printed is printed at once."""
    return {"QUEUE": "inline"}


@pytest.fixture
def address(db: Session, cast: Cast, clock: FakeClock) -> str:
    """FILL+ published once, and then its draft changed in one definition."""
    made = actions.begin_ready_made(db, cast.sadia, cast.study, "fill-plus", now=clock())
    actions.publish(db, cast.sadia, cast.study, "fill-plus", revision=made.revision, now=clock())
    change(db, cast, clock())
    return f"/studies/{cast.study.slug}/frameworks/fill-plus"


def change(db: Session, cast: Cast, now: datetime) -> None:
    document = actions.document_of(actions.existing(db, cast.study, "fill-plus").draft)
    code = next(each for each in document["streams"][0]["codes"] if each["id"] == "LQ")
    code["exclude"] = [*code.get("exclude", []), "Questions asked of one student by name"]
    actions.save_draft(db, cast.sadia, cast.study, "fill-plus", document, revision=1, now=now)


def test_every_format_of_a_published_version_reads_back_as_the_same_framework(
    client: Client, cast: Cast, address: str
) -> None:
    reader = {
        "json": lambda data: documents.from_json(data).framework,
        "yaml": lambda data: documents.from_yaml(data).framework,
        "csv": lambda data: codebook_csv.from_csv(data).framework,
        "xlsx": lambda data: codebook_xlsx.from_xlsx(data).framework,
        "boris": lambda data: boris.read_project(data).framework,
    }
    for form, read in reader.items():
        got = client.as_(cast.owen).get(f"{address}/1/export.{form}")
        assert got.status_code == 200, form
        assert read(got.data) == FILL, form


def test_the_codebook_prints_every_definition_and_its_version(client: Client, cast: Cast, address: str) -> None:
    got = client.as_(cast.owen).get(f"{address}/1/codebook.pdf")
    said = " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(got.data)).pages).split())

    assert got.mimetype == "application/pdf"
    assert "version 1" in said
    for _, code in FILL.codes():
        assert " ".join(str(code.definition).split()) in said, code.id


def test_the_codebook_tells_observers_whom_to_watch_what_to_answer_and_what_to_note_once(
    client: Client, cast: Cast, db: Session, clock: FakeClock
) -> None:
    for slug in ("service-encounters", "neighbourhood-learning", "park-activity", "social-participation"):
        actions.begin_ready_made(db, cast.sadia, cast.study, slug, now=clock())
    owen = client.as_(cast.owen)
    said = {
        slug: " ".join(owen.get(f"/studies/{cast.study.slug}/frameworks/{slug}/draft/codebook").text.split())
        for slug in ("service-encounters", "neighbourhood-learning", "park-activity", "social-participation")
    }

    assert "Predominant interval, 1 min" in said["social-participation"]
    assert "Whom you watch:</strong>" in said["social-participation"]
    assert "(point: only its moment counts)" in said["service-encounters"]
    assert "A figure from elsewhere: give its source and date." in said["neighbourhood-learning"]
    assert "Also an answer: cannot judge, not observable here, not applicable." in said["neighbourhood-learning"]
    assert "Counted by" in said["park-activity"]
    assert "What is noted once" in said["park-activity"]


def test_the_draft_is_told_apart_from_the_version(client: Client, cast: Cast, address: str) -> None:
    assert "Questions asked of one student by name" in client.as_(cast.owen).get(f"{address}/draft/codebook").text
    assert "Questions asked of one student by name" not in client.as_(cast.owen).get(f"{address}/1/codebook").text


def test_a_change_is_said_in_words_with_what_it_does_to_old_sessions(
    client: Client, cast: Cast, address: str
) -> None:
    page = client.as_(cast.sadia).get(f"{address}/changes?old=1&new=draft").text

    assert "Questions asked of one student by name" in page
    assert "compare with care" in page
    assert "Nothing changed" in client.as_(cast.sadia).get(f"{address}/changes?old=1&new=1").text


def test_when_nothing_is_chosen_what_is_new_is_compared(
    client: Client, db: Session, cast: Cast, clock: FakeClock, address: str
) -> None:
    sadia = client.as_(cast.sadia)
    before = sadia.get(f"{address}/changes").text
    actions.publish(db, cast.sadia, cast.study, "fill-plus", revision=2, now=clock())

    after = sadia.get(f"{address}/changes").text

    assert "1 change from version 1 to the draft" in before
    assert "1 change from version 1 to version 2" in after


@pytest.mark.parametrize("page", ["changes", "1/codebook", "notes"])
def test_the_menu_says_that_a_codebook_is_of_the_frameworks(
    client: Client, cast: Cast, address: str, page: str
) -> None:
    assert re.search(r'aria-current="true">Frameworks<', client.as_(cast.sadia).get(f"{address}/{page}").text)


@pytest.mark.parametrize(
    "rest", ["9/codebook", "zero/codebook", "1/export.exe", "changes?old=7", "1/codebook.exe"]
)
def test_what_is_not_there_is_not_found(client: Client, cast: Cast, address: str, rest: str) -> None:
    assert client.as_(cast.sadia).get(f"{address}/{rest}").status_code == 404


def test_a_workbook_opens_in_a_spreadsheet_and_holds_no_formula(client: Client, cast: Cast, address: str) -> None:
    book = load_workbook(io.BytesIO(client.as_(cast.owen).get(f"{address}/1/export.xlsx").data))

    assert all(cell.data_type != "f" for row in book.active.iter_rows() for cell in row)


def test_pasted_rows_are_read_and_nothing_is_kept(client: Client, db: Session, cast: Cast, address: str) -> None:
    before = actions.existing(db, cast.study, "fill-plus").revision
    rows = "code\tdefinition\ttype\nNods\tHead down and up\tpoint\nReads\tEyes on paper\tstate\n"
    got = client.as_(cast.sadia).post(f"{address}/paste", json={"text": rows}).get_json()
    db.expire_all()

    assert [(code["label"], code.get("type", "point")) for code in got["streams"][0]["codes"]] == [
        ("Nods", "point"),
        ("Reads", "state"),
    ]
    assert actions.existing(db, cast.study, "fill-plus").revision == before


def test_the_virtual_tablet_may_stand_in_our_own_page_and_in_no_other(
    client: Client, cast: Cast, address: str
) -> None:
    headers = client.as_(cast.sadia).get(f"{address}/try").headers

    assert headers["X-Frame-Options"] == "SAMEORIGIN"
    assert "frame-ancestors 'self'" in headers["Content-Security-Policy"]
    assert client.as_(cast.owen).get(f"{address}/try").status_code == 403


def test_a_draft_begins_from_any_format_and_from_a_copy(
    client: Client, db: Session, cast: Cast, address: str
) -> None:
    other = f"/studies/{cast.other.slug}/frameworks"
    for form, written in {
        "yaml": documents.to_yaml(FILL).encode(), "csv": codebook_csv.to_csv(FILL).encode(),
        "xlsx": codebook_xlsx.to_xlsx(FILL), "boris": boris.to_boris(FILL)[0].encode(),
    }.items():  # fmt: skip
        found = actions.read_off(written)
        assert found.framework == FILL, form
    got = client.as_(cast.nemo).post(
        f"{other}/new/file", data={"document": (io.BytesIO(codebook_xlsx.to_xlsx(FILL)), "codes.xlsx")}
    )
    assert got.status_code == 303
    copied = client.as_(cast.nemo).post(f"{other}/new/copy", data={"of": "fill-plus", "slug": "ours"})

    db.rollback()
    assert copied.location.endswith("/ours/design")
    assert actions.judged(actions.existing(db, cast.other, "ours").draft).model == replace(FILL, slug="ours")


@pytest.mark.parametrize(
    "first",
    ["# lectures, seminars, labs", "title: Lectures, seminars, labs", "purpose: who asks; who answers; who waits"],
)
def test_commas_in_the_first_line_of_yaml_do_not_make_it_a_table(first: str) -> None:
    document = "\n".join(line for line in documents.to_yaml(FILL).splitlines() if not line.startswith(first[:6]))

    found = actions.read_off(f"{first}\n{document}\n".encode())

    assert found.framework is not None
    assert found.framework.streams == FILL.streams


def test_a_table_of_ones_own_columns_is_read_by_its_headings_and_what_is_left_out_is_said() -> None:
    found = actions.read_off(b"behaviour;what it is;colour code\nNods;moves the head;red\n")

    assert found.framework is not None
    [(_, code)] = found.framework.codes()
    assert (str(code.label), str(code.definition)) == ("Nods", "moves the head")
    assert [(one.code, one.sentence) for one in found.findings] == [
        ("pasted.unknown-heading", "The column “colour code” was not understood and was left out.")
    ]


def test_a_table_in_which_no_column_names_a_behaviour_is_told_as_a_table() -> None:
    found = actions.read_off(b"apples;pears;plums\n3;4;5\n")

    assert found.framework is None
    assert {one.code for one in found.findings} == {"table.unknown-column"}


def test_a_draft_is_replaced_by_any_format(client: Client, db: Session, cast: Cast, address: str) -> None:
    browser = client.as_(cast.sadia)
    for form, written in {
        "csv": codebook_csv.to_csv(replace(FILL, purpose=Text((("en", "From CSV"),)))).encode(),
        "xlsx": codebook_xlsx.to_xlsx(replace(FILL, purpose=Text((("en", "From XLSX"),)))),
    }.items():  # fmt: skip
        revision = actions.existing(db, cast.study, "fill-plus").revision
        db.rollback()
        got = browser.post(
            f"{address}/replace", data={"document": (io.BytesIO(written), f"codes.{form}"), "revision": revision}
        )
        assert b"The draft is what the document says." in browser.get(got.location).data

        db.rollback()
        found = actions.judged(actions.existing(db, cast.study, "fill-plus").draft).model
        assert found is not None and str(found.purpose) == f"From {form.upper()}"


@pytest.mark.parametrize(
    "data", [b"PK\x03\x04 broken", b"\x1f\x8b broken", b'{"behaviors_conf": 3}', b"a,b,c\n1,2", b"\x00\x01", b""]
)
def test_a_broken_file_is_explained_and_brings_nothing(
    client: Client, db: Session, cast: Cast, data: bytes
) -> None:
    got = client.as_(cast.nemo).post(
        f"/studies/{cast.other.slug}/frameworks/new/file", data={"document": (io.BytesIO(data), "broken")}
    )

    assert got.status_code in {200, 422}
    assert "errors" in got.text
    assert not kept.of_study(db, cast.other.id)
