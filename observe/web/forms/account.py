"""Forms about one's own account."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext, lazy_gettext
from wtforms import EmailField, PasswordField, StringField
from wtforms.validators import EqualTo, ValidationError

from observe.web.forms.base import NEEDED, Form, at_most

FRESH = lazy_gettext("8 to 128 characters. Four words in a row are good; common passwords are refused.")


class SignInForm(Form):
    email = EmailField(
        lazy_gettext("E-mail address"), [NEEDED, at_most(254)], render_kw={"autocomplete": "username"}
    )
    password = PasswordField(lazy_gettext("Password"), [NEEDED], render_kw={"autocomplete": "current-password"})


class CodeForm(Form):
    code = StringField(
        lazy_gettext("One-time code"),
        [NEEDED, at_most(12)],
        description=lazy_gettext("Six figures from your authenticator."),
        render_kw={"autocomplete": "one-time-code", "inputmode": "numeric"},
    )


class NewPasswordForm(Form):
    password = PasswordField(
        lazy_gettext("New password"), [NEEDED], description=FRESH, render_kw={"autocomplete": "new-password"}
    )
    again = PasswordField(
        lazy_gettext("The same again"),
        [NEEDED, EqualTo("password", lazy_gettext("The two are not the same."))],
        render_kw={"autocomplete": "new-password"},
    )


class ChangePasswordForm(NewPasswordForm):
    old = PasswordField(lazy_gettext("Present password"), [NEEDED], render_kw={"autocomplete": "current-password"})
    field_order = ("old", "password", "again")

    def __iter__(self) -> Any:
        """The present password first."""
        return iter(
            [self[name] for name in self.field_order]
            + [each for each in super().__iter__() if each.name == "csrf_token"]
        )


def not_blank(_form: Any, field: Any) -> None:
    """Spaces alone are nothing."""
    if not (field.data or "").strip():
        raise ValidationError(gettext("This is needed."))
