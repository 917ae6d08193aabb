"""Patterns of a study: plans, runs, and each finding with everything that it rests on."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.http import dump_options_header
from wtforms import SelectChoice

from observe.actions import patterns as actions
from observe.actions import records as coding
from observe.actions import reviews as reading
from observe.actions.patterns import Plan
from observe.core.errors import NotFound, ObserveError
from observe.core.patterns.result import plain_of
from observe.core.patterns.wording import percent, probability
from observe.core.reviews import Review
from observe.store import frameworks, jobs, patterns, people, records, studies
from observe.store import reviews as kept
from observe.store.patterns import PlanRow, RunRow
from observe.store.studies import Study
from observe.web import clock, current, findings, printing
from observe.web.forms.reviews import PlanForm
from observe.web.guard import needs
from observe.web.reading import forms_for

pages = Blueprint("patterns", __name__, url_prefix="/studies/<slug>/patterns")

METHODS = Path(__file__).resolve().parents[3] / "docs" / "explanation" / "patterns-in-plain-words.md"


@pages.app_template_filter("signed_figure")
def signed_figure(value: float | None, places: int = 2) -> str:
    """`+0.52`, with a true minus; a dash where there is none."""
    return "–" if value is None else f"{value:+.{places}f}".replace("-", "−")


pages.add_app_template_filter(probability, "probability")


@pages.get("/")
@needs("pattern.see")
def index(study: Study) -> ResponseReturnValue:
    """The newest run, or where to begin. From a job that is done, the run that came of it."""
    db = current.database()
    job = jobs.by_id(db, study.id, request.args.get("job", ""))
    if job and job.state == jobs.DONE and job.result:
        return redirect(url_for(".run", number=json.loads(job.result)["run"]), 303)
    runs = patterns.runs_of(db, study.id)
    return shown_run(study, runs[0], runs) if runs else beginning(study)


def beginning(study: Study) -> str:
    """No run yet: what there is to read, and what to do."""
    db = current.database()
    versions = askable(study.id)
    return render_template(
        "patterns/empty.html", plans=patterns.plans_of(db, study.id), versions=versions, plan_words=plan_words
    )


def askable(study_id: int) -> list[tuple[str, str]]:
    """Published versions that name constructs."""
    db = current.database()
    return [
        (one.hash, f"{one.title}, version {one.number}")
        for one in frameworks.versions_of_study(db, study_id)
        if coding.framework(db, study_id, one.hash).constructs
    ]


def run_or_404(study: Study, number: int) -> RunRow:
    run = patterns.run(current.database(), study.id, number)
    if run is None:
        raise NotFound
    return run


@pages.get("/runs/<int:number>")
@needs("pattern.see")
def run(study: Study, number: int) -> str:
    """One run; earlier ones stay as they were read."""
    return shown_run(study, run_or_404(study, number), patterns.runs_of(current.database(), study.id))


def shown_run(study: Study, run: RunRow, runs: Sequence[RunRow]) -> str:
    db, study_id = current.database(), study.id
    head, rows = patterns.head_of(db, run.id), actions.findings_of(db, study_id, run.id)
    names = findings.names_for(study_id, run, head)
    given = {name: request.args.get(name, "") for name in ("construct", "person", "status")}
    plan = patterns.plan(db, study_id, run.plan_id)
    newest = patterns.newest(db, study_id, run.slug)
    return render_template(
        "patterns/run.html", run=run, runs=runs, head=head, given=given, plan=plan, plan_facts=plan_words(plan) if plan else [],
        blocks=findings.blocks_of(rows, head, names, **given), newest=newest, version=findings.version_words(study_id, run.framework),
        choices=choices_of(rows, head, names), status_words=findings.STATUS_WORDS, status_tags=findings.STATUS_TAGS,
        look=look_words(plan, runs, run), gone=actions.gone_since(db, study_id, run.id), left_out=[names.within(one) for one in head["left_out"]], names=names,
        freedoms=findings.FREEDOM_WORDS,
    )  # fmt: skip


def choices_of(
    rows: Sequence[Any], head: dict[str, Any], names: findings.Names
) -> dict[str, list[tuple[str, str]]]:
    """What a run can be narrowed down to."""
    people_seen = dict.fromkeys(row.person for row in rows)
    return {
        "construct": [(one["construct"], one["label"]) for one in head["constructs"]],
        "person": sorted(((one, names.of(one)) for one in people_seen), key=lambda pair: pair[1]),
        "status": list(findings.STATUS_WORDS.items()),
    }


def look_words(plan: PlanRow | None, runs: Sequence[RunRow], run: RunRow) -> str:
    """How often these data had been looked at before: each look makes a chance finding likelier."""
    earlier = sum(one.slug == run.slug and one.number < run.number for one in runs)
    if plan is None or not earlier:
        return "The first look with this framework."
    return f"Look number {earlier + 1} with this framework: {earlier} came before it."


def plan_words(row: PlanRow) -> list[tuple[str, str]]:
    """A plan as facts to read."""
    plan = actions.plan_of(row)
    stamp = row.stated_at.strftime("%-d %B %Y, %H:%M UTC")
    before = (
        "before any session had come in"
        if not row.sessions_before
        else f"when {row.sessions_before} sessions had come in"
    )
    return [
        ("Stated", f"{stamp}, {before}"), ("Followed", choice_words(plan.follows)), ("Situation", choice_words(plan.situation)),
        ("Smallest difference worth a word", f"{plan.smallest_effect:g}"), ("Intervals", percent(plan.level)),
        ("A claim needs a probability of", f"{plan.sure_of_effect:g}"), ("Claims that may point the wrong way", percent(plan.false_sign_rate)),
        ("Widest interval that says anything", f"{plan.widest_interval:g}"),
        ("Sessions", "signed off only" if plan.signed_off else "all that came in, without practice and refusals"),
        ("Expected beforehand", plan.expected or "nothing was said"),
    ]  # fmt: skip


def choice_words(value: str) -> str:
    kind, _, name = value.partition(":")
    words = {"subjects": "each subject", "setting": "the setting", "study": "the whole study, over time", "none": "none",
             "daypart": "the time of day", "weekday": "working day or weekend",
             "group": f"groups by {name}", "variable": f"the session's {name}"}  # fmt: skip
    return words.get(kind, value)


@pages.get("/runs/<int:number>.json")
@needs("pattern.see")
def run_json(study: Study, number: int) -> Response:
    """A run word for word, as the inference gave it, with what it read."""
    run = run_or_404(study, number)
    db = current.database()
    head = patterns.head_of(db, run.id)
    whole = head | {"findings": [row.body for row in actions.findings_of(db, study.id, run.id)]}
    return as_file(
        json.dumps(whole, ensure_ascii=False, indent=1), "application/json", f"{study.slug}-run-{number}.json"
    )


@pages.get("/runs/<int:number>/beside/<int:other>")
@needs("pattern.see")
def beside(study: Study, number: int, other: int) -> str:
    """Two runs side by side: what another plan, version or week says of the same people."""
    runs = [run_or_404(study, one) for one in (number, other)]
    heads = [patterns.head_of(current.database(), one.id) for one in runs]
    read = [{(one["id"], one["digest"]) for one in head["sessions"]} for head in heads]
    return render_template(
        "patterns/beside.html", runs=runs, same_sessions=read[0] == read[1], pairs=pairs_of(study.id, runs), status_words=findings.STATUS_WORDS,
        versions=[findings.version_words(study.id, one.framework) for one in runs],
    )  # fmt: skip


def pairs_of(study_id: int, runs: Sequence[RunRow]) -> list[tuple[str, str, list[findings.Line | None]]]:
    """(construct, person, what each run says)."""
    db, found = current.database(), dict[tuple[str, str], list[findings.Line | None]]()
    labels = dict[tuple[str, str], tuple[str, str]]()
    for k, run in enumerate(runs):
        names = findings.names_for(study_id, run, patterns.head_of(db, run.id))
        for row in actions.findings_of(db, study_id, run.id):
            key = (row.construct, row.person)
            found.setdefault(key, [None] * len(runs))[k] = findings.line_of(row, names)
            labels[key] = (row.body["label"], names.of(row.person))
    return [(*labels[key], lines) for key, lines in sorted(found.items(), key=lambda pair: labels[pair[0]])]


@pages.get("/<int:finding_id>")
@needs("pattern.see")
def show(study: Study, finding_id: int) -> str:
    """One finding, with its evidence for and against side by side."""
    case = reading.case_of(current.database(), study.id, finding_id)
    return page(study, case, printed=False, **forms_for(study, case))


def page(study: Study, case: reading.Case, *, printed: bool, **more: Any) -> str:
    """The same words on the screen and on paper."""
    heard = case.heard_by(str(current.person().id))
    return render_template(
        "patterns/show.html", printed=printed, heard=heard, read_before=case.was_read_by(str(current.person().id)), who=names_of_reviewers(heard, case),
        proposals=kept.proposals_of(current.database(), study.id, finding_id=case.finding.id),
        outcomes=kept.outcomes_of(current.database(), study.id, finding_id=case.finding.id),
        plan_words=plan_words, **findings.pages_of(study.id, case), **more,
    )  # fmt: skip


def names_of_reviewers(heard: reading.Heard, case: reading.Case) -> dict[str, str]:
    keys = {int(one.reviewer) for one in heard.visible if one.reviewer.isdigit()} | {
        one.asked for one in case.asked
    }
    named = people.names(current.database(), keys)
    return {str(key): name for key, name in named.items()} | {kept.OBSERVED: "the observed person"}


@pages.get("/<int:finding_id>.pdf")
@needs("pattern.see")
def dossier(study: Study, finding_id: int) -> ResponseReturnValue:
    """Evidence for and against, rivals, reviews and dissent on A4, as far as this reader may know them."""
    case = reading.case_of(current.database(), study.id, finding_id)
    name, back = f"{study.slug}-pattern-{finding_id}.pdf", url_for(".show", finding_id=finding_id)
    return printing.as_pdf(study, page(study, case, printed=True), name, back=back)


@pages.get("/<int:finding_id>.json")
@needs("pattern.see")
def as_json(study: Study, finding_id: int) -> Response:
    """One finding word for word, with its provenance and the reviews that this reader may know."""
    db, case = current.database(), reading.case_of(current.database(), study.id, finding_id)
    head = patterns.head_of(db, case.run.id)
    plan = patterns.plan(db, study.id, case.run.plan_id)
    heard = case.heard_by(str(current.person().id))
    whole = {
        "finding": case.finding.body, "run": {name: head[name] for name in head if name != "sessions"},
        "plan": json.loads(plan.content) | {"stated": plan.stated_at.isoformat(), "hash": plan.hash} if plan else None,
        "current": case.is_current, "standing": heard.status.standing.value, "hidden": heard.hidden,
        "reviews": [review_json(one) for one in heard.visible],
        "outcomes": [
            {"held": one.held, "words": one.words, "at": one.at.isoformat()}
            for one in kept.outcomes_of(db, study.id, finding_id=finding_id)
        ],
    }  # fmt: skip
    return as_file(
        json.dumps(whole, ensure_ascii=False, indent=1),
        "application/json",
        f"{study.slug}-pattern-{finding_id}.json",
    )


def review_json(one: Review) -> dict[str, Any]:
    """A review by number, not by name."""
    plain: dict[str, Any] = plain_of(one) | {"made_at": one.made_at.isoformat()}
    return plain


def as_file(data: bytes | str, kind: str, name: str) -> Response:
    response = Response(data, mimetype=kind)
    response.headers["Content-Disposition"] = dump_options_header("attachment", {"filename": name})
    return response


@pages.route("/plans/new", methods=["GET", "POST"])
@needs("pattern.run")
def new(study: Study) -> ResponseReturnValue:
    """State what is asked before looking; then look, now or later."""
    form = plan_form(study)
    if not form.validate_on_submit():
        return render_template("patterns/new.html", form=form)
    try:
        row = actions.state(current.database(), current.person(), study, plan_from(form), now=clock.now())
        if request.form.get("then") != "run":
            return redirect(url_for(".plans"), 303)
        return begun(study, row.id)
    except ObserveError as problem:
        form.refuse(problem)
        return render_template("patterns/new.html", form=form)


def plan_form(study: Study) -> PlanForm:
    """The choices that this study's frameworks, sessions and subjects offer."""
    form, db = PlanForm(), current.database()
    versions = askable(study.id)
    asked = [one for mark, _ in versions for one in coding.framework(db, study.id, mark).variables]
    variables = {one: one for one in sorted(variables_told(study.id))} | {one.id: str(one.label) for one in asked}
    of_sessions = [SelectChoice(f"variable:{key}", f"The session's {label}") for key, label in variables.items()]
    attributes = sorted({key for one in studies.subjects(db, study.id) for key in (one.attributes or {})})
    groups = [SelectChoice(f"group:{key}", f"Groups of subjects, by {key}") for key in attributes]
    ends = [SelectChoice("setting", "Each setting"), SelectChoice("study", "The whole study, over time")]
    form.framework.choices = [SelectChoice(mark, words) for mark, words in versions]
    form.follows.choices = [SelectChoice("subjects", "Each subject"), *of_sessions, *groups, *ends]
    clock_and_none = [
        SelectChoice("daypart", "The time of day: morning, afternoon, evening"),
        SelectChoice("weekday", "Working day or weekend"), SelectChoice("none", "None: all were watched alike"),
    ]  # fmt: skip
    form.situation.choices = [SelectChoice("setting", "The setting"), *of_sessions, *clock_and_none]
    return form


