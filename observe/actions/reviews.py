"""Reading a pattern: endorse, dispute, ask for more; the observed person's reply; dissent; what to change.

Nothing that is done here changes an estimate, a loading or a gate.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from observe.actions.doing import Actor, check, doing
from observe.actions.patterns import findings_of, withheld
from observe.core import readers
from observe.core import reviews as rules
from observe.core.access import may
from observe.core.errors import Invalid, NotAllowed, NotFound
from observe.core.readers import Disputes
from observe.core.reviews import Decision, Part, Review, RivalWeighed, Status
from observe.store import frameworks, patterns, reviews, studies
from observe.store.patterns import FindingRow, RunRow
from observe.store.people import Person
from observe.store.reviews import OBSERVED, Asked
from observe.store.studies import Study

CLAIMED = frozenset({"pattern", "contrary-pattern"})
"""what a run says that can be endorsed at all"""


class CannotDissent(Invalid):
    """Somebody was asked to argue the other side who may not read patterns, or has read this one already."""

    code = "review.cannot_dissent"
    sentence = (
        "This person cannot be asked: they may not review here, have read this pattern, or were asked before."
    )
    remedy = "Ask somebody who reviews in this study and has not read this pattern."


class NoWords(Invalid):
    """A proposal without words."""

    code = "proposal.no_words"
    sentence = "The proposal says nothing."
    remedy = "Say what should change, and why."


class NoGrounds(Invalid):
    """An outcome without saying how it is known."""

    code = "outcome.no_grounds"
    sentence = "It is not said how this is known."
    remedy = "Say who or what shows it, and since when; other sessions of the same study show it badly."


class NothingToTurnOut(Invalid):
    """An outcome of something that the run never claimed."""

    code = "outcome.nothing_claimed"
    sentence = "The run claims no pattern here, so nothing can turn out."
    remedy = "Tell the outcome of a pattern that a run claims."


@dataclass(frozen=True, slots=True)
class Given:
    """What somebody put into the form."""

    decision: Decision
    reason: str
    rivals: tuple[RivalWeighed, ...] = ()
    cited: tuple[str, ...] = ()
    confidence: int | None = None


@dataclass(frozen=True, slots=True)
class Heard:
    """What one person may know of the reviews of one finding. `hidden` counts what they may not read yet."""

    visible: tuple[Review, ...]
    hidden: int
    readings: int
    """how many people have decided on this inference, blind to one another"""
    dissenter: str
    status: Status
    """as it stands by what is visible, so that it tells nothing of what is not"""

    @property
    def is_decided(self) -> bool:
        """Two have read it, and nobody else's word is waited for."""
        waits = (rules.Standing.AWAITING_ANOTHER, rules.Standing.AWAITING_DISSENT)
        return self.readings >= rules.NEEDED and self.status.standing not in waits and not self.status.contested_at


def readings_of(found: Sequence[Review], inference: str) -> int:
    """How many people have decided on this inference without knowing of one another."""
    return len(
        {
            one.reviewer
            for one in found
            if one.inference == inference and one.part is Part.REVIEWER and one.decision is not Decision.ABSTAIN
        }
    )


def heard_by(viewer: str, found: Sequence[Review], *, inference: str, dissenter: str = "") -> Heard:
    """Nothing of others before one has decided oneself, or two have. An abstention opens nothing: it cost nothing."""
    count = readings_of(found, inference)
    decided = [one for one in found if one.decision is not Decision.ABSTAIN]
    if count >= rules.NEEDED:
        visible = tuple(found)
    else:
        open_to = {one.id for one in rules.visible_to(viewer, decided, inference=inference)}
        visible = tuple(
            one
            for one in found
            if one.id in open_to
            or one.reviewer == viewer
            or (one.decision is Decision.ABSTAIN and one.inference != inference)
            or one.part is Part.OBSERVED
        )
    status = rules.status_of(visible, inference=inference, dissenter_asked=dissenter)
    return Heard(visible, len(found) - len(visible), count, dissenter, status)


@dataclass(frozen=True, slots=True)
class Case:
    """A finding with its run, whether it is of the newest one, and every review of it across runs."""

    finding: FindingRow
    run: RunRow
    newest: RunRow
    reviews: tuple[Review, ...]
    asked: tuple[Asked, ...]

    @property
    def is_current(self) -> bool:
        return self.run.id == self.newest.id

    @property
    def dissenter(self) -> str:
        """Who was asked last to argue the other side of this very inference."""
        return str(self.asked[-1].asked) if self.asked else ""

    def was_read_by(self, viewer: str) -> bool:
        """Whether this person has decided on this very inference."""
        return any(one.reviewer == viewer and one.inference == self.finding.hash for one in self.reviews)

    def heard_by(self, viewer: str) -> Heard:
        return heard_by(viewer, self.reviews, inference=self.finding.hash, dissenter=self.dissenter)


