"""The power goes in the middle of a write: the write-ahead log is cut, half-written or damaged at any byte.

Whatever is left of it, the database opens with exactly the batches that stand whole before the damage, and sending all
of them again heals the rest. The files are those of a database after real uploads, copied and then broken.
"""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from observe.actions import sessions
from observe.actions.sessions import Received, Sender
from observe.core import chain
from observe.store import audit, base, migrating
from tests.factories.field import Field, a_field
from tests.factories.people import a_cast
from tests.factories.uploads import Row, envelope, event, read, some_id

NOW = datetime(2026, 3, 4, 9, 0, tzinfo=UTC)
HEADER = 32  # bytes at the beginning of a write-ahead log
FRAME = 24 + 4096  # a page with its own header
LOGS = [some_id("cut", k) for k in range(3)]
LENGTH, STEP = 30, 6
MALFORMED = (LOGS[2], 14)

State = dict[str, list[tuple[object, ...]]]
Batch = tuple[str, list[Row]]


def row_of(session: str, n: int) -> Row:
    if (session, n) == MALFORMED:
        return event(session, n, "start", n * 10)  # without a code: kept aside in its place
    if n % 5 == 0:
        return event(session, n, "note", n * 10, text="seen from the window " * 100)  # so that a batch takes pages
    return event(session, n, "start" if n > 1 else "open", n * 10, code="LT")


def batches() -> list[Batch]:
    """Three tablets in turn; each session begins in one batch and grows in the next ones."""
    starts = range(1, LENGTH + 1, STEP)
    return [(session, [row_of(session, first + n) for n in range(STEP)]) for first in starts for session in LOGS]


def state_of(path: Path) -> State:
    """Every row of every table, once the database has put itself right."""
    with closing(sqlite3.connect(path)) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert database.execute("PRAGMA foreign_key_check").fetchall() == []
        names = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {name: database.execute(f"SELECT * FROM {name}").fetchall() for name in sorted(names)}


def written(wal: bytes) -> int:
    """How many bytes of a log belong to its present use; what stands behind them is left from the use before."""
    end = HEADER
    while end + FRAME <= len(wal) and wal[end + 8 : end + 16] == wal[16:24]:
        end += FRAME
    return end if len(wal) >= HEADER else 0


def opened(path: Path) -> sa.Engine:
    """As the application opens it, but the log is never written back by itself, so that all of it can be cut."""
    engine = sa.create_engine(f"sqlite:///{path}", poolclass=sa.pool.StaticPool)
    base.prepare(engine)
    sa.event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA wal_autocheckpoint = 0"))
    return engine


def write_back(engine: sa.Engine, how: str) -> None:
    """Bring the log into the main file; RESTART leaves its bytes to be written over, TRUNCATE removes them."""
    with closing(sqlite3.connect(str(engine.url.database))) as other:
        assert other.execute(f"PRAGMA wal_checkpoint({how})").fetchone()[0] == 0


def receive(db: Session, given: Field, session: str, rows: Sequence[Row]) -> Received:
    upload = read(
        envelope((given.header(session), rows), count=len(rows), request=some_id(session, rows[0]["seq"]))
    )
    [answer] = sessions.receive(db, Sender(given.device, given.study.id, True), upload, now=NOW)
    return answer


@dataclass
class Taken:
    """A database that took batches in: its main file, and after each batch its log and all its rows."""

    folder: Path
    given: Field
    main: bytes
    left: bytes
    """what stands in the log from its use before"""
    logs: list[bytes] = field(default_factory=list)
    states: list[State] = field(default_factory=list)
    written_back: bytes = b""
    """the main file once all of the log has been brought into it"""

    @property
    def ends(self) -> list[int]:
        """Where in the log each batch ends."""
        return [written(log) for log in self.logs]

    def whole_in(self, wal: bytes) -> int:
        """How many batches stand in this log with every byte up to their end as it was written."""
        return sum(1 for end in self.ends if wal[:end] == self.logs[-1][:end])

    def must_be(self, wal: bytes) -> State:
        return self.states[self.whole_in(wal)]

    def cut(self, size: int) -> bytes:
        """The log when writing had come to this byte: behind it stands what had been there before, or nothing."""
        return self.logs[-1][:size] + self.left[size:]

    def found(self, wal: bytes, main: bytes | None = None) -> Path:
        """The database as it is found after the accident."""
        for old in self.folder.glob("found*"):
            old.unlink()
        self.path.write_bytes(main or self.main)
        self.path.with_name(self.path.name + "-wal").write_bytes(wal)
        return self.path

    @property
    def path(self) -> Path:
        return self.folder / "found.sqlite3"

    def sizes(self, number: int) -> list[int]:
        """The edges of the header, of each batch and of pages, with the bytes beside them, and others by chance."""
        end, chance = self.ends[-1], random.Random(7)
        pages = chance.sample(range(HEADER, end, FRAME), 20)
        edges = {edge + k for edge in (HEADER, *self.ends, *pages) for k in (-1, 0, 1)}
        return sorted({0, 1, *(e for e in edges if e <= end), *(chance.randrange(end) for _ in range(number))})


