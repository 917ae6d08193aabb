"""Formulas: numerator, denominator, unit of averaging and weights each change the figure, and are kept apart."""

from __future__ import annotations

from dataclasses import replace

import pytest

from frameworks.model import (
    Actor,
    Code,
    CodeType,
    Formula,
    Framework,
    Rating,
    Rotation,
    Sampling,
    SamplingKind,
    Stream,
    Term,
    Text,
)
from observe.core.coding.record import Bout, Interval, Linked, Observed, Point, Rated, Scan, Timeline, Turn
from observe.core.measures.formulas import SessionFigures, amount, evaluate
from observe.core.measures.session import budget


def words(text: str) -> Text:
    return Text((("en", text),))


def code(id_: str, type_: CodeType = CodeType.STATE) -> Code:
    return Code(id_, words(id_), type_)


FRAMEWORK = Framework(
    slug="lecture",
    title=words("Lecture"),
    streams=(
        Stream(
            "talk",
            words("Talk"),
            exclusive=True,
            codes=(code("AD"), code("LT"), code("LQ"), code("laughs", CodeType.POINT)),
        ),
        Stream(
            "ticks",
            words("Ticks"),
            Sampling(SamplingKind.PARTIAL_INTERVAL, length_ms=120_000),
            codes=(code("board"), code("clicker")),
        ),
        Stream("gate", words("Gate"), Sampling(SamplingKind.AREA_COUNT), codes=(code("stands"), code("sits"))),
        Stream(
            "climate", words("Climate"), Sampling(SamplingKind.RATING), ratings=(Rating("warmth", words("w")),)
        ),
    ),
)


def lecture(name: str, seconds: list[tuple[str, int]], **more: object) -> SessionFigures:
    bouts, at = [], 0
    for code_id, length in seconds:
        span = (at * 1000, (at + length) * 1000)
        bouts.append(Bout(f"{name}{at}", *span, "talk", code_id, pieces=(span,)))
        at += length
    timeline = Timeline(0, at * 1000, True, bouts=tuple(bouts), observed=(Observed(None, ((0, at * 1000),)),))
    return SessionFigures(name, timeline, **more)  # type: ignore[arg-type]


TWO = [
    lecture("one", [("AD", 100), ("LT", 800), ("LQ", 100)], variables={"who": "A", "term": 1}, setting="hall"),
    lecture("two", [("LT", 100), ("LQ", 300)], variables={"who": "A", "term": 2}, setting="room"),
]
TALK = Formula(
    "talk", words("Lecturer talk"), Term("duration", codes=("LT",)), Term("observed-time", "talk"), per="percent"
)


def formula(**changes: object) -> Formula:
    return replace(TALK, **changes)  # type: ignore[arg-type]


def test_the_mean_of_sessions_is_not_the_pooled_share() -> None:
    mean = evaluate(FRAMEWORK, TALK, TWO)
    pooled = evaluate(FRAMEWORK, formula(unit="pooled"), TWO)

    assert mean.figure.value == pytest.approx((80 + 25) / 2)
    assert pooled.figure.value == pytest.approx(100 * 900 / 1400)
    assert mean.deviation == pytest.approx(38.8909, abs=1e-4)
    assert (mean.figure.name, pooled.figure.name) == ("Lecturer talk (mean of sessions)", "Lecturer talk (pooled)")


def test_a_code_taken_out_of_the_denominator_changes_the_share() -> None:
    without = formula(denominator=Term("observed-time", "talk", except_codes=("AD",)))

    assert [unit.value for unit in evaluate(FRAMEWORK, without, TWO).units] == [pytest.approx(800 / 9), 25.0]


def test_weights_by_exposure_give_the_pooled_share_with_the_units_still_named() -> None:
    found = evaluate(FRAMEWORK, formula(weights="exposure"), TWO)

    assert found.figure.value == pytest.approx(100 * 900 / 1400)
    assert [unit.unit for unit in found.units] == ["one", "two"]


def test_units_by_setting_by_variable_and_by_two_variables() -> None:
    def of(unit: str) -> list[str]:
        return [u.unit for u in evaluate(FRAMEWORK, formula(unit=unit), TWO).units]

    assert of("setting") == ["hall", "room"]
    assert of("variable:who") == ["A"]
    assert of("variable:who+term") == ["A · 1", "A · 2"]


def test_practice_never_counts_as_data() -> None:
    practice = lecture("drill", [("LT", 10)], purpose="practice")

    assert [unit.unit for unit in evaluate(FRAMEWORK, TALK, [*TWO, practice]).units] == ["one", "two"]


def test_a_session_with_nothing_to_divide_by_is_left_out_and_named_not_zero() -> None:
    found = evaluate(FRAMEWORK, TALK, [*TWO, lecture("empty", [])])

    assert [unit.unit for unit in found.left_out] == ["empty"]
    assert found.figure.denominator == 2


def test_no_session_gives_no_figure_with_a_reason() -> None:
    found = evaluate(FRAMEWORK, TALK, [])

    assert found.figure.value is None
    assert found.figure.reason == "no unit has anything to divide by"


def test_the_median_of_sessions() -> None:
    three = [*TWO, lecture("three", [("LT", 1), ("LQ", 99)])]

    assert evaluate(FRAMEWORK, formula(average="median"), three).figure.value == 25.0


