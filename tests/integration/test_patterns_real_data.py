"""What can truly be said of real observations that none of us made: little, and why.

FILL+ (Kinnear et al. 2021): lecturers, each in one discipline. PInSoRo (Lemaignan et al. 2018): children, each seen once.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from itertools import pairwise
from pathlib import Path

import pytest
import yaml

from frameworks.model import (
    Actor,
    ActorKind,
    Code,
    CodeType,
    Construct,
    Diagnosticity,
    Framework,
    Indicator,
    SeenAs,
    Stream,
)
from observe.core.coding.record import Bout, Observed, Timeline
from observe.core.patterns import CodedSession, Reliability, Run, Status, infer
from tests.factories.patterns import text
from tests.real_data import real_data  # noqa: F401  the fixture

DISCIPLINES = {"MATH", "PHYS", "VET"}


def states(stream: str, codes: str, actor: Actor, indicators: dict[str, int]) -> Framework:
    """One exclusive stream of states, and one construct about them."""
    known = tuple(Code(code, text(code), CodeType.STATE) for code in codes.split())
    evidence = tuple(
        Indicator(sign, code, diagnosticity=Diagnosticity.STRONG) for code, sign in indicators.items()
    )
    return Framework(
        "real", text("Real"), actors=(actor,), constructs=(Construct("openness", text("openness"), indicators=evidence),),
        streams=(Stream(stream, text(stream), actors=(actor.id,), exclusive=True, codes=known),),
    )  # fmt: skip


def fill_plus(folder: Path) -> list[CodedSession]:
    """One session a lecture, the lecturer being the case and the discipline the situation."""
    lectures: dict[str, list[dict[str, str]]] = defaultdict(list)
    for row in csv.DictReader((folder / "fillplus" / "anon_codes_with_durations.csv").open()):
        lectures[row["lecture_id"]].append(row)
    sessions = []
    for day, (id, rows) in enumerate(
        sorted(lectures.items(), key=lambda pair: (pair[1][0]["lecture_date"], pair[0]))
    ):
        bouts = []
        for k, (row, after) in enumerate(pairwise(rows)):
            start, end = int(row["time"]) * 1000, int(after["time"]) * 1000
            if row["code"] not in {"END", "NA", "AD"} and end > start:
                bouts.append(Bout(f"{id}-{k}", start, end, "talk", row["code"], pieces=((start, end),)))
        end = max(int(row["time"]) for row in rows) * 1000
        timeline = Timeline(0, end, True, bouts=tuple(bouts), observed=(Observed(None, ((0, end),)),))
        first = rows[0]
        sessions.append(
            CodedSession(
                id, timeline, first["coder"], first["discipline"], case=first["lecturer_anonid"], day=float(day)
            )
        )
    return sessions


def pinsoro(folder: Path) -> list[CodedSession]:
    """One session a recording and coder; coders of one recording are tied. A child is known by recording and colour; the robot is none."""
    sessions = []
    for path in sorted((folder / "pinsoro" / "data").glob("*/freeplay.annotations.*.yaml")):
        recording, coder = path.parent.name, path.name.split(".")[2].lower().rstrip("2")
        whole = yaml.load(path.read_text(), yaml.CSafeLoader) or {}
        told = (path.parent / "experiment.yaml").read_text()
        found = {
            colour: _bouts(recording, colour, rows or [])
            for colour, rows in whole.items()
            if f"{colour}-participant:" in told
        }
        moments = [piece for bouts in found.values() for one in bouts for piece in (one.start, one.end)]
        if not moments:
            continue
        start, end = min(moments), max(moments)
        bouts = tuple(_moved(one, start) for some in found.values() for one in some)
        subjects = tuple(f"{recording}/{colour}" for colour in found)
        timeline = Timeline(
            0, end - start, True, bouts=bouts, observed=(Observed(None, ((0, end - start),)),), subjects=subjects
        )
        setting = "robot" if len(found) == 1 else "pair"
        sessions.append(CodedSession(path.name + recording, timeline, coder, setting, happening=recording))
    return sessions


def _bouts(recording: str, colour: str, rows: list[dict[str, list[float]]]) -> list[Bout]:
    made = []
    for k, row in enumerate(rows):
        for code, span in row.items():
            if isinstance(span, list) and len(span) == 2 and span[1] > span[0]:
                start, end = (round(one * 1000) for one in span)
                made.append(Bout(f"{recording}-{colour}-{k}", start, end, "play", code, f"{recording}/{colour}"))
    return made


def _moved(one: Bout, start: int) -> Bout:
    begin, end = one.start - start, one.end - start
    return Bout(one.event, begin, end, one.stream, one.code, one.subject, pieces=((begin, end),))


@pytest.fixture(scope="module")
def lecturers(real_data: Path) -> Run:  # noqa: F811
    lecturer = Actor("lecturer", text("Lecturer"), ActorKind.ROLE, SeenAs.AS_ONE)
    indicators = {"LQ": 1, "SQ": 1, "CQ": 1, "ST": 1, "LT": -1}
    framework = states("talk", "LT LQ LR SQ SR CQ ST SD FB", lecturer, indicators)
    return infer(framework, fill_plus(real_data), reliability={"LQ": Reliability(0.41, 0.30)})


def test_lecturers_differ_and_still_nobody_is_said_to_be_open_to_questions(lecturers: Run):
    """37 lecturers, 208 lectures. Each was watched in one discipline only, so discipline is always a rival."""
    (overall,) = lecturers.constructs

    assert overall.people == 37
    assert overall.no_difference == pytest.approx(0.03, abs=0.01)
    assert overall.claimed == 0
    assert {one.status for one in lecturers.findings} == {Status.NOT_ENOUGH, Status.CONFOUNDED}
    assert all("needs a second situation" in one.missing for one in lecturers.findings)


def test_lecturers_whom_one_coder_alone_watched_are_confounded_with_the_coder(lecturers: Run):
    """Coder SS alone coded L1 to L8; Ross and Thomas coded the others."""
    by_coder = {one.person: one.watched.observers for one in lecturers.findings}
    alone = {person for person, observers in by_coder.items() if observers == ("SS",)}

    confounded = {
        one.person for one in lecturers.findings if any("the observer" in missing for missing in one.missing)
    }

    assert alone == {f"L{k}" for k in range(1, 9)}
    assert confounded >= alone
    assert all(lecturers.finding(person, "openness").status is Status.CONFOUNDED for person in alone)


def test_a_lecture_with_hardly_a_question_speaks_against(lecturers: Run):
    one = lecturers.finding("L1", "openness")

    assert one.evidence.total == pytest.approx(one.estimate.mean, abs=0.005)
    assert sum(item.observed for item in one.evidence.items if item.indicator == "LQ") > 50
    assert one.fragile == ("LQ alpha .41",)


def test_a_child_seen_once_gets_no_pattern_however_it_played(real_data: Path):  # noqa: F811
    child = Actor("child", text("Child"))
    codes = "prosocial adversarial assertive frustrated passive cooperative associative parallel onlooker solitary"
    indicators = {"prosocial": 1, "cooperative": 1, "assertive": -1, "adversarial": -1, "frustrated": -1}
    framework = states("play", codes, child, indicators)

    run = infer(framework, pinsoro(real_data))

    assert len(run.findings) > 100
    assert {one.status for one in run.findings} <= {Status.NOT_ENOUGH, Status.CONFOUNDED}
    assert all("needs 2 more sessions" in one.missing for one in run.findings)
    assert all(len(one.watched.sessions) == 1 for one in run.findings), "coders of one recording saw one happening"
    assert any(len(one.watched.observers) == 2 for one in run.findings)
