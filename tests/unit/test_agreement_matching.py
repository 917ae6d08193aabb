"""Two records side by side: seconds with tolerance, aligned events, counts by interval."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from observe.core.agreement import kappa, matching
from observe.core.agreement.matching import Event, Pair, align, event_kappa, event_table, tolerant


def events(text: str) -> list[Event]:
    return [
        Event(word.rstrip("0123456789"), 1000 * int(word.lstrip("abcdefghijklmnopqrstuvwxyz")))
        for word in text.split()
    ]


OWEN = events("help2 wait10 share20 help31 scold45 help60")
OLGA = events("help3 wait12 help21 scold44 share52 help61")


def words(pairs: tuple[Pair, ...]) -> list[str]:
    return ["/".join(event.code if event else "nil" for event in pair) for pair in pairs]


def test_two_lists_of_events_are_aligned_in_order_within_the_tolerance() -> None:
    pairs = align(OWEN, OLGA, tolerance_ms=5000)

    assert words(pairs) == [
        "help/help", "wait/wait", "share/help", "help/nil", "scold/scold", "nil/share", "help/help",
    ]  # fmt: skip


def test_event_kappa_treats_nil_with_nil_as_a_cell_that_cannot_be() -> None:
    table = event_table(align(OWEN, OLGA, tolerance_ms=5000), ("help", "wait", "share", "scold"))

    found = event_kappa(table)

    assert found.observed == pytest.approx(4 / 7)
    assert found.value == pytest.approx(0.4375, abs=5e-5)
    assert "pair unlike 1.5, leave alone 1" in found.name


def test_without_an_event_left_alone_event_kappa_is_cohens() -> None:
    table = np.array([[8, 2, 0], [1, 9, 0], [0, 0, 0]])

    assert event_kappa(table).value == pytest.approx(kappa.cohen(table[:2, :2]).value)


def test_no_event_at_all_is_undefined() -> None:
    assert event_kappa(np.zeros((2, 2), np.int64)).reason == "undefined: nobody recorded an event"


EVENT_LISTS = st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 60_000)), max_size=14).map(
    lambda found: [Event(code, at) for code, at in sorted(found, key=lambda one: one[1])]
)


def cost(pairs: tuple[Pair, ...] | list[Pair]) -> int:
    total = 0
    for first, second in pairs:
        if first and second:
            total += matching.MISMATCH if first.code != second.code else 0
        else:
            total += matching.GAP
    return total


@given(EVENT_LISTS, EVENT_LISTS)
def test_every_event_is_in_exactly_one_pair_and_cutting_costs_nothing(
    first: list[Event], second: list[Event]
) -> None:
    pairs = align(first, second, tolerance_ms=3000)

    assert [a for a, _ in pairs if a] == first
    assert [b for _, b in pairs if b] == second
    assert all(abs(a.at - b.at) <= 3000 for a, b in pairs if a and b)
    assert cost(pairs) == cost(matching._aligned(first, second, 3000))


@given(EVENT_LISTS)
def test_a_list_aligned_with_itself_agrees_wholly(first: list[Event]) -> None:
    assert all(a == b for a, b in align(first, first, tolerance_ms=0))


def coded(text: str) -> np.ndarray:  # type: ignore[type-arg]
    return np.array([ord(letter) - ord("A") for letter in text], np.int64)


A, B = coded("AAAABBBBBBAACCCCAAAA"), coded("AAABBBBBBAAACCCAAAAA")


def test_time_unit_kappa_without_and_with_a_tolerance_of_one_unit() -> None:
    strict = kappa.cohen(kappa.table_of(A, B, 3))
    forward = kappa.cohen(kappa.table_of(A, tolerant(A, B, 1), 3))
    backward = kappa.cohen(kappa.table_of(B, tolerant(B, A, 1), 3))

    assert strict.value == pytest.approx(0.7521, abs=5e-5)
    assert (forward.value, backward.value) == (1.0, 1.0)


def test_tolerance_is_not_symmetric() -> None:
    first, second = coded("AAABAAA"), coded("AAAAAAA")

    assert list(tolerant(first, second, 1)) == list(coded("AAAAAAA"))
    assert kappa.percent(kappa.table_of(first, tolerant(first, second, 1), 2)).value == pytest.approx(6 / 7)
    assert kappa.percent(kappa.table_of(second, tolerant(second, first, 1), 2)).value == 1.0


def test_counts_agree_marginally_and_interval_by_interval() -> None:
    marginal, exact = matching.interval_agreement([1, 0, 2, 1], [0, 1, 2, 0])

    assert (marginal.value, exact.value) == (0.75, 0.25)
    assert matching.interval_agreement([0], [0])[0].value is None


def test_counts_by_interval_leave_out_what_nobody_could_have_seen() -> None:
    found = matching.counts_by_interval(events("a1 a2 a12 a25"), ((0, 20_000), (30_000, 40_000)), 10_000)

    assert found == [2, 1, 0]
