"""Fleiss 1971: thirty patients, each given one of five diagnoses by six raters. A patient is a sample."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from datetime import date
from typing import Any

from observe.core.foreign import Draft, fixed_id, start_of
from observe.documents.importers.coded import Coding, code, scheme
from observe.documents.importers.table import checked, one_of, refuse, words

FILE = "irr_diagnoses.csv"
FRAMEWORK = "fleiss-diagnoses"
PATIENT_MS = 1_000
DIAGNOSES = ("1. Depression", "2. Personality Disorder", "3. Schizophrenia", "4. Neurosis", "5. Other")


def document() -> dict[str, Any]:
    """One stream of five categories, a sample a patient."""
    stream = {
        "id": "diagnosis", "label": "Diagnosis", "actors": ["patient"], "exclusive": True,
        "sampling": {"kind": "momentary-scan", "length_ms": PATIENT_MS},
        "codes": [code(code_of(one), one.partition(" ")[2]) for one in DIAGNOSES],
        "agreement": {"unit": "scan", "level": 0.667},
    }  # fmt: skip
    return scheme(
        FRAMEWORK, "Diagnoses of thirty patients (Fleiss 1971)", "How far do psychiatrists agree on diagnoses?",
        "Fleiss JL (1971). Measuring nominal scale agreement among many raters. Psychological Bulletin 76, 378–382.",
        actors=[{"id": "patient", "label": "The patient at hand", "kind": "case", "seen_as": "as-one"}], streams=[stream],
        limits="A worked example. The six columns are not six persons: raters differed from patient to patient.",
    )  # fmt: skip


def code_of(diagnosis: str) -> str:
    return re.sub(r"[^a-z]+", "-", diagnosis.lower()).strip("-")


def read(text: str) -> Iterator[Coding]:
    """A session for each column."""
    header = next(csv.reader(io.StringIO(text.replace("\x00", "?"), newline="")), [])
    if not header or len(set(header)) < len(header) or not all(map(words, header)):
        raise refuse("The first line does not name six raters, each once.")
    rows = [list(row.values()) for row in checked(text, dict.fromkeys(header, one_of(DIAGNOSES)))]
    for column, rater in enumerate(header):
        events: list[dict[str, Any]] = [{"at": 0, "kind": "open"}]
        events += [
            {
                "at": k * PATIENT_MS,
                "kind": "scan",
                "stream": "diagnosis",
                "sample": k,
                "code": code_of(row[column]),
            }
            for k, row in enumerate(rows)
        ]
        events.append({"at": len(rows) * PATIENT_MS, "kind": "end"})
        draft = Draft(
            rater, start_of(date(1971, 1, 1)), events, {}, happening=fixed_id("fleiss", 1971), observer=rater
        )
        yield Coding(draft, purpose="reliability")
