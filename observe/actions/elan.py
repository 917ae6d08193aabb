"""Taking in ELAN documents: each annotator becomes an observer, and all who annotated one recording saw one happening."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from frameworks import rights
from frameworks.convert import elan, elan_observations, elan_scheme
from frameworks.convert.elan import ElanDocument
from frameworks.convert.elan_observations import ElanLog
from frameworks.convert.elan_scheme import Proposal
from frameworks.convert.names import slug_from
from frameworks.findings import Finding, Severity
from frameworks.schema import dump
from frameworks.versions import content_hash
from observe.actions import codings
from observe.actions import frameworks as designing
from observe.actions.doing import Actor, doing
from observe.actions.imports import TakenIn, WordsWithheld, adopt_version
from observe.core.errors import Invalid
from observe.core.foreign import Draft, fixed_id
from observe.store import frameworks, records, studies
from observe.store import sessions as kept
from observe.store.studies import Study

LABEL = "ELAN"


@dataclass(frozen=True, slots=True)
class Coding:
    """One annotator's session."""

    draft: Draft
    subjects: Mapping[str, str]
    purpose: str


def take(
    db: Session,
    actor: Actor,
    study: Study,
    files: Sequence[tuple[str, bytes]],
    *,
    framework: str = "",
    annotator: str = "",
    now: datetime,
) -> tuple[TakenIn, tuple[Finding, ...]]:
    """All documents or none. Their framework is the study's of that short name, and is published where there is none.

    `annotator` is who coded where no tier says. Taken in twice, the second time finds everything there already.
    """
    if framework and slug_from(framework, "") != framework:
        raise Invalid(
            f"“{framework[:60]}” is no short name: lower-case words, joined by “-”. Nothing was taken in."
        )
    documents, findings = opened(files)
    must_hold(findings)
    own = [one for one in documents if elan_scheme.own_framework(one) is not None]
    foreign = [one for one in documents if elan_scheme.own_framework(one) is None]
    groups = [some for some in (*by_framework(own), foreign) if some]
    proposals = [(some, elan_scheme.proposal_of(some, framework or elan_scheme.title_of(some))) for some in groups]
    findings += [found for _, proposal in proposals for found in proposal.findings]
    must_hold(findings)
    if not documents:
        raise Invalid("No document was given.")
    id_of = ids_in(db, study.id)
    made: list[tuple[Proposal, ElanDocument, list[Coding]]] = []
    for some, proposal in proposals:
        logs: list[ElanLog] = []
        for document in some:
            if is_here(db, study.id, document, proposal):
                findings.append(elan_observations.HERE_ALREADY.at("", name=document.name[:80]))
                continue
            found, told = elan_observations.logs_of(document, proposal, id_of, annotator=annotator)
            logs += found
            findings += told
        made += [(proposal, some[0], codings_of(study.id, logs))] if logs else []
    must_hold(findings)
    slugs = [framework or proposal.framework.slug for proposal, _, _ in made if proposal.framework]
    for (proposal, document, _), slug in zip(made, slugs, strict=True):
        must_fit(db, study, proposal, document, slug)
    done = TakenIn(0, 0, 0, {})
    for (proposal, document, given), slug in zip(made, slugs, strict=True):
        mark = published(db, actor, study, proposal, document, slug, now=now)
        done = added(done, codings.take(db, actor, study, given, framework=mark, label=LABEL, now=now))
    return done, tuple(findings)


def opened(files: Sequence[tuple[str, bytes]]) -> tuple[list[ElanDocument], list[Finding]]:
    """The documents of files, each under a name of its own, with everything that is to be said about them."""
    documents: list[ElanDocument] = []
    findings: list[Finding] = []
    for name, data in files:
        found = elan.read_document(name, data)
        several = len(files) > 1
        findings += [
            replace(one, sentence=f"{name}: {one.sentence}") if several else one for one in found.findings
        ]
        if found.document:
            documents.append(found.document)
    names = [document.name for document in documents]
    return [
        replace(document, name=f"{document.name} {place}") if names.count(document.name) > 1 else document
        for place, document in enumerate(documents, start=1)
    ], findings


def must_hold(findings: Sequence[Finding]) -> None:
    """Nothing is taken in by halves."""
    if wrong := [one for one in findings if one.severity is Severity.ERROR]:
        raise Invalid(f"Nothing was taken in. {wrong[0].sentence}", tuple(findings))


def by_framework(documents: Sequence[ElanDocument]) -> list[list[ElanDocument]]:
    """Documents of our own by the framework that they carry."""
    found: dict[str, list[ElanDocument]] = defaultdict(list)
    for document in documents:
        found[document.properties[elan_scheme.OWN_FRAMEWORK]].append(document)
    return list(found.values())


