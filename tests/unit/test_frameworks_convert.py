"""Framework documents and codebooks, out and back in; and rows as people paste them."""

from __future__ import annotations

import csv
import io
import zipfile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from frameworks import library
from frameworks.convert.codebook_csv import from_csv, to_csv
from frameworks.convert.codebook_xlsx import from_xlsx, to_xlsx
from frameworks.convert.documents import from_json, from_yaml, to_json, to_yaml
from frameworks.convert.markdown import to_markdown
from frameworks.convert.pasted import from_pasted
from frameworks.findings import errors_of
from frameworks.model import CodeType, Framework
from frameworks.rules import check
from frameworks.schema import Loaded, framework_of
from tests.factories.framework_documents import document_with, good_document, whole_frameworks

GENTLY = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


def good() -> Framework:
    return framework_of(good_document())


def told(loaded: Loaded) -> list[str]:
    return [finding.code for finding in loaded.findings]


# --- nothing is lost ---------------------------------------------------------------------------------------------


@GENTLY
@given(whole_frameworks())
def test_json_and_yaml_lose_nothing(framework):
    assert from_json(to_json(framework)) == Loaded(framework)
    assert from_yaml(to_yaml(framework)) == Loaded(framework)
    assert from_json(to_json(framework).encode()) == Loaded(framework)


@GENTLY
@given(whole_frameworks())
def test_the_codebook_in_csv_loses_nothing(framework):
    assert from_csv(to_csv(framework)) == Loaded(framework)


@settings(GENTLY, max_examples=25)
@given(whole_frameworks())
def test_the_codebook_in_xlsx_loses_nothing(framework):
    assert from_xlsx(to_xlsx(framework)) == Loaded(framework)


@pytest.mark.parametrize("slug", library.slugs())
def test_every_ready_made_framework_survives_every_lossless_format(slug):
    framework = framework_of(library.document(slug))

    assert from_json(to_json(framework)).framework == framework
    assert from_yaml(to_yaml(framework)).framework == framework
    assert from_csv(to_csv(framework)).framework == framework
    assert from_xlsx(to_xlsx(framework)).framework == framework


# --- JSON and YAML -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (b"\xff\xfe", "file.not-text"),
        ("{", "file.not-json"),
        ('{"slug": 1, "slug": 2}', "file.key-twice"),
        ("[" * 100_000, "file.too-nested"),
        ("9" * 10_000, "file.not-json"),
        (b" " * 17_000_000, "file.too-big"),
        ('{"title": NaN}', "shape.not-json"),
        ("[]", "shape.not-object"),
    ],
)
def test_json_that_is_no_framework_is_told_and_never_raises(text, code):
    loaded = from_json(text)

    assert loaded.framework is None
    assert code in told(loaded)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("a: [1", "file.not-yaml"),
        ("a: \x01", "file.not-yaml"),
        ("a: 1\na: 2", "file.key-twice"),
        ("a: &x [1]\nb: *x", "file.yaml-alias"),
        ("a: &x [1]", "file.yaml-alias"),
        ("a: !!python/object/apply:os.system ['true']", "file.yaml-alias"),
        ("[" * 100_000, "file.too-nested"),
        ("a: " + "9" * 10_000, "file.not-yaml"),
        ("? [1]\n: 2", "file.not-yaml"),
        ("[" + "1," * 500_000 + "]", "file.too-many-values"),
        ("- " * 100_000, "file.too-nested"),
        ("a: 1\n---\nb: 2", "file.not-yaml"),
        ("", "shape.not-object"),
    ],
)
def test_yaml_that_is_no_framework_is_told_and_never_raises(text, code):
    assert told(from_yaml(text)) == [code]


def test_yaml_has_the_scalars_of_json_only():
    text = to_yaml(framework_of(document_with(title="no", purpose="2020-01-01", limits="1e5", intended_use="010")))

    back = from_yaml(text).framework

    assert (str(back.title), str(back.purpose), str(back.limits)) == ("no", "2020-01-01", "1e5")
    assert from_yaml("schema: observe-framework/1\nslug: a\ntitle: no").framework.title == back.title


