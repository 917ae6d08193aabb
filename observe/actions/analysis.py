"""Asking a study's sessions a question: which sessions, under what name the answer is kept, and what they hold."""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import quote, unquote

import msgspec
from sqlalchemy.orm import Session

from frameworks.model import Framework
from observe.actions import jobs as work
from observe.actions import records as coding
from observe.actions import scope as scopes
from observe.actions.doing import Actor
from observe.actions.exports import AT_ONCE, silence_of, silenced, source_of
from observe.actions.scope import Scope
from observe.core.tidy import Source
from observe.store import frameworks, happenings, people, records, studies
from observe.store import jobs as kept
from observe.store.jobs import Job
from observe.store.records import SessionRow, Wanted
from observe.store.studies import Study

ENGINE = "analysis/6"
"""goes up whenever the same records could come to another answer; answers of an older one are worked out anew"""


@dataclass(frozen=True, slots=True)
class Query:
    """Which sessions of a study are asked. Practice never counts as data, and refused sessions are never read."""

    framework: str = ""
    """a version's hash, or several versions of a framework as `slug@1-3`"""
    observer: int | None = None
    subject: str = ""
    setting: str = ""
    where: str = ""
    """`variable=value`, several with commas"""
    purpose: str = ""
    since: int | None = None
    until: int | None = None
    hours: str = ""
    """hours of the local day in which sessions began, as `9-12`: from nine until before twelve"""
    consent: str = ""
    window: str = ""
    """the part of each session that is read, in minutes from its start, as `0-10`"""
    once: bool = False
    """one record of each happening, the first observer's, instead of all"""

    @staticmethod
    def of(parameters: Mapping[str, Any]) -> Query:
        """A query as it stands in a job."""
        return Query(**{name: parameters[name] for name in Query.__dataclass_fields__ if name in parameters})

    def as_parameters(self) -> dict[str, Any]:
        """What narrows the choice, to be kept with a job or a document."""
        return {name: value for name, value in asdict(self).items() if value not in (None, "", False)}


HOURS = re.compile(r"(\d{1,2})\s*[-–]\s*(\d{1,2})")


def rows_of(db: Session, study_id: int, query: Query) -> list[SessionRow]:
    """The sessions that a query means, oldest first."""
    wanted = Wanted(
        observer=query.observer, setting=query.setting, purpose=query.purpose, since=query.since, until=query.until
    )
    versions = scopes.marks_in(db, study_id, query.framework)
    found = [
        row
        for row in records.of_study(db, study_id, wanted)[::-1]
        if (not query.framework or row.framework in versions) and row.purpose != "practice" and chosen(row, query)
    ]
    return first_of_each(found) if query.once else found


def chosen(row: SessionRow, query: Query) -> bool:
    """What a query asks of a session beside where, when and by whom; refused ones are never read."""
    return (
        row.consent != "refused"
        and (not query.consent or row.consent == query.consent)
        and began_in(row, query.hours)
        and matches(row, query.where)
    )


