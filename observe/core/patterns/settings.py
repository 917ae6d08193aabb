"""Every choice of the inference in one place, each with its reason. A study sets them before it looks."""

from __future__ import annotations

from dataclasses import dataclass

ENGINE_VERSION = "1.1.1"
"""Part of every result's hash: a change of any rule below changes it, and its last place any change of words."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What is asked of the inference. Attitudes are on the scale of a log rate, log odds, or standard deviation."""

    smallest_effect: float = 0.25
    """the smallest difference worth a word: rates 28 % up for a code of full loading"""
    level: float = 0.90
    """of intervals"""
    false_sign_rate: float = 0.05
    """over all claims of a run (Stephens 2017)"""
    single_false_sign: float = 0.10
    """no single claim may be less sure of its sign than this"""
    sure_of_effect: float = 0.80
    """the least probability that a claimed difference exceeds `smallest_effect`"""
    usable_alpha: float = 0.667
    """a code whose agreement has a lower limit below this is fragile (Krippendorff's customary threshold)"""
    dominant_share: float = 0.50
    """no single code or session may carry more of the evidence than this"""
    peers: int = 5
    """fewer people than this, and there is nobody to be relative to"""
    widest_interval: float = 2.0
    """an interval wider than this says nothing"""
    contrary_listed: int = 3
    """how many contrary items are always named, even small ones"""
    change_sessions: int = 4
    """fewer sessions than this, and change across them is not spoken of"""
    missing_share: float = 0.25
    """of judgements left out; above it, the missing ones are a rival"""
    sweeps: int = 14
    spread_prior: float = 0.30
    """where the spread of situations, sessions and habits is expected before anything is seen …"""
    spread_prior_weight: float = 4.0
    """… and for how many observations that expectation counts"""
    seed: int = 0
    """kept with the result; the inference itself draws no random number"""
