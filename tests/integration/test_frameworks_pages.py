"""Frameworks on the server: begun, worked on by several, published once and for ever, opened and closed."""

from __future__ import annotations

import io
import json

import pytest
from openpyxl import Workbook

from frameworks import library, schema
from frameworks.versions import content_hash
from observe.actions import frameworks
from observe.core.errors import DraftMoved, Invalid, NothingChanged
from observe.store import frameworks as kept
from tests.factories.frameworks import a_document, a_framework

PLACE = "/studies/lectures/frameworks/"


@pytest.fixture
def sadia(client, cast):
    return client.as_(cast.sadia)


def upload(browser, data: bytes):
    return browser.post(f"{PLACE}new/file", data={"document": (io.BytesIO(data), "x")})


class TestBeginning:
    @pytest.mark.parametrize("slug", library.slugs())
    def test_each_ready_made_framework_becomes_a_draft_that_says_the_same(self, sadia, db, cast, slug):
        answer = sadia.post(f"{PLACE}new/library/{slug}")

        assert answer.headers["Location"] == f"{PLACE}{slug}"
        draft = frameworks.judged(kept.by_slug(db, cast.study.id, slug).draft)
        assert draft.model == schema.framework_of(library.document(slug))
        assert sadia.get(f"{PLACE}{slug}").status_code == 200

    def test_one_that_the_study_has_already_is_not_offered_and_not_taken_twice(self, sadia):
        assert "new/library/copus" in sadia.get(f"{PLACE}new").text
        sadia.post(f"{PLACE}new/library/copus")

        assert "new/library/copus" not in sadia.get(f"{PLACE}new").text
        assert sadia.post(f"{PLACE}new/library/copus").status_code == 409

    def test_one_that_is_not_there_is_not_found(self, sadia):
        assert sadia.post(f"{PLACE}new/library/..%2f..%2fetc").status_code == 404
        assert sadia.get(f"{PLACE}library/none").status_code == 404

    def test_a_json_document_is_taken(self, sadia, db, cast):
        answer = upload(sadia, json.dumps(a_document()).encode())

        assert answer.headers["Location"] == f"{PLACE}pauses"
        assert [
            code.id for _, code in frameworks.judged(kept.by_slug(db, cast.study.id, "pauses").draft).model.codes()
        ] == ["waits", "goes-on"]

    def test_a_yaml_document_is_taken(self, sadia, db, cast):
        words = b"schema: observe-framework/1\nslug: small\ntitle: Small\n"

        assert upload(sadia, words).headers["Location"] == f"{PLACE}small"

    @pytest.mark.parametrize(
        "data",
        [b"", b"{", b"[1, 2]", b"\x00\xff", b"a: &x [1]\nb: *x", b'{"schema": "observe-framework/1", "slug": 7}', b"!!python/object/apply:os.system [id]"],
    )  # fmt: skip
    def test_what_is_no_document_is_refused_with_what_is_wrong(self, sadia, db, cast, data):
        answer = upload(sadia, data)

        assert answer.status_code in {200, 422}
        assert "cannot be saved yet" in answer.text
        assert kept.of_study(db, cast.study.id) == []

    def test_every_fault_of_a_document_is_listed_at_once(self, sadia):
        document = a_document()
        document["streams"][0]["codes"][0]["type"] = "sometimes"
        document["actors"][0]["kind"] = "ghost"

        page = upload(sadia, json.dumps(document).encode()).text

        assert "/streams/0/codes/0/type" in page and "/actors/0/kind" in page

    def test_an_empty_one_opens_in_the_designer(self, sadia, db, cast):
        answer = sadia.post(f"{PLACE}new/empty", data={"slug": "fresh", "title": "Fresh", "purpose": "Why?"})

        assert answer.headers["Location"] == f"{PLACE}fresh/design"
        assert kept.by_slug(db, cast.study.id, "fresh").title == "Fresh"

    @pytest.mark.parametrize(
        ("title", "slug"), [("Who talks? Été 2026", "who-talks-ete-2026"), ("談話", "framework")]
    )
    def test_a_title_is_enough_to_begin(self, sadia, title, slug):
        answer = sadia.post(f"{PLACE}new/empty", data={"title": title})

        assert answer.headers["Location"] == f"{PLACE}{slug}/design"

    def test_a_short_name_never_hides_a_page(self, sadia, db, cast):
        answer = sadia.post(f"{PLACE}new/empty", data={"title": "New"})

        assert answer.status_code == 409
        assert "is an address of this site" in answer.text
        assert kept.by_slug(db, cast.study.id, "new") is None

    def test_somebody_who_chooses_sees_how_large_each_is_and_how_it_samples(self, sadia):
        page = sadia.get(f"{PLACE}new").text

        assert "45 codes · 10 constructs · continuous" in page
        assert "11 codes · 6 ratings · 1 construct · continuous · checklist · rating" in page

    def test_each_finding_leads_to_its_field_in_the_designer(self, sadia):
        sadia.post(f"{PLACE}new/empty", data={"title": "Fresh"})

        assert f'href="{PLACE}fresh/design#/purpose"' in sadia.get(f"{PLACE}fresh").text

    def test_the_list_says_what_each_framework_asks(self, sadia):
        sadia.post(f"{PLACE}new/empty", data={"title": "Fresh", "purpose": "Why do they come?"})

        assert "Why do they come?" in sadia.get(PLACE).text


