"""Seattle public life: scans of who stays where, a row a person, and a row with a total of 0 for an empty scan."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from observe.core.foreign import Draft, fixed_id, start_of
from observe.documents.importers.coded import Coding, scheme
from observe.documents.importers.table import checked, moment, number, one_of, optional, words

FILE = "03_SPL_Staying.csv"
FRAMEWORK = "seattle-staying"
SCAN_MS = 1_200_000
ZONE = "America/Los_Angeles"
TIME = "%m/%d/%Y %I:%M:%S %p"
POSTURES = ("standing", "leaning", "sitting_formal_all", "sitting_informal", "lying")
DOINGS = (
    "commercial_all", "eating_drinking", "talking_to_others", "smoking", "cultural", "recreation_active",
    "recreation_passive", "waiting_transportation", "working_civic", "disruptive", "living_public", "using_electronics",
    "soliciting",
)  # fmt: skip

KINDS = {
    "sitting_formal_all": (
        "sitting_formal_public", "sitting_formal_public_fixed_bench", "sitting_formal_public_fixed_wall_with_seats",
        "sitting_formal_public_movable_seat", "sitting_formal_commercial", "sitting_formal_private",
    ),
    "commercial_all": ("commercial_selling", "commercial_selling_informal", "commercial_buying", "commercial_observing"),
    "recreation_active": ("recreation_active_play",),
    "recreation_passive": ("recreation_passive_reading_writing",),
    "disruptive": ("disruptive_aggressive", "disruptive_intoxicated"),
}  # fmt: skip
"""columns for a kind of the same: in some years only these were filled in, and the column for all of them left blank"""

GENDERS = {
    "Female": "female", "Feminine presenting": "female", "Male": "male", "Masculine presenting": "male",
    "Gender-non-conforming presenting": "non-conforming", "Other_Unsure": "unsure", "Unsure": "unsure",
    "Unknown": "not-written", "": "not-written",
}  # fmt: skip
"""what surveyors took people for, in the words of every year; nothing written is not the same as unsure"""


def document() -> dict[str, Any]:
    """Three counts of each scan. Somebody can do several things at once, so doings do not add up to persons."""
    streams = [
        count("persons", "Persons", "gender", tuple(dict.fromkeys(GENDERS.values())), "Apparent gender"),
        count("posture", "Postures", "posture", POSTURES, "Posture"),
        count("doing", "What was done", "doing", DOINGS, "Activity"),
    ]
    return scheme(
        FRAMEWORK, "Staying scans (Seattle public life)", "Who stays in this place, how, and what do they do?",
        "City of Seattle open data, Public Life Study (5mzj-4rtf, fg6z-cn3y).",
        actors=[{"id": "stayer", "label": "Whoever stays", "kind": "everyone", "seen_as": "counted"}], streams=streams,
        limits="The wording of options changed between years (2023: masculine, feminine presenting; before: male, female). Doings are counted, not persons: one person can do several things. The file does not say which options the form of a year offered: a zero can also be a choice that surveyors did not have.",
    )  # fmt: skip


def count(id_: str, label: str, dimension: str, options: Sequence[str], words: str) -> dict[str, Any]:
    return {
        "id": id_, "label": label, "actors": ["stayer"], "sampling": {"kind": "area-count", "length_ms": SCAN_MS},
        "crossed": [
            {"id": dimension, "label": words, "options": [{"id": one, "label": one.replace("_", " ")} for one in options]}
        ],
    }  # fmt: skip


def read(text: str) -> Iterator[Coding]:
    """A session for each scan: a location and the moment at which it began."""
    count = optional(number(0, 10_000))
    kinds = [column for own in KINDS.values() for column in own]
    checks = {
        "location_id": words, "staying_time_start": moment(TIME), "staying_row_total": count,
        "staying_gender": one_of(GENDERS), **dict.fromkeys((*POSTURES, *DOINGS, *kinds), count),
    }  # fmt: skip
    rows = checked(text, checks)
    scans: dict[tuple[str, str], list[dict[str, str]]] = {}
    for row in rows:
        scans.setdefault((row["location_id"], row["staying_time_start"]), []).append(row)
    for (place, begun), some in scans.items():
        yield coding(place, begun, some)


def coding(place: str, begun: str, rows: Sequence[dict[str, str]]) -> Coding:
    """A row with a total of 0 is nobody: an empty scan is a true zero, and not a gap."""
    moment = datetime.strptime(begun, TIME)
    persons = sum(whole(row["staying_row_total"]) for row in rows)
    events: list[dict[str, Any]] = [{"at": 0, "kind": "open"}]
    for stream, dimension, options in (("posture", "posture", POSTURES), ("doing", "doing", DOINGS)):
        counts = Counter({one: sum(persons_in(row, one) for row in rows) for one in options})
        events.append(scan(stream, dimension, counts, seen=persons > 0))
    events.append(scan("persons", "gender", genders(rows), seen=persons > 0))
    events.append({"at": SCAN_MS, "kind": "end"})
    variables = {
        "location": place,
        "study": rows[0].get("study_id", ""),
        "day": rows[0].get("staying_day_of_week", ""),
    }
    at = start_of(moment.date(), moment.time())
    draft = Draft(
        f"{place}/{begun}",
        at,
        events,
        variables,
        happening=fixed_id("seattle", place, begun),
        observer="surveyor",
        zone=ZONE,
    )
    return Coding(draft)


def persons_in(row: dict[str, str], option: str) -> int:
    """Who chose an option, or any kind of it. Kinds overlap (a bench is public), so they are not added up."""
    return max(whole(row[column]) for column in (option, *KINDS.get(option, ())))


def genders(rows: Sequence[dict[str, str]]) -> Counter[str]:
    """Everybody, by what the surveyor took them for."""
    found: Counter[str] = Counter()
    for row in rows:
        found[GENDERS[row["staying_gender"]]] += whole(row["staying_row_total"])
    return found


def scan(stream: str, dimension: str, counts: Counter[str], *, seen: bool) -> dict[str, Any]:
    base = {"at": 0, "kind": "scan", "stream": stream, "sample": 0}
    if not seen:
        return {**base, "state": "empty"}
    return {**base, "counts": [{"cell": {dimension: one}, "n": n} for one, n in counts.items() if n]}


def whole(words: str) -> int:
    return int(float(words)) if words.strip() else 0
