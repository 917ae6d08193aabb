"""Aggregation over a snapshot: standard SQL text, run by DuckDB here and by Spark where one machine is outgrown.

The text uses only what both understand alike: joins, CASE, window functions, COUNT/SUM/AVG/STDDEV_SAMP, casts to DOUBLE.
Tables are those of `observe.core.tidy`. Times are milliseconds; a rate is per hour of observed time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import duckdb

from observe.jobs.snapshot import TABLES, Snapshot

DATA = "SELECT session FROM sessions WHERE purpose <> 'practice'"
"""practice is never data"""

BY_SESSION = f"""
WITH data AS ({DATA}),
happened AS (
  SELECT session, stream, subject, code, SUM(CASE WHEN part = 0 AND NOT censored_start THEN 1 ELSE 0 END) AS begun,
         SUM(CASE WHEN part = 0 THEN 1 ELSE 0 END) AS bouts, SUM(observed_ms) AS duration_ms, 0 AS moments
  FROM bouts GROUP BY session, stream, subject, code
  UNION ALL
  SELECT session, stream, subject, code, 0 AS begun, 0 AS bouts, 0 AS duration_ms, COUNT(*) AS moments
  FROM points WHERE flags IS NULL OR flags NOT LIKE '%out-of-view%' GROUP BY session, stream, subject, code
),
behaviour AS (
  SELECT session, stream, subject, code,
         CASE WHEN SUM(bouts) > 0 THEN SUM(begun) ELSE SUM(moments) END AS occurrences,
         SUM(bouts) AS bouts, SUM(duration_ms) AS duration_ms
  FROM happened GROUP BY session, stream, subject, code
),
seen AS (
  SELECT session, subject, SUM(observed_ms) AS observed_ms FROM observed GROUP BY session, subject
)
SELECT b.session, b.stream, b.subject, b.code, b.occurrences, b.bouts, b.duration_ms,
       COALESCE(own.observed_ms, everyone.observed_ms, 0) AS observed_ms
FROM behaviour b
JOIN data d ON d.session = b.session
LEFT JOIN seen own ON own.session = b.session AND own.subject = b.subject
LEFT JOIN seen everyone ON everyone.session = b.session AND everyone.subject IS NULL
"""
"""One row a session, stream, subject and code that was seen. In a beat-or-change stream its bouts count, not its entries."""

TIME_BUDGET = f"""
WITH each_session AS ({BY_SESSION})
SELECT stream, code,
       COUNT(*) AS units_seen,
       SUM(occurrences) AS occurrences,
       SUM(bouts) AS bouts,
       SUM(duration_ms) AS duration_ms,
       SUM(observed_ms) AS observed_ms,
       CASE WHEN SUM(observed_ms) > 0
            THEN CAST(SUM(duration_ms) AS DOUBLE) / CAST(SUM(observed_ms) AS DOUBLE) END AS share_while_seen,
       CASE WHEN SUM(observed_ms) > 0
            THEN CAST(SUM(occurrences) AS DOUBLE) * 3600000 / CAST(SUM(observed_ms) AS DOUBLE) END AS per_hour_while_seen
FROM each_session
GROUP BY stream, code
ORDER BY stream, code
"""
"""Over the sessions in which a code was seen; sessions without it are in `SHARES`, which knows the zeros."""

SHARES = """
WITH kept AS (
  SELECT b.session, b.stream, b.subject, b.code, b.kind, b.observed_ms, b.count, b.duration_ms, b.proportion,
         b.rate_per_hour, b.share
  FROM budget b JOIN sessions s ON s.session = b.session
  WHERE s.purpose <> 'practice'
)
SELECT stream, code, kind,
       COUNT(*) AS units,
       SUM(CASE WHEN observed_ms > 0 THEN 1 ELSE 0 END) AS units_observed,
       SUM(count) AS occurrences,
       SUM(duration_ms) AS duration_ms,
       SUM(observed_ms) AS observed_ms,
       AVG(proportion) AS mean_proportion,
       STDDEV_SAMP(proportion) AS sd_proportion,
       CASE WHEN SUM(observed_ms) > 0
            THEN CAST(SUM(duration_ms) AS DOUBLE) / CAST(SUM(observed_ms) AS DOUBLE) END AS pooled_proportion,
       AVG(rate_per_hour) AS mean_rate,
       STDDEV_SAMP(rate_per_hour) AS sd_rate,
       CASE WHEN SUM(observed_ms) > 0
            THEN CAST(SUM(count) AS DOUBLE) * 3600000 / CAST(SUM(observed_ms) AS DOUBLE) END AS pooled_rate,
       AVG(share) AS mean_share,
       STDDEV_SAMP(share) AS sd_share
