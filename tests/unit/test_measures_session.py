"""The budget of one session: which figures each sampling regime can give, and what they are called."""

from __future__ import annotations

from frameworks.model import (
    Actor,
    Code,
    CodeType,
    Dimension,
    Framework,
    Option,
    Rating,
    RatingScale,
    RatingValue,
    Sampling,
    SamplingKind,
    SeenAs,
    Stream,
    Text,
)
from observe.core.coding.record import Bout, Interval, Observed, Point, Rated, Scan, Timeline
from observe.core.measures.session import BudgetRow, budget, unwatched


def words(text: str) -> Text:
    return Text((("en", text),))


def code(id_: str, type_: CodeType = CodeType.POINT) -> Code:
    return Code(id_, words(id_), type_)


CHILD = Actor("child", words("Child"), seen_as=SeenAs.NAMED)
FRAMEWORK = Framework(
    slug="yard",
    title=words("Yard"),
    actors=(CHILD,),
    streams=(
        Stream(
            "acts",
            words("Acts"),
            actors=("child",),
            codes=(code("laughs"), code("plays", CodeType.STATE)),
        ),
        Stream(
            "ticks",
            words("Ticks"),
            Sampling(SamplingKind.PARTIAL_INTERVAL, length_ms=15_000),
            codes=(code("noise"), code("quiet")),
        ),
        Stream(
            "looks",
            words("Looks"),
            Sampling(SamplingKind.MOMENTARY_SCAN, length_ms=60_000),
            actors=("child",),
            codes=(code("alone"), code("together")),
        ),
        Stream(
            "gate",
            words("Gate"),
            Sampling(SamplingKind.AREA_COUNT, length_ms=60_000),
            crossed=(Dimension("posture", words("Posture"), (Option("sits", words("s")), Option("stands", words("t")))),),
        ),
        Stream(
            "climate",
            words("Climate"),
            Sampling(SamplingKind.RATING),
            ratings=(
                Rating("warmth", words("Warmth"), values=(RatingValue(-1, words("cold")), RatingValue(1, words("warm")))),
                Rating("greeted", words("Greeted"), RatingScale.YES_NO),
            ),
        ),
    ),
)  # fmt: skip

TIMELINE = Timeline(
    start=0,
    end=300_000,
    ended=True,
    points=(
        Point("p1", 10_000, "acts", "laughs", "ann"),
        Point("p2", 14_000, "acts", "laughs", "ann"),
        Point("p3", 150_000, "acts", "laughs", "ann", flags=("out-of-view",)),
    ),
    bouts=(
        Bout("b1", 20_000, 50_000, "acts", "plays", "ann", pieces=((20_000, 50_000),)),
        Bout("b2", 80_000, 100_000, "acts", "plays", "ann", pieces=((80_000, 100_000),), censored_end=True),
        Bout("b2", 200_000, 210_000, "acts", "plays", "ann", pieces=((200_000, 210_000),), part=1, censored_start=True),
    ),
    intervals=(
        Interval("ticks", 0, 0, 15_000, "ticked", 15_000, codes=("noise",)),
        Interval("ticks", 1, 15_000, 30_000, "empty", 15_000),
        Interval("ticks", 2, 30_000, 45_000, "missed", 15_000),
        Interval("ticks", 3, 45_000, 50_000, "partial", 5_000),
    ),
    scans=(
        Scan("looks", 0, 0, 100, "taken", "ann", "alone"),
        Scan("looks", 1, 60_000, 70_000, "late", "ann", "together"),
        Scan("looks", 2, 120_000, None, "missed", "ann"),
        Scan("gate", 0, 0, 0, "taken", counts=(((("posture", "sits"),), 3), ((("posture", "stands"),), 1))),
        Scan("gate", 1, 60_000, 60_000, "empty"),
        Scan("gate", 2, 120_000, None, "missed"),
    ),
    ratings=(
        Rated("r1", 0, "climate", "warmth", 1),
        Rated("r2", 0, "climate", "warmth", None, "cannot-judge"),
        Rated("r3", 0, "climate", "greeted", 1),
    ),
    observed=(
        Observed(None, ((0, 300_000),)),
        Observed("ann", ((0, 100_000), (200_000, 300_000))),
        Observed("ben", ()),
    ),
    subjects=("ann", "ben"),
)  # fmt: skip


