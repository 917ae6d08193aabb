"""What a report of agreement comes to, in plain sentences: low is called low, and undefined says why."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from observe.core.agreement.coefficient import Coefficient
from observe.core.agreement.summary import GOOD, USABLE, CodeAgreement, Report

HARDLY_TESTED = 5
"""a code used in fewer units than this has not been tested"""
ONE_SIDED = 0.8
"""from this prevalence index on, kappa and alpha say little"""

UNITS = {
    "second": "seconds", "interval": "intervals", "event": "events", "utterance": "utterances", "scan": "samples",
    "rating": "judgements",
}  # fmt: skip


MINUS = re.compile(r"(?<=\s)-(?=\d)")


def reading(report: Report, labels: Mapping[str, str] | None = None) -> tuple[str, ...]:
    """Sentences that can stand above the tables, the most important first; codes by their labels where those are given."""
    return tuple(MINUS.sub("−", sentence) for sentence in _sentences(report, labels or {}))


def verdict(found: Coefficient) -> str:
    """good, usable, low or undefined, by Krippendorff's thresholds; `usable` and `good` go by the lower limit."""
    if found.value is None:
        return "undefined"
    low = found.value if found.low is None else found.low
    if low < USABLE:
        return "low"
    return "good" if found.value >= GOOD else "usable"


def _sentences(report: Report, labels: Mapping[str, str]) -> Iterator[str]:
    yield _overall(report)
    if report.asked is not None:
        yield _asked(report)
    yield from _beside(report)
    yield from _codes(report.by_code, labels)


def _overall(report: Report) -> str:
    found, percent = report.answer, _percent(report)
    if found.value is None:
        return f"{percent}{found.name} is {found.reason}."
    if verdict(found) == "low":
        chance = (
            f"; chance alone would give {100 * found.expected:.1f} %"
            if found.expected is not None and report.measure != "alpha"
            else ""
        )
        if found.value < USABLE:
            return f"This agreement is low. {percent}{found.name} is {found.value:.3f}, which is below {USABLE}{chance}: what rests on these codes is description and not evidence."
        return f"This agreement may be low. {percent}{found.name} is {found.value:.3f}, but its lower limit is {found.low:.3f}, below {USABLE}: more happenings would tell."
    words = "is good" if verdict(found) == "good" else "can be used for tentative conclusions"
    return f"This agreement {words}. {percent}{found.name} is {found.value:.3f}."


def _percent(report: Report) -> str:
    """Of more than two observers, each two are compared on each unit."""
    if report.percent.value is None:
        return ""
    units, share = UNITS.get(report.unit, "units"), f"{100 * report.percent.value:.1f} %"
    if len(report.observers) > 2:
        return f"Each two of the {len(report.observers)} observers said the same in {share} of {report.fleiss.units:,} {units}. "
    return f"They said the same in {share} of {report.units:,} {units}. "


def _asked(report: Report) -> str:
    found, level = report.answer, report.asked
    if report.reaches:
        return f"The framework asks for {level:g}: the lower limit, {found.low:.3f}, reaches it."
    if found.value is None or found.low is None:
        return f"The framework asks for {level:g}: whether that is reached cannot be told."
    return f"The framework asks for {level:g}: the lower limit, {found.low:.3f}, does not reach it."


def _beside(report: Report) -> Iterator[str]:
    one = report.prevalence.value
    if one is not None and one >= ONE_SIDED:
        yield f"One answer was given nearly always (prevalence index {one:.2f}). Kappa and alpha can be low then even where little was disagreed on: look at AC1 and at each code."
    if report.answer.low is None:
        if report.answer.value is not None:
            yield f"There are no limits to it: what was compared is too short to be resampled{'' if report.happenings > 1 else ' by the ' + report.clusters}, so how far it would come out alike again is not known."
    elif report.happenings == 1:
        yield f"The limits come from one happening, whose {report.clusters}s were resampled: they are rough."
    elif report.happenings < 10:
        yield f"The limits rest on {report.happenings} happenings, which is few: they are too narrow rather than too wide."


def _codes(codes: tuple[CodeAgreement, ...], labels: Mapping[str, str]) -> Iterator[str]:
    never = [labels.get(one.code, one.code) for one in codes if one.units == 0]
    hardly = [labels.get(one.code, one.code) for one in codes if 0 < one.units < HARDLY_TESTED]
    if never:
        yield f"Never used by anybody, so nothing is known of their agreement: {', '.join(never)}."
    if hardly:
        yield f"Used in fewer than {HARDLY_TESTED} units, so hardly tested: {', '.join(hardly)}."
