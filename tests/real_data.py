"""Real coded observations, kept outside the repository because most carry no licence."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real data, or a skip that says where it was looked for."""
    named = os.environ.get("OBSERVE_REAL_DATA")
    for folder in [Path(named)] if named else [ROOT.parent / "shared" / "data", ROOT / "shared" / "data"]:
        if folder.is_dir():
            return folder
    pytest.skip("no real data: set OBSERVE_REAL_DATA, or put it in ../shared/data")
