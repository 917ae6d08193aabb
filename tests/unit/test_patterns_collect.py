"""From coded sessions to rows: each kind of sampling gives its own kind of evidence, with its own exposure."""

from __future__ import annotations

from dataclasses import replace

import pytest

from frameworks.model import (
    Actor,
    ActorKind,
    Code,
    CodeType,
    Construct,
    Diagnosticity,
    Framework,
    Indicator,
    Link,
    Rating,
    RatingScale,
    Sampling,
    SamplingKind,
    SeenAs,
    Stream,
    Variable,
    VariableKind,
)
from observe.core.coding.record import (
    Bout,
    Interval,
    Linked,
    Note,
    Observed,
    Point,
    Rated,
    Scan,
    Timeline,
    Turn,
)
from observe.core.patterns import CodedSession, Family, Row, freedom_of, rows_from
from tests.factories.patterns import text

MINUTE = 60_000
HOUR = 60 * MINUTE
CHILD = Actor("child", text("Child"))
ROOM = Actor("room", text("Room"), ActorKind.PLACE, SeenAs.AS_ONE)


def scheme(*streams: Stream, indicators: tuple[Indicator, ...], links: tuple[Link, ...] = ()) -> Framework:
    construct = Construct("warmth", text("warmth"), indicators=indicators)
    return Framework(
        "scheme", text("Scheme"), actors=(CHILD, ROOM), streams=streams, links=links, constructs=(construct,)
    )


def stream(
    id: str,
    kind: SamplingKind,
    *codes: Code,
    actors: tuple[str, ...] = ("child",),
    ratings: tuple[Rating, ...] = (),
) -> Stream:
    return Stream(id, text(id), Sampling(kind), actors, codes=codes, ratings=ratings)


