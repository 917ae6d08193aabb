"""Sessions of several versions analysed together by stated maps: what counts as one, what is kept apart, and why."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from frameworks.codemaps import CodeMap, Move, check_map, suggested_moves
from frameworks.findings import errors_of
from frameworks.model import CodeType, Exhaustiveness, Framework, Term
from frameworks.rules import check
from frameworks.schema import framework_of
from frameworks.together import together, versions_in_words
from frameworks.versions import content_hash
from observe.core.coding.record import Bout, Interval, Point, Scan, Timeline
from observe.core.coding.renaming import renamed as in_other_ids
from tests.factories.framework_documents import documents
from tests.unit.test_frameworks_versions import good, text, with_code, with_stream


def renamed() -> Framework:
    return with_code(0, 2, id="looks_away")


def split() -> Framework:
    codes = good().streams[0].codes
    return with_stream(
        0,
        codes=(
            replace(codes[0], id="greets_first"),
            replace(codes[0], id="greets_back", label=text("Greets back")),
            *codes[1:],
        ),
    )


def a_map(old: Framework, new: Framework, *moves: Move) -> CodeMap:
    return CodeMap(content_hash(old), content_hash(new), moves)


def test_a_renamed_code_is_analysed_under_its_new_name():
    old, new = good(), renamed()

    both = together([old, new], [a_map(old, new, Move(("turns_away",), ("looks_away",)))])

    assert both.code(content_hash(old), "turns_away") == "looks_away"
    assert both.code(content_hash(new), "looks_away") == "looks_away"
    assert both.code(content_hash(old), "greets") == "greets"
    assert both.only_in_some == ()
    assert both.statement == ("From version 1 to 2: “turns_away” was renamed to “looks_away”.",)


def test_without_a_map_a_renamed_code_is_named_as_recorded_in_some_versions_only():
    both = together([good(), renamed()])

    assert both.only_in_some == ("looks_away", "turns_away")


def test_a_split_code_is_analysed_under_its_old_name_because_old_sessions_cannot_tell():
    old, new = good(), split()

    both = together(
        [old, new], [a_map(old, new, Move(("greets",), ("greets_first", "greets_back"), "two kinds were seen"))]
    )

    assert both.code(content_hash(new), "greets_back") == "greets"
    assert both.code(content_hash(new), "greets_first") == "greets"
    assert "“greets” was split into “greets_first” and “greets_back” (two kinds were seen)." in both.statement[0]
    assert both.statement[1].endswith("“greets_back”, “greets_first” are analysed as one, “greets”.")


def test_merged_codes_are_analysed_under_the_new_name():
    old, new = split(), good()

    both = together([old, new], [a_map(old, new, Move(("greets_first", "greets_back"), ("greets",)))])

    assert both.code(content_hash(old), "greets_back") == "greets"


def test_three_versions_are_followed_through():
    first, second, third = good(), renamed(), with_code(0, 2, id="attends_elsewhere")
    maps = [
        a_map(first, second, Move(("turns_away",), ("looks_away",))),
        a_map(second, third, Move(("looks_away",), ("attends_elsewhere",))),
    ]

    all_three = together([first, second, third], maps)

    assert all_three.code(content_hash(first), "turns_away") == "attends_elsewhere"
    assert all_three.only_in_some == ()


def test_the_joint_framework_has_one_code_for_those_that_cannot_be_told_apart():
    old, new = good(), split()
    constructs = tuple(
        replace(
            each,
            indicators=tuple(
                replace(one, code="greets_first") if one.code == "greets" else one for one in each.indicators
            ),
        )
        for each in new.constructs
    )
    new = replace(new, constructs=constructs)
    both = together([old, new], [a_map(old, new, Move(("greets",), ("greets_first", "greets_back")))])

    joint = both.framework(content_hash(new), new)

    assert [code.id for code in joint.streams[0].codes] == ["greets", "asks", "turns_away"]
    assert joint.constructs[0].indicators[0].code == "greets"
    assert errors_of(check(joint)) == ()


@pytest.mark.parametrize(
    ("move", "code"),
    [
        (Move(("gone",), ("greets",)), "map.unknown-old"),
        (Move(("greets",), ("gone",)), "map.unknown-new"),
        (Move((), ("greets",)), "map.empty-move"),
        (Move(("greets", "greets"), ("greets",)), "map.twice"),
        (Move(("greets",), ("talks",)), "map.type"),
        (Move(("talks",), ("queue",)), "map.sampling"),
    ],
)
def test_a_map_that_cannot_be_right_is_told(move, code):
    found = check_map(a_map(good(), good(), move), good(), good())

    assert code in [finding.code for finding in found]


def test_a_likely_renaming_is_suggested_and_an_unlikely_one_is_not():
    other = with_code(0, 2, id="nods", label=text("Nods"), definition=text("Moves the head."))

    assert suggested_moves(good(), renamed()) == (Move(("turns_away",), ("looks_away",)),)
    assert suggested_moves(good(), other) == ()


def test_a_map_for_other_versions_is_refused():
    with pytest.raises(KeyError, match="not analysed here"):
        together([good()], [CodeMap("a" * 64, content_hash(good()))])


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(documents())
def test_a_version_together_with_itself_changes_no_code(document):
    framework = framework_of(document)
    both = together([framework])

    assert all(code == common for names in both.codes.values() for code, common in names.items())
    assert both.framework(content_hash(framework), framework) == framework


# --- what is kept apart, and why -----------------------------------------------------------------------------------


def with_type(place: int, kind: CodeType) -> Framework:
    return with_code(0, place, type=kind)


def test_a_code_that_became_something_else_is_kept_apart_with_the_reason():
    old, new = good(), with_type(0, CodeType.STATE)

    both = together([old, new], numbers=[3, 4])

    assert both.code(content_hash(new), "greets") == "greets"
    assert both.code(content_hash(old), "greets") == "greets~3"
    assert both.code(content_hash(old), "asks") == "asks"
    assert both.apart == (
        "“greets” of version 3 and of version 4: whether it is a point or a state was point and is state.",
    )
    assert both.only_in_some == ("greets", "greets~3")
    assert [(code.id, str(code.label)) for code in both.joint.streams[0].codes] == [
        ("greets", "Greets"), ("asks", "Asks"), ("turns_away", "Turns away"), ("greets~3", "Greets (3)"),
    ]  # fmt: skip


def test_a_stream_that_is_recorded_otherwise_is_kept_apart_with_all_its_codes_and_one_reason():
    old, new = good(), with_stream(1, exclusive=False, exhaustive=Exhaustiveness.OPEN, fallback="")

    both = together([old, new])

    assert both.streams[content_hash(old)]["talk"] == "talk~1"
    assert both.streams[content_hash(new)]["talk"] == "talk"
    assert len(both.apart) == 1
    assert both.apart[0].startswith("The stream “talk” of version 1 and of version 2: whether only one code runs")
    assert {stream.id for stream in both.joint.streams} >= {"talk", "talk~1"}
    older = next(stream for stream in both.joint.streams if stream.id == "talk~1")
    assert all(code.id.endswith("~1") for code in older.codes)


def test_a_map_cannot_join_what_is_sampled_otherwise_and_the_result_says_so():
    new = with_stream(2, sampling=replace(good().streams[2].sampling, length_ms=30_000))
    moved = with_stream(2, id="hall", sampling=replace(good().streams[2].sampling, length_ms=30_000))

    assert "length was 60000 and is 30000" in together([good(), new]).apart[0]
    assert together([good(), moved]).streams[content_hash(moved)]["hall"] == "hall"
    assert together([good(), moved]).streams[content_hash(good())]["room"] == "room"


def test_other_words_for_the_same_code_are_counted_together_and_named():
    old, new = good(), with_code(0, 0, exclude=(text("An answer"), text("A nod")))

    both = together([old, new])

    assert both.apart == ()
    assert both.code(content_hash(old), "greets") == "greets"
    assert both.cautions == ("From version 1 to 2: the code “greets” now excludes “A nod”.",)


def test_a_code_said_to_have_no_successor_is_kept_apart_although_its_id_is_used_again():
    old, new = good(), with_code(0, 0, definition=text("Says something rude."))

    both = together([old, new], [a_map(old, new, Move(("greets",), (), "means the opposite now"))])

    assert both.code(content_hash(old), "greets") == "greets~1"
    assert both.apart == ("“greets” of version 1 and of version 2: means the opposite now.",)
    assert both.statement == ("From version 1 to 2: “greets” has no successor (means the opposite now).",)


def test_an_id_that_was_gone_for_a_version_and_came_back_is_another_code():
    without = with_stream(0, codes=good().streams[0].codes[1:])
    back = with_code(0, 0, label=text("Greets again"))

    three = together([good(), without, back])

    assert three.code(content_hash(good()), "greets") == "greets~1"
    assert three.code(content_hash(back), "greets") == "greets"
    assert three.unstated == ((1, 2),)


def test_a_stream_with_another_id_is_the_same_when_it_holds_the_same_codes():
    both = together([good(), with_stream(0, id="doings")])

    assert both.streams[content_hash(good())]["acts"] == "doings"
    assert both.apart == ()
    assert both.only_in_some == ()


def test_codes_that_went_without_a_word_lead_to_the_map_that_is_missing():
    old, new = good(), renamed()

    assert together([old, new]).unstated == ((1, 2),)
    assert together([old, new], [a_map(old, new)]).unstated == ()


def test_merged_codes_carry_the_one_name_and_codes_that_only_joined_up_carry_all():
    old, new = good(), split()
    one = together([old, new], [a_map(old, new, Move(("greets",), ("greets_first", "greets_back")))])
    both = together(
        [split(), with_code(0, 0, id="hails")],
        [a_map(split(), with_code(0, 0, id="hails"), Move(("greets_first", "greets_back"), ("hails", "asks")))],
    )

    assert str(one.joint.streams[0].codes[0].label) == "Greets"
    assert both.code(content_hash(split()), "greets_back") == "asks+greets_back+greets_first+hails"


def test_a_formula_is_of_the_versions_that_could_record_all_it_needs():
    formula = replace(good().formulas[0], numerator=Term("count", codes=("looks_away",)), denominator=None)
    old, new = good(), replace(renamed(), formulas=(formula,))

    apart, joined = (
        together([old, new]),
        together([old, new], [a_map(old, new, Move(("turns_away",), ("looks_away",)))]),
    )

    assert apart.fit(formula, new) == (
        frozenset({content_hash(new)}),
        "sessions of version 1 are left out: not all that it needs was recorded then",
    )
    assert joined.fit(formula, new) == (frozenset({content_hash(old), content_hash(new)}), "")


def test_a_formula_that_tells_apart_what_older_sessions_cannot_is_not_worked_out():
    formula = replace(good().formulas[0], numerator=Term("count", codes=("greets_back",)), denominator=None)
    whole = replace(formula, numerator=Term("count", codes=("greets_back", "greets_first")))
    old, new = good(), replace(split(), formulas=(formula, whole))
    both = together([old, new], [a_map(old, new, Move(("greets",), ("greets_first", "greets_back")))])

    assert both.fit(formula, new) == (frozenset(), "it tells apart “greets_back”, and older sessions cannot")
    assert both.fit(whole, new)[0] == frozenset({content_hash(old), content_hash(new)})


@pytest.mark.parametrize(
    ("numbers", "words"), [([3], "version 3"), ([1, 2], "versions 1 and 2"), ([3, 1, 2], "versions 1–3"), ([1, 2, 5], "versions 1, 2 and 5")]
)  # fmt: skip
def test_versions_are_told_in_words(numbers, words):
    assert versions_in_words(numbers) == words


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(documents(), documents())
def test_no_two_codes_of_the_joint_framework_share_an_id_whatever_the_versions(one: Any, other: Any):
    versions = [framework_of(one), framework_of({**other, "slug": one["slug"]})]
    both = together(versions)

    ids = [code.id for _, code in both.joint.codes()] + [each.id for _, each in both.joint.ratings()]
    assert len(ids) == len(set(ids))
    assert set(ids) == {common for names in both.codes.values() for common in names.values()}
    assert len({stream.id for stream in both.joint.streams}) == len(both.joint.streams)


# --- records in other ids --------------------------------------------------------------------------------------------


def a_bout(event: str, start: int, end: int, code: str, **more: Any) -> Bout:
    return Bout(event, start, end, "talk", code, pieces=((start, end),), **more)


def test_bouts_of_codes_that_became_one_are_one_where_they_touch_or_overlap():
    line = Timeline(0, 100, True, bouts=(
        a_bout("1", 0, 10, "a", closed_by="exclusive"), a_bout("2", 10, 20, "b"), a_bout("3", 30, 40, "b"),
        a_bout("4", 35, 60, "a", closed_by="end", censored_end=True), a_bout("5", 60, 70, "c"),
    ))  # fmt: skip

    found = in_other_ids(line, {"a": "ab", "b": "ab", "c": "c"}, {"talk": "speech"})

    assert [
        (b.event, b.start, b.end, b.code, b.closed_by, b.censored_end, b.observed_ms) for b in found.bouts
    ] == [
        ("1", 0, 20, "ab", "stop", False, 20),
        ("3", 30, 60, "ab", "end", True, 30),
        ("5", 60, 70, "c", "stop", False, 10),
    ]
    assert {b.stream for b in found.bouts} == {"speech"}


def test_bouts_of_one_code_that_touch_and_those_of_other_people_stay_as_they_were_recorded():
    line = Timeline(0, 100, True, bouts=(
        a_bout("1", 0, 10, "a"), a_bout("2", 10, 20, "a"), a_bout("3", 20, 30, "b", subject="P1"),
    ))  # fmt: skip

    assert [b.event for b in in_other_ids(line, {"a": "ab", "b": "ab"}, {}).bouts] == ["1", "2", "3"]
    assert in_other_ids(line, {"a": "z"}, {}).bouts == tuple(
        replace(b, code="z" if b.code == "a" else "b") for b in line.bouts
    )


def test_ticks_counts_and_cells_that_became_one_are_not_counted_twice():
    line = Timeline(
        0, 100, True,
        points=(Point("p", 1, "acts", "a"),),
        intervals=(Interval("room", 0, 0, 10, "ticked", 10, codes=("a", "b", "c"), values=(("a", 2), ("b", 3))),),
        scans=(Scan("hall", 0, 5, 5, "taken", counts=(
            ((("code", "a"), ("sex", "f")), 2), ((("code", "b"), ("sex", "f")), 1), ((("code", "b"), ("sex", "m")), 4),
        )),),
    )  # fmt: skip

    found = in_other_ids(line, {"a": "ab", "b": "ab"}, {})

    assert found.points[0].code == "ab"
    assert (found.intervals[0].codes, found.intervals[0].values) == (("ab", "c"), (("ab", 5),))
    assert found.scans[0].counts == (
        ((("code", "ab"), ("sex", "f")), 3),
        ((("code", "ab"), ("sex", "m")), 4),
    )
