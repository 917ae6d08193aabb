"""Lectures coded with FILL+: `anon_codes_with_durations.csv`, one row for each stretch of a lecture, to the second."""

from __future__ import annotations

from datetime import date
from itertools import groupby

from observe.core.foreign import Draft, start_of
from observe.documents.importers.table import anything, checked, iso_date, number, one_of, optional, refuse, words

FILE = "anon_codes_with_durations.csv"
FRAMEWORK = "fill-plus"
VARIABLES = {"course_anonid": "course", "lecturer_anonid": "lecturer", "discipline": "discipline"}


CODES = ("AD", "LT", "LQ", "LR", "SQ", "SR", "CQ", "ST", "SD", "FB", "NA", "END")
SECONDS = number(0, 86_400)
CHECKS = {
    "lecture_id": words, "time": SECONDS, "code": one_of(CODES), "duration": optional(SECONDS, ("NA", "")),
    "lecture_date": iso_date, "coder": words, **dict.fromkeys(VARIABLES, anything),
}  # fmt: skip


def read(text: str) -> list[Draft]:
    """A session for each lecture. Rows of a lecture stand together; `END` closes it."""
    lectures = [
        (lecture, list(rows))
        for lecture, rows in groupby(checked(text, CHECKS), key=lambda row: row["lecture_id"])
    ]
    faults = [
        f"Lecture {lecture}: a stretch begins before the one above it, or comes after the end."
        for lecture, rows in lectures
        if [float(row["time"]) for row in rows] != sorted(float(row["time"]) for row in rows)
        or any(row["code"] == "END" for row in rows[:-1])
    ]
    names = [lecture for lecture, _ in lectures]
    faults += [f"Lecture {name} stands in two places." for name in dict.fromkeys(names) if names.count(name) > 1]
    faults += [
        f"Lecture {lecture} has no end."
        for lecture, rows in lectures
        if rows[-1]["code"] != "END" and not SECONDS(rows[-1]["duration"])
    ]
    if faults:
        raise refuse(*faults)
    return [lecture_of(lecture, rows) for lecture, rows in lectures]


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