def test_the_json_is_readable_and_ends_in_a_line_feed():
    assert to_json(framework_of({"schema": "observe-framework/1", "slug": "a", "title": "Ä"})) == (
        '{\n  "schema": "observe-framework/1",\n  "slug": "a",\n  "title": "Ä"\n}\n'
    )


# --- codebooks ---------------------------------------------------------------------------------------------------


def test_the_codebook_has_a_row_for_each_part_and_its_words_in_columns():
    rows = list(csv.DictReader(io.StringIO(to_csv(good()))))

    assert [row["part"] for row in rows].count("code") == 6
    greets = next(row for row in rows if row["id"] == "greets")
    assert (greets["in"], greets["label"], greets["definition"], greets["key"]) == (
        "acts",
        "Greets",
        "Speaks first.",
        "g",
    )
    assert greets["non_examples"] == "Says “yes?” when spoken to"
    assert next(row["rationale"] for row in rows if row["part"] == "indicator") == "Unasked."


def test_words_in_other_languages_have_columns_of_their_own():
    framework = framework_of(document_with(languages=["en", "cy"], title={"en": "Help", "cy": "Cymorth"}))

    header = to_csv(framework).splitlines()[0]

    assert "title,title:cy" in header


@pytest.mark.parametrize("start", ["=1+1", "+1", "-1", "@x", "'quoted", "'=1"])
def test_no_cell_can_become_a_formula_and_the_words_come_back(start):
    framework = framework_of(document_with(title=start))
    text = to_csv(framework)

    assert all(not cell.startswith(("=", "+", "-", "@")) for row in csv.reader(io.StringIO(text)) for cell in row)
    assert from_csv(text).framework == framework
    sheet = load_workbook(io.BytesIO(to_xlsx(framework)))["codebook"]
    assert all(cell.data_type in ("s", "n") for row in sheet.iter_rows() for cell in row if cell.value is not None)


@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_a_codebook_saved_with_another_delimiter_is_read(delimiter):
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows(csv.reader(io.StringIO(to_csv(good()))))

    assert from_csv("\ufeff" + out.getvalue()).framework == good()


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ("", "table.empty"),
        ("part,in,wat\nframework,,x", "table.unknown-column"),
        ("part,in,slug\ncode,,x", "table.framework-rows"),
        ("part,in,slug,title\nframework,,a,A\nbehaviour,,x,", "table.unknown-part"),
        ("part,in,slug,title,id,label\nframework,,a,A,,\ncode,gone,,,c,C", "table.no-parent"),
        ("part,in,slug,title,more\nframework,,a,A,[1]", "table.more-not-json"),
        ('part,in,slug,title,more\nframework,,a,"A', "csv.unreadable"),
        ("part,in,slug,title\nframework,,Not A Slug,A", "shape.not-pattern"),
    ],
)
def test_a_table_that_is_no_codebook_is_told(rows, code):
    loaded = from_csv(rows)

    assert loaded.framework is None
    assert code in told(loaded)


def test_a_codebook_edited_in_a_spreadsheet_is_read_as_edited():
    book = load_workbook(io.BytesIO(to_xlsx(good())))
    sheet = book["codebook"]
    column = next(cell.column for cell in sheet[1] if cell.value == "definition")
    row = next(row[0].row for row in sheet.iter_rows() if row[2].value == "greets" or row[3].value == "greets")
    sheet.cell(row=row, column=column, value="Speaks before the visitor does.")
    out = io.BytesIO()
    book.save(out)

    back = from_xlsx(out.getvalue()).framework

    assert str(back.streams[0].codes[0].definition) == "Speaks before the visitor does."


