"""A framework on paper and in other tools' formats, and what changed between two versions."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from frameworks import rights, versions
from frameworks.convert import boris, codebook_csv, codebook_xlsx, documents, markdown
from frameworks.model import Framework as Model
from observe.actions import codemaps, frameworks
from observe.core.errors import Invalid, NotFound, ObserveError
from observe.store import codemaps as kept_maps
from observe.store import frameworks as kept
from observe.store import people
from observe.store.frameworks import Framework
from observe.store.studies import Study
from observe.web import clock, current, printing
from observe.web.errors import status_of
from observe.web.guard import needs

pages = Blueprint("codebook", __name__, url_prefix="/studies/<slug>/frameworks/<framework_slug>")

FORMATS: dict[str, tuple[str, Callable[[Model], bytes]]] = {
    "json": ("application/json", lambda model: documents.to_json(model).encode()),
    "yaml": ("application/yaml", lambda model: documents.to_yaml(model).encode()),
    "csv": ("text/csv", lambda model: codebook_csv.to_csv(model).encode("utf-8-sig")),
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", codebook_xlsx.to_xlsx),
    "md": ("text/markdown", lambda model: markdown.to_markdown(model).encode()),
    "boris": ("application/json", lambda model: boris.to_boris(model)[0].encode()),
}


@pages.get("/<which>/codebook")
@needs("framework.see")
def show(study: Study, framework_slug: str, which: str) -> str:
    """The codebook as observers in training read it; prints well. `which` is a version's number, or `draft`."""
    return page(study, framework_slug, which, printed=False)


@pages.get("/<which>/codebook.pdf")
@needs("framework.see")
def as_pdf(study: Study, framework_slug: str, which: str) -> ResponseReturnValue:
    """The same on A4."""
    made, name = page(study, framework_slug, which, printed=True), f"{framework_slug}-{which}-codebook.pdf"
    return printing.as_pdf(study, made, name, back=url_for(".show", framework_slug=framework_slug, which=which))


@pages.get("/<which>/export.<form>")
@needs("framework.see")
def export(study: Study, framework_slug: str, which: str, form: str) -> Response:
    """The framework in one of the formats that other tools read; never with words that belong to someone else."""
    if form not in FORMATS:
        raise NotFound
    kind, written = FORMATS[form]
    return as_file(
        written(rights.shareable(model_of(study, framework_slug, which))), kind, f"{framework_slug}-{which}.{form}"
    )


@pages.get("/changes")
@needs("framework.see")
def changes(study: Study, framework_slug: str) -> ResponseReturnValue:
    """What changed from one version to another, in words, and what that does to sessions recorded before."""
    framework = frameworks.existing(current.database(), study, framework_slug)
    published = kept.versions(current.database(), framework.id)
    numbers = [str(version.number) for version in reversed(published)]
    choices = [*numbers, "draft"]
    usual = compared(numbers, frameworks.has_changed(frameworks.judged(framework.draft), published))
    old, new = request.args.get("old", usual[0]), request.args.get("new", usual[1])
    found = versions.changes(model_of(study, framework_slug, old), model_of(study, framework_slug, new))
    return render_template(
        "frameworks/changes.html", framework=framework, choices=choices, old=old, new=new, changes=found,
        effect=versions.old_sessions_mean_the_same(found).value, can_be_mapped=can_be_mapped(old, new),
        stated=stated(framework, old, new), together=codemaps.together(current.database(), framework) if len(numbers) > 1 else None,
    )  # fmt: skip


def compared(numbers: list[str], draft_has_changed: bool) -> tuple[str, str]:
    """What is compared when nothing was chosen: the newest version and the draft, or the last two when the draft says no more."""
    if numbers and (draft_has_changed or len(numbers) == 1):
        return numbers[-1], "draft"
    return (numbers[-2], numbers[-1]) if numbers else ("draft", "draft")


def can_be_mapped(old: str, new: str) -> bool:
    """Only published versions have sessions, and a map leads forward."""
    return old.isdecimal() and new.isdecimal() and int(old) < int(new)


def stated(framework: Framework, old: str, new: str) -> list[str]:
    """What was said of these two versions, in words."""
    if not can_be_mapped(old, new):
        return []
    db = current.database()
    hashes = {str(version.number): version.hash for version in kept.versions(db, framework.id)}
    found = kept_maps.in_force(db, framework.id).get((hashes.get(old, ""), hashes.get(new, "")))
    return [move.in_words() for move in found.map.moves] if found else []


