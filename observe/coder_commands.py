"""Commands that import what several coders made of the same thing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import click

from frameworks import library
from observe.actions import codings, elan
from observe.actions.doing import Console
from observe.commands import (
    database,
    importing,
    in_study,
    now,
    of_folder,
    say,
    study_of,
    tell,
    telling,
    text_in,
)
from observe.documents.importers import annomi, fleiss, pinsoro, seattle, wampold
from observe.documents.importers.coded import Coding


def by_coders(study: str, label: str, document: Mapping[str, Any], given: Iterable[Coding]) -> None:
    """Sessions by their coders, under a framework that is published where the study lacks it. All is read before any of it is kept."""
    whole = list(given)
    found = study_of(study)
    mark = codings.published(database(), Console(), found, document, now=now())
    found = study_of(study)
    with telling(label, len(whole)) as told:
        done = codings.take(database(), Console(), found, whole, framework=mark, label=label, now=now(), told=told)
    say(done)


@of_folder("pinsoro")
def import_pinsoro(folder: Path, study: str) -> None:
    """Free play of pairs of children (PInSoRo), out of FOLDER/data/*/freeplay.annotations.*.yaml; each coder is an observer."""
    by_coders(study, "PInSoRo", library.document(pinsoro.FRAMEWORK), pinsoro.read(folder))


@of_folder("annomi")
def import_annomi(folder: Path, study: str) -> None:
    """Counselling talks coded by utterance (AnnoMI), out of FOLDER/annomi-codes.csv; each annotator is an observer."""
    by_coders(study, "AnnoMI", annomi.document(), annomi.read(text_in(folder, annomi.FILE)))


@of_folder("fleiss")
def import_fleiss(folder: Path, study: str) -> None:
    """Thirty patients by six raters (Fleiss 1971), out of FOLDER/irr_diagnoses.csv."""
    by_coders(study, "Fleiss 1971", fleiss.document(), fleiss.read(text_in(folder, fleiss.FILE)))


@of_folder("wampold")
def import_wampold(folder: Path, study: str) -> None:
    """Two sequences of six codes (Wampold 1982, 1984), out of FOLDER/wampold_*.csv."""
    texts = {name: text_in(folder, name) for name in wampold.FILES}
    by_coders(study, "Wampold", wampold.document(), wampold.read(texts))


@of_folder("seattle")
def import_seattle(folder: Path, study: str) -> None:
    """Staying scans (Seattle public life), out of FOLDER/03_SPL_Staying.csv."""
    by_coders(study, "Seattle", seattle.document(), seattle.read(text_in(folder, seattle.FILE)))


@importing.command("elan")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True, dir_okay=False))
@in_study
@click.option(
    "--framework", default="", help="Short name of the framework; default: made from the first recording's."
)
@click.option("--annotator", default="", help="Who coded where no tier says; default: the document's author.")
def import_elan(files: tuple[Path, ...], study: str, framework: str, annotator: str) -> None:
    """ELAN documents (.eaf); each annotator is an observer, and who annotated one recording saw one happening."""
    given = [(file.stem, file.read_bytes()) for file in files]
    click.echo(f"ELAN: taking in {len(given)} documents …", err=True)
    done, findings = elan.take(
        database(), Console(), study_of(study), given, framework=framework, annotator=annotator, now=now()
    )
    tell(findings)
    say(done)
