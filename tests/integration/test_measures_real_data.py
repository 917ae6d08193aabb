"""Published figures come out of other people's observations, or the measures are wrong."""

from __future__ import annotations

import csv
import json
from collections import defaultdict
from pathlib import Path

import pytest

from frameworks.model import Code, CodeType, Formula, Framework, Sampling, SamplingKind, Stream, Term, Text
from observe.core.coding.record import Bout, Interval, Observed, Point, Scan, Timeline
from observe.core.measures.formulas import FormulaFigure, SessionFigures, evaluate
from observe.core.measures.session import budget
from tests.real_data import real_data

__all__ = ["real_data"]

FILL = ("AD", "LT", "LQ", "LR", "SQ", "SR", "CQ", "ST", "SD", "FB")


def words(text: str) -> Text:
    return Text((("en", text),))


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def framework_of(stream: str, kind: SamplingKind, codes: tuple[str, ...]) -> Framework:
    return Framework(
        slug="real",
        title=words("Real"),
        streams=(Stream(stream, words(stream), Sampling(kind), codes=tuple(Code(c, words(c), CodeType.STATE) for c in codes)),),
    )  # fmt: skip


@pytest.fixture(scope="module")
def lectures(real_data: Path) -> list[SessionFigures]:
    """208 lectures (Kinnear et al. 2021); seconds coded NA were watched and have no code."""
    by_lecture = defaultdict(list)
    for row in rows_of(real_data / "fillplus" / "anon_codes_with_durations.csv"):
        by_lecture[row["lecture_id"]].append(row)
    return [SessionFigures(name, _lecture(rows)) for name, rows in by_lecture.items()]


def _lecture(rows: list[dict[str, str]]) -> Timeline:
    start, ends = (pick(int(row["time"]) for row in rows) * 1000 for pick in (min, max))
    bouts = []
    for row in rows:
        if row["code"] in FILL and row["duration"] != "NA":
            begin = int(row["time"]) * 1000
            span = (begin, begin + int(row["duration"]) * 1000)
            bouts.append(Bout(row["time"], *span, "talk", row["code"], pieces=(span,)))
    return Timeline(start, ends, True, bouts=tuple(bouts), observed=(Observed(None, ((start, ends),)),))


FILLPLUS = framework_of("talk", SamplingKind.CONTINUOUS, FILL)


def share_of(code: str, sessions: list[SessionFigures], *, left_out: tuple[str, ...], unit: str) -> FormulaFigure:
    bottom = Term("observed-time", "talk", except_codes=left_out)
    formula = Formula("f", words(code), Term("duration", codes=(code,)), bottom, unit=unit, per="percent")
    return evaluate(FILLPLUS, formula, sessions)


@pytest.mark.parametrize(
    ("code", "left_out", "mean", "deviation"),
    [("LT", ("AD",), 79.29, 19.01), ("LQ", ("AD",), 2.08, 2.58), ("LT", (), 77.91, 18.90)],
)
def test_lecturer_talk_as_published_needs_ad_out_of_the_denominator(
    lectures: list[SessionFigures], code: str, left_out: tuple[str, ...], mean: float, deviation: float
) -> None:
    found = share_of(code, lectures, left_out=left_out, unit="session")

    assert found.figure.denominator == 208
    assert round(found.figure.value or 0, 2) == mean
    assert round(found.deviation or 0, 2) == deviation


def test_pooled_seconds_are_another_figure(lectures: list[SessionFigures]) -> None:
    assert round(share_of("LT", lectures, left_out=(), unit="pooled").figure.value or 0, 2) == 77.58


def test_the_budget_of_every_lecture_stays_within_its_time(lectures: list[SessionFigures]) -> None:
    for lecture in lectures:
        rows = budget(FILLPLUS, lecture.timeline)
        assert sum(row.proportion.value or 0 for row in rows if row.proportion) <= 1 + 1e-9


COPUS = (
    "Student.AnsweringQuestion",
    "Instructor.AskingClickerQuestion",
    "Instructor.GivingFeedback",
    "Instructor.Lecturing",
    "Instructor.WritingOnBoard",
)


