"""BORIS projects in and out: the ethogram as a framework, observations as logs."""

from __future__ import annotations

import csv
import gzip
import json
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from frameworks.convert.boris import BorisProject, boris_names, project_of, read_project, to_boris, to_project
from frameworks.convert.boris_observations import ImportedLog, Into, log_of
from frameworks.findings import errors_of
from frameworks.model import CodeType, ModifierKind, VariableKind
from frameworks.rules import check
from frameworks.schema import framework_of
from tests.factories.framework_documents import good_document, whole_frameworks
from tests.real_data import real_data

__all__ = ["real_data"]

GENTLY = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


def new_ids() -> Callable[[], str]:
    numbers = count(1)
    return lambda: f"id-{next(numbers)}"


def into(offset: int = 0) -> Into:
    return Into(study=7, observer=3, device="tablet", new_id=new_ids(), offset=offset)


def state(code: str, **more: Any) -> dict[str, Any]:
    return {
        "type": "State event",
        "code": code,
        "key": "",
        "description": "",
        "modifiers": {},
        "excluded": "",
        **more,
    }


def point(code: str, **more: Any) -> dict[str, Any]:
    return state(code, **more) | {"type": "Point event"}


def project(*behaviours: dict[str, Any], **more: Any) -> BorisProject:
    return project_of(
        {"project_name": "Gulls", "behaviors_conf": {str(i): each for i, each in enumerate(behaviours)}, **more}
    )


def observed(behaviours: list[dict[str, Any]], events: list[list[Any]], **more: Any) -> ImportedLog:
    observation = {"type": "LIVE", "date": "2024-05-01T10:00:00", "file": {}, "events": events, **more}
    return log_of(project(*behaviours, observations={"one": observation}), "one", into())


def kinds(log: ImportedLog) -> list[tuple[str, int, str | None]]:
    return [(event["kind"], event["at"], event.get("code")) for event in log.events]


def codes_found(found: BorisProject | ImportedLog) -> list[str]:
    return [finding.code for finding in found.findings]


def test_behaviours_become_codes_with_their_definitions_keys_groups_and_colours():
    found = project(
        point("peck", key="p", description="Strikes with the bill.", category="fight", color="#aa0000"),
        state("sits still"),
    )

    stream = found.framework.streams[0]
    assert [(code.id, str(code.label), code.type) for code in stream.codes] == [
        ("peck", "peck", CodeType.POINT),
        ("sits_still", "sits still", CodeType.STATE),
    ]
    assert (str(stream.codes[0].definition), stream.codes[0].key) == ("Strikes with the bill.", "p")
    assert (stream.codes[0].group, stream.codes[0].colour) == ("fight", "#aa0000")
    assert (found.framework.slug, str(found.framework.title)) == ("gulls", "Gulls")


def test_states_that_all_exclude_one_another_become_one_exclusive_stream():
    found = project(
        state("sit", excluded="stand,fly"), state("stand", excluded="sit,fly"), state("fly"), point("call")
    )

    assert [(stream.exclusive, [code.id for code in stream.codes]) for stream in found.framework.streams] == [
        (True, ["sit", "stand", "fly"]),
        (False, ["call"]),
    ]
    assert found.findings == ()


def test_exclusions_that_are_no_group_are_left_out_and_told():
    found = project(
        state("sit", excluded="stand"), state("stand", excluded="fly"), state("fly"), point("call", excluded="sit")
    )

    assert [stream.exclusive for stream in found.framework.streams] == [False]
    assert sorted(codes_found(found)) == ["boris.exclusion-partly", "boris.point-excludes"]


def test_sets_of_modifiers_lose_their_shortcuts_and_are_shared_by_behaviours():
    sets = {
        "0": {"name": "Force", "type": 0, "values": ["weak (w)", "strong  (s)"]},
        "1": {"name": "n", "type": 2, "values": []},
    }
    found = project(point("peck", modifiers=sets), state("push", modifiers=sets))

    force, number = found.framework.modifiers
    assert [(option.id, str(option.label)) for option in force.options] == [("weak", "weak"), ("strong", "strong")]
    assert number.kind is ModifierKind.NUMBER
    assert [code.modifiers for code in found.framework.streams[0].codes] == [("Force", "n"), ("Force", "n")]


def test_options_that_only_brackets_tell_apart_are_kept_apart():
    found = project(
        point("visit", modifiers={"0": {"name": "stand", "type": 0, "values": ["Stand (1)", "Stand (2)"]}})
    )

    assert [str(option.label) for option in found.framework.modifiers[0].options] == ["Stand (1)", "Stand (2)"]
    assert codes_found(found) == ["boris.shortcut-ambiguous"]


