"""What changed between two versions of a framework, and how their sessions are analysed together."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from frameworks import library, versions
from frameworks.model import Actor, Code, Framework, Modifier, Rating, Stream
from frameworks.schema import framework_of
from frameworks.versions import Effect, canonical_json, changes, content_hash, old_sessions_mean_the_same
from tests.factories.framework_documents import good_document, valid_frameworks


def good() -> Framework:
    return framework_of(good_document())


def with_stream(place: int, **fields_changed: Any) -> Framework:
    framework = good()
    streams = list(framework.streams)
    streams[place] = replace(streams[place], **fields_changed)
    return replace(framework, streams=tuple(streams))


def with_code(stream: int, place: int, **fields_changed: Any) -> Framework:
    codes = list(good().streams[stream].codes)
    codes[place] = replace(codes[place], **fields_changed)
    return with_stream(stream, codes=tuple(codes))


def said(new: Framework) -> list[tuple[str, str]]:
    return [(change.sentence, change.effect.value) for change in changes(good(), new)]


def text(words: str) -> Any:
    return framework_of({**good_document(), "title": words}).title


def test_the_hash_is_of_the_canonical_document_whatever_the_order_of_its_fields():
    backwards = dict(reversed(good_document().items()))

    assert content_hash(framework_of(backwards)) == content_hash(good())
    assert canonical_json(framework_of({"schema": "observe-framework/1", "slug": "a", "title": "É"})) == (
        '{"schema":"observe-framework/1","slug":"a","title":"É"}'
    )
    assert content_hash(framework_of({"schema": "observe-framework/1", "slug": "a", "title": "É"})) == (
        "6276c6ce4cb49d3bef748186ff16b501763936966f398d224fb31ee8b9c0e755"
    )


def test_a_changed_word_changes_the_hash():
    assert content_hash(with_code(0, 0, label=text("Hails"))) != content_hash(good())


def test_two_equal_versions_differ_in_nothing():
    assert changes(good(), good()) == ()
    assert old_sessions_mean_the_same(()) is Effect.SAME


@pytest.mark.parametrize(
    ("new", "sentence", "effect"),
    [
        (with_code(0, 0, exclude=(text("An answer"), text("A nod"))), "The code “greets” now excludes “A nod”.", "care"),
        (with_code(0, 0, exclude=()), "The code “greets” no longer excludes “An answer”.", "care"),
        (with_code(0, 0, definition=text("Speaks.")), "The code “greets”: the definition was “Speaks first.” and is “Speaks.”.", "care"),
        (with_code(0, 0, label=text("Hails")), "The code “greets”: the label was “Greets” and is “Hails”.", "same"),
        (with_code(0, 0, key="h"), "The code “greets”: the key was g and is h.", "same"),
        (with_code(0, 0, type=good().streams[1].codes[0].type), "The code “greets”: whether it is a point or a state was point and is state.", "different"),
        (with_code(0, 0, modifiers=("tone", "length")), "The code “greets”: the modifiers asked for were tone, now tone, length.", "care"),
        (with_stream(1, exclusive=False), "The stream “talk”: whether only one code runs at a time was yes and is no.", "different"),
        (with_stream(2, sampling=replace(good().streams[2].sampling, length_ms=30000)), "The stream “room”: how time is sampled: length was 60000 and is 30000.", "different"),
        (with_stream(0, codes=good().streams[0].codes[::-1]), "The codes of “acts” stand in another order.", "same"),
        (with_stream(0, agreement=None), "The stream “acts”: the agreement changed.", "same"),
        (replace(good(), formulas=()), "The formula “talk_share” (Share of talk) is gone. Figures are worked out anew from the same sessions.", "same"),
        (replace(good(), covert=True), "The framework: whether people are observed covertly was no and is yes.", "care"),
        (replace(good(), attend_to=()), "The framework no longer has in “attend to”: “What the adviser does first”.", "care"),
    ],
)  # fmt: skip
def test_each_change_is_told_in_words_with_what_it_does_to_old_sessions(new, sentence, effect):
    assert (sentence, effect) in said(new)


def test_a_code_that_is_gone_and_one_that_is_new_are_both_told():
    codes = good().streams[0].codes
    new = with_stream(0, codes=(*codes[:2], replace(codes[2], id="looks_away")))

    assert said(new)[0] == (
        "The code “looks_away” (Turns away) is new: that it is absent from older sessions does not mean it did not happen.",
        "care",
    )
    assert ("The code “turns_away” (Turns away) is gone from “acts”.", "different") in said(new)


def test_new_anchors_are_a_matter_of_care_and_new_values_are_another_scale():
    rating = good().streams[3].ratings[0]
    reworded = replace(rating, values=(replace(rating.values[0], anchor=text("Ignored")), rating.values[1]))
    rescaled = replace(rating, values=(*rating.values, replace(rating.values[1], value=5)))

    assert said(with_stream(3, ratings=(reworded, good().streams[3].ratings[1]))) == [
        ("The rating “respect”: the words for its values changed.", "care")
    ]
    assert said(with_stream(3, ratings=(rescaled, good().streams[3].ratings[1]))) == [
        ("The rating “respect”: its values were 1, 3 and are 1, 3, 5.", "different")
    ]


def test_an_option_that_is_gone_cannot_be_compared_and_a_new_one_can_with_care():
    tone = good().modifiers[0]
    fewer = replace(good(), modifiers=(replace(tone, options=tone.options[:1]), good().modifiers[1]))

    assert said(fewer) == [("The modifier “tone”: the options: “flat” is gone.", "different")]
    assert [effect.value for effect in (change.effect for change in changes(fewer, good()))] == ["care"]


def test_the_worst_change_decides():
    assert old_sessions_mean_the_same(changes(good(), with_code(0, 0, key="x"))) is Effect.SAME
    assert old_sessions_mean_the_same(changes(good(), with_stream(1, exclusive=False))) is Effect.DIFFERENT


def test_no_field_of_the_model_is_forgotten():
    for owner, table in {**versions.TABLES, Framework: versions.OF_HEAD, Actor: versions.OF_ACTOR}.items():
        apart = {"id", "slug", "codes", "ratings"}
        if owner is Framework:
            apart |= {"actors", "modifiers", "streams", "links", "variables", "formulas", "constructs"}
        assert {field.name for field in fields(owner)} - apart == set(table), owner

    assert {Code, Rating, Stream, Modifier} == set(versions.TABLES)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(valid_frameworks(), valid_frameworks())
def test_versions_differ_in_words_exactly_when_they_differ_in_hash(old, new):
    new = replace(new, slug=old.slug)

    assert bool(changes(old, new)) == (content_hash(old) != content_hash(new))
    assert changes(old, old) == ()


def test_ready_made_frameworks_have_hashes_of_their_own():
    hashes = {content_hash(framework_of(library.document(slug))) for slug in library.slugs()}

    assert len(hashes) == len(library.slugs())
