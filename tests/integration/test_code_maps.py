"""Versions analysed together by a stated map, and notes from the field that become codes."""

from __future__ import annotations

import csv
import html
import io
import json
import re
import zipfile
from collections import Counter
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy.orm import Session

from frameworks import schema
from frameworks.codemaps import Move
from frameworks.versions import content_hash
from observe.actions import analysis, codemaps, studies
from observe.actions import frameworks as actions
from observe.actions import scope as scopes
from observe.core.access import Role
from observe.core.errors import Invalid, NotAllowed, Taken
from observe.store import audit
from observe.store import codemaps as kept
from observe.store.frameworks import Framework
from tests.conftest import Client, FakeClock
from tests.factories.field import Field, a_field, enrol
from tests.factories.frameworks import a_document
from tests.factories.people import Cast
from tests.factories.uploads import event, some_id

ADDRESS = "/studies/lectures/frameworks/pauses"


def document_2() -> dict[str, Any]:
    """The second version: “waits” is split, “goes-on” has another id."""
    document = a_document()
    codes = document["streams"][0]["codes"]
    waits, goes_on = codes
    document["streams"][0]["codes"] = [
        {**waits, "id": "waits-looking", "label": "Waits and looks", "key": "l"},
        {**waits, "id": "waits-writing", "label": "Waits and writes", "key": "r"},
        {**goes_on, "id": "continues"},
    ]
    document["constructs"][0]["indicators"] = [
        {"code": "waits-looking", "polarity": 1, "rationale": "Waiting makes room."},
        {"code": "continues", "polarity": -1, "rationale": "Going on closes it."},
    ]
    return document


@pytest.fixture
def framework(db: Session, cast: Cast, clock: FakeClock) -> Framework:
    """Two published versions, and the same framework in somebody else's study."""
    made = actions.begin(db, cast.sadia, cast.study, actions.must_be_read(schema.load(a_document())), now=clock())
    actions.publish(db, cast.sadia, cast.study, "pauses", revision=1, now=clock())
    actions.save_draft(db, cast.sadia, cast.study, "pauses", document_2(), revision=1, now=clock())
    actions.publish(db, cast.sadia, cast.study, "pauses", revision=2, now=clock())
    return made


SPLIT = Move(("waits",), ("waits-looking", "waits-writing"), "looking and writing differ")


def test_the_page_proposes_what_is_likely_and_keeps_what_was_ticked(
    client: Client, db: Session, cast: Cast, framework: Framework
) -> None:
    sadia = client.as_(cast.sadia)
    page = sadia.get(f"{ADDRESS}/changes/1/2/map").text
    ticked = re.findall(r'name="became-([\w-]+)" value="([\w-]+)" checked', page)
    assert ticked == [("goes-on", "continues")]  # the same words under another id

    reply = sadia.post(
        f"{ADDRESS}/changes/1/2/map",
        data={
            "became-waits": ["waits-looking", "waits-writing"],
            "became-goes-on": ["continues"],
            "reason-waits": "looking and writing differ",
        },
    )
    assert reply.status_code == 303
    said = sadia.get(f"{ADDRESS}/changes?old=1&new=2").text
    assert "“waits” was split into “waits-looking” and “waits-writing” (looking and writing differ)." in said
    assert "“goes-on” was renamed to “continues”." in said
    assert "From version 1 to 2: “goes-on” was renamed to “continues”." in said
    assert [each.map.moves for each in kept.stated(db, framework.id)] == [
        (Move(("goes-on",), ("continues",)), SPLIT)
    ]


