"""What tells how fresh a record is and how long it lasts, read without the record itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from observe.store.sessions import coded_records


class Fresh(NamedTuple):
    """What a kept record was derived from, and when its session ended (ms from its start)."""

    marks: str
    software: str
    digest: str
    end_ms: int


def kept_digests(db: Session, session_ids: Sequence[str]) -> dict[str, Fresh]:
    """Of each session that has a record at all."""
    columns = [coded_records.c[name] for name in ("session", *Fresh._fields)]
    found: dict[str, Fresh] = {}
    for start in range(0, len(session_ids), 500):
        query = sa.select(*columns).where(coded_records.c.session.in_(session_ids[start : start + 500]))
        found |= {row[0]: Fresh(*row[1:]) for row in db.execute(query)}
    return found
