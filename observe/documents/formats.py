"""Every form in which a study can be taken out: what it is called, what it is for, and who writes it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from importlib import import_module

from observe.core.tidy import Source
from observe.documents.package import Provenance, Study

Write = Callable[[Study, Iterable[Source], Provenance], Iterator[bytes]]


@dataclass(frozen=True, slots=True)
class Format:
    """`log` says whether it holds the log itself, and `figures` the sums: what is not wanted is not read."""

    name: str
    label: str
    ending: str
    kind: str
    about: str
    limits: str
    log: bool = False
    figures: bool = False
    joint: bool = False
    """whether it has a place for how several versions were read as one; without it they are not taken out together"""

    @property
    def write(self) -> Write:
        """Who writes it. Loaded when it is wanted: the libraries of some are large."""
        module = import_module(f"observe.documents.{MODULES[self.name]}")
        found: Write = module.pieces
        return found


MODULES = {
    "xlsx": "xlsx", "parquet": "parquet", "sav": "spss", "boris": "boris", "sdis": "sdis", "elan": "elan", "noldus": "noldus",
}  # fmt: skip
ZIP = "application/zip"
FORMATS = (
    Format(
        "xlsx", "Excel workbook", "xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "All tables in one workbook, a sheet each, to look through and to filter.",
        "At most 1,048,575 rows a sheet and 32,767 characters a cell; the first sheet says what is beyond.", True, True, True,
    ),
    Format(
        "parquet", "Parquet", "parquet.zip", ZIP,
        "All tables with their types, for R (arrow), Python, DuckDB and Spark.", "Nothing is left out.", True, True, True,
    ),
    Format(
        "sav", "SPSS", "sav.zip", ZIP,
        "A .sav file a table: labels for variables and codes, and reasons for missing values that SPSS leaves out by itself.",
        "Without the log itself; text is cut at 32,767 bytes.", False, True,
    ),
    Format(
        "boris", "BORIS project", "boris.zip", ZIP,
        "Sessions as live observations with their ethogram, to go on with in BORIS.",
        "Bouts, points and the notes about them; README.txt counts what BORIS has no place for.",
    ),
    Format(
        "sdis", "SDIS for GSEQ", "sdis.zip", ZIP,
        "Timed sequential data for sequential analysis in GSEQ.", "Bouts and points, without modifiers.",
    ),
    Format(
        "elan", "ELAN", "elan.zip", ZIP,
        "An .eaf document a session, with a tier for each stream and subject, to lay beside a video or sound recording.",
        "Bouts, points and notes; a point lasts one millisecond.",
    ),
    Format(
        "noldus", "Event table as The Observer XT has it", "noldus.csv", "text/csv",
        "A row a start, stop or point, with headings that scripts made for The Observer XT's export read.",
        "Bouts and points; there is no file of The Observer XT itself in it.",
    ),
)  # fmt: skip


def format_of(name: str) -> Format:
    """The format of this name, or KeyError."""
    return {one.name: one for one in FORMATS}[name]