class TestDraft:
    @pytest.fixture
    def place(self, db, cast, clock):
        frameworks.begin(db, cast.sadia, cast.study, schema.framework_of(a_document()), now=clock())
        return f"{PLACE}pauses/draft"

    def test_is_given_with_its_revision_and_what_is_to_be_said_about_it(self, sadia, place):
        answer = sadia.get(place).get_json()

        assert answer["revision"] == 1
        assert answer["changed_by"] == "Sadia"
        assert answer["document"]["title"] == "Pauses"
        assert all(
            set(found) == {"path", "severity", "code", "sentence", "remedy"} for found in answer["findings"]
        )

    def test_is_saved_and_counted_on(self, sadia, place):
        saved = sadia.put(place, json={"revision": 1, "document": a_document(title="Longer pauses")})

        assert saved.status_code == 200
        assert saved.get_json()["revision"] == 2
        assert sadia.get(place).get_json()["document"]["title"] == "Longer pauses"

    def test_a_draft_that_somebody_else_saved_meanwhile_is_not_overwritten(self, sadia, place):
        sadia.put(place, json={"revision": 1, "document": a_document(title="Theirs")})

        mine = sadia.put(place, json={"revision": 1, "document": a_document(title="Mine")})

        assert mine.status_code == 409
        assert (mine.get_json()["revision"], mine.get_json()["document"]["title"]) == (2, "Theirs")
        assert sadia.get(place).get_json()["document"]["title"] == "Theirs"

    def test_half_finished_work_can_be_saved(self, sadia, place):
        document = a_document()
        document["streams"][0]["codes"][0]["type"] = "sometimes"

        saved = sadia.put(place, json={"revision": 1, "document": document})

        assert saved.status_code == 200
        assert [found["severity"] for found in saved.get_json()["findings"]] == ["error"]
        assert sadia.get(place).get_json()["document"] == document
        assert "cannot be read as a framework yet" in sadia.get(f"{PLACE}pauses").text

    @pytest.mark.parametrize(
        "sent",
        [
            {},
            [],
            "x",
            {"revision": "1", "document": {}},
            {"revision": 1, "document": []},
            {"revision": True, "document": {}},
        ],
    )
    def test_what_is_no_draft_is_refused(self, sadia, place, sent):
        assert sadia.put(place, json=sent, headers={"Accept": "application/json"}).status_code == 400

    def test_is_replaced_by_a_document_of_the_same_framework(self, sadia, place, db, cast):
        def replace(revision, **more):
            data = {
                "revision": str(revision),
                "document": (io.BytesIO(json.dumps(a_document(**more)).encode()), "x.json"),
            }
            return sadia.post(f"{PLACE}pauses/replace", data=data, follow_redirects=True).text

        assert "The draft is what the document says." in replace(1, title="From a file")
        assert "Somebody else has saved this draft" in replace(1, title="Too late")
        assert "The document is of the framework other, not of pauses." in replace(2, slug="other")
        assert sadia.get(place).get_json()["document"]["title"] == "From a file"

    def test_can_be_taken_away_as_a_file(self, sadia, place):
        answer = sadia.get(f"{PLACE}pauses/draft.yaml")

        assert answer.headers["Content-Disposition"] == "attachment; filename=pauses-draft.yaml"
        assert answer.text.startswith("schema: observe-framework/1\n")


