"""Forms for stating a plan, and for reading a pattern."""

from __future__ import annotations

from typing import Any

from wtforms import (
    BooleanField,
    DateField,
    DecimalField,
    IntegerField,
    RadioField,
    SelectChoice,
    SelectField,
    StringField,
    TextAreaField,
)  # fmt: skip
from wtforms.validators import NumberRange, Optional

from observe.core.reviews import Decision, RivalWeighed, Weighing
from observe.web.forms.base import CHOSEN, NEEDED, CheckboxesField, Form, at_most

DECISIONS = [
    SelectChoice(Decision.ENDORSE.value, "Endorse: the evidence bears it"),
    SelectChoice(Decision.DISPUTE.value, "Dispute: the evidence does not bear it"),
    SelectChoice(Decision.MORE_EVIDENCE.value, "Ask for more evidence"),
    SelectChoice(Decision.ABSTAIN.value, "Abstain"),
]
REPLIES = [
    SelectChoice(Decision.ENDORSE.value, "They recognise it"),
    SelectChoice(Decision.DISPUTE.value, "They contest it"),
    SelectChoice(Decision.ABSTAIN.value, "They comment on it"),
]
WEIGHINGS = [
    SelectChoice("", "not weighed"),
    SelectChoice(Weighing.RULED_OUT.value, "ruled out"),
    SelectChoice(Weighing.POSSIBLE.value, "possible"),
    SelectChoice(Weighing.LIKELIER.value, "likelier than the pattern"),
]


class PlanForm(Form):
    framework = SelectField(
        "Framework version", [CHOSEN], description="Its constructs and indicators are what is asked."
    )
    follows = SelectField(
        "Who or what is followed", [CHOSEN], description="Each of these is compared with the others."
    )
    situation = SelectField(
        "Situation", [CHOSEN], description="People are compared with those who were watched in the same one."
    )
    together = BooleanField(
        "With sessions of other versions that mean the same, or that a map joins", default=True,
        description="Where only indicators changed, patterns on them are marked as post-hoc.",
    )  # fmt: skip
    signed_off = BooleanField("Only sessions that are signed off")
    since = DateField("From", [Optional()])
    until = DateField("To, the day itself left out", [Optional()])
    expected = TextAreaField(
        "What do you expect to see?", [Optional(), at_most(4000)],
        description="Said now, it can be compared later. It does not enter the inference.",
    )  # fmt: skip
    smallest_effect = DecimalField(
        "Smallest difference worth a word", [NumberRange(0.05, 2)], default=0.25, places=2,
        description="On the scale of a log rate: 0.25 is 28 % more often for a strong indicator.",
    )  # fmt: skip
    level = DecimalField("Level of the intervals", [NumberRange(0.5, 0.99)], default=0.9, places=2)
    sure_of_effect = DecimalField(
        "How probable a difference must be to be claimed", [NumberRange(0.5, 0.999)], default=0.8, places=2
    )
    false_sign_rate = DecimalField(
        "How many claims may point the wrong way", [NumberRange(0.001, 0.2)], default=0.05, places=3,
        description="Over all claims of the run: 0.05 is one in twenty.",
    )  # fmt: skip
    widest_interval = DecimalField(
        "The widest interval that says anything", [NumberRange(0.5, 5)], default=2, places=1
    )


class ReviewForm(Form):
    decision = RadioField("What do you make of it?", [CHOSEN], choices=DECISIONS)
    reason = TextAreaField("Why?", [NEEDED, at_most(8000)])
    cited = CheckboxesField("Observations that you lean on", description="The weightiest of both sides.")
    confidence = IntegerField(
        "How sure are you? (0 to 100)", [Optional(), NumberRange(0, 100, "Confidence goes from 0 to 100.")]
    )
    own_rival = StringField("Another explanation, of your own", [Optional(), at_most(200)])
    own_weighing = SelectField("It is", [Optional()], choices=WEIGHINGS)
    own_because = StringField("Because", [Optional(), at_most(1000)])

    def weighed(self, rivals: list[RivalForm]) -> tuple[RivalWeighed, ...]:
        """What was weighed, the reviewer's own last."""
        found = [one.weighed() for one in rivals if one.weighing.data]
        if self.own_weighing.data or self.own_rival.data:
            mine = Weighing(self.own_weighing.data or Weighing.POSSIBLE.value)
            found.append(RivalWeighed(self.own_rival.data or "", mine, self.own_because.data or ""))
        return tuple(found)


class RivalForm(Form):
    """One rival of the list. `about` and `rival` are for the page."""

    weighing = SelectField("It is", [Optional()], choices=WEIGHINGS)
    because = StringField("Because", [Optional(), at_most(1000)])

    def __init__(self, rival: dict[str, Any], **more: Any) -> None:
        super().__init__(prefix=f"rival-{rival['id']}-", **more)
        self.rival = rival

    def weighed(self) -> RivalWeighed:
        return RivalWeighed(self.rival["id"], Weighing(self.weighing.data), self.because.data or "")


class ReplyForm(Form):
    decision = RadioField("What does the observed person say?", [CHOSEN], choices=REPLIES)
    reason = TextAreaField("In their words", [NEEDED, at_most(8000)])


class DissentForm(Form):
    whom = SelectField(
        "Who", [CHOSEN], coerce=int, description="They may dispute, ask for more, or abstain with a reason."
    )


class OutcomeForm(Form):
    held = RadioField(
        "What turned out?",
        [CHOSEN],
        choices=[SelectChoice("yes", "It held"), SelectChoice("no", "It did not hold")],
    )
    words = TextAreaField(
        "Who or what shows it, and since when?", [NEEDED, at_most(4000)],
        description="Something other than the sessions that it was read from.",
    )  # fmt: skip


class ProposalForm(Form):
    words = TextAreaField("What should change in the framework, and why?", [NEEDED, at_most(8000)])
