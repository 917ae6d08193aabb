"""Forms about frameworks."""

from __future__ import annotations

from flask_wtf.file import FileField, FileRequired, FileSize
from wtforms import IntegerField, RadioField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import NumberRange, Optional, Regexp
from wtforms.widgets import HiddenInput

from observe.web.forms.base import CHOSEN, NEEDED, Form, at_most

STATES = [
    SelectChoice("open", "Open: offered for new sessions"),
    SelectChoice("closing", "Closing: not offered any more, still taken from the field"),
    SelectChoice("closed", "Closed: what still comes is kept aside for you"),
]


SLUG = Regexp(r"[a-z][a-z0-9]*(-[a-z0-9]+)*$", message="Lower-case letters, figures and hyphens; a letter first.")


class BeginForm(Form):
    title = StringField("Title", [NEEDED, at_most(200)])
    slug = StringField(
        "Short name",
        [Optional(), at_most(60), SLUG],
        description="For exports, and lasting. Left empty, it is made from the title.",
    )
    purpose = TextAreaField(
        "Purpose", [Optional(), at_most(2000)], description="What do you want to understand by watching?"
    )


class UploadForm(Form):
    document = FileField(
        "Document",
        [FileRequired("Choose a file."), FileSize(2_000_000, message="The file is larger than 2 MB.")],
        description="A framework document (JSON, YAML), a codebook (CSV, Excel), a BORIS project or an ELAN document.",
        render_kw={"accept": ".json,.yaml,.yml,.csv,.tsv,.xlsx,.boris,.gz,.eaf"},
    )


class CopyForm(Form):
    of = SelectField("Copy of", [CHOSEN])
    slug = StringField(
        "Its short name", [NEEDED, at_most(60), SLUG], description="For exports; it cannot be changed later."
    )


class PublishForm(Form):
    revision = IntegerField("Revision", [NumberRange(1, 2**31 - 1)], widget=HiddenInput())


class StateForm(Form):
    state = RadioField("State", [CHOSEN], choices=STATES)


class ReplaceForm(UploadForm):
    revision = IntegerField("Revision", [NumberRange(1, 2**31 - 1)], widget=HiddenInput())
    words = SelectField(
        "If it comes without the words of the instrument",
        choices=[
            SelectChoice("", "ask me first"),
            SelectChoice("kept", "keep the words that the draft has"),
            SelectChoice("left", "put ids in their place"),
        ],
        default="",
        description="Files that leave a study hold no words that belong to someone else.",
    )
