"""An excerpt holds what a source coded, and nothing that would mean something else without the rest."""

from __future__ import annotations

import random
from typing import Any

import pytest

from frameworks import library, rules
from frameworks.excerpt import Excerpt, Held, excerpt
from frameworks.findings import errors_of
from frameworks.model import Framework
from frameworks.schema import dump, framework_of

BECAUSE = "The table has no other codes."


def cut(framework: Framework, *codes: str, **held: Any) -> Excerpt:
    return excerpt(framework, Held(codes=codes, **held), slug="cut", title="Cut", because=BECAUSE)


def code(id_: str, kind: str = "state", **more: Any) -> dict[str, Any]:
    return {"id": id_, "label": id_.title(), "type": kind, "definition": f"{id_} is seen.", **more}


def term(measure: str, **more: Any) -> dict[str, Any]:
    return {"measure": measure, **more}


@pytest.fixture
def whole() -> Framework:
    """Two streams, a judgement and a count; everything in it that can name a code does."""
    talk = {
        "id": "talk", "label": "Talk", "actors": ["teacher"], "exclusive": True, "exhaustive": "always", "fallback": "other",
        "priority": ["asks", "tells", "other"],
        "codes": [code("asks", modifiers=["how"], group="Words"), code("tells", group="Words"), code("other")],
        "agreement": {"unit": "second", "weights": [[0, 1, 2], [1, 0, 3], [2, 3, 0]]},
    }  # fmt: skip
    class_ = {
        "id": "class", "label": "Class", "actors": ["pupils"], "sampling": {"kind": "continuous"},
        "codes": [code("answers", "point", modifiers=["loud"]), code("laughs", "point")],
    }  # fmt: skip
    end = {
        "id": "end", "label": "At the end", "actors": ["teacher"], "sampling": {"kind": "rating", "rated_at": "end"},
        "ratings": [
            {"id": "all", "label": "All in all", "values": [{"value": 1, "label": "low"}, {"value": 2, "label": "high"}]},
            {"id": "pace", "label": "Pace", "part_of": "all", "values": [{"value": 1, "label": "low"}, {"value": 2, "label": "high"}]},
        ],
    }  # fmt: skip
    room = {
        "id": "room", "label": "Room", "actors": ["pupils"], "sampling": {"kind": "area-count", "length_ms": 60_000},
        "crossed": [{"id": "posture", "label": "Posture", "options": [{"id": "sits", "label": "Sits"}, {"id": "stands", "label": "Stands"}]}],
    }  # fmt: skip
    watched = term("observed-time", stream="talk")
    formulas = {
        "asking": (term("duration", codes=["asks"], stream="talk"), watched),
        "telling": (term("duration", codes=["tells"], stream="talk"), watched),
        "either": (term("duration", codes=["asks", "tells"], stream="talk"), watched),
        "without-other": (term("duration", codes=["asks"], stream="talk"), term("observed-time", stream="talk", except_codes=["other"])),
        "of-all-talk": (term("duration", codes=["asks"], stream="talk"), term("duration", stream="talk")),
        "class": (term("count", stream="class"), None),
        "pace": (term("rating", ratings=["pace"]), None),
        "wait": (term("wait", links=["answered"]), None),
        "people": (term("persons", stream="room"), term("scans", stream="room")),
    }  # fmt: skip
    document = {
        "schema": "observe-framework/1", "slug": "lessons", "title": {"en": "Lessons", "cy": "Gwersi"},
        "languages": ["en", "cy"], "limits": {"en": "One room.", "cy": "Un ystafell."},
        "actors": [
            {"id": "teacher", "label": "Teacher", "kind": "role", "seen_as": "as-one"},
            {"id": "pupils", "label": "Pupils", "kind": "group", "seen_as": "counted"},
        ],
        "modifiers": [
            {"id": "how", "label": "How", "options": [{"id": "open", "label": "Open"}, {"id": "closed", "label": "Closed"}]},
            {"id": "loud", "label": "Loud", "options": [{"id": "yes", "label": "Yes"}, {"id": "no", "label": "No"}]},
        ],
        "streams": [talk, class_, end, room],
        "links": [{"id": "answered", "label": "Answered", "from_codes": ["asks"], "to_codes": ["answers"], "within_ms": 5000}],
        "formulas": [
            {"id": id_, "label": id_, "numerator": top, **({"denominator": below} if below else {"per": "ratio"})}
            for id_, (top, below) in formulas.items()
        ],
        "constructs": [
            {
                "id": "curious", "label": "Curious", "minimum_evidence": {"codes": 2},
                "indicators": [
                    {"polarity": 1, "code": "asks", "modifiers": {"how": "open"}}, {"polarity": -1, "code": "tells"},
                    {"polarity": 1, "code": "answers"},
                ],
            },
            {"id": "at-ease", "label": "At ease", "minimum_evidence": {"codes": 1}, "indicators": [{"polarity": 1, "code": "laughs"}, {"polarity": -1, "code": "tells"}]},
        ],
    }  # fmt: skip
    made = framework_of(document)
    assert not errors_of(rules.check(made))
    return made