def test_versions_are_one_by_the_newest_map_and_older_ones_stay_to_be_read(
    db: Session, cast: Cast, clock: FakeClock, framework: Framework
) -> None:
    apart = codemaps.together(db, framework)
    assert set(apart.only_in_some) == {"waits", "goes-on", "waits-looking", "waits-writing", "continues"}

    wrong = [Move(("goes-on",), ("waits-looking",))]
    codemaps.state(db, cast.sadia, cast.study, "pauses", 1, 2, wrong, now=clock())
    right = [SPLIT, Move(("goes-on",), ("continues",))]
    codemaps.state(db, cast.sadia, cast.study, "pauses", 1, 2, right, now=clock())
    found = codemaps.together(db, framework)

    first, second = (actions.existing_version(db, cast.study, "pauses", number) for number in (1, 2))
    assert dict(found.codes[first.hash]) == {"waits": "waits", "goes-on": "continues"}
    assert dict(found.codes[second.hash]) == {
        "waits-looking": "waits", "waits-writing": "waits", "continues": "continues",
    }  # fmt: skip
    assert found.only_in_some == ()
    assert [code.id for _, code in found.joint.codes()] == ["waits", "continues"]
    assert content_hash(actions.model_of(second)) == second.hash
    assert len(kept.stated(db, framework.id)) == 2
    assert found.statement[-1] == "In version 2 “waits-looking”, “waits-writing” are analysed as one, “waits”."


def test_a_map_that_is_wrong_is_refused_with_everything_that_is_wrong(
    client: Client, db: Session, cast: Cast, clock: FakeClock, framework: Framework
) -> None:
    moves = [Move(("nods",), ("continues",)), Move(("waits",), ("continues",))]
    with pytest.raises(Invalid) as refused:
        codemaps.state(db, cast.sadia, cast.study, "pauses", 1, 2, moves, now=clock())
    assert [each.code for each in refused.value.findings] == ["map.unknown-old", "map.twice"]
    with pytest.raises(Invalid):
        codemaps.state(db, cast.sadia, cast.study, "pauses", 2, 1, [], now=clock())
    assert kept.stated(db, framework.id) == []


def test_only_a_supervisor_of_the_study_states_a_map_and_the_trail_says_so(
    client: Client, db: Session, cast: Cast, clock: FakeClock, framework: Framework
) -> None:
    assert client.as_(cast.owen).get(f"{ADDRESS}/changes/1/2/map").status_code == 403
    assert client.as_(cast.nemo).get(f"{ADDRESS}/changes/1/2/map").status_code == 404
    with pytest.raises(NotAllowed):
        codemaps.state(db, cast.anya, cast.study, "pauses", 1, 2, [SPLIT], now=clock())

    codemaps.state(db, cast.sadia, cast.study, "pauses", 1, 2, [SPLIT], now=clock())
    last = list(audit.links(db))[-1]
    assert "framework.design" in str(last)
    assert f"person:{cast.sadia.id}" in str(last)
    assert "'moves': 1" in str(last) or '"moves":1' in str(last)


@pytest.mark.parametrize(
    ("became", "moves"),
    [
        ({"a": ["a"]}, []),
        ({"a": ["b"], "b": ["a"]}, [Move(("a",), ("b",)), Move(("b",), ("a",))]),
        ({"a": ["c"], "b": ["c"]}, [Move(("a", "b"), ("c",))]),
        ({"a": ["a", "c"]}, [Move(("a",), ("a", "c"))]),
        ({"a": ["c", "d"], "b": ["d", "e"], "f": []}, [Move(("a", "b"), ("c", "d", "e")), Move(("f",), ())]),
    ],
)
def test_codes_that_share_a_successor_are_one_move(became: dict[str, list[str]], moves: list[Move]) -> None:
    assert codemaps.moves_of(became, {}) == moves


NOTED, OTHER, VOIDED = some_id("noted"), some_id("other"), some_id("voided")


