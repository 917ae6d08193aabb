"""Transitions against Bakeman & Quera 2011 (p. 159), Wampold, statsmodels and brute force."""

from __future__ import annotations

import csv
import json
from collections import Counter
from itertools import combinations, pairwise, permutations
from pathlib import Path

import numpy as np
import pytest
import statsmodels.api as sm
from statsmodels.stats.multitest import multipletests

from frameworks.model import Code, CodeType, Stream, Text
from observe.core.coding.record import Bout, Observed, Point, Timeline
from observe.core.measures import sequences
from tests.real_data import real_data

__all__ = ["real_data"]

CODES = ("Chat", "Write", "Read", "Ask", "Attentive")
PUBLISHED = [2,1,4,3,3,4,3,4,2,1,4,4,5,4,1,3,4,5,3,2,2,1,4,1,2,5,2,1,2,3,3,1,4,4,1,4,1,3,3,3,1,5,2,1,1,3,1,4,1,2,3,3,4,5,5,2,3,3,5,2,5,4,4,2,3,1,5,5,2,2,1,3,3,3,3]  # fmt: skip
RUN = tuple(CODES[n - 1] for n in PUBLISHED)


def test_the_published_table_of_74_transitions() -> None:
    found = sequences.transitions([RUN], CODES)

    assert found.count == 74
    assert found.table == ((1, 3, 4, 6, 2), (6, 2, 4, 0, 2), (4, 1, 9, 4, 1), (5, 2, 2, 3, 3), (0, 5, 1, 2, 2))


def test_adjusted_residuals_of_bakeman_and_quera() -> None:
    found = sequences.transitions([RUN], CODES)

    assert [found.cell("Chat", code).z for code in CODES] == pytest.approx(
        [-1.687, 0.140, -0.206, 1.936, -0.134], abs=5e-4
    )
    some = [("Write", "Chat"), ("Write", "Ask"), ("Read", "Read"), ("Attentive", "Write")]
    assert [found.cell(*pair).z for pair in some] == pytest.approx([2.144, -2.095, 2.316, 2.898], abs=5e-4)


def test_the_table_as_a_whole_and_whether_there_is_enough_of_it() -> None:
    found = sequences.transitions([RUN], CODES)

    assert (found.g_squared, found.freedom) == (pytest.approx(30.95, abs=5e-3), 16)
    assert found.p == pytest.approx(0.0136, abs=5e-5)
    assert found.enough is False
    assert found.warning.startswith("74 transitions; about 100 are needed for 5 codes")


def test_the_size_of_an_effect() -> None:
    cell = sequences.transitions([RUN], CODES).cell("Write", "Chat")

    assert cell.q == pytest.approx(0.5789, abs=5e-5)
    assert cell.log_odds == pytest.approx(1.3218, abs=5e-5)
    assert cell.probability == pytest.approx(6 / 14)


def test_a_zero_cell_gets_half_for_the_log_odds_and_none_for_q() -> None:
    assert sequences.log_odds(0, 5, 5, 10) == (
        pytest.approx(np.log(0.5 * 10.5 / 5.5**2)),
        pytest.approx(np.sqrt(1 / 0.5 + 2 / 5.5 + 1 / 10.5)),
    )
    assert sequences.yules_q(0, 5, 5, 10) == -1


def test_the_entropy_rate_and_the_stationary_shares() -> None:
    found = sequences.entropy_rate(sequences.transition_counts([RUN], CODES))

    assert found.stationary == pytest.approx((0.2138, 0.1736, 0.2733, 0.2056, 0.1338), abs=5e-5)
    assert found.bits.value == pytest.approx(1.98544, abs=5e-6)
    assert found.normalised.value == pytest.approx(1.98544 / np.log2(5), abs=5e-6)


def test_small_tables_have_too_little_entropy_and_both_remedies_raise_it() -> None:
    table = sequences.transition_counts([RUN], CODES)
    plain = sequences.entropy_rate(table).bits.value or 0

    assert (sequences.entropy_rate(table, corrected_for_size=True).bits.value or 0) > plain
    assert (sequences.entropy_rate(table, prior=0.5).bits.value or 0) > plain


def test_a_code_that_nothing_followed_has_no_entropy_rate() -> None:
    assert sequences.entropy_rate(np.array([[1, 1], [0, 0]])).bits.value is None


def test_transitions_never_cross_from_one_run_to_the_next() -> None:
    table = sequences.transition_counts([("a", "b"), ("a", "b")], ("a", "b"))

    assert table.tolist() == [[0, 2], [0, 0]]


