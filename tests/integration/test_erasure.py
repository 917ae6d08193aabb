"""Somebody is erased: their words go from everywhere, the log still proves itself, and nothing brings them back."""

from __future__ import annotations

import csv
import json
import zipfile
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from observe.actions import analysis, imports, redactions, studies, supervision
from observe.actions import patterns as inference
from observe.actions import records as coding
from observe.actions.attachments import path_of
from observe.actions.doing import Console
from observe.core import session_file
from observe.core.errors import Invalid, NotAllowed
from observe.jobs import analyses
from observe.jobs.snapshot import Snapshot
from observe.store import attachments, audit, records
from observe.store import jobs as kept_jobs
from observe.store import sessions as kept
from observe.store.base import writing
from tests.factories.field import Field, a_field
from tests.factories.uploads import Row, event, some_id
from tests.integration.test_attachments import named, png, put

SESSION, PHOTO = some_id("erased"), some_id("photo of them")
CANARIES = ("Quillon", "Zaxby", "Jorvane", "canary")


@pytest.fixture
def subject(db, cast, clock):
    return studies.add_subject(db, cast.sadia, cast.study, "Quillon", attributes={"school": "canary"}, now=clock())


@pytest.fixture
def field(db, cast, clock) -> Field:
    a_field(db, cast.other, cast.nemo, clock(), "fill-plus").record(some_id("nemo's"))
    return a_field(db, cast.study, cast.owen, clock())


def rows(subject: str) -> list[Row]:
    body = png()
    return [
        event(SESSION, 1, "open", 0),
        event(SESSION, 2, "arrive", 10, subject=subject, pseudonym="Quillon", attributes={"coat": "canary blue"}),
        event(SESSION, 3, "start", 20, code="LT", subject=subject),
        event(
            SESSION,
            4,
            "note",
            30,
            text="Zaxby was cross",
            ref=some_id(SESSION, 3),
            attachments=[named(PHOTO, body)],
        ),
        event(SESSION, 5, "note", 40, text="then Quillon left the room"),
        event(SESSION, 6, "note", 50, text="a quillonesque moment"),
        event(
            SESSION,
            7,
            "amend",
            60,
            ref=some_id(SESSION, 4),
            set={"text": "Zaxby was very cross"},
            reason="said Jorvane",
        ),
        event(SESSION, 8, "end", 4000, count=8),
    ]


