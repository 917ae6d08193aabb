"""What people do with tablets: let one in with a one-time code, and take a lost one out."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from observe.actions import secret
from observe.actions.doing import Actor, Console, doing
from observe.actions.limits import Limits
from observe.core.errors import DeviceUnknown, EnrolmentGone, NotFound
from observe.store import devices, studies
from observe.store.base import writing
from observe.store.devices import Device, Enrolment
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


def enrol(db: Session, code: str, label: str, *, limits: Limits, now: datetime) -> Enrolled:
    """Take a device in with a code, which is then used up. Two devices with one code: the second is refused."""
    token = secret.token()
    device_id = str(uuid.uuid4())
    enrolment = devices.enrolment(db, secret.digest(secret.tidy_code(code)))
    if enrolment is None:
        raise EnrolmentGone
    with doing(
        db, Console("enrolment"), "device.enrol", enrolment.study_id, about=f"device:{device_id}", now=now
    ) as entry:
        enrolment = devices.enrolment(db, enrolment.code_hash)
        if enrolment is None or enrolment.used_at or enrolment.expires_at < now:
            raise EnrolmentGone
        device = Device(
            id=device_id, study_id=enrolment.study_id, label=label.strip()[:80] or "Tablet", token_hash=secret.digest(token),
            enrolled_at=now, enrolled_by=enrolment.made_by, expires_at=now + limits.device,
        )  # fmt: skip
        db.add(device)
        db.flush()
        enrolment.used_at, enrolment.device_id = now, device_id
        entry.note(enrolment=enrolment.id)
        study = studies.by_id(db, enrolment.study_id)
        assert study is not None
        return Enrolled(device, token, study)


def known(db: Session, token: str, *, now: datetime) -> Device:
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
