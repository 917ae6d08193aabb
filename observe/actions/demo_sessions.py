"""Sessions of lectures that never were, as a tablet would have sent them: for looking around, never for research."""

from __future__ import annotations

import json
import random
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from observe.actions import devices, sessions, supervision
from observe.actions.doing import Console
from observe.actions.limits import Limits
from observe.actions.sessions import Sender
from observe.core import upload
from observe.store import frameworks, studies
from observe.store.people import Person
from observe.store.studies import Study

LENGTH_MS = 45 * 60_000
ZONE = "Europe/London"

PRESENTING = {"LT": 90_000, "AD": 30_000, "LQ": 7_000, "SR": 6_000, "LR": 12_000}
INVOLVING = {"LT": 50_000, "AD": 20_000, "LQ": 9_000, "SR": 9_000, "LR": 14_000, "SQ": 8_000,
             "CQ": 35_000, "ST": 60_000, "SD": 120_000, "FB": 60_000}  # fmt: skip
"""two ways of lecturing: each code with how long it lasts on average, in ms"""

NEXT: dict[str, tuple[str, ...]] = {
    "AD": ("LT",), "LT": ("LQ", "LT", "CQ", "SQ", "AD"), "LQ": ("SR", "LT"), "SR": ("LR",), "LR": ("LT", "LQ", "SQ"),
    "SQ": ("LR",), "CQ": ("ST", "SD"), "ST": ("SD", "FB"), "SD": ("FB",), "FB": ("LT", "LQ"),
}  # fmt: skip
MISTAKEN = {"LT": "LR", "LR": "LT", "LQ": "LT", "ST": "SD", "SD": "ST", "CQ": "LQ", "FB": "LR"}
"""what a second observer now and then takes a code for"""

Stretch = tuple[int, str]
"""when a code began, and which"""


@dataclass(frozen=True, slots=True)
class Lecture:
    """One happening: where and how it is given, how long ago, and who watches it."""

    days_ago: int
    room: str
    way: dict[str, int]
    watched_by: tuple[str, ...]


LECTURES = (
    Lecture(20, "Lecture hall A", PRESENTING, ("Owen", "Olga")),
    Lecture(19, "Room 4.12", INVOLVING, ("Owen", "Olga")),
    Lecture(15, "Lecture hall A", PRESENTING, ("Owen",)),
    Lecture(13, "Laboratory", INVOLVING, ("Olga",)),
    Lecture(12, "Lecture hall A", INVOLVING, ("Owen", "Olga")),
    Lecture(8, "Room 4.12", PRESENTING, ("Olga",)),
    Lecture(6, "Laboratory", INVOLVING, ("Owen",)),
    Lecture(5, "Lecture hall A", PRESENTING, ("Olga",)),
    Lecture(2, "Room 4.12", INVOLVING, ("Owen",)),
)


def uuid7(ms: int, dice: random.Random) -> str:
    """A UUIDv7 of this moment, from these dice, so that the demo is the same each time."""
    value = (ms & (2**48 - 1)) << 80 | 7 << 76 | dice.getrandbits(12) << 64 | 2 << 62 | dice.getrandbits(62)
    return str(uuid.UUID(int=value))


def lecture_as_it_was(way: dict[str, int], dice: random.Random) -> list[Stretch]:
    """What went on: codes that follow on one another until the time is over."""
    at, code, found = 0, "AD", []
    while at < LENGTH_MS - 20_000:
        found.append((at, code))
        at += max(2_000, round(dice.expovariate(1 / way.get(code, 20_000))))
        code = dice.choice([each for each in NEXT[code] if each in way])
    return found


def as_seen(truth: list[Stretch], dice: random.Random, *, slips: float) -> list[Stretch]:
    """As one observer taps it: a little late, and now and then as something else."""
    seen: list[Stretch] = []
    for at, code in truth:
        code = MISTAKEN.get(code, code) if dice.random() < slips else code
        late = at + (round(abs(dice.gauss(700, 500))) if at else 0)
        if not seen or (code != seen[-1][1] and late > seen[-1][0]):
            seen.append((late, code))
    return seen


Act = tuple[int, dict[str, Any]]
"""when, and what: the fields of an event that its kind has"""


