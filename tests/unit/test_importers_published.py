"""Coded material of other people that was damaged on its way is explained, and gives nothing."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from frameworks import rules
from observe.core.errors import Invalid
from observe.documents.importers import annomi, copus, fillplus, fleiss, pinsoro, seattle, wampold
from observe.documents.importers.table import MOST_FAULTS, NotAsPublished, checked, whole

FILL = """course_anonid,lecturer_anonid,lecture_id,discipline,coder,time,code,duration,lecture_date
c1,l1,a,maths,Ross,0,LT,10,2018-09-26
c1,l1,a,maths,Ross,10,LQ,5,2018-09-26
c1,l1,a,maths,Ross,15,NA,5,2018-09-26
c1,l1,a,maths,Ross,20,END,NA,2018-09-26
"""
COPUS = "time,{},{}\n2,11,i,Fall,1,1{}\n4,11,i,Fall,1,1{}\n".format(
    "course,instructor,semester,year,observation".replace("year,observation", "observation,year"),
    ",".join(copus.CODES), ",1" * 8, ",0" * 8,
)  # fmt: skip
ANNOMI = "mi_quality,transcript_id,utterance_id,interlocutor,annotator_id,{}\nhigh,1,0,therapist,3,{}\nhigh,1,1,client,3,{}\n".format(
    ",".join(column for _, column, _ in annomi.TASKS.values()), "question,True,False,False,n/a", "n/a,n/a,n/a,n/a,change"
)  # fmt: skip
FLEISS = "rater1,rater2\n4. Neurosis,4. Neurosis\n1. Depression,5. Other\n"
WAMPOLD = "order,code\n1,3\n2,1\n3,6\n"
KINDS = [column for own in seattle.KINDS.values() for column in own]
SEATTLE = "location_id,study_id,staying_time_start,staying_row_total,staying_gender,{}\n{}\n{}\n".format(
    ",".join((*seattle.POSTURES, *seattle.DOINGS, *KINDS)),
    "L1,s,07/10/2019 04:28:00 PM,1,Male,1" + "," * (17 + len(KINDS)),
    "L2,s,07/10/2019 04:28:00 PM,0," + "," * (18 + len(KINDS)),
)  # fmt: skip
PINSORO = """purple:
  - solitary: [1496829062.1, 1496829083.9]
  - goaloriented: [1496829062.1, 1496829070.5]
yellow:
  - parallel: [1496829062.1, 1496829090.0]
