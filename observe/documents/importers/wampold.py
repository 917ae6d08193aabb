"""Wampold: two sequences of six codes in order, without times; `wampold_1982.csv` and `wampold_1984.csv`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from observe.core.foreign import Draft, start_of
from observe.documents.importers.coded import Coding, code, scheme
from observe.documents.importers.table import checked, one_of, refuse, whole

FILES = ("wampold_1982.csv", "wampold_1984.csv")
FRAMEWORK = "wampold-sequences"
STEP_MS = 1_000
"""there are no times: session time counts places in the sequence, and no rate or duration means anything"""
CODES = tuple("123456")


def document() -> dict[str, Any]:
    """One stream of events."""
    stream = {
        "id": "codes", "label": "Codes in order", "actors": ["pair"],
        "codes": [code(f"c{one}", f"Code {one}", "point") for one in CODES],
    }  # fmt: skip
    return scheme(
        FRAMEWORK, "Two sequences of six codes (Wampold 1982, 1984)", "Which code follows which?",
        "Wampold BE, Margolin G (1982). Psychological Bulletin 92, 755–765; Wampold BE (1984). Psychological Bulletin 96, 424–429.",
        actors=[{"id": "pair", "label": "The pair", "kind": "group", "seen_as": "as-one"}], streams=[stream],
        limits="Order only. Nothing about time, rates or durations can be said.",
    )  # fmt: skip


def read(texts: Mapping[str, str]) -> Iterator[Coding]:
    """A session for each file."""
    for name, text in texts.items():
        rows = checked(text, {"order": whole(0, 1_000_000), "code": one_of(CODES)})
        if len({row["order"] for row in rows}) < len(rows):
            raise refuse(f"{name} has a place of the order twice.")
        codes = [row["code"] for row in sorted(rows, key=lambda row: int(row["order"]))]
        year = name.removesuffix(".csv")[-4:]
        events: list[dict[str, Any]] = [{"at": 0, "kind": "open"}]
        events += [{"at": k * STEP_MS, "kind": "point", "code": f"c{one}"} for k, one in enumerate(codes)]
        events.append({"at": len(codes) * STEP_MS, "kind": "end"})
        yield Coding(Draft(name, start_of(date(int(year), 1, 1)), events, {"year": year}, observer="coder"))
