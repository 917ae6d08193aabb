"""What makes the recorder an app: its shell, its service worker, its manifest. None of it says anything of anybody."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from pathlib import Path

from flask import Blueprint, Flask, Response, current_app, redirect, request, url_for
from flask.typing import ResponseReturnValue

from observe.web import assets
from observe.web.assets import ClientNotBuilt
from observe.web.guard import open_to_all

ENTRY = "src/pages/recorder.tsx"
SHELL = "recorder/shell.html"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; "
    "media-src 'self' blob:; connect-src 'self'; worker-src 'self'; manifest-src 'self'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)
"""Without a nonce: the shell is kept by the tablet, so it has no inline script or style at all."""

PERMISSIONS = (
    "accelerometer=(), camera=(self), geolocation=(self), gyroscope=(), microphone=(self), payment=(), usb=()"
)
"""Here, and nowhere else, the browser may ask for the place (where a framework wants it) and the voice (for a note)."""

THEME, GROUND = "#0c5552", "#ffffff"
ICONS = (
    ("icon.svg", "any", "image/svg+xml", "any"),
    ("icon-192.png", "192x192", "image/png", "any"),
    ("icon-512.png", "512x512", "image/png", "any"),
    ("icon-maskable-192.png", "192x192", "image/png", "maskable"),
    ("icon-maskable-512.png", "512x512", "image/png", "maskable"),
)

pages = Blueprint("pwa", __name__)
recorder = Blueprint("recorder", __name__)


def register(app: Flask) -> None:
    app.register_blueprint(recorder)


@recorder.get("/recorder")
@open_to_all
def show() -> Response:
    """The shell, the same for everybody to the byte; who records is known to the tablet alone."""
    response = Response(shell(), mimetype="text/html")
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["Permissions-Policy"] = PERMISSIONS
    return revalidated(response)


@recorder.get("/enrol")
@open_to_all
def enrol() -> ResponseReturnValue:
    """Where the QR code leads. The code stands behind the # and so never reaches the server's logs."""
    return redirect(url_for("recorder.show"), 302)


@pages.get("/manifest.webmanifest")
@open_to_all
def manifest() -> Response:
    return revalidated(Response(manifest_text(), mimetype="application/manifest+json"))


@pages.get("/sw.js")
@open_to_all
def service_worker() -> Response:
    """The built worker, with the version and the files in front. At the root, since a worker reigns over its folder."""
    path = assets.dist() / "sw.js"
    if not path.is_file():
        raise ClientNotBuilt("sw.js")
    files = precached()
    code = path.read_text(encoding="utf-8")
    told = json.dumps({"version": version_of(files, code), "files": files}, sort_keys=True)
    return revalidated(Response(f"self.OBSERVE = {told};\n{code}", mimetype="text/javascript"))


def revalidated(response: Response) -> Response:
    """Kept by the browser, and asked about each time."""
    response.headers["Cache-Control"] = "no-cache"
    response.add_etag()
    response.make_conditional(request)
    return response


def shell() -> str:
    """Rendered with nothing of the request: no person, no study, no nonce."""
    template = current_app.jinja_env.get_template(SHELL)
    return template.render(asset=assets.asset, build=build(), title=current_app.config["TITLE"], theme=THEME)


def build() -> str:
    """The name of this build of the client; every session's header carries it."""
    text = json.dumps(assets.manifest(), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def manifest_text() -> str:
    title = current_app.config["TITLE"]
    icons = [
        {"src": icon_address(name), "sizes": sizes, "type": kind, "purpose": purpose}
        for name, sizes, kind, purpose in ICONS
    ]
    start = url_for("recorder.show")
    return json.dumps(
        {
            "id": start,
            "name": f"{title} recorder",
            "short_name": title,
            "description": "Record what people do, as it happens, with or without a network.",
            "start_url": start,
            "scope": "/",
            "display": "standalone",
            "orientation": "any",
            "background_color": GROUND,
            "theme_color": THEME,
            "icons": icons,
        },
        indent=1,
    )


def icon_address(name: str) -> str:
    return url_for("static", filename=f"icons/{name}")


def precached() -> dict[str, str]:
    """Each file that the recorder needs without a network, with the hash that it must have."""
    page = shell()
    files = {
        url_for("recorder.show"): integrity(page.encode()),
        url_for("pwa.manifest"): integrity(manifest_text().encode()),
    }
    for file in assets.files_of(ENTRY):
        files[assets.address(file)] = integrity((assets.dist() / file).read_bytes())
    for found in linked(page):
        if found not in files:
            files[found] = integrity((static_folder() / path_of(found)).read_bytes())
    return files


def linked(page: str) -> list[str]:
    """Every file of ours that the shell's markup names."""
    return list(re.findall(r'(?:href|src)="(/static/[^"]+)"', page))


def path_of(found: str) -> str:
    return found.removeprefix("/static/").partition("?")[0]


def static_folder() -> Path:
    return Path(current_app.root_path) / "static"


def integrity(content: bytes) -> str:
    """As `fetch` wants it (W3C Subresource Integrity)."""
    return "sha256-" + base64.b64encode(hashlib.sha256(content).digest()).decode()


def version_of(files: dict[str, str], code: str) -> str:
    """Another file, or another worker, is another version; nobody has to remember a number."""
    told = json.dumps(files, sort_keys=True) + code
    return hashlib.sha256(told.encode()).hexdigest()[:16]
