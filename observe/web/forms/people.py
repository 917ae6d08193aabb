"""Forms about people's accounts."""

from __future__ import annotations

from wtforms import BooleanField, EmailField, StringField
from wtforms.validators import Email

from observe.web.forms.base import NEEDED, Form, at_most


class InviteForm(Form):
    name = StringField("Name", [NEEDED, at_most(120)])
    email = EmailField("E-mail address", [NEEDED, at_most(254), Email("This is not an e-mail address.")])
    is_admin = BooleanField(
        "Runs this server too", description="Invites people and begins studies; sees no observations by that."
    )
