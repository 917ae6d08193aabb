"""What tablets do with photos and voice notes: send the bytes of what a note has named."""

from __future__ import annotations

import hashlib
import os
import secrets
import warnings
from collections.abc import Sequence
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image
from sqlalchemy.orm import Session

from observe.core import attached
from observe.core.errors import Invalid, NotFound
from observe.store import attachments, audit
from observe.store.attachments import Attachment
from observe.store.base import writing

FOLDER = "attachments"


class AttachmentUnknown(NotFound):
    """Bytes came that no note of this device has named: the note has not come yet, or was kept aside."""

    code = "attachment.unknown"
    sentence = "No note of this device that has come so far names this attachment."
    remedy = "Keep it, and send it again after its note."


class AttachmentRefused(Invalid):
    """Bytes came that are not what the note says: another digest, too many pixels, or no picture or sound at all."""

    code = "attachment.refused"
    sentence = "The attachment is not what its note says that it is."
    remedy = "Keep it on the tablet and tell the supervisor."


def named(study: int, session: str, device: str, notes: Sequence[tuple[str, str]]) -> list[dict[str, Any]]:
    """The rows that these notes, each an event's id and text, ask for."""
    where = {"study": study, "session": session, "device": device}
    return [{**one, **where, "event": event} for event, text in notes for one in attached.named_in(text)]


def take(db: Session, device: str, attachment: str, body: bytes, var: Path, *, now: datetime) -> bool:
    """Keep the bytes, flushed to disk before they are called received. False when they were there already."""
    row = attachments.by_id(db, attachment)
    if row is None or row.device != device:
        raise AttachmentUnknown
    db.rollback()
    if row.taken is not None:
        return False
    if row.received is not None and path_of(var, row).is_file():
        return False
    check(row, body)
    _keep(path_of(var, row), body)
    with writing(db):
        attachments.mark_received(db, attachment, now=now)
        audit.append(
            db, at=now, actor=f"device:{device}", action="session.record", study_id=row.study,
            about=f"session:{row.session}", details={"attachment": attachment, "bytes": len(body)},
        )  # fmt: skip
    return True


def check(row: Attachment, body: bytes) -> None:
    """AttachmentRefused unless the bytes are those of the note, and a picture or a sound that they say to be."""
    if len(body) != row.size or hashlib.sha256(body).hexdigest() != row.digest:
        raise AttachmentRefused
    good = _is_picture(row.type, body) if row.type in attached.IMAGES else attached.is_sound(row.type, body)
    if not good:
        raise AttachmentRefused


def _is_picture(type_: str, body: bytes) -> bool:
    """Judged by the picture's own head, so that one of a billion pixels is never unpacked."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            with Image.open(BytesIO(body), formats=[attached.IMAGES[type_]]) as picture:
                width, height = picture.size
                if width * height > attached.MOST_PIXELS:
                    return False
                picture.verify()
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError, Image.DecompressionBombWarning):
        return False
    return True


def path_of(var: Path, row: Attachment) -> Path:
    """By content: the same photo twice is one file, and no name comes from outside."""
    return var / FOLDER / row.digest[:2] / row.digest


def _keep(path: Path, body: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    half = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    with half.open("xb") as out:
        out.write(body)
        out.flush()
        os.fsync(out.fileno())
    half.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def missing_of(db: Session, device: str, var: Path) -> list[str]:
    """What notes of this device name and the server does not hold: not come yet, or lost since."""
    rows = attachments.of_device(db, device)
    return [
        row.id for row in rows if row.taken is None and (row.received is None or not path_of(var, row).is_file())
    ]
