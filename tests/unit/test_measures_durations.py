"""Durations, bout lengths and latencies where beginnings or ends were not always seen."""

from __future__ import annotations

import numpy as np
import pytest
from statsmodels.duration.survfunc import SurvfuncRight

from observe.core.coding.record import Bout, Rated
from observe.core.measures import durations, ratings, spans
from observe.core.measures.durations import Latency, Length

WATCHED = ((0, 300_000),)


def bout(start: int, end: int, *, censored: bool = False, event: str = "") -> Bout:
    at = (start * 1000, end * 1000)
    return Bout(event or str(start), *at, "s", "A", pieces=(at,), censored_end=censored)


BOUTS = [bout(20, 50), bout(120, 180), bout(270, 300, censored=True)]


def test_a_state_open_at_the_end_counts_its_observed_part() -> None:
    on = durations.duration_ms(BOUTS, WATCHED)

    assert on == 120_000
    assert durations.proportion(on, 300_000).value == pytest.approx(0.40)


def test_the_mean_bout_counts_all_time_over_the_ends_that_were_seen() -> None:
    lengths = durations.lengths_of(BOUTS)

    assert durations.mean_bout(lengths).value == pytest.approx(60)
    assert durations.mean_completed(lengths).value == pytest.approx(45)


def test_the_limits_of_the_mean_bout_are_those_of_the_rate_of_ending_turned_over() -> None:
    figure = durations.mean_bout(durations.lengths_of(BOUTS))

    assert figure.low == pytest.approx(120 / 7.2247, rel=1e-4)
    assert figure.high == pytest.approx(120 / 0.2422, rel=1e-3)


def test_when_no_end_was_seen_there_is_no_mean_bout() -> None:
    figure = durations.mean_bout([Length(10_000, False), Length(5_000, False)])

    assert figure.value is None
    assert figure.reason == "all 2 bouts censored: no end was seen"


def test_overlapping_bouts_of_one_code_are_one_time() -> None:
    assert durations.duration_ms([bout(0, 10), bout(4, 6), bout(8, 20)], WATCHED) == 20_000


def test_time_out_of_view_leaves_the_duration() -> None:
    assert durations.duration_ms([bout(0, 100)], ((0, 30_000), (60_000, 300_000))) == 70_000


def test_not_observed_has_no_proportion() -> None:
    assert durations.proportion(0, 0).value is None


def test_kaplan_meier_equals_statsmodels_on_censored_lengths() -> None:
    rng = np.random.default_rng(1)
    times, ended = rng.exponential(30, 60).round(0) + 1, rng.random(60) < 0.7

    ours, theirs = durations.kaplan_meier(list(times), list(ended)), SurvfuncRight(times, ended)

    assert ours.times == pytest.approx(theirs.surv_times)
    assert ours.surviving == pytest.approx(theirs.surv_prob)
    median = durations.median_of(ours, name="median")
    assert median.value == theirs.quantile(0.5)
    assert (median.low, median.high) == theirs.quantile_ci(0.5, method="cloglog")


def test_the_median_bout_needs_half_to_have_ended() -> None:
    figure = durations.median_bout([Length(10_000, True), Length(20_000, False), Length(20_000, False)])

    assert figure.value is None
    assert "2 of 3 censored" in figure.reason


def test_a_bout_whose_beginning_was_not_seen_is_not_in_the_median() -> None:
    figure = durations.median_bout([Length(10_000, True), Length(90_000, True, begun=False)])

    assert (figure.value, figure.denominator) == (10.0, 1)


def test_a_code_never_seen_is_censored_at_the_end_of_watching() -> None:
    one = durations.latency([], WATCHED)

    assert one == Latency(300.0, False)
    assert durations.latency_figure(one).value is None
    assert durations.latency_figure(one).reason == "not seen in 300 s: censored there"


def test_latency_counts_observed_time_only() -> None:
    assert durations.latency([80_000], ((0, 30_000), (60_000, 100_000))) == Latency(50.0, True)


def test_latency_from_a_named_antecedent() -> None:
    assert durations.latency([5_000, 25_000], WATCHED, since=20_000) == Latency(5.0, True)


def test_nobody_watched_is_no_latency_at_all() -> None:
    assert durations.latency([], ()) is None


def test_latencies_of_sessions_are_grouped_without_dropping_those_that_never_came() -> None:
    figure = durations.median_latency([Latency(10, True), Latency(20, True), Latency(300, False), None])

    assert (figure.value, figure.denominator) == (20, 3)


def test_time_can_be_taken_out_and_put_together() -> None:
    assert spans.union([(5, 9), (0, 5), (20, 20), (12, 14)]) == ((0, 9), (12, 14))
    assert spans.difference([(0, 10)], [(2, 3), (8, 20)]) == ((0, 2), (3, 8))
    assert spans.intersection([(0, 10), (20, 30)], [(5, 25)]) == ((5, 10), (20, 25))


def rated(value: float | None, answer: str = "value") -> Rated:
    return Rated("e", 0, "s", "warmth", value, answer)


def test_cannot_judge_is_a_value_of_its_own_and_no_number() -> None:
    found = ratings.spread([rated(1), rated(3), rated(3), rated(None, "cannot-judge")], [-1, 1, 3])

    assert [(step.value, step.count, step.cumulative) for step in found.steps] == [
        (-1, 0, 0),
        (1, 1, pytest.approx(1 / 3)),
        (3, 2, 1),
    ]
    assert (found.judged, found.cannot_judge, found.not_observable) == (3, 1, 0)
    assert found.median.value == 3


def test_an_ordinal_scale_has_no_mean() -> None:
    assert ratings.spread([rated(1), rated(5)]).mean.value is None
    assert ratings.spread([rated(1), rated(5)], may_average=True).mean.value == 3


def test_a_checklist_counts_yes_among_opportunities() -> None:
    answers = [rated(1)] * 9 + [rated(0)] * 3 + [rated(None, "not-applicable")]

    figure = ratings.checked(answers)

    assert (figure.numerator, figure.denominator, figure.value) == (9, 12, 0.75)
    assert ratings.checked([rated(None, "not-applicable")]).value is None
