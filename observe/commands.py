"""Commands about sessions and their data: imports, exports, and records."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

import click
from flask import current_app
from sqlalchemy.orm import Session

from frameworks import library
from frameworks.convert.boris import read_project
from frameworks.convert.boris_observations import Into, log_of
from frameworks.findings import Finding
from frameworks.schema import dump
from observe.actions import codings, exports, imports, inferred
from observe.actions import records as coding
from observe.actions.doing import Console
from observe.actions.imports import Dataset, TakenIn, Told, silent
from observe.core import session_file
from observe.core.foreign import Draft, fixed_id
from observe.core.tidy_patterns import ROWS
from observe.core.tidy_patterns import TABLES as INFERRED
from observe.documents import dataset, package
from observe.documents.formats import FORMATS, format_of
from observe.documents.importers import copus, fillplus, table
from observe.extensions import db as extension
from observe.jobs import analyses
from observe.jobs.snapshot import Snapshot
from observe.store import frameworks, people, studies
from observe.store.people import Person
from observe.store.records import Wanted
from observe.store.studies import Study


def database() -> Session:
    made: Session = extension.session()
    return made


def now() -> datetime:
    return datetime.now(UTC)


def study_of(slug: str) -> Study:
    found = studies.by_slug(database(), slug)
    if found is None:
        raise click.ClickException(f"There is no study {slug}.")
    return found


def someone(address: str) -> Person:
    found = people.by_email(database(), address)
    if found is None:
        raise click.ClickException(f"There is nobody with the address {address}.")
    return found


def version_in(study: Study, slug: str, document: Mapping[str, Any] | None) -> str:
    """The newest published version of a framework. One that the study lacks is published from this document, if there is one."""
    owner = frameworks.by_slug(database(), study.id, slug)
    versions = frameworks.versions(database(), owner.id) if owner else ()
    if versions:
        return versions[0].hash
    if owner is not None:
        raise click.ClickException(f"The study’s framework {slug} is a draft: publish it, then take the file in.")
    if document is None:
        raise click.ClickException(
            f"The study has no framework {slug}, and there is none of that name to publish: begin it on the page "
            "Frameworks and publish it, then take the file in."
        )
    return codings.published(database(), Console(), study, document, now=now())


def text_in(folder: Path, name: str) -> str:
    """A file of published material as text; one that is not there, or is no text, is our own error and not Python's."""
    try:
        return (folder / name).read_text(encoding="utf-8-sig")
    except FileNotFoundError as problem:
        raise table.refuse(f"The folder has no file {name}.") from problem
    except (UnicodeDecodeError, OSError) as problem:
        raise table.refuse(f"The file {name} cannot be read as text in UTF-8.") from problem


def say(done: TakenIn) -> None:
    aside = "".join(f", {count} kept aside ({why})" for why, count in done.aside.items())
    some = f"{done.sessions} session{'' if done.sessions == 1 else 's'}"
    click.echo(f"{some}: {done.stored} events stored, {done.had} were there already{aside}.")


def tell(findings: Iterable[Finding]) -> None:
    """What is to be said of a file, each sentence once."""
    for sentence, times in Counter(finding.sentence for finding in findings).items():
        click.echo(f"  {sentence}" + (f" ({times} times)" if times > 1 else ""), err=True)


@click.group("import")
def importing() -> None:
    """Take in what was recorded elsewhere. Doing it twice changes nothing."""


in_study = click.option("--study", required=True, help="Short name of the study.")
by_one = click.option("--observer", required=True, help="Address of the person to whom the sessions are put down.")


def of_folder(name: str) -> Callable[[Callable[..., None]], click.Command]:
    """A command `import NAME FOLDER --study …`."""
    folder = click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
    return lambda function: importing.command(name)(folder(in_study(function)))


@contextmanager
def telling(what: str, sessions: int) -> Iterator[Told]:
    """How far an import has come: a bar at a terminal, elsewhere a line at its beginning. `say` is the line at its end."""
    words = f"{what}: taking in {sessions} sessions"
    if sys.stderr.isatty():
        with click.progressbar(length=sessions, label=words, file=sys.stderr) as bar:
            yield bar.update
    else:
        click.echo(f"{words} …", err=True)
        yield silent


def foreign(
    study_slug: str, observer: str, framework: str, label: str, drafts: Iterable[Draft], ready: Mapping[str, Any]
) -> None:
    """All is read before any of it is kept. The framework `ready`, or one of the library, is published where the study lacks it."""
    whole, study = list(drafts), study_of(study_slug)
    someone(observer)
    known = library.document(framework) if framework in library.slugs() else None
    mark = version_in(study, framework, ready if framework == ready["slug"] else known)
    study = study_of(study_slug)
    with telling(label, len(whole)) as told:
        done = imports.foreign(
            database(),
            Console(),
            study,
            whole,
            framework=mark,
            observer=observer,
            label=label,
            now=now(),
            told=told,
        )
    say(done)


@of_folder("fillplus")
@by_one
@click.option("--framework", default=fillplus.FRAMEWORK, show_default=True)
def import_fillplus(folder: Path, study: str, observer: str, framework: str) -> None:
    """Lectures coded with FILL+, out of FOLDER/anon_codes_with_durations.csv."""
    drafts = fillplus.read(text_in(folder, fillplus.FILE))
    foreign(study, observer, framework, "FILL+", drafts, library.document(fillplus.FRAMEWORK))


