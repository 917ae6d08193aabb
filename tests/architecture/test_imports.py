"""The direction of imports: each floor may lean only on the floors named here."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

OUTSIDE_OF_THE_PURE = {
    "flask", "flask_sqlalchemy", "flask_login", "flask_wtf", "sqlalchemy", "sqlite3", "psycopg", "duckdb",
    "pyarrow", "requests", "urllib", "socket", "http", "time", "random", "secrets", "os", "subprocess",
    "pathlib", "shutil", "tempfile", "logging", "threading", "altair", "weasyprint", "huey",
}  # fmt: skip

MAY_IMPORT: dict[str, set[str]] = {
    "frameworks": {"frameworks"},
    "observe.core": {"observe.core", "frameworks"},
    "observe.store": {"observe.store", "observe.core", "frameworks"},
    "observe.actions": {"observe.actions", "observe.store", "observe.core", "frameworks"},
    "observe.documents": {"observe.documents", "observe.core", "frameworks"},
    "observe.jobs": {"observe.jobs", "observe.actions", "observe.store", "observe.documents", "observe.core", "frameworks"},
    "observe.web": {
        "observe.web", "observe.actions", "observe.store", "observe.documents", "observe.core", "observe.extensions", "frameworks",
    },
    "observe.extensions": {"observe.extensions", "observe.store", "observe.core"},
}  # fmt: skip

PURE = {"observe.core", "frameworks"}

MAY_READ_FILES = {"frameworks.library", "frameworks.convert.xlsx"}
"""Pure but for reading what is shipped with them, or bytes they are handed."""


def module_of(path: Path) -> str:
    """The dotted name of a source file."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def floor_of(module: str) -> str | None:
    """The floor that a module stands on, or None for those that see everything (app, cli)."""
    for floor in MAY_IMPORT:
        if module == floor or module.startswith(floor + "."):
            return floor
    return None


def imports_of(path: Path) -> list[tuple[int, str]]:
    """Every absolute module name that a file imports, with its line."""
    module = module_of(path)
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found += [(node.lineno, alias.name) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                above = package.split(".")
                above = above[: len(above) - node.level + 1]
                base = ".".join([*above, base] if base else above)
            found += [(node.lineno, f"{base}.{alias.name}") for alias in node.names]
    return found


def wrong_way(path: Path) -> list[str]:
    """Each import of this file that its floor forbids, as `file:line: rule`."""
    module = module_of(path)
    floor = floor_of(module)
    if floor is None:
        return []
    where = path.relative_to(ROOT)
    wrong = []
    for line, name in imports_of(path):
        top = name.partition(".")[0]
        if top in {"observe", "frameworks"}:
            if not any(name == allowed or name.startswith(allowed + ".") for allowed in MAY_IMPORT[floor]):
                wrong.append(f"{where}:{line}: {floor} may not import {name}")
        elif floor in PURE and top in OUTSIDE_OF_THE_PURE and module not in MAY_READ_FILES:
            wrong.append(f"{where}:{line}: {floor} is pure and may not import {name}")
    return wrong


def sources() -> list[Path]:
    """Every Python source of the two packages."""
    return sorted([*(ROOT / "observe").rglob("*.py"), *(ROOT / "frameworks").rglob("*.py")])


@pytest.mark.parametrize("path", sources(), ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_run_in_the_direction_of_the_architecture(path: Path) -> None:
    assert wrong_way(path) == []


def test_the_application_is_seen_by_nobody() -> None:
    seen = [
        f"{path.relative_to(ROOT)}:{line}"
        for path in sources()
        for line, name in imports_of(path)
        if name.startswith(("observe.app", "observe.cli"))
        and module_of(path) not in {"observe.app", "observe.cli"}
    ]
    assert seen == []