class TestPublishing:
    def test_fixes_the_draft_as_version_one_with_the_hash_of_its_content(self, sadia, db, cast, clock):
        frameworks.begin(db, cast.sadia, cast.study, schema.framework_of(a_document()), now=clock())

        answer = sadia.post(f"{PLACE}pauses/publish", data={"revision": "1"}, follow_redirects=True)

        assert "Version 1 is published." in answer.text
        [version] = kept.versions_of_study(db, cast.study.id)
        assert (version.number, version.state, version.published_at) == (1, "open", clock())
        assert version.hash == content_hash(schema.framework_of(a_document()))
        assert kept.version_by_hash(db, cast.study.id, version.hash).id == version.id
        assert kept.version_by_hash(db, cast.other.id, version.hash) is None

    def test_the_same_content_is_published_once(self, db, cast, clock):
        a_framework(db, cast, clock())

        with pytest.raises(NothingChanged):
            frameworks.publish(db, cast.sadia, cast.study, "pauses", revision=1, now=clock())

    def test_a_changed_draft_is_the_next_version_and_the_first_stays_as_it_was(self, db, cast, clock):
        _, first = a_framework(db, cast, clock())
        frameworks.save_draft(
            db, cast.sadia, cast.study, "pauses", a_document(title="New"), revision=1, now=clock()
        )
        second = frameworks.publish(db, cast.sadia, cast.study, "pauses", revision=2, now=clock())

        assert (second.number, second.title) == (2, "New")
        assert frameworks.model_of(kept.version(db, first.framework_id, 1)) == schema.framework_of(a_document())

    def test_what_is_published_is_what_was_looked_at(self, db, cast, clock):
        frameworks.begin(db, cast.sadia, cast.study, schema.framework_of(a_document()), now=clock())
        frameworks.save_draft(
            db, cast.sadia, cast.study, "pauses", a_document(title="New"), revision=1, now=clock()
        )

        with pytest.raises(DraftMoved):
            frameworks.publish(db, cast.sadia, cast.study, "pauses", revision=1, now=clock())

    def test_errors_stand_in_the_way(self, sadia, db, cast, clock):
        document = a_document()
        document["constructs"][0]["indicators"][0]["code"] = "gone"
        frameworks.begin(db, cast.sadia, cast.study, schema.framework_of(document), now=clock())

        with pytest.raises(Invalid) as refused:
            frameworks.publish(db, cast.sadia, cast.study, "pauses", revision=1, now=clock())

        assert any("gone" in found.sentence for found in refused.value.findings)
        page = sadia.get(f"{PLACE}pauses").text
        assert "Errors stand in the way of publishing." in page and "Publish as version" not in page
        assert kept.versions_of_study(db, cast.study.id) == []

    def test_a_version_is_given_as_the_document_that_was_published(self, client, cast, db, clock):
        a_framework(db, cast, clock())

        answer = client.as_(cast.rhys).get(f"{PLACE}pauses/versions/1/document.json")

        assert answer.headers["Content-Disposition"] == "attachment; filename=pauses-1.json"
        assert schema.framework_of(answer.get_json()) == schema.framework_of(a_document())

    def test_a_version_is_closed_by_a_supervisor(self, sadia, db, cast, clock):
        a_framework(db, cast, clock())
        for state in ("closing", "closed", "open"):
            assert sadia.post(f"{PLACE}pauses/versions/1/state", data={"state": state}).status_code == 303
            db.rollback()
            assert kept.versions_of_study(db, cast.study.id)[0].state == state

        assert sadia.post(f"{PLACE}pauses/versions/1/state", data={"state": "gone"}).status_code == 400

    def test_the_page_shows_codes_with_definitions_and_what_speaks_for_and_against(self, client, cast, db, clock):
        a_framework(db, cast, clock())

        page = client.as_(cast.owen).get(f"{PLACE}pauses/versions/1").text

        for words in (
            "Says nothing for 3 s after a question.",
            "Drinks.",
            "Curious about answers",
            "for it",
            "against it",
            "Waiting makes room.",
            "A script says so",
        ):
            assert words in page  # fmt: skip

    def test_another_studys_framework_is_not_there(self, client, cast, db, clock):
        a_framework(db, cast, clock())

        assert client.as_(cast.nemo).get("/studies/elsewhere/frameworks/pauses").status_code == 404


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("Our codes.csv", b"Behaviour;Description;Mood\nGreets;Speaks first;x\nWaits;Stands in line;\n"),
        ("Our codes.xlsx", None),
    ],
)
def test_somebodys_own_table_becomes_a_draft_that_says_what_was_left_out(sadia, name, data):
    if data is None:
        book, out = Workbook(), io.BytesIO()
        for row in (
            ("Behaviour", "Description", "Mood"),
            ("Greets", "Speaks first", "x"),
            ("Waits", "Stands in line", ""),
        ):
            book.active.append(row)
        book.save(out)
        data = out.getvalue()

    pages = [
        sadia.post(f"{PLACE}new/file", data={"document": (io.BytesIO(data), name)}, follow_redirects=True)
        for _ in range(2)
    ]

    assert [page.request.path for page in pages] == [f"{PLACE}our-codes", f"{PLACE}our-codes-2"]
    assert "The column “Mood” was not understood and was left out." in pages[0].text
    made = sadia.get(f"{PLACE}our-codes/draft").get_json()["document"]
    assert made["title"] == "Our codes"
    assert [(code["label"], code["definition"]) for code in made["streams"][0]["codes"]] == [
        ("Greets", "Speaks first"), ("Waits", "Stands in line"),
    ]  # fmt: skip
