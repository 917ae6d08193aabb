"""Everything that can stop an action: a stable code, a sentence, and the way out.

HTTP is not known here; `observe.web.errors` gives each kind its status.
"""

from __future__ import annotations


class ObserveError(Exception):
    """Something that stops an action. Subclasses name the fact, and set `code` and `remedy`."""

    code = "error"
    remedy = "Try again; if it happens again, tell whoever runs the server."


class NotFound(ObserveError):
    """There is no such thing, or not for this person: the two look alike from outside."""

    code = "not_found"
    remedy = "Check the address, or go back to your studies."


class NotAllowed(ObserveError):
    """The person belongs to the study, but the role does not allow this."""

    code = "not_allowed"
    remedy = "Ask a supervisor of the study."


class Invalid(ObserveError):
    """What was given cannot be used as it is. `findings` says everything that is wrong with it."""

    code = "invalid"
    remedy = "Correct what is named and try again."

    def __init__(self, sentence: str, findings: tuple[object, ...] = ()) -> None:
        super().__init__(sentence)
        self.findings = findings