def everything(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def found_in(folder: Path) -> list[tuple[str, str]]:
    return [
        (name, word) for name, text in everything(folder).items() for word in CANARIES if word.encode() in text
    ]


def erase(db: Any, cast: Any, subject: Any, folder: Path, clock: Any, also: tuple[int, ...] = (5,)) -> None:
    keys = [f"event:{some_id(SESSION, seq)}" for seq in also]
    redactions.erase_subject(db, cast.sadia, cast.study, subject.id, folder, also=keys, now=clock())


class TestErasing:
    def test_the_pseudonym_and_all_words_about_them_are_in_no_file(
        self, db, cast, client, clock, app, field, subject, tmp_path
    ):
        field.record(SESSION, rows(subject.id), subjects=[subject.id])
        assert put(client, PHOTO, png()).status_code == 201
        supervision.comment(db, cast.sadia, cast.study, SESSION, "Quillon again?", at_ms=40, now=clock())
        row = records.session(db, cast.study.id, SESSION)
        coding.one(db, row, now=clock())
        analyses.refresh(db, cast.study, tmp_path, clock=clock)
        photo = path_of(tmp_path, attachments.by_id(db, PHOTO))
        assert photo.is_file() and any("columns" in name for name in everything(tmp_path))

        ahead = redactions.prospect(db, cast.sadia, cast.study, subject.id)
        assert (ahead.places, ahead.attachments, ahead.sessions) == (3, 1, 1)
        assert [(one.where, one.words) for one in ahead.mentions] == [
            ("log", "then Quillon left the room"), ("comment", "Quillon again?"),
        ]  # fmt: skip
        redactions.erase_subject(
            db, cast.sadia, cast.study, subject.id, tmp_path, also=[one.key for one in ahead.mentions], now=clock()
        )
        db.rollback()

        assert found_in(tmp_path) == []
        assert not photo.exists()
        notes = coding.one(db, records.session(db, cast.study.id, SESSION), now=clock()).timeline.notes
        assert [note.text for note in notes] == ["[taken away]", "[taken away]", "a quillonesque moment"]

    def test_completeness_is_still_proved_and_the_tablet_agrees(self, db, cast, clock, field, subject, tmp_path):
        sent = rows(subject.id)
        before = field.record(SESSION, sent, subjects=[subject.id])
        erase(db, cast, subject, tmp_path, clock)
        again = field.record(SESSION, sent, subjects=[subject.id])
        db.rollback()

        assert (again.stored_to, again.digest) == (8, before.digest)
        assert [one.became for one in again.outcomes] == ["have"] * 8
        assert kept.heaps(db, cast.study.id) == []
        assert found_in(tmp_path) == []

    def test_what_was_coded_stays_under_a_number_that_leads_to_nobody(
        self, db, cast, clock, field, subject, tmp_path
    ):
        field.record(SESSION, rows(subject.id), subjects=[subject.id])
        before = coding.one(db, records.session(db, cast.study.id, SESSION), now=clock()).timeline
        erase(db, cast, subject, tmp_path, clock)
        after = coding.one(db, records.session(db, cast.study.id, SESSION), now=clock()).timeline

        assert (after.bouts, after.observed, after.findings) == (before.bouts, before.observed, before.findings)
        assert after.bouts[0].subject == subject.id

    def test_words_that_come_later_from_a_tablet_that_was_away_are_not_taken_in(
        self, db, cast, client, clock, field, subject, tmp_path
    ):
        sent = rows(subject.id)
        field.record(SESSION, sent[:3], subjects=[subject.id])
        erase(db, cast, subject, tmp_path, clock, also=())
        late = field.record(SESSION, sent, subjects=[subject.id])

        assert [one.became for one in late.outcomes] == ["have"] * 3 + ["stored"] * 5
        assert late.digest == kept.digest_of(db, 2, 8)
        bodies = [json.loads(body) for body in records.bodies(db, kept.log_of(db, SESSION, field.device).id)]
        assert [(one["seq"], one.get("text")) for one in bodies if one["kind"] == "note"] == [
            (4, "[taken away]"), (5, "then Quillon left the room"), (6, "a quillonesque moment"),
        ]  # fmt: skip
        db.rollback()
        assert put(client, PHOTO, png()).status_code == 200
        assert not (tmp_path / "attachments").exists()
        db.rollback()
        assert [pair for pair in found_in(tmp_path) if pair[1] in ("Zaxby", "Jorvane")] == []

    def test_what_is_kept_aside_about_them_loses_its_words_too_before_and_after(
        self, db, cast, clock, field, subject, tmp_path
    ):
        sent = rows(subject.id)
        field.record(SESSION, sent, subjects=[subject.id])
        other = {**sent[3], "text": "canary: other words for the same place"}
        field.record(SESSION, [*sent[:3], other], subjects=[subject.id])
        erase(db, cast, subject, tmp_path, clock)
        field.record(SESSION, [*sent[:4], {**sent[2], "reason": "canary later"}], subjects=[subject.id])
        db.rollback()

        assert [heap.count for heap in kept.heaps(db, cast.study.id)] == [2]
        db.rollback()
        assert [name for name, word in found_in(tmp_path) if word == "canary"] == []

    def test_a_second_copy_that_was_saved_before_brings_nothing_back(
        self, db, cast, clock, field, subject, tmp_path
    ):
        field.record(SESSION, rows(subject.id), subjects=[subject.id])
        row = records.session(db, cast.study.id, SESSION)
        before = coding.file_of(db, row)
        erase(db, cast, subject, tmp_path, clock)
        after = coding.file_of(db, records.session(db, cast.study.id, SESSION))

        for text in (before, after):
            done = imports.session_files(db, cast.sadia, cast.study, session_file.read(text.encode()), now=clock())
            assert (done.stored, done.had, done.aside) == (0, 8, {})
        db.rollback()
        assert found_in(tmp_path) == []

    def test_answers_that_were_kept_go_and_say_why(self, db, cast, clock, field, subject, tmp_path):
        field.record(SESSION, rows(subject.id), subjects=[subject.id])
        rows_ = analysis.rows_of(db, cast.study.id, analysis.Query(framework=field.framework))
        key = analysis.key_of(db, cast.study.id, "analysis", rows_, {})
        done = analysis.ask(db, cast.sadia, cast.study, "analysis", {}, key, now=clock())
        going = analysis.ask(db, cast.sadia, cast.study, "snapshot", {}, "other", now=clock())
        with writing(db):
            kept_jobs.end(db, done.id, kept_jobs.DONE, result='{"canary": "Quillon"}', now=clock())
        erase(db, cast, subject, tmp_path, clock)
        db.expire_all()

        again = kept_jobs.by_id(db, cast.study.id, done.id)
        assert (again.result, again.words) == (
            None,
            "Words or people were taken out of the data since. Ask again.",
        )
        assert kept_jobs.by_id(db, cast.study.id, going.id).state == "cancelled"
        assert analysis.key_of(db, cast.study.id, "analysis", rows_, {}) != key

    def test_another_studys_words_are_out_of_reach(self, db, cast, clock, field, subject, tmp_path):
        session = some_id("theirs")
        theirs = Field(db, cast.other, field.framework, some_id("device", "other", "tablet"), cast.nemo, clock())
        theirs.record(session, [event(session, 1, "open", 0), event(session, 2, "note", 5, text="Quillon")])
        erase(db, cast, subject, tmp_path, clock, also=())
        redactions.take_away(
            db, cast.sadia, cast.study, [f"event:{some_id(session, 2)}"], "x", tmp_path, now=clock()
        )

        assert [place.body for place in redactions.kept.places(db, cast.other.id, session)][1].count(
            "Quillon"
        ) == 1
        assert redactions.find(db, cast.sadia, cast.study, ["Quillon"]) == []


class TestTakingWordsAway:
    def test_a_supervisor_finds_a_name_and_takes_it_away_with_a_reason(
        self, db, cast, client, field, clock, tmp_path
    ):
        field.record(SESSION, rows(some_id("nobody")), variables={"teacher": "Ann Jorvane", "course": "Biology"})
        sadia = client.as_(cast.sadia)
        db.rollback()
        page = sadia.post("/studies/lectures/words/find", data={"names": "jorvane"})
        assert "2 places" in page.text and "said Jorvane" in page.text
        places = [f"event:{some_id(SESSION, 7)}", f"header:{SESSION}"]

        without = sadia.post("/studies/lectures/words/take-away", data={"place": places, "names": "jorvane"})
        assert (without.status_code, "Say why" in without.text) == (422, True)
        data = {"place": places, "names": "jorvane", "reason": "named a teacher"}
        done = sadia.post("/studies/lectures/words/take-away", data=data, follow_redirects=True)
        assert "the words at 2 places" in done.text and "named a teacher" in done.text

        row = records.session(db, cast.study.id, SESSION)
        assert json.loads(row.header)["variables"] == {"teacher": "[taken away]", "course": "Biology"}
        log = sadia.get(f"/studies/lectures/sessions/{SESSION}/events").text
        assert "Words were taken away from 1 event" in log and "named a teacher" in log
        db.rollback()
        assert [pair for pair in found_in(tmp_path) if pair[1] == "Jorvane"] == []

    def test_a_header_that_is_sent_again_as_it_was_is_still_the_sessions_own(
        self, db, cast, field, clock, tmp_path
    ):
        variables = {"teacher": "Ann Jorvane"}
        sent = rows(some_id("nobody"))
        field.record(SESSION, sent[:6], variables=variables)
        redactions.take_away(
            db,
            cast.sadia,
            cast.study,
            [f"header:{SESSION}"],
            "named a teacher",
            tmp_path,
            names=["Jorvane"],
            now=clock(),
        )
        again = field.record(SESSION, [*sent[:6], event(SESSION, 7, "end", 70, count=7)], variables=variables)

        assert [one.became for one in again.outcomes] == ["have"] * 6 + ["stored"]
        db.rollback()
        assert [pair for pair in found_in(tmp_path) if pair[1] == "Jorvane"] == []

    @pytest.mark.parametrize("who", ["owen", "rhys", "anya"])
    def test_nobody_but_a_supervisor_looks_for_names(self, db, cast, client, who, tmp_path, clock):
        person = getattr(cast, who)
        assert client.as_(person).post("/studies/lectures/words/find", data={"names": "Ann"}).status_code == 403
        with pytest.raises(NotAllowed):
            redactions.find(db, person, cast.study, ["Ann"])
        with pytest.raises(NotAllowed):
            redactions.take_away(db, person, cast.study, ["event:x"], "y", tmp_path, now=clock())

    def test_neither_the_names_nor_the_reason_are_in_the_trail(self, db, cast, field, clock, tmp_path):
        field.record(SESSION, rows(some_id("nobody")))
        place = f"event:{some_id(SESSION, 7)}"
        redactions.take_away(
            db, cast.sadia, cast.study, [place], "canary reason", tmp_path, names=["Jorvane"], now=clock()
        )

        [entry] = audit.latest(db, study_id=cast.study.id, before=2**31 - 1, limit=1)
        assert (entry.action, json.loads(entry.details)) == ("words.take_away", {"places": 1, "attachments": 0})

    def test_the_database_lets_nothing_but_words_go_and_only_with_a_redaction(
        self, db, cast, field, clock, tmp_path
    ):
        field.record(SESSION, rows(some_id("nobody")))
        one = some_id(SESSION, 4)
        with pytest.raises(sa.exc.DatabaseError, match="only ever added"), writing(db):
            db.execute(kept.events.update().where(kept.events.c.id == one).values(body="{}"))
        redactions.take_away(db, cast.sadia, cast.study, [f"event:{one}"], "x", tmp_path, now=clock())
        for values in ({"at": 31}, {"kind": "point"}, {"digest": b"0" * 32}, {"seq": 99}):
            with pytest.raises(sa.exc.DatabaseError, match="only ever added"), writing(db):
                db.execute(kept.events.update().where(kept.events.c.id == one).values(**values))
        with pytest.raises(sa.exc.DatabaseError, match="only ever added"), writing(db):
            db.execute(kept.events.delete().where(kept.events.c.id == one))


class TestConsentThatIsTakenBack:
    def test_columns_and_patterns_hold_no_note_about_them(self, db, cast, clock, field, subject, tmp_path):
        field.record(SESSION, rows(subject.id), subjects=[subject.id])
        texts = notes_in_columns(db, cast, tmp_path, clock)
        assert "Zaxby was very cross" in texts and "then Quillon left the room" in texts
        studies.edit_subject(
            db,
            cast.sadia,
            cast.study,
            subject.id,
            "Quillon",
            attributes={},
            consent="withdrawn",
            active=True,
            now=clock(),
        )

        assert notes_in_columns(db, cast, tmp_path, clock) == ["a quillonesque moment"]
        plan = inference.Plan(framework=field.framework)
        gathered = inference.gather(db, cast.study.id, plan, lambda share, words: None, now=clock())
        assert [note.text for note in gathered.rows.notes] == ["a quillonesque moment"]

    def test_a_run_in_which_somebody_took_their_consent_back_meanwhile_is_not_kept(
        self, db, cast, clock, field, subject, monkeypatch
    ):
        class Kept:
            hash, data_hash, engine_version = "h", "d", "e"

            def as_json(self):
                return {"findings": [{"person": subject.id}]}

        studies.edit_subject(
            db,
            cast.sadia,
            cast.study,
            subject.id,
            "Quillon",
            attributes={},
            consent="withdrawn",
            active=True,
            now=clock(),
        )
        with pytest.raises(Invalid, match="while this was worked out"):
            inference.keep(db, cast.study.id, None, None, Kept(), now=clock())


class TestAskingWhatIsKept:
    def test_a_subject_gets_what_is_about_them_and_nothing_about_others(
        self, db, cast, client, clock, field, subject
    ):
        other = studies.add_subject(db, cast.sadia, cast.study, "Wexcombe", now=clock())
        sent = rows(subject.id)
        more = [
            event(SESSION, 8, "note", 70, text="Quillon and Wexcombe argued"),
            event(SESSION, 9, "start", 80, code="SR", subject=other.id),
            event(SESSION, 10, "end", 4000, count=10),
        ]
        field.record(SESSION, [*sent[:7], *more], subjects=[subject.id, other.id])
        put(client, PHOTO, png())
        db.rollback()
        answer = client.as_(cast.sadia).get(f"/studies/lectures/subjects/{subject.id}/everything.zip")
        with zipfile.ZipFile(BytesIO(answer.data)) as archive:
            files = {name: archive.read(name) for name in archive.namelist()}

        assert [row["code"] for row in table(files["bouts.csv"])] == ["LT"]
        assert {row["subject"] for row in table(files["bouts.csv"])} == {subject.id}
        assert [row["text"] for row in table(files["notes.csv"])] == [
            "Zaxby was very cross",
            "then Quillon left the room",
        ]
        assert [row["pseudonym"] for row in table(files["subjects.csv"])] == ["Quillon"]
        assert files[f"attachments/{PHOTO}.png"] == png()
        everything = b"".join(files.values())
        assert b"Wexcombe" not in everything and other.id.encode() not in everything

    @pytest.mark.parametrize(("who", "status"), [("owen", 403), ("anya", 403), ("nemo", 404)])
    def test_only_a_supervisor_hands_it_out(self, cast, client, subject, who, status):
        place = f"/studies/lectures/subjects/{subject.id}/everything.zip"
        assert client.as_(getattr(cast, who)).get(place).status_code == status


def table(text: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(text.decode("utf-8-sig"))))


def notes_in_columns(db: Any, cast: Any, folder: Path, clock: Any) -> list[str]:
    analyses.refresh(db, cast.study, folder, clock=clock)
    batches = Snapshot(analyses.folder_of(folder, cast.study.id)).batches("notes")
    return [text for batch in batches for text in batch.column("text").to_pylist()]


def test_the_console_may_erase_too(db, cast, clock, field, subject, tmp_path):
    redactions.erase_subject(db, Console(), cast.study, subject.id, tmp_path, now=clock())

    assert studies.studies.subjects(db, cast.study.id) == []
