"""Backups: a consistent copy while the server runs, and back again while it does not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy.engine import Engine

from observe.store import copies
from observe.store.copies import CopyFailed


class CannotBackUp(Exception):
    """A backup or a restore that did not happen; nothing was changed."""


@dataclass(frozen=True, slots=True)
class Done:
    """Rows by table in the copy, and where the database of before was kept."""

    counts: dict[str, int]
    kept: Path | None = None


def back_up(engine: Engine, to: Path) -> Done:
    """Never overwrites a file; a copy that does not prove whole is not left lying about."""
    if to.exists():
        raise CannotBackUp(f"{to} is there already; choose another name.")
    part = to.with_name(to.name + ".part")
    part.unlink(missing_ok=True)
    try:
        if engine.dialect.name == "sqlite":
            copies.copy_sqlite(engine, part)
            counts = copies.check_sqlite(part)
        else:
            copies.dump_postgresql(engine, part)
            counts = copies.counts(engine)
        part.chmod(0o600)
        part.replace(to)
    except CopyFailed as problem:
        raise CannotBackUp(str(problem)) from problem
    finally:
        part.unlink(missing_ok=True)
    return Done(counts)


def restore(engine: Engine, copy: Path, *, now: datetime) -> Done:
    """Checks the copy before anything is touched. On SQLite the present database is kept beside, with the time in its name."""
    try:
        if engine.dialect.name != "sqlite":
            copies.restore_postgresql(engine, copy)
            return Done(copies.counts(engine))
        counts = copies.check_sqlite(copy)
        live = Path(str(engine.url.database))
        engine.dispose()
        if live.exists() and copies.is_in_use(engine):
            raise CannotBackUp("The database is in use; stop the server first.")
        aside = live.with_name(f"{live.stem}.before-{now:%Y%m%dT%H%M%S}{live.suffix}")
        return Done(counts, copies.put_back_sqlite(engine, copy, aside))
    except CopyFailed as problem:
        raise CannotBackUp(str(problem)) from problem
