"""Every table of an export side by side, gone through once: what workbooks, Parquet and SPSS files are made from."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Protocol

from observe.core.tidy import SUBJECTS, TABLES, Column, Row, Source
from observe.documents import codebook
from observe.documents.package import Study

AT_ONCE = 5_000


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table by name, with what a row of it is, and its columns."""

    name: str
    about: str
    columns: tuple[Column, ...]


class Sink(Protocol):
    """Where the rows of one sheet go, some at a time."""

    def take(self, rows: Sequence[Row]) -> None: ...


def sheets(study: Study) -> list[Sheet]:
    """All of them, in the order of the dataset."""
    found = [Sheet(one.name, one.about, one.columns) for one in TABLES]
    found += [Sheet(one.name, one.about, one.columns) for one, _ in study.inferred]
    found.append(Sheet("subjects", "One row a subject, by pseudonym.", SUBJECTS))
    found.append(Sheet("codebook", "What every column, code and rating means.", codebook.COLUMNS))
    return found


def pour(study: Study, sources: Iterable[Source], sink_of: Callable[[Sheet], Sink]) -> None:
    """Every row of every table into its sink. Sessions are gone through once."""
    sinks = {sheet.name: sink_of(sheet) for sheet in sheets(study)}
    for source in sources:
        for table in TABLES:
            give(sinks[table.name], table.rows(source))
    for flat, rows in study.inferred:
        give(sinks[flat.name], rows)
    give(sinks["subjects"], (one.cells() for one in study.subjects))
    give(sinks["codebook"], codebook.rows(study.versions))


def give(sink: Sink, rows: Iterable[Row]) -> None:
    coming: Iterator[Row] = iter(rows)
    while some := list(islice(coming, AT_ONCE)):
        sink.take(some)
