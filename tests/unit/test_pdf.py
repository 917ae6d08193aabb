"""A PDF holds the words that it was given, and fetches nothing."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from pypdf import PdfReader

from observe.documents.pdf import pdf_of


def words_of(data: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(data)).pages)


@pytest.fixture
def listener() -> Iterator[tuple[str, list[str]]]:
    """A server on loopback that notes who asks it for anything."""
    asked: list[str] = []

    class Noting(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"body { display: none }")

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Noting)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()


def test_the_words_are_there_as_text_in_any_script() -> None:
    said = words_of(pdf_of("<html lang=en><title>T</title><h1>Ça va, Łódź?</h1><p>Πώς είσαι</p></html>"))

    assert "Ça va, Łódź?" in said
    assert "Πώς είσαι" in said


def test_nothing_is_fetched_from_the_disk(tmp_path: Path) -> None:
    secret = tmp_path / "secret.css"
    secret.write_text("p::after { content: 'SECRET' }")
    secret_text = tmp_path / "secret.txt"
    secret_text.write_text("SECRET")
    html = f"""<link rel=stylesheet href="file://{secret}"><link rel=attachment href="file://{secret_text}">
      <style>@import url("file://{secret}");</style><p>plain</p><img src="file://{secret_text}"><object data="file://{secret_text}"></object>"""

    made = pdf_of(html)

    assert "SECRET" not in words_of(made)
    assert b"SECRET" not in made
    assert not PdfReader(io.BytesIO(made)).attachments


def test_nothing_is_fetched_from_the_network(listener: tuple[str, list[str]]) -> None:
    address, asked = listener
    pdf_of(
        f"""<link rel=stylesheet href="{address}/a.css"><style>@import url("{address}/b.css"); p {{ background: url({address}/c.png) }}
        @font-face {{ font-family: x; src: url({address}/d.woff) }} p {{ font-family: x }}</style><p>plain</p><img src="{address}/e.png">
        <svg><image href="{address}/f.png"/></svg>"""
    )

    assert asked == []


def test_what_is_handed_in_by_name_is_used() -> None:
    made = pdf_of(
        '<p>a</p><link rel=stylesheet href="asset:///x.css">',
        assets={"x.css": b"p::after { content: 'from the asset' }"},
    )

    assert "from the asset" in words_of(made)
