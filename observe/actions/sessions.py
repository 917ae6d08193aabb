"""What people and their tablets do with sessions: send them, go through them, correct them, sign them off."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from observe.actions import attachments as attached
from observe.actions import redactions as taking
from observe.core.access import may
from observe.core.upload import Header, Part, Taken, Upload, Why, event_of, header_of, name_of
from observe.store import attachments, audit, devices, frameworks, redactions, studies
from observe.store import sessions as kept
from observe.store.base import writing


@dataclass(frozen=True, slots=True)
class Sender:
    """A device as its token showed it, and when it came last. Of one that is not `good` (revoked) all is kept aside."""

    device: str
    study: int
    good: bool
    seen: datetime | None = None


class Outcome(Struct, frozen=True, array_like=True):
    """What became of one event: stored, have or later; written as a pair."""

    event: str | None
    became: str

    @property
    def reason(self) -> str | None:
        """Why it was kept aside, if it was."""
        return None


class Aside(Outcome, frozen=True, array_like=True):
    """An event that was kept aside, with the reason; written as three words."""

    why: str

    @property
    def reason(self) -> str | None:
        return self.why


@dataclass(frozen=True, slots=True)
class Received:
    """The answer for one session: all up to `stored_to` is on disk, with this digest."""

    session: str | None
    stored_to: int
    digest: str
    outcomes: tuple[Outcome, ...]


@dataclass(slots=True)
class _Tray:
    """What one session's share of an upload comes to, before any of it is written."""

    log: kept.Log
    header: str
    reason: Why | None
    request: str
    study: int
    now_ms: int
    known: dict[int, kept.Kept]
    without_words: frozenset[bytes]
    aside_before: dict[bytes, str]
    rows: list[kept.EventRow] = field(default_factory=list)
    aside: list[dict[str, Any]] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)
    expected: int = 1

    def take_all(self, events: Sequence[Taken], clash: frozenset[str]) -> None:
        """Put every event where it belongs. Nearly always they are sound and come next, one after the other."""
        first = self.expected
        if self.reason is None and not clash and all(e.sound and e.seq == first + k for k, e in enumerate(events)):
            log, now = self.log.id, self.now_ms
            self.rows = [(log, e.seq, e.id, e.at, e.kind, e.text.decode(), e.digest, now) for e in events]  # type: ignore[misc]
            self.known.update({first + k: kept.Kept(first + k, e.digest, None) for k, e in enumerate(events)})
            self.outcomes = [Outcome(e.id, "stored") for e in events]
            self.expected += len(events)
        else:
            for event in events:
                self.take(event, clash)

    def take(self, event: Taken, clash: frozenset[str]) -> None:
        """Put one event where it belongs and note what became of it."""
        if event.seq is None:
            self._hold(event, Why.MALFORMED, fills=False)
        elif event.seq > self.expected:
            self.outcomes.append(Outcome(event.id, "later"))
        elif event.seq < self.expected:
            self._again(event, self.known[event.seq])
        else:
            self._next(event, clash)

    def _next(self, event: Taken, clash: frozenset[str]) -> None:
        reason = self.reason or (None if event.sound else Why.MALFORMED)
        if reason is None and event.id in clash:
            reason = Why.CONFLICT
        assert event.seq is not None
        self.known[event.seq] = kept.Kept(event.seq, event.digest, reason)
        self.expected += 1
        if reason is not None:
            self._hold(event, reason, fills=True)
            return
        assert event.id is not None and event.at is not None and event.kind is not None
        text = event.text.decode("utf-8")
        self.rows.append((self.log.id, event.seq, event.id, event.at, event.kind, text, event.digest, self.now_ms))
        self.outcomes.append(Outcome(event.id, "stored"))

    def _again(self, event: Taken, there: kept.Kept) -> None:
        if event.digest != there.digest and event.digest not in self.without_words:
            self._hold(event, Why.CONFLICT, fills=False)
        elif there.reason is not None:
            self.outcomes.append(Aside(event.id, "aside", there.reason))
        else:
            self.outcomes.append(Outcome(event.id, "have"))

    def _hold(self, event: Taken, reason: Why, *, fills: bool) -> None:
        before = None if fills else self.aside_before.get(event.digest)
        self.outcomes.append(Aside(event.id, "aside", before or reason.value))
        if before:
            return
        self.aside_before[event.digest] = reason.value
        self.aside.append(
            {
                "log": self.log.id,
                "study": self.study,
                "seq": event.seq,
                "event": event.id,
                "reason": reason.value,
                "body": event.text.decode("utf-8"),
                "digest": event.digest,
                "header": self.header if self.header != self.log.header else None,
                "fills": fills,
                "request": self.request,
                "received": self.now_ms,
            }
        )


