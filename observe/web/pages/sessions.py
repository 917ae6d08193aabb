"""Sessions of a study: what came in, how complete, what it means, and what a supervisor makes of it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePath
from typing import Any

from flask import Blueprint, Response, current_app, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from frameworks.model import Framework
from observe.actions import elan, imports, supervision
from observe.actions import records as coding
from observe.actions.attachments import path_of
from observe.actions.records import Coded
from observe.core import budget as budgets
from observe.core import session_file
from observe.core.access import Role
from observe.core.errors import Invalid, Malformed, NotFound, ObserveError
from observe.core.measures.formulas import SessionFigures, evaluate
from observe.core.upload import SENTENCE_OF
from observe.documents import timeline_svg
from observe.store import attachments, frameworks, people, records, redactions, studies
from observe.store import sessions as kept
from observe.store.attachments import Attachment
from observe.store.records import SessionRow, Wanted
from observe.store.studies import Study
from observe.web import clock, current
from observe.web.guard import can, needs
from observe.web.languages import N_
from observe.web.log_words import told

pages = Blueprint("sessions", __name__, url_prefix="/studies/<slug>/sessions")

CONSENTS = (N_("stated"), N_("not-needed"), N_("refused"))
"""what a session can say of consent: translated where it is shown"""
PURPOSES = (N_("field"), N_("practice"), N_("reliability"))
PAGE = 40
EVENTS = 200
STATUS_WORDS = {
    kept.RECORDING: N_("not submitted"), kept.SUBMITTED: N_("submitted"), kept.RETURNED: N_("returned"), kept.SIGNED_OFF: N_("signed off"),
}  # fmt: skip
STATUS_TAGS = {kept.SUBMITTED: "accent", kept.RETURNED: "caution", kept.SIGNED_OFF: "good"}
DONE = {
    "submit": N_("Submitted."), "return": N_("Returned to the observer."), "sign_off": N_("Signed off."), "reopen": N_("Reopened."),
}  # fmt: skip


@pages.app_template_filter("session_clock")
def session_clock(ms: int) -> str:
    return timeline_svg.clock(ms)


@pages.app_template_filter("from_ms")
def from_ms(ms: int) -> datetime:
    """A moment out of milliseconds since 1970."""
    return datetime.fromtimestamp(ms / 1000, UTC)


@dataclass(frozen=True, slots=True)
class Line:
    """One session in a list."""

    row: SessionRow
    coded: Coded
    observer: str
    setting: str
    title: str

    @property
    def completeness(self) -> str:
        """ "412 of 412", or how many there are while the tablet has not said how many there should be."""
        return completeness(self.coded)

    @property
    def is_complete(self) -> bool:
        return all(log.claimed is not None and log.stored_to >= log.claimed for log in self.coded.logs)


def completeness(coded: Coded) -> str:
    claimed = [log.claimed for log in coded.logs]
    held = sum(log.stored_to for log in coded.logs)
    if None in claimed:
        return str(gettext("%(held)s so far", held=held))
    return str(gettext("%(held)s of %(claimed)s", held=held, claimed=sum(one or 0 for one in claimed)))


def wanted() -> Wanted:
    """The filters in the address; an observer sees own sessions whatever it says."""
    given = request.args
    observer = given.get("observer", type=int)
    if not can("session.see"):
        observer = current.person().id
    return Wanted(
        observer=observer, status=given.get("status", ""), purpose=given.get("purpose", ""),
        framework=given.get("framework", ""), setting=given.get("setting", ""), since=day(given.get("since", "")),
        until=day(given.get("until", ""), after=1),
    )  # fmt: skip


def day(words: str, *, after: int = 0) -> int | None:
    """The beginning of a day (in UTC) in ms since 1970, or None for what is not a date."""
    try:
        found = datetime.fromisoformat(words[:10]).replace(tzinfo=UTC)
    except ValueError:
        return None
    return round(found.timestamp() * 1000) + after * 86_400_000


@pages.get("/")
@needs("session.see_own")
def index(study: Study) -> str:
    db, page = current.database(), max(1, request.args.get("page", 1, type=int))
    study_id = study.id
    rows = records.of_study(db, study_id, wanted())
    some = rows[(page - 1) * PAGE : page * PAGE]
    lines = list(lines_of(study_id, some))
    heaps = [heap for heap in kept.heaps(db, study_id) if heap.open] if can("session.sign_off") else []
    return render_template(
        "sessions/index.html", lines=lines, count=len(rows), page=page, pages=-(-len(rows) // PAGE),
        given=request.args.to_dict(), choices=choices(study_id), aside=sum(heap.open for heap in heaps),
        status_words=STATUS_WORDS, status_tags=STATUS_TAGS,
    )  # fmt: skip


def lines_of(study_id: int, rows: Sequence[SessionRow], *, whole: bool = False) -> list[Line]:
    db = current.database()
    names = people.names(db, {row.observer for row in rows})
    settings = {one.id: one.label for one in studies.settings(db, study_id)}
    titles = {one.hash: f"{one.title}, version {one.number}" for one in frameworks.versions_of_study(db, study_id)}
    return [
        Line(
            one.session, one, names.get(one.session.observer, "somebody"), settings.get(one.session.setting or "", ""),
            titles.get(one.session.framework, ""),
        )
        for one in coding.coded(db, rows, whole=whole, now=clock.now())
    ]  # fmt: skip


def choices(study_id: int) -> Mapping[str, Sequence[tuple[str, str]]]:
    """What the filters offer."""
    db = current.database()
    return {
        "observer": [(str(one.id), one.name) for one in studies.observers(db, study_id)]
        if can("session.see")
        else [],
        "framework": [
            (one.hash, f"{one.title}, version {one.number}") for one in frameworks.versions_of_study(db, study_id)
        ],
        "setting": [(one.id, one.label) for one in studies.settings(db, study_id)],
        "status": [(status, gettext(words)) for status, words in STATUS_WORDS.items()],
        "purpose": [(purpose, gettext(purpose)) for purpose in PURPOSES],
    }


@pages.post("/")
@needs("session.sign_off")
def take_in(study: Study) -> ResponseReturnValue:
    """Second copies that were saved on tablets; each is taken in as if the tablet had sent it."""
    files = request.files.getlist("file")
    try:
        read = [one for file in files for one in session_file.read(file.stream.read())]
        done = imports.session_files(current.database(), current.person(), study, read, now=clock.now())
    except Invalid as problem:
        flash(f"{problem} {problem.remedy}", "alarm")
        return redirect(url_for(".index"), 303)
    aside = sum(done.aside.values())
    words = f"{done.sessions} {'session' if done.sessions == 1 else 'sessions'} taken in: {done.stored} events stored, {done.had} were there already"
    flash(f"{words}, {aside} kept aside." if aside else f"{words}.", "caution" if aside else "good")
    return redirect(url_for(".index"), 303)


@pages.post("/elan")
@needs("framework.publish")
def take_in_elan(study: Study) -> ResponseReturnValue:
    """ELAN documents: all of them or none, with everything that is to be said about them."""
    files = [
        (PurePath(file.filename or "document").stem, file.stream.read()) for file in request.files.getlist("file")
    ]
    framework, annotator = (request.form.get(name, "").strip()[:200] for name in ("framework", "annotator"))
    try:
        done, findings = elan.take(
            current.database(),
            current.person(),
            study,
            files,
            framework=framework,
            annotator=annotator,
            now=clock.now(),
        )
    except Invalid as problem:
        return render_template("sessions/elan.html", problem=problem, findings=problem.findings), 422
    return render_template("sessions/elan.html", done=done, findings=findings)


@pages.get("/<session_id>")
@needs("session.see_own")
def show(study: Study, session_id: str, error: ObserveError | None = None) -> str:
    db, study_id = current.database(), study.id
    row = supervision.visible(db, current.person(), study, session_id)
    [line] = lines_of(study_id, [row], whole=True)
    model = coding.framework(db, study_id, row.framework)
    timeline = line.coded.timeline
    names = {one.id: one.pseudonym for one in studies.subjects(db, study_id)}
    history, comments = kept.history(db, session_id), kept.comments_on(db, session_id)
    return render_template(
        "sessions/show.html", line=line, row=row, framework=model, timeline=timeline, budget=line.coded.budget, names=names,
        labels=cells_of(model) | {code.id: str(code.label) for _, code in model.codes()}, told=told(timeline.findings),
        streams={stream.id: str(stream.label) for stream in model.streams}, picture=timeline_svg.draw(model, timeline, names),
        heaps=kept.heaps(db, study_id, session_id), history=history, comments=comments, error=error,
        who=people.names(db, {one.by for one in (*history, *comments)}), header=json.loads(row.header),
        status_words=STATUS_WORDS, status_tags=STATUS_TAGS, sentences=sentences(), attached=attached_to(session_id), by_supervisor=is_supervisors(study_id, row), mine=row.observer == current.person().id,
    )  # fmt: skip


def is_supervisors(study_id: int, row: SessionRow) -> bool:
    """Whether somebody who trains others recorded it, so that it can be what they practise against."""
    return Role.SUPERVISOR in studies.roles_of(current.database(), study_id, row.observer)


@pages.get("/<session_id>/file")
@needs("session.see_own")
def as_file(study: Study, session_id: str) -> Response:
    """The session as the recorder saves it: a second copy, or an agreed coding for others to practise against."""
    db = current.database()
    row = supervision.visible(db, current.person(), study, session_id)
    name = f"{from_ms(row.started):%Y-%m-%d-%H%M}-{row.id[-8:]}.observe.json"
    return Response(
        coding.file_of(db, row), mimetype="application/json",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )  # fmt: skip


def attached_to(session_id: str) -> Mapping[str, Sequence[Attachment]]:
    """Photos and voice notes by the event of their note."""
    found: dict[str, list[Attachment]] = {}
    for one in attachments.of_session(current.database(), session_id):
        found.setdefault(one.event, []).append(one)
    return found


@pages.get("/<session_id>/attachments/<attachment>")
@needs("session.see_own")
def attachment(study: Study, session_id: str, attachment: str) -> Response:
    """The bytes of one, as what its note says that it is and never as anything else."""
    db = current.database()
    supervision.visible(db, current.person(), study, session_id)
    row = attachments.by_id(db, attachment)
    path = path_of(Path(current_app.config["VAR"]), row) if row else None
    if row is None or path is None or row.session != session_id or not path.is_file():
        raise NotFound
    reply = send_file(path, mimetype=row.type, conditional=True)
    reply.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return reply


def sentences() -> dict[str, str]:
    return {why.value: words for why, words in SENTENCE_OF.items()}


@pages.get("/<session_id>/events")
@needs("session.see_own")
def events(study: Study, session_id: str) -> str:
    """The log itself, word for word, a page at a time."""
    db = current.database()
    row = supervision.visible(db, current.person(), study, session_id)
    page = max(1, request.args.get("page", 1, type=int))
    everything = records.events_of(db, session_id)
    devices = {one.device for one in everything}
    some = everything[(page - 1) * EVENTS : page * EVENTS]
    return render_template(
        "sessions/events.html", row=row, events=some, count=len(everything), page=page, pages=-(-len(everything) // EVENTS),
        several=len(devices) > 1, fields=fields_of, taken=redactions.of_events(db, session_id), may_amend=row.status != kept.SIGNED_OFF and can("session.amend"),
    )  # fmt: skip


COMMON = {"id", "seq", "at", "kind", "mono", "wall", "offset", "zone", "boot", "redacted"}


def fields_of(body: str) -> dict[str, Any]:
    """What an event says beside its clocks."""
    return {name: value for name, value in json.loads(body).items() if name not in COMMON}


@pages.post("/<session_id>/step/<what>")
@needs("session.amend")
def step(study: Study, session_id: str, what: str) -> ResponseReturnValue:
    """Submit, return, sign off or reopen."""
    if what not in supervision.STEPS:
        raise Malformed
    try:
        supervision.step(
            current.database(), current.person(), study, session_id, what, request.form.get("words", ""), now=clock.now()
        )  # fmt: skip
    except (supervision.SessionIsIncomplete, supervision.WrongStep) as error:
        flash(f"{error} {error.remedy}", "alarm")
        return redirect(url_for(".show", session_id=session_id), 303)
    flash(DONE[what], "good")
    return redirect(url_for(".show", session_id=session_id), 303)


@pages.post("/<session_id>/comments")
@needs("session.amend")
def comment(study: Study, session_id: str) -> ResponseReturnValue:
    """Words about the session, or about a moment given as minutes:seconds."""
    supervision.comment(
        current.database(), current.person(), study, session_id, request.form.get("words", ""),
        at_ms=moment_of(request.form.get("at", "")), now=clock.now(),
    )  # fmt: skip
    return redirect(url_for(".show", session_id=session_id, _anchor="comments"), 303)


def moment_of(words: str) -> int | None:
    """ "1:02:03", "12:30" or "75" (seconds) in ms; None for anything else."""
    parts = words.strip().split(":")
    try:
        numbers = [float(part.replace(",", ".")) for part in parts]
    except ValueError:
        return None
    if len(numbers) > 3 or any(not 0 <= one < 1e6 for one in numbers):
        return None
    return round(sum((one * 60**k for k, one in enumerate(reversed(numbers))), 0.0) * 1000)


@pages.post("/<session_id>/amend/<event_id>")
@needs("session.amend")
def amend(study: Study, session_id: str, event_id: str) -> ResponseReturnValue:
    """Make an event void, give it another code, or put it at another time; the tablet's own words stay."""
    given, values = request.form, dict[str, Any]()
    if given.get("code", "").strip():
        values["code"] = given["code"].strip()
    if (at := moment_of(given.get("at", ""))) is not None:
        values["at"] = at
    supervision.amend(
        current.database(), current.person(), study, session_id, event_id, void=given.get("do") == "void", values=values,
        reason=given.get("reason", ""), now=clock.now(),
    )  # fmt: skip
    flash("Corrected. What the tablet sent stays beside the correction.", "good")
    return redirect(url_for(".events", session_id=session_id, page=given.get("page", 1)), 303)


