"""What a tablet says of a practice session against an agreed coding is what the analysis would say of the two."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from frameworks.schema import framework_of
from observe.core.agreement import kappa
from observe.core.agreement.matching import Watched, interval_units, presence_units, time_units
from observe.core.coding.events import event_of
from observe.core.coding.timeline import timeline

CASE = json.loads((Path(__file__).parents[1] / "golden" / "practice.json").read_text("utf-8"))
FRAMEWORK = framework_of(CASE["framework"])
RECORDS = [
    Watched(name, timeline(FRAMEWORK, CASE["header"], [event_of(row) for row in CASE[name]]))
    for name in ("agreed", "own")
]


def table(stream_id: str, code: str) -> np.ndarray:
    """Yes or no of each unit, by the agreed coding and by the observer."""
    stream = next(each for each in FRAMEWORK.streams if each.id == stream_id)
    if stream.sampling.kind == "partial-interval":
        units = interval_units(stream, RECORDS, code)
    elif stream.exclusive:
        units = time_units(stream, RECORDS).only(code)
    else:
        units = presence_units(stream, RECORDS, code)
    known = (units.codes >= 0).all(axis=0)
    return kappa.table_of(units.codes[0][known], units.codes[1][known], 2)


@pytest.mark.parametrize(
    "said", [each for each in CASE["expected"] if each["unit"] != "event"], ids=lambda each: each["code"]
)
def test_the_figures_of_the_tablet_are_those_of_the_analysis(said):
    cells = table(said["stream"], said["code"])

    assert (int(cells.sum()), int(cells[1].sum()), int(cells[:, 1].sum())) == (
        said["units"],
        said["agreed"],
        said["own"],
    )
    assert kappa.percent(cells).value == pytest.approx(said["percent"])
    assert kappa.cohen(cells).value == pytest.approx(said["kappa"])