def row(stream: str, code_id: str, subject: str | None = None) -> BudgetRow:
    rows = budget(FRAMEWORK, TIMELINE)
    return next(r for r in rows if (r.stream, r.code, r.subject) == (stream, code_id, subject))


def test_points_are_counted_over_the_time_the_subject_could_be_seen() -> None:
    laughs = row("acts", "laughs", "ann")

    assert (laughs.kind, laughs.count, laughs.left_out, laughs.observed_ms) == ("point", 2, 1, 200_000)
    assert laughs.rate is not None
    assert laughs.rate.value == 36.0
    assert laughs.proportion is None


def test_a_bout_interrupted_by_out_of_view_began_once_and_is_not_two() -> None:
    plays = row("acts", "plays", "ann")

    assert (plays.count, plays.bouts, plays.censored, plays.duration_ms) == (2, 2, 1, 60_000)
    assert plays.proportion is not None and plays.proportion.value == 0.3
    assert plays.mean_bout is not None and plays.mean_bout.value == 30.0
    assert plays.rate_at_risk is not None
    assert plays.rate_at_risk.denominator == 140_000 / 3_600_000


def test_gaps_between_bouts_do_not_cross_the_time_out_of_view() -> None:
    gap = row("acts", "plays", "ann").mean_gap

    assert gap is not None and (gap.value, gap.denominator) == (60.0, 1)


def test_a_subject_never_in_view_has_rows_with_nothing_known() -> None:
    laughs = row("acts", "laughs", "ben")

    assert (laughs.count, laughs.observed_ms) == (0, 0)
    assert laughs.rate is not None and laughs.rate.value is None


def test_a_code_that_was_watched_for_and_not_seen_is_a_zero_with_an_upper_limit() -> None:
    quiet = row("ticks", "quiet")

    assert quiet.share is not None
    assert (quiet.share.value, quiet.share.denominator) == (0, 2)


def test_missed_and_cut_off_intervals_are_in_no_denominator() -> None:
    noise = row("ticks", "noise")

    assert (noise.count, noise.of, noise.missed, noise.cut_off) == (1, 2, 1, 1)
    assert noise.share is not None
    assert noise.share.name == "fraction of intervals (partial interval)"
    assert noise.proportion is None


def test_scans_give_a_prevalence_and_late_ones_count_and_are_named() -> None:
    alone = row("looks", "alone", "ann")

    assert (alone.count, alone.of, alone.missed, alone.late) == (1, 2, 1, 1)
    assert alone.share is not None and alone.share.value == 0.5
    assert alone.rate is None


def test_an_empty_scan_is_a_true_zero_and_a_missed_one_is_not() -> None:
    everyone = row("gate", "all")

    assert (everyone.count, everyone.of, everyone.missed) == (4, 2, 1)
    assert everyone.mean_count is not None and everyone.mean_count.value == 2.0
    sits = row("gate", "posture=sits")
    assert sits.share is not None and sits.share.value == 0.75


def test_ratings_are_spread_over_their_scale() -> None:
    warmth = row("climate", "warmth").spread

    assert warmth is not None
    assert [(step.value, step.count) for step in warmth.steps] == [(-1, 0), (1, 1)]
    assert warmth.cannot_judge == 1


def test_yes_and_no_are_a_fraction_of_opportunities() -> None:
    greeted = row("climate", "greeted").share

    assert greeted is not None and (greeted.value, greeted.denominator) == (1.0, 1)


def test_a_code_that_could_not_occur_has_no_rate_there() -> None:
    rows = budget(FRAMEWORK, TIMELINE, opportunities={"laughs": ((0, 50_000),)})
    laughs = next(r for r in rows if (r.code, r.subject) == ("laughs", "ann"))

    assert laughs.observed_ms == 50_000
    assert laughs.rate is not None and laughs.rate.value == 144.0


def test_what_nobody_watched_is_the_rest_of_the_session() -> None:
    assert unwatched(TIMELINE, "ann") == ((100_000, 200_000),)
