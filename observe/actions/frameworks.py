"""What people do with frameworks: begin one, work on its draft, publish a version, close it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache, lru_cache
from typing import Any

from sqlalchemy.orm import Session

from frameworks import library, rights, rules, schema
from frameworks.convert import boris, codebook_csv, codebook_xlsx, documents, elan_scheme
from frameworks.convert.elan import looks_like_elan
from frameworks.convert.names import slug_from, storable
from frameworks.findings import Finding, Severity
from frameworks.model import SCHEMA, Text
from frameworks.model import Framework as Model
from frameworks.schema import Loaded
from frameworks.versions import content_hash
from observe.actions.doing import Actor, doing
from observe.core.errors import DraftMoved, Invalid, NotFound, NothingChanged, Taken
from observe.store import frameworks
from observe.store.frameworks import Framework, FrameworkVersion
from observe.store.people import Person
from observe.store.studies import Study

STATES = ("open", "closing", "closed")
ADDRESSES = frozenset({"new", "library"})
"""short names that would hide pages of the site"""
UNTITLED = frozenset({"Draft", "BORIS project", "ELAN"})
"""titles of what came without one: the name of its file says more"""


@dataclass(frozen=True, slots=True)
class Judged:
    """A document with what it says, as far as it can be read, and everything that is to be said about it."""

    model: Model | None
    findings: tuple[Finding, ...]

    @property
    def may_be_published(self) -> bool:
        """Only errors stand in the way; warnings are for the supervisor to weigh."""
        return self.model is not None and not any(found.severity is Severity.ERROR for found in self.findings)


@lru_cache(maxsize=32)
def judged(document: str) -> Judged:
    """What a kept document says and what is wrong with it; a draft is asked for again and again as it stands."""
    loaded = schema.load(json.loads(document))
    if loaded.framework is None:
        return Judged(None, loaded.findings)
    return Judged(loaded.framework, tuple(rules.check(loaded.framework)))


def text_of(model: Model) -> str:
    """The canonical document as it is kept."""
    return json.dumps(schema.dump(model), ensure_ascii=False, separators=(",", ":"))


def must_be_read(loaded: Loaded) -> Model:
    """The framework, or Invalid with everything that is wrong with the document."""
    if loaded.framework is None:
        raise Invalid("The document is not a framework.", loaded.findings)
    return loaded.framework


def begin(db: Session, actor: Actor, study: Study, model: Model, *, now: datetime) -> Framework:
    """A draft of its own from this framework; its slug must be new in the study."""
    with doing(db, actor, "framework.design", study, now=now) as entry:
        if model.slug in ADDRESSES:
            raise Taken(f"“{model.slug}” is an address of this site. Choose another short name.")
        if frameworks.by_slug(db, study.id, model.slug):
            raise Taken(f"There is a framework called {model.slug} in this study already.")
        framework = Framework(
            study_id=study.id, slug=model.slug, title=str(model.title)[:200] or model.slug, draft=text_of(model), revision=1,
            changed_at=now, changed_by=id_of(actor),
        )  # fmt: skip
        db.add(framework)
        db.flush()
        entry.about = f"framework:{framework.id}"
        entry.note(did="begin", revision=1)
        return framework


@cache
def ready_made(slug: str) -> Model:
    """A framework of the library, read once; KeyError for an unknown slug."""
    return schema.framework_of(library.document(slug))


def begin_ready_made(db: Session, actor: Actor, study: Study, slug: str, *, now: datetime) -> Framework:
    """A draft from the library that is shipped with the program."""
    if slug not in library.slugs():
        raise NotFound
    return begin(db, actor, study, ready_made(slug), now=now)


@dataclass(frozen=True, slots=True)
class Begun:
    """A draft out of a file, and what was not understood of it."""

    framework: Framework
    remarks: tuple[Finding, ...]


def begin_from_file(
    db: Session, actor: Actor, study: Study, data: bytes, *, name: str = "", now: datetime
) -> Begun:
    """A draft from an uploaded document, codebook or BORIS project; which of them it is, is seen from its bytes.

    What has no title of its own takes the file's name, and a short name that nobody chose gives way to one that is there.
    """
    loaded = read_off(data)
    model = must_be_read(loaded)
    if loaded.is_foreign:
        if str(model.title) in UNTITLED and (title := storable(name)[:200]):
            slug = slug_from(title, model.slug)[:60].strip("-")
            model = replace(model, title=Text(((model.languages[0], title),)), slug=slug)
        model = replace(model, slug=free_slug(db, study, model.slug))
    return Begun(begin(db, actor, study, model, now=now), loaded.findings)


def free_slug(db: Session, study: Study, wanted: str) -> str:
    """This short name, or the first of it with a number that no framework of the study has."""
    tried = wanted
    number = 2
    while frameworks.by_slug(db, study.id, tried) or tried in ADDRESSES:
        tried = f"{wanted[:56]}-{number}"
        number += 1
    return tried


def read_off(data: bytes) -> Loaded:
    """The framework in a file: JSON or YAML, a codebook as CSV or XLSX, a BORIS project (also gzipped), an ELAN document."""
    start = data.lstrip(b"\xef\xbb\xbf \t\r\n")
    if data.startswith(b"PK\x03\x04"):
        return codebook_xlsx.from_xlsx(data)
    if data.startswith(b"\x1f\x8b") or (start.startswith(b"{") and b'"behaviors_conf"' in data):
        project = boris.read_project(data)
        return Loaded(project.framework, project.findings, is_foreign=True)
    if looks_like_elan(data):
        return replace(elan_scheme.framework_in(data), is_foreign=True)
    if start.startswith(b"{"):
        return documents.from_json(data)
    return codebook_csv.from_csv(data) if codebook_csv.is_table(start) else documents.from_yaml(data)


def begin_copy(
    db: Session, actor: Actor, study: Study, of: FrameworkVersion | Framework, slug: str, *, now: datetime
) -> Framework:
    """A draft under another short name that says what this draft or version says."""
    document = json.loads(of.document if isinstance(of, FrameworkVersion) else of.draft)
    return begin(db, actor, study, must_be_read(schema.load({**document, "slug": slug})), now=now)


def begin_empty(
    db: Session, actor: Actor, study: Study, slug: str, title: str, purpose: str, *, now: datetime
) -> Framework:
    """A draft with a head and nothing else yet."""
    document = {"schema": SCHEMA, "slug": slug, "title": title.strip(), "purpose": purpose.strip()}
    return begin(db, actor, study, must_be_read(schema.load(document)), now=now)


def document_of(kept_text: str) -> dict[str, Any]:
    """The document that a draft or a version is kept as."""
    document: dict[str, Any] = json.loads(kept_text)
    return document


def model_of(version: FrameworkVersion) -> Model:
    """A published version can always be read: it could not have been published otherwise."""
    return schema.framework_of(json.loads(version.document))


def has_changed(judgement: Judged, published: Sequence[FrameworkVersion]) -> bool:
    """Whether the draft says something that no published version says."""
    return judgement.model is None or content_hash(judgement.model) not in {version.hash for version in published}


def id_of(actor: Actor) -> int | None:
    """The person's id; None for the console."""
    return actor.id if isinstance(actor, Person) else None


