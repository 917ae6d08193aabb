"""The formats of other programs: what each holds is what was recorded, and nothing about who did not consent."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import zipfile
from collections.abc import Iterator
from itertools import count, pairwise
from xml.etree import ElementTree as ET

import pyarrow.parquet as pq
import pyreadstat
import pytest
from click.testing import CliRunner
from openpyxl import load_workbook

from frameworks.convert.boris import read_project
from frameworks.convert.boris_observations import Into, log_of
from observe.cli import main
from observe.core.coding.events import Event, parse
from observe.core.coding.timeline import timeline
from observe.core.tidy import TABLES, Column, values_json
from observe.documents import elan, package, sdis, spss, xlsx
from observe.documents.formats import FORMATS
from observe.documents.grid import Sheet
from tests.factories.taken import GIVEN, SESSION, WITHDRAWN, a_play_study, taken, written

FORMULA = '=HYPERLINK("x") & <b>laughs</b>'


@pytest.fixture
def study(db, cast, clock):
    a_play_study(db, cast.study, cast.owen, clock())
    return db.merge(cast.study)


def opened(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def everything_in(data: bytes) -> bytes:
    """All bytes of a file; of a zip, those of its files."""
    return b"\n".join(opened(data).values()) if data[:2] == b"PK" else data


def csv_of(db, study, clock, name: str) -> list[dict[str, str]]:
    _, taking, _ = taken(db, study, clock())
    table = next(one for one in TABLES if one.name == name)
    data = b"".join(package.one_table(table, taking.sources)).decode()
    return list(csv.DictReader(io.StringIO(data, newline="")))


def test_an_ordinary_session_comes_out_of_the_log_as_it_should(db, study, clock):
    found = [(row["code"], row["start_ms"], row["end_ms"]) for row in csv_of(db, study, clock, "bouts")]

    assert sorted(found) == [
        ("alone", "1001", "3003"), ("runs", "1500", "4000"), ("runs", "5000", "6007"), ("together", "3003", "4000"),
        ("together", "5000", "7000"),
    ]  # fmt: skip


@pytest.mark.parametrize("form", ["dataset", *(one.name for one in FORMATS if one.name not in {"parquet", "sav"})])
def test_nothing_about_a_subject_without_consent_leaves_in_any_format(db, study, clock, form):
    if form == "dataset":
        whole, taking, provenance = taken(db, study, clock())
        data = everything_in(b"".join(package.zip_pieces(whole, taking.sources, provenance)))
    else:
        data = everything_in(written(db, study, clock(), form))

    for secret in (WITHDRAWN, "P02", "kicks the fence", "kicks the door", "looks away"):
        assert secret.encode() not in data, secret
    assert b"laughs" in data or form == "sdis"


def test_packed_formats_hold_nothing_about_a_subject_without_consent_either(db, study, clock, tmp_path):
    for name, data in opened(written(db, study, clock(), "parquet")).items():
        words = json.dumps(pq.read_table(io.BytesIO(data)).to_pylist(), default=str)
        assert not any(one in words for one in (WITHDRAWN, "P02", "kicks", "looks away")), name
    for name, data in opened(written(db, study, clock(), "sav")).items():
        (tmp_path / name).write_bytes(data)
        frame, meta = pyreadstat.read_sav(tmp_path / name)
        words = frame.to_json() + json.dumps(meta.variable_value_labels)
        assert not any(one in words for one in (WITHDRAWN, "P02", "kicks", "looks away")), name


@pytest.mark.parametrize("table", [one.name for one in TABLES])
def test_nothing_about_a_subject_without_consent_is_in_any_table(client, db, study, cast, table):
    data = client.as_(cast.anya).get(f"/studies/lectures/exports/{table}.csv").get_data(as_text=True)

    assert data.count("\r\n") >= 1
    for secret in (WITHDRAWN, "P02", "kicks", "looks away"):
        assert secret not in data


def test_a_workbook_has_a_sheet_a_table_and_no_formula(db, study, clock):
    book = load_workbook(io.BytesIO(written(db, study, clock(), "xlsx")))

    assert book.sheetnames == ["about", *(one.name for one in TABLES), "subjects", "codebook"]
    assert {cell.data_type for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None} <= {
        "s", "n", "b",
    }  # fmt: skip
    notes = list(book["notes"].iter_rows(values_only=True))
    assert notes[0] == ("session", "event", "at_ms", "text", "about", "outside")
    assert [(row[2], row[3], row[5]) for row in notes[1:]] == [
        (3100, FORMULA, False),
        (3750, "rain begins", False),
    ]
    bouts = list(book["bouts"].iter_rows(values_only=True))
    assert [row[7:10] for row in bouts[1:] if row[4] == "alone"] == [(1001, 3003, 2002)]
    told = {row[0]: row[2] for row in book["about"].iter_rows(values_only=True) if row[0] and len(row) > 2}
    assert (told["bouts"], told["notes"], told["points"]) == (5, 2, 1)


def test_what_a_sheet_cannot_hold_is_counted_and_said(monkeypatch):
    class Sink(list):
        parent = None

    filling = xlsx.Filling(Sheet("notes", "", (Column("text", "string", ""),)), Sink())
    monkeypatch.setattr(xlsx, "MOST_ROWS", 2)
    monkeypatch.setattr(xlsx, "text_cell", lambda sheet, words: words)

    filling.take([("a" * 40_000,), ("bell \a",), ("too many",)])

    assert (filling.rows, filling.beyond, filling.cut) == (2, 1, 1)
    assert len(filling.into[0][0]) == 32_767 and filling.into[0][0].endswith("[cut]")
    assert filling.into[1] == ["bell \ufffd"]


def test_parquet_has_types_and_the_same_rows_as_the_csv(db, study, clock):
    files = opened(written(db, study, clock(), "parquet"))
    bouts = pq.read_table(io.BytesIO(files["bouts.parquet"]))
    sessions = pq.read_table(io.BytesIO(files["sessions.parquet"]))

    assert str(bouts.schema.field("start_ms").type) == "int64"
    assert str(bouts.schema.field("censored_end").type) == "bool"
    assert bouts.schema.field("start_ms").metadata[b"description"] == b"milliseconds from the session's start"
    assert str(sessions.schema.field("started").type) == "timestamp[ms, tz=UTC]"
    assert sessions.to_pylist()[0]["started"].isoformat() == "2023-11-14T22:13:20.250000+00:00"
    whole = [{k: "" if v is None else str(v) for k, v in row.items()} for row in bouts.to_pylist()]
    for ours, theirs in zip(csv_of(db, study, clock, "bouts"), whole, strict=True):
        assert ours == {k: v.lower() if v in {"True", "False"} else v for k, v in theirs.items()}


def test_spss_files_have_labels_and_reasons_for_missing_values(db, study, clock, tmp_path):
    files = opened(written(db, study, clock(), "sav"))
    (tmp_path / "ratings.sav").write_bytes(files["ratings.sav"])
    (tmp_path / "bouts.sav").write_bytes(files["bouts.sav"])

    ratings, meta = pyreadstat.read_sav(tmp_path / "ratings.sav", user_missing=True)
    assert sorted(ratings["value"]) == [-9995.0, 2.0]
    assert meta.variable_value_labels["value"][-9995.0] == "no value: cannot-judge"
    assert meta.missing_ranges["value"] == [{"lo": -9999.0, "hi": -9991.0}]
    known, _ = pyreadstat.read_sav(tmp_path / "ratings.sav")
    assert known["value"].dropna().tolist() == [2.0]
    bouts, meta = pyreadstat.read_sav(tmp_path / "bouts.sav")
    labels = meta.variable_value_labels["code_n"]
    assert [labels[one] for one in bouts["code_n"]] == [
        {"alone": "alone: Plays alone", "together": "together: Plays together", "runs": "runs: Runs"}[one]
        for one in bouts["code"]
    ]
    assert set(meta.variable_value_labels["subject_n"].values()) == {f"{GIVEN}: P01"}
    assert meta.column_names_to_labels["end_ms"] == "first millisecond after it"
    assert meta.variable_value_labels["censored_end"] == {0.0: "no", 1.0: "yes"}


def test_names_of_variables_are_ones_that_spss_takes():
    assert spss.names_of(["with", "1st", "a b", "a_b", "x" * 80, "ünder."]) == [
        "v_with", "v_1st", "a_b", "a_b_2", "x" * 60, "v__nder",
    ]  # fmt: skip


def ids() -> Iterator[str]:
    return (f"00000000-0000-7000-8000-{number:012x}" for number in count(1))


def test_a_boris_project_read_back_by_us_is_the_same_to_the_millisecond(db, study, clock):
    files = opened(written(db, study, clock(), "boris"))
    project = read_project(files["play-v1.boris"])
    assert [finding.code for finding in project.findings] == []
    [name] = project.observations
    numbers = ids()
    log = log_of(project, name, Into(1, 1, "d", lambda: next(numbers), offset=60))
    events = [parse(each) for each in log.events]
    assert all(isinstance(one, Event) for one in events)
    assert project.framework is not None and log.header is not None
    found = timeline(project.framework, log.header, [one for one in events if isinstance(one, Event)])

    _, taking, _ = taken(db, study, clock())
    [source] = taking.sources
    bouts = sorted((one.code, one.start, one.end, values_json(one.modifiers)) for one in source.timeline.bouts)
    points = sorted((one.code, one.at, values_json(one.modifiers)) for one in source.timeline.points)
    assert sorted((one.code, one.start, one.end, values_json(one.modifiers)) for one in found.bouts) == bouts
    assert sorted((one.code, one.at, values_json(one.modifiers)) for one in found.points) == points
    assert (len(bouts), len(points)) == (5, 1)
    assert {log.subjects[one.subject or ""] for one in found.bouts} == {"P01"}
    assert [note.text for note in found.notes] == [FORMULA]
    assert log.header["started"] == 1_700_000_000_250
    assert log.header["variables"] == {"place": "yard"}


def test_what_boris_has_no_place_for_is_counted(db, study, clock):
    words = opened(written(db, study, clock(), "boris"))["README.txt"].decode()

    assert "play-v1.boris: 1 observations" in words
    assert "left out: 2 ratings" in words
    assert "left out: 1 notes that are about no event in the project" in words


OPENS = """
import sys, types, os, json, importlib.util
sys.modules["boris.mpv2"] = types.ModuleType("boris.mpv2")
folder = os.path.dirname(importlib.util.find_spec("boris").origin)
sys.path.append(folder)
from boris import project_functions
path, changed, project, message = project_functions.open_project_json(sys.argv[1])
names = list(project["observations"])
print(json.dumps({"changed": changed, "message": message, "names": names,
    "events": [[str(one[0]), *one[1:4]] for one in project["observations"][names[0]]["events"]],
    "checks": [project_functions.check_state_events_obs(name, project["behaviors_conf"], project["observations"][name], "s") for name in names]}))