def case_of(db: Session, study_id: int, finding_id: int) -> Case:
    """Everything about one finding; NotFound where it is not of this study, or of somebody without consent."""
    finding = patterns.finding(db, study_id, finding_id)
    run = patterns.run_by_id(db, study_id, finding.run_id) if finding else None
    if finding is None or run is None or finding.person in withheld(db, study_id):
        raise NotFound
    newest = patterns.newest(db, study_id, run.slug)
    assert newest is not None
    found = reviews.of_finding(db, study_id, run.slug, finding.person, finding.construct)
    asked = [one for one in reviews.asked_of_study(db, study_id) if one.inference == finding.hash]
    return Case(finding, run, newest, tuple(found), tuple(asked))


def give(db: Session, actor: Person, study: Study, finding_id: int, given: Given, *, now: datetime) -> Review:
    """Review a finding. A change of mind takes one's own earlier review back; both are kept."""
    with doing(db, actor, "pattern.review", study, now=now) as entry:
        case = case_of(db, study.id, finding_id)
        asked = str(actor.id) in {str(one.asked) for one in case.asked}
        part = Part.DISSENTER if asked else Part.REVIEWER
        review = _review(case, str(actor.id), part, given, now)
        _keep(db, study.id, case, review, by=actor.id)
        entry.about = f"review:{review.id}"
        entry.note(finding=finding_id, inference=case.finding.hash, part=part.value)
    return review


def reply(db: Session, actor: Person, study: Study, finding_id: int, given: Given, *, now: datetime) -> Review:
    """Put down what the observed person says of it. It counts as a voice of its own, and anybody may read it."""
    with doing(db, actor, "pattern.run", study, now=now) as entry:
        case = case_of(db, study.id, finding_id)
        review = _review(case, OBSERVED, Part.OBSERVED, given, now)
        _keep(db, study.id, case, review, by=actor.id)
        entry.about = f"review:{review.id}"
        entry.note(finding=finding_id, inference=case.finding.hash, part=Part.OBSERVED.value)
    return review


def _review(case: Case, reviewer: str, part: Part, given: Given, now: datetime) -> Review:
    finding = case.finding
    own = [one for one in case.reviews if one.reviewer == reviewer and one.inference == finding.hash]
    blind = not own and readings_of(case.reviews, finding.hash) < rules.NEEDED
    return Review(
        str(uuid.uuid4()), finding.person, finding.construct, finding.hash, reviewer, given.decision, given.reason.strip(),
        now, part, given.rivals, given.cited, given.confidence, blind, own[-1].id if own else "",
    )  # fmt: skip


def _keep(db: Session, study_id: int, case: Case, review: Review, *, by: int) -> None:
    body, current = case.finding.body, case.finding.hash if case.is_current else case.newest.hash
    faults = rules.faults_of(
        review, inference=current, endorsable=case.finding.status in CLAIMED,
        known_rivals=[one["id"] for one in body["rivals"]], known_evidence=evidence_in(body), earlier=case.reviews,
    )  # fmt: skip
    rules.check(review, faults)
    reviews.add(
        db, replace(review), study_id=study_id, finding_id=case.finding.id, slug=case.run.slug, entered_by=by
    )


def evidence_in(body: dict[str, object]) -> set[str]:
    """What can be cited: each event, and each `session/indicator`."""
    items = body["evidence"]["items"]  # type: ignore[index]
    events = {moment["event"] for item in items for moment in item["moments"]}
    return events | {f"{item['session']}/{item['indicator']}" for item in items}


def ask_dissent(db: Session, actor: Person, study: Study, finding_id: int, whom: int, *, now: datetime) -> None:
    """Ask somebody to argue the other side. Until they have, the finding is not endorsed."""
    with doing(db, actor, "pattern.run", study, now=now) as entry:
        case = case_of(db, study.id, finding_id)
        if not case.is_current or not may(studies.roles_of(db, study.id, whom), "pattern.review"):
            raise CannotDissent
        spoke = {one.reviewer for one in case.reviews if one.inference == case.finding.hash}
        if str(whom) in spoke or whom in {one.asked for one in case.asked}:
            raise CannotDissent
        reviews.ask(db, study.id, Asked(finding_id, case.finding.hash, whom, actor.id, now))
        entry.about = f"finding:{finding_id}"
        entry.note(asked=whom, inference=case.finding.hash)


