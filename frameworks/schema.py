"""An untrusted document ⇄ the model. Every fault of shape is a finding; none is an exception."""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from marshmallow import Schema, ValidationError, fields, post_load
from marshmallow.experimental.context import Context

from frameworks.findings import Finding, Kind, error, pointer
from frameworks.model import SCHEMA, Framework, Text
from frameworks.shape import (
    AN_ID,
    LANGUAGE,
    MAX_CHARACTERS,
    MAX_DEPTH,
    MAX_TEXT,
    MAX_VALUES,
    MAX_WHOLE,
    Choice,
    Listing,
    Number,
    Object,
    Pairs,
    Plain,
    Spec,
    Weights,
    Whole,
    Words,
    YesNo,
    shape_of,
)

MAX_FINDINGS = 200

NOT_OBJECT = error(
    "shape.not-object", "Here an object with named fields is expected, not {found}.", "Write it as an object."
)
NOT_LIST = error(
    "shape.not-list", "Here a list is expected, not {found}.", "Put it into a list, even when there is only one."
)
NOT_TEXT = error(
    "shape.not-text",
    "Here text is expected, not {found}.",
    "Write the words as a string, or as an object of language → words.",
)
NOT_WHOLE = error(
    "shape.not-whole",
    "Here a whole number is expected, not {found}.",
    "Write a whole number without quotation marks.",
)
NOT_NUMBER = error(
    "shape.not-number", "Here a number is expected, not {found}.", "Write a finite number without quotation marks."
)
NOT_YES_NO = error(
    "shape.not-yes-no",
    "Here true or false is expected, not {found}.",
    "Write true or false without quotation marks.",
)
NOT_CHOICE = error("shape.not-choice", "{found} is not one of the words allowed here.", "Use one of: {allowed}.")
NOT_PATTERN = error("shape.not-pattern", "{found} is not {what}.", "Write {what}, {maximum} characters at most.")
NOT_LANGUAGE = error(
    "shape.not-language", "{found} is not a language tag.", "Use tags such as “en”, “cy” or “en-x-family”."
)
OUT_OF_RANGE = error(
    "shape.out-of-range",
    "{found} is outside {minimum} … {maximum}.",
    "Write a number from {minimum} to {maximum}.",
)
MISSING_FIELD = error("shape.missing", "The field “{field}” is missing.", "Add “{field}”.")
UNKNOWN_FIELD = error("shape.unknown-field", "“{field}” is not a field that is known here.", "{hint}")
NULL = error("shape.null", "“{field}” cannot be null.", "Leave the field out, or give it a value.")
TOO_FEW = error(
    "shape.too-few",
    "At least {minimum} must be named here; {found} so far.",
    "Name what is missing, or remove the whole entry.",
)
TOO_MANY = error(
    "shape.too-many", "The list has {found} items; {maximum} are the most.", "Divide the framework into several."
)
TOO_LONG = error("shape.too-long", "The text has {found} characters; {maximum} are the most.", "Shorten it.")
TOO_LARGE = error(
    "shape.too-large",
    "The document is larger than a framework can be ({what}).",
    "Divide the framework into several.",
)
TOO_DEEP = error(
    "shape.too-deep",
    "The document is nested more than {maximum} levels deep.",
    "Use the structure in the documentation of the framework document.",
)
NOT_JSON = error(
    "shape.not-json",
    "{found} has no place in a document.",
    "Use only objects, lists, strings, finite numbers, true, false and null.",
)
UNSTORABLE = error(
    "shape.control-character",
    "The text holds a control character or half a character, which cannot be stored.",
    "Delete the character, or type the text again.",
)
WRONG_SCHEMA = error(
    "shape.wrong-schema",
    "The document says its schema is {found}.",
    "Give it the field “schema” with the value “{expected}”.",
)

UNSTORABLE_CHARACTERS = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")


class DocumentIsInvalid(ValueError):
    """A document was not a framework; the findings say why, all of them."""

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        super().__init__(" ".join(f"{found.path or 'document'}: {found.sentence}" for found in findings[:5]))
        self.findings = findings


