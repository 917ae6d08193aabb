"""What a supervisor is told of a log before trusting it."""

from __future__ import annotations

from frameworks.schema import framework_of
from observe.core.coding import checks
from observe.core.coding.events import event_of
from observe.core.coding.timeline import timeline


def log(*rows):
    """Rows of (kind, at in ms, other fields), numbered from 1, with both clocks running alike."""
    made = []
    for seq, (kind, at, *more) in enumerate(rows, 1):
        clocks = {"mono": 500.0 + at, "wall": 1_790_000_000_000 + at, "boot": "b1"}
        made.append({"id": f"e{seq}", "seq": seq, "at": at, "kind": kind, **clocks, **(more[0] if more else {})})
    return [event_of(row) for row in made]


WHOLE = log(
    ("open", 0), ("point", 10, {"code": "asks"}), ("point", 20, {"code": "asks"}), ("end", 30, {"count": 4})
)


def framework():
    codes = [
        {"id": "asks", "label": "Asks", "modifiers": ["how"]},
        {"id": "reads", "label": "Reads", "type": "state", "modifiers": ["what"]},
        {"id": "other", "label": "Other", "note_required": True},
    ]
    modifiers = [
        {"id": "how", "label": "How", "kind": "text", "required": True},
        {"id": "what", "label": "What", "kind": "text", "required": True, "asked_at": "stop"},
    ]
    stream = {"id": "talk", "label": "Talk", "codes": codes}
    return framework_of(
        {"schema": "observe-framework/1", "slug": "t", "title": "T", "modifiers": modifiers, "streams": [stream]}
    )


def codes_of(findings):
    return [finding.code for finding in findings]


def test_a_log_is_complete_when_the_end_said_how_many_there_are_and_each_is_here():
    whole = checks.completeness(WHOLE)

    assert (whole.have, whole.expected, whole.missing, whole.is_complete) == (4, 4, (), True)


def test_repetitions_do_not_make_up_for_what_is_missing():
    whole = checks.completeness([WHOLE[0], WHOLE[3], WHOLE[3], WHOLE[3]])

    assert (whole.have, whole.expected, whole.missing, whole.is_complete) == (2, 4, ((2, 3),), False)


def test_without_an_end_nobody_can_know_whether_it_is_complete_but_a_hole_is_seen():
    whole = checks.completeness([WHOLE[0], WHOLE[2]])

    assert (whole.expected, whole.missing, whole.is_complete) == (None, ((2, 2),), False)


def test_amendments_after_the_end_are_expected_too():
    more = log(("open", 0), ("end", 30, {"count": 2}), ("amend", 90, {"ref": "e1"}), ("amend", 95, {"ref": "e1"}))

    assert checks.completeness([more[0], more[1], more[3]]).missing == ((3, 3),)


def test_an_absurd_count_costs_nothing():
    whole = checks.completeness(log(("open", 0), ("end", 30, {"count": 2**53})))

    assert whole.missing == ((3, 2**53),)


def test_clocks_that_run_alike_give_no_finding():
    assert checks.clocks(WHOLE) == ()


def test_a_wall_clock_set_by_an_hour_is_a_finding_unless_the_log_says_so():
    an_hour = {"wall": 1_790_000_000_000 + 3_600_020}
    unsaid = log(("open", 0), ("point", 20, {"code": "asks", **an_hour}))
    said = log(("open", 0), ("clock", 20, {"reason": "jump", **an_hour}))

    assert [(f.code, f.detail) for f in checks.clocks(unsaid)] == [("clock.wall_against_mono", "3600000")]
    assert checks.clocks(said) == ()


def test_session_time_that_leaves_the_monotonic_clock_is_a_finding():
    made = log(("open", 0), ("point", 20, {"code": "asks", "mono": 4_000.0, "wall": 1_790_000_003_500}))

    assert codes_of(checks.clocks(made)) == ["clock.session_against_mono"]


def test_a_back_dated_tap_is_judged_by_when_it_was_tapped():
    made = log(("open", 0), ("point", 60_000, {"code": "asks"}))
    back = log(
        ("open", 0),
        ("point", 5_000, {"code": "asks", "tapped": 60_000, "mono": 60_500.0, "wall": 1_790_000_060_000}),
    )

    assert checks.clocks(made) == checks.clocks(back) == ()


