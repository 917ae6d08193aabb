"""F2: the power goes, and every tap that the screen had confirmed is on the disk. Needs root; `pytest -m power` asks for it.

The profile lies on an ext4 image behind a loop device that writes back nothing by itself. After some taps the browser is
killed, one more tap under way, and the image copied at once: the copy holds only what had been flushed to the device, as
after a battery's end. What a device that lies about flushing would lose is not tested here.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Server, Tablet
from tests.browser.field import Reply, Way, begin, codes, enrol, enrolment_code, kept, tap

pytestmark = pytest.mark.power

IMAGE_MB = 768
TAPS = 40
WRITE_BACK_S = 25  # the kernel writes back by itself what has waited for 30 s: the control must be cut before
LESS_DURABLE = """
const begin = IDBDatabase.prototype.transaction;
IDBDatabase.prototype.transaction = function (stores, mode) { return begin.call(this, stores, mode, { durability: "%s" }); };
"""


def run(*words: str | Path) -> None:
    subprocess.run([str(word) for word in words], check=True, capture_output=True, timeout=120)


@dataclass
class Disk:
    """An ext4 file system in a file, mounted at one place."""

    image: Path
    at: Path

    def make(self) -> None:
        with self.image.open("wb") as file:
            file.truncate(IMAGE_MB << 20)
        run("mkfs.ext4", "-q", "-F", self.image)
        self.at.mkdir()
        self.mount(self.image)

    def mount(self, image: Path) -> None:
        # no journal commit by the clock: what is not flushed stays in memory
        run("mount", "-o", "loop,commit=600", image, self.at)

    def cut(self) -> None:
        """The power goes now, and comes back: the mounted file system is what had reached the device."""
        copy = self.image.with_suffix(".after")
        run("cp", "--sparse=always", self.image, copy)
        run("umount", "-l", self.at)
        self.mount(copy)

    def take_off(self) -> None:
        subprocess.run(["umount", "-l", str(self.at)], capture_output=True, check=False)
        for image in (self.image, self.image.with_suffix(".after")):
            image.unlink(missing_ok=True)


@pytest.fixture
def disk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Disk]:
    if "power" not in str(request.config.getoption("markexpr")):
        pytest.skip("cuts the power of a loop device: ask for it with -m power")
    if os.geteuid() != 0 or shutil.which("mkfs.ext4") is None:
        pytest.skip("needs root and mkfs.ext4")
    made = Disk(tmp_path / "disk.img", tmp_path / "disk")
    try:
        made.make()
    except subprocess.CalledProcessError as problem:
        made.take_off()
        pytest.skip(f"cannot mount a loop device here: {problem.stderr.decode()}")
    yield made
    made.take_off()


def offline(path: str, ask: Callable[[], Reply]) -> Reply | None:
    return None if path.startswith("/api/") else ask()


def tap_until(page: Page, deadline: float) -> list[str]:
    """Taps, each awaited until the screen confirms it; those that were confirmed."""
    done: list[str] = []
    while len(done) < TAPS and time.monotonic() < deadline:
        done.append(after(len(done)))
        tap(page, done[-1])
    return done


def after(taps: int) -> str:
    """Each another than the one before: a running state is not started twice."""
    return ("LQ", "SR", "LT")[taps % 3]


def cut_after_taps(server: Server, disk: Disk, tablet: Tablet, script: str = "") -> tuple[list[str], list[str]]:
    """What the screen had confirmed when the power went, and what is there when it is back."""
    way = Way(server)
    page = tablet.launch()
    if script:
        page.add_init_script(script)
    enrol(page, way.url, enrolment_code(server))
    way.trouble = offline
    begin(page)
    tap(page, "LT")
    run("sync", "-f", disk.at)
    confirmed = ["LT", *tap_until(page, time.monotonic() + WRITE_BACK_S)]
    page.locator(f"[data-code={after(len(confirmed) - 1)}]").first.tap()  # one more, under way
    for pid in tablet.main_processes():
        os.kill(pid, 9)
    disk.cut()
    tablet.kill()

    page = tablet.launch()
    page.goto(f"{way.url}/recorder")
    expect(page.locator("[data-code=LT]")).to_be_visible()
    found = codes(kept(page))
    tablet.close()
    way.stop()
    print(f"{len(confirmed)} confirmed, {len(found)} found")
    return confirmed, found


def test_after_a_power_cut_every_tap_that_the_screen_confirmed_is_there(
    server: Server, disk: Disk, tablets: Callable[..., Tablet]
) -> None:
    confirmed, found = cut_after_taps(server, disk, tablets("disk/profile"))

    assert len(confirmed) > 10
    assert found in (confirmed, [*confirmed, after(len(confirmed) - 1)])


@pytest.mark.parametrize("durability", ["relaxed", "default"])
def test_the_same_cut_loses_taps_that_were_written_less_durably_so_that_it_is_a_test(
    server: Server, disk: Disk, tablets: Callable[..., Tablet], durability: str
) -> None:
    confirmed, found = cut_after_taps(server, disk, tablets("disk/profile"), LESS_DURABLE % durability)

    assert len(confirmed) > 10
    assert found == confirmed[: len(found)]
    assert len(found) < len(confirmed) / 2
