"""Tidy tables of patterns: what a run said, on what it rests, and what people made of it. Of the newest runs only.

A figure is left away where the run says that there is not enough evidence for one: `status` says so in its place.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from observe.core.reviews import Review, Status
from observe.core.tidy import Column, Row

WITHOUT_FIGURE = frozenset({"confounded", "not-enough-evidence", "not-watched"})


@dataclass(frozen=True, slots=True)
class FlatTable:
    """A table of the study as a whole, in one piece."""

    name: str
    about: str
    columns: tuple[Column, ...]


@dataclass(frozen=True, slots=True)
class Inferred:
    """One finding with its run, and what the reader of the export may know of its reviews."""

    run: int
    run_hash: str
    data_hash: str
    framework: str
    framework_hash: str
    made: str
    post_hoc: int
    finding: Mapping[str, Any]
    visible: tuple[Review, ...]
    hidden: int
    status: Status
    map: str = ""
    """of the run: a hash of the map by which versions were read together"""


def _text(name: str, about: str, *, required: bool = False, holds_json: bool = False) -> Column:
    return Column(name, "string", about, required=required, holds_json=holds_json)


def _number(name: str, about: str) -> Column:
    return Column(name, "number", about)


def _count(name: str, about: str) -> Column:
    return Column(name, "integer", about)


_OF = (
    _text("inference", "hash of the finding: data, framework, engine, settings, person, construct", required=True),
    _text("person", "id of the subject, or who or what was followed", required=True),
    _text("construct", "id of the construct in the framework", required=True),
)

PATTERNS = FlatTable("patterns", "One row a person and construct of the newest run of each framework.", (
    *_OF, _text("label", "the construct in words"), _text("status", "pattern, contrary-pattern, unclear, no-difference, not-enough-evidence, confounded, not-watched", required=True),
    _text("sentence", "how it may be quoted", required=True), _number("mean", "estimate, relative to the people of the run; empty where none may be given"),
    _number("low", "lower limit of the interval"), _number("high", "upper limit of the interval"),
    _number("low_half", "lower limit of the 50 % interval"), _number("high_half", "upper limit of the 50 % interval"),
    _number("p_above", "P(more than the smallest difference worth a word)"), _number("p_below", "P(less than minus that)"),
    _number("false_sign", "P(the sign is wrong)"), _text("missing", "what would open the gates that are closed"),
    _number("minutes", "time in which counted behaviour could be seen"), _number("seen", "events seen; a rating counts as one"),
    _number("expected", "events to be expected of a peer"), _count("sessions", "occasions it rests on"),
    _count("situations", "situations it was watched in"), _count("observers", "who watched"), _count("peers", "others in the same situations"),
    Column("situation_specific", "boolean", "whether it differs by situation"), _count("post_hoc", "sessions recorded under other indicators of the construct"),
    _text("standing", "by the reviews that the reader of this export may know"), _count("dissent", "voices against it"),
    _count("hidden", "voices that the reader of this export may not know yet"),
    _count("run", "number of the run in the study"), Column("made", "datetime", "when the run was made"),
    _text("framework", "short name of the framework"), _text("framework_hash", "its version"), _text("run_hash", "hash of the run"),
    _text("data_hash", "hash of the data that it read"), _text("map", "hash of the map by which versions were read together; empty where there was none"),
))  # fmt: skip

EVIDENCE = FlatTable("evidence", "One row a session and indicator of a finding; contributions add up to the estimate.", (
    *_OF, _text("session", "id of the session; `peers` where the peers' mean is taken off", required=True), _text("indicator", "code or rating, with modifiers"),
    _text("situation", "what peers are compared in"), _text("observer", "number of the person who watched"), _text("family", "count, share or rating"),
    _number("observed", "seen"), _number("expected", "to be expected of a peer"), _number("exposure", "minutes, opportunities or ratings"),
    _number("contribution", "what it adds to the estimate"), _text("side", "supporting or contrary, seen from the estimate"),
    _text("events", "ids of the events, as JSON", holds_json=True),
))  # fmt: skip

REVIEWS = FlatTable("reviews", "One row a reading, also those of earlier runs. Never one that its reader may not know yet.", (
    *_OF, _text("review", "id", required=True), Column("current", "boolean", "of the newest run"), _text("part", "reviewer, dissenter or observed"),
    _text("reviewer", "number of the person, or observed"), _text("decision", "endorse, dispute, more-evidence or abstain"), _text("reason", "in their words"),
    _text("rivals", "what was weighed, as JSON", holds_json=True), _text("cited", "observations leant on, as JSON", holds_json=True),
    _count("confidence", "0 to 100"), Column("blind", "boolean", "without knowing of others"), _text("supersedes", "the reading that it takes back"),
    Column("made", "datetime", "when it was given"),
))  # fmt: skip

TABLES = (PATTERNS, EVIDENCE, REVIEWS)


def _of(one: Inferred) -> Row:
    return (one.finding["hash"], one.finding["person"], one.finding["construct"])


def pattern_rows(one: Inferred) -> Iterator[Row]:
    """The finding itself."""
    found, watched = one.finding, one.finding["watched"]
    known = found["estimate"] if found["status"] not in WITHOUT_FIGURE else None
    names = ("mean", "low", "high", "low_half", "high_half", "p_above", "p_below", "false_sign")
    figures = [known[name] if known else None for name in names]
    yield (
        *_of(one), found["label"], found["status"], found["sentence"], *figures, "; ".join(found["missing"]) or None,
        watched["minutes"], watched["events"], watched["expected"], len(watched["sessions"]), len(watched["situations"]),
        len(watched["observers"]), watched["peers"], found["situation_specific"], one.post_hoc,
        "hidden" if one.hidden else one.status.standing.value, len(one.status.dissent), one.hidden, one.run, one.made,
        one.framework, one.framework_hash, one.run_hash, one.data_hash, one.map or None,
    )  # fmt: skip


def evidence_rows(one: Inferred) -> Iterator[Row]:
    """Every session × indicator, and what is taken off for the peers."""
    for item in one.finding["evidence"]["items"]:
        yield (
            *_of(one), item["session"], item["indicator"], item["situation"] or None, item["observer"].removeprefix("person:"),
            item["family"], item["observed"], item["expected"], item["exposure"], item["contribution"], item["side"],
            json.dumps([moment["event"] for moment in item["moments"]]),
        )  # fmt: skip
    if one.finding["estimate"] is not None:
        empty = (None,) * 7
        yield (*_of(one), "peers", *empty, one.finding["evidence"]["peers"], None, None)


def review_rows(one: Inferred) -> Iterator[Row]:
    """What the reader may know, and nothing else."""
    for review in one.visible:
        weighed = [
            {"rival": each.rival, "weighing": each.weighing.value, "because": each.because}
            for each in review.rivals
        ]
        yield (
            review.inference, review.person, review.construct, review.id, review.inference == one.finding["hash"],
            review.part.value, review.reviewer, review.decision.value, review.reason, json.dumps(weighed, ensure_ascii=False),
            json.dumps(review.cited), review.confidence, review.blind, review.supersedes or None, review.made_at.isoformat(),
        )  # fmt: skip


ROWS = {"patterns": pattern_rows, "evidence": evidence_rows, "reviews": review_rows}
