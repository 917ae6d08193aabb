"""Ready-made frameworks: one folder each, with the document and a README (source, use, limits, rights)."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

from frameworks.convert.documents import read_yaml


@cache
def slugs() -> tuple[str, ...]:
    """The slugs of all ready-made frameworks, in alphabetical order."""
    return tuple(sorted(each.name for each in files(__name__).iterdir() if (each / "framework.yaml").is_file()))


def document(slug: str) -> dict[str, Any]:
    """The document of a ready-made framework, as `frameworks.schema.load` takes it; KeyError for an unknown slug."""
    found: dict[str, Any] = json.loads(document_text(folder(slug).name))
    return found


@cache
def document_text(slug: str) -> str:
    """The document as JSON, read from its YAML once: YAML is slow to read, and what is shipped does not change."""
    return json.dumps(read_yaml((files(__name__) / slug / "framework.yaml").read_text(encoding="utf-8")))


def readme(slug: str) -> str:
    """What the ready-made framework is, in Markdown: source, intended use, limits and rights."""
    return folder(slug).joinpath("README.md").read_text(encoding="utf-8")


def folder(slug: str) -> Traversable:
    """The folder of a ready-made framework; only names that `slugs` gives reach the disk."""
    if slug not in slugs():
        raise KeyError(slug)
    return files(__name__) / slug