def zipped(**parts: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "xlsx.unreadable"),
        (b"PK\x03\x04broken", "xlsx.unreadable"),
        (zipped(x=b"hello"), "xlsx.unreadable"),
        (zipped(bomb=b"\0" * 70_000_000), "xlsx.too-large"),
        (zipped(**{f"part{n}": b"" for n in range(501)}), "xlsx.too-large"),
        (zipped(**{"x.xml": b'<!DOCTYPE x [<!ENTITY a "b">]>'}), "xlsx.entities"),
        (zipped(**{"x.xml": "<a/>".encode("utf-16")}), "xlsx.entities"),
        (b"x" * 17_000_000, "xlsx.too-large"),
    ],
)
def test_a_workbook_that_could_do_harm_is_not_opened(data, code):
    assert told(from_xlsx(data)) == [code]


def test_a_sheet_with_too_many_columns_is_refused():
    book = Workbook()
    book.active.cell(row=1, column=300, value="x")
    out = io.BytesIO()
    book.save(out)

    assert told(from_xlsx(out.getvalue())) == ["xlsx.too-many-cells"]


@GENTLY
@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_no_file_however_odd_raises(data):
    for read in (from_json, from_yaml, from_csv, from_xlsx, from_pasted):
        assert read(data).framework is None or read(data).framework


# --- pasted rows -------------------------------------------------------------------------------------------------


def test_rows_pasted_with_headings_become_streams_and_codes():
    pasted = (
        "Behaviour\tDescription\tType\tTrack\tShortcut\tExample(s)\tDoes not count\n"
        "Greets\tSpeaks first\tpoint event\tStaff\tg\t“Hello”; nods and smiles\t\n"
        "Waits\tStands in line\tState event\tVisitor\tw\t\tSits\n"
    ).replace("Example(s)", "Examples")

    loaded = from_pasted(pasted, title="My desk")

    framework = loaded.framework
    assert (framework.slug, str(framework.title)) == ("my-desk", "My desk")
    assert [(str(stream.label), [code.id for code in stream.codes]) for stream in framework.streams] == [
        ("Staff", ["Greets"]),
        ("Visitor", ["Waits"]),
    ]
    greets, waits = framework.streams[0].codes[0], framework.streams[1].codes[0]
    assert [str(each) for each in greets.examples] == ["“Hello”", "nods and smiles"]
    assert (greets.type, waits.type, waits.key) == (CodeType.POINT, CodeType.STATE, "w")
    assert [str(each) for each in waits.non_examples] == ["Sits"]
    assert loaded.findings == ()


def test_rows_pasted_without_headings_are_codes_and_definitions():
    loaded = from_pasted("Greets\tSpeaks first\nWaits\tStands in line")

    assert [str(code.definition) for _, code in loaded.framework.codes()] == ["Speaks first", "Stands in line"]
    assert told(loaded) == ["pasted.no-headings"]


def test_a_bare_list_is_a_list_of_codes():
    assert [code.id for _, code in from_pasted("Greets\nWaits, then sits\n\n").framework.codes()] == [
        "Greets",
        "Waits_then_sits",
    ]


def test_cells_with_line_breaks_are_understood_as_a_spreadsheet_copies_them():
    loaded = from_pasted('Code\tExamples\nGreets\t"• says hello\n• waves"')

    assert [str(each) for each in loaded.framework.streams[0].codes[0].examples] == ["says hello", "waves"]


@pytest.mark.parametrize(
    ("pasted", "cell"),
    [
        ('"Well done."', '"Well done."'),
        ('"What did I say?" as a rebuke', '"What did I say?" as a rebuke'),
        ('asks "why"', 'asks "why"'),
        ('"asks ""why"", twice"', 'asks "why", twice'),
        ('"unclosed', '"unclosed'),
    ],
)
def test_quotation_marks_that_somebody_wrote_stay(pasted, cell):
    loaded = from_pasted(f"Code\tExamples\tDefinition\r\nGreets\t{pasted}\tSpeaks\r\nWaits\t\tSits\r\n")

    greets, waits = (code for _, code in loaded.framework.codes())
    assert [str(each) for each in greets.examples] == [cell]
    assert (str(greets.definition), str(waits.definition)) == ("Speaks", "Sits")


