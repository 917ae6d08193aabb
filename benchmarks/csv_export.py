"""100,000 events as tidy CSV, from records that are kept: ours, beside DuckDB's writer of the same rows.

    python -m benchmarks.csv_export [events]

The peer's own way to such a file, BORIS' aggregated events of as many, takes 17.7 s of CPU on a machine like this one.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pyarrow as pa
import sqlalchemy as sa
from sqlalchemy.orm import Session

from observe.actions import exports
from observe.actions import records as coding
from observe.actions.doing import Console
from observe.core.tidy import table
from observe.documents import package
from observe.store import base, migrating, records
from observe.store.records import Wanted
from tests.factories.field import a_field
from tests.factories.people import a_cast
from tests.factories.uploads import some_id, talk

BORIS = {"bouts": 17.7, "events": 9.4}
CODES = ("LT", "LQ", "SR", "LR", "SQ")
NOW = datetime(2026, 3, 4, 9, 0, tzinfo=UTC)


def a_study(db: Session, events: int, each: int = 1000) -> int:
    """Sessions of `each` events with their records kept; the study's id."""
    cast = a_cast(db, NOW)
    field = a_field(db, cast.study, cast.owen, NOW)
    for k in range(events // each):
        session = some_id("bench", k)
        field.record(session, talk(session, [CODES[(k + n) % 5] for n in range(each - 2)], step=3_000))
        field.study = db.merge(cast.study)
    study = int(db.merge(cast.study).id)
    for _ in coding.coded(db, records.of_study(db, study), now=NOW):
        pass
    db.rollback()
    return study


def timed(what: Callable[[], int]) -> tuple[float, int]:
    """CPU seconds of the best of three, and what it gave."""
    best, size = float("inf"), 0
    for _ in range(3):
        begun = time.process_time()
        size = what()
        best = min(best, time.process_time() - begun)
    return best, size


def main() -> None:
    events = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    with tempfile.TemporaryDirectory(prefix="observe-bench-") as name:
        engine = sa.create_engine(f"sqlite:///{Path(name) / 'observe.sqlite3'}")
        migrating.upgrade(engine)
        base.prepare(engine)
        print(
            f"{'table':<10}{'CPU s':>8}{'rows':>10}{'bytes':>12}{'DuckDB s':>10}{'× DuckDB':>10}{'faster than BORIS':>20}"
        )
        with Session(engine, expire_on_commit=False) as db:
            study = a_study(db, events)
            for one in ("bouts", "events", "budget"):
                measure(db, study, one, events, Path(name))
        engine.dispose()


def measure(db: Session, study: int, name: str, events: int, folder: Path) -> None:
    from observe.store import studies

    def whole() -> int:
        of = studies.by_id(db, study)
        assert of is not None
        taking = exports.take(
            db,
            Console(),
            of,
            Wanted(),
            what=name,
            events=name == "events",
            budget=name == "budget",
            lean=name == "bouts",
            now=NOW,
        )
        with (folder / "ours.csv").open("wb") as out:
            return sum(out.write(piece) for piece in package.one_table(table(name), taking.sources))

    cpu, size = timed(whole)
    connection = duckdb.connect(config={"threads": 1})
    found = connection.read_csv(str(folder / "ours.csv"), all_varchar=True).to_arrow_table()
    found = found if isinstance(found, pa.Table) else found.read_all()
    connection.register("written", found)
    rows = found.num_rows

    def peer() -> int:
        connection.execute(f"COPY (SELECT * FROM written) TO '{folder / 'theirs.csv'}' (HEADER)")
        return rows

    theirs, _ = timed(peer)
    boris = f"{BORIS[name] * events / 100_000 / cpu:>18.0f} ×" if name in BORIS else ""
    print(f"{name:<10}{cpu:>8.3f}{rows:>10,}{size:>12,}{theirs:>10.3f}{cpu / theirs:>10.1f}{boris:>20}")


if __name__ == "__main__":
    main()
