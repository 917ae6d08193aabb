"""How far observers recorded the same: over a study, in one happening, what they settled, and who is certified."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from frameworks.model import Framework, Stream
from observe.actions import adjudication, agreement
from observe.actions import records as coding
from observe.actions.adjudication import Settling
from observe.actions.agreement import Changes
from observe.core.agreement.matching import NO_CODE, Watched, subjects_in
from observe.core.agreement.reading import UNITS, reading, verdict
from observe.core.agreement.summary import Report
from observe.core.errors import Invalid, Malformed, NotFound
from observe.documents import charts
from observe.documents.charts import Cell, Chart, Estimate, Stretch
from observe.documents.pdf import pdf_of
from observe.store import consensus as kept
from observe.store import people, records, studies
from observe.store.records import SessionRow
from observe.store.studies import Study
from observe.web import clock, current, printing, questions
from observe.web.guard import can, needs
from observe.web.pages.analysis import clock_words
from observe.web.pages.sessions import from_ms
from observe.web.questions import Answered, Kind, Question

pages = Blueprint("agreement", __name__, url_prefix="/studies/<slug>/agreement")

HOME = "agreement.index"
MOST_SHOWN = 300
TO_SETTLE = 30
"""differences in one sitting: on a phone each is a card, and the next follow when these are kept"""
AROUND_MS = 60_000
"""how much is drawn before and after a moment"""


def changes() -> Changes:
    """What the address asks for instead of the framework's plan; the matrix comes as one field a cell."""
    given = request.args
    weights = given.get("weights", "")
    if weights == "matrix":
        size = given.get("size", 0, type=int)
        weights = ";".join(
            " ".join(given.get(f"w{row}.{column}", "0") for column in range(size)) for row in range(min(size, 60))
        )
    tolerance = given.get("tolerance", type=float)
    return Changes(
        unit=given.get("unit", "") if given.get("unit") in UNITS else "", weights=weights, stream=given.get("stream", ""),
        tolerance_ms=round(min(max(tolerance, 0), 600) * 1000) if tolerance is not None else None,
    )  # fmt: skip


def more_of(asked: Question) -> dict[str, Any]:
    """The changes as they stand in a job."""
    given = changes()
    together = request.args.get("together", "")
    found = {
        name: getattr(given, name)
        for name in Changes.__dataclass_fields__
        if getattr(given, name) not in ("", None)
    }
    found.pop("stream", None) if not found.get("weights") else None
    return found | ({"together": together} if together in {"all", "pairs"} else {})


@pages.get("/")
@needs("analysis.see")
def index(study: Study) -> ResponseReturnValue:
    """Every stream of a framework version over all happenings that several observers saw."""
    return KIND.shown(study)


@pages.get("/agreement.pdf")
@needs("analysis.see")
def as_pdf(study: Study) -> ResponseReturnValue:
    return KIND.printed(study)


@pages.get("/checks.csv")
@needs("analysis.see")
def table(study: Study) -> ResponseReturnValue:
    """Each check of each stream in a row."""
    return KIND.table(study, "agreement", lambda found: list(flat(found.result)))


def flat(result: Any) -> Any:
    for stream in result["streams"]:
        for one in stream["checks"]:
            yield {
                "stream": stream["stream"], "sessions": " ".join(one["sessions"]), "observers": ", ".join(one["observers"]),
                "at": clock_words(one["at"]), "units": one["units"], "disagreements": one["apart"],
                **{name: one[name]["value"] for name in ("percent", "kappa", "alpha", "ac1", "fleiss")},
            }  # fmt: skip


def page(found: Answered, printed: bool) -> str:
    asked, result = found.asked, found.result
    streams = (
        [{**one, "verdict": verdict(msgspec.convert(one["report"], Report).answer)} for one in result["streams"]]
        if result
        else []
    )
    shown = [one for one in streams if printed or one["stream"] == request.args.get("stream")] or streams[:1]
    return render_template(
        "agreement/index.html", asked=asked, result=result, printed=printed, worked_out=found.worked_out, args=found.args,
        person=current.person(), streams=streams, shown=[view_of(one, asked) for one in shown], labels=names(asked.labels),
        settings=dict(asked.choices["setting"]), changes=changes(), base="documents/bare.html" if printed else "layout.html",
        certificates=certificates(), several=bool(found.rows),
    )  # fmt: skip


