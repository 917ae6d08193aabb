"""The framework document as JSON or YAML text, from anyone and for anyone."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import yaml

from frameworks.findings import Finding, error
from frameworks.model import Framework
from frameworks.schema import Loaded, dump, load
from frameworks.shape import MAX_CHARACTERS, MAX_DEPTH, MAX_VALUES

NOT_TEXT = error(
    "file.not-text",
    "The file is not text in UTF-8 (byte {place} does not fit).",
    "Save it as UTF-8 and try again.",
)
TOO_BIG = error(
    "file.too-big", "The file has {found:,} bytes; {maximum:,} are the most.", "Divide the framework into several."
)
NOT_JSON = error(
    "file.not-json",
    "The file is not JSON: {why}, line {line}, column {column}.",
    "Mend that place, or export the framework again.",
)
NOT_YAML = error(
    "file.not-yaml",
    "The file is not YAML: {why}, line {line}, column {column}.",
    "Mend that place, or export the framework again.",
)
YAML_ALIAS = error(
    "file.yaml-alias",
    "The YAML uses an anchor, an alias or a tag of its own, line {line}.",
    "Write the content out in full; references are refused because they can blow up.",
)
TWICE = error(
    "file.key-twice", "The key “{key}” stands twice in one object, line {line}.", "Delete one of the two."
)
TOO_NESTED = error(
    "file.too-nested",
    "The file is nested too deeply to be read.",
    "Use the structure in the documentation of the framework document.",
)

TOO_MANY = error(
    "file.too-many-values", "The file has more than {maximum:,} values.", "Divide the framework into several."
)

Fast: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""libyaml reads eight times as fast as PyYAML's own parser; without it the result is the same"""

MAX_BYTES = 4 * MAX_CHARACTERS


class Refused(Exception):
    """Text that could not be read; carries the finding that says why."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.sentence)
        self.finding = finding


def from_json(data: bytes | str) -> Loaded:
    """The framework in a JSON file, or everything that is wrong with it."""
    return loaded(data, read_json)


def from_yaml(data: bytes | str) -> Loaded:
    """The framework in a YAML file, or everything that is wrong with it."""
    return loaded(data, read_yaml)


def loaded(data: bytes | str, read: Any) -> Loaded:
    """Text read and then loaded; a fault of reading is the only finding."""
    try:
        return load(read(text_in(data)))
    except Refused as refused:
        return Loaded(None, (refused.finding,))


def text_in(data: bytes | str) -> str:
    """Bytes as text: UTF-8 with or without a byte order mark, and not too many of them."""
    if len(data) > MAX_BYTES:
        raise Refused(TOO_BIG.at("", found=len(data), maximum=MAX_BYTES))
    if isinstance(data, str):
        return data.removeprefix("\ufeff")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        raise Refused(NOT_TEXT.at("", place=fault.start)) from fault


def to_json(framework: Framework) -> str:
    """The canonical document as readable JSON, ending in a line feed."""
    return json.dumps(dump(framework), ensure_ascii=False, indent=2) + "\n"


def to_yaml(framework: Framework) -> str:
    """The canonical document as readable YAML; strings that another YAML might misread are quoted."""
    return yaml.dump(dump(framework), Dumper=Writer, allow_unicode=True, sort_keys=False, width=10_000)


def read_json(text: str) -> object:
    """JSON as plain values. NaN and keys that stand twice are refused."""

    def once(pairs: list[tuple[str, object]]) -> dict[str, object]:
        found = dict(pairs)
        if len(found) != len(pairs):
            names = [name for name, _ in pairs]
            twice = next(name for name in names if names.count(name) > 1)
            raise Refused(TWICE.at("", key=twice[:60], line="unknown"))
        return found

    try:
        return json.loads(text, object_pairs_hook=once)
    except json.JSONDecodeError as fault:
        raise Refused(NOT_JSON.at("", why=fault.msg, line=fault.lineno, column=fault.colno)) from fault
    except RecursionError as fault:
        raise Refused(TOO_NESTED.at("")) from fault
    except ValueError as fault:  # a number of thousands of digits
        raise Refused(NOT_JSON.at("", why="a number is too long", line="unknown", column="unknown")) from fault


def read_yaml(text: str) -> object:
    """YAML as plain values, by the rules of JSON: no aliases, no tags, no dates, and only true and false are boolean."""
    try:
        refuse_what_could_blow_up(text)
        return constructed(Reader(text))
    except yaml.MarkedYAMLError as fault:
        mark = fault.problem_mark
        place = {"line": mark.line + 1 if mark else "unknown", "column": mark.column + 1 if mark else "unknown"}
        raise Refused(NOT_YAML.at("", why=fault.problem or "it cannot be read", **place)) from fault
    except yaml.YAMLError as fault:
        raise Refused(
            NOT_YAML.at("", why="a character that YAML does not allow", line="unknown", column="unknown")
        ) from fault
    except RecursionError as fault:
        raise Refused(TOO_NESTED.at("")) from fault
    except ValueError as fault:
        raise Refused(NOT_YAML.at("", why="a number is too long", line="unknown", column="unknown")) from fault


def refuse_what_could_blow_up(text: str) -> None:
    """One quick look at the parts of the text before anything is built of them: references, depth and number."""
    depth = 0
    events: Iterator[Any] = yaml.parse(text, Loader=Fast)
    for values, event in enumerate(events):
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None) or getattr(event, "tag", None):
            raise Refused(YAML_ALIAS.at("", line=event.start_mark.line + 1))
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > 2 * MAX_DEPTH:
            raise Refused(TOO_NESTED.at(""))
        if values > 2 * MAX_VALUES:
            raise Refused(TOO_MANY.at("", maximum=MAX_VALUES))


def constructed(loader: Reader) -> object:
    """The one document of a stream; PyYAML's state is let go whatever happens."""
    try:
        return loader.get_single_data()
    finally:
        loader.dispose()


class Reader(Fast):  # type: ignore[misc]
    """The safe loader with the scalars of JSON only."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012 - PyYAML keeps its resolvers on the class

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        """A key that stands twice is refused; PyYAML would silently keep the last."""
        seen = set()
        for name, _ in node.value:
            key = getattr(name, "value", None)
            if isinstance(key, str):
                if key in seen:
                    raise Refused(TWICE.at("", key=key[:60], line=name.start_mark.line + 1))
                seen.add(key)
        found: dict[Any, Any] = super().construct_mapping(node, deep)
        return found


JSON_SCALARS = (
    ("tag:yaml.org,2002:bool", r"^(?:true|false)$", "tf"),
    ("tag:yaml.org,2002:null", r"^(?:null|~|)$", ["n", "~", ""]),
    ("tag:yaml.org,2002:int", r"^[-+]?(?:0|[1-9][0-9]*)$", "-+0123456789"),
    ("tag:yaml.org,2002:float", r"^[-+]?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?$", "-+0123456789"),
)


class Writer(yaml.SafeDumper):
    """Writes no aliases, and lists indented under their key."""

    def ignore_aliases(self, data: Any) -> bool:
        """The same value twice is written twice."""
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> Any:
        """Lists stand further in than the key they belong to."""
        return super().increase_indent(flow, False)


for tag, pattern, first in JSON_SCALARS:
    Reader.add_implicit_resolver(tag, re.compile(pattern), list(first))
    Writer.add_implicit_resolver(tag, re.compile(pattern), list(first))
