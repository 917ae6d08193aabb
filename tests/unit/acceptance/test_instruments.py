"""The twelve hard instruments: each can be said, checked, and taken out and back without loss.

Instruments that only their owners may supply are here as neutral stand-ins: their structure, none of their words.
"""

from __future__ import annotations

from itertools import product
from pathlib import Path

import pytest

from frameworks import library
from frameworks.convert.boris import read_project, to_boris
from frameworks.convert.codebook_csv import from_csv, to_csv
from frameworks.convert.codebook_xlsx import from_xlsx, to_xlsx
from frameworks.convert.documents import from_json, from_yaml, to_json, to_yaml
from frameworks.convert.markdown import to_markdown
from frameworks.findings import Severity
from frameworks.model import CodeType, Framework, RatedAt, RightsStatus, SamplingKind, SeenAs
from frameworks.rules import check
from frameworks.schema import dump, framework_of

HERE = Path(__file__).parent

INSTRUMENTS = {
    "a two regimes in one interval": "two-regimes-in-one-interval",
    "b entry on the beat and on change": "flanders-interaction",
    "c letter and signed value for eight persons": "letter-and-signed-value",
    "d crossed counts in two passes": "crossed-counts-in-two-passes",
    "e contingency and priority": "contingency-and-priority",
    "f two children, three tracks": "child-social-play",
    "g activity by material by group": "activity-by-material-by-group",
    "h behaviours weighed up by judgement": "teach",
    "i chains of threat, error and outcome": "threat-error-outcome",
    "j evidence both ways and no total": "flourishing-place",
    "k predominant code of a minute": "social-participation",
    "l statistics beside events": "statistics-beside-events",
}


def instrument(slug: str) -> Framework:
    if slug in library.slugs():
        return framework_of(library.document(slug))
    loaded = from_yaml((HERE / f"{slug}.yaml").read_bytes())
    assert loaded.framework is not None, loaded.findings
    return loaded.framework


FORMATS = {
    "document": lambda framework: framework_of(dump(framework)),
    "JSON": lambda framework: from_json(to_json(framework)).framework,
    "YAML": lambda framework: from_yaml(to_yaml(framework)).framework,
    "CSV": lambda framework: from_csv(to_csv(framework)).framework,
    "XLSX": lambda framework: from_xlsx(to_xlsx(framework)).framework,
    "BORIS": lambda framework: read_project(to_boris(framework)[0]).framework,
}


@pytest.mark.parametrize("slug", INSTRUMENTS.values(), ids=INSTRUMENTS)
def test_it_is_checked_without_error(slug):
    found = [finding for finding in check(instrument(slug)) if finding.severity is not Severity.HINT]

    assert [finding.code for finding in found if finding.code != "rights.user-supplied"] == []


@pytest.mark.parametrize(("name", "format"), tuple(product(INSTRUMENTS, FORMATS)))
def test_it_goes_out_and_comes_back_the_same(name, format):
    framework = instrument(INSTRUMENTS[name])

    assert FORMATS[format](framework) == framework


@pytest.mark.parametrize("slug", INSTRUMENTS.values(), ids=INSTRUMENTS)
def test_it_can_be_read_by_people(slug):
    framework = instrument(slug)
    text = to_markdown(framework)

    assert all(f"`{code.id}`" in text for _, code in framework.codes())
    assert all(f"`{rating.id}`" in text for _, rating in framework.ratings())


def streams(slug: str):
    return {stream.id: stream for stream in instrument(slug).streams}


def test_a_scan_and_a_partial_interval_share_15_seconds_with_a_peer_in_each_fifth():
    found = streams("two-regimes-in-one-interval")

    assert found["engaged"].sampling.kind is SamplingKind.MOMENTARY_SCAN
    assert found["off"].sampling.kind is SamplingKind.PARTIAL_INTERVAL
    assert found["engaged"].sampling.length_ms == found["off"].sampling.length_ms == 15_000
    assert (found["peer_off"].sampling.every, found["peer_off"].sampling.first) == (5, 5)


def test_b_a_code_is_entered_every_three_seconds_and_at_each_change():
    (talk,) = instrument("flanders-interaction").streams

    assert (talk.sampling.kind, talk.sampling.length_ms) == (SamplingKind.BEAT_OR_CHANGE, 3_000)
    assert (talk.exclusive, talk.fallback) == (True, "C10")


