"""The key of pseudonyms: who stands behind each. Sealed before it comes here; the trail hears of every time it is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from observe.actions.doing import doing
from observe.actions.studies import forget_journal, subject_of
from observe.core.errors import NotFound, ObserveError
from observe.core.sealed import Lock
from observe.store import keys, studies
from observe.store.keys import SealedKey
from observe.store.people import Person
from observe.store.studies import Study


class KeyMoved(ObserveError):
    """Somebody else changed the key since this page fetched it: writing now could lose what they entered."""

    code = "key.moved"
    sentence = "Somebody else has changed the key since you opened it; nothing of yours was kept."
    remedy = "Open the key again and repeat the change."


@dataclass(frozen=True, slots=True)
class Sealed:
    """A key as the server has it. Version 0 is none yet."""

    version: int
    lock: Mapping[str, Any] | None
    entries: Mapping[str, str]


def fetch(db: Session, actor: Person, study: Study, *, now: datetime) -> Sealed:
    """The sealed key, for a browser to open. That it was asked for is noted, since what is read from it then is not."""
    with doing(db, actor, "key.open", study, about=f"study:{study.id}", now=now) as entry:
        key, entries = keys.key_of(db, study.id), keys.entries_of(db, study.id)
        entry.note(entries=len(entries))
        return Sealed(key.version, key.lock, entries) if key else Sealed(0, None, {})


def lay_down(
    db: Session,
    actor: Person,
    study: Study,
    lock: Lock,
    entries: Mapping[str, str],
    *,
    version: int,
    now: datetime,
) -> int:
    """The whole key anew: the first one, one under another passphrase, or one put back from a file. Its version."""
    study_id, actor_id = study.id, actor.id
    with doing(db, actor, "key.keep", study_id, about=f"study:{study_id}", now=now) as entry:
        key = _at(db, study_id, version)
        for subject in entries:
            _there(db, study, subject)
        if key is None:
            key = SealedKey(study_id=study_id, version=0, lock={}, changed_at=now, changed_by=actor_id)
            db.add(key)
        key.lock = lock.as_json()
        done = _moved(key, actor_id, now)
        keys.replace_all(db, study_id, entries)
        entry.note(did="lay down", entries=len(entries))
    forget_journal(db)
    return done


def put(
    db: Session, actor: Person, study: Study, subject_id: str, sealed: str | None, *, version: int, now: datetime
) -> int:
    """Who one pseudonym stands for, or with None nobody any more; the key's new version."""
    study_id, actor_id = study.id, actor.id
    with doing(db, actor, "key.keep", study_id, about=f"subject:{subject_id}", now=now) as entry:
        key = _at(db, study_id, version)
        if key is None:
            raise NotFound
        _there(db, study, subject_id)
        if sealed is None:
            keys.drop(db, study_id, subject_id)
        else:
            keys.put(db, study_id, subject_id, sealed)
        entry.note(did="put" if sealed else "remove")
        done = _moved(key, actor_id, now)
    forget_journal(db)
    return done


def forget(db: Session, actor: Person, study: Study, *, now: datetime) -> None:
    """Delete the whole key. Pseudonyms and what was observed stay; nobody can say any more who they are."""
    study_id = study.id
    with doing(db, actor, "key.keep", study_id, about=f"study:{study_id}", now=now) as entry:
        if keys.key_of(db, study_id) is None:
            raise NotFound
        entry.note(did="forget", entries=keys.forget(db, study_id))
    forget_journal(db)


def _at(db: Session, study_id: int, version: int) -> SealedKey | None:
    key = keys.key_of(db, study_id)
    if (key.version if key else 0) != version:
        raise KeyMoved
    return key


def _moved(key: SealedKey, by: int, now: datetime) -> int:
    key.version, key.changed_at, key.changed_by = key.version + 1, now, by
    return key.version


def _there(db: Session, study: Study, subject_id: str) -> None:
    """Only of those who are of the study and were not erased."""
    subject_of(db, study, subject_id)


def is_kept(db: Session, study: Study) -> bool:
    """Whether the study has a key here at all."""
    return keys.key_of(db, study.id) is not None


def roster(db: Session, study: Study) -> list[dict[str, str]]:
    """Everybody who can stand in the key."""
    return [{"id": one.id, "pseudonym": one.pseudonym} for one in studies.subjects(db, study.id)]