@pytest.fixture
def noted(db: Session, cast: Cast, clock: FakeClock) -> str:
    """A session with three notes: one outside the framework, one within, one outside that was taken back. Nemo has one too."""
    for study, person, mark in ((cast.study, cast.owen, "ours"), (cast.other, cast.nemo, "theirs")):
        field = a_field(db, study, person, clock())
        session = some_id(mark)
        notes = [
            event(session, 2, "note", 61_000, text="They laugh\nat the\tprojector", outside=True, id=some_id(mark, NOTED)),
            event(session, 3, "note", 62_000, text="Room is cold", id=some_id(mark, OTHER)),
            event(session, 4, "note", 63_000, text="A bee", outside=True, id=some_id(mark, VOIDED)),
            event(session, 5, "amend", 64_000, ref=some_id(mark, VOIDED), void=True),
        ]  # fmt: skip
        field.record(session, [event(session, 1, "open", 0), *notes, event(session, 6, "end", 65_000, count=6)])
    db.rollback()
    return some_id("ours", NOTED)


def test_what_was_not_in_the_framework_becomes_a_code_with_the_note_as_its_example(
    client: Client, db: Session, cast: Cast, clock: FakeClock, noted: str
) -> None:
    address = "/studies/lectures/frameworks/fill-plus/notes"
    sadia = client.as_(cast.sadia)
    page = sadia.get(address).text
    assert "They laugh" in page
    assert "after 1 min 1 s" in page
    assert "Room is cold" not in page
    assert "A bee" not in page
    assert page.count("Make a code of it") == 1

    before = actions.existing(db, cast.study, "fill-plus").revision
    given = {"id": "LA", "label": "Laughter", "stream": "activity"}
    stream = actions.document_of(actions.existing(db, cast.study, "fill-plus").draft)["streams"][0]
    reply = sadia.post(f"{address}/{noted}", data={**given, "stream": stream["id"]})
    assert reply.status_code == 303

    db.rollback()
    framework = actions.existing(db, cast.study, "fill-plus")
    code = actions.document_of(framework.draft)["streams"][0]["codes"][-1]
    assert code == {"id": "LA", "label": "Laughter", "type": "state", "examples": ["They laugh at the projector"]}
    assert framework.revision == before + 1
    page = sadia.get(address).text
    assert "became the code LA" in page
    assert "Make a code of it" not in page


def test_a_note_becomes_one_code_and_a_code_needs_an_id_of_its_own(
    client: Client, db: Session, cast: Cast, clock: FakeClock, noted: str
) -> None:
    stream = actions.document_of(actions.existing(db, cast.study, "fill-plus").draft)["streams"][0]["id"]

    def make(id: str, event: str = noted) -> Framework:
        return codemaps.code_of_note(
            db, cast.sadia, cast.study, "fill-plus", event, stream=stream, id=id, label="Laughter", now=clock()
        )

    with pytest.raises(Taken):
        make("LT")
    with pytest.raises(Invalid):
        make("not an id")
    make("LA")
    with pytest.raises(Taken):
        make("LB")
    theirs = some_id("theirs", NOTED)
    address = f"/studies/lectures/frameworks/fill-plus/notes/{theirs}"
    form = {"id": "LC", "label": "x", "stream": stream}
    assert client.as_(cast.sadia).post(address, data=form).status_code == 404
    assert client.as_(cast.owen).get("/studies/lectures/frameworks/fill-plus/notes").status_code == 403


def test_people_at_one_draft_hear_of_each_other_until_they_are_gone(
    db: Session, cast: Cast, clock: FakeClock, framework: Framework
) -> None:
    studies.set_member(db, cast.sadia, cast.study, cast.rhys.id, frozenset({Role.SUPERVISOR}), now=clock())

    alone = codemaps.here(db, cast.sadia, cast.study, "pauses", now=clock())
    assert (alone.revision, alone.others) == (2, ())
    assert codemaps.here(db, cast.rhys, cast.study, "pauses", now=clock()).others == ("Sadia",)
    assert codemaps.here(db, cast.sadia, cast.study, "pauses", now=clock.forward(seconds=15)).others == ("Rhys",)
    assert codemaps.here(db, cast.sadia, cast.study, "pauses", now=clock.forward(seconds=30)).others == ()
    with pytest.raises(NotAllowed):
        codemaps.here(db, cast.owen, cast.study, "pauses", now=clock())


