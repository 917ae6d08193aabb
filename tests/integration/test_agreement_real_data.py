"""Agreement of other people's observers: PInSoRo's pairs of coders, AnnoMI's ten, Fleiss's six psychiatrists."""

from __future__ import annotations

import csv
from collections import defaultdict
from itertools import combinations, pairwise
from pathlib import Path
from statistics import fmean

import numpy as np
import pytest
import yaml

from frameworks.model import AgreementPlan, Code, CodeType, Stream, Text
from observe.core.agreement import kappa
from observe.core.agreement.alpha import alpha
from observe.core.agreement.matching import Watched
from observe.core.agreement.summary import Report, compare
from observe.core.coding.record import Bout, Observed, Timeline
from tests.real_data import real_data

__all__ = ["real_data"]


def words(text: str) -> Text:
    return Text((("en", text),))


STREAMS = {
    "task": ("goaloriented", "aimless", "adultseeking", "noplay"),
    "social": ("solitary", "onlooker", "parallel", "associative", "cooperative"),
    "attitude": ("prosocial", "adversarial", "assertive", "frustrated", "passive"),
}


def stream_of(name: str) -> Stream:
    codes = tuple(Code(c, words(c), CodeType.STATE) for c in STREAMS[name])
    return Stream(name, words(name), exclusive=True, codes=codes)


Coding = dict[str, list[tuple[str, float, float]]]


def codings(path: Path) -> Coding:
    """Child → (code, start, end) in epoch seconds; a file is a list of single-key mappings. A robot is no child."""
    found: Coding = {}
    told = yaml.safe_load((path.parent / "experiment.yaml").read_text(encoding="utf-8"))
    for child, entries in (yaml.safe_load(path.read_text(encoding="utf-8")) or {}).items():
        if isinstance(entries, list) and f"{child}-participant" in told:
            found[child] = [(code, float(at[0]), float(at[1])) for one in entries for code, at in one.items()]
    return found


def record(observer: str, coding: Coding, stream: str, start: float, end: float) -> Watched:
    bouts = [
        Bout(
            f"{child}{k}",
            _ms(a - start),
            _ms(b - start),
            stream,
            code,
            child,
            pieces=((_ms(a - start), _ms(b - start)),),
        )
        for child, entries in coding.items()
        for k, (code, a, b) in enumerate(entries)
        if code in STREAMS[stream]
    ]
    window = ((0, _ms(end - start)),)
    seen = tuple(Observed(child, window) for child in coding)
    return Watched(
        observer, Timeline(0, window[0][1], True, bouts=tuple(bouts), observed=(Observed(None, window), *seen))
    )


def _ms(seconds: float) -> int:
    return round(seconds * 1000)


@pytest.fixture(scope="module")
def pairs(real_data: Path) -> list[tuple[Coding, Coding]]:
    """Two coders of one recording; `Name2` is the same person again and names differ in case."""
    found = []
    for folder in sorted((real_data / "pinsoro" / "data").iterdir()):
        coders = {}
        for path in sorted(folder.glob("freeplay.annotations.*.yaml")):
            name = path.name.split(".")[2].lower()
            if coding := codings(path):
                coders[name] = coding
        for a, b in combinations(sorted(coders), 2):
            if a.rstrip("0123456789") != b.rstrip("0123456789"):
                found.append((coders[a], coders[b]))
    return found


def reports(pairs: list[tuple[Coding, Coding]], stream: str) -> list[Report]:
    found = []
    for first, second in pairs:
        spans = [
            [(a, b) for entries in one.values() for code, a, b in entries if code in STREAMS[stream]]
            for one in (first, second)
        ]
        if all(spans):
            start = max(min(a for a, _ in one) for one in spans)
            end = min(max(b for _, b in one) for one in spans)
            records = [record(str(k), one, stream, start, end) for k, one in enumerate((first, second))]
            found.append(compare(stream_of(stream), records, seed=1, plan=AgreementPlan("second"), times=50))
    return found


