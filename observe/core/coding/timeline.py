"""From the log to the coded record. The rules, with their numbers, are those of docs/reference/coded-record.md."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from frameworks.model import Framework
from observe.core.coding.events import Event
from observe.core.coding.record import Timeline


def timeline(framework: Framework, header: Mapping[str, Any], events: Sequence[Event]) -> Timeline:
    """What the events mean under this framework; the order in which they come, and repetitions, change nothing."""
    raise NotImplementedError


def as_json(record: Timeline) -> dict[str, Any]:
    """The record as plain JSON values, every field present, as the vectors and the client have it."""
    raise NotImplementedError
