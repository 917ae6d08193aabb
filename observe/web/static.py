"""The files that browsers get as they are: styles, icons and the built client, and nothing else from static/."""

from __future__ import annotations

from pathlib import Path

from flask import Flask, Response, current_app, send_from_directory

from observe.core.errors import NotFound
from observe.extensions import limiter
from observe.web.guard import open_to_all

PUBLIC = frozenset({"css", "icons", "dist"})
"""folders of static/ that are for browsers; sources and packages are not"""


def register(app: Flask) -> None:
    """The endpoint `static`, with the file's time in the address so that browsers may keep what they have."""
    app.add_url_rule("/static/<path:filename>", "static", send)
    app.url_defaults(stamp)


@open_to_all
@limiter.exempt
def send(filename: str) -> Response:
    """A file of one of the public folders."""
    first, _, rest = filename.partition("/")
    if first not in PUBLIC:
        raise NotFound
    return send_from_directory(folder() / first, rest, max_age=3600)


def folder() -> Path:
    return Path(current_app.root_path) / "static"


def stamp(endpoint: str, values: dict[str, str]) -> None:
    """A changed file has another address."""
    if endpoint == "static" and "filename" in values and "v" not in values:
        path = folder() / values["filename"]
        if path.is_file():
            values["v"] = f"{path.stat().st_mtime_ns // 1_000_000:x}"
