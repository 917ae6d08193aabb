"""The rules of review: blind, with reasons, with rivals weighed, and dissent kept beside the finding."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from observe.core import readers, reviews
from observe.core.reviews import Decision, Part, Review, RivalWeighed, Standing, Weighing

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
WEIGHED = (RivalWeighed("shyness", Weighing.POSSIBLE, "was new to the group, yet so were four others"),)


def review(
    id: str, reviewer: str, decision: Decision = Decision.ENDORSE, *, minutes: int = 0, **more: object
) -> Review:
    given: dict[str, object] = {"rivals": WEIGHED, "cited": ("s1/helps",)}
    return Review(
        id, "C1", "warmth", "run-1", reviewer, decision, "seen in three places", NOON + timedelta(minutes=minutes),
        **(given | more),  # type: ignore[arg-type]
    )  # fmt: skip


def faults(
    one: Review, *, inference: str = "run-1", endorsable: bool = True, earlier: tuple[Review, ...] = ()
) -> list[str]:
    found = reviews.faults_of(
        one, inference=inference, endorsable=endorsable, known_rivals=("shyness",),
        known_evidence=("s1/helps", "e7"), earlier=earlier,
    )  # fmt: skip
    return [fault.code for fault in found]


def standing(*given: Review, inference: str = "run-1", dissenter: str = "") -> Standing:
    return reviews.status_of(given, inference=inference, dissenter_asked=dissenter).standing


RHYS, SADIA = review("r1", "rhys"), review("r2", "sadia", minutes=5)


def test_a_review_with_reason_rival_and_observation_is_accepted():
    assert faults(RHYS) == []
    assert reviews.check(RHYS, ()) is RHYS


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"reason": "  "}, "review.no_reason"),
        ({"rivals": ()}, "review.no_rival"),
        ({"rivals": (RivalWeighed("shyness", Weighing.LIKELIER, "she hid"),)}, "review.likelier_rival"),
        ({"rivals": (RivalWeighed("shyness", Weighing.RULED_OUT, ""),)}, "review.rival_without_reason"),
        ({"rivals": (RivalWeighed(" ", Weighing.RULED_OUT, "no"),)}, "review.rival_without_name"),
        ({"rivals": WEIGHED * 2}, "review.same_rival_twice"),
        ({"cited": ()}, "review.nothing_cited"),
        ({"cited": ("s9/helps",)}, "review.unknown_observation"),
        ({"confidence": 101}, "review.confidence_range"),
        ({"inference": "run-0"}, "review.stale"),
        ({"part": Part.DISSENTER}, "review.dissenter_endorses"),
        ({"supersedes": "r9"}, "review.supersedes_other"),
    ],
)
def test_what_a_review_lacks_is_named(change: dict[str, object], fault: str):
    assert faults(replace(RHYS, **change)) == [fault]  # type: ignore[arg-type]


def test_a_rival_that_the_reviewer_brings_is_as_good_as_one_that_was_named():
    own = RivalWeighed("the heating had failed", Weighing.RULED_OUT, "it was warm by ten")
    assert faults(replace(RHYS, rivals=(own,))) == []


def test_what_the_run_does_not_claim_cannot_be_endorsed_but_can_be_disputed():
    assert faults(RHYS, endorsable=False) == ["review.nothing_to_endorse"]
    assert faults(review("r1", "rhys", Decision.DISPUTE), endorsable=False) == []


def test_all_faults_are_named_at_once_and_nothing_is_accepted():
    found = reviews.faults_of(
        replace(RHYS, reason="", cited=()),
        inference="run-2",
        endorsable=True,
        known_rivals=(),
        known_evidence=(),
        earlier=(),
    )

    with pytest.raises(reviews.ReviewIsNotAcceptable) as stopped:
        reviews.check(RHYS, found)

    assert [fault.code for fault in stopped.value.findings] == [
        "review.no_reason",
        "review.stale",
        "review.nothing_cited",
    ]


def test_reviewers_do_not_see_each_other_before_they_have_spoken():
    older = replace(SADIA, id="r0", inference="run-0")

    assert reviews.visible_to("rhys", (SADIA, older), inference="run-1") == (older,)
    assert reviews.visible_to("rhys", (SADIA, RHYS), inference="run-1") == (SADIA, RHYS)
    reply = review("r3", "C1", Decision.DISPUTE, part=Part.OBSERVED)
    assert reviews.visible_to("rhys", (SADIA, reply), inference="run-1") == (reply,), (
        "the observed person is heard first"
    )
    assert reviews.is_blind("rhys", (SADIA,), inference="run-1")
    assert not reviews.is_blind("rhys", (SADIA, RHYS), inference="run-1")


def test_one_reading_is_not_a_finding_and_two_are():
    assert standing() is Standing.PROPOSED
    assert standing(RHYS) is Standing.AWAITING_ANOTHER
    assert standing(RHYS, SADIA) is Standing.ENDORSED
    assert standing(RHYS, replace(RHYS, id="r3")) is Standing.AWAITING_ANOTHER, (
        "the same person twice is one reading"
    )
    assert standing(RHYS, replace(SADIA, blind=False)) is Standing.AWAITING_ANOTHER


def test_abstaining_is_not_a_reading():
    assert standing(RHYS, review("r2", "sadia", Decision.ABSTAIN)) is Standing.AWAITING_ANOTHER


def test_one_dispute_disputes_and_asking_for_more_holds_back():
    assert standing(RHYS, SADIA, review("r3", "anya", Decision.DISPUTE)) is Standing.DISPUTED
    assert standing(RHYS, review("r2", "sadia", Decision.MORE_EVIDENCE)) is Standing.MORE_EVIDENCE


def test_a_new_run_makes_every_review_stale_and_carries_none_over():
    status = reviews.status_of((RHYS, SADIA), inference="run-2")

    assert status.standing is Standing.STALE
    assert status.stale == (RHYS, SADIA)
    assert status.counting == ()
    assert not status.may_be_quoted


def test_a_change_of_mind_takes_back_the_earlier_review_and_both_are_kept():
    first = review("r1", "rhys", Decision.DISPUTE)
    second = review("r3", "rhys", minutes=60, supersedes="r1", blind=False)

    assert faults(replace(second, supersedes=""), earlier=(first,)) == ["review.twice"]
    assert faults(second, earlier=(first,)) == []
    assert standing(first, SADIA) is Standing.DISPUTED
    assert standing(first, SADIA, second) is Standing.ENDORSED


def test_a_dissenter_who_was_asked_is_waited_for_and_stays_beside_the_finding():
    against = review("r3", "dee", Decision.MORE_EVIDENCE, part=Part.DISSENTER, minutes=9)

    status = reviews.status_of((RHYS, SADIA, against), inference="run-1", dissenter_asked="dee")

    assert standing(RHYS, SADIA, dissenter="dee") is Standing.AWAITING_DISSENT
    assert status.standing is Standing.ENDORSED
    assert status.dissent == (against,)
    assert status.may_be_quoted


def test_the_observed_person_may_contest_and_is_answered_by_reading_again():
    reply = review("r3", "C1", Decision.DISPUTE, part=Part.OBSERVED, minutes=30, cited=(), rivals=())
    again = [
        replace(RHYS, id="r4", supersedes="r1", made_at=NOON + timedelta(hours=1)),
        replace(SADIA, id="r5", supersedes="r2", made_at=NOON + timedelta(hours=2)),
    ]

    assert faults(reply) == []
    assert standing(RHYS, SADIA, reply) is Standing.DISPUTED
    assert standing(RHYS, SADIA, reply, again[0]) is Standing.DISPUTED
    status = reviews.status_of((RHYS, SADIA, reply, *again), inference="run-1")
    assert status.standing is Standing.ENDORSED
    assert status.replies == (reply,) and reply in status.dissent


def test_agreement_between_reviewers_is_counted_over_findings_that_two_read_blind():
    """2 of 3 pairs agree; margins are 3 endorse and 3 dispute, so chance is 1/2 and Scott's pi (2/3 − 1/2)/(1/2) = 1/3."""
    given = []
    for k, (one, other) in enumerate([("endorse", "endorse"), ("dispute", "endorse"), ("endorse", "dispute")]):
        given += [
            replace(review(f"a{k}", "rhys", Decision(one)), person=f"C{k}"),
            replace(review(f"b{k}", "sadia", Decision(other)), person=f"C{k}"),
        ]
    same = [replace(one, decision=Decision.DISPUTE) if one.person == "C1" else one for one in given]

    agreement = reviews.agreement_of(same)

    assert agreement.findings == 3
    assert agreement.same == pytest.approx(2 / 3)
    assert agreement.kappa == pytest.approx(0.3333, abs=1e-4)
    assert reviews.agreement_of(same[:2]).kappa is None, "no variation: undefined, neither 0 nor 1"
    assert reviews.agreement_of([RHYS]) == reviews.Agreement(0, None, None)


