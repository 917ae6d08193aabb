"""Taking in what was recorded elsewhere, by the same way as a tablet's uploads: nothing is overwritten, nothing dropped."""

from __future__ import annotations

import json
import secrets
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from msgspec import Raw
from sqlalchemy.orm import Session

from frameworks import rights
from frameworks.schema import framework_of
from observe.actions import sessions
from observe.actions.doing import Actor, doing
from observe.actions.sessions import Sender
from observe.core import upload
from observe.core.access import Role
from observe.core.errors import Invalid, ObserveError
from observe.core.foreign import Draft, events_of, fixed_id, header_of
from observe.core.session_file import SessionFile
from observe.core.upload import MAX_EVENTS, Part, Upload, read
from observe.store import devices, frameworks, people, records, studies
from observe.store import sessions as kept
from observe.store.devices import Device
from observe.store.frameworks import Framework, FrameworkVersion
from observe.store.people import Person
from observe.store.studies import Setting, Study, Subject


@dataclass(frozen=True, slots=True)
class TakenIn:
    """What an import came to. `aside` counts events that were kept aside, by reason."""

    sessions: int
    stored: int
    had: int
    aside: dict[str, int]


Told = Callable[[int], object]
"""Who hears of each session that is in: an import of thousands takes minutes."""


def silent(sessions: int) -> None:
    """Nobody waits for word."""


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
    told: Told = silent,
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
        told(1)
    return summed(count)


def logs(
    db: Session,
    actor: Actor,
    study: Study,
    given: Iterable[tuple[dict[str, Any], Sequence[dict[str, Any]], Mapping[str, str]]],
    *,
    device: str,
    label: str,
    now: datetime,
    told: Told = silent,
) -> TakenIn:
    """Logs that another importer has made: header, events, and the pseudonym of each subject by id."""
    study_id = study.id
    own_device(db, actor, study_id, device, f"Import: {label}", now=now)
    count: Counter[str] = Counter()
    for head, events, pseudonyms in given:
        _add_subjects(db, actor, study_id, pseudonyms, now=now)
        count["sessions"] += 1
        count.update(send(db, Sender(device, study_id, True), head, events, now=now))
        told(1)
    return summed(count)


def _add_subjects(
    db: Session, actor: Actor, study_id: int, pseudonyms: Mapping[str, str], *, now: datetime
) -> None:
    """Put on the roster whoever is not there; consent is not known for them."""
    there = studies.subjects(db, study_id, erased=True)
    known = {one.id for one in there} | {one.pseudonym for one in there}
    new = {id_: name for id_, name in pseudonyms.items() if id_ not in known and name not in known}
    if not new:
        return
    with doing(db, actor, "subject.manage", study_id, about=f"study:{study_id}", now=now) as entry:
        for id_, name in new.items():
            db.add(
                Subject(
                    id=id_, study_id=study_id, pseudonym=name[:60], created_at=now, changed_at=now, attributes={}
                )
            )
        entry.note(subjects=len(new))


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


class OfAnotherStudy(Invalid):
    """A second copy names another study than the one into which it was to be taken."""

    code = "session_file.other_study"
    sentence = "A session in the file belongs to another study."
    remedy = "Take the file in in the study that the tablet was enrolled for."


def session_files(
    db: Session, actor: Actor, study: Study, files: Sequence[SessionFile], *, now: datetime, told: Told = silent
) -> TakenIn:
    """Second copies, as a tablet saved them, by the same way as its own uploads.

    What the tablet has sent is had, and what it sends later will be: a file can come before, after and again.
    """
    study_id = study.id
    if any(file.header.study != study_id for file in files):
        raise OfAnotherStudy
    events = sum(len(file.events) for file in files)
    with doing(db, actor, "session.sign_off", study_id, about=f"study:{study_id}", now=now) as entry:
        entry.note(did="import files", sessions=len(files), events=events)
    count: Counter[str] = Counter()
    for file in files:
        device = file.header.device
        own_device(db, actor, study_id, device, f"Second copy {device[:8]}", now=now)
        known = devices.by_id(db, study_id, device)
        sender = Sender(device, study_id, known is not None and known.revoked_at is None)
        count["sessions"] += 1
        for some in parts_of(file):
            for answer in sessions.receive(db, sender, some, now=now):
                count.update(one.reason or one.became for one in answer.outcomes)
        told(1)
    return summed(count)


