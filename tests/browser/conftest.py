"""A real server that tests may kill, and a tablet whose browser tests may kill."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, Playwright, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_MS = 30_000
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--no-first-run", "--disable-quic",
]  # fmt: skip
PHONE = {"width": 360, "height": 740}
TABLET = {"width": 820, "height": 1180}
DESKTOP = {"width": 1280, "height": 800}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder drives a browser."""
    for item in items:
        if "tests/browser" in str(item.path):
            item.add_marker(pytest.mark.browser)


def chromium() -> str:
    """The Chromium to drive: as set-up found it, else the one on the path."""
    stamp = ROOT / ".setup" / "chromium"
    found = os.environ.get("OBSERVE_CHROMIUM") or (stamp.read_text() if stamp.exists() else None)
    found = found or shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    assert found, "no Chromium: run `make test`, which provides one"
    return found


def free_port() -> int:
    """A port that nobody listens on."""
    with contextlib.closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Server:
    """The application as its own process, on one port for its whole life, with its own data."""

    def __init__(self, folder: Path, *, has_worker: bool = True) -> None:
        self.folder = folder
        self.has_worker = has_worker
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.process: subprocess.Popen[bytes] | None = None
        self.env = {
            **os.environ,
            "OBSERVE_VAR": str(folder),
            "OBSERVE_ADMIN_PASSWORD": "correct horse battery",
            "OBSERVE_DEMO_PASSWORD": "correct horse battery",
        }

    def command(self, *words: str) -> str:
        """One `observe` command, to its end; its output."""
        done = subprocess.run(
            [sys.executable, "-m", "observe.cli", *words],
            cwd=ROOT, env=self.env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=300,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout
        return done.stdout

    def start(self) -> None:
        """Serve, and wait until it answers."""
        log = (self.folder / "server.log").open("ab")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "observe.cli", "serve", "--port", str(self.port), *([] if self.has_worker else ["--no-worker"])],
            cwd=ROOT, env=self.env, stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip
        deadline = time.monotonic() + 300
        while time.monotonic() < deadline:
            with contextlib.suppress(urllib.error.URLError, ConnectionError, TimeoutError):
                urllib.request.urlopen(self.url + "/api/v1/hello", timeout=5).read()
                return
            assert self.process.poll() is None, (self.folder / "server.log").read_text()
            time.sleep(0.1)
        raise AssertionError("the server did not answer within five minutes")

    def kill(self) -> None:
        """SIGKILL to the server and all its workers, as when the power goes."""
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.process = None


class Tablet:
    """A browser profile on disk, with touch, that can be killed and launched again."""

    def __init__(
        self, playwright: Playwright, folder: Path, viewport: dict[str, int] = TABLET, flags: tuple[str, ...] = ()
    ) -> None:
        self.flags = flags
        self.playwright = playwright
        self.folder = folder
        self.viewport = viewport
        self.context: BrowserContext | None = None

    def launch(self) -> Page:
        """Open the browser on its profile; the first page of it."""
        self.context = self.playwright.chromium.launch_persistent_context(
            str(self.folder), executable_path=chromium(), headless=True, args=[*FLAGS, *self.flags],
            viewport=self.viewport, has_touch=True, is_mobile=False, timeout=120_000,
        )  # fmt: skip
        self.context.set_default_timeout(PATIENCE_MS)
        return self.context.pages[0] if self.context.pages else self.context.new_page()

    def main_processes(self) -> list[int]:
        """The browser's own process ids: those that hold the profile and are nobody's child process."""
        found = []
        for entry in Path("/proc").iterdir():
            with contextlib.suppress(OSError, ValueError):
                words = (entry / "cmdline").read_bytes().decode(errors="replace")
                if str(self.folder) in words and "--type=" not in words:
                    found.append(int(entry.name))
        return found

    def kill(self) -> None:
        """SIGKILL to the browser, as when the system takes the memory."""
        for pid in self.main_processes():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        deadline = time.monotonic() + 10
        while self.main_processes() and time.monotonic() < deadline:
            time.sleep(0.05)
        with contextlib.suppress(Exception):
            self.context and self.context.close()
        self.context = None

    def close(self) -> None:
        """Close it as a person would."""
        if self.context is not None:
            with contextlib.suppress(Exception):
                self.context.close()
            self.context = None


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """The driver, once for all tests."""
    with sync_playwright() as driver:
        yield driver


@pytest.fixture(scope="session")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data of a server with the demo, made once; each test's server gets a copy of its own."""
    folder = tmp_path_factory.mktemp("seeded")
    Server(folder).command("setup", "--demo")
    return folder


@pytest.fixture
def server(seeded: Path, tmp_path: Path) -> Iterator[Server]:
    """A server with the demo data, running."""
    folder = tmp_path / "server"
    shutil.copytree(seeded, folder)
    server = Server(folder)
    try:
        server.start()
        yield server
    finally:
        server.kill()


@pytest.fixture
def tablets(playwright: Playwright, tmp_path: Path) -> Iterator[Callable[..., Tablet]]:
    """Makes tablets; those still open at the end are closed."""
    made: list[Tablet] = []

    def make(name: str = "tablet", viewport: dict[str, int] = TABLET) -> Tablet:
        made.append(Tablet(playwright, tmp_path / name, viewport))
        return made[-1]

    yield make
    for tablet in made:
        tablet.close()


@pytest.fixture(scope="session")
def axe_source() -> str:
    """The accessibility checker, from the client's own packages."""
    return (ROOT / "static" / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")


def violations(page: Page, axe_source: str) -> list[str]:
    """What axe finds on this page, each as `rule: where`."""
    page.evaluate(axe_source)
    found = page.evaluate("async () => (await axe.run(document)).violations")
    return [f"{each['id']}: {node['html'][:160]}" for each in found for node in each["nodes"]]
