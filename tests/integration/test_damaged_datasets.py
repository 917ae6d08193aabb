"""A dataset that was damaged on its way is explained, and nothing of it comes in."""

from __future__ import annotations

import io
import random
import re
import zipfile
from collections.abc import Mapping

import pytest
from click.testing import CliRunner

from observe.actions import imports
from observe.actions.doing import Console
from observe.cli import main
from observe.core.errors import ObserveError
from observe.documents import dataset, package
from observe.store import frameworks, records, studies
from tests.factories.taken import a_play_study, taken


@pytest.fixture
def files(db, cast, clock) -> dict[str, bytes]:
    a_play_study(db, cast.study, cast.owen, clock())
    whole, taking, provenance = taken(db, db.merge(cast.study), clock())
    data = b"".join(package.zip_pieces(whole, taking.sources, provenance))
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def as_of_elsewhere(data: bytes) -> bytes:
    """With other ids, as if it came from another server."""
    return re.sub(rb"(?<=-)[0-9a-f]{12}", lambda found: found.group()[::-1], data)


def packed(files: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


def changed(files: Mapping[str, bytes], name: str, before: bytes, after: bytes) -> bytes:
    assert before in files[name]
    return packed({**files, name: files[name].replace(before, after, 1)})


def take(db, cast, clock, data: bytes) -> imports.TakenIn:
    read = dataset.read(data)
    given = imports.Dataset(
        list(read.rows("sessions")), read.rows("events"), list(read.rows("subjects")), read.frameworks()
    )
    return imports.dataset(db, Console(), db.merge(cast.other), given, now=clock())


def is_empty(db, study_id: int) -> bool:
    db.rollback()
    return not (
        records.of_study(db, study_id)
        or frameworks.versions_of_study(db, study_id)
        or studies.subjects(db, study_id)
    )


@pytest.mark.parametrize(
    ("name", "before", "after", "sentence"),
    [
        ("sessions.csv", b"framework_hash", b"framework_mark", "sessions.csv has no column framework_hash."),
        ("sessions.csv", b",recording,", b",forgotten,", "sessions.csv, line 2: “forgotten” cannot stand in status."),
        ("events.csv", b"received", b"sent", "events.csv has no column received."),
        ("subjects.csv", b"true", b"maybe", "subjects.csv, line 2: “maybe” cannot stand in active."),
    ],
)  # fmt: skip
def test_a_cell_that_cannot_be_is_named_with_its_line(files, name, before, after, sentence):
    with pytest.raises(dataset.NotADataset) as caught:
        dataset.read(changed(files, name, before, after))

    assert [one.sentence for one in caught.value.findings] == [sentence]


def test_the_command_says_so_and_ends_with_1(app, files, cast, tmp_path):
    file = tmp_path / "damaged.zip"
    file.write_bytes(changed(files, "sessions.csv", b",recording,", b",forgotten,"))

    done = CliRunner().invoke(main, ["import", "dataset", str(file), "--study", "lectures"], obj=app)

    assert done.exit_code == 1
    assert "“forgotten” cannot stand in status" in done.output
    assert "Traceback" not in done.output


def test_a_dataset_of_another_study_of_this_server_is_named(db, cast, clock, files):
    with pytest.raises(imports.AlreadyHere):
        take(db, cast, clock, packed(files))

    assert is_empty(db, cast.other.id)


def test_one_of_another_server_comes_in_whole(db, cast, clock, files):
    done = take(db, cast, clock, packed({name: as_of_elsewhere(data) for name, data in files.items()}))

    assert (done.sessions, done.aside) == (1, {})


def test_no_damage_lets_half_of_a_dataset_in(db, cast, clock, files):
    chance, refused = random.Random(17), 0
    elsewhere = {name: as_of_elsewhere(data) for name, data in files.items()}
    names = [
        "sessions.csv",
        "events.csv",
        "subjects.csv",
        *(name for name in files if name.startswith("frameworks/")),
    ]
    for round_ in range(80):
        name = chance.choice(names)
        made = bytearray(elsewhere[name])
        for _ in range(chance.randint(1, 3)):
            at = chance.randrange(len(made))
            put = chance.choice(
                [b"", b"\x00", b'"', b",", b"\r\n", b"-1", b"{", b"9" * 30, b"\xff", bytes(made[at : at + 50])]
            )
            made[at : at + chance.randint(0, 20)] = put
        data = packed({**elsewhere, name: bytes(made)})
        if round_ % 8 == 0:
            whole = bytearray(data)
            whole[chance.randrange(len(whole))] ^= 0xFF
            data = bytes(whole[: chance.randrange(len(whole))]) if round_ % 16 else bytes(whole)
        try:
            take(db, cast, clock, data)
        except ObserveError:
            refused += 1
            assert is_empty(db, cast.other.id)
        else:
            break
    assert refused > 3
