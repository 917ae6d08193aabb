"""Coded records: derived from a log when they are asked for, kept until the log grows, the same whenever they are rebuilt.

Derived on reading and not while a tablet waits: a session that comes in ten batches is then derived once, not ten times.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache

import msgspec
from sqlalchemy.orm import Session

from frameworks.model import Framework
from frameworks.schema import framework_of
from observe.core import digest, session_file
from observe.core.budget import Sums
from observe.core.coding.events import Event, event_of
from observe.core.coding.record import Timeline
from observe.core.coding.timeline import timeline
from observe.core.errors import Busy, NoRoom
from observe.core.measures.session import BudgetRow, budget
from observe.store import frameworks, records
from observe.store import sessions as kept
from observe.store.base import writing
from observe.store.records import LogRow, RecordRow, SessionRow

SOFTWARE = "record/2"
"""goes up whenever the same log could come to another record; kept records of an older one are derived anew"""
KEPT_AT_ONCE = 100
"""records that are kept in one transaction: each flushes the disk, which takes longer than to derive a short session"""

_record = msgspec.json.Decoder(Timeline)
_budget = msgspec.json.Decoder(tuple[BudgetRow, ...])
_sums = msgspec.json.Decoder(tuple[Sums, ...])


@dataclass(frozen=True, slots=True)
class Coded:
    """A session with what its log means. `logs` says how complete it is."""

    session: SessionRow
    logs: tuple[LogRow, ...]
    row: RecordRow

    @property
    def timeline(self) -> Timeline:
        """Decoded anew each time it is asked for: hold on to it."""
        return _record.decode(self.row.record)

    @property
    def budget(self) -> tuple[BudgetRow, ...]:
        return _budget.decode(self.row.budget)

    @property
    def sums(self) -> tuple[Sums, ...]:
        """What of the budget goes into the study's."""
        return _sums.decode(self.row.budget)


@lru_cache(maxsize=256)
def read(document: str) -> Framework:
    """A kept document as a model, read once."""
    return framework_of(json.loads(document))


def framework(db: Session, study: int, content_hash: str) -> Framework:
    """The framework version that sessions are pinned to, as a model."""
    version = frameworks.version_by_hash(db, study, content_hash)
    assert version is not None, "a session is only taken in with a published framework"
    return read(version.document)


def coded(db: Session, rows: Sequence[SessionRow], *, whole: bool = True, now: datetime) -> Iterator[Coded]:
    """Each session with its record, derived and kept where the one at hand is missing or old.

    Not `whole`: for those who only want budgets; the timeline may not be there.
    """
    ids = [row.id for row in rows]
    logs = records.logs_of(db, ids)
    fresh = {row.session: row for row in records.records(db, ids, whole=whole)}
    derived: list[RecordRow] = []
    models: dict[str, Framework] = {}
    for row in rows:
        there = fresh.get(row.id)
        if there is None or there.software != SOFTWARE or there.marks != _marks(logs[row.id]):
            model = models.get(row.framework) or framework(db, row.study, row.framework)
            models[row.framework] = model
            there = derive(db, row, logs[row.id], model)
            derived.append(there)
        if len(derived) >= KEPT_AT_ONCE:
            _keep(db, derived, now)
            derived = []
        yield Coded(row, tuple(logs[row.id]), there)
    _keep(db, derived, now)


def one(db: Session, row: SessionRow, *, now: datetime) -> Coded:
    """One session with its record."""
    [found] = coded(db, [row], now=now)
    return found


def _keep(db: Session, rows: Sequence[RecordRow], now: datetime) -> None:
    """Keep those whose log is still what they were derived from: words may have been taken out of it meanwhile."""
    if not rows:
        return
    try:
        with writing(db):
            logs = records.logs_of(db, [row.session for row in rows])
            for row in rows:
                if row.marks == _marks(logs[row.session]):
                    records.keep(db, row, now=now)
    except (Busy, NoRoom):
        pass  # they were derived all the same; they will be kept the next time


def _marks(logs: Iterable[LogRow]) -> str:
    return " ".join(log.mark for log in logs)


def derive(db: Session, row: SessionRow, logs: Sequence[LogRow], model: Framework) -> RecordRow:
    """The record of a log, from the log and its framework alone: the same log gives the same bytes."""
    found = timeline(model, json.loads(row.header), events_of(db, logs))
    return RecordRow(
        session=row.id,
        marks=_marks(logs),
        digest=digest_of(db, logs),
        software=SOFTWARE,
        ended=found.ended,
        end_ms=found.end,
        findings=len(found.findings),
        record=msgspec.json.encode(found),
        budget=msgspec.json.encode(budget(model, found)),
    )


def events_of(db: Session, logs: Sequence[LogRow]) -> list[Event]:
    """The events of all logs of a session. Those of later logs (corrections at the desk) are numbered after the first."""
    found: list[Event] = []
    before = 0
    for log in logs:
        own = [event_of(json.loads(body)) for body in records.bodies(db, log.id)]
        found += own if not before else [replace(event, seq=event.seq + before) for event in own]
        before += log.stored_to
    return found


def file_of(db: Session, row: SessionRow) -> str:
    """The session as a file that a recorder reads. Corrections made at the desk are numbered after the tablet's log."""
    texts: list[str] = []
    for log in records.logs_of(db, [row.id])[row.id]:
        own = records.bodies(db, log.id)
        before = len(texts)
        texts += own if not before else [renumbered(body, before) for body in own]
    return session_file.written(row.header, texts)


def renumbered(body: str, before: int) -> str:
    """The event with the number that it has behind so many others."""
    event = json.loads(body)
    return json.dumps({**event, "seq": event["seq"] + before}, ensure_ascii=False, separators=(",", ":"))


def digest_of(db: Session, logs: Sequence[LogRow]) -> str:
    """One digest over all logs of a session; of a session with one log, that log's own."""
    own = [kept.digest_of(db, log.id, log.stored_to) for log in logs]
    return own[0] if len(own) == 1 else digest.of_log(bytes.fromhex(one) for one in own)


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """How many records were derived anew, and those that came out otherwise than they had been kept."""

    sessions: int
    changed: tuple[str, ...]


def rebuild(db: Session, *, now: datetime) -> Rebuilt:
    """Derive every record anew. One that changed without its log having grown was derived by other software."""
    changed: list[str] = []
    everything = records.all_ids(db)
    for study, session_id in everything:
        row = records.session(db, study, session_id)
        assert row is not None
        before = next(records.records(db, [session_id]), None)
        logs = records.logs_of(db, [session_id])[session_id]
        after = derive(db, row, logs, framework(db, study, row.framework))
        if before is not None and before.marks == after.marks and before != after:
            changed.append(session_id)
        with writing(db):
            records.keep(db, after, now=now)
    return Rebuilt(len(everything), tuple(changed))
