"""Tables as SPSS files with labels of variables and values, and with reasons for missing values that SPSS knows as missing.

A table is held in memory while its file is made. The log itself (`events`) is left out: it is JSON, and whole in the CSV.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pyreadstat

from observe.core.tidy import Cell, Column, Row, Source
from observe.documents import codebook
from observe.documents.grid import Sheet, pour
from observe.documents.package import Provenance, Study
from observe.documents.spool import storable, zipped

LEFT_OUT = frozenset({"events", "codebook"})
LONGEST = 32_767
"""bytes of a string variable"""
REASONS = {
    "missed": -9991, "out-of-view": -9992, "partial": -9993, "late": -9994, "cannot-judge": -9995,
    "not-observable": -9996, "not-applicable": -9997, "none": -9998,
}  # fmt: skip
"""why there is no value; no rating or count can be one of these numbers by chance"""
WHY = {("intervals", "occurred"): "state", ("intervals", "count"): "state", ("scans", "n"): "state", ("ratings", "value"): "answer"}  # fmt: skip
"""the column that says why a number is not there"""
CODED = (
    "stream",
    "code",
    "rating",
    "subject",
    "target",
    "state",
    "answer",
    "closed_by",
    "kind",
    "status",
    "purpose",
)
"""texts that are also given as numbers with labels, which SPSS can count and compare"""
RESERVED = frozenset({"ALL", "AND", "BY", "EQ", "GE", "GT", "LE", "LT", "NE", "NOT", "OR", "TO", "WITH"})


def names_of(columns: Sequence[str]) -> list[str]:
    """Variable names that SPSS takes: a letter first, at most 64 bytes, no word of its own, none twice."""
    found: list[str] = []
    for name in columns:
        made = re.sub(r"[^A-Za-z0-9_.]", "_", name).rstrip("._")[:60] or "v"
        made = f"v_{made}" if not made[0].isalpha() or made.upper() in RESERVED else made
        taken, number, base = {one.lower() for one in found}, 2, made
        while made.lower() in taken:
            made, number = f"{base}_{number}", number + 1
        found.append(made)
    return found


def labels_of(study: Study) -> dict[str, dict[str, str]]:
    """What ids are called: by column, id → label."""
    found: dict[str, dict[str, str]] = {"subject": {one.id: one.pseudonym for one in study.subjects}}
    for _, framework in study.versions:
        for what, _, id_, label, *_ in codebook.entries(framework):
            found.setdefault(what, {}).setdefault(id_, label or id_)
    return {**found, "target": found["subject"]}


@dataclass(slots=True)
class Filling:
    """The rows of one table, and the file that is made of them."""

    of: Sheet
    labels: Mapping[str, Mapping[str, str]]
    rows: list[Row] = field(default_factory=list)

    def take(self, rows: Sequence[Row]) -> None:
        self.rows.extend(rows)

    def write(self, path: Path, title: str) -> None:
        made = [one for k, column in enumerate(self.of.columns) for one in self.variables(k, column)]
        names = names_of([one.name for one in made])
        frame = pd.DataFrame({name: one.values for name, one in zip(names, made, strict=True)})
        pyreadstat.write_sav(
            frame,
            str(path),
            file_label=cut(f"{title}: {self.of.name}", 64),
            column_labels=[cut(one.label, 255) for one in made],
            variable_value_labels={
                name: dict(one.meanings) for name, one in zip(names, made, strict=True) if one.meanings
            },
            missing_ranges={
                name: [{"lo": -9999.0, "hi": -9991.0}]
                for name, one in zip(names, made, strict=True)
                if one.missing
            },
            variable_measure={name: one.measure for name, one in zip(names, made, strict=True)},
            variable_format={name: one.format for name, one in zip(names, made, strict=True) if one.format},
        )

    def variables(self, k: int, column: Column) -> Iterator[Variable]:
        """One variable of SPSS for a column; two where ids have labels."""
        cells = [row[k] for row in self.rows]
        if column.type == "string":
            yield Variable(column.name, column.about, text(cells))
            if column.name in CODED:
                yield self.coded(column, cells)
        elif column.type == "boolean":
            values = pd.Series([None if one is None else float(bool(one)) for one in cells], dtype="float64")
            yield Variable(column.name, column.about, values, {0.0: "no", 1.0: "yes"}, format="F1.0")
        elif column.type == "datetime":
            moments = [
                None if one is None else datetime.fromisoformat(str(one)).replace(tzinfo=None) for one in cells
            ]
            yield Variable(
                column.name, f"{column.about} (UTC)", pd.Series(moments, dtype="datetime64[ns]"), measure="scale"
            )
        else:
            yield self.number(column, cells)

    def number(self, column: Column, cells: Sequence[Cell]) -> Variable:
        """A number; where it is missing for a reason that is known, the reason's own number."""
        why = WHY.get((self.of.name, column.name))
        if why is None:
            return Variable(column.name, column.about, floats(cells), measure="scale", format=decimals(column))
        place = [one.name for one in self.of.columns].index(why)
        filled = [
            REASONS.get(str(row[place])) if cell is None else cell
            for row, cell in zip(self.rows, cells, strict=True)
        ]
        meanings = {float(number): f"no value: {reason}" for reason, number in REASONS.items()}
        return Variable(column.name, column.about, floats(filled), meanings, True, "scale", decimals(column))

    def coded(self, column: Column, cells: Sequence[Cell]) -> Variable:
        """Texts as numbers from 1 in the order of their labels' source, each with its label."""
        known = self.labels.get(column.name, {})
        here = {str(one) for one in cells if one is not None}
        ids = [one for one in known if one in here] + sorted(here - set(known))
        numbers = {id_: float(n) for n, id_ in enumerate(ids, 1)}
        meanings = {
            number: cut(f"{id_}: {known[id_]}" if known.get(id_, id_) != id_ else id_, 120)
            for id_, number in numbers.items()
        }
        values = pd.Series([None if one is None else numbers[str(one)] for one in cells], dtype="float64")
        return Variable(f"{column.name}_n", f"{column.about} (labelled)", values, meanings, format="F8.0")


