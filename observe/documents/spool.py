"""Files that have to be whole before they can be sent: written to disk, handed out in pieces, gone afterwards."""

from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import IO

CHUNK = 1 << 16
Named = Iterable[tuple[str, bytes | Path]]


def spooled(write: Callable[[IO[bytes]], None]) -> Iterator[bytes]:
    """What was written, piece by piece; memory holds one piece."""
    with tempfile.TemporaryFile(prefix="observe-export-") as file:
        write(file)
        file.seek(0)
        while piece := file.read(CHUNK):
            yield piece


def zipped(files: Named, made: datetime, *, packed: bool = True) -> Iterator[bytes]:
    """Files in a zip, dated by the export. Not `packed` for those that are compressed already."""
    kind = zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED

    def write(out: IO[bytes]) -> None:
        with zipfile.ZipFile(out, "w", kind) as archive:
            for name, data in files:
                info = zipfile.ZipInfo(name, made.timetuple()[:6])
                info.compress_type = kind
                archive.writestr(info, data if isinstance(data, bytes) else data.read_bytes())

    return spooled(write)


def storable(text: str) -> str:
    """Text without the control characters that neither XML nor a spreadsheet can hold; each is shown as �."""
    return "".join(
        "\ufffd" if (ord(sign) < 32 and sign not in "\t\n\r") or sign in "\ufffe\uffff" else sign for sign in text
    )