def propose(db: Session, actor: Person, study: Study, finding_id: int, words: str, *, now: datetime) -> None:
    """Say how the framework could be better. It changes nothing by itself: a supervisor reads it in the designer."""
    if not words.strip():
        raise NoWords
    with doing(db, actor, "pattern.review", study, now=now) as entry:
        case = case_of(db, study.id, finding_id)
        framework = frameworks.by_slug(db, study.id, case.run.slug)
        assert framework is not None
        values = {
            "framework_id": framework.id,
            "finding_id": finding_id,
            "words": words.strip(),
            "by": actor.id,
            "at": now,
        }
        key = reviews.propose(db, study.id, values)
        entry.about = f"proposal:{key}"
        entry.note(finding=finding_id, framework=framework.id)


def tell_outcome(
    db: Session, actor: Person, study: Study, finding_id: int, *, held: bool, words: str, now: datetime
) -> None:
    """What turned out of a pattern since, and how that is known. It changes no reading: it is what they are held against."""
    if not words.strip():
        raise NoGrounds
    with doing(db, actor, "pattern.run", study, now=now) as entry:
        case = case_of(db, study.id, finding_id)
        if case.finding.status not in CLAIMED:
            raise NothingToTurnOut
        told = {"finding_id": finding_id, "inference": case.finding.hash, "held": held, "words": words.strip()}
        key = reviews.tell(db, study.id, told | {"by": actor.id, "at": now})
        entry.about = f"outcome:{key}"
        entry.note(finding=finding_id, inference=case.finding.hash, held=held)


@dataclass(frozen=True, slots=True)
class Desk:
    """The findings of the newest runs, as one person may see their reviews."""

    cases: tuple[tuple[Case, Heard], ...]
    agreement: rules.Agreement
    disputed: tuple[Disputes, ...]
    """by indicator"""
    known: tuple[Review, ...]
    """every reading that this person may know"""


def desk(db: Session, actor: Actor, study: Study) -> Desk:
    """What can be reviewed, and whatever has been; agreement only over what this person may know."""
    if not isinstance(actor, Person):
        raise NotAllowed
    study_id, cases, known = study.id, [], dict[str, Review]()
    asked = reviews.asked_of_study(db, study_id)
    for slug in dict.fromkeys(run.slug for run in patterns.runs_of(db, study_id)):
        newest = patterns.newest(db, study_id, slug)
        assert newest is not None
        given = reviews.of_study(db, study_id, slug)
        for finding in findings_of(db, study_id, newest.id):
            own = tuple(one for one in given if one.finding == (finding.person, finding.construct))
            calls = tuple(one for one in asked if one.inference == finding.hash)
            case = Case(finding, newest, newest, own, calls)
            if finding.status in CLAIMED or own or calls:
                heard = case.heard_by(str(actor.id))
                cases.append((case, heard))
                known |= {one.id: one for one in heard.visible}
    every = tuple(known.values())
    return Desk(tuple(cases), rules.agreement_of(every), readers.disputes_by(readers.by_indicator, every), every)


def waits_for(reader: str, case: Case, heard: Heard) -> bool:
    """Whether it takes this reader's word: asked for by name, or while two readings are still wanted.

    A reply that contests it calls for readings after it, also by those who have read it before.
    """
    asked = reader in {str(one.asked) for one in case.asked}
    if not asked and case.finding.status not in CLAIMED:
        return False
    own = [one.made_at for one in case.reviews if one.reviewer == reader and one.inference == case.finding.hash]
    if contested := heard.status.contested_at:
        return not own or max(own) < contested
    return not own and (asked or heard.readings < rules.NEEDED)


@dataclass(frozen=True, slots=True)
class Readers:
    """How those who read patterns do, over the readings that the asking person may know."""

    agreement: rules.Agreement
    pairs: tuple[readers.Pair, ...]
    disputes: Mapping[str, tuple[Disputes, ...]]
    """by construct, indicator and observer"""
    calibration: readers.Calibration | None
    outcomes: int
    readings: int


def readers_of(db: Session, actor: Actor, study: Study) -> Readers:
    """For supervisors. Readings of earlier runs count too: they were readings."""
    check(db, actor, "pattern.run", study.id)
    found = desk(db, actor, study)
    outcomes = {one.inference: one.held for one in reviews.outcomes_of(db, study.id)[::-1]}
    observers = {
        one["id"]: one["observer"]
        for run in patterns.runs_of(db, study.id)
        for one in patterns.head_of(db, run.id)["sessions"]
    }
    ways = {
        "construct": readers.by_construct, "indicator": readers.by_indicator, "observer": readers.by_observer(observers),
    }  # fmt: skip
    decided = [one for one in found.known if one.decision in readers.ANSWERS and one.part is not Part.OBSERVED]
    return Readers(
        found.agreement, readers.pairs_of(found.known),
        {name: readers.disputes_by(way, found.known) for name, way in ways.items()},
        readers.calibration_of(found.known, outcomes), len(outcomes), len(decided),
    )  # fmt: skip
