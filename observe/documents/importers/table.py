"""Tables of other people, checked cell by cell before anything is made of them: all faults at once, or every row."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from observe.core.errors import Invalid

MOST_FAULTS = 20
"""a file of another kind has a fault in every line; after these nobody reads on"""

Check = Callable[[str], bool]
Row = dict[str, str]


class NotAsPublished(Invalid):
    """Coded material is not as its authors published it; nothing of it was taken in."""

    code = "import.not_as_published"
    sentence = "The file is not as its authors published it. Nothing was taken in."
    remedy = "Fetch it again from its source, and change nothing in it."


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong with a file, in words."""

    sentence: str


def refuse(*sentences: str) -> NotAsPublished:
    """What is wrong, as the error that stops the import."""
    more = len(sentences) - MOST_FAULTS
    told = (*sentences[:MOST_FAULTS], *([f"… and {more} more."] if more > 0 else []))
    return NotAsPublished(findings=tuple(Fault(one) for one in told))


def checked(text: str, checks: Mapping[str, Check]) -> list[Row]:
    """The rows of a CSV whose named columns hold what they should; other columns may hold anything."""
    try:
        header, *lines = list(csv.reader(io.StringIO(text, newline=""))) or [[]]
    except csv.Error as problem:
        raise refuse(f"The file is not CSV: {problem}.") from problem
    if missing := [name for name in checks if name not in header]:
        raise refuse(*(f"The file has no column “{name}”." for name in missing))
    faults, rows = [], []
    for number, line in enumerate(lines, start=2):
        if not line:
            continue
        if len(line) != len(header):
            faults.append(f"Line {number} has {len(line)} cells, and the header has {len(header)}.")
            continue
        row = dict(zip(header, line, strict=True))
        faults += [
            f"Line {number}: “{row[name][:40]}” cannot stand in the column “{name}”."
            for name, check in checks.items()
            if not check(row[name])
        ]
        rows.append(row)
    if faults:
        raise refuse(*faults)
    if not rows:
        raise refuse("The file has no rows.")
    return rows


def anything(cell: str) -> bool:
    """Whatever can be stored."""
    return len(cell) <= 1_000 and "\x00" not in cell


def words(cell: str) -> bool:
    return bool(cell.strip()) and anything(cell)


def number(least: float, most: float) -> Check:
    """A number within bounds: infinite times and years of a million are damage."""

    def holds(cell: str) -> bool:
        try:
            value = float(cell)
        except ValueError:
            return False
        return math.isfinite(value) and least <= value <= most

    return holds


def whole(least: int, most: int) -> Check:
    """A whole number in figures."""
    return lambda cell: cell.isascii() and cell.isdecimal() and len(cell) < 10 and least <= int(cell) <= most


def one_of(values: Iterable[str]) -> Check:
    known = frozenset(values)
    return lambda cell: cell in known


def optional(check: Check, nothing: Iterable[str] = ("",)) -> Check:
    """What the check takes, or one of the words for nothing."""
    absent = frozenset(nothing)
    return lambda cell: cell in absent or check(cell)


def iso_date(cell: str) -> bool:
    try:
        date.fromisoformat(cell)
    except ValueError:
        return False
    return True


def moment(form: str) -> Check:
    """A date and time in a certain form."""

    def holds(cell: str) -> bool:
        try:
            return datetime.strptime(cell, form).year >= 1970
        except ValueError:
            return False

    return holds
