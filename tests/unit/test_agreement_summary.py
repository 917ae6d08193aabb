"""The report of a reliability check, for each unit that a plan can name."""

from __future__ import annotations

from dataclasses import replace

import pytest

from frameworks.model import (
    AgreementPlan,
    Code,
    CodeType,
    Rating,
    RatingScale,
    RatingValue,
    Sampling,
    SamplingKind,
    Stream,
    Text,
)
from observe.core.agreement.coefficient import NO_VARIATION
from observe.core.agreement.matching import Watched
from observe.core.agreement.summary import compare, compare_all, default_unit
from observe.core.coding.record import Bout, Interval, Observed, Point, Rated, Scan, Span, Timeline


def words(text: str) -> Text:
    return Text((("en", text),))


def code(id_: str, type_: CodeType = CodeType.STATE) -> Code:
    return Code(id_, words(id_), type_)


TALK = Stream("talk", words("Talk"), exclusive=True, codes=(code("A"), code("B"), code("C")))


def states(text: str, *, stream: str = "talk", subject: str | None = None, start: int = 0) -> list[Bout]:
    """One letter a second; a dot is no code."""
    bouts: list[Bout] = []
    for k, letter in enumerate(text):
        at = (start + k) * 1000
        if letter == ".":
            continue
        if bouts and bouts[-1].code == letter and bouts[-1].end == at:
            pieces = ((bouts[-1].start, at + 1000),)
            bouts[-1] = replace(bouts[-1], end=at + 1000, pieces=pieces)
        else:
            bouts.append(Bout(f"{stream}{at}", at, at + 1000, stream, letter, subject, pieces=((at, at + 1000),)))
    return bouts


def record(observer: str, text: str, *, seen: tuple[Span, ...] | None = None, ahead: int = 0) -> Watched:
    end = len(text) * 1000
    timeline = Timeline(
        0, end, True, bouts=tuple(states(text)), observed=(Observed(None, ((0, end),) if seen is None else seen),)
    )
    return Watched(observer, timeline, ahead)


OWEN = record("Owen", "AAAABBBBBBAACCCCAAAA")
OLGA = record("Olga", "AAABBBBBBAAACCCAAAAA")


def test_the_whole_report_for_seconds() -> None:
    found = compare(TALK, [OWEN, OLGA], seed=1, plan=AgreementPlan("second", tolerance_ms=1000))

    assert found.observers == ("Owen", "Olga")
    assert found.categories == ("A", "B", "C")
    assert found.table == ((9, 1, 0), (1, 5, 0), (1, 0, 3))
    assert (found.units, found.percent.value) == (20, pytest.approx(0.85))
    assert found.kappa.value == pytest.approx(0.7521, abs=5e-5)
    assert [one.value for one in found.tolerant] == [1.0, 1.0, 1.0]
    assert found.unitizing is not None and found.unitizing.overall.value is not None


