"""Exports: exact files, a package that validates, and nobody in them who did not consent."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from observe.actions import exports, imports
from observe.actions import records as coding
from observe.actions.doing import Console
from observe.actions.imports import Dataset
from observe.documents import dataset, package
from observe.store import base, migrating, studies
from observe.store import sessions as kept
from observe.store.base import writing
from observe.store.records import Wanted
from tests.factories.field import Field, a_field
from tests.factories.people import a_cast
from tests.factories.uploads import event, some_id

GOLDEN = Path(__file__).parents[1] / "golden"
HOME = "/studies/lectures/exports/"
SUBJECT = some_id("subject")


@pytest.fixture
def field(db, cast, clock) -> Field:
    nemos = a_field(db, cast.other, cast.nemo, clock(), "fill-plus")
    nemos.record(some_id("noise"))
    made = a_field(db, cast.study, cast.owen, clock())
    with writing(db):
        for name, consent in (("P01", "given"), ("P02", "withdrawn")):
            db.add(
                studies.Subject(
                    id=some_id(name), study_id=cast.study.id, pseudonym=name, consent=consent, attributes={"age": "=60+"},
                    created_at=clock(), changed_at=clock(),
                )
            )  # fmt: skip
        db.add(
            studies.Setting(
                id=some_id("room"), study_id=cast.study.id, label="Room 4", created_at=clock(), changed_at=clock()
            )
        )
    one = some_id("one")
    rows = [
        event(one, 1, "open", 0), event(one, 2, "start", 0, code="LT"), event(one, 3, "pause", 4000),
        event(one, 4, "resume", 6000), event(one, 5, "start", 8000, code="SQ", modifiers={"how": "aloud"}),
        event(one, 6, "note", 8500, text="=HYPERLINK(\"x\"), \"quoted\"\r\nand ünïcödé 🙂", outside=True),
        event(one, 7, "amend", 8600, ref=some_id(one, 5), set={"code": "LQ"}, reason="slip"),
        event(one, 8, "end", 10000, count=8),
    ]  # fmt: skip
    made.record(one, rows, setting=some_id("room"), variables={"course": "+A", "weeks": 3})
    made.record(some_id("practised"), purpose="practice")
    made.record(some_id("refused"), consent="refused")
    db.rollback()
    return made


def zipped(db, study, now) -> dict[str, bytes]:
    taking = exports.take(db, Console(), study, Wanted(), what="dataset", now=now)
    whole = package.Study(
        taking.slug, taking.title, taking.question, taking.subjects, taking.versions, taking.documents
    )
    provenance = package.Provenance(
        "observe test", coding.SOFTWARE, now, taking.by, taking.filters, taking.withheld
    )
    data = b"".join(package.zip_pieces(whole, taking.sources, provenance))
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.mark.parametrize("name", ["bouts", "notes", "observed", "variables", "subjects", "events"])
def test_a_table_comes_out_byte_for_byte(client, field, cast, name):
    reply = client.as_(cast.anya).get(f"{HOME}{name}.csv")

    golden = GOLDEN / f"{name}.csv"
    assert reply.headers["Content-Disposition"] == f"attachment; filename=lectures-{name}.csv"
    assert reply.data == golden.read_bytes()


def test_times_in_the_tables_are_those_of_the_session(client, field, cast):
    data = client.as_(cast.sadia).get(f"{HOME}bouts.csv").get_data(as_text=True)
    rows = [
        (row["code"], row["start_ms"], row["end_ms"], row["closed_by"], row["censored_end"])
        for row in csv.DictReader(io.StringIO(data, newline=""))
    ]

    assert rows == [
        ("LT", "0", "4000", "pause", "true"),
        ("LT", "6000", "8000", "exclusive", "false"),
        ("LQ", "8000", "10000", "end", "true"),
    ]


@pytest.mark.parametrize(
    ("who", "status"), [("owen", 403), ("rhys", 403), ("anya", 200), ("sadia", 200), ("nemo", 404)]
)
def test_analysts_and_supervisors_of_the_study_take_exports(client, field, cast, who, status):
    assert client.as_(getattr(cast, who)).get(f"{HOME}sessions.csv").status_code == status


def test_every_export_is_in_the_trail(client, field, cast, db):
    client.as_(cast.anya).get(f"{HOME}bouts.csv?status=recording")

    db.rollback()
    action, details = db.execute(
        sa.text("SELECT action, details FROM audit WHERE action = 'export.take' ORDER BY number DESC LIMIT 1")
    ).one()
    assert (action, json.loads(details)) == (
        "export.take",
        {"what": "bouts", "sessions": 1, "status": "recording"},
    )


def test_practice_and_refusals_are_left_out_and_counted(field, cast, db, clock):
    files = zipped(db, db.merge(cast.study), clock())

    sessions = list(csv.DictReader(io.StringIO(files["sessions.csv"].decode(), newline="")))
    assert [row["session"] for row in sessions] == [some_id("one")]
    assert json.loads(files["provenance.json"])["withheld"] == {
        "sessions_refused": 1,
        "sessions_practice": 1,
        "subjects_without_consent": 1,
    }


def test_no_row_is_about_a_subject_without_consent(field, cast, db, clock):
    with_both = some_id("both")
    rows = [
        event(with_both, 1, "open", 0), event(with_both, 2, "start", 1, code="LT", subject=some_id("P01")),
        event(with_both, 3, "start", 2, code="LT", subject=some_id("P02")), event(with_both, 4, "end", 9, count=4),
    ]  # fmt: skip
    field.record(with_both, rows, subjects=[some_id("P01"), some_id("P02")])

    files = zipped(db, db.merge(cast.study), clock())

    everything = b"".join(data for name, data in files.items() if name.endswith(".csv"))
    assert some_id("P01").encode() in everything
    assert some_id("P02").encode() not in everything


def test_the_package_is_what_frictionless_expects(field, cast, db, clock, tmp_path):
    frictionless = pytest.importorskip("frictionless")
    for name, data in zipped(db, db.merge(cast.study), clock()).items():
        (tmp_path / name).parent.mkdir(exist_ok=True, parents=True)
        (tmp_path / name).write_bytes(data)

    report = frictionless.Package(str(tmp_path / "datapackage.json")).validate()

    assert report.flatten(["title", "message"]) == []
    assert len(report.tasks) == 16


def test_a_dataset_taken_in_elsewhere_comes_out_the_same_byte_for_byte(field, cast, db, clock, tmp_path):
    files = zipped(db, db.merge(cast.study), clock())
    engine = sa.create_engine(f"sqlite:///{tmp_path / 'other.sqlite3'}")
    migrating.upgrade(engine)
    base.prepare(engine)
    read = dataset.Read({name: data.decode() for name, data in files.items()})
    given = Dataset(
        list(read.rows("sessions")), list(read.rows("events")), list(read.rows("subjects")), read.frameworks()
    )
    with Session(engine, expire_on_commit=False) as other:
        there = a_cast(other, clock())
        done = imports.dataset(other, Console(), there.study, given, now=clock())
        again = imports.dataset(other, Console(), other.merge(there.study), given, now=clock())
        found = zipped(other, other.merge(there.study), clock())
    engine.dispose()

    assert (done.sessions, done.stored, again.stored, again.had) == (1, 8, 0, 8)
    same = {name for name in files if name not in {"provenance.json", "datapackage.json"}}
    assert {name: found[name] for name in same} == {name: files[name] for name in same}


def test_a_dataset_of_another_study_of_this_server_is_not_taken_in_twice(field, cast, db, clock):
    read = dataset.Read({name: data.decode() for name, data in zipped(db, db.merge(cast.study), clock()).items()})
    given = Dataset(list(read.rows("sessions")), list(read.rows("events")), [], read.frameworks())

    with pytest.raises(imports.AlreadyHere):
        imports.dataset(db, Console(), db.merge(cast.other), given, now=clock())

    joined = kept.events.join(kept.logs, kept.logs.c.id == kept.events.c.log)
    count = sa.select(sa.func.count()).select_from(joined).where(kept.logs.c.study == cast.other.id)
    assert db.scalar(count) == 6


def test_a_bomb_is_not_unpacked():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("events.csv", b"0" * 50_000_000)
        archive.writestr("sessions.csv", b"")

    with pytest.raises(dataset.NotADataset, match="more than is taken"):
        dataset.read(file.getvalue())


def test_the_page_offers_every_table(client, field, cast):
    page = client.as_(cast.anya).get(HOME).get_data(as_text=True)

    for name in ("sessions", "events", "bouts", "intervals", "scans", "ratings", "subjects", "codebook"):
        assert f"{name}.csv" in page


def test_intervals_keep_zero_missing_and_out_of_view_apart(client, db, cast, clock):
    made = a_field(db, cast.study, cast.owen, clock(), "copus")
    one = some_id("copus")
    rows = [
        event(one, 1, "open", 0), event(one, 2, "tick", 5, stream="students", interval=0, code="S_L"),
        event(one, 3, "interval", 130_000, stream="students", interval=1, state="missed"),
        event(one, 4, "out_of_view", 240_000), event(one, 5, "in_view", 360_000), event(one, 6, "end", 480_000, count=6),
    ]  # fmt: skip
    made.record(one, rows)
    db.rollback()

    data = client.as_(cast.anya).get(f"{HOME}intervals.csv").get_data(as_text=True)
    found = {
        int(row["interval"]): (row["state"], row["occurred"])
        for row in csv.DictReader(io.StringIO(data, newline=""))
        if (row["stream"], row["code"]) == ("students", "S_L")
    }

    assert found == {0: ("ticked", "1"), 1: ("missed", ""), 2: ("out-of-view", ""), 3: ("empty", "0")}
