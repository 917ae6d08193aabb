"""What is written about the product leads somewhere, and speaks of nothing that only one machine has."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LINK = re.compile(r"(?<!!)!?\[[^\]]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+\s+(.*)$", re.MULTILINE)
OF_A_MACHINE = re.compile(r"(?<![\w.:])/(?:work|root|home/\w+|Users/\w+|tmp)/[\w.-]")
OF_A_TRACKER = re.compile(r"(?:^|\s)(?:[Ff]ixes|[Cc]loses|[Ii]ssue) #\d+|(?<![\w&/])#\d{1,5}\b(?!\w)")
TEXT = {
    ".py",
    ".ts",
    ".tsx",
    ".mjs",
    ".mts",
    ".html",
    ".css",
    ".md",
    ".toml",
    ".yaml",
    ".yml",
    ".sh",
    ".ini",
    ".txt",
    "",
}


def kept() -> list[Path]:
    """Every file that is in the repository, or is about to be."""
    told = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return [ROOT / name for name in told.stdout.split("\0") if name and (ROOT / name).is_file()]


def documents() -> list[Path]:
    return [path for path in kept() if path.suffix == ".md"]


def anchor(heading: str) -> str:
    """As a forge makes it of a heading."""
    words = re.sub(r"[`*_]|\[([^\]]*)\]\([^)]*\)", r"\1", heading).strip().lower()
    return re.sub(r"[^\w\- ]", "", words).replace(" ", "-")


def links(path: Path) -> Iterator[str]:
    """Relative links, outside of code."""
    words = re.sub(r"```.*?```|`[^`\n]*`", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    return (link for link in LINK.findall(words) if not re.match(r"[a-z]+:", link))


def test_every_link_in_the_documents_leads_somewhere() -> None:
    lost = []
    for path in documents():
        for link in links(path):
            name, _, part = link.partition("#")
            goal = (path.parent / name).resolve() if name else path
            if not goal.exists():
                lost.append(f"{path.relative_to(ROOT)}: {link}")
            elif (
                part
                and goal.suffix == ".md"
                and part not in map(anchor, HEADING.findall(goal.read_text(encoding="utf-8")))
            ):
                lost.append(f"{path.relative_to(ROOT)}: {link} (no such heading)")

    assert lost == []


def test_every_document_can_be_reached_from_the_readme() -> None:
    reached, new = set[Path](), {ROOT / "README.md"}
    while new:
        reached |= new
        goals = {
            (path.parent / link.partition("#")[0]).resolve()
            for path in new
            if path.suffix == ".md"
            for link in links(path)
        }
        goals |= {page for goal in goals if goal.is_dir() for page in goal.glob("*.md")}
        new = {goal for goal in goals if goal.is_file()} - reached

    assert {path for path in documents() if "docs" in path.parts} - reached == set()


def test_nothing_speaks_of_paths_that_one_machine_has() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()[:100]}"
        for path in kept()
        if path.suffix in TEXT and path != Path(__file__).resolve()
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1)
        if OF_A_MACHINE.search(line)
    ]

    assert found == []


def test_documents_do_not_lean_on_numbers_of_a_tracker() -> None:
    found = [
        f"{path.relative_to(ROOT)}: {match[0].strip()}"
        for path in documents()
        for match in OF_A_TRACKER.finditer(path.read_text(encoding="utf-8"))
    ]

    assert found == []


def test_every_test_that_the_list_of_faults_names_is_there() -> None:
    """`file::name` in docs/explanation/faults.md; a name may be the beginning of a longer one, ending in `…`."""
    words = (ROOT / "docs" / "explanation" / "faults.md").read_text(encoding="utf-8")
    named = re.findall(r"`((?:unit|integration|browser|client|architecture)/[\w./-]+)::([^`]+)`", words)
    lost = []
    for file, name in named:
        path = ROOT / "tests" / file
        if not path.exists() or name.rstrip("…").strip() not in path.read_text(encoding="utf-8"):
            lost.append(f"{file}::{name}")

    assert len(named) > 60
    assert lost == []
