"""The dataset as one workbook: a sheet a table, text as text and never as a formula, and a first sheet that says what it holds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import IO, Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font

from observe.core.tidy import Cell, Row, Source
from observe.documents import reading
from observe.documents.grid import Sheet, pour
from observe.documents.package import Provenance, Study
from observe.documents.spool import spooled, storable

MOST_ROWS = 1_048_575
"""rows of a sheet of Excel, less the headings"""
MOST_SIGNS = 32_767
WHOLE = 2**53
CUT = " … [cut]"
HEADINGS = ("sheet", "what a row is", "rows", "rows left out", "cells cut")


@dataclass(slots=True)
class Filling:
    """One sheet on its way. Rows beyond what Excel holds are counted and left out; long text is cut and counted."""

    of: Sheet
    into: Any
    rows: int = 0
    beyond: int = 0
    cut: int = 0

    def take(self, rows: Sequence[Row]) -> None:
        for row in rows:
            if self.rows >= MOST_ROWS:
                self.beyond += 1
            else:
                self.rows += 1
                self.into.append([self.cell(value) for value in row])

    def cell(self, value: Cell) -> Any:
        """Text as a text cell; numbers that Excel would round, as text too."""
        if isinstance(value, int) and not isinstance(value, bool) and abs(value) > WHOLE:
            value = str(value)
        if not isinstance(value, str):
            return value
        words = storable(value)
        if len(words.encode("utf-16-le")) // 2 > MOST_SIGNS:
            words = words.encode("utf-16-le")[: 2 * (MOST_SIGNS - len(CUT))].decode("utf-16-le", "ignore") + CUT
            self.cut += 1
        return text_cell(self.into, words)


def text_cell(sheet: Any, words: str, *, bold: bool = False) -> Any:
    """A cell that holds words, whatever they begin with."""
    made = WriteOnlyCell(sheet, value=words)
    made.data_type = "s"
    if bold:
        made.font = Font(bold=True)
    return made


@dataclass(slots=True)
class Book:
    """The workbook with its sheets in order."""

    book: Workbook = field(default_factory=lambda: Workbook(write_only=True))
    filled: list[Filling] = field(default_factory=list)

    def add(self, sheet: Sheet) -> Filling:
        into = self.book.create_sheet(sheet.name)
        into.freeze_panes = "A2"
        into.append([text_cell(into, column.name, bold=True) for column in sheet.columns])
        self.filled.append(Filling(sheet, into))
        return self.filled[-1]


def pieces(study: Study, sources: Iterable[Source], provenance: Provenance) -> Iterator[bytes]:
    """The workbook, piece by piece."""

    def write(out: IO[bytes]) -> None:
        book = Book()
        first = book.book.create_sheet("about")
        pour(study, sources, book.add)
        for row in about(study, provenance, book.filled):
            first.append([text_cell(first, one) if isinstance(one, str) else one for one in row])
        book.book.save(out)

    return spooled(write)


def about(study: Study, provenance: Provenance, filled: Sequence[Filling]) -> Iterator[tuple[Cell, ...]]:
    """What is in the workbook, what is not, and where it comes from."""
    yield "study", study.title
    yield "made", provenance.made.isoformat(timespec="seconds")
    yield "by", provenance.by
    yield "software", f"{provenance.software}, {provenance.record}"
    for name, count in provenance.withheld.items():
        yield f"left out: {name.replace('_', ' ')}", count
    if provenance.together:
        for sentence in reading.sentences(provenance.together):
            yield "read as one", sentence
    yield ()
    yield HEADINGS
    for one in filled:
        yield one.of.name, one.of.about, one.rows, one.beyond, one.cut
    yield ()
    yield (
        f"Excel holds {MOST_ROWS:,} rows a sheet and {MOST_SIGNS:,} characters a cell; what is beyond is counted above and whole in the CSV.",
    )
    if provenance.together:
        yield ()
        yield tuple(column.name for column in reading.COLUMNS)
        yield from reading.rows(provenance.together)
        yield ()
    yield ("An empty cell is never zero: the column beside it says why there is no value.",)
