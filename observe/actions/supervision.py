"""Going through sessions: submit, return, correct, comment, sign off, and decide on what was kept aside."""

from __future__ import annotations

import json
import secrets
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from msgspec import Raw
from sqlalchemy.orm import Session

from observe.actions import attachments as attached
from observe.actions.doing import doing, roles_of
from observe.actions.imports import own_device
from observe.core import upload
from observe.core.access import Role, may
from observe.core.coding.events import FIXED
from observe.core.errors import Invalid, NotAllowed, NotFound, ObserveError
from observe.core.foreign import fixed_id
from observe.core.upload import Why
from observe.store import attachments, records
from observe.store import sessions as kept
from observe.store.people import Person
from observe.store.records import SessionRow
from observe.store.studies import Study


class SessionIsSignedOff(ObserveError):
    """Nothing about a signed-off session changes any more."""

    code = "session.signed_off"
    sentence = "This session has been signed off."
    remedy = "A supervisor can reopen it."


class SessionIsIncomplete(ObserveError):
    """Signing off would close a session of which events are still on a tablet."""

    code = "session.incomplete"
    sentence = "Not everything of this session has come in."
    remedy = "Let the tablet send the rest, or sign off and say why it may stay incomplete."


class WrongStep(ObserveError):
    """A session is not where this step begins."""

    code = "session.step"
    sentence = "The session is not at the point where this can be done."
    remedy = "Reload the page: somebody may have gone on with it."


def visible(db: Session, actor: Person, study: Study, session_id: str) -> SessionRow:
    """A session that this person may see: their own, or any of a study that they supervise, review or analyse."""
    row = records.session(db, study.id, session_id)
    roles = roles_of(db, actor, study.id)
    if row is None or not (may(roles, "session.see") or row.observer == actor.id):
        raise NotFound
    return row


STEPS: dict[str, tuple[tuple[str, ...], str, str]] = {
    "submit": ((kept.RECORDING, kept.RETURNED), kept.SUBMITTED, "session.amend"),
    "return": ((kept.RECORDING, kept.SUBMITTED), kept.RETURNED, "session.sign_off"),
    "sign_off": ((kept.RECORDING, kept.SUBMITTED, kept.RETURNED), kept.SIGNED_OFF, "session.sign_off"),
    "reopen": ((kept.SIGNED_OFF,), kept.RETURNED, "session.sign_off"),
}
"""from where, to where, and what it needs"""


def step(
    db: Session, actor: Person, study: Study, session_id: str, what: str, words: str, *, now: datetime
) -> str:
    """Move a session on. Returning says what to correct; an incomplete one is only signed off with a reason."""
    origin, target, action = STEPS[what]
    actor_id, words = actor.id, words.strip()
    with doing(db, actor, action, study, about=f"session:{session_id}", now=now) as entry:
        row = _own_or_supervised(db, actor, study, session_id)
        if row.status not in origin:
            raise WrongStep
        if what == "return" and not words:
            raise Invalid("Say what is to be corrected.")
        if what == "sign_off" and not words and is_incomplete(db, session_id):
            raise SessionIsIncomplete
        db.execute(kept.sessions.update().where(kept.sessions.c.id == session_id).values(status=target))
        db.execute(
            kept.status_history.insert(),
            {"session": session_id, "status": target, "by": actor_id, "at": now, "words": words},
        )
        entry.note(did=what, was=row.status)
    return target


def is_incomplete(db: Session, session_id: str) -> bool:
    """Whether a tablet holds more of it than has come in."""
    return any(
        log.claimed is not None and log.stored_to < log.claimed
        for log in records.logs_of(db, [session_id])[session_id]
    )


def _own_or_supervised(db: Session, actor: Person, study: Study, session_id: str) -> SessionRow:
    row = records.session(db, study.id, session_id)
    supervises = Role.SUPERVISOR in roles_of(db, actor, study.id)
    if row is None or not (supervises or row.observer == actor.id):
        raise NotFound
    return row


def comment(
    db: Session, actor: Person, study: Study, session_id: str, words: str, *, at_ms: int | None, now: datetime
) -> None:
    """Words about a session, or about one moment of it. They stay whatever becomes of the session."""
    actor_id, words = actor.id, words.strip()
    if not words:
        raise Invalid("A comment needs words.")
    with doing(db, actor, "session.amend", study, about=f"session:{session_id}", now=now) as entry:
        _own_or_supervised(db, actor, study, session_id)
        db.execute(
            kept.comments.insert(),
            {"session": session_id, "at_ms": at_ms, "event": None, "by": actor_id, "at": now, "words": words},
        )
        entry.note(did="comment", at_ms=at_ms)


