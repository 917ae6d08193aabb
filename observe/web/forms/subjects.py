"""Forms about subjects and settings."""

from __future__ import annotations

from typing import Any

from wtforms import BooleanField, RadioField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Optional, ValidationError

from observe.core.patterns import Freedom
from observe.web.forms.base import CHOSEN, NEEDED, Form, at_most

CONSENTS = [
    SelectChoice("unknown", "Not known yet"),
    SelectChoice("given", "Given"),
    SelectChoice("refused", "Refused"),
    SelectChoice("withdrawn", "Withdrawn"),
    SelectChoice("not-needed", "Not needed"),
]


FREEDOMS = [
    SelectChoice("", "Nothing is said: acts count in full"),
    SelectChoice("free", "Freely: acts count in full"),
    SelectChoice(
        "partly-bound", "They can hardly do otherwise (a lesson, a meeting with a script): acts count half"
    ),
    SelectChoice("bound", "They cannot do otherwise (a drill): acts count nothing"),
]


def pairs(words: str) -> dict[str, str]:
    """`name: value` lines as a mapping; ValueError names the line that is none."""
    found = {}
    for line in filter(str.strip, words.splitlines()):
        name, colon, value = line.partition(":")
        if not colon or not name.strip():
            raise ValueError(line.strip()[:60])
        found[name.strip()] = value.strip()
    return found


def lines(values: dict[str, Any]) -> str:
    """A mapping as `name: value` lines."""
    return "\n".join(f"{name}: {value}" for name, value in sorted(values.items()))


class SubjectForm(Form):
    pseudonym = StringField(
        "Pseudonym", [NEEDED, at_most(60)], description="Never a name that others know them by."
    )
    attributes = TextAreaField(
        "Attributes",
        [Optional(), at_most(2000)],
        description="One a line, as “name: value”, for instance “group: a”. Only what the study needs.",
    )
    consent = RadioField("Consent", [CHOSEN], choices=CONSENTS, default="unknown")
    active = BooleanField("Offered on tablets", default=True)

    def validate_attributes(self, field: Any) -> None:
        """Say which line cannot be read."""
        try:
            pairs(field.data or "")
        except ValueError as problem:
            raise ValidationError(f"This line has no colon after a name: {problem}") from problem


class SettingForm(Form):
    label = StringField(
        "Name", [NEEDED, at_most(120)], description="A place or a situation, as observers know it."
    )
    note = TextAreaField("Note", [Optional(), at_most(2000)])
    freedom = RadioField(
        "How freely can people act there?",
        choices=FREEDOMS,
        default="",
        description="What is done because one must says little of anybody. Say it before sessions are recorded there: "
        "when patterns are read, the run tells how many had begun before it was said.",
    )
    active = BooleanField("Offered on tablets", default=True)

    @property
    def said(self) -> Freedom | None:
        """None where nothing is said of it."""
        return Freedom(self.freedom.data) if self.freedom.data else None
