"""A small framework that can be published."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from frameworks import schema
from observe.actions import frameworks
from observe.store.frameworks import Framework, FrameworkVersion
from tests.factories.people import Cast


def a_document(slug: str = "pauses", **more: Any) -> dict[str, Any]:
    """Two point codes in one stream, and one construct with evidence for and against."""
    return {
        "schema": "observe-framework/1",
        "slug": slug,
        "title": "Pauses",
        "purpose": "What happens after a question?",
        "actors": [{"id": "lecturer", "label": "Lecturer", "kind": "role", "seen_as": "as-one"}],
        "streams": [
            {
                "id": "talk",
                "label": "Talk",
                "actors": ["lecturer"],
                "codes": [
                    {"id": "waits", "label": "Waits", "type": "point", "definition": "Says nothing for 3 s after a question.",
                     "examples": ["Looks around."], "non_examples": ["Drinks."], "key": "w"},
                    {"id": "goes-on", "label": "Goes on", "type": "point", "definition": "Talks on within 3 s of a question.",
                     "examples": ["Answers it."], "non_examples": ["Repeats it."], "key": "g"},
                ],
            }
        ],
        "constructs": [
            {
                "id": "curious",
                "label": "Curious about answers",
                "definition": "Wants to hear what others think.",
                "rivals": [{"id": "script", "label": "A script says so"}],
                "indicators": [
                    {"code": "waits", "polarity": 1, "rationale": "Waiting makes room."},
                    {"code": "goes-on", "polarity": -1, "rationale": "Going on closes it."},
                ],
            }
        ],
        **more,
    }  # fmt: skip


def a_framework(db: Session, cast: Cast, now: datetime, **more: Any) -> tuple[Framework, FrameworkVersion]:
    """Begun by Sadia and published as version 1."""
    model = schema.framework_of(a_document(**more))
    framework = frameworks.begin(db, cast.sadia, cast.study, model, now=now)
    version = frameworks.publish(db, cast.sadia, cast.study, framework.slug, revision=1, now=now)
    return framework, version
