"""Records that are derived on reading are kept some at a time; what is lost half-way is only what can be derived again."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from observe.actions import analysis
from observe.actions import records as coding
from observe.store import records
from observe.store.base import writing
from observe.store.sessions import events, logs
from tests.factories.inferred import watched


@pytest.fixture
def play(db, cast, clock):
    return watched(db, cast, clock())


def sessions_of(play):
    play.db.rollback()
    return records.of_study(play.db, play.cast.study.id)


def kept(play) -> set[str]:
    play.db.rollback()
    return {one.session for one in records.records(play.db, [row.id for row in sessions_of(play)])}


def test_many_records_are_kept_in_one_transaction(db, play, clock, monkeypatch):
    begun = []

    def counted(session):
        begun.append(session)
        return writing(session)

    monkeypatch.setattr(coding, "writing", counted)
    rows = sessions_of(play)
    first = {one.session.id: one.row.digest for one in coding.coded(db, rows, now=clock())}
    again = {one.session.id: one.row.digest for one in coding.coded(db, rows, now=clock())}

    assert len(begun) == 1
    assert kept(play) == set(first) == {row.id for row in rows}
    assert len(first) == 8
    assert again == first


def test_columns_are_told_of_old_records_by_the_batch_and_derive_them_so(db, play, clock, monkeypatch):
    begun, told = [], []

    def counted(session):
        begun.append(session)
        return writing(session)

    monkeypatch.setattr(coding, "writing", counted)
    monkeypatch.setattr(analysis, "AT_ONCE", 5)
    rows = sessions_of(play)
    study = rows[0].study
    first = analysis.digests(db, study, rows, now=clock(), step=lambda done, of: told.append((done, of)))
    again = analysis.digests(db, study, rows, now=clock(), step=lambda done, of: told.append((done, of)))

    assert told == [(0, 8), (5, 8)]
    assert len(begun) == 2
    assert len(set(first.values())) == 8
    assert again == first


def test_a_crash_half_way_loses_only_records_that_are_derived_again(db, play, clock, monkeypatch):
    monkeypatch.setattr(coding, "KEPT_AT_ONCE", 3)
    rows, derive, done = sessions_of(play), coding.derive, []
    before = db.scalar(sa.select(sa.func.count()).select_from(events))

    def breaks(*args):
        if len(done) == 5:
            raise RuntimeError("the power went")
        done.append(args)
        return derive(*args)

    monkeypatch.setattr(coding, "derive", breaks)
    with pytest.raises(RuntimeError):
        list(coding.coded(db, rows, now=clock()))
    assert kept(play) == {row.id for row in rows[:3]}

    monkeypatch.setattr(coding, "derive", derive)
    found = {one.session.id: one.row for one in coding.coded(db, rows, now=clock())}

    assert kept(play) == {row.id for row in rows} == set(found)
    assert db.scalar(sa.select(sa.func.count()).select_from(events)) == before
    for row in rows:
        model = coding.framework(db, row.study, row.framework)
        assert found[row.id] == derive(db, row, records.logs_of(db, [row.id])[row.id], model)


def test_a_record_of_a_log_that_was_changed_meanwhile_is_not_kept(db, play, clock):
    rows = sessions_of(play)
    gone = rows[0].id
    for n, _ in enumerate(coding.coded(db, rows, now=clock())):
        if n == 2:
            with writing(db):
                db.execute(sa.update(logs).where(logs.c.session == gone).values(redacted=1))

    assert kept(play) == {row.id for row in rows[1:]}
