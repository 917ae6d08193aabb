"""Kappa and its kin against published worked examples, and against other people's programs on random data."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from irrCAC.raw import CAC
from numpy.typing import NDArray
from sklearn.metrics import cohen_kappa_score
from statsmodels.stats.inter_rater import cohens_kappa, fleiss_kappa

from observe.core.agreement import kappa
from observe.core.agreement.alpha import alpha
from observe.core.agreement.coefficient import NO_PAIRS, NO_VARIATION

COHEN_1960 = [[88, 14, 18], [10, 40, 10], [2, 6, 12]]


def test_cohen_1960_with_the_standard_error_of_fleiss_cohen_and_everitt() -> None:
    found = kappa.cohen(COHEN_1960)

    assert found.value == pytest.approx(0.491525, abs=5e-7)
    assert found.error == pytest.approx(0.051002, abs=5e-7)
    assert (found.low, found.high) == (pytest.approx(0.3916, abs=5e-5), pytest.approx(0.5915, abs=5e-5))
    assert kappa.kappa_max(COHEN_1960).value == pytest.approx(0.830508, abs=5e-7)


def test_cohen_1968_with_a_matrix_of_disagreements() -> None:
    found = kappa.cohen(COHEN_1960, [[0, 1, 3], [1, 0, 6], [3, 6, 0]])

    assert found.value == pytest.approx(0.347826, abs=5e-7)
    assert found.name == "weighted kappa"


def test_two_by_two() -> None:
    found = kappa.cohen([[20, 5], [10, 15]])

    assert found.value == pytest.approx(0.40)
    assert found.error == pytest.approx(0.126996, abs=5e-7)
    assert kappa.pabak([[20, 5], [10, 15]]).value == pytest.approx(0.40)
    assert kappa.prevalence_index([[20, 5], [10, 15]]).value == pytest.approx(0.10)
    assert kappa.bias_index([[20, 5], [10, 15]]).value == pytest.approx(0.10)


@pytest.mark.parametrize(
    ("table", "expected", "pabak", "prevalence"),
    [([[80, 10], [5, 5]], 0.3182, 0.70, 0.75), ([[40, 9], [6, 45]], 0.6995, 0.70, 0.05)],
)
def test_the_paradox_of_feinstein_and_cicchetti_1990_needs_the_prevalence_index(
    table: list[list[int]], expected: float, pabak: float, prevalence: float
) -> None:
    assert kappa.percent(table).value == pytest.approx(0.85)
    assert kappa.cohen(table).value == pytest.approx(expected, abs=5e-5)
    assert kappa.pabak(table).value == pytest.approx(pabak)
    assert kappa.prevalence_index(table).value == pytest.approx(prevalence)


def test_gwet_2008_where_one_code_is_rare() -> None:
    table = [[118, 5], [2, 0]]
    codes = np.repeat([[0, 0, 1], [0, 1, 0]], [118, 5, 2], axis=1)

    assert kappa.gwet(kappa.counts_of(codes, 2)).value == pytest.approx(0.9408, abs=5e-5)
    assert kappa.cohen(table).value == pytest.approx(-0.0234, abs=5e-5)


def test_one_code_only_is_undefined_and_says_why() -> None:
    found = kappa.cohen([[10, 0], [0, 0]])

    assert (found.value, found.reason, found.observed) == (None, NO_VARIATION, 1.0)
    assert kappa.fleiss([[3, 0], [3, 0]]).value is None


def test_no_unit_with_two_observers_is_undefined() -> None:
    assert kappa.cohen([[0, 0], [0, 0]]).reason == NO_PAIRS
    assert kappa.fleiss([[1, 0], [0, 1]]).reason == NO_PAIRS
    assert kappa.gwet([[1, 0], [0, 1]]).reason == NO_PAIRS


KRIPPENDORFF = np.array(
    [
        [1, 2, 3, 3, 2, 1, 4, 1, 2, 0, 0, 0],
        [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, 0, 3],
        [0, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, 0],
        [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, 0],
    ]
)
COUNTS = kappa.counts_of(KRIPPENDORFF - 1, 5)


def test_four_observers_with_missing_codings_as_in_gwets_vignette() -> None:
    ac1 = kappa.gwet(COUNTS)

    assert ac1.value == pytest.approx(0.77544, abs=5e-6)
    assert ac1.error == pytest.approx(0.14295, abs=5e-6)
    assert kappa.fleiss(COUNTS).value == pytest.approx(0.76117, abs=5e-6)
    assert kappa.conger(KRIPPENDORFF - 1, 5).value == pytest.approx(0.76207, abs=5e-6)
    assert kappa.brennan_prediger(COUNTS).value == pytest.approx(0.77273, abs=5e-6)


@pytest.mark.parametrize(("weights", "value"), [("ordinal", 0.89894), ("linear", 0.85874), ("quadratic", 0.91400)])
def test_ac2_with_weights(weights: str, value: float) -> None:
    found = kappa.gwet(COUNTS, weights)

    assert (found.name, found.value) == ("AC2", pytest.approx(value, abs=5e-6))


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("weights", [None, "linear", "quadratic"])
def test_kappa_equals_statsmodels_and_scikit_learn(seed: int, weights: str | None) -> None:
    rng = np.random.default_rng(seed)
    first = rng.integers(0, 4, 80)
    second = np.where(rng.random(80) < 0.6, first, rng.integers(0, 4, 80))
    table = kappa.table_of(first, second, 4)

    found = kappa.cohen(table, weights or "nominal")

    theirs = cohens_kappa(table, wt=weights)
    assert found.value == pytest.approx(theirs.kappa)
    assert found.value == pytest.approx(cohen_kappa_score(first, second, labels=range(4), weights=weights))
    assert found.error == pytest.approx(theirs.std_kappa)


@pytest.mark.parametrize("seed", range(5))
def test_many_observers_equal_irrcac_and_statsmodels(seed: int) -> None:
    codes = _random(seed)
    whole = np.abs(codes)
    theirs = CAC(pd.DataFrame(np.where(codes < 0, np.nan, codes).T), categories=[0.0, 1.0, 2.0])
    counts = kappa.counts_of(codes, 3)

    def of(found: dict[str, dict[str, float]]) -> tuple[float, float]:
        return found["est"]["coefficient_value"], found["est"]["se"]

    ac1 = kappa.gwet(counts)
    assert (ac1.value, ac1.error) == pytest.approx(of(theirs.gwet()), abs=6e-6)
    assert kappa.fleiss(counts).value == pytest.approx(of(theirs.fleiss())[0], abs=6e-6)
    assert kappa.conger(codes, 3).value == pytest.approx(of(theirs.conger())[0], abs=6e-6)
    assert kappa.brennan_prediger(counts).value == pytest.approx(of(theirs.bp())[0], abs=6e-6)
    assert kappa.fleiss(kappa.counts_of(whole, 3)).value == pytest.approx(fleiss_kappa(kappa.counts_of(whole, 3)))


def _random(seed: int) -> NDArray[np.int64]:
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, 3, 60)
    codes = np.where(rng.random((4, 60)) < 0.65, truth, rng.integers(0, 3, (4, 60)))
    return np.where(rng.random((4, 60)) < 0.15, -1, codes)


def test_every_pair_of_many_sessions_at_once_equals_one_by_one() -> None:
    codes = _random(9)

    pairs, values = kappa.pair_values(codes, 3)

    assert len(pairs) == 6
    for (i, j), value in zip(pairs, values, strict=True):
        assert value == pytest.approx(kappa.cohen(kappa.table_of(codes[i], codes[j], 3)).value)


CODED = hnp.arrays(np.int64, st.tuples(st.integers(2, 4), st.integers(1, 12)), elements=st.integers(-1, 2))


@given(CODED, st.permutations([0, 1, 2]))
def test_neither_the_order_of_observers_nor_the_names_of_codes_change_anything(codes, order):
    renamed = np.where(codes < 0, -1, np.array(order)[codes])[::-1]
    before, after = (kappa.counts_of(one, 3) for one in (codes, renamed))

    for coefficient in (kappa.fleiss, kappa.gwet, kappa.brennan_prediger, alpha):
        assert coefficient(before).value == pytest.approx(coefficient(after).value, nan_ok=False)
    assert kappa.conger(codes, 3).value == pytest.approx(kappa.conger(renamed, 3).value)
    tables = [kappa.table_of(one[0], one[-1], 3) for one in (codes, renamed)]
    assert kappa.cohen(tables[0]).value == pytest.approx(kappa.cohen(tables[1]).value)


@given(CODED)
def test_no_coefficient_is_above_one_or_a_number_that_is_none(codes):
    counts = kappa.counts_of(codes, 3)
    found = [kappa.fleiss(counts), kappa.gwet(counts), kappa.conger(codes, 3), alpha(counts)]
    found.append(kappa.cohen(kappa.table_of(codes[0], codes[1], 3)))

    for one in found:
        assert (one.value is None) == bool(one.reason)
        assert all(limit is None or np.isfinite(limit) for limit in (one.value, one.low, one.high, one.error))
        assert one.value is None or one.value <= 1 + 1e-9
