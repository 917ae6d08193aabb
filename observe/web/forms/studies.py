"""Forms about studies and who belongs to them."""

from __future__ import annotations

from wtforms import EmailField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Optional, Regexp

from observe.core.access import Role
from observe.web.forms.base import NEEDED, CheckboxesField, Form, at_most

ROLES = [
    SelectChoice(Role.OBSERVER.value, "Observer: records, sees own sessions"),
    SelectChoice(Role.SUPERVISOR.value, "Supervisor: designs frameworks, sees the study, signs off sessions"),
    SelectChoice(Role.REVIEWER.value, "Reviewer: reads evidence, decides on patterns"),
    SelectChoice(Role.ANALYST.value, "Analyst: takes exports"),
]


class StudyForm(Form):
    title = StringField("Title", [NEEDED, at_most(200)])
    question = TextAreaField(
        "Question", [Optional(), at_most(2000)], description="What the study wants to understand."
    )


class NewStudyForm(StudyForm):
    slug = StringField(
        "Short name",
        [
            NEEDED,
            at_most(60),
            Regexp(r"[a-z0-9]+(-[a-z0-9]+)*$", message="Lower-case letters, figures and hyphens."),
        ],
        description="For addresses and exports; it cannot be changed later.",
    )
    supervisor = EmailField(
        "Supervisor's e-mail address", [NEEDED, at_most(254)], description="Somebody with an account here."
    )


class RolesForm(Form):
    roles = CheckboxesField("Roles", choices=ROLES)


class MemberForm(Form):
    email = EmailField(
        "E-mail address", [NEEDED, at_most(254)], description="Of somebody with an account on this server."
    )
    roles = CheckboxesField("Roles", choices=ROLES)
