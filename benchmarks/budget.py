"""100,000 events → a study's time budget, from records that are kept, beside DuckDB over the same bouts in Parquet.

    python -m benchmarks.budget [events]

BORIS takes 4.0 s of CPU for its time budget by behaviour of as many, on a machine like this one.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import sqlalchemy as sa
from sqlalchemy.orm import Session

from benchmarks.csv_export import NOW, a_study, timed
from observe.actions import records as coding
from observe.core.budget import over_sessions
from observe.store import base, migrating, records

BORIS = 4.0


def main() -> None:
    events = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    with tempfile.TemporaryDirectory(prefix="observe-bench-") as name:
        engine = sa.create_engine(f"sqlite:///{Path(name) / 'observe.sqlite3'}")
        migrating.upgrade(engine)
        base.prepare(engine)
        with Session(engine, expire_on_commit=False) as db:
            study = a_study(db, events)

            def ours() -> int:
                coded = coding.coded(db, records.of_study(db, study), whole=False, now=NOW)
                return len(over_sessions((one.session.id, one.sums) for one in coded))

            cpu, lines = timed(ours)
            theirs = limit(db, study, Path(name))
        engine.dispose()
    print(f"{'what':<44}{'CPU s':>8}{'ratio':>22}")
    print(f"{f'ours: {events:,} events, {lines} codes':<44}{cpu:>8.3f}")
    print(f"{'DuckDB on Parquet, duration and count':<44}{theirs:>8.3f}{cpu / theirs:>17.1f} × it")
    print(
        f"{'BORIS, its time budget':<44}{BORIS * events / 1e5:>8.3f}{BORIS * events / 1e5 / cpu:>13.0f} × faster"
    )


def limit(db: Session, study: int, folder: Path) -> float:
    """The same bouts as a Parquet file, grouped by session and code with DuckDB on one thread."""
    rows = [
        (one.session.id, bout.code, bout.observed_ms)
        for one in coding.coded(db, records.of_study(db, study), now=NOW)
        for bout in one.timeline.bouts
    ]
    columns = list(zip(*rows, strict=True))
    pq.write_table(
        pa.table({"session": columns[0], "code": columns[1], "ms": columns[2]}), folder / "bouts.parquet"
    )
    connection = duckdb.connect(config={"threads": 1})
    query = f"""
        SELECT code, avg(share), stddev_samp(share), sum(n) FROM (
            SELECT session, code, sum(ms) AS share, count(*) AS n FROM '{folder / "bouts.parquet"}' GROUP BY ALL
        ) GROUP BY code"""
    return timed(lambda: len(connection.execute(query).fetchall()))[0]


if __name__ == "__main__":
    main()
