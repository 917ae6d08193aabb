"""A PostgreSQL server of the tests' own: made in a temporary folder, on a free port, and gone afterwards."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest


def binaries() -> Path:
    """Where PostgreSQL's programs are, or a skipped test that says so."""
    found = shutil.which("initdb")
    folders = [Path(found).resolve().parent] if found else []
    folders += sorted(
        Path("/usr/lib/postgresql").glob("*/bin"), key=lambda one: float(one.parent.name), reverse=True
    )
    folders = [one for one in folders if (one / "initdb").exists() and (one / "pg_ctl").exists()]
    if not folders:
        pytest.skip("PostgreSQL's server programs (initdb, pg_ctl) are not on this machine")
    return folders[0]


def owner() -> tuple[int, int] | None:
    """PostgreSQL refuses to run as root: the account it runs as then."""
    if os.geteuid() != 0:
        return None
    try:
        account = pwd.getpwnam("postgres")
    except KeyError:
        pytest.skip("the tests run as root and there is no account postgres for the server")
    return account.pw_uid, account.pw_gid


@dataclass(frozen=True, slots=True)
class Cluster:
    """One server. `url` is of its database postgres, whose user may create others."""

    programs: Path
    folder: Path
    port: int
    owner: tuple[int, int] | None

    @property
    def url(self) -> str:
        return f"postgresql+psycopg://observe@127.0.0.1:{self.port}/postgres"

    def run(self, program: str, *words: str) -> None:
        """One of its programs, as the account that owns the data."""
        as_owner = {"user": self.owner[0], "group": self.owner[1], "extra_groups": []} if self.owner else {}
        subprocess.run(
            [str(self.programs / program), *words], check=True, cwd=self.folder, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, timeout=120, **as_owner,  # type: ignore[call-overload]
        )  # fmt: skip

    def start(self) -> None:
        options = f"-p {self.port} -k {self.folder} -c listen_addresses=127.0.0.1"
        self.run(
            "pg_ctl",
            "-D",
            str(self.folder / "data"),
            "-w",
            "-t",
            "90",
            "-l",
            str(self.folder / "log"),
            "-o",
            options,
            "start",
        )

    def stop_hard(self) -> None:
        """As when the power goes: no goodbye to anyone, and recovery at the next start."""
        self.run("pg_ctl", "-D", str(self.folder / "data"), "-w", "-m", "immediate", "stop")


@contextmanager
def cluster() -> Iterator[Cluster]:
    """A running server that nobody else knows of."""
    programs, account = binaries(), owner()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    folder = Path(tempfile.mkdtemp(prefix="observe-pg-", dir="/tmp"))
    if account:
        os.chown(folder, *account)
    made = Cluster(programs, folder, port, account)
    try:
        made.run(
            "initdb", "-D", str(folder / "data"), "-U", "observe", "-A", "trust", "-E", "UTF8", "--locale=C", "-N"
        )
        made.start()
        yield made
    finally:
        if (folder / "data" / "postmaster.pid").exists():
            made.stop_hard()
            time.sleep(0.2)
        shutil.rmtree(folder, ignore_errors=True)
