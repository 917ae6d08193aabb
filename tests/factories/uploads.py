"""What a tablet would send: headers, events and envelopes, with ids that can be told apart."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Sequence
from typing import Any

from observe.core import upload

Row = dict[str, Any]


def some_id(*parts: object) -> str:
    """The same id for the same parts; UUIDv7 in shape."""
    words = uuid.uuid5(uuid.NAMESPACE_OID, "/".join(map(str, parts))).hex
    return str(uuid.UUID(hex=f"{words[:12]}7{words[13:16]}8{words[17:]}"))


def header(session: str, *, study: int, framework: str, observer: int, device: str, **more: Any) -> Row:
    """A session header with everything that is needed, and what is given over it."""
    return {
        "id": session, "study": study, "framework": framework, "observer": observer, "device": device,
        "purpose": "field", "happening": None, "setting": None, "subjects": [], "variables": {}, "consent": "stated",
        "started": 1_700_000_000_000, "offset": 0, "zone": "Europe/London", "app": "test", "planned_ms": None, **more,
    }  # fmt: skip


def event(session: str, seq: int, kind: str, at: int, **fields: Any) -> Row:
    """One event with plausible clocks."""
    return {
        "id": some_id(session, seq), "seq": seq, "at": at, "mono": at + 0.5, "wall": 1_700_000_000_000 + at,
        "offset": 0, "zone": "Europe/London", "boot": some_id("boot", session), "kind": kind, **fields,
    }  # fmt: skip


def talk(session: str, codes: Sequence[str], *, step: int = 1000) -> list[Row]:
    """A whole session in which one state follows the other, `step` ms each."""
    rows = [event(session, 1, "open", 0)]
    rows += [event(session, k + 2, "start", k * step, code=code) for k, code in enumerate(codes)]
    return [*rows, event(session, len(codes) + 2, "end", len(codes) * step, count=len(codes) + 2)]


def envelope(*parts: tuple[Row, Iterable[Row]], request: str = "", count: int | None = None) -> Row:
    """The body of a sync request."""
    return {
        "observe": 1, "request": request or str(uuid.uuid4()), "app": "test", "sent": 0,
        "sessions": [{"header": head, "events": list(rows), "count": count} for head, rows in parts],
    }  # fmt: skip


def read(body: Row) -> upload.Upload:
    """As the server reads it."""
    return upload.read(json.dumps(body).encode())
