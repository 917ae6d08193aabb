"""Rows pasted from a spreadsheet, with whatever headings people use, as a first draft of a framework."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from typing import Any

from frameworks.convert.documents import Refused, text_in
from frameworks.convert.names import id_from, slug_from, storable
from frameworks.findings import Finding, error, hint, warning
from frameworks.model import SCHEMA
from frameworks.schema import Loaded, load

NOTHING = error(
    "pasted.nothing",
    "Nothing was pasted.",
    "Copy the rows in the spreadsheet, headings included, and paste them here.",
)
UNKNOWN_HEADING = warning(
    "pasted.unknown-heading",
    "The column “{heading}” was not understood and was left out.",
    "Rename it, for instance to “definition”, and paste again.",
)
NO_HEADINGS = hint(
    "pasted.no-headings",
    "No headings were found; the first column was taken for the codes and the second for their definitions.",
    "Paste the headings too if that is not so.",
)
NO_LABEL = warning("pasted.no-label", "Row {row} has no code and was left out.", "Fill in its first column.")
TYPE_UNKNOWN = warning(
    "pasted.type-unknown",
    "Row {row}: “{value}” is neither a point nor a state; it was taken for a point.",
    "Write point or state.",
)
COLOUR_UNKNOWN = hint(
    "pasted.colour-unknown",
    "Row {row}: “{value}” is not a colour such as #1f77b4 and was left out.",
    "Write it as # and six digits.",
)
KEY_UNKNOWN = hint(
    "pasted.key-unknown",
    "Row {row}: “{value}” is not a key, or is taken, and was left out.",
    "Use one character that no other code has.",
)
TOO_MANY = error("pasted.too-many", "{count} rows were pasted; {maximum} are the most.", "Paste fewer at a time.")

MAX_ROWS = 1_000
HEADINGS = {
    "label": ("label", "code", "behaviour", "behavior", "name", "item", "category name", "event", "behaviour code", "behavior code", "verhalten", "comportement"),
    "id": ("id", "code id", "short", "abbreviation", "short code", "tag"),
    "definition": ("definition", "description", "meaning", "operational definition", "def", "what it is", "beschreibung"),
    "include": ("include", "includes", "included", "inclusion", "inclusions"),
    "exclude": ("exclude", "excludes", "excluded", "exclusion", "exclusions"),
    "examples": ("example", "examples", "e.g.", "eg", "for example"),
    "non_examples": ("non example", "non examples", "not examples", "counter example", "counter examples", "does not count", "counterexamples"),
    "type": ("type", "behaviour type", "behavior type", "event type", "kind"),
    "stream": ("stream", "track", "dimension", "tier", "class", "actor", "who"),
    "group": ("group", "category", "behavioral category", "behavioural category", "domain", "theme"),
    "key": ("key", "shortcut", "hot key", "hotkey", "keyboard"),
    "colour": ("colour", "color"),
    "opportunity": ("opportunity", "only when"),
}  # fmt: skip
STATES = {"state", "state event", "duration", "bout", "s", "long", "lasting", "zustand"}
POINTS = {"point", "point event", "event", "instant", "momentary", "frequency", "p", "count", "punkt", ""}
LISTS = ("include", "exclude", "examples", "non_examples")


def from_pasted(text: bytes | str, *, title: str = "", language: str = "en") -> Loaded:
    """A draft framework from pasted rows; what was not understood is told, and the rest is taken."""
    try:
        rows = [row for row in cells(text_in(text)) if any(row)]
    except Refused as refused:
        return Loaded(None, (refused.finding,))
    return from_rows(rows, title=title, language=language)


def is_somebodys_table(header: Sequence[str]) -> bool:
    """Whether a row is the head of a table of codes that somebody made for themselves."""
    return len(header) > 1 and any(heading(cell) in ("label", "id") for cell in header)


def from_rows(rows: Sequence[Sequence[str]], *, title: str = "", language: str = "en") -> Loaded:
    """A draft framework from rows of cells, as pasted or as they stand in somebody's own file."""
    rows = [[storable(cell) for cell in row] for row in rows if any(row)]
    if not rows:
        return Loaded(None, (NOTHING.at(""),))
    if len(rows) > MAX_ROWS:
        return Loaded(None, (TOO_MANY.at("", count=len(rows), maximum=MAX_ROWS),))
    fields, findings = fields_of(rows[0])
    body = rows[1:] if fields else rows
    draft = Draft(fields or ["label", "definition"][: max(len(row) for row in rows)], findings)
    return draft.loaded(body, title, language, first=2 if fields else 1)


def cells(text: str) -> list[list[str]]:
    """Rows of cells: by tabs, as spreadsheets copy them; else by semicolons or commas where every row has them.

    A cell in quotes may hold line breaks and any of these marks.
    """
    split = {mark: rows_by(mark, text) for mark in ("\t" if "\t" in text else ";,")}
    tabular = (rows for rows in split.values() if len(rows) > 1 and all(len(row) > 1 for row in rows))
    rows = split.get("\t") or next(tabular, None) or rows_by("\t", text)
    return [[storable(cell) for cell in row] for row in rows]


def rows_by(mark: str, text: str) -> list[list[str]]:
    """Rows with their cells apart at this mark, without empty rows."""
    try:
        rows = (
            rows_by_tab(text) if mark == "\t" else list(csv.reader(io.StringIO(text, newline=""), delimiter=mark))
        )
    except csv.Error:
        rows = [line.split(mark) for line in text.splitlines()]
    return [row for row in rows if any(cell.strip() for cell in row)]


