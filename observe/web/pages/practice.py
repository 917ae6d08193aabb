"""Practice material: which agreed codings the tablets of a study hold."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from observe.actions import practice
from observe.actions import records as coding
from observe.actions.practice import NotForPractice
from observe.store import consensus, people
from observe.store import practice as kept
from observe.store.consensus import Certificate
from observe.store.studies import Study
from observe.web import clock, current
from observe.web.guard import needs

pages = Blueprint("practice", __name__, url_prefix="/studies/<slug>/practice")


@pages.get("/")
@needs("practice.offer")
def index(study: Study) -> str:
    db, study_id = current.database(), study.id
    there = kept.of_study(db, study_id, withdrawn=True)
    practised = practice.practised(db, study_id)
    certified: dict[tuple[str, str], Certificate] = {}
    for one in consensus.certificates(db, study_id):
        certified.setdefault((one.session, one.stream), one)  # the newest counts
    people_shown = {one.by for one in there} | {one.row.observer for one in practised}
    fetched = {one.id for one in practice.offered(db, study_id)}
    return render_template(
        "practice/index.html", materials=there, fetched=fetched, who=people.names(db, people_shown),
        titles=practice.titles(db, study_id), practised=practised, certified=certified,
        streams={mark: streams_of(db, study_id, mark) for mark in {one.row.framework for one in practised}},
    )  # fmt: skip


def streams_of(db: Session, study_id: int, mark: str) -> dict[str, str]:
    """What the streams of a version are called, by id."""
    return {one.id: str(one.label) for one in coding.framework(db, study_id, mark).streams}


@pages.post("/")
@needs("practice.offer")
def offer(study: Study) -> ResponseReturnValue:
    given, slug = request.form, study.slug
    try:
        made = practice.offer(
            current.database(), current.person(), study, given.get("session", ""), given.get("other", ""),
            given.get("title", ""), given.get("hint", ""), now=clock.now(),
        )  # fmt: skip
        flash(f"Tablets fetch “{made.title}” when they next hear from the server.", "good")
    except NotForPractice as problem:
        flash(f"{problem} {problem.remedy}", "alarm")
    return redirect(url_for(".index", slug=slug), 303)


@pages.post("/<material_id>/withdraw")
@needs("practice.offer")
def withdraw(study: Study, material_id: str) -> ResponseReturnValue:
    practice.withdraw(current.database(), current.person(), study, material_id, now=clock.now())
    flash("Withdrawn. Tablets drop it when they next hear from the server.", "good")
    return redirect(url_for(".index"), 303)
