"""PDF from a page's HTML. Nothing is fetched but what is handed in by name: no file, no network, no redirect."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from mimetypes import guess_type
from threading import get_ident
from typing import Any

from weasyprint import CSS, HTML, __version__
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher, URLFetcherResponse

BASE = "asset:///"

PRINT = """
@page { size: A4; margin: 20mm 18mm 22mm; @bottom-right { content: counter(page) " / " counter(pages); font: 9pt "DejaVu Sans", sans-serif; color: #555 }
        @bottom-left { content: string(title); font: 9pt "DejaVu Sans", sans-serif; color: #555 } }
html { font: 10pt/1.45 "DejaVu Sans", "Noto Sans", "Liberation Sans", sans-serif; color: #111 }
h1 { string-set: title content(); font-size: 18pt; line-height: 1.2; margin: 0 0 4mm } h2 { font-size: 13pt; margin: 8mm 0 2mm } h3 { font-size: 11pt; margin: 5mm 0 1mm }
h1, h2, h3, h4 { break-after: avoid } .keep, figure, tr { break-inside: avoid }
table { border-collapse: collapse; width: 100%; font-size: 9pt } th, td { border-bottom: .3pt solid #999; padding: 1.2mm 2mm; text-align: left; vertical-align: top }
thead { display: table-header-group } td.number, th.number { text-align: right } svg { max-width: 100%; height: auto }
.quiet { color: #555 } .only-screen { display: none } dl.facts { display: block } dt { font-weight: bold } dd { margin: 0 0 2mm 0 } a { color: inherit; text-decoration: none }
.table-wide table { font-size: 7pt } .table-wide th, .table-wide td { padding: 1mm } .table-wide--same tr > :nth-child(2) { display: none } .keep-next { break-after: avoid } .note { font-weight: normal }
.dissent { border-left: 2mm solid #a05a00; padding-left: 4mm }
.quote { border-left: 1mm solid #1d5c56; padding-left: 4mm; font-size: 11.5pt } .tag { border: .3pt solid #777; border-radius: 2mm; padding: 0 1.5mm; font-size: 8.5pt; white-space: nowrap }
summary { display: block; font-weight: bold; margin: 3mm 0 1mm } .key-figures > div { display: inline-block; vertical-align: top; margin-right: 7mm } .side > ol { list-style: none; padding: 0 } .side li p { margin: 2mm 0 0 }
.evidence__moments { list-style: none; margin: 0; padding: 0; font-size: 8.5pt; color: #555 } .evidence__moments li { display: inline; margin-right: 3mm }
"""


class Closed(URLFetcher):  # type: ignore[misc]
    """Gives what was handed in under `asset:///name`, and refuses everything else."""

    def __init__(self, assets: Mapping[str, bytes]) -> None:
        super().__init__(allowed_protocols=("asset",), allow_redirects=False)
        self.assets = dict(assets)

    def fetch(self, url: str, headers: Any = None) -> Any:
        name = url.removeprefix(BASE)
        if not url.startswith(BASE) or name not in self.assets:
            raise ValueError("A document fetches nothing from outside.")
        kind = guess_type(name)[0] or "application/octet-stream"
        return URLFetcherResponse(url, self.assets[name], {"Content-Type": kind})


Step = Callable[[float, str], None]
"""is told how far it is, from 0 to 1, with words; what it raises ends the work"""


def unheard(share: float, words: str) -> None:
    """Where nobody wants to know how far it is."""


def pdf_of(html: str, *, assets: Mapping[str, bytes] | None = None, step: Step = unheard) -> bytes:
    """The HTML set on A4 pages with the house's print style. Text stays text, with the document's title and language."""
    fetcher, fonts = Closed(assets or {}), FontConfiguration()
    with heard_by(step):
        style = CSS(string=PRINT, url_fetcher=fetcher, font_config=fonts, base_url=BASE)
        document = HTML(string=html, base_url=BASE, url_fetcher=fetcher)
        made: bytes = document.write_pdf(stylesheets=[style], font_config=fonts, pdf_tags=True)
    return made


def mark_of(html: str) -> str:
    """One hash of everything that a PDF is made from: the same mark, the same file."""
    return hashlib.sha256("\n".join((__version__, PRINT, html)).encode()).hexdigest()


progress = logging.getLogger("weasyprint.progress")
progress.setLevel(logging.INFO)
progress.propagate = False
"""what WeasyPrint says of its steps is for whoever waits, not for the server's log"""


class Listener(logging.Handler):
    """Hears what is done in one thread. How many pages there will be is not known, so the bar nears its end and waits."""

    def __init__(self, step: Step) -> None:
        super().__init__()
        self.step, self.thread, self.share = step, get_ident(), 0.0

    def emit(self, record: logging.LogRecord) -> None:
        if record.thread != self.thread:
            return
        said = record.getMessage()
        page = said.rpartition(" - Page ")[2].partition(" ")[0]
        if page.isdecimal():
            share, words = 0.1 + 0.7 * int(page) / (int(page) + 8), f"Setting page {page}"
        elif said.startswith(("Step 6", "Step 7")):
            share, words = 0.85, "Writing the file"
        else:
            share, words = 0.05, "Reading the page"
        self.share = max(self.share, share)
        self.step(self.share, words)


@contextmanager
def heard_by(step: Step) -> Iterator[None]:
    """Tell how far it is while this is done."""
    listener = Listener(step)
    progress.addHandler(listener)
    try:
        yield
    finally:
        progress.removeHandler(listener)
