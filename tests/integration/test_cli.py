"""Commands: a first start, backups that can be put back, and ways in when nobody can sign in."""

from __future__ import annotations

import json
import re
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import click
import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result
from sqlalchemy.orm import Session

from observe.actions import secret, studies
from observe.actions.doing import Console
from observe.app import create_app
from observe.cli import main
from observe.commands import telling
from observe.extensions import db as extension
from observe.store import frameworks
from observe.store import people as kept
from observe.store import studies as kept_studies
from observe.store.sessions import held, sessions
from tests.conftest import engine_of
from tests.databases import KINDS, fresh

Command = Callable[..., Result]


@pytest.fixture(params=KINDS)
def empty_app(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Any]:
    """An application on a database where nothing has been done yet."""
    with fresh(request.param, tmp_path) as engine:
        url = engine.url.render_as_string(hide_password=False)
        app = create_app({"TESTING": True, "VAR": str(tmp_path / "var"), "DATABASE_URL": url})
        yield app
        engine_of(app).dispose()


@pytest.fixture
def run(empty_app: Any) -> Command:
    return lambda *words: CliRunner().invoke(main, [str(word) for word in words], obj=empty_app)


@pytest.fixture
def db(empty_app: Any, run: Command) -> Iterator[Session]:
    """Of a server that was set up."""
    assert run("setup").exit_code == 0
    with Session(engine_of(empty_app), expire_on_commit=False) as session:
        yield session


def test_a_first_start_makes_an_admin_whose_password_is_printed_once(run, empty_app):
    first, second = run("setup"), run("setup")

    password = re.search(r"admin@example.org +password ([2-9A-Z]{4}(?:-[2-9A-Z]{4}){3})", first.output)[1]
    answer = empty_app.test_client().get("/sign-in")
    assert answer.status_code == 200
    with Session(engine_of(empty_app)) as db:
        admin = kept.by_email(db, "admin@example.org")
        assert admin.is_admin and secret.fits(password, admin.password_hash)
    assert second.output == ""


def test_the_demo_can_be_looked_around_in_at_once(run, empty_app, db):
    output = run("setup", "--demo").output

    assert [re.split(r"@| {2,}", line.strip())[0] for line in output.splitlines()][:6] == [
        "sadia",
        "owen",
        "olga",
        "rhys",
        "anya",
        "ruth",
    ]
    meetings = studies.overview(db, kept_studies.by_slug(db, "meetings"))
    assert (len(meetings.members), meetings.subjects, meetings.settings, meetings.sessions) == (6, 10, 2, 16)
    seen = studies.overview(db, kept_studies.by_slug(db, "demo"))
    assert (len(seen.members), seen.subjects, seen.settings, seen.devices, seen.sessions) == (5, 7, 3, 1, 12)
    assert db.scalar(sa.select(sa.func.count()).select_from(held)) == 0
    assert (
        sorted(db.scalars(sa.select(sessions.c.status))) == ["recording"] + ["signed_off"] * 21 + ["submitted"] * 6
    )
    assert sorted((version.title, version.number, version.state) for version in seen.versions)[0][1:] == (
        1,
        "open",
    )
    assert run("setup", "--demo").output == ""


def test_the_trail_is_checked_and_its_head_is_printed(run, db):
    head = run("audit", "head").output.strip()

    assert run("audit", "verify").output == f"The trail holds: 1 entries, head {head}\n"
    assert run("audit", "verify", "--head", head).exit_code == 0
    assert run("audit", "verify", "--head", f"1:{'0' * 64}").exit_code == 1


def test_somebody_is_added_and_given_a_new_password(run, db):
    added = run("person", "add", "Ines", "Ines@example.org")
    first = re.search(r"password (\S+)", added.output)[1]
    second = re.search(r"password (\S+)", run("person", "password", "ines@example.org").output)[1]

    ines = kept.by_email(db, "ines@example.org")
    assert not ines.is_admin
    assert secret.fits(second, ines.password_hash) and not secret.fits(first, ines.password_hash)
    assert "Nobody has this address." in run("person", "password", "who@example.org").output