FROM kept
GROUP BY stream, code, kind
ORDER BY stream, code, kind
"""
"""Session × subject as the unit (mean, sample SD), and pooled time beside it; zeros are in both."""

TIME_OF_DAY = """
WITH started AS (
  SELECT session, purpose,
         CAST(SUBSTRING(started, 12, 2) AS INTEGER) * 3600000 + CAST(SUBSTRING(started, 15, 2) AS INTEGER) * 60000
           + CAST(SUBSTRING(started, 18, 2) AS INTEGER) * 1000 + offset_minutes * 60000 AS day_ms
  FROM sessions
),
moments AS (
  SELECT session, stream, code, start_ms AS at_ms FROM bouts WHERE part = 0
  UNION ALL
  SELECT session, stream, code, at_ms FROM points
)
SELECT m.stream, m.code,
       CAST(FLOOR(CAST(MOD(MOD(s.day_ms + m.at_ms, 86400000) + 86400000, 86400000) AS DOUBLE) / 3600000) AS INTEGER) AS hour,
       COUNT(*) AS occurrences
FROM moments m JOIN started s ON s.session = m.session
WHERE s.purpose <> 'practice'
GROUP BY m.stream, m.code,
         CAST(FLOOR(CAST(MOD(MOD(s.day_ms + m.at_ms, 86400000) + 86400000, 86400000) AS DOUBLE) / 3600000) AS INTEGER)
ORDER BY stream, code, hour
"""
"""How often each code began in each hour of the local day; what day it was does not matter."""

TRANSITIONS = """
WITH steps AS (
  SELECT b.session, b.stream, b.subject, b.code, b.start_ms, b.end_ms,
         LAG(b.code) OVER (PARTITION BY b.session, b.stream, b.subject ORDER BY b.start_ms, b.end_ms, b.part, b.event) AS before_code,
         LAG(b.end_ms) OVER (PARTITION BY b.session, b.stream, b.subject ORDER BY b.start_ms, b.end_ms, b.part, b.event) AS before_end,
         LAG(b.closed_by) OVER (PARTITION BY b.session, b.stream, b.subject ORDER BY b.start_ms, b.end_ms, b.part, b.event) AS before_closed
  FROM bouts b JOIN sessions s ON s.session = b.session
  WHERE s.purpose <> 'practice'
)
SELECT stream, before_code, code, COUNT(*) AS n
FROM steps
WHERE before_code IS NOT NULL AND before_end = start_ms AND before_closed NOT IN ('pause', 'out-of-view', 'end')
GROUP BY stream, before_code, code
ORDER BY stream, before_code, code
"""
"""What touched what, never across a gap: only bouts whose end is the next one's start."""

QUERIES: Mapping[str, str] = {
    "by_session": BY_SESSION,
    "time_budget": TIME_BUDGET,
    "shares": SHARES,
    "time_of_day": TIME_OF_DAY,
    "transitions": TRANSITIONS,
}


