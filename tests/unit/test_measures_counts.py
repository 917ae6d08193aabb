"""Counts, rates, gaps and samples of time; worked numbers from Altmann 1974, Garwood 1936, Wilson 1927."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from observe.core.measures import counts
from observe.core.measures.figures import garwood, share, wilson

MINUTE = 60_000
SECOND = 1_000


def test_seven_events_in_forty_two_watched_minutes_are_ten_an_hour_with_garwood_limits() -> None:
    figure = counts.rate(7, 42 * MINUTE)

    assert figure.value == pytest.approx(10.0)
    assert (figure.low, figure.high) == (pytest.approx(4.0205, abs=5e-5), pytest.approx(20.6038, abs=5e-5))
    assert (figure.numerator, figure.denominator) == (7, pytest.approx(0.7))
    assert figure.method == "Garwood (Poisson)"


def test_no_event_in_forty_two_minutes_is_zero_with_an_upper_limit() -> None:
    figure = counts.rate(0, 42 * MINUTE)

    assert figure.value == 0
    assert (figure.low, figure.high) == (0, pytest.approx(5.2698, abs=5e-5))


def test_an_unwatched_hour_has_no_rate_and_says_why() -> None:
    figure = counts.rate(0, 0)

    assert figure.value is None
    assert figure.low is None
    assert "not observed" in figure.reason


def test_clustered_events_widen_the_limits_and_the_method_says_so() -> None:
    poisson, clustered = counts.rate(20, 60 * MINUTE), counts.rate(20, 60 * MINUTE, dispersion=4)

    assert clustered.value == poisson.value == 20
    assert (clustered.low, clustered.high) == pytest.approx(tuple(4 * limit for limit in garwood(5, 1)))
    assert "dispersion 4" in clustered.method


@pytest.mark.parametrize(("count", "exposure"), [(1, 2.0), (3, 0.5), (40, 10.0)])
def test_garwood_equals_the_chi_square_form(count: int, exposure: float) -> None:
    low, high = garwood(count, exposure)

    assert low == pytest.approx(stats.chi2.ppf(0.025, 2 * count) / 2 / exposure)
    assert high == pytest.approx(stats.chi2.ppf(0.975, 2 * count + 2) / 2 / exposure)


def test_nine_of_twelve_opportunities_have_wilson_limits() -> None:
    figure = share(9, 12, "fraction of opportunities")

    assert figure.value == 0.75
    assert (figure.low, figure.high) == (pytest.approx(0.4677, abs=5e-5), pytest.approx(0.9111, abs=5e-5))


def test_no_opportunity_is_undefined_and_not_zero() -> None:
    assert share(0, 0, "fraction of opportunities").value is None


def test_wilson_limits_stay_inside_zero_and_one() -> None:
    assert wilson(0, 5)[0] == 0
    assert wilson(5, 5)[1] == 1


def test_rate_at_risk_takes_time_in_the_state_out_of_the_denominator() -> None:
    assert counts.rate_at_risk(3, 60 * MINUTE, 30 * MINUTE).value == pytest.approx(6.0)


def test_a_state_that_was_always_on_has_no_rate_at_risk() -> None:
    figure = counts.rate_at_risk(1, 60 * MINUTE, 60 * MINUTE)

    assert figure.value is None
    assert figure.reason == "the state was on all the time"


WATCHED = ((0, 30 * SECOND), (60 * SECOND, 100 * SECOND))
POINTS = [at * SECOND for at in (5, 9, 12, 80, 84)]


def test_gaps_never_cross_time_out_of_view() -> None:
    onsets = counts.onsets_in(POINTS, WATCHED)

    assert [gap // SECOND for gap in counts.gaps_between(onsets)] == [4, 3, 4]


def test_the_rate_is_over_time_in_view_and_not_over_the_window() -> None:
    onsets = counts.onsets_in(POINTS, WATCHED)

    assert counts.rate(onsets.count, 70 * SECOND).value == pytest.approx(5 / 70 * 3600)


def test_points_closer_than_the_criterion_merge_but_never_across_a_gap_in_watching() -> None:
    onsets = counts.onsets_in(POINTS, WATCHED)

    merged = counts.bouts_by_criterion(onsets, 10 * SECOND)
    merged_widely = counts.bouts_by_criterion(onsets, 1000 * SECOND)

    assert [[at // SECOND for at in bout] for bout in merged] == [[5, 9, 12], [80, 84]]
    assert merged_widely == merged


def test_an_onset_while_nobody_watched_is_set_apart_and_not_counted() -> None:
    onsets = counts.onsets_in([*POINTS, 45 * SECOND], WATCHED)

    assert onsets.count == 5
    assert onsets.left_out == (45 * SECOND,)


def test_the_last_tap_at_the_very_end_counts() -> None:
    assert counts.onsets_in([100 * SECOND], WATCHED).count == 1


def test_n_events_give_at_most_n_minus_one_gaps() -> None:
    assert len(counts.gaps_between(counts.onsets_in([1, 2, 3, 4], ((0, 10),)))) == 3


def test_regular_gaps_have_burstiness_minus_one() -> None:
    assert counts.burstiness([100, 100, 100]).value == -1


def test_exponential_gaps_have_burstiness_near_zero() -> None:
    gaps = [int(gap) for gap in np.random.default_rng(7).exponential(10_000, 5_000)]

    assert counts.burstiness(gaps).value == pytest.approx(0, abs=0.03)
    assert counts.variation_of_gaps(gaps).value == pytest.approx(1, abs=0.05)


def test_two_gaps_are_too_few_for_burstiness() -> None:
    assert counts.burstiness([1, 2]).value is None


STATE = ((60 * SECOND, 90 * SECOND), (200 * SECOND, 290 * SECOND), (400 * SECOND, 415 * SECOND))


@pytest.mark.parametrize(
    ("seconds", "partial", "whole", "last_second", "first_second"),
    [(15, 0.275, 0.175, 0.225, 0.225), (30, 0.300, 0.150, 0.200, 0.200), (60, 0.400, 0.000, 0.100, 0.200)],
)
def test_interval_recording_of_a_state_on_for_225_thousandths_of_the_time(
    seconds: int, partial: float, whole: float, last_second: float, first_second: float
) -> None:
    window, cut = (0, 600 * SECOND), seconds * SECOND

    assert counts.partial_interval(STATE, window, cut).value == pytest.approx(partial)
    assert counts.whole_interval(STATE, window, cut).value == pytest.approx(whole)
    assert counts.momentary(STATE, window, cut, at_ms=cut - SECOND).value == pytest.approx(last_second)
    assert counts.momentary(STATE, window, cut).value == pytest.approx(first_second)


def test_a_partial_interval_is_never_called_a_share_of_time() -> None:
    names = [
        counts.partial_interval(STATE, (0, 600_000), 15_000).name,
        counts.whole_interval(STATE, (0, 600_000), 15_000).name,
    ]

    assert names == ["fraction of intervals (partial interval)", "fraction of intervals (whole interval)"]


def test_expected_bias_of_interval_recording_agrees_with_simulated_bouts() -> None:
    rng, mean_on, mean_off, cut = np.random.default_rng(3), 20.0, 60.0, 15.0
    lengths = np.column_stack([rng.exponential(mean_off, 40_000), rng.exponential(mean_on, 40_000)]).ravel()
    edges = np.concatenate([[0], np.cumsum(lengths)])
    starts, ends = edges[1:-1:2], edges[2::2]
    cuts = np.arange(0, edges[-1] - cut, cut)
    first_open = np.searchsorted(ends, cuts, side="right")
    touched = starts[np.minimum(first_open, len(starts) - 1)] < cuts + cut
    filled = (starts[np.minimum(first_open, len(starts) - 1)] <= cuts) & (
        ends[np.minimum(first_open, len(ends) - 1)] >= cuts + cut
    )

    assert counts.expected_partial_interval(mean_on, mean_off, cut) == pytest.approx(touched.mean(), abs=0.01)
    assert counts.expected_whole_interval(mean_on, mean_off, cut) == pytest.approx(filled.mean(), abs=0.01)
    assert counts.expected_partial_interval(mean_on, mean_off, cut) > 0.25 > filled.mean()


def test_the_bout_criterion_finds_the_break_between_two_processes() -> None:
    rng = np.random.default_rng(11)
    gaps = [int(g) + 1 for g in np.concatenate([rng.exponential(1_000, 600), rng.exponential(60_000, 200)])]

    found = counts.bout_criterion(gaps)

    true_break = math.log(0.75 / 1_000 / (0.25 / 60_000)) / (1 / 1_000 - 1 / 60_000)
    assert found.criterion_ms == pytest.approx(true_break, rel=0.1)
    assert found.share_fast == pytest.approx(0.75, abs=0.03)


def test_one_process_has_no_bout_criterion() -> None:
    gaps = [int(g) + 1 for g in np.random.default_rng(5).exponential(10_000, 9)]

    assert counts.bout_criterion(gaps).criterion_ms is None


def test_dispersion_is_one_when_counts_are_as_even_as_poisson_allows() -> None:
    assert counts.dispersion_of([2, 4, 6], [60_000] * 3).value == pytest.approx(1.0)
    assert counts.dispersion_of([5], [60_000]).value is None
