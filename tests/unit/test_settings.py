"""Settings come from the environment, and each stands in the reference."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from config import PREFIX, SETTINGS, WrongSetting, completed, from_environment

REFERENCE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "settings.md"


def test_the_reference_has_a_row_for_each_setting_and_no_other():
    rows = [
        f"| `{PREFIX}{each.name}` | {f'`{each.default}`' if each.default else ''} | {each.meaning} |"
        for each in SETTINGS
    ]
    written = [line for line in REFERENCE.read_text(encoding="utf-8").splitlines() if line.startswith("| `")]

    assert written == rows


@pytest.mark.parametrize(
    ("name", "words", "value"),
    [
        ("HTTPS", "yes", True),
        ("HTTPS", "0", False),
        ("BEHIND_PROXY", "2", 2),
        ("HOSTS", "a.example, b.example", ("a.example", "b.example")),
        ("BUSY_SECONDS", "2.5", 2.5),
    ],
)
def test_a_setting_is_read_from_the_environment(name, words, value):
    assert from_environment({PREFIX + name: words})[name] == value


@pytest.mark.parametrize(("name", "words"), [("HTTPS", "perhaps"), ("BEHIND_PROXY", "two"), ("IDLE_MINUTES", "")])
def test_a_setting_that_cannot_be_read_stops_the_server_and_is_named(name, words):
    with pytest.raises(WrongSetting, match=f"{PREFIX}{name}"):
        from_environment({PREFIX + name: words})


def test_the_secret_key_is_made_once_and_only_its_owner_can_read_it(tmp_path):
    first = completed({"VAR": str(tmp_path / "var")})["SECRET_KEY"]
    again = completed({"VAR": str(tmp_path / "var")})["SECRET_KEY"]

    assert len(first) == 64
    assert again == first
    assert stat.S_IMODE((tmp_path / "var" / "secret_key").stat().st_mode) == 0o600
    assert [path.name for path in (tmp_path / "var").iterdir()] == ["secret_key"]


@pytest.mark.parametrize("url", ["postgres://u@h/d", "postgresql://u@h/d", "postgresql+psycopg2://u@h/d"])
def test_postgresql_is_reached_through_psycopg_3_however_it_is_written(url, tmp_path):
    full = completed({"DATABASE_URL": url, "VAR": str(tmp_path)})

    assert full["SQLALCHEMY_DATABASE_URI"] == "postgresql+psycopg://u@h/d"
    assert full["SQLALCHEMY_ENGINE_OPTIONS"]["pool_pre_ping"] is True


def test_without_settings_there_is_a_database_file_in_the_folder(tmp_path):
    assert completed({"VAR": str(tmp_path)})["DATABASE_URL"] == f"sqlite:///{tmp_path / 'observe.sqlite3'}"
