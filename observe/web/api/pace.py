"""How many requests one sender may make: a safeguard against a tablet gone wild, not against an attacker."""

from __future__ import annotations

import threading

from observe.core.errors import TooManyRequests


class Pace:
    """At most so many requests a minute from each sender, counted in this process."""

    def __init__(self, a_minute: int) -> None:
        self.a_minute = a_minute
        self.lock = threading.Lock()
        self.minute = 0
        self.count_of: dict[str, int] = {}

    def count(self, sender: str, seconds: float) -> None:
        """One more at this moment, or TooManyRequests. What was counted in another minute is forgotten."""
        with self.lock:
            minute = int(seconds // 60)
            if minute != self.minute:
                self.minute, self.count_of = minute, {}
            count = self.count_of[sender] = self.count_of.get(sender, 0) + 1
        if count > self.a_minute:
            raise TooManyRequests
