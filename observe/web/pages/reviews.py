"""The review desk: patterns that wait to be read, reading them, hearing the observed person, asking for dissent."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from observe.actions import reviews as actions
from observe.actions.reviews import Case, Given
from observe.core.errors import ObserveError
from observe.core.reviews import Decision
from observe.store import frameworks, patterns, people
from observe.store import reviews as kept
from observe.store.studies import Study
from observe.web import clock, current, findings
from observe.web.forms.reviews import OutcomeForm, ProposalForm, ReplyForm
from observe.web.guard import can, needs
from observe.web.pages.patterns import page
from observe.web.reading import dissent_form, forms_for, review_form, rival_forms

pages = Blueprint("reviews", __name__, url_prefix="/studies/<slug>/patterns")


@pages.get("/reviews")
@needs("pattern.see")
def desk(study: Study) -> str:
    """What waits for this person, and how the rest stands as far as they may know."""
    db, me = current.database(), str(current.person().id)
    found = actions.desk(db, current.person(), study)
    heads = {case.run.id: patterns.head_of(db, case.run.id) for case, _ in found.cases}
    names = {case.run.id: findings.names_for(study.id, case.run, heads[case.run.id]) for case, _ in found.cases}
    titles = {one.id: one.title for one in frameworks.of_study(db, study.id)}
    proposals = kept.proposals_of(db, study.id)
    lists = dict[str, list[tuple[Case, actions.Heard]]](mine=[], others=[], decided=[])
    for case, heard in found.cases:
        waits = can("pattern.review") and actions.waits_for(me, case, heard)
        lists["mine" if waits else "decided" if heard.is_decided else "others"].append((case, heard))
    return render_template(
        "patterns/desk.html", desk=found, lists=lists, names=names, proposals=proposals, titles=titles,
        who=people.names(db, {one.by for one in proposals}), viewer=me, status_words=findings.STATUS_WORDS,
    )  # fmt: skip


@pages.post("/<int:finding_id>/review")
@needs("pattern.review")
def review(study: Study, finding_id: int) -> ResponseReturnValue:
    case = actions.case_of(current.database(), study.id, finding_id)
    form, rivals = review_form(study, case), rival_forms(case)
    if form.validate_on_submit() and all(one.validate() for one in rivals):
        given = Given(
            Decision(form.decision.data), form.reason.data, form.weighed(rivals), tuple(form.cited.data or ()), form.confidence.data
        )  # fmt: skip
        try:
            actions.give(current.database(), current.person(), study, finding_id, given, now=clock.now())
            return done(finding_id, "Your reading is kept, and counts for this very inference.")
        except ObserveError as problem:
            form.refuse(problem)
    return again(study, finding_id, form=form, rivals=rivals)


def done(finding_id: int, words: str) -> ResponseReturnValue:
    flash(words, "good")
    return redirect(url_for("patterns.show", finding_id=finding_id, _anchor="reviews"), 303)


def again(study: Study, finding_id: int, **given: Any) -> ResponseReturnValue:
    """The page with what was filled in, and what is wrong with it."""
    case = actions.case_of(current.database(), study.id, finding_id)
    return page(study, case, printed=False, **forms_for(study, case, **given)), 422


@pages.post("/<int:finding_id>/reply")
@needs("pattern.run")
def reply(study: Study, finding_id: int) -> ResponseReturnValue:
    """What the observed person says of it, put down by a supervisor."""
    form = ReplyForm(prefix="reply-")
    if not form.validate_on_submit():
        return again(study, finding_id, reply=form)
    given = Given(Decision(form.decision.data), form.reason.data)
    try:
        actions.reply(current.database(), current.person(), study, finding_id, given, now=clock.now())
    except ObserveError as problem:
        form.refuse(problem)
        return again(study, finding_id, reply=form)
    return done(finding_id, "The reply stands beside the finding.")


@pages.post("/<int:finding_id>/dissent")
@needs("pattern.run")
def dissent(study: Study, finding_id: int) -> ResponseReturnValue:
    """Ask somebody by name to argue the other side."""
    case = actions.case_of(current.database(), study.id, finding_id)
    form = dissent_form(study, case)
    if not form.validate_on_submit():
        return again(study, finding_id, dissent=form)
    try:
        actions.ask_dissent(
            current.database(), current.person(), study, finding_id, form.whom.data, now=clock.now()
        )
    except ObserveError as problem:
        form.refuse(problem)
        return again(study, finding_id, dissent=form)
    return done(finding_id, "Asked. The pattern is not endorsed before they have spoken.")


@pages.post("/<int:finding_id>/outcome")
@needs("pattern.run")
def outcome(study: Study, finding_id: int) -> ResponseReturnValue:
    """What turned out since: readers' confidence is held against it."""
    form = OutcomeForm(prefix="outcome-")
    if not form.validate_on_submit():
        return again(study, finding_id, outcome=form)
    try:
        actions.tell_outcome(
            current.database(), current.person(), study, finding_id, held=form.held.data == "yes", words=form.words.data, now=clock.now()
        )  # fmt: skip
    except ObserveError as problem:
        form.refuse(problem)
        return again(study, finding_id, outcome=form)
    return done(finding_id, "Kept. No reading is changed by it.")


@pages.get("/readers")
@needs("pattern.run")
def readers(study: Study) -> str:
    """Whether readers agree, what they dispute, and how sure they were of what turned out."""
    db = current.database()
    found = actions.readers_of(db, current.person(), study)
    keys = {int(key) for pair in found.pairs for key in pair.readers if key.isdigit()}
    runs = patterns.runs_of(db, study.id)
    heads = {run.id: patterns.head_of(db, run.id) for run in runs}
    labels = {one["construct"]: one["label"] for head in heads.values() for one in head["constructs"]}
    names = findings.names_for(study.id, runs[0], heads[runs[0].id]) if runs else None

    def named(kind: str, name: str) -> str:
        if kind == "construct" or names is None:
            return str(labels.get(name, name))
        return names.indicator(name) if kind == "indicator" else names.of(name)

    return render_template(
        "patterns/readers.html", readers=found, who={str(key): name for key, name in people.names(db, keys).items()}, named=named
    )  # fmt: skip


@pages.post("/<int:finding_id>/proposal")
@needs("pattern.review")
def propose(study: Study, finding_id: int) -> ResponseReturnValue:
    """Words for whoever designs the framework. It changes nothing by itself."""
    form = ProposalForm(prefix="propose-")
    if not form.validate_on_submit():
        return again(study, finding_id, proposal=form)
    actions.propose(current.database(), current.person(), study, finding_id, form.words.data, now=clock.now())
    return done(finding_id, "Proposed. Nothing changes before somebody publishes another version.")
