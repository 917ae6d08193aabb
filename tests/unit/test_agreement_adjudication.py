"""A third record out of two, and agreement over time."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import statsmodels.api as sm

from frameworks.model import Code, CodeType, Stream, Text
from observe.core.agreement.adjudication import consensus
from observe.core.agreement.coefficient import Coefficient, undefined
from observe.core.agreement.drift import DAY_MS, Check, drift
from observe.core.agreement.matching import Watched
from observe.core.coding.record import Observed, Point, Timeline
from tests.unit.test_agreement_summary import OLGA, OWEN, TALK, record


def told(found: object) -> list[tuple[int, int, str]]:
    return [(b.start // 1000, b.end // 1000, b.code) for b in found.bouts]  # type: ignore[attr-defined]


def test_what_both_saw_stands_and_differences_are_questions() -> None:
    found = consensus(TALK, OWEN, OLGA)

    assert told(found) == [(0, 3, "A"), (4, 9, "B"), (10, 12, "A"), (12, 15, "C"), (16, 20, "A")]
    assert [(q.start // 1000, q.first, q.second) for q in found.open] == [
        (3, "A", "B"),
        (9, "B", "A"),
        (15, "C", "A"),
    ]
    assert (found.agreed_ms, found.decided_ms) == (17_000, 0)


def test_decisions_close_questions_and_are_flagged() -> None:
    questions = consensus(TALK, OWEN, OLGA).questions
    found = consensus(
        TALK, OWEN, OLGA, {questions[0].id: "first", questions[1].id: "C", questions[2].id: "neither"}
    )

    assert told(found) == [(0, 4, "A"), (4, 9, "B"), (9, 10, "C"), (10, 12, "A"), (12, 15, "C"), (16, 20, "A")]
    assert (found.open, found.decided_ms) == ((), 3000)
    assert found.bouts[0].flags == ("agreed", "decided")
    assert found.bouts[1].flags == ("agreed",)


def test_only_common_time_can_be_agreed_on() -> None:
    found = consensus(TALK, record("Owen", "AAAAAA"), record("Olga", "AAAAAA", seen=((0, 2000), (4000, 6000))))

    assert told(found) == [(0, 2, "A"), (4, 6, "A")]
    assert found.agreed_ms == 4000


def test_codes_that_may_overlap_are_settled_one_by_one() -> None:
    stream = replace(TALK, exclusive=False)

    found = consensus(stream, record("Owen", "AAAA"), record("Olga", "AABB"))

    assert [(q.first, q.second, q.start, q.end) for q in found.open] == [
        ("A", None, 2000, 4000),
        (None, "B", 2000, 4000),
    ]


def test_points_within_the_tolerance_are_one_and_the_rest_are_questions() -> None:
    stream = Stream(
        "acts", Text(), codes=(Code("help", Text(), CodeType.POINT), Code("wait", Text(), CodeType.POINT))
    )

    def tapped(observer: str, *taps: tuple[int, str]) -> Watched:
        points = tuple(Point(f"{observer}{at}", at, "acts", code) for at, code in taps)
        return Watched(
            observer, Timeline(0, 60_000, True, points=points, observed=(Observed(None, ((0, 60_000),)),))
        )

    owen, olga = tapped("Owen", (1000, "help"), (20_000, "wait")), tapped("Olga", (2000, "help"), (40_000, "help"))
    first = consensus(stream, owen, olga, tolerance_ms=5000)
    second = consensus(stream, owen, olga, {first.open[0].id: "first"}, tolerance_ms=5000)

    assert [(p.at, p.code, p.flags) for p in first.points] == [(1500, "help", ("agreed",))]
    assert [(q.first, q.second) for q in first.open] == [("wait", None), (None, "help")]
    assert [(p.at, p.code) for p in second.points] == [(1500, "help"), (20_000, "wait")]
    assert len(second.open) == 1


def check(day: int, value: float | None, units: int = 100) -> Check:
    found = undefined("alpha", units, "no variation") if value is None else Coefficient("alpha", value, units)
    return Check(day * DAY_MS, found)


def test_drift_equals_weighted_least_squares() -> None:
    rng = np.random.default_rng(8)
    days, units = np.arange(0, 120, 15), rng.integers(50, 400, 8)
    values = 0.85 - 0.002 * days + rng.normal(scale=0.02, size=8)

    found = drift([check(int(d), float(v), int(u)) for d, v, u in zip(days, values, units, strict=True)])

    theirs = sm.WLS(values, sm.add_constant(days / 30), weights=units).fit()
    assert found.slope.value == pytest.approx(theirs.params[1])
    assert (found.slope.low, found.slope.high) == pytest.approx(tuple(theirs.conf_int()[1]))
    assert found.p == pytest.approx(theirs.pvalues[1])
    assert found.falling is True


def test_undefined_checks_are_left_out_and_named_and_two_are_too_few() -> None:
    found = drift([check(0, 0.8), check(10, None), check(20, 0.7)])

    assert found.slope.value is None
    assert [one.coefficient.value for one in found.left_out] == [None]
    assert found.lowest is not None and found.lowest.coefficient.value == 0.7
    assert found.falling is None
