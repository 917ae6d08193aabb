"""Questions to many sessions as they stand in an address, and where their answers are."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask.wrappers import Response

from frameworks.model import Framework
from observe.actions import analysis
from observe.actions import scope as scopes
from observe.actions.analysis import Asked, Query
from observe.actions.scope import Choice, Scope
from observe.core.errors import NotFound
from observe.core.tidy import Cell, Column
from observe.documents.tables import csv_pieces
from observe.store import jobs, records, studies
from observe.store.jobs import Job
from observe.store.records import SessionRow
from observe.store.studies import Study
from observe.web import clock, current, printing
from observe.web.guard import can
from observe.web.pages.sessions import day

CONSENTS = (("stated", "stated"), ("not-needed", "not needed"))
PURPOSES = (("field", "field"), ("reliability", "reliability"))


CHOSEN = {
    "observer": "Observer", "subject": "Subject", "setting": "Setting", "purpose": "Purpose", "consent": "Consent",
}  # fmt: skip
WRITTEN = {
    "where": "Only where", "since": "From", "until": "To", "hours": "Begun between the hours", "part": "Minutes of each session",
}  # fmt: skip
"""what filters are called: those chosen from a list, and those written into a field"""
VARIABLE = "v."
"""before a variable's name in an address: `v.course=11`"""
MOST_VALUES = 60
"""values that can be chosen from a list; of more, they are offered while somebody writes"""


