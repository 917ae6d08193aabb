"""How often, how long, how many: the figures that actions need from the settings."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Limits:
    """The defaults are those of config.py."""

    sign_in_attempts: int = 5
    address_attempts: int = 30
    sign_in_window: timedelta = timedelta(minutes=15)
    idle: timedelta = timedelta(minutes=120)
    absolute: timedelta = timedelta(hours=12)
    invitation: timedelta = timedelta(hours=72)
    enrolment: timedelta = timedelta(minutes=15)
    device: timedelta = timedelta(days=365)
