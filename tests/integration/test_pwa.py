"""The shell, the service worker and the built files: what a tablet keeps for use without a network."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.factories.people import Cast

MANIFEST = {
    "src/pages/recorder.tsx": {
        "file": "assets/recorder-a1.js", "css": ["assets/recorder-b2.css"],
        "imports": ["_signals-c3.js"], "dynamicImports": ["src/ui/words/ar.ts"], "isEntry": True,
    },
    "_signals-c3.js": {"file": "assets/signals-c3.js"},
    "src/ui/words/ar.ts": {"file": "assets/ar-d4.js", "isDynamicEntry": True},
    "src/pages/designer.tsx": {"file": "assets/designer-e5.js", "isEntry": True},
    "css/site.css": {"file": "assets/site-f6.css", "isEntry": True},
}  # fmt: skip


@pytest.fixture
def dist(tmp_path: Path) -> Path:
    """A build as Vite makes it."""
    folder = tmp_path / "dist"
    (folder / "assets").mkdir(parents=True)
    (folder / "manifest.json").write_text(json.dumps(MANIFEST))
    for chunk in MANIFEST.values():
        for file in (chunk["file"], *chunk.get("css", [])):
            (folder / str(file)).write_text(f"/* {file} */")
            (folder / f"{file}.gz").write_bytes(gzip.compress(f"/* {file} */".encode()))
    (folder / "sw.js").write_text("/* the worker */")
    return folder


@pytest.fixture
def browser(app: Flask, dist: Path) -> Iterator[FlaskClient]:
    app.config["CLIENT_DIST"] = str(dist)
    yield app.test_client()


def told_of(browser: FlaskClient) -> dict[str, dict[str, str]]:
    first, _, _ = browser.get("/sw.js").text.partition(";\n")
    return dict(json.loads(first.removeprefix("self.OBSERVE = ")))


def test_the_shell_is_the_same_to_the_byte_for_everybody(app: Flask, browser: FlaskClient, cast: Cast) -> None:
    nobody = browser.get("/recorder")
    someone = browser.as_(cast.owen).get("/recorder")  # type: ignore[attr-defined]

    assert nobody.status_code == someone.status_code == 200
    assert nobody.data == someone.data
    assert "Owen" not in someone.text


def test_the_shell_has_no_inline_script_or_style_and_a_policy_that_forbids_them(browser: FlaskClient) -> None:
    response = browser.get("/recorder")

    policy = response.headers["Content-Security-Policy"]
    assert "script-src 'self';" in policy
    assert "nonce" not in policy and "unsafe" not in policy
    assert re.findall(r"<script(?![^>]*src=)", response.text) == []
    assert "<style" not in response.text and " style=" not in response.text


def test_the_shell_links_script_style_and_preloads_of_the_build(browser: FlaskClient) -> None:
    page = browser.get("/recorder").text

    assert '<script type="module" src="/static/dist/assets/recorder-a1.js"></script>' in page
    assert '<link rel="stylesheet" href="/static/dist/assets/recorder-b2.css">' in page
    assert '<link rel="modulepreload" href="/static/dist/assets/signals-c3.js">' in page
    assert "ar-d4" not in page


def test_the_worker_is_told_each_file_of_the_recorder_with_its_hash_and_none_of_other_pages(
    browser: FlaskClient,
) -> None:
    response = browser.get("/sw.js")

    files = told_of(browser)["files"]
    assert response.mimetype == "text/javascript"
    assert response.headers["Cache-Control"] == "no-cache"
    assert response.text.endswith("/* the worker */")
    names = {re.sub(r"\?v=.*", "", name) for name in files}
    assert names == {
        "/recorder", "/manifest.webmanifest", "/static/icons/icon.svg", "/static/icons/apple-touch-icon.png",
        "/static/dist/assets/recorder-a1.js", "/static/dist/assets/recorder-b2.css", "/static/dist/assets/signals-c3.js",
        "/static/dist/assets/ar-d4.js",
    }  # fmt: skip


def test_each_file_that_the_worker_is_told_of_has_exactly_that_hash(browser: FlaskClient) -> None:
    for name, integrity in told_of(browser)["files"].items():
        response = browser.get(name)

        assert response.status_code == 200, name
        assert integrity == "sha256-" + base64.b64encode(hashlib.sha256(response.data).digest()).decode(), name


def test_the_version_changes_with_any_file_and_with_nothing_else(browser: FlaskClient, dist: Path) -> None:
    before = told_of(browser)["version"]
    assert told_of(browser)["version"] == before

    (dist / "assets" / "ar-d4.js").write_text("changed")
    changed = told_of(browser)["version"]
    (dist / "sw.js").write_text("/* another worker */")

    assert len({before, changed, told_of(browser)["version"]}) == 3


def test_built_files_are_kept_for_a_year_and_sent_packed(browser: FlaskClient) -> None:
    packed = browser.get("/static/dist/assets/recorder-a1.js", headers={"Accept-Encoding": "gzip, br"})
    plain = browser.get("/static/dist/assets/recorder-a1.js")

    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == plain.data == b"/* assets/recorder-a1.js */"
    assert packed.mimetype == plain.mimetype == "text/javascript"
    for response in (packed, plain):
        assert "max-age=31536000" in response.headers["Cache-Control"]
        assert "immutable" in response.headers["Cache-Control"]
        assert "Accept-Encoding" in response.headers["Vary"]


@pytest.mark.parametrize("name", ["manifest.json", "sw.js", "assets/../manifest.json", "assets/none.js"])
def test_nothing_else_of_the_build_is_served(browser: FlaskClient, name: str) -> None:
    assert browser.get(f"/static/dist/{name}").status_code == 404


def test_the_manifest_makes_an_app_of_the_recorder(browser: FlaskClient) -> None:
    response = browser.get("/manifest.webmanifest")

    app = json.loads(response.data)
    assert response.mimetype == "application/manifest+json"
    assert (app["start_url"], app["scope"], app["display"]) == ("/recorder", "/", "standalone")
    assert {(icon["sizes"], icon["purpose"]) for icon in app["icons"]} >= {
        ("192x192", "any"), ("512x512", "any"), ("192x192", "maskable"), ("512x512", "maskable"),
    }  # fmt: skip
    for icon in app["icons"]:
        assert browser.get(icon["src"]).mimetype == icon["type"]


def test_a_qr_code_leads_to_the_recorder(browser: FlaskClient) -> None:
    response = browser.get("/enrol")

    assert (response.status_code, response.headers["Location"]) == (302, "/recorder")


def test_a_file_that_did_not_change_is_not_sent_again(browser: FlaskClient) -> None:
    for name in ("/sw.js", "/recorder", "/manifest.webmanifest"):
        etag = browser.get(name).headers["ETag"]
        assert browser.get(name, headers={"If-None-Match": etag}).status_code == 304, name


def test_without_a_build_the_recorder_says_what_to_run(app: Flask, tmp_path: Path) -> None:
    app.config["CLIENT_DIST"] = str(tmp_path)
    response = app.test_client().get("/sw.js", headers={"Accept": "application/json"})

    assert response.status_code == 503
    assert response.get_json()["code"] == "client.not_built"
    assert "npm run build" in response.get_json()["remedy"]
