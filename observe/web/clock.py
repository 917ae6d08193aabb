"""What time it is, for everything behind a request. Tests hand in a clock of their own."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from flask import Flask, current_app


def begin(app: Flask, clock: Callable[[], datetime] | None) -> None:
    """Use this clock, or the machine's."""
    app.extensions["observe.clock"] = clock or (lambda: datetime.now(UTC))


def now() -> datetime:
    """Now, in UTC."""
    moment: datetime = current_app.extensions["observe.clock"]()
    return moment
