"""Nothing about subjects without consent, nor what was said about them, nor anything tied to it."""

from __future__ import annotations

import json

from observe.core.coding.record import Bout, Finding, Linked, Note, Point, Timeline
from observe.core.consent import Silence, shown, shown_header, tied

P2 = "00000000-0000-7000-8000-0000000000b2"
SILENCE = Silence(frozenset({P2}), frozenset({"P2"}))


def rows(*events: dict[str, object]) -> list[str]:
    return [json.dumps(event) for event in events]


def test_what_refers_to_an_event_about_them_is_tied_to_it_however_far_off():
    log = rows(
        {"id": "a", "kind": "point", "subject": P2},
        {"id": "b", "kind": "note", "text": "again", "ref": "a"},
        {"id": "c", "kind": "amend", "ref": "b", "set": {"text": "louder"}},
        {"id": "d", "kind": "link", "from": "e", "to": "a"},
        {"id": "e", "kind": "point", "subject": "other"},
    )

    assert tied(log, SILENCE) == {"a", "b", "c", "d"}


def test_an_event_that_a_correction_puts_down_to_them_is_about_them():
    log = rows(
        {"id": "a", "kind": "start", "subject": "other"},
        {"id": "b", "kind": "amend", "ref": "a", "set": {"subject": P2}},
        {"id": "c", "kind": "stop", "ref": "a"},
    )

    assert tied(log, SILENCE) == {"a", "b", "c"}


def test_a_note_that_names_them_is_tied_and_one_that_names_another_is_not():
    log = rows(
        {"id": "a", "kind": "note", "text": "then P2 left"},
        {"id": "b", "kind": "note", "text": "then P21 left, with XP2"},
        {"id": "c", "kind": "point", "modifiers": {"with": [P2]}},
    )

    assert tied(log, SILENCE) == {"a", "c"}


def test_the_record_keeps_what_is_about_others():
    whole = Timeline(
        0, 10, True,
        points=(Point("a", 1, "s", "c", P2), Point("e", 1, "s", "c", "other"), Point("f", 2, "s", "c", "other", P2)),
        bouts=(Bout("g", 0, 5, "s", "c", "other", modifiers=(("with", P2),)), Bout("h", 0, 5, "s", "c", None)),
        links=(Linked("d", "l", "e", "a", 0, True), Linked("i", "l", "e", None, None, False)),
        notes=(Note("b", 2, "again", "a"), Note("j", 3, "P2 shouts"), Note("k", 4, "all quiet", "e")),
        findings=(Finding("x", 1, ("a",)), Finding("y", 1, (), P2), Finding("z", 1, ("e",))),
        subjects=("other", P2),
    )  # fmt: skip

    found = shown(whole, SILENCE, frozenset({"a", "b", "d"}))

    assert [one.event for one in found.points] == ["e"]
    assert [one.event for one in found.bouts] == ["h"]
    assert [one.event for one in found.links] == ["i"]
    assert [one.event for one in found.notes] == ["k"]
    assert [one.code for one in found.findings] == ["z"]
    assert found.subjects == ("other",)


def test_a_header_loses_them_and_nothing_else():
    header = json.dumps({"subjects": ["other", P2], "variables": {"who": P2, "room": "4"}})

    assert json.loads(shown_header(header, SILENCE)) == {
        "subjects": ["other"],
        "variables": {"who": None, "room": "4"},
    }
    assert shown_header(header, Silence()) is header
