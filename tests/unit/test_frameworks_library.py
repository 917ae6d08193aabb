"""The ready-made frameworks: complete, even-handed, and in our own words with their source."""

from __future__ import annotations

from importlib.resources import files

import pytest

from frameworks import library
from frameworks.convert.documents import to_yaml
from frameworks.findings import Severity
from frameworks.model import Framework, RatingScale, RightsStatus, SamplingKind
from frameworks.rules import check
from frameworks.schema import framework_of

SLUGS = library.slugs()


def shipped(slug: str) -> Framework:
    return framework_of(library.document(slug))


def test_sixteen_frameworks_are_ready_made():
    assert len(SLUGS) == 16
    assert {"copus", "fill-plus", "flourishing-place", "neighbourhood-learning", "approach-to-change"} < set(SLUGS)


@pytest.mark.parametrize("slug", SLUGS)
def test_each_has_neither_errors_nor_warnings(slug):
    assert [finding for finding in check(shipped(slug)) if finding.severity is not Severity.HINT] == []


@pytest.mark.parametrize("slug", SLUGS)
def test_each_is_stored_under_its_slug_in_canonical_form(slug):
    text = (files("frameworks.library") / slug / "framework.yaml").read_text(encoding="utf-8")

    assert shipped(slug).slug == slug
    assert text == to_yaml(shipped(slug))


@pytest.mark.parametrize("slug", SLUGS)
def test_each_says_where_it_comes_from_what_it_is_for_and_whose_words_it_has(slug):
    readme, framework = library.readme(slug), shipped(slug)

    assert readme.startswith("# ")
    for heading in ("**Source.**", "**Use.**", "**Limits.**", "**Rights.**"):
        assert heading in readme, heading
    assert framework.purpose and framework.limits and framework.intended_use and framework.source.citation


@pytest.mark.parametrize("slug", SLUGS)
def test_no_content_that_only_its_owner_may_supply_is_shipped(slug):
    rights = shipped(slug).rights

    assert rights.status is not RightsStatus.USER_SUPPLIED_ONLY
    assert rights.status is not RightsStatus.OPEN_LICENCE or (rights.licence and rights.attribution)


@pytest.mark.parametrize("slug", SLUGS)
def test_every_code_is_defined_and_says_what_does_not_count(slug):
    for _, code in shipped(slug).codes():
        assert code.definition and code.exclude and code.examples and code.non_examples, code.id


@pytest.mark.parametrize("slug", SLUGS)
def test_every_rating_says_what_is_judged_and_what_its_values_look_like(slug):
    for _, rating in shipped(slug).ratings():
        assert len(str(rating.definition)) > len(str(rating.label)), rating.id
        if rating.scale is RatingScale.ORDINAL:
            assert sum(bool(value.anchor) for value in rating.values) >= 2, rating.id


def test_a_visitor_is_told_what_to_look_for_and_what_to_leave_out_of_each_judgement():
    judged = [rating for _, rating in shipped("neighbourhood-learning").ratings() if not rating.is_statistic]

    assert len(judged) == 45
    for rating in judged:
        assert "Look for " in str(rating.definition) and "Leave out " in str(rating.definition), rating.id


LENSES = ("approach-to-change", "five-lines-of-influence", "flourishing-place")


@pytest.mark.parametrize("slug", LENSES)
def test_every_code_of_a_lens_says_what_counts_what_to_take_instead_and_gives_an_example(slug):
    ids = {code.id for _, code in shipped(slug).codes()}
    for _, code in shipped(slug).codes():
        assert code.include and code.exclude and code.examples, code.id
        named = [word.strip(".,;:") for text in code.exclude for word in str(text).split()]
        assert code.id not in named, code.id
        assert {word for word in named if word[:1] in "FKLPT" and word[1:2].isdigit()} <= ids, code.id


@pytest.mark.parametrize("slug", ["approach-to-change", "flourishing-place"])
def test_a_lens_gives_an_example_for_and_one_against_each_of_its_codes(slug):
    marks = {"approach-to-change": ("In use:", "Against it:"), "flourishing-place": ("Supports:", "Contradicts:")}[
        slug
    ]

    for _, code in shipped(slug).codes():
        assert tuple(str(example).split(" ", 1)[0] for example in code.examples) == tuple(
            mark.split(" ", 1)[0] for mark in marks
        ), code.id