def compared(study: Study, asked: Question) -> Sequence[SessionRow]:
    """Sessions that could belong together; which of them do is for the worker to find out."""
    return agreement.candidates(current.database(), study.id, asked.query) if asked.model else ()


KIND = Kind("agreement", page, more=more_of, rows=compared, practice=True)


def certificates() -> Sequence[kept.Certificate]:
    """The newest of the study at hand."""
    study = current.study_or_none()
    return kept.certificates(current.database(), study.id)[:20] if study else ()


def labels_of(model: Framework) -> dict[str, str]:
    """What codes and ratings are called."""
    found = {code.id: str(code.label) for _, code in model.codes()}
    return found | {one.id: str(one.label) for _, one in model.ratings()}


def names(labels: dict[str, str]) -> dict[str, str]:
    """What categories are called in a table; a unit that was watched and has no code has a name too.

    A code of the framework keeps its label, also where its id is “other” or “no”.
    """
    return {NO_CODE: "no code", "nil": "not seen", "yes": "on", "no": "off", "other": "another", **labels}


def view_of(one: dict[str, Any], asked: Question) -> dict[str, Any]:
    """A stream's part of the page."""
    report: Report = msgspec.convert(one["report"], Report)
    stream = agreement.stream_of(asked.model, one["stream"]) if asked.model else None
    return {
        **one, "report": report, "model": stream, "plan": agreement.plan_of(stream, changes()) if stream else None,
        "reading": reading(report, asked.labels), "verdict": verdict(report.answer), "matrix": confusion(report, names(asked.labels)),
        "trend": trend(one["checks"]), "short": short_names(report, names(asked.labels)), "units": UNITS.get(report.unit, "units"),
    }  # fmt: skip


def confusion(report: Report, labels: dict[str, str]) -> Chart | None:
    """What one observer said by what the other said."""
    if not report.units or len(report.categories) > 24:
        return None
    short = short_names(report, labels)
    cells = [
        Cell(short[row], short[column], float(n), str(n) if n else "")
        for row, counts in zip(report.categories, report.table, strict=True)
        for column, n in zip(report.categories, counts, strict=True)
    ]
    across, down = (
        ("the second observer", "the first observer")
        if len(report.observers) == 2
        else ("one observer", "another")
    )
    return charts.matrix(
        cells, across=across, down=down, description="Confusion table; the table beside it holds the same."
    )


NO_IDS = (NO_CODE, "nil", "yes", "no", "other")


def short_names(report: Report, labels: dict[str, str]) -> dict[str, str]:
    """What stands on the sides of a confusion table; what is not an id has a name."""
    ids = [one for one in report.categories if one not in NO_IDS]
    return questions.axis_names(ids, labels) | {one: labels[one] for one in report.categories if one in NO_IDS}


def trend(checks: Sequence[dict[str, Any]]) -> Chart | None:
    """The coefficient of each check over time."""
    points = [
        ("checks", clock_words_iso(one["at"]), Estimate("", one["answer"]["value"], one["answer"]["low"], one["answer"]["high"]))
        for one in checks
        if one["answer"]["value"] is not None
    ]  # fmt: skip
    if len({when for _, when, _ in points}) < 2:
        return None
    name = checks[0]["answer"]["name"]
    return charts.trend(
        points, axis=name, description=f"{name} of each check over time. The table of checks holds the same."
    )


def clock_words_iso(ms: int) -> str:
    return from_ms(ms).isoformat()


# ---- one check ----------------------------------------------------------------------------------------------------


