"""The codebook as XLSX, out and back without loss. A workbook is opened only when it cannot blow up."""

from __future__ import annotations

import io
import zipfile
import zlib
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.styles import Alignment, Font
from openpyxl.utils.exceptions import InvalidFileException

from frameworks.convert.pasted import from_rows, is_somebodys_table
from frameworks.convert.table import loaded_from, rows_of
from frameworks.findings import Finding, error
from frameworks.model import Framework
from frameworks.schema import Loaded

NOT_XLSX = error("xlsx.unreadable", "The file is not an XLSX workbook.", "Save the table as XLSX and try again.")
BOMB = error(
    "xlsx.too-large", "The workbook would unpack to {what}.", "Keep only the codebook in it, and save it again."
)
ENTITIES = error(
    "xlsx.entities",
    "The workbook declares entities of its own, which no spreadsheet program writes.",
    "Open it in a spreadsheet program and save it again.",
)
TOO_WIDE = error(
    "xlsx.too-many-cells",
    "The sheet has more than {rows:,} rows or {columns} columns.",
    "Keep only the codebook in it.",
)

MAX_BYTES = 16_000_000
MAX_UNPACKED = 64_000_000
MAX_RATIO = 200
MAX_PARTS = 500
MAX_ROWS = 20_000
MAX_COLUMNS = 200


def to_xlsx(framework: Framework) -> bytes:
    """A workbook with one sheet, “codebook”; every cell is text, so that none can be a formula."""
    book = Workbook()
    sheet: Any = book.active
    sheet.title = "codebook"
    header, rows = rows_of(framework)
    for row_number, row in enumerate((header, *rows), start=1):
        for column, words in enumerate(row, start=1):
            if words:
                cell = sheet.cell(row=row_number, column=column, value=words)
                cell.data_type = "s"
                cell.alignment = Alignment(vertical="top", wrap_text=True)
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    sheet.freeze_panes = "D2"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def from_xlsx(data: bytes) -> Loaded:
    """The framework on the sheet “codebook”, or else on the first sheet."""
    if finding := danger_in(data):
        return Loaded(None, (finding,))
    try:
        rows = read_sheet(data)
    except (
        InvalidFileException,
        zipfile.BadZipFile,
        KeyError,
        ValueError,
        TypeError,
        AttributeError,
        IndexError,
        SyntaxError,
    ):
        return Loaded(None, (NOT_XLSX.at(""),))
    if rows is None:
        return Loaded(None, (TOO_WIDE.at("", rows=MAX_ROWS, columns=MAX_COLUMNS),))
    header, *body = rows or [[]]
    if "part" not in header and is_somebodys_table(header):
        return from_rows(rows)
    return loaded_from(header, body)


def danger_in(data: bytes) -> Finding | None:
    """Why a file must not be unpacked; measured while unpacking, since a file can lie about its sizes."""
    if len(data) > MAX_BYTES:
        return BOMB.at("", what=f"more than {MAX_BYTES:,} bytes even before unpacking")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
            if len(parts) > MAX_PARTS:
                return BOMB.at("", what=f"{len(parts):,} parts")
            return danger_in_parts(archive, parts, len(data))
    except (zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError, ValueError, OSError, EOFError):
        return NOT_XLSX.at("")


def danger_in_parts(archive: zipfile.ZipFile, parts: list[zipfile.ZipInfo], packed: int) -> Finding | None:
    """Each part read to the end, as long as all of them together stay within bounds."""
    total = 0
    allowed = min(MAX_UNPACKED, max(1_000_000, packed * MAX_RATIO))
    for part in parts:
        with archive.open(part) as stream:
            content = stream.read(allowed - total + 1)
        total += len(content)
        if total > allowed:
            return BOMB.at("", what=f"more than {allowed:,} bytes")
        foreign = content.startswith((b"\xff\xfe", b"\xfe\xff")) and part.filename.endswith((".xml", ".rels"))
        if foreign or b"<!DOCTYPE" in content or b"<!ENTITY" in content:
            return ENTITIES.at("")
    return None


def read_sheet(data: bytes) -> list[list[str]] | None:
    """The cells of the sheet as text, or None when there are too many of them. Formulas are read as their last values."""
    book = load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
    try:
        sheet = book["codebook"] if "codebook" in book.sheetnames else book.worksheets[0]
        rows = []
        for number, row in enumerate(sheet.iter_rows(values_only=True), start=1):
            if number > MAX_ROWS or len(row) > MAX_COLUMNS:
                return None
            rows.append([as_words(cell) for cell in row])
        return rows
    finally:
        book.close()


def as_words(cell: Any) -> str:
    """A cell as text; a whole number typed into a cell has no point."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, float) and cell == int(cell):
        return str(int(cell))
    return str(cell).replace("\r\n", "\n")