def existing(db: Session, study: Study, slug: str) -> Framework:
    """The framework of this study, or NotFound."""
    framework = frameworks.by_slug(db, study.id, slug)
    if framework is None:
        raise NotFound
    return framework


def save_draft(
    db: Session,
    actor: Actor,
    study: Study,
    slug: str,
    document: Mapping[str, object],
    *,
    revision: int,
    now: datetime,
) -> Framework:
    """Keep a draft, also with faults in it; `revision` is the one that it was made from, so that nobody overwrites anybody.

    Only a document that cannot be read at all is refused: half-finished work must be savable.
    """
    loaded = schema.load(document)
    text = (
        text_of(loaded.framework)
        if loaded.framework
        else json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    )
    with doing(db, actor, "framework.design", study, now=now) as entry:
        framework = existing(db, study, slug)
        if framework.revision != revision:
            raise DraftMoved
        framework.draft, framework.revision = text, revision + 1
        framework.changed_at, framework.changed_by = now, id_of(actor)
        if loaded.framework:
            framework.title = str(loaded.framework.title)[:200] or slug
        entry.about = f"framework:{framework.id}"
        entry.note(did="save", revision=framework.revision)
        return framework


def replace_draft(
    db: Session,
    actor: Actor,
    study: Study,
    slug: str,
    data: bytes,
    *,
    revision: int,
    words: str = "",
    now: datetime,
) -> Framework:
    """Put an uploaded file of any format in the place of the draft. A slug that it says must be the framework's.

    `words`: what becomes of someone else's words that the document left behind: "kept" those of the draft, "left" ids;
    anything else refuses such a document, since nobody has said so.
    """
    loaded = read_off(data)
    model = must_be_read(loaded)
    if loaded.is_foreign:
        model = replace(model, slug=slug)
    if model.slug != slug:
        raise Invalid(f"The document is of the framework {model.slug}, not of {slug}.")
    held = judged(existing(db, study, slug).draft).model
    if held and (lost := rights.would_be_lost(model, held)):
        if words == "kept":
            model = rights.with_words_of(model, held)
        elif words != "left":
            raise Invalid("The draft stays as it was.", lost)
    return save_draft(db, actor, study, slug, schema.dump(model), revision=revision, now=now)