def test_c_values_may_be_signed_and_have_gaps():
    found = streams("letter-and-signed-value")

    assert [value.value for value in found["value"].ratings[0].values] == [-5, -3, -1, 1, 3, 5]
    assert len(found["category"].codes) == 23
    assert found["value"].sampling.rated_at is RatedAt.INTERVAL
    assert found["value"].sampling.length_ms == found["category"].sampling.length_ms == 300_000


def test_d_each_pass_is_a_matrix_of_its_own():
    found = streams("crossed-counts-in-two-passes")

    for each in ("F", "M"):
        assert found[each].sampling.kind is SamplingKind.AREA_COUNT
        cells = len(found[each].codes) * len(found[each].crossed[0].options) * len(found[each].crossed[1].options)
        assert cells == 24


def test_e_an_answer_is_tied_to_a_command_and_one_code_wins():
    framework = instrument("contingency-and-priority")
    (link,) = framework.links

    assert (link.from_codes, link.within_ms, link.if_none) == (("PD", "PI"), 5_000, "NC")
    assert framework.streams[0].priority[0] == "PN" and framework.streams[0].priority_rule == "resolve"
    assert framework.formulas[0].unit == "variable:situation"


def test_f_three_exclusive_tracks_run_for_each_child():
    framework = instrument("child-social-play")

    assert [(stream.exclusive, stream.actors) for stream in framework.streams] == [(True, ("child",))] * 3
    assert framework.actors[0].seen_as is SeenAs.NAMED
    assert all(code.type is CodeType.STATE for _, code in framework.codes())


def test_g_a_snapshot_holds_activity_material_and_group_for_both_parties():
    found = streams("activity-by-material-by-group")

    for each in ("teacher", "pupils"):
        assert (found[each].sampling.count, found[each].sampling.over_ms) == (10, 3_000_000)
        assert all(code.modifiers == ("material", "size") for code in found[each].codes)


def test_h_elements_are_judged_and_no_formula_adds_up_behaviours():
    framework = instrument("teach")
    parts = {rating.id for _, rating in framework.ratings() if rating.part_of}

    assert len(parts) == 28
    assert not any(set(formula.numerator.ratings) & parts for formula in framework.formulas)


def test_i_links_run_from_threat_to_error_to_outcome():
    framework = instrument("threat-error-outcome")

    assert [(link.from_codes, link.to_codes) for link in framework.links] == [
        (("T1", "T2"), ("R1",)),
        (("T1", "T2"), ("E1",)),
        (("E1",), ("O1", "O2", "O3")),
    ]


def test_j_every_aspect_can_speak_for_and_against_and_there_is_no_total():
    framework = instrument("flourishing-place")

    for construct in framework.constructs:
        ways = [(indicator.code, indicator.polarity) for indicator in construct.indicators]
        assert {code for code, polarity in ways if polarity == 1} == {
            code for code, polarity in ways if polarity == -1
        }
    assert framework.formulas == ()


def test_k_one_code_fills_a_minute_of_each_child_in_turn():
    (stream,) = instrument("social-participation").streams

    assert stream.sampling.kind is SamplingKind.PREDOMINANT_INTERVAL
    assert stream.sampling.length_ms == stream.sampling.rotation.dwell_ms == 60_000
    assert [code.value for code in stream.codes] == [-3, -2, -1, 1, 2, 3]


def test_l_a_statistic_stands_beside_what_was_seen_and_is_no_evidence():
    framework = instrument("statistics-beside-events")
    statistics = [rating.id for _, rating in framework.ratings() if rating.is_statistic]

    assert statistics == ["PLACES"]
    assert "PLACES" not in {indicator.rating for indicator in framework.constructs[0].indicators}


@pytest.mark.parametrize("letter", ["a", "c", "e", "i"])
def test_stand_ins_for_what_only_its_owner_may_supply_say_so(letter):
    slug = next(slug for name, slug in INSTRUMENTS.items() if name.startswith(letter + " "))

    assert instrument(slug).rights.status is RightsStatus.USER_SUPPLIED_ONLY
    assert slug not in library.slugs()