@dataclass(frozen=True, slots=True)
class Loaded:
    """What became of a document: the framework, or else what is wrong with its shape."""

    framework: Framework | None
    findings: tuple[Finding, ...] = ()
    is_foreign: bool = False
    """from another tool or somebody's own table, so that nobody chose its short name"""


def load(document: object) -> Loaded:
    """The framework that a document describes, or every fault of its shape (the first 200 of them)."""
    findings = tuple(too_much_or_foreign(document))
    if findings:
        return Loaded(None, findings)
    if not isinstance(document, Mapping):
        return Loaded(None, (NOT_OBJECT.at("", found=shown(document)),))
    body = {name: value for name, value in document.items() if name != "schema"}
    findings = wrong_schema(document)
    try:
        with Context(languages_of(document)):
            framework = schema_of(Framework).load(body)
    except ValidationError as invalid:
        findings += tuple(findings_in(invalid.messages, Object(Framework), ()))
        return Loaded(None, findings[:MAX_FINDINGS])
    return Loaded(None, findings) if findings else Loaded(framework)


def framework_of(document: object) -> Framework:
    """The framework that a document describes, for callers that cannot go on without one."""
    loaded = load(document)
    if loaded.framework is None:
        raise DocumentIsInvalid(loaded.findings)
    return loaded.framework


def dump(framework: Framework) -> dict[str, Any]:
    """The canonical document: fields in the model's order, default values left out."""
    return {"schema": SCHEMA, **dumped_object(framework, framework.languages)}


# --- from the document -------------------------------------------------------------------------------------------


def too_much_or_foreign(document: object) -> Iterator[Finding]:
    """What must be refused before anything is built of it: excess, and values that JSON does not know."""
    ahead: list[tuple[object, tuple[str | int, ...]]] = [(document, ())]
    values = characters = 0
    while ahead:
        value, path = ahead.pop()
        values += 1
        if values > MAX_VALUES:
            yield TOO_LARGE.at("", what=f"more than {MAX_VALUES:,} values")
            return
        if len(path) > MAX_DEPTH:
            yield TOO_DEEP.at(pointer(*path[:MAX_DEPTH]), maximum=MAX_DEPTH)
            return
        if isinstance(value, str):
            characters += len(value)
            if characters > MAX_CHARACTERS:
                yield TOO_LARGE.at("", what=f"more than {MAX_CHARACTERS:,} characters")
                return
        yield from foreign(value, path)
        if isinstance(value, Mapping):
            ahead += [(each, (*path, str(name)[:100])) for name, each in value.items()]
            characters += sum(len(name) for name in value if isinstance(name, str))
        elif isinstance(value, list):
            ahead += [(each, (*path, index)) for index, each in enumerate(value)]


def foreign(value: object, path: tuple[str | int, ...]) -> Iterator[Finding]:
    """A value, or the name of a field, that could not be stored or sent as JSON."""
    where = pointer(*path)
    if isinstance(value, str):
        if UNSTORABLE_CHARACTERS.search(value):
            yield UNSTORABLE.at(where)
    elif isinstance(value, Mapping):
        for name in value:
            if not isinstance(name, str):
                yield NOT_JSON.at(where, found=f"A field named by {shown(name)}")
            elif UNSTORABLE_CHARACTERS.search(name):
                yield UNSTORABLE.at(where)
    elif isinstance(value, float):
        if not math.isfinite(value):
            yield NOT_JSON.at(where, found=f"The number {value}")
    elif value is not None and not isinstance(value, bool | int | list):
        yield NOT_JSON.at(where, found=shown(value))


def wrong_schema(document: Mapping[str, object]) -> tuple[Finding, ...]:
    """A document must say which schema it follows, so that a later one is never misread."""
    found = document.get("schema")
    if found == SCHEMA:
        return ()
    return (WRONG_SCHEMA.at("/schema", found=shown(found) if found is not None else "not given", expected=SCHEMA),)


