"""Every migration up and down, with data in the tables, against the tables of the program; on both databases."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy.engine import Engine
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from observe.actions import devices, people, studies
from observe.actions import records as coding
from observe.actions.limits import Limits
from observe.core import chain
from observe.core.errors import PublishedIsFixed
from observe.store import audit, migrating, records
from observe.store import frameworks as kept
from observe.store.base import Base, writing
from tests.databases import KINDS, fresh
from tests.factories.field import a_field
from tests.factories.frameworks import a_framework
from tests.factories.people import a_cast
from tests.factories.uploads import some_id, talk

NOW = datetime(2026, 3, 4, 9, 0, 0, 123456, tzinfo=UTC)
REVISIONS = migrating.revisions()


@pytest.fixture(params=KINDS)
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    with fresh(request.param, tmp_path) as made:
        yield made


@pytest.fixture
def full(engine: Engine) -> Engine:
    """The newest database with rows in every table that people fill."""
    migrating.upgrade(engine)
    with Session(engine, expire_on_commit=False) as db:
        cast = a_cast(db, NOW)
        a_framework(db, cast, NOW)
        studies.add_subject(
            db, cast.sadia, cast.study, "P01", attributes={"group": "a", "n": 3}, consent="given", now=NOW
        )
        studies.add_setting(db, cast.sadia, cast.study, "Room 4", "by the window", now=NOW)
        code = devices.offer(db, cast.sadia, cast.study, limits=Limits(), now=NOW)
        devices.enrol(db, code.words, "Tablet", limits=Limits(), now=NOW)
        people.sign_in(db, cast.owen, limits=Limits(), now=NOW)
        field = a_field(db, db.merge(cast.study), cast.owen, NOW)
        session = some_id("migrated")
        field.record(session, talk(session, ("LT", "SR", "LT")))
        list(coding.coded(db, records.of_study(db, cast.study.id), now=NOW))
    return engine


def contents(engine: Engine) -> dict[str, list[dict[str, Any]]]:
    """Every row of every table, as the database gives it."""
    tables = sa.MetaData()
    tables.reflect(engine)
    with engine.connect() as connection:
        return {
            name: [
                dict(row)
                for row in connection.execute(sa.select(table).order_by(*table.primary_key.columns)).mappings()
            ]
            for name, table in sorted(tables.tables.items())
            if name != "alembic_version"
        }


def test_the_numbers_of_the_files_are_their_order():
    files = sorted(path.name for path in (migrating.FOLDER / "versions").glob("*.py"))

    assert [name.partition("_")[0] for name in files] == REVISIONS
    assert [f"{number:04}" for number in range(1, len(REVISIONS) + 1)] == REVISIONS


def test_the_migrated_tables_are_those_of_the_program(engine):
    migrating.upgrade(engine)

    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_each_migration_can_be_taken_back_and_made_again(engine):
    for at, revision in enumerate(REVISIONS):
        migrating.upgrade(engine, revision)
        migrating.downgrade(engine, REVISIONS[at - 1] if at else "base")
        migrating.upgrade(engine, revision)
        assert migrating.present(engine) == revision


def test_nothing_is_left_when_all_are_taken_back(engine):
    migrating.upgrade(engine)
    migrating.downgrade(engine, "base")

    with engine.connect() as connection:
        assert set(sa.inspect(connection).get_table_names()) <= {"alembic_version"}


@pytest.mark.parametrize("revision", REVISIONS[:-1])
def test_rows_that_were_there_before_a_migration_are_the_same_after_it(full, revision):
    before = contents(full)
    migrating.downgrade(full, revision)
    older = contents(full)
    migrating.upgrade(full)
    after = contents(full)

    assert sum(map(len, older.values())) >= 7
    for table, rows in older.items():
        assert [{name: row[name] for name in rows[0]} for row in before[table]] == rows if rows else True
        assert after[table] == before[table]


def test_a_budget_stands_before_the_record_so_that_it_is_read_without_it(full):
    if full.dialect.name != "sqlite":
        pytest.skip("only SQLite reads a row from its beginning")
    found = contents(full)["coded_records"]

    assert list(found[0])[-1] == "record"
    assert len(found) == 1
    assert json.loads(found[0]["budget"])[0]["code"]


def test_migrating_what_is_up_to_date_changes_nothing(full):
    before = contents(full)

    migrating.upgrade(full)

    assert contents(full) == before


@pytest.mark.parametrize(
    "words",
    [
        "UPDATE framework_versions SET document = '{}'",
        "UPDATE framework_versions SET hash = 'x'",
        "UPDATE framework_versions SET number = 7",
        "DELETE FROM framework_versions",
        "UPDATE audit SET action = 'x'",
        "DELETE FROM audit",
    ],
)
def test_the_database_itself_keeps_what_must_not_change(full, words):
    before = contents(full)

    with pytest.raises(DatabaseError), full.begin() as connection:
        connection.execute(sa.text(words))

    assert contents(full) == before


def test_the_state_of_a_published_version_may_change_and_nothing_else(full):
    with Session(full) as db:
        version = db.scalars(sa.select(kept.FrameworkVersion).where(kept.FrameworkVersion.title == "Pauses")).one()
        with writing(db):
            version.state = "closed"
        with pytest.raises(PublishedIsFixed), writing(db):
            version.title = "Other"
        with pytest.raises(PublishedIsFixed), writing(db):
            db.delete(version)

        assert (version.state, version.title) == ("closed", "Pauses")


def test_moments_come_back_as_they_were_and_the_trail_holds(full):
    with Session(full) as db:
        entries = audit.latest(db)

        assert {entry.at for entry in entries} == {NOW}
        assert list(chain.faults(audit.links(db))) == []