# --- analysed together -----------------------------------------------------------------------------------------------


@pytest.fixture
def recorded(db: Session, cast: Cast, clock: FakeClock, framework: Framework) -> dict[int, str]:
    """Owen and Olga watched one happening under each version: the address of each version's hash."""
    device = enrol(db, cast.study, clock())
    taps = {
        1: [("waits", 5_000), ("goes-on", 8_000), ("waits", 30_000)],
        2: [("waits-looking", 5_000), ("waits-writing", 9_000), ("continues", 20_000), ("continues", 40_000)],
    }
    marks = {n: actions.existing_version(db, cast.study, "pauses", n).hash for n in taps}
    for number, seen in taps.items():
        for who in (cast.owen, cast.olga):
            field = Field(db, cast.study, marks[number], device, who, clock())
            session = some_id(who.name, number)
            rows = [event(session, k + 2, "point", at, code=code) for k, (code, at) in enumerate(seen)]
            field.record(
                session,
                [event(session, 1, "open", 0), *rows, event(session, len(seen) + 2, "end", 60_000, count=len(seen) + 2)],
                happening=some_id("happening", number), observer=who.id, started=1_700_000_000_000 + number * 86_400_000,
            )  # fmt: skip
    db.rollback()
    return marks


@pytest.fixture
def settings() -> dict[str, Any]:
    return {"QUEUE": "inline"}


def text(reply: Any) -> str:
    drawn = re.sub(r"<svg.*?</svg>", " ", reply.get_data(as_text=True), flags=re.S)
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", drawn)))


ANALYSIS, SEQUENCES, AGREEMENT = (f"/studies/lectures/{name}/" for name in ("analysis", "sequences", "agreement"))
BOTH = "?framework=pauses%401,2"


def test_sessions_of_two_versions_are_read_together_by_the_map_and_the_page_says_how(
    client: Client, db: Session, cast: Cast, clock: FakeClock, recorded: dict[int, str]
) -> None:
    codemaps.state(
        db, cast.sadia, cast.study, "pauses", 1, 2, [SPLIT, Move(("goes-on",), ("continues",))], now=clock()
    )
    sadia = client.as_(cast.sadia)

    newest = sadia.get(ANALYSIS, follow_redirects=True)
    page = text(sadia.get(f"{ANALYSIS}{BOTH}", follow_redirects=True))

    assert "4 sessions were recorded with versions 1, 2 of this framework" in text(newest)
    assert "pauses%401,2" in newest.get_data(as_text=True).replace("pauses@1,2", "pauses%401,2")
    assert "over 4 sessions" in page
    # two waits a minute and one going on under version 1, two and two under version 2: 120 and 90 an hour
    assert re.search(
        r"Waits per hour of observed time 120\.0000 120\.0000 to 120\.0000 0\.0000 120\.0000 8 ", page
    )
    assert re.search(r"Goes on per hour of observed time 90\.0000 .*? 90\.0000 6 ", page)
    assert "“waits” was split into “waits-looking” and “waits-writing” (looking and writing differ)." in page
    assert "In version 2 “waits-looking”, “waits-writing” are analysed as one, “waits”." in page


def test_without_a_map_codes_stay_apart_and_the_page_leads_to_where_it_is_stated(
    client: Client, cast: Cast, recorded: dict[int, str]
) -> None:
    reply = client.as_(cast.sadia).get(f"{ANALYSIS}{BOTH}", follow_redirects=True)

    assert "nobody has said what became of them" in text(reply)
    assert f'href="{ADDRESS}/changes/1/2/map"' in reply.get_data(as_text=True)
    # a code that a version could not record has no zeros there: two sessions, not four
    assert re.search(r"Waits per hour of observed time 120\.0000 .*? 4 .{0,30}? 2 Goes on", text(reply))
    asked = client.as_(cast.rhys).get(f"{ANALYSIS}{BOTH}", follow_redirects=True)
    assert "A supervisor can say it" in text(asked)