@pages.get("/check")
@needs("analysis.see")
def check(study: Study) -> ResponseReturnValue:
    """Sessions of one happening: the whole report, every disagreement, and both records side by side."""
    db, study_id = current.database(), study.id
    ids = list(dict.fromkeys(request.args.getlist("session")))[:20]
    if len(ids) < 2:
        raise Malformed
    rows = [agreement.pair(db, study_id, ids[0], other)[1] for other in ids[1:]]
    rows = [agreement.pair(db, study_id, ids[0], ids[1])[0], *rows]
    model = coding.framework(db, study_id, rows[0].framework)
    stream = agreement.stream_of(model, request.args.get("stream", ""))
    some = agreement.watched(db, rows, now=clock.now(), shift=shift(rows[-1].id))
    report = agreement.report_of(stream, [some], changes())
    return render_template("agreement/check.html", **parts_of_check(study_id, rows, model, stream, some, report))


def shift(session: str) -> dict[str, int]:
    """A correction of the last record's clock, in seconds."""
    seconds = request.args.get("shift", 0.0, type=float)
    return {session: round(min(max(seconds, -3600), 3600) * 1000)}


def parts_of_check(
    study_id: int, rows: Any, model: Framework, stream: Stream, some: list[Watched], report: Report | None
) -> dict[str, Any]:
    db = current.database()
    subjects = {one.id: one.pseudonym for one in studies.subjects(db, study_id)}
    labels = names(labels_of(model))
    moment = request.args.get("at", type=int)
    two = len(rows) == 2
    certified = [row for row in rows if row.purpose == "practice"] if two and can("analysis.run") else []
    return {
        "rows": rows, "model": model, "stream": stream, "some": some, "report": report, "labels": labels, "subjects": subjects,
        "reading": reading(report, labels) if report else (), "verdict": verdict(report.answer) if report else "",
        "matrix": confusion(report, labels) if report else None, "short": short_names(report, labels) if report else {}, "units": UNITS.get(report.unit, "units") if report else "",
        "lanes": lanes(stream, some, report, labels, subjects, moment), "moment": moment, "most": MOST_SHOWN,
        "plan": agreement.plan_of(stream, changes()), "changes": changes(), "args": request.args.to_dict(flat=False),
        "settled": kept.newest(db, study_id, stream.id, rows[0].id, rows[1].id) if two else None, "certified": certified,
        "fixed": [("session", row.id) for row in rows], "two": two, "started": min(row.started for row in rows),
    }  # fmt: skip


def lanes(
    stream: Stream,
    some: Sequence[Watched],
    report: Report | None,
    labels: dict[str, str],
    subjects: dict[str, str],
    moment: int | None,
) -> Chart | None:
    """Each subject's lanes, one an observer, over a lane that marks where they differ."""
    low, high = (moment - AROUND_MS, moment + AROUND_MS) if moment is not None else (-(2**53), 2**53)
    scale = 1000 if moment is not None else 60_000
    found = []
    people_seen = dict.fromkeys(subject for record in some for subject in subjects_in(stream, [record]))
    for subject in people_seen:
        whom = f" · {subjects.get(subject or '', 'somebody')}" if subject else ""
        for record in some:
            track = f"{record.observer}{whom}"
            for start, end, code in entries(stream, record, subject):
                if end >= low and start <= high:
                    found.append(
                        Stretch(
                            track,
                            labels.get(code, code),
                            max(start, low) / scale,
                            min(end, high) / scale,
                            colour_of(stream, code),
                        )
                    )
        for one in report.disagreements if report else ():
            if one.subject == subject and one.end >= low and one.start <= high:
                found.append(
                    Stretch(
                        f"they differ{whom}",
                        "they differ",
                        max(one.start, low) / scale,
                        min(one.end, high) / scale,
                        "#b3261e",
                    )
                )
    axis = "common time, minutes and seconds" if moment is not None else "minutes of common time"
    return (
        charts.raster(
            found,
            axis=axis,
            description="The records side by side, and where they differ. The tables hold the same.",
            around=moment is not None,
        )
        if found
        else None
    )


def entries(stream: Stream, record: Watched, subject: str | None) -> list[tuple[int, int, str]]:
    """Bouts and points of one subject in common time."""
    ahead, line = record.ahead_ms, record.timeline
    found = [
        (b.start + ahead, b.end + ahead, b.code)
        for b in line.bouts
        if (b.stream, b.subject) == (stream.id, subject)
    ]
    return found + [
        (p.at + ahead, p.at + ahead, p.code) for p in line.points if (p.stream, p.subject) == (stream.id, subject)
    ]


