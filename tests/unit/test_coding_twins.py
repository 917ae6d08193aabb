"""Random logs mean the same on the tablet and on the server, value for value."""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
from pathlib import Path

import pytest

from frameworks.schema import framework_of
from observe.core.coding.events import event_of
from observe.core.coding.timeline import as_json, timeline
from tests.factories import logs

CLIENT = Path(__file__).parents[2] / "static"
VITEST = CLIENT / "node_modules" / "vitest" / "vitest.mjs"


def case(seed):
    chance = random.Random(seed)
    document = logs.framework_document(chance)
    header = {"subjects": chance.choice([[], ["P1"], ["P1", "P2"]])}
    rows = logs.rows(document, chance)
    record = timeline(framework_of(document), header, [event_of(row) for row in rows])
    return {"framework": document, "header": header, "events": rows, "expected": as_json(record)}


def test_four_hundred_random_logs_mean_the_same_in_typescript(tmp_path):
    node = shutil.which("node")
    if node is None or not VITEST.exists():
        pytest.skip("the client's packages are not installed")
    cases = tmp_path / "cases.json"
    cases.write_text(json.dumps([case(seed) for seed in range(400)]), "utf-8")

    done = subprocess.run(
        [node, str(VITEST), "run", "core/twins"],
        cwd=CLIENT, env={**os.environ, "OBSERVE_TWIN_CASES": str(cases), "NO_COLOR": "1"}, capture_output=True, text=True, timeout=300,
    )  # fmt: skip

    assert done.returncode == 0, done.stdout[-4_000:]
    assert "1 passed" in done.stdout