def test_disagreements_are_stretches_with_their_moments_on_both_records() -> None:
    later = replace(OLGA, ahead_ms=2000)
    first = record("Owen", "..AAAABBBBBBAACCCCAAAA")

    found = compare(TALK, [first, later], seed=1)

    one = found.disagreements[0]
    assert (one.start, one.end, one.said, one.units) == (5000, 6000, ("A", "B"), 1)
    assert one.on == ((5000, 6000), (3000, 4000))
    assert [(d.start // 1000, d.said) for d in found.disagreements] == [
        (5, ("A", "B")), (11, ("B", "A")), (17, ("C", "A")),
    ]  # fmt: skip


def test_disagreements_within_the_tolerance_are_not_listed() -> None:
    assert compare(TALK, [OWEN, OLGA], seed=1, plan=AgreementPlan("second", tolerance_ms=1000)).disagreements == ()


def test_only_time_that_both_watched_is_compared() -> None:
    looked_away = record("Olga", "BBBBBBBBBBAACCCCAAAA", seen=((10_000, 20_000),))

    found = compare(TALK, [OWEN, looked_away], seed=1)

    assert (found.units, found.percent.value) == (10, 1.0)


def test_time_without_a_code_is_a_category_where_it_occurs() -> None:
    found = compare(TALK, [record("Owen", "AA..BB"), record("Olga", "AAA.BB")], seed=1)

    assert found.categories == ("A", "B", "C", "")
    assert found.percent.value == pytest.approx(5 / 6)


def test_one_code_only_has_percent_but_no_kappa_and_no_alpha() -> None:
    found = compare(TALK, [record("Owen", "A" * 90), record("Olga", "A" * 90)], seed=1)

    assert found.percent.value == 1.0
    assert (found.kappa.value, found.alpha.value) == (None, None)
    assert found.alpha.reason == NO_VARIATION
    assert found.reaches is None


def test_coverage_says_how_often_a_code_was_seen_at_all() -> None:
    found = compare(TALK, [OWEN, OLGA], seed=1)

    by_code = {one.code: one for one in found.by_code}
    assert (by_code["C"].seen_by, by_code["C"].units, by_code["C"].happenings) == ((4, 3), 4, 1)
    assert by_code["C"].positive == pytest.approx(6 / 7)
    assert by_code["C"].standing == "descriptive only"


def test_limits_come_from_happenings_when_there_are_several_and_are_the_same_for_a_seed() -> None:
    happenings = [[OWEN, OLGA], [OWEN, OWEN], [OLGA, OLGA], [OLGA, OWEN]]

    found = compare_all(TALK, happenings, seed=3, plan=AgreementPlan("second", level=0.5))

    assert found.clusters == "happening"
    assert found.alpha.clusters == 4
    assert found.alpha.method == "percentile bootstrap of 4 happenings, rough: few"
    assert found.alpha.low is not None and found.alpha.low < (found.alpha.value or 0)
    assert found.reaches is True
    assert found == compare_all(TALK, happenings, seed=3, plan=AgreementPlan("second", level=0.5))


def test_pairs_of_observers_who_watched_the_same_are_drawn_together() -> None:
    pairs, plan = [[OWEN, OLGA], [OWEN, OWEN], [OLGA, OLGA], [OLGA, OWEN]], AgreementPlan("second")

    each = compare_all(TALK, pairs, seed=3, plan=plan)
    apart = compare_all(TALK, pairs, seed=3, plan=plan, same=["a", "b", "c", "d"])
    two = compare_all(TALK, pairs, seed=3, plan=plan, same=["a", "a", "b", "b"])
    one = compare_all(TALK, pairs, seed=3, plan=plan, same=["a", "a", "a", "a"])

    assert apart == each
    assert (two.happenings, two.alpha.clusters, two.alpha.method) == (
        2, 2, "percentile bootstrap of 2 happenings, rough: few",
    )  # fmt: skip
    assert {code.happenings for code in two.by_code} == {2}
    # each happening holds one pair that agrees and one that does not: however they are drawn, it is the same
    assert (
        (two.percent.low, two.percent.high) == (two.percent.value, two.percent.value) == (each.percent.value,) * 2
    )
    assert each.percent.low is not None and each.percent.low < (each.percent.value or 0)
    assert (one.happenings, one.clusters) == (1, "minute")


def test_the_level_is_reached_by_the_lower_limit_and_not_by_the_point() -> None:
    happenings = [[OWEN, OLGA], [OWEN, OWEN], [OLGA, OLGA], [OLGA, OWEN]]
    found = compare_all(TALK, happenings, seed=3, plan=AgreementPlan("second", level=0.85))

    assert found.alpha.value is not None and found.alpha.value > 0.85
    assert found.reaches is False


def test_three_observers_have_conger_and_alpha() -> None:
    found = compare(TALK, [OWEN, OLGA, replace(OWEN, observer="Oscar")], seed=1)

    assert found.kappa.name == "Conger's kappa"
    assert sum(map(sum, found.table)) == 60
    assert found.alpha.value == pytest.approx(0.8386509, abs=5e-8)


def test_states_that_overlap_are_asked_code_by_code() -> None:
    stream = replace(TALK, exclusive=False)
    both = replace(OWEN.timeline, bouts=(*states("AAAAAA...."), *states("..BBBB....")))
    one = replace(OWEN.timeline, bouts=(*states("AAAAAA...."), *states("...BBB....")))
    seen = (Observed(None, ((0, 10_000),)),)

    found = compare(
        stream,
        [Watched("Owen", replace(both, observed=seen)), Watched("Olga", replace(one, observed=seen))],
        seed=1,
    )

    by_code = {code.code: code for code in found.by_code}
    assert by_code["A"].percent.value == 1.0
    assert by_code["B"].percent.value == pytest.approx(0.9)
    assert (found.categories, found.units) == (("no", "yes"), 30)
    assert [(d.what, d.said) for d in found.disagreements] == [("B", ("yes", "no"))]


TICKS = Stream(
    "ticks",
    words("Ticks"),
    Sampling(SamplingKind.PARTIAL_INTERVAL, length_ms=15_000),
    codes=(code("noise"), code("quiet")),
)


def ticked(observer: str, *each: str) -> Watched:
    intervals = tuple(
        Interval("ticks", k, k * 15_000, (k + 1) * 15_000, said if said in {"empty", "missed"} else "ticked", 15_000,
                 codes=() if said in {"empty", "missed"} else tuple(said.split("+")))
        for k, said in enumerate(each)
    )  # fmt: skip
    return Watched(observer, Timeline(0, 15_000 * len(each), True, intervals=intervals))


def test_missed_intervals_are_missing_and_empty_ones_are_not() -> None:
    found = compare(
        TICKS,
        [
            ticked("Owen", "noise", "empty", "noise+quiet", "missed"),
            ticked("Olga", "noise", "quiet", "noise", "noise"),
        ],
        seed=1,
    )

    assert default_unit(TICKS) == "interval"
    assert (found.units, found.percent.value) == (6, pytest.approx(4 / 6))
    assert {one.code: one.percent.value for one in found.by_code} == {"noise": 1.0, "quiet": pytest.approx(1 / 3)}
    assert [d.said for d in found.disagreements] == [("no", "yes"), ("yes", "no")]
    assert found.disagreements[0].what == "quiet, interval 2"


def test_samples_are_compared_subject_by_subject() -> None:
    stream = Stream(
        "looks", words("L"), Sampling(SamplingKind.MOMENTARY_SCAN), codes=(code("alone"), code("together"))
    )

    def looked(observer: str, *codes: str | None) -> Watched:
        scans = tuple(
            Scan("looks", k, k * 60_000, k * 60_000, "taken" if said else "missed", "ann", said)
            for k, said in enumerate(codes)
        )
        return Watched(observer, Timeline(0, 1, True, scans=scans))

    found = compare(
        stream, [looked("Owen", "alone", "alone", None, "together"), looked("Olga", "alone", "together", "alone", "together")],
        seed=1,
    )  # fmt: skip

    assert (found.units, found.percent.value) == (3, pytest.approx(2 / 3))
    assert found.categories == ("alone", "together")


def test_samples_with_several_codes_are_asked_code_by_code() -> None:
    stream = Stream(
        "looks", words("L"), Sampling(SamplingKind.MOMENTARY_SCAN), codes=(code("sits"), code("reads"))
    )

    def looked(observer: str, *samples: str) -> Watched:
        scans = tuple(
            Scan("looks", k, k * 60_000, k * 60_000, "taken", None, one)
            for k, said in enumerate(samples)
            for one in said.split("+")
        )
        return Watched(observer, Timeline(0, 1, True, scans=scans))

    found = compare(stream, [looked("Owen", "sits+reads", "sits"), looked("Olga", "sits", "sits")], seed=1)

    assert {one.code: one.percent.value for one in found.by_code} == {"sits": 1.0, "reads": 0.5}
    assert [d.what for d in found.disagreements] == ["reads, sample 1"]


def test_ratings_have_ordinal_alpha_weighted_kappa_and_intraclass_correlations() -> None:
    stream = Stream(
        "climate",
        words("Climate"),
        Sampling(SamplingKind.RATING),
        ratings=(Rating("warmth", words("W"), values=tuple(RatingValue(v, words(str(v))) for v in range(1, 6))),),
    )

    def judged(observer: str, *values: int | None) -> Watched:
        ratings = tuple(
            Rated(f"r{k}", 0, "climate", "warmth", v, "value" if v else "cannot-judge", subject=str(k))
            for k, v in enumerate(values)
        )
        return Watched(observer, Timeline(0, 1, True, ratings=ratings))

    found = compare(
        stream,
        [judged("Owen", 1, 2, 3, 4, 5, None), judged("Olga", 1, 2, 4, 4, 5, 3)],
        seed=1,
        plan=AgreementPlan("rating", weights="linear"),
    )

    assert found.alpha.name == "Krippendorff's alpha (ordinal)"
    assert found.kappa.name == "weighted kappa"
    assert found.categories == ("1", "2", "3", "4", "5")
    assert found.ac1.name == "AC2"
    assert found.units == 5
    assert found.intraclass is not None
    assert found.intraclass.by_form["2,1"].value == pytest.approx(5 / 5.2)
    assert found.intraclass.dropped == 1


def test_yes_and_no_are_nominal() -> None:
    stream = Stream(
        "list",
        words("L"),
        Sampling(SamplingKind.CHECKLIST),
        ratings=(Rating("greeted", words("G"), RatingScale.YES_NO),),
    )
    one = Watched("Owen", Timeline(0, 1, True, ratings=(Rated("a", 0, "list", "greeted", 1),)))

    assert (
        compare(stream, [one, replace(one, observer="Olga")], seed=1).alpha.name
        == "Krippendorff's alpha (nominal)"
    )


def test_lists_of_events_are_aligned_and_their_disagreements_name_both_events() -> None:
    stream = Stream(
        "acts", words("Acts"), codes=tuple(code(c, CodeType.POINT) for c in ("help", "wait", "share", "scold"))
    )

    def tapped(observer: str, text: str, ahead: int = 0) -> Watched:
        points = []
        for word in text.split():
            name, at = word.split("@")
            points.append(Point(f"{observer}-{word}", int(at) * 1000 - ahead, "acts", name))
        seen = (Observed(None, ((-ahead, 100_000 - ahead),)),)
        return Watched(observer, Timeline(0, 100_000, True, points=tuple(points), observed=seen), ahead)

    found = compare(
        stream,
        [
            tapped("Owen", "help@2 wait@10 share@20 help@31 scold@45 help@60"),
            tapped("Olga", "help@3 wait@12 help@21 scold@44 share@52 help@61", ahead=1000),
        ],
        seed=1,
        plan=AgreementPlan("event", tolerance_ms=5000),
    )

    assert default_unit(stream) == "event"
    assert found.percent.value == pytest.approx(4 / 7)
    assert found.kappa.value == pytest.approx(0.4375, abs=5e-5)
    assert found.categories[-1] == "nil"
    assert [d.said for d in found.disagreements] == [("share", "help"), ("help", None), (None, "share")]
    assert found.disagreements[0].events == ("Owen-share@20", "Olga-help@21")
    assert found.disagreements[0].on == ((20_000, 21_000), (19_000, 20_000))
    assert found.alpha.value is None


def test_records_that_never_overlap_have_nothing_to_compare() -> None:
    found = compare(TALK, [OWEN, replace(OLGA, ahead_ms=100_000)], seed=1)

    assert found.units == 0
    assert found.alpha.value is None
    assert found.disagreements == ()


def test_a_happening_needs_two_records() -> None:
    with pytest.raises(ValueError, match="two at least"):
        compare(TALK, [OWEN], seed=1)


def test_session_rates_can_agree_where_no_moment_does() -> None:
    stream = Stream("acts", words("Acts"), codes=(code("help", CodeType.POINT),))

    def tapped(observer: str, count: int, shift: int) -> Watched:
        points = tuple(Point(f"{observer}{k}", 10_000 * k + shift, "acts", "help") for k in range(count))
        seen = (Observed(None, ((0, 3_600_000),)),)
        return Watched(observer, Timeline(0, 3_600_000, True, points=points, observed=seen))

    happenings = [[tapped("Owen", n, 0), tapped("Olga", n + 1, 5_000)] for n in (2, 9, 5, 14)]
    found = compare_all(stream, happenings, seed=1, plan=AgreementPlan("event", tolerance_ms=1000))

    assert found.percent.value == 0.0
    rates = dict(found.rates)
    assert rates["help"].by_form["3,1"].value == pytest.approx(1.0)
    assert rates["help"].by_form["2,1"].value == pytest.approx(0.982, abs=5e-4)
    assert compare(stream, happenings[0], seed=1).rates == ()


def judgements(*values: int | None) -> Watched:
    ratings = tuple(
        Rated(f"r{k}", 0, "climate", "warmth", v, "value" if v is not None else "cannot-judge", subject=str(k))
        for k, v in enumerate(values)
    )
    return Watched("", Timeline(0, 1, True, ratings=ratings))


def test_a_matrix_of_weights_goes_over_the_whole_scale_though_one_step_was_never_used() -> None:
    scale = tuple(RatingValue(v, words(str(v))) for v in (1, 2, 3))
    stream = Stream(
        "climate", words("C"), Sampling(SamplingKind.RATING), ratings=(Rating("warmth", words("W"), values=scale),)
    )
    matrix = ((0.0, 1.0, 4.0), (1.0, 0.0, 1.0), (4.0, 1.0, 0.0))

    found = compare(
        stream,
        [judgements(1, 3, 3, 1), judgements(1, 3, 1, 1)],
        seed=1,
        plan=AgreementPlan("rating", weights=matrix),
    )

    assert found.table == ((2, 0, 0), (0, 0, 0), (1, 0, 1))
    assert found.kappa.value == pytest.approx(0.5)


def test_numbers_are_as_far_apart_as_they_differ() -> None:
    stream = Stream(
        "climate",
        words("C"),
        Sampling(SamplingKind.RATING),
        ratings=(Rating("warmth", words("W"), RatingScale.NUMBER),),
    )

    found = compare(
        stream, [judgements(0, 10, 100, 10), judgements(0, 10, 100, 0)], seed=1,
        plan=AgreementPlan("rating", weights="linear", measure="icc"),
    )  # fmt: skip

    # of a greatest distance of 100: disagreement 10/4 seen, expected from the margins (1,2,1) and (2,1,1)
    expected = (1 * (1 * 10 + 1 * 100) + 2 * (2 * 10 + 1 * 90) + 1 * (2 * 100 + 1 * 90)) / 16
    assert found.kappa.value == pytest.approx(1 - 2.5 / expected)
    assert found.answer.name == "ICC(2,1)"


def test_events_without_a_tolerance_in_the_plan_are_given_five_seconds() -> None:
    stream = Stream("acts", words("Acts"), codes=(code("help", CodeType.POINT),))

    def tapped(at: int) -> Watched:
        seen = (Observed(None, ((0, 60_000),)),)
        return Watched("", Timeline(0, 60_000, True, points=(Point(f"p{at}", at, "acts", "help"),), observed=seen))

    found = compare(stream, [tapped(10_000), tapped(14_000)], seed=1)

    assert (found.percent.value, found.tolerance_ms) == (1.0, 5_000)


def test_gates_go_by_alpha_and_for_lists_of_events_by_their_kappa() -> None:
    seconds = compare_all(TALK, [[OWEN, OWEN], [OLGA, OLGA], [OWEN, OLGA]], seed=2, level=0.9)
    stream = Stream("acts", words("Acts"), codes=(code("help", CodeType.POINT), code("wait", CodeType.POINT)))

    def tapped(*taps: str) -> Watched:
        points = tuple(Point(f"{k}", 10_000 * k, "acts", name) for k, name in enumerate(taps))
        return Watched("", Timeline(0, 60_000, True, points=points, observed=(Observed(None, ((0, 60_000),)),)))

    one = tapped("help", "wait", "help", "wait")
    events = compare_all(stream, [[one, one], [one, one], [one, one]], seed=2)

    assert {c.code: c.basis.name for c in seconds.by_code} == dict.fromkeys(
        "ABC", "Krippendorff's alpha (nominal)"
    )
    assert [c.standing for c in events.by_code] == ["good", "good"]
    assert events.by_code[0].basis.name.startswith("event-alignment kappa")
