"""How those who read patterns do: whether they agree, what they dispute, and how sure they were of what turned out.

Figures about reading, never about a pattern: none of them goes back into an estimate, a loading or a gate.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from observe.core.measures.figures import wilson
from observe.core.reviews import DISPUTED_SHARE, Decision, Part, Review, counting

ANSWERS = (Decision.ENDORSE, Decision.DISPUTE, Decision.MORE_EVIDENCE)
ENOUGH = 5
"""with fewer readings than this, no share of them is spoken of"""
BANDS = ((0, 50), (50, 70), (70, 90), (90, 100))
"""of stated confidence, in per cent; the last one holds its end"""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two readers over the findings that both decided on, blind to each other. None: undefined, all decided alike."""

    readers: tuple[str, str]
    findings: int
    same: float
    kappa: float | None
    """Cohen 1960"""
    ac1: float
    """Gwet 2008: steady where nearly all decisions are the same"""


def pairs_of(reviews: Sequence[Review]) -> tuple[Pair, ...]:
    """Every two readers who have decided on the same inference; those with most in common first."""
    by_finding: dict[tuple[tuple[str, str], str], dict[str, Decision]] = defaultdict(dict)
    for one in counting([one for one in reviews if not one.supersedes]):
        if one.part is Part.REVIEWER and one.blind and one.decision in ANSWERS:
            by_finding[one.finding, one.inference][one.reviewer] = one.decision
    found: dict[tuple[str, str], list[tuple[Decision, Decision]]] = defaultdict(list)
    for given in by_finding.values():
        for first, second in combinations(sorted(given), 2):
            found[first, second].append((given[first], given[second]))
    pairs = [_pair(readers, decided) for readers, decided in found.items()]
    return tuple(sorted(pairs, key=lambda one: (-one.findings, one.readers)))


def _pair(readers: tuple[str, str], decided: Sequence[tuple[Decision, Decision]]) -> Pair:
    n = len(decided)
    same = sum(one == other for one, other in decided) / n
    first, second = Counter(one for one, _ in decided), Counter(other for _, other in decided)
    chance = sum(first[answer] * second[answer] for answer in ANSWERS) / n**2
    shares = [(first[answer] + second[answer]) / (2 * n) for answer in ANSWERS]
    hard = sum(share * (1 - share) for share in shares) / (len(ANSWERS) - 1)
    kappa = None if chance == 1 else (same - chance) / (1 - chance)
    return Pair(readers, n, same, kappa, (same - hard) / (1 - hard))


@dataclass(frozen=True, slots=True)
class Disputes:
    """How often readings that bear on one thing dispute the pattern, with a 90 % interval (Wilson 1927)."""

    name: str
    readings: int
    disputed: int
    low: float
    high: float

    @property
    def share(self) -> float:
        return self.disputed / self.readings

    @property
    def under_review(self) -> bool:
        """Whether it should be looked at: a question to those who design, never a change by itself."""
        return self.readings >= ENOUGH and self.share > DISPUTED_SHARE


def disputes_by(names: Callable[[Review], Iterable[str]], reviews: Sequence[Review]) -> tuple[Disputes, ...]:
    """Over readings that count and decide; the most disputed first. The observed person's reply is no reading."""
    read: Counter[str] = Counter()
    disputed: Counter[str] = Counter()
    for one in counting(reviews):
        if one.decision in ANSWERS and one.part is not Part.OBSERVED:
            mine = set(names(one))
            read.update(mine)
            disputed.update(mine if one.decision is Decision.DISPUTE else ())
    found = []
    for name, n in read.items():
        low, high = wilson(disputed[name], n, level=0.9)
        found.append(Disputes(name, n, disputed[name], low, high))
    return tuple(sorted(found, key=lambda one: (-one.share, -one.readings, one.name)))


def by_construct(review: Review) -> tuple[str, ...]:
    return (review.construct,)


def by_indicator(review: Review) -> tuple[str, ...]:
    """Those that the reading leans on."""
    return tuple(item.partition("/")[2] for item in review.cited if "/" in item)


def by_observer(observers: Mapping[str, str]) -> Callable[[Review], tuple[str, ...]]:
    """Who recorded the sessions that a reading leans on; `observers` by session."""

    def of(review: Review) -> tuple[str, ...]:
        sessions = (item.partition("/")[0] for item in review.cited if "/" in item)
        return tuple(observers[one] for one in sessions if one in observers)

    return of


@dataclass(frozen=True, slots=True)
class Band:
    """Readings whose stated confidence lies in one band: how often the decision was right, beside what was stated."""

    low: int
    high: int
    readings: int
    stated: float
    right: float


@dataclass(frozen=True, slots=True)
class Calibration:
    """How sure readers were against what turned out. 0 is best; always saying 50 % gives .25 (Brier 1950)."""

    readings: int
    findings: int
    brier: float
    right: float
    bands: tuple[Band, ...]


def calibration_of(reviews: Sequence[Review], outcomes: Mapping[str, bool]) -> Calibration | None:
    """Over readings that endorse or dispute and say how sure they are. `outcomes`: by inference, whether it held."""
    scored = [
        (one.confidence / 100, (one.decision is Decision.ENDORSE) == outcomes[one.inference], one.inference)
        for one in counting(reviews)
        if one.confidence is not None and one.inference in outcomes and one.part is not Part.OBSERVED
        and one.decision in (Decision.ENDORSE, Decision.DISPUTE)
    ]  # fmt: skip
    if not scored:
        return None
    bands = []
    for low, high in BANDS:
        inside = [
            (sure, right) for sure, right, _ in scored if low <= sure * 100 < high or sure * 100 == high == 100
        ]
        if inside:
            stated = sum(sure for sure, _ in inside) / len(inside)
            bands.append(Band(low, high, len(inside), stated, sum(right for _, right in inside) / len(inside)))
    return Calibration(
        len(scored), len({inference for *_, inference in scored}),
        sum((sure - right) ** 2 for sure, right, _ in scored) / len(scored),
        sum(right for _, right, _ in scored) / len(scored), tuple(bands),
    )  # fmt: skip
