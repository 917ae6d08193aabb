"""The API's description (OpenAPI 3.1), made from the schemas of `observe.web.api.schemas`."""

from __future__ import annotations

from functools import cache
from typing import Any

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin

from observe.web.api import schemas

PROBLEMS = {
    "400": "The request could not be read, or was mangled on the way; nothing was stored.",
    "401": "No token, or one that the server does not know.",
    "413": "More than 1 MiB.",
    "415": "Not JSON, or packed in another way than gzip.",
    "429": "Too many requests; see Retry-After.",
    "503": "Busy, or the disk is full; nothing was stored. See Retry-After.",
}


def answer(words: str, schema: str) -> dict[str, Any]:
    return {"description": words, "content": {"application/json": {"schema": schema}}}


def problems(*statuses: str) -> dict[str, Any]:
    return {
        status: {
            "description": PROBLEMS.get(status, "It could not be done."),
            "content": {"application/problem+json": {"schema": "Problem"}},
        }
        for status in statuses
    }


@cache
def description() -> dict[str, Any]:
    """The document that `/api/v1/openapi.json` gives."""
    spec = APISpec(
        title="Observe: the recorder's API",
        version="1",
        openapi_version="3.1.0",
        info={"description": "For enrolled devices. docs/reference/sync.md says what each outcome means."},
        plugins=[MarshmallowPlugin()],
    )
    for name in (
        "Problem",
        "Hello",
        "EnrolRequest",
        "Enrolled",
        "Pulled",
        "SyncRequest",
        "Synced",
        "Attached",
        "Material",
    ):
        spec.components.schema(name, schema=getattr(schemas, name))
    spec.components.security_scheme("device", {"type": "http", "scheme": "bearer"})
    paths(spec)
    found: dict[str, Any] = spec.to_dict()
    return found


def paths(spec: APISpec) -> None:
    device = [{"device": list[str]()}]
    spec.path("/api/v1/hello", operations={"get": {"responses": {"200": answer("The server's clock.", "Hello")}}})
    spec.path(
        "/api/v1/enrol",
        operations={
            "post": {
                "requestBody": {"required": True, "content": {"application/json": {"schema": "EnrolRequest"}}},
                "responses": {
                    "201": answer("The device with its token, shown this once.", "Enrolled"),
                    **problems("400", "410", "413", "415", "429", "503"),
                },
            }
        },
    )
    cursor = {"name": "since", "in": "query", "required": False, "schema": {"type": "string", "maxLength": 100}}
    spec.path(
        "/api/v1/pull",
        operations={
            "get": {
                "security": device,
                "parameters": [cursor],
                "responses": {
                    "200": answer("What the recorder needs to work offline.", "Pulled"),
                    **problems("401", "429"),
                },
            }
        },
    )
    digest = {"name": "Content-Digest", "in": "header", "required": True, "schema": {"type": "string"}}
    spec.path(
        "/api/v1/sync",
        operations={
            "post": {
                "security": device,
                "parameters": [digest],
                "requestBody": {"required": True, "content": {"application/json": {"schema": "SyncRequest"}}},
                "responses": {
                    "200": answer("What became of each event.", "Synced"),
                    **problems("400", "401", "413", "415", "429", "503"),
                },
            }
        },
    )
    coding = {"name": "material", "in": "path", "required": True, "schema": {"type": "string", "format": "uuid"}}
    spec.path(
        "/api/v1/practice/{material}",
        operations={
            "get": {
                "security": device,
                "parameters": [coding],
                "responses": {
                    "200": answer("An agreed coding to practise against.", "Material"),
                    **problems("401", "404", "429"),
                },
            }
        },
    )
    number = {"name": "attachment", "in": "path", "required": True, "schema": {"type": "string", "format": "uuid"}}
    spec.path(
        "/api/v1/attachments/{attachment}",
        operations={
            "put": {
                "security": device,
                "parameters": [number, digest],
                "requestBody": {
                    "required": True,
                    "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
                },
                "responses": {
                    "200": answer("It was there already.", "Attached"),
                    "201": answer("It is on disk.", "Attached"),
                    **problems("400", "401", "404", "413", "422", "429", "503"),
                },
            }
        },
    )
