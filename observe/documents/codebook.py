"""The codebook: what every file, column, code and rating of an export means, for people and for programs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from frameworks.model import Code, Framework, Rating, Sampling
from observe.core.tidy import SUBJECTS, TABLES, Column, Row
from observe.documents import reading

COLUMNS = (
    Column("framework", "string", "short name of the framework; empty for columns of the files"),
    Column("hash", "string", "hash of the framework version"),
    Column("what", "string", "column, stream, code, rating, modifier, option, variable or value", required=True),
    Column("of", "string", "the file, stream, modifier, variable or rating that it belongs to"),
    Column("id", "string", "as it stands in the data", required=True),
    Column("label", "string", "what it is called"),
    Column("type", "string", "kind of column, code, rating or sampling"),
    Column("definition", "string", "what it means; for codes as observers were given it"),
    Column("unit", "string", "unit of a number"),
)


def rows(versions: Iterable[tuple[str, Framework]]) -> Iterator[Row]:
    """Columns of the files first, then every framework version in the order of its document."""
    yield from column_rows()
    for mark, framework in versions:
        for what, of, id_, label, type_, definition, unit in entries(framework):
            yield framework.slug, mark, what, of, id_, label, type_, definition, unit


def column_rows() -> Iterator[Row]:
    files: list[tuple[str, Sequence[Column]]] = [(table.name, table.columns) for table in TABLES]
    for name, columns in [*files, ("subjects", SUBJECTS)]:
        for column in columns:
            kind = "JSON" if column.holds_json else column.type
            yield None, None, "column", name, column.name, column.name, kind, column.about, unit_of(column)


def unit_of(column: Column) -> str | None:
    return "ms" if column.name.endswith("_ms") else None


Entry = tuple[str, str | None, str, str | None, str | None, str | None, str | None]


def entries(framework: Framework) -> Iterator[Entry]:
    """Everything of a framework that can stand in a cell."""
    for stream in framework.streams:
        yield "stream", None, stream.id, str(stream.label), sampling_words(stream.sampling), None, None
        for code in stream.codes:
            yield "code", stream.id, code.id, str(code.label), code.type.value, definition_of(code), None
        for rating in stream.ratings:
            yield from rating_entries(stream.id, rating)
        for side in stream.crossed:
            for option in side.options:
                yield "option", f"{stream.id}/{side.id}", option.id, str(option.label), "dimension", None, None
    for modifier in framework.modifiers:
        yield "modifier", None, modifier.id, str(modifier.label), modifier.kind.value, None, modifier.unit or None
        for option in modifier.options:
            yield "option", modifier.id, option.id, str(option.label), None, None, None
    for variable in framework.variables:
        yield (
            "variable",
            variable.of,
            variable.id,
            str(variable.label),
            variable.kind.value,
            None,
            variable.unit or None,
        )
        for option in variable.options:
            yield "option", variable.id, option.id, str(option.label), None, None, None


def rating_entries(stream: str, rating: Rating) -> Iterator[Entry]:
    yield (
        "rating",
        stream,
        rating.id,
        str(rating.label),
        rating.scale.value,
        str(rating.definition),
        rating.unit or None,
    )
    for value in rating.values:
        yield "value", rating.id, str(value.value), str(value.label), None, str(value.anchor) or None, None


def definition_of(code: Code) -> str:
    """The definition with what to include and to exclude, as one text."""
    parts = [str(code.definition)]
    parts += [f"Include: {'; '.join(map(str, code.include))}."] if code.include else []
    parts += [f"Exclude: {'; '.join(map(str, code.exclude))}."] if code.exclude else []
    return " ".join(part for part in parts if part)


def sampling_words(sampling: Sampling) -> str:
    """The regime with its length: "partial-interval, 120000 ms"."""
    lengths = [sampling.length_ms, sampling.observe_ms, sampling.record_ms, sampling.over_ms]
    return ", ".join([sampling.kind.value, *(f"{length} ms" for length in lengths if length)])


def markdown(
    title: str, versions: Sequence[tuple[str, Framework]], together: Mapping[str, Any] | None = None
) -> str:
    """The codebook to read: how versions were read as one, the frameworks, then the files."""
    parts = [f"# Codebook: {escaped(title)}", ""]
    if together:
        said = [f"- {escaped(one)}" for one in reading.sentences(together)]
        parts += ["## Several versions read as one", "", *said, "", "The map as a table is `map.csv`.", ""]
    for mark, framework in versions:
        parts += [
            f"## {escaped(str(framework.title))}",
            "",
            f"Version `{mark}`.",
            "",
            escaped(str(framework.purpose)),
            "",
        ]
        parts += ["| what | of | id | label | type | definition |", "|---|---|---|---|---|---|"]
        for what, of, id_, label, type_, definition, unit in entries(framework):
            kind = " ".join(part for part in (type_, unit) if part)
            line = [what, of or "", f"`{id_}`", label or "", kind, definition or ""]
            parts.append("| " + " | ".join(escaped(cell) for cell in line) + " |")
        parts.append("")
    parts += ["## The files", ""]
    for table in TABLES:
        parts += [f"### {table.name}.csv", "", table.about, "", "| column | type | meaning |", "|---|---|---|"]
        parts += [f"| `{one.name}` | {one.type} | {escaped(one.about)} |" for one in table.columns]
        parts.append("")
    parts += ["An empty cell is never zero: the column beside it says why there is no value.", ""]
    return "\n".join(parts)


def escaped(text: str) -> str:
    """Words of people as words in a Markdown table, and not as its marks."""
    for mark in "\\|<>[]*_#":
        text = text.replace(mark, "\\" + mark) if mark not in "_#" else text
    return " ".join(text.split())