@pytest.mark.parametrize("slug", LENSES)
def test_each_indicator_of_a_lens_has_a_reason_of_its_own(slug):
    reasons = [str(one.rationale) for construct in shipped(slug).constructs for one in construct.indicators]

    assert len(set(reasons)) == len(reasons)


@pytest.mark.parametrize("slug", SLUGS)
def test_every_construct_could_be_contradicted_and_has_rivals(slug):
    constructs = shipped(slug).constructs

    assert constructs
    for construct in constructs:
        both_ways = {indicator.polarity for indicator in construct.indicators} == {1, -1}
        assert both_ways or any(indicator.rating for indicator in construct.indicators), construct.id
        assert len(construct.rivals) >= 2, construct.id
        assert all(indicator.rationale for indicator in construct.indicators), construct.id


@pytest.mark.parametrize("slug", SLUGS)
def test_no_statistic_is_evidence_and_nothing_is_added_up_over_constructs(slug):
    framework = shipped(slug)
    statistics = {rating.id for _, rating in framework.ratings() if rating.is_statistic}
    indicators = {indicator.rating for construct in framework.constructs for indicator in construct.indicators}

    assert not statistics & indicators
    assert all(len(formula.numerator.ratings) < 2 for formula in framework.formulas)


def test_copus_has_13_student_and_12_instructor_codes_in_two_minute_intervals():
    students, instructor = shipped("copus").streams

    assert (len(students.codes), len(instructor.codes)) == (13, 12)
    assert all(stream.sampling.kind is SamplingKind.PARTIAL_INTERVAL for stream in (students, instructor))
    assert students.sampling.length_ms == instructor.sampling.length_ms == 120_000


def test_fill_plus_leaves_administration_out_of_the_denominator():
    framework = shipped("fill-plus")
    (stream,) = framework.streams

    assert [code.id for code in stream.codes] == ["AD", "LT", "LQ", "LR", "SQ", "SR", "CQ", "ST", "SD", "FB"]
    assert stream.exclusive and stream.exhaustive == "always"
    assert framework.formulas[0].denominator.except_codes == ("AD",)
    assert framework.formulas[0].unit == "session"


def test_the_flourishing_place_has_45_aspects_and_no_total():
    framework = shipped("flourishing-place")

    assert len(framework.streams[0].codes) == 45
    assert len(framework.constructs) == 10
    assert framework.formulas == ()
    covered = {indicator.code for construct in framework.constructs for indicator in construct.indicators}
    assert len(covered) == 45


def test_neighbourhood_learning_has_eight_groups_with_statistics_beside_what_is_seen():
    framework = shipped("neighbourhood-learning")
    ratings = [rating for _, rating in framework.ratings()]

    assert len(framework.streams) == 8
    assert len(ratings) == 54
    assert sum(rating.is_statistic for rating in ratings) == 9
    assert all(rating.scale is RatingScale.NUMBER for rating in ratings if rating.is_statistic)


def test_approach_to_change_has_33_tools_9_principles_7_phrases_and_the_distance_of_4_strands():
    streams = {stream.id: stream for stream in shipped("approach-to-change").streams}

    assert [len(streams[each].codes) for each in ("tools", "principles", "phrases")] == [33, 9, 7]
    assert len(streams["distance"].ratings) == 4
    assert len(shipped("approach-to-change").constructs) == 4


def test_five_lines_marks_what_is_proposed_by_us():
    framework = shipped("five-lines-of-influence")
    proposed = [code.id for _, code in framework.codes() if str(code.definition).startswith("Proposed by us")]

    assert len(framework.constructs) == 5
    assert proposed == ["L3a", "L3b"]


def test_teach_weighs_28_behaviours_up_into_9_elements_by_judgement():
    ratings = [rating for _, rating in shipped("teach").ratings()]

    assert len([rating for rating in ratings if rating.part_of]) == 28
    assert {rating.part_of for rating in ratings if rating.part_of} == {
        rating.id for rating in ratings if not rating.part_of
    }
    assert shipped("teach").rights.licence == "CC BY 4.0 IGO"


def test_an_unknown_slug_never_reaches_the_disk():
    for slug in ("nope", "../convert", "", "copus/../copus"):
        with pytest.raises(KeyError):
            library.document(slug)
