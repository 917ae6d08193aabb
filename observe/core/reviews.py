"""Rules of review: what people decided on a pattern, and what that makes of it.

Reviews are only ever added. None of them changes an estimate, a loading or a gate: a reviewer sees the output, so the
output must not learn from the reviewer. `now` and ids are given by the caller.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from observe.core.errors import Invalid

NEEDED = 2
"""how many people must have reviewed, blind to each other, before anything is a finding"""
DISPUTED_SHARE = 0.20
"""of the reviews that a code was cited in; above it, its diagnosticity is under review"""


class Decision(StrEnum):
    ENDORSE = "endorse"
    DISPUTE = "dispute"
    MORE_EVIDENCE = "more-evidence"
    ABSTAIN = "abstain"


class Part(StrEnum):
    """In what part someone speaks."""

    REVIEWER = "reviewer"
    DISSENTER = "dissenter"
    """asked to read it against the grain; counts as a reviewer who may not endorse"""
    OBSERVED = "observed"
    """the person whom the pattern is about, or someone who speaks for them"""


class Weighing(StrEnum):
    """What a reviewer makes of a rival explanation."""

    RULED_OUT = "ruled-out"
    POSSIBLE = "possible"
    LIKELIER = "likelier"


@dataclass(frozen=True, slots=True)
class RivalWeighed:
    """One rival, named by the framework, asked by the run, or brought by the reviewer, and why it does or does not hold."""

    rival: str
    weighing: Weighing
    because: str


@dataclass(frozen=True, slots=True)
class Review:
    """One person's reading of one finding, bound to the exact inference by its hash.

    `cited` are the events, or `session/indicator`, that the reviewer leans on. `supersedes` names an earlier review of
    the same person, which then no longer counts and is still kept.
    """

    id: str
    person: str
    construct: str
    inference: str
    reviewer: str
    decision: Decision
    reason: str
    made_at: datetime
    part: Part = Part.REVIEWER
    rivals: tuple[RivalWeighed, ...] = ()
    cited: tuple[str, ...] = ()
    confidence: int | None = None
    blind: bool = True
    supersedes: str = ""

    @property
    def finding(self) -> tuple[str, str]:
        """Who and what it is about, across runs."""
        return self.person, self.construct


class Standing(StrEnum):
    """What the reviews make of a finding."""

    PROPOSED = "proposed"
    STALE = "stale"
    """reviewed, but on data, a framework or an engine that is no longer this one"""
    AWAITING_ANOTHER = "awaiting-another"
    AWAITING_DISSENT = "awaiting-dissent"
    """a dissenter was asked and has not spoken yet"""
    ENDORSED = "endorsed"
    DISPUTED = "disputed"
    MORE_EVIDENCE = "more-evidence-needed"


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that keeps a review from being accepted."""

    code: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Status:
    """Where a finding stands, with everything that must be shown beside it."""

    standing: Standing
    counting: tuple[Review, ...]
    dissent: tuple[Review, ...]
    """every voice against it, also when it is endorsed: shown beside the finding, always"""
    replies: tuple[Review, ...]
    stale: tuple[Review, ...]
    contested_at: datetime | None = None
    """when the observed person contested it, as long as fewer than two have read it since"""

    @property
    def may_be_quoted(self) -> bool:
        """Only an endorsed finding leaves the review, and its dissent with it."""
        return self.standing is Standing.ENDORSED


class ReviewIsNotAcceptable(Invalid):
    """A review lacks what a review must have. Nothing was stored."""

    code = "review.not_acceptable"
    remedy = "Complete what is named, then give the review again."


def faults_of(
    review: Review, *, inference: str, endorsable: bool, known_rivals: Iterable[str], known_evidence: Iterable[str],
    earlier: Sequence[Review],
) -> tuple[Fault, ...]:  # fmt: skip
    """All that is wrong with a review, given the inference as it is now. `endorsable`: the run claims a pattern at all."""
    rules = [
        *_words(review), *_bindings(review, inference, set(known_rivals), set(known_evidence)),
        *_endorsement(review, endorsable), *_order(review, earlier),
    ]  # fmt: skip
    return tuple(Fault(code, sentence) for code, sentence, wrong in rules if wrong)


