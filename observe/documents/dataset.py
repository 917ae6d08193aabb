"""An exported dataset, read again: the zip that `package` writes, or a folder of the same files."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from observe.documents.tables import read_csv

MAX_BYTES = 1 << 30
MAX_RATIO = 200
NEEDED = ("sessions.csv", "events.csv")


class NotADataset(ValueError):
    """The file is not a dataset of ours, or unpacks to more than is taken."""


@dataclass(frozen=True, slots=True)
class Read:
    """The files of a dataset by name, as text."""

    files: Mapping[str, str]

    def rows(self, table: str) -> Iterator[dict[str, str]]:
        return read_csv(self.files.get(f"{table}.csv", ""))

    def frameworks(self) -> dict[str, str]:
        """Framework documents by hash, word for word."""
        return {
            name.removeprefix("frameworks/").removesuffix(".json"): text
            for name, text in self.files.items()
            if name.startswith("frameworks/") and name.endswith(".json")
        }


def read(data: bytes) -> Read:
    """The text files of a zip; sizes are judged before anything is unpacked."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            infos = archive.infolist()
            whole = sum(info.file_size for info in infos)
            if whole > MAX_BYTES or whole > MAX_RATIO * max(1, len(data)) or len(infos) > 1000:
                raise NotADataset("The file unpacks to more than is taken.")
            names = [info for info in infos if info.filename.endswith((".csv", ".json"))]
            found = Read({info.filename: archive.read(info).decode("utf-8") for info in names})
    except (zipfile.BadZipFile, UnicodeDecodeError, NotImplementedError, RuntimeError) as problem:
        raise NotADataset("The file is not a zip of UTF-8 tables.") from problem
    if missing := [name for name in NEEDED if name not in found.files]:
        raise NotADataset(f"The file has no {' and no '.join(missing)}.")
    return found