def variables_told(study_id: int) -> set[str]:
    """What sessions tell of themselves, also where no framework asks for it: imported ones do."""
    rows = records.of_study(current.database(), study_id)
    return {name for row in rows for name in json.loads(row.header).get("variables") or {}}


def plan_from(form: PlanForm) -> Plan:
    """A plan out of what was filled in."""
    numbers = ("smallest_effect", "level", "sure_of_effect", "false_sign_rate", "widest_interval")
    return Plan(
        form.framework.data, form.follows.data, form.situation.data, form.together.data, form.signed_off.data,
        ms_of(form.since.data), ms_of(form.until.data), form.expected.data or "",
        **{name: float(form[name].data) for name in numbers},
    )  # fmt: skip


def ms_of(day: Any) -> int | None:
    return round(datetime.combine(day, time(), UTC).timestamp() * 1000) if day else None


@pages.get("/plans")
@needs("pattern.see")
def plans(study: Study) -> str:
    """Every plan that was stated, and the runs that came of it."""
    db = current.database()
    return render_template(
        "patterns/plans.html", plans=patterns.plans_of(db, study.id), runs=patterns.runs_of(db, study.id), plan_words=plan_words,
        version=lambda mark: findings.version_words(study.id, mark),
    )  # fmt: skip


@pages.post("/plans/<int:plan_id>/run")
@needs("pattern.run")
def ask(study: Study, plan_id: int) -> ResponseReturnValue:
    """Look now, over the sessions that are there now."""
    return begun(study, plan_id)


def begun(study: Study, plan_id: int) -> ResponseReturnValue:
    job = actions.ask(current.database(), current.person(), study, plan_id, now=clock.now())
    current.put_into_queue(job.id)
    return redirect(url_for("jobs.show", job_id=job.id), 303)


@pages.get("/methods")
@needs("pattern.see")
def methods(study: Study) -> str:
    """What was done and what it cannot say, in plain words."""
    return render_template("patterns/methods.html", parts=parts_of(METHODS.read_text(encoding="utf-8")))


def parts_of(words: str) -> list[tuple[str, list[str]]]:
    """A page of ours in Markdown, as (kind, lines): h1, h2, list or text. Nothing in it is ever taken for HTML."""
    found: list[tuple[str, list[str]]] = []
    for block in re.split(r"\n\s*\n", words.strip()):
        lines = [line.strip() for line in block.splitlines()]
        kind = {"# ": "h1", "##": "h2", "- ": "list"}.get(lines[0][:2], "text")
        found.append((kind, [line.lstrip("#- ") for line in lines] if kind != "text" else [" ".join(lines)]))
    return found
