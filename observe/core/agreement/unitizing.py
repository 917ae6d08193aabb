"""Did observers cut the same stretches out of a continuum? Unitizing alpha, code by code (Krippendorff 1995, 2004)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from observe.core.agreement.coefficient import Coefficient, undefined

Unit = tuple[float, float]
"""start and length, in steps of the continuum"""


@dataclass(frozen=True, slots=True)
class Unitized:
    """Unitizing alpha of each code and over all of them, with observed and expected disagreement of each."""

    by_code: dict[str, Coefficient]
    overall: Coefficient


@dataclass(frozen=True, slots=True)
class _Section:
    start: float
    length: float
    marked: bool


def unitizing_alpha(observers: Sequence[Mapping[str, Sequence[Unit]]], length: float) -> Unitized:
    """From each observer's units by code on a continuum of this many steps.

    Boundaries count by their squared difference, a unit wholly in the other's gap by its squared length. Units of
    one code by one observer must not overlap.
    """
    codes = list(dict.fromkeys(code for observer in observers for code in observer))
    if len(observers) < 2 or length <= 0:
        reason = "undefined: two observers and some time are needed"
        return Unitized({code: undefined("unitizing alpha", 0, reason) for code in codes}, _no(0, reason))
    by_code, observed, expected, marked = {}, 0.0, 0.0, 0
    for code in codes:
        sections = [_sections(observer.get(code, ()), length) for observer in observers]
        do, de = _observed(sections, length), _expected(sections, length)
        units = sum(section.marked for one in sections for section in one)
        by_code[code] = _coefficient(f"unitizing alpha of {code}", do, de, units)
        observed, expected, marked = observed + do, expected + de, marked + units
    return Unitized(by_code, _coefficient("unitizing alpha", observed, expected, marked))


def _no(units: int, reason: str) -> Coefficient:
    return undefined("unitizing alpha", units, reason)


def _coefficient(name: str, observed: float, expected: float, units: int) -> Coefficient:
    if expected <= 0:
        return undefined(name, units, "undefined: nothing was marked, or all of it by everyone")
    return Coefficient(name, 1 - observed / expected, units, observed, expected)


def _sections(units: Sequence[Unit], length: float) -> list[_Section]:
    """The whole continuum as marked units and the gaps between them."""
    found, at = [], 0.0
    for start, size in sorted(units):
        if start > at:
            found.append(_Section(at, start - at, False))
        found.append(_Section(start, size, True))
        at = start + size
    if at < length:
        found.append(_Section(at, length - at, False))
    return found


def _observed(sections: Sequence[Sequence[_Section]], length: float) -> float:
    observers = len(sections)
    total = 0.0
    for i in range(observers):
        for j in range(i + 1, observers):
            total += 2 * _pair(sections[i], sections[j])
    return total / (observers * (observers - 1) * length**2)


def _pair(first: Sequence[_Section], second: Sequence[_Section]) -> float:
    """Both lists run over the same continuum, so only sections that meet need to be looked at."""
    total, begin = 0.0, 0
    for a in first:
        while begin < len(second) and second[begin].start + second[begin].length <= a.start:
            begin += 1
        for b in second[begin:]:
            if b.start >= a.start + a.length:
                break
            total += _apart(a, b)
    return total


def _apart(a: _Section, b: _Section) -> float:
    ahead = a.start - b.start
    if a.marked and b.marked:
        return ahead**2 + (ahead + a.length - b.length) ** 2 if -a.length < ahead < b.length else 0.0
    if a.marked and not b.marked and b.length - a.length >= ahead >= 0:
        return a.length**2
    if b.marked and not a.marked and b.length - a.length <= ahead <= 0:
        return b.length**2
    return 0.0


def _expected(sections: Sequence[Sequence[_Section]], length: float) -> float:
    """Disagreement of all ways to put these sections on the continuum (Krippendorff 2004, p. 255)."""
    observers = len(sections)
    every = [section for one in sections for section in one]
    units = np.array([section.length for section in every if section.marked])
    gaps = np.sort([section.length for section in every if not section.marked])
    if not len(units):
        return 0.0
    whole = observers * length
    below = whole * (whole - 1) - float((units * (units - 1)).sum())
    above = (len(units) - 1) / 3 * float((2 * units**3 - 3 * units**2 + units).sum())
    # the gaps that each unit would fit into: how many, and how long together
    first = np.searchsorted(gaps, units)
    longer = np.append(np.cumsum(gaps[::-1])[::-1], 0.0)[first]
    above += float((units**2 * (longer + (len(gaps) - first) * (1 - units))).sum())
    return 2 / length * above / below if below > 0 else 0.0
