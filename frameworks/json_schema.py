"""The published JSON Schema (2020-12) of the framework document, made from the same shapes as the one that loads it.

It says all that `load` asks of a document but the bounds on the document as a whole.
"""

from __future__ import annotations

from typing import Any

from frameworks.model import SCHEMA, Framework
from frameworks.schema import dumped
from frameworks.shape import (
    AN_ID,
    LANGUAGE,
    MAX_TEXT,
    MAX_WHOLE,
    Choice,
    Field,
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

STORABLE = r"^[^\u0000-\u0008\u000b-\u001f\u007f]*$"


def json_schema() -> dict[str, Any]:
    """The whole schema, with a definition for each class of the model."""
    definitions: dict[str, Any] = {"Words": words_schema()}
    framework = object_schema(Framework, definitions)
    framework["properties"] = {"schema": {"const": SCHEMA}, **framework["properties"]}
    framework["required"] = ["schema", *framework["required"]]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Framework document",
        "description": "A coding framework for structured observation. See framework-document.md.",
        **framework,
        "$defs": dict(sorted(definitions.items())),
    }


def words_schema() -> dict[str, Any]:
    """Text: a plain string, or an object of language → words."""
    words = {"type": "string", "maxLength": MAX_TEXT, "pattern": STORABLE}
    tags = {"pattern": whole(LANGUAGE), "maxLength": 35}
    return {"anyOf": [words, {"type": "object", "propertyNames": tags, "additionalProperties": words}]}


def object_schema(owner: type[Any], definitions: dict[str, Any]) -> dict[str, Any]:
    """An object with the fields of one class of the model and no others."""
    shape = shape_of(owner)
    return {
        "type": "object",
        "description": (owner.__doc__ or "").partition("\n\n")[0],
        "properties": {each.name: field_schema(each, definitions) for each in shape},
        "required": [each.name for each in shape if each.required],
        "additionalProperties": False,
    }


def field_schema(field: Field, definitions: dict[str, Any]) -> dict[str, Any]:
    """One field, with its default where it has a plain one."""
    schema = spec_schema(field.spec, definitions)
    if field.nullable:
        return {"anyOf": [schema, {"type": "null"}], "default": None}
    if field.required or isinstance(field.spec, Object | Words):
        return schema
    return {**schema, "default": dumped(field.default, field.spec, ("en",))}


def spec_schema(spec: Spec, definitions: dict[str, Any]) -> dict[str, Any]:
    """The schema of one shape; objects are defined once and referred to."""
    match spec:
        case Words():
            return {"$ref": "#/$defs/Words"}
        case Plain():
            return plain_schema(spec)
        case Choice(values=values):
            return {"enum": list(values)}
        case Whole(allowed=allowed) if allowed:
            return {"enum": list(allowed)}
        case Whole():
            return {"type": "integer", "minimum": spec.minimum, "maximum": spec.maximum}
        case Number():
            return {"type": "number", "minimum": -MAX_WHOLE, "maximum": MAX_WHOLE}
        case YesNo():
            return {"type": "boolean"}
        case Listing():
            items = spec_schema(spec.item, definitions)
            return {"type": "array", "items": items, "minItems": spec.minimum, "maxItems": spec.maximum}
        case Pairs():
            return {
                "type": "object",
                "propertyNames": plain_schema(AN_ID),
                "additionalProperties": plain_schema(AN_ID),
            }
        case Weights(names=names):
            row = {"type": "array", "minItems": 1, "items": spec_schema(Number(), definitions)}
            return {"anyOf": [{"enum": list(names)}, {"type": "array", "minItems": 1, "items": row}]}
        case Object(of=owner):
            return reference(owner, definitions)


def plain_schema(spec: Plain) -> dict[str, Any]:
    """A string of at most so many characters and, perhaps, of a pattern."""
    pattern = spec.pattern and (whole(spec.pattern) if not spec.may_be_empty else whole(f"({spec.pattern})?"))
    return {"type": "string", "maxLength": spec.maximum, "pattern": pattern or STORABLE}


def whole(pattern: str) -> str:
    """A pattern for the whole string, in the regular expressions of both ECMAScript and Python."""
    return f"^(?:{pattern})$(?!\\n)"


def reference(owner: type[Any], definitions: dict[str, Any]) -> dict[str, Any]:
    """A reference to the definition of a class, which is added where it is not there yet."""
    if owner.__name__ not in definitions:
        definitions[owner.__name__] = {}
        definitions[owner.__name__] = object_schema(owner, definitions)
    return {"$ref": f"#/$defs/{owner.__name__}"}