def amend(
    db: Session,
    actor: Person,
    study: Study,
    session_id: str,
    event_id: str,
    *,
    void: bool = False,
    values: Mapping[str, Any] | None = None,
    reason: str,
    now: datetime,
) -> str:
    """Correct an event at the desk: an event of the server's own log, beside the tablet's and never over it; its id."""
    study_id, actor_id = study.id, actor.id
    if not reason.strip():
        raise Invalid("A correction needs a reason.")
    if not void and (not values or set(values) & FIXED):
        raise Invalid(
            "A correction makes an event void, or gives it new values other than its id, number and clocks."
        )
    device = fixed_id("desk", study_id)
    own_device(db, actor, study_id, device, "Corrections at the desk", now=now)
    with doing(db, actor, "session.amend", study_id, about=f"session:{session_id}", now=now) as entry:
        row = _own_or_supervised(db, actor, study, session_id)
        if row.status == kept.SIGNED_OFF:
            raise SessionIsSignedOff
        there = kept.event_at(db, session_id, event_id)
        if there is None:
            raise NotFound
        made = str(uuid7(now))
        log = kept.log_of(db, session_id, device) or kept.open_log(db, study_id, session_id, device, row.header)
        body = {
            "id": made, "seq": log.stored_to + 1, "at": there, "wall": round(now.timestamp() * 1000), "offset": 0,
            "zone": "UTC", "kind": "amend", "ref": event_id, **({"void": True} if void else {"set": dict(values or {})}),
            "reason": reason.strip(), "by": actor_id,
        }  # fmt: skip
        _append(db, log, body, now)
        entry.note(did="amend", event=event_id, by_event=made)
    return made


def _append(db: Session, log: kept.Log, body: Mapping[str, Any], now: datetime) -> None:
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
    event = upload.event_of(Raw(text))
    if not event.sound:
        raise Invalid("The new values are not ones that an event can have.")
    received = round(now.timestamp() * 1000)
    row = (log.id, body["seq"], body["id"], body["at"], "amend", text.decode(), event.digest, received)
    kept.add_events(db, [row])
    kept.move_log(db, log, stored_to=body["seq"], stored=log.stored + 1, claimed=body["seq"])


def uuid7(now: datetime) -> uuid.UUID:
    """RFC 9562: 48 bits of milliseconds, then randomness."""
    value = (
        round(now.timestamp() * 1000) << 80
        | 0x7 << 76
        | secrets.randbits(12) << 64
        | 0b10 << 62
        | secrets.randbits(62)
    )
    return uuid.UUID(int=value)


CAN_BE_TAKEN = frozenset({Why.FRAMEWORK_CLOSED, Why.DEVICE_REVOKED, Why.SIGNED_OFF})
"""reasons after which a supervisor may still take events in: nothing is wrong with the events themselves"""


@dataclass(frozen=True, slots=True)
class Decided:
    """How many events of a heap were taken into the log, and how many stay aside."""

    taken: int
    left: int


def decide(
    db: Session, actor: Person, study: Study, log_id: int, reason: str, decision: str, *, now: datetime
) -> Decided:
    """Take a heap of kept-aside events into the log after all, or leave it where it is. It is kept in full either way."""
    study_id, actor_id = study.id, actor.id
    if decision not in {"take", "leave"}:
        raise Invalid("Decide to take or to leave.")
    with doing(db, actor, "session.sign_off", study_id, about=f"log:{log_id}", now=now) as entry:
        heap = kept.heap(db, study_id, log_id, reason)
        if not heap:
            raise NotFound
        taken = _take(db, study_id, log_id, reason, heap, now) if decision == "take" else []
        kept.mark_decided(db, [one.id for one in heap], taken, decision, by=actor_id, now=now)
        entry.note(decision=decision, reason=reason, taken=len(taken), left=len(heap) - len(taken))
    return Decided(len(taken), len(heap) - len(taken))


def _take(
    db: Session, study_id: int, log_id: int, reason: str, heap: Sequence[kept.HeldRow], now: datetime
) -> list[int]:
    """Those that stand at a place of the log and can be read; the others stay aside. Their ids."""
    if reason not in CAN_BE_TAKEN:
        raise NotAllowed("Only what came late, or from a revoked tablet, can still be taken in.")
    log = kept.log_by_id(db, log_id)
    header = upload.header_of(log.header.encode())
    if header is None or header.study != study_id:
        raise Invalid("The session's header belongs to another study or cannot be read.")
    if log.status == kept.SIGNED_OFF:
        raise SessionIsSignedOff
    if log.status is None:
        kept.create(db, kept.values_of(header, log.header, now))
    rows: list[kept.EventRow] = []
    ids: list[int] = []
    taken = kept.ids_taken(db, [one.event for one in heap if one.event])
    for one in heap:
        event = upload.event_of(Raw(one.body.encode()))
        if one.fills and event.sound and event.id and event.seq and event.id not in taken:
            rows.append(
                (
                    log_id,
                    event.seq,
                    event.id,
                    event.at or 0,
                    event.kind or "",
                    one.body,
                    one.digest,
                    one.received,
                )
            )
            ids.append(one.id)
    if rows:
        kept.add_events(db, rows)
        notes = [(row[2], row[5]) for row in rows if row[4] == "note"]
        attachments.expect(db, attached.named(study_id, log.session, log.device, notes))
        kept.move_log(db, log, stored_to=log.stored_to, stored=log.stored + len(rows), claimed=None)
    return ids