def languages_of(document: Mapping[str, object]) -> tuple[str, ...]:
    """The languages a document claims, for reading its plain strings even while other fields are faulty."""
    claimed = document.get("languages", ["en"])
    found = tuple(tag for tag in claimed if isinstance(tag, str) and tag) if isinstance(claimed, list) else ()
    return found or ("en",)


def shown(value: object) -> str:
    """A short description of something unexpected, safe to put into a sentence."""
    if isinstance(value, str):
        return f"“{value[:60]}…”" if len(value) > 60 else f"“{value}”"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return f"{value}" if abs(value) < 1e30 else "a very large number"
    if value is None:
        return "nothing"
    if isinstance(value, Mapping):
        return "an object"
    return "a list" if isinstance(value, list) else f"a value of type {type(value).__name__}"


def text_of(value: object) -> Text:
    """Text in the order of the framework's languages; empty words are as if they were not there."""
    languages: tuple[str, ...] = Context.get(("en",))
    if isinstance(value, str):
        return Text(((languages[0], value),)) if value else Text()
    if not isinstance(value, Mapping):
        raise fault(NOT_TEXT, found=shown(value))
    return canonical_text({str(tag): words for tag, words in value.items() if words}, languages)


def canonical_text(by_language: Mapping[str, str], languages: tuple[str, ...]) -> Text:
    """Words in the order of the framework's languages, then by tag, whatever order they came in."""
    rank = {tag: place for place, tag in enumerate(reversed(languages))}
    tags = sorted(by_language, key=lambda tag: (-rank.get(tag, -1), tag))
    return Text(tuple((tag, by_language[tag]) for tag in tags))


class Fault:
    """A kind of finding on its way through marshmallow's errors, before its path is known."""

    def __init__(self, kind: Kind, found: dict[str, object]) -> None:
        self.kind, self.found = kind, found


def fault(kind: Kind, **found: object) -> ValidationError:
    """A fault as marshmallow raises it."""
    return ValidationError([Fault(kind, found)])


class WordsField(fields.Field[Text]):
    """Text in one or more languages."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Text:
        for tag, words in value.items() if isinstance(value, Mapping) else ():
            if not re.fullmatch(LANGUAGE, tag) or len(tag) > 35:
                raise fault(NOT_LANGUAGE, found=shown(tag))
            if not isinstance(words, str):
                raise fault(NOT_TEXT, found=shown(words))
        for words in value.values() if isinstance(value, Mapping) else (value,):
            if isinstance(words, str) and len(words) > MAX_TEXT:
                raise fault(TOO_LONG, found=len(words), maximum=MAX_TEXT)
        return text_of(value)


class PlainField(fields.Field[str]):
    """A string, perhaps of a certain pattern."""

    def __init__(self, spec: Plain, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.spec = spec

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> str:
        if not isinstance(value, str):
            raise fault(NOT_TEXT, found=shown(value))
        if self.spec.accepts(value):
            return value
        if self.spec.pattern:
            raise fault(NOT_PATTERN, found=shown(value), what=self.spec.what, maximum=self.spec.maximum)
        raise fault(TOO_LONG, found=len(value), maximum=self.spec.maximum)


class ChoiceField(fields.Field[Any]):
    """One of a fixed set of words."""

    def __init__(self, spec: Choice, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.spec = spec

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Any:
        if not isinstance(value, str) or value not in self.spec.values:
            raise fault(NOT_CHOICE, found=shown(value), allowed=", ".join(self.spec.values))
        return self.spec.enum(value) if self.spec.enum else value


class WholeField(fields.Field[int]):
    """A whole number within bounds."""

    def __init__(self, spec: Whole, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.spec = spec

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int | float) or value != int(value):
            raise fault(NOT_WHOLE, found=shown(value))
        if self.spec.allowed and value not in self.spec.allowed:
            raise fault(NOT_CHOICE, found=shown(value), allowed=", ".join(map(str, self.spec.allowed)))
        if not self.spec.minimum <= value <= self.spec.maximum:
            raise fault(OUT_OF_RANGE, found=shown(value), minimum=self.spec.minimum, maximum=self.spec.maximum)
        return int(value)


class NumberField(fields.Field[float]):
    """A finite number that survives a round trip through another language's doubles."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> float:
        return number_of(value)