def test_our_errors_are_a_sentence_and_not_a_traceback(run, db):
    run("person", "add", "Ines", "ines@example.org")

    again = run("person", "add", "Ines", "ines@example.org")

    assert again.exit_code == 1
    assert again.output == "Error: There is an account with this address already. Choose another.\n"


def test_an_ethogram_that_the_study_lacks_is_published_with_its_observations(run, db, tmp_path):
    run("setup", "--demo")
    file, owner = tmp_path / "gulls.boris", "sadia@example.org"
    file.write_text(json.dumps(GULLS), encoding="utf-8")

    done = run("import", "boris", str(file), "--study", "demo", "--observer", owner, "--offset", "60")
    again = run("import", "boris", str(file), "--study", "demo", "--observer", owner, "--offset", "60")
    nobody = run("import", "boris", str(file), "--study", "demo", "--observer", "nobody@example.org")

    assert "2 sessions: 8 events stored, 0 were there already." in done.output
    assert done.output.count("BORIS keeps no time zone") == 1
    assert "(2 times)" in done.output
    assert "2 sessions: 0 events stored, 8 were there already." in again.output
    assert nobody.exit_code == 1
    assert "There is nobody with the address nobody@example.org." in nobody.output
    titles = {one.title: one.number for one in frameworks.versions_of_study(db, 1)}
    assert titles["Gulls"] == 1


GULLS = {
    "project_name": "Gulls",
    "behaviors_conf": {
        "0": {"type": "State event", "key": "f", "code": "feeds", "description": "", "modifiers": {}, "excluded": ""}
    },
    "observations": {
        name: {
            "type": "LIVE", "date": "2024-05-01T10:00:00", "file": {},
            "events": [[1.0, "", "feeds", "", ""], [4.0, "", "feeds", "", ""]],
        }
        for name in ("one", "two")
    },
}  # fmt: skip


def test_an_import_says_how_far_it_has_come_where_somebody_looks_and_else_that_it_has_begun(capsys, monkeypatch):
    with telling("talks.csv", 2) as told:
        told(1)
    plain = capsys.readouterr()
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    with telling("talks.csv", 2) as told:
        told(2)
    shown = capsys.readouterr()

    assert (plain.out, plain.err) == ("", "talks.csv: taking in 2 sessions …\n")
    assert shown.out == ""
    assert "100%" in shown.err


def test_a_secret_is_long_and_never_the_same(run):
    first, second = run("secret").output.strip(), run("secret").output.strip()

    assert len(first) >= 64 and first != second


class TestBackup:
    @pytest.fixture
    def study(self, run, db):
        run("setup", "--demo")
        return kept_studies.by_slug(db, "demo")

    def test_what_was_backed_up_can_be_put_back(self, run, db, study, tmp_path, empty_app):
        copy = tmp_path / "x.backup"
        assert "2 studies" in run("backup", copy).output
        studies.add_setting(db, Console(), study, "Afterwards", now=study.created_at)
        db.close()
        with empty_app.app_context():
            extension.engine.dispose()

        restored = run("restore", copy)

        assert restored.exit_code == 0, restored.output
        with Session(engine_of(empty_app)) as again:
            assert [each.label for each in kept_studies.settings(again, study.id)] == [
                "Laboratory",
                "Lecture hall A",
                "Room 4.12",
            ]
        assert run("audit", "verify").exit_code == 0

    def test_a_file_that_is_there_is_not_overwritten(self, run, study, tmp_path):
        copy = tmp_path / "x.backup"
        copy.write_text("precious")

        assert "is there already" in run("backup", copy).output
        assert copy.read_text() == "precious"


