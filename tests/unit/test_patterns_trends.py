"""Change of the same case over time, named as change."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from observe.core.patterns import Rows, Settings, infer_from
from observe.core.patterns.design import design_of
from observe.core.patterns.model import fit
from observe.core.patterns.trends import slopes_of
from tests.factories.patterns import Plan, framework, world

FOLLOWED = Plan(people=8, sessions=8, codes=10, constructs=1, events=300, drift=2.0)


def test_planted_changes_are_followed():
    made = world(1, replace(FOLLOWED, people=20))
    slopes = slopes_of(fit(design_of(made.rows), Settings()), Settings())

    assert np.corrcoef(slopes.estimate[:, 0], made.drift[:, 0])[0, 1] > 0.8


def test_turning_time_round_turns_the_change_round():
    rows = world(2, FOLLOWED).rows
    back = Rows.of([replace(row, day=-row.day) for row in rows.rows], rows.loadings)

    forth, turned = (infer_from(one, framework(1)).finding("p000", "d0").change for one in (rows, back))

    assert turned.mean == pytest.approx(-forth.mean, abs=1e-9)
    assert (turned.low, turned.high) == pytest.approx((-forth.high, -forth.low), abs=1e-9)


def test_three_sessions_or_one_day_say_nothing_of_change():
    rows = world(3, FOLLOWED).rows
    few = Rows.of([row for row in rows.rows if row.day < 3], rows.loadings)
    one_day = Rows.of([replace(row, day=5.0) for row in rows.rows], rows.loadings)

    assert all(one.change is None and one.change_sentence == "" for one in infer_from(few, framework(1)).findings)
    assert all(one.change is None for one in infer_from(one_day, framework(1)).findings)


def test_what_changed_for_all_is_told_beside_the_change_of_one():
    rows = world(4, replace(FOLLOWED, drift=0.0)).rows
    weight = {one.indicator: one.weight for one in rows.loadings}
    together = [
        replace(row, value=round(row.value * 2.718 ** (weight[row.indicator] * row.day * 2 / 7)))
        for row in rows.rows
    ]

    one = infer_from(Rows.of(together, rows.loadings), framework(1)).findings[0]

    assert one.change.peers > 1.0
    assert next(rival for rival in one.rivals if rival.id == "drift").raised


def test_a_pattern_that_fades_while_being_watched_raises_a_rival():
    rows = world(5, replace(FOLLOWED, attitude=0.3, drift=0.0)).rows
    weight = {one.indicator: one.weight for one in rows.loadings}
    fading = [
        replace(row, value=round(row.value * 2.718 ** (weight[row.indicator] * (2.5 - row.day * 2.5 / 7))))
        if row.person == "p000" else row
        for row in rows.rows
    ]  # fmt: skip

    one = infer_from(Rows.of(fading, rows.loadings), framework(1)).finding("p000", "d0")

    assert one.estimate.mean > 0.3 and one.change.mean < -1.0
    assert next(rival for rival in one.rivals if rival.id == "reactivity").raised