def receive(db: Session, sender: Sender, upload: Upload, *, now: datetime) -> tuple[Received, ...]:
    """Take an upload in, as a whole or not at all; what cannot be taken as it comes is kept aside, in full.

    Sent again, it changes nothing and gets the same answer. When this returns, the disk has been flushed.
    """
    read = [[event_of(raw) for raw in part.events] for part in upload.sessions]
    with writing(db):
        trays = [
            _receive_part(db, sender, part, events, upload.request, now)
            for part, events in zip(upload.sessions, read, strict=True)
        ]
        if erased := studies.erased_of(db, sender.study):
            came = [(tray.log.session, _texts(tray)) for tray in trays if tray.rows or tray.aside]
            taking.again(db, sender.study, erased, came, now=now)
        devices.came(db, sender.device, upload.app, now=now, seen=sender.seen)
        _note(db, sender, trays, now)
    return tuple(
        Received(
            tray.log.session or None,
            tray.expected - 1,
            kept.digest_of(db, tray.log.id, tray.expected - 1, tray.known),
            tuple(tray.outcomes),
        )
        for tray in trays
    )


def _receive_part(
    db: Session, sender: Sender, part: Part, events: Sequence[Taken], request: str, now: datetime
) -> _Tray:
    text = bytes(part.header).decode("utf-8")
    header = header_of(bytes(part.header))
    session = header.id if header else (name_of(bytes(part.header))[0] or "")[:36]
    log = kept.log_of(db, session, sender.device)
    log = log or kept.open_log(db, sender.study, session, sender.device, text)
    there = log.session_header
    if there is not None and there != text and redactions.was_header(db, session, text):
        text = there  # words were taken out of it since: what is sent again does not bring them back
    reason = _why_aside(db, sender, header, text, log)
    if reason is None and log.status is None:
        assert header is not None
        kept.create(db, kept.values_of(header, text, now))
    tray = _tray(db, log, text, reason, request, sender.study, events, now)
    _fill(db, tray, events)
    kept.hold(db, tray.aside)
    claimed = part.count if part.count is not None and part.count > (log.claimed or -1) else None  # it only grows
    if tray.expected - 1 != log.stored_to or claimed is not None:
        stored = log.stored + len(tray.rows)
        kept.move_log(db, log, stored_to=tray.expected - 1, stored=stored, claimed=claimed)
    return tray


def _texts(tray: _Tray) -> str:
    """Everything of this session's share that would be kept, in one text to look for ids in."""
    return "\n".join([tray.header, *(row[5] for row in tray.rows), *(one["body"] for one in tray.aside)])


def _tray(
    db: Session,
    log: kept.Log,
    header: str,
    reason: Why | None,
    request: str,
    study: int,
    events: Sequence[Taken],
    now: datetime,
) -> _Tray:
    again = [event.seq for event in events if event.seq is not None and event.seq <= log.stored_to]
    known = {one.seq: one for one in kept.kept_between(db, log.id, min(again), max(again))} if again else {}
    unplaced = [event.digest for event in events if event.seq is None or event.seq <= log.stored_to]
    before = kept.held_before(db, log.id, unplaced) if unplaced else {}
    now_ms = round(now.timestamp() * 1000)
    taken = redactions.marks_of(db, log.session) if again else frozenset[bytes]()
    return _Tray(log, header, reason, request, study, now_ms, known, taken, before, expected=log.stored_to + 1)


def _fill(db: Session, tray: _Tray, events: Sequence[Taken]) -> None:
    """Sort the events into the tray and store them. Ids are looked up only when the database says that one is taken."""
    first = (tray.expected, dict(tray.known), dict(tray.aside_before))
    clash = _twice(events)
    for _attempt in range(2):
        tray.expected, tray.known, tray.aside_before = first[0], dict(first[1]), dict(first[2])
        tray.rows, tray.aside, tray.outcomes = [], [], []
        tray.take_all(events, clash)
        if not tray.rows:
            return
        try:
            kept.add_events(db, tray.rows)
            _expect(db, tray)
            return
        except IntegrityError:
            clash = clash | kept.ids_taken(db, [row[2] for row in tray.rows])
    raise AssertionError("an event id is taken, and is not")


