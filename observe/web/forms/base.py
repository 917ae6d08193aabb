"""What all forms share."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from wtforms import SelectMultipleField
from wtforms.validators import DataRequired, InputRequired, Length, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from observe.core.errors import ObserveError

NEEDED = DataRequired(lazy_gettext("This is needed."))
CHOSEN = InputRequired(lazy_gettext("Choose one."))


def at_most(count: int) -> Length:
    """No longer than this many characters."""
    return Length(max=count, message=lazy_gettext("At most %(count)s characters.", count=count))


class Form(FlaskForm):  # type: ignore[misc]
    """A form that can say what an action had against it."""

    def refuse(self, error: ObserveError, field: str = "") -> None:
        """Show an action's error at a field, or at the head of the form."""
        words = f"{error} {error.remedy}"
        if field:
            control = self[field]
            control.errors = [*control.errors, words]
        else:
            self.form_errors.append(words)


class CheckboxesField(SelectMultipleField):  # type: ignore[misc]
    """Several of a few, each with its own box."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()

    def pre_validate(self, form: Any) -> None:
        """Say what is wrong in our words."""
        try:
            super().pre_validate(form)
        except ValidationError as problem:
            raise ValidationError("Choose from the list.") from problem
