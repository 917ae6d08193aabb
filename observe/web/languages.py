"""The language of a page: what the person chose, else what the browser asks for. English is the one that is always whole."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from flask import Flask, Response, request, session
from flask_babel import Babel

LANGUAGES: Mapping[str, tuple[str, str]] = MappingProxyType({"en": ("English", "ltr"), "ar": ("العربية", "rtl")})
"""each under its own name, with the direction it is written in"""

KEPT = "language"


def N_(words: str) -> str:
    """Marks words for the catalogue where they stand; they are translated where they are shown."""
    return words


def register(app: Flask) -> None:
    app.config.setdefault("BABEL_TRANSLATION_DIRECTORIES", "observe/web/translations")
    Babel(app, locale_selector=chosen, timezone_selector=lambda: "UTC")
    app.before_request(choose)
    app.after_request(vary)
    app.context_processor(
        lambda: {"language": chosen(), "direction": LANGUAGES[chosen()][1], "languages": LANGUAGES}
    )


def choose() -> None:
    """`?language=ar` on any page is kept for the rest of the visit."""
    wanted = request.args.get(KEPT, "")
    if request.method == "GET" and wanted in LANGUAGES and session.get(KEPT) != wanted:
        session[KEPT] = wanted


def chosen() -> str:
    """The language of this answer."""
    if not request:
        return "en"
    kept = session.get(KEPT)
    if kept in LANGUAGES:
        return str(kept)
    return request.accept_languages.best_match(list(LANGUAGES)) or "en"


def vary(response: Response) -> Response:
    """The same address has other words for others."""
    if response.mimetype == "text/html":
        response.vary.add("Accept-Language")
    return response