def _expect(db: Session, tray: _Tray) -> None:
    """Photos and voice notes that the stored notes name come by themselves, and are asked for until they have come."""
    notes = [(row[2], row[5]) for row in tray.rows if row[4] == "note"]
    if notes:
        attachments.expect(db, attached.named(tray.study, tray.log.session, tray.log.device, notes))


def _twice(events: Sequence[Taken]) -> frozenset[str]:
    """Ids that this upload itself uses for two different events: neither is taken for the other."""
    digest_of: dict[str, bytes] = {}
    if len({event.id for event in events}) == len(events):
        return frozenset()
    return frozenset(
        event.id
        for event in events
        if event.id is not None and digest_of.setdefault(event.id, event.digest) != event.digest
    )


def _why_aside(db: Session, sender: Sender, header: Header | None, text: str, log: kept.Log) -> Why | None:
    """The first reason why nothing of this session can be taken in as it comes, or None."""
    if header is None:
        return Why.HEADER_MALFORMED
    if not sender.good:
        return Why.DEVICE_REVOKED
    if log.session_header is not None and log.session_header != text:
        return Why.HEADER_CONFLICT
    if header.study != sender.study or header.device != sender.device:
        return Why.FOREIGN
    if log.status is None and not may(studies.roles_of(db, header.study, header.observer), "session.record"):
        return Why.FOREIGN
    if log.status == kept.SIGNED_OFF:
        return Why.SIGNED_OFF
    state = frameworks.state_of(db, header.study, header.framework)
    if state is None:
        return Why.FRAMEWORK_UNKNOWN
    return Why.FRAMEWORK_CLOSED if state == "closed" else None


def _note(db: Session, sender: Sender, trays: Sequence[_Tray], now: datetime) -> None:
    """The trail hears of new sessions and of what was kept aside; a tap is its own record and needs no second one."""
    for tray in trays:
        begun = tray.log.status is None and tray.reason is None
        if begun or tray.aside:
            audit.append(
                db,
                at=now,
                actor=f"device:{sender.device}",
                action="session.record",
                study_id=sender.study,
                about=f"session:{tray.log.session}",
                details={"begun": begun, "stored": len(tray.rows), "aside": len(tray.aside)},
            )


def needed_by(db: Session, sender: Sender, var: Path, practice: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """What a tablet needs to work offline, and what the server holds of it. The cursor changes when any of it does.

    `practice` lists the agreed codings that it may fetch.
    """
    study = studies.by_id(db, sender.study)
    assert study is not None
    lists: dict[str, Any] = {
        "study": {"id": study.id, "slug": study.slug, "title": study.title},
        "observers": [{"id": one.id, "name": one.name} for one in studies.observers(db, study.id)],
        "frameworks": list(_versions_for(db, sender)),
        "subjects": [
            {"id": one.id, "pseudonym": one.pseudonym, "attributes": one.attributes, "active": one.active}
            for one in studies.subjects(db, study.id)
        ],
        "settings": [{"id": one.id, "label": one.label} for one in studies.settings(db, study.id) if one.active],
        "practice": list(practice),
    }
    cursor = hashlib.sha256(msgspec.json.encode(lists)).hexdigest()
    held = {"sessions": list(_held_of(db, sender)), "attachments": attached.missing_of(db, sender.device, var)}
    return {**lists, "cursor": cursor, **held}


def _versions_for(db: Session, sender: Sender) -> Iterator[dict[str, Any]]:
    """A closed version is listed only while the tablet may hold sessions of it."""
    used = kept.frameworks_used_by(db, sender.device)
    for version in frameworks.versions_of_study(db, sender.study):
        if version.state != "closed" or version.hash in used:
            document = json.loads(version.document)
            yield {"hash": version.hash, "number": version.number, "state": version.state, "document": document}


def _held_of(db: Session, sender: Sender) -> Iterator[dict[str, Any]]:
    for log, session, upto in kept.logs_of_device(db, sender.device):
        if session:
            yield {"id": session, "stored_to": upto, "digest": kept.digest_of(db, log, upto)}
