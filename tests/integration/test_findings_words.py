"""How the pages put a finding into words: names for ids, what lasts by its beginnings, many silent rows by what they lack."""

from __future__ import annotations

import pytest

from observe.core.patterns.wording import probability
from observe.web import findings
from observe.web.findings import Block, Item, Line, Names

SESSION = "01a1f324-39c0-7da9-8a67-ee600da2d938"
NAMES = Names(
    {SESSION: "session of 3 Oct 2018, 09:00"},
    {"SQ": "Student question", "kind": "Kindness"},
    frozenset({"SQ"}),
)


@pytest.mark.parametrize(
    ("kept", "shown"),
    [
        ("rests mostly on one indicator (SQ): needs others", "rests mostly on one indicator (Student question): needs others"),
        ("does not stand without indicator SQ: needs others like it", "does not stand without indicator Student question: needs others like it"),
        (f"does not stand without session {SESSION}: needs others like it", "does not stand without the session of 3 Oct 2018, 09:00: needs others like it"),
        (f"rests mostly on one session ({SESSION}): needs others", "rests mostly on one session (session of 3 Oct 2018, 09:00): needs others"),
        ("needs 2 more indicators that can be seen", "needs 2 more indicators that can be seen"),
        ("needs a third indicator that can be seen", "needs a third indicator that can be seen"),
    ],
)  # fmt: skip
def test_no_id_stands_in_what_is_missing(kept: str, shown: str):
    assert NAMES.within(kept) == shown


def test_a_fragile_code_goes_by_its_label():
    assert NAMES.fragile("SQ alpha .41") == "Student question alpha .41"


def item(
    indicator: str, *, measure: str = "minutes", family: str = "count", observed: float = 10.0
) -> dict[str, object]:
    return {
        "indicator": indicator, "family": family, "measure": measure, "observed": observed, "expected": 1.4, "exposure": 1.2,
    }  # fmt: skip


def test_what_lasts_is_told_by_its_beginnings_in_the_time_without_it():
    assert (
        findings.seen_words(item("SQ"), NAMES) == "expected to begin 1.4 times, began 10 times in 1 min without it"
    )
    assert findings.seen_words(item("SQ[to=all]", observed=1.0), NAMES).endswith("began once in 1 min without it")
    assert findings.seen_words(item("SQ", observed=0.0), NAMES).endswith("did not begin in 1 min without it")
    assert findings.seen_words(item("kind"), NAMES) == "expected 1.4, saw 10 in 1 min"
    assert findings.seen_words(item("SQ", measure="scans"), NAMES) == "expected 1.4, saw 10 in 1 scan"


def line(person: str, status: str, *missing: str) -> Line:
    return Line(1, person, status, {"estimate": None}, missing)


def test_of_many_without_a_figure_it_is_counted_what_they_lack():
    few = [
        line(
            "A", "confounded", "needs a second situation", "rests mostly on one indicator (Kindness): needs others"
        )
    ]
    more = [
        line(
            one,
            "not-enough-evidence",
            "needs a second situation",
            f"does not stand without the session of 3 Oct 2018, 00:0{one}: needs others like it",
        )
        for one in "12"
    ]
    block = Block("care", "Care", "", (), None, 0, (("not-enough-evidence", tuple(more)), ("confounded", tuple(few))))  # fmt: skip

    assert block.reasons == [
        ("needs a second situation", 3),
        ("does not stand without one thing: needs others like it", 2),
        ("rests mostly on one indicator: needs others", 1),
    ]


def of(session: str, observer: str) -> Item:
    return Item(f"{session}/kind", session, "", "Kindness", "", "", observer, 0.1, "supporting", False, (("e", 60_000, 1),), "")  # fmt: skip


def test_sessions_with_one_beginning_are_tracks_of_their_own():
    started = {"s1": 0, "s2": 0, "s3": 86_400_000}
    drawn = findings.timeline_of([of("s1", "Owen"), of("s2", "Olga"), of("s3", "Owen")], started)
    without_time = findings.timeline_of([of("s1", "Owen"), of("s2", "Owen")], started)

    assert all(words in drawn.svg for words in ("00:00 · Owen", "00:00 · Olga"))
    assert "00:00 · Owen (2)" in without_time.svg


def test_a_probability_is_never_quite_certain():
    assert [probability(one) for one in (0.0, 0.004, 0.93, 0.999, 1.0)] == ["<.01", "<.01", ".93", ">.99", ">.99"]