def check(review: Review, faults: Sequence[Fault]) -> Review:
    """The review itself, or an error that names every fault."""
    if faults:
        raise ReviewIsNotAcceptable(" ".join(fault.sentence for fault in faults), tuple(faults))
    return review


_Rule = tuple[str, str, bool]


def _words(review: Review) -> list[_Rule]:
    confidence = review.confidence
    return [
        ("review.no_reason", "Say why.", not review.reason.strip()),
        ("review.rival_without_reason", "Say of each rival why it does or does not hold.",
         any(not one.because.strip() for one in review.rivals)),
        ("review.confidence_range", "Confidence goes from 0 to 100.",
         confidence is not None and not 0 <= confidence <= 100),
    ]  # fmt: skip


def _bindings(review: Review, inference: str, rivals: set[str], evidence: set[str]) -> list[_Rule]:
    unknown = sorted(set(review.cited) - evidence)
    brought = [one.rival for one in review.rivals if not one.rival.strip()]
    return [
        ("review.stale", "There is a newer run: read that one, and review it.", review.inference != inference),
        ("review.unknown_observation", f"Not part of the evidence: {', '.join(unknown)}.", bool(unknown)),
        ("review.rival_without_name", "Name the rival.", bool(brought)),
        ("review.same_rival_twice", "Weigh each rival once.",
         len({one.rival for one in review.rivals}) < len(review.rivals)),
        ("review.no_rivals_known", "This run names no rivals to weigh.", not rivals and review.part is Part.REVIEWER
         and review.decision is Decision.ENDORSE and not review.rivals),
    ]  # fmt: skip


def _endorsement(review: Review, endorsable: bool) -> list[_Rule]:
    endorses = review.decision is Decision.ENDORSE
    return [
        ("review.nothing_to_endorse", "The run claims no pattern here, so there is nothing to endorse.",
         endorses and not endorsable and review.part is not Part.OBSERVED),
        ("review.no_rival", "Weigh at least one other explanation before endorsing.",
         endorses and not review.rivals and review.part is Part.REVIEWER),
        ("review.likelier_rival", "A pattern whose rival is likelier cannot be endorsed.",
         endorses and any(one.weighing is Weighing.LIKELIER for one in review.rivals)),
        ("review.nothing_cited", "Cite at least one observation that this rests on.",
         review.decision in (Decision.ENDORSE, Decision.DISPUTE) and not review.cited
         and review.part is not Part.OBSERVED),
        ("review.dissenter_endorses", "Who was asked to dissent argues against, or abstains with a reason.",
         endorses and review.part is Part.DISSENTER),
    ]  # fmt: skip


def _order(review: Review, earlier: Sequence[Review]) -> list[_Rule]:
    own = [
        one for one in earlier
        if one.reviewer == review.reviewer and one.finding == review.finding and one.inference == review.inference
    ]  # fmt: skip
    standing = counting(own)
    return [
        ("review.twice", "You have reviewed this already: a change of mind says which review it takes back.",
         bool(standing) and review.supersedes not in {one.id for one in standing}),
        ("review.supersedes_other", "Only your own review of this finding can be taken back.",
         bool(review.supersedes) and review.supersedes not in {one.id for one in own}),
    ]  # fmt: skip


def counting(reviews: Sequence[Review]) -> tuple[Review, ...]:
    """Those that were not taken back, oldest first."""
    back = {one.supersedes for one in reviews if one.supersedes}
    return tuple(sorted((one for one in reviews if one.id not in back), key=lambda one: (one.made_at, one.id)))