@pytest.fixture(scope="module")
def observations(real_data: Path) -> list[SessionFigures]:
    """52 COPUS observations; the time column is the end of a two-minute interval."""
    by_session = defaultdict(list)
    for row in rows_of(real_data / "copus-ubc" / "all_observations_cleaned.csv"):
        by_session[row["course"], row["instructor"], row["semester"], row["observation"]].append(row)
    return [
        SessionFigures(
            " ".join(key), _ticks(rows), variables={"course": key[0], "instructor": key[1], "semester": key[2]}
        )
        for key, rows in by_session.items()
    ]


def _ticks(rows: list[dict[str, str]]) -> Timeline:
    intervals = []
    for row in rows:
        end = int(row["time"]) * 60_000
        codes = tuple(sorted(code for code in COPUS if row[code] == "1"))
        state = "ticked" if codes else "empty"
        intervals.append(Interval("room", end // 120_000 - 1, end - 120_000, end, state, 120_000, codes=codes))
    return Timeline(0, intervals[-1].end, True, intervals=tuple(intervals))


@pytest.mark.parametrize(
    ("course", "code", "mean", "deviation"),
    [
        ("11", "Instructor.GivingFeedback", 0.3015298, 0.2239104),
        ("11", "Instructor.Lecturing", 0.6415056, 0.2001084),
        ("11", "Student.AnsweringQuestion", 0.2083333, 0.1909407),
        ("12", "Instructor.WritingOnBoard", 0.3649902, 0.2586767),
        ("12", "Instructor.AskingClickerQuestion", 0.1942466, 0.1904896),
        ("12", "Instructor.GivingFeedback", 0.4514269, 0.1698411),
    ],
)
def test_copus_fractions_of_intervals_per_instructor_and_semester(
    observations: list[SessionFigures], course: str, code: str, mean: float, deviation: float
) -> None:
    formula = Formula(
        "f",
        words(code),
        Term("intervals", codes=(code,)),
        Term("observed-intervals", "room"),
        unit="variable:instructor+semester",
    )
    of_course = [one for one in observations if one.variables["course"] == course]

    found = evaluate(framework_of("room", SamplingKind.PARTIAL_INTERVAL, COPUS), formula, of_course)

    assert len(observations) == 52
    assert found.figure.value == pytest.approx(mean, abs=5e-8)
    assert found.deviation == pytest.approx(deviation, abs=5e-8)


def test_averaging_copus_per_observation_is_another_unit_and_another_figure(
    observations: list[SessionFigures],
) -> None:
    feedback = Term("intervals", codes=("Instructor.GivingFeedback",))
    formula = Formula("f", words("Feedback"), feedback, Term("observed-intervals", "room"))
    of_course = [one for one in observations if one.variables["course"] == "11"]

    found = evaluate(framework_of("room", SamplingKind.PARTIAL_INTERVAL, COPUS), formula, of_course)

    assert (round(found.figure.value or 0, 4), round(found.deviation or 0, 4)) == (0.2683, 0.2144)


SEEN = {
    "standing": 10_265,
    "leaning": 898,
    "sitting_informal": 883,
    "lying": 295,
    "eating_drinking": 3_141,
    "talking_to_others": 7_911,
    "using_electronics": 4_291,
}


@pytest.fixture(scope="module")
def scans(real_data: Path) -> list[SessionFigures]:
    """Seattle public life: a row a person; a scan of nobody is one row with a total of 0."""
    by_scan = defaultdict(list)
    for row in rows_of(real_data / "seattle-public-life" / "03_SPL_Staying.csv"):
        by_scan[row["location_id"], row["staying_time_start"]].append(row)
    return [SessionFigures(" ".join(key), _area(rows), setting=key[0]) for key, rows in by_scan.items()]


def _area(rows: list[dict[str, str]]) -> Timeline:
    people = [row for row in rows if row["staying_row_total"] != "0"]
    if not people:
        return Timeline(0, 1, True, scans=(Scan("square", 0, 0, 0, "empty"),))
    counts = tuple(
        (tuple((code, "yes") for code in SEEN if row[code] == "1"), int(row["staying_row_total"]))
        for row in people
    )
    return Timeline(0, 1, True, scans=(Scan("square", 0, 0, 0, "taken", counts=counts),))


def test_seattle_scans_keep_their_true_zeros(scans: list[SessionFigures]) -> None:
    square = framework_of("square", SamplingKind.AREA_COUNT, ())
    formula = Formula(
        "p", words("Persons"), Term("persons", "square"), Term("scans", "square"), unit="pooled", per="ratio"
    )

    found = evaluate(square, formula, scans)

    assert (found.figure.numerator, found.figure.denominator) == (16_810, 1_646)
    assert len({one.setting for one in scans}) == 137
    assert sum(1 for unit in evaluate(square, formula_by_session(formula), scans).units if unit.value == 0) == 152


def formula_by_session(formula: Formula) -> Formula:
    return Formula(formula.id, formula.label, formula.numerator, formula.denominator, unit="session", per="ratio")


@pytest.mark.parametrize(("code", "persons"), SEEN.items())
def test_seattle_postures_and_activities(scans: list[SessionFigures], code: str, persons: int) -> None:
    square = framework_of("square", SamplingKind.AREA_COUNT, ())

    total = sum(row.count for one in scans for row in budget(square, one.timeline) if row.code == f"{code}=yes")

    assert total == persons


@pytest.fixture(scope="module")
def boris(real_data: Path) -> dict[str, Timeline]:
    """BORIS writes no starts and stops: the events of one subject, behaviour and modifiers begin and end in turn."""
    project = json.loads((real_data / "boris" / "test.boris").read_text(encoding="utf-8"))
    states = {one["code"] for one in project["behaviors_conf"].values() if "State" in one["type"]}
    return {name: _boris(one["events"], states) for name, one in project["observations"].items()}


def _boris(events: list[list[object]], states: set[object]) -> Timeline:
    points, bouts, running = [], [], dict[tuple[str, ...], int]()
    for k, row in enumerate(sorted(events, key=lambda row: float(str(row[0])))):
        at, subject, code, modifiers = round(float(str(row[0])) * 1000), str(row[1]), str(row[2]), str(row[3])
        if code not in states:
            points.append(Point(str(k), at, "acts", code, subject))
        elif (key := (subject, code, modifiers)) in running:
            span = (running.pop(key), at)
            bouts.append(Bout(str(k), *span, "acts", code, subject, pieces=(span,)))
        else:
            running[key] = at
    end = max((round(float(str(row[0])) * 1000) for row in events), default=0)
    start = min((round(float(str(row[0])) * 1000) for row in events), default=0)
    window = Observed(None, ((start, end + 1),))
    return Timeline(start, end + 1, True, points=tuple(points), bouts=tuple(bouts), observed=(window,))


def test_boris_time_budget_is_ours(real_data: Path, boris: dict[str, Timeline]) -> None:
    golden = json.loads(
        (real_data / "boris" / "golden" / "test_time_budget_per_obs.json").read_text(encoding="utf-8")
    )
    compared = 0
    for name, rows in golden.items():
        codes = tuple({p.code for p in boris[name].points} | {b.code for b in boris[name].bouts})
        ours = {
            (row.subject or "No focal subject", row.code): row
            for row in budget(_acts(codes, boris[name]), boris[name])
        }
        for theirs in rows:
            row = ours[theirs["subject"], theirs["behavior"]]
            if (
                sum(
                    1
                    for one in rows
                    if (one["subject"], one["behavior"]) == (theirs["subject"], theirs["behavior"])
                )
                > 1
            ):
                continue
            compared += 1
            assert row.count == theirs["number"]
            if theirs["duration"] != "NA":
                assert row.duration_ms == round(1000 * theirs["duration"])
            elif theirs["inter_duration_mean"] != "NA" and row.mean_gap is not None:
                assert round(row.mean_gap.value or 0, 3) == pytest.approx(
                    theirs["inter_duration_mean"], abs=0.0011
                )
    assert compared > 15


def _acts(codes: tuple[str, ...], record: Timeline) -> Framework:
    lasting = {bout.code for bout in record.bouts}
    made = tuple(Code(c, words(c), CodeType.STATE if c in lasting else CodeType.POINT) for c in codes)
    return Framework(slug="boris", title=words("BORIS"), streams=(Stream("acts", words("Acts"), codes=made),))