@of_folder("copus")
@by_one
@click.option("--framework", default=copus.FRAMEWORK, show_default=True)
def import_copus(folder: Path, study: str, observer: str, framework: str) -> None:
    """COPUS observations, out of FOLDER/all_observations_cleaned.csv, under the eight codes that it holds."""
    cut = copus.cut()
    foreign(study, observer, framework, "COPUS", copus.read(text_in(folder, copus.FILE)), dump(cut.framework))
    for words in cut.left_out if framework == copus.FRAMEWORK else (copus.NOT_IN_IT,):
        click.echo(f"  {words}", err=True)


@importing.command("boris")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@in_study
@by_one
@click.option("--framework", default="", help="Short name of the framework; default: the one in the file.")
@click.option(
    "--offset",
    default=0,
    show_default=True,
    type=click.IntRange(-840, 840),
    help="Minutes east of UTC that its clocks showed: BORIS keeps no time zone.",
)
def import_boris(file: Path, study: str, observer: str, framework: str, offset: int) -> None:
    """The observations of a BORIS project. Its ethogram is published as a framework where the study has none of its name."""
    project = read_project(file.read_bytes())
    tell(project.findings)
    if project.framework is None:
        raise click.ClickException("The file holds no ethogram that can be read.")
    into, person = study_of(study), someone(observer).id
    slug = framework or project.framework.slug
    mark = version_in(into, slug, dump(replace(project.framework, slug=slug)))
    into = study_of(study)
    device = fixed_id("boris", into.id, file.name)
    made = [
        log_of(project, name, Into(into.id, person, device, counted_ids(into.id, file.name, name), offset))
        for name in project.observations
    ]
    tell([finding for log in made for finding in log.findings])
    given = [
        ({**log.header, "framework": mark}, log.events, log.subjects) for log in made if log.header is not None
    ]
    with telling(file.name, len(given)) as told:
        done = imports.logs(
            database(), Console(), into, given, device=device, label=file.name, now=now(), told=told
        )
    say(done)


def counted_ids(*parts: object) -> Callable[[], str]:
    """Ids that are the same each time the same file is read."""
    numbers = count(1)
    return lambda: fixed_id("boris", *parts, next(numbers))


@importing.command("session")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@in_study
def import_session(file: Path, study: str) -> None:
    """A second copy that a tablet saved: one session, or everything that was on it."""
    read, into = session_file.read(file.read_bytes()), study_of(study)
    with telling(file.name, len(read)) as told:
        done = imports.session_files(database(), Console(), into, read, now=now(), told=told)
    say(done)


@importing.command("dataset")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@in_study
def import_dataset(file: Path, study: str) -> None:
    """A dataset that was exported here or on another server."""
    read = dataset.read(file.read_bytes())
    given = Dataset(
        list(read.rows("sessions")), read.rows("events"), list(read.rows("subjects")), read.frameworks()
    )
    into = study_of(study)
    with telling(file.name, len(given.sessions)) as told:
        done = imports.dataset(database(), Console(), into, given, now=now(), told=told)
    say(done)


@click.command("export")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@in_study
@click.option("--practice", is_flag=True, help="Practice sessions too.")
@click.option(
    "--framework",
    default="",
    help="Only this version (its hash), or several read as one by their map: SLUG@1-3.",
)
@click.option(
    "--as", "form", default="dataset", show_default=True, help="Which format.",
    type=click.Choice(["dataset", *(one.name for one in FORMATS)]),
)  # fmt: skip
def exporting(file: Path, study: str, practice: bool, framework: str, form: str) -> None:
    """Write a study's dataset to FILE: tables, codebook, frameworks, data package, provenance. Or for another program."""
    if "@" in framework and form != "dataset" and not format_of(form).joint:
        raise click.ClickException(exports.NotTogether.sentence)
    found_out = inferred.take(database(), Console(), study_of(study), what=form, now=now())
    tables = [(flat, [row for one in found_out for row in ROWS[flat.name](one)]) for flat in INFERRED]
    taking = exports.take(
        database(),
        Console(),
        study_of(study),
        Wanted(framework=framework),
        what=form,
        practice=practice,
        now=now(),
    )
    whole = package.Study(
        taking.slug, taking.title, taking.question, taking.subjects, taking.versions, taking.documents, tables
    )
    provenance = package.Provenance(
        exports.software(), coding.SOFTWARE, now(), taking.by, taking.filters, taking.withheld, taking.together
    )
    with file.open("wb") as out:
        write = package.zip_pieces if form == "dataset" else format_of(form).write
        for piece in write(whole, taking.sources, provenance):
            out.write(piece)
    click.echo(f"{file}: {file.stat().st_size:,} bytes")


@click.group("records")
def record() -> None:
    """Coded records: what the logs mean."""


@record.command("rebuild")
def rebuild() -> None:
    """Derive every record anew from its log; say which came out otherwise than they had been kept."""
    done = coding.rebuild(database(), now=now())
    click.echo(f"{done.sessions} records derived anew, {len(done.changed)} changed.")
    for session in done.changed:
        click.echo(f"  {session}")


@click.group("columns")
def column() -> None:
    """The coded records in columns, which analyses read."""


@column.command("rebuild")
@in_study
@click.option("--anew", is_flag=True, help="Throw the columns away first, instead of only deriving what changed.")
def rebuild_columns(study: str, anew: bool) -> None:
    """Bring a study's columns up to its logs. Analyses do so by themselves; this is for doing it beforehand."""
    found, folder = study_of(study), Path(current_app.config["VAR"])
    if anew:
        Snapshot(analyses.folder_of(folder, found.id)).forget()
    done = analyses.refresh(database(), found, folder, clock=now)
    click.echo(f"{len(done.live)} sessions in {len(done.sizes)} segments, digest {done.digest[:12]}")


COMMANDS = (importing, exporting, record, column)
