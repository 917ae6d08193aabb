"""ELAN documents: what of them becomes a framework, what becomes a log, and what is refused."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

import pytest

from frameworks import rules
from frameworks.convert import elan, elan_observations, elan_scheme
from frameworks.convert.elan import ElanDocument
from frameworks.convert.elan_scheme import Proposal
from frameworks.findings import Severity
from frameworks.model import Framework, ModifierKind
from tests.factories.elan import Eaf


def document(made: Eaf, name: str = "film") -> ElanDocument:
    found = elan.read_document(name, made.bytes())
    assert found.document is not None, found.findings
    return found.document


def proposed(*made: Eaf) -> tuple[Proposal, Framework]:
    proposal = elan_scheme.proposal_of([document(one, f"film{k}") for k, one in enumerate(made)], "Film")
    assert proposal.framework is not None, proposal.findings
    return proposal, proposal.framework


def logged(made: Eaf, annotator: str = "") -> list[elan_observations.ElanLog]:
    proposal = elan_scheme.proposal_of([document(made)], "Film")
    return elan_observations.logs_of(document(made), proposal, lambda name: f"id of {name}", annotator=annotator)[
        0
    ]


def lines(log: elan_observations.ElanLog) -> list[tuple[Any, ...]]:
    """Each event but the first and last: when, what, which code, whom."""
    return [(e["at"], e["kind"], e.get("code"), e.get("subject")) for e in log.events[1:-1]]


def codes_of(framework: Framework) -> dict[str, list[tuple[str, str]]]:
    return {one.id: [(code.id, code.type.value) for code in one.codes] for one in framework.streams}


def refused(data: bytes) -> list[str]:
    found = elan.read_document("film", data)
    assert found.document is None
    return [one.code for one in found.findings]


def test_annotations_last_and_those_of_a_millisecond_are_points():
    made = Eaf()
    made.tier("play", [(0, 500, "alone"), (500, 900, "with others")])
    made.tier("calls", [(100, 101, "shout"), (700, 701, "shout")])

    _, framework = proposed(made)

    assert codes_of(framework) == {
        "play": [("alone", "state"), ("with_others", "state")], "calls": [("shout", "point")],
    }  # fmt: skip
    assert [one.exclusive for one in framework.streams] == [True, False]
    assert lines(logged(made)[0]) == [
        (0, "start", "alone", None), (100, "point", "shout", None), (500, "stop", "alone", None),
        (500, "start", "with_others", None), (700, "point", "shout", None), (900, "stop", "with_others", None),
    ]  # fmt: skip
    assert logged(made)[0].events[-1] == {"at": 900, "kind": "end"}


def test_tiers_of_two_participants_are_one_stream_and_two_subjects():
    made = Eaf()
    made.tier("gaze@Tom", [(0, 10, "up")], kind="gaze", PARTICIPANT="Tom")
    made.tier("gaze@Pia", [(5, 20, "down")], kind="gaze", PARTICIPANT="Pia")

    _, framework = proposed(made)
    [log] = logged(made)

    assert codes_of(framework) == {"gaze": [("up", "state"), ("down", "state")]}
    assert lines(log) == [
        (0, "start", "up", "id of Tom"), (5, "start", "down", "id of Pia"), (10, "stop", "up", "id of Tom"),
        (20, "stop", "down", "id of Pia"),
    ]  # fmt: skip
    assert log.subjects == {"id of Tom": "Tom", "id of Pia": "Pia"}


def test_tiers_of_one_type_and_one_participant_stay_apart():
    made = Eaf()
    made.vocabulary("hands", [{"und": ("fist", "closed")}, {"und": ("flat", "open")}])
    made.kind("hand", CONTROLLED_VOCABULARY_REF="hands")
    made.tier("left", [(0, 10, "fist")], kind="hand")
    made.tier("right", [(0, 20, "flat")], kind="hand")

    _, framework = proposed(made)

    assert codes_of(framework) == {
        "left": [("fist", "state"), ("flat", "state")], "right": [("fist_2", "state"), ("flat_2", "state")],
    }  # fmt: skip
    assert str(framework.streams[1].codes[0].definition) == "closed"


def test_each_annotator_has_a_session_and_codes_alike():
    made = Eaf(media="file:///films/a.mp4")
    made.tier("gaze@Ann", [(0, 10, "up"), (10, 30, "down")], kind="gaze", ANNOTATOR="Ann")
    made.tier("gaze@Ben", [(0, 12, "up"), (12, 30, "down")], kind="gaze", ANNOTATOR="Ben")

    _, framework = proposed(made)
    first, second = logged(made)

    assert codes_of(framework) == {"gaze": [("up", "state"), ("down", "state")]}
    assert (first.annotator, second.annotator) == ("Ann", "Ben")
    assert (first.purpose, second.purpose) == ("reliability", "reliability")
    assert first.media == second.media == "a.mp4"
    assert [one[0] for one in lines(first)[1:]] == [0, 10, 10, 30]
    assert [one[0] for one in lines(second)[1:]] == [0, 12, 12, 30]
    assert first.events[-1]["at"] == second.events[-1]["at"] == 30


def test_a_vocabulary_gives_codes_in_its_languages_with_their_meanings():
    made = Eaf()
    made.vocabulary("gaze", [
        {"eng": ("up", "looks at the ceiling"), "nld": ("omhoog", "kijkt naar het plafond")},
        {"eng": ("down", ""), "nld": ("omlaag", "")},
    ])  # fmt: skip
    made.kind("gaze", CONTROLLED_VOCABULARY_REF="gaze")
    made.tier("gaze", [(0, 10, "omhoog"), (20, 30, "sideways")])

    proposal, framework = proposed(made)
    up, down, sideways = framework.streams[0].codes

    assert framework.languages == ("en", "nl")
    assert (dict(up.label.by_language), dict(up.definition.by_language)) == (
        {"en": "up", "nl": "omhoog"}, {"en": "looks at the ceiling", "nl": "kijkt naar het plafond"},
    )  # fmt: skip
    assert (down.id, sideways.id) == ("down", "sideways")
    assert "elan.not-in-vocabulary" in [one.code for one in proposal.findings]
    assert lines(logged(made)[0])[0] == (0, "start", "up", None)


def test_entries_without_languages_are_read_too():
    made = Eaf()
    made.vocabularies.append(
        '<CONTROLLED_VOCABULARY CV_ID="old"><CV_ENTRY DESCRIPTION="a smile">smiles</CV_ENTRY></CONTROLLED_VOCABULARY>'
    )
    made.kind("face", CONTROLLED_VOCABULARY_REF="old")
    made.tier("face", [(0, 10, "smiles")])

    _, framework = proposed(made)

    assert [(one.id, str(one.definition)) for one in framework.streams[0].codes] == [("smiles", "a smile")]


def values(made: Eaf) -> list[Any]:
    return [dict(e.get("modifiers", {})) for e in logged(made)[0].events if e["kind"] == "start"]


def test_an_association_is_a_modifier_of_what_it_is_about():
    made = Eaf()
    a, b, _ = made.tier("play", [(0, 10, "runs"), (20, 30, "sits"), (40, 50, "runs")])
    made.vocabulary("ways", [{"und": ("fast", "")}, {"und": ("slow", "")}])
    made.kind("way", CONSTRAINTS="Symbolic_Association", CONTROLLED_VOCABULARY_REF="ways")
    made.beneath("way", "play", [(a, "fast"), (b, "slow")])

    _, framework = proposed(made)

    assert [(one.id, one.kind, [o.id for o in one.options]) for one in framework.modifiers] == [
        ("way", ModifierKind.ONE_OF, ["fast", "slow"])
    ]
    assert [code.modifiers for code in framework.streams[0].codes] == [("way",), ("way",)]
    assert values(made) == [{"way": "fast"}, {"way": "slow"}, {}]


def test_numbers_and_running_words_beneath_are_modifiers_of_their_kind():
    made = Eaf()
    ids = made.tier("play", [(k * 10, k * 10 + 5, "runs") for k in range(3)])
    made.beneath("speed", "play", [(one, f"{k},5") for k, one in enumerate(ids)])
    made.beneath("said", "play", [(one, f"word {k} " * 20) for k, one in enumerate(ids)])

    _, framework = proposed(made)

    assert {one.id: one.kind for one in framework.modifiers} == {
        "speed": ModifierKind.NUMBER, "said": ModifierKind.TEXT,
    }  # fmt: skip
    assert [one["speed"] for one in values(made)] == [0.5, 1.5, 2.5]


def test_a_subdivision_is_several_of_in_the_order_that_it_says():
    made = Eaf()
    (a,) = made.tier("sign", [(0, 10, "house")])
    made.kind("parts", CONSTRAINTS="Symbolic_Subdivision")
    made.beneath("parts", "sign", [(a, "roof"), (a, "wall"), (a, "door")])
    swapped = made.text().replace(' ANNOTATION_ID="a3" ANNOTATION_REF="a1" PREVIOUS_ANNOTATION="a2"', ' ANNOTATION_ID="a3" ANNOTATION_REF="a1" PREVIOUS_ANNOTATION="a4"').replace(
        ' ANNOTATION_ID="a4" ANNOTATION_REF="a1" PREVIOUS_ANNOTATION="a3"', ' ANNOTATION_ID="a4" ANNOTATION_REF="a1" PREVIOUS_ANNOTATION="a2"')  # fmt: skip
    again = elan.read_document("film", swapped.encode()).document
    assert again is not None

    assert values(made) == [{"parts": ["roof", "wall", "door"]}]
    assert [one.value for one in again.tiers[1].remarks] == ["roof", "door", "wall"]


def test_the_same_word_twice_beneath_one_annotation_is_kept_as_text():
    made = Eaf()
    (a,) = made.tier("sign", [(0, 10, "house")])
    made.kind("parts", CONSTRAINTS="Symbolic_Subdivision")
    made.beneath("parts", "sign", [(a, "knock"), (a, "knock")])

    assert values(made) == [{"parts": "knock / knock"}]


def test_a_remark_on_a_remark_is_about_the_annotation_in_time():
    made = Eaf()
    (a,) = made.tier("sign", [(0, 10, "house")])
    (b,) = made.beneath("gloss", "sign", [(a, "building")])
    made.beneath("sure", "gloss", [(b, "yes")])

    assert values(made) == [{"gloss": "building", "sure": "yes"}]


def test_what_nobody_aligned_divides_the_time_around_it_evenly():
    made = Eaf()
    made.tier("words", [(0, None, "a"), (None, None, "b"), (None, 900, "c")])

    found = elan.read_document("film", made.bytes())

    assert found.document is not None
    assert [(m.start, m.end) for m in found.document.tiers[0].marks] == [(0, 300), (300, 600), (600, 900)]
    assert [one.code for one in found.findings] == ["elan.interpolated"]


def test_a_document_in_which_nothing_is_aligned_is_refused():
    made = Eaf()
    made.tier("words", [(0, None, "a")])

    assert refused(made.bytes().replace(b' TIME_VALUE="0"', b"")) == ["elan.interpolated", "elan.unplaced"]


def test_the_offset_of_the_recording_is_kept_beside_times_that_stay():
    made = Eaf(media="file:///films/a.mp4", origin=5000)
    made.tier("play", [(100, 200, "runs")])

    [log] = logged(made)

    assert (log.origin_ms, log.started) == (5000, 1_714_972_089_000)
    assert [e["at"] for e in log.events if e["kind"] == "start"] == [100]


@pytest.mark.parametrize(("units", "ms"), [("PAL-frames", 4000), ("NTSC-frames", 3337), ("milliseconds", 100)])
def test_frames_are_turned_into_time(units, ms):
    made = Eaf()
    made.units = units
    made.tier("play", [(0, 100, "runs")])

    assert document(made).end_ms == ms


def test_different_codes_may_overlap_on_a_tier_and_then_none_ends_another():
    made = Eaf()
    made.tier("play", [(0, 100, "runs"), (50, 150, "shouts")])

    _, framework = proposed(made)

    assert not framework.streams[0].exclusive
    assert [one[:3] for one in lines(logged(made)[0])] == [
        (0, "start", "runs"), (50, "start", "shouts"), (100, "stop", "runs"), (150, "stop", "shouts"),
    ]  # fmt: skip


def test_a_code_that_overlaps_itself_is_one_stretch_and_a_note_says_so():
    made = Eaf()
    made.tier("play", [(0, 100, "runs"), (50, 150, "runs"), (200, 300, "runs")])

    proposal, _ = proposed(made)
    [log], findings = elan_observations.logs_of(document(made, "film0"), proposal, lambda name: name, annotator="")

    assert [(e["at"], e["kind"]) for e in log.events[1:-1]] == [
        (0, "start"), (50, "note"), (150, "stop"), (200, "start"), (300, "stop"),
    ]  # fmt: skip
    assert [one.code for one in findings] == ["elan.date-of-saving", "elan.overlap"]


def test_empty_annotations_have_a_code_of_their_own():
    made = Eaf()
    made.tier("seen", [(0, 100, ""), (100, 200, "")])
    made.tier("play", [(0, 50, "runs"), (60, 100, "")])

    proposal, framework = proposed(made)

    assert codes_of(framework) == {
        "seen": [("seen", "state")], "play": [("runs", "state"), ("play_no_word", "state")],
    }  # fmt: skip
    assert [one.code for one in proposal.findings].count("elan.empty-annotations") == 2


def test_a_transcript_is_one_code_with_its_words_as_notes():
    made = Eaf()
    said = [f"sentence number {k}" for k in range(12)]
    made.tier("speech", [(k * 100, k * 100 + 50, words) for k, words in enumerate(said)])

    _, framework = proposed(made)
    [log] = logged(made)
    notes = [e for e in log.events if e["kind"] == "note"]

    assert codes_of(framework) == {"speech": [("speech", "state")]}
    assert [e["text"] for e in notes] == said
    assert {log.events[e["ref"] - 1]["kind"] for e in notes} == {"start"}


def test_what_two_documents_code_is_one_framework():
    one, two = Eaf(), Eaf()
    one.tier("play", [(0, 10, "runs")])
    two.tier("play", [(0, 10, "sits")])
    two.tier("calls", [(0, 1, "shout")])

    _, framework = proposed(one, two)

    assert codes_of(framework) == {"play": [("runs", "state"), ("sits", "state")], "calls": [("shout", "point")]}


def test_a_proposal_may_be_published():
    made = Eaf()
    a, *_ = made.tier("gaze@Tom", [(0, 10, "up"), (10, 30, "")], kind="gaze", PARTICIPANT="Tom")
    made.beneath("sure", "gaze@Tom", [(a, "yes")])
    made.tier("calls", [(0, 1, "shout")])

    _, framework = proposed(made)

    assert [one.sentence for one in rules.check(framework) if one.severity is Severity.ERROR] == []


BOMB = b"""<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "bbbbbbbbbb"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>
<ANNOTATION_DOCUMENT>&c;</ANNOTATION_DOCUMENT>"""
OUTSIDE = (
    b"""<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><ANNOTATION_DOCUMENT>&x;</ANNOTATION_DOCUMENT>"""
)
REMOTE = b"""<!DOCTYPE a SYSTEM "http://example.invalid/a.dtd"><ANNOTATION_DOCUMENT/>"""


def good() -> Eaf:
    made = Eaf(media="file:///a.mp4", origin=40)
    made.vocabulary("v", [{"eng": ("runs", "fast"), "nld": ("rent", "")}])
    made.kind("play", CONTROLLED_VOCABULARY_REF="v")
    a, _ = made.tier(
        "play@Tom", [(0, 100, "runs"), (100, None, "rent")], kind="play", PARTICIPANT="Tom", ANNOTATOR="Ann"
    )
    made.tier("talk", [(3, 4, "word"), (500, 900, "")])
    made.beneath("way", "play@Tom", [(a, "2")])
    return made


@pytest.mark.parametrize(
    ("data", "codes"),
    [
        (BOMB, ["elan.entities"]),
        (OUTSIDE, ["elan.entities"]),
        (REMOTE, ["elan.entities"]),
        (b"<ANNOTATION_DOCUMENT>&unknown;</ANNOTATION_DOCUMENT>", ["elan.not-xml"]),
        (b"", ["elan.not-xml"]),
        (b"\x00\x01\x02", ["elan.not-xml"]),
        (b"<html><body/></html>", ["elan.not-a-document"]),
        (good().bytes()[:-40], ["elan.not-xml"]),
        (good().bytes().replace(b'"3.0"', b'"4.0"'), ["elan.version"]),
        (good().bytes().replace(b'"milliseconds"', b'"fortnights"'), ["elan.units"]),
        (good().bytes().replace(b'TIME_SLOT_REF2="ts2"', b'TIME_SLOT_REF2="ts99"'), ["elan.broken-reference"]),
        (good().bytes().replace(b'ANNOTATION_REF="a1"', b'ANNOTATION_REF="a99"'), ["elan.broken-reference"]),
        (good().bytes().replace(b'PARENT_REF="play@Tom"', b'PARENT_REF="gone"'), ["elan.broken-reference"]),
        (good().bytes().replace(b'PARENT_REF="play@Tom"', b'PARENT_REF="way"'), ["elan.broken-reference"]),
        (good().bytes().replace(b'ANNOTATION_ID="a2"', b'ANNOTATION_ID="a1"'), ["elan.id-twice"]),
        (good().bytes().replace(b'TIME_VALUE="100"', b'TIME_VALUE="-1"', 1), ["elan.bad-time"]),
        (good().bytes().replace(b'TIME_VALUE="100"', b'TIME_VALUE="soon"', 1), ["elan.bad-time"]),
        (good().bytes().replace(b'TIME_VALUE="900"', b'TIME_VALUE="400"'), ["elan.reversed"]),
        (b"<ANNOTATION_DOCUMENT>" + b"<a>" * 100 + b"</a>" * 100 + b"</ANNOTATION_DOCUMENT>", ["elan.too-many-parts"]),
    ],
)  # fmt: skip
def test_a_broken_or_hostile_file_is_explained_and_gives_nothing(data, codes):
    assert [one for one in refused(data) if one != "elan.interpolated"] == codes


def test_too_much_is_refused_before_it_is_read(monkeypatch):
    monkeypatch.setattr(elan, "MAX_BYTES", 100)
    assert refused(good().bytes()) == ["elan.too-big"]
    monkeypatch.undo()
    monkeypatch.setattr(elan, "MAX_PARTS", 5)
    assert refused(good().bytes()) == ["elan.too-many-parts"]


def mutated(data: bytes, chance: random.Random) -> bytes:
    """A file with some bytes changed, cut out, doubled, or parts of it exchanged."""
    made = bytearray(data)
    for _ in range(chance.randint(1, 3)):
        at, what = chance.randrange(len(made)), chance.randrange(5)
        if what == 0:
            made[at] = chance.randrange(256)
        elif what == 1:
            del made[at : at + chance.randint(1, 60)]
        elif what == 2:
            made[at:at] = made[at : at + chance.randint(1, 60)]
        elif what == 3:
            made[at:at] = chance.choice(
                [b"\x00", b"<", b'"', b"&#0;", b"-", b"999999999999999999999", b"\xff", b"ts1", b"a1"]
            )
        else:
            words: Sequence[bytes] = (b"ts1", b"ts2", b"a1", b"a2", b"play", b"way", b"runs", b"100", b"Tom")
            made = bytearray(bytes(made).replace(chance.choice(words), chance.choice(words)))
    return bytes(made)


def test_no_damage_brings_anything_but_a_document_or_findings():
    chance = random.Random(20240506)
    whole = 0
    for _ in range(1_500):
        found = elan.read_document("film", mutated(good().bytes(), chance))
        assert (found.document is None) == any(one.severity is Severity.ERROR for one in found.findings)
        if found.document is not None:
            proposal = elan_scheme.proposal_of([found.document], "Film")
            if proposal.framework is not None:
                whole += 1
                logs, _ = elan_observations.logs_of(found.document, proposal, lambda name: name)
                for log in logs:
                    assert [e["kind"] for e in log.events].count("start") == [e["kind"] for e in log.events].count(
                        "stop"
                    )
                    assert [e["at"] for e in log.events] == sorted(e["at"] for e in log.events)
    assert whole > 100