def test_only_what_is_held_is_left_under_a_name_of_its_own(whole):
    left = cut(whole, "asks", "tells").framework

    assert [one.id for _, one in left.codes()] == ["asks", "tells"]
    assert [stream.id for stream in left.streams] == ["talk"]
    assert [actor.id for actor in left.actors] == ["teacher"]
    assert [modifier.id for modifier in left.modifiers] == ["how"]
    assert (left.slug, str(left.title)) == ("cut", "Cut")


def test_the_limits_say_in_every_language_what_was_cut_and_what_went_with_it(whole):
    made = cut(whole, "asks", "tells")

    assert made.left_out[0] == "The stream “Class” is left out."
    for tag, words in (("en", "One room."), ("cy", "Un ystafell.")):
        assert made.framework.limits.in_language(tag) == " ".join((words, BECAUSE, *made.left_out))


def test_a_stream_that_always_had_a_code_is_open_once_a_gap_may_hold_another(whole):
    [talk] = cut(whole, "asks", "tells").framework.streams

    assert (talk.exhaustive.value, talk.fallback, talk.exclusive, talk.priority) == (
        "open",
        "",
        True,
        ("asks", "tells"),
    )


def test_a_matrix_of_weights_keeps_the_rows_and_columns_of_what_is_left(whole):
    [talk] = cut(whole, "asks", "other").framework.streams

    assert talk.agreement is not None
    assert talk.agreement.weights == ((0, 2), (2, 0))


def test_a_stream_that_is_held_whole_stays_as_it_was(whole):
    left = cut(whole, "asks", "tells", "other").framework

    assert left.streams == whole.streams[:1]


@pytest.mark.parametrize(
    ("codes", "more", "kept"),
    [
        (["asks", "tells", "other"], {}, ["asking", "telling", "either", "without-other", "of-all-talk"]),
        (["asks", "tells"], {}, ["asking", "telling", "either"]),
        (["asks"], {}, ["asking"]),
        (["asks", "answers"], {}, ["asking", "wait"]),
        (["answers"], {}, []),
        (["answers", "laughs"], {}, ["class"]),
        ([], {"ratings": ["pace"]}, ["pace"]),
        ([], {"counts": ["room"]}, ["people"]),
    ],
)
def test_a_figure_stays_only_where_it_is_the_same_figure(whole, codes, more, kept):
    assert [formula.id for formula in cut(whole, *codes, **more).framework.formulas] == kept


def test_a_link_goes_with_any_of_its_ends(whole):
    assert [link.id for link in cut(whole, "asks", "answers").framework.links] == ["answered"]
    assert cut(whole, "asks").framework.links == ()


def test_evidence_goes_with_its_code_and_a_construct_that_can_no_longer_be_answered_goes_too(whole):
    made = cut(whole, "asks", "tells")
    alone = cut(whole, "asks", "answers")

    [curious] = made.framework.constructs
    assert [one.code for one in curious.indicators] == ["asks", "tells"]
    assert "Of “Curious”, 1 of 3 lines of evidence are left out." in made.left_out
    assert "The construct “At ease” is left out: all that is left would point one way." in made.left_out
    assert "The construct “Curious” is left out: all that is left would point one way." in alone.left_out
    assert "The construct “At ease” is left out: nothing that bears on it is left." in alone.left_out
    assert (
        "The construct “Curious” is left out: fewer codes bear on it than it asks evidence from."
        in cut(whole, "asks").left_out
    )


def test_a_judgement_whose_whole_is_gone_stands_by_itself(whole):
    [end] = cut(whole, ratings=["pace"]).framework.streams

    assert [(one.id, one.part_of) for one in end.ratings] == [("pace", "")]


@pytest.mark.parametrize("held", [{"codes": ["sings"]}, {"ratings": ["asks"]}, {"counts": ["talk"]}])
def test_what_the_framework_does_not_know_is_refused(whole, held):
    with pytest.raises(KeyError):
        excerpt(whole, Held(**held), slug="cut", title="Cut", because=BECAUSE)


@pytest.mark.parametrize("slug", library.slugs())
def test_whatever_is_cut_from_a_ready_made_framework_can_be_published(slug):
    framework, chance = framework_of(library.document(slug)), random.Random(slug)
    codes = [one.id for _, one in framework.codes()]
    ratings = [one.id for _, one in framework.ratings()]
    counts = [stream.id for stream in framework.streams if stream.crossed]
    for _ in range(25):
        share = chance.random()
        held = Held(*([one for one in ids if chance.random() < share] for ids in (codes, ratings, counts)))
        if held.codes or held.ratings or held.counts:
            left = excerpt(framework, held, slug="cut", title="Cut", because=BECAUSE).framework
            assert errors_of(rules.check(left)) == ()
            assert {one.id for _, one in left.codes()} == set(held.codes)
            assert framework_of(dump(left)) == left
