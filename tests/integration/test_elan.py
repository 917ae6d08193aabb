"""ELAN documents taken in by the page and the command, and our own come back equal."""

from __future__ import annotations

import io
import json
import re
import zipfile
from xml.etree import ElementTree as ET

import pytest
from click.testing import CliRunner

from observe.actions import elan
from observe.actions import records as coding
from observe.actions.doing import Console
from observe.cli import main
from observe.core.errors import Invalid
from observe.store import frameworks, people, records, studies
from tests.factories.elan import Eaf
from tests.factories.taken import a_play_study, written
from tests.real_data import real_data

__all__ = ["real_data"]


def coded_of(db, study_id, clock):
    db.rollback()
    return list(coding.coded(db, records.of_study(db, study_id), now=clock()))


def take(db, study, clock, *files: tuple[str, bytes], **more):
    done, findings = elan.take(db, Console(), db.merge(study), files, now=clock(), **more)
    db.rollback()
    return done, findings


def comparable(data: bytes) -> ET.Element:
    """A document without the one thing that is new of a session that was taken in: its id."""
    root = ET.fromstring(data)
    for one in root.iter("PROPERTY"):
        if one.attrib["NAME"] == "session":
            one.text = ""
    return root


def exported(db, study, clock) -> list[bytes]:
    with zipfile.ZipFile(io.BytesIO(written(db, db.merge(study), clock(), "elan"))) as archive:
        return [archive.read(name) for name in archive.namelist()]


def test_what_was_exported_comes_back_equal_on_a_server_that_knows_nothing_of_it(db, cast, clock):
    a_play_study(db, cast.study, cast.owen, clock())
    [out] = exported(db, cast.study, clock)

    done, findings = take(db, cast.other, clock, ("session", out))

    [back] = exported(db, cast.other, clock)
    assert (done.sessions, done.had, done.aside, findings) == (1, 0, {}, ())
    assert ET.tostring(comparable(back)) == ET.tostring(comparable(out))


def test_what_is_here_already_is_not_taken_in_again(db, cast, clock):
    a_play_study(db, cast.study, cast.owen, clock())
    [out] = exported(db, cast.study, clock)

    done, findings = take(db, cast.study, clock, ("session", out))

    assert (done.sessions, done.stored) == (0, 0)
    assert [one.code for one in findings] == ["elan.here-already"]
    assert len(records.of_study(db, cast.study.id)) == 1


def film(
    *coders: str, media: str = "file:///C:/films/Monday.mp4", origin: int | None = None, shift: int = 0
) -> bytes:
    made = Eaf(media=media, origin=origin)
    for place, coder in enumerate(coders):
        said = [(0, 4_000, "up"), (4_000, 10_000 + 100 * place, "down")]
        some = [(a - shift if a else 0, b - shift, word) for a, b, word in said]
        made.tier(f"gaze@{coder}", some, kind="gaze", ANNOTATOR=coder, PARTICIPANT="Child 1")
    return made.bytes()


def test_two_annotators_of_one_document_are_two_observers_of_one_happening(db, cast, clock):
    done, _ = take(db, cast.study, clock, ("monday", film("Ann", "Ben")))

    both = coded_of(db, cast.study.id, clock)
    names = people.names(db, {one.session.observer for one in both})
    first, second = sorted(both, key=lambda one: names[one.session.observer])
    assert (done.sessions, done.aside) == (2, {})
    assert sorted(names.values()) == ["Ann", "Ben"]
    assert first.session.happening == second.session.happening is not None
    assert {first.session.purpose, second.session.purpose} == {"reliability"}
    assert [one.pseudonym for one in studies.subjects(db, cast.study.id)] == ["Child 1"]
    assert [(b.code, b.start, b.end) for b in first.timeline.bouts] == [("up", 0, 4_000), ("down", 4_000, 10_000)]


def test_documents_of_one_recording_lie_on_its_time(db, cast, clock):
    """The second began two seconds into the recording, so its zero is two seconds later."""
    take(db, cast.study, clock, ("a", film("Ann")), ("b", film("Ben", origin=2_000, shift=2_000)))

    first, second = sorted(coded_of(db, cast.study.id, clock), key=lambda one: one.session.started)

    assert first.session.happening == second.session.happening
    assert second.session.started - first.session.started == 2_000
    assert [b.start + second.session.started - first.session.started for b in second.timeline.bouts] == [
        2_000,
        4_000,
    ]


def test_a_document_taken_in_twice_changes_nothing(db, cast, clock):
    first, _ = take(db, cast.study, clock, ("monday", film("Ann", "Ben")))
    again, _ = take(db, cast.study, clock, ("monday", film("Ann", "Ben")))

    assert (again.stored, again.had) == (0, first.stored)
    assert len(frameworks.versions_of_study(db, cast.study.id)) == 1