def test_lag_two_skips_one() -> None:
    assert sequences.transition_counts([tuple("abcab")], ("a", "b", "c"), lag=2).tolist() == [
        [0, 0, 1], [1, 0, 0], [0, 1, 0],
    ]  # fmt: skip


NO_LOOPS = np.array([[0, 12, 5, 9], [10, 0, 14, 3], [7, 9, 0, 11], [9, 6, 8, 0]])


def test_without_loops_expected_counts_and_residuals_are_those_of_the_poisson_model() -> None:
    found = sequences.analyse(NO_LOOPS, tuple("abcd"), loops=False)

    cells = [(i, j) for i, j in permutations(range(4), 2)]
    design = np.array(
        [[1, *(i == n for n in range(1, 4)), *(j == n for n in range(1, 4))] for i, j in cells], float
    )
    model = sm.GLM([NO_LOOPS[cell] for cell in cells], design, family=sm.families.Poisson()).fit(tol=1e-12)
    residuals = model.resid_pearson / np.sqrt(1 - model.get_hat_matrix_diag())
    ours = [found.cells[4 * i + j] for i, j in cells]
    assert [cell.expected for cell in ours] == pytest.approx(list(model.fittedvalues), abs=1e-6)
    assert [cell.z for cell in ours] == pytest.approx(list(residuals), abs=1e-6)
    assert (found.g_squared, found.freedom) == (pytest.approx(model.deviance), 4 * 4 - 2 * 4 + 1 - 4)
    assert found.cell("a", "a").z is None
    assert found.cell("a", "a").possible is False


def test_the_two_formulas_agree_where_no_cell_is_impossible() -> None:
    table = sequences.transition_counts([RUN], CODES)
    closed = sequences.adjusted_residuals(
        table, sequences.expected_counts(table, np.ones((5, 5), bool)), np.ones((5, 5), bool)
    )
    expected = np.outer(table.sum(1), table.sum(0)) / 74
    by_leverage = (table - expected) / np.sqrt(
        expected * (1 - sequences._leverage(expected, np.ones((5, 5), bool)))
    )

    assert by_leverage == pytest.approx(closed)


def test_an_impossible_transition_that_occurred_is_refused() -> None:
    with pytest.raises(ValueError, match="impossible"):
        sequences.transitions([("a", "a", "b")], ("a", "b"), loops=False)


def test_collapsing_repeats_leaves_no_loop() -> None:
    found = sequences.transitions(sequences.collapsed([RUN]), CODES, loops=False)

    assert all(found.table[k][k] == 0 for k in range(5))
    assert found.freedom == 11


def test_shuffles_find_what_was_planted_and_the_same_for_the_same_seed() -> None:
    rng = np.random.default_rng(0)
    run = [str(n) for n in rng.integers(0, 4, 150)]
    for k in range(149):
        if run[k] == "0" and rng.random() < 0.95:
            run[k + 1] = "3"
    found = sequences.transitions([run], ("0", "1", "2", "3"))

    once, again = (sequences.shuffled(found, [run], seed=5, times=500) for _ in range(2))

    assert once == again
    cell = once.cell("0", "3")
    assert cell.shuffled == pytest.approx(1 / 501)
    assert cell.holm == pytest.approx(16 / 501)
    assert once.cell("1", "2").holm == pytest.approx(1.0, abs=0.6)


def test_the_permutation_p_is_the_exact_one_for_a_run_short_enough_to_enumerate() -> None:
    run = tuple("aabab")
    found = sequences.transitions([run], ("a", "b"))
    orders = Counter(sum(x + y == "ab" for x, y in pairwise(o)) for o in permutations(run))
    total = sum(orders.values())
    centre = sum(n * count for n, count in orders.items()) / total
    exact = sum(count for n, count in orders.items() if abs(n - centre) >= abs(2 - centre) - 1e-9) / total

    assert sequences.shuffled(found, [run], seed=1, times=20_000).cell("a", "b").shuffled == pytest.approx(
        exact, abs=0.01
    )