def number_of(value: object) -> float:
    """A number as a double; too large to be exact is out of range."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise fault(NOT_NUMBER, found=shown(value))
    if abs(value) > MAX_WHOLE:
        raise fault(OUT_OF_RANGE, found=shown(value), minimum=-MAX_WHOLE, maximum=MAX_WHOLE)
    return float(value)


class YesNoField(fields.Field[bool]):
    """true or false; “yes”, 1 and “true” are not."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> bool:
        if not isinstance(value, bool):
            raise fault(NOT_YES_NO, found=shown(value))
        return value


class ListingField(fields.Field[tuple[Any, ...]]):
    """A list, kept as a tuple."""

    def __init__(self, spec: Listing, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.spec, self.item = spec, field_of(spec.item)

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> tuple[Any, ...]:
        if not isinstance(value, list):
            raise fault(NOT_LIST, found=shown(value))
        if len(value) < self.spec.minimum:
            raise fault(TOO_FEW, found=len(value) or "none", minimum=self.spec.minimum)
        if len(value) > self.spec.maximum:
            raise fault(TOO_MANY, found=len(value), maximum=self.spec.maximum)
        items, faults = [], {}
        for index, each in enumerate(value):
            try:
                items.append(self.item.deserialize(each))
            except ValidationError as invalid:
                faults[index] = invalid.messages
        if faults:
            raise ValidationError(faults)
        return tuple(items)


class PairsField(fields.Field[tuple[tuple[str, str], ...]]):
    """An object of id → id, kept as pairs sorted by the first."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> tuple[tuple[str, str], ...]:
        if not isinstance(value, Mapping):
            raise fault(NOT_OBJECT, found=shown(value))
        for each in (*value, *value.values()):
            if not isinstance(each, str) or not AN_ID.accepts(each):
                raise fault(NOT_PATTERN, found=shown(each), what="an id", maximum=64)
        return tuple(sorted(value.items()))


class WeightsField(fields.Field[Any]):
    """The name of a weighting, or a matrix; whether the matrix is square is a matter of meaning."""

    def __init__(self, spec: Weights, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.spec = spec

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Any:
        if isinstance(value, list) and value and all(isinstance(row, list) and row for row in value):
            return tuple(tuple(number_of(cell) for cell in row) for row in value)
        if not isinstance(value, str) or value not in self.spec.names:
            raise fault(
                NOT_CHOICE, found=shown(value), allowed=", ".join([*self.spec.names, "a matrix of numbers"])
            )
        return value


class ModelSchema(Schema):
    """The schema of one class of the model; loading gives the value itself."""

    error_messages = {"unknown": "unknown", "type": "type"}  # noqa: RUF012 - as marshmallow declares it
    makes: type[Any] = object

    @post_load
    def made(self, loaded: dict[str, Any], **kwargs: Any) -> Any:
        """The immutable value; what was left out takes the model's default."""
        return self.makes(**loaded)


SCHEMAS: dict[type[Any], Schema] = {}


def schema_of(owner: type[Any]) -> Schema:
    """The marshmallow schema of one class of the model, made once."""
    if owner not in SCHEMAS:
        SCHEMAS[owner] = schema_made_for(owner)
    return SCHEMAS[owner]


def schema_made_for(owner: type[Any]) -> Schema:
    """A schema with a field for each field of the model."""
    shape = {
        each.name: field_of(each.spec, required=each.required, allow_none=each.nullable)
        for each in shape_of(owner)
    }
    schema = type(f"{owner.__name__}Schema", (ModelSchema,), {**shape, "makes": owner})
    return schema()  # type: ignore[no-any-return]


def field_of(spec: Spec, **kwargs: Any) -> fields.Field[Any]:
    """The marshmallow field for one shape."""
    kwargs["error_messages"] = {"required": "required", "null": "null", "type": "type"}
    match spec:
        case Words():
            return WordsField(**kwargs)
        case Plain():
            return PlainField(spec, **kwargs)
        case Choice():
            return ChoiceField(spec, **kwargs)
        case Whole():
            return WholeField(spec, **kwargs)
        case Number():
            return NumberField(**kwargs)
        case YesNo():
            return YesNoField(**kwargs)
        case Listing():
            return ListingField(spec, **kwargs)
        case Object(of=owner):
            return fields.Nested(lambda: schema_of(owner), **kwargs)
        case Pairs():
            return PairsField(**kwargs)
        case Weights():
            return WeightsField(spec, **kwargs)


def findings_in(messages: object, spec: Spec | None, path: tuple[str | int, ...]) -> Iterator[Finding]:
    """marshmallow's tree of messages as findings, each with the place it speaks of."""
    if isinstance(messages, Mapping):
        for step in sorted(messages, key=lambda step: (isinstance(step, str), step)):
            here = path if step == "_schema" else (*path, step)
            below = spec if step == "_schema" else spec_below(spec, step)
            yield from findings_in(messages[step], below, here)
    elif isinstance(messages, list):
        for message in messages:
            yield finding_of(message, spec, path)


def spec_below(spec: Spec | None, step: str | int) -> Spec | None:
    """The shape one step further down, or None where there is no such place; names of unknown fields keep theirs."""
    if isinstance(spec, Listing):
        return spec.item
    if isinstance(spec, Object):
        known = {each.name: each.spec for each in shape_of(spec.of)}
        return known.get(str(step), spec)
    return None


def finding_of(message: object, spec: Spec | None, path: tuple[str | int, ...]) -> Finding:
    """One message of marshmallow's, or one fault of ours, as a finding."""
    where = pointer(*path)
    field = str(path[-1])[:100] if path else "document"
    if isinstance(message, Fault):
        return message.kind.at(where, **message.found)
    if message == "required":
        return MISSING_FIELD.at(where, field=field)
    if message == "null":
        return NULL.at(where, field=field)
    if message == "unknown":
        return UNKNOWN_FIELD.at(where, field=field, hint=did_you_mean(field, spec))
    return NOT_OBJECT.at(where, found="something else")


def did_you_mean(name: str, spec: Spec | None) -> str:
    """What a misspelt field was probably meant to be."""
    known = [each.name for each in shape_of(spec.of)] if isinstance(spec, Object) else []
    close = difflib.get_close_matches(name, known, n=1)
    return (
        f"Perhaps “{close[0]}” was meant; else delete it."
        if close
        else f"Delete it, or use one of: {', '.join(known)}."
    )


# --- to the document ---------------------------------------------------------------------------------------------


def dumped_object(value: Any, languages: tuple[str, ...]) -> dict[str, Any]:
    """One value of the model as an object without its defaults."""
    document = {}
    for each in shape_of(type(value)):
        found = getattr(value, each.name)
        if each.required or found != each.default:
            document[each.name] = dumped(found, each.spec, languages)
    return document


def dumped(value: Any, spec: Spec, languages: tuple[str, ...]) -> Any:
    """One value as plain JSON values; whole numbers lose their point, as they do in a browser."""
    match spec:
        case Words():
            return dumped_text(value, languages)
        case Listing(item=item):
            return [dumped(each, item, languages) for each in value]
        case Object():
            return dumped_object(value, languages)
        case Pairs():
            return dict(sorted(value))
        case Weights():
            return value if isinstance(value, str) else [[plain_number(cell) for cell in row] for row in value]
        case Number():
            return plain_number(value)
        case _:
            return value.value if isinstance(value, Enum) else value


def dumped_text(text: Text, languages: tuple[str, ...]) -> str | dict[str, str]:
    """The plain string when the words are in the first language only."""
    by_language = dict(
        canonical_text({tag: words for tag, words in text.by_language if words}, languages).by_language
    )
    if not by_language:
        return ""
    if list(by_language) == [languages[0]]:
        return by_language[languages[0]]
    return by_language


def plain_number(value: float) -> int | float:
    """5.0 is written 5; −0.0 is written 0."""
    return int(value) if value == int(value) else value