def acts_of(seen: list[Stretch]) -> list[Act]:
    """Each change of activity, and a note."""
    note = {"kind": "note", "text": "The fire door was noisy.", "outside": True}
    return [*((at, {"kind": "start", "code": code}) for at, code in seen), (LENGTH_MS // 2, note)]


def events(acts: list[Act], length_ms: int, begun_ms: int, dice: random.Random) -> Iterator[dict[str, Any]]:
    """The log of one session: open, what was tapped in between, end."""
    boot = uuid7(begun_ms, dice)
    log: list[Act] = [(0, {"kind": "open"}), (0, {"kind": "clock", "reason": "start"}), *acts]
    log.sort(key=lambda act: act[0])
    log.append((length_ms, {"kind": "end", "count": len(log) + 1}))
    for seq, (at, body) in enumerate(log, 1):
        clocks = {"at": at, "mono": at + 5_000, "wall": begun_ms + at, "offset": 0, "zone": ZONE, "boot": boot}
        yield {"id": uuid7(begun_ms + at, dice), "seq": seq, **clocks, **body}


@dataclass(frozen=True, slots=True)
class Tablet:
    """The demo's tablet: its study, what it knows, and the dice that everything is thrown with."""

    device: str
    study: Study
    framework: str
    settings: dict[str, str]
    observers: dict[str, Person]
    dice: random.Random


def enrolled(db: Session, study: Study, observers: list[Person], slug: str, *, seed: int, now: datetime) -> Tablet:
    """A tablet of this study that records with a published framework; its dice begin with this seed."""
    code = devices.offer(db, Console(), study, limits=Limits(), now=now)
    device = devices.enrol(db, code.words, "Tablet 1", limits=Limits(), now=now).device
    settings = {setting.label: setting.id for setting in studies.settings(db, study.id)}
    by_name = {person.name: person for person in observers}
    return Tablet(device.id, study, version_of(db, study, slug), settings, by_name, random.Random(seed))


def version_of(db: Session, study: Study, slug: str) -> str:
    """The hash of the published version of a framework."""
    return next(
        each.hash for each in frameworks.versions_of_study(db, study.id) if f'"slug":"{slug}"' in each.document
    )


def send(db: Session, study: Study, observers: list[Person], *, now: datetime) -> None:
    """Enrol a tablet and send everything that it recorded."""
    tablet = enrolled(db, study, observers, "fill-plus", seed=1742, now=now)
    for lecture in LECTURES:
        begun = (now - timedelta(days=lecture.days_ago)).replace(hour=10, minute=5, second=0, microsecond=0)
        truth = lecture_as_it_was(lecture.way, tablet.dice)
        happening = uuid7(ms(begun), tablet.dice) if len(lecture.watched_by) > 1 else None
        for name in lecture.watched_by:
            seen = as_seen(truth, tablet.dice, slips=0.03 if name == "Owen" else 0.06)
            watched = Watched(name, lecture.room, LENGTH_MS, begun, happening)
            session_id = send_one(db, tablet, watched, acts_of(seen))
            settle(db, tablet, session_id, name, lecture.days_ago, now=begun + timedelta(hours=2))


def ms(moment: datetime) -> int:
    """Milliseconds since 1970."""
    return int(moment.timestamp() * 1000)


@dataclass(frozen=True, slots=True)
class Watched:
    """What stands at the head of one session: by whom, where, how long, from when; with whom together, and who was seen."""

    by: str
    setting: str
    length_ms: int
    begun: datetime
    happening: str | None
    subjects: tuple[str, ...] = ()


def send_one(db: Session, tablet: Tablet, watched: Watched, acts: list[Act]) -> str:
    """One session in one upload, as `POST /api/v1/sync` takes it; its id."""
    begun_ms = ms(watched.begun)
    session_id = uuid7(begun_ms, tablet.dice)
    header = {
        "id": session_id, "study": tablet.study.id, "framework": tablet.framework, "device": tablet.device,
        "observer": tablet.observers[watched.by].id, "setting": tablet.settings[watched.setting],
        "happening": watched.happening, "purpose": "reliability" if watched.happening else "field",
        "subjects": list(watched.subjects), "consent": "stated", "started": begun_ms, "offset": 0, "zone": ZONE,
        "app": "demo", "planned_ms": watched.length_ms,
    }  # fmt: skip
    log = list(events(acts, watched.length_ms, begun_ms, tablet.dice))
    part = {"header": header, "events": log, "count": len(log)}
    body = {"observe": 1, "request": uuid7(begun_ms, tablet.dice), "sessions": [part]}
    sender = Sender(tablet.device, tablet.study.id, True)
    received = upload.read(json.dumps(body).encode())
    sessions.receive(db, sender, received, now=watched.begun + timedelta(hours=1))
    return session_id


def settle(db: Session, tablet: Tablet, session_id: str, name: str, days_ago: int, *, now: datetime) -> None:
    """Older sessions are signed off, newer ones wait for the supervisor, the newest for its observer."""
    if days_ago > 3:
        supervision.step(db, tablet.observers[name], tablet.study, session_id, "submit", "", now=now)
    if days_ago > 10:
        supervisor = tablet.observers["Sadia"]
        supervision.step(db, supervisor, tablet.study, session_id, "sign_off", "", now=now + timedelta(days=1))