def colour_of(stream: Stream, code: str) -> str:
    return next((one.colour for one in stream.codes if one.id == code), "")


# ---- settling -----------------------------------------------------------------------------------------------------


@pages.get("/settle")
@needs("analysis.see")
def settle(study: Study) -> str:
    """What two observers differ on, to be decided one by one or many at once."""
    found = settling(study)
    db = current.database()
    subjects = {one.id: one.pseudonym for one in studies.subjects(db, study.id)}
    labels = names({code.id: str(code.label) for code in found.stream.codes})
    return render_template(
        "agreement/settle.html", found=found, questions=adjudication.questions_of(found.found, TO_SETTLE), labels=labels, subjects=subjects,
        who=people.names(db, {found.kept.by} if found.kept else set()),
    )  # fmt: skip


def settling(study: Study) -> Settling:
    given = request.values
    return adjudication.look(
        current.database(),
        study.id,
        given.get("first", ""),
        given.get("second", ""),
        given.get("stream", ""),
        now=clock.now(),
    )


@pages.post("/settle")
@needs("analysis.run")
def decide(study: Study) -> ResponseReturnValue:
    """Keep what was decided as a record of its own."""
    given = request.form
    pair = {name: given.get(name, "") for name in ("first", "second", "stream")}
    chosen = {name.removeprefix("q:"): value for name, value in given.items() if name.startswith("q:") and value}
    try:
        made = adjudication.settle(
            current.database(), current.person(), study, pair["first"], pair["second"], pair["stream"], chosen,
            given.get("reason", ""), now=clock.now(),
        )  # fmt: skip
        flash(
            f"{made.decided} settled, {made.open} still open. Both observers' own records stay as they are.",
            "good",
        )
    except Invalid as problem:
        flash(f"{problem} {problem.remedy}", "alarm")
    return redirect(questions.address(".settle", pair), 303)


# ---- certificates -------------------------------------------------------------------------------------------------


@pages.post("/certificates")
@needs("analysis.run")
def certify(study: Study) -> ResponseReturnValue:
    """Compare practice with an agreed coding, and keep what came out."""
    given, slug = request.form, study.slug
    try:
        made = adjudication.certify(
            current.database(), current.person(), study, given.get("session", ""), given.get("reference", ""),
            given.get("stream", ""), now=clock.now(),
        )  # fmt: skip
    except Invalid as problem:
        flash(f"{problem} {problem.remedy}", "alarm")
        return redirect(url_for(HOME, slug=slug, purpose="practice"), 303)
    return redirect(url_for(".certificate", slug=slug, certificate_id=made.id), 303)


@pages.get("/certificates/<certificate_id>")
@needs("analysis.see")
def certificate(study: Study, certificate_id: str) -> str:
    return certificate_page(study, certificate_id, printed=False)


@pages.get("/certificates/<certificate_id>.pdf")
@needs("analysis.see")
def certificate_pdf(study: Study, certificate_id: str) -> ResponseReturnValue:
    """To print and to sign. One page takes half a second, so it is made at once."""
    made = pdf_of(certificate_page(study, certificate_id, printed=True))
    return printing.attached(made, "application/pdf", f"{study.slug}-certificate.pdf")


def certificate_page(study: Study, certificate_id: str, *, printed: bool) -> str:
    db = current.database()
    row = kept.certificate(db, study.id, certificate_id)
    if row is None:
        raise NotFound
    model = coding.framework(db, study.id, row.framework)
    session = records.session(db, study.id, row.session)
    labels = names(labels_of(model))
    return render_template(
        "agreement/certificate.html", row=row, report=adjudication.report_in(row), model=model, labels=labels, session=session,
        stream=agreement.stream_of(model, row.stream), who=people.names(db, {row.by, row.observer}), printed=printed,
        base="documents/bare.html" if printed else "layout.html",
    )  # fmt: skip