def test_modifiers_of_old_files_are_strings():
    found = project(point("peck", modifiers="weak,strong|left,right"))

    assert [[option.id for option in modifier.options] for modifier in found.framework.modifiers] == [
        ["weak", "strong"],
        ["left", "right"],
    ]


def test_subjects_variables_and_categories_of_any_version_are_read():
    found = project(
        point("peck"),
        subjects_conf={"10": {"name": "Ben"}, "9": ["a", "Ann"]},
        independent_variables={
            "0": {"label": "wind", "type": "numeric"},
            "1": {"label": "site", "type": "value from set", "possible values": "A, B"},
        },
    )

    assert found.subjects == ("Ann", "Ben")
    assert [variable.kind for variable in found.framework.variables] == [VariableKind.NUMBER, VariableKind.ONE_OF]
    assert [option.id for option in found.framework.variables[1].options] == ["A", "B"]
    assert found.framework.streams[0].actors == ("subject",)


def test_converters_are_named_and_never_run(tmp_path):
    target = tmp_path / "ran"
    found = project(point("peck"), converters={"x": {"name": "x", "code": f"open({str(target)!r}, 'w')"}})

    assert codes_found(found) == ["boris.converters"]
    assert not target.exists()


def test_a_shared_key_stays_with_the_first_behaviour():
    found = project(point("peck", key="p"), point("push", key="p"))

    assert [code.key for code in found.framework.streams[0].codes] == ["p", ""]
    assert codes_found(found) == ["boris.key-shared"]
    assert errors_of(check(found.framework)) == ()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff",
        b"[]",
        b"{}",
        b'{"behaviors_conf": []}',
        b"\x1f\x8bnot gzip",
        gzip.compress(b"x", mtime=0),
        b'{"behaviors_conf": {"0": 1}',
        "null",
    ],
)
def test_what_is_not_a_project_gives_findings_and_nothing_else(data):
    found = read_project(data)

    assert found.framework is None
    assert len(errors_of(found.findings)) == 1


def test_a_gzip_bomb_is_not_unpacked():
    assert codes_found(read_project(gzip.compress(b" " * 40_000_000))) == ["file.too-big"]


def test_a_gzipped_project_is_read():
    data = gzip.compress(json.dumps({"behaviors_conf": {"0": point("peck")}}).encode())

    assert [code.id for _, code in read_project(data).framework.codes()] == ["peck"]


# --- observations ------------------------------------------------------------------------------------------------


def test_states_are_paired_by_subject_code_and_modifiers_in_time_order():
    log = observed([state("sit"), point("peck")], [[2.5, "Ann", "sit", "", ""], [1.0, "Ben", "sit", "", ""], [3.0, "", "peck", "", ""], [4.0004, "Ann", "sit", "", ""], [9.0, "Ben", "sit", "", ""]])  # fmt: skip

    assert kinds(log) == [
        ("open", 0, None),
        ("arrive", 0, None),
        ("arrive", 0, None),
        ("start", 1000, "sit"),
        ("start", 2500, "sit"),
        ("point", 3000, "peck"),
        ("stop", 4000, "sit"),
        ("stop", 9000, "sit"),
        ("end", 9000, None),
    ]
    starts = {event["id"]: event["subject"] for event in log.events if event["kind"] == "start"}
    stops = {event["ref"]: event["subject"] for event in log.events if event["kind"] == "stop"}
    assert starts == stops
    assert set(log.subjects.values()) == {"Ann", "Ben"}
    assert log.events[-1]["count"] == 9


def test_the_log_is_gap_free_and_its_clocks_agree():
    log = observed([point("peck")], [[1.5, "", "peck", "", ""]])

    assert [event["seq"] for event in log.events] == [1, 2, 3]
    assert log.header["started"] == 1714557600000
    assert log.events[1]["wall"] == 1714557601500
    assert len({event["id"] for event in log.events} | {log.header["id"]}) == 4
    assert log.header["framework"] and log.header["study"] == 7


def test_the_offset_given_with_the_import_places_the_clock():
    found = project(point("peck"), observations={"one": {"date": "2024-05-01 10:00", "events": []}})

    log = log_of(found, "one", into(offset=120))

    assert log.header["started"] == 1714557600000 - 2 * 3_600_000
    assert codes_found(log) == ["boris.no-zone"]


def test_a_state_that_is_never_stopped_is_left_open_and_told():
    log = observed([state("sit")], [[1.0, "Ann", "sit", "", ""]])

    assert [kind for kind, _, _ in kinds(log)] == ["open", "arrive", "start", "end"]
    assert "boris.unpaired" in codes_found(log)


def test_a_state_that_boris_ended_a_millisecond_early_touches_the_next():
    behaviours = [state("sit", excluded="stand"), state("stand", excluded="sit")]
    log = observed(behaviours, [[1.0, "", "sit", "", ""], [4.999, "", "sit", "", ""], [5.0, "", "stand", "", ""]])

    assert kinds(log)[1:4] == [("start", 1000, "sit"), ("stop", 5000, "sit"), ("start", 5000, "stand")]