def test_what_is_not_understood_is_told_and_the_rest_is_taken():
    pasted = "Code\tMood\tKey\tColour\tType\nA\thappy\tg\tred\tsometimes\nB\tsad\tg\t00FF00\t\n\tlost\t\t\t"

    loaded = from_pasted(pasted)

    assert told(loaded) == [
        "pasted.unknown-heading",
        "pasted.type-unknown",
        "pasted.colour-unknown",
        "pasted.key-unknown",
        "pasted.no-label",
    ]
    assert [(code.id, code.key, code.colour) for _, code in loaded.framework.codes()] == [
        ("A", "g", ""),
        ("B", "", "#00FF00"),
    ]


def test_the_same_label_twice_gets_two_ids_and_the_rules_speak_up():
    framework = from_pasted("Code\nSits\nSits").framework

    assert [code.id for _, code in framework.codes()] == ["Sits", "Sits_2"]
    assert [finding.code for finding in errors_of(check(framework))] == ["label.twice"]


@pytest.mark.parametrize(
    ("text", "code"), [("", "pasted.nothing"), ("\n \t \n", "pasted.nothing"), ("x\n" * 1001, "pasted.too-many")]
)
def test_nothing_or_too_much_is_told(text, code):
    assert told(from_pasted(text)) == [code]


# --- for reading -------------------------------------------------------------------------------------------------


def test_the_markdown_reads_as_a_codebook():
    text = to_markdown(good())

    assert text.startswith("# Help at a desk\n\n**Question.** How are people received?\n")
    assert (
        "### Greets (`greets`, point)\n\nSpeaks first.\n\n- Excludes: An answer\n- Not examples: Says “yes?” when spoken to\n"
        in text
    )
    assert "Recorded by partial interval: did it occur at all, every 60 s." in text
    assert "Recorded continuously, one at a time, always something." in text
    assert "- *Against* (moderate) – Turns away: Attention goes elsewhere." in text
    assert "- *Or else* – A rule of the house" in text
    assert "- 3 – High: Heard out" in text


def test_nothing_in_a_framework_becomes_markup():
    text = to_markdown(framework_of(document_with(title="<b>*x* [y](z) `w`\n# v")))

    assert text.splitlines()[0] == r"# \<b\>\*x\* \[y\](z) \`w\` \# v"


@GENTLY
@given(whole_frameworks())
def test_any_framework_can_be_read_as_markdown(framework):
    for language in framework.languages:
        assert to_markdown(framework, language).startswith("# ")


def test_of_a_column_of_codes_and_a_column_of_names_the_first_gives_the_ids():
    understood = from_pasted("code\tname\tdefinition\nC1\tAccepts feeling\tTakes a feeling up.\n")

    [(_, code)] = understood.framework.codes()
    assert (code.id, str(code.label), str(code.definition)) == ("C1", "Accepts feeling", "Takes a feeling up.")
    assert understood.findings == ()


@pytest.mark.parametrize("mark", ["\t", ";", ","])
def test_a_pasted_cell_in_quotes_keeps_its_line_breaks_and_its_marks(mark):
    rows = [
        ["code", "name", "definition", "example"],
        ["W", "Waits", '"Stands or sits;\nlooks at the desk, or ""past"" it"', "In line"],
        ["T", "Talks", "Talks to staff", '"Says\t""please"""' if mark == "\t" else "Asks"],
    ]

    understood = from_pasted("\r\n".join(mark.join(row) for row in rows) + "\r\n")

    assert understood.framework is not None
    found = {code.id: str(code.definition) for _, code in understood.framework.codes()}
    assert found == {"W": 'Stands or sits;\nlooks at the desk, or "past" it', "T": "Talks to staff"}


def test_prose_with_commas_is_not_taken_for_a_table():
    understood = from_pasted("Waits, at the desk\nTalks\nLooks round, and leaves\n")

    assert understood.framework is not None
    assert [str(code.label) for _, code in understood.framework.codes()] == [
        "Waits, at the desk", "Talks", "Looks round, and leaves",
    ]  # fmt: skip