def test_another_map_is_another_answer_and_its_columns_are_tied_to_it(
    client: Client, db: Session, cast: Cast, clock: FakeClock, recorded: dict[int, str]
) -> None:
    sadia = client.as_(cast.sadia)
    sadia.get(f"{ANALYSIS}{BOTH}", follow_redirects=True)
    before = scopes.of(db, cast.study.id, "pauses@1,2")
    codemaps.state(db, cast.sadia, cast.study, "pauses", 1, 2, [SPLIT], now=clock())
    after = scopes.of(db, cast.study.id, "pauses@1,2")
    page = text(sadia.get(f"{ANALYSIS}{BOTH}", follow_redirects=True))

    assert before.mark != after.mark
    assert re.search(r"Waits per hour of observed time 120\.0000 .*? 8 ", page)
    rows = analysis.everything(db, cast.study.id, after)
    marks = analysis.digests(db, cast.study.id, rows, read=after.mark, now=clock())
    assert len(marks) == 4
    assert not set(marks.values()) & set(analysis.digests(db, cast.study.id, rows, now=clock()).values())


def test_sequences_agreement_csv_and_pdf_are_read_by_the_same_map(
    client: Client, db: Session, cast: Cast, clock: FakeClock, recorded: dict[int, str]
) -> None:
    codemaps.state(
        db, cast.sadia, cast.study, "pauses", 1, 2, [SPLIT, Move(("goes-on",), ("continues",))], now=clock()
    )
    sadia = client.as_(cast.sadia)
    mark = scopes.of(db, cast.study.id, "pauses@1,2").mark

    order = text(sadia.get(f"{SEQUENCES}{BOTH}", follow_redirects=True))
    agreed = sadia.get(f"{AGREEMENT}{BOTH}", follow_redirects=True)
    sadia.get(f"{ANALYSIS}{BOTH}", follow_redirects=True)
    budget = sadia.get(f"{ANALYSIS}budget.csv{BOTH}").get_data(as_text=True).splitlines()
    table = sadia.get(f"{ANALYSIS}map.csv{BOTH}").get_data(as_text=True).splitlines()

    assert "10 transitions to the next code in 4 uninterrupted runs" in order
    assert "2 happenings seen by several observers" in text(agreed)
    assert "They said the same in 100.0 %" in text(agreed)
    assert budget[0].endswith("versions,label,read_by_map")
    assert [line.split(",")[-3] for line in budget[1:]] == ["1 2", "1 2"]
    assert all(line.endswith(mark) for line in budget[1:])
    assert f"2,waits-looking,waits,Waits,1,{mark}" in table
    assert sadia.get(f"{ANALYSIS}analysis.pdf{BOTH}").data[:5] == b"%PDF-"


@pytest.mark.parametrize(
    ("asked", "status"), [("pauses@1-2", 200), ("pauses@2", 200), ("pauses@7", 404), ("nods@1-2", 404), ("pauses@1-999999", 200)]
)  # fmt: skip
def test_versions_in_the_address_are_those_that_there_are(
    client: Client, cast: Cast, recorded: dict[int, str], asked: str, status: int
) -> None:
    reply = client.as_(cast.rhys).get(ANALYSIS, query_string={"framework": asked})

    assert reply.status_code == status
    theirs = client.as_(cast.nemo).get("/studies/swimming/analysis/", query_string={"framework": asked})
    assert theirs.status_code == 404


EXPORTS = "/studies/lectures/exports/"


def taken(reply: Any) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(reply.get_data())) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def rows_in(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode())))


