"""A whole dataset in one file: every table as CSV, the codebook, the frameworks, a Frictionless package, its provenance."""

from __future__ import annotations

import json
import tempfile
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from pathlib import Path
from typing import IO, Any, cast

from frameworks.model import Framework
from observe.core.tidy import SUBJECTS, TABLES, Column, Row, Source, SubjectRow, Table
from observe.core.tidy_patterns import FlatTable
from observe.documents import codebook, reading
from observe.documents.tables import csv_pieces

CHUNK = 1 << 16


@dataclass(frozen=True, slots=True)
class Study:
    """What a package says of the study as a whole. `documents` are the framework documents by hash, word for word."""

    slug: str
    title: str
    question: str
    subjects: Sequence[SubjectRow]
    versions: Sequence[tuple[str, Framework]]
    documents: Mapping[str, str]
    inferred: Sequence[tuple[FlatTable, Sequence[Row]]] = ()
    """patterns, their evidence and their reviews"""
    files: Sequence[tuple[str, Path]] = ()
    """what lies beside the tables, by its name in the package"""


@dataclass(frozen=True, slots=True)
class Provenance:
    """How anyone would know: which software, when, by whom, out of what, and what was left out."""

    software: str
    record: str
    made: datetime
    by: str
    filters: Mapping[str, Any]
    withheld: Mapping[str, int]
    together: Mapping[str, Any] | None = None
    """how sessions of several versions were read as one"""

    def as_json(self) -> dict[str, Any]:
        made = self.made.isoformat(timespec="seconds")
        return {
            "software": self.software, "record": self.record, "made": made, "by": self.by,
            "filters": dict(self.filters), "withheld": dict(self.withheld),
        } | ({"read_together": dict(self.together)} if self.together else {})  # fmt: skip


def zip_pieces(study: Study, sources: Iterable[Source], provenance: Provenance) -> Iterator[bytes]:
    """The dataset as a zip, piece by piece. Sessions are gone through once; the tables grow on disk meanwhile."""
    with tempfile.TemporaryDirectory(prefix="observe-export-") as folder:
        files: dict[str, IO[bytes]] = {}
        for table in TABLES:
            files[table.name] = cast(IO[bytes], tempfile.TemporaryFile(dir=folder))  # noqa: SIM115 - closed below
        try:
            counts = fill(files, sources)
            yield from zipped(study, files, counts, provenance)
        finally:
            for file in files.values():
                file.close()


def fill(files: Mapping[str, IO[bytes]], sources: Iterable[Source]) -> dict[str, int]:
    """Write every table's rows of each session; how many rows each has."""
    counts = dict.fromkeys(files, 0)
    for table in TABLES:
        files[table.name].write(b"".join(csv_pieces(table.columns, ())))
    for source in sources:
        for table in TABLES:
            rows = Counted(table.rows(source))
            for k, piece in enumerate(csv_pieces(table.columns, rows)):
                files[table.name].write(piece.partition(b"\r\n")[2] if k == 0 else piece)
            counts[table.name] += rows.count
    return counts


class Counted:
    """Rows that are counted as they go by."""

    def __init__(self, rows: Iterable[Row]) -> None:
        self.rows = rows
        self.count = 0

    def __iter__(self) -> Iterator[Row]:
        for row in self.rows:
            self.count += 1
            yield row


class Outlet:
    """What a zip is written into: bytes are taken from it while it grows. It cannot be read or wound back."""

    def __init__(self) -> None:
        self.pieces: list[bytes] = []
        self.at = 0

    def write(self, data: bytes) -> int:
        self.pieces.append(bytes(data))
        self.at += len(data)
        return len(data)

    def flush(self) -> None:
        """Nothing is held back."""

    def drained(self) -> bytes:
        data, self.pieces = b"".join(self.pieces), []
        return data


def zipped(
    study: Study, files: Mapping[str, IO[bytes]], counts: Mapping[str, int], provenance: Provenance
) -> Iterator[bytes]:
    outlet = Outlet()
    with zipfile.ZipFile(cast(IO[bytes], outlet), "w", zipfile.ZIP_DEFLATED, compresslevel=3) as archive:
        for name, file in files.items():
            file.seek(0)
            with archive.open(entry(f"{name}.csv", provenance.made), "w", force_zip64=True) as into:
                while piece := file.read(CHUNK):
                    into.write(piece)
                    yield outlet.drained()
        for name, data in small_files(study, counts, provenance):
            archive.writestr(entry(name, provenance.made), data)
            yield outlet.drained()
    yield outlet.drained()


