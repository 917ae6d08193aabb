"""The built client: which files a page needs, by the names of their sources."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Required, TypedDict

from flask import Blueprint, Response, current_app, request, send_from_directory, url_for
from markupsafe import Markup

from observe.core.errors import NotFound, ObserveError
from observe.web.guard import open_to_all

pages = Blueprint("assets", __name__)

YEAR = 365 * 24 * 60 * 60


class ClientNotBuilt(ObserveError):
    """A page needs a file of the client that the build did not make."""

    code = "client.not_built"
    sentence = "The client has not been built."
    remedy = "Run `make run`, or `npm ci && npm run build` in static/."

    def __init__(self, name: str) -> None:
        super().__init__(f"The build of the client has no {name}.")


class Chunk(TypedDict, total=False):
    """One entry of Vite's manifest."""

    file: Required[str]
    css: list[str]
    assets: list[str]
    imports: list[str]
    dynamicImports: list[str]


Manifest = dict[str, Chunk]


@dataclass(frozen=True, slots=True)
class Asset:
    """The addresses of what one entry needs. `script` is None for a style sheet."""

    script: str | None
    styles: tuple[str, ...]
    preload: tuple[str, ...]

    def __html__(self) -> str:
        """The tags, for `{{ asset("src/pages/site.ts") }}` in a page's head."""
        tags = [Markup('<link rel="stylesheet" href="{}">').format(each) for each in self.styles]
        tags += [Markup('<link rel="modulepreload" href="{}">').format(each) for each in self.preload]
        if self.script:
            tags.append(Markup('<script type="module" src="{}"></script>').format(self.script))
        return Markup("\n").join(tags)


def dist() -> Path:
    """Where the build lies."""
    return Path(current_app.config.get("CLIENT_DIST") or Path(current_app.root_path) / "static" / "dist")


def manifest() -> Manifest:
    """What the build made; read again when there is another build."""
    path = dist() / "manifest.json"
    try:
        return read(path, path.stat().st_mtime_ns)
    except OSError:
        return {}


@lru_cache(maxsize=4)
def read(path: Path, _changed: int) -> Manifest:
    found: Any = json.loads(path.read_text(encoding="utf-8"))
    return dict(found)


def chunks(name: str, *, lazy: bool = False) -> Iterator[Chunk]:
    """An entry and everything that it imports, each once; with `lazy` also what it may load later."""
    built, seen, waiting = manifest(), set[str](), [name]
    if name not in built:
        raise ClientNotBuilt(name)
    while waiting:
        key = waiting.pop(0)
        if key in seen or key not in built:
            continue
        seen.add(key)
        chunk = built[key]
        yield chunk
        waiting += chunk.get("imports", []) + (chunk.get("dynamicImports", []) if lazy else [])


def address(file: str) -> str:
    return url_for("assets.static", filename=file)


def asset(name: str) -> Asset:
    """What a page links for an entry such as `src/pages/recorder.tsx` or `css/site.css`."""
    entry, *imported = chunks(name)
    styles = dict.fromkeys(style for chunk in (entry, *imported) for style in chunk.get("css", []))
    if entry["file"].endswith(".css"):
        return Asset(None, (address(entry["file"]), *map(address, styles)), ())
    return Asset(
        address(entry["file"]), tuple(map(address, styles)), tuple(address(each["file"]) for each in imported)
    )


def files_of(name: str) -> tuple[str, ...]:
    """Every file, under static/dist, that an entry can ever load."""
    return tuple(
        dict.fromkeys(
            file
            for chunk in chunks(name, lazy=True)
            for file in (chunk["file"], *chunk.get("css", []), *chunk.get("assets", []))
        )
    )


@pages.app_context_processor
def for_templates() -> dict[str, Any]:
    return {"asset": asset}


@pages.get("/static/dist/<path:filename>")
@open_to_all
def static(filename: str) -> Response:
    """A file of the build: its name holds its hash, so browsers keep it for a year and never ask again."""
    below, _, name = filename.partition("/")
    if below != "assets":
        raise NotFound
    folder = dist() / "assets"
    if request.accept_encodings["gzip"] > 0 and (folder / f"{name}.gz").is_file():
        response = send_from_directory(folder, f"{name}.gz", mimetype=kind_of(name), max_age=YEAR)
        response.headers["Content-Encoding"] = "gzip"
    else:
        response = send_from_directory(folder, name, max_age=YEAR)
    response.vary.add("Accept-Encoding")
    response.cache_control.public = True
    response.cache_control.immutable = True
    return response


def kind_of(filename: str) -> str:
    """The three kinds that the build packs."""
    return {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}.get(
        Path(filename).suffix, "application/octet-stream"
    )
