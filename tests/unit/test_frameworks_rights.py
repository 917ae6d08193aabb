"""Words that belong to someone else: what may leave the study, and what cannot be published as free."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from frameworks import library, schema
from frameworks.convert.documents import from_yaml
from frameworks.model import Framework, Rights, RightsStatus, Text
from frameworks.rights import WITHHELD, is_withheld, loosened, shareable, with_words_of, would_be_lost
from frameworks.rules import check

ACCEPTANCE = Path(__file__).parent / "acceptance"


def instrument() -> Framework:
    """Someone else's instrument, with words in every place that holds words."""
    found = from_yaml((ACCEPTANCE / "letter-and-signed-value.yaml").read_bytes()).framework
    assert found is not None
    return found


def of_the_library(slug: str, status: RightsStatus) -> Framework:
    return replace(
        schema.framework_of(library.document(slug)), rights=Rights(status=status, note="Letter of 3 May")
    )


@pytest.mark.parametrize("slug", library.slugs())
def test_what_leaves_has_the_same_ids_and_values_and_none_of_the_words(slug: str) -> None:
    whole = of_the_library(slug, RightsStatus.USER_SUPPLIED_ONLY)

    bare = shareable(whole)

    assert [(stream.id, code.id, code.type, code.value) for stream, code in bare.codes()] == [
        (stream.id, code.id, code.type, code.value) for stream, code in whole.codes()
    ]
    assert [[value.value for value in rating.values] for _, rating in bare.ratings()] == [
        [value.value for value in rating.values] for _, rating in whole.ratings()
    ]
    assert [stream.sampling for stream in bare.streams] == [stream.sampling for stream in whole.streams]
    assert {str(code.label) for _, code in bare.codes()} == {code.id for _, code in whole.codes()}
    assert not any(code.definition or code.examples or code.group for _, code in bare.codes())
    assert not any(value.anchor for _, rating in bare.ratings() for value in rating.values)
    assert not any(each.rationale for construct in bare.constructs for each in construct.indicators)
    assert (bare.title, bare.source, bare.purpose) == (whole.title, whole.source, Text())
    assert bare.rights.note == f"Letter of 3 May {WITHHELD}"
    assert [found for found in check(bare) if found.severity.value == "error"] == []
    assert shareable(bare) == bare


@pytest.mark.parametrize("slug", library.slugs())
def test_what_left_without_its_words_gets_them_back_where_they_are_still_held(slug: str) -> None:
    whole = of_the_library(slug, RightsStatus.USER_SUPPLIED_ONLY)

    assert with_words_of(shareable(whole), whole) == whole


def test_what_was_changed_elsewhere_stays_changed_when_the_words_come_back() -> None:
    whole = instrument()
    bare = shareable(whole)
    first, *rest = bare.streams
    reordered = replace(bare, streams=(replace(first, codes=tuple(reversed(first.codes))), *rest))

    back = with_words_of(reordered, whole)

    assert [code.id for code in back.streams[0].codes] == [code.id for code in reversed(first.codes)]
    labels = {code.id: code.label for _, code in whole.codes()}
    assert all(code.label == labels[code.id] for _, code in back.codes())


def test_a_document_without_its_words_says_so_and_how_many_would_be_lost() -> None:
    whole = instrument()
    bare = shareable(whole)
    behaviours = len(list(whole.codes())) + len(list(whole.ratings()))

    [lost] = would_be_lost(bare, whole)

    assert f"the words of {behaviours} codes and ratings" in lost.sentence
    assert is_withheld(bare)
    assert not is_withheld(whole)
    assert "rights.words-withheld" in [found.code for found in check(bare)]
    assert "rights.words-withheld" not in [found.code for found in check(whole)]
    assert would_be_lost(whole, whole) == would_be_lost(bare, bare) == ()


def test_words_of_ones_own_leave_as_they_are() -> None:
    framework = of_the_library("copus", RightsStatus.FACTS_REWORDED)

    assert shareable(framework) is framework


def test_changing_the_rights_alone_frees_no_words() -> None:
    theirs = of_the_library("copus", RightsStatus.USER_SUPPLIED_ONLY)
    ours = replace(theirs, rights=Rights())

    [found] = loosened(3, theirs, ours)

    assert found.code == "rights.loosened"
    assert found.path == "/rights/status"
    assert "Version 3" in found.sentence
    assert "and others" in found.sentence


def test_someone_elses_words_are_recognised_in_other_codes_and_other_spacing() -> None:
    theirs = instrument()
    stream = theirs.streams[0]
    moved = replace(
        stream.codes[0],
        id="Z",
        label=Text((("en", "Ours"),)),
        definition=Text((("en", " stand-in  for: “CATEGORY A” "),)),
    )
    free = replace(
        stream.codes[1],
        definition=Text((("en", "Said anew in words that nobody else has used."),)),
        label=Text((("en", "Anew"),)),
    )
    ours = replace(theirs, rights=Rights(), streams=(replace(stream, codes=(free, moved)),))

    [found] = loosened(1, theirs, ours)

    assert found.sentence.endswith("and Z still carry them.")
    assert loosened(1, theirs, replace(ours, streams=(replace(stream, codes=(free,)),))) == ()


def test_nothing_is_loosened_while_the_rights_stay_or_were_always_free() -> None:
    theirs = instrument()

    assert loosened(1, theirs, theirs) == ()
    assert loosened(1, replace(theirs, rights=Rights()), replace(theirs, rights=Rights())) == ()