def test_modifiers_comments_and_variables_come_along():
    sets = {
        "0": {"name": "who", "type": 1, "values": ["a (a)", "b"]},
        "1": {"name": "size", "type": 2, "values": []},
        "2": {"name": "how", "type": 0, "values": ["x", "y"]},
    }
    found = project(
        point("peck", modifiers=sets),
        independent_variables={"0": {"label": "wind", "type": "numeric"}, "1": {"label": "site", "type": "value from set", "possible values": "Bank 1,B"}},
        observations={"one": {"date": "2024-05-01T10:00:00", "independent_variables": {"wind": "3,5", "site": "Bank 1"}, "events": [[1, "", "peck", "a,b|12|None", "look"], [2, "", "peck", "a||z", ""]]}},
    )  # fmt: skip

    log = log_of(found, "one", into())

    assert log.events[1]["modifiers"] == {"who": ["a", "b"], "size": 12}
    assert (log.events[2]["kind"], log.events[2]["text"], log.events[2]["ref"]) == (
        "note",
        "look",
        log.events[1]["id"],
    )
    assert log.events[3]["modifiers"] == {"who": ["a"]}
    assert log.events[4]["text"] == "Modifier in BORIS: z"
    assert "boris.modifier-unknown" in codes_found(log)
    assert log.header["variables"] == {"wind": 3.5, "site": "Bank_1"}


def test_the_session_lasts_as_long_as_the_media():
    log = observed([point("peck")], [[1.0, "", "peck", "", ""]], type="MEDIA", file={"1": ["a", "b"]}, media_info={"length": {"a": 10.5, "b": 2}})  # fmt: skip

    assert kinds(log)[-1] == ("end", 12500, None)


def test_times_counted_from_1970_begin_at_the_first_event():
    log = observed([point("peck")], [[1714557600.5, "", "peck", "", ""], [1714557602.0, "", "peck", "", ""]], start_from_current_epoch_time=True)  # fmt: skip

    assert [at for _, at, _ in kinds(log)] == [0, 0, 1500, 1500]


def test_events_before_zero_do_not_run_backwards():
    log = observed([point("peck")], [[-2.0, "", "peck", "", ""], [1.0, "", "peck", "", ""]])

    assert [at for _, at, _ in kinds(log)] == [0, 0, 3000, 3000]


def test_a_behaviour_recorded_but_not_defined_is_added_and_told():
    found = project(
        point("peck"), observations={"one": {"events": [[1, "", "wave", "", ""], ["?", "", "peck", "", ""]]}}
    )
    log = log_of(found, "one", into())

    assert [code.id for _, code in found.framework.codes()] == ["peck", "wave"]
    assert "boris.undefined-behaviour" in codes_found(found)
    assert "boris.rows-unreadable" in codes_found(log) and "boris.no-date" in codes_found(log)


def test_no_focal_subject_is_nobody():
    log = observed([point("peck")], [[1.0, "No focal subject", "peck", "", ""]])

    assert "subject" not in log.events[1] and log.subjects == {}


def test_an_observation_that_is_not_there_is_a_finding():
    assert codes_found(log_of(project(point("peck")), "two", into())) == ["boris.no-such-observation"]


# --- out and back ------------------------------------------------------------------------------------------------


def test_a_framework_goes_to_boris_and_comes_back_as_it_was():
    framework = framework_of(good_document())
    text, findings = to_boris(framework, date="2024-05-01T10:00:00")

    assert read_project(text).framework == framework
    assert {finding.code for finding in findings} == {"boris.rating-left-out", "boris.sampling-left-out"}


def test_a_project_has_all_that_boris_writes():
    found = to_project(framework_of(good_document()), date="2024-05-01T10:00:00")

    assert found["project_format_version"] == "7.0"
    assert [each["code"] for each in found["behaviors_conf"].values()] == [
        "Greets",
        "Asks",
        "Turns away",
        "Nobody",
        "Somebody",
        "Queue",
    ]
    assert found["behaviors_conf"]["3"]["excluded"] == "Somebody"
    assert found["behaviors_conf"]["0"]["modifiers"]["0"]["values"] == ["Warm", "Flat"]
    assert set(found) >= {
        "behavioral_categories",
        "coding_map",
        "converters",
        "observations",
        "subjects_conf",
        "time_format",
    }


def test_a_project_that_was_changed_in_boris_is_imported_as_it_now_is():
    found = to_project(framework_of(good_document()))
    found["behaviors_conf"]["6"] = point("new one")

    back = project_of(found)

    assert "boris.edited" in codes_found(back)
    assert [code.id for _, code in back.framework.codes()][-1] == "new_one"


