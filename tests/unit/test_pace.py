"""How many requests one sender may make."""

from __future__ import annotations

import pytest

from observe.core.errors import TooManyRequests
from observe.web.api.pace import Pace


def test_one_more_than_allowed_in_a_minute_is_refused_and_the_next_minute_begins_anew():
    pace = Pace(3)
    for second in (60.0, 61.0, 119.9):
        pace.count("tablet 3", second)

    with pytest.raises(TooManyRequests):
        pace.count("tablet 3", 119.95)

    pace.count("tablet 3", 120.0)


def test_one_senders_haste_is_not_laid_to_another():
    pace = Pace(1)
    pace.count("tablet 3", 0)
    pace.count("tablet 4", 0)

    with pytest.raises(TooManyRequests):
        pace.count("tablet 3", 1)


def test_senders_of_another_minute_are_forgotten():
    pace = Pace(1)
    for number in range(1000):
        pace.count(f"tablet {number}", 0)
    pace.count("tablet 3", 60)

    assert pace.count_of == {"tablet 3": 1}