def parts_of(file: SessionFile) -> Iterator[Upload]:
    """The file as the requests that the tablet would have sent."""
    total = len(file.events)
    for start in range(0, total, MAX_EVENTS):
        part = Part(file.head, list(file.events[start : start + MAX_EVENTS]), total)
        yield Upload(1, fixed_id(file.header.id, "file", start), [part], file.header.app)


@dataclass(frozen=True, slots=True)
class Dataset:
    """An exported dataset as it was read: rows by column, framework documents by hash."""

    sessions: Sequence[Mapping[str, str]]
    events: Iterable[Mapping[str, str]]
    subjects: Sequence[Mapping[str, str]]
    frameworks: Mapping[str, str]


class AlreadyHere(ObserveError):
    """Something of an imported dataset belongs to another study of this server."""

    code = "import.already_here"
    sentence = "This dataset is on this server already, in another study."
    remedy = "Import it into the study it came from, or into another server."


class WordsWithheld(ObserveError):
    """Sessions were recorded with an instrument that belongs to someone else, whose words no export carries."""

    code = "import.words_withheld"
    sentence = "The dataset was recorded with an instrument whose words belong to someone else, and are not in it."
    remedy = "Publish it in this study first, from the document that you hold the right to, and import again."

    def __init__(self, which: str) -> None:
        super().__init__(
            f"The words of “{which}” belong to someone else, and are not in the dataset. Nothing was taken in."
        )


def dataset(
    db: Session, actor: Actor, study: Study, given: Dataset, *, now: datetime, told: Told = silent
) -> TakenIn:
    """Take an exported dataset in again, as a whole or not at all: the same sessions, logs, times and digests.

    Sessions that are here already stay as they are. Observers are found by name, or made without a sign-in.
    """
    study_id, slug = study.id, study.slug
    count: Counter[str] = Counter()
    with doing(db, actor, "study.edit", study_id, about=f"study:{study_id}", now=now) as entry:
        _frameworks_of(db, study_id, given, now)
        _subjects_of(db, study_id, given.subjects, now)
        observers = _observers_of(db, study_id, slug, given.sessions, now)
        events: dict[str, list[Mapping[str, str]]] = defaultdict(list)
        for row in given.events:
            events[row["session"]].append(row)
        for row in given.sessions:
            count["sessions"] += 1
            count.update(_restore(db, study_id, row, events[row["session"]], observers, now))
            told(1)
        entry.note(did="import", sessions=count["sessions"], events=count["stored"])
    return summed(count)


def _restore(
    db: Session,
    study_id: int,
    row: Mapping[str, str],
    events: Sequence[Mapping[str, str]],
    observers: Mapping[str, int],
    now: datetime,
) -> Counter[str]:
    if kept.exists(db, row["session"]):
        if records.session(db, study_id, row["session"]) is None:
            raise AlreadyHere
        return Counter(have=len(events))
    header = upload.header_of(row["header"].encode())
    if header is None or header.id != row["session"]:
        raise Invalid(f"The header of session {row['session']} cannot be read.")
    _setting_of(db, study_id, header.setting, row["setting"], now)
    values = kept.values_of(header, row["header"], now)
    kept.create(db, {**values, "study": study_id, "observer": observers[row["observer"]], "status": row["status"]})
    by_device: dict[str, list[Mapping[str, str]]] = {header.device: []}
    for event in events:
        by_device.setdefault(event["device"], []).append(event)
    claimed = int(row["events_claimed"]) if row["events_claimed"] else None
    for device, own in by_device.items():
        _device_of(db, study_id, device, now)
        others = sum(len(some) for other, some in by_device.items() if other != device)
        first = device == header.device
        claims = None if claimed is None else claimed - others if first else len(own)
        _restore_log(db, study_id, header.id, device, row["header"], own, claims)
    return Counter(stored=len(events))


