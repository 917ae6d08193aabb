"""A session of a foreign file with who coded it and who is in it, and the schemes of files that have none here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from observe.core.foreign import Draft


@dataclass(frozen=True, slots=True)
class Coding:
    """`draft.observer` is the coder's name; `subjects` are pseudonyms by id; `purpose` as in a session's header."""

    draft: Draft
    subjects: Mapping[str, str] = field(default_factory=dict)
    purpose: str = "field"


def scheme(
    slug: str,
    title: str,
    purpose: str,
    citation: str,
    *,
    actors: Sequence[dict[str, Any]],
    streams: Sequence[dict[str, Any]],
    limits: str,
) -> dict[str, Any]:
    """A framework document for what a file holds. Names of codes are facts; definitions say where the real ones are."""
    return {
        "schema": "observe-framework/1", "slug": slug, "title": title, "purpose": purpose, "limits": limits,
        "attend_to": ["What the file codes"], "leave_out": ["Anything else"], "assumptions": ["The file is as its authors left it"],
        "source": {"citation": citation}, "rights": {"status": "facts-reworded", "note": "Names of codes as facts, wording ours."},
        "actors": list(actors), "streams": list(streams),
    }  # fmt: skip


def code(id_: str, label: str, type_: str = "state") -> dict[str, Any]:
    """A code whose definition stands in the file's own source."""
    return {
        "id": id_, "label": label, "type": type_, "definition": f"Coded as “{label}” in the source; see there.",
        "exclude": ["What the source codes otherwise"], "non_examples": ["See the source"],
    }  # fmt: skip
