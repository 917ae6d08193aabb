"""What programs of other people call a session, a subject and the values of modifiers."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from frameworks.model import Framework, Modifier
from observe.core.coding.record import Values
from observe.core.tidy import Source
from observe.documents.package import Study


def pseudonyms(study: Study) -> dict[str, str]:
    """What each subject is called; the same name twice is told apart by its id."""
    names = [one.pseudonym for one in study.subjects]
    return {
        one.id: one.pseudonym if names.count(one.pseudonym) == 1 else f"{one.pseudonym} {one.id[-6:]}"
        for one in study.subjects
    }


def called(names: Mapping[str, str], subject: str | None) -> str:
    """A subject's name; its id where it has none, and nothing where nobody was told apart."""
    return names.get(subject, subject) if subject else ""


def local_start(source: Source) -> datetime:
    """When the session began, as a clock on its wall showed it."""
    return datetime.fromtimestamp(source.started / 1000, UTC).replace(tzinfo=None) + timedelta(
        minutes=source.offset
    )


def observation(source: Source) -> str:
    """A name that says when and by whom, and is one session's alone."""
    return f"{local_start(source):%Y-%m-%d %H.%M} {' '.join(source.observer.split())} {source.session}"


def file_name(text: str) -> str:
    """The text as a file name that every system takes."""
    return re.sub(r"[^\w.-]+", "-", text).strip("-.") or "session"


def by_version(versions: Sequence[tuple[str, Framework]], sources: Any) -> dict[str, tuple[str, list[Any]]]:
    """Sources by the framework version they were recorded with: hash → (file name without ending, sources)."""
    found: dict[str, tuple[str, list[Any]]] = {}
    for source in sources:
        stem = f"{source.framework.slug}-v{source.framework_number}"
        found.setdefault(source.framework_hash, (stem, []))[1].append(source)
    return found


def modifier_words(framework: Framework, values: Values) -> list[tuple[str, str]]:
    """Label of each modifier with its value in words."""
    modifiers = {one.id: one for one in framework.modifiers}
    return [
        (str(modifiers[id_].label) if id_ in modifiers else id_, ", ".join(value_words(modifiers.get(id_), value)))
        for id_, value in values
    ]


def value_words(modifier: Modifier | None, value: Any) -> list[str]:
    """Each value: an option by its label, anything else as it is."""
    labels = {option.id: str(option.label) for option in modifier.options} if modifier else {}
    several = value if isinstance(value, list | tuple) else [value]
    return [labels.get(one, str(one)) if isinstance(one, str) else str(one) for one in several]
