"""What has to be there before anything can be recorded: a published framework and an enrolled tablet."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from frameworks import library
from frameworks.schema import framework_of
from frameworks.versions import content_hash
from observe.actions import secret, sessions
from observe.actions.sessions import Received, Sender
from observe.store.base import writing
from observe.store.devices import Device
from observe.store.frameworks import Framework, FrameworkVersion
from observe.store.people import Person
from observe.store.studies import Study
from tests.factories.uploads import Row, envelope, header, read, some_id, talk


def publish(db: Session, study: Study, now: datetime, slug: str = "fill-plus", document: Row | None = None) -> str:
    """A framework as its first version in a study; its hash."""
    words = json.dumps(document or library.document(slug), ensure_ascii=False, default=str)
    mark = content_hash(framework_of(json.loads(words)))
    with writing(db):
        made = Framework(study_id=study.id, slug=slug, title=slug, draft=words, revision=1, changed_at=now)
        db.add(made)
        db.flush()
        db.add(
            FrameworkVersion(
                study_id=study.id, framework_id=made.id, number=1, hash=mark, title=slug, document=words, state="open",
                published_at=now,
            )
        )  # fmt: skip
    return mark


def enrol(db: Session, study: Study, now: datetime, label: str = "tablet") -> str:
    """A tablet whose token is the study's slug and its label; its id."""
    device = some_id("device", study.slug, label)
    with writing(db):
        db.add(
            Device(
                id=device, study_id=study.id, label=label, token_hash=secret.digest(f"{study.slug} {label}"), enrolled_at=now,
                expires_at=now + timedelta(days=365), app="",
            )
        )  # fmt: skip
    return device


@dataclass(slots=True)
class Field:
    """A study that is ready to record: everything that a header names."""

    db: Session
    study: Study
    framework: str
    device: str
    observer: Person
    now: datetime

    def header(self, session: str, **more: Any) -> Row:
        given = {
            "study": self.study.id, "framework": self.framework, "observer": self.observer.id, "device": self.device,
        }  # fmt: skip
        return header(session, **{**given, **more})

    def record(self, session: str, rows: list[Row] | None = None, **more: Any) -> Received:
        """One session, sent as a tablet would send it."""
        rows = talk(session, ["LT", "LQ", "LT", "SR"]) if rows is None else rows
        upload = read(envelope((self.header(session, **more), rows), count=len(rows)))
        [answer] = sessions.receive(self.db, Sender(self.device, self.study.id, True), upload, now=self.now)
        return answer


def a_field(db: Session, study: Study, observer: Person, now: datetime, slug: str = "fill-plus") -> Field:
    """A study with a framework out of the library and a tablet whose token is `<slug> tablet`."""
    mark = publish(db, study, now, slug)
    device = enrol(db, study, now)
    db.refresh(study)
    db.refresh(observer)
    return Field(db, study, mark, device, observer, now)
