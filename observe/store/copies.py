"""Copies of the whole database: taken while it is in use, checked, and put back."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import Engine


class CopyFailed(Exception):
    """A copy that could not be made, or that is not whole."""


COUNTED = ("people", "studies", "framework_versions", "sessions", "events", "audit")
"""tables whose rows are counted to say what a copy holds"""


def copy_sqlite(engine: Engine, to: Path) -> None:
    """SQLite's online backup: a state that was true at one moment, whatever is written meanwhile."""
    database = Path(str(engine.url.database))
    if not database.is_file():
        raise CopyFailed(f"There is no database at {database} yet.")
    with closing(sqlite3.connect(database)) as live, closing(sqlite3.connect(to)) as copy:
        live.backup(copy, pages=2000)
        copy.execute("PRAGMA journal_mode = DELETE")


def check_sqlite(path: Path) -> dict[str, int]:
    """How many rows a copy holds, once it has proved to be whole; CopyFailed otherwise."""
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as copy:
            said = copy.execute("PRAGMA integrity_check").fetchall()
            orphans = copy.execute("PRAGMA foreign_key_check").fetchall()
            if said != [("ok",)] or orphans:
                raise CopyFailed(f"{path} is damaged: {said[0][0] if said else orphans[0]}.")
            there = {row[0] for row in copy.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
            if "alembic_version" not in there:
                raise CopyFailed(f"{path} is not a database of Observe.")
            return {
                table: copy.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
                for table in COUNTED
                if table in there
            }
    except sqlite3.DatabaseError as problem:
        raise CopyFailed(f"{path} is not a database: {problem}.") from problem


def put_back_sqlite(engine: Engine, copy: Path, aside: Path) -> Path | None:
    """Put a copy in the database's place; what was there goes to `aside` with its journal folded in."""
    live = Path(str(engine.url.database))
    engine.dispose()
    kept = None
    if live.exists():
        copy_sqlite(engine, aside)
        kept = aside
    fresh = live.with_name(live.name + ".restoring")
    shutil.copyfile(copy, fresh)
    with fresh.open("rb") as file:
        os.fsync(file.fileno())
    for journal in (live.with_name(live.name + "-wal"), live.with_name(live.name + "-shm")):
        journal.unlink(missing_ok=True)
    fresh.replace(live)
    return kept


def is_in_use(engine: Engine) -> bool:
    """Whether another process writes to the SQLite file right now, or holds it for itself."""
    try:
        with closing(sqlite3.connect(str(engine.url.database), timeout=0.2, isolation_level=None)) as probe:
            probe.execute("PRAGMA locking_mode = EXCLUSIVE")
            probe.execute("BEGIN EXCLUSIVE")
            probe.execute("ROLLBACK")
    except sqlite3.OperationalError:
        return True
    return False


def dump_postgresql(engine: Engine, to: Path) -> None:
    """pg_dump's own format, compressed."""
    run("pg_dump", "--format=custom", "--no-owner", f"--file={to}", address(engine), password=engine.url.password)


def restore_postgresql(engine: Engine, copy: Path) -> None:
    """Everything in one transaction: restored whole, or not at all."""
    engine.dispose()
    run(
        "pg_restore", "--clean", "--if-exists", "--no-owner", "--single-transaction", f"--dbname={address(engine)}",
        str(copy), password=engine.url.password,
    )  # fmt: skip


def address(engine: Engine) -> str:
    """A URL that libpq reads, without the password, which other users could see in the list of processes."""
    return engine.url.set(drivername="postgresql", password=None).render_as_string(hide_password=False)


def run(*words: str, password: str | None) -> None:
    """One of PostgreSQL's programs, or CopyFailed with what it said."""
    try:
        done = subprocess.run(
            words, env={**os.environ, "PGPASSWORD": password or ""}, capture_output=True, text=True
        )
    except FileNotFoundError as problem:
        raise CopyFailed(f"{words[0]} is not there: install PostgreSQL's client programs.") from problem
    if done.returncode:
        raise CopyFailed(f"{words[0]} failed: {done.stderr.strip()}")


def counts(engine: Engine) -> dict[str, int]:
    """How many rows the running database holds."""
    with engine.connect() as connection:
        there = set(sa.inspect(connection).get_table_names())
        return {
            table: connection.execute(sa.text(f"SELECT count(*) FROM {table}")).scalar_one()
            for table in COUNTED
            if table in there
        }