def test_across_a_restart_session_time_is_held_against_the_wall_clock():
    right = log(("open", 0), ("clock", 9_000, {"reason": "boot", "boot": "b2", "mono": 3.0}))
    wrong = log(
        ("open", 0), ("clock", 9_000, {"reason": "boot", "boot": "b2", "mono": 3.0, "wall": 1_790_000_000_000})
    )

    assert checks.clocks(right) == ()
    assert [(f.code, f.detail) for f in checks.clocks(wrong)] == [("clock.session_against_wall", "9000")]


def test_time_that_runs_backwards_is_a_finding():
    assert "clock.backwards" in codes_of(checks.clocks(log(("open", 50), ("point", 20, {"code": "asks"}))))


def test_a_device_clock_two_minutes_ahead_of_the_servers_is_a_finding_half_a_minute_is_not():
    ahead = log(("clock", 10, {"reason": "sync", "server": 1_790_000_000_010 - 120_000}))
    nearly = log(("clock", 10, {"reason": "sync", "server": 1_790_000_000_010 - 30_000}))

    assert [(f.code, f.detail) for f in checks.against_server(ahead)] == [("clock.against_server", "120000")]
    assert checks.against_server(nearly) == ()
    assert checks.server_offsets(nearly)[0].ahead_ms == 30_000


def test_contradictions_are_only_those_findings_in_which_the_observer_contradicts_the_observer():
    made = log(
        ("open", 0), ("stop", 5, {"code": "reads"}), ("point", 6, {"code": "unheard-of"}), ("end", 9, {"count": 4})
    )
    record = timeline(framework(), {}, made)

    assert codes_of(record.findings) == ["stop.without_start", "code.unknown"]
    assert codes_of(checks.contradictions(record)) == ["stop.without_start"]


def test_required_modifiers_notes_variables_and_ratings_that_nobody_gave_are_named():
    rating = {"id": "calm", "label": "Calm", "scale": "yes-no"}
    stream = {"id": "r", "label": "R", "sampling": {"kind": "rating", "rated_at": "end"}, "ratings": [rating]}
    scheme = framework_of(
        {
            "schema": "observe-framework/1", "slug": "t", "title": "T",
            "modifiers": [
                {"id": "how", "label": "How", "kind": "text", "required": True},
                {"id": "what", "label": "What", "kind": "text", "required": True, "asked_at": "stop"},
            ],
            "variables": [{"id": "room", "label": "Room", "required": True}],
            "streams": [
                {"id": "talk", "label": "Talk", "codes": [
                    {"id": "asks", "label": "Asks", "modifiers": ["how"]},
                    {"id": "reads", "label": "Reads", "type": "state", "modifiers": ["what"]},
                    {"id": "other", "label": "Other", "note_required": True},
                ]},
                stream,
            ],
        }
    )  # fmt: skip
    made = log(
        ("open", 0), ("point", 1, {"code": "asks"}), ("point", 2, {"code": "asks", "modifiers": {"how": "openly"}}),
        ("start", 3, {"code": "reads"}), ("stop", 4, {"code": "reads"}), ("start", 5, {"code": "reads"}),
        ("point", 6, {"code": "other"}), ("point", 7, {"code": "other"}), ("note", 8, {"text": "yawned", "ref": "e8"}),
        ("end", 9, {"count": 10}),
    )  # fmt: skip

    found = checks.left_out(scheme, {"variables": {}}, timeline(scheme, {}, made))

    assert [(f.code, f.events, f.detail) for f in found] == [
        ("variable.missing", (), "room"),
        ("modifier.missing", ("e2",), "how"),
        ("modifier.missing", ("e4",), "what"),
        ("note.missing", ("e7",), "other"),
        ("rating.missing", (), "calm"),
    ]


def test_everything_together_is_sorted_and_says_what_is_missing():
    events = [WHOLE[0], WHOLE[2]]
    found = checks.every(framework(), {}, events, timeline(framework(), {}, events))

    assert [(f.code, f.at, f.detail) for f in found] == [
        ("log.gap", 20, "2-2"),
        ("modifier.missing", 20, "how"),
        ("session.not_ended", 20, ""),
    ]
