"""CSV as RFC 4180 has it: UTF-8, CRLF, one header line; written in pieces, so that memory does not grow with the data.

Text that a spreadsheet would run as a formula gets an apostrophe before it, and reading takes exactly that one away.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice

from observe.core.tidy import Cell, Column, Row

PIECE = 1 << 16
ROWS = 500
RISKY = frozenset("=+-@\t\r\n＝＋－＠")
BEGINNING = re.compile("\0[=+\\-@\t\r\n＝＋－＠']")


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


Texts = list[str]


def safe(joined: str) -> bool:
    """Whether texts, each after a NUL, can be written as they are."""
    quotes = '"' in joined or "," in joined or "\n" in joined or "\r" in joined
    return not quotes and BEGINNING.search(joined) is None


def quoted(text: str) -> str:
    """The text in quotes where RFC 4180 wants them."""
    if '"' in text:
        return '"' + text.replace('"', '""') + '"'
    return f'"{text}"' if "," in text or "\n" in text or "\r" in text else text


def raw(cells: Sequence[Cell]) -> Texts:
    """Text that is not guarded: JSON and moments."""
    return [quoted(cell) if cell else "" for cell in cells]  # type: ignore[arg-type]


def words(cells: Sequence[Cell]) -> Texts:
    """Text, guarded. Cells are looked through together, and one by one only where one of them needs it."""
    texts: Texts = [cell or "" for cell in cells]  # type: ignore[misc]
    return texts if safe("\0".join(["", *texts])) else [quoted(guarded(text)) for text in texts]


def sparing(write: Callable[[Sequence[Cell]], Texts]) -> Callable[[Sequence[Cell]], Texts]:
    """Writes what is there many times once: codes, subjects, yes and no."""

    def written(cells: Sequence[Cell]) -> Texts:
        distinct = list(set(cells))
        if 4 * len(distinct) > len(cells):
            return write(cells)
        known = dict(zip(distinct, write(distinct), strict=True))
        return list(map(known.__getitem__, cells))

    return written


def truths(cells: Sequence[Cell]) -> Texts:
    """True and false in small letters."""
    return ["" if cell is None else "true" if cell else "false" for cell in cells]


def numbers(cells: Sequence[Cell]) -> Texts:
    """Numbers as Python writes them: exact, never rounded."""
    return ["" if cell is None else str(cell) for cell in cells]


def writer_of(column: Column) -> Callable[[Sequence[Cell]], Texts]:
    """How the cells of a column are written."""
    if column.type == "boolean":
        return sparing(truths)
    if column.type in {"integer", "number"}:
        return numbers
    return sparing(raw if column.holds_json or column.type != "string" else words)


def csv_pieces(columns: Sequence[Column], rows: Iterable[Row]) -> Iterator[bytes]:
    """The file from its header line on, in pieces of some 64 KiB. Rows are written column by column, some at a time."""
    writers = [writer_of(column) for column in columns]
    pieces = [",".join(quoted(column.name) for column in columns)]
    size, coming = 0, iter(rows)
    while some := list(islice(coming, ROWS)):
        written = [write(cells) for write, cells in zip(writers, zip(*some, strict=True), strict=True)]
        pieces.extend(map(",".join, zip(*written, strict=True)) if len(written) > 1 else alone(written[0]))
        size = sum(map(len, pieces[-len(some) :])) + size
        if size >= PIECE:
            yield ("\r\n".join(pieces) + "\r\n").encode("utf-8")
            pieces, size = [], 0
    if pieces:
        yield ("\r\n".join(pieces) + "\r\n").encode("utf-8")


def alone(texts: Texts) -> Texts:
    """Lines of a single column: an empty one would be no row at all."""
    return [text or '""' for text in texts]


def read_csv(text: str) -> Iterator[dict[str, str]]:
    """Rows of a file of ours, by column, as they were before they were guarded; an empty cell is an empty text."""
    csv.field_size_limit(1 << 26)
    for row in csv.DictReader(io.StringIO(text, newline="")):
        yield {name: unguarded(value or "") for name, value in row.items() if name is not None}
