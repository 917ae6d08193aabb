"""An instrument whose words belong to someone else is used in its study, and no file that leaves holds a word of it."""

from __future__ import annotations

import io
import json
import re
import zipfile
from typing import Any

import pytest
from pypdf import PdfReader

from frameworks import schema
from frameworks.convert import boris, codebook_csv, codebook_xlsx, documents
from frameworks.rights import WITHHELD
from observe.actions import frameworks as actions
from observe.actions import imports
from observe.actions.doing import Console
from observe.actions.imports import Dataset
from observe.core.errors import Invalid
from observe.documents import dataset, package
from observe.documents.formats import FORMATS
from observe.store import frameworks as kept
from tests.factories.taken import DOCUMENT, a_play_study, taken, written

WORD = re.compile(rb"Owner|Loudly|Plays (alone|together)|Nobody within reach|Calls out|How calm it was|not at all")
*CODED, MOOD = DOCUMENT["streams"]
OWNED: dict[str, Any] = {
    **DOCUMENT,
    "streams": [*CODED, {**MOOD, "sampling": {"kind": "rating", "rated_at": "end"}}],
    "purpose": "The Owner's purpose",
    "limits": "Limits in the Owner's words",
    "source": {"citation": "A Manual (1999)"},
    "rights": {"status": "user-supplied-only", "note": "Letter of 3 May"},
}


@pytest.fixture
def settings() -> dict[str, Any]:
    """What is printed is printed at once."""
    return {"QUEUE": "inline"}


@pytest.fixture
def address(db, cast, clock) -> str:
    """The instrument, published in the study."""
    made = actions.begin(db, cast.sadia, cast.study, schema.framework_of(OWNED), now=clock())
    actions.publish(db, cast.sadia, cast.study, "play", revision=made.revision, now=clock())
    return f"/studies/{cast.study.slug}/frameworks/play"


def test_every_page_of_it_says_whose_words_they_are_and_shows_them_to_those_who_use_them(client, cast, address):
    sadia = client.as_(cast.sadia)
    for page in ("", "/versions/1", "/1/codebook", "/draft/codebook"):
        said = sadia.get(address + page).text
        assert "belong to someone else" in said, page
        assert "Nobody within reach." in said, page
        assert "Letter of 3 May" in said, page


@pytest.mark.parametrize(
    ("words", "said"),
    [("", "ids would stand in the place"), ("kept", "The draft is what"), ("left", "The draft is what")],
)
def test_a_document_that_comes_back_without_its_words_takes_none_away_unasked(
    client, db, cast, address, words, said
):
    sadia = client.as_(cast.sadia)
    draft = actions.existing(db, cast.study, "play")
    document = json.loads(draft.draft)
    first = document["streams"][0]["codes"][0]
    before = first["label"]
    left = sadia.get(f"{address}/draft.json").data

    page = sadia.post(
        f"{address}/replace",
        data={"document": (io.BytesIO(left), "play.json"), "revision": str(draft.revision), "words": words},
        follow_redirects=True,
    ).text

    now = sadia.get(f"{address}/draft").get_json()["document"]["streams"][0]["codes"][0]["label"]
    assert said in page
    assert now == (first["id"] if words == "left" else before)
    assert ("ids stand in the place of its words" in page) == (words == "left")


def test_no_document_or_codebook_of_it_holds_a_word(client, cast, address):
    sadia = client.as_(cast.sadia)
    files = {
        form: sadia.get(f"{address}/1/export.{form}").data
        for form in ("json", "yaml", "csv", "xlsx", "md", "boris")
    }
    files |= {
        f"document {form}": sadia.get(f"{address}/versions/1/document.{form}").data for form in ("json", "yaml")
    }
    files |= {f"draft {form}": sadia.get(f"{address}/draft.{form}").data for form in ("json", "yaml")}

    for name, data in files.items():
        assert not WORD.search(everything_in(data)), name
        assert WITHHELD.encode() in b" ".join(everything_in(data).split()) or name in {"csv", "yaml", "xlsx"}, name
    readers = {
        "json": documents.from_json,
        "yaml": documents.from_yaml,
        "csv": codebook_csv.from_csv,
        "xlsx": codebook_xlsx.from_xlsx,
    }
    for form, read in readers.items():
        found = read(files[form]).framework
        assert [code.id for _, code in found.codes()] == ["alone", "together", "call", "runs"], form
        assert found.rights.note == f"Letter of 3 May {WITHHELD}", form
    assert boris.read_project(files["boris"]).framework.rights.note.endswith(WITHHELD)
    printed = sadia.get(f"{address}/1/codebook.pdf").data
    said = " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(printed)).pages).split())
    assert "belong to someone else" in said
    assert not WORD.search(said.encode())