@pages.get("/aside")
@needs("session.sign_off")
def aside(study: Study) -> str:
    return render_template("sessions/aside.html", heaps=kept.heaps(current.database(), study.id), sentences=sentences(),
                           can_be_taken={why.value for why in supervision.CAN_BE_TAKEN})  # fmt: skip


@pages.get("/aside/<int:log_id>/<reason>")
@needs("session.sign_off")
def heap(study: Study, log_id: int, reason: str) -> str:
    """What was kept aside, in full."""
    found = kept.heap(current.database(), study.id, log_id, reason)
    return render_template("sessions/heap.html", heap=found, log_id=log_id, reason=reason, sentence=sentences().get(reason, ""),
                           can_be_taken=reason in {why.value for why in supervision.CAN_BE_TAKEN})  # fmt: skip


@pages.post("/aside/<int:log_id>/<reason>")
@needs("session.sign_off")
def decide(study: Study, log_id: int, reason: str) -> ResponseReturnValue:
    done = supervision.decide(
        current.database(), current.person(), study, log_id, reason, request.form.get("decision", ""), now=clock.now()
    )  # fmt: skip
    flash(f"{done.taken} taken in, {done.left} left aside; all are kept.", "good")
    return redirect(url_for(".aside"), 303)


@pages.get("/budget")
@needs("analysis.see")
def budget(study: Study) -> str:
    """The study's time budget under one framework version, averaged over sessions, settings or variables."""
    db, study_id = current.database(), study.id
    rows = [
        row
        for row in records.of_study(db, study_id, wanted())
        if row.purpose != "practice" and row.consent != "refused"
    ]
    used = dict.fromkeys(row.framework for row in rows)
    versions = [one for one in frameworks.versions_of_study(db, study_id) if one.hash in used]
    chosen = request.args.get("framework") or (versions[0].hash if versions else "")
    variables = {row.id: json.loads(row.header).get("variables") or {} for row in rows}
    rows = [
        row
        for row in rows
        if row.framework == chosen and matches(variables[row.id], request.args.get("where", ""))
    ]
    model = coding.framework(db, study_id, chosen) if rows else None
    coded = list(coding.coded(db, rows, whole=bool(model and model.formulas), now=clock.now()))
    unit = request.args.get("unit", "session")
    units = units_of(rows, variables, unit)
    lines = budgets.over_sessions(((one.session.id, one.sums) for one in coded), units)
    return render_template(
        "sessions/budget.html", lines=lines, framework=model, versions=versions, chosen=chosen, sessions=len(rows), unit=unit,
        labels=cells_of(model) | ({code.id: str(code.label) for _, code in model.codes()} if model else {}),
        streams={stream.id: str(stream.label) for stream in model.streams} if model else {},
        formulas=formulas_of(model, coded, variables) if model else [], given=request.args.to_dict(),
        names=sorted({name for one in variables.values() for name in one}), choices=choices(study_id),
    )  # fmt: skip


