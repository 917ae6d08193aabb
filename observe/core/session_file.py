"""A session as a file, `observe-session/1` of docs/reference/log.md: read without touching a byte of its events."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import msgspec
from msgspec import Raw, Struct

from observe.core import digest
from observe.core.errors import Invalid
from observe.core.upload import Header, header_of


class NotASessionFile(Invalid):
    """A file that was given as a second copy of a session is none, or is not as it was saved."""

    code = "session_file.unreadable"
    sentence = "The file is not a session that the recorder has saved."
    remedy = "Save the second copy on the tablet again, and take the file as it is."


class _File(Struct):
    schema: Literal["observe-session/1"]
    header: Raw
    count: int
    digest: str
    events: list[Raw]


@dataclass(frozen=True, slots=True)
class SessionFile:
    """One session of a file: its header and events, word for word."""

    header: Header
    head: Raw
    events: Sequence[Raw]


_one = msgspec.json.Decoder(_File)
_several = msgspec.json.Decoder(list[_File])


def read(text: bytes) -> tuple[SessionFile, ...]:
    """The sessions of a file: one, or all of a tablet. One that was cut or changed since it was saved is refused."""
    try:
        text.decode("utf-8")
        found = _several.decode(text) if text.lstrip().startswith(b"[") else [_one.decode(text)]
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as problem:
        raise NotASessionFile(f"{NotASessionFile.sentence} {problem}") from problem
    return tuple(_whole(file) for file in found)


def _whole(file: _File) -> SessionFile:
    header = header_of(bytes(file.header))
    if header is None:
        raise NotASessionFile("The header of a session in the file cannot be read.")
    mark = digest.of_log(digest.of_event(bytes(event)) for event in file.events)
    if len(file.events) != file.count or mark != file.digest:
        raise NotASessionFile(f"Session {header.id} in the file is not as it was saved: it was cut or changed.")
    return SessionFile(header, file.header, file.events)


def written(header: str, events: Sequence[str]) -> str:
    """The text of a file, as the recorder writes it: header and events word for word, with their digest."""
    mark = digest.of_log(digest.of_event(each.encode()) for each in events)
    head = f'{{"schema":"observe-session/1","header":{header},"count":{len(events)},"digest":"{mark}","events":[\n'
    return head + ",\n".join(events) + "\n]}\n"