class TestBackupOfSQLite:
    @pytest.fixture(params=["sqlite"])
    def empty_app(self, tmp_path: Path) -> Iterator[Any]:
        app = create_app({"TESTING": True, "VAR": str(tmp_path / "var")})
        yield app
        engine_of(app).dispose()

    def test_a_backup_during_writes_is_a_state_that_was_true_at_one_moment(self, run, db, tmp_path, empty_app):
        run("setup", "--demo")
        study, stop = kept_studies.by_slug(db, "demo"), threading.Event()

        def write() -> None:
            with Session(engine_of(empty_app)) as own:
                number = 0
                while not stop.is_set():
                    number += 1
                    studies.add_setting(own, Console(), study, f"Room {number}", now=study.created_at)

        thread = threading.Thread(target=write)
        thread.start()
        try:
            done = [run("backup", tmp_path / f"{number}.backup") for number in range(3)]
        finally:
            stop.set()
            thread.join()

        assert [each.exit_code for each in done] == [0, 0, 0]
        for number in range(3):
            with closing(sqlite3.connect(tmp_path / f"{number}.backup")) as copy:
                rooms = copy.execute(
                    "SELECT count(*) FROM settings WHERE label LIKE 'Room %' AND label != 'Room 4.12'"
                ).fetchone()[0]
                entries = copy.execute(
                    "SELECT count(*) FROM audit WHERE action = 'setting.manage' AND about LIKE 'setting:%'"
                ).fetchone()[0]
                assert rooms + 5 == entries

    def test_the_database_of_before_is_kept(self, run, db, tmp_path, empty_app):
        run("backup", tmp_path / "x.backup")
        db.close()
        engine_of(empty_app).dispose()

        said = run("restore", tmp_path / "x.backup").output

        aside = Path(re.search(r"was there before: (.+)", said)[1])
        with closing(sqlite3.connect(aside)) as old:
            assert old.execute("SELECT count(*) FROM people").fetchone()[0] == 1

    @pytest.mark.parametrize("damage", ["not a database", "cut off", "another program's"])
    def test_a_damaged_backup_is_refused_and_nothing_is_touched(self, run, db, tmp_path, empty_app, damage):
        copy = tmp_path / "x.backup"
        run("backup", copy)
        if damage == "not a database":
            copy.write_bytes(b"hello" * 1000)
        elif damage == "cut off":
            copy.write_bytes(copy.read_bytes()[: copy.stat().st_size // 2])
        else:
            copy.unlink()
            with closing(sqlite3.connect(copy)) as other:
                other.execute("CREATE TABLE x (y)")
        db.close()
        engine_of(empty_app).dispose()

        refused = run("restore", copy)

        assert refused.exit_code == 1
        with Session(engine_of(empty_app)) as again:
            assert kept.by_email(again, "admin@example.org") is not None

    def test_a_database_in_use_is_not_replaced(self, run, db, tmp_path, empty_app):
        run("backup", tmp_path / "x.backup")
        with closing(sqlite3.connect(str(engine_of(empty_app).url.database))) as other:
            other.execute("SELECT count(*) FROM people").fetchone()
            refused = run("restore", tmp_path / "x.backup")

        assert "The database is in use; stop the server first." in refused.output

    def test_the_files_are_for_their_owner_only(self, run, db, tmp_path, empty_app):
        run("backup", tmp_path / "x.backup")

        for path in [tmp_path / "x.backup", *(tmp_path / "var").iterdir()]:
            assert path.stat().st_mode & 0o077 == 0, path.name


def commands(group: click.Group, before: str = "") -> Iterator[tuple[str, click.Command]]:
    """Every command with its whole name."""
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, f"{before}{name} ")
        else:
            yield before + name, command


def test_every_command_says_what_it_does_and_stands_in_the_reference():
    rows = (Path(__file__).resolve().parents[2] / "docs" / "reference" / "commands.md").read_text(encoding="utf-8")
    named = {
        re.match(r"[a-z ]+[a-z]", line.split("`")[1])[0] for line in rows.splitlines() if line.startswith("| `")
    }

    assert named == {name for name, _ in commands(main)}
    assert [name for name, command in commands(main) if not command.help] == []
