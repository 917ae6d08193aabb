"""CSV out and in again: no formula, no loss."""

from __future__ import annotations

import io

from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from observe.core.tidy import Column
from observe.documents.tables import csv_pieces, guarded, read_csv, unguarded

TEXT = (Column("id", "string", ""), Column("words", "string", ""))


def whole(rows: list[tuple[object, ...]]) -> bytes:
    return b"".join(csv_pieces(TEXT, rows))


def test_a_table_is_utf_8_with_crlf_and_quotes_where_they_are_needed():
    assert whole([("a", 'say "no", twice'), ("b", "zwei\nZeilen"), ("c", None)]) == (
        b'id,words\r\na,"say ""no"", twice"\r\nb,"zwei\nZeilen"\r\nc,\r\n'
    )


def test_truth_is_small_numbers_are_raw_and_none_is_empty():
    columns = (
        Column("t", "boolean", ""),
        Column("n", "number", ""),
        Column("i", "integer", ""),
        Column("s", "string", ""),
    )

    found = b"".join(csv_pieces(columns, [(True, -0.5, -3, "-3"), (None, None, 0, None)]))

    assert found == b"t,n,i,s\r\ntrue,-0.5,-3,'-3\r\n,,0,\r\n"


def test_text_that_would_be_a_formula_is_not_one_in_a_spreadsheet():
    for start in "=+-@\t\r\n＝＋－＠":
        assert guarded(f"{start}1+1") == f"'{start}1+1"
    assert guarded("a=1") == "a=1"
    assert guarded("'tis") == "'tis"


def test_a_spreadsheet_reader_finds_no_formula():
    book = Workbook()
    for row in read_rows(whole([("=1+1", "@SUM(A1)"), ("-2", "+3")])):
        book.active.append(row)
    file = io.BytesIO()
    book.save(file)

    cells = [cell for row in load_workbook(file).active.iter_rows() for cell in row]

    assert {cell.data_type for cell in cells} == {"s"}


def read_rows(data: bytes) -> list[list[str]]:
    import csv

    return list(csv.reader(io.StringIO(data.decode(), newline="")))


@given(st.text())
def test_guarding_is_undone_exactly(text: str):
    assert unguarded(guarded(text)) == text


words = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"))


@given(st.lists(st.tuples(words.filter(bool), words)))
def test_whatever_was_written_is_read_again(rows: list[tuple[str, str]]):
    read = [(row["id"], row["words"]) for row in read_csv(whole(rows).decode())]

    assert read == rows
