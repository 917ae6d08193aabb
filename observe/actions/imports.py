"""Taking in what was recorded elsewhere, by the same way as a tablet's uploads: nothing is overwritten, nothing dropped."""

from __future__ import annotations

import json
import secrets
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from observe.actions import sessions
from observe.actions.doing import Actor, doing
from observe.actions.sessions import Sender
from observe.core.errors import Invalid
from observe.core.foreign import Draft, events_of, fixed_id, header_of
from observe.core.upload import MAX_EVENTS, Upload, read
from observe.store import devices, frameworks, people
from observe.store.devices import Device
from observe.store.studies import Study


@dataclass(frozen=True, slots=True)
class TakenIn:
    """What an import came to. `aside` counts events that were kept aside, by reason."""

    sessions: int
    stored: int
    had: int
    aside: dict[str, int]


def foreign(
    db: Session,
    actor: Actor,
    study: Study,
    drafts: Iterable[Draft],
    *,
    framework: str,
    observer: str,
    label: str,
    now: datetime,
) -> TakenIn:
    """Sessions of a foreign file, recorded by the person with this address under this framework version.

    Taken in twice, the second time finds everything there already.
    """
    study_id = study.id
    someone = people.by_email(db, observer)
    if someone is None:
        raise Invalid(f"There is nobody with the address {observer}.")
    if frameworks.version_by_hash(db, study_id, framework) is None:
        raise Invalid("The study has no published framework with this hash.")
    given = {"study": study_id, "framework": framework, "observer": someone.id}
    device = fixed_id("import", study_id, label)
    own_device(db, actor, study_id, device, f"Import: {label}", now=now)
    sender = Sender(device, study_id, True)
    count: Counter[str] = Counter()
    for draft in drafts:
        session = fixed_id(study_id, label, framework, draft.name)
        head = header_of(draft, session, **given, device=device)
        count["sessions"] += 1
        count.update(send(db, sender, head, events_of(draft, session), now=now))
    return summed(count)


def send(
    db: Session, sender: Sender, head: dict[str, Any], events: Sequence[dict[str, Any]], *, now: datetime
) -> Counter[str]:
    """One session in as many requests as it takes; what became of its events, counted."""
    found: Counter[str] = Counter()
    for some in batches(events):
        body = {
            "observe": 1, "request": fixed_id(head["id"], some[0]["seq"]), "app": "import", "sent": 0,
            "sessions": [{"header": head, "events": some, "count": len(events)}],
        }  # fmt: skip
        for answer in sessions.receive(db, sender, as_upload(body), now=now):
            found.update(one.reason or one.became for one in answer.outcomes)
    return found


def as_upload(body: dict[str, Any]) -> Upload:
    return read(json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode())


def batches(events: Sequence[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    """As many events at once as a request may carry."""
    for start in range(0, len(events), MAX_EVENTS):
        yield list(events[start : start + MAX_EVENTS])


def summed(count: Counter[str]) -> TakenIn:
    plain = {"sessions", "stored", "have"}
    return TakenIn(
        count["sessions"], count["stored"], count["have"], {why: n for why, n in count.items() if why not in plain}
    )


def own_device(db: Session, actor: Actor, study_id: int, device: str, label: str, *, now: datetime) -> None:
    """A device that stands for the server itself or for another source. Nobody holds its token: it cannot come by the API."""
    if devices.by_id(db, study_id, device) is not None:
        return
    with doing(db, actor, "device.enrol", study_id, about=f"device:{device}", now=now):
        db.add(
            Device(
                id=device, study_id=study_id, label=label[:80], token_hash=secrets.token_hex(32), enrolled_at=now,
                expires_at=now, revoked_at=None, app="server",
            )
        )  # fmt: skip
        db.flush()
