"""Who comes in: every route names the action that it needs, or says that it is open."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar, cast

from flask import g

from observe.actions.doing import roles_of
from observe.core.access import MAY, OWN, may
from observe.core.errors import NotAllowed, NotFound
from observe.store import studies
from observe.store.studies import Study
from observe.web import current

P = ParamSpec("P")
R = TypeVar("R")
OPEN = "open"
SIGNED_IN = "signed-in"


def needs(action: str) -> Callable[[Callable[..., R]], Callable[..., R]]:
    """Let in who may do this. A `slug` in the address becomes the `study` that the view is given.

    Not signed in: to the sign-in. Not of the study, or no such study: not found. A role that does not allow it: refused.
    """
    if action not in MAY and action not in OWN and action != SIGNED_IN:
        raise KeyError(action)

    def decorate(view: Callable[..., R]) -> Callable[..., R]:
        @wraps(view)
        def guarded(*args: Any, **values: Any) -> R:
            person = current.person()
            if "slug" in values:
                values["study"] = enter(values.pop("slug"))
            else:
                g.roles = roles_of(current.database(), person, None)
            if action != SIGNED_IN and not may(g.roles, action):
                raise NotAllowed
            return view(*args, **values)

        cast(Any, guarded).needs = action
        return guarded

    return decorate


def enter(slug: str) -> Study:
    """The study of this name with the person's roles in it, kept for the request; NotFound for whoever is not of it."""
    db = current.database()
    study = studies.by_slug(db, slug)
    if study is None:
        raise NotFound
    g.roles = roles_of(db, current.person(), study.id)
    if not g.roles:
        raise NotFound
    g.study = study
    return study


def open_to_all(view: Callable[P, R]) -> Callable[P, R]:
    """A route for everybody, or one that checks for itself (by a device's token). The list of them is in a test."""
    cast(Any, view).needs = OPEN
    return view


def signed_in(view: Callable[..., R]) -> Callable[..., R]:
    """A route for anybody who is signed in, whatever their roles."""
    return needs(SIGNED_IN)(view)


def can(action: str) -> bool:
    """For templates: whether to offer something at all. The guard and `doing` decide again."""
    return may(current.roles(), action)