def _restore_log(
    db: Session,
    study_id: int,
    session: str,
    device: str,
    header: str,
    events: Sequence[Mapping[str, str]],
    claimed: int | None,
) -> None:
    log = kept.open_log(db, study_id, session, device, header)
    rows: list[kept.EventRow] = []
    for one in events:
        event = upload.event_of(Raw(one["json"].encode()))
        if not event.sound or event.id is None or event.seq is None or event.at is None or event.kind is None:
            raise Invalid(f"Event {one['event']} of session {session} cannot be read.")
        received = round(datetime.fromisoformat(one["received"]).timestamp() * 1000)
        rows.append((log.id, event.seq, event.id, event.at, event.kind, one["json"], event.digest, received))
    if kept.ids_taken(db, [row[2] for row in rows]):
        raise AlreadyHere
    kept.add_events(db, rows)
    kept.move_log(db, log, stored_to=max((row[1] for row in rows), default=0), stored=len(rows), claimed=claimed)


def _frameworks_of(db: Session, study_id: int, given: Dataset, now: datetime) -> None:
    """Versions that the study lacks, under their own hash and number; closed, so that nothing new is recorded with them."""
    numbers = {row["framework_hash"]: (row["framework"], int(row["framework_number"])) for row in given.sessions}
    for mark, (slug, number) in numbers.items():
        if frameworks.state_of(db, study_id, mark) is not None:
            continue
        document = given.frameworks.get(mark)
        if document is None:
            raise Invalid(f"The dataset lacks the framework {mark}.")
        adopt_version(db, study_id, slug, number, mark, document, now=now)


def adopt_version(
    db: Session, study_id: int, slug: str, number: int, mark: str, document: str, *, now: datetime
) -> None:
    """A version that was published elsewhere, under its own hash and its number where that is free."""
    model = framework_of(json.loads(document))
    if rights.belongs_to_someone_else(model):
        raise WordsWithheld(f"{model.title}, version {number}")
    title = str(model.title)[:200]
    owner = frameworks.by_slug(db, study_id, slug)
    if owner is None:
        owner = Framework(study_id=study_id, slug=slug, title=title, draft=document, revision=1, changed_at=now)
        db.add(owner)
        db.flush()
    taken = {version.number for version in frameworks.versions(db, owner.id)}
    db.add(
        FrameworkVersion(
            study_id=study_id, framework_id=owner.id, number=max(taken) + 1 if number in taken else number, hash=mark,
            title=title, document=document, state="closing", published_at=now,
        )
    )  # fmt: skip
    db.flush()


def _subjects_of(db: Session, study_id: int, rows: Sequence[Mapping[str, str]], now: datetime) -> None:
    for row in rows:
        if studies.subject(db, study_id, row["subject"]) is None:
            if db.get(Subject, row["subject"]) is not None:
                raise AlreadyHere
            db.add(
                Subject(
                    id=row["subject"], study_id=study_id, pseudonym=row["pseudonym"], consent=row["consent"],
                    active=row["active"] == "true", attributes=json.loads(row["attributes"] or "{}"), created_at=now,
                    changed_at=now,
                )
            )  # fmt: skip
    db.flush()


def _observers_of(
    db: Session, study_id: int, slug: str, rows: Sequence[Mapping[str, str]], now: datetime
) -> dict[str, int]:
    found = {member.person.name: member.person.id for member in studies.members(db, study_id)}
    for name in sorted({row["observer"] for row in rows} - set(found)):
        address = f"{fixed_id(slug, name)}@imported.invalid"
        person = Person(
            name=name, email=address, is_admin=False, is_active=False, second_factor_step=0, created_at=now
        )
        db.add(person)
        db.flush()
        studies.set_roles(db, study_id, person.id, frozenset({Role.OBSERVER}), now=now)
        found[name] = person.id
    return found


def _device_of(db: Session, study_id: int, device: str, now: datetime) -> None:
    if devices.by_id(db, study_id, device) is None:
        db.add(
            Device(
                id=device, study_id=study_id, label=f"Imported {device[:8]}", token_hash=secrets.token_hex(32),
                enrolled_at=now, expires_at=now, revoked_at=now, app="import",
            )
        )  # fmt: skip
        db.flush()


def _setting_of(db: Session, study_id: int, setting: str | None, label: str, now: datetime) -> None:
    if setting and studies.setting(db, study_id, setting) is None and label != setting:
        db.add(
            Setting(
                id=setting, study_id=study_id, label=label, note="", active=True, created_at=now, changed_at=now
            )
        )
        db.flush()