def record(**parts: object) -> Timeline:
    whole: dict[str, object] = {
        "subjects": ("C1", "C2"), "observed": (Observed(None, ((0, HOUR),)), Observed("C2", ((0, HOUR // 2),))),
    }  # fmt: skip
    return Timeline(0, HOUR, True, **(whole | parts))  # type: ignore[arg-type]


def rows_of(framework: Framework, timeline: Timeline) -> dict[tuple[str, str], Row]:
    session = CodedSession("s1", timeline, "owen", "playground", case="room 3", day=2.0)
    return {(row.person, row.indicator): row for row in rows_from(framework, [session]).rows}


HELPS = Code("helps", text("Helps"))
PLAYS = Code("plays", text("Plays"), CodeType.STATE)


def test_points_are_counted_over_the_minutes_in_which_each_child_could_be_seen():
    framework = scheme(
        stream("acts", SamplingKind.CONTINUOUS, HELPS),
        indicators=(Indicator(+1, "helps", diagnosticity=Diagnosticity.STRONG),),
    )
    points = tuple(Point(f"e{k}", at, "acts", "helps", "C1") for k, at in enumerate((9_000, 1_000)))

    rows = rows_of(framework, record(points=points))

    assert (rows["C1", "helps"].value, rows["C1", "helps"].exposure) == (2, 60)
    assert [one.event for one in rows["C1", "helps"].moments] == ["e1", "e0"]
    assert (rows["C2", "helps"].value, rows["C2", "helps"].exposure) == (0, 30), "a zero is evidence too"
    assert rows["C1", "helps"].family is Family.COUNT


def test_a_state_is_counted_by_its_beginnings_over_the_time_in_which_it_could_begin():
    framework = scheme(stream("acts", SamplingKind.CONTINUOUS, PLAYS), indicators=(Indicator(-1, "plays"),))
    bouts = (
        Bout("e1", 0, 10 * MINUTE, "acts", "plays", "C1", pieces=((0, 10 * MINUTE),), censored_start=True),
        Bout(
            "e2",
            20 * MINUTE,
            25 * MINUTE,
            "acts",
            "plays",
            "C1",
            target="C2",
            pieces=((20 * MINUTE, 25 * MINUTE),),
        ),
        Bout("e3", 22 * MINUTE, 30 * MINUTE, "acts", "plays", "C1", pieces=((22 * MINUTE, 30 * MINUTE),)),
        Bout("e3", 40 * MINUTE, 44 * MINUTE, "acts", "plays", "C1", part=1, pieces=((40 * MINUTE, 44 * MINUTE),)),
    )

    row = rows_of(framework, record(bouts=bouts))["C1", "plays"]

    assert row.value == 2, "neither a bout that was already going on nor a later part is a beginning"
    assert row.exposure == 60 - (10 + 10 + 4), "time in the state is counted once, however many targets"


def test_intervals_and_scans_are_shares_of_those_that_were_watched():
    framework = scheme(
        stream("ticks", SamplingKind.PARTIAL_INTERVAL, HELPS),
        stream("scans", SamplingKind.MOMENTARY_SCAN, PLAYS),
        indicators=(Indicator(+1, "helps"), Indicator(+1, "plays")),
    )
    intervals = tuple(
        Interval("ticks", k, k, k + 1, state, 1, "C1", ("helps",) if state == "ticked" else (), (f"e{k}",))
        for k, state in enumerate(("ticked", "empty", "missed", "ticked", "out-of-view", "partial"))
    )
    scans = tuple(
        Scan("scans", k, k, k, state, "C1", code)
        for k, (state, code) in enumerate(
            [("taken", "plays"), ("late", "rests"), ("missed", None), ("empty", None)]
        )
    )

    rows = rows_of(framework, record(intervals=intervals, scans=scans))

    assert (rows["C1", "helps"].value, rows["C1", "helps"].exposure) == (2, 3)
    assert (rows["C1", "plays"].value, rows["C1", "plays"].exposure) == (1, 3)
    assert rows["C1", "helps"].family is Family.SHARE
    assert ("C2", "plays") not in rows, "nobody scanned C2: that is no zero"


def test_a_code_that_answers_something_is_a_share_of_its_opportunities():
    asks = Code("asks", text("Asks"))
    complies = replace(HELPS, id="complies", opportunity=text("was asked"))
    framework = scheme(
        stream("acts", SamplingKind.CONTINUOUS, asks, complies),
        indicators=(Indicator(+1, "complies"),),
        links=(Link("obeys", text("Obeys"), ("asks",), ("complies",), 5_000),),
    )
    points = (
        Point("a1", 1_000, "acts", "asks", "room", target="C1"), Point("c1", 2_000, "acts", "complies", "C1"),
        Point("a2", 9_000, "acts", "asks", "room", target="C1"), Point("a3", 12_000, "acts", "asks", "room", target="C2"),
    )  # fmt: skip
    links = (
        Linked("l1", "obeys", "a1", "c1", 1_000, True), Linked("l2", "obeys", "a2", None, None, False),
        Linked("l3", "obeys", "a3", None, None, False),
    )  # fmt: skip

    rows = rows_of(framework, record(points=points, links=links))

    assert (rows["C1", "complies"].value, rows["C1", "complies"].exposure) == (1, 2)
    assert rows["C1", "complies"].moments[0].event == "c1"


def test_ratings_are_averaged_and_cannot_judge_is_no_value():
    care = Rating("care", text("Care"))
    tidy = Rating("tidy", text("Tidy"), RatingScale.YES_NO)
    framework = scheme(
        stream("judged", SamplingKind.RATING, ratings=(care, tidy), actors=("room",)),
        indicators=(Indicator(+1, rating="care"), Indicator(+1, rating="tidy")),
    )
    ratings = (
        Rated("r1", 1, "judged", "care", 2.0), Rated("r2", 2, "judged", "care", 5.0),
        Rated("r3", 3, "judged", "care", None, "cannot-judge"), Rated("r4", 4, "judged", "tidy", 1.0),
    )  # fmt: skip
    session = CodedSession("s1", record(ratings=ratings), "owen", case="room 3")

    rows = rows_from(framework, [session])

    by_name = {row.indicator: row for row in rows.rows}
    assert (by_name["care"].value, by_name["care"].family, by_name["care"].person) == (
        3.5,
        Family.RATING,
        "room 3",
    )
    assert (by_name["tidy"].value, by_name["tidy"].exposure, by_name["tidy"].family) == (1, 1, Family.SHARE)
    assert rows.unanswered == (("room 3", "care", 1),)


def test_what_nobody_could_judge_goes_with_the_case_that_the_rows_are_counted_for():
    framework = scheme(
        stream("judged", SamplingKind.RATING, ratings=(Rating("care", text("Care")),), actors=("room",)),
        indicators=(Indicator(+1, rating="care"),),
    )
    ratings = (Rated("r1", 1, "judged", "care", 2.0), Rated("r2", 2, "judged", "care", None, "cannot-judge"))
    sessions = [
        CodedSession(id, record(ratings=ratings), "owen", case=room)
        for id, room in (("s1", "3"), ("s2", "4"), ("s3", ""))
    ]

    rows = rows_from(
        framework, sessions, regroup=lambda _, room: {"3": "upstairs"}.get(room, ""), freedom_told=True
    )

    assert [(row.session, row.person) for row in rows.rows] == [("s1", "upstairs")]
    assert rows.unanswered == (("upstairs", "care", 1),)
    assert rows.freedom_told


def test_a_modifier_that_is_asked_for_must_have_been_recorded():
    framework = scheme(
        stream("acts", SamplingKind.CONTINUOUS, HELPS),
        indicators=(
            Indicator(+1, "helps", modifiers=(("to", "peer"),)),
            Indicator(-1, "helps", modifiers=(("to", "adult"),)),
        ),
    )
    points = (
        Point("e1", 1, "acts", "helps", "C1", modifiers=(("to", "peer"),)),
        Point("e2", 2, "acts", "helps", "C1", modifiers=(("to", ("adult", "peer")),)),
        Point("e3", 3, "acts", "helps", "C1"),
    )

    rows = rows_of(framework, record(points=points))

    assert rows["C1", "helps[to=peer]"].value == 2
    assert rows["C1", "helps[to=adult]"].value == 1


def test_ticks_with_a_modifier_count_where_it_was_ticked_with_it():
    framework = scheme(
        stream("ticks", SamplingKind.PARTIAL_INTERVAL, HELPS),
        indicators=(Indicator(+1, "helps", modifiers=(("to", "peer"),)),),
    )
    intervals = tuple(
        Interval("ticks", k, k, k + 1, "ticked", 1, "C1", ("helps",), modifiers=(("helps", (("to", to),)),))
        for k, to in enumerate(("peer", "adult"))
    )

    row = rows_of(framework, record(intervals=intervals))["C1", "helps[to=peer]"]

    assert (row.value, row.exposure) == (1, 2)


def test_a_tally_is_a_count_over_the_windows_that_were_watched():
    framework = scheme(
        stream("taps", SamplingKind.TALLY, HELPS, actors=("room",)), indicators=(Indicator(+1, "helps"),)
    )
    windows = (
        Interval("taps", 0, 0, 5 * MINUTE, "ticked", 5 * MINUTE, codes=("helps",), values=(("helps", 3),)),
        Interval("taps", 1, 5 * MINUTE, 10 * MINUTE, "empty", 5 * MINUTE),
        Interval("taps", 2, 10 * MINUTE, 15 * MINUTE, "missed", 0),
    )

    row = rows_of(framework, record(intervals=windows))["room 3", "helps"]

    assert (row.value, row.exposure, row.family) == (3, 10, Family.COUNT)


def test_in_a_rotating_list_a_child_is_watched_only_in_its_own_turns():
    framework = scheme(stream("acts", SamplingKind.CONTINUOUS, HELPS), indicators=(Indicator(+1, "helps"),))
    turns = (
        Turn("acts", "C1", 0, 10 * MINUTE),
        Turn("acts", "C2", 10 * MINUTE, 20 * MINUTE),
        Turn("acts", "C1", 20 * MINUTE, HOUR),
    )
    points = (Point("e1", MINUTE, "acts", "helps", "C1"), Point("e2", 12 * MINUTE, "acts", "helps", "C1"))

    rows = rows_of(framework, record(points=points, turns=turns))

    assert (rows["C1", "helps"].value, rows["C1", "helps"].exposure) == (1, 50)
    assert (rows["C2", "helps"].value, rows["C2", "helps"].exposure) == (0, 10)


def test_an_actor_seen_as_one_stands_for_the_case_and_not_for_everybody_of_that_role():
    teacher = Actor("teacher", text("Teacher"), ActorKind.ROLE, SeenAs.AS_ONE)
    pupils = Actor("pupils", text("Pupils"), ActorKind.GROUP, SeenAs.AS_ONE)
    construct = Construct("warmth", text("warmth"), indicators=(Indicator(+1, "helps"),))
    framework = Framework(
        "two", text("Two"), actors=(teacher, pupils), constructs=(construct,),
        streams=(stream("acts", SamplingKind.CONTINUOUS, HELPS, actors=("teacher", "pupils")),),
    )  # fmt: skip
    timeline = record(points=(Point("e1", 1, "acts", "helps", "teacher"),), subjects=("teacher",))
    sessions = [CodedSession("s1", timeline, "owen", case="L1"), CodedSession("s2", timeline, "owen", case="L2")]

    assert [(row.person, row.value) for row in rows_from(framework, sessions).rows] == [("L1", 1), ("L2", 1)]


def test_what_cannot_be_used_is_said_with_its_reason():
    framework = scheme(
        stream("acts", SamplingKind.CONTINUOUS, HELPS, actors=("room",)),
        indicators=(Indicator(+1, "gone"), Indicator(+1, "helps")),
    )

    rows = rows_from(framework, [CodedSession("s1", record(subjects=()), "owen")])

    assert rows.left_out == (
        "gone: the framework has no such code",
        "helps: session s1 does not say who or what was observed",
    )


def test_a_place_followed_over_time_is_a_case_like_any_other():
    framework = scheme(
        stream("acts", SamplingKind.CONTINUOUS, HELPS, actors=("room",)), indicators=(Indicator(+1, "helps"),)
    )
    visits = [
        CodedSession(
            f"s{k}",
            record(subjects=(), points=(Point(f"e{k}", 5, "acts", "helps"),)),
            "owen",
            case="library",
            day=k,
        )
        for k in range(3)
    ]

    rows = rows_from(framework, visits).rows

    assert [(row.person, row.day, row.value) for row in rows] == [
        ("library", 0, 1),
        ("library", 1, 1),
        ("library", 2, 1),
    ]


def test_the_same_record_sent_as_two_sessions_is_noticed_and_counts_once():
    framework = scheme(stream("acts", SamplingKind.CONTINUOUS, HELPS), indicators=(Indicator(+1, "helps"),))
    points = tuple(Point(f"e{k}", 1_000 * k, "acts", "helps", "C1") for k in range(3))
    again = tuple(replace(one, event="f" + one.event) for one in points)

    rows = rows_from(
        framework,
        [CodedSession("s1", record(points=points), "owen"), CodedSession("s2", record(points=again), "olga")],
    )

    assert rows.twins == (("s1", "s2"),)
    assert {row.cell for row in rows.rows if row.person == "C1"} == {("C1", "s1")}


def test_notes_stand_beside_the_evidence_and_are_not_counted():
    framework = scheme(stream("acts", SamplingKind.CONTINUOUS, HELPS), indicators=(Indicator(+1, "helps"),))
    timeline = record(
        points=(Point("e1", 1, "acts", "helps", "C1"),), notes=(Note("n1", 7, "The bell rang early"),)
    )

    rows = rows_from(framework, [CodedSession("s1", timeline, "owen")])

    assert [(note.session, note.text) for note in rows.notes] == [("s1", "The bell rang early")]
    assert rows.rows[0].value == 1


def area(kind: SamplingKind = SamplingKind.AREA_COUNT, *, exclusive: bool = True) -> Framework:
    codes = (Code("sits", text("Sits")), Code("moves", text("Moves")))
    counted = Stream("area", text("Area"), Sampling(kind), ("crowd",), exclusive, codes=codes)
    construct = Construct("moving", text("moving"), indicators=(Indicator(+1, "moves"), Indicator(-1, "sits")))
    crowd = Actor("crowd", text("Visitors"), ActorKind.EVERYONE, SeenAs.COUNTED)
    return Framework("park", text("Park"), actors=(crowd,), streams=(counted,), constructs=(construct,))


def counted(index: int, state: str = "taken", **found: int) -> Scan:
    cells = tuple(((("code", code), ("sex", "f")), n) for code, n in sorted(found.items()))
    return Scan("area", index, index * MINUTE, index * MINUTE, state, counts=cells, events=(f"e{index}",))


VISIT = (
    counted(0, sits=4, moves=2), counted(1, "empty", sits=0), counted(2, "late", moves=3), counted(3, "missed"),
)  # fmt: skip


def test_people_counted_in_an_area_speak_of_the_place_as_so_many_of_those_who_were_there():
    rows = rows_of(area(), record(subjects=(), scans=VISIT))

    moves, sits = rows["room 3", "moves"], rows["room 3", "sits"]
    assert (moves.family, moves.value, moves.exposure, moves.measure) == (Family.SHARE, 5, 9, "people")
    assert (sits.value, sits.exposure) == (4, 9)
    assert [one.at for one in moves.moments] == [0, 2 * MINUTE], "the scans that found somebody at it"


def test_places_that_are_told_apart_in_one_session_each_have_their_own_counts():
    """As the recorder writes it where the areas are subjects: each scan names the area that was counted."""
    visit = tuple(
        replace(scan, subject=name) for name, scan in zip(("north", "south"), (VISIT[0], VISIT[2]), strict=True)
    )

    rows = rows_of(area(), record(subjects=("north", "south"), scans=visit))

    assert {(who, row.value, row.exposure) for (who, what), row in rows.items() if what == "moves"} == {
        ("north", 2, 6),
        ("south", 3, 3),
    }


def test_where_one_person_may_be_counted_twice_the_place_has_so_many_a_scan():
    moves = rows_of(area(exclusive=False), record(subjects=(), scans=VISIT))["room 3", "moves"]

    assert (moves.family, moves.value, moves.exposure, moves.measure) == (Family.COUNT, 5, 3, "scans")
    assert moves.news == 1.0


def test_an_indicator_of_an_area_count_can_ask_for_some_of_the_people_only():
    framework = area()
    women = Indicator(+1, "moves", modifiers=(("sex", "f"),))
    asked = replace(framework, constructs=(replace(framework.constructs[0], indicators=(women,)),))
    men = Scan("area", 4, 4 * MINUTE, 4 * MINUTE, "taken", counts=(((("code", "moves"), ("sex", "m")), 6),))

    row = rows_of(asked, record(subjects=(), scans=(*VISIT, men)))["room 3", "moves[sex=f]"]

    assert (row.value, row.exposure) == (5, 15)


def test_of_shares_that_make_one_whole_each_counts_but_for_what_follows_from_the_others():
    rows = rows_of(area(), record(subjects=(), scans=VISIT))

    assert {row.news for row in rows.values()} == {0.5}


def test_counts_of_unnamed_people_are_left_out_where_no_place_is_followed():
    session = CodedSession("s1", record(subjects=(), scans=VISIT), "owen")

    rows = rows_from(area(), [session])

    assert rows.rows == ()
    assert rows.left_out[0] == (
        "moves: counts of unnamed people say nothing of any of them: follow settings, or another case, to read them"
    )


PLACE = Variable("place", text("Place"), VariableKind.ONE_OF, bound_when=("drill",), partly_bound_when=("lesson",))
DUTY = Variable("duty", text("On duty"), VariableKind.YES_NO, partly_bound_when=("yes",))


@pytest.mark.parametrize(
    ("told", "freedom"),
    [
        ({}, 1.0), ({"place": "break"}, 1.0), ({"place": "lesson"}, 0.5), ({"place": "drill"}, 0.0),
        ({"place": "break", "duty": True}, 0.5), ({"place": "drill", "duty": False}, 0.0), ({"duty": None}, 1.0),
    ],
)  # fmt: skip
def test_a_session_leaves_as_much_choice_as_its_least_free_answer(told: dict[str, object], freedom: float):
    framework = Framework("bound", text("Bound"), variables=(PLACE, DUTY))

    assert freedom_of(framework, told) == freedom


def test_a_session_without_any_choice_is_left_out_and_said_to_be():
    framework = scheme(stream("acts", SamplingKind.CONTINUOUS, HELPS), indicators=(Indicator(+1, "helps"),))
    timeline = record(points=(Point("e1", 1, "acts", "helps", "C1"),))
    sessions = [CodedSession(f"s{k}", timeline, "owen", choice=choice) for k, choice in enumerate((0.0, 0.5))]

    rows = rows_from(replace(framework, variables=(PLACE,)), sessions)

    assert {(row.session, row.choice) for row in rows.rows} == {("s1", 0.5)}
    assert rows.left_out == ("session s0: people could not act otherwise, so that it says nothing of them",)
    assert rows.freedom_told
