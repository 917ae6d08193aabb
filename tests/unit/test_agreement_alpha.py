"""Krippendorff's alpha, intraclass correlations and unitizing alpha against published worked examples."""

from __future__ import annotations

import krippendorff
import numpy as np
import pandas as pd
import pingouin
import pytest

from observe.core.agreement import alpha, bootstrap, icc, kappa
from observe.core.agreement.coefficient import NO_PAIRS, NO_VARIATION
from observe.core.agreement.unitizing import unitizing_alpha
from tests.unit.test_agreement_kappa import COUNTS


@pytest.mark.parametrize(
    ("level", "value"), [("nominal", 0.743421), ("ordinal", 0.815388), ("interval", 0.849107), ("ratio", 0.797403)]
)
def test_krippendorff_2011_four_observers_twelve_units_with_missing_codings(level: str, value: float) -> None:
    found = alpha.alpha(COUNTS, level, [1, 2, 3, 4, 5])

    assert found.value == pytest.approx(value, abs=5e-7)
    assert found.units == 11


def test_one_value_only_has_no_alpha_rather_than_one_or_zero() -> None:
    found = alpha.alpha([[2, 0], [3, 0]])

    assert (found.value, found.reason) == (None, NO_VARIATION)


def test_units_coded_once_give_no_alpha() -> None:
    assert alpha.alpha([[1, 0], [0, 1]]).reason == NO_PAIRS


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("level", alpha.LEVELS)
def test_alpha_equals_the_krippendorff_package_on_random_data(seed: int, level: str) -> None:
    rng = np.random.default_rng(seed)
    data = rng.integers(1, 6, (3, 40)).astype(float)
    data[1] = np.where(rng.random(40) < 0.6, data[0], data[1])
    data[rng.random((3, 40)) < 0.2] = np.nan
    values, counts = alpha.counts_of_values(data)

    found = alpha.alpha(counts, level, values)

    assert found.value == pytest.approx(krippendorff.alpha(reliability_data=data, level_of_measurement=level))


def test_the_bootstrap_of_units_is_wide_for_twelve_of_them_and_the_same_for_the_same_seed() -> None:
    parts = alpha.coincidences(COUNTS)

    def value_of(tables: np.ndarray) -> np.ndarray:  # type: ignore[type-arg]
        return alpha.alpha_values(tables, "nominal", [1, 2, 3, 4, 5])

    found = bootstrap.limits(parts, value_of, seed=7)

    assert found.low == pytest.approx(0.42, abs=0.06)
    assert found.high == pytest.approx(1.0, abs=0.01)
    assert found == bootstrap.limits(parts, value_of, seed=7)
    assert found.method == "percentile bootstrap of 12 clusters"


def test_bca_limits_from_twenty_clusters_cover_as_often_as_they_say() -> None:
    rng, covered = np.random.default_rng(4), 0
    for _ in range(100):
        truth = rng.integers(0, 2, 300)
        first, second = (np.where(rng.random(300) < 0.8, truth, 1 - truth) for _ in range(2))
        parts = np.array([kappa.table_of(first[k : k + 10], second[k : k + 10], 2) for k in range(0, 300, 10)])
        found = bootstrap.limits(parts.astype(float), kappa.kappa_values, seed=1, times=400)
        covered += found.low is not None and found.high is not None and found.low <= 0.36 <= found.high

    assert found.method == "BCa bootstrap of 30 clusters"
    assert 88 <= covered <= 100


def test_one_cluster_has_no_limits() -> None:
    found = bootstrap.limits(np.array([[[5.0, 1.0], [1.0, 5.0]]]), kappa.kappa_values, seed=1)

    assert (found.low, found.method) == (None, "no limits: only one independent cluster")


SHROUT_FLEISS = [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]


def test_shrout_and_fleiss_1979() -> None:
    found = icc.intraclass(SHROUT_FLEISS)

    values = [found.by_form[form].value for form in icc.FORMS]
    assert values == pytest.approx([0.165742, 0.289764, 0.714841, 0.442797, 0.620051, 0.909316], abs=5e-7)
    assert found.f_by_form["1,1"][:3] == (pytest.approx(1.7947, abs=5e-5), 5, 18)
    assert found.f_by_form["3,1"][:3] == (pytest.approx(11.0272, abs=5e-5), 5, 15)


@pytest.mark.parametrize(
    ("form", "low", "high"), [("1,1", -0.1329, 0.7226), ("2,1", 0.0188, 0.7611), ("3,1", 0.3425, 0.9459)]
)
def test_limits_of_shrout_and_fleiss(form: str, low: float, high: float) -> None:
    found = icc.intraclass(SHROUT_FLEISS).by_form[form]

    assert (found.low, found.high) == (pytest.approx(low, abs=5e-5), pytest.approx(high, abs=5e-5))


def test_intraclass_equals_pingouin_on_random_data() -> None:
    rng = np.random.default_rng(2)
    data = rng.normal(size=(15, 1)) + rng.normal(scale=0.7, size=(15, 3)) + np.array([0, 0.5, 1.0])
    long = pd.DataFrame(
        {"unit": np.repeat(range(15), 3), "observer": np.tile(range(3), 15), "rating": data.ravel()}
    )
    theirs = pingouin.intraclass_corr(long, "unit", "observer", "rating")

    ours = icc.intraclass(data)

    assert [ours.by_form[form].value for form in icc.FORMS] == pytest.approx(list(theirs["ICC"]))
    limits = [limit for form in icc.FORMS for limit in (ours.by_form[form].low, ours.by_form[form].high)]
    assert limits == pytest.approx(list(np.concatenate(list(theirs[theirs.columns[-1]]))), abs=0.006)


def test_units_not_rated_by_all_are_dropped_and_counted() -> None:
    found = icc.intraclass([*SHROUT_FLEISS, [5, float("nan"), 3, 3]])

    assert (found.units, found.dropped) == (6, 1)
    assert found.by_form["1,1"].value == pytest.approx(0.165742, abs=5e-7)


def test_ratings_all_the_same_have_no_intraclass_correlation() -> None:
    found = icc.intraclass([[3, 3], [3, 3], [3, 3]])

    assert found.by_form["2,1"].value is None
    assert "no variation" in found.by_form["2,1"].reason


def test_krippendorff_2004_page_254_units_on_a_continuum() -> None:
    first = {"c": [(75, 70), (220, 30)], "k": [(30, 60), (150, 50)]}
    second = {"c": [(70, 80), (205, 20), (250, 20)], "k": [(30, 60), (150, 50)]}

    found = unitizing_alpha([first, second], 300)

    assert found.by_code["c"].observed == pytest.approx(0.014444, abs=5e-7)
    assert found.by_code["c"].expected == pytest.approx(0.053222, abs=5e-7)
    assert found.by_code["c"].value == pytest.approx(0.7286, abs=5e-5)
    assert found.by_code["k"].value == pytest.approx(1.0)
    assert found.overall.value == pytest.approx(0.8591, abs=5e-4)


def test_a_code_that_nobody_marked_has_no_unitizing_alpha() -> None:
    found = unitizing_alpha([{"c": []}, {"c": []}], 100)

    assert found.by_code["c"].value is None
