"""The codebook as CSV (RFC 4180), out and back without loss; cells cannot become formulas in a spreadsheet."""

from __future__ import annotations

import csv
import io

from frameworks.convert.documents import Refused, text_in
from frameworks.convert.pasted import from_rows, is_somebodys_table
from frameworks.convert.table import is_known, loaded_from, rows_of
from frameworks.findings import error
from frameworks.model import Framework
from frameworks.schema import Loaded

NOT_CSV = error("csv.unreadable", "The file is not CSV: {why}.", "Save the table as CSV in UTF-8.")

DANGEROUS = ("=", "+", "-", "@", "\t", "'")


def to_csv(framework: Framework) -> str:
    """The codebook as text; a reader that wants Excel to see UTF-8 puts a byte order mark before it."""
    header, rows = rows_of(framework)
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerows([[harmless(cell) for cell in row] for row in (header, *rows)])
    return out.getvalue()


def from_csv(data: bytes | str) -> Loaded:
    """The framework in a codebook; comma, semicolon or tab is seen from the header."""
    try:
        rows = read_rows(text_in(data))
    except Refused as refused:
        return Loaded(None, (refused.finding,))
    header, *body = rows or [[]]
    if "part" not in header and is_somebodys_table(header):
        return from_rows(rows)
    return loaded_from(header, [[as_written(cell) for cell in row] for row in body])


def is_table(data: bytes) -> bool:
    """Whether the first line is the header of a codebook, or of some other table, and not a line of YAML.

    A title or a comment of YAML may hold as many commas as it likes; its cells are not names of columns.
    """
    line = data.partition(b"\n")[0].decode("utf-8", "replace").strip()
    cells = [cell.strip(' "') for cell in line.split(max(",;\t", key=line.count))]
    known = sum(is_known(cell) for cell in cells)
    looks_like_yaml = ": " in line or line.endswith(":") or line.startswith(("#", "-", "%"))
    looks_like_table = len(cells) > 2 or is_somebodys_table(cells)
    return "part" in cells or known >= 2 or (looks_like_table and not looks_like_yaml)


def read_rows(text: str) -> list[list[str]]:
    """All rows of a table, whatever its delimiter."""
    line = text.partition("\n")[0]
    delimiter = max(",;\t", key=line.count)
    csv.field_size_limit(max(csv.field_size_limit(), len(text) + 1))
    try:
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error as fault:
        raise Refused(NOT_CSV.at("", why=str(fault))) from fault


def harmless(cell: str) -> str:
    """A cell that a spreadsheet would take for a formula gets an apostrophe, and so does one that has one."""
    return f"'{cell}" if cell.startswith(DANGEROUS) else cell


def as_written(cell: str) -> str:
    """A cell without the apostrophe that was put before it."""
    cell = cell.replace("\r\n", "\n")
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(DANGEROUS) else cell
