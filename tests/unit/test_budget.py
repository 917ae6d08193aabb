"""A study's time budget: pooled within a unit, averaged over units, and named for what it is."""

from __future__ import annotations

import pytest

from observe.core.budget import ShareOf, Sums, over_sessions

TALK = {
    "a": (Sums("s", "LT", "state", observed_ms=1000, count=1, duration_ms=800),),
    "b": (Sums("s", "LT", "state", observed_ms=3000, count=2, duration_ms=600),),
    "c": (Sums("s", "LT", "state", observed_ms=0),),
}


def test_the_mean_is_over_sessions_and_pooled_is_over_time():
    [line] = over_sessions(TALK.items())

    assert line.name == "proportion of observed time"
    assert (line.units, line.mean, line.pooled, line.count) == (2, pytest.approx(0.5), pytest.approx(0.35), 3)
    assert line.deviation == pytest.approx(0.4243, abs=1e-4)


def test_sessions_of_one_unit_are_pooled_before_averaging():
    [line] = over_sessions(TALK.items(), {"a": "x", "b": "x"})

    assert (line.units, line.mean, line.deviation) == (1, pytest.approx(0.35), None)


def test_a_session_that_was_not_watched_is_no_zero():
    [line] = over_sessions([("c", TALK["c"])])

    assert (line.units, line.mean, line.pooled) == (0, None, None)


def test_a_share_of_intervals_keeps_its_name():
    share = ShareOf("fraction of intervals (partial interval)")
    [line] = over_sessions([("a", (Sums("s", "T", "interval", count=3, of=4, missed=1, share=share),))])

    assert (line.name, line.mean, line.missed) == ("fraction of intervals (partial interval)", 0.75, 1)


def test_points_are_by_the_hour_of_observed_time():
    [line] = over_sessions([("a", (Sums("s", "P", "point", observed_ms=1_800_000, count=3),))])

    assert (line.name, line.mean) == ("per hour of observed time", 6.0)
