"""Taking in what several coders made of the same thing: each of them becomes an observer of the study."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy.orm import Session

from frameworks.schema import framework_of
from observe.actions import frameworks as designing
from observe.actions import imports
from observe.actions.doing import Actor, doing
from observe.actions.imports import TakenIn, Told, silent
from observe.actions.sessions import Sender
from observe.core.errors import Invalid
from observe.core.foreign import Draft, events_of, fixed_id, header_of
from observe.store import frameworks
from observe.store.studies import Study


class Coded(Protocol):
    """One coder's session with whom it is about."""

    @property
    def draft(self) -> Draft: ...
    @property
    def subjects(self) -> Mapping[str, str]: ...
    @property
    def purpose(self) -> str: ...


def take(
    db: Session,
    actor: Actor,
    study: Study,
    given: Iterable[Coded],
    *,
    framework: str,
    label: str,
    now: datetime,
    told: Told = silent,
) -> TakenIn:
    """Sessions by their coders. Coders and subjects are made where they are missing; doing it twice changes nothing."""
    study_id, slug = study.id, study.slug
    if frameworks.version_by_hash(db, study_id, framework) is None:
        raise Invalid("The study has no published framework with this hash.")
    device = fixed_id("import", study_id, label)
    imports.own_device(db, actor, study_id, device, f"Import: {label}", now=now)
    some = list(given)
    imports._add_subjects(
        db, actor, study_id, {id_: name for one in some for id_, name in one.subjects.items()}, now=now
    )
    with doing(db, actor, "study.edit", study_id, about=f"study:{study_id}", now=now) as entry:
        coders = imports._observers_of(db, study_id, slug, [{"observer": one.draft.observer} for one in some], now)
        entry.note(did="import", coders=len(coders))
    count: Counter[str] = Counter()
    for one in some:
        session = fixed_id(study_id, label, framework, one.draft.name)
        head = header_of(
            one.draft,
            session,
            study=study_id,
            framework=framework,
            observer=coders[one.draft.observer],
            device=device,
        )
        head |= {"purpose": one.purpose, "subjects": list(one.subjects)}
        count["sessions"] += 1
        count.update(
            imports.send(db, Sender(device, study_id, True), head, events_of(one.draft, session), now=now)
        )
        told(1)
    return imports.summed(count)


def published(db: Session, actor: Actor, study: Study, document: Mapping[str, Any], *, now: datetime) -> str:
    """The hash of a framework of the study; begun from this document and published where the study has none."""
    owner = frameworks.by_slug(db, study.id, document["slug"])
    if owner is None:
        model = framework_of(json.loads(json.dumps(document)))
        owner = designing.begin(db, actor, study, model, now=now)
        designing.publish(db, actor, study, owner.slug, revision=owner.revision, now=now)
    versions = frameworks.versions(db, owner.id)
    if not versions:
        raise Invalid(f"The framework {owner.slug} has not been published.")
    return versions[0].hash
