"""What runs a query over the files of a snapshot: DuckDB here, Spark where one machine is outgrown, with the same rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import duckdb

from observe.jobs.snapshot import TABLES, Snapshot


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
