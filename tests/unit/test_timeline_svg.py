"""The drawing of a session: where things stand, and what each mark says."""

from __future__ import annotations

from frameworks.model import Code, CodeType, Framework, Stream, Text
from observe.core.coding.record import Bout, Observed, Point, Timeline
from observe.documents.timeline_svg import GUTTER, WIDTH, clock, draw

WORDS = Text((("en", "Talk"),))
CODES = (Code("LT", WORDS, CodeType.STATE), Code("Q", WORDS))
FRAMEWORK = Framework("f", WORDS, streams=(Stream("s", WORDS, codes=CODES, exclusive=True),))
RECORD = Timeline(
    0, 10_000, True,
    bouts=(Bout("e1", 0, 5_000, "s", "LT", pieces=((0, 5_000),)), Bout("e2", 7_000, 10_000, "s", "LT", pieces=((7_000, 10_000),), censored_end=True)),
    points=(Point("e3", 2_500, "s", "Q"),),
    observed=(Observed(None, ((0, 5_000), (7_000, 10_000))),),
)  # fmt: skip


def test_bouts_stand_in_proportion_to_time_and_say_what_they_are():
    drawing = draw(FRAMEWORK, RECORD, {})
    bars = [mark for mark in drawing.marks if mark.shape == "bar"]
    across = WIDTH - GUTTER - 4

    assert [(bar.x, bar.width) for bar in bars] == [
        (GUTTER, across / 2),
        (round(GUTTER + 0.7 * across, 2), round(0.3 * across, 2)),
    ]
    assert [bar.words for bar in bars] == ["LT from 0:00 to 0:05", "LT from 0:07 to 0:10, end not seen"]
    assert drawing.legend == ((1, "LT", "Talk"), (2, "Q", "Talk"))


def test_time_that_nobody_watched_is_veiled_and_points_are_ticks():
    drawing = draw(FRAMEWORK, RECORD, {})

    [veil] = [mark for mark in drawing.marks if mark.shape == "veil"]
    [tick] = [mark for mark in drawing.marks if mark.shape == "tick"]
    assert veil.words == "nobody watched 0:05 to 0:07"
    assert (tick.words, tick.hue) == ("Q at 0:02", 2)


def test_an_empty_session_still_has_its_lanes():
    drawing = draw(FRAMEWORK, Timeline(0, 0, False), {})

    assert [lane.label for lane in drawing.lanes] == ["Talk: nothing seen"]


def test_times_have_hours_only_when_there_are_some():
    assert [clock(ms) for ms in (0, 59_999, 60_000, 3_661_000, -1_000)] == [
        "0:00",
        "0:59",
        "1:00",
        "1:01:01",
        "−0:01",
    ]
