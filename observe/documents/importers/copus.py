"""COPUS tables: one row for each two-minute interval of an observation, a column of 0 and 1 for each code."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import groupby

from frameworks import excerpt, library
from frameworks.schema import framework_of
from observe.core.foreign import Draft, fixed_id, start_of
from observe.documents.importers.table import checked, number, one_of, refuse, whole, words

FILE = "all_observations_cleaned.csv"
WHOLE = "copus"
FRAMEWORK = "copus-eight-codes"
LENGTH_MS = 120_000
UNIT = ("course", "instructor", "semester", "year", "observation")

CODES = {
    "Student.AnsweringQuestion": ("students", "S_AnQ"),
    "Student.AskingQuestion": ("students", "S_SQ"),
    "Students.GroupWork": ("students", "S_OG"),
    "Instructor.AskingClickerQuestion": ("instructor", "I_CQ"),
    "Instructor.GivingFeedback": ("instructor", "I_FUp"),
    "Instructor.Lecturing": ("instructor", "I_Lec"),
    "Instructor.WritingOnBoard": ("instructor", "I_RtW"),
    "Instructor.MovingThroughGroup": ("instructor", "I_MG"),
}
"""stream and code of the framework, by the table's column; columns that are not named here are left out"""
NOT_IN_IT = "The table has columns for eight codes of COPUS. Of all others it says nothing: their zeros are not known to be zeros."
BECAUSE = "Cut from COPUS to the eight codes that the published table has columns for: of all others it says nothing, and nothing is not zero."


def cut() -> excerpt.Excerpt:
    """COPUS with the codes of the table and no others."""
    return excerpt.excerpt(
        framework_of(library.document(WHOLE)),
        excerpt.Held(codes=[code for _, code in CODES.values()]),
        slug=FRAMEWORK,
        title="What students and instructor do in class (eight codes of COPUS)",
        because=BECAUSE,
    )


CHECKS = {
    "time": number(2, 1_440), **dict.fromkeys(UNIT, words), "year": whole(0, 99),
    **dict.fromkeys(CODES, one_of(("0", "1"))),
}  # fmt: skip


def read(text: str) -> list[Draft]:
    """A session for each observation. The column `time` is the minute at which an interval ends."""
    rows = checked(text, CHECKS)
    groups = [
        (names, list(some)) for names, some in groupby(rows, key=lambda row: tuple(row[name] for name in UNIT))
    ]
    faults = [
        f"Observation {'/'.join(names)} has an interval twice."
        for names, some in groups
        if len({interval_of(row) for row in some}) < len(some)
    ]
    heads = [names for names, _ in groups]
    faults += [
        f"Observation {'/'.join(one)} stands in two places."
        for one in dict.fromkeys(heads)
        if heads.count(one) > 1
    ]
    if faults:
        raise refuse(*faults)
    return [observation_of(names, some) for names, some in groups]


def observation_of(names: Sequence[str], rows: list[dict[str, str]]) -> Draft:
    """A tick where a code occurred. An interval that the table leaves out was missed, and not empty."""
    there = {interval_of(row): row for row in rows}
    last = max(there)
    events: list[dict[str, object]] = [{"at": 0, "kind": "open"}]
    for interval in range(last + 1):
        events += ticks(interval, there.get(interval))
    events.append({"at": (last + 1) * LENGTH_MS, "kind": "end"})
    unit = dict(zip(UNIT, names, strict=True))
    happening = fixed_id("copus", *names)
    return Draft("/".join(names), start_of(date(2000 + int(unit["year"]), 1, 1)), events, unit, happening)


def interval_of(row: dict[str, str]) -> int:
    return round(float(row["time"]) * 60_000 / LENGTH_MS) - 1


def ticks(interval: int, row: dict[str, str] | None) -> Iterator[dict[str, object]]:
    """What was ticked, in the middle of the interval; without a row, that nobody watched either stream."""
    place = {"at": interval * LENGTH_MS + LENGTH_MS // 2, "interval": interval}
    if row is None:
        for stream in sorted({stream for stream, _ in CODES.values()}):
            yield {**place, "kind": "interval", "stream": stream, "state": "missed"}
        return
    for column, (stream, code) in CODES.items():
        if row.get(column) == "1":
            yield {**place, "kind": "tick", "stream": stream, "code": code}