@dataclass(frozen=True, slots=True)
class Filter:
    """A variable by which sessions can be chosen: its name in an address, what it is called, and the values there are."""

    name: str
    label: str
    values: Sequence[tuple[str, str]]

    @property
    def many(self) -> bool:
        return len(self.values) > MOST_VALUES


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, with the sessions that it means and what the filters offer."""

    query: Query
    rows: Sequence[SessionRow]
    scope: Scope | None
    given: dict[str, str]
    choices: Mapping[str, Sequence[tuple[str, str]]]
    wider: Choice | None = None
    """all versions of the framework, where sessions of others are left out"""
    variables: Sequence[Filter] = ()

    @property
    def model(self) -> Framework | None:
        """What codes are called and how they are sampled."""
        return self.scope.model if self.scope else None

    @property
    def labels(self) -> dict[str, str]:
        """What codes, ratings and streams are called."""
        if self.model is None:
            return {}
        found = {one.id: str(one.label) for one in self.model.streams}
        found |= {code.id: str(code.label) for _, code in self.model.codes()}
        return found | {one.id: str(one.label) for _, one in self.model.ratings()}

    @property
    def in_use(self) -> list[tuple[str, str]]:
        """The filters that leave sessions out, each with what it is called and what it lets through."""
        found = [
            (words, dict(self.choices[name]).get(self.given[name], self.given[name]))
            for name, words in CHOSEN.items()
            if self.given.get(name)
        ]
        known = {one.name: one for one in self.variables}
        for name, value in self.given.items():
            if name.startswith(VARIABLE) and value.strip():
                one = known.get(name)
                found.append(
                    (one.label, dict(one.values).get(value, value))
                    if one
                    else (in_words(name.removeprefix(VARIABLE)), value)
                )
        found += [(words, self.given[name]) for name, words in WRITTEN.items() if self.given.get(name)]
        return found + ([("A happening seen by several", "counts once")] if self.query.once else [])

    @property
    def colours(self) -> dict[str, str]:
        return {code.id: code.colour for _, code in self.model.codes()} if self.model else {}


def question(study: Study, *, practice: bool = False) -> Question:
    """The filters in the address; without a framework, the newest version that sessions were recorded with."""
    db, study_id, given = current.database(), study.id, request.args
    every = records.of_study(db, study_id)
    used = scopes.used_in(every)
    chosen = given.get("framework", "") or next(iter(used), "")
    scope = scopes.of(db, study_id, chosen, given.get("part", "")) if chosen else None
    if scope and not any(mark in used for mark in scope.versions):
        raise NotFound
    offered = scopes.choices(db, study_id, used)
    chosen = scope.asked if scope else ""
    if scope and all(one.asked != chosen for one in offered):
        offered.insert(0, Choice(chosen, f"{scope.words} together", tuple(scope.versions.values()), 0))
    query = Query(
        framework=chosen, observer=given.get("observer", type=int), subject=given.get("subject", ""),
        setting=given.get("setting", ""), where=where_in(given), purpose=given.get("purpose", ""),
        since=day(given.get("since", "")), until=day(given.get("until", ""), after=1), once=bool(given.get("once")),
        hours=given.get("hours", ""), consent=given.get("consent", ""), window=given.get("part", ""),
    )  # fmt: skip
    rows = analysis.rows_of(db, study_id, query) if chosen else []
    purposes = (*PURPOSES, ("practice", "practice")) if practice else PURPOSES
    silent = analysis.withheld(db, study_id)
    choices = {
        "framework": [(one.asked, one.words) for one in offered],
        "observer": [(str(one.id), one.name) for one in studies.observers(db, study_id)],
        "setting": [(one.id, one.label) for one in studies.settings(db, study_id)],
        "subject": [(one.id, one.pseudonym) for one in studies.subjects(db, study_id) if one.id not in silent],
        "purpose": purposes,
        "consent": CONSENTS,
    }
    return Question(
        query, rows, scope, {**given.to_dict(), "framework": chosen}, choices, wider_than(scope, offered, used),
        variables_in(scope, [row for row in every if row.framework in scope.versions]) if scope else (),
    )  # fmt: skip


def where_in(given: Mapping[str, str]) -> str:
    """What is asked of variables, from the fields of the form and from a `where` that was written by hand."""
    fields = [
        analysis.condition(name.removeprefix(VARIABLE), value.strip())
        for name, value in sorted(given.items())
        if name.startswith(VARIABLE) and value.strip()
    ]
    return ",".join([*fields, *([given["where"]] if given.get("where", "").strip() else [])])


def variables_in(scope: Scope, rows: Sequence[SessionRow]) -> list[Filter]:
    """The variables that these sessions have, with what they and their values are called."""
    said = {one.id: one for one in scope.model.variables}
    found, read = [], [row for row in rows if row.consent != "refused"]
    held = [analysis.variables_of(row) for row in read]
    for name, values in analysis.values_of(read).items():
        if len(values) == 1 and all(name in one for one in held):
            continue  # nothing could be left out by it
        options = {one.id: str(one.label) for one in said[name].options} if name in said else {}
        words = [(str(one), options.get(str(one), _yes_no(one))) for one in values]
        found.append(Filter(VARIABLE + name, str(said[name].label) if name in said else in_words(name), words))
    return found


SHORT = 5
"""characters of an id that reads better on an axis than what it stands for"""


def axis_names(ids: Sequence[str], labels: Mapping[str, str]) -> dict[str, str]:
    """What codes are called on the sides of a matrix: their ids where all are short, with a legend, else their labels."""
    named = {one: labels.get(one, one) for one in ids}
    if all(len(one) <= SHORT for one in ids) and any(len(words) > SHORT for words in named.values()):
        return {one: one for one in ids}
    return named if len(set(named.values())) == len(named) else {one: one for one in ids}


def in_words(name: str) -> str:
    """What a variable is called that no framework names."""
    return name.replace("_", " ").strip().capitalize() or name


def _yes_no(value: Any) -> str:
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)


def wider_than(scope: Scope | None, offered: Sequence[Choice], used: Mapping[str, int]) -> Choice | None:
    """The choice of all versions of a framework that sessions were recorded with, where it holds more than this scope."""
    if scope is None:
        return None
    theirs = f"{scope.slug}@"
    every = next((one for one in offered if one.asked.startswith(theirs) and one.sessions), None)
    return every if every and set(every.numbers) > set(scope.versions.values()) else None


@dataclass(frozen=True, slots=True)
class Answered:
    """A question with what came out: None where that is not there. A page, its PDF and its tables are made from it."""

    asked: Question
    more: Mapping[str, Any]
    """what is asked beside which sessions"""
    rows: Sequence[SessionRow]
    """the sessions that are read for it"""
    job: Job | None
    result: Any

    @property
    def args(self) -> dict[str, str]:
        """The question again, for links."""
        return arguments()

    @property
    def worked_out(self) -> datetime | None:
        """When that was; a page says this and not when it was drawn, so that it is the same until the answer is another."""
        return self.job.ended_at if self.job else None


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of question to many sessions: a page, the same on paper, and its tables, all out of one answer.

    Its name is that of its work, of its blueprint and of its files.
    """

    name: str
    page: Callable[[Answered, bool], str]
    """the page of an answer; printed or not"""
    more: Callable[[Question], Mapping[str, Any]] = lambda asked: {}
    rows: Callable[[Study, Question], Sequence[SessionRow]] = lambda study, asked: asked.rows
    """the sessions that it is asked of; where there are none, nothing is asked"""
    practice: bool = False

    def shown(self, study: Study) -> ResponseReturnValue:
        """The answer to the question in the address, or the way to it."""
        if way := from_job(study, self.home):
            return way
        found = self.answered(study)
        return on_its_way(found) or self.page(found, False)

    def printed(self, study: Study) -> ResponseReturnValue:
        """The page on A4, with the question and where the figures come from."""
        if made := printing.just_made(study):
            return made
        found = self.answered(study)
        if found.result is None:
            return on_its_way(found) or redirect(address(self.home, found.args), 303)
        page, back = self.page(found, True), address(self.home, found.args)
        return printing.as_pdf(study, page, f"{study.slug}-{self.name}.pdf", back=back)

    def table(
        self, study: Study, name: str, rows: Callable[[Answered], Sequence[Mapping[str, Cell]]]
    ) -> ResponseReturnValue:
        """One of the page's tables, to take along."""
        found = self.answered(study)
        if found.result is None:
            return on_its_way(found) or redirect(address(self.home, found.args), 303)
        return csv_of(f"{study.slug}-{name}", said_by(found.asked, rows(found)))

    @property
    def home(self) -> str:
        return f"{self.name}.index"

    def answered(self, study: Study) -> Answered:
        asked = question(study, practice=self.practice)
        more, rows = self.more(asked), self.rows(study, asked)
        found = answer(study, self.name, asked, more, rows) if rows else Asked(None, None)
        return Answered(asked, more, rows, found.job, found.result)


