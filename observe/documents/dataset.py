"""An exported dataset, read again: the zip that `package` writes, or a folder of the same files."""

from __future__ import annotations

import csv
import io
import json
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from frameworks.schema import load
from observe.core.errors import Invalid
from observe.core.tidy import SUBJECTS, TABLES, Column
from observe.documents.tables import read_csv

MAX_BYTES = 1 << 30
MAX_RATIO = 200
NEEDED = ("sessions.csv", "events.csv")


MOST_FAULTS = 20
COLUMNS: Mapping[str, Sequence[Column]] = {
    **{one.name: one.columns for one in TABLES if one.name in ("sessions", "events")}, "subjects": SUBJECTS,
}  # fmt: skip


class NotADataset(Invalid):
    """The file is not a dataset of ours, is damaged, or unpacks to more than is taken."""

    code = "import.not_a_dataset"
    sentence = "The file is not a dataset that was exported from here. Nothing was taken in."
    remedy = "Export it again, and take the file as it is."


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong with a dataset, in words."""

    sentence: str


@dataclass(frozen=True, slots=True)
class Read:
    """The files of a dataset by name, as text."""

    files: Mapping[str, str]

    def rows(self, table: str) -> Iterator[dict[str, str]]:
        return read_csv(self.files.get(f"{table}.csv", ""))

    def frameworks(self) -> dict[str, str]:
        """Framework documents by hash, word for word."""
        return {
            name.removeprefix("frameworks/").removesuffix(".json"): text
            for name, text in self.files.items()
            if name.startswith("frameworks/") and name.endswith(".json")
        }


def read(data: bytes) -> Read:
    """The text files of a zip; sizes are judged before anything is unpacked."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            infos = archive.infolist()
            whole = sum(info.file_size for info in infos)
            if whole > MAX_BYTES or whole > MAX_RATIO * max(1, len(data)) or len(infos) > 1000:
                raise NotADataset("The file unpacks to more than is taken.")
            names = [info for info in infos if info.filename.endswith((".csv", ".json"))]
            found = Read({info.filename: archive.read(info).decode("utf-8") for info in names})
    except (
        zipfile.BadZipFile,
        zlib.error,
        NotImplementedError,
        RuntimeError,
        EOFError,
        OSError,
        ValueError,
    ) as problem:
        raise NotADataset("The file is not a zip of UTF-8 tables.") from problem
    if missing := [name for name in NEEDED if name not in found.files]:
        raise NotADataset(f"The file has no {' and no '.join(missing)}.")
    if faults := list(faults_in(found)):
        raise NotADataset(findings=tuple(Fault(one) for one in faults[:MOST_FAULTS]))
    return found


def faults_in(read: Read) -> Iterator[str]:
    """What of the tables and frameworks cannot be as it was written, up to as many as anybody reads."""
    for table, columns in COLUMNS.items():
        try:
            yield from faults_of(table, columns, read.rows(table))
        except csv.Error as problem:
            yield f"{table}.csv is not CSV: {problem}."
    for mark, document in read.frameworks().items():
        try:
            if load(json.loads(document)).framework is None:
                yield f"The framework {mark[:20]} is none."
        except (ValueError, RecursionError):
            yield f"The framework {mark[:20]} is not JSON."


def faults_of(table: str, columns: Sequence[Column], rows: Iterator[dict[str, str]]) -> Iterator[str]:
    """Cells that are missing, or are not of their column's type."""
    for number, row in enumerate(rows, start=2):
        if missing := [column.name for column in columns if column.name not in row]:
            yield f"{table}.csv has no column {', '.join(missing)}."
            return
        for column in columns:
            if not fits(column, row[column.name]):
                yield f"{table}.csv, line {number}: “{row[column.name][:40]}” cannot stand in {column.name}."


def fits(column: Column, cell: str) -> bool:
    """Whether a cell is what the column's type says; the words of events are judged where they are read."""
    if not cell:
        return not column.required
    if column.values:
        return cell in column.values
    try:
        if column.type == "integer":
            return abs(int(cell)) < 2**63
        if column.type == "datetime":
            datetime.fromisoformat(cell)
        if column.holds_json and column.name == "attributes":
            return isinstance(json.loads(cell), dict)
    except (ValueError, RecursionError):
        return False
    return cell in ("true", "false") if column.type == "boolean" else "\x00" not in cell
