"""A framework as one table, a row for each of its parts: what the codebooks in CSV and XLSX have in common.

People edit the named columns. Whatever has no column of its own stands as JSON in “more”, so that nothing is lost.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

from frameworks.convert.documents import Refused, read_json
from frameworks.findings import Finding, error
from frameworks.model import Framework
from frameworks.schema import Loaded, dump, load
from frameworks.shape import Field, Listing, Object, Plain, Words, shape_of

UNKNOWN_COLUMN = error(
    "table.unknown-column",
    "The column “{column}” is not known.",
    "Rename it to one of the columns of a codebook, or delete it.",
)
UNKNOWN_PART = error(
    "table.unknown-part", "Row {row}: “{part}” is not a part of a framework.", "Use one of: {parts}."
)
NO_PARENT = error(
    "table.no-parent",
    "Row {row}: the {part} stands in “{parent}”, and no row before it is a {above} of that id.",
    "Put it below the {above} it belongs to.",
)
BAD_MORE = error(
    "table.more-not-json",
    "Row {row}: the column “more” does not hold a JSON object.",
    "Leave it as it was exported, or empty it.",
)
NO_ROWS = error("table.empty", "The table has no rows.", "Export a codebook, and edit that.")
TWO_FRAMEWORKS = error(
    "table.framework-rows",
    "The table has {count} rows for the framework itself; it needs exactly one.",
    "Keep one row whose part is “framework”.",
)

PARTS: dict[str, tuple[str, str]] = {
    "framework": ("", ""),
    "actor": ("framework", "actors"),
    "modifier": ("framework", "modifiers"),
    "modifier option": ("modifier", "options"),
    "stream": ("framework", "streams"),
    "code": ("stream", "codes"),
    "rating": ("stream", "ratings"),
    "rating value": ("rating", "values"),
    "dimension": ("stream", "crossed"),
    "dimension option": ("dimension", "options"),
    "link": ("framework", "links"),
    "variable": ("framework", "variables"),
    "variable option": ("variable", "options"),
    "formula": ("framework", "formulas"),
    "construct": ("framework", "constructs"),
    "rival": ("construct", "rivals"),
    "indicator": ("construct", "indicators"),
}
"""Each kind of row: the kind of row that it stands in, and the field of that which it belongs to."""

COLUMNS = (
    "slug", "id", "title", "label", "type", "kind", "definition", "include", "exclude", "examples", "non_examples", "opportunity",
    "group", "key", "colour", "modifiers", "scale", "anchor", "code", "rating", "diagnosticity", "rationale", "description",
    "purpose", "attend_to", "leave_out", "assumptions", "intended_use", "limits", "languages",
)  # fmt: skip
LONGEST = 30_000
"""a cell of a spreadsheet holds 32,767 characters"""
UNWRITABLE = re.compile("[\ufffe\uffff\r]|_x[0-9A-Fa-f]{4}_")
"""what XML cannot hold, or a spreadsheet would read as something else"""

Row = dict[str, str]


def rows_of(framework: Framework) -> tuple[list[str], list[list[str]]]:
    """The header and the rows; columns that nothing uses are left out."""
    document = dump(framework)
    rows = list(part_rows(document, "framework", "", Framework, framework.languages[0]))
    used = {column for row in rows for column, cell in row.items() if cell}
    more = sorted((column for column in used if column.startswith("more")), key=lambda name: (len(name), name))
    words = [each for column in COLUMNS for each in (column, *translations(column, used)) if each in used]
    header = ["part", "in", *words, *more]
    return header, [[row.get(column, "") for column in header] for row in rows]


def translations(column: str, used: set[str]) -> list[str]:
    """The columns that hold this one in other languages."""
    return sorted(name for name in used if name.startswith(column + ":"))


def part_rows(document: dict[str, Any], part: str, above: str, owner: type[Any], language: str) -> Iterator[Row]:
    """The row of one part, and after it those of the parts within it."""
    children = {field: name for name, (parent, field) in PARTS.items() if parent == part}
    row: Row = {"part": part, "in": above}
    rest: dict[str, Any] = {}
    for each in shape_of(owner):
        if each.name in children or each.name not in document:
            continue
        cells = cells_of(each, document[each.name], language) if each.name in COLUMNS else None
        if cells is None:
            rest[each.name] = document[each.name]
        else:
            row |= cells
    row |= more_cells(rest)
    yield row
    here = document.get("id", "")
    for each in shape_of(owner):
        if each.name in children and isinstance(each.spec, Listing) and isinstance(each.spec.item, Object):
            for child in document.get(each.name, ()):
                yield from part_rows(child, children[each.name], here, each.spec.item.of, language)


def cells_of(field: Field, value: Any, language: str) -> Row | None:
    """A value in cells of its own, or None where it must go into “more” to come back as it was."""
    name = field.name
    if isinstance(value, dict) and isinstance(field.spec, Words):
        cells = {name if tag == language else f"{name}:{tag}": words for tag, words in value.items()}
    elif isinstance(value, list):
        if not value or not all(
            isinstance(each, str) and each.strip() == each and each and "\n" not in each for each in value
        ):
            return None
        cells = {name: "\n".join(value)}
    elif isinstance(value, str):
        cells = {name: value}
    else:
        return None
    fits = all(
        isinstance(cell, str)
        and cell
        and len(cell) <= LONGEST
        and not UNWRITABLE.search(cell)
        and cell.strip() == cell
        for cell in cells.values()
    )
    return cells if fits else None


def more_cells(rest: dict[str, Any]) -> Row:
    """What has no column, as JSON, in as many cells as it takes."""
    if not rest:
        return {}
    words = json.dumps(rest, ensure_ascii=True, separators=(",", ":")).replace("_x", "\\u005fx")
    pieces = [words[start : start + LONGEST] for start in range(0, len(words), LONGEST)]
    return {"more" if index == 0 else f"more {index + 1}": piece for index, piece in enumerate(pieces)}


def loaded_from(header: Sequence[str], rows: Sequence[Sequence[str]]) -> Loaded:
    """The framework in a table, or everything that is wrong with the table or the framework."""
    names = [name.strip() for name in header]
    findings = [UNKNOWN_COLUMN.at("", column=name[:60]) for name in names if name and not is_known(name)]
    filled = [
        (number, dict(zip(names, row, strict=False)))
        for number, row in enumerate(rows, start=2)
        if any(cell.strip() for cell in row)
    ]
    if not filled:
        return Loaded(None, (*findings, NO_ROWS.at("")))
    if findings:
        return Loaded(None, tuple(findings))
    return Assembly(filled).loaded()


def is_known(name: str) -> bool:
    """Whether a column belongs to a codebook; translations are named like “label:cy”."""
    return (
        name in ("part", "in")
        or name.partition(":")[0] in COLUMNS
        or re.fullmatch(r"more( \d+)?", name) is not None
    )


class Assembly:
    """Rows put together into a document again; a row goes into the last one before it that it names."""

    def __init__(self, rows: list[tuple[int, Row]]) -> None:
        self.rows = rows
        self.findings: list[Finding] = []
        self.open: dict[tuple[str, str], dict[str, Any]] = {}
        self.language = first_language(rows)

    def loaded(self) -> Loaded:
        """The framework, unless a row was at fault."""
        heads = [row for _, row in self.rows if row.get("part", "").strip() == "framework"]
        if len(heads) != 1:
            return Loaded(None, (TWO_FRAMEWORKS.at("", count=len(heads)),))
        document: dict[str, Any] = {}
        for number, row in self.rows:
            part = row.get("part", "").strip()
            if part not in PARTS:
                self.findings.append(UNKNOWN_PART.at("", row=number, part=part[:60], parts=", ".join(PARTS)))
            elif part == "framework":
                document |= self.values(row, part, number)
                self.open["framework", ""] = document
            else:
                self.place(row, part, number)
        if self.findings:
            return Loaded(None, tuple(self.findings))
        return load({"schema": "observe-framework/1", **document})

    def place(self, row: Row, part: str, number: int) -> None:
        """Put the part of a row into the part that it belongs to."""
        above, field = PARTS[part]
        parent = "" if above == "framework" else row.get("in", "").strip()
        home = self.open.get((above, parent))
        if home is None:
            self.findings.append(NO_PARENT.at("", row=number, part=part, parent=parent[:60], above=above))
            return
        values = self.values(row, part, number)
        home.setdefault(field, []).append(values)
        self.open[part, str(values.get("id", ""))] = values

    def values(self, row: Row, part: str, number: int) -> dict[str, Any]:
        """The fields of a row: the cells of its columns, and what stands in “more”."""
        specs = {each.name: each.spec for each in shape_of(OWNERS[part])}
        values: dict[str, Any] = self.more(row, number)
        for column, cell in row.items():
            name, _, tag = column.partition(":")
            if name not in COLUMNS or not cell.strip():
                continue
            spec = specs.get(name)
            if isinstance(spec, Listing) and isinstance(spec.item, Words | Plain):
                values[name] = [line.strip() for line in cell.split("\n") if line.strip()]
            elif isinstance(spec, Words):
                words = values.setdefault(name, {})
                if isinstance(words, dict):
                    words[tag or self.language] = cell.strip()
            else:
                values[name] = cell.strip()
        return values

    def more(self, row: Row, number: int) -> dict[str, Any]:
        """The JSON in “more” and its continuations."""
        names = sorted((name for name in row if name.startswith("more")), key=lambda name: (len(name), name))
        words = "".join(row[name] for name in names).strip()
        if not words:
            return {}
        try:
            found = read_json(words)
        except Refused:
            found = None
        if not isinstance(found, dict):
            self.findings.append(BAD_MORE.at("", row=number))
            return {}
        return found


def first_language(rows: list[tuple[int, Row]]) -> str:
    """The language that columns without a tag are in."""
    for _, row in rows:
        if row.get("part", "").strip() == "framework" and row.get("languages", "").strip():
            return row["languages"].split("\n")[0].strip()
    return "en"


def owners() -> dict[str, type[Any]]:
    """The class of the model that each kind of row holds."""
    found: dict[str, type[Any]] = {"framework": Framework}
    for part, (above, field) in PARTS.items():
        for each in shape_of(found[above]) if above else ():
            if each.name == field and isinstance(each.spec, Listing) and isinstance(each.spec.item, Object):
                found[part] = each.spec.item.of
    return found


OWNERS = owners()
