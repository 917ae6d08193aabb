"""Who may do what: one table of actions and roles. Nothing else decides it."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """What someone is in one study. `admin` runs the server and is not of a study."""

    OBSERVER = "observer"
    SUPERVISOR = "supervisor"
    REVIEWER = "reviewer"
    ANALYST = "analyst"
    ADMIN = "admin"


_O, _S, _R, _A, _ADMIN = Role.OBSERVER, Role.SUPERVISOR, Role.REVIEWER, Role.ANALYST, Role.ADMIN
_ANY = frozenset({_O, _S, _R, _A})

MAY: dict[str, frozenset[Role]] = {
    "study.see": _ANY,
    "study.create": frozenset({_ADMIN}),
    "study.edit": frozenset({_S}),
    "member.manage": frozenset({_S}),
    "subject.see": _ANY,
    "subject.manage": frozenset({_S}),
    "setting.manage": frozenset({_S}),
    "device.enrol": frozenset({_O, _S}),
    "device.manage": frozenset({_S}),
    "framework.see": _ANY,
    "framework.design": frozenset({_S}),
    "framework.publish": frozenset({_S}),
    "session.record": frozenset({_O, _S}),
    "session.see_own": _ANY,
    "session.see": frozenset({_S, _R, _A}),
    "session.amend": frozenset({_O, _S}),
    "session.sign_off": frozenset({_S}),
    "analysis.see": frozenset({_S, _R, _A}),
    "analysis.run": frozenset({_S, _A}),
    "practice.offer": frozenset({_S}),
    "pattern.see": frozenset({_S, _R, _A}),
    "pattern.run": frozenset({_S}),
    "pattern.review": frozenset({_R, _S}),
    "export.take": frozenset({_S, _A}),
    "person.manage": frozenset({_ADMIN}),
    "server.see": frozenset({_ADMIN}),
    "audit.see": frozenset({_S, _ADMIN}),
    "subject.erase": frozenset({_S}),
    "subject.export": frozenset({_S}),
    "words.take_away": frozenset({_S}),
    "key.open": frozenset({_S}),
    "key.keep": frozenset({_S}),
}

OWN: frozenset[str] = frozenset(
    {
        "account.sign_in",
        "account.sign_out",
        "account.accept",
        "account.password",
        "account.second_factor",
        "account.see",
    }
)
"""what anybody may do with their own account, whatever their roles"""


def may(roles: frozenset[Role], action: str) -> bool:
    """Whether someone with these roles may do this. An action that is not in the table is a KeyError: our mistake."""
    return action in OWN or bool(MAY[action] & roles)
