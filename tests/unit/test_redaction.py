"""What goes from an event when its words are taken away, what stays, and where a name is found."""

from __future__ import annotations

import json

from observe.core.redaction import (
    TAKEN,
    Names,
    attachments_of,
    header_without,
    names_in,
    rivals_without_words,
    without_words,
)

PLACE = {"id": "e", "seq": 4, "at": 90, "mono": 90.5, "wall": 1, "offset": 0, "zone": "Europe/London", "boot": "b"}


def after(event: dict[str, object], *typed: str) -> dict[str, object] | None:
    body = without_words(json.dumps({**PLACE, **event}), typed)
    return None if body is None else {name: value for name, value in json.loads(body).items() if name not in PLACE}


def test_a_note_keeps_its_place_and_what_it_refers_to():
    photo = {"id": "p", "type": "image/png", "size": 1, "digest": "d"}
    note = {"kind": "note", "text": "Mary cried", "ref": "f", "outside": True, "attachments": [photo]}

    assert after(note) == {"kind": "note", "text": TAKEN, "ref": "f", "outside": True, "redacted": True}
    assert json.loads(without_words(json.dumps({**PLACE, **note})) or "")["seq"] == 4
    assert attachments_of(json.dumps(note)) == ["p"]


def test_what_was_coded_stays_and_only_what_was_typed_goes():
    point = {
        "kind": "point",
        "code": "hits",
        "subject": "s",
        "target": "t",
        "modifiers": {"force": "hard", "said": "go away"},
    }

    assert after(point, "said") == {**point, "modifiers": {"force": "hard"}, "redacted": True}
    assert after(point) is None
    assert after({"kind": "scan", "stream": "a", "sample": 1, "counts": [{"cell": {"sex": "f"}, "n": 2}]}) is None


def test_a_pseudonym_made_in_the_field_goes_with_its_attributes():
    arrive = {
        "kind": "arrive",
        "subject": "s",
        "actor": "child",
        "pseudonym": "Blue coat",
        "attributes": {"age": "7"},
    }

    assert after(arrive) == {"kind": "arrive", "subject": "s", "actor": "child", "redacted": True}


def test_a_correction_keeps_the_code_and_loses_the_reason():
    amend = {"kind": "amend", "ref": "e", "set": {"code": "LT", "text": "Mary again"}, "reason": "it was Mary"}

    assert after(amend) == {"kind": "amend", "ref": "e", "set": {"code": "LT", "text": TAKEN}, "redacted": True}
    assert after({"kind": "clock", "reason": "jump"}) is None


def test_a_field_that_only_a_newer_tablet_knows_goes_and_what_is_no_object_goes_whole():
    assert after({"kind": "point", "code": "LT", "voice_text": "Mary"}) == {
        "kind": "point",
        "code": "LT",
        "redacted": True,
    }
    assert without_words('{"kind": "note", "te') == '{"redacted": true}'


def test_words_go_once():
    once = without_words(json.dumps({**PLACE, "kind": "note", "text": "Mary"}))

    assert once is not None and without_words(once) is None


def test_a_name_is_found_as_a_word_in_any_case_and_not_within_another():
    names = Names(("Ann", "Zoë"))

    assert names.told_by(json.dumps({"kind": "note", "text": "then ANN left"})) == "then ANN left"
    assert names.told_by(json.dumps({"kind": "note", "text": "zoë's coat"}, ensure_ascii=True)) == "zoë's coat"
    assert names.told_by(json.dumps({"kind": "amend", "set": {"text": "Ann"}, "reason": "x"})) == "Ann"
    assert names.told_by(json.dumps({"kind": "note", "text": "annual Hannah"})) is None
    assert names.told_by(json.dumps({"kind": "point", "code": "Ann"})) is None


def test_names_are_lines_of_two_letters_at_least():
    assert names_in("Ann\n\n  Zoë \nA\nAnn") == ("Ann", "Zoë")


def test_of_a_header_only_the_variable_that_names_somebody_goes():
    header = '{"id":"s","variables":{"teacher":"Ann Wexcombe","course":"Biology"}}'

    assert (
        header_without(header, Names(("Ann",)))
        == f'{{"id":"s","variables":{{"teacher":"{TAKEN}","course":"Biology"}}}}'
    )
    assert header_without(header, Names(("Mary",))) is None


def test_how_rivals_were_weighed_stays_and_the_reasons_go():
    weighed = json.dumps([{"rival": "tired", "weighing": "fits", "because": "Mary slept"}])

    assert json.loads(rivals_without_words(weighed)) == [{"rival": "tired", "weighing": "fits", "because": TAKEN}]