@pytest.fixture(scope="module", params=["a new log", "a log that is written over"])
def taken(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Taken]:
    folder = tmp_path_factory.mktemp("cut")
    path = folder / "observe.sqlite3"
    wal = path.with_name(path.name + "-wal")
    engine = opened(path)
    migrating.upgrade(engine)
    with Session(engine, expire_on_commit=False) as db:
        cast = a_cast(db, NOW)
        given = a_field(db, cast.study, cast.owen, NOW)
        db.rollback()
        if request.param == "a new log":
            write_back(engine, "TRUNCATE")
        else:
            for session in ("before", "and before"):
                receive(db, given, some_id(session), [row_of(session, n) for n in range(1, 601)])
            db.rollback()
            write_back(engine, "RESTART")
        made = Taken(folder, given, path.read_bytes(), wal.read_bytes())
        made.states.append(state_of(made.found(made.left)))
        for session, rows in batches():
            assert receive(db, given, session, rows).stored_to == rows[-1]["seq"]
            db.rollback()
            made.logs.append(wal.read_bytes())
            made.states.append(state_of(made.found(made.logs[-1])))
        write_back(engine, "PASSIVE")
        made.written_back = path.read_bytes()
        yield made
    engine.dispose()


def test_each_batch_is_in_the_log_when_it_is_acknowledged(taken):
    events = [len(state["events"]) for state in taken.states]

    assert events[0] in {0, 1200}
    assert [count - events[0] for count in events] == [*range(0, 54, 6), 53, *range(59, 90, 6)]
    assert len(taken.states[-1]["held"]) == 1
    assert taken.ends == sorted(set(taken.ends))
    assert (len(taken.left) > taken.ends[-1]) == (events[0] == 1200)


def test_a_log_that_is_cut_at_any_byte_leaves_exactly_the_batches_before_it(taken):
    for size in taken.sizes(150):
        wal = taken.cut(size)
        assert state_of(taken.found(wal)) == taken.must_be(wal), size


def test_a_damaged_byte_leaves_exactly_the_batches_before_it(taken):
    chance = random.Random(8)
    for place in [*range(HEADER), *(chance.randrange(HEADER, taken.ends[-1]) for _ in range(80))]:
        wal = bytearray(taken.logs[-1])
        wal[place] ^= 1 << chance.randrange(8)
        assert state_of(taken.found(bytes(wal))) == taken.must_be(wal), place


@pytest.mark.parametrize("rubbish", [b"\0", b"\xff", b"SQLite format 3\0"])
def test_rubbish_where_the_writing_had_not_come_yet_is_not_taken_for_batches(taken, rubbish):
    length = len(taken.logs[-1])
    for size in random.Random(11).sample(taken.sizes(0), 20):
        wal = taken.logs[-1][:size] + (rubbish * length)[: length - size]
        assert state_of(taken.found(wal)) == taken.must_be(wal), size


def test_a_log_that_was_being_written_back_is_written_back_again(taken):
    chance = random.Random(9)
    final = taken.states[-1]
    for _ in range(20):
        main = bytearray(taken.written_back)
        for sector in range(0, len(main), 512):
            if chance.random() < 0.5:
                main[sector : sector + 512] = taken.main[sector : sector + 512].ljust(512, b"\0")
        assert state_of(taken.found(taken.logs[-1], bytes(main))) == final


def test_sending_everything_again_heals_whatever_was_cut_off(taken):
    for size in [0, *random.Random(10).sample(taken.sizes(50), 8), taken.ends[-1] - 1]:
        wal = taken.cut(size)
        there = taken.whole_in(wal)
        engine = opened(taken.found(wal))
        with Session(engine, expire_on_commit=False) as db:
            became = []
            for session, rows in batches():
                answer = receive(db, taken.given, session, rows)
                assert answer.stored_to >= rows[-1]["seq"]
                became.append({one.became for one in answer.outcomes} - {"aside"})
            faults = list(chain.faults(audit.links(db)))
        engine.dispose()
        assert became == [{"have"}] * there + [{"stored"}] * (len(taken.ends) - there)
        assert faults == []
        assert state_of(taken.path) == taken.states[-1]
