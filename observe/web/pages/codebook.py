"""A framework on paper and in other tools' formats, and what changed between two versions."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue

from frameworks import versions
from frameworks.convert import boris, codebook_csv, codebook_xlsx, documents, markdown
from frameworks.model import Framework as Model
from observe.actions import frameworks
from observe.core.errors import Invalid, NotFound
from observe.documents.pdf import pdf_of
from observe.store import frameworks as kept
from observe.store.studies import Study
from observe.web import current
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
def as_pdf(study: Study, framework_slug: str, which: str) -> Response:
    """The same on A4."""
    made = pdf_of(page(study, framework_slug, which, printed=True))
    return as_file(made, "application/pdf", f"{framework_slug}-{which}-codebook.pdf")


@pages.get("/<which>/export.<form>")
@needs("framework.see")
def export(study: Study, framework_slug: str, which: str, form: str) -> Response:
    """The framework in one of the formats that other tools read."""
    if form not in FORMATS:
        raise NotFound
    kind, written = FORMATS[form]
    return as_file(written(model_of(study, framework_slug, which)), kind, f"{framework_slug}-{which}.{form}")


@pages.get("/changes")
@needs("framework.see")
def changes(study: Study, framework_slug: str) -> ResponseReturnValue:
    """What changed from one version to another, in words, and what that does to sessions recorded before."""
    framework = frameworks.existing(current.database(), study, framework_slug)
    published = kept.versions(current.database(), framework.id)
    numbers = [str(version.number) for version in reversed(published)]
    choices = [*numbers, "draft"]
    new = request.args.get("new", choices[-1])
    old = request.args.get("old", numbers[-1] if numbers else "draft")
    found = versions.changes(model_of(study, framework_slug, old), model_of(study, framework_slug, new))
    return render_template(
        "frameworks/changes.html", framework=framework, choices=choices, old=old, new=new, changes=found,
        effect=versions.old_sessions_mean_the_same(found).value,
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
    return render_template(
        "documents/codebook.html", model=model, which=which, framework_slug=framework_slug, printed=printed,
        hash=versions.content_hash(model), labels={code.id: code.label for _, code in model.codes()} | {rating.id: rating.label for _, rating in model.ratings()},
    )  # fmt: skip


def as_file(data: bytes, kind: str, name: str) -> Response:
    return Response(data, mimetype=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})