@pages.get("/changes/<int:old>/<int:new>/map")
@needs("framework.design")
def edit_map(study: Study, framework_slug: str, old: int, new: int) -> ResponseReturnValue:
    """What became of which code: what was stated before, or what is likely, to be put right."""
    return map_page(study, framework_slug, old, new)


@pages.post("/changes/<int:old>/<int:new>/map")
@needs("framework.design")
def state_map(study: Study, framework_slug: str, old: int, new: int) -> ResponseReturnValue:
    """Keep what was ticked: for each old code, the new ones that stand for it."""
    ids = codemaps.defined(model_of(study, framework_slug, str(old)))
    became = {each: request.form.getlist(f"became-{each}") for each in ids}
    reasons = {each: request.form.get(f"reason-{each}", "").strip()[:500] for each in ids}
    moves = codemaps.moves_of(became, reasons)
    try:
        codemaps.state(
            current.database(), current.person(), study, framework_slug, old, new, moves, now=clock.now()
        )
    except ObserveError as error:
        return map_page(study, framework_slug, old, new, error), status_of(type(error))
    flash("The map is kept. Figures over both versions state it.", "good")
    return redirect(url_for(".changes", framework_slug=framework_slug, old=old, new=new), 303)


def map_page(study: Study, framework_slug: str, old: int, new: int, error: ObserveError | None = None) -> str:
    db = current.database()
    framework = frameworks.existing(db, study, framework_slug)
    before, after = (frameworks.existing_version(db, study, framework_slug, number) for number in (old, new))
    older, newer = frameworks.model_of(before), frameworks.model_of(after)
    found = kept_maps.in_force(db, framework.id).get((before.hash, after.hash))
    return render_template(
        "frameworks/map.html", framework=framework, old=old, new=new, rows=codemaps.rows(older, newer, found), stated=found,
        came=sorted(codemaps.defined(newer).items(), key=lambda each: each[0] in codemaps.defined(older)), error=error,
        names=people.names(db, {found.by} if found and found.by else set()),
    )  # fmt: skip


@pages.get("/notes")
@needs("framework.design")
def notes(study: Study, framework_slug: str) -> ResponseReturnValue:
    """What observers noted because the framework had no place for it, each with the way to a code of it."""
    return notes_page(study, framework_slug)


@pages.post("/notes/<event>")
@needs("framework.design")
def code_of_note(study: Study, framework_slug: str, event: str) -> ResponseReturnValue:
    """A code of the draft, out of one note."""
    given = {name: request.form.get(name, "")[:200] for name in ("stream", "id", "label")}
    try:
        codemaps.code_of_note(
            current.database(), current.person(), study, framework_slug, event, **given, now=clock.now()
        )
    except NotFound:
        raise
    except ObserveError as error:
        return notes_page(study, framework_slug, error, event), status_of(type(error))
    flash(f"The draft has a code {given['id'].strip()}. Give it a definition and a non-example.", "good")
    return redirect(url_for(".notes", framework_slug=framework_slug), 303)


def notes_page(study: Study, framework_slug: str, error: ObserveError | None = None, event: str = "") -> str:
    db = current.database()
    framework = frameworks.existing(db, study, framework_slug)
    found = codemaps.outside_notes(db, study, framework, now=clock.now())
    return render_template(
        "frameworks/notes.html", framework=framework, notes=found, error=error, event=event, given=request.form,
        streams=frameworks.document_of(framework.draft).get("streams", []),
        names=people.names(db, {each.observer for each in found}),
    )  # fmt: skip


def model_of(study: Study, framework_slug: str, which: str) -> Model:
    """A version by its number, or the draft; NotFound for anything else, Invalid for a draft that cannot be read yet."""
    db = current.database()
    if which == "draft":
        judged = frameworks.judged(frameworks.existing(db, study, framework_slug).draft)
        if judged.model is None:
            raise Invalid("The draft cannot be read as a framework yet.", judged.findings)
        return judged.model
    if not which.isdecimal() or len(which) > 9:
        raise NotFound
    return frameworks.model_of(frameworks.existing_version(db, study, framework_slug, int(which)))


def page(study: Study, framework_slug: str, which: str, *, printed: bool) -> str:
    model = model_of(study, framework_slug, which)
    shown = rights.shareable(model) if printed else model
    return render_template(
        "documents/codebook.html", model=shown, which=which, framework_slug=framework_slug, printed=printed,
        hash=versions.content_hash(model), labels={code.id: code.label for _, code in model.codes()} | {rating.id: rating.label for _, rating in model.ratings()},
    )  # fmt: skip


def as_file(data: bytes, kind: str, name: str) -> Response:
    return Response(data, mimetype=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})