def entry(name: str, made: datetime) -> zipfile.ZipInfo:
    """A file in the zip, dated by the export and not by the machine's clock."""
    found = zipfile.ZipInfo(name, made.timetuple()[:6])
    found.compress_type = zipfile.ZIP_DEFLATED
    return found


def small_files(study: Study, counts: Mapping[str, int], provenance: Provenance) -> Iterator[tuple[str, bytes]]:
    yield "subjects.csv", b"".join(csv_pieces(SUBJECTS, (one.cells() for one in study.subjects)))
    for table, rows in study.inferred:
        yield f"{table.name}.csv", b"".join(csv_pieces(table.columns, rows))
    yield "codebook.csv", b"".join(csv_pieces(codebook.COLUMNS, codebook.rows(study.versions)))
    yield from beside(study, provenance)
    for mark, document in study.documents.items():
        yield f"frameworks/{mark}.json", document.encode("utf-8")
    for name, path in study.files:
        if path.is_file():
            yield name, path.read_bytes()
    yield "provenance.json", as_json(provenance.as_json())
    yield "datapackage.json", as_json(describe(study, counts, provenance))


def beside(study: Study, provenance: Provenance) -> Iterator[tuple[str, bytes]]:
    """The codebook to read and, where versions were read as one, the map by which."""
    together = provenance.together
    yield "codebook.md", codebook.markdown(study.title, study.versions, together).encode("utf-8")
    if together:
        yield "map.csv", b"".join(csv_pieces(reading.COLUMNS, reading.rows(together)))


def as_json(value: object) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=2) + "\n").encode("utf-8")


def describe(study: Study, counts: Mapping[str, int], provenance: Provenance) -> dict[str, Any]:
    """The Frictionless data package: a type for every column, a key for every table that has one."""
    resources = [resource(table.name, table.about, table.columns, table.key) for table in TABLES]
    resources.append(resource("subjects", "One row a subject, by pseudonym.", SUBJECTS, ("subject",)))
    resources.append(resource("codebook", "What every column, code and rating means.", codebook.COLUMNS, ()))
    if provenance.together:
        resources.append(resource("map", reading.ABOUT, reading.COLUMNS, ()))
        counts = {**counts, "map": len(provenance.together["rows"])}
    counts = {**counts, **{table.name: len(rows) for table, rows in study.inferred}}
    resources += [resource(table.name, table.about, table.columns, ()) for table, _ in study.inferred]
    for one in resources:
        if one["name"] in counts:
            one["rows"] = counts[one["name"]]
    return {
        "profile": "tabular-data-package",
        "name": study.slug,
        "title": study.title,
        "description": study.question,
        "created": provenance.made.isoformat(timespec="seconds"),
        "observe": provenance.as_json(),
        "resources": resources,
    }


def resource(name: str, about: str, columns: Sequence[Column], key: Sequence[str]) -> dict[str, Any]:
    schema: dict[str, Any] = {"fields": [field(column) for column in columns], "missingValues": [""]}
    if key and all(column.required for column in columns if column.name in key):
        schema["primaryKey"] = list(key)
    if name not in {"sessions", "subjects", "codebook", "patterns", "evidence", "reviews", "map"}:
        schema["foreignKeys"] = [{"fields": "session", "reference": {"resource": "sessions", "fields": "session"}}]
    return {
        "name": name, "path": f"{name}.csv", "profile": "tabular-data-resource", "description": about, "format": "csv",
        "mediatype": "text/csv", "encoding": "utf-8", "dialect": {"delimiter": ",", "lineTerminator": "\r\n"},
        "schema": schema,
    }  # fmt: skip


def field(column: Column) -> dict[str, Any]:
    made: dict[str, Any] = {"name": column.name, "type": column.type, "description": column.about}
    constraints: dict[str, Any] = {}
    if column.required:
        constraints["required"] = True
    if column.values:
        constraints["enum"] = list(column.values)
    if constraints:
        made["constraints"] = constraints
    if column.type == "datetime":
        made["format"] = "any"
    return made


def one_table(table: Table, sources: Iterable[Source]) -> Iterator[bytes]:
    """One table alone as CSV, piece by piece."""
    return csv_pieces(table.columns, chain.from_iterable(map(table.rows, sources)))
