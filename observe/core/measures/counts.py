"""How often a behaviour was seen, and in how much watching."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import fmean

from observe.core.coding.record import Span
from observe.core.measures.figures import HOUR_MS, LEVEL, Figure, garwood, share, unknown
from observe.core.measures.spans import place_of, place_of_onset

NOT_OBSERVED = "not observed: there was no time in which it could have been seen"


def rate(
    count: int,
    observed_ms: int,
    *,
    name: str = "rate",
    per_ms: int = HOUR_MS,
    unit: str = "per hour",
    dispersion: float = 1.0,
    level: float = LEVEL,
) -> Figure:
    """Events over observed time with exact Poisson limits (Garwood 1936).

    Behaviour that comes in clusters is more variable than Poisson: a `dispersion` above 1 widens the limits, as if
    only count/dispersion independent events had been seen. No observed time gives None, never 0.
    """
    if observed_ms <= 0:
        return unknown(name, unit, NOT_OBSERVED, numerator=count, denominator=0)
    exposure = observed_ms / per_ms
    low, high = garwood(count / dispersion, exposure / dispersion, level=level)
    method = "Garwood (Poisson)" if dispersion == 1 else f"Garwood (quasi-Poisson, dispersion {dispersion:g})"
    return Figure(name, count / exposure, unit, count, exposure, low, high, level, method)


def rate_at_risk(count: int, observed_ms: int, in_state_ms: int, *, level: float = LEVEL) -> Figure:
    """Bouts begun per hour in which one could begin: n / (T − D), since a state that is on cannot start."""
    if observed_ms > 0 and observed_ms <= in_state_ms:
        return unknown("rate at risk", "per hour", "the state was on all the time", numerator=count, denominator=0)
    return rate(count, observed_ms - in_state_ms, name="rate at risk", level=level)


def prevalence(samples_in_state: int, valid_samples: int, *, level: float = LEVEL) -> Figure:
    """Momentary time sampling: unbiased for the proportion of time, silent about how often it began."""
    return share(
        samples_in_state,
        valid_samples,
        "prevalence (momentary samples)",
        nothing="no sample was taken",
        level=level,
    )


@dataclass(frozen=True, slots=True)
class Onsets:
    """Onsets sorted into uninterrupted stretches of watching. `left_out` fell outside and are not counted."""

    by_stretch: tuple[tuple[int, ...], ...]
    left_out: tuple[int, ...]

    @property
    def count(self) -> int:
        """Onsets in observed time."""
        return sum(len(stretch) for stretch in self.by_stretch)


def onsets_in(times: Iterable[int], observed: Sequence[Span]) -> Onsets:
    """Each onset in its stretch; one outside observed time is an error in the data and is set apart, not counted."""
    stretches: list[list[int]] = [[] for _ in observed]
    outside: list[int] = []
    for at in sorted(times):
        place = place_of_onset(at, observed)
        (outside if place is None else stretches[place]).append(at)
    return Onsets(tuple(tuple(stretch) for stretch in stretches), tuple(outside))


def gaps_between(onsets: Onsets) -> tuple[int, ...]:
    """Inter-event intervals in ms, within a stretch only: never across a pause, out of view or sessions."""
    return tuple(later - earlier for stretch in onsets.by_stretch for earlier, later in pairwise(stretch))


def mean_gap(gaps: Sequence[int]) -> Figure:
    """Mean inter-event interval in seconds; it needs two events in one stretch of watching."""
    name = "mean time between onsets"
    if not gaps:
        return unknown(name, "s", "no two events in one uninterrupted stretch", numerator=0, denominator=0)
    return Figure(name, fmean(gaps) / 1000, "s", sum(gaps) / 1000, len(gaps))


def _spread(gaps: Sequence[int]) -> float:
    """Standard deviation with n, in floats: exact fractions cost more here than all the rest of a budget."""
    mean = fmean(gaps)
    return math.sqrt(sum((gap - mean) ** 2 for gap in gaps) / len(gaps))


def burstiness(gaps: Sequence[int]) -> Figure:
    """(s − m)/(s + m) of the gaps (Goh & Barabási 2008): −1 regular, 0 Poisson, towards 1 bursty."""
    if len(gaps) < 3:
        return unknown("burstiness", "ratio", f"{len(gaps)} gaps; three are needed", denominator=len(gaps))
    mean, spread = fmean(gaps), _spread(gaps)
    if mean + spread == 0:
        return unknown("burstiness", "ratio", "all at one instant", denominator=len(gaps))
    return Figure("burstiness", (spread - mean) / (spread + mean), "ratio", denominator=len(gaps))


def variation_of_gaps(gaps: Sequence[int]) -> Figure:
    """Coefficient of variation of the gaps: 1 for a Poisson process."""
    name = "coefficient of variation of gaps"
    if len(gaps) < 3:
        return unknown(name, "ratio", f"{len(gaps)} gaps; three are needed", denominator=len(gaps))
    mean = fmean(gaps)
    if mean == 0:
        return unknown(name, "ratio", "all at one instant", denominator=len(gaps))
    return Figure(name, _spread(gaps) / mean, "ratio", denominator=len(gaps))


def bouts_by_criterion(onsets: Onsets, criterion_ms: int) -> tuple[tuple[int, ...], ...]:
    """Points closer than the bout criterion interval, merged; time nobody watched always ends a bout."""
    bouts: list[list[int]] = []
    for stretch in onsets.by_stretch:
        for k, at in enumerate(stretch):
            if k and at - stretch[k - 1] < criterion_ms:
                bouts[-1].append(at)
            else:
                bouts.append([at])
    return tuple(tuple(bout) for bout in bouts)


@dataclass(frozen=True, slots=True)
class BoutCriterion:
    """Two exponential processes fitted to gaps: within bouts (`fast`) and between them (`slow`), per ms."""

    criterion_ms: float | None
    fast: float | None = None
    slow: float | None = None
    share_fast: float | None = None
    gaps: int = 0
    reason: str = ""


def bout_criterion(gaps: Sequence[int], *, sweeps: int = 500) -> BoutCriterion:
    """Where the log-survivor curve of gaps breaks, misplacing fewest of them (Slater & Lester 1982).

    A mixture of two exponentials by EM, begun from the halves of the sorted gaps: the same gaps give the same answer.
    """
    kept = sorted(gap for gap in gaps if gap > 0)
    if len(kept) < 10:
        return BoutCriterion(None, gaps=len(kept), reason=f"{len(kept)} gaps; ten are needed")
    half = len(kept) // 2
    fast, slow, mix = 1 / fmean(kept[:half]), 1 / fmean(kept[half:]), 0.5
    for _ in range(sweeps):
        weights = [
            mix * fast * math.exp(-fast * gap)
            / (mix * fast * math.exp(-fast * gap) + (1 - mix) * slow * math.exp(-slow * gap) + 1e-300)
            for gap in kept
        ]  # fmt: skip
        total = sum(weights)
        if total <= 1e-9 or len(kept) - total <= 1e-9:
            break
        fast = total / sum(w * gap for w, gap in zip(weights, kept, strict=True))
        slow = (len(kept) - total) / sum((1 - w) * gap for w, gap in zip(weights, kept, strict=True))
        mix = total / len(kept)
    if fast <= slow * 1.5 or not 0.01 < mix < 0.99:
        return BoutCriterion(None, fast, slow, mix, len(kept), "the gaps show one process, not two")
    break_at = math.log(mix * fast / ((1 - mix) * slow)) / (fast - slow)
    return BoutCriterion(max(0.0, break_at), fast, slow, mix, len(kept))


def partial_interval(spans: Sequence[Span], window: Span, length_ms: int) -> Figure:
    """What partial-interval recording would have made of these bouts: biased upward as a share of time."""
    cuts = _cut(window, length_ms)
    hit = sum(1 for start, end in cuts if any(a < end and b > start for a, b in spans))
    return share(hit, len(cuts), "fraction of intervals (partial interval)")


def whole_interval(spans: Sequence[Span], window: Span, length_ms: int) -> Figure:
    """What whole-interval recording would have made of these bouts: biased downward as a share of time."""
    cuts = _cut(window, length_ms)
    hit = sum(1 for start, end in cuts if any(a <= start and b >= end for a, b in spans))
    return share(hit, len(cuts), "fraction of intervals (whole interval)")


def momentary(spans: Sequence[Span], window: Span, length_ms: int, *, at_ms: int = 0) -> Figure:
    """What momentary sampling would have made of these bouts, looking `at_ms` into each interval."""
    cuts = _cut(window, length_ms)
    ordered = sorted(spans)
    hit = sum(1 for start, _ in cuts if place_of(start + at_ms, ordered) is not None)
    return prevalence(hit, len(cuts))


def _cut(window: Span, length_ms: int) -> list[Span]:
    return [(at, at + length_ms) for at in range(window[0], window[1] - length_ms + 1, length_ms)]


def expected_partial_interval(mean_bout: float, mean_gap: float, interval: float) -> float:
    """φ + (1 − φ)(1 − e^(−c/λ)) for exponential gaps (Rogosa & Ghandour 1991; Pustejovsky & Runnels 2014)."""
    prevalent = mean_bout / (mean_bout + mean_gap)
    return prevalent + (1 - prevalent) * (1 - math.exp(-interval / mean_gap))


def expected_whole_interval(mean_bout: float, mean_gap: float, interval: float) -> float:
    """φ e^(−c/μ) for exponential bouts (Pustejovsky & Runnels 2014)."""
    return mean_bout / (mean_bout + mean_gap) * math.exp(-interval / mean_bout)


def dispersion_of(counts: Sequence[int], exposures_ms: Sequence[int]) -> Figure:
    """Pearson χ²/df of counts over sessions: above 1, events cluster and Poisson limits are too narrow."""
    used = [(n, t) for n, t in zip(counts, exposures_ms, strict=True) if t > 0]
    total, time = sum(n for n, _ in used), sum(t for _, t in used)
    if len(used) < 2 or total == 0:
        return unknown(
            "dispersion", "ratio", "it needs two observed sessions and one event", denominator=len(used)
        )
    chi = sum((n - total * t / time) ** 2 / (total * t / time) for n, t in used)
    return Figure("dispersion", chi / (len(used) - 1), "ratio", chi, len(used) - 1)
