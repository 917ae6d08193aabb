"""Moments are written so that they mean the same everywhere."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from observe.core.instants import Instant, iso, local_day, ms_of, parse


@pytest.mark.parametrize(
    ("ms", "offset", "text"),
    [
        (0, 0, "1970-01-01T00:00:00.000Z"),
        (1_790_000_000_123, 60, "2026-09-21T15:13:20.123+01:00"),
        (1_790_000_000_123, -210, "2026-09-21T10:43:20.123-03:30"),
        (-1, 0, "1969-12-31T23:59:59.999Z"),
    ],
)
def test_an_instant_is_written_with_milliseconds_and_offset(ms, offset, text):
    assert iso(ms, offset) == text
    assert parse(text) == Instant(ms, offset)


def test_the_hour_that_comes_twice_in_autumn_is_two_instants():
    summer, winter = parse("2026-10-25T01:30:00+01:00"), parse("2026-10-25T01:30:00+00:00")

    assert winter.ms - summer.ms == 3_600_000


def test_the_same_instant_is_another_day_elsewhere():
    assert local_day(1_790_033_400_000, 0) == "2026-09-21"
    assert local_day(1_790_033_400_000, 120) == "2026-09-22"


@pytest.mark.parametrize(
    "text", ["2026-09-21T15:13:20", "2026-09-21", "", "soon", "2026-13-01T00:00:00Z", "2026-09-21T15:13:20+25:00", "2026-09-21T25:00:00Z"]
)  # fmt: skip
def test_what_names_no_instant_is_not_guessed_at(text):
    assert parse(text) is None


@pytest.mark.parametrize(("ms", "offset"), [(2**53, 0), (-(2**53), 0), (0, 24 * 60), (253_402_300_799_999, 1)])
def test_what_no_calendar_holds_is_not_written(ms, offset):
    assert iso(ms, offset) is None


@given(st.integers(-60_000_000_000_000, 250_000_000_000_000), st.integers(-1439, 1439))
def test_writing_and_reading_come_back_to_the_same_instant(ms, offset):
    assert parse(iso(ms, offset)) == Instant(ms, offset)


def test_a_datetime_of_any_zone_gives_the_same_milliseconds():
    moment = datetime(2026, 9, 21, 15, 13, 20, 123_999, tzinfo=timezone(timedelta(hours=1)))

    assert ms_of(moment) == 1_790_000_000_123