CELL = re.compile(r'(?:"((?:[^"]|"")*+)"(?=[\t\r\n]|\Z)|([^\t\r\n]*))(\t|\r?\n|\r|\Z)')


def rows_by_tab(text: str) -> list[list[str]]:
    """Rows as a spreadsheet copies them: quotation marks that somebody wrote are words ("Well done.").

    Only a cell with a tab, a line break or doubled quotes in it stands in quotes that are not its own.
    """
    rows: list[list[str]] = [[]]
    place = 0
    while place <= len(text) and (found := CELL.match(text, place)):
        quoted, plain, end = found.groups()
        is_wrapped = quoted is not None and re.search('[\t\r\n]|""', quoted)
        rows[-1].append(quoted.replace('""', '"') if is_wrapped else plain if quoted is None else f'"{quoted}"')
        if end != "\t":
            rows.append([])
        if not end:
            break
        place = found.end()
    return rows


def heading(cell: str) -> str:
    """The field that a heading stands for, or nothing."""
    words = re.sub(r"[\s_\-/]+", " ", cell).strip(" :*").casefold()
    return next((field for field, names in HEADINGS.items() if words in names), "")


def fields_of(row: Sequence[str]) -> tuple[list[str], list[Finding]]:
    """The field of each column, when the row is a row of headings; a second column for the same field is left out."""
    found = [heading(cell) for cell in row]
    if "label" not in found and "id" not in found:
        return [], [NO_HEADINGS.at("")]
    if "id" not in found and found.count("label") > 1:  # "code | name": the first of them is what is short
        found[found.index("label")] = "id"
    fields: list[str] = []
    findings = []
    for cell, field in zip(row, found, strict=True):
        known = field and field not in fields
        fields.append(field if known else "")
        if not known and cell:
            findings.append(UNKNOWN_HEADING.at("", heading=cell[:60]))
    return fields, findings


class Draft:
    """Streams and codes on their way from rows to a document."""

    def __init__(self, fields: list[str], findings: list[Finding]) -> None:
        self.fields, self.findings = fields, findings
        self.ids: set[str] = set()
        self.keys: set[str] = set()
        self.streams: dict[str, list[dict[str, Any]]] = {}

    def loaded(self, rows: Sequence[Sequence[str]], title: str, language: str, first: int) -> Loaded:
        """The draft as a framework, with what was not understood."""
        for number, row in enumerate(rows, start=first):
            self.add(dict(zip(self.fields, row, strict=False)), number)
        if not self.streams:
            return Loaded(None, (*self.findings, NOTHING.at("")))
        stream_ids: set[str] = set()
        streams = [
            {"id": id_from(label, stream_ids, "stream"), "label": label, "codes": codes}
            for label, codes in self.streams.items()
        ]
        name = storable(title)
        document = {
            "schema": SCHEMA,
            "slug": slug_from(name, "draft"),
            "title": name or "Draft",
            "languages": [language],
            "streams": streams,
        }
        loaded = load(document)
        return Loaded(loaded.framework, (*loaded.findings, *self.findings), is_foreign=True)

    def add(self, cell: Mapping[str, str], number: int) -> None:
        """One row as a code in its stream."""
        label = cell.get("label", "") or cell.get("id", "")
        if not label:
            self.findings.append(NO_LABEL.at("", row=number))
            return
        code: dict[str, Any] = {"id": id_from(cell.get("id", "") or label, self.ids, "code"), "label": label}
        code["type"] = self.type_of(cell.get("type", ""), number)
        code["definition"] = cell.get("definition", "")
        code["opportunity"] = cell.get("opportunity", "")
        code["group"] = cell.get("group", "")[:200]
        code |= {field: parts(cell.get(field, "")) for field in LISTS}
        code["key"] = self.key_of(cell.get("key", ""), number)
        code["colour"] = self.colour_of(cell.get("colour", ""), number)
        self.streams.setdefault(cell.get("stream", "") or "Behaviour", []).append(code)

    def type_of(self, words: str, number: int) -> str:
        """point or state, from the many words for them."""
        if words.casefold() in STATES:
            return "state"
        if words.casefold() not in POINTS:
            self.findings.append(TYPE_UNKNOWN.at("", row=number, value=words[:60]))
        return "point"

    def key_of(self, key: str, number: int) -> str:
        """A key that can be pressed and that no code before has."""
        legal = len(key) == 1 or re.fullmatch(r"F([1-9]|1[0-2])", key)
        if key and (not legal or key in self.keys):
            self.findings.append(KEY_UNKNOWN.at("", row=number, value=key[:60]))
            return ""
        self.keys.add(key)
        return key

    def colour_of(self, colour: str, number: int) -> str:
        """A colour in the notation of the web; the sign before it may be missing."""
        if re.fullmatch(r"#?[0-9a-fA-F]{6}", colour):
            return "#" + colour.removeprefix("#")
        if colour:
            self.findings.append(COLOUR_UNKNOWN.at("", row=number, value=colour[:60]))
        return ""


def parts(cell: str) -> list[str]:
    """Several examples in one cell: on lines of their own, with bullets, or divided by semicolons."""
    pieces = cell.split("\n") if "\n" in cell else cell.split(";")
    return [piece for piece in (re.sub(r"^[\s•\-–*]+", "", each).strip() for each in pieces) if piece]
