"""How long it takes to read, check, hash and compare a framework of 500 codes. CPU time, best of several runs.

.venv/bin/python -m benchmarks.frameworks_check
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from frameworks.convert.boris import read_project, to_boris
from frameworks.convert.codebook_csv import from_csv, to_csv
from frameworks.convert.documents import from_json, to_json
from frameworks.model import Framework
from frameworks.rules import check
from frameworks.schema import dump, framework_of
from frameworks.versions import changes, content_hash

RUNS = 7
TARGET_MS = 50.0


def big_document(streams: int = 10, codes: int = 50, constructs: int = 20) -> dict[str, Any]:
    """A framework of `streams` × `codes` codes, each fully defined, and of constructs that name every code."""
    ids = [f"s{s}c{c}" for s in range(streams) for c in range(codes)]
    return {
        "schema": "observe-framework/1",
        "slug": "big",
        "title": "Big",
        "purpose": "How long does it take?",
        "actors": [{"id": "person", "label": "Person"}],
        "modifiers": [
            {
                "id": f"m{n}",
                "label": f"Modifier {n}",
                "options": [{"id": f"o{o}", "label": f"Option {o}"} for o in range(6)],
            }
            for n in range(20)
        ],
        "streams": [
            {
                "id": f"s{s}",
                "label": f"Stream {s}",
                "actors": ["person"],
                "exclusive": s % 2 == 0,
                "agreement": {"unit": "event", "tolerance_ms": 1000},
                "codes": [code(s, c) for c in range(codes)],
            }
            for s in range(streams)
        ],
        "constructs": [
            {
                "id": f"k{k}",
                "label": f"Construct {k}",
                "definition": "Stands for many.",
                "rivals": [{"id": "r1", "label": "One"}, {"id": "r2", "label": "Two"}],
                "indicators": [
                    {"polarity": 1 if n % 3 else -1, "code": each, "rationale": "A reason."}
                    for n, each in enumerate(ids[k::constructs])
                ],
            }
            for k in range(constructs)
        ],
    }


def code(stream: int, number: int) -> dict[str, Any]:
    """One code with everything that a good code has."""
    return {
        "id": f"s{stream}c{number}",
        "label": f"Code {stream} {number}",
        "type": "state" if stream % 2 == 0 else "point",
        "definition": f"What is seen in case {stream} {number}, and how it is told from its neighbours.",
        "include": ["One thing", "Another thing"],
        "exclude": ["What it is most easily taken for"],
        "examples": ["A clear case"],
        "non_examples": ["A near miss"],
        "modifiers": [f"m{(stream + number) % 20}"],
    }


def best_ms(do: Callable[[], object]) -> float:
    """CPU milliseconds of the fastest run: what disturbs a run only ever makes it slower."""
    times = []
    for _ in range(RUNS):
        begun = time.process_time()
        do()
        times.append(time.process_time() - begun)
    return min(times) * 1000


def measurements(document: dict[str, Any]) -> list[tuple[str, float]]:
    """Each thing that is done with a framework, and what it costs."""
    framework: Framework = framework_of(document)
    as_json, as_csv, as_boris = to_json(framework), to_csv(framework), to_boris(framework)[0]
    return [
        ("check", best_ms(lambda: check(framework))),
        ("load", best_ms(lambda: framework_of(document))),
        ("dump", best_ms(lambda: dump(framework))),
        ("content hash", best_ms(lambda: content_hash(framework))),
        ("changes (none)", best_ms(lambda: changes(framework, framework))),
        ("from JSON", best_ms(lambda: from_json(as_json))),
        ("from CSV", best_ms(lambda: from_csv(as_csv))),
        ("from BORIS", best_ms(lambda: read_project(as_boris))),
    ]


def main() -> None:
    """Print the table, and whether the check keeps within its target."""
    document = big_document()
    framework = framework_of(document)
    print(
        f"{sum(1 for _ in framework.codes())} codes, {len(check(framework))} findings, {len(to_json(framework)):,} characters"
    )
    found = measurements(document)
    for name, milliseconds in found:
        print(f"{name:16} {milliseconds:8.1f} ms CPU")
    kept = found[0][1] <= TARGET_MS
    print(f"target for check: {TARGET_MS:.0f} ms – {'kept' if kept else 'MISSED'}")


if __name__ == "__main__":
    main()
