"""What makes a row of untrusted fields an event."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from observe.core.coding.events import Event, Malformed, event_of, parse, row_of

ID = "0190d5b0-0000-7000-8000-000000000001"


def row(**fields):
    return {"id": ID, "seq": 1, "at": 0, "kind": "point", "code": "asks", **fields}


def test_a_sound_row_is_an_event_and_gives_the_row_again():
    given_row = row(
        mono=12.5, wall=1_790_000_000_000, offset=60, zone="Europe/London", boot="b", modifiers={"how": "openly"}
    )

    event = parse(given_row)

    assert isinstance(event, Event)
    assert (event.code, event.subject, event.fields["modifiers"]) == ("asks", None, {"how": "openly"})
    assert row_of(event) == given_row


def test_a_field_that_is_null_is_the_same_as_one_that_is_not_there():
    assert parse(row(subject=None, target=None)) == parse(row())


def test_a_kind_of_a_newer_recorder_is_let_through():
    event = parse({"id": ID, "seq": 1, "at": 0, "kind": "gaze", "where": ["left", 3]})

    assert isinstance(event, Event)
    assert not event.is_known


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        ("words", Malformed("event.not_an_object")),
        ({1: 2}, Malformed("event.not_an_object")),
        (row(id="e1"), Malformed("event.id", "id")),
        (row(id=7), Malformed("event.id", "id")),
        (row(seq=0), Malformed("event.seq", "seq")),
        (row(seq=True), Malformed("event.seq", "seq")),
        (row(seq=2**53 + 1), Malformed("event.seq", "seq")),
        (row(at=1.5), Malformed("event.at", "at")),
        (row(at=-(2**53) - 1), Malformed("event.at", "at")),
        (row(at=None), Malformed("event.at", "at")),
        (row(kind=""), Malformed("event.kind", "kind")),
        (row(kind=["point"]), Malformed("event.kind", "kind")),
        (row(code=None), Malformed("event.missing", "code")),
        (row(code=5), Malformed("event.value", "code")),
        (row(subject={"id": 1}), Malformed("event.value", "subject")),
        (row(modifiers=["a"]), Malformed("event.value", "modifiers")),
        (row(modifiers={"a": "x" * 20_001}), Malformed("event.value", "modifiers")),
        (row(modifiers={"a": {"b": {"c": {"d": {"e": {"f": {}}}}}}}), Malformed("event.value", "modifiers")),
        (row(kind="note", text="x" * 20_001), Malformed("event.value", "text")),
        (row(kind="tick", stream="s", interval=-1), Malformed("event.value", "interval")),
        (row(kind="rate", rating="r", value="three"), Malformed("event.value", "value")),
        (row(kind="rate", rating="r", value=float("nan")), Malformed("event.value", "value")),
        (row(kind="rate", rating="r", value=float("inf")), Malformed("event.value", "value")),
        (
            row(kind="scan", stream="s", sample=0, counts=[{"cell": {}, "n": -1}]),
            Malformed("event.value", "counts"),
        ),
        (row(kind="scan", stream="s", sample=0, counts={"n": 1}), Malformed("event.value", "counts")),
        (row(kind="link", link="l"), Malformed("event.missing", "from")),
        (row(mono="soon"), Malformed("event.value", "mono")),
        (row(anything=[0] * 1_001), Malformed("event.value", "anything")),
    ],
)
def test_what_is_not_an_event_is_named_with_the_field(broken, reason):
    assert parse(broken) == reason


def test_the_longest_note_and_the_largest_numbers_are_kept():
    event = parse(row(kind="note", text="ü" * 20_000, seq=2**53, at=-(2**53)))

    assert isinstance(event, Event)
    assert event.fields["text"] == "ü" * 20_000


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(
    st.dictionaries(st.sampled_from(sorted(row(subject=1, ref=1, set=1, counts=1, text=1))), ANYTHING) | ANYTHING
)
def test_nothing_whatever_makes_parsing_fail(anything):
    assert isinstance(parse(anything), Event | Malformed)


@given(st.dictionaries(st.sampled_from(["code", "subject", "modifiers", "value", "zone", "tapped"]), ANYTHING))
def test_what_parses_comes_back_the_same(fields):
    event = parse(row(**fields))

    if isinstance(event, Event):
        assert event_of(row_of(event)) == event
