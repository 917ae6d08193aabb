"""Frameworks: begin one, design it, look at it as observers will, publish it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from flask import Blueprint, Response, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms.fields.choices import SelectChoice

from frameworks import library, rights
from frameworks.convert import documents
from frameworks.convert.names import slug_from
from frameworks.model import Framework as Model
from observe.actions import frameworks
from observe.core.errors import DraftMoved, Invalid, Malformed, NotFound, ObserveError
from observe.store import frameworks as kept
from observe.store import people
from observe.store.frameworks import Framework
from observe.store.studies import Study
from observe.web import clock, current
from observe.web.errors import status_of
from observe.web.forms.frameworks import BeginForm, CopyForm, PublishForm, ReplaceForm, StateForm, UploadForm
from observe.web.guard import needs

MOST_REMARKS = 5

pages = Blueprint("frameworks", __name__, url_prefix="/studies/<slug>/frameworks")


@pages.get("/")
@needs("framework.see")
def index(study: Study) -> str:
    db = current.database()
    listed = [(framework, kept.versions(db, framework.id)) for framework in kept.of_study(db, study.id)]
    purposes = {each.id: purpose_of(each) for each, _ in listed}
    return render_template("frameworks/index.html", frameworks=listed, purposes=purposes)


def purpose_of(framework: Framework) -> str:
    """The question of a draft, as far as it can be read, in the first language that has words."""
    purpose = frameworks.document_of(framework.draft).get("purpose", "")
    if isinstance(purpose, dict):
        purpose = next((words for words in purpose.values() if isinstance(words, str)), "")
    return purpose if isinstance(purpose, str) else ""


@pages.get("/new")
@needs("framework.design")
def new(study: Study) -> str:
    return new_page(study, UploadForm(), BeginForm())


def new_page(
    study: Study,
    upload: UploadForm,
    begin: BeginForm,
    findings: tuple[object, ...] = (),
    copy: CopyForm | None = None,
) -> str:
    """The library, an upload, or an empty one. Those of the library that the study has already are not offered."""
    there = {framework.slug for framework in kept.of_study(current.database(), study.id)}
    ready = [
        (model, in_brief(model))
        for slug in library.slugs()
        if slug not in there and (model := frameworks.ready_made(slug))
    ]
    return render_template(
        "frameworks/new.html", ready=ready, upload=upload, begin=begin, findings=findings,
        copy=copy or (copy_form(study, formdata=None) if there else None),
    )  # fmt: skip


def in_brief(model: Model) -> list[str]:
    """How large a framework is and how it samples, for somebody who chooses one."""
    counts = [
        (sum(1 for _ in model.codes()), "code"),
        (sum(1 for _ in model.ratings()), "rating"),
        (len(model.constructs), "construct"),
    ]
    sizes = [f"{count} {word}{'s' if count > 1 else ''}" for count, word in counts if count]
    regimes = dict.fromkeys(stream.sampling.kind.value.replace("-", " ") for stream in model.streams)
    return [*sizes, *regimes]


@pages.post("/new/empty")
@needs("framework.design")
def begin(study: Study) -> ResponseReturnValue:
    form = BeginForm()
    if not form.validate_on_submit():
        return new_page(study, UploadForm(formdata=None), form)
    try:
        made = frameworks.begin_empty(
            current.database(),
            current.person(),
            study,
            form.slug.data or slug_from(form.title.data, "framework")[:60].strip("-"),
            form.title.data,
            form.purpose.data or "",
            now=clock.now(),
        )
    except ObserveError as error:
        form.refuse(error, "slug")
        return new_page(study, UploadForm(formdata=None), form), status_of(type(error))
    return redirect(url_for(".design", framework_slug=made.slug), 303)


@pages.post("/new/copy")
@needs("framework.design")
def begin_copy(study: Study) -> ResponseReturnValue:
    """A draft that begins as another framework of the study, to become something else."""
    db = current.database()
    form = copy_form(study)
    if not form.validate_on_submit():
        return new_page(study, UploadForm(formdata=None), BeginForm(formdata=None), copy=form)
    try:
        of = frameworks.existing(db, study, form.of.data)
        made = frameworks.begin_copy(db, current.person(), study, of, form.slug.data, now=clock.now())
    except ObserveError as error:
        form.refuse(error, "slug")
        page = new_page(study, UploadForm(formdata=None), BeginForm(formdata=None), copy=form)
        return page, status_of(type(error))
    return redirect(url_for(".design", framework_slug=made.slug), 303)


def copy_form(study: Study, **given: Any) -> CopyForm:
    form = CopyForm(**given)
    form.of.choices = [SelectChoice(each.slug, each.title) for each in kept.of_study(current.database(), study.id)]
    return form


@pages.post("/new/library/<ready_made>")
@needs("framework.design")
def begin_ready_made(study: Study, ready_made: str) -> ResponseReturnValue:
    made = frameworks.begin_ready_made(current.database(), current.person(), study, ready_made, now=clock.now())
    return redirect(url_for(".show", framework_slug=made.slug), 303)


@pages.get("/library/<ready_made>")
@needs("framework.see")
def look_at_ready_made(study: Study, ready_made: str) -> str:
    """A ready-made framework before anything is made of it."""
    if ready_made not in library.slugs():
        raise NotFound
    model = frameworks.ready_made(ready_made)
    return render_template("frameworks/ready_made.html", model=model)


@pages.post("/new/file")
@needs("framework.design")
def upload(study: Study) -> ResponseReturnValue:
    form = UploadForm()
    if not form.validate_on_submit():
        return new_page(study, form, BeginForm(formdata=None))
    try:
        begun = frameworks.begin_from_file(
            current.database(), current.person(), study, form.document.data.read(),
            name=Path(form.document.data.filename or "").stem, now=clock.now(),
        )  # fmt: skip
    except ObserveError as error:
        form.refuse(error, "document")
        findings = error.findings if isinstance(error, Invalid) else ()
        return new_page(study, form, BeginForm(formdata=None), findings), status_of(type(error))
    for found in begun.remarks[:MOST_REMARKS]:
        flash(f"{found.sentence} {found.remedy}", "caution")
    if len(begun.remarks) > MOST_REMARKS:
        flash(f"{len(begun.remarks) - MOST_REMARKS} more remarks of this kind.", "caution")
    return redirect(url_for(".show", framework_slug=begun.framework.slug), 303)


@pages.get("/<framework_slug>")
@needs("framework.see")
def show(study: Study, framework_slug: str) -> str:
    """The draft as it stands, everything that is to be said about it, and the versions published so far."""
    db = current.database()
    framework = frameworks.existing(db, study, framework_slug)
    versions = kept.versions(db, framework.id)
    judged = frameworks.judged(framework.draft)
    return render_template(
        "frameworks/show.html", framework=framework, judged=judged, versions=versions,
        changed=frameworks.has_changed(judged, versions), publish=PublishForm(revision=framework.revision), replace=ReplaceForm(revision=framework.revision),
        names=people.names(db, {version.published_by for version in versions if version.published_by}),
    )  # fmt: skip


@pages.post("/<framework_slug>/replace")
@needs("framework.design")
def replace(study: Study, framework_slug: str) -> ResponseReturnValue:
    """An uploaded document in the place of the draft that was looked at."""
    form = ReplaceForm()
    if not form.validate_on_submit():
        flash("Choose a document, codebook, BORIS project or ELAN document of up to 2 MB.", "alarm")
        return redirect(url_for(".show", framework_slug=framework_slug), 303)
    try:
        frameworks.replace_draft(
            current.database(), current.person(), study, framework_slug, form.document.data.read(),
            revision=form.revision.data, words=form.words.data or "", now=clock.now(),
        )  # fmt: skip
        flash("The draft is what the document says.", "good")
    except (Invalid, DraftMoved) as error:
        flash(f"{error} {in_words(error)} {error.remedy}", "alarm")
    return redirect(url_for(".show", framework_slug=framework_slug), 303)


def in_words(error: ObserveError) -> str:
    """The first findings that an action was refused for, as sentences."""
    return " ".join(str(getattr(found, "sentence", "")) for found in getattr(error, "findings", ())[:5])


@pages.get("/<framework_slug>/design")
@needs("framework.design")
def design(study: Study, framework_slug: str) -> str:
    """The designer, which saves by itself through the two addresses below."""
    return render_template(
        "frameworks/design.html", framework=frameworks.existing(current.database(), study, framework_slug)
    )


def draft_answer(framework: Framework) -> dict[str, Any]:
    """What the designer is told of a draft."""
    by = people.names(current.database(), {framework.changed_by} if framework.changed_by else set())
    return {
        "document": frameworks.document_of(framework.draft),
        "revision": framework.revision,
        "changed_by": by.get(framework.changed_by or 0, ""),
        "findings": [found.as_json() for found in frameworks.judged(framework.draft).findings],
    }


@pages.get("/<framework_slug>/draft")
@needs("framework.design")
def draft(study: Study, framework_slug: str) -> ResponseReturnValue:
    return jsonify(draft_answer(frameworks.existing(current.database(), study, framework_slug)))


@pages.put("/<framework_slug>/draft")
@needs("framework.design")
def save(study: Study, framework_slug: str) -> ResponseReturnValue:
    """Keep the draft; one that somebody else saved meanwhile comes back with 409, and nothing is overwritten."""
    sent = request.get_json()
    if (
        not isinstance(sent, dict)
        or not isinstance(sent.get("document"), dict)
        or type(sent.get("revision")) is not int
    ):
        raise Malformed
    try:
        saved = frameworks.save_draft(
            current.database(),
            current.person(),
            study,
            framework_slug,
            sent["document"],
            revision=sent["revision"],
            now=clock.now(),
        )
    except DraftMoved:
        newer = frameworks.existing(current.database(), study, framework_slug)
        return jsonify(draft_answer(newer)), 409
    return jsonify(draft_answer(saved))


@pages.post("/<framework_slug>/publish")
@needs("framework.publish")
def publish(study: Study, framework_slug: str) -> ResponseReturnValue:
    """Fix the draft as the next version, for ever."""
    form = PublishForm()
    if not form.validate_on_submit():
        raise Malformed
    try:
        version = frameworks.publish(
            current.database(),
            current.person(),
            study,
            framework_slug,
            revision=form.revision.data,
            now=clock.now(),
        )
        flash(
            f"Version {version.number} is published. It never changes; tablets get it when they are next online.",
            "good",
        )
    except ObserveError as error:
        flash(f"{error} {in_words(error)} {error.remedy}", "alarm")
    return redirect(url_for(".show", framework_slug=framework_slug), 303)


@pages.get("/<framework_slug>/versions/<int:number>")
@needs("framework.see")
def version(study: Study, framework_slug: str, number: int) -> str:
    found = frameworks.existing_version(current.database(), study, framework_slug, number)
    return render_template(
        "frameworks/version.html", version=found, framework_slug=framework_slug, model=frameworks.model_of(found),
        state=StateForm(state=found.state),
    )  # fmt: skip


@pages.post("/<framework_slug>/versions/<int:number>/state")
@needs("framework.publish")
def set_state(study: Study, framework_slug: str, number: int) -> ResponseReturnValue:
    form = StateForm()
    if not form.validate_on_submit():
        raise Malformed
    frameworks.set_state(
        current.database(), current.person(), study, framework_slug, number, form.state.data, now=clock.now()
    )
    flash("Saved.", "good")
    return redirect(url_for(".version", framework_slug=framework_slug, number=number), 303)


@pages.get("/<framework_slug>/versions/<int:number>/document.<any(json, yaml):form>")
@needs("framework.see")
def document(study: Study, framework_slug: str, number: int, form: str) -> Response:
    """The document of a published version, as a file."""
    model = frameworks.model_of(frameworks.existing_version(current.database(), study, framework_slug, number))
    return as_file(model, f"{framework_slug}-{number}", form)


@pages.get("/<framework_slug>/draft.<any(json, yaml):form>")
@needs("framework.design")
def draft_document(study: Study, framework_slug: str, form: str) -> Response:
    judged = frameworks.judged(frameworks.existing(current.database(), study, framework_slug).draft)
    if judged.model is None:
        raise Invalid("The draft cannot be read as a framework yet.", judged.findings)
    return as_file(judged.model, f"{framework_slug}-draft", form)


def as_file(model: Model, name: str, form: str) -> Response:
    model = rights.shareable(model)
    words = documents.to_json(model) if form == "json" else documents.to_yaml(model)
    return Response(
        words,
        mimetype="application/json" if form == "json" else "application/yaml",
        headers={"Content-Disposition": f"attachment; filename={name}.{form}"},
    )