def test_an_indicator_that_is_often_disputed_comes_under_review_and_is_not_changed():
    given = [review(f"r{k}", f"x{k}", Decision.DISPUTE if k < 2 else Decision.ENDORSE) for k in range(6)]

    (helps,) = readers.disputes_by(readers.by_indicator, given)

    assert (helps.name, helps.readings, helps.disputed) == ("helps", 6, 2)
    assert (helps.low, helps.high) == pytest.approx((0.1172, 0.6530), abs=1e-4), "(x + z²/2)/(n + z²) ± …, by hand"
    assert helps.under_review
    (few,) = readers.disputes_by(readers.by_indicator, given[:4])
    assert not few.under_review, "four reviews are too few to say"


def test_disputes_are_counted_by_construct_and_by_who_recorded_what_was_leant_on():
    given = [review(f"r{k}", f"x{k}", Decision.DISPUTE if k == 0 else Decision.ENDORSE) for k in range(3)]
    observers = {item.partition("/")[0]: "owen" for one in given for item in one.cited if "/" in item}

    (construct,) = readers.disputes_by(readers.by_construct, given)
    (owen,) = readers.disputes_by(readers.by_observer(observers), given)

    assert (construct.name, construct.readings, construct.disputed) == (given[0].construct, 3, 1)
    assert (owen.name, owen.readings, owen.disputed) == ("owen", 3, 1)
    assert readers.disputes_by(readers.by_observer({}), given) == ()