def test_a_subject_who_is_on_the_roster_is_the_same_one(db, cast, clock):
    take(db, cast.study, clock, ("monday", film("Ann")))
    take(db, cast.study, clock, ("tuesday", film("Ann", media="tuesday.mp4")), framework="monday")

    subjects = studies.subjects(db, cast.study.id)
    assert [one.pseudonym for one in subjects] == ["Child 1"]
    assert {one.timeline.subjects for one in coded_of(db, cast.study.id, clock)} == {(subjects[0].id,)}


def test_a_framework_that_lacks_a_code_is_named_and_nothing_comes_in(db, cast, clock):
    take(db, cast.study, clock, ("monday", film("Ann")))
    other = Eaf()
    other.tier("gaze", [(0, 10, "sideways")])

    with pytest.raises(Invalid, match="lacks state sideways in gaze"):
        take(db, cast.study, clock, ("other", other.bytes()), framework="monday")

    assert len(records.of_study(db, cast.study.id)) == 1


def test_one_broken_document_among_good_ones_lets_nothing_in(db, cast, clock):
    with pytest.raises(Invalid) as caught:
        take(db, cast.study, clock, ("monday", film("Ann")), ("broken", film("Ann")[:-30]))

    db.rollback()
    assert [one.code for one in caught.value.findings] == ["elan.not-xml"]
    assert records.of_study(db, cast.study.id) == []
    assert frameworks.versions_of_study(db, cast.study.id) == []


def test_the_page_takes_documents_in_and_says_what_is_to_be_said(client, db, cast):
    browser = client.as_(cast.sadia)
    data = {"file": [(io.BytesIO(film("Ann", "Ben")), "Monday.eaf")], "framework": "gaze-at-play"}

    reply = browser.post("/studies/lectures/sessions/elan", data=data)

    page = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", reply.get_data(as_text=True)))
    assert reply.status_code == 200
    assert "2 sessions taken in" in page
    assert "Participants of the documents become pseudonyms of subjects: Child 1." in page
    assert [one.slug for one in frameworks.of_study(db, cast.study.id)] == ["gaze-at-play"]


@pytest.mark.parametrize("given", [b"<a>", b"", b'<!DOCTYPE a [<!ENTITY b "c">]><ANNOTATION_DOCUMENT/>'])
def test_the_page_explains_a_file_that_it_cannot_take(client, db, cast, given):
    reply = client.as_(cast.sadia).post(
        "/studies/lectures/sessions/elan", data={"file": [(io.BytesIO(given), "x.eaf")]}
    )

    assert reply.status_code == 422
    assert b"Nothing was taken in" in reply.data
    assert records.of_study(db, cast.study.id) == []


@pytest.mark.parametrize(("who", "status"), [("owen", 403), ("rhys", 403), ("anya", 403), ("nemo", 404)])
def test_only_a_supervisor_takes_documents_in(client, cast, who, status):
    reply = client.as_(getattr(cast, who)).post(
        "/studies/lectures/sessions/elan", data={"file": [(io.BytesIO(film("Ann")), "x.eaf")]}
    )

    assert reply.status_code == status


def test_a_draft_begins_from_a_document(client, db, cast):
    reply = client.as_(cast.sadia).post(
        "/studies/lectures/frameworks/new/file", data={"document": (io.BytesIO(film("Ann")), "Monday.eaf")}
    )

    draft = frameworks.by_slug(db, cast.study.id, "monday")
    assert reply.status_code == 303
    assert draft is not None
    assert [code["id"] for code in json.loads(draft.draft)["streams"][0]["codes"]] == ["up", "down"]


def test_the_command_says_what_is_wrong_with_a_file_and_ends_with_1(app, db, cast, tmp_path):
    file = tmp_path / "broken.eaf"
    file.write_bytes(film("Ann").replace(b'TIME_VALUE="4000"', b'TIME_VALUE="later"'))

    done = CliRunner().invoke(main, ["import", "elan", str(file), "--study", "lectures"], obj=app)

    assert done.exit_code == 1
    assert "is “later”, which is no moment" in done.output
    assert "Traceback" not in done.output


def test_the_great_apes_document_has_its_65_annotations(real_data, app, db, cast, clock):
    file = real_data / "gaps-elan" / "example1.eaf"
    words = ["import", "elan", str(file), "--study", "lectures", "--framework", "gestures"]

    first, again = (CliRunner().invoke(main, words, obj=app) for _ in range(2))

    [coded] = coded_of(db, cast.study.id, clock)
    assert (first.exit_code, again.exit_code) == (0, 0), first.output + again.output
    assert "1 session: 133 events stored, 0 were there already." in first.output
    assert "0 events stored, 133 were there already." in again.output
    assert len(coded.timeline.bouts) + len(coded.timeline.points) == 65
    gaze = [one for one in coded.timeline.bouts if one.stream == "ID_1_Gaze_orientation"]
    assert [one.code for one in gaze].count("Partner") == 11
    assert coded.timeline.end == 20_560
    assert coded.timeline.findings == ()
