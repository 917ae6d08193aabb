"""F33: two hundred tablets come back at once, and the server dies in the middle of it: no loss, everybody is served."""

from __future__ import annotations

import base64
import hashlib
import http.client
import json
import random
import threading
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.orm import Session

from observe.store import base, studies
from tests.factories.field import enrol
from tests.factories.uploads import Row, envelope, event, some_id
from tests.integration.test_sync_races import Site

TABLETS = 200
BATCHES, STEP = 2, 40


class Returning(threading.Thread):
    """A tablet with taps of its own, which waits as the recorder does: twice as long each time, and as it is asked to."""

    def __init__(self, site: Site, number: int, device: str, gate: threading.Barrier) -> None:
        super().__init__()
        self.site, self.gate, self.chance = site, gate, random.Random(number)
        self.token = f"lectures storm {number}"
        self.session = some_id("storm", number)
        self.header = site.field.header(self.session, **{**site.given, "device": device})
        self.log: list[Row] = [
            event(self.session, n, "start" if n > 1 else "open", n * 10, code="LT")
            for n in range(1, BATCHES * STEP + 1)
        ]
        self.stored_to = 0
        self.answers: Counter[str] = Counter()

    def run(self) -> None:
        self.gate.wait()
        failures = 0
        while self.stored_to < len(self.log):
            wait = self.send()
            failures = 0 if wait == 0 else failures + 1
            if wait:
                time.sleep(max(wait, 0.2 * 2 ** min(failures - 1, 5) * (0.5 + self.chance.random())))

    def send(self) -> float:
        """One batch from where the server is; for how long the server asks to wait, or a moment where it cannot be asked."""
        rows = self.log[self.stored_to : self.stored_to + STEP]
        body = json.dumps(envelope((self.header, rows), count=len(self.log))).encode()
        mark = base64.b64encode(hashlib.sha256(body).digest()).decode()
        connection = http.client.HTTPConnection("127.0.0.1", self.site.port, timeout=120)
        try:
            connection.request(
                "POST", "/api/v1/sync", body,
                {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json",
                 "Content-Digest": f"sha-256=:{mark}:"},
            )  # fmt: skip
            reply = connection.getresponse()
            answer = json.loads(reply.read())
        except (OSError, http.client.HTTPException, ValueError):
            self.answers["unreachable"] += 1
            return 0.01
        finally:
            connection.close()
        self.answers[str(reply.status)] += 1
        if reply.status != 200:
            return float(reply.headers["Retry-After"])
        self.stored_to = answer["sessions"][0]["stored_to"]
        return 0


def enrolled(site: Site) -> list[str]:
    engine = sa.create_engine(f"sqlite:///{site.path}")
    base.prepare(engine)
    with Session(engine, expire_on_commit=False) as db:
        study = studies.by_slug(db, "lectures")
        assert study is not None
        devices = [enrol(db, study, datetime.now(UTC), f"storm {number}") for number in range(TABLETS)]
    engine.dispose()
    return devices


def test_two_hundred_tablets_at_once_are_all_served_and_nothing_is_lost_though_the_server_dies(
    tmp_path: Path,
) -> None:
    site = Site(tmp_path)
    gate = threading.Barrier(TABLETS)
    tablets = [Returning(site, number, device, gate) for number, device in enumerate(enrolled(site))]
    site.start()
    try:
        for tablet in tablets:
            tablet.start()
        while sum(tablet.stored_to > 0 for tablet in tablets) < TABLETS // 2:
            assert any(tablet.is_alive() for tablet in tablets)
            time.sleep(0.01)
        site.kill()
        acknowledged = {tablet.session: tablet.stored_to for tablet in tablets}
        there = {tablet.session: len(site.rows(tablet.session)) for tablet in tablets}
        site.start()
        for tablet in tablets:
            tablet.join()
    finally:
        site.kill()

    assert all(there[session] >= upto and there[session] % STEP == 0 for session, upto in acknowledged.items())
    assert site.whole() == "ok"
    for tablet in tablets:
        assert site.rows(tablet.session) == [json.dumps(row) for row in tablet.log]
    assert {status for tablet in tablets for status in tablet.answers} <= {"200", "503", "unreachable"}
    assert max(tablet.answers["200"] for tablet in tablets) <= BATCHES + 1  # one answer may be lost in the kill
    assert max(tablet.answers["503"] for tablet in tablets) <= 3
