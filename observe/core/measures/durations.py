"""How long a behaviour lasted, and how soon it came, where beginnings or ends were not always seen."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import fmean

from scipy.special import ndtri

from observe.core.coding.record import Bout, Span
from observe.core.measures.figures import LEVEL, Figure, garwood, unknown
from observe.core.measures.spans import elapsed, intersection, length


def pieces_of(bout: Bout) -> tuple[Span, ...]:
    """Its observed parts; a bout that names none was observed throughout."""
    return bout.pieces or ((bout.start, bout.end),)


def duration_ms(bouts: Iterable[Bout], observed: Sequence[Span]) -> int:
    """Observed time in the state. Overlapping bouts of one code are unioned: two targets at once are one second."""
    return length(intersection([piece for bout in bouts for piece in pieces_of(bout)], observed))


def proportion(in_state_ms: int, observed_ms: int) -> Figure:
    """D/T. It has no interval: seconds of one bout are not independent trials."""
    name = "proportion of observed time"
    if observed_ms <= 0:
        return unknown(name, "proportion", "not observed", numerator=in_state_ms / 1000, denominator=0)
    return Figure(name, in_state_ms / observed_ms, "proportion", in_state_ms / 1000, observed_ms / 1000)


@dataclass(frozen=True, slots=True)
class Length:
    """One stretch of a state as it was seen. `ended` is false when its end was not seen, `begun` likewise."""

    ms: int
    ended: bool
    begun: bool = True


def lengths_of(bouts: Iterable[Bout]) -> tuple[Length, ...]:
    """The stretches of these bouts, each with what was not seen of it."""
    return tuple(Length(length(pieces_of(bout)), not bout.censored_end, not bout.censored_start) for bout in bouts)


def mean_bout(lengths: Sequence[Length], *, level: float = LEVEL) -> Figure:
    """Time in the state over endings seen: the exponential maximum likelihood mean, unbiased by censoring.

    The mean of completed bouts alone is too short, because long bouts are those whose end is missed. The limits are
    those of the rate of ending (Garwood), turned over; without an upper limit they are open.
    """
    name, total = "mean bout length", sum(one.ms for one in lengths)
    ended = sum(1 for one in lengths if one.ended)
    if not lengths:
        return unknown(name, "s", "no bout was seen", numerator=0, denominator=0)
    if not ended:
        reason = f"all {len(lengths)} bouts censored: no end was seen"
        return unknown(name, "s", reason, numerator=total / 1000, denominator=0)
    if total == 0:
        return Figure(name, 0.0, "s", 0.0, ended, level=level)
    low, high = garwood(ended, total / 1000, level=level)
    return Figure(name, total / 1000 / ended, "s", total / 1000, ended, 1 / high, 1 / low, level, "exponential")


def mean_completed(lengths: Sequence[Length]) -> Figure:
    """Mean of the bouts seen whole, to compare with other programs; biased downward when any was censored."""
    whole = [one.ms / 1000 for one in lengths if one.ended and one.begun]
    name = "mean of completed bouts (biased down by censoring)"
    if not whole:
        return unknown(name, "s", "no bout was seen from beginning to end", numerator=0, denominator=0)
    return Figure(name, fmean(whole), "s", sum(whole), len(whole))


@dataclass(frozen=True, slots=True)
class Survival:
    """A Kaplan–Meier curve: at `times` (s) the share still going on is `surviving`, `at_risk` just before."""

    times: tuple[float, ...]
    surviving: tuple[float, ...]
    at_risk: tuple[int, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    censored: int
    count: int


def kaplan_meier(times: Sequence[float], ended: Sequence[bool], *, level: float = LEVEL) -> Survival:
    """The product-limit estimate with log-log limits (Kaplan & Meier 1958); what was censored is never dropped."""
    z = float(ndtri(1 - (1 - level) / 2))
    order = sorted(zip(times, ended, strict=True))
    ends = Counter(t for t, seen in order if seen)
    every = [t for t, _ in order]
    survival, greenwood, rows = 1.0, 0.0, []
    for at, gone in sorted(ends.items()):
        risk = len(every) - bisect_left(every, at)
        survival *= 1 - gone / risk
        greenwood += gone / (risk * (risk - gone)) if risk > gone else math.inf
        rows.append((at, survival, risk, *_log_log(survival, greenwood, z)))
    columns = list(zip(*rows, strict=True)) if rows else [(), (), (), (), ()]
    return Survival(
        tuple(columns[0]),
        tuple(columns[1]),
        tuple(int(n) for n in columns[2]),
        tuple(columns[3]),
        tuple(columns[4]),
        sum(1 for seen in ended if not seen),
        len(order),
    )


def _log_log(survival: float, greenwood: float, z: float) -> tuple[float, float]:
    if survival in (0.0, 1.0) or math.isinf(greenwood):
        return survival, survival
    width = z * math.sqrt(greenwood) / abs(math.log(survival))
    return survival ** math.exp(width), survival ** math.exp(-width)


def median_of(curve: Survival, *, name: str, level: float = LEVEL) -> Figure:
    """When half had ended, with Brookmeyer–Crowley limits; None when more than half were still going on."""
    if not curve.count:
        return unknown(name, "s", "nothing to time", denominator=0)
    median = _first_at_or_below(curve.times, curve.surviving)
    if median is None:
        reason = f"more than half not over when watching ended ({curve.censored} of {curve.count} censored)"
        return unknown(name, "s", reason, denominator=curve.count)
    low = _first_at_or_below(curve.times, curve.low)
    high = _first_at_or_below(curve.times, curve.high)
    return Figure(name, median, "s", None, curve.count, low, high, level, "Kaplan–Meier")


def _first_at_or_below(times: Sequence[float], shares: Sequence[float]) -> float | None:
    return next((t for t, s in zip(times, shares, strict=True) if s <= 0.5 + 1e-12), None)


def median_bout(lengths: Sequence[Length], *, level: float = LEVEL) -> Figure:
    """Kaplan–Meier median of bouts whose beginning was seen; the others have no known length to start from."""
    begun = [one for one in lengths if one.begun]
    curve = kaplan_meier([one.ms / 1000 for one in begun], [one.ended for one in begun], level=level)
    return median_of(curve, name="median bout length", level=level)


@dataclass(frozen=True, slots=True)
class Latency:
    """Observed seconds from a reference to the first onset, or, when `seen` is false, to the end of watching."""

    seconds: float
    seen: bool


def latency(onsets: Iterable[int], observed: Sequence[Span], *, since: int = 0) -> Latency | None:
    """First onset after `since`, in observed time. None seen is censored, never dropped; nothing observed is None."""
    if elapsed(observed[-1][1] if observed else since, observed, since=since) <= 0:
        return None
    after = [at for at in onsets if at >= since]
    if after:
        return Latency(elapsed(min(after), observed, since=since) / 1000, True)
    return Latency(elapsed(observed[-1][1], observed, since=since) / 1000, False)


def latency_figure(one: Latency | None, *, name: str = "latency") -> Figure:
    """A session's latency as a figure: not seen is None with the time for which it was looked for."""
    if one is None:
        return unknown(name, "s", "not observed")
    if not one.seen:
        return unknown(name, "s", f"not seen in {one.seconds:g} s: censored there", denominator=one.seconds)
    return Figure(name, one.seconds, "s", one.seconds, 1)


def median_latency(latencies: Iterable[Latency | None], *, level: float = LEVEL) -> Figure:
    """The latencies of many sessions grouped by Kaplan–Meier, those without an onset censored and kept."""
    known = [one for one in latencies if one is not None]
    curve = kaplan_meier([one.seconds for one in known], [one.seen for one in known], level=level)
    return median_of(curve, name="median latency", level=level)