def test_names_in_boris_are_legal_and_stand_for_one_code_each():
    document = good_document()
    document["streams"][0]["codes"][0]["label"] = "Greets, or nods"
    document["streams"][0]["codes"][1]["label"] = "queue"

    names = boris_names(framework_of(document))

    assert names["greets"] == "greets"
    assert names["asks"] == "asks"
    assert len(set(names.values())) == len(names)


def test_observations_in_an_exported_project_are_read_by_the_framework_inside_it():
    framework = framework_of(good_document())
    events = [[1.0, "", "Greets", "Warm", ""], [2.0, "", "Nobody", "", ""]]
    found = project_of(
        to_project(framework, observations={"one": {"date": "2024-05-01T10:00:00", "events": events}})
    )

    log = log_of(found, "one", into())

    assert (log.events[1]["code"], log.events[1]["modifiers"]) == ("greets", {"tone": "warm"})
    assert (log.events[2]["kind"], log.events[2]["code"]) == ("start", "silence")


@GENTLY
@given(whole_frameworks())
def test_every_framework_survives_boris(framework):
    text, _ = to_boris(framework)

    assert read_project(text).framework == framework
    behaviours = json.loads(text)["behaviors_conf"].values()
    assert all(not set(each["code"]) & set(",|") for each in behaviours)
    assert len({each["code"] for each in behaviours}) == len(behaviours)


JUNK = st.recursive(st.none() | st.integers() | st.text(max_size=5), lambda below: st.lists(below, max_size=3) | st.dictionaries(st.sampled_from(["0", "1", "code", "type", "modifiers", "values", "name", "events", "label", "excluded"]), below, max_size=4), max_leaves=12)  # fmt: skip


@GENTLY
@given(st.fixed_dictionaries({"behaviors_conf": st.dictionaries(st.sampled_from(["0", "1", "x"]), JUNK, max_size=3), "observations": JUNK, "subjects_conf": JUNK, "independent_variables": JUNK, "converters": JUNK, "coding_map": JUNK}))  # fmt: skip
def test_no_project_however_damaged_raises(raw):
    found = project_of(raw)

    assert found.framework is not None or found.findings
    for name in found.observations:
        log_of(found, name, into())


# --- real projects -----------------------------------------------------------------------------------------------


def bouts_of(log: ImportedLog) -> list[tuple[str, str, str, float]]:
    starts = {event["id"]: event for event in log.events if event["kind"] == "start"}
    found = []
    for event in log.events:
        who = log.subjects.get(event.get("subject", ""), "No focal subject")
        if event["kind"] == "point":
            found.append((who, event["code"], f"{event['at'] / 1000:.3f}", 0.0))
        elif event["kind"] == "stop":
            start = starts[event["ref"]]
            found.append((who, event["code"], f"{start['at'] / 1000:.3f}", (event["at"] - start["at"]) / 1000))
    return sorted(found)


def test_every_real_project_is_imported_without_error(real_data: Path):
    files = [*(real_data / "boris").glob("*.boris"), *(real_data / "boris" / "history").iterdir()]

    assert len(files) == 7
    for file in files:
        found = read_project(file.read_bytes())
        assert found.framework is not None, file
        assert errors_of(found.findings) == () and errors_of(check(found.framework)) == (), file
        for name in found.observations:
            log = log_of(found, name, into())
            assert errors_of(log.findings) == () and [event["seq"] for event in log.events] == list(
                range(1, len(log.events) + 1)
            )


def test_bouts_of_the_real_project_are_those_that_boris_finds(real_data: Path):
    found = read_project((real_data / "boris" / "test.boris").read_bytes())
    with (real_data / "boris" / "golden" / "test_aggregated.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    names = {row["Observation id"] for row in rows}

    assert len(rows) > 60 and len(names) >= 8
    for name in sorted(names):
        expected = sorted(
            (row["Subject"], row["Behavior"], row["Start (s)"], float(row["Duration (s)"].replace("NA", "0")))
            for row in rows
            if row["Observation id"] == name
        )
        got = bouts_of(log_of(found, name, into()))
        assert [each[:3] for each in got] == [each[:3] for each in expected], name
        assert [each[3] for each in got] == pytest.approx([each[3] for each in expected], abs=0.0005), name


def test_modifiers_with_stray_spaces_are_understood(real_data: Path):
    found = read_project(
        (real_data / "boris" / "test_with_leading_trailing_spaces_in_modifiers.boris").read_bytes()
    )
    log = log_of(found, "test1 live", into())

    assert [event["modifiers"] for event in log.events if event["kind"] == "point"] == [
        {"test_1": "a", "test_2": "c"},
        {"test_1": "a"},
        {"test_2": "111"},
        {"test_2": "c"},
    ]
