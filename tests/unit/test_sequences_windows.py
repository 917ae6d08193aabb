"""What begins soon after what: units by hand, turning by brute force, and a test that says nothing where there is nothing."""

from __future__ import annotations

import math

import numpy as np
import pytest

from frameworks.model import Code, CodeType, Stream, Text
from observe.core.coding.record import Bout, Observed, Point, Timeline
from observe.core.measures import windows
from observe.core.measures.windows import (
    BY_ANOTHER,
    four_of,
    pair_of,
    rotation_p,
    turned,
    units_by_subject,
    units_of,
)

ASKS = Stream("talk", Text((("en", "Talk"),)), codes=(Code("ask", Text()), Code("answer", Text())))
LOOKS = Stream("looks", Text((("en", "Looks"),)), codes=(Code("away", Text(), CodeType.STATE),))


def test_units_after_a_given_code_within_the_window_and_never_past_a_gap():
    units = units_of([2_000, 19_000], [3_000, 10_000, 31_000], ((0, 20_000), (30_000, 40_000)), window_ms=2_000)

    found = windows.window_of("ask", "answer", four_of(units), window_ms=2_000)

    assert found.table == ((1, 3), (2, 24))
    assert found.q == pytest.approx((24 - 6) / (24 + 6))
    assert found.log_odds == pytest.approx(math.log(1 * 24 / (3 * 2)))
    assert (found.low, found.high) == pytest.approx((-1.2975, 4.0701), abs=1e-4)
    assert (found.near, found.elsewhere) == (0.25, 2 / 26)


def test_a_window_of_nothing_is_the_unit_of_the_onset_itself():
    units = units_of([2_500], [2_900, 3_000], ((0, 10_000),), window_ms=0)

    assert four_of(units) == (1, 0, 1, 8)


def test_turning_counts_the_overlap_of_every_shift_as_brute_force_does():
    random = np.random.default_rng(4)
    for size in (1, 2, 7, 60, 97):
        near, hit = random.random(size) < 0.4, random.random(size) < 0.2
        by_hand = [int((near & np.roll(hit, shift)).sum()) for shift in range(size)]
        assert turned(near, hit).tolist()[0] == by_hand[0]
        assert sorted(turned(near, hit).tolist()) == sorted(by_hand)


def test_p_is_the_share_of_shifts_that_are_as_far_from_their_mean():
    near, hit = np.zeros(100, bool), np.zeros(100, bool)
    near[10:15], hit[[10, 12, 14]] = True, True
    overlaps = [int((near & np.roll(hit, shift)).sum()) for shift in range(100)]
    away = [abs(one - np.mean(overlaps)) >= 3 - np.mean(overlaps) for one in overlaps]

    assert rotation_p([(near, hit)], seed=1, times=20_000) == pytest.approx(np.mean(away), abs=0.003)


def test_codes_that_have_nothing_to_do_with_each_other_are_seldom_called_significant():
    random = np.random.default_rng(7)
    found = []
    for _ in range(400):
        starts = random.integers(0, 590, 8)
        near, hit = np.zeros(600, bool), np.zeros(600, bool)
        for start in starts:
            near[start : start + 6] = True
        burst = random.integers(0, 560)
        hit[burst + random.integers(0, 40, 12)] = True  # the target clusters: shuffled units would be too sure
        found.append(rotation_p([(near, hit)], seed=3, times=400))

    assert 0.02 <= np.mean([p is not None and p <= 0.05 for p in found]) <= 0.08


def test_nothing_can_be_turned_where_one_of_the_two_never_is_or_always_is():
    none, some, always = np.zeros(9, bool), np.array([True] + [False] * 8), np.ones(9, bool)

    assert rotation_p([(none, some)], seed=1) is None
    assert rotation_p([(some, none)], seed=1) is None
    assert rotation_p([(always, some)], seed=1) is None


def a_line() -> Timeline:
    return Timeline(
        0, 60_000, True,
        points=(
            Point("1", 1_000, "talk", "ask", "ann"), Point("2", 2_000, "talk", "answer", "ben"),
            Point("3", 31_000, "talk", "ask", "ben"), Point("4", 33_000, "talk", "answer", "ann"),
            Point("5", 50_000, "talk", "answer", "ann", flags=("out-of-view",)),
        ),
        bouts=(
            Bout("6", 0, 5_000, "looks", "away", None, censored_start=True, pieces=((0, 5_000),)),
            Bout("7", 32_000, 36_000, "looks", "away", None, pieces=((32_000, 36_000),)),
        ),
        observed=(Observed(None, ((0, 60_000),)), Observed("ann", ((0, 40_000),)), Observed("ben", ((0, 60_000),))),
        subjects=("ann", "ben"),
    )  # fmt: skip


def fours(units: dict[str | None, tuple[windows.Units, ...]]) -> dict[str | None, tuple[int, int, int, int]]:
    return {subject: four_of(stretches) for subject, stretches in units.items()}


def test_the_given_code_is_the_subjects_own_and_with_another_that_of_the_others():
    own = units_by_subject(a_line(), (ASKS, "ask"), (ASKS, "answer"), window_ms=2_000)
    another = units_by_subject(a_line(), (ASKS, "ask"), (ASKS, "answer"), by=BY_ANOTHER, window_ms=2_000)

    assert fours(own) == {"ann": (0, 3, 1, 36), "ben": (0, 3, 1, 56)}
    assert fours(another) == {"ann": (1, 2, 0, 37), "ben": (1, 2, 0, 57)}


def test_what_is_not_told_apart_is_anybodys_and_what_was_on_already_did_not_begin():
    room = units_by_subject(a_line(), (ASKS, "ask"), (LOOKS, "away"), window_ms=2_000)
    people = units_by_subject(a_line(), (LOOKS, "away"), (ASKS, "answer"), window_ms=2_000)

    assert fours(room) == {None: (1, 5, 0, 54)}
    assert fours(people) == {"ann": (1, 2, 0, 37), "ben": (0, 3, 1, 56)}


def test_the_subject_is_the_unit_and_ps_are_put_right_for_the_pairs_asked_together():
    units = {
        name: [units_of(given, after, ((0, 100_000),), window_ms=2_000)[0]]
        for name, given, after in (("ann", [0, 50_000], [1_000, 51_000]), ("ben", [20_000], [21_000]), ("cat", [], [5_000]))
    }  # fmt: skip
    one = pair_of("ask", "answer", units, window_ms=2_000, seed=1, times=500)
    other = pair_of("ask", "nods", {"ann": units["cat"]}, window_ms=2_000, seed=1, times=500)

    both = windows.corrected([one, one, other])

    assert one.pooled.table == ((3, 6), (1, 290))
    assert [name for name, _ in one.by_subject] == ["ann", "ben", "cat"]
    assert one.across.common_log_odds.denominator == 2
    assert (one.across.more, one.across.less) == (2, 0)
    assert one.pooled.rotated is not None and one.pooled.rotated < 0.02
    assert [pair.pooled.holm for pair in both] == [2 * one.pooled.rotated, 2 * one.pooled.rotated, None]