def test_max_t_is_the_closed_test_over_every_set_of_cells() -> None:
    rows = sorted(set(permutations("aabbcac")))
    seen = tuple("abcabca")
    tables = np.array([sequences.transition_counts([o], ("a", "b", "c")).ravel() for o in (seen, *rows)], float)
    away = np.abs(tables - tables.mean(0)) / tables.std(0)
    cells = range(9)
    by_set = {  # p of "nothing in any of these cells": how often the greatest is as great as the greatest that was seen
        some: float(np.mean([max(row[list(some)]) >= max(away[0, list(some)]) - 1e-9 for row in away]))
        for size in range(1, 10)
        for some in combinations(cells, size)
    }
    closed = [max(p for some, p in by_set.items() if cell in some) for cell in cells]

    assert sequences.max_t(tables) == pytest.approx(closed)
    assert min(closed) < 0.1 < max(closed)


def test_max_t_has_no_p_for_what_is_the_same_in_every_shuffle() -> None:
    assert sequences.max_t(np.array([[3.0, 1.0], [3.0, 0.0], [3.0, 2.0]])) == [None, 1.0]


def test_one_strong_transition_among_144_is_found_by_max_t_where_holm_cannot() -> None:
    rng, codes = np.random.default_rng(4), [f"c{n}" for n in range(12)]
    run = [codes[n] for n in rng.integers(0, 12, 700)]
    for k in range(699):
        if run[k] == "c0" and rng.random() < 0.6:
            run[k + 1] = "c1"
    found = sequences.shuffled(sequences.transitions([run], codes), [run], seed=5, times=1000)

    planted = found.cell("c0", "c1")
    assert planted.shuffled == pytest.approx(1 / 1001)
    assert planted.max_t == pytest.approx(1 / 1001)
    assert planted.holm is not None
    assert planted.holm > 0.1
    assert sum(1 for cell in found.cells if cell.max_t is not None and cell.max_t <= 0.05) == 1


def test_max_t_is_seldom_wrong_anywhere_where_nothing_is_there() -> None:
    rng, wrong = np.random.default_rng(11), 0
    for seed in range(200):
        run = [str(n) for n in rng.choice(5, 80, p=(0.4, 0.3, 0.15, 0.1, 0.05))]
        found = sequences.shuffled(sequences.transitions([run], tuple("01234")), [run], seed=seed, times=199)
        wrong += any(cell.max_t is not None and cell.max_t <= 0.05 for cell in found.cells)

    assert 2 <= wrong <= 20  # 10 of 200 are to be expected


def test_shuffles_without_repeats_keep_every_code_and_reach_every_order() -> None:
    coded = np.array([0, 1, 0, 2, 1], np.int64)

    found = sequences._without_repeats(coded, 3000, np.random.default_rng(2))

    seen = Counter(tuple(int(n) for n in row) for row in found)
    legal = {o for o in permutations([0, 1, 0, 2, 1]) if all(x != y for x, y in pairwise(o))}
    assert set(seen) == legal
    assert max(seen.values()) < 1.6 * min(seen.values())


def test_holm_and_hochberg_equal_statsmodels() -> None:
    ps = [0.001, 0.01, 0.03, 0.04, 0.2, 0.5]

    assert sequences.holm_adjusted(ps) == pytest.approx(list(multipletests(ps, method="holm")[1]))
    assert sequences.hochberg_adjusted(ps) == pytest.approx(list(multipletests(ps, method="fdr_bh")[1]))


def test_subjects_are_the_unit_and_pooling_is_no_test() -> None:
    tables = {
        "ann": np.array([[2, 8], [6, 4]]),
        "ben": np.array([[3, 7], [7, 3]]),
        "cat": np.array([[5, 5], [4, 6]]),
        "dan": np.array([[0, 0], [4, 6]]),
    }

    found = sequences.across_subjects(tables, ("x", "y"), "x", "y")

    assert (found.more, found.less) == (2, 1)
    assert found.common_log_odds.denominator == 3
    assert dict(found.q_by_subject)["dan"] is None
    by_statsmodels = sm.stats.StratifiedTable(
        [np.array([[8, 2], [4, 6]]), np.array([[7, 3], [3, 7]]), np.array([[5, 5], [6, 4]])]
    )
    assert found.common_log_odds.value == pytest.approx(by_statsmodels.logodds_pooled)
    assert found.common_log_odds.low is not None and found.common_log_odds.low < found.common_log_odds.value


def test_a_rare_transition_without_any_connection_is_seldom_called_one() -> None:
    random = np.random.default_rng(11)
    ps, averages = [], []
    for _ in range(200):
        tables = {
            str(n): random.multinomial(300, [0.0008, 0.0392, 0.0192, 0.9408]).reshape(2, 2) for n in range(30)
        }  # fmt: skip
        found = sequences.across_subjects(tables, ("x", "y"), "x", "x")
        ps.append(found.p if found.p is not None else 1.0)
        averages.append(np.mean([sequences.log_odds(*table.ravel())[0] for table in tables.values()]))

    assert 0 < np.mean([p <= 0.05 for p in ps]) <= 0.08
    assert np.mean(averages) > 0.5  # what averaging each subject's own log odds would have said


