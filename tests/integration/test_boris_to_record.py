"""A BORIS project all the way: imported as a framework and logs, derived into coded records, compared with BORIS."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from frameworks.convert.boris import BorisProject, read_project
from frameworks.convert.boris_observations import ImportedLog, Into, log_of
from observe.core.coding.events import Event, parse
from observe.core.coding.record import Timeline
from observe.core.coding.timeline import timeline
from tests.real_data import real_data

__all__ = ["real_data"]


def ids() -> Iterator[str]:
    return (f"00000000-0000-7000-8000-{number:012x}" for number in count(1))


def parsed(row: dict[str, Any]) -> Event:
    """The importer's events pass the same gate as a tablet's."""
    event = parse(row)
    assert isinstance(event, Event), event
    return event


def record(project: BorisProject, name: str) -> tuple[ImportedLog, Timeline]:
    numbers = ids()
    log = log_of(project, name, Into(study=1, observer=1, device="d", new_id=lambda: next(numbers)))
    assert project.framework is not None and log.header is not None
    return log, timeline(project.framework, log.header, [parsed(each) for each in log.events])


def who(log: ImportedLog, subject: str | None) -> str:
    return log.subjects.get(subject or "", "No focal subject")


def test_the_record_has_the_points_and_bouts_that_boris_finds(real_data: Path) -> None:
    project = read_project((real_data / "boris" / "test.boris").read_bytes())
    with (real_data / "boris" / "golden" / "test_aggregated.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))

    for name in sorted({row["Observation id"] for row in rows}):
        log, found = record(project, name)
        points = [(who(log, point.subject), point.code, point.at, point.at) for point in found.points]
        bouts = [(who(log, bout.subject), bout.code, bout.start, bout.end) for bout in found.bouts]
        expected = [
            (
                row["Subject"],
                row["Behavior"],
                round(float(row["Start (s)"]) * 1000),
                round(float(row["Stop (s)"]) * 1000),
            )
            for row in rows
            if row["Observation id"] == name
        ]
        assert sorted(points + bouts) == sorted(expected), name
        assert found.ended and found.findings == (), name


def test_durations_are_those_of_the_time_budget(real_data: Path) -> None:
    project = read_project((real_data / "boris" / "test.boris").read_bytes())
    budget = json.loads(
        (real_data / "boris" / "golden" / "test_time_budget_per_obs.json").read_text(encoding="utf-8")
    )

    for name, rows in budget.items():
        log, found = record(project, name)
        for row in (row for row in rows if row["duration"] not in ("NA", "UNPAIRED")):
            lengths = [
                bout.observed_ms
                for bout in found.bouts
                if (who(log, bout.subject), bout.code) == (row["subject"], row["behavior"])
                and shown(bout.modifiers) == row["modifiers"].replace("None", "")
            ]
            assert (len(lengths), sum(lengths)) == (row["number"], round(row["duration"] * 1000)), (name, row)


def shown(modifiers: tuple[tuple[str, object], ...]) -> str:
    return "|".join(str(value) for _, value in modifiers)


def test_an_observation_that_boris_refuses_to_analyse_still_gives_its_other_bouts(real_data: Path) -> None:
    project = read_project((real_data / "boris" / "test.boris").read_bytes())

    log, found = record(project, "live not paired")

    assert "boris.unpaired" in [finding.code for finding in log.findings]
    assert [(bout.code, bout.start, bout.end) for bout in found.bouts] == [
        ("s", 2718, 10478),
        ("s", 12926, 17470),
        ("s", 19502, 24318),
    ]
    assert len(found.points) == 5


@pytest.mark.parametrize(
    "file",
    [
        "test2.boris",
        "test_without_media_files_paths.boris",
        "test_with_leading_trailing_spaces_in_modifiers.boris",
    ],
)
def test_other_projects_give_records_without_findings(real_data: Path, file: str) -> None:
    project = read_project((real_data / "boris" / file).read_bytes())

    for name in project.observations:
        _, found = record(project, name)
        assert [finding.code for finding in found.findings] == [], name