@dataclass(frozen=True, slots=True)
class Variable:
    """One variable of a file."""

    name: str
    label: str
    values: Any
    meanings: Mapping[float, str] = field(default_factory=dict)
    missing: bool = False
    measure: str = "nominal"
    format: str = ""


def text(cells: Sequence[Cell]) -> Any:
    return pd.Series(["" if one is None else cut(storable(str(one)), LONGEST) for one in cells], dtype="object")


def floats(cells: Sequence[Any]) -> Any:
    return pd.Series([None if one is None else float(one) for one in cells], dtype="float64")


def decimals(column: Column) -> str:
    return "F16.0" if column.type == "integer" else "F16.6"


def cut(words: str, most: int) -> str:
    """At most so many bytes of UTF-8, and no half character."""
    return words.encode()[:most].decode("utf-8", "ignore")


def pieces(study: Study, sources: Iterable[Source], provenance: Provenance) -> Iterator[bytes]:
    """A zip of .sav files, one for each table that has rows."""
    labels = labels_of(study)
    filled: list[Filling] = []

    def filling(sheet: Sheet) -> Any:
        made = Filling(sheet, labels)
        if sheet.name in LEFT_OUT:
            return Nowhere()
        filled.append(made)
        return made

    pour(study, sources, filling)
    with tempfile.TemporaryDirectory(prefix="observe-export-") as name:
        made = []
        for one in filled:
            if one.rows:
                made.append(Path(name) / f"{one.of.name}.sav")
                one.write(made[-1], study.title)
                one.rows.clear()
        yield from zipped(((path.name, path) for path in made), provenance.made)


class Nowhere:
    """Takes the rows of tables that are left out."""

    def take(self, rows: Sequence[Row]) -> None:
        """Nothing is kept."""