def test_runs_are_cut_where_watching_was_interrupted_and_begin_with_what_was_on() -> None:
    stream = Stream(
        "talk", Text((("en", "t"),)), exclusive=True,
        codes=(Code("A", Text(), CodeType.STATE), Code("B", Text(), CodeType.STATE), Code("tap", Text())),
    )  # fmt: skip
    timeline = Timeline(
        0, 60_000, True,
        points=(Point("p", 15_000, "talk", "tap"), Point("q", 30_000, "talk", "tap", flags=("out-of-view",))),
        bouts=(
            Bout("a", 0, 10_000, "talk", "A", pieces=((0, 10_000),)),
            Bout("b", 10_000, 20_000, "talk", "B", pieces=((10_000, 20_000),), censored_end=True),
            Bout("b", 40_000, 50_000, "talk", "B", pieces=((40_000, 50_000),), part=1, censored_start=True),
            Bout("c", 50_000, 55_000, "talk", "B", pieces=((50_000, 55_000),)),
            Bout("d", 55_000, 60_000, "talk", "A", pieces=((55_000, 60_000),)),
        ),
        observed=(Observed(None, ((0, 20_000), (40_000, 60_000))),),
    )  # fmt: skip

    assert sequences.runs_of(timeline, stream, None) == (("A", "B", "tap"), ("B", "B", "A"))
    assert sequences.runs_of(timeline, stream, None, collapse=True)[1] == ("B", "A")


def test_distinct_subsequences_by_brute_force() -> None:
    for word in ("abab", "aabb", "abcab", ""):
        every = {"".join(c) for n in range(len(word) + 1) for c in combinations(word, n)}
        assert sequences.distinct_subsequences(word) == len(every)


def test_entropy_and_turbulence_of_one_long_spell_and_of_even_ones() -> None:
    assert sequences.within_entropy({"a": 10}, ("a", "b")).value == 0
    assert sequences.within_entropy({"a": 5, "b": 5}, ("a", "b")).value == pytest.approx(1)
    assert sequences.turbulence([("a", 10)]).value == 1
    even, uneven = [("a", 3), ("b", 3), ("a", 3)], [("a", 1), ("b", 1), ("a", 7)]
    assert (sequences.turbulence(even).value or 0) > (sequences.turbulence(uneven).value or 0)


@pytest.mark.parametrize(
    ("year", "table"),
    [
        ("1982", [[10,14,7,20,6,3],[12,6,3,13,4,2],[9,4,3,1,2,1],[20,11,4,6,6,3],[6,4,2,5,2,0],[3,1,1,5,0,0]]),
        ("1984", [[17,12,6,16,7,2],[3,13,6,13,3,2],[5,4,2,6,1,2],[21,6,3,10,8,2],[6,4,2,5,1,1],[8,1,1,0,0,0]]),
    ],
)  # fmt: skip
def test_wampold_lag_one_counts(real_data: Path, year: str, table: list[list[int]]) -> None:
    with (real_data / "wampold-lagseq" / f"wampold_{year}.csv").open(encoding="utf-8", newline="") as file:
        run = [row["code"] for row in csv.DictReader(file)]

    found = sequences.transitions([run], ("1", "2", "3", "4", "5", "6"))

    assert found.count == 199
    assert [list(row) for row in found.table] == table


def test_boris_counts_the_same_transitions_from_its_own_strings(real_data: Path) -> None:
    golden = real_data / "boris" / "golden"
    strings = json.loads((golden / "test_behavioral_strings.json").read_text(encoding="utf-8"))
    runs = [run.split("|") for subjects in strings.values() for run in subjects.values() if run]
    with (golden / "test_transitions_number.tsv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file, delimiter="\t"))
    codes = rows[0][1:]

    found = sequences.transitions(runs, codes)

    assert [list(row) for row in found.table] == [[int(n) for n in row[1:]] for row in rows[1:]]
    # BORIS writes 0 for the probabilities after a code that nothing followed; there is none to give
    assert [found.cell("r&None", code).probability for code in codes] == [None] * len(codes)
    assert found.cell("s", "s").probability == pytest.approx(0.5217391304347826)
