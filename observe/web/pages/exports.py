"""Taking data out of a study: one table as CSV, or everything with its codebook in one file."""

from __future__ import annotations

from collections.abc import Iterator

from flask import Blueprint, Response, render_template, request, stream_with_context
from werkzeug.http import dump_options_header

from observe.actions import exports, inferred
from observe.actions import records as coding
from observe.actions import scope as scopes
from observe.actions.exports import NotTogether, Taking
from observe.core.errors import NotFound
from observe.core.tidy import SUBJECTS, TABLES
from observe.core.tidy_patterns import ROWS
from observe.core.tidy_patterns import TABLES as INFERRED
from observe.documents import codebook, package, reading
from observe.documents.formats import FORMATS, format_of
from observe.documents.tables import csv_pieces
from observe.store import frameworks, records
from observe.store.records import Wanted
from observe.store.studies import Study
from observe.web import clock, current
from observe.web.guard import needs
from observe.web.pages.sessions import choices, wanted

pages = Blueprint("exports", __name__, url_prefix="/studies/<slug>/exports")


@pages.get("/")
@needs("export.take")
def index(study: Study) -> str:
    offered, given = choices(study.id), request.args.to_dict()
    if several():
        given["framework"] = scopes.of_versions(current.database(), study.id, given["framework"]).asked
    return render_template(
        "exports/index.html", tables=(*TABLES, *INFERRED), given=given,
        choices={**offered, "framework": [*together(study.id), *offered["framework"]]}, columns={"subjects": SUBJECTS},
        formats=FORMATS, read=sentences(study.id),
    )  # fmt: skip


def together(study_id: int) -> list[tuple[str, str]]:
    """All versions of a framework that sessions were recorded with, where there are several."""
    db = current.database()
    used = scopes.used_in(records.of_study(db, study_id))
    return [(one.asked, one.words) for one in scopes.choices(db, study_id, used) if len(one.numbers) > 1]


def several() -> bool:
    """Whether the filter asks for several versions read as one."""
    return scopes.asks_several(request.args.get("framework", ""))


def sentences(study_id: int) -> list[str]:
    """How the versions in the filter are read as one."""
    if not several():
        return []
    read = scopes.of_versions(current.database(), study_id, request.args["framework"]).as_json()
    return reading.sentences(read) if read else []


def named(slug: str) -> str:
    """What a file is called: one of several versions says so."""
    asked = request.args.get("framework", "")
    return f"{slug}-{asked.replace('@', '-').replace(',', '-')}" if several() else slug


def take(study: Study, what: str, *, events: bool, budget: bool, lean: bool = False) -> Taking:
    """Sessions by the filters in the address, with an entry in the trail."""
    chosen: Wanted = wanted()
    practice = chosen.purpose == "practice"
    return exports.take(
        current.database(), current.person(), study, chosen, what=what, events=events, budget=budget, practice=practice,
        lean=lean, now=clock.now(),
    )  # fmt: skip


def attachment(pieces: Iterator[bytes], name: str, kind: str) -> Response:
    """A download that is sent while it is made."""
    response = Response(stream_with_context(pieces), mimetype=kind)
    response.headers["Content-Disposition"] = dump_options_header("attachment", {"filename": name})
    return response


@pages.get("/<table_name>.csv")
@needs("export.take")
def table(study: Study, table_name: str) -> Response:
    """One table, streamed: memory does not grow with the study."""
    name = f"{named(study.slug)}-{table_name}.csv"
    if table_name == "map" and several():
        taking = take(study, "map", events=False, budget=False)
        return attachment(
            csv_pieces(reading.COLUMNS, reading.rows(taking.together or {"rows": []})), name, "text/csv"
        )
    if table_name == "subjects":
        taking = take(study, "subjects", events=False, budget=False)
        return attachment(csv_pieces(SUBJECTS, (one.cells() for one in taking.subjects)), name, "text/csv")
    if table_name == "codebook":
        taking = take(study, "codebook", events=False, budget=False)
        return attachment(csv_pieces(codebook.COLUMNS, codebook.rows(taking.versions)), name, "text/csv")
    if flat := next((one for one in INFERRED if one.name == table_name), None):
        found_out = inferred.take(current.database(), current.person(), study, what=table_name, now=clock.now())
        rows = (row for one in found_out for row in ROWS[table_name](one))
        return attachment(csv_pieces(flat.columns, rows), name, "text/csv")
    found = next((one for one in TABLES if one.name == table_name), None)
    if found is None:
        raise NotFound
    taking = take(
        study, table_name, events=table_name == "events", budget=table_name == "budget", lean=table_name == "bouts"
    )
    return attachment(package.one_table(found, taking.sources), name, "text/csv")


@pages.get("/codebook.md")
@needs("export.take")
def codebook_words(study: Study) -> Response:
    """The codebook to read, of every version that is published; or of several as they are read together."""
    if several():
        taking = take(study, "codebook", events=False, budget=False)
        words = codebook.markdown(taking.title, taking.versions, taking.together)
        return attachment(iter([words.encode()]), f"{named(taking.slug)}-codebook.md", "text/markdown")
    db, study_id, slug, title = current.database(), study.id, study.slug, study.title
    marks = [one.hash for one in frameworks.versions_of_study(db, study_id)]
    words = codebook.markdown(title, [(mark, coding.framework(db, study_id, mark)) for mark in marks])
    return attachment(iter([words.encode()]), f"{slug}-codebook.md", "text/markdown")


def everything(
    study: Study, what: str, *, events: bool, budget: bool
) -> tuple[package.Study, Taking, package.Provenance]:
    """The study as a whole, with patterns, and where it comes from."""
    found_out = inferred.take(current.database(), current.person(), study, what=what, now=clock.now())
    tables = [(flat, [row for one in found_out for row in ROWS[flat.name](one)]) for flat in INFERRED]
    taking = take(study, what, events=events, budget=budget)
    whole = package.Study(
        taking.slug, taking.title, taking.question, taking.subjects, taking.versions, taking.documents, tables
    )
    provenance = package.Provenance(
        exports.software(),
        coding.SOFTWARE,
        clock.now(),
        taking.by,
        taking.filters,
        taking.withheld,
        taking.together,
    )
    return whole, taking, provenance


@pages.get("/dataset.zip")
@needs("export.take")
def dataset(study: Study) -> Response:
    """Everything: all tables, codebook, frameworks, data package, provenance."""
    whole, taking, provenance = everything(study, "dataset", events=True, budget=True)
    return attachment(
        package.zip_pieces(whole, taking.sources, provenance), f"{named(taking.slug)}.zip", "application/zip"
    )


@pages.get("/as/<format_name>")
@needs("export.take")
def as_format(study: Study, format_name: str) -> Response:
    """The study for another program: a workbook, or what SPSS, BORIS, GSEQ or ELAN reads."""
    try:
        form = format_of(format_name)
    except KeyError:
        raise NotFound from None
    if several() and not form.joint:
        raise NotTogether(form.label)
    whole, taking, provenance = everything(study, form.name, events=form.log, budget=form.figures)
    return attachment(
        form.write(whole, taking.sources, provenance), f"{named(taking.slug)}.{form.ending}", form.kind
    )
