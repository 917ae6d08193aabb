"""The forms beside a finding, each for those who may use it."""

from __future__ import annotations

from typing import Any

from wtforms import SelectChoice

from observe.actions.reviews import CLAIMED, Case
from observe.core.access import may
from observe.store import patterns, studies
from observe.store.studies import Study
from observe.web import current, findings
from observe.web.forms.reviews import DissentForm, OutcomeForm, ProposalForm, ReplyForm, ReviewForm, RivalForm
from observe.web.guard import can


def forms_for(study: Study, case: Case, **given: Any) -> dict[str, Any]:
    """The forms beside a finding, each for those who may use it."""
    found: dict[str, Any] = {
        "form": None,
        "rivals": [],
        "reply": None,
        "dissent": None,
        "proposal": None,
        "outcome": None,
    }
    if can("pattern.review"):
        found |= {
            "form": review_form(study, case),
            "rivals": rival_forms(case),
            "proposal": ProposalForm(prefix="propose-"),
        }
    if can("pattern.run"):
        found |= {"reply": ReplyForm(prefix="reply-"), "dissent": dissent_form(study, case)}
    if can("pattern.run") and case.finding.status in CLAIMED:
        found["outcome"] = OutcomeForm(prefix="outcome-")
    return found | given


def review_form(study: Study, case: Case) -> ReviewForm:
    """The weightiest observations of both sides can be leant on."""
    form = ReviewForm()
    head = patterns.head_of(current.database(), case.run.id)
    items = findings.items_of(case.finding.body, findings.names_for(study.id, case.run, head), {})
    sides = [[one for one in items if one.side == side][: findings.LISTED] for side in ("supporting", "contrary")]
    form.cited.choices = [
        (
            one.key,
            f"{'Supports it' if one.side == 'supporting' else 'Speaks against it'}: {one.indicator}, {one.session_words}, "
            f"watched by {one.observer}: {one.words}",
        )
        for side in sides
        for one in side
    ]
    return form


def rival_forms(case: Case) -> list[RivalForm]:
    """Those named beforehand first, as the run lists them."""
    return [RivalForm(one) for one in case.finding.body["rivals"]]


def dissent_form(study: Study, case: Case) -> DissentForm:
    form = DissentForm(prefix="ask-")
    spoke = {one.reviewer for one in case.reviews if one.inference == case.finding.hash}
    form.whom.choices = [
        SelectChoice(one.person.id, one.person.name)
        for one in studies.members(current.database(), study.id)
        if may(one.roles, "pattern.review") and str(one.person.id) not in spoke
    ]
    return form