def test_sessions_of_two_versions_are_taken_out_as_one_table_with_the_map_beside_it(
    client: Client, db: Session, cast: Cast, clock: FakeClock, recorded: dict[int, str]
) -> None:
    moves = [SPLIT, Move(("goes-on",), ("continues",))]
    codemaps.state(db, cast.sadia, cast.study, "pauses", 1, 2, moves, now=clock())
    mark = scopes.of(db, cast.study.id, "pauses@1,2").map
    sadia = client.as_(cast.sadia)

    files = taken(sadia.get(f"{EXPORTS}dataset.zip{BOTH}"))
    alone = rows_in(sadia.get(f"{EXPORTS}points.csv{BOTH}").get_data())

    points = rows_in(files["points.csv"])
    assert Counter(row["code"] for row in points) == {"waits": 8, "continues": 6}
    assert alone == points
    budget = {(row["session"], row["code"]): row["count"] for row in rows_in(files["budget.csv"])}
    assert budget[some_id("Owen", 1), "waits"] == budget[some_id("Olga", 2), "waits"] == "2"
    assert budget[some_id("Owen", 2), "continues"] == "2"
    assert {tuple(row.values()) for row in rows_in(files["map.csv"])} == {
        ("1", "waits", "waits", "2", mark), ("1", "goes-on", "continues", "2", mark),
        ("2", "waits-looking", "waits", "1", mark), ("2", "waits-writing", "waits", "1", mark),
        ("2", "continues", "continues", "1", mark),
    }  # fmt: skip
    assert "“waits” was split into “waits-looking” and “waits-writing” (looking and writing differ)." in (
        files["codebook.md"].decode()
    )
    assert json.loads(files["provenance.json"])["read_together"]["map"] == mark
    assert "map" in {one["name"] for one in json.loads(files["datapackage.json"])["resources"]}
    codes = {row["id"] for row in rows_in(files["codebook.csv"]) if row["what"] == "code"}
    assert codes == {"waits", "continues"}
    logs = {json.loads(row["json"]).get("code") for row in rows_in(files["events.csv"])}
    assert logs >= {"goes-on", "waits-looking"}  # the log stays as it was recorded
    numbers = Counter(row["framework_number"] for row in rows_in(files["sessions.csv"]))
    assert numbers == {"1": 2, "2": 2}


def test_one_version_is_taken_out_in_its_own_ids_and_without_a_map(
    client: Client, db: Session, cast: Cast, clock: FakeClock, recorded: dict[int, str]
) -> None:
    codemaps.state(db, cast.sadia, cast.study, "pauses", 1, 2, [SPLIT], now=clock())

    files = taken(client.as_(cast.sadia).get(f"{EXPORTS}dataset.zip?framework={recorded[2]}"))

    assert Counter(row["code"] for row in rows_in(files["points.csv"])) == {
        "waits-looking": 2, "waits-writing": 2, "continues": 4,
    }  # fmt: skip
    assert "map.csv" not in files
    assert "read_together" not in json.loads(files["provenance.json"])


def test_formats_without_a_place_for_the_map_are_neither_offered_nor_made(
    client: Client, db: Session, cast: Cast, recorded: dict[int, str]
) -> None:
    sadia = client.as_(cast.sadia)
    page = sadia.get(f"{EXPORTS}{BOTH}").get_data(as_text=True)

    assert "versions 1 and 2 together" in text(sadia.get(EXPORTS))
    assert "How these versions are read as one" in page
    assert "as/parquet" in page
    assert "as/boris" not in page
    assert sadia.get(f"{EXPORTS}as/boris{BOTH}").status_code == 422
    assert "map.csv" in taken(sadia.get(f"{EXPORTS}as/parquet{BOTH}"))
    book = load_workbook(io.BytesIO(sadia.get(f"{EXPORTS}as/xlsx{BOTH}").get_data()))
    about = [tuple(cell.value for cell in row[:3]) for row in book["about"].iter_rows()]
    assert (1, "goes-on", "goes-on") in about
    assert client.as_(cast.nemo).get(f"{EXPORTS}{BOTH}").status_code == 404
    assert sadia.get(f"{EXPORTS}points.csv?framework=nothing%401,2").status_code == 404