def visible_to(reviewer: str, reviews: Sequence[Review], *, inference: str) -> tuple[Review, ...]:
    """What someone may see of the others: nothing before they have spoken themselves, so that two readings are two.

    Earlier reviews of older runs may be seen: they are of other evidence, and say so. So may replies of the observed
    person: they are heard before anyone decides.
    """
    spoke = any(one.reviewer == reviewer and one.inference == inference for one in reviews)
    return tuple(
        one
        for one in reviews
        if spoke or one.inference != inference or one.reviewer == reviewer or one.part is Part.OBSERVED
    )


def is_blind(reviewer: str, reviews: Sequence[Review], *, inference: str) -> bool:
    """Whether a first review given now is blind: one that follows the person's own earlier one is not."""
    return not any(one.reviewer == reviewer and one.inference == inference for one in reviews)


def status_of(reviews: Sequence[Review], *, inference: str, dissenter_asked: str = "") -> Status:
    """Where the finding stands by the reviews of this exact inference.

    One dispute is enough to dispute: it takes the disputing person, or new data, to lift it. The reply of the observed
    person counts as a voice of its own: a reply that disputes keeps the finding disputed until reviewers have answered
    it by reviewing again.
    """
    standing = counting(reviews)
    now = tuple(one for one in standing if one.inference == inference)
    stale = tuple(one for one in standing if one.inference != inference)
    replies = tuple(one for one in standing if one.part is Part.OBSERVED)
    dissent = tuple(
        one for one in now
        if one.decision is Decision.DISPUTE or (one.part is Part.DISSENTER and one.decision is not Decision.ENDORSE)
    )  # fmt: skip
    return Status(_standing(now, stale, dissenter_asked), now, dissent, replies, stale, _contested_at(now))


def _standing(now: tuple[Review, ...], stale: tuple[Review, ...], dissenter_asked: str) -> Standing:
    reviewers = [one for one in now if one.part is Part.REVIEWER and one.decision is not Decision.ABSTAIN]
    if not now:
        return Standing.STALE if stale else Standing.PROPOSED
    if any(one.decision is Decision.DISPUTE for one in reviewers) or _contested_at(now):
        return Standing.DISPUTED
    if len({one.reviewer for one in reviewers if one.blind or one.supersedes}) < NEEDED:
        return Standing.AWAITING_ANOTHER
    if any(one.decision is Decision.MORE_EVIDENCE for one in reviewers):
        return Standing.MORE_EVIDENCE
    if dissenter_asked and dissenter_asked not in {one.reviewer for one in now if one.part is Part.DISSENTER}:
        return Standing.AWAITING_DISSENT
    return Standing.ENDORSED


def _contested_at(now: tuple[Review, ...]) -> datetime | None:
    """When a reply disputed it that fewer than two reviewers have read since."""
    replies = [one for one in now if one.part is Part.OBSERVED and one.decision is Decision.DISPUTE]
    if not replies:
        return None
    last = max(one.made_at for one in replies)
    since = {one.reviewer for one in now if one.part is Part.REVIEWER and one.made_at > last}
    return last if len(since) < NEEDED else None


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far reviewers who were blind to each other agreed, over findings that two or more decided on."""

    findings: int
    same: float | None
    kappa: float | None
    """of the first two of each finding; None where undefined: no variation"""


def agreement_of(reviews: Sequence[Review]) -> Agreement:
    """Percent agreement and Scott's pi (Scott 1955: who is first and second is arbitrary, so margins are pooled)."""
    by_finding: dict[tuple[tuple[str, str], str], list[Review]] = {}
    for one in counting([one for one in reviews if not one.supersedes]):
        if one.part is Part.REVIEWER and one.blind and one.decision is not Decision.ABSTAIN:
            by_finding.setdefault((one.finding, one.inference), []).append(one)
    pairs = [(found[0].decision, found[1].decision) for found in by_finding.values() if len(found) > 1]
    if not pairs:
        return Agreement(0, None, None)
    same = sum(one == other for one, other in pairs) / len(pairs)
    margins = Counter(decision for pair in pairs for decision in pair)
    chance = sum((n / (2 * len(pairs))) ** 2 for n in margins.values())
    return Agreement(len(pairs), same, None if chance == 1 else (same - chance) / (1 - chance))
