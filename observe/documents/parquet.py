"""Every table as Parquet, typed: for R (arrow), Python, DuckDB and Spark, where text need not be read as numbers again."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from observe.core.tidy import Column, Row, Source
from observe.documents.grid import Sheet, pour
from observe.documents.package import Provenance, Study, beside
from observe.documents.spool import zipped

TYPES = {
    "string": pa.string(), "integer": pa.int64(), "number": pa.float64(), "boolean": pa.bool_(),
    "datetime": pa.timestamp("ms", tz="UTC"),
}  # fmt: skip


def schema_of(columns: Sequence[Column]) -> Any:
    """Types and meanings; a column that must have a value may not be null."""
    fields = [
        pa.field(one.name, TYPES[one.type], nullable=not one.required, metadata={"description": one.about})
        for one in columns
    ]
    return pa.schema(fields)


class Filling:
    """One file on its way, a row group at a time."""

    def __init__(self, sheet: Sheet, folder: Path) -> None:
        self.columns, self.schema = sheet.columns, schema_of(sheet.columns)
        self.path = folder / f"{sheet.name}.parquet"
        self.writer = pq.ParquetWriter(self.path, self.schema, compression="zstd")
        self.rows = 0

    def take(self, rows: Sequence[Row]) -> None:
        arrays = [
            pa.array(map(moment, cells) if column.type == "datetime" else cells, TYPES[column.type])
            for column, cells in zip(self.columns, zip(*rows, strict=True), strict=True)
        ]
        self.writer.write_batch(pa.RecordBatch.from_arrays(arrays, schema=self.schema))
        self.rows += len(rows)


def moment(cell: object) -> datetime | None:
    return datetime.fromisoformat(str(cell)) if cell is not None else None


def pieces(study: Study, sources: Iterable[Source], provenance: Provenance) -> Iterator[bytes]:
    """A zip of Parquet files, one a table."""
    with tempfile.TemporaryDirectory(prefix="observe-export-") as name:
        filled: list[Filling] = []

        def filling(sheet: Sheet) -> Filling:
            filled.append(Filling(sheet, Path(name)))
            return filled[-1]

        pour(study, sources, filling)
        for one in filled:
            one.writer.close()
        files: list[tuple[str, bytes | Path]] = [(one.path.name, one.path) for one in filled]
        files += beside(study, provenance) if provenance.together else ()
        yield from zipped(files, provenance.made, packed=False)