@pytest.mark.parametrize(
    ("stream", "percent", "value"), [("task", 51.8, 0.129), ("social", 46.1, 0.159), ("attitude", 56.6, 0.096)]
)
def test_pinsoro_coders_agree_hardly_and_the_report_says_so(
    pairs: list[tuple[Coding, Coding]], stream: str, percent: float, value: float
) -> None:
    found = reports(pairs, stream)

    assert len(found) == 19
    assert round(100 * fmean(one.percent.value for one in found if one.percent.value is not None), 1) == percent
    assert round(fmean(one.alpha.value for one in found if one.alpha.value is not None), 3) == value


@pytest.mark.parametrize(("stream", "percent"), [("task", 51.8), ("social", 46.1), ("attitude", 56.5)])
def test_pinsoro_agreement_is_the_same_without_any_sampling(
    pairs: list[tuple[Coding, Coding]], stream: str, percent: float
) -> None:
    """An oracle of its own: how long both gave one child one code, over how long both coded it."""
    shares = []
    for pair in pairs:
        both = alike = 0.0
        for child in pair[0]:
            own = [[one for one in coding[child] if one[0] in STREAMS[stream]] for coding in pair]
            both += sum(_together(a, b) for a in own[0] for b in own[1])
            alike += sum(_together(a, b) for a in own[0] for b in own[1] if a[0] == b[0])
        shares.append(100 * alike / both)

    assert round(fmean(shares), 1) == percent


def test_pinsoro_coders_leave_nothing_uncoded_and_overlap_nothing(pairs: list[tuple[Coding, Coding]]) -> None:
    """So how seconds are sampled, and what is done with uncoded ones, can hardly move a figure."""
    for stream, most in (("task", 0), ("social", 0.0004), ("attitude", 0.0004)):
        whole = coded = 0.0
        for coding in (one for pair in pairs for one in pair):
            for entries in coding.values():
                own = sorted((a, b) for code, a, b in entries if code in STREAMS[stream])
                assert all(before[1] <= after[0] + 0.001 for before, after in pairwise(own))
                whole += own[-1][1] - own[0][0]
                coded += sum(b - a for a, b in own)
        assert 1 - coded / whole <= most + 1e-9


def _together(first: tuple[str, float, float], second: tuple[str, float, float]) -> float:
    return max(0.0, min(first[2], second[2]) - max(first[1], second[1]))


TASKS = [
    ("therapist", "main_therapist_behaviour", 216, 0.7365),
    ("client", "client_talk_type", 212, 0.4669),
    ("therapist", "question_exists", 216, 0.8687),
    ("therapist", "reflection_exists", 216, 0.6596),
    ("therapist", "therapist_input_exists", 216, 0.6441),
]


@pytest.mark.parametrize(("who", "column", "utterances", "value"), TASKS)
def test_annomi_ten_annotators_of_seven_talks(
    real_data: Path, who: str, column: str, utterances: int, value: float
) -> None:
    by_utterance: dict[tuple[str, str], list[str]] = defaultdict(list)
    with (real_data / "annomi" / "annomi-codes.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["interlocutor"] == who:
                by_utterance[row["transcript_id"], row["utterance_id"]].append(row[column])
    coded = [given for given in by_utterance.values() if len(given) == 10]
    categories = sorted({one for given in coded for one in given})
    counts = [[given.count(category) for category in categories] for given in coded]

    found = kappa.fleiss(counts)

    assert found.units == utterances
    assert found.value == pytest.approx(value, abs=5e-5)


def test_fleiss_1971_thirty_patients_six_raters_five_diagnoses(real_data: Path) -> None:
    with (real_data / "agreement" / "irr_diagnoses.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))[1:]
    categories = sorted({one for row in rows for one in row})
    codes = np.array([[categories.index(one) for one in row] for row in rows]).T
    counts = kappa.counts_of(codes, 5)

    ac1 = kappa.gwet(counts)

    assert list((counts / counts.sum()).sum(0).round(3)) == [0.144, 0.144, 0.167, 0.306, 0.239]
    assert kappa.fleiss(counts).value == pytest.approx(0.430245, abs=5e-7)
    assert kappa.brennan_prediger(counts).value == pytest.approx(0.444444, abs=5e-7)
    assert kappa.conger(codes, 5).value == pytest.approx(0.44181, abs=5e-6)
    assert (ac1.value, ac1.error) == (pytest.approx(0.44788, abs=5e-6), pytest.approx(0.05566, abs=5e-6))
    assert alpha(counts).value == pytest.approx(0.43341, abs=5e-6)