def began_in(row: SessionRow, hours: str) -> bool:
    """Whether a session began in these hours of its local day; from 22 to 6 goes over midnight."""
    found = HOURS.fullmatch(hours.strip())
    if found is None:
        return True
    first, last = (int(one) % 24 for one in found.groups())
    hour = (row.started // 60_000 + row.offset) // 60 % 24
    return first <= hour < last if first < last else hour >= first or hour < last


def matches(row: SessionRow, where: str) -> bool:
    """Whether all of `name=value, other=value` hold for the session's variables."""
    asked = [part.partition("=") for part in where.split(",") if "=" in part]
    variables = variables_of(row) if asked else {}
    return all(str(variables.get(unquote(name.strip()), "")) == unquote(value.strip()) for name, _, value in asked)


def condition(name: str, value: str) -> str:
    """`name=value` as it stands in a query; a comma or an equals sign within either is no longer one."""
    return f"{quote(name, safe=' ')}={quote(value, safe=' ')}"


class _Header(msgspec.Struct):
    variables: dict[str, Any] | None = None


_header = msgspec.json.Decoder(_Header)


def variables_of(row: SessionRow) -> dict[str, Any]:
    return _header.decode(row.header).variables or {}


def values_of(rows: Sequence[SessionRow]) -> dict[str, list[Any]]:
    """Each variable that sessions have, with its values: each once, numbers in their order. Lists cannot be asked for."""
    found: dict[str, dict[str, Any]] = {}
    for row in rows:
        for name, value in variables_of(row).items():
            if isinstance(value, str | int | float) and value != "":
                found.setdefault(name, {}).setdefault(str(value).strip(), value)
    return {name: sorted(values.values(), key=_in_order) for name, values in sorted(found.items())}


def _in_order(value: Any) -> tuple[bool, float, str]:
    try:
        return False, float(value), str(value)
    except ValueError:
        return True, 0.0, str(value)


def first_of_each(rows: Sequence[SessionRow]) -> list[SessionRow]:
    """One session of each happening, so that what two observers saw together is not counted twice."""
    seen: set[str] = set()
    found = []
    for row in rows:
        if row.happening is None or row.happening not in seen:
            found.append(row)
            seen |= {row.happening} if row.happening else set()
    return found


def withheld(db: Session, study_id: int) -> frozenset[str]:
    """Subjects about whom nothing may be told."""
    roster = studies.subjects(db, study_id, erased=True)
    return frozenset(one.id for one in roster if one.consent in {"refused", "withdrawn"} or one.erased_at)


def key_of(
    db: Session,
    study_id: int,
    kind: str,
    rows: Sequence[SessionRow],
    parameters: Mapping[str, Any],
    *,
    read: str = "",
) -> str:
    """One hash of everything that an answer depends on: logs, headers, consent, the question, and the software.

    `read` is the mark of the scope: another map is another answer.
    """
    logs = records.logs_of(db, [row.id for row in rows])
    lines = [f"{row.id} {row.header} {row.setting} {' '.join(log.mark for log in logs[row.id])}" for row in rows]
    said = [
        ENGINE,
        coding.SOFTWARE,
        read,
        kind,
        json.dumps(parameters, sort_keys=True),
        *sorted(withheld(db, study_id)),
    ]
    return hashlib.sha256("\n".join([*said, *sorted(lines)]).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Asked:
    """Where a question stands: its answer, the job that works on it, or neither."""

    job: Job | None
    result: Any

    @property
    def waits(self) -> bool:
        return self.job is not None and self.result is None and self.job.state in (kept.WAITING, kept.RUNNING)


def look(db: Session, study_id: int, kind: str, key: str) -> Asked:
    """The answer that is kept under this key, if there is one."""
    job = kept.same(db, study_id, kind, key)
    result = json.loads(job.result) if job is not None and job.state == kept.DONE and job.result else None
    return Asked(job, result)


def ask(
    db: Session, actor: Actor, study: Study, kind: str, parameters: Mapping[str, Any], key: str, *, now: datetime
) -> Job:
    """The job that answers; the same question of the same sessions is worked out once."""
    return work.ask(db, actor, study, kind, parameters, key=key, now=now)


def digests(
    db: Session,
    study_id: int,
    rows: Sequence[SessionRow],
    *,
    read: str = "",
    now: datetime,
    step: Callable[[int, int], None] = lambda done, of: None,
) -> dict[str, str]:
    """A mark for each session of all that its columns are made from.

    Records that are old are derived on the way, many in one transaction; `step(done, of)` counts them.
    """
    logs = records.logs_of(db, [row.id for row in rows])
    kept_ones = happenings.kept_digests(db, [row.id for row in rows])
    marks = {row.id: " ".join(log.mark for log in logs[row.id]) for row in rows}
    fresh = {
        one: there.digest
        for one, there in kept_ones.items()
        if (there.marks, there.software) == (marks[one], coding.SOFTWARE)
    }
    old = [row for row in rows if row.id not in fresh]
    for start in range(0, len(old), AT_ONCE):
        step(start, len(old))
        some = coding.coded(db, old[start : start + AT_ONCE], whole=False, now=now)
        fresh |= {one.session.id: one.row.digest for one in some}
    silence = silence_of(studies.subjects(db, study_id, erased=True))
    silent = " ".join([*sorted(silence.subjects), *sorted(silence.names)])
    names = people.names(db, {row.observer for row in rows})
    places = {one.id: one.label for one in studies.settings(db, study_id)}
    found = {}
    for row in rows:
        said = (
            fresh[row.id],
            marks[row.id],
            coding.SOFTWARE,
            row.status,
            places.get(row.setting or "", ""),
            names.get(row.observer, ""),
        )
        found[row.id] = hashlib.sha256("\n".join([*said, silent, *([read] if read else [])]).encode()).hexdigest()
    return found


def sources(
    db: Session, study: Study, rows: Sequence[SessionRow], scope: Scope | None = None, *, now: datetime
) -> Iterator[Source]:
    """What each session gives to the columns, in the ids of the scope; subjects without consent are in none of it."""
    silence = silence_of(studies.subjects(db, study.id, erased=True))
    names = people.names(db, {row.observer for row in rows})
    places = {one.id: one.label for one in studies.settings(db, study.id)}
    numbers = {one.hash: one.number for one in frameworks.versions_of_study(db, study.id)}
    models: dict[str, Framework] = {}
    for start in range(0, len(rows), AT_ONCE):
        for recorded in coding.coded(db, rows[start : start + AT_ONCE], now=now):
            coded, row = scopes.read_by(scope, recorded) if scope else recorded, recorded.session
            own = scope.own.get(row.framework) if scope else None
            model = own or models.get(row.framework) or coding.framework(db, study.id, row.framework)
            models[row.framework] = model
            source = source_of(coded, model, study.slug, numbers[row.framework])
            yield replace(
                silenced(db, source, coded, silence),
                observer=names.get(row.observer, str(row.observer)),
                setting=places.get(row.setting, row.setting) if row.setting else None,
                budget=coded.budget,
            )


def as_json(value: object) -> Any:
    """A value of ours as plain JSON; what is not a number there is nothing, never NaN."""
    return _finite(msgspec.to_builtins(value, enc_hook=lambda one: one.item()))


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _finite(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(one) for one in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def everything(db: Session, study_id: int, scope: Scope | None = None) -> list[SessionRow]:
    """All sessions that columns are kept of (of these versions); refused ones are not."""
    rows = records.of_study(db, study_id)
    return [row for row in rows if row.consent != "refused" and (scope is None or row.framework in scope.versions)]
