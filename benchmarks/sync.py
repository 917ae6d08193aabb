"""Storing what tablets send: batches of 500 from 8 tablets, single taps from 32, and 200 tablets that come back at once
with 100 events each, beside raw SQLite in the same run.

    python -m benchmarks.sync [events per tablet]

The limit is the same rows put into the same table by sqlite3's own `executemany`, flushed after each batch of 500,
in one process that does nothing else. Ours is a real server: HTTP, digests, judging, and an answer for every event.
"""

from __future__ import annotations

import base64
import hashlib
import http.client
import json
import os
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.orm import Session

from observe.store import base, migrating
from tests.factories.field import a_field
from tests.factories.people import a_cast
from tests.factories.uploads import envelope, event

ROOT = Path(__file__).resolve().parents[1]
BATCH = 500
TABLETS, TAPPING, STORM = 8, 32, 200
BACKLOG = 100


def seven(k: int) -> str:
    """A UUIDv7 as tablets make them: rising with time."""
    head = (1_700_000_000_000 + k * 300) << 80
    return str(uuid.UUID(int=head | 0x7 << 76 | (uuid.uuid4().int & ((1 << 76) - 1)) & ~(0b11 << 62) | 0b10 << 62))


def prepared(folder: Path, tablets: int) -> tuple[str, list[dict[str, object]]]:
    """A migrated database with people, a framework and one tablet; a header for each session."""
    url = f"sqlite:///{folder / 'observe.sqlite3'}"
    engine = sa.create_engine(url)
    migrating.upgrade(engine)
    base.prepare(engine)
    with Session(engine, expire_on_commit=False) as db:
        now = datetime.now(UTC)
        cast = a_cast(db, now)
        field = a_field(db, cast.study, cast.owen, now)
        headers = [field.header(seven(k)) for k in range(tablets)]
    engine.dispose()
    return url, headers


def rows_of(session: str, count: int) -> list[dict[str, object]]:
    codes = ("LT", "LQ", "SR", "LR")
    rows = [event(session, k + 1, "start" if k else "open", k * 700, code=codes[k % 4]) for k in range(count)]
    return [{**row, "id": seven(k)} for k, row in enumerate(rows)]


def request_of(header: dict[str, object], rows: list[dict[str, object]]) -> tuple[bytes, dict[str, str]]:
    body = json.dumps(envelope((header, rows), count=len(rows)), separators=(",", ":")).encode()
    mark = base64.b64encode(hashlib.sha256(body).digest()).decode()
    return body, {
        "Authorization": "Bearer lectures tablet",
        "Content-Type": "application/json",
        "Content-Digest": f"sha-256=:{mark}:",
    }


