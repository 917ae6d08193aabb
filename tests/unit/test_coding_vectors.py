"""The vectors say what a log means; TypeScript runs the same files (tests/client/core/vectors.test.ts)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from frameworks.schema import framework_of
from observe.core.coding.events import event_of
from observe.core.coding.timeline import as_json, timeline

FILES = sorted((Path(__file__).parents[1] / "vectors").glob("*.json"))
VECTORS = [
    pytest.param(v, id=f"{file.stem}: {v['name']}") for file in FILES for v in json.loads(file.read_text("utf-8"))
]


def compact(value: dict[str, Any]) -> dict[str, Any]:
    """Vectors leave out what is null, false or without content. Numbers are never left out: 0 is not nothing."""
    return {
        name: item for name, item in value.items() if not (item is None or item is False or item in ("", [], {}))
    }


def as_in_vectors(record: dict[str, Any]) -> dict[str, Any]:
    return {
        name: [compact(item) if isinstance(item, dict) else item for item in value]
        if isinstance(value, list)
        else value
        for name, value in compact(record).items()
    }


@pytest.mark.parametrize("vector", VECTORS)
def test_the_log_means_what_the_vector_says(vector):
    record = timeline(
        framework_of(vector["framework"]), vector["header"], [event_of(row) for row in vector["events"]]
    )

    assert as_in_vectors(as_json(record)) == vector["expected"]


def test_there_are_vectors_and_their_names_are_rules_of_their_own():
    names = [parameter.values[0]["name"] for parameter in VECTORS]

    assert len(names) >= 150
    assert len(set(names)) == len(names)
