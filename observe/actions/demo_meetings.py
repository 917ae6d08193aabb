"""Meetings that never were, watched act by act: so that a pattern, dissent and "not enough evidence" can be looked at."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from observe.actions import demo_patterns, frameworks, reviews, studies
from observe.actions.demo_sessions import Act, Watched, enrolled, ms, send_one, settle, uuid7, version_of
from observe.actions.doing import Console
from observe.actions.patterns import Plan
from observe.actions.reviews import Given
from observe.core.reviews import Decision, RivalWeighed, Weighing
from observe.store import patterns as kept_patterns
from observe.store import studies as kept
from observe.store.patterns import FindingRow, RunRow
from observe.store.people import Person
from observe.store.studies import Study

READY_MADE = "interaction-process"
CONSTRUCT = "views_count"
LENGTH_MS = 40 * 60_000
EXPECTED = "Members who ask others for their views do so in both kinds of meeting; some plainly do not."

PLANNING, REVIEWING = "Planning meeting", "Weekly review"

PER_HOUR = {
    "B1": 3.6, "B2": 1.8, "B3": 7.5, "B4": 4.5, "B5": 10.5, "B6": 10.5, "B7": 3.6, "B8": 3.6, "B9": 3.6, "B10": 3.6, "B11": 1.2, "B12": 1.8,
}  # fmt: skip
"""how often somebody of no particular bent does what, in a planning meeting"""
IN_REVIEWS = {"B6": 1.6, "B7": 1.5, "B9": 0.7, "B4": 0.7}
"""by how much that differs in a review"""
ASKING = {"B8": 2.0, "B9": 2.2, "B1": 2.0, "B12": 0.4, "B10": 0.7}
"""by how much more a member whose bent is 1 does it; one of bent -1 by as much less"""

MEMBERS: dict[str, float] = {
    "M01": 0.1, "M02": -0.2, "M03": 1.6, "M04": 0.0, "M05": 0.3, "M06": -0.1, "M07": -1.1, "M08": 0.2, "M09": 0.5, "M10": -0.3,
}  # fmt: skip
"""the bent of each, which the software is not told"""

Tap = tuple[int, str, str, str]
"""when, which code, whose act, at whom"""


@dataclass(frozen=True, slots=True)
class Meeting:
    """One happening: how long ago, of what kind, who was there, and who watched it."""

    days_ago: int
    kind: str
    there: tuple[str, ...]
    watched_by: tuple[str, ...]


BOTH = ("Owen", "Olga")
MEETINGS = (
    Meeting(33, PLANNING, ("M01", "M02", "M03", "M04", "M06", "M07"), BOTH),
    Meeting(30, REVIEWING, ("M01", "M03", "M05", "M07", "M08"), ("Owen",)),
    Meeting(27, PLANNING, ("M02", "M03", "M05", "M06", "M08"), ("Olga",)),
    Meeting(26, REVIEWING, ("M02", "M04", "M06", "M07", "M08"), BOTH),
    Meeting(23, PLANNING, ("M01", "M03", "M04", "M05", "M07"), ("Owen",)),
    Meeting(20, REVIEWING, ("M01", "M02", "M03", "M06", "M08"), ("Olga",)),
    Meeting(19, PLANNING, ("M01", "M04", "M05", "M07", "M08", "M09"), ("Olga",)),
    Meeting(16, REVIEWING, ("M02", "M03", "M04", "M05", "M07"), BOTH),
    Meeting(13, PLANNING, ("M01", "M02", "M03", "M06", "M07", "M08"), ("Owen",)),
    Meeting(12, REVIEWING, ("M01", "M04", "M05", "M06", "M09"), ("Olga",)),
    Meeting(9, PLANNING, ("M02", "M03", "M05", "M07", "M08", "M10"), BOTH),
    Meeting(6, REVIEWING, ("M01", "M03", "M04", "M06", "M07"), ("Owen",)),
)
"""M09 came twice and M10 once: of neither can much be said"""


def make(db: Session, study: Study, people: dict[str, Person], *, now: datetime) -> None:
    """Everything in a study that has its members already."""
    console = Console()
    framework = frameworks.begin_ready_made(db, console, study, READY_MADE, now=now)
    frameworks.publish(db, console, study, framework.slug, revision=framework.revision, now=now)
    for label in (PLANNING, REVIEWING):
        studies.add_setting(db, console, study, label, now=now)
    for name in MEMBERS:
        studies.add_subject(db, console, study, name, attributes={"role": "member"}, consent="given", now=now)
    send(db, study, people, now=now)
    read_twice(db, study, people, look(db, study, people["Sadia"], now=now), now=now)


def send(db: Session, study: Study, people: dict[str, Person], *, now: datetime) -> None:
    """Enrol a tablet and send everything that it recorded."""
    tablet = enrolled(db, study, list(people.values()), READY_MADE, seed=1950, now=now)
    members = {one.pseudonym: one.id for one in kept.subjects(db, study.id)}
    for meeting in MEETINGS:
        begun = (now - timedelta(days=meeting.days_ago)).replace(hour=9, minute=30, second=0, microsecond=0)
        truth = meeting_as_it_was(meeting, tablet.dice)
        happening = uuid7(ms(begun), tablet.dice) if len(meeting.watched_by) > 1 else None
        there = tuple(members[each] for each in meeting.there)
        for name in meeting.watched_by:
            seen = as_seen(truth, tablet.dice, slips=0.008 if name == "Owen" else 0.015)
            watched = Watched(name, meeting.kind, LENGTH_MS, begun, happening, there)
            session_id = send_one(db, tablet, watched, acts_of(seen, members, tablet.dice))
            settle(db, tablet, session_id, name, meeting.days_ago, now=begun + timedelta(hours=2))


def meeting_as_it_was(meeting: Meeting, dice: random.Random) -> list[Tap]:
    """What went on, act by act: each member by their bent, and differently in a review than in planning."""
    found: list[Tap] = []
    for who in meeting.there:
        today = dice.gauss(0, 0.15)
        for code, per_hour in PER_HOUR.items():
            bent = ASKING.get(code, 1.0) ** (MEMBERS[who] + today)
            rate = per_hour * bent * (IN_REVIEWS.get(code, 1.0) if meeting.kind == REVIEWING else 1.0)
            at = dice.expovariate(rate / 3_600_000)
            while at < LENGTH_MS - 5_000:
                others = [each for each in meeting.there if each != who]
                found.append((round(at), code, who, dice.choice(others)))
                at += 4_000 + dice.expovariate(rate / 3_600_000)
    return sorted(found)


MISTAKEN = {"B3": "B2", "B4": "B5", "B5": "B6", "B6": "B5", "B7": "B6", "B8": "B7", "B11": "B2", "B12": "B10"}
"""what an observer now and then takes a code for"""


def as_seen(truth: list[Tap], dice: random.Random, *, slips: float) -> list[Tap]:
    """As one observer taps it: a little late, now and then as something else, and now and then not at all."""
    seen = []
    for at, code, who, whom in truth:
        if dice.random() < slips / 2:
            continue
        code = MISTAKEN.get(code, code) if dice.random() < slips else code
        seen.append((min(at + round(abs(dice.gauss(900, 500))), LENGTH_MS - 1), code, who, whom))
    return sorted(seen)


def acts_of(seen: list[Tap], members: dict[str, str], dice: random.Random) -> list[Act]:
    """The taps, and one note of the unforeseen."""
    taps: list[Act] = [
        (at, {"kind": "point", "code": code, "subject": members[who], "target": members[whom]})
        for at, code, who, whom in seen
    ]
    return [*taps, (LENGTH_MS // 3, {"kind": "note", "text": dice.choice(UNFORESEEN), "outside": True})]


UNFORESEEN = (
    "Two members look at one screen and say nothing for a while.",
    "The one who takes the minutes decides what was decided.",
    "Somebody comes late; the talk begins again for them.",
)


def look(db: Session, study: Study, supervisor: Person, *, now: datetime) -> RunRow:
    """State a plan and read the sessions by it, as a worker would."""
    plan = Plan(version_of(db, study, READY_MADE), expected=EXPECTED)
    return demo_patterns.stated_and_read(db, study, supervisor, plan, now=now)


def read_twice(db: Session, study: Study, people: dict[str, Person], run: RunRow, *, now: datetime) -> None:
    """Two people read the two strongest claims, blind to each other: of the first alike, of the second one disputes."""
    claimed = [one for one in kept_patterns.findings_of(db, run.id) if one.status in reviews.CLAIMED]
    strongest = sorted(claimed, key=lambda one: -abs(one.body["estimate"]["mean"]))[:2]
    for finding, last in zip(strongest, (Decision.ENDORSE, Decision.DISPUTE), strict=False):
        for who, decision in (("Rhys", Decision.ENDORSE), ("Ruth", last)):
            given = replace(GIVEN[decision], cited=cited_by(finding, decision))
            reviews.give(db, people[who], study, finding.id, given, now=now)


def cited_by(finding: FindingRow, decision: Decision) -> tuple[str, ...]:
    """The two heaviest items of the evidence: for the claim, or against it where somebody disputes."""
    sign = (1 if finding.body["estimate"]["mean"] > 0 else -1) * (1 if decision is Decision.ENDORSE else -1)
    items = sorted(finding.body["evidence"]["items"], key=lambda one: -sign * one["contribution"])
    return tuple(f"{one['session']}/{one['indicator']}" for one in items[:2])


GIVEN = {
    Decision.ENDORSE: Given(
        Decision.ENDORSE,
        "It holds in both kinds of meeting and with either observer, and it does not hang on one code.",
        (RivalWeighed("haste", Weighing.RULED_OUT, "The meetings were of one length, and none was cut short."),),
        confidence=70,
    ),
    Decision.DISPUTE: Given(
        Decision.DISPUTE,
        "Whoever prepares the items of the agenda has to ask, whatever they think of the others.",
        (RivalWeighed("agenda", Weighing.LIKELIER, "Nobody noted whose item it was."),),
        confidence=60,
    ),
}
"""what is said where the decision is this"""