def publish(
    db: Session, actor: Actor, study: Study, slug: str, *, revision: int, now: datetime
) -> FrameworkVersion:
    """Fix the draft as the next version, for ever. Earlier versions stay open until somebody closes them."""
    with doing(db, actor, "framework.publish", study, now=now) as entry:
        framework = existing(db, study, slug)
        if framework.revision != revision:
            raise DraftMoved
        judgement = judged(framework.draft)
        if judgement.model is None or not judgement.may_be_published:
            raise Invalid("The draft has errors, so it cannot be published.", judgement.findings)
        must_not_free_the_words(db, study, judgement.model)
        fingerprint = content_hash(judgement.model)
        if frameworks.version_by_hash(db, study.id, fingerprint):
            raise NothingChanged
        earlier = frameworks.versions(db, framework.id)
        version = FrameworkVersion(
            study_id=study.id, framework_id=framework.id, number=earlier[0].number + 1 if earlier else 1, hash=fingerprint,
            title=framework.title, document=text_of(judgement.model), state="open", published_at=now, published_by=id_of(actor),
        )  # fmt: skip
        db.add(version)
        db.flush()
        entry.about = f"framework_version:{version.id}"
        entry.note(number=version.number, hash=fingerprint)
        return version


def must_not_free_the_words(db: Session, study: Study, model: Model) -> None:
    """Invalid, when words that a version of this study says belong to someone else would be published as free."""
    if rights.belongs_to_someone_else(model):
        return
    theirs = [
        each for each in frameworks.versions_of_study(db, study.id) if '"user-supplied-only"' in each.document
    ]
    found = [one for each in theirs for one in rights.loosened(each.number, model_of(each), model)]
    if found:
        raise Invalid("Words that belong to someone else would be published as free.", tuple(found))


def set_state(
    db: Session, actor: Actor, study: Study, slug: str, number: int, state: str, *, now: datetime
) -> FrameworkVersion:
    """Open: offered for new sessions. Closing: only still taken from the field. Closed: what comes late is kept aside."""
    if state not in STATES:
        raise Invalid(f"A version is {', '.join(STATES)}.")
    with doing(db, actor, "framework.publish", study, now=now) as entry:
        version = existing_version(db, study, slug, number)
        entry.about = f"framework_version:{version.id}"
        entry.note(before=version.state, after=state)
        version.state = state
        return version


def existing_version(db: Session, study: Study, slug: str, number: int) -> FrameworkVersion:
    """A published version of a framework of this study, or NotFound."""
    version = frameworks.version(db, existing(db, study, slug).id, number)
    if version is None:
        raise NotFound
    return version