def answer(study: Study, kind: str, asked: Question, more: Mapping[str, Any], rows: Sequence[SessionRow]) -> Asked:
    """The answer, if it is there; else the job that is working on it, asked for now by whoever may."""
    db, study_id = current.database(), study.id
    parameters = {**asked.query.as_parameters(), **more}
    read = asked.scope.mark if asked.scope else ""
    key = analysis.key_of(db, study_id, kind, rows, parameters, read=read)
    found = analysis.look(db, study_id, kind, key)
    if found.result is not None or not can("analysis.run"):
        return found
    job = analysis.ask(
        db, current.person(), study, kind, {**parameters, "args": arguments()}, key, now=clock.now()
    )
    current.put_into_queue(job.id)
    db.expire(job)
    return analysis.look(db, study_id, kind, key)


def from_job(study: Study, endpoint: str) -> ResponseReturnValue | None:
    """The question again, for whoever comes with the number of the job that answered it."""
    number = request.args.get("job")
    if not number:
        return None
    job = jobs.by_id(current.database(), study.id, number)
    if job is None:
        raise NotFound
    return redirect(address(endpoint, args_of(job)), 303)


def on_its_way(found: Answered) -> ResponseReturnValue | None:
    """To where the job tells how far it is."""
    if found.result is not None or found.job is None:
        return None
    return redirect(url_for("jobs.show", job_id=found.job.id), 303)


def arguments() -> dict[str, str]:
    """The question in the address again, without what belongs to the way to its answer."""
    return {name: value for name, value in request.args.to_dict().items() if name not in ("job", printing.MADE)}


def said_by(asked: Question, rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Rows of a table to take along; those of several versions name the map that they were read by."""
    mark = asked.scope.map if asked.scope else ""
    return [dict(row) | ({"read_by_map": mark} if mark else {}) for row in rows]


def address(endpoint: str, values: Mapping[str, Any]) -> str:
    """An address with these values."""
    return url_for(endpoint, **values)


def args_of(job: Job) -> dict[str, str]:
    found: dict[str, str] = json.loads(job.parameters).get("args") or {}
    return found


def csv_of(name: str, rows: Sequence[Mapping[str, Cell]]) -> Response:
    """A table as it is shown, to take along. Its columns are those of its first row."""
    names = list(rows[0]) if rows else []
    columns = [Column(one, _type(row[one] for row in rows), "") for one in names]
    pieces = csv_pieces(columns, [tuple(row[one] for one in names) for row in rows])
    return printing.attached(b"".join(pieces), "text/csv", f"{name}.csv")


def _type(values: Iterable[Any]) -> str:
    known = [value for value in values if value is not None]
    if any(isinstance(value, str) for value in known):
        return "string"
    return "boolean" if known and all(isinstance(value, bool) for value in known) else "number"