def test_two_readers_who_nearly_always_endorse_have_no_kappa_to_speak_of_and_a_high_ac1():
    """9 of 10 the same, 9 endorsed by both: kappa 0 (the paradox of Feinstein & Cicchetti 1990), AC1 .8952: chance is
    Σ π(1 − π)/2 with π = .95 and .05, which is .0475."""
    given = []
    for k in range(10):
        given += [
            replace(review(f"a{k}", "rhys", Decision.ENDORSE), person=f"C{k}"),
            replace(review(f"b{k}", "sadia", Decision.DISPUTE if k == 9 else Decision.ENDORSE), person=f"C{k}"),
        ]

    (pair,) = readers.pairs_of(given)

    assert (pair.readers, pair.findings, pair.same) == (("rhys", "sadia"), 10, 0.9)
    assert pair.kappa == pytest.approx(0.0)
    assert pair.ac1 == pytest.approx((0.9 - 0.0475) / (1 - 0.0475))
    assert readers.pairs_of(given[:2])[0].kappa is None, "both always decided the same: undefined"


def test_confidence_is_held_against_what_turned_out_and_only_where_that_is_known():
    """Endorsed at 90 % and held, disputed at 60 % and held: Brier ((.9 − 1)² + (.6 − 0)²)/2 = .185."""
    sure = replace(review("a", "rhys", Decision.ENDORSE), confidence=90)
    wrong = replace(review("b", "sadia", Decision.DISPUTE), confidence=60)
    silent = replace(review("c", "olga", Decision.ENDORSE), confidence=None)

    found = readers.calibration_of([sure, wrong, silent], {sure.inference: True})

    assert found is not None
    assert (found.readings, found.findings, found.right) == (2, 1, 0.5)
    assert found.brier == pytest.approx(0.185)
    assert [(one.low, one.stated, one.right) for one in found.bands] == [(50, 0.6, 0.0), (90, 0.9, 1.0)]
    assert readers.calibration_of([sure, wrong], {}) is None