"""

Reader = Callable[[str], Iterable[Any]]
READERS: dict[str, tuple[str, Reader]] = {
    "FILL+": (FILL, fillplus.read), "COPUS": (COPUS, copus.read), "AnnoMI": (ANNOMI, annomi.read),
    "Fleiss": (FLEISS, fleiss.read), "Wampold": (WAMPOLD, lambda text: wampold.read({"wampold_1982.csv": text})),
    "Seattle": (SEATTLE, seattle.read),
}  # fmt: skip


@pytest.mark.parametrize("name", READERS)
def test_a_sound_file_is_read(name):
    text, read = READERS[name]

    assert len(list(read(text))) > 0


def sentences(problem: NotAsPublished) -> list[str]:
    return [getattr(one, "sentence", "") for one in problem.findings]


@pytest.mark.parametrize(
    ("name", "before", "after", "sentence"),
    [
        ("FILL+", "time,code", "when,code", "The file has no column “time”."),
        ("FILL+", "10,LQ", "ten,LQ", "Line 3: “ten” cannot stand in the column “time”."),
        ("FILL+", "10,LQ", "inf,LQ", "Line 3: “inf” cannot stand in the column “time”."),
        ("FILL+", "LQ", "XX", "Line 3: “XX” cannot stand in the column “code”."),
        ("FILL+", "15,NA", "5,NA", "Lecture a: a stretch begins before the one above it, or comes after the end."),
        ("FILL+", "20,END,NA", "20,LT,NA", "Lecture a has no end."),
        ("FILL+", ",Ross,10", ",10", "Line 3 has 8 cells, and the header has 9."),
        ("COPUS", "\n4,", "\n9e9,", "Line 3: “9e9” cannot stand in the column “time”."),
        ("COPUS", "\n4,", "\n2,", "Observation 11/i/Fall/1/1 has an interval twice."),
        ("COPUS", ",0,0,0,0,0,0,0,0", ",2,0,0,0,0,0,0,0", "Line 3: “2” cannot stand in the column “Student.AnsweringQuestion”."),
        ("AnnoMI", "1,0,therapist", "1,-1,therapist", "Line 2: “-1” cannot stand in the column “utterance_id”."),
        ("AnnoMI", "1,1,client", "1,0,client", "Annotator 3 has an utterance of talk 1 twice."),
        ("AnnoMI", "change", "changed", "Line 3: “changed” cannot stand in the column “client_talk_type”."),
        ("Fleiss", "5. Other", "6. Health", "Line 3: “6. Health” cannot stand in the column “rater2”."),
        ("Fleiss", "rater2", "rater1", "The first line does not name six raters, each once."),
        ("Wampold", "2,1", "2,7", "Line 3: “7” cannot stand in the column “code”."),
        ("Wampold", "2,1", "1,1", "wampold_1982.csv has a place of the order twice."),
        ("Seattle", "04:28:00 PM,1", "16 o'clock,1", "Line 2: “07/10/2019 16 o'clock” cannot stand in the column “staying_time_start”."),
        ("Seattle", "Male", "Men", "Line 2: “Men” cannot stand in the column “staying_gender”."),
    ],
)  # fmt: skip
def test_each_fault_is_named_with_its_line(name, before, after, sentence):
    text, read = READERS[name]
    assert before in text

    with pytest.raises(NotAsPublished) as caught:
        list(read(text.replace(before, after, 1)))

    assert sentences(caught.value) == [sentence]


def test_who_chose_a_kind_of_an_option_chose_the_option_once_though_its_own_column_is_blank():
    head, first, _ = SEATTLE.splitlines()
    cells = dict(zip(head.split(","), first.split(","), strict=True))
    seated = cells | {"standing": "", "sitting_formal_public": "1", "sitting_formal_public_fixed_bench": "1"}

    [scan] = seattle.read("\n".join((head, first, ",".join(seated.values()))))

    postures = next(event for event in scan.draft.events if event.get("stream") == "posture")
    assert postures["counts"] == [
        {"cell": {"posture": "standing"}, "n": 1},
        {"cell": {"posture": "sitting_formal_all"}, "n": 1},
    ]


def test_what_the_copus_table_lacks_is_in_no_framework_that_its_figures_are_shown_under():
    cut = copus.cut()

    assert sorted(code.id for _, code in cut.framework.codes()) == [
        "I_CQ", "I_FUp", "I_Lec", "I_MG", "I_RtW", "S_AnQ", "S_OG", "S_SQ",
    ]  # fmt: skip
    assert cut.framework.slug == "copus-eight-codes"
    assert [formula.id for formula in cut.framework.formulas] == ["lecturing"]
    assert copus.BECAUSE in str(cut.framework.limits)
    assert rules.is_publishable(cut.framework)


def test_all_faults_are_told_at_once_up_to_a_number_that_can_be_read():
    with pytest.raises(NotAsPublished) as caught:
        checked("a\n" + "x\n" * 50, {"a": whole(0, 9)})

    assert len(sentences(caught.value)) == MOST_FAULTS + 1
    assert sentences(caught.value)[-1] == "… and 30 more."


def folder_of(path: Path, text: bytes) -> Path:
    place = path / "data" / "2017-06-07"
    place.mkdir(parents=True, exist_ok=True)
    (place / "freeplay.annotations.zoe.yaml").write_bytes(text)
    return path


def test_a_sound_recording_is_read(tmp_path):
    [coding] = pinsoro.read(folder_of(tmp_path, PINSORO.encode()))

    assert [(e["at"], e["kind"], e.get("code")) for e in coding.draft.events[1:4]] == [
        (0, "start", "goaloriented"), (0, "start", "solitary"), (0, "start", "parallel"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("told", "children", "variables"),
    [
        ("condition: childrobot\npurple-participant:\n  age: 8\nmarkers:\n  1: note\n  1: issue\n", {"purple"}, {"condition": "childrobot"}),
        ("condition: childchild\npurple-participant:\n  age: 8\nyellow-participant:\n  age: 7\n", {"purple", "yellow"}, {"condition": "childchild"}),
        ("notes: none\n", {"purple", "yellow"}, {}),
        ("\x00\xff", {"purple", "yellow"}, {}),
    ],
)  # fmt: skip
def test_a_robot_that_a_child_played_with_is_not_taken_for_a_child(tmp_path, told, children, variables):
    folder = folder_of(tmp_path, PINSORO.encode())
    (folder / "data" / "2017-06-07" / "experiment.yaml").write_bytes(told.encode("latin-1"))

    [coding] = pinsoro.read(folder)

    assert {name.split()[0] for name in coding.subjects.values()} == children
    assert {event["subject"] for event in coding.draft.events if "subject" in event} == set(coding.subjects)
    assert coding.draft.variables == {"recording": "2017-06-07"} | variables


@pytest.mark.parametrize(
    "text",
    [
        b"", b"purple: 3", b"purple: [a]", b"- a", b"purple:\n  - solitary: [1, x]", b"purple:\n  - solitary: [9, 1]",
        b"purple:\n  - solitary: [1]", b"purple:\n  - solitary: [.inf, .nan]", b"a: &x [1]\nb: *x", b"\xff\xfe", b"\x00",
        b"purple:\n  - solitary: [1, 4000000000]", b"{" * 5_000,
    ],
)  # fmt: skip
def test_a_damaged_recording_is_explained(tmp_path, text):
    with pytest.raises(NotAsPublished) as caught:
        list(pinsoro.read(folder_of(tmp_path, text)))

    assert len(sentences(caught.value)) == 1


def damaged(text: str, chance: random.Random) -> str:
    made = text
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(made) or 1)
        length = chance.randint(0, 12)
        put = chance.choice(
            ["", "\x00", '"', ",", "\n", "-1", "nan", "1e400", "9" * 30, "END", made[at : at + 40], "é", "\r"]
        )
        made = made[:at] + put + made[at + length :]
    return made


@pytest.mark.parametrize("name", [*READERS, "PInSoRo"])
def test_no_damage_brings_anything_but_sessions_or_an_explanation(name, tmp_path):
    chance, outcomes = random.Random(f"damage {name}"), set[str]()
    for _ in range(150 if name == "PInSoRo" else 500):
        try:
            if name == "PInSoRo":
                found = list(pinsoro.read(folder_of(tmp_path, damaged(PINSORO, chance).encode())))
            else:
                text, read = READERS[name]
                found = list(read(damaged(text, chance)))
        except Invalid as problem:
            assert problem.findings
            outcomes.add("explained")
        else:
            outcomes.add("read")
            for one in found:
                events = getattr(one, "draft", one).events
                assert (events[0]["kind"], events[-1]["kind"]) == ("open", "end")
                assert all(0 <= event["at"] <= 10**9 for event in events)
    assert "explained" in outcomes