def cells_of(model: Framework | None) -> dict[str, str]:
    """What the sides of crossed counts are called: `gender=female` is “Gender: female”."""
    found = {"all": "All counted"}
    for stream in model.streams if model else ():
        for side in stream.crossed:
            found |= {f"{side.id}={option.id}": f"{side.label}: {option.label}" for option in side.options}
    return found


def matches(variables: Mapping[str, Any], where: str) -> bool:
    """Whether `name=value` holds; without an equals sign everything does."""
    name, equals, value = where.partition("=")
    return not equals or str(variables.get(name.strip(), "")) == value.strip()


def units_of(
    rows: Sequence[SessionRow], variables: Mapping[str, Mapping[str, Any]], unit: str
) -> Mapping[str, str] | None:
    """The unit of each session; `variable:instructor+semester` makes one unit of each combination."""
    if unit == "setting":
        return {row.id: row.setting for row in rows if row.setting}
    if not unit.startswith("variable:"):
        return None
    names = unit.removeprefix("variable:").split("+")
    return {
        row.id: " · ".join(str(variables[row.id][name]) for name in names)
        for row in rows
        if all(variables[row.id].get(name) is not None for name in names)
    }


def formulas_of(model: Framework, coded: Sequence[Coded], variables: Mapping[str, Mapping[str, Any]]) -> list[Any]:
    """The framework's own figures over these sessions."""
    figures = [
        SessionFigures(
            one.session.id, one.timeline, one.session.setting, variables[one.session.id], one.session.purpose
        )
        for one in (coded if model.formulas else ())
    ]
    return [(formula, evaluate(model, formula, figures)) for formula in model.formulas]