def ids_in(db: Session, study_id: int) -> Callable[[str], str]:
    """A subject's id: that of whoever has the pseudonym in the study, or one that is the same each time."""
    known = {one.pseudonym: one.id for one in studies.subjects(db, study_id, erased=True)}
    return lambda name: known.get(name[:60]) or fixed_id("elan", study_id, name[:60])


def is_here(db: Session, study_id: int, document: ElanDocument, proposal: Proposal) -> bool:
    """Whether a document of our own is of a session of this very study."""
    session = document.properties.get("session", "")
    return proposal.own and kept.exists(db, session) and records.session(db, study_id, session) is not None


def codings_of(study_id: int, logs: Sequence[ElanLog]) -> list[Coding]:
    """Sessions; those of one recording are one happening, and begin where the earliest of them was saved."""
    begun: dict[str, int] = {}
    coders: dict[str, set[str]] = defaultdict(set)
    for log in logs:
        seen = log.media or log.name.rpartition("/")[0]
        begun[seen] = min(begun.get(seen, log.started), log.started)
        coders[seen].add(log.annotator)
    found = []
    for log in logs:
        seen = log.media or log.name.rpartition("/")[0]
        happening = log.happening or fixed_id("elan", study_id, seen)
        several = len(coders[seen]) > 1 and not log.happening
        draft = Draft(
            log.name, log.started if log.is_ours else begun[seen] + log.origin_ms, log.events, log.variables,
            happening=None if log.is_ours and not log.happening else happening, observer=log.annotator, zone=log.zone,
            offset=log.offset, consent=log.consent,
        )  # fmt: skip
        found.append(Coding(draft, log.subjects, "reliability" if several else log.purpose or "field"))
    return found


def own_version(db: Session, study_id: int, proposal: Proposal, document: ElanDocument) -> str | None:
    """The hash of the study's version with which a document of our own was recorded, if the study has it."""
    assert proposal.framework is not None
    for mark in (document.properties.get("framework", ""), content_hash(proposal.framework)):
        version = frameworks.version_by_hash(db, study_id, mark)
        if version is not None and not any(
            elan_scheme.missing_from(designing.model_of(version), proposal.framework)
        ):
            return mark
    return None


def must_fit(db: Session, study: Study, proposal: Proposal, document: ElanDocument, slug: str) -> None:
    """Refuses a proposal some of which the study's framework of that name lacks."""
    if proposal.framework is None:
        return
    if proposal.own:
        if (
            rights.belongs_to_someone_else(proposal.framework)
            and own_version(db, study.id, proposal, document) is None
        ):
            raise WordsWithheld(str(proposal.framework.title))
        return
    owner = frameworks.by_slug(db, study.id, slug)
    if owner is None:
        return
    versions = frameworks.versions(db, owner.id)
    if not versions:
        raise Invalid(f"The framework {slug} has not been published. Nothing was taken in.")
    missing = list(elan_scheme.missing_from(designing.model_of(versions[0]), proposal.framework))
    if missing:
        more = f" and {len(missing) - 5} more" if len(missing) > 5 else ""
        raise Invalid(
            f"Version {versions[0].number} of the framework {slug} lacks {', '.join(missing[:5])}{more}. Nothing was taken in: "
            "publish a version that has them, or name another framework."
        )


def published(
    db: Session,
    actor: Actor,
    study: Study,
    proposal: Proposal,
    document: ElanDocument,
    slug: str,
    *,
    now: datetime,
) -> str:
    """The hash of the version that the sessions are recorded with."""
    model = proposal.framework
    assert model is not None
    if not proposal.own:
        return codings.published(db, actor, study, dump(replace(model, slug=slug)), now=now)
    study_id = study.id
    if found := own_version(db, study_id, proposal, document):
        return found
    mark, number = content_hash(model), elan_observations.whole(document.properties.get("version")) or 1
    with doing(db, actor, "framework.publish", study_id, about=f"study:{study_id}", now=now) as entry:
        adopt_version(db, study_id, model.slug, max(1, number), mark, designing.text_of(model), now=now)
        entry.note(did="import", hash=mark)
    return mark


def added(one: TakenIn, other: TakenIn) -> TakenIn:
    reasons = {*one.aside, *other.aside}
    return TakenIn(
        one.sessions + other.sessions, one.stored + other.stored, one.had + other.had,
        {why: one.aside.get(why, 0) + other.aside.get(why, 0) for why in reasons},
    )  # fmt: skip