@dataclass(frozen=True, slots=True)
class Answer:
    """Rows of a query with the names of their columns."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]

    def records(self) -> list[dict[str, Any]]:
        """Each row by column name."""
        return [dict(zip(self.columns, row, strict=True)) for row in self.rows]


class Engine(Protocol):
    """Something that runs the same text over the same tables."""

    def ask(self, text: str) -> Answer: ...


class DuckEngine:
    """DuckDB over a snapshot's files. Each engine is a connection of its own, with nothing on disk."""

    def __init__(
        self,
        snapshot: Snapshot,
        *,
        threads: int | None = None,
        only: Sequence[str] | None = None,
        subject: str = "",
    ) -> None:
        """`only` these sessions (all, if None), and what is about one `subject`, with what is not told apart."""
        self.connection = duckdb.connect(config={"threads": threads} if threads else {})
        self.connection.execute("CREATE TABLE chosen (session VARCHAR)")
        if only:
            self.connection.execute("INSERT INTO chosen SELECT unnest(?)", [list(only)])
        for table in TABLES:
            live = self._live(snapshot.files(table.name), table.name)
            wanted = "" if only is None else " WHERE session IN (SELECT session FROM chosen)"
            if subject and any(column.name == "subject" for column in table.columns):
                wanted += (
                    f"{' AND' if wanted else ' WHERE'} (subject = {_quoted(subject)}{_whole_room(table.name)})"
                )
            self.connection.execute(f"CREATE VIEW {table.name} AS SELECT * FROM ({live}){wanted}")

    def _live(self, files: Sequence[tuple[Path, tuple[str, ...]]], table: str) -> str:
        """The rows of a table that are live: whole files together, files with dead sessions without those."""
        parts = []
        whole = [path for path, dead in files if not dead]
        if whole:
            parts.append(f"SELECT * FROM read_parquet([{', '.join(map(_quoted, whole))}])")
        for path, dead in files:
            if dead:
                names = ", ".join(map(_quoted, dead))
                parts.append(f"SELECT * FROM read_parquet({_quoted(path)}) WHERE session NOT IN ({names})")
        return " UNION ALL ".join(parts) or _no_rows(table)

    def ask(self, text: str) -> Answer:
        """Run one query to its end."""
        asked = self.connection.execute(text)
        columns = tuple(each[0] for each in asked.description or ())
        return Answer(columns, tuple(asked.fetchall()))

    def close(self) -> None:
        self.connection.close()


def _whole_room(table: str) -> str:
    """Observed time of everyone stands for a subject that was never mentioned; nothing else of others does."""
    return " OR subject IS NULL" if table == "observed" else ""


def _quoted(value: object) -> str:
    return "'" + str(value).replace("'", "''") + "'"


def _no_rows(name: str) -> str:
    """A table without rows, with its columns: the snapshot of a study that has no sessions yet."""
    kinds = {
        "string": "VARCHAR",
        "integer": "BIGINT",
        "number": "DOUBLE",
        "boolean": "BOOLEAN",
        "datetime": "VARCHAR",
    }
    table = next(each for each in TABLES if each.name == name)
    columns = ", ".join(f'CAST(NULL AS {kinds[column.type]}) AS "{column.name}"' for column in table.columns)
    return f"SELECT {columns} WHERE 1 = 0"


class SparkEngine:
    """Spark over the same files: an optional extra (`pip install pyspark`), for programmes that outgrow one machine."""

    def __init__(self, snapshot: Snapshot, session: Any) -> None:
        self.session = session
        for table in TABLES:
            frame = None
            for path, dead in snapshot.files(table.name):
                part = session.read.parquet(str(path))
                part = part.filter(~part.session.isin(list(dead))) if dead else part
                frame = part if frame is None else frame.unionByName(part)
            if frame is None:
                frame = session.sql(_no_rows(table.name).replace('"', "`").replace("VARCHAR", "STRING"))
            frame.createOrReplaceTempView(table.name)

    def ask(self, text: str) -> Answer:
        """Run one query to its end."""
        frame = self.session.sql(text)
        return Answer(tuple(frame.columns), tuple(tuple(row) for row in frame.collect()))
