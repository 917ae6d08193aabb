"""AnnoMI: counselling talks coded utterance by utterance; seven talks by ten coders. An utterance is a sample."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from observe.core.foreign import Draft, fixed_id, start_of
from observe.documents.importers.coded import Coding, code, scheme
from observe.documents.importers.table import anything, checked, one_of, refuse, whole, words

FILE = "annomi-codes.csv"
FRAMEWORK = "annomi"
UTTERANCE_MS = 1_000
"""session time counts utterances, a second each: the file's clock is too coarse to tell them apart"""

TASKS = {
    "behaviour": ("therapist", "main_therapist_behaviour", ("reflection", "question", "therapist_input", "other")),
    "question": ("therapist", "question_exists", ("True", "False")),
    "reflection": ("therapist", "reflection_exists", ("True", "False")),
    "input": ("therapist", "therapist_input_exists", ("True", "False")),
    "talk": ("client", "client_talk_type", ("change", "neutral", "sustain")),
}
"""stream → who speaks, column, its values"""
LABELS = {
    "behaviour": "Main behaviour of the therapist", "question": "A question in it", "reflection": "A reflection in it",
    "input": "Input in it", "talk": "Kind of talk of the client",
}  # fmt: skip


def document() -> dict[str, Any]:
    """The scheme: one stream for each task, each a sample an utterance."""
    actors = [
        {"id": who, "label": who.title(), "kind": "role", "seen_as": "as-one"} for who in ("therapist", "client")
    ]
    streams = [
        {
            "id": stream, "label": LABELS[stream], "actors": [who], "exclusive": True,
            "sampling": {"kind": "momentary-scan", "length_ms": UTTERANCE_MS},
            "codes": [code(code_of(stream, value), value.replace("_", " ").lower()) for value in values],
            "agreement": {"unit": "scan", "level": 0.667},
        }
        for stream, (who, _, values) in TASKS.items()
    ]  # fmt: skip
    return scheme(
        FRAMEWORK, "Motivational interviewing, utterance by utterance (AnnoMI)",
        "How do therapists and clients talk in good and poor motivational interviewing?",
        "Wu Z et al. (2023). Creation, Analysis and Evaluation of AnnoMI. Future Internet 15(3), 110. doi 10.3390/fi15030110",
        actors=actors, streams=streams, limits="An utterance is the unit: shares are of utterances, never of time. What the one says cannot be coded for the other, and stands there as missed.",
    )  # fmt: skip


def code_of(stream: str, value: str) -> str:
    return f"{stream}-{value.replace('_', '-').lower()}"


CHECKS = {
    "transcript_id": words, "annotator_id": words, "utterance_id": whole(0, 100_000),
    "interlocutor": one_of(("therapist", "client")), "mi_quality": anything,
    **{column: one_of((*values, "n/a")) for _, column, values in TASKS.values()},
}  # fmt: skip


def read(text: str) -> list[Coding]:
    """A session for each coder of each talk; one coder's rows of a talk are its utterances in order."""
    by_talk: dict[str, dict[str, list[dict[str, str]]]] = defaultdict(lambda: defaultdict(list))
    for row in checked(text, CHECKS):
        by_talk[row["transcript_id"]][row["annotator_id"]].append(row)
    faults = [
        f"Annotator {coder} has an utterance of talk {talk} twice."
        for talk, by_coder in by_talk.items()
        for coder, own in by_coder.items()
        if len({row["utterance_id"] for row in own}) < len(own)
    ]
    if faults:
        raise refuse(*faults)
    return [
        coding(talk, coder, own, several=len(by_coder) > 1)
        for talk, by_coder in by_talk.items()
        for coder, own in by_coder.items()
    ]


def coding(talk: str, coder: str, rows: Sequence[dict[str, str]], *, several: bool) -> Coding:
    last = max(int(row["utterance_id"]) for row in rows)
    events: list[dict[str, Any]] = [{"at": 0, "kind": "open"}]
    for row in sorted(rows, key=lambda row: int(row["utterance_id"])):
        events += scans(row)
    events.append({"at": (last + 1) * UTTERANCE_MS, "kind": "end"})
    draft = Draft(
        f"{talk}/{coder}", start_of(date(2023, 1, 1)), events, {"talk": talk, "quality": rows[0].get("mi_quality", "")},
        happening=fixed_id("annomi", talk), observer=f"annotator {coder}",
    )  # fmt: skip
    return Coding(draft, purpose="reliability" if several else "field")


def scans(row: dict[str, str]) -> Iterator[dict[str, Any]]:
    """What was said of one utterance, in each stream that is about whoever spoke."""
    sample = int(row["utterance_id"])
    for stream, (who, column, values) in TASKS.items():
        if row["interlocutor"] == who and row[column] in values:
            yield {
                "at": sample * UTTERANCE_MS, "kind": "scan", "stream": stream, "sample": sample,
                "code": code_of(stream, row[column]),
            }  # fmt: skip
