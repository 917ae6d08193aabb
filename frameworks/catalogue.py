"""Every kind of finding about frameworks, as the reference page that docs/reference/findings.md must be."""

from __future__ import annotations

import re
from collections.abc import Iterator

from frameworks import codemaps, rights, rules, schema
from frameworks.convert import (
    boris,
    boris_observations,
    codebook_csv,
    codebook_xlsx,
    documents,
    elan,
    elan_observations,
    elan_scheme,
    pasted,
    table,
)
from frameworks.findings import CATALOGUE, Kind, Severity

PARTS = (
    rules, rights, schema, codemaps, documents, table, codebook_csv, codebook_xlsx, boris, boris_observations, elan, elan_scheme,
    elan_observations, pasted,
)  # fmt: skip
"""Importing a module enters its kinds into the catalogue."""

FAMILIES = {
    "Shape of a document": ("shape",),
    "Files": ("file",),
    "The framework as a whole": ("framework", "id", "label", "language", "rights", "consent", "position", "planned", "variable"),
    "Streams, sampling and agreement": (
        "stream", "sampling", "rotation", "reference", "target", "count", "exclusive", "exhaustive", "fallback", "beat",
        "predominant", "interval", "checklist", "crossed", "priority", "screen", "agreement", "actor",
    ),
    "Codes, modifiers and ratings": ("key", "colour", "definition", "modifier", "guard", "rating"),
    "Links and formulas": ("link", "formula"),
    "Constructs and indicators": ("construct", "indicator"),
    "Code maps between versions": ("map",),
    "Codebooks as tables": ("table", "csv", "xlsx"),
    "BORIS projects": ("boris",),
    "ELAN documents": ("elan",),
    "Pasted rows": ("pasted",),
}  # fmt: skip


def as_markdown() -> str:
    """The whole page."""
    return "\n".join(lines()).rstrip() + "\n"


def lines() -> Iterator[str]:
    """The page, line by line, family by family and by code within each."""
    counts = {severity: sum(kind.severity is severity for kind in CATALOGUE.values()) for severity in Severity}
    yield "# Findings about frameworks"
    yield ""
    yield (
        f"There are {len(CATALOGUE)} kinds: {counts[Severity.ERROR]} errors, {counts[Severity.WARNING]} warnings and "
        f"{counts[Severity.HINT]} hints. An error stands in the way of publishing (or of importing); warnings and hints are "
        "the supervisor's to weigh. Every finding has a place in the document, a sentence and a way out. "
        "The codes are stable. Words in ‹brackets› are filled in."
    )
    yield ""
    yield "This page is made by `frameworks.catalogue.as_markdown()`; a test compares the two."
    for title, families in FAMILIES.items():
        kinds = sorted(
            (kind for kind in CATALOGUE.values() if family_of(kind) in families), key=lambda kind: kind.code
        )
        yield from ("", f"## {title}", "", "| code | severity | what it says | what to do |", "|---|---|---|---|")
        yield from (
            f"| `{kind.code}` | {kind.severity.value} | {shown(kind.sentence)} | {shown(kind.remedy)} |"
            for kind in kinds
        )


def family_of(kind: Kind) -> str:
    """The part of a code before its first point."""
    return kind.code.partition(".")[0]


def shown(words: str) -> str:
    """A sentence with its places in brackets, safe in a table."""
    return re.sub(r"\{(\w+)[^}]*\}", r"‹\1›", words).replace("|", "\\|")
