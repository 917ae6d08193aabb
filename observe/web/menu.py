"""What the head of every page of a study offers, to those who may go there."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Flask, current_app, request, url_for
from flask_babel import gettext

from observe.web.guard import can
from observe.web.languages import N_

ENTRIES: tuple[tuple[str, str, str], ...] = (
    (N_("Overview"), "studies.show", "study.see"),
    (N_("Record"), "recorder.show", "session.record"),
    (N_("Frameworks"), "frameworks.index", "framework.see"),
    (N_("Sessions"), "sessions.index", "session.see_own"),
    (N_("Analysis"), "analysis.index", "analysis.see"),
    (N_("Agreement"), "agreement.index", "analysis.see"),
    (N_("Patterns"), "patterns.index", "pattern.see"),
    (N_("Exports"), "exports.index", "export.take"),
    (N_("Subjects"), "subjects.index", "subject.see"),
    (N_("Settings"), "settings.index", "setting.manage"),
    (N_("Devices"), "devices.index", "device.enrol"),
    (N_("Members"), "members.index", "member.manage"),
    (N_("Audit"), "audit.index", "audit.see"),
)
"""words, endpoint, action that it needs; an endpoint that is not there is left out"""


WITHIN = {
    "key": "subjects", "words": "subjects", "codebook": "frameworks", "designer": "frameworks", "sequences": "analysis",
    "windows": "analysis", "jobs": "analysis", "practice": "agreement", "reviews": "patterns",
}  # fmt: skip
"""parts that are reached from another one, under which the menu shows them"""


@dataclass(frozen=True, slots=True)
class Item:
    """One entry. `current` marks the part of the study that is open, `exact` the page itself."""

    words: str
    address: str
    current: bool
    exact: bool


def register(app: Flask) -> None:
    app.jinja_env.globals["study_menu"] = study_menu


def study_menu() -> list[Item]:
    """The entries for this person in this study."""
    there = current_app.view_functions
    return [
        Item(gettext(words), url_for(endpoint), is_open(endpoint), request.endpoint == endpoint)
        for words, endpoint, action in ENTRIES
        if endpoint in there and can(action)
    ]


def is_open(endpoint: str) -> bool:
    """Whether the page at hand is of this part."""
    part = (request.endpoint or "").partition(".")[0]
    return WITHIN.get(part, part) == endpoint.partition(".")[0]