"""


def test_boris_itself_opens_the_project(db, study, clock, tmp_path):
    python = os.environ.get("OBSERVE_BORIS_PYTHON")
    if not python:
        pytest.skip("OBSERVE_BORIS_PYTHON names no Python in which BORIS is installed")
    file = tmp_path / "play.boris"
    file.write_bytes(opened(written(db, study, clock(), "boris"))["play-v1.boris"])

    done = subprocess.run(
        [python, "-c", OPENS, str(file)], capture_output=True, text=True, timeout=240, check=False,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout.strip().splitlines()[-1])
    assert (said["changed"], said["message"]) == (False, "")
    assert said["checks"] == [[True, "All states are PAIRED"]] or said["checks"][0][0] is True
    assert ["3.003", "P01", "Plays together", "Loudly  very|Ball,Rope"] in [
        [one[0], one[1], one[2], one[3]] for one in said["events"]
    ]


def test_sdis_has_times_of_every_bout_and_point(db, study, clock):
    words = opened(written(db, study, clock(), "sdis"))["play-v1.sds"].decode("ascii").split("\r\n")

    assert words[0] == "Timed;"
    assert f"<2023_11_14_23_13_Owen_{SESSION.replace('-', '_')}>" in words
    begin = words.index(",0.000")
    assert words[begin:] == [
        ",0.000", "P01_alone,1.001-3.003", "P01_runs,1.500-4.000", "P01_together,3.003-4.000", "P01_call,3.500",
        "P01_runs,5.000-6.007", "P01_together,5.000-7.000", ",7.000 /", "",
    ]  # fmt: skip


def test_names_that_would_be_alike_in_sdis_are_told_apart():
    names = sdis.Names({"x": "Zoë B.", "y": "Zoe-B"})

    assert [names.of("x", "runs"), names.of("y", "runs"), names.of("x", "runs"), names.of(None, "1st")] == [
        "Zoe_B_runs", "Zoe_B_runs_2", "Zoe_B_runs", "c_1st",
    ]  # fmt: skip


ORDER = ("HEADER", "TIME_ORDER", "TIER", "LINGUISTIC_TYPE", "LANGUAGE", "CONSTRAINT", "CONTROLLED_VOCABULARY")


def test_an_elan_document_follows_the_rules_of_its_schema(db, study, clock):
    [(name, data)] = opened(written(db, study, clock(), "elan")).items()
    root = ET.fromstring(data)

    assert name.endswith(f"{SESSION}.eaf") and root.tag == "ANNOTATION_DOCUMENT"
    assert {"AUTHOR", "DATE", "VERSION"} <= set(root.attrib)
    places = [ORDER.index(child.tag) for child in root]
    assert places == sorted(places)
    slots = {one.attrib["TIME_SLOT_ID"]: int(one.attrib["TIME_VALUE"]) for one in root.iter("TIME_SLOT")}
    made = [one.attrib["ANNOTATION_ID"] for one in root.iter() if "ANNOTATION_ID" in one.attrib]
    assert len(set(made)) == len(made)
    kinds = {one.attrib["LINGUISTIC_TYPE_ID"]: one.attrib for one in root.iter("LINGUISTIC_TYPE")}
    vocabularies = {one.attrib["CV_ID"] for one in root.iter("CONTROLLED_VOCABULARY")}
    assert {
        one["CONTROLLED_VOCABULARY_REF"] for one in kinds.values() if "CONTROLLED_VOCABULARY_REF" in one
    } <= vocabularies
    tiers = [one.attrib["TIER_ID"] for one in root.iter("TIER")]
    assert len(set(tiers)) == len(tiers)
    for tier in root.iter("TIER"):
        assert tier.attrib["LINGUISTIC_TYPE_REF"] in kinds
        spans = [(slots[one.attrib["TIME_SLOT_REF1"]], slots[one.attrib["TIME_SLOT_REF2"]]) for one in tier.iter("ALIGNABLE_ANNOTATION")]  # fmt: skip
        assert all(start < end for start, end in spans)
        assert all(one[1] <= other[0] for one, other in pairwise(spans))
        assert all(one.attrib["ANNOTATION_REF"] in made for one in tier.iter("REF_ANNOTATION"))
        assert tier.attrib.get("PARENT_REF", tiers[0]) in tiers


def test_the_tiers_of_an_elan_document_hold_what_was_seen(db, study, clock):
    [data] = opened(written(db, study, clock(), "elan")).values()
    root = ET.fromstring(data)
    slots = {one.attrib["TIME_SLOT_ID"]: int(one.attrib["TIME_VALUE"]) for one in root.iter("TIME_SLOT")}

    def held(tier: str) -> list[tuple[int, int, str | None]]:
        found = root.find(f"TIER[@TIER_ID='{tier}']")
        assert found is not None
        return [
            (
                slots[one.attrib["TIME_SLOT_REF1"]],
                slots[one.attrib["TIME_SLOT_REF2"]],
                one.findtext("ANNOTATION_VALUE"),
            )
            for one in found.iter("ALIGNABLE_ANNOTATION")
        ]

    assert held("play@P01") == [(1001, 3003, "alone"), (3003, 4000, "together"), (5000, 7000, "together")]
    assert held("acts@P01") == [(1500, 4000, "runs"), (5000, 6007, "runs")]
    assert held("acts@P01 #2") == [(3500, 3501, "call")]
    assert held("notes") == [(3750, 3751, "rain begins")]
    assert held("not watched") == [(4000, 5000, "")]
    assert held("out of view@P01") == []
    beneath = {
        one.attrib["TIER_ID"]: [word.text for word in one.iter("ANNOTATION_VALUE")]
        for one in root.iter("TIER")
        if one.attrib.get("PARENT_REF") == "play@P01"
    }
    assert beneath == {
        "play@P01 how": ["loud", "loud"], "play@P01 with": ["ball", "rope", "ball", "rope"],
        "play@P01 note about": [FORMULA],
    }  # fmt: skip


def test_overlapping_marks_take_as_few_tiers_as_they_need():
    lanes = elan.spread(
        "s", "", [elan.Mark(0, 5, "a"), elan.Mark(1, 3, "b"), elan.Mark(3, 4, "c"), elan.Mark(5, 6, "d")]
    )

    assert [(lane.name, [mark.words for mark in lane.marks]) for lane in lanes] == [
        ("s", ["a", "d"]),
        ("s #2", ["b", "c"]),
    ]


def test_an_event_table_has_a_row_a_start_a_stop_and_a_point(db, study, clock):
    data = written(db, study, clock(), "noldus").decode()
    rows = list(csv.DictReader(io.StringIO(data, newline="")))

    assert [(row["Time_Relative_sf"], row["Behavior"], row["Event_Type"]) for row in rows[:6]] == [
        ("1.001", "Plays alone", "State start"), ("1.5", "Runs", "State start"), ("3.003", "Plays alone", "State stop"),
        ("3.003", "Plays together", "State start"), ("3.5", "Calls", "Point"), ("4.0", "Runs", "State stop"),
    ]  # fmt: skip
    begun = rows[3]
    assert (begun["Date_dmy"], begun["Time_Absolute_hms"], begun["Time_Absolute_f"]) == (
        "14-11-2023",
        "23:13:23",
        "253",
    )
    assert (begun["Time_Relative_hms"], begun["Time_Relative_f"], begun["Duration_sf"]) == (
        "00:00:03",
        "003",
        "0.997",
    )
    assert (begun["Subject"], begun["Modifier_1"], begun["Modifier_2"]) == ("P01", "Loudly (very)", "Ball, Rope")
    assert begun["Comment"] == f"'{FORMULA}"


@pytest.mark.parametrize("form", FORMATS)
def test_the_page_offers_each_format_and_gives_it(client, db, study, cast, form):
    page = client.as_(cast.anya).get("/studies/lectures/exports/").get_data(as_text=True)
    reply = client.as_(cast.anya).get(f"/studies/lectures/exports/as/{form.name}")

    assert f"/exports/as/{form.name}" in page and form.about in page.replace("&#39;", "'")
    assert reply.status_code == 200
    assert reply.headers["Content-Disposition"] == f"attachment; filename=lectures.{form.ending}"
    assert reply.data[:2] == (b"Da" if form.name == "noldus" else b"PK")


def test_a_format_that_is_not_there_is_not_found_and_observers_may_take_none(client, db, study, cast):
    assert client.as_(cast.anya).get("/studies/lectures/exports/as/wordperfect").status_code == 404
    assert client.as_(cast.owen).get("/studies/lectures/exports/as/xlsx").status_code == 403
    assert client.as_(cast.nemo).get("/studies/lectures/exports/as/xlsx").status_code == 404


@pytest.mark.parametrize("form", ["boris", "sav"])
def test_the_command_writes_each_format(app, db, study, tmp_path, form):
    file = tmp_path / "out.zip"

    done = CliRunner().invoke(main, ["export", str(file), "--study", "lectures", "--as", form], obj=app)

    assert done.exit_code == 0, done.output
    assert ("play-v1.boris" if form == "boris" else "bouts.sav") in opened(file.read_bytes())
