"""The model itself: published figures, symmetries, and that the same thing seen twice is not more evidence."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from observe.core.patterns.design import design_of
from observe.core.patterns.model import Fit, Spreads, fit
from observe.core.patterns.posterior import Posterior, posterior_of
from observe.core.patterns.rows import Family, Loading, Row, Rows
from observe.core.patterns.settings import Settings
from tests.factories.patterns import Plan, World, world

SMALL = Plan(people=12, sessions=6, codes=20, constructs=2)

LSAT6 = {
    "00000": 3, "00001": 6, "00010": 2, "00011": 11, "00100": 1, "00101": 1, "00110": 3, "00111": 4, "01000": 1,
    "01001": 8, "01011": 16, "01101": 3, "01110": 2, "01111": 15, "10000": 10, "10001": 29, "10010": 14, "10011": 81,
    "10100": 3, "10101": 28, "10110": 15, "10111": 80, "11000": 16, "11001": 56, "11010": 21, "11011": 173,
    "11100": 11, "11101": 61, "11110": 28, "11111": 298,
}  # fmt: skip
"""Bock & Lieberman 1970, Psychometrika 35:179: five items, 1,000 people, how many gave each pattern of answers"""


def inferred(rows: Rows) -> tuple[Fit, Posterior]:
    found = fit(design_of(rows), Settings())
    return found, posterior_of(found.estimate, found.error, Settings())


def lsat6() -> Rows:
    people = [pattern for pattern, n in LSAT6.items() for _ in range(n)]
    rows = [
        Row(f"s{i}", f"p{i}", f"item{k + 1}", "exam", "paper", float(mark), 1.0, Family.SHARE)
        for i, pattern in enumerate(people)
        for k, mark in enumerate(pattern)
    ]
    return Rows.of(rows, [Loading(f"item{k}", "ability", 1.0) for k in range(1, 6)])


def test_the_published_rasch_difficulties_of_lsat_6_are_found():
    """Marginal maximum likelihood as R's ltm 1.2 prints it for rasch(LSAT): difficulties −3.6153 −1.3224 −0.3176
    −1.7301 −2.7802 in units of a spread of 0.7551, log likelihood −2466.938; easiness is −difficulty × spread."""
    nothing = np.array([1e-3])
    held = Spreads(np.array([0.7551]), nothing, nothing, 1e-3, 1e-3, 1e-3)

    found = fit(design_of(lsat6()), Settings(sweeps=30), held=held)

    easiness = 0.7551 * np.array([3.6153, 1.3224, 0.3176, 1.7301, 2.7802])
    assert found.base == pytest.approx(easiness, abs=0.03)
    assert found.dispersion == pytest.approx(np.ones(5))


def test_people_with_more_items_right_stand_higher_and_equal_scores_stand_equal():
    """In a Rasch model the number right is sufficient (Rasch 1960)."""
    nothing = np.array([1e-3])
    rows = lsat6()
    held = Spreads(np.array([0.7551]), nothing, nothing, 1e-3, 1e-3, 1e-3)
    found = fit(design_of(rows), Settings(), held=held)
    right = np.bincount(found.design.person, found.design.value)

    means = [found.estimate[right == n, 0] for n in range(6)]

    assert all(np.ptp(one) < 0.02 for one in means)
    assert np.all(np.diff([one.mean() for one in means]) > 0.3)


@pytest.mark.parametrize("family", ["count", "share", "rating", "mixed"])
def test_turning_every_polarity_round_turns_every_estimate_round(family: str):
    rows = world(3, replace(SMALL, family=family)).rows
    turned = Rows.of(rows.rows, [replace(one, weight=-one.weight) for one in rows.loadings])

    (found, one), (again, other) = inferred(rows), inferred(turned)

    assert np.array_equal(found.estimate, -again.estimate)
    assert np.array_equal(found.error, again.error)
    assert np.array_equal(one.mean, -other.mean)
    assert np.array_equal(one.claimed, other.claimed)
    assert one.low == pytest.approx(-other.high, abs=1e-8)


def test_the_order_of_the_rows_changes_nothing_at_all():
    rows = world(4, SMALL).rows
    shuffled = [rows.rows[i] for i in np.random.default_rng(1).permutation(len(rows.rows))]

    (found, one), (again, other) = inferred(rows), inferred(Rows.of(shuffled, reversed(rows.loadings)))

    assert np.array_equal(found.estimate, again.estimate)
    assert np.array_equal(one.high, other.high)


def test_two_observers_of_one_happening_who_saw_the_same_are_no_more_than_one():
    rows = world(5, replace(SMALL, severity=0.0)).rows
    tied = [replace(row, happening=row.session) for row in rows.rows]
    second = [replace(row, session=row.session + "-b") for row in tied]

    (alone, one), (both, two) = inferred(rows), inferred(Rows.of([*tied, *second], rows.loadings))

    assert both.error == pytest.approx(alone.error, rel=1e-6)
    assert two.high - two.low == pytest.approx(one.high - one.low, rel=1e-6)


def test_every_session_handed_in_twice_unnoticed_still_does_not_narrow_an_interval():
    rows = world(6, replace(SMALL, people=20, sessions=10)).rows
    second = [replace(row, session=row.session + "-b") for row in rows.rows]

    alone, both = (
        fit(design_of(one), Settings()) for one in (rows, Rows.of([*rows.rows, *second], rows.loadings))
    )

    assert np.median(both.error / alone.error) > 1.0


def test_a_constrained_act_weighs_half_and_a_forced_one_nothing():
    rows = world(7, SMALL).rows
    half = Rows.of([replace(row, choice=0.5) for row in rows.rows], rows.loadings)
    none = Rows.of([replace(row, choice=0.0) for row in rows.rows], rows.loadings)

    whole = fit(design_of(rows), Settings())
    less = fit(design_of(half), Settings())

    assert np.median(less.error / whole.error) > 1.05
    assert none.rows == ()


def test_counts_and_shares_of_one_indicator_are_never_mixed():
    row = world(8, SMALL).rows.rows[0]
    other = replace(row, session="x", family=Family.SHARE)

    with pytest.raises(ValueError, match="two families"):
        design_of(Rows.of([row, other], [Loading(row.indicator, "d0", 1.0)]))


def test_constructs_that_share_a_code_are_solved_together_and_others_apart():
    rows = world(9, SMALL).rows
    shared = Rows.of(rows.rows, [*rows.loadings, Loading("c00", "d1", 0.5)])

    apart, together = design_of(rows), design_of(shared)

    assert sorted({tuple(batch.constructs) for batch in apart.batches}) == [(0,), (1,)]
    assert sorted({tuple(batch.constructs) for batch in together.batches}) == [(0, 1)]
    assert np.all(np.isfinite(fit(together, Settings()).estimate))


def test_a_rating_that_never_varies_says_nothing_of_anybody():
    rows = world(11, SMALL).rows
    alike = [
        replace(row, indicator="tidy", value=3.0, exposure=1.0, family=Family.RATING)
        for row in rows.rows
        if row.indicator == "c00"
    ]
    more = Rows.of([*rows.rows, *alike], [*rows.loadings, Loading("tidy", "d0", 1.0)])

    without, with_it = fit(design_of(rows), Settings()), fit(design_of(more), Settings())

    assert with_it.estimate == pytest.approx(without.estimate, abs=0.02)
    assert with_it.error == pytest.approx(without.error, rel=0.02)


def test_a_person_never_watched_for_a_construct_has_no_estimate_for_it():
    made: World = world(10, SMALL)
    of_d1 = {one.indicator for one in made.rows.loadings if one.construct == "d1"}
    rows = [row for row in made.rows.rows if row.person != "p000" or row.indicator not in of_d1]

    found = fit(design_of(Rows.of(rows, made.rows.loadings)), Settings())

    assert np.isnan(found.estimate[0]).tolist() == [False, True]
    assert np.isfinite(found.estimate[1:]).all()


def test_one_code_three_times_as_often_carries_no_claim():
    claims = 0
    for seed in range(3):
        rows = world(seed, Plan(people=30, attitude=0.0)).rows
        hot = [
            replace(row, value=row.value * 3) if (row.person, row.indicator) == ("p000", "c00") else row
            for row in rows.rows
        ]
        claims += int(inferred(Rows.of(hot, rows.loadings))[1].claimed.sum())

    assert claims == 0
