"""What people do with tablets: let one in with a one-time code, and take a lost one out."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from observe.actions import secret
from observe.actions.doing import Actor, Console, doing
from observe.actions.limits import Limits
from observe.core.errors import DeviceUnknown, EnrolmentGone, NotFound
from observe.store import devices, studies
from observe.store.base import writing
from observe.store.devices import Bearer, Device, Enrolment
from observe.store.studies import Study


@dataclass(frozen=True, slots=True)
class Code:
    """A code to show once; the server keeps only its hash."""

    words: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Enrolled:
    """A device with the token that it alone keeps."""

    device: Device
    token: str
    study: Study


def offer(db: Session, actor: Actor, study: Study, *, limits: Limits, now: datetime) -> Code:
    """A code that enrols one device into this study, once, within minutes."""
    words = secret.code()
    made_by = getattr(actor, "id", None) if not isinstance(actor, (Console, Device)) else None
    with doing(db, actor, "device.enrol", study, now=now) as entry:
        enrolment = Enrolment(
            study_id=study.id,
            code_hash=secret.digest(words),
            made_at=now,
            made_by=made_by,
            expires_at=now + limits.enrolment,
        )
        db.add(enrolment)
        db.flush()
        entry.about = f"enrolment:{enrolment.id}"
        return Code(words, enrolment.expires_at)


@dataclass(frozen=True, slots=True)
class Known:
    """Who a tablet says that it was, with the token that it got then, as proof."""

    device: str
    proof: str


def enrol(
    db: Session, code: str, label: str, *, known: Sequence[Known] = (), limits: Limits, now: datetime
) -> Enrolled:
    """Take a device in with a code, which is then used up. Two devices with one code: the second is refused.

    A tablet that proves that it was this study's already stays the same device, so that what it holds is its own.
    """
    token = secret.token()
    enrolment = devices.enrolment(db, secret.digest(secret.tidy_code(code)))
    if enrolment is None:
        raise EnrolmentGone
    again = proven(db, enrolment.study_id, known)
    device_id = again.id if again else str(uuid.uuid4())
    with doing(
        db, Console("enrolment"), "device.enrol", enrolment.study_id, about=f"device:{device_id}", now=now
    ) as entry:
        enrolment = devices.enrolment(db, enrolment.code_hash)
        if enrolment is None or enrolment.used_at or enrolment.expires_at < now:
            raise EnrolmentGone
        device = again or Device(
            id=device_id, study_id=enrolment.study_id, label="Tablet", token_hash="",
            enrolled_at=now, enrolled_by=enrolment.made_by, expires_at=now,
        )  # fmt: skip
        device.label = label.strip()[:80] or device.label
        device.token_before = device.token_hash or None
        device.token_hash, device.expires_at = secret.digest(token), now + limits.device
        db.add(device)
        db.flush()
        enrolment.used_at, enrolment.device_id = now, device_id
        entry.note(enrolment=enrolment.id, renewed=again is not None)
        study = studies.by_id(db, enrolment.study_id)
        assert study is not None
        return Enrolled(device, token, study)


def proven(db: Session, study_id: int, known: Sequence[Known]) -> Device | None:
    """The first of these that is a device of this study and has the proof. One that was revoked stays outside."""
    for one in known:
        device = devices.by_id(db, study_id, one.device)
        proof = secret.digest(one.proof)
        if device and device.revoked_at is None and proof in {device.token_hash, device.token_before}:
            return device
    return None


def known(db: Session, token: str, *, now: datetime) -> Bearer:
    """Whose token this is. A revoked device is returned too (see `revoked_at`): what it still sends is kept aside."""
    device = devices.by_token_hash(db, secret.digest(token))
    if device is None or device.expires_at < now:
        raise DeviceUnknown
    return device


def seen(db: Session, device: Device, *, app: str = "", now: datetime) -> None:
    """Remember when the device last came, and with which build; not worth an audit entry."""
    with writing(db):
        device.seen_at = now
        device.app = app[:60] or device.app


def revoke(db: Session, actor: Actor, study: Study, device_id: str, *, now: datetime) -> Device:
    """A lost tablet gets nothing any more; what it still sends is kept aside for the supervisor."""
    with doing(db, actor, "device.manage", study, about=f"device:{device_id}", now=now) as entry:
        device = devices.by_id(db, study.id, device_id)
        if device is None:
            raise NotFound
        device.revoked_at = device.revoked_at or now
        entry.note(did="revoke")
        return device


def rename(db: Session, actor: Actor, study: Study, device_id: str, label: str, *, now: datetime) -> Device:
    """What is written on the back of the tablet."""
    with doing(db, actor, "device.manage", study, about=f"device:{device_id}", now=now) as entry:
        device = devices.by_id(db, study.id, device_id)
        if device is None:
            raise NotFound
        device.label = label.strip()[:80] or device.label
        entry.note(did="rename")
        return device
