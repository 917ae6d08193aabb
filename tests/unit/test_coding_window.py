"""A part of a session: what lies outside is not there, and what reaches over an edge neither begins nor ends at it."""

from __future__ import annotations

from observe.core.coding.record import Bout, Interval, Linked, Observed, Point, Rated, Scan, Timeline, Turn
from observe.core.coding.window import within


def a_line() -> Timeline:
    return Timeline(
        0, 100, True,
        pauses=((40, 50),),
        points=(Point("p1", 9, "acts", "a"), Point("p2", 10, "acts", "a"), Point("p3", 60, "acts", "a")),
        bouts=(
            Bout("b1", 0, 10, "talk", "x", pieces=((0, 10),)),
            Bout("b2", 5, 30, "talk", "x", pieces=((5, 15), (20, 30)), closed_by="exclusive"),
            Bout("b3", 50, 90, "talk", "y", pieces=((50, 90),)),
        ),
        intervals=tuple(Interval("room", n, 20 * n, 20 * n + 20, "ticked", 20) for n in range(5)),
        scans=(Scan("hall", 0, 8, 12, "late"), Scan("hall", 1, 30, 30, "taken"), Scan("hall", 2, 60, None, "missed")),
        ratings=(Rated("r1", 30, "end", "calm", 3.0), Rated("r2", 100, "end", "calm", 4.0)),
        links=(Linked("l1", "answer", "p1", "p2", 1, True), Linked("l2", "answer", "p2", None, None, False)),
        observed=(Observed(None, ((0, 40), (50, 100))),),
        turns=(Turn("acts", "P1", 0, 30), Turn("acts", "P2", 30, 55), Turn("acts", "P1", 70, 80)),
    )  # fmt: skip


def test_what_reaches_over_an_edge_is_cut_and_censored_there():
    found = within(a_line(), 10, 60)

    assert [
        (b.event, b.start, b.end, b.pieces, b.censored_start, b.censored_end, b.closed_by) for b in found.bouts
    ] == [
        ("b2", 10, 30, ((10, 15), (20, 30)), True, False, "exclusive"),
        ("b3", 50, 60, ((50, 60),), False, True, "end"),
    ]
    assert [p.event for p in found.points] == ["p2"]
    assert (found.start, found.end, found.pauses) == (10, 60, ((40, 50),))
    assert found.observed_of(None).spans == ((10, 40), (50, 60))
    assert [(t.subject, t.start, t.end) for t in found.turns] == [("P1", 10, 30), ("P2", 30, 55)]


def test_intervals_wholly_inside_samples_due_inside_and_ratings_given_inside_are_in_it():
    found = within(a_line(), 10, 60)

    assert [i.index for i in found.intervals] == [1, 2]
    assert [s.index for s in found.scans] == [1]
    assert [r.event for r in found.ratings] == ["r1"]
    assert [one.event for one in found.links] == ["l2"]


def test_the_whole_session_is_itself_and_what_comes_after_its_end_is_nothing():
    line = a_line()
    beyond = within(line, 200, 300)

    assert within(line, 0, 101).bouts == line.bouts
    assert within(line, 0, 101).intervals == line.intervals
    assert (beyond.points, beyond.bouts, beyond.observed_of(None).ms) == ((), (), 0)