def everything_in(data: bytes) -> bytes:
    """All bytes of a file; of a zip, those of its files."""
    if data[:2] != b"PK":
        return data
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return b"\n".join(archive.read(name) for name in archive.namelist())


@pytest.mark.parametrize("form", ["dataset", *(one.name for one in FORMATS)])
def test_no_export_of_the_data_holds_a_word_and_the_data_are_there(db, cast, clock, form):
    a_play_study(db, cast.study, cast.owen, clock(), OWNED)

    data = (
        everything_in(written(db, db.merge(cast.study), clock(), form))
        if form != "dataset"
        else whole(db, cast, clock)
    )

    assert not WORD.search(data)
    assert form == "parquet" or b"together" in data or form in {"sav", "sdis"}


def whole(db, cast, clock) -> bytes:
    return b"\n".join(zipped(db, cast, clock).values())


def zipped(db, cast, clock) -> dict[str, bytes]:
    study, taking, provenance = taken(db, db.merge(cast.study), clock())
    with zipfile.ZipFile(io.BytesIO(b"".join(package.zip_pieces(study, taking.sources, provenance)))) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_a_dataset_comes_in_only_where_somebody_holds_the_right_to_the_words(db, cast, clock):
    a_play_study(db, cast.study, cast.owen, clock(), OWNED)
    read = dataset.Read({name: data.decode() for name, data in zipped(db, cast, clock).items()})
    given = Dataset(list(read.rows("sessions")), [], [], read.frameworks())

    with pytest.raises(imports.WordsWithheld) as refused:
        imports.dataset(db, Console(), db.merge(cast.other), given, now=clock())

    assert "Play, version 1" in str(refused.value)
    assert kept.by_slug(db, cast.other.id, "play") is None


def test_the_words_cannot_be_published_as_free_in_this_framework_or_in_a_copy(db, cast, clock, address):
    db.rollback()
    free = {**OWNED, "rights": {"status": "own"}}
    actions.save_draft(db, cast.sadia, cast.study, "play", free, revision=1, now=clock())
    with pytest.raises(Invalid) as refused:
        actions.publish(db, cast.sadia, cast.study, "play", revision=2, now=clock())
    assert [each.code for each in refused.value.findings] == ["rights.loosened"]

    copied = actions.begin(
        db, cast.sadia, cast.study, schema.framework_of({**free, "slug": "copied"}), now=clock()
    )
    with pytest.raises(Invalid):
        actions.publish(db, cast.sadia, cast.study, "copied", revision=copied.revision, now=clock())


def test_the_page_says_why_the_words_cannot_be_published_as_free(db, cast, clock, client, address):
    db.rollback()
    free = {**OWNED, "rights": {"status": "own"}}
    actions.save_draft(db, cast.sadia, cast.study, "play", free, revision=1, now=clock())

    got = client.as_(cast.sadia).post(f"{address}/publish", data={"revision": 2}, follow_redirects=True)

    assert "Version 1 says that its words belong to someone else" in got.text
    assert len(kept.versions(db, actions.existing(db, cast.study, "play").id)) == 1


def test_tablets_of_the_study_get_the_words(db, cast, clock, address):
    version = actions.existing_version(db, cast.study, "play", 1)

    assert json.loads(version.document)["streams"][0]["codes"][0]["definition"] == "Nobody within reach."
