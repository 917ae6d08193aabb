"""CSV as RFC 4180 has it: UTF-8, CRLF, one header line; written in pieces, so that memory does not grow with the data.

Text that a spreadsheet would run as a formula gets an apostrophe before it, and reading takes exactly that one away.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from observe.core.tidy import Cell, Column, Row

PIECE = 1 << 16
ROWS = 200
RISKY = frozenset("=+-@\t\r\n＝＋－＠")


def guarded(text: str) -> str:
    """The text so that no spreadsheet takes it for a formula. Apostrophes of its own before a formula are doubled too."""
    bare = text.lstrip("'")
    return f"'{text}" if bare and bare[0] in RISKY else text


def unguarded(text: str) -> str:
    """What `guarded` was given."""
    if not text.startswith("'"):
        return text
    bare = text.lstrip("'")
    return text[1:] if bare and bare[0] in RISKY else text


def cells(columns: Sequence[Column], rows: Iterable[Row]) -> Iterator[list[Cell]]:
    """Rows as they are written: text guarded, true and false in small letters, None empty, numbers raw."""
    texts = [k for k, column in enumerate(columns) if column.type == "string" and not column.holds_json]
    truths = [k for k, column in enumerate(columns) if column.type == "boolean"]
    unsafe = RISKY | {"'"}
    for row in rows:
        written = list(row)
        for k in texts:
            text = written[k]
            if text and text[0] in unsafe:  # type: ignore[index]
                written[k] = guarded(text)  # type: ignore[arg-type]
        for k in truths:
            truth = written[k]
            written[k] = None if truth is None else "true" if truth else "false"
        yield written


def csv_pieces(columns: Sequence[Column], rows: Iterable[Row]) -> Iterator[bytes]:
    """The file from its header line on, in pieces of some 64 KiB."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow([column.name for column in columns])
    written = cells(columns, rows)
    while some := list(islice(written, ROWS)):
        writer.writerows(some)
        if buffer.tell() >= PIECE:
            yield buffer.getvalue().encode("utf-8")
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue().encode("utf-8")


def read_csv(text: str) -> Iterator[dict[str, str]]:
    """Rows of a file of ours, by column, as they were before they were guarded; an empty cell is an empty text."""
    csv.field_size_limit(1 << 26)
    for row in csv.DictReader(io.StringIO(text, newline="")):
        yield {name: unguarded(value or "") for name, value in row.items() if name is not None}
