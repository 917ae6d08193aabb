"""Lectures coded with FILL+: `anon_codes_with_durations.csv`, one row for each stretch of a lecture, to the second."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import date
from itertools import groupby

from observe.core.foreign import Draft, start_of

FILE = "anon_codes_with_durations.csv"
FRAMEWORK = "fill-plus"
VARIABLES = {"course_anonid": "course", "lecturer_anonid": "lecturer", "discipline": "discipline"}


class NotFillPlus(ValueError):
    """The file lacks a column, or a lecture does not go from one stretch to the next."""


def read(text: str) -> Iterator[Draft]:
    """A session for each lecture. Rows of a lecture stand together; `END` closes it."""
    rows = csv.DictReader(io.StringIO(text, newline=""))
    missing = {"lecture_id", "time", "code", "duration", "lecture_date", *VARIABLES} - set(rows.fieldnames or ())
    if missing:
        raise NotFillPlus(f"The file has no column {', '.join(sorted(missing))}.")
    for lecture, stretch in groupby(rows, key=lambda row: row["lecture_id"]):
        yield lecture_of(lecture, list(stretch))


def lecture_of(lecture: str, rows: list[dict[str, str]]) -> Draft:
    """One state after the other; the exclusive stream ends each where the next begins. `NA` is time without a code.

    Session time begins with the first row: a second before that was not coded by anybody.
    """
    events: list[dict[str, object]] = [{"at": 0, "kind": "open"}]
    running, begun = "", float(rows[0]["time"])
    for row in rows:
        at, code = round((float(row["time"]) - begun) * 1000), row["code"]
        if code == "END":
            events.append({"at": at, "kind": "end"})
        elif code != "NA":
            events.append({"at": at, "kind": "start", "code": code})
        elif running:
            events.append({"at": at, "kind": "stop", "code": running})
        running = "" if code in {"END", "NA"} else code
    if events[-1]["kind"] != "end":
        last = rows[-1]
        events.append({"at": round((float(last["time"]) + float(last["duration"]) - begun) * 1000), "kind": "end"})
    first = rows[0]
    variables = {name: first[column] for column, name in VARIABLES.items()}
    return Draft(
        lecture, start_of(date.fromisoformat(first["lecture_date"])), events, variables, observer=first["coder"]
    )