class Server:
    """gunicorn with eight threads on a free port."""

    def __init__(self, url: str, folder: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        env = {**os.environ, "OBSERVE_DATABASE_URL": url, "OBSERVE_VAR": str(folder), "OBSERVE_LOG_LEVEL": "WARNING",
               "OBSERVE_SECRET_KEY": "benchmark"}  # fmt: skip
        words = [sys.executable, "-m", "gunicorn", "wsgi:app", "--bind", f"127.0.0.1:{self.port}", "--workers", "1",
                 "--threads", "8", "--worker-class", "gthread", "--log-level", "warning"]  # fmt: skip
        self.process = subprocess.Popen(words, cwd=ROOT, env=env)
        for _ in range(200):
            try:
                connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
                connection.request("GET", "/api/v1/hello")
                if connection.getresponse().status == 200:
                    return
            except OSError:
                time.sleep(0.1)
        raise RuntimeError("the server did not answer")

    def cpu(self) -> float:
        """CPU seconds of the server's processes so far."""
        total = 0
        for pid in [self.process.pid, *children(self.process.pid)]:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            total += int(fields[11]) + int(fields[12])
        return total / os.sysconf("SC_CLK_TCK")

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait()


def children(pid: int) -> list[int]:
    return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def drive(port: int, queues: list[list[tuple[bytes, dict[str, str]]]]) -> tuple[float, list[float]]:
    """Every queue by a client of its own, one request after the other; wall seconds and each request's ms."""
    took: list[float] = []
    wrong: list[str] = []

    def client(queue: list[tuple[bytes, dict[str, str]]]) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        connection.connect()
        connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for body, headers in queue:
            begun = time.perf_counter()
            connection.request("POST", "/api/v1/sync", body, headers)
            reply = connection.getresponse()
            words = reply.read()
            took.append((time.perf_counter() - begun) * 1000)
            if reply.status != 200 or b'"later"' in words or b'"aside"' in words:
                wrong.append(words[:300].decode())

    threads = [threading.Thread(target=client, args=(queue,)) for queue in queues]
    begun = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong, wrong[0]
    return time.perf_counter() - begun, took


def raw(folder: Path, logs: list[list[dict[str, object]]]) -> float:
    """Events per second of sqlite3 alone: the same rows, the same table, a flush after each batch."""
    path = folder / "raw.sqlite3"
    engine = sa.create_engine(f"sqlite:///{path}")
    migrating.upgrade(engine)
    engine.dispose()
    database = sqlite3.connect(path, isolation_level=None)
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "secure_delete = ON"):
        database.execute(f"PRAGMA {pragma}")
    prepared = [
        [(k + 1, r["seq"], r["id"], r["at"], r["kind"], json.dumps(r), b"x" * 32, 0) for r in rows]
        for k, rows in enumerate(logs)
    ]
    begun, count = time.perf_counter(), 0
    for start in range(0, len(prepared[0]), BATCH):
        for rows in prepared:
            database.execute("BEGIN IMMEDIATE")
            database.executemany("INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows[start : start + BATCH])
            database.execute("COMMIT")
            count += len(rows[start : start + BATCH])
    return count / (time.perf_counter() - begun)


def percentile(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def main() -> None:
    each = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    with tempfile.TemporaryDirectory(prefix="observe-bench-") as name:
        folder = Path(name)
        url, headers = prepared(folder, TABLETS + TAPPING + STORM)
        logs = [rows_of(str(header["id"]), each) for header in headers[:TABLETS]]
        queues = [
            [request_of(header, rows[start : start + BATCH]) for start in range(0, each, BATCH)]
            for header, rows in zip(headers[:TABLETS], logs, strict=True)
        ]
        taps = [
            [request_of(header, [row]) for row in rows_of(str(header["id"]), 60)]
            for header in headers[TABLETS : TABLETS + TAPPING]
        ]
        storm = [[request_of(header, rows_of(str(header["id"]), BACKLOG))] for header in headers[-STORM:]]
        before = raw(folder, logs)
        server = Server(url, folder)
        try:
            drive(server.port, [queue[:1] for queue in queues])  # warm
            cpu = server.cpu()
            wall, took = drive(server.port, [queue[1:] for queue in queues])
            cpu = server.cpu() - cpu
            count = TABLETS * (each - BATCH)
            tap_cpu = server.cpu()
            tap_wall, tap_took = drive(server.port, taps)
            tap_cpu = server.cpu() - tap_cpu
            storm_wall, storm_took = drive(server.port, storm)
        finally:
            server.stop()
        after = raw_again(folder, logs)
    limit = (before + after) / 2
    print(f"{'what':<44}{'per second':>12}{'p50 ms':>9}{'p99 ms':>9}{'CPU':>14}")
    print(f"{'raw sqlite3, batches of 500 (before)':<44}{before:>12,.0f}")
    print(f"{'raw sqlite3, batches of 500 (after)':<44}{after:>12,.0f}")
    print(f"{f'batches of 500, {TABLETS} tablets: events':<44}{count / wall:>12,.0f}{percentile(took, .5):>9.1f}"
          f"{percentile(took, .99):>9.1f}{cpu / count * 1e6:>8.1f} µs/event")  # fmt: skip
    print(f"{'single taps, 32 tablets: requests':<44}{len(tap_took) / tap_wall:>12,.0f}{percentile(tap_took, .5):>9.1f}"
          f"{percentile(tap_took, .99):>9.1f}{tap_cpu / len(tap_took) * 1e3:>9.2f} ms/tap")  # fmt: skip
    print(f"{f'{STORM} tablets at once, {BACKLOG} each: events':<44}{STORM * BACKLOG / storm_wall:>12,.0f}"
          f"{percentile(storm_took, .5):>9.1f}{percentile(storm_took, .99):>9.1f}{storm_wall:>8.1f} s in all")  # fmt: skip
    print(f"ratio to raw: {count / wall / limit:.2f} (target 0.50)")


def raw_again(folder: Path, logs: list[list[dict[str, object]]]) -> float:
    (folder / "raw.sqlite3").unlink()
    return raw(folder, logs)


if __name__ == "__main__":
    main()