def test_a_rate_per_hour_counts_points_and_bouts_begun_in_watched_time() -> None:
    timeline = Timeline(
        0,
        1_800_000,
        True,
        points=(
            Point("a", 10, "talk", "laughs"),
            Point("b", 20, "talk", "laughs"),
            Point("c", 9, "talk", "laughs", flags=("out-of-view",)),
        ),
        observed=(Observed(None, ((0, 1_800_000),)),),
    )
    rate = Formula(
        "l", words("Laughs"), Term("count", codes=("laughs",)), Term("observed-time", "talk"), per="per-hour"
    )

    assert evaluate(FRAMEWORK, rate, [SessionFigures("s", timeline)]).figure.value == 4.0


TICKED = Timeline(
    0,
    600_000,
    True,
    intervals=(
        Interval("ticks", 0, 0, 120_000, "ticked", 120_000, codes=("board", "clicker")),
        Interval("ticks", 1, 120_000, 240_000, "ticked", 120_000, codes=("clicker",)),
        Interval("ticks", 2, 240_000, 360_000, "empty", 120_000),
        Interval("ticks", 3, 360_000, 480_000, "missed", 120_000),
    ),
    scans=(
        Scan("gate", 0, 0, 0, "taken", code="stands", counts=(((), 5),)),
        Scan("gate", 0, 0, 0, "taken", code="sits", counts=(((), 2),)),
        Scan("gate", 1, 60_000, 60_000, "empty"),
        Scan("gate", 2, 120_000, None, "missed"),
    ),
    ratings=(Rated("r", 0, "climate", "warmth", 3), Rated("q", 0, "climate", "warmth", None, "cannot-judge")),
)


@pytest.mark.parametrize(
    ("term", "expected"),
    [
        (Term("intervals", codes=("board", "clicker")), 2),
        (Term("ticks", codes=("board", "clicker")), 3),
        (Term("observed-intervals", "ticks"), 3),
        (Term("observed-intervals", "ticks", except_codes=("board",)), 2),
        (Term("scans", "gate"), 2),
        (Term("scans", codes=("stands",)), 1),
        (Term("persons", "gate"), 7),
        (Term("persons", codes=("stands",)), 5),
        (Term("rating", ratings=("warmth",)), 3),
        (Term("sessions"), 1),
    ],
)
def test_each_measure_of_a_term(term: Term, expected: float) -> None:
    assert amount(FRAMEWORK, term, TICKED) == expected


def test_a_rating_is_divided_by_how_many_were_judged() -> None:
    warmth = Formula("w", words("Warmth"), Term("rating", ratings=("warmth",)), per="ratio")

    assert evaluate(FRAMEWORK, warmth, [SessionFigures("s", TICKED)]).figure.value == 3.0


def test_subjects_as_the_unit_pool_their_own_sessions() -> None:
    def session(name: str, subject: str, laughs: int, seconds: int) -> SessionFigures:
        points = tuple(Point(f"{name}{k}", k, "talk", "laughs", subject) for k in range(laughs))
        observed = (Observed(subject, ((0, seconds * 1000),)),)
        return SessionFigures(
            name, Timeline(0, seconds * 1000, True, points=points, observed=observed, subjects=(subject,))
        )

    rate = Formula(
        "l",
        words("L"),
        Term("count", codes=("laughs",)),
        Term("observed-time", "talk"),
        unit="subject",
        per="per-minute",
    )
    told_apart = replace(
        FRAMEWORK,
        actors=(Actor("child", words("Child")),),
        streams=tuple(replace(stream, actors=("child",)) for stream in FRAMEWORK.streams),
    )
    found = evaluate(
        told_apart, rate, [session("a", "ann", 2, 60), session("b", "ann", 0, 60), session("c", "ben", 3, 60)]
    )

    assert [(unit.unit, unit.value) for unit in found.units] == [("ann", 1.0), ("ben", 3.0)]


def test_codes_that_count_for_something_are_summed_and_waits_are_averaged_over_answers() -> None:
    scored = replace(
        FRAMEWORK,
        streams=(
            Stream("ticks", words("T"), Sampling(SamplingKind.PREDOMINANT_INTERVAL), codes=(
                replace(code("board"), value=-2.0), replace(code("clicker"), value=3.0))),
        ),
    )  # fmt: skip
    linked = replace(
        TICKED,
        links=(Linked("l1", "answer", "q1", "a1", 2_000, True), Linked("l2", "answer", "q2", "a2", 4_000, True),
               Linked("l3", "answer", "q3", None, None, False)),
    )  # fmt: skip
    wait = Formula("w", words("Wait"), Term("wait", links=("answer",)), per="ratio")

    assert amount(scored, Term("value", "ticks"), TICKED) == 4.0
    assert evaluate(FRAMEWORK, wait, [SessionFigures("s", linked)]).figure.value == 3.0


def test_a_rotating_focal_list_counts_only_the_time_of_each_turn() -> None:
    focal = Framework(
        slug="focal",
        title=words("Focal"),
        actors=(Actor("child", words("Child")),),
        streams=(
            Stream(
                "talk", words("Talk"), Sampling(rotation=Rotation(60_000)), actors=("child",),
                codes=(code("laughs", CodeType.POINT),),
            ),
        ),
    )  # fmt: skip
    timeline = Timeline(
        0, 120_000, True,
        points=(Point("p", 10, "talk", "laughs", "ann"),),
        observed=(Observed(None, ((0, 120_000),)),),
        subjects=("ann", "ben"),
        turns=(Turn("talk", "ann", 0, 60_000), Turn("talk", "ben", 60_000, 120_000)),
    )  # fmt: skip

    assert [(row.subject, row.observed_ms, row.count) for row in budget(focal, timeline)] == [
        ("ann", 60_000, 1),
        ("ben", 60_000, 0),
    ]
    assert amount(focal, Term("observed-time", "talk"), timeline) == 120.0
