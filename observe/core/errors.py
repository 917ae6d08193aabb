"""Everything that can stop an action: a stable code, a sentence, and the way out.

HTTP is not known here; `observe.web.errors` gives each kind its status. Each code stands in docs/reference/errors.md.
"""

from __future__ import annotations

from collections.abc import Iterator


class ObserveError(Exception):
    """Something that stops an action. Subclasses name the fact, and set `code`, `sentence` and `remedy`."""

    code = "error"
    sentence = "Something went wrong on the server."
    remedy = "Try again; if it happens again, tell whoever runs the server."

    def __init__(self, sentence: str | None = None) -> None:
        super().__init__(sentence or self.sentence)


class NotFound(ObserveError):
    """There is no such thing, or not for this person: the two look alike from outside."""

    code = "not_found"
    sentence = "There is nothing here, or nothing that you may see."
    remedy = "Check the address, or go back to your studies."


class NotAllowed(ObserveError):
    """The person belongs to the study, but the role does not allow this."""

    code = "not_allowed"
    sentence = "Your role in this study does not allow this."
    remedy = "Ask a supervisor of the study."


class NotSignedIn(ObserveError):
    """Nobody is signed in, or the sign-in has ended."""

    code = "not_signed_in"
    sentence = "You are not signed in, or your sign-in has ended."
    remedy = "Sign in, then go on from there."


class WrongPassword(ObserveError):
    """Address or password do not fit; which of the two is never told."""

    code = "sign_in.wrong"
    sentence = "The address or the password is not right."
    remedy = "Try again, or ask for a new invitation."


class WrongCode(ObserveError):
    """A one-time code that does not fit, is too old, or was used before."""

    code = "sign_in.wrong_code"
    sentence = "The code is not right, is too old, or was used before."
    remedy = "Wait for the next code and type that."


class TooManyAttempts(ObserveError):
    """Sign-in is held back for a while for this account or address."""

    code = "sign_in.too_many"
    sentence = "There were too many attempts to sign in."
    remedy = "Wait a few minutes, then try again."

    def __init__(self, wait_seconds: int) -> None:
        super().__init__()
        self.wait_seconds = wait_seconds


class TooManyRequests(ObserveError):
    """More requests from one place than the server wants to answer."""

    code = "too_many"
    sentence = "There were too many requests from here."
    remedy = "Wait a minute, then try again."


class WeakPassword(ObserveError):
    """A password that is too short, too long or too common."""

    code = "password.weak"
    sentence = "The password cannot be used."
    remedy = "Choose 8 to 128 characters that are not a common password; four words in a row are good."


class InvitationGone(ObserveError):
    """A one-time link that was used, or is too old."""

    code = "invitation.gone"
    sentence = "This invitation was used before, or is too old."
    remedy = "Ask whoever invited you for a new one."


class Taken(ObserveError):
    """A name that must be the only one of its kind is in use."""

    code = "taken"
    sentence = "This name is in use already."
    remedy = "Choose another."


class LastSupervisor(ObserveError):
    """Without a supervisor nobody could change a study any more."""

    code = "member.last_supervisor"
    sentence = "This is the last supervisor of the study."
    remedy = "Make somebody else a supervisor first."


class EnrolmentGone(ObserveError):
    """An enrolment code that is unknown, was used, or is too old."""

    code = "enrolment.gone"
    sentence = "This enrolment code is unknown, was used before, or is too old."
    remedy = "Make a new code on the page of devices."


class DeviceUnknown(ObserveError):
    """A device token that the server does not know, or that has expired."""

    code = "device.unknown"
    sentence = "The server does not know this device, or its enrolment has expired."
    remedy = "Enrol the device again. What it holds stays on it."


class PublishedIsFixed(ObserveError):
    """A published version was about to be changed."""

    code = "framework.published"
    sentence = "A published version of a framework never changes."
    remedy = "Change the draft and publish it as a new version."


class NothingChanged(ObserveError):
    """The draft says the same as a version that is published."""

    code = "framework.unchanged"
    sentence = "The draft says the same as a published version."
    remedy = "Change the draft first."


class DraftMoved(ObserveError):
    """Somebody else saved the draft in the meantime."""

    code = "framework.moved"
    sentence = "Somebody else has saved this draft since you opened it."
    remedy = "Open it again, and put your change into the newer one."


class Invalid(ObserveError):
    """What was given cannot be used as it is. `findings` says everything that is wrong with it."""

    code = "invalid"
    sentence = "What was given cannot be used as it is."
    remedy = "Correct what is named and try again."

    def __init__(self, sentence: str | None = None, findings: tuple[object, ...] = ()) -> None:
        super().__init__(sentence)
        self.findings = findings


class Malformed(ObserveError):
    """A request that cannot be read."""

    code = "malformed"
    sentence = "The request could not be read."
    remedy = "Go back, reload the page and try again."


class FormExpired(ObserveError):
    """A form without its token, or with one that is too old."""

    code = "form.expired"
    sentence = "This form was open for too long, or did not come from this site. Nothing was changed."
    remedy = "Go back, reload the page and send it again."


class TooLarge(ObserveError):
    """More bytes than the server takes in one request."""

    code = "too_large"
    sentence = "This is larger than the server takes at once."
    remedy = "Send less at once."


class WrongMethod(ObserveError):
    """The address exists, but not for this kind of request."""

    code = "method"
    sentence = "This address does not take that kind of request."
    remedy = "Go back and use the buttons of the page."


class WrongKind(ObserveError):
    """A body of a media type that is not taken here."""

    code = "media_type"
    sentence = "The server does not take this kind of content here."
    remedy = "Send JSON."


class Busy(ObserveError):
    """The database was locked for longer than a request may wait."""

    code = "busy"
    sentence = "The server is busy; nothing was changed."
    remedy = "Try again in a moment."


class NoRoom(ObserveError):
    """The disk is full: nothing was written by halves."""

    code = "no_room"
    sentence = "The server's disk is full; nothing was changed."
    remedy = "Try again later, and tell whoever runs the server."


def catalogue() -> Iterator[type[ObserveError]]:
    """Every kind of error that has been defined, wherever, each once."""
    waiting: list[type[ObserveError]] = [ObserveError]
    while waiting:
        kind = waiting.pop(0)
        yield kind
        waiting += kind.__subclasses__()
